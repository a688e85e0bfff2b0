"""`guidecheck check`."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from guidecheck.checking import Checker
from guidecheck.cli.options import Day, rules_option
from guidecheck.determination import Determination, Outcome
from guidecheck.errors import Finding, GuidecheckError
from guidecheck.library.loading import load_library
from guidecheck.marked_yaml import decode, parse
from guidecheck.render.json_form import determination_json
from guidecheck.request import Request
from guidecheck.request_reader import read_request, request_from

EXIT_OVERTURNED = 0
EXIT_UPHELD = 1
EXIT_OPEN = 3


@click.command()
@click.argument("requests", nargs=-1, required=True, metavar="REQUEST...", type=click.Path())
@rules_option
@click.option("--as-of", type=Day(), help="Day whose guidelines apply, instead of the request's own.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(requests: tuple[str, ...], rule_folders: tuple[Path, ...], as_of: date | None, form: str) -> None:
    r"""Predict upheld or overturned for each item of a request, with the criteria that decide it.

    \b
    Examples:
        guidecheck check examples/low-back-massage.yaml
        guidecheck check draft.yaml --as-of 2015-08-21 --format json
        guidecheck check - < draft.yaml

    Exit status: 0 every item is predicted overturned, 1 some item upheld, 2 a mistake in the input, the rules
    or the call, 3 no item upheld but some undetermined or without a guideline.
    """
    checker = Checker(load_library(*rule_folders))
    determinations = [checker.check(request) for request in _read_all(requests, checker, as_of)]
    if form == "json":
        answers = [determination_json(determination) for determination in determinations]
        click.echo(json.dumps(answers[0] if len(answers) == 1 else answers, indent=2, ensure_ascii=False))
    else:
        raise click.ClickException("text comes next")
    raise click.exceptions.Exit(_exit_status(determinations))


def _read_all(paths: tuple[str, ...], checker: Checker, as_of: date | None) -> list[Request]:
    """Return every request, or raise with the mistakes of all of them."""
    findings: list[Finding] = []
    requests = []
    for path in paths:
        try:
            requests.append(_read(path, checker, as_of))
        except GuidecheckError as error:
            findings.extend(error.findings)
    if findings:
        raise GuidecheckError(findings)
    return requests


def _read(path: str, checker: Checker, as_of: date | None) -> Request:
    today = date.today()  # noqa: DTZ011 - a draft without a date is checked by the day of its writer
    if path == "-":
        findings: list[Finding] = []
        node = parse(decode(sys.stdin.buffer.read(), "standard input"), "standard input", findings)
        return request_from(node, checker.library, as_of=as_of, today=today, findings=findings)
    return read_request(Path(path), checker.library, as_of=as_of, today=today)


def _exit_status(determinations: list[Determination]) -> int:
    outcomes = {item.outcome for determination in determinations for item in determination.items}
    if Outcome.UPHELD in outcomes:
        return EXIT_UPHELD
    return EXIT_OVERTURNED if outcomes == {Outcome.OVERTURNED} else EXIT_OPEN
