"""Expressions over the columns of a table, never NULL, and simplified while they are built.

A fact's value and whether it is known are two expressions, and so are a condition's *true* and *false*: operators
on columns without NULLs are many times as fast as SQL's three-valued ones, and what is constant for the rows at
hand (facts that no row states, guidelines not in force) folds away with all that hangs on it. Equal expressions
are one object, which is how `columnar_query` knows what to compute once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from guidecheck.language.conditions import DATE_OPS, Op
from guidecheck.language.facts import DECIMALS, LARGEST

Constant = bool | int | float | date | str


class Node:
    """An expression: an operation on parts, which are expressions or constants of the operation."""

    __slots__ = ("__weakref__", "op", "parts", "serial", "settings")

    def __init__(self, op: str, parts: tuple[Node, ...], settings: tuple[Any, ...], serial: int) -> None:
        self.op, self.parts, self.settings, self.serial = op, parts, settings, serial


class Bool(Node):
    """Whether something holds, for each row."""

    __slots__ = ("_opposite",)

    def __init__(self, op: str, parts: tuple[Node, ...], settings: tuple[Any, ...], serial: int) -> None:
        super().__init__(op, parts, settings, serial)
        self._opposite: Bool | None = None

    def __and__(self, other: Bool) -> Bool:
        return all_of((self, other))

    def __or__(self, other: Bool) -> Bool:
        return any_of((self, other))

    def __invert__(self) -> Bool:
        # Kept, as simplifying asks for it over and over, and it would otherwise be made for each time.
        if self._opposite is None:
            self._opposite = _made(Bool, "not", (self,))
            self._opposite._opposite = self
        return self._opposite


class Value(Node):
    """A number, date or text of each row; where it isn't known, any of its type."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """Its Ibis type."""
        return str(self.settings[0])

    @property
    def constant(self) -> Constant | None:
        """The value, if it is the same for all rows."""
        return self.settings[1] if self.op == "literal" else None


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition of each row in three values: true, false, or neither."""

    yes: Bool
    no: Bool

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)

    @property
    def known(self) -> Bool:
        """Whether it is true or false."""
        return self.yes | self.no

    def surely(self, wanted: bool) -> Bool:
        """Return whether it is as wanted."""
        return self.yes if wanted else self.no


_N = TypeVar("_N", bound=Node)
_nodes: WeakValueDictionary[tuple[Any, ...], Node] = WeakValueDictionary()
_serials = count()


def _made(kind: type[_N], op: str, parts: tuple[Node, ...] = (), *settings: Any) -> _N:
    """Return the one expression of its kind."""
    # 1, 1.0 and True are equal, and not the same constant.
    key = (kind, op, parts, settings, tuple(type(setting) for setting in settings))
    found = _nodes.get(key)
    if found is None:
        found = kind(op, parts, settings, next(_serials))
        _nodes[key] = found
    assert isinstance(found, kind)
    return found


def _bool(node: Node) -> Bool:
    assert isinstance(node, Bool)
    return node


YES = _made(Bool, "constant", (), True)
NO = _made(Bool, "constant", (), False)
YES._opposite, NO._opposite = NO, YES
UNDOCUMENTED = Truth(NO, NO)

NULL_TEXT = _made(Value, "null", (), "string")
"""The only value that is NULL: no text, in what a query answers."""

_FILLERS: dict[str, Constant] = {"int64": 0, "float64": 0.0, "string": "", "date": date(2000, 1, 1)}


# ------------------------------------------------------------------------------------------------- columns


def flag(name: str) -> Bool:
    """Return a boolean column without NULLs."""
    return _made(Bool, "flag", (), name)


def stated(name: str, *, always: bool = False) -> Bool:
    """Return whether a column has a value."""
    return YES if always else _made(Bool, "stated", (), name)


def truth(name: str, *, always: bool = False) -> Truth:
    """Return a boolean column."""
    if always:
        return Truth(flag(name), ~flag(name))
    yes = _made(Bool, "true", (), name)
    return Truth(yes, stated(name) & ~yes)


def column(
    name: str,
    type_: str,
    *,
    otherwise: Value | None = None,
    possible: frozenset[str] | None = None,
    span: tuple[Any, Any] | None = None,
) -> Value:
    """Return a column's values.

    Args:
        name: the column's.
        type_: its Ibis type.
        otherwise: what stands where it is NULL; without it, the column has no NULLs.
        possible: the only texts in it.
        span: its smallest and largest number or day, None for one that isn't known.
    """
    if otherwise is None:
        return _made(Value, "column", (), type_, name, possible, span)
    if otherwise.op != "literal":
        type_ = _common(type_, otherwise.type)
    return _made(Value, "filled", (otherwise,), type_, name, possible, span)


def filler(type_: str) -> Value:
    """Return what stands where a value isn't known."""
    return literal(_FILLERS[type_])


