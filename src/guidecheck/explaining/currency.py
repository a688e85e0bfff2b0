"""Whether the editions applied are still the ones in force, and whether any was on the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from guidecheck.deciding.checking import treatments_named, would_apply
from guidecheck.deciding.determination import ItemDetermination
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
    applied = determination.editions
    held = {period.authority for _, period in applied}
    notes = [
        _superseded(guideline, period, determination, library, today)
        for guideline, period in applied
        if period.end is not None
        and period.end < today
        # A former edition, cited beside the one that replaced it, has nothing to add.
        and (period.authority == (first := _first_authority(guideline, library)) or first not in held)
    ]
    return [*dict.fromkeys(notes), *_gaps(determination, library)]


def _first_authority(guideline: Guideline, library: Library) -> str:
    """Return the highest authority that an edition ever had."""
    return min((period.authority for period in guideline.periods), key=lambda name: library.authorities[name].rank)


def _superseded(
    guideline: Guideline, ended: Period, determination: ItemDetermination, library: Library, today: date
) -> str:
    assert ended.end is not None
    authority = _first_authority(guideline, library)
    over = f"{guideline.title} was in force until {day_words(ended.end)}"
    later = [
        (period, other)
        for other in _for_treatment(library, determination.item.treatment)
        for period in other.periods
        if period.authority == authority
        and period.start > ended.end
        and would_apply(other, library, determination.item, max(today, period.start))
    ]
    holding = [other.title for period, other in later if period.holds(today)]
    if holding:
        return f"{over}. A request decided today is held to {listed(holding)}."
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
    """Yield a sentence for each authority that speaks to the treatment on other days and outranks the day's own.

    Where none speaks on the day, one sentence for all of them.
    """
    item, day = determination.item, determination.item.as_of
    periods: dict[str, list[Period]] = {}
    for guideline in _for_treatment(library, item.treatment):
        for period in guideline.periods:
            if period.authority in library.jurisdictions.get(item.jurisdiction, ()):
                periods.setdefault(period.authority, []).append(period)
    speaking = [authority for authority in library.authorities.values() if authority.id in periods]
    speaking = [authority for authority in speaking if not authority.legal]
    ranks = [a.rank for a in speaking if any(period.holds(day) for period in periods[a.id])]
    none = f"in this library for the treatment was in force on {day_words(day)}"
    if not ranks:
        sides = _sides([period for authority in speaking for period in periods[authority.id]], day)
        if sides:
            yield f"No guideline {none}: {sides}."
        return
    for authority in speaking:
        if authority.rank < min(ranks):
            yield f"{authority.title}: no edition {none}: {_sides(periods[authority.id], day)}."


def _sides(periods: list[Period], day: date) -> str:
    """Return what lies before and after a gap."""
    before = [period.end for period in periods if period.end is not None and period.end < day]
    after = [period.start for period in periods if period.start > day]
    sides = [f"the last ended on {day_words(max(before))}"] if before else []
    sides += [f"the next begins on {day_words(min(after))}"] if after else []
    return ", ".join(sides)
