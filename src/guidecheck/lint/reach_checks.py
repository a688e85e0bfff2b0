"""Criteria that can never apply, fail or be met."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from guidecheck.deciding.determination import Status
from guidecheck.engine.questions import cell_guards
from guidecheck.errors import Finding
from guidecheck.language.conditions import Op, tests_of
from guidecheck.library.models import Criterion
from guidecheck.lint.context import Context, warning
from guidecheck.reachability.statuses import NOT_TRUE, YES, Wanted

NEVER_APPLIES = "never-applies"
NEVER_MET = "never-met"
NEVER_FAILS = "never-fails"


def check_statuses(context: Context) -> Iterator[Finding]:
    """Yield a finding for each criterion that is never applied, never met or never failed."""
    heard = {name for held in context.library.jurisdictions.values() for name in held}
    for guideline in context.library.guidelines.values():
        if heard.isdisjoint(period.authority for period in guideline.periods):
            continue  # reported once, with the authority
        for criterion in guideline.criteria:
            yield from _check_criterion(context, criterion)


def _check_criterion(context: Context, criterion: Criterion) -> Iterator[Finding]:
    asked = (Status.FAILED, Status.MET)
    found = context.reachability.statuses(criterion, asked, witnesses=False)
    never = [status for status in asked if found[status].impossible]
    if not never:
        return
    if context.reachability.statuses(criterion, (Status.UNDOCUMENTED,))[Status.UNDOCUMENTED].impossible:
        never.append(Status.UNDOCUMENTED)
    if len(never) > len(asked):
        at = context.key_at(criterion, "when", "unless")
        message = f"`{criterion.id}` can never apply: {_conflict(context, criterion)}"
        hint = "compare them, also with the limits of the facts in the vocabulary"
        yield warning(at, NEVER_APPLIES, message, hint)
    elif criterion.require is None:
        return
    elif Status.MET in never:
        message = f"`{criterion.id}` can never be met: whatever the records say, it stands against the request"
        hint = "check the limits; for what is ruled out write `not_recommended: yes` instead of `require`"
        yield warning(context.key_at(criterion, "require"), NEVER_MET, message, hint)
    elif Status.FAILED in never and (Status.UNDOCUMENTED in never or not _asks_only_for_documents(criterion)):
        message = f"`{criterion.id}` can never fail: every value that its facts can have meets it"
        hint = "check the limit against the guards and the fact's minimum and maximum, or leave the criterion out"
        yield warning(context.key_at(criterion, "require"), NEVER_FAILS, message, hint)


def _conflict(context: Context, criterion: Criterion) -> str:
    """Return which of the conditions under which a criterion applies can't hold together."""
    guideline = context.library.guidelines[criterion.guideline]
    parts: dict[str, list[Wanted]] = {"`applies_to`": [(guideline.applies_to, YES)]}
    if criterion.when is not None:
        parts["`when`"] = [(criterion.when, YES)]
    if criterion.unless is not None:
        parts["`unless`"] = [(criterion.unless, NOT_TRUE)]
    for cell in criterion.cells:
        parts[f"the rows of `{cell.table}`"] = [(part, YES) for part in cell_guards(criterion)]
    for size in (1, 2, 3):
        for names in combinations(parts, size):
            if context.reachability.find(guideline, [w for name in names for w in parts[name]]).impossible:
                return f"{names[0]} can never hold" if size == 1 else f"{' and '.join(names)} exclude each other"
    return "no day and no facts fit its guards and its guideline together"


def _asks_only_for_documents(criterion: Criterion) -> bool:
    return all(test.op is Op.DOCUMENTED for test in tests_of(criterion.require))
