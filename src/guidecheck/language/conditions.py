"""The expression tree of conditions and its meaning in three values.

A condition is true, false or undocumented (`None`), by strong Kleene logic: a test on a fact that is not
stated is undocumented; `all` is false as soon as one part is, `any` true as soon as one part is.

The tree is closed: every engine handles these nodes and no others. Criteria are decided by an engine; the
meaning given here serves what happens before one is asked: derivations and the choice of a table's row.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from guidecheck.language.facts import Value


class Op(StrEnum):
    """The tests of the rule language."""

    EQUALS = "equals"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"
    MORE_THAN = "more_than"
    BEFORE = "before"
    ON_OR_BEFORE = "on_or_before"
    AFTER = "after"
    ON_OR_AFTER = "on_or_after"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    INCLUDES = "includes"
    INCLUDES_ANY = "includes_any"
    INCLUDES_NONE = "includes_none"
    LISTED_IN = "listed_in"
    DOCUMENTED = "documented"


DATE_OPS = {
    Op.BEFORE: Op.LESS_THAN,
    Op.ON_OR_BEFORE: Op.AT_MOST,
    Op.AFTER: Op.MORE_THAN,
    Op.ON_OR_AFTER: Op.AT_LEAST,
}
"""Tests of dates, and the comparison each of them is."""

ORDERINGS: Mapping[Op, Callable[[float, float], bool]] = {
    Op.AT_MOST: operator.le,
    Op.AT_LEAST: operator.ge,
    Op.LESS_THAN: operator.lt,
    Op.MORE_THAN: operator.gt,
}


@dataclass(frozen=True, slots=True)
class FactRef:
    """Another fact of the same item, as the right side of a test."""

    fact: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of the row that a table has for the item, as the right side of a test."""

    table: str
    column: str

    @property
    def key(self) -> str:
        """The name under which a record carries the cell's value; no fact can have it."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class TableName:
    """The table of a `listed_in` test."""

    table: str

    @property
    def key(self) -> str:
        """The name under which a record carries whether a row stands for the item."""
        return f"{self.table}."


Constant = bool | int | float | date | str | tuple[str, ...]
Operand = Constant | FactRef | Cell | TableName


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one fact; `operand` is a tuple for the tests that take several values."""

    fact: str
    op: Op
    operand: Operand

    __test__ = False  # not a test case, whatever pytest thinks of the name


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where some part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false; undocumented stays undocumented."""

    part: Condition


Condition = All | AnyOf | Not | Test

Record = Mapping[str, Value]
"""Stated and derived facts by name; a fact that is undocumented is not in it."""


def evaluate(condition: Condition, record: Record) -> bool | None:
    """Return whether a condition holds for a record: True, False, or None for undocumented."""
    if isinstance(condition, Test):
        return _evaluate_test(condition, record)
    if isinstance(condition, Not):
        inner = evaluate(condition.part, record)
        return None if inner is None else not inner
    decisive = isinstance(condition, AnyOf)
    answer: bool | None = not decisive
    for part in condition.parts:
        value = evaluate(part, record)
        if value is decisive:
            return decisive
        if value is None:
            answer = None
    return answer


def can_be(condition: Condition, wanted: bool, record: Record, unknown: Collection[str]) -> bool:
    """Return whether a condition could come out as wanted once unknown facts are known.

    Each unknown fact is taken on its own, at each place where it stands, so the answer errs towards yes.
    """
    if isinstance(condition, Not):
        return can_be(condition.part, not wanted, record, unknown)
    if isinstance(condition, Test):
        names = names_read(condition)
        if not any(name in unknown for name in names):
            return _evaluate_test(condition, record) is wanted
        if condition.op is Op.DOCUMENTED:
            return wanted
        return all(name in unknown or name in record for name in names)
    answers = (can_be(part, wanted, record, unknown) for part in condition.parts)
    return all(answers) if isinstance(condition, All) is wanted else any(answers)


def names_read(test: Test) -> tuple[str, ...]:
    """Return the names (facts, cells, tables) that a test looks up in a record."""
    if isinstance(test.operand, TableName):
        return (test.operand.key,)
    if isinstance(test.operand, FactRef):
        return (test.fact, test.operand.fact)
    if isinstance(test.operand, Cell):
        return (test.fact, test.operand.key)
    return (test.fact,)


def _evaluate_test(test: Test, record: Record) -> bool | None:
    if isinstance(test.operand, TableName):
        listed = record.get(test.operand.key)
        return listed if isinstance(listed, bool) else None
    left = record.get(test.fact)
    if left is None:
        return None
    if test.op is Op.DOCUMENTED:
        return True
    right = _right_side(test.operand, record)
    return None if right is None else compare(test.op, left, right)


def _right_side(operand: Operand, record: Record) -> Value | tuple[str, ...] | None:
    if isinstance(operand, FactRef):
        return record.get(operand.fact)
    if isinstance(operand, Cell):
        return record.get(operand.key)
    assert not isinstance(operand, TableName)
    return operand


def compare(op: Op, left: object, right: object) -> bool:
    """Return a test's answer on two known values of fitting types."""
    if op is Op.EQUALS:
        return left == right
    ordering = ORDERINGS.get(DATE_OPS.get(op, op))
    if ordering is not None:
        return ordering(_ordinal(left), _ordinal(right))
    wanted = frozenset(right if isinstance(right, tuple) else (right,))
    held = left if isinstance(left, frozenset) else {left}
    if op in (Op.ONE_OF, Op.INCLUDES_ANY):
        return not wanted.isdisjoint(held)
    if op is Op.INCLUDES:
        return wanted <= held
    if op in (Op.NONE_OF, Op.INCLUDES_NONE):
        return wanted.isdisjoint(held)
    raise ValueError(f"no meaning for {op}")


def _ordinal(value: object) -> float:
    if isinstance(value, date):
        return value.toordinal()
    assert isinstance(value, int | float)
    return value


def tests_of(condition: Condition | None) -> Iterator[Test]:
    """Yield every test in a condition, left to right."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, Not):
        yield from tests_of(condition.part)
    elif condition is not None:
        for part in condition.parts:
            yield from tests_of(part)


def facts_read(condition: Condition | None) -> list[str]:
    """Return the facts a condition names, each once, left to right."""
    facts: dict[str, None] = {}
    for test in tests_of(condition):
        facts[test.fact] = None
        if isinstance(test.operand, FactRef):
            facts[test.operand.fact] = None
    return list(facts)


def cells_read(condition: Condition | None) -> list[Cell]:
    """Return the table cells a condition compares with, each once, left to right."""
    cells = (test.operand for test in tests_of(condition) if isinstance(test.operand, Cell))
    return list(dict.fromkeys(cells))


def tables_listed(condition: Condition | None) -> list[TableName]:
    """Return the tables named by `listed_in` tests, each once."""
    names = (test.operand for test in tests_of(condition) if isinstance(test.operand, TableName))
    return list(dict.fromkeys(names))


def tables_read(condition: Condition | None) -> list[str]:
    """Return the tables in which a condition looks for a cell or a row, each once."""
    places: list[Cell | TableName] = [*cells_read(condition), *tables_listed(condition)]
    return list(dict.fromkeys(place.table for place in places))
