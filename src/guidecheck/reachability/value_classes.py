"""The values of a fact that rules can tell apart: one representative of each.

Tests compare a fact with constants, so its values fall into a few classes that every test answers alike: a number
at a constant, or between two. What holds for the representatives holds for every value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise, product
from math import floor, prod

from guidecheck.language.conditions import Cell, FactRef, Op, TableName, Test, compare
from guidecheck.language.facts import DECIMALS, LARGEST, Fact, FactType, Value

MOST_SETS = 128
"""Where the tests tell more sets apart than these, only some of them are tried."""


@dataclass(frozen=True, slots=True)
class Classes:
    """Representatives of a fact's values.

    `broken` are further ones that only arithmetic can give (half a visit). `exact` tells whether every value has a
    representative that the tests answer alike.
    """

    values: tuple[Value, ...]
    broken: tuple[Value, ...] = ()
    exact: bool = True
    _answers: dict[tuple[Op, object, bool], tuple[int, int]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def standing(self, *, relaxed: bool) -> tuple[Value, ...]:
        """Return the representatives, when `relaxed` with those that only arithmetic can give."""
        return (*self.values, *self.broken) if relaxed else self.values

    def answers(self, op: Op, operand: object, *, relaxed: bool) -> tuple[int, int]:
        """Return for which of `standing` a test with a constant is true, and for which false: bits from bit 1."""
        asked = (op, operand, relaxed)
        found = self._answers.get(asked)
        if found is None:
            true = false = 0
            for index, value in enumerate(self.standing(relaxed=relaxed)):
                if op is Op.DOCUMENTED or compare(op, value, operand):
                    true |= 2 << index
                else:
                    false |= 2 << index
            if relaxed and not self.exact and op is not Op.DOCUMENTED:
                true = false = true | false
            found = self._answers[asked] = (true, false)
        return found


Seen = dict[tuple[object, ...], Classes]
"""Classes by what they were made for."""


def classes_of(fact: Fact, tests: Collection[Test], constants: Iterable[Value], rivals: int = 1) -> Classes:
    """Return representatives of a fact's values.

    Args:
        fact: the fact.
        tests: the tests of it.
        constants: further values that it is compared with (by a table's cells, by another fact's tests).
        rivals: how many facts are compared with each other, this one included: between two constants as many
            representatives are needed, so that the facts can stand there in any order.
    """
    named = [*_constants(tests), *constants]
    match fact.type:
        case FactType.BOOLEAN:
            return Classes((True, False))
        case FactType.CHOICE:
            used = dict.fromkeys(str(value) for value in named if value in fact.choices)
            beside = next((name for name in fact.choices if name not in used), None)
            return Classes((*used, *([beside] if beside is not None else [])))
        case FactType.SET:
            return _sets(fact, tests, named)
        case FactType.TEXT:
            texts = dict.fromkeys(str(value) for value in named)
            return Classes((*texts, next(word for word in _words() if word not in texts)))
        case FactType.LIST:
            return Classes((), exact=False)
        case FactType.DATE:
            days = [value.toordinal() for value in named if isinstance(value, date)]
            low = (fact.minimum if isinstance(fact.minimum, date) else date(1900, 1, 1)).toordinal()
            high = (fact.maximum if isinstance(fact.maximum, date) else date(2200, 1, 1)).toordinal()
            found = _points(days or [date(2020, 1, 1).toordinal()], low, high, rivals, whole=True)
            return Classes(tuple(date.fromordinal(int(day)) for day in found))
    return _numbers(fact, [float(v) for v in named if isinstance(v, int | float)], rivals)


def _numbers(fact: Fact, constants: Collection[float], rivals: int) -> Classes:
    low = float(fact.minimum) if isinstance(fact.minimum, int | float) else float(-LARGEST)
    high = float(fact.maximum) if isinstance(fact.maximum, int | float) else float(LARGEST)
    points = _points(constants, low, high, rivals, whole=False)
    wholes = _points([c for c in constants if c.is_integer()], low, high, rivals, whole=True)
    if fact.type is FactType.NUMBER:
        return Classes(tuple(dict.fromkeys([*points, *wholes] if rivals > 1 else points)))
    inside = dict.fromkeys(int(point) for point in (*wholes, *points) if point.is_integer())
    around = [floor(c) + step for c in constants for step in (0, 1) if low <= floor(c) + step <= high]
    wide = dict.fromkeys([*inside, *around])
    return Classes(tuple(wide), tuple(p for p in points if not p.is_integer()))


def _constants(tests: Iterable[Test]) -> Iterator[Value]:
    for test in tests:
        if test.op is Op.DOCUMENTED or isinstance(test.operand, FactRef | Cell | TableName):
            continue
        if isinstance(test.operand, tuple):
            yield from test.operand
        else:
            yield test.operand


def _words() -> Iterator[str]:
    yield "another"
    number = 2
    while True:
        yield f"another {number}"
        number += 1


def _points(constants: Collection[float], low: float, high: float, rivals: int, *, whole: bool) -> list[float]:
    """Return the constants within bounds, then points between and beyond them."""
    inside = sorted({float(c) for c in constants if low <= c <= high}) or [min(max(0.0, low), high)]
    least, most = max(low, inside[0] - rivals - 1), min(high, inside[-1] + rivals + 1)
    found = dict.fromkeys(inside)
    for left, right in pairwise([least, *inside, most]):
        step = 1.0 if whole else (right - left) / (rivals + 1)
        points = (round(left + step * count, DECIMALS) for count in range(1, rivals + 1))
        found.update(dict.fromkeys(point for point in points if left < point < right))
    return list({**found, least: None, most: None})


def _sets(fact: Fact, tests: Collection[Test], named: Iterable[Value]) -> Classes:
    """Return sets that the tests tell apart.

    Members that the same tests name are alike, so that of such a group a set has none, some or all.
    """
    asked = [test.operand for test in tests if isinstance(test.operand, tuple)]
    whole = [value for value in named if isinstance(value, frozenset)]
    mentions: dict[tuple[int, ...], list[str]] = {}
    for name in fact.choices:
        where = tuple(i for i, members in enumerate([*asked, *whole]) if name in members)
        mentions.setdefault(where, []).append(name)
    groups = [names for where, names in mentions.items() if where]
    beside = mentions.get((), [])[:1]
    states = [[names, names[:1], []] if len(names) > 1 else [names, []] for names in groups]
    if prod(len(state) for state in states) <= MOST_SETS:
        picked = [[name for part in combination for name in part] for combination in product(*states)]
        # A member that no test names beside the others changes no answer.
        sets = dict.fromkeys([frozenset(names) for names in picked if names] + [frozenset(beside), frozenset()])
        return Classes(tuple(sets))
    singles = [frozenset(names[:1]) for names in groups]
    everything = frozenset(name for names in groups for name in names)
    sampled = dict.fromkeys(
        [*singles, *(frozenset(members) for members in asked), *whole, everything, frozenset(beside), frozenset()]
    )
    return Classes(tuple(sampled), exact=False)
