"""`guidecheck deadlines`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import Day, Refused, rules_option, text_or_json
from guidecheck.cli.options import today as their_day
from guidecheck.cli.output import put_json, put_page
from guidecheck.cli.requests import read_named
from guidecheck.errors import Findings, GuidecheckError
from guidecheck.language.deriving import Deriver
from guidecheck.language.facts import TIME_OF_DAY, FactType, Value
from guidecheck.language.vocabulary import JURISDICTION
from guidecheck.library.deadline_reader import read_deadlines
from guidecheck.library.loading import load_library
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import from_data
from guidecheck.render.deadlines_text import Answer, DeadlinesText, deadlines_json
from guidecheck.render.page import Page
from guidecheck.requests.fact_reader import FactReader, Facts
from guidecheck.requests.item_building import DEFAULT_JURISDICTION
from guidecheck.requests.request import Item, Request
from guidecheck.time_limits.deadlines import Deadlines, dated


@click.command()
@click.argument("request_name", required=False, metavar="[REQUEST]", type=click.Path())
@rules_option
@click.option(
    "--fact", "given", multiple=True, metavar="NAME=VALUE", help="A day, or another fact; again for more."
)
@click.option("--today", type=Day(), help="Day to count from as today, instead of today's.")
@text_or_json
def deadlines(
    request_name: str | None,
    rule_folders: tuple[Path, ...],
    given: tuple[str, ...],
    today: date | None,
    form: str,
) -> None:
    """Work out the time limits of utilization review and Independent Medical Review as dates.

    \b
    Examples:
        guidecheck deadlines draft.yaml
        guidecheck deadlines --fact ur_served_date=2026-05-04
        guidecheck deadlines draft.yaml --fact review_kind=prospective

    The days come from the request, and from --fact, which goes before it. They inform, and are no legal advice.
    """
    folders = folders_of(rule_folders)
    library = load_library(*folders, examples=False)
    facts = _given(given, library)
    if request_name is None and not facts.stated:
        raise click.UsageError("Name a request, or a day: --fact ur_served_date=2026-05-04")
    request = read_named(request_name, library, None) if request_name is not None else None
    limits = _limits(read_deadlines(folders, library.vocabulary), request, facts)
    answers = _answers(limits, request, facts, library)
    name = request.case_id if request is not None else ""
    day = today or their_day()
    if form == "json":
        put_json(deadlines_json(name, limits, answers, library.digest, day))
        return
    page = Page.for_output()
    DeadlinesText(page, library.vocabulary, day).write(name, answers)
    put_page(page)


def _given(words: tuple[str, ...], library: Library) -> Facts:
    """Return the facts that the options state."""
    stated = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise click.BadParameter(
                f"`{word}` is not NAME=VALUE, as in ur_served_date=2026-05-04", param_hint="--fact"
            )
        fact = library.vocabulary.facts.get(name.strip())
        if fact is not None and fact.type is FactType.DATE and TIME_OF_DAY.search(value):
            raise click.BadParameter(
                f"`{word}`: a day is meant, and a time of day is not read. {fact.ask}", param_hint="--fact"
            )
        stated[name.strip()] = value.strip()
    findings = Findings()
    node = from_data(stated, "--fact")
    assert isinstance(node, MappingNode)
    facts = FactReader(library.vocabulary, findings).read(node.entries, None)
    if findings:
        raise GuidecheckError(findings)
    return facts


def _limits(by_jurisdiction: Mapping[str, Deadlines], request: Request | None, facts: Facts) -> Deadlines:
    stated = facts.stated.get(JURISDICTION)
    named = str(stated or (request.items[0].jurisdiction if request else DEFAULT_JURISDICTION))
    if named not in by_jurisdiction:
        known = ", ".join(by_jurisdiction) or "no jurisdiction"
        raise Refused(f"these rules have no time limits for {named}, only for {known}")
    return by_jurisdiction[named]


def _answers(limits: Deadlines, request: Request | None, facts: Facts, library: Library) -> list[Answer]:
    """Return the limits, once for all the items that they are the same for."""
    if request is None:
        return [Answer((), dated(limits, Deriver(library.vocabulary, facts.stated).known().values))]
    answers: list[Answer] = []
    for item in request.items:
        found = dated(limits, _known(item, facts, library))
        same = next((place for place, answer in enumerate(answers) if answer.limits == found), None)
        if same is None:
            answers.append(Answer((item.id,), found))
        else:
            answers[same] = Answer((*answers[same].items, item.id), found)
    return answers


def _known(item: Item, facts: Facts, library: Library) -> Mapping[str, Value]:
    stated = {**item.stated, **facts.stated}
    silent = item.undocumented - facts.stated.keys()
    return Deriver(library.vocabulary, stated, silent, item.partial).known().values
