"""Criteria that can never apply, fail or be met, and cases that their guards forget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, groupby

from guidecheck.deciding.determination import Status
from guidecheck.engine.questions import cell_guards, guard_of
from guidecheck.errors import Finding
from guidecheck.language.conditions import Condition, Not, Op, Test, facts_read, tests_of
from guidecheck.language.vocabulary import STRUCTURAL
from guidecheck.library.models import Criterion, Guideline
from guidecheck.lint.context import Context, conjuncts, key_place, warning
from guidecheck.reachability.statuses import NOT_TRUE, UNDOCUMENTED, YES, Wanted

NEVER_APPLIES = "never-applies"
NEVER_MET = "never-met"
NEVER_FAILS = "never-fails"
UNCOVERED_CASE = "uncovered-case"
NOT_FOR_UNLESS = "not-for-unless"

MOST_WAYS = 64


def check_statuses(context: Context) -> Iterator[Finding]:
    """Yield a finding for each criterion that is never applied, never met or never failed."""
    for criterion in context.library.criteria():
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
        # Do these criteria cover every value?
        stated = [(known, YES), *holds]
        if not all(context.reachability.find(guideline, [*stated, *out]).impossible for out in _outs(split)):
            continue
        unstated = [(known, UNDOCUMENTED), *holds]
        for out in _outs(criteria):
            if context.reachability.find(guideline, [*unstated, *out]).witness is not None:
                names = " and ".join(f"`{c.id}`" for c in split)
                message = (
                    f"{names} cover every value of `{fact}`, and none of them applies where nobody documented it"
                )
                hint = "turn one `when` into an `unless` with the other's values: it then stands for silence too"
                yield warning(context.key_at(split[-1], "when", "unless"), UNCOVERED_CASE, message, hint)
                break


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
