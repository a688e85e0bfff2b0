"""Whether the editions applied are still the ones in force, and whether any was on the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from guidecheck.deciding.checking import treatments_named, would_apply
from guidecheck.deciding.determination import Certainty, ItemDetermination
from guidecheck.explaining.editions import LOWER_RANK, counts_in, is_former, standing_on
from guidecheck.explaining.wording import day_words, listed
from guidecheck.library.models import Guideline, Library, Period


def currency_notes(determination: ItemDetermination, library: Library, today: date) -> list[str]:
    """Return a sentence for each edition applied that has ended since, and for a day in a gap between editions.

    Args:
        determination: an item's determination; its `as_of` is the day whose guidelines were applied.
        library: the library that gave it.
        today: the day to compare with.

    A case that has been decided is history: nothing is said of it.
    """
    if determination.item.actual is not None:
        return []
    notes = [_edition(guideline, determination, library, today) for guideline, _ in determination.editions]
    return [*dict.fromkeys(note for note in notes if note), *_gaps(determination, library)]


def _edition(guideline: Guideline, determination: ItemDetermination, library: Library, today: date) -> str:
    """Return what has become of an edition that is applied, and "" for nothing."""
    day = determination.item.as_of
    span, cited = standing_on(guideline, library, day)
    former = cited is not None and cited.holds(day)
    own = [result for result in determination.criteria if result.guideline.id == guideline.id]
    if former and all(result.controls is Certainty.NO for result in own):
        # Cited beside the one that replaced it, it has nothing to add.
        return ""
    if span is None:
        return f"{guideline.title} is here only {LOWER_RANK}."
    if span.end is None or span.end >= today:
        return ""
    over = f"{guideline.title} was in force until {day_words(span.end)}"
    if cited is not None and (cited.end is None or cited.end >= today):
        over += f" (since then {LOWER_RANK})"
    elif cited is not None and cited.end is not None and former:
        over += f" ({LOWER_RANK} until {day_words(cited.end)})"
    return _followed(over, span, determination, library, today)


def _followed(over: str, ended: Period, determination: ItemDetermination, library: Library, today: date) -> str:
    """Return the sentence on an edition that is over, with what follows it by an authority no lower."""
    assert ended.end is not None
    item = determination.item
    later = [
        (period, other)
        for other in _for_treatment(library, item.treatment)
        for period in other.periods
        if counts_in(period, library, item.jurisdiction)
        and not is_former(period, library)
        and library.authorities[period.authority].rank <= library.authorities[ended.authority].rank
        and period.start > ended.end
        and would_apply(other, library, item, max(today, period.start))
    ]
    holding = [other for period, other in later if period.holds(today)]
    if holding:
        applied = {guideline.id for guideline, period in determination.editions if period.start > ended.end}
        titles = listed(other.title for other in holding if other.id not in applied)
        return f"{over}. A request decided today is held to {titles}." if titles else f"{over}."
    coming = [period.start for period, _ in later if period.start > today]
    if coming:
        return f"{over}; another edition begins on {day_words(min(coming))}."
    if later:
        past = max(period.end for period, _ in later if period.end is not None)
        return (
            f"{over}, and the last later edition in this library until {day_words(past)}. "
            "A request decided today may be held to another."
        )
    return f"{over}, and this library has no later edition of it. A request decided today may be held to another."


def _for_treatment(library: Library, treatment: str) -> list[Guideline]:
    """Return the guidelines that may be for a treatment, whenever they are in force."""
    named = [(guideline, treatments_named(guideline.applies_to)) for guideline in library.guidelines.values()]
    return [guideline for guideline, treatments in named if treatments is None or treatment in treatments]


def _gaps(determination: ItemDetermination, library: Library) -> Iterator[str]:
    """Yield a sentence for each authority that speaks to the request on other days and outranks the day's own.

    Where none speaks on the day, one sentence for all of them. A chapter on another part of the body, or on
    another question, speaks on no day.
    """
    item, day = determination.item, determination.item.as_of
    periods: dict[str, list[Period]] = {}
    for guideline in _for_treatment(library, item.treatment):
        for period in guideline.periods:
            counts = counts_in(period, library, item.jurisdiction)
            if counts and would_apply(guideline, library, item, _nearest(period, day)):
                periods.setdefault(period.authority, []).append(period)
    speaking = [authority for authority in library.authorities.values() if authority.id in periods]
    ranks = [library.authorities[period.authority].rank for _, period in determination.editions]
    speaking = [authority for authority in speaking if authority.former_of is None]
    none = f"in this library that speaks to this request was in force on {day_words(day)}"
    if not ranks:
        sides = _sides([period for authority in speaking for period in periods[authority.id]], day)
        if sides:
            yield f"No guideline {none}: {sides}."
        return
    for authority in speaking:
        if authority.rank < min(ranks) and not any(period.holds(day) for period in periods[authority.id]):
            yield f"{authority.title}: no edition {none}: {_sides(periods[authority.id], day)}."


def _nearest(period: Period, day: date) -> date:
    """Return the day of a period that is nearest to a day."""
    if day < period.start:
        return period.start
    return period.end if period.end is not None and period.end < day else day


def _sides(periods: list[Period], day: date) -> str:
    """Return what lies before and after a gap."""
    before = [period.end for period in periods if period.end is not None and period.end < day]
    after = [period.start for period in periods if period.start > day]
    sides = [f"the last ended on {day_words(max(before))}"] if before else []
    sides += [f"the next begins on {day_words(min(after))}"] if after else []
    return ", ".join(sides)
