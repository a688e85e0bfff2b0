"""What a condition means, and that what is compiled for durable-rules means the same."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from guidecheck.engine.compilation import Both, Either, Expression, Match, Properties, branches
from guidecheck.engine.rulesets import (
    MOST_BRANCHES,
    MOST_BRANCHES_IN_A_RULE,
    MOST_COMBINATORS_IN_A_RULE,
    MOST_PROPERTIES,
    Layout,
    combinators,
)
from guidecheck.errors import RequestError
from guidecheck.language.conditions import (
    All,
    AnyOf,
    Cell,
    Condition,
    FactRef,
    Not,
    Op,
    Record,
    TableName,
    Test,
    can_be,
    cells_read,
    compare,
    evaluate,
    facts_read,
    tables_listed,
)
from guidecheck.language.deriving import Known
from oracle import NO, UNDOCUMENTED, YES, View

T, F, U = True, False, None
P, Q = Test("p", Op.EQUALS, True), Test("q", Op.EQUALS, True)


def record(**flags: bool | None) -> dict[str, bool]:
    return {name: value for name, value in flags.items() if value is not None}


@pytest.mark.parametrize(
    ("p", "q", "both", "either"),
    [
        (T, T, T, T),
        (T, F, F, T),
        (T, U, U, T),
        (F, T, F, T),
        (F, F, F, F),
        (F, U, F, U),
        (U, T, U, T),
        (U, F, F, U),
        (U, U, U, U),
    ],
)
def test_strong_kleene_logic(p: bool | None, q: bool | None, both: bool | None, either: bool | None) -> None:
    assert evaluate(All((P, Q)), record(p=p, q=q)) is both
    assert evaluate(AnyOf((P, Q)), record(p=p, q=q)) is either


@pytest.mark.parametrize(("p", "opposite"), [(T, F), (F, T), (U, U)])
def test_not_leaves_undocumented_undocumented(p: bool | None, opposite: bool | None) -> None:
    assert evaluate(Not(P), record(p=p)) is opposite


@pytest.mark.parametrize("value", [5, 6, 7])
def test_comparisons_at_their_limit(value: int) -> None:
    answers = {op: evaluate(Test("n", op, 6), {"n": value}) for op in (Op.AT_MOST, Op.AT_LEAST)}
    answers |= {op: evaluate(Test("n", op, 6), {"n": value}) for op in (Op.LESS_THAN, Op.MORE_THAN, Op.EQUALS)}
    assert answers == {
        Op.AT_MOST: value <= 6,
        Op.AT_LEAST: value >= 6,
        Op.LESS_THAN: value < 6,
        Op.MORE_THAN: value > 6,
        Op.EQUALS: value == 6,
    }


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_dates_at_their_limit(days: int) -> None:
    limit = date(2016, 2, 29)
    stated = {"d": limit + timedelta(days)}
    assert evaluate(Test("d", Op.BEFORE, limit), stated) is (days < 0)
    assert evaluate(Test("d", Op.ON_OR_BEFORE, limit), stated) is (days <= 0)
    assert evaluate(Test("d", Op.AFTER, limit), stated) is (days > 0)
    assert evaluate(Test("d", Op.ON_OR_AFTER, limit), stated) is (days >= 0)


@pytest.mark.parametrize(
    ("held", "includes", "includes_any", "includes_none"),
    [
        ({"a", "b"}, T, T, F),
        ({"a", "b", "c"}, T, T, F),
        ({"a"}, F, T, F),
        ({"c"}, F, F, T),
        (set(), F, F, T),
        (None, U, U, U),
    ],
)
def test_tests_of_sets(
    held: set[str] | None, includes: bool | None, includes_any: bool | None, includes_none: bool | None
) -> None:
    stated: dict[str, Any] = {} if held is None else {"s": frozenset(held)}
    assert evaluate(Test("s", Op.INCLUDES, ("a", "b")), stated) is includes
    assert evaluate(Test("s", Op.INCLUDES_ANY, ("a", "b")), stated) is includes_any
    assert evaluate(Test("s", Op.INCLUDES_NONE, ("a", "b")), stated) is includes_none


def test_one_of_and_none_of() -> None:
    one_of, none_of = Test("k", Op.ONE_OF, ("a", "b")), Test("k", Op.NONE_OF, ("a", "b"))
    assert [evaluate(one_of, {"k": value}) for value in "abc"] == [True, True, False]
    assert [evaluate(none_of, {"k": value}) for value in "abc"] == [False, False, True]
    assert evaluate(one_of, {}) is evaluate(none_of, {}) is None


def test_documented_is_never_false() -> None:
    documented = Test("p", Op.DOCUMENTED, True)
    assert evaluate(documented, {"p": False}) is True
    assert evaluate(documented, {}) is None


def test_another_fact_on_the_right_side() -> None:
    test = Test("n", Op.AT_MOST, FactRef("limit"))
    assert evaluate(test, {"n": 3, "limit": 3}) is True
    assert evaluate(test, {"n": 4, "limit": 3}) is False
    assert evaluate(test, {"n": 4}) is evaluate(test, {"limit": 4}) is None


def test_no_meaning_is_made_up_for_an_unknown_test() -> None:
    with pytest.raises(ValueError, match="no meaning"):
        compare(Op.LISTED_IN, "a", "b")


def test_what_a_condition_reads() -> None:
    cell, listing = Cell("limits", "visits"), TableName("limits")
    condition = All((P, Not(AnyOf((Test("n", Op.AT_MOST, cell), Test("n", Op.AT_MOST, FactRef("m")), P)))))
    assert facts_read(condition) == ["p", "n", "m"]
    assert cells_read(condition) == [cell]
    assert tables_listed(All((Test("kind", Op.LISTED_IN, listing),))) == [listing]


def test_what_can_be_takes_each_unknown_fact_on_its_own() -> None:
    contradiction = All((P, Not(P)))
    assert can_be(contradiction, True, {}, {"p"})
    assert not can_be(contradiction, True, {"p": True}, {})
    assert not can_be(P, True, {}, {})


@pytest.mark.parametrize(
    ("known", "possible"),
    [
        (Known({}, {"n", "m"}), True),
        (Known({"n": 1}, {"m"}), True),
        (Known({}, {"m"}), False),  # n is undocumented for good
        (Known({"n": 1}, set()), False),
        (Known({"n": 1, "m": 1}, set()), True),
    ],
)
def test_a_comparison_of_two_facts_is_open_only_where_both_can_be_known(known: Known, possible: bool) -> None:
    condition, properties = Test("n", Op.AT_MOST, FactRef("m")), Properties()
    compiled = properties.compile_possible(condition, True)
    assert matches(compiled, properties.assertion(known)) is possible
    assert can_be(condition, True, known.values, known.unknown) is possible


# ------------------------------------------------------------------------------------------ generated conditions


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Condition], list[dict[str, Any]], list[Known], list[View]]:
    """Conditions as read and as written, with records as read and as the oracle sees them."""
    rules = draw(strategies.rule_sets())
    library = strategies.load(rules)
    conditions, written = [], []
    for text in rules.guidelines:
        guideline = library.guidelines[text["guideline"]]
        if guideline.cells or guideline.listings:
            continue
        conditions.append(guideline.applies_to)
        written.append(text["applies_to"])
        for criterion, data in zip(guideline.criteria, text["criteria"], strict=True):
            for read, key in (
                (criterion.require, "require"),
                (criterion.when, "when"),
                (criterion.unless, "unless"),
            ):
                if read is not None:
                    conditions.append(read)
                    written.append(data[key])
    known, views = [], []
    records = st.one_of(strategies.records(rules), strategies.records(rules, partial=True))
    for one in draw(st.lists(records, min_size=1, max_size=4)):
        try:
            known.append(strategies.read_item(one, library).known)
        except RequestError:
            continue
        views.append(rules.oracle.known(one).view())
    return conditions, written, known, views


@strategies.fewer(2)
@given(cases())
def test_conditions_mean_what_the_oracle_reads(
    case: tuple[list[Condition], list[dict[str, Any]], list[Known], list[View]],
) -> None:
    conditions, written, all_known, views = case
    for (condition, data), (known, view) in product(
        zip(conditions, written, strict=True), zip(all_known, views, strict=True)
    ):
        answers = view.holds(data)
        surely = evaluate(condition, known.values)
        assert (surely is True, surely is False) == (answers == YES, answers == NO)
        assert can_be(condition, True, known.values, known.unknown) is (True in answers)
        assert can_be(condition, False, known.values, known.unknown) is (False in answers)
        assert answers <= YES | NO | UNDOCUMENTED


@strategies.fewer(2)
@given(cases())
def test_compiled_conditions_match_where_the_condition_is_so(
    case: tuple[list[Condition], list[dict[str, Any]], list[Known], list[View]],
) -> None:
    conditions, _, all_known, _ = case
    for condition, known in product(conditions, all_known):
        properties = Properties()
        sure = {wanted: properties.compile(condition, wanted) for wanted in (True, False)}
        possible = {wanted: properties.compile_possible(condition, wanted) for wanted in (True, False)}
        asserted = properties.assertion(known)
        for wanted in (True, False):
            assert matches(sure[wanted], asserted) is (evaluate(condition, known.values) is wanted)
            assert matches(possible[wanted], asserted) is can_be(condition, wanted, known.values, known.unknown)


def matches(expression: Expression, asserted: Record) -> bool:
    """What durable-rules makes of an expression."""
    if isinstance(expression, Both):
        return all(matches(part, asserted) for part in expression.parts)
    if isinstance(expression, Either):
        return any(matches(part, asserted) for part in expression.parts)
    held = asserted.get(expression.name)
    if held is None:
        return False
    assert type(held) is type(expression.constant)
    left, right = int(held), int(expression.constant)  # type: ignore[arg-type]
    return {
        "$eq": left == right,
        "$neq": left != right,
        "$lt": left < right,
        "$lte": left <= right,
        "$gt": left > right,
        "$gte": left >= right,
    }[expression.symbol]


# ------------------------------------------------------------------------------------------ generated layouts


NAMES = [f"p{index}" for index in range(260)]


def expressions(depth: int) -> st.SearchStrategy[Expression]:
    """Expressions of up to `depth` levels, some of them wide."""
    leaf: st.SearchStrategy[Expression] = st.sampled_from(NAMES).map(lambda name: Match(name, "$eq", True))
    if not depth:
        return leaf
    wide = st.tuples(st.integers(0, 250), st.integers(2, 250)).map(
        lambda span: tuple(Match(name, "$eq", True) for name in NAMES[span[0] : sum(span)])
    )
    parts = st.one_of(st.lists(expressions(depth - 1), min_size=1, max_size=6).map(tuple), wide)
    return st.one_of(leaf, st.builds(Both, parts), st.builds(Either, parts))


@given(
    st.lists(expressions(3), min_size=1, max_size=6),
    st.lists(st.sets(st.sampled_from(NAMES)), min_size=1, max_size=4),
    st.lists(st.sampled_from(NAMES), max_size=3),
)
def test_a_layout_answers_what_its_expressions_say(
    asked: list[Expression], true_properties: list[set[str]], missing: list[str]
) -> None:
    """Rulesets stay within their bounds, and one after the other they give what the expressions do whole."""
    layout = Layout()
    for index, expression in enumerate(asked):
        layout.add(f"q{index}", expression)
    rulesets = list(layout.rulesets())
    for ruleset in rulesets:
        assert ruleset.branches == sum(map(branches, ruleset.rules.values())) <= MOST_BRANCHES
        assert len(ruleset.properties) <= MOST_PROPERTIES
        for rule in ruleset.rules.values():
            assert branches(rule) <= MOST_BRANCHES_IN_A_RULE
            assert combinators(rule) <= MOST_COMBINATORS_IN_A_RULE
    for names in [*true_properties, set(NAMES), set(NAMES) - set(missing)]:
        asserted: dict[str, Any] = dict.fromkeys(names, True)
        expected = {f"q{i}" for i, expression in enumerate(asked) if matches(expression, asserted)}
        found: set[str] = set()
        for ruleset in rulesets:
            fired = {name for name, rule in ruleset.rules.items() if matches(rule, asserted)}
            asserted |= dict.fromkeys((name for name in fired if layout.is_step(name)), True)
            found |= {name for name in fired if not layout.is_step(name)}
        assert found == expected
