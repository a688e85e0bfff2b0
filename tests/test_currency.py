"""Whether the editions applied are current: ended since, followed by others, or none on the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from guidecheck.deciding.checking import Checker
from guidecheck.explaining.currency import currency_notes
from guidecheck.explaining.editions import edition_words
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
    **facts: Any,
) -> list[str]:
    rules = rules or library()
    data = {"as_of": day, "items": [{"treatment": treatment, "body_region": region, **facts}]}
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
    assert found[0].startswith(
        "No guideline in this library that speaks to this request was in force on January 1"
    )
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
    found = notes("2018-01-01", region="low back", rules=with_period(date(2020, 1, 1), None))
    assert found == [
        "Medical Treatment Utilization Schedule (MTUS): no edition in this library that speaks to this request "
        "was in force on January 1, 2018: the last ended on July 27, 2016, the next begins on January 1, 2020."
    ]


def with_chapter(until: date | None = None) -> Library:
    """Return MTUS's massage guideline of 2009, a low back chapter since 2016, and a rule of lower rank."""
    rules = only(MASSAGE, "mtus-definitions-functional-improvement")
    chapter = replace(
        rules.guidelines[MASSAGE],
        id="chapter",
        title="Low back chapter",
        periods=(Period(date(2016, 7, 28), until, "mtus"),),
        applies_to=library().guidelines[ODG_MASSAGE].applies_to,
    )
    return replace(rules, guidelines={**rules.guidelines, "chapter": chapter})


def test_a_chapter_on_another_part_of_the_body_closes_no_gap() -> None:
    found = notes("2019-03-01", prior_visits=8, rules=with_chapter())
    assert found == [
        "Medical Treatment Utilization Schedule (MTUS): no edition in this library that speaks to this request "
        "was in force on March 1, 2019: the last ended on July 27, 2016."
    ]
    assert notes("2019-03-01", region="low back", prior_visits=8, rules=with_chapter()) == []


def test_a_chapter_on_another_part_of_the_body_is_no_next_edition() -> None:
    (found,) = notes("2008-01-01", prior_visits=8, rules=with_chapter())
    assert found.endswith("the next begins on July 18, 2009.")


@pytest.mark.parametrize(
    ("treatment", "region"),
    [("aquatic therapy", "knee"), ("massage", "neck"), ("chiro", "neck"), ("physical therapy", "knee")],
)
def test_the_shipped_rules_tell_where_the_mtus_has_ended(treatment: str, region: str) -> None:
    found = notes("2019-03-01", treatment, region=region, prior_visits=8, diagnosis_group="neuralgia_radiculitis")
    assert len(found) == 1
    assert "the last ended on" in found[0]


# ------------------------------------------------------------------------ periods that adjoin, and former editions


def with_periods(*periods: Period) -> Library:
    few = only(MASSAGE)
    return replace(few, guidelines={MASSAGE: replace(few.guidelines[MASSAGE], periods=periods)})


def test_an_edition_that_only_changes_its_authority_is_still_in_force() -> None:
    change = date(2017, 11, 30), date(2017, 12, 1)
    rules = with_periods(Period(date(2014, 1, 1), change[0], "acoem"), Period(change[1], None, "mtus"))
    assert notes("2015-08-21", rules=rules) == [
        "Medical Treatment Utilization Schedule (MTUS): no edition in this library that speaks to this request "
        "was in force on August 21, 2015: the next begins on December 1, 2017."
    ]
    assert edition_words(rules.guidelines[MASSAGE], rules, date(2015, 8, 21)) == "since January 1, 2014"


def test_what_follows_may_have_a_higher_authority() -> None:
    rules = with_periods(Period(date(2014, 1, 1), date(2017, 11, 30), "acoem"))
    above = replace(rules.guidelines[MASSAGE], id="above", title="Above", periods=(Period(TODAY, None, "mtus"),))
    rules = replace(rules, guidelines={**rules.guidelines, "above": above})
    assert notes("2015-08-21", rules=rules)[0].endswith("A request decided today is held to Above.")


def former(until: date | None) -> Library:
    return with_periods(
        Period(date(2009, 7, 18), date(2016, 7, 27), "mtus"), Period(date(2016, 7, 28), until, "mtus_former")
    )


def test_a_former_edition_is_not_said_to_be_in_force() -> None:
    for until, told in (
        (None, "since then cited as evidence of lower rank"),
        (date(2017, 11, 30), "cited as evidence of lower rank until November 30, 2017"),
    ):
        over, gap = notes("2016-08-21", rules=former(until))
        assert f"Massage therapy was in force until July 27, 2016 ({told}), and this library has no later" in over
        assert "the last ended on July 27, 2016." in gap
        assert edition_words(former(until).guidelines[MASSAGE], former(until), date(2016, 8, 21)) == (
            "July 18, 2009 to July 27, 2016, replaced on July 28, 2016 and cited as evidence of lower rank since"
        )


def test_while_it_was_in_force_what_it_is_since_is_told_where_that_still_holds() -> None:
    assert "July 27, 2016 (since then cited" in notes("2015-08-21", rules=former(None))[0]
    assert "July 27, 2016, and this library" in notes("2015-08-21", rules=former(date(2017, 11, 30)))[0]
    assert edition_words(former(None).guidelines[MASSAGE], former(None), date(2015, 8, 21)) == (
        "July 18, 2009 to July 27, 2016"
    )


def test_a_former_edition_that_gives_way_in_all_it_says_is_not_mentioned() -> None:
    rules = former(None)
    later = replace(rules.guidelines[MASSAGE], id="later", periods=(Period(date(2016, 7, 28), None, "mtus"),))
    assert notes("2016-08-21", rules=replace(rules, guidelines={**rules.guidelines, "later": later})) == []


def test_what_follows_a_former_edition_is_not_named_where_it_is_applied_already() -> None:
    item = {"drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": 4, "weaning_plan": True}
    found = notes("2020-05-01", "opioid", ongoing_use=True, taper_percent_per_week=10, **item)
    assert found == [
        f"{library().guidelines['mtus-2009-weaning'].title} was in force until July 27, 2016 "
        "(since then cited as evidence of lower rank)."
    ]


def test_no_shipped_edition_is_followed_by_itself() -> None:
    for day in ("2016-07-27", "2016-07-28", "2017-11-30"):
        for treatment in ("massage", "chiro", "physical therapy", "opioid", "tens", "work conditioning"):
            extra = (
                {"drug": "Norco", "ongoing_use": True} if treatment == "opioid" else {"diagnosis_group": "crps"}
            )
            for note in notes(day, treatment, region="low back", **extra):
                title, _, rest = note.partition(" was in force until ")
                assert title not in rest


def test_a_lower_authority_without_an_edition_is_not_mentioned() -> None:
    assert not any("ACOEM Practice Guidelines:" in note for note in notes("2015-08-21", "hot packs"))


def test_a_treatment_that_no_guideline_is_for() -> None:
    assert notes("2015-08-21", "other") == []
