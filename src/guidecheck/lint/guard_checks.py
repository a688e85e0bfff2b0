"""What the guards of criteria make of each other: cases that they forget, and criteria that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations, groupby, pairwise

from guidecheck.engine.questions import guard_of
from guidecheck.errors import Finding
from guidecheck.language.conditions import (
    All,
    Cell,
    Condition,
    FactRef,
    Not,
    Op,
    TableName,
    Test,
    facts_read,
    tests_of,
)
from guidecheck.language.facts import show_value
from guidecheck.language.vocabulary import STRUCTURAL
from guidecheck.library.models import Criterion, Guideline
from guidecheck.lint.bands import Band, band_of, between
from guidecheck.lint.context import Context, conjuncts, key_place, warning
from guidecheck.reachability.statuses import NOT_TRUE, UNDOCUMENTED, YES, Wanted, applies

UNCOVERED_CASE = "uncovered-case"
NOT_FOR_UNLESS = "not-for-unless"
EXCLUSIVE_CRITERIA = "exclusive-criteria"

MOST_WAYS = 64


def check_guards(context: Context) -> Iterator[Finding]:
    """Yield a finding for each guard by which criteria of one topic forget that a fact may be undocumented."""
    for guideline in context.library.guidelines.values():
        by_topic = sorted(guideline.criteria, key=lambda criterion: criterion.topic)
        for _, group in groupby(by_topic, key=lambda criterion: criterion.topic):
            criteria = list(group)
            if len(criteria) > 1:
                yield from _check_topic(context, guideline, criteria)


def _check_topic(context: Context, guideline: Guideline, criteria: list[Criterion]) -> Iterator[Finding]:
    for fact in _guarding(criteria):
        split = [c for c in criteria if fact in _guard_facts(c)]
        common = _shared([[p for p in conjuncts(c.when) if fact not in facts_read(p)] for c in split])
        holds: list[Wanted] = [(guideline.applies_to, YES), *((part, YES) for part in common)]
        known = Test(fact, Op.DOCUMENTED, True)
        rivals = [c for c in criteria if c in split or answers_for(c, split)]
        # Do these criteria cover every value?
        stated = [(known, YES), *holds]
        if any(context.reachability.find(guideline, [*stated, *out]).witness is not None for out in _outs(split)):
            yield from _holes(context, fact, split, rivals)
            continue
        if any(isinstance(p, Not) and fact in facts_read(p) for c in rivals for p in conjuncts(c.when)):
            continue  # its `not` is what shuts silence out, and is reported
        unstated = [(known, UNDOCUMENTED), *holds]
        for out in _outs(rivals):
            if context.reachability.find(guideline, [*unstated, *out]).witness is not None:
                names = " and ".join(f"`{c.id}`" for c in split)
                message = (
                    f"{names} cover every value of `{fact}`, and none of them applies where nobody documented it"
                )
                at = context.key_at(split[-1], "when", "unless")
                hint = "turn one `when` into an `unless` with the other's values: it then stands for silence too"
                mend = next(_mends(context, guideline, fact, rivals, unstated), None)
                if mend is not None:
                    at, hint = context.key_at(mend[0], "when"), mend[1]
                yield warning(at, UNCOVERED_CASE, message, hint)
                break


_CONTRARY = {
    Op.AT_MOST: Op.MORE_THAN,
    Op.MORE_THAN: Op.AT_MOST,
    Op.AT_LEAST: Op.LESS_THAN,
    Op.LESS_THAN: Op.AT_LEAST,
    Op.ON_OR_BEFORE: Op.AFTER,
    Op.AFTER: Op.ON_OR_BEFORE,
    Op.ON_OR_AFTER: Op.BEFORE,
    Op.BEFORE: Op.ON_OR_AFTER,
}
"""Tests one of which holds for every number and every date."""


def _mends(
    context: Context, guideline: Guideline, fact: str, criteria: list[Criterion], unstated: list[Wanted]
) -> Iterator[tuple[Criterion, str]]:
    """Yield the criteria that can stand for silence on a fact with `unless`, and how, the likeliest first.

    Those come first with whose values fewest go along, and of two such the one for a no: what nobody mentions was
    most often not there.
    """
    own = {c.id: [part for part in conjuncts(c.when) if fact in facts_read(part)] for c in criteria}
    for criterion in sorted(
        criteria, key=lambda c: (sum(own[c.id] == parts for parts in own.values()), _says_yes(own[c.id]))
    ):
        contrary = _contrary(own[criterion.id])
        if contrary is None or criterion.unless is not None:
            continue
        rest = tuple(part for part in conjuncts(criterion.when) if fact not in facts_read(part))
        mended = replace(criterion, when=All(rest) if rest else None, unless=contrary)
        outs = _outs([mended if c is criterion else c for c in criteria])
        if all(context.reachability.find(guideline, [*unstated, *out]).impossible for out in outs):
            yield (
                criterion,
                f"in `{criterion.id}` write `{_written(contrary)}` under `unless`, in place of "
                f"`{_written(own[criterion.id][0])}` under `when`: it then stands for silence too",
            )


def _says_yes(parts: list[Condition]) -> bool:
    return any(isinstance(part, Test) and part.operand is True for part in parts)


def _contrary(parts: list[Condition]) -> Test | None:
    """Return the test that holds for just the other values than a single one, None where one test can't say it."""
    test = parts[0] if len(parts) == 1 else None
    if not isinstance(test, Test) or isinstance(test.operand, FactRef | Cell | TableName | tuple):
        return None
    if isinstance(test.operand, bool) and test.op is Op.EQUALS:
        return Test(test.fact, Op.EQUALS, not test.operand)
    return Test(test.fact, _CONTRARY[test.op], test.operand) if test.op in _CONTRARY else None


