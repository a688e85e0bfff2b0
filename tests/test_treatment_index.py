"""Guidelines are found by the treatments they name; what the index leaves out could not have applied."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from guidecheck.deciding import checking
from guidecheck.deciding.checking import Checker, treatments_named
from guidecheck.errors import RequestError
from guidecheck.language.conditions import All, AnyOf, Condition, Not, Op, Test
from test_engine_agrees import as_answer

MASSAGE = Test("treatment", Op.EQUALS, "massage")
EITHER = Test("treatment", Op.ONE_OF, ("massage", "exercise"))
NOT_EXERCISE = Test("treatment", Op.NONE_OF, ("exercise",))
FLAG = Test("flag", Op.EQUALS, True)


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        (MASSAGE, ("massage",)),
        (EITHER, ("massage", "exercise")),
        (All((FLAG, MASSAGE)), ("massage",)),
        (NOT_EXERCISE, None),
        (FLAG, None),
        (AnyOf((MASSAGE, FLAG)), None),
        (Not(MASSAGE), None),
        (All((Not(MASSAGE), FLAG)), None),
        (Test("treatment", Op.DOCUMENTED, True), None),
    ],
)
def test_only_a_treatment_that_must_hold_is_named(condition: Condition, named: tuple[str, ...] | None) -> None:
    assert treatments_named(condition) == named


@strategies.fewer(2)
@given(data=st.data())
def test_the_index_changes_no_answer(data: Any) -> None:
    rules = data.draw(strategies.rule_sets())
    library = strategies.load(rules)
    records = st.one_of(strategies.records(rules), strategies.records(rules, partial=True))
    for record in data.draw(st.lists(records, min_size=2, max_size=5)):
        try:
            item = strategies.read_item(record, library)
        except RequestError:
            continue
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(checking, "treatments_named", lambda _: None)
            without = as_answer(Checker(library).check_item(item))
        assert as_answer(Checker(library).check_item(item)) == without
