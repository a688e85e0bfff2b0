"""Criteria that another one of their guideline and topic makes idle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from guidecheck.errors import Finding
from guidecheck.library.confidence_words import CONFIDENCES
from guidecheck.library.models import Criterion
from guidecheck.lint.context import Context, conjuncts, warning
from guidecheck.lint.guard_checks import limited_by
from guidecheck.reachability.statuses import NO, UNDOCUMENTED, YES, Wanted, applies

REDUNDANT_CRITERION = "redundant-criterion"


def check_redundancy(context: Context) -> Iterator[Finding]:
    """Yield a finding for each criterion that is only ever unmet where another, which limits the same, is too."""
    for guideline in context.library.guidelines.values():
        idle: set[str] = set()
        for one, other in permutations(reversed(guideline.criteria), 2):
            if {one.id, other.id}.isdisjoint(idle) and _may_rest_on(one, other) and _rests_on(context, one, other):
                idle.add(one.id)
                message = (
                    f"`{one.id}` asks for nothing that `{other.id}` does not: where it is not met, `{other.id}` "
                    "is not met either"
                )
                hint = f"leave `{one.id}` out, or check the limits and guards of the two"
                yield warning(one.at, REDUNDANT_CRITERION, message, hint)


def _may_rest_on(one: Criterion, other: Criterion) -> bool:
    """Tell by a glance whether a criterion may be idle beside another.

    It isn't where the other is less sure, and `--min-confidence` may leave it out.
    """
    if one.topic != other.topic or one.require is None or other.require is None:
        return False
    if CONFIDENCES.index(other.confidence) > CONFIDENCES.index(one.confidence):
        return False
    if (one.require, one.when, one.unless) == (other.require, other.when, other.unless):
        return False  # the same criterion, which is reported as such
    limited = limited_by(one)
    if not limited or not limited <= limited_by(other) or one.assumed_met < other.assumed_met:
        return False
    # Where each guard of the other is one of its own, the other applies wherever it does.
    guards = set(conjuncts(other.when)) <= set(conjuncts(one.when)) and set(other.cells) <= set(one.cells)
    return guards and other.unless in (None, one.unless)


def _rests_on(context: Context, one: Criterion, other: Criterion) -> bool:
    """Tell whether a criterion comes out unmet only where another, which applies too, comes out no better."""
    assert one.require is not None
    assert other.require is not None
    guideline = context.library.guidelines[one.guideline]
    holds: list[Wanted] = [(guideline.applies_to, YES), *applies(one)]
    failed: list[Wanted] = [*holds, (one.require, NO)]
    better: list[list[Wanted]] = [
        [*failed, (other.require, YES | UNDOCUMENTED)],
        [*holds, (one.require, UNDOCUMENTED), (other.require, YES)],
    ]
    if any(not context.reachability.find(guideline, way).impossible for way in better):
        return False
    return not context.reachability.find(guideline, failed).impossible  # else it never fails, and is reported so