def _written(test: Condition) -> str:
    """Return a test as an author writes it."""
    assert isinstance(test, Test)
    assert not isinstance(test.operand, FactRef | Cell | TableName | tuple)
    value = show_value(test.operand)
    return f"{test.fact}: {value}" if test.op is Op.EQUALS else f"{test.fact}: {test.op}: {value}"


def answers_for(criterion: Criterion, others: Iterable[Criterion]) -> bool:
    """Tell whether a criterion limits what others do, so that where it applies theirs needn't."""
    limited = limited_by(criterion)
    return criterion.require is None or any(
        other.require is None or limited & limited_by(other) for other in others
    )


def limited_by(criterion: Criterion) -> set[str]:
    """Return the facts of which a criterion asks for more than that they are documented."""
    return {test.fact for test in tests_of(criterion.require) if test.op is not Op.DOCUMENTED}


def _guard_facts(criterion: Criterion) -> list[str]:
    return [*facts_read(criterion.when), *facts_read(criterion.unless)]


def _guarding(criteria: list[Criterion]) -> list[str]:
    """Return the facts that guard more than one criterion, with different guards."""
    found: dict[str, list[Criterion]] = {}
    for criterion in criteria:
        asked = {t.fact for t in tests_of(criterion.when) if t.op is Op.DOCUMENTED}  # leaves silence out knowingly
        for fact in dict.fromkeys(_guard_facts(criterion)):
            if fact not in STRUCTURAL and fact not in asked:
                found.setdefault(fact, []).append(criterion)
    return [fact for fact, held in found.items() if len({(c.when, c.unless) for c in held}) > 1]


def _shared(lists: list[list[Condition]]) -> list[Condition]:
    """Return the conditions that stand in every list."""
    return [condition for condition in lists[0] if all(condition in others for others in lists[1:])]


