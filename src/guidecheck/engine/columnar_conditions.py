"""Conditions as expressions over columns, in three values: a pair of what is surely true and what is surely false.

In partial records what is neither may also be unknown. That is a third expression beside a fact's value, and each
condition is then asked twice more: could it turn out true, could it turn out false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from guidecheck.engine import columnar_logic as logic
from guidecheck.engine.columnar_logic import NO, Bool, Truth, Value, all_of, any_of
from guidecheck.language.conditions import All, Cell, Condition, FactRef, Not, Op, TableName, Test, names_read
from guidecheck.language.facts import FactType

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


@dataclass(frozen=True)
class Term:
    """A fact, cell or listing of every row.

    `value` is that of a number, date or text, and means nothing where the fact isn't `known`; `answer` that of a
    boolean. `unknown` tells in partial records what may yet turn out either way. `members` has, for a set,
    whether it includes each member that is looked at.
    """

    value: Value | None
    known: Bool
    unknown: Bool = NO
    answer: Truth | None = None
    members: Mapping[str, Truth] = field(default_factory=dict)

    @property
    def settled(self) -> Bool:
        """Whether it is not undocumented: known, or unknown."""
        return self.known | self.unknown

    @property
    def number(self) -> Value:
        """The value, of a term that isn't a boolean."""
        assert self.value is not None
        return self.value

    @property
    def truth(self) -> Truth:
        """The answer, of a boolean."""
        assert self.answer is not None
        return self.answer


def boolean(answer: Truth, unknown: Bool = NO) -> Term:
    """Return the term of a boolean."""
    return Term(None, answer.known, unknown, answer)


class Terms(Protocol):
    """Where conditions look names up (see `conditions.names_read`)."""

    def __getitem__(self, name: str) -> Term:
        """Return the term of a name."""


def holds(condition: Condition, terms: Terms) -> Truth:
    """Return whether a condition holds."""
    if isinstance(condition, Not):
        return ~holds(condition.part, terms)
    if isinstance(condition, Test):
        return _test(condition, terms)
    parts = [holds(part, terms) for part in condition.parts]
    return every(parts) if isinstance(condition, All) else some(parts)


def could_be(condition: Condition, wanted: bool, terms: Terms) -> Bool:
    """Return whether a condition is, or could turn out, as wanted (`conditions.can_be`)."""
    if isinstance(condition, Not):
        return could_be(condition.part, not wanted, terms)
    if isinstance(condition, Test):
        return _test_could_be(condition, wanted, terms)
    parts = [could_be(part, wanted, terms) for part in condition.parts]
    return all_of(parts) if isinstance(condition, All) is wanted else any_of(parts)


def every(parts: Sequence[Truth]) -> Truth:
    """Return a conjunction."""
    return Truth(all_of(part.yes for part in parts), any_of(part.no for part in parts))


def some(parts: Sequence[Truth]) -> Truth:
    """Return a disjunction."""
    return Truth(any_of(part.yes for part in parts), all_of(part.no for part in parts))


def joined(members: frozenset[str]) -> str:
    """Return a set as the text of its column; the empty set is an empty text."""
    return ";".join(sorted(members))


def _test(test: Test, terms: Terms) -> Truth:
    operand = test.operand
    if isinstance(operand, TableName):
        return terms[operand.key].truth
    left = terms[test.fact]
    if test.op is Op.DOCUMENTED:
        return Truth(left.known, NO)
    if isinstance(operand, FactRef | Cell):
        other = terms[operand.fact if isinstance(operand, FactRef) else operand.key]
        return where(left.known & other.known, logic.compare(test.op, left.number, other.number))
    if test.op in (Op.INCLUDES, Op.INCLUDES_ANY, Op.INCLUDES_NONE):
        wanted = operand if isinstance(operand, tuple) else (str(operand),)
        members = [left.members[member] for member in wanted]
        if test.op is Op.INCLUDES:
            return every(members)
        return some(members) if test.op is Op.INCLUDES_ANY else ~some(members)
    if isinstance(operand, tuple):
        listed = where(left.known, logic.is_one_of(left.number, operand))
        return listed if test.op is Op.ONE_OF else ~listed
    if isinstance(operand, bool):
        return left.truth if operand else ~left.truth
    return where(left.known, logic.compare(test.op, left.number, logic.literal(operand)))


def where(known: Bool, answer: Bool) -> Truth:
    """Return an answer that counts where something is known."""
    return Truth(known & answer, known & ~answer)


def _test_could_be(test: Test, wanted: bool, terms: Terms) -> Bool:
    sure = _test(test, terms).surely(wanted)
    if test.op is Op.DOCUMENTED and not wanted:
        return sure
    read = [terms[name] for name in names_read(test)]
    return sure | (any_of(term.unknown for term in read) & all_of(term.settled for term in read))
