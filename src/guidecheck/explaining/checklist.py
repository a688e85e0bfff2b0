"""What an item's record has, what it lacks, and what to say so that it counts, in the order of what matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from guidecheck.deciding.determination import Certainty, CriterionResult, ItemDetermination, Status
from guidecheck.explaining.remedy_texts import alternatives, either
from guidecheck.explaining.settling import Reading, Settled, settle
from guidecheck.explaining.visit_arithmetic import advised
from guidecheck.language.conditions import AnyOf
from guidecheck.language.facts import Changeable
from guidecheck.language.vocabulary import Vocabulary


class State(StrEnum):
    """Where a point of the checklist stands, the most pressing first.

    STANDING is what the records themselves say against the request, so that no other point helps while it
    stands; CONTRARY is what can be asked otherwise or done.
    """

    STANDING = "standing"
    CONTRARY = "contrary"
    MISSING = "missing"
    UNKNOWN = "unknown"
    ASSUMED = "assumed"
    DOCUMENTED = "documented"


_ORDER = list(State)
_OWN_DOING = (Changeable.REQUEST, Changeable.ACT)


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the checklist: the criteria on one topic that turn on the same facts.

    `documented` are the known facts that speak for them, `contrary` those against. `missing` names the facts that
    are not documented, `unknown` those that partial records leave open; with `any_suffices` one of these is
    enough. `advice` is what to write or ask, in the criteria's own remedy texts, sources of equal rank being
    alternatives; "" for nothing. `instead` are criteria of other sources on the topic that would do as well.
    """

    state: State
    results: tuple[CriterionResult, ...]
    documented: tuple[Reading, ...]
    contrary: tuple[Reading, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    any_suffices: bool
    advice: str
    instead: tuple[CriterionResult, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        """The facts that an answer is wanted for."""
        return self.missing + self.unknown


def checklist(determination: ItemDetermination, vocabulary: Vocabulary) -> list[Point]:
    """Return the points of an item, of the criteria that decide it or may, in the order of what matters."""
    results = [result for result in determination.criteria if result.controls is not Certainty.NO]
    return _points(results, determination, vocabulary)


def legal_checklist(determination: ItemDetermination, vocabulary: Vocabulary) -> list[Point]:
    """Return the points of law, which are no part of the prediction."""
    results = [result for result in determination.legal if result.applies is not Certainty.NO]
    return _points(results, determination, vocabulary)


def _points(
    results: Iterable[CriterionResult], determination: ItemDetermination, vocabulary: Vocabulary
) -> list[Point]:
    groups: dict[object, list[tuple[CriterionResult, Settled]]] = {}
    for result in results:
        settled = settle(result, determination.item, vocabulary)
        state = _state(result, settled, vocabulary)
        turns_on = frozenset(r.test for r in settled.contrary), frozenset(settled.missing + settled.unknown)
        # What is documented is worth its own line, criterion by criterion; the rest is one thing to do.
        alone = result.criterion.key if state is State.DOCUMENTED else ""
        groups.setdefault((state, result.criterion.topic, turns_on, alone), []).append((result, settled))
    points = [_point(group, determination, vocabulary) for group in groups.values()]
    points = [replace(point, instead=_instead(point, points)) for point in points]
    return sorted(points, key=lambda point: _ORDER.index(point.state))


def _instead(point: Point, points: list[Point]) -> tuple[CriterionResult, ...]:
    """Return the open criteria on a point's topic of which one source's would do: none where its own must hold."""
    if point.state in (State.DOCUMENTED, State.ASSUMED):
        return ()
    own, topic = {result.authority.id for result in point.results}, point.results[0].criterion.topic
    others = [result for other in points for result in other.results if other is not point]
    return tuple(r for r in others if r.criterion.topic == topic and r.authority.id not in own)


def _point(
    group: list[tuple[CriterionResult, Settled]], determination: ItemDetermination, vocabulary: Vocabulary
) -> Point:
    (first, settled), results = group[0], tuple(result for result, _ in group)
    state = _state(first, settled, vocabulary)
    guards = settled.guards if first.criterion.require is None else ()
    asks = state is not State.DOCUMENTED
    told = alternatives(results, lambda result: advised(result, determination, vocabulary))
    return Point(
        state=state,
        results=results,
        documented=settled.supporting,
        contrary=settled.contrary or guards,
        missing=settled.missing if asks else (),
        unknown=settled.unknown if asks else (),
        any_suffices=isinstance(first.criterion.require, AnyOf),
        advice=either(told) if asks else "",
    )


def _state(result: CriterionResult, settled: Settled, vocabulary: Vocabulary) -> State:
    if result.assumed:
        return State.ASSUMED
    if result.status is Status.MET:
        return State.DOCUMENTED
    if result.status is Status.UNDOCUMENTED:
        if result.could_be_met:
            return State.UNKNOWN
        # Where something speaks against it, what is missing may itself be something to do.
        to_do = settled.contrary and all(vocabulary.facts[n].change in _OWN_DOING for n in settled.missing)
        return State.CONTRARY if to_do else State.MISSING
    against = [reading.test.fact for reading in settled.contrary or settled.guards]
    kinds = {vocabulary.facts[name].change for name in vocabulary.sources(against)}
    return State.CONTRARY if kinds.intersection(_OWN_DOING) else State.STANDING