def _outs(criteria: Iterable[Criterion]) -> list[list[Wanted]]:
    """Return the ways in which none of some criteria applies, each as what is wanted of conditions.

    None are returned where there are more than `MOST_WAYS`, which a guideline that a person wrote doesn't have.
    """
    ways: list[list[Wanted]] = [[]]
    for criterion in criteria:
        guard = guard_of(criterion)
        out: list[Wanted] = []
        if guard is not None:
            out.append((guard, NOT_TRUE))
        if criterion.unless is not None:
            out.append((criterion.unless, YES))
        ways = [[*way, one] for way in ways for one in out]
        if len(ways) > MOST_WAYS:
            return []
    return ways


def _holes(context: Context, fact: str, split: list[Criterion], rivals: list[Criterion]) -> Iterator[Finding]:
    """Yield a finding for each hole between the numbers for which criteria that otherwise apply alike stand."""
    guideline = context.library.guidelines[split[0].guideline]
    alike: dict[tuple[frozenset[Condition], Condition | None], list[tuple[Band, Criterion]]] = {}
    for criterion in split:
        band = band_of(conjuncts(criterion.when), fact)
        if band is not None:
            rest = frozenset(part for part in conjuncts(criterion.when) if fact not in facts_read(part))
            alike.setdefault((rest, criterion.unless), []).append((band, criterion))
    for (rest, unless), bands in alike.items():
        bands.sort(key=lambda one: (one[0].low, one[0].high))
        for (below, first), (above, second) in pairwise(bands):
            value = between(context.library.vocabulary.facts[fact], below, above)
            if value is None:
                continue
            holds: list[Wanted] = [(guideline.applies_to, YES), (Test(fact, Op.EQUALS, value), YES)]
            holds += [(part, YES) for part in rest]
            holds += [(unless, NOT_TRUE)] if unless is not None else []
            if any(
                context.reachability.find(guideline, [*holds, *out]).witness is not None for out in _outs(rivals)
            ):
                message = (
                    f"`{first.id}` and `{second.id}` leave a hole in `{fact}`: "
                    f"at {show_value(value)} neither applies"
                )
                hint = "let the limits of the two meet"
                yield warning(context.key_at(second, "when"), UNCOVERED_CASE, message, hint)


def check_contradictions(context: Context) -> Iterator[Finding]:
    """Yield a finding for each two criteria of a guideline that apply together and can't both be met."""
    for guideline in context.library.guidelines.values():
        for one, other in combinations(guideline.criteria, 2):
            if one.require is None or other.require is None or not limited_by(one) & limited_by(other):
                continue
            guards = [*applies(one), *applies(other)]
            holds: list[Wanted] = [(guideline.applies_to, YES), *guards]
            requires: list[Wanted] = [(one.require, YES), (other.require, YES)]
            if not context.reachability.find(guideline, [*holds, *requires]).impossible:
                continue
            if context.reachability.find(guideline, holds).witness is None or any(
                context.reachability.find(guideline, [*holds, alone]).impossible for alone in requires
            ):
                continue  # they don't apply together, or one of them fails by itself
            message = f"`{other.id}` can't be met where `{one.id}` is, and both apply together"
            hint = "check the two limits, or guard the criteria with `when` so that one of them applies at a time"
            yield warning(context.key_at(other, "require"), EXCLUSIVE_CRITERIA, message, hint)


def check_not(context: Context) -> Iterator[Finding]:
    """Yield a finding for each `not` in a `when` that shuts out silence too."""
    for criterion in context.library.criteria():
        for part in conjuncts(criterion.when):
            if isinstance(part, Not):
                facts = [fact for fact in facts_read(part) if fact not in STRUCTURAL]
                if facts:
                    when = context.criterion_node(criterion).get("when")
                    at = key_place(when, "not") or context.key_at(criterion, "when")
                    named = " and ".join(f"`{fact}`" for fact in facts)
                    message = (
                        f"`not` under `when` is no `unless`: where nobody documented {named}, "
                        f"`{criterion.id}` does not apply"
                    )
                    hint = (
                        "put what follows it under `unless`; where silence is to count so, name the values instead"
                    )
                    yield warning(at, NOT_FOR_UNLESS, message, hint)
