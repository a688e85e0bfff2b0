"""Whether the editions applied are current: ended since, followed by others, or none on the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from guidecheck.deciding.checking import Checker
from guidecheck.explaining.currency import currency_notes
from guidecheck.library.models import Library, Period
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.request_reader import request_from
from reporting import TODAY, library, only

MASSAGE = "mtus-2009-massage"
ODG_MASSAGE = "odg-low-back-massage"


def notes(
    day: str,
    treatment: str = "massage",
    *,
    region: str = "neck",
    rules: Library | None = None,
    today: date = TODAY,
) -> list[str]:
    rules = rules or library()
    data = {"as_of": day, "items": [{"treatment": treatment, "body_region": region}]}
    item = request_from(from_data(data, "request"), rules, today=today).items[0]
    return currency_notes(Checker(rules).check_item(item), rules, today)


def with_period(start: date, end: date | None) -> Library:
    """Return a library with the massage guidelines of MTUS and ODG, and a later edition of that of the MTUS."""
    few = only(MASSAGE, ODG_MASSAGE)
    old = few.guidelines[MASSAGE]
    later = replace(old, id="later", title="Later edition", periods=(Period(start, end, "mtus"),))
    return replace(few, guidelines={**few.guidelines, "later": later})


def test_an_edition_that_has_ended_is_said_so() -> None:
    found = notes("2015-08-21", rules=only(MASSAGE, ODG_MASSAGE))
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
    found = notes(day, "chiro", rules=only("mtus-2009-manipulation"))
    assert len(found) == 1
    assert found[0].startswith("No guideline in this library for the treatment was in force on January 1")
    assert told in found[0]


def test_a_later_edition_that_has_ended_too_is_not_said_to_begin() -> None:
    rules = with_period(date(2016, 7, 28), date(2017, 11, 30))
    assert notes("2015-08-21", rules=rules)[0].endswith(
        "and the last later edition in this library until November 30, 2017. "
        "A request decided today may be held to another."
    )


def test_what_follows_is_named_only_where_it_is_for_the_request() -> None:
    """A later edition may be a chapter on one part of the body."""
    rules = with_period(date(2020, 1, 1), None)
    chapter = replace(rules.guidelines["later"], applies_to=library().guidelines[ODG_MASSAGE].applies_to)
    rules = replace(rules, guidelines={**rules.guidelines, "later": chapter})
    assert "is held to Later edition." in notes("2015-08-21", region="low back", rules=rules)[0]
    assert "this library has no later edition" in notes("2015-08-21", region="neck", rules=rules)[0]
    assert (
        "begins on January 1, 2020."
        in (notes("2015-08-21", region="low back", rules=rules, today=date(2019, 1, 1))[0])
    )
    assert "no later edition" in notes("2015-08-21", region="neck", rules=rules, today=date(2019, 1, 1))[0]


def test_partial_records_leave_it_open_which_edition_follows() -> None:
    rules = with_period(date(2020, 1, 1), None)
    chapter = replace(rules.guidelines["later"], applies_to=library().guidelines[ODG_MASSAGE].applies_to)
    rules = replace(rules, guidelines={**rules.guidelines, "later": chapter})
    data = {"as_of": "2015-08-21", "records": "partial", "items": [{"treatment": "massage"}]}
    item = request_from(from_data(data, "request"), rules, today=TODAY).items[0]
    found = currency_notes(Checker(rules).check_item(item), rules, TODAY)
    assert "is held to Later edition." in found[0]


def test_a_gap_between_two_editions_of_the_higher_authority() -> None:
    found = notes("2018-01-01", rules=with_period(date(2020, 1, 1), None))
    assert found == [
        "Medical Treatment Utilization Schedule (MTUS): no edition in this library for the treatment was in force "
        "on January 1, 2018: the last ended on July 27, 2016, the next begins on January 1, 2020."
    ]


def test_a_lower_authority_without_an_edition_is_not_mentioned() -> None:
    assert not any("ACOEM Practice Guidelines:" in note for note in notes("2015-08-21", "hot packs"))


def test_a_treatment_that_no_guideline_is_for() -> None:
    assert notes("2015-08-21", "other") == []
