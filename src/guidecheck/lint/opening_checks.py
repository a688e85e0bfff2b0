"""Facts that one criterion requires and that open another of its guideline."""

from __future__ import annotations

from collections.abc import Iterator

from guidecheck.errors import Finding
from guidecheck.language.conditions import Condition, Op, Test, facts_read
from guidecheck.language.vocabulary import STRUCTURAL
from guidecheck.library.models import Criterion, Guideline
from guidecheck.lint.context import Context, conjuncts, warning
from guidecheck.lint.guard_checks import answers_for
from guidecheck.reachability.statuses import YES, applies

REQUIRED_AND_OPENS = "required-and-opens"


def check_openers(context: Context) -> Iterator[Finding]:
    """Yield a finding for each fact that one criterion requires and that opens another of its guideline.

    Who documents the fact meets the one, and has to meet the other too; who leaves it out is asked for neither.
    """
    for guideline in context.library.guidelines.values():
        requiring: dict[str, list[Criterion]] = {}
        for criterion in guideline.criteria:
            for fact in _stated(criterion.require):
                requiring.setdefault(fact, []).append(criterion)
        for criterion in guideline.criteria:
            for fact in _stated(criterion.when):
                others = (o for o in requiring.get(fact, ()) if o is not criterion)
                other = next((o for o in others if _opens_by_meeting(context, guideline, o, criterion)), None)
                if other is None or _stands_for_silence(criterion, fact, guideline.criteria):
                    continue
                message = (
                    f"`{fact}` opens `{criterion.id}`, and `{other.id}` requires it: "
                    f"whoever leaves it undocumented is spared `{criterion.id}`"
                )
                hint = "let one of the two rest on another fact, or put both requirements into one criterion"
                yield warning(context.key_at(criterion, "when"), REQUIRED_AND_OPENS, message, hint)


def _stated(condition: Condition | None) -> dict[str, None]:
    """Return the facts that a condition tests for a value, and that must be documented for it to hold."""
    tests = (part for part in conjuncts(condition) if isinstance(part, Test))
    return {test.fact: None for test in tests if test.op is not Op.DOCUMENTED and test.fact not in STRUCTURAL}


def _opens_by_meeting(context: Context, guideline: Guideline, one: Criterion, other: Criterion) -> bool:
    """Tell whether one criterion can be met where another applies."""
    if one.require is None:
        return False
    wanted = [(guideline.applies_to, YES), *applies(one), *applies(other), (one.require, YES)]
    return context.reachability.find(guideline, wanted).witness is not None


def _stands_for_silence(opened: Criterion, fact: str, criteria: tuple[Criterion, ...]) -> bool:
    """Tell whether another criterion of the topic applies where the fact is undocumented."""
    return any(
        other is not opened
        and other.topic == opened.topic
        and fact not in facts_read(other.when)
        and answers_for(other, [opened])
        for other in criteria
    )
