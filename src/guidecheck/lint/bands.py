"""Bands of numbers that conditions leave to a fact, and the holes between two of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, inf

from guidecheck.language.conditions import ORDERINGS, Condition, Op, Test, facts_read
from guidecheck.language.facts import Fact, FactType


@dataclass(frozen=True, slots=True)
class Band:
    """Numbers from `low` to `high`; an end that is `open` is itself not among them."""

    low: float = -inf
    low_open: bool = False
    high: float = inf
    high_open: bool = False


def band_of(parts: Iterable[Condition], fact: str) -> Band | None:
    """Return the numbers of a fact for which conditions hold together, None where they are no plain band."""
    low, low_open, high, high_open = -inf, False, inf, False
    found = False
    for part in parts:
        if fact not in facts_read(part):
            continue
        if not isinstance(part, Test) or isinstance(part.operand, bool):
            return None
        if not isinstance(part.operand, int | float) or part.op not in (Op.EQUALS, *ORDERINGS):
            return None
        found = True
        if part.op in (Op.EQUALS, Op.AT_LEAST, Op.MORE_THAN):
            low, low_open = max((low, low_open), (part.operand, part.op is Op.MORE_THAN))
        if part.op in (Op.EQUALS, Op.AT_MOST, Op.LESS_THAN):
            high, high_open = min((high, high_open), (part.operand, part.op is Op.LESS_THAN))
    return Band(low, low_open, high, high_open) if found else None


def between(fact: Fact, below: Band, above: Band) -> float | None:
    """Return the first value of a fact between two bands, None where they meet."""
    if below.high > above.low or (below.high == above.low and not (below.high_open and above.low_open)):
        return None
    if fact.type is FactType.INTEGER:
        first = ceil(below.high) if below.high_open else floor(below.high) + 1
        last = floor(above.low) if above.low_open else ceil(above.low) - 1
        return first if first <= last else None
    if below.high_open:
        return below.high
    return above.low if above.low_open else (below.high + above.low) / 2
