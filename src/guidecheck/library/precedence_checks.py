"""What must hold between guidelines for control to be decided: names that exist, and no unranked rivals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations, product

from guidecheck.errors import Findings, Location
from guidecheck.language.conditions import (
    Cell,
    Condition,
    FactRef,
    Op,
    TableName,
    Test,
    can_be,
    facts_read,
    tests_of,
)
from guidecheck.language.facts import Fact, FactType, Value
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library.models import Guideline, Period
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import members, place, scalars, under

MOST_TRIALS = 2_000

_SHORT = timedelta(366)
"""Editions that overlap by no more were meant to follow each other: a day, a month or a year is mistyped."""


def check_precedence(
    guidelines: Mapping[str, Guideline],
    nodes: Mapping[str, MappingNode],
    facts: Mapping[str, Fact],
    findings: Findings,
) -> None:
    """Report what `outranks` may not say, and each pair of rivals that it leaves unranked."""
    _check_outranks(guidelines, nodes, findings)
    for one, other in combinations(guidelines.values(), 2):
        if other.id in one.outranks or one.id in other.outranks:
            continue
        if not _in_force_together(one.periods, other.periods):
            continue
        topics = _shared_topics(one, other)
        if topics and _can_both_hold(one.applies_to, other.applies_to, facts):
            if _report_overlap(one, other, topics, findings):
                continue
            message = f"`{one.id}` and `{other.id}` may both apply to one item, on {', '.join(topics)}"
            if len(facts_read(one.applies_to)) > len(facts_read(other.applies_to)):
                hint = f"narrow one `applies_to`, or let `{one.id}` say `outranks: [{other.id}]` ({one.at})"
            else:
                hint = f"narrow one `applies_to`, or let the special one say `outranks: [{one.id}]` ({one.at})"
            findings.add(_rivals_at(other, topics, nodes[other.id]), "unranked-rivals", message, hint)


def _report_overlap(one: Guideline, other: Guideline, topics: Sequence[str], findings: Findings) -> bool:
    """Report the guideline that begins shortly before the other ends; tell whether that is how they are rivals."""
    together = [pair for pair in product(one.periods, other.periods) if _overlap(*pair)]
    if len(together) != 1:
        return False
    earlier, later = sorted(together[0], key=lambda period: period.start)
    if earlier.end is None or earlier.start == later.start or earlier.end - later.start > _SHORT:
        return False
    if later.end is not None and later.end <= earlier.end:
        return False
    ends, begins = (one, other) if earlier in one.periods else (other, one)
    message = (
        f"begins while `{ends.id}` is still in force, until {earlier.end}, and both may apply to one item, "
        f"on {', '.join(topics)}"
    )
    hint = (
        f"begin it on {earlier.end + timedelta(1)}, or end the other on {later.start - timedelta(1)} "
        f"({earlier.ends_at or ends.at})"
    )
    findings.add(later.begins_at or begins.at, "overlapping-editions", message, hint)
    return True


def _rivals_at(guideline: Guideline, topics: Sequence[str], node: MappingNode) -> Location:
    """Return where a rival is told: at the topic by which it is one, where it has others beside that."""
    if all(criterion.topic in topics for criterion in guideline.criteria):
        return guideline.at
    named = (under(member, "topic") for member in members(node.get("criteria")))
    return next((name.at for topic in named for name in scalars(topic) if name.text in topics), guideline.at)


def rivals(
    guidelines: Iterable[Guideline], period: Period, applies_to: Condition, topic: str, facts: Mapping[str, Fact]
) -> list[Guideline]:
    """Return those that would rival a guideline: in force with it by one authority, on its topic, for one item."""
    return [
        other
        for other in guidelines
        if _in_force_together((period,), other.periods)
        and any(criterion.topic == topic for criterion in other.criteria)
        and _can_both_hold(applies_to, other.applies_to, facts)
    ]


def _shared_topics(one: Guideline, other: Guideline) -> list[str]:
    theirs = {criterion.topic for criterion in other.criteria}
    return [topic for topic in dict.fromkeys(c.topic for c in one.criteria) if topic in theirs]


def _in_force_together(one: Sequence[Period], other: Sequence[Period]) -> bool:
    """Tell whether some day lies in a period of each, with one authority."""
    return any(_overlap(mine, theirs) for mine, theirs in product(one, other))


def _overlap(mine: Period, theirs: Period) -> bool:
    return (
        mine.authority == theirs.authority
        and (mine.end is None or theirs.start <= mine.end)
        and (theirs.end is None or mine.start <= theirs.end)
    )


def _check_outranks(
    guidelines: Mapping[str, Guideline], nodes: Mapping[str, MappingNode], findings: Findings
) -> None:
    told: set[str] = set()
    for guideline in guidelines.values():
        for name in scalars(nodes[guideline.id].get("outranks")):
            other = guidelines.get(name.text)
            if other is None or not guideline.periods or not other.periods:
                continue
            if not {p.authority for p in guideline.periods} & {p.authority for p in other.periods}:
                message = f"`{guideline.id}` outranks `{other.id}`, which has another authority"
                findings.add(name.at, "wrong-outranks", message, "authorities are ranked in library.yaml")
        circle = _circle(guideline.id, guidelines)
        if circle and guideline.id not in told:
            told.update(circle)
            message = f"`{guideline.id}` outranks itself" + (
                f", through {', '.join(name for name in circle if name != guideline.id)}"
                if len(circle) > 1
                else ""
            )
            at = place(nodes[guideline.id], "outranks")
            findings.add(at, "wrong-outranks", message, "remove one `outranks` of the circle")


def _circle(start: str, guidelines: Mapping[str, Guideline]) -> list[str]:
    """Return the guidelines that outrank each other in a circle with one; none where there is no circle."""
    above = _outranked(start, guidelines)
    return [name for name in sorted(above) if start in _outranked(name, guidelines)] if start in above else []


def _outranked(start: str, guidelines: Mapping[str, Guideline]) -> set[str]:
    """Return the guidelines that one outranks, however indirectly."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        guideline = guidelines.get(waiting.pop())
        for name in guideline.outranks if guideline else ():
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


def _can_both_hold(one: Condition, other: Condition, facts: Mapping[str, Fact]) -> bool:
    """Tell whether two conditions can hold for one item that has a single treatment and a single region.

    Tried over the values that the conditions name, one value beside them, and undocumented. Sets are tried
    with one member: an item with two regions must meet the guidelines of both, which is no conflict.
    """
    tests = [*tests_of(one), *tests_of(other)]
    names = sorted(
        {name for test in tests for name in facts_read(test)}, key=lambda name: (name != TREATMENT, name)
    )
    samples = [_samples(facts[name], tests) for name in names]
    listed: dict[str, Value] = {test.operand.key: True for test in tests if isinstance(test.operand, TableName)}
    # Depth first; each entry has a record, and how many of the facts it settles.
    waiting: list[tuple[dict[str, Value], int]] = [(listed, 0)]
    for _ in range(MOST_TRIALS):
        if not waiting:
            return False
        record, settled = waiting.pop()
        if not all(can_be(condition, True, record, names[settled:]) for condition in (one, other)):
            continue
        if settled == len(names):
            return True
        name = names[settled]
        waiting += [({**record, name: v} if v is not None else record, settled + 1) for v in samples[settled]]
    return True  # too many to try: the author is asked to rank the two


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
