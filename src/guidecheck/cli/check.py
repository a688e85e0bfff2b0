"""`guidecheck check`."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guidecheck.cli.extras import needing
from guidecheck.cli.libraries import library_of
from guidecheck.cli.options import Day, confidence_option, rules_option, today
from guidecheck.cli.output import put_json, put_page
from guidecheck.cli.requests import STANDARD_INPUT, read_named
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import Determination, Outcome
from guidecheck.deciding.remedies import RemedyFinder
from guidecheck.errors import Finding, GuidecheckError
from guidecheck.requests.request import Request

if TYPE_CHECKING:
    from guidecheck.deciding.comparison import Comparison
    from guidecheck.scoring.base_rates import History

EXIT_OVERTURNED = 0
EXIT_UPHELD = 1
EXIT_OPEN = 3


@click.command()
@click.argument("requests", nargs=-1, required=True, metavar="REQUEST...", type=click.Path())
@rules_option
@confidence_option
@click.option("--as-of", type=Day(), help="Day whose guidelines apply, instead of the request's own.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
    help="html is one file to open, print or send.",
)
@click.option("--checklist", is_flag=True, help="Only what is documented, what is missing and what to say.")
@click.option(
    "--against",
    metavar="REQUEST",
    type=click.Path(),
    help="An earlier draft: what changed since, and what it did.",
)
@click.option(
    "--compare-editions", type=Day(), metavar="DATE", help="The same request under another day's guidelines."
)
@click.option(
    "--history",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Results of `batch` (.parquet): how past cases that stood alike ended. It decides nothing.",
)
def check(
    requests: tuple[str, ...],
    rule_folders: tuple[Path, ...],
    min_confidence: str | None,
    as_of: date | None,
    form: str,
    checklist: bool,
    against: str | None,
    compare_editions: date | None,
    history: Path | None,
) -> None:
    """Predict upheld or overturned for each item of a request, with the criteria that decide it.

    \b
    Examples:
        guidecheck check draft.yaml
        guidecheck check draft.yaml --as-of 2015-08-21 --format json
        guidecheck check draft.yaml --format html > report.html
        guidecheck check second-draft.yaml --against first-draft.yaml
        guidecheck check draft.yaml --history results.parquet
        guidecheck check - < draft.yaml

    Exit status: 0 every item is predicted overturned, 1 some item upheld, 2 a mistake in the input, the rules
    or the call, 3 no item upheld but some undetermined or without a guideline.
    """
    _refuse_odd_combinations(requests, form, checklist, against, compare_editions)
    if history is not None and (checklist or against or compare_editions):
        raise click.UsageError("--history goes with a full answer: leave out the other one.")
    past = None if history is None else _read_history(history)
    checker = Checker(library_of(rule_folders, min_confidence=min_confidence))
    finder = RemedyFinder(checker)
    determinations = [finder.advise(checker.check(request)) for request in _read_all(requests, checker, as_of)]
    if past is not None:
        determinations = [past.beside(determination) for determination in determinations]
    if against is not None or compare_editions is not None:
        from guidecheck.deciding.comparison import compare

        other = read_named(against or requests[0], checker.library, compare_editions or as_of)
        base = checker.check(other)
        if against:  # an earlier draft stands before the one asked about
            moved = _moved(against, base, determinations[0], checker)
            comparison = compare(base, determinations[0], checker.library.vocabulary, moved)
        else:  # another day's guidelines stand after the request's own
            comparison = compare(determinations[0], base, checker.library.vocabulary)
        _write_comparison(comparison, checker, form, today())
    elif checklist:
        _write_checklist(determinations, checker, today())
    else:
        _write(determinations, checker, form, today())
    raise click.exceptions.Exit(_exit_status(determinations))


def _read_history(path: Path) -> History:
    with needing("batch", "--history"):
        from guidecheck.scoring.base_rates import read_history
    return read_history(path)


def _refuse_odd_combinations(
    requests: tuple[str, ...], form: str, checklist: bool, against: str | None, compare_editions: date | None
) -> None:
    comparing = [
        name for name, given in (("--against", against), ("--compare-editions", compare_editions)) if given
    ]
    if len(comparing) > 1 or (comparing and checklist):
        raise click.UsageError(
            f"{comparing[0]} stands alone: leave out {'--checklist' if checklist else comparing[1]}."
        )
    if comparing and len(requests) > 1:
        raise click.UsageError(f"{comparing[0]} takes one request, not {len(requests)}.")
    if comparing and form not in ("text", "json"):
        raise click.UsageError(f"{comparing[0]} is shown as text or json.")
    if checklist and form != "text":
        raise click.UsageError("--checklist is shown as text; --format markdown and html include it.")
    if [*requests, against].count(STANDARD_INPUT) > 1:
        raise click.UsageError("Standard input (-) can be read only once.")
    if compare_editions and STANDARD_INPUT in requests:
        raise click.UsageError("--compare-editions reads the request twice: name a file.")


def _write(determinations: list[Determination], checker: Checker, form: str, day: date) -> None:
    # Each form loads its own libraries, so that none waits for another's.
    library = checker.library
    if form == "json":
        from guidecheck.render.json_form import determination_json

        answers = [determination_json(determination, library, day) for determination in determinations]
        put_json(answers[0] if len(answers) == 1 else answers)
    elif form == "markdown":
        from guidecheck.render.markdown import markdown_report

        _write_utf8(markdown_report(determinations, library, day))
    elif form == "html":
        from guidecheck.render.html import html_report

        _write_utf8(html_report(determinations, library, day))
    else:
        from guidecheck.render.page import Page
        from guidecheck.render.text_form import write_text

        page = Page.for_output()
        write_text(page, determinations, library, day)
        put_page(page)


def _write_checklist(determinations: list[Determination], checker: Checker, day: date) -> None:
    from guidecheck.render.checklist_text import write_checklist
    from guidecheck.render.page import Page

    page = Page.for_output()
    write_checklist(page, determinations, checker.library, day)
    put_page(page)


def _moved(against: str, before: Determination, after: Determination, checker: Checker) -> Determination | None:
    """Return the answer to an earlier draft under the later one's day; None where the days are equal.

    None also where it can't be read on that day (an operation after it), or can't be read twice.
    """
    if before.as_of == after.as_of or against == STANDARD_INPUT:
        return None
    with suppress(GuidecheckError):
        return checker.check(read_named(against, checker.library, after.as_of))
    return None


def _write_comparison(comparison: Comparison, checker: Checker, form: str, day: date) -> None:
    from guidecheck.render.comparison_form import comparison_json, write_comparison
    from guidecheck.render.page import Page

    if form == "json":
        put_json(comparison_json(comparison, checker.library))
        return
    page = Page.for_output()
    write_comparison(page, comparison, checker.library, day)
    put_page(page)


def _write_utf8(text: str) -> None:
    """Write a document that says itself that it is UTF-8, whatever the terminal's own encoding."""
    sys.stdout.buffer.write(text.encode())


def _read_all(paths: tuple[str, ...], checker: Checker, as_of: date | None) -> list[Request]:
    """Return every request, or raise with the mistakes of all of them."""
    findings: list[Finding] = []
    requests = []
    for path in paths:
        try:
            requests.append(read_named(path, checker.library, as_of))
        except GuidecheckError as error:
            findings.extend(error.findings)
    if findings:
        raise GuidecheckError(findings)
    return requests


def _exit_status(determinations: list[Determination]) -> int:
    outcomes = {item.outcome for determination in determinations for item in determination.items}
    if Outcome.UPHELD in outcomes:
        return EXIT_UPHELD
    return EXIT_OVERTURNED if outcomes == {Outcome.OVERTURNED} else EXIT_OPEN
