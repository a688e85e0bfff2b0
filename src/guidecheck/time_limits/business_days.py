"""Business days: all but Saturdays, Sundays and the holidays of a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from guidecheck.errors import Location

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST = 5
"""Stands for the last such weekday of a month, as `which`."""

_DAY = timedelta(days=1)
_NOWHERE = Location("")
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day of each year: a day of a month, or the first to fourth, or last, of a weekday in it.

    `days_after` moves it on; on a Saturday it is kept on the Friday before if `friday_before`, on a Sunday on the
    Monday after if `monday_after`. `at` is where it is written, if anywhere.
    """

    name: str
    month: int
    day: int | None = None
    weekday: int = 0
    which: int = 1
    days_after: int = 0
    friday_before: bool = False
    monday_after: bool = False
    at: Location = _NOWHERE

    def kept_on(self, year: int) -> date:
        """Return the day on which it is kept in a year."""
        day = self._falls_on(year) + timedelta(days=self.days_after)
        if day.weekday() == _SATURDAY and self.friday_before:
            return day - _DAY
        if day.weekday() == _SUNDAY and self.monday_after:
            return day + _DAY
        return day

    def _falls_on(self, year: int) -> date:
        if self.day is not None:
            return date(year, self.month, self.day)
        if self.which == LAST:
            end = date(year + self.month // 12, self.month % 12 + 1, 1) - _DAY
            return end - timedelta(days=(end.weekday() - self.weekday) % 7)
        first = date(year, self.month, 1)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.which - 1))


@dataclass(frozen=True)
class BusinessCalendar:
    """Counts business days by the holidays that it has."""

    holidays: tuple[Holiday, ...]

    @cached_property
    def _years(self) -> dict[int, Mapping[date, str]]:
        return {}

    def holiday(self, day: date) -> str | None:
        """Return the name of the holiday that is kept on a day, if any."""
        if day.year not in self._years:
            # A holiday of the next year may be kept in this one.
            years = (day.year, min(day.year + 1, date.max.year))
            self._years[day.year] = {h.kept_on(year): h.name for year in years for h in self.holidays}
        return self._years[day.year].get(day)

    def after(self, start: date, count: int) -> tuple[date, list[tuple[date, str]]]:
        """Return the business day that comes `count` of them after a day, and the holidays passed over on the way.

        The day itself doesn't count.
        """
        day, passed = start, []
        while count > 0:
            day += _DAY
            name = self.holiday(day)
            if day.weekday() > _FRIDAY:
                continue
            if name is not None:
                passed.append((day, name))
            else:
                count -= 1
        return day, passed
