"""Business days against a count day by day, and the holidays of the shipped calendar on known days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidecheck.library.deadline_reader import read_deadlines
from guidecheck.library.loading import load_library, shipped_rules
from guidecheck.time_limits.business_days import BusinessCalendar, Holiday

DAY = timedelta(days=1)
DATES = st.dates(date(2010, 1, 1), date(2040, 12, 31))


@pytest.fixture(scope="module")
def california() -> BusinessCalendar:
    return read_deadlines([shipped_rules()], load_library(examples=False).vocabulary)["california"].business


@given(start=DATES, count=st.integers(1, 40))
def test_as_many_business_days_lie_on_the_way_as_are_counted(start: date, count: int) -> None:
    calendar = BusinessCalendar(
        (Holiday("new year", 1, 1, monday_after=True, friday_before=True), Holiday("last", 5, weekday=0, which=5))
    )
    due, passed = calendar.after(start, count)
    on_the_way = [start + DAY * n for n in range(1, (due - start).days + 1)]
    working = [day for day in on_the_way if day.weekday() < 5 and calendar.holiday(day) is None]
    assert len(working) == count
    assert working[-1] == due
    assert [day for day, _ in passed] == [d for d in on_the_way if d.weekday() < 5 and calendar.holiday(d)]


@given(start=DATES, first=st.integers(1, 20), second=st.integers(1, 20))
def test_counting_on_is_counting_at_once(start: date, first: int, second: int) -> None:
    calendar = BusinessCalendar((Holiday("July 4", 7, 4),))
    assert calendar.after(calendar.after(start, first)[0], second)[0] == calendar.after(start, first + second)[0]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-01", "New Year's Day"),
        ("2026-01-19", "Martin Luther King Jr. Day"),
        ("2026-02-16", "Presidents' Day"),
        ("2024-04-01", "Cesar Chavez Day"),  # a Sunday, kept on the Monday
        ("2026-05-25", "Memorial Day"),
        ("2021-07-05", "Independence Day"),  # a Sunday
        ("2026-09-07", "Labor Day"),
        ("2023-11-10", "Veterans Day"),  # a Saturday, kept on the Friday
        ("2026-11-26", "Thanksgiving Day"),
        ("2026-11-27", "the day after Thanksgiving"),
        ("2022-12-26", "Christmas Day"),  # a Sunday
        ("2026-07-03", None),  # the fourth is a Saturday: no other day is kept
        ("2026-06-19", None),
        ("2026-10-12", None),
        ("2026-11-30", None),
    ],
)
def test_the_holidays_of_california(california: BusinessCalendar, day: str, name: str | None) -> None:
    assert california.holiday(date.fromisoformat(day)) == name
