"""Conditions as Ibis expressions: three values are SQL's, since NULL is undocumented and SQL's logic is Kleene's.

In partial records a NULL may also be unknown. That is a second, never-NULL column beside the value, and each
condition is then asked twice more: could it turn out true, could it turn out false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

import ibis
import ibis.expr.types as ir

from guidecheck.conditions import (
    DATE_OPS,
    All,
    Cell,
    Condition,
    FactRef,
    Not,
    Op,
    TableName,
    Test,
    names_read,
)
from guidecheck.facts import DECIMALS, FactType, Value

TYPES: Mapping[FactType, str] = {
    FactType.BOOLEAN: "boolean",
    FactType.INTEGER: "int64",
    FactType.NUMBER: "float64",
    FactType.DATE: "date",
    FactType.CHOICE: "string",
    FactType.SET: "string",
    FactType.TEXT: "string",
    FactType.LIST: "string",
}
"""The column type of each fact type. A set's column holds its members' names, sorted and joined by `;`."""

YES = ibis.literal(True)
NO = ibis.literal(False)
UNDOCUMENTED = ibis.null("boolean")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Term:
    """A fact, cell or listing of every row: its value, NULL where it is not known, and whether it is unknown.

    `unknown` is None in complete records. `members` has, for a set, whether it includes each member read.
    """

    value: ir.Value
    unknown: ir.BooleanValue | None = None
    members: Mapping[str, ir.BooleanValue] = field(default_factory=dict)


class Terms(Protocol):
    """Where conditions look names up (see `conditions.names_read`)."""

    def __getitem__(self, name: str) -> Term:
        """Return the term of a name."""


def holds(condition: Condition, terms: Terms) -> ir.BooleanValue:
    """Return whether a condition holds: true, false, or NULL for undocumented."""
    if isinstance(condition, Not):
        return ~holds(condition.part, terms)
    if isinstance(condition, Test):
        return _test(condition, terms)
    parts = [holds(part, terms) for part in condition.parts]
    return all_of(parts) if isinstance(condition, All) else any_of(parts)


def could_be(condition: Condition, wanted: bool, terms: Terms) -> ir.BooleanValue:
    """Return whether a condition is, or could turn out, as wanted (`conditions.can_be`); never NULL."""
    if isinstance(condition, Not):
        return could_be(condition.part, not wanted, terms)
    if isinstance(condition, Test):
        return _test_could_be(condition, wanted, terms)
    parts = [could_be(part, wanted, terms) for part in condition.parts]
    return all_of(parts) if isinstance(condition, All) is wanted else any_of(parts)


def surely(answer: ir.BooleanValue, wanted: bool = True) -> ir.BooleanValue:
    """Return whether an answer in three values is surely the wanted one; never NULL."""
    return (answer if wanted else ~answer).fill_null(NO)


def all_of(parts: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    """Return a conjunction; without parts, true."""
    return _balanced(parts, lambda left, right: left & right) if parts else YES


def any_of(parts: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    """Return a disjunction; without parts, false."""
    return _balanced(parts, lambda left, right: left | right) if parts else NO


def total(parts: Sequence[ir.NumericValue]) -> ir.NumericValue:
    """Return a sum of at least one number."""
    return _balanced(parts, lambda left, right: left + right)


def _balanced(parts: Sequence[_T], join: Callable[[_T, _T], _T]) -> _T:
    # A chain of hundreds of operators would exhaust the stack of whoever parses the query: make a flat tree.
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(_balanced(parts[:middle], join), _balanced(parts[middle:], join))


def literal(value: Value, type_: str | None = None) -> ir.Value:
    """Return a constant as a column's value; a set as its joined text."""
    if isinstance(value, frozenset):
        return ibis.literal(joined(value))
    if isinstance(value, float):
        return ibis.literal(round(value, DECIMALS))
    if isinstance(value, date):
        return ibis.date(value.isoformat())
    assert not isinstance(value, tuple)
    return ibis.literal(value) if type_ is None else ibis.literal(value).cast(type_)


def joined(members: frozenset[str]) -> str:
    """Return a set as the text of its column; the empty set is an empty text."""
    return ";".join(sorted(members))


def _test(test: Test, terms: Terms) -> ir.BooleanValue:
    operand = test.operand
    if isinstance(operand, TableName):
        return _boolean(terms[operand.key].value)
    left = terms[test.fact]
    if test.op is Op.DOCUMENTED:
        return ibis.ifelse(left.value.notnull(), YES, UNDOCUMENTED)
    if isinstance(operand, FactRef | Cell):
        other = terms[operand.fact if isinstance(operand, FactRef) else operand.key]
        return _compare(test.op, left.value, other.value)
    if test.op in (Op.INCLUDES, Op.INCLUDES_ANY, Op.INCLUDES_NONE):
        wanted = operand if isinstance(operand, tuple) else (str(operand),)
        members = [left.members[member] for member in wanted]
        if test.op is Op.INCLUDES:
            return all_of(members)
        return any_of(members) if test.op is Op.INCLUDES_ANY else ~any_of(members)
    if isinstance(operand, tuple):
        values = [literal(value) for value in operand]
        return left.value.isin(values) if test.op is Op.ONE_OF else left.value.notin(values)
    if isinstance(operand, bool):
        return _boolean(left.value) if operand else ~_boolean(left.value)
    return _compare(test.op, left.value, literal(operand))


def _compare(op: Op, left: ir.Value, right: ir.Value) -> ir.BooleanValue:
    match DATE_OPS.get(op, op):
        case Op.EQUALS:
            answer = left == right
        case Op.AT_MOST:
            answer = left <= right
        case Op.AT_LEAST:
            answer = left >= right
        case Op.LESS_THAN:
            answer = left < right
        case Op.MORE_THAN:
            answer = left > right
        case _:
            raise ValueError(f"no meaning for {op}")
    return _boolean(answer)


def _test_could_be(test: Test, wanted: bool, terms: Terms) -> ir.BooleanValue:
    sure = surely(_test(test, terms), wanted)
    read = [terms[name] for name in names_read(test)]
    unknown = [term.unknown for term in read if term.unknown is not None]
    if not unknown or (test.op is Op.DOCUMENTED and not wanted):
        return sure
    known = [
        term.value.notnull() if term.unknown is None else term.unknown | term.value.notnull() for term in read
    ]
    return sure | (any_of(unknown) & all_of(known))


def _boolean(value: ir.Value) -> ir.BooleanValue:
    assert isinstance(value, ir.BooleanValue)
    return value
