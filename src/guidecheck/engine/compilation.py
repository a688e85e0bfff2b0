"""From conditions to the conjunctions and disjunctions that durable-rules can match.

durable-rules has no negation, no sets and no comparison with a missing value that matches, so each condition is
compiled for each answer that is asked of it (true, false; with unknown facts also "could be true"), with
negation pushed to the tests and sets expanded to one boolean property a member. Facts become integers and
booleans under names of their own: numbers scaled to whole millionths, dates as day numbers, texts as codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import prod
from typing import Any

from guidecheck.language.conditions import (
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
from guidecheck.language.deriving import Known
from guidecheck.language.facts import DECIMALS, Value

SCALE: int = 10**DECIMALS

_SYMBOL = {Op.AT_MOST: "$lte", Op.AT_LEAST: "$gte", Op.LESS_THAN: "$lt", Op.MORE_THAN: "$gt"}
_OPPOSITE = {"$lte": "$gt", "$gte": "$lt", "$lt": "$gte", "$gt": "$lte", "$eq": "$neq", "$neq": "$eq"}


@dataclass(frozen=True, slots=True)
class Match:
    """A comparison of one property of the asserted object with a constant."""

    name: str
    symbol: str
    constant: int | bool

    def definition(self) -> dict[str, Any]:
        """Return durable-rules' JSON form."""
        if self.symbol == "$eq":
            return {self.name: self.constant}
        return {self.symbol: {self.name: self.constant}}


@dataclass(frozen=True, slots=True)
class Both:
    """All parts match; without parts, always."""

    parts: tuple[Expression, ...]

    def definition(self) -> dict[str, Any]:
        """Return durable-rules' JSON form."""
        return {"$and": [part.definition() for part in self.parts]}


@dataclass(frozen=True, slots=True)
class Either:
    """Some part matches; without parts, never."""

    parts: tuple[Expression, ...]

    def definition(self) -> dict[str, Any]:
        """Return durable-rules' JSON form."""
        return {"$or": [part.definition() for part in self.parts]}


Expression = Match | Both | Either

ALWAYS = Both(())
NEVER = Either(())


def both(parts: list[Expression]) -> Expression:
    """Return a conjunction in its simplest form."""
    if NEVER in parts:
        return NEVER
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Both) else (part,))]
    kept = tuple(dict.fromkeys(flat))
    return kept[0] if len(kept) == 1 else Both(kept)


def either(parts: list[Expression]) -> Expression:
    """Return a disjunction in its simplest form."""
    if ALWAYS in parts:
        return ALWAYS
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Either) else (part,))]
    kept = tuple(dict.fromkeys(flat))
    return kept[0] if len(kept) == 1 else Either(kept)


def branches(expression: Expression) -> int:
    """Return how many ways of matching durable-rules tells apart: it fires once for each that holds."""
    if isinstance(expression, Match):
        return 1
    counts = [branches(part) for part in expression.parts]
    return prod(counts) if isinstance(expression, Both) else sum(counts)