def literal(value: Constant) -> Value:
    """Return a constant; a whole number as an integer, which databases compare with integers at no cost."""
    if isinstance(value, float):
        value = round(value, DECIMALS)
        if value.is_integer():
            value = int(value)
    kinds = {bool: "boolean", int: "int64", float: "float64", str: "string"}
    return _made(Value, "literal", (), kinds.get(type(value), "date"), value)


def _common(one: str, other: str) -> str:
    return one if one == other else "float64"


# --------------------------------------------------------------------------------------------------- logic


def all_of(parts: Iterable[Bool]) -> Bool:
    """Return a conjunction; without parts, true."""
    kept = _conjunction(parts)
    return NO if kept is None else _joined("and", kept, YES)


def any_of(parts: Iterable[Bool]) -> Bool:
    """Return a disjunction; without parts, false."""
    kept = _conjunction(~part for part in parts)
    return YES if kept is None else _joined("or", [~part for part in kept], NO)


def _joined(op: str, parts: Sequence[Bool], empty: Bool) -> Bool:
    if len(parts) < 2:
        return parts[0] if parts else empty
    return _made(Bool, op, tuple(sorted(parts, key=lambda part: part.serial)))


def _conjunction(parts: Iterable[Bool]) -> list[Bool] | None:
    """Return the parts of a conjunction without what the others imply, or None where it can't hold."""
    kept = list(dict.fromkeys(part for part in parts if part is not YES))
    if NO in kept:
        return None
    implied = [_conjuncts(part) for part in kept]
    certain = _consequences(kept)
    if certain is None:
        return None
    found = []
    for place, part in enumerate(kept):
        others = [held for other, held in enumerate(implied) if other != place]
        choices = _alternatives(part)
        if any(part in held or not held.isdisjoint(choices) for held in others):
            continue  # a and (a and b) is a and b; a and (a or b) is a
        left = [choice for choice in choices if not _follows(~choice, certain)]
        found.append(any_of(left) if len(left) < len(choices) else part)
    return found if found == kept else _conjunction(found)


def _conjuncts(part: Bool) -> frozenset[Bool]:
    """Return what holds where something does: itself, and the parts that it is made of."""
    found = {part}
    inner = part.parts[0] if part.op == "not" else part
    if part.op == "and" or (inner is not part and inner.op == "or"):
        for each in inner.parts:
            held = _bool(each)
            found |= _conjuncts(held if part.op == "and" else ~held)
    return frozenset(found)


def _alternatives(part: Bool) -> list[Bool]:
    """Return the parts of a disjunction, whichever way it is written; none of anything else."""
    inner = part.parts[0] if part.op == "not" else part
    if part.op == "or":
        return [_bool(each) for each in part.parts]
    return [~_bool(each) for each in inner.parts] if inner is not part and inner.op == "and" else []


_MOST_CHOICES = 8
"""Disjunctions that are looked into for what follows: in a long list hardly anything does, and it takes long."""


def _consequences(parts: Iterable[Bool]) -> set[Bool] | None:
    """Return what follows from parts that all hold, or None where they cannot (unit propagation)."""
    certain: set[Bool] = set()
    new = list(parts)
    choices: dict[Bool, list[Bool]] = {}
    while new:
        for part in new:
            for held in _conjuncts(part):
                if ~held in certain:
                    return None
                certain.add(held)
                if alternatives := _alternatives(held):
                    choices[held] = alternatives
        new = []
        if len(choices) > _MOST_CHOICES:
            break
        for held, alternatives in list(choices.items()):
            left = [choice for choice in alternatives if not _follows(~choice, certain)]
            if not left:
                return None
            if len(left) == 1 or not certain.isdisjoint(left):
                del choices[held]
                new += [choice for choice in left if len(left) == 1 and choice not in certain]
    return certain


def _follows(part: Bool, certain: Collection[Bool]) -> bool:
    """Tell whether something holds where what is certain does, as far as its parts show."""
    if part in certain:
        return True
    if part.op in ("and", "or"):
        enough = any if part.op == "or" else all
        return enough(_follows(_bool(each), certain) for each in part.parts)
    inner = part.parts[0] if part.op == "not" else part
    if inner is part or inner.op not in ("and", "or"):
        return False
    enough = any if inner.op == "and" else all
    return enough(_follows(~_bool(each), certain) for each in inner.parts)


# -------------------------------------------------------------------------------------------------- values


def bits(flags: Sequence[Bool]) -> Value:
    """Return a number whose bits tell what holds, the first its lowest."""
    places: dict[Bool, int] = {}
    for place, one in enumerate(flags):
        if one is not NO:
            places[one] = places.get(one, 0) | 1 << place
    return _made(Value, "bits", tuple(places), "int64", tuple(places.values()))


def pick(condition: Bool, one: Value, other: Value) -> Value:
    """Return one value where a condition holds, elsewhere the other."""
    return switch([(condition, one)], other)


