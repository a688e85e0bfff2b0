"""Time limits as dates: when somebody has to act, counted from the days that a request states."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from guidecheck.errors import Location
from guidecheck.language.conditions import Condition, evaluate, facts_read
from guidecheck.language.facts import Value
from guidecheck.library.models import Period
from guidecheck.time_limits.business_days import BusinessCalendar


class Unit(StrEnum):
    """What a limit counts."""

    BUSINESS_DAYS = "business_days"
    DAYS = "days"
    HOURS = "hours"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A limit of time: `who` has to act within `count` of a unit after the day that the fact `start` gives.

    It holds where `when` (if any) is true and `unless` (if any) is not, and where that day lies in `in_force`.
    """

    id: str
    title: str
    who: str
    start: str
    count: int
    unit: Unit
    when: Condition | None
    unless: Condition | None
    in_force: Period
    citation: Mapping[str, str]
    confidence: str
    note: str
    source_ids: tuple[str, ...]
    at: Location

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts it reads."""
        return tuple(dict.fromkeys([self.start, *facts_read(self.when), *facts_read(self.unless)]))

    def due(self, start: date, business: BusinessCalendar) -> tuple[date, list[tuple[date, str]]]:
        """Return the last day of the limit, and the holidays that business days pass over."""
        match self.unit:
            case Unit.BUSINESS_DAYS:
                return business.after(start, self.count)
            case Unit.HOURS:
                return start + timedelta(hours=self.count), []
            case Unit.MONTHS:
                return _months_later(start, self.count), []
            case Unit.DAYS:
                return start + timedelta(days=self.count), []


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The time limits of one jurisdiction, and its business days; `digest` is of the file that gives both."""

    jurisdiction: str
    digest: str
    business: BusinessCalendar
    limits: tuple[Deadline, ...]


class Standing(StrEnum):
    """How a limit stands for a request."""

    DUE = "due"
    CONDITIONAL = "conditional"
    """It has a date, and holds only if its condition does, which isn't stated."""
    NEEDS_DATE = "needs_date"
    NOT_IN_FORCE = "not_in_force"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Dated:
    """A limit for one request: how it stands, the day it runs from and its last day, as far as they are known."""

    limit: Deadline
    standing: Standing
    start: date | None = None
    due: date | None = None
    passed_over: tuple[tuple[date, str], ...] = ()


def dated(deadlines: Deadlines, known: Mapping[str, Value]) -> list[Dated]:
    """Return every limit for what is known of a request: those with a date first, the earliest first."""
    found = [_date(limit, deadlines.business, known) for limit in deadlines.limits]
    return sorted(found, key=lambda one: one.due or date.max)


def _date(limit: Deadline, business: BusinessCalendar, known: Mapping[str, Value]) -> Dated:
    holds = True if limit.when is None else evaluate(limit.when, known)
    if holds is False or (limit.unless is not None and evaluate(limit.unless, known) is True):
        return Dated(limit, Standing.NOT_APPLICABLE)
    start = known.get(limit.start)
    if not isinstance(start, date):
        return Dated(limit, Standing.NEEDS_DATE)
    if not limit.in_force.holds(start):
        return Dated(limit, Standing.NOT_IN_FORCE, start)
    due, passed = limit.due(start, business)
    return Dated(limit, Standing.CONDITIONAL if holds is None else Standing.DUE, start, due, tuple(passed))


def _months_later(day: date, count: int) -> date:
    """Return the same day of a later month, or that month's last."""
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
