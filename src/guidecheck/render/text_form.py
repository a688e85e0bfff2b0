"""Determinations as text for people: what matters first, in words that fit a page of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from guidecheck.deciding.determination import Determination
from guidecheck.explaining.wording import sentence
from guidecheck.library.models import Library
from guidecheck.render.page import Page
from guidecheck.render.report import report
from guidecheck.render.report_model import (
    Advice,
    CriteriaList,
    CriterionEntry,
    ItemEntry,
    RequestEntry,
    VisitRow,
)

_STYLES = {
    "upheld": "bold red",
    "overturned": "bold green",
    "undetermined": "bold yellow",
    "no-guideline": "bold yellow",
    "met": "green",
    "failed": "red",
    "undocumented": "red",
    "not-applicable": "dim",
    "assumed": "yellow",
    "unknown": "yellow",
}
_IN_THE_WAY = ("failed", "undocumented", "unknown")
"""Kinds of criteria whose standing is written in capitals."""

_DIGEST_LETTERS = 12
_GUIDELINE_INDENT = 2
_STATUS_INDENT = 4
_TEXT_INDENT = 20

NOTICE = (
    "UPHELD: the denial stands. OVERTURNED: the treatment is found medically necessary.",
    "This is decision support, not a determination, and it is neither medical nor legal advice. "
    "Where no guideline applies, there is no prediction; that is not a denial.",
)


def write_text(page: Page, determinations: Iterable[Determination], library: Library, today: date) -> None:
    """Write determinations on a page: each request with its items, then once what the answer is and is not."""
    content = report(determinations, library, today)
    for number, request in enumerate(content.requests):
        if number:
            page.gap()
        _request(page, request, content.left_out)
    page.gap()
    page.rule()
    for line in NOTICE:
        page.say(line)
    digest = content.library_digest.partition(":")[2][:_DIGEST_LETTERS] or content.library_digest
    page.say(f"Rules {content.library_version}, digest {digest}.", style="dim")


def _request(page: Page, request: RequestEntry, left_out: str) -> None:
    page.rule()
    page.say(request.case_id, style="bold")
    page.say(f"Guidelines of {request.applied}.")
    if left_out:
        page.say(left_out)
    if request.partial:
        page.say(request.partial)
    page.rule()
    for item in request.items:
        page.gap()
        _item(page, item)
    if request.editions:
        page.gap()
        page.say(f"Editions applied: {'; '.join(request.editions)}.", style="dim")


def _item(page: Page, item: ItemEntry) -> None:
    page.say(item.label, style="bold underline")
    page.say(item.headline, style=_STYLES[item.kind])
    if item.actual:
        page.say(item.actual)
    _section(page, item.todo_heading, item.todo)
    if item.advice:
        _advice(page, item.advice)
    _section(page, "Why", [item.reason], marked=False)
    _section(page, item.past_heading, item.past, marked=False)
    _section(page, "Visits", list(dict.fromkeys(_arithmetic(row, item.visits) for row in item.visits)))
    for heading, lines in item.sums:
        _section(page, heading, lines)
    for criteria in item.criteria:
        _criteria(page, criteria)
    if item.rest:
        page.gap()
        page.say(item.rest, style="dim")
    _section(page, "Is it current?", item.warnings)


def _section(page: Page, heading: str, texts: Iterable[str], *, marked: bool = True) -> None:
    texts = list(texts)
    if not texts:
        return
    page.gap()
    page.say(heading, style="bold")
    for text in texts:
        page.say(text, indent=4 if marked else 2, lead="  - " if marked else "")


def _advice(page: Page, advice: Advice) -> None:
    page.gap()
    page.say(advice.heading, style="bold")
    several = len(advice.sets) > 1
    for number, changes in enumerate(advice.sets, start=1):
        lead = f"  {number}. " if several else "  - " if len(changes) == 1 else "  "
        for place, change in enumerate(changes):
            mark = (lead if place == 0 else " " * len(lead)) + ("- " if len(changes) > 1 else "")
            page.say(str(change), indent=len(mark), lead=mark)
    for text in (advice.more, advice.none_because):
        if text:
            page.say(text, indent=2)


def _arithmetic(row: VisitRow, rows: tuple[VisitRow, ...]) -> str:
    """Return a limit on visits in words, with its guideline where another's numbers differ."""
    if row.in_all:
        words = f"asked for: {row.asked}, already had: {row.had}, allowed in all: {row.allowed}, left: {row.left}"
    else:
        words = f"asked for: {row.asked}, allowed in one request: {row.allowed}"
    numbers = {(other.in_all, other.asked, other.had, other.allowed, other.left) for other in rows}
    named = len(numbers) > 1 and len({other.limit for other in rows}) > 1
    return sentence(f"{words}; {row.result}" + (f" ({row.limit})" if named else ""))


def _criteria(page: Page, criteria: CriteriaList) -> None:
    page.gap()
    page.say(criteria.heading, style="bold")
    for place in criteria.places:
        above = f", which gives way to {place.gives_way_to}" if place.gives_way_to else ""
        page.say(f"{place.citation}{above}", indent=_GUIDELINE_INDENT)
        for entry in place.criteria:
            # What gives way is only named: what settled it is not what the answer rests on.
            _criterion(page, entry, brief=bool(place.gives_way_to))


def _criterion(page: Page, entry: CriterionEntry, *, brief: bool) -> None:
    kind, words = entry.standing.kind, entry.standing.words
    lead = " " * _STATUS_INDENT + (words.upper() if kind in _IN_THE_WAY else words)
    page.say(entry.says, indent=_TEXT_INDENT, lead=lead, lead_style=_STYLES[kind])
    if brief:
        return
    for line in entry.lines:
        page.say(line, indent=_TEXT_INDENT + 2, lead=" " * _TEXT_INDENT + "> ")
    if entry.note:
        page.say(entry.note, indent=_TEXT_INDENT, style="yellow")
