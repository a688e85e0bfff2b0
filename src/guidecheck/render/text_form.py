"""Determinations as text for people: what matters first, in words that fit a page of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from guidecheck.account import Account
from guidecheck.currency import currency_notes
from guidecheck.determination import Determination, ItemDetermination, Outcome
from guidecheck.explained_sums import explained_sums, sum_heading
from guidecheck.facts import fold
from guidecheck.library.models import Library
from guidecheck.rationale import headline, rationale
from guidecheck.render.advice import advice, alternatives
from guidecheck.render.criteria_text import CriteriaText
from guidecheck.render.page import Page
from guidecheck.visit_arithmetic import VisitCount, visit_counts
from guidecheck.wording import day_words, sentence, span_words

_STYLES = {
    Outcome.UPHELD: "bold red",
    Outcome.OVERTURNED: "bold green",
    Outcome.UNDETERMINED: "bold yellow",
    Outcome.NO_GUIDELINE: "bold yellow",
}
_DIGEST_LETTERS = 12

NOTICE = (
    "UPHELD: the denial stands. OVERTURNED: the treatment is found medically necessary.",
    "This is decision support, not a determination, and it is neither medical nor legal advice. "
    "Where no guideline applies, there is no prediction; that is not a denial.",
)


def write_text(page: Page, determinations: Iterable[Determination], library: Library, today: date) -> None:
    """Write determinations on a page: each request with its items, then once what the answer is and is not."""
    for number, determination in enumerate(determinations):
        if number:
            page.gap()
        _request(page, determination, library, today)
    page.gap()
    page.rule()
    for line in NOTICE:
        page.say(line)
    digest = library.digest.partition(":")[2][:_DIGEST_LETTERS] or library.digest
    page.say(f"Rules {library.version}, digest {digest}.", style="dim")


def _request(page: Page, determination: Determination, library: Library, today: date) -> None:
    request = determination.request
    day = day_words(determination.as_of)
    page.rule()
    page.say(request.case_id, style="bold")
    page.say(f"Guidelines of {day}." if request.dated else f"Guidelines of {day} (the request states no date).")
    if request.partial:
        page.say("The records are incomplete: what the request leaves out is unknown, not undocumented.")
    page.rule()
    several = len(determination.items) > 1
    for number, item in enumerate(determination.items, start=1):
        page.gap()
        _item(page, item, library, f"{number}. " if several else "", today)
    editions = {
        guideline.id: (guideline, period) for item in determination.items for guideline, period in item.editions
    }
    if editions:
        applied = "; ".join(f"{guideline.title}, {span_words(period)}" for guideline, period in editions.values())
        page.gap()
        page.say(f"Editions in force on {day}: {applied}.", style="dim")


def _item(page: Page, item: ItemDetermination, library: Library, number: str, today: date) -> None:
    account = Account(item, library)
    treatment = account.treatment
    name = "" if fold(item.item.id) in (fold(treatment), fold(item.item.treatment)) else f" ({item.item.id})"
    page.say(f"{number}{treatment[:1].upper()}{treatment[1:]}{name}", style="bold underline")
    page.say(headline(item, library), style=_STYLES[item.outcome])
    if item.item.actual is not None:
        page.say(f"The review's own outcome: {item.item.actual.value.upper()}{_agreement(item)}.")
    heading, pieces = advice(account)
    _section(page, heading, pieces)
    _section(page, "Any one of these would turn the prediction", alternatives(account), numbered=True)
    if item.remedies is not None and item.remedies.found and item.remedies.cut:
        page.say("There may be more.", indent=2)
    if item.remedies is not None and item.remedies.none_because:
        _section(page, "What would turn the prediction", [item.remedies.none_because], marked=False)
    _section(page, "Why", [rationale(item, library)], marked=False)
    if item.lacking:
        return
    _section(page, "Visits", _visits(visit_counts(item, library.vocabulary)))
    for explained in explained_sums(item, library.vocabulary):
        _section(page, sum_heading(explained), list(explained.lines))
    CriteriaText(page, account).write()
    _section(page, "Is it current?", currency_notes(item, library, today))


def _agreement(item: ItemDetermination) -> str:
    if not item.outcome.is_prediction:
        return ""
    return ", as predicted" if item.outcome.value == item.item.actual else ", against the prediction"


def _section(page: Page, heading: str, texts: list[str], *, marked: bool = True, numbered: bool = False) -> None:
    if not texts:
        return
    page.gap()
    page.say(heading, style="bold")
    for number, text in enumerate(texts, start=1):
        lead = f"  {number}. " if numbered else "  - "
        page.say(text, indent=len(lead) if marked else 2, lead=lead if marked else "")


def _visits(counts: list[VisitCount]) -> list[str]:
    """Return the arithmetic of visits in words; equal limits of several guidelines once."""
    lines: dict[str, str] = {}
    for count in counts:
        lines.setdefault(_arithmetic(count), count.result.guideline.title)
    if len(set(lines.values())) < 2:
        return [sentence(line) for line in lines]
    return [sentence(f"{line} ({title})") for line, title in lines.items()]


def _arithmetic(count: VisitCount) -> str:
    asked = "unknown" if count.asked is None else f"{count.asked:g}"
    if not count.counts_earlier:
        parts = [f"asked for: {asked}", f"allowed in one request: {count.allowed}"]
    else:
        had = "unknown" if count.had is None else f"{count.had:g}"
        left = "unknown" if count.left is None else f"{max(0, count.left):g}"
        parts = [f"asked for: {asked}", f"already had: {had}", f"allowed in all: {count.allowed}", f"left: {left}"]
    if count.over:
        known = count.asked is not None and (count.had is not None or not count.counts_earlier)
        parts.append(f"{'' if known else 'at least '}{count.over:g} too many")
    return ", ".join(parts)