def switch(branches: Sequence[tuple[Bool, Value]], otherwise: Value) -> Value:
    """Return the value of the first branch whose condition holds."""
    kept: list[tuple[Bool, Value]] = []
    for condition, value in branches:
        if condition is YES:
            otherwise = value
            break
        if condition is not NO:
            if kept and kept[-1][1] is value:
                condition, value = kept.pop()[0] | condition, value
            kept.append((condition, value))
    while kept and kept[-1][1] is otherwise:
        kept.pop()
    if not kept:
        return otherwise
    type_ = otherwise.type
    for _, value in kept:
        type_ = _common(type_, value.type)
    parts = [part for branch in kept for part in branch]
    return _made(Value, "switch", (*parts, otherwise), type_)


def combined(op: str, parts: Sequence[Value]) -> Value:
    """Return a sum (`add`) or product (`multiply`) of numbers, rounded as facts are."""
    result = parts[0]
    for part in parts[1:]:
        whole = result.type == part.type == "int64" and op == "add"
        result = _made(Value, op, (result, part), "int64" if whole else "float64")
    if all(part.type == "int64" for part in parts):
        return result
    return _made(Value, "rounded", (result,), "float64")


def within_range(value: Value) -> Bool:
    """Return whether a number is one that facts can have; only what was calculated might not be."""
    low, high = _span(value)
    if not _is_calculated(value) or (low is not None and high is not None and -LARGEST <= low <= high <= LARGEST):
        return YES
    return _made(Bool, "within", (value,), float(LARGEST))


def _is_calculated(node: Node) -> bool:
    if node.op in ("switch", "filled"):
        return any(_is_calculated(part) for part in node.parts)
    return node.op in ("add", "multiply", "rounded")


def elapsed(unit: str, start: Value, end: Value) -> Value:
    """Return completed days, weeks or months between two dates."""
    return _made(Value, unit, (start, end), "int64")


# --------------------------------------------------------------------------------------------- comparisons


def compare(op: Op, left: Value, right: Value) -> Bool:
    """Return how two values compare."""
    op = DATE_OPS.get(op, op)
    if op is Op.LESS_THAN:
        return ~compare(Op.AT_LEAST, left, right)
    if op is Op.MORE_THAN:
        return ~compare(Op.AT_MOST, left, right)
    settled = _settled(op, left, right)
    if settled is not None:
        return YES if settled else NO
    return _made(Bool, op.value, (left, right))


def is_one_of(value: Value, texts: Iterable[str]) -> Bool:
    """Return whether a text is one of several."""
    wanted, possible = frozenset(texts), _possible(value)
    if possible is not None:
        if possible <= wanted:
            return YES
        wanted &= possible
    if len(wanted) < 2:
        return any_of(compare(Op.EQUALS, value, literal(text)) for text in wanted)
    return _made(Bool, "one_of", (value,), tuple(sorted(wanted)))


def _settled(op: Op, left: Value, right: Value) -> bool | None:
    """Return a comparison that has the same answer in all rows."""
    if op is Op.EQUALS:
        one, other = _possible(left), _possible(right)
        if one is not None and other is not None:
            if not one & other:
                return False
            return True if one == other and len(one) == 1 else None
        if left.constant is not None and right.constant is not None:
            return left.constant == right.constant
        return None
    (low, high), (least, most) = _span(left), _span(right)
    if op is Op.AT_LEAST:
        (low, high), (least, most) = (least, most), (low, high)
    if high is not None and least is not None and high <= least:
        return True
    return False if low is not None and most is not None and low > most else None


def _possible(value: Value) -> frozenset[str] | None:
    """Return the only texts that a value can be where it is known."""
    if isinstance(value.constant, str):
        return frozenset([value.constant])
    if value.op in ("column", "filled"):
        own = value.settings[2]
        other = (
            frozenset() if not value.parts or value.parts[0] is filler(value.type) else _possible(_value(value))
        )
        return None if own is None or other is None else own | other
    return None


def _value(node: Node) -> Value:
    part = node.parts[0]
    assert isinstance(part, Value)
    return part


def _span(value: Value) -> tuple[Any, Any]:
    """Return the least and the most that a number or day can be where it is known, None for one not known."""
    if value.constant is not None:
        return value.constant, value.constant
    if value.op == "column":
        return value.settings[3] or (None, None)
    if value.op == "filled":
        own, other = value.settings[3] or (None, None), _value(value)
        return own if other is filler(other.type) else _widest([own, _span(other)])
    parts = [part for part in value.parts if isinstance(part, Value)]
    if value.op == "switch":
        return _widest([_span(part) for part in parts if part is not filler(part.type)])
    if value.op == "add":
        (low, high), (least, most) = (_span(part) for part in parts)
        return (
            None if low is None or least is None else low + least,
            None if high is None or most is None else high + most,
        )
    return None, None


def _widest(spans: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    lows, highs = [low for low, _ in spans], [high for _, high in spans]
    return None if None in lows else min(lows, default=None), None if None in highs else max(highs, default=None)
