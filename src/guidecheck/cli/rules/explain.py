"""`guidecheck rules explain`."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import Refused, rules_option, text_or_json
from guidecheck.cli.output import put_json, put_page
from guidecheck.errors import Location, did_you_mean, shorten
from guidecheck.handbook.fact_page import FactPages
from guidecheck.handbook.json_form import fact_json
from guidecheck.handbook.text_form import write_blocks
from guidecheck.language.facts import Fact, fold
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.loading import load_library
from guidecheck.render.page import Page


@click.command()
@click.argument("name", metavar="FACT")
@rules_option
@text_or_json
def explain(name: str, rule_folders: tuple[Path, ...], form: str) -> None:
    """Explain a fact: its question and values, what it follows from, which criteria use it, who can change it.

    \b
    Examples:
        guidecheck rules explain requested_visits
        guidecheck rules explain functional_improvement --format json
    """
    folders = folders_of(rule_folders)
    library = load_library(*folders, examples=False)
    fact = _named(library.vocabulary, name)
    if form == "json":
        put_json(fact_json(library, fact))
        return

    def shown(at: Location) -> str:
        inside = next((f for f in reversed(folders) if Path(at.path).is_relative_to(f)), None)
        return f"{Path(at.path).relative_to(inside) if inside else at.path}:{at.line}"

    page = Page.for_output()
    write_blocks(page, FactPages(library, shown).fact(fact))
    put_page(page)


def _named(vocabulary: Vocabulary, name: str) -> Fact:
    facts = vocabulary.facts
    if name in facts:
        return facts[name]
    holders = [fact for fact in facts.values() if fact.choice(name)]
    if holders:
        said = " and ".join(f"`{fact.name}` ({fact.choice(name)})" for fact in holders)
        raise Refused(f"`{shorten(name)}` is no fact but a value of {said}; name the fact")
    inside = [known for known in facts if fold(name) and fold(name) in fold(known)]
    if len(inside) > 1:
        raise Refused(f"unknown fact `{shorten(name)}`; with this word there are {', '.join(inside[:8])}")
    labels = {fold(fact.label): fact.name for fact in facts.values()}
    labelled = difflib.get_close_matches(fold(name), labels, n=1)
    close = did_you_mean(name, facts) or (f"did you mean `{labels[labelled[0]]}`?" if labelled else "")
    raise Refused(f"unknown fact `{shorten(name)}`; {close or '`guidecheck rules docs` writes them all'}")
