"""What changed beside the guidelines: time limits and holidays in words, files of letter patterns by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from guidecheck.editing.conditions_in_words import in_words
from guidecheck.editing.rule_change import Change, each_side, pairs, replaced
from guidecheck.editing.table_changes import citation_changes
from guidecheck.errors import Location
from guidecheck.explaining.wording import span_words
from guidecheck.language.conditions import Condition
from guidecheck.letters.patterns import patterns_folder
from guidecheck.time_limits.business_days import Holiday
from guidecheck.time_limits.deadlines import Deadline, Deadlines


def deadline_changes(old: dict[str, Deadlines], new: dict[str, Deadlines]) -> Iterator[Change]:
    """Yield what changed in the time limits of each jurisdiction, and in its holidays."""
    for place, was, now in pairs(old, new):
        for name, limit, limits in pairs(_limits(was), _limits(now)):
            subject = f"{place} deadline {name}"
            if limit is None:
                assert limits is not None
                yield Change("deadline-added", subject, f"added: {limits.title}", limits.at, "", name)
            elif limits is None:
                yield Change("deadline-removed", subject, f"removed: {limit.title}", limit.at, name, "")
            else:
                yield from _limit_changes(subject, limit, limits)
        for name, day, kept in pairs(_holidays(was), _holidays(now)):
            yield from _holiday_changes(f"{place} holidays", f"holiday {name}", day, kept)


def _limits(deadlines: Deadlines | None) -> dict[str, Deadline]:
    return {limit.id: limit for limit in deadlines.limits} if deadlines else {}


def _holidays(deadlines: Deadlines | None) -> dict[str, Holiday]:
    return {day.name: day for day in deadlines.business.holidays} if deadlines else {}


def _limit_changes(subject: str, old: Deadline, new: Deadline) -> Iterator[Change]:
    at = new.at
    span = each_side(lambda limit: f"{limit.count} {limit.unit.replace('_', ' ')}", old, new)
    yield from replaced("deadline", subject, "limit", span, at)
    yield from replaced("deadline", subject, "who", (old.who, new.who), at)
    yield from replaced("deadline", subject, "counted from", (old.start, new.start), at)
    yield from replaced("deadline", subject, "when", (_said(old.when), _said(new.when)), at)
    yield from replaced("deadline", subject, "unless", (_said(old.unless), _said(new.unless)), at)
    yield from replaced("deadline", subject, "in force", each_side(lambda d: span_words(d.in_force), old, new), at)
    yield from replaced("deadline", subject, "title", (old.title, new.title), at, decides=False)
    yield from replaced("deadline", subject, "note", (old.note, new.note), at, decides=False)
    confidence = (old.confidence, new.confidence)
    yield from replaced("deadline", subject, "confidence", confidence, at, decides=False)
    yield from citation_changes(subject, "", old.citation, new.citation, at)


def _said(condition: Condition | None) -> str:
    return "" if condition is None else in_words(condition)


def _holiday_changes(subject: str, what: str, old: Holiday | None, new: Holiday | None) -> Iterator[Change]:
    if old is None:
        assert new is not None
        yield from replaced("holiday-added", subject, what, ("", _holiday(new)), new.at)
    elif new is None:
        yield from replaced("holiday-removed", subject, what, (_holiday(old), ""), old.at)
    else:
        yield from replaced("holiday", subject, what, each_side(_holiday, old, new), new.at)


def _holiday(holiday: Holiday) -> str:
    """Return a holiday as "11-28", or by its weekday, with how it is moved."""
    day = f"{holiday.month:02}-{holiday.day:02}" if holiday.day else f"month {holiday.month}"
    if not holiday.day:
        day += f", weekday {holiday.weekday + 1}, number {holiday.which}"
    moved = f", {holiday.days_after} days after" if holiday.days_after else ""
    moved += ", on a Saturday kept on Friday" if holiday.friday_before else ""
    return day + moved + (", on a Sunday kept on Monday" if holiday.monday_after else "")


def letter_changes(old: Sequence[Path], new: Sequence[Path]) -> Iterator[Change]:
    """Yield the files of letter patterns that differ; what stands in them is not compared."""
    for name, was, now in pairs(_texts(old), _texts(new)):
        if was != now:
            verb = "added" if was is None else "removed" if now is None else "changed"
            words = f"{verb}; what letters are read by is not compared in words"
            yield Change("letters", f"letters/{name}", words, Location(f"letters/{name}"))


def _texts(folders: Sequence[Path]) -> dict[str, bytes]:
    folder = patterns_folder(folders)
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))}
