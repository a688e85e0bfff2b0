"""Whether the editions applied are current: ended since, followed by others, or none on the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from guidecheck.checking import Checker
from guidecheck.currency import currency_notes
from guidecheck.library.models import Library, Period
from guidecheck.marked_yaml import from_data
from guidecheck.request_reader import request_from
from reporting import TODAY, library

MASSAGE = "mtus-2009-massage"
END = date(2016, 7, 27)


def notes(day: str, treatment: str = "massage", *, rules: Library | None = None, today: date = TODAY) -> list[str]:
    rules = rules or library()
    data = {"as_of": day, "items": [{"treatment": treatment, "body_region": "neck"}]}
    item = request_from(from_data(data, "request"), rules, today=today).items[0]
    return currency_notes(Checker(rules).check_item(item), rules, today)


def with_period(start: date, end: date | None) -> Library:
    """Return the library with a later edition of the massage guideline."""
    old = library().guidelines[MASSAGE]
    later = replace(old, id="later", title="Later edition", periods=(Period(start, end, "mtus"),))
    return replace(library(), guidelines={**library().guidelines, "later": later})


def test_an_edition_that_has_ended_is_said_so() -> None:
    found = notes("2015-08-21")
    assert len(found) == 1
    assert found[0].startswith(f"{library().guidelines[MASSAGE].title} was in force until July 27, 2016")
    assert "no later edition" in found[0]


def test_an_edition_in_force_is_not_mentioned() -> None:
    assert notes("2015-08-21", today=date(2016, 7, 27)) == []
    assert notes("2015-08-21", today=date(2016, 7, 28)) != []


def test_what_follows_is_named_once_it_is_in_force() -> None:
    rules = with_period(date(2020, 1, 1), None)
    assert notes("2015-08-21", rules=rules)[0].endswith("A request decided today is held to Later edition.")
    assert notes("2015-08-21", rules=rules, today=date(2019, 1, 1))[0].endswith("begins on January 1, 2020.")


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2005-01-01", "the next begins on July 18, 2009"),
        ("2020-01-01", "the last ended on July 27, 2016"),
    ],
)
def test_a_day_outside_every_edition(day: str, told: str) -> None:
    found = notes(day, "chiro")
    assert len(found) == 1
    assert found[0].startswith("No guideline in this library for the treatment was in force on January 1")
    assert told in found[0]


def test_a_gap_between_two_editions_of_the_higher_authority() -> None:
    found = notes("2018-01-01", rules=with_period(date(2020, 1, 1), None))
    assert found == [
        "Medical Treatment Utilization Schedule (MTUS): no edition in this library for the treatment was in force "
        "on January 1, 2018: the last ended on July 27, 2016, the next begins on January 1, 2020."
    ]


def test_a_lower_authority_without_an_edition_is_not_mentioned() -> None:
    assert not any("ACOEM Practice Guidelines:" in note for note in notes("2015-08-21", "hot packs"))


def test_a_treatment_that_no_guideline_is_for() -> None:
    assert notes("2015-08-21", "acupuncture") == []
