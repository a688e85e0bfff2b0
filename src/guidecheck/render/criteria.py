"""The criteria of an item as lists: those that decide, those that may, those that give way, and those of law."""

from __future__ import annotations

from collections.abc import Iterator

from guidecheck.deciding.determination import Certainty, CriterionResult, Status
from guidecheck.explaining.account import Account
from guidecheck.explaining.wording import listed, reference, sentence
from guidecheck.render.report_model import CriteriaList, CriterionEntry, Place, Standing

_STANDINGS = {
    Status.MET: Standing("met", "met"),
    Status.FAILED: Standing("failed", "not met"),
    Status.UNDOCUMENTED: Standing("undocumented", "not documented"),
    Status.NOT_APPLICABLE: Standing("not-applicable", "does not apply"),
}
_ASSUMED = Standing("assumed", "assumed met")
_UNKNOWN = Standing("unknown", "not known")
_UNCERTAIN = "Uncertain: check it against the guideline."


def standing(result: CriterionResult) -> Standing:
    """Return how a criterion stands, in the words of every form."""
    if result.assumed:
        return _ASSUMED
    if result.status is Status.UNDOCUMENTED and result.could_be_met:
        return _UNKNOWN
    return _STANDINGS[result.status]


def criteria_lists(account: Account) -> Iterator[CriteriaList]:
    """Yield the criteria that apply, or may, by their part in the outcome and by where they stand."""
    applicable = [result for result in account.item.criteria if result.applies is not Certainty.NO]
    may = [result for result in applicable if result.controls is Certainty.POSSIBLY]
    lists = [
        ("Criteria that decide", [result for result in applicable if result.controlling]),
        ("Criteria that may decide, once more is known", may),
        ("Criteria that do not decide", [result for result in applicable if result.superseded_by is not None]),
        ("The law, apart from the prediction", account.law),
    ]
    for heading, results in lists:
        places: dict[tuple[str, str], list[CriterionEntry]] = {}
        for result in results:
            above = account.superseder(result).title if result.superseded_by is not None else ""
            places.setdefault((reference(result.citation), above), []).append(_entry(account, result))
        if places:
            found = (Place(place, above, tuple(entries)) for (place, above), entries in places.items())
            yield CriteriaList(heading, tuple(found))


def not_here(account: Account) -> str:
    """Return how many criteria of the guidelines that apply do not, as a sentence; "" for none."""
    count = sum(result.applies is Certainty.NO for result in account.item.criteria)
    if not count:
        return ""
    if count == 1:
        return "One more criterion of these guidelines does not apply here."
    return f"{count} more criteria of these guidelines do not apply here."


def _entry(account: Account, result: CriterionResult) -> CriterionEntry:
    return CriterionEntry(
        standing=standing(result),
        says=sentence(result.criterion.says),
        lines=tuple(_lines(account, result)),
        note=_UNCERTAIN if result.confidence == "uncertain" else "",
    )


def _lines(account: Account, result: CriterionResult) -> Iterator[str]:
    """Yield the facts that settled a criterion, with their evidence, and those that nobody stated."""
    settled, words = account.settled(result), account.words
    readings = [*settled.contrary, *settled.supporting]
    told = {reading.test.fact: words.told(reading) for reading in readings}
    # Why a criterion applies is worth a line where nothing else is said of it, or where it stands in the way.
    for reading in settled.guards if not (readings and result.counts_as_met) else ():
        told.setdefault(reading.test.fact, words.told(reading, compare=False))
    for name, clause in told.items():
        yield words.shown(name, clause)
    if settled.missing:
        yield f"Not documented: {listed(map(words.missing, settled.missing), 'or')}."
    if settled.unknown:
        yield f"Not known: {words.labels(settled.unknown)}."
