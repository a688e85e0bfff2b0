"""Which criteria decide an item, and what they decide: 8 CCR 9792.21(d) and 9792.21.1 as rank and topic.

Of the criteria on one topic those of the highest rank control; a guideline that `leaves_open` only some topics
keeps lower ranks out of the others; within a rank a guideline may outrank another on the topics it speaks to.
Authorities of equal rank are alternatives ("ACOEM or ODG"): one whose criteria on a topic are all met suffices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from guidecheck.deciding.determination import Certainty, CriterionResult, Outcome, Status
from guidecheck.library.models import Authority, Guideline

Applying = list[tuple[Guideline, Authority, Certainty]]
"""The guidelines that apply or may apply to an item, each with its authority on the day."""


def resolve_control(results: Iterable[CriterionResult], guidelines: Applying) -> list[CriterionResult]:
    """Return criterion results with `controls` and `superseded_by` filled in, in the same order."""
    results = list(results)
    ranked = [_by_precedence(result, results, guidelines) for result in results]
    for topic in _topics(ranked):
        winner = _sufficient_authority(_on_topic(ranked, topic))
        if winner is not None:
            ranked = [_give_way(result, winner) for result in ranked]
    return ranked


def decide(results: Iterable[CriterionResult], *, complete: bool) -> tuple[Outcome, Status | None]:
    """Return the outcome that controlling criteria give, and what decided it.

    In complete records an undocumented criterion upholds. In partial records only what holds however the
    unknown facts turn out decides, and the rest is undetermined.
    """
    results = [result for result in results if result.controls is not Certainty.NO]
    if not results:
        return Outcome.NO_GUIDELINE, None
    upholding = [on for t in _topics(results) if _upholds(on := _on_topic(results, t), complete=complete)]
    if upholding:
        failed = any(all(_surely(_failed, group) for group in _by_authority(on)) for on in upholding)
        return Outcome.UPHELD, Status.FAILED if failed else Status.UNDOCUMENTED
    satisfied = all(_satisfied(_on_topic(results, topic)) for topic in _topics(results))
    if satisfied and any(result.controlling for result in results):
        return Outcome.OVERTURNED, Status.MET
    return Outcome.UNDETERMINED, None


def _topics(results: list[CriterionResult]) -> list[str]:
    return list(dict.fromkeys(result.criterion.topic for result in results))


def _on_topic(results: list[CriterionResult], topic: str) -> list[CriterionResult]:
    """Return the results on a topic that control or may control."""
    return [r for r in results if r.criterion.topic == topic and r.controls is not Certainty.NO]


def _by_authority(results: list[CriterionResult]) -> list[list[CriterionResult]]:
    groups: dict[str, list[CriterionResult]] = {}
    for result in results:
        groups.setdefault(result.authority.id, []).append(result)
    return list(groups.values())


def _by_precedence(
    result: CriterionResult, results: list[CriterionResult], guidelines: Applying
) -> CriterionResult:
    """Return a result with its control as rank, `leaves_open` and `outranks` give it."""
    if result.applies is Certainty.NO:
        return result
    superseder: str | None = None
    superseded = Certainty.NO
    topic, rank = result.criterion.topic, result.authority.rank
    for other in results:
        above = other.authority.rank < rank
        beside = other.authority.rank == rank and result.guideline.id in other.guideline.outranks
        if other.criterion.topic == topic and (above or beside) and other.applies > superseded:
            superseder, superseded = other.criterion.key, other.applies
    for guideline, authority, applies in guidelines:
        closes = guideline.leaves_open is not None and topic not in guideline.leaves_open
        if closes and authority.rank < rank and applies > superseded:
            superseder, superseded = guideline.id, applies
    if superseded is Certainty.SURELY:
        return replace(result, controls=Certainty.NO, superseded_by=superseder)
    controls = Certainty.POSSIBLY if superseded is Certainty.POSSIBLY else result.applies
    return replace(result, controls=controls)


def _sufficient_authority(results: list[CriterionResult]) -> CriterionResult | None:
    """Return a result of the authority whose criteria on a topic surely control and are all met."""
    for group in _by_authority(results):
        if any(result.controlling for result in group) and all(result.counts_as_met for result in group):
            return group[0]
    return None


def _give_way(result: CriterionResult, winner: CriterionResult) -> CriterionResult:
    """Return a result on the winner's topic as superseded where the winner's authority suffices."""
    on_topic = result.criterion.topic == winner.criterion.topic and result.controls is not Certainty.NO
    if not on_topic or result.authority.id == winner.authority.id:
        return result
    return replace(result, controls=Certainty.NO, superseded_by=winner.criterion.key)


def _satisfied(results: list[CriterionResult]) -> bool:
    """Tell whether a topic is met however unknown facts turn out."""
    return all(result.counts_as_met for result in results) or _sufficient_authority(results) is not None


def _upholds(results: list[CriterionResult], *, complete: bool) -> bool:
    """Tell whether a topic is unmet however unknown facts turn out, by every authority that may control it."""
    if not any(result.controlling for result in results):
        return False
    unmet = _unmet_in_complete if complete else _unmet_in_partial
    return all(_surely(unmet, group) for group in _by_authority(results))


def _surely(unmet: Callable[[CriterionResult], bool], group: list[CriterionResult]) -> bool:
    """Tell whether an authority's criteria are unmet, whichever of those that may control do."""
    found = [result for result in group if unmet(result)]
    return any(result.controlling for result in found) or len(found) == len(group)


def _unmet_in_complete(result: CriterionResult) -> bool:
    return not result.counts_as_met


def _unmet_in_partial(result: CriterionResult) -> bool:
    return result.surely_unmet


def _failed(result: CriterionResult) -> bool:
    return result.status is Status.FAILED
