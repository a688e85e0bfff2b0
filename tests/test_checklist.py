"""The checklist: what to do first, nothing that the request says is not so, and 80 columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len

from guidecheck.explaining.checklist import Point, State, checklist
from guidecheck.render.checklist_text import checklist_text
from reporting import EXAMPLE_NAMES, SEVERAL, TODAY, checker, determined, hostile, library, made


def shown(*names: str) -> str:
    return checklist_text([determined(name) for name in names], library(), TODAY)


def points(item: dict[str, Any], **more: Any) -> list[Point]:
    answer = checker().check_item(made(item, **more).items[0])
    return checklist(answer, library().vocabulary)


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_an_example_looks_as_it_did(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report-checklist-{name}.txt", shown(name))


def test_several_requests_look_as_they_did(golden: Callable[[str, str], None]) -> None:
    golden("report-checklist-several.txt", shown(*SEVERAL))


def test_no_line_is_too_wide_and_no_text_steers_a_terminal() -> None:
    text = checklist_text([hostile(), determined("decision-002")], library(), TODAY)
    assert "\x1b" not in text
    assert max(cell_len(line) for line in text.splitlines()) <= 80


def test_what_matters_comes_first() -> None:
    order = list(State)
    for name in ("decision-001", "decision-003"):
        for item in determined(name).items:
            places = [order.index(point.state) for point in checklist(item, library().vocabulary)]
            assert places == sorted(places)


def test_what_the_request_states_as_absent_is_never_asked_for() -> None:
    again = {"treatment": "massage", "body_region": "neck", "requested_visits": 6, "prior_visits": 4}
    silent = points(again)
    stated = points({**again, "functional_improvement": False})
    assert any("functional_improvement" in point.missing for point in silent)
    against = [point for point in stated if point.state is State.STANDING]
    assert {reading.test.fact for point in against for reading in point.contrary} == {"functional_improvement"}
    assert not any("functional_improvement" in point.open for point in stated)
    text = checklist_text([checker().check(made({**again, "functional_improvement": False}))], library(), TODAY)
    assert "[!] The treatment brought no functional improvement." in text
    assert "Did this treatment bring" not in text


def test_what_can_be_asked_otherwise_is_to_do() -> None:
    found = points({"treatment": "massage", "body_region": "neck", "requested_visits": 12, "prior_visits": 0})
    assert [point.state for point in found] == [State.CONTRARY, State.MISSING, State.DOCUMENTED]
    assert found[0].advice == "Ask for six visits or fewer, with a date of re-evaluation."


def test_either_of_two_facts_is_enough() -> None:
    found = points({"treatment": "massage", "body_region": "neck", "requested_visits": 6, "prior_visits": 0})
    missing = next(point for point in found if point.state is State.MISSING)
    assert missing.any_suffices
    assert set(missing.missing) == {"exercise_program", "concurrent_active_therapy"}


def test_criteria_that_turn_on_the_same_fact_are_one_point() -> None:
    item = determined("low-back-massage").items[0]
    missing = [p for p in checklist(item, library().vocabulary) if p.state is State.MISSING]
    assert [len(point.results) for point in missing] == [2]
    # Both ask for the gain in function: what to record is said once, in the fuller of their texts.
    remedies = [result.criterion.remedy for result in missing[0].results]
    assert missing[0].advice == max(remedies, key=len)
    assert len(set(remedies)) == 2


def test_partial_records_leave_things_to_find_out() -> None:
    found = points({"treatment": "massage", "body_region": "neck"}, records="partial")
    assert {point.state for point in found} >= {State.UNKNOWN}


def test_facts_without_which_nothing_can_be_checked() -> None:
    answer = checker().check(made({"treatment": "manipulation"}, records="partial"))
    text = checklist_text([answer], library(), TODAY)
    assert "[ ] Which parts of the body is the treatment for?" in text


def test_the_checklist_says_that_no_visits_are_left() -> None:
    item = {"treatment": "chiro", "body_region": "low back", "requested_visits": 12, "prior_visits": 20}
    assert any(point.advice.endswith("18 are allowed in all, and 20 were had.") for point in points(item))


def test_a_total_is_shown_with_its_sum_before_what_to_do() -> None:
    text = shown("opioid-draft")
    before, _, after = text.partition("To ask otherwise, or to do")
    assert "2 patches at once: 50 × 2.4 = 120" in before
    assert "Reduce the daily dose to 120 mg" in after