@dataclass
class Properties:
    """The properties that compiled conditions look at, and how an item's facts fill them."""

    _names: dict[tuple[str, ...], str] = field(default_factory=dict)
    _codes: dict[str, dict[str, int]] = field(default_factory=dict)

    def compile(self, condition: Condition, wanted: bool) -> Expression:
        """Return what matches where a condition is surely `wanted`."""
        return self._compile(condition, wanted, possibly=False)

    def compile_possible(self, condition: Condition, wanted: bool) -> Expression:
        """Return what matches where a condition is, or could turn out, `wanted`."""
        return self._compile(condition, wanted, possibly=True)

    def _compile(self, condition: Condition, wanted: bool, *, possibly: bool) -> Expression:
        if isinstance(condition, Not):
            return self._compile(condition.part, not wanted, possibly=possibly)
        if isinstance(condition, Test):
            sure = self._test(condition, wanted)
            return either([sure, self._open(condition, wanted)]) if possibly else sure
        parts = [self._compile(part, wanted, possibly=possibly) for part in condition.parts]
        return both(parts) if isinstance(condition, All) is wanted else either(parts)

    def _name(self, *what: str) -> str:
        """Return the property for a fact, a member of a set, a difference and so on, making it if need be."""
        if what not in self._names:
            readable = "".join(c if c.isalnum() else "_" for c in what[1])
            self._names[what] = f"p{len(self._names)}_{readable}"
        return self._names[what]

    def _open(self, test: Test, wanted: bool) -> Expression:
        """Return what matches where unknown facts leave a test open."""
        if test.op is Op.DOCUMENTED and not wanted:
            return NEVER
        return Match(self._name("open", *names_read(test)), "$eq", True)

    def _test(self, test: Test, wanted: bool) -> Expression:
        operand = test.operand
        if test.op is Op.DOCUMENTED:
            return Match(self._name("stated", test.fact), "$eq", True) if wanted else NEVER
        if isinstance(operand, TableName):
            return Match(self._name("boolean", operand.key), "$eq", wanted)
        if isinstance(operand, FactRef | Cell):
            other = operand.fact if isinstance(operand, FactRef) else operand.key
            symbol = _SYMBOL[DATE_OPS.get(test.op, test.op)]
            name = self._name("difference", test.fact, other)
            return Match(name, symbol if wanted else _OPPOSITE[symbol], 0)
        if isinstance(operand, tuple):
            return self._several(test, operand, wanted)
        if isinstance(operand, bool):
            return Match(self._name("boolean", test.fact), "$eq", operand is wanted)
        return self._single(test, operand, wanted)

    def _single(self, test: Test, constant: int | float | date | str, wanted: bool) -> Expression:
        symbol = "$eq" if test.op is Op.EQUALS else _SYMBOL[DATE_OPS.get(test.op, test.op)]
        if not wanted:
            symbol = _OPPOSITE[symbol]
        if isinstance(constant, str):
            return Match(self._name("code", test.fact), symbol, self._code(test.fact, constant))
        return Match(self._name("number", test.fact), symbol, scaled(constant))

    def _several(self, test: Test, constants: tuple[Any, ...], wanted: bool) -> Expression:
        if test.op in (Op.ONE_OF, Op.NONE_OF):
            equal = wanted if test.op is Op.ONE_OF else not wanted
            parts = [self._single(Test(test.fact, Op.EQUALS, c), c, equal) for c in constants]
            return either(parts) if equal else both(parts)
        every = test.op is Op.INCLUDES
        present = wanted if test.op is not Op.INCLUDES_NONE else not wanted
        members: list[Expression] = [Match(self._name("member", test.fact, c), "$eq", present) for c in constants]
        return both(members) if every is present else either(members)

    def _code(self, fact: str, text: str) -> int:
        codes = self._codes.setdefault(fact, {})
        return codes.setdefault(text, len(codes) + 1)

    def assertion(self, known: Known) -> dict[str, int | bool]:
        """Return an item's facts as the properties of the object to assert."""
        held: dict[str, int | bool] = {}
        for (kind, *names), name in self._names.items():
            value = _property(kind, names, known, self._codes)
            if value is not None:
                held[name] = value
        return held


def _property(
    kind: str, names: list[str], known: Known, codes: Mapping[str, Mapping[str, int]]
) -> int | bool | None:
    if kind == "open":
        is_open = any(n in known.unknown for n in names)
        return True if is_open and all(n in known.unknown or n in known.values for n in names) else None
    value = known.values.get(names[0])
    if value is None:
        return None
    match kind:
        case "stated":
            return True
        case "boolean":
            return bool(value)
        case "code":
            return codes.get(names[0], {}).get(str(value), 0)
        case "member":
            assert isinstance(value, frozenset)
            return names[1] in value
        case "difference":
            other = known.values.get(names[1])
            return None if other is None else scaled(value) - scaled(other)
    return scaled(value)


def scaled(value: Value | None) -> int:
    """Return a number in whole millionths, or a date in whole days."""
    if isinstance(value, date):
        return value.toordinal()
    assert isinstance(value, int | float)
    return round(value * SCALE)
