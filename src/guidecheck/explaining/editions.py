"""How long an edition is in force, and whether it has been replaced and is only cited since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from guidecheck.explaining.wording import day_words, span_words
from guidecheck.library.models import Guideline, Library, Period

LOWER_RANK = "cited as evidence of lower rank"
_DAY = timedelta(days=1)


def counts_in(period: Period, library: Library, jurisdiction: str) -> bool:
    """Tell whether what a period's authority says counts in a jurisdiction, and is no law beside it."""
    allowed = library.jurisdictions.get(jurisdiction, ())
    return period.authority in allowed and not library.authorities[period.authority].legal


def is_former(period: Period, library: Library) -> bool:
    """Tell whether an edition is, in a period, only cited beside those that replaced it."""
    return library.authorities[period.authority].former_of is not None


def in_force(guideline: Guideline, library: Library, jurisdiction: str) -> list[Period]:
    """Return the spans in which an edition is in force in a jurisdiction, without those when it is only cited."""
    periods = [period for period in guideline.periods if counts_in(period, library, jurisdiction)]
    return _spans((period for period in periods if not is_former(period, library)), library)


def standing_on(guideline: Guideline, library: Library, day: date) -> tuple[Period | None, Period | None]:
    """Return the span in force that holds a day, or the last before it, and the one in which the edition is cited.

    Each is None where there is none.
    """
    held = _spans((period for period in guideline.periods if not is_former(period, library)), library)
    cited = _spans((period for period in guideline.periods if is_former(period, library)), library)
    begun = [span for span in held if span.start <= day]
    return (begun[-1] if begun else None), (cited[-1] if cited else None)


def edition_words(guideline: Guideline, library: Library, day: date) -> str:
    """Return how an edition that is applied on a day stands then: its days in force, and what it is since."""
    span, cited = standing_on(guideline, library, day)
    held = span or cited
    return ", ".join(part for part in (span_words(held) if held else "", _since(span, cited, day)) if part)


def former_words(guideline: Guideline, library: Library, day: date) -> str:
    """Return that an edition applied on a day is only cited then, and since when; "" for one that is in force."""
    return _since(*standing_on(guideline, library, day), day)


def _since(span: Period | None, cited: Period | None, day: date) -> str:
    if cited is None or not cited.holds(day):
        return ""
    if span is None or span.end is None:
        return LOWER_RANK
    return f"replaced on {day_words(span.end + _DAY)} and {LOWER_RANK} since"


def _spans(periods: Iterable[Period], library: Library) -> list[Period]:
    """Return periods by date, those that adjoin as one, which has the highest of their authorities."""
    spans: list[Period] = []
    for period in sorted(periods, key=lambda period: period.start):
        last = spans[-1] if spans else None
        if last is None or last.end is None or last.end + _DAY < period.start:
            spans.append(period)
        else:
            highest = min(last.authority, period.authority, key=lambda name: library.authorities[name].rank)
            spans[-1] = replace(last, end=period.end, authority=highest)
    return spans
