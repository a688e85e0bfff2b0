"""What must hold between guidelines for control to be decided: names that exist, and no unranked rivals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import combinations, product

from guidecheck.conditions import Cell, Condition, FactRef, Op, TableName, Test, evaluate, tests_of
from guidecheck.errors import Finding, did_you_mean
from guidecheck.facts import Fact, FactType, Value
from guidecheck.library.models import Guideline
from guidecheck.vocabulary import TREATMENT

MOST_SAMPLES = 20_000


def check_precedence(guidelines: Mapping[str, Guideline], facts: Mapping[str, Fact]) -> Iterator[Finding]:
    """Yield a finding for each unknown name in `outranks`, each circle of it, and each pair of unranked rivals."""
    yield from _check_outranks(guidelines)
    for one, other in combinations(guidelines.values(), 2):
        topics = _shared_topics(one, other)
        if not topics or not _in_force_together(one, other):
            continue
        if other.id in one.outranks or one.id in other.outranks:
            continue
        if _can_both_hold(one.applies_to, other.applies_to, facts):
            named = ", ".join(topics)
            message = f"`{one.id}` and `{other.id}` may both apply to one item, on {named}"
            hint = f"narrow one `applies_to`, or let the special one say `outranks: [{one.id}]` ({one.at})"
            yield Finding(other.at, "unranked-rivals", message, hint)


def _shared_topics(one: Guideline, other: Guideline) -> list[str]:
    theirs = {criterion.topic for criterion in other.criteria}
    return [topic for topic in dict.fromkeys(c.topic for c in one.criteria) if topic in theirs]


def _in_force_together(one: Guideline, other: Guideline) -> bool:
    """Tell whether some day finds both in force with one authority."""
    return any(
        mine.authority == theirs.authority
        and (mine.end is None or theirs.start <= mine.end)
        and (theirs.end is None or mine.start <= theirs.end)
        for mine in one.periods
        for theirs in other.periods
    )


def _check_outranks(guidelines: Mapping[str, Guideline]) -> Iterator[Finding]:
    for guideline in guidelines.values():
        for name in sorted(guideline.outranks):
            other = guidelines.get(name)
            if other is None:
                hint = did_you_mean(name, guidelines)
                yield Finding(guideline.at, "unknown-guideline", f"`outranks` names no guideline: `{name}`", hint)
            elif not {p.authority for p in guideline.periods} & {p.authority for p in other.periods}:
                message = f"`{guideline.id}` outranks `{name}`, which has another authority"
                yield Finding(guideline.at, "wrong-outranks", message, "authorities are ranked in library.yaml")
        if _outranks_itself(guideline.id, guidelines):
            message = f"`{guideline.id}` outranks itself, through {', '.join(sorted(guideline.outranks))}"
            yield Finding(guideline.at, "wrong-outranks", message, "remove one of them")


def _outranks_itself(start: str, guidelines: Mapping[str, Guideline]) -> bool:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        guideline = guidelines.get(waiting.pop())
        for name in guideline.outranks if guideline else ():
            if name == start:
                return True
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return False


def _can_both_hold(one: Condition, other: Condition, facts: Mapping[str, Fact]) -> bool:
    """Tell whether two conditions can hold for one item that has a single treatment and a single region.

    Tried over the values that the conditions name, one value beside them, and undocumented. Sets are tried
    with one member: an item with two regions must meet the guidelines of both, which is no conflict.
    """
    tests = [*tests_of(one), *tests_of(other)]
    names = sorted({name for test in tests for name in _facts_in(test)}, key=lambda name: name != TREATMENT)
    samples = [_samples(facts[name], tests) for name in names]
    for count, values in enumerate(product(*samples)):
        if count >= MOST_SAMPLES:
            return True  # too many to try: ask the author to rank the two
        record = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for test in tests:
            if isinstance(test.operand, TableName):
                record[test.operand.key] = True
        if evaluate(one, record) is True and evaluate(other, record) is True:
            return True
    return False


def _facts_in(test: Test) -> Iterator[str]:
    yield test.fact
    if isinstance(test.operand, FactRef):
        yield test.operand.fact


def _samples(fact: Fact, tests: list[Test]) -> list[Value | None]:
    """Return values of a fact that tell the tests apart."""
    if fact.type is FactType.BOOLEAN:
        return [True, False, None]
    named: dict[Value, None] = {}
    for test in tests:
        if (
            test.fact == fact.name
            and not isinstance(test.operand, FactRef | TableName)
            and test.op is not Op.DOCUMENTED
        ):
            operands = test.operand if isinstance(test.operand, tuple) else (test.operand,)
            for operand in operands:
                if not isinstance(operand, Cell):
                    named[operand] = None
    if fact.type in (FactType.CHOICE, FactType.SET):
        beside = next((name for name in fact.choices if name not in named), None)
        words = [str(value) for value in named] + ([beside] if beside else [])
        values: list[Value | None] = [frozenset([w]) if fact.type is FactType.SET else w for w in words]
        return [*values, None]
    if fact.type.is_numeric:
        numbers = sorted(float(value) for value in named if isinstance(value, int | float)) or [0.0]
        around = [n + step for n in numbers for step in (-1.0, 0.0, 1.0)]
        return [*dict.fromkeys(around), None]
    if fact.type is FactType.DATE:
        days = [value for value in named if isinstance(value, date)]
        return [*dict.fromkeys(day + timedelta(step) for day in days for step in (-1, 0, 1)), None]
    return [*named, "another", None]
