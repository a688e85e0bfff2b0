"""Remedies turn the prediction, are minimal, and never ask for what isn't so."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

import strategies
from guidecheck import check, load_library
from guidecheck.deciding.changes import amended_item
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import Change, Outcome, Remedies
from guidecheck.deciding.remedies import MOST_CHANGES, MOST_REMEDIES, RemedyFinder
from guidecheck.engine.durable import DurableEngine
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.errors import RequestError
from guidecheck.explaining.account import Account
from guidecheck.explaining.wording import with_unit
from guidecheck.language.facts import Changeable
from guidecheck.render.advice import turning

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker(load_library())


def remedies_of(checker: Checker, case: str, item_id: str) -> Remedies:
    answer = check(EXAMPLES / f"{case}.yaml", checker.library)
    item = next(item for item in answer.items if item.item.id == item_id)
    return RemedyFinder(checker).find(item)


def changed(remedies: Remedies) -> list[dict[str, tuple[object, str | None, str]]]:
    return [
        {c.fact: (c.value, str(c.bound) if c.bound else None, str(c.kind)) for c in remedy.changes}
        for remedy in remedies.found
    ]


def test_too_many_visits_and_no_exercise_ask_for_six_and_document_the_program(checker: Checker) -> None:
    remedies = remedies_of(checker, "decision-003", "massage")
    assert {
        "requested_visits": (6, "at_most", "request"),
        "exercise_program": (True, None, "act"),
    } in changed(remedies)
    assert all(remedy.predicted_after is Outcome.OVERTURNED for remedy in remedies.found)


def test_improvement_stated_as_absent_is_fixed(checker: Checker) -> None:
    remedies = remedies_of(checker, "decision-001", "massage")
    assert remedies.found == ()
    assert "functional improvement" in str(remedies.none_because)


def test_improvement_undocumented_is_to_be_documented(checker: Checker) -> None:
    assert changed(remedies_of(checker, "decision-002", "massage")) == [
        {"functional_improvement": (True, None, "document")}
    ]


def test_an_unstated_number_of_earlier_visits_is_named_where_nothing_else_helps(checker: Checker) -> None:
    remedies = remedies_of(checker, "decision-003", "exercises")
    assert remedies.found == ()
    assert "the number of earlier visits" in str(remedies.none_because)


def test_what_is_overturned_already_needs_none(checker: Checker) -> None:
    assert remedies_of(checker, "decision-004", "massage") == Remedies()


def test_three_a_week_for_four_weeks_becomes_two_weeks(checker: Checker) -> None:
    request = {
        "as_of": "2015-08-21",
        "items": [
            {
                "treatment": "massage",
                "body_region": "low_back",
                "visits_per_week": 3,
                "weeks": 4,
                "prior_visits": 0,
                "exercise_program": True,
            }
        ],
    }
    item = check(request, checker.library).items[0]
    (remedy,) = RemedyFinder(checker).find(item).found
    amended = amended_item(checker.library.vocabulary, item.item, remedy.changes)
    assert amended is not None
    stated = amended.stated
    assert (stated["visits_per_week"], stated["weeks"]) == (3, 2)
    assert amended.known.values["requested_visits"] == 6


def test_two_guidelines_with_a_table_of_the_same_name_each_keep_their_cells(checker: Checker) -> None:
    """The higher rank allows 10 visits for radiculitis, the lower 12, both in visits_by_diagnosis.visits."""
    request = {
        "as_of": "2014-08-16",
        "items": [
            {
                "treatment": "physical_therapy",
                "body_region": "low_back",
                "diagnosis_group": ["neuralgia_radiculitis"],
                "requested_visits": 12,
                "prior_visits": 0,
            }
        ],
    }
    item = check(request, checker.library).items[0]
    tables = [r.guideline.tables for r in item.criteria if "visits_by_diagnosis" in r.guideline.tables]
    assert len({id(table) for table in tables}) == 2
    found = changed(RemedyFinder(checker).find(item))
    assert {"requested_visits": (10, "at_most", "request")} in found


def _with_changes(data: Any, rules: strategies.Rules) -> None:
    """Give facts random kinds of change, so that every kind meets every type."""
    for name, fact in rules.facts.items():
        if name not in ("treatment", "as_of", "jurisdiction"):
            fact["change"] = data.draw(st.sampled_from([str(kind) for kind in Changeable]), label=f"change {name}")


@given(data=st.data())
def test_remedies_turn_the_prediction_and_nothing_smaller_does(data: Any) -> None:
    rules = data.draw(strategies.rule_sets())
    _with_changes(data, rules)
    checker = Checker(strategies.load(rules))
    partial = data.draw(st.booleans())
    record = data.draw(strategies.records(rules, partial=partial))
    try:
        item = strategies.read_item(record, checker.library)
    except RequestError:
        assume(False)
    before = checker.check_item(item)
    remedies = RemedyFinder(checker).find(before)
    assert len(remedies.found) <= MOST_REMEDIES
    if before.outcome in (Outcome.OVERTURNED, Outcome.NO_GUIDELINE):
        assert remedies == Remedies()
        return
    assert bool(remedies.found) != bool(remedies.none_because)
    for remedy in remedies.found:
        note(str(remedy.changes))
        assert 1 <= len(remedy.changes) <= MOST_CHANGES
        assert _outcome(checker, item, remedy.changes) is Outcome.OVERTURNED
        for size in range(1, len(remedy.changes)):
            for part in combinations(remedy.changes, size):
                assert _outcome(checker, item, part) is not Outcome.OVERTURNED
        for change in remedy.changes:
            fact = checker.library.vocabulary.facts[change.fact]
            assert fact.change is change.kind is not Changeable.FIXED
            if change.kind is Changeable.DOCUMENT:
                assert change.fact not in item.stated
                assert change.fact not in item.known.values
            assert item.known.values.get(change.fact) != change.value


def _outcome(checker: Checker, item: Any, changes: tuple[Change, ...]) -> Outcome | None:
    amended = amended_item(checker.library.vocabulary, item, changes)
    return None if amended is None else checker.check_item(amended).outcome


@pytest.mark.parametrize("partial", [False, True], ids=["complete", "partial"])
@given(data=st.data())
def test_the_searchs_engine_answers_like_durable_rules(data: Any, partial: bool) -> None:
    rules = data.draw(strategies.rule_sets())
    library = strategies.load(rules)
    record = data.draw(strategies.records(rules, partial=partial))
    try:
        item = strategies.read_item(record, library)
    except RequestError:
        assume(False)
    found = [Checker(library, engine).check_item(item) for engine in (DurableEngine(), InterpretedEngine())]
    assert found[0] == found[1]


PT = {"treatment": "physical_therapy", "diagnosis_group": "myalgia_myositis", "prior_visits": 0}
NECK = {"treatment": "massage_therapy", "body_region": "neck", "prior_visits": 0, "exercise_program": True}


def told(checker: Checker, facts: dict[str, Any]) -> list[dict[str, object]]:
    """Return the remedies of an item as a person makes them, after making them and checking again."""
    request = {"as_of": "2014-05-01", "items": [facts]}
    (item,) = check(request, checker.library).items
    assert item.remedies is not None
    for remedy in item.remedies.found:
        amended = {**facts, **{change.fact: change.value for change in remedy.told}}
        amended = {name: value for name, value in amended.items() if value is not None}
        (after,) = check({"as_of": "2014-05-01", "items": [amended]}, checker.library).items
        assert after.outcome is Outcome.OVERTURNED
    return [{change.fact: change.value for change in remedy.told} for remedy in item.remedies.found]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            {**PT, "requested_visits": 14, "weeks": 15},
            [{"requested_visits": 10, "weeks": 8}],
            id="a number of visits beside weeks without a rate",
        ),
        pytest.param(
            {**PT, "requested_visits": 10, "weeks": 12}, [{"weeks": 8}], id="only the weeks are too many"
        ),
        pytest.param(
            {**PT, "visits_per_week": 4, "weeks": 12},
            [{"requested_visits": 10, "visits_per_week": 2, "weeks": 5}],
            id="too often and too many",
        ),
        pytest.param(
            {**PT, "requested_visits": 48, "visits_per_week": 4, "weeks": 12},
            [{"requested_visits": 10, "visits_per_week": 2, "weeks": 5}],
            id="the stated total follows",
        ),
        pytest.param(
            {**NECK, "visits_per_week": 3, "weeks": 4},
            [{"requested_visits": 6, "weeks": 2}],
            id="as often as asked, where that makes as many visits as are allowed",
        ),
        pytest.param(
            {**NECK, "visits_per_week": 4, "weeks": 3},
            [{"requested_visits": 6, "visits_per_week": 3, "weeks": 2}],
            id="as many visits as are allowed before as often as asked",
        ),
        pytest.param(
            {**NECK, "visits_per_week": 2.5, "weeks": 3},
            [{"requested_visits": 6, "visits_per_week": 2}],
            id="a fraction",
        ),
        pytest.param(
            {**NECK, "visits_per_week": 8, "weeks": 1},
            [{"requested_visits": 6, "visits_per_week": 6}],
            id="no longer than asked",
        ),
        pytest.param(
            {**NECK, "visits_per_week": 14, "weeks": 0.6},
            [{"requested_visits": 6, "visits_per_week": None, "weeks": None}],
            id="factors that no number of times fits are left out",
        ),
        pytest.param(
            {**NECK, "treatment": "manipulation", "body_region": ["low_back", "knee"], "requested_visits": 6},
            [{"body_region": frozenset({"low_back"})}],
            id="a part of the body is left out of the request",
        ),
    ],
)
def test_what_is_told_turns_the_request_as_it_is_written(
    checker: Checker, facts: dict[str, Any], expected: list[dict[str, object]]
) -> None:
    assert told(checker, facts) == expected


def test_no_part_of_the_body_is_left_out_to_escape_what_is_asked_for_it(checker: Checker) -> None:
    """A low back counts towards its eighteen visits; nobody is told to leave it untreated."""
    remedies = remedies_of(checker, "decision-000", "massage")
    assert not any(change.fact == "body_region" for remedy in remedies.found for change in remedy.changes)
    assert "the number of earlier visits" in str(remedies.none_because)


def test_more_changes_than_are_looked_for_is_not_called_nothing(checker: Checker) -> None:
    request = {"as_of": "2014-05-01", "items": [{"treatment": "opioid", "ongoing_use": True}]}
    remedies = check(request, checker.library).items[0].remedies
    assert remedies is not None
    assert remedies.cut
    assert "More than 4 changes" in str(remedies.none_because)


def test_nobody_is_sent_to_look_for_a_flare_up(checker: Checker) -> None:
    facts = {
        **NECK,
        "treatment": "manipulation",
        "body_region": "low_back",
        "requested_visits": 6,
        "prior_visits": 18,
    }
    remedies = check({"as_of": "2014-05-01", "items": [facts]}, checker.library).items[0].remedies
    assert remedies is not None
    assert "flare" not in str(remedies.none_because)


# ------------------------------------------------------------------------------------- why there is no remedy

PLAIN = {"treatment": "massage", "body_region": "low_back"}


def _none(checker: Checker, facts: dict[str, Any], as_of: str = "2015-08-21") -> str:
    remedies = check({"as_of": as_of, "items": [facts]}, checker.library).items[0].remedies
    assert remedies is not None
    assert not remedies.found
    return str(remedies.none_because)


def test_a_silent_fact_is_named_with_the_changes_that_must_come_with_it(checker: Checker) -> None:
    facts = {**PLAIN, "treatment": "physical therapy", "diagnosis_group": "myalgia"}
    told = _none(checker, {**facts, "requested_visits": 24}, "2012-05-01")
    assert "the number of earlier visits" in told
    assert "and beside it a change of the number of visits asked for." in told
    told = _none(checker, {**facts, "requested_visits": 6}, "2012-05-01")
    assert "the number of earlier visits" in told
    assert "change of" not in told


def test_where_nothing_helps_what_is_stated_is_the_reason(checker: Checker) -> None:
    told = _none(checker, {**PLAIN, "requested_visits": 6, "prior_visits": 4, "functional_improvement": False})
    assert "functional improvement from this treatment: no" in told


def test_the_rest_of_a_fact_that_is_partly_stated_is_a_remedy(checker: Checker) -> None:
    facts = {
        "treatment": "physical therapy",
        "body_region": "low_back",
        "diagnosis_group": "myalgia",
        "requested_visits": 2,
        "prior_visits": 6,
        "daily_living_gain": True,
    }
    remedies = check({"as_of": "2015-08-21", "items": [facts]}, checker.library).items[0].remedies
    assert remedies is not None
    assert {"less_dependence": (True, None, "document")} in changed(remedies)


def test_a_change_stands_under_an_unmet_criterion_that_requires_it(checker: Checker) -> None:
    answer = check(EXAMPLES / "decision-003.yaml", checker.library)
    required = {c.key: checker.library.vocabulary.sources(c.required_facts) for c in checker.library.criteria()}
    changes = [
        c for item in answer.items if item.remedies for remedy in item.remedies.found for c in remedy.changes
    ]
    assert len(changes) >= 3
    assert all(change.fact in required[change.criterion] for change in changes)


# --------------------------------------------------------------------------------------------- how they are told


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (
            {"visits_per_week": 4, "weeks": 3},
            "the number of visits asked for is at most 6 (now: 12), for example 3 visits a week × 2 weeks "
            "(now: 4 × 3).",
        ),
        (
            {"visits_per_week": 4, "weeks": 1.9},
            "the number of visits asked for is at most 6 (now: 7.6), for example 4: 4 visits a week × 1 week "
            "(now: 4 × 1.9).",
        ),
        ({"requested_visits": 12, "weeks": 4}, "the number of visits asked for is at most 6 (now: 12)."),
    ],
)
def test_a_number_is_told_with_one_way_to_come_to_it(checker: Checker, facts: dict[str, Any], line: str) -> None:
    (item,) = check({"as_of": "2014-05-01", "items": [{**NECK, **facts}]}, checker.library).items
    found = turning(Account(item, checker.library))
    assert found is not None
    assert [str(change) for changes in found.sets for change in changes] == [f"In the request: {line}"]


@pytest.mark.parametrize(
    ("fact", "number", "words"),
    [("strength", 1, "1"), ("doses_per_day", 1, "1 dose a day"), ("weeks", 2.0, "2 weeks")],
)
def test_a_factor_is_told_with_its_unit_where_it_has_one(
    checker: Checker, fact: str, number: float, words: str
) -> None:
    assert with_unit(checker.library.vocabulary.facts[fact], number) == words


def test_what_a_table_of_limits_goes_by_is_named_where_the_records_may_still_say_it(checker: Checker) -> None:
    facts = {
        "treatment": "physical_therapy",
        "body_region": ["shoulder"],
        "surgery": ["rotator_cuff_repair"],
        "surgery_date": "2010-12-01",
        "requested_visits": 12,
        "prior_visits": 2,
    }
    request = {"as_of": "2012-02-01", "records": "partial", "items": [facts]}
    answer = check(request, checker.library).items[0]
    because = answer.remedies.none_because if answer.remedies else None
    assert because is not None
    assert because.startswith(
        "Only what the records may still say could turn this: the diagnosis treated, and beside it a change of "
        "functional improvement from this treatment."
    )
