"""The arithmetic of visits: how many are asked for, were had, are allowed and are left, by each limit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from guidecheck.deciding.determination import Certainty, CriterionResult, ItemDetermination
from guidecheck.explaining.settling import limit_of
from guidecheck.language.conditions import All, AnyOf, Condition, Op, Test
from guidecheck.language.derivations import Sum
from guidecheck.language.facts import Changeable
from guidecheck.language.vocabulary import Vocabulary

UNIT = "visits"
_UPPER_LIMITS = (Op.AT_MOST, Op.LESS_THAN)


@dataclass(frozen=True, slots=True)
class VisitCount:
    """One limit on visits. None stands for a number that the request doesn't tell.

    `had` are the visits that count towards the limit besides those asked for; `counts_earlier` is False for a
    limit on the request alone, to which earlier visits are nothing. `left` may be negative.
    """

    result: CriterionResult
    asked: float | None
    had: float | None
    counts_earlier: bool
    allowed: int

    @property
    def left(self) -> float | None:
        """How many visits the limit still allows to ask for."""
        if not self.counts_earlier:
            return self.allowed
        return None if self.had is None else self.allowed - self.had

    @property
    def over(self) -> float:
        """By how many visits the request exceeds the limit, as far as it is known."""
        return max(0, (self.asked or 0) + (self.had or 0) - self.allowed)


def visit_counts(item: ItemDetermination, vocabulary: Vocabulary) -> list[VisitCount]:
    """Return the arithmetic of each limit on visits that decides or may decide an item."""
    counts: list[VisitCount] = []
    for result in item.criteria:
        if result.controls is not Certainty.NO:
            counts.extend(_counts(result, item, vocabulary))
    return counts


def advised(result: CriterionResult, item: ItemDetermination, vocabulary: Vocabulary) -> str:
    """Return what a criterion says to do about it, and that no visits are left where none are; "" for nothing."""
    text = result.criterion.remedy
    for count in _counts(result, item, vocabulary) if text else ():
        if count.counts_earlier and count.left is not None and count.left <= 0:
            text += f" None are left: {count.allowed} are allowed in all, and {count.had:g} were had."
    return text


def _counts(result: CriterionResult, item: ItemDetermination, vocabulary: Vocabulary) -> Iterator[VisitCount]:
    values = item.item.known.values
    for test in _required(result.criterion.require):
        fact = vocabulary.facts.get(test.fact)
        if fact is None or fact.unit != UNIT or test.op not in _UPPER_LIMITS:
            continue
        limit = limit_of(test, result.guideline, item.item)
        if isinstance(limit, bool) or not isinstance(limit, int | float):
            continue
        # Visits are whole: fewer than seven are six.
        allowed = math.ceil(limit) - 1 if test.op is Op.LESS_THAN else math.floor(limit)
        derivation = vocabulary.derivations.get(test.fact)
        if isinstance(derivation, Sum):
            requested = [name for name in derivation.facts if vocabulary.facts[name].change is Changeable.REQUEST]
            others = [name for name in derivation.facts if name not in requested]
            asked, had = (_total([values.get(name) for name in part]) for part in (requested, others))
            in_all = _total([values.get(test.fact)])
            if in_all is not None and asked is not None and had is None:
                had = in_all - asked
            yield VisitCount(result, asked, had, counts_earlier=True, allowed=allowed)
        elif fact.change is Changeable.REQUEST:
            asked = _total([values.get(test.fact)])
            yield VisitCount(result, asked, None, counts_earlier=False, allowed=allowed)


def _required(condition: Condition | None) -> Iterator[Test]:
    """Yield the tests that a condition asks to hold; what stands under `not` limits nothing from above."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, All | AnyOf):
        for part in condition.parts:
            yield from _required(part)


def _total(values: list[object]) -> float | None:
    """Return the sum of numbers, or None where one is missing."""
    numbers = [value for value in values if isinstance(value, int | float)]
    return sum(numbers) if len(numbers) == len(values) else None
