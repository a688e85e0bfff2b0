"""From statuses to control and outcome for all rows, with the meaning of `control.resolve_control` and `decide`.

Each stage rests on groups that the one before has made, so that the query grows with the number of criteria and
not with its square. A certainty is two expressions: surely, and at least possibly; in complete records one.

A guideline whose authority changes over time is one *voice* for each authority: at most one speaks on a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TypeVar

from guidecheck.engine import columnar_logic as logic
from guidecheck.engine.columnar_logic import NO, Bool, Value, all_of, any_of
from guidecheck.library.models import Authority, Criterion, Guideline, Library


@dataclass(frozen=True, eq=False)
class Voice:
    """A guideline with one of the authorities it has had."""

    guideline: Guideline
    authority: Authority


@dataclass(frozen=True, eq=False)
class Say:
    """A criterion as a voice states it."""

    criterion: Criterion
    voice: Voice

    @property
    def rank(self) -> int:
        """The rank of its authority."""
        return self.voice.authority.rank


def voices(library: Library) -> list[Voice]:
    """Return every guideline with each medical authority it has had, in the library's order."""
    return [
        Voice(guideline, library.authorities[name])
        for guideline in library.guidelines.values()
        for name in dict.fromkeys(period.authority for period in guideline.periods)
        if not library.authorities[name].legal
    ]


@dataclass(frozen=True)
class Likely:
    """Whether something is surely so, and whether it is at least possibly so."""

    surely: Bool
    possibly: Bool

    def __and__(self, other: Likely) -> Likely:
        return Likely(self.surely & other.surely, self.possibly & other.possibly)

    def without(self, other: Likely) -> Likely:
        """Return what is left where something else does not take its place.

        What possibly gives way is no longer sure; what surely does isn't even possible.
        """
        return Likely(self.surely & ~other.possibly, self.possibly & ~other.surely)


def any_likely(parts: Iterable[Likely]) -> Likely:
    """Return whether any of several is so."""
    parts = list(parts)
    return Likely(any_of(part.surely for part in parts), any_of(part.possibly for part in parts))


@dataclass(frozen=True)
class Standing:
    """How a criterion stands: whether its own guards let it apply, and its status.

    `met` is that it counts as met; `unmet` that it surely isn't, whatever unknown facts turn out to be.
    """

    applies: Likely
    met: Bool
    failed: Bool
    unmet: Bool
    undocumented: Bool


@dataclass
class Control:
    """Who controls and what follows.

    `speaks` tells of each voice whether its guideline applies and is in force, `standings` of each criterion, by
    key, how it stands.
    """

    library: Library
    speaks: Mapping[Voice, Likely]
    standings: Mapping[str, Standing]
    partial: bool

    @cached_property
    def says(self) -> list[Say]:
        """What is said, in the order of a check: of two authorities that suffice the first is taken."""
        place = {name: index for index, name in enumerate(self.library.authorities)}
        ordered = sorted(self.speaks, key=lambda voice: place[voice.authority.id])
        return [
            Say(criterion, voice)
            for voice in ordered
            if self.speaks[voice].possibly is not NO
            for criterion in voice.guideline.criteria
        ]

    @cached_property
    def by_topic(self) -> dict[str, list[Say]]:
        """What is said on each topic."""
        return _grouped(self.says, lambda say: say.criterion.topic)

    @cached_property
    def applying(self) -> dict[Say, Likely]:
        """Whether each criterion applies."""
        return {say: self.speaks[say.voice] & self._standing(say).applies for say in self.says}

    def _standing(self, say: Say) -> Standing:
        return self.standings[say.criterion.key]

    @cached_property
    def _by_rank(self) -> dict[str, dict[int, Likely]]:
        """Whether anything applies, by topic and rank."""
        return {
            topic: {
                rank: any_likely(self.applying[say] for say in group)
                for rank, group in _grouped(says, lambda say: say.rank).items()
            }
            for topic, says in self.by_topic.items()
        }

    @cached_property
    def _by_voice(self) -> dict[str, dict[Voice, Likely]]:
        """Whether anything applies, by topic and voice."""
        return {
            topic: {
                voice: any_likely(self.applying[say] for say in group)
                for voice, group in _grouped(says, lambda say: say.voice).items()
            }
            for topic, says in self.by_topic.items()
        }

    @cached_property
    def _closing(self) -> dict[tuple[int, frozenset[str]], Likely]:
        """Whether a guideline of a rank applies that leaves only some topics open."""
        found: dict[tuple[int, frozenset[str]], list[Likely]] = {}
        for voice, speaks in self.speaks.items():
            if voice.guideline.leaves_open is not None:
                found.setdefault((voice.authority.rank, voice.guideline.leaves_open), []).append(speaks)
        return {key: any_likely(speaking) for key, speaking in found.items()}

    def _superseding(self, say: Say) -> Likely:
        topic, rank = say.criterion.topic, say.rank
        over = [applies for above, applies in self._by_rank[topic].items() if above < rank]
        over += [
            applies
            for (above, open_topics), applies in self._closing.items()
            if above < rank and topic not in open_topics
        ]
        over += [
            applies
            for voice, applies in self._by_voice[topic].items()
            if voice.authority.rank == rank and say.voice.guideline.id in voice.guideline.outranks
        ]
        return any_likely(over)

    @cached_property
    def _by_precedence(self) -> dict[Say, Likely]:
        """Whether each criterion controls as rank, `leaves_open` and `outranks` give it."""
        return {say: applies.without(self._superseding(say)) for say, applies in self.applying.items()}

    @cached_property
    def controls(self) -> dict[Say, Likely]:
        """Whether each criterion controls."""
        found: dict[Say, Likely] = {}
        for says in self.by_topic.values():
            # What surely controls keeps out all other ranks, so that authorities rival within one.
            for rivals in _grouped(says, lambda say: say.rank).values():
                wins = self._winners(rivals)
                for say in rivals:
                    controls = self._by_precedence[say]
                    lost = any_of(won for authority, won in wins.items() if authority != say.voice.authority.id)
                    found[say] = Likely(controls.surely & ~lost, controls.possibly & ~lost)
        return found

    def _winners(self, says: list[Say]) -> dict[str, Bool]:
        """Return which authority, the first in order that suffices, the others on a topic give way to."""
        groups = _grouped(says, lambda say: say.voice.authority.id)
        if len(groups) < 2:
            return {}
        controls = self._by_precedence
        suffices = {
            authority: any_of(controls[say].surely for say in group)
            & ~any_of(controls[say].possibly & ~self._standing(say).met for say in group)
            for authority, group in groups.items()
        }
        wins: dict[str, list[Bool]] = {authority: [] for authority in groups}
        taken = NO
        # The authorities come in the order of what of theirs may control, not of what they say.
        for authority, run in groupby(says, lambda say: say.voice.authority.id):
            here = any_of(controls[say].possibly for say in run) & suffices[authority]
            wins[authority].append(here & ~taken)
            taken |= here
        return {authority: any_of(won) for authority, won in wins.items()}

    def _upheld(self, lost: Callable[[Say], Bool]) -> Bool:
        """Return whether some topic is lost by every authority that may control it."""
        found = []
        for says in self.by_topic.values():
            if self.partial:
                controlled = any_of(self.controls[say].surely for say in says)
                found.append(all_of([controlled, *self._lost_by_authority(says, lost)]))
            else:
                # In complete records one rank controls a topic, and most have one authority that speaks to it.
                ranks = _grouped(says, lambda say: say.rank).values()
                found += [self._lost_by_peers(peers, lost) for peers in ranks]
        return any_of(found)

    def _lost_by_authority(self, says: list[Say], lost: Callable[[Say], Bool]) -> Iterator[Bool]:
        """Yield whether each authority's criteria are lost, whichever of those that may control do."""
        for group in _grouped(says, lambda say: say.voice.authority.id).values():
            surely = any_of(self.controls[say].surely & lost(say) for say in group)
            yield surely | ~any_of(self.controls[say].possibly & ~lost(say) for say in group)

    def _lost_by_peers(self, says: list[Say], lost: Callable[[Say], Bool]) -> Bool:
        """Return whether all authorities of a rank that control are lost, and some does, in complete records."""
        groups = list(_grouped(says, lambda say: say.voice.authority.id).values())
        losing = [any_of(self.controls[say].surely & lost(say) for say in group) for group in groups]
        silent = [~any_of(self.controls[say].surely for say in group) for group in groups]
        return any_of(losing) & all_of(loses | none for loses, none in zip(losing, silent, strict=True))

    def decide(self, lacking: Bool) -> tuple[Value, Value]:
        """Return the outcome and the basis, NULL without a prediction; `lacking` a needed fact there is none."""
        spoken = any_of(likely.possibly for likely in self._by_precedence.values())
        upheld = self._upheld(lambda say: self._standing(say).unmet)
        failed = self._upheld(lambda say: self._standing(say).failed)
        overturned = spoken
        if self.partial:
            overturned = any_of(likely.surely for likely in self.controls.values()) & ~any_of(
                likely.possibly & ~self._standing(say).met for say, likely in self.controls.items()
            )
        text, none = logic.literal, logic.NULL_TEXT
        undetermined = text("undetermined")
        outcome = [
            (lacking, undetermined),
            (upheld, text("upheld")),
            (overturned, text("overturned")),
            (spoken, undetermined),
        ]
        basis = [
            (lacking, none),
            (failed, text("failed")),
            (upheld, text("undocumented")),
            (overturned, text("met")),
        ]
        return logic.switch(outcome, text("no_guideline")), logic.switch(basis, none)

    def controlling(self) -> dict[str, Bool]:
        """Return whether each criterion, by key, decides."""
        groups = _grouped(self.says, lambda say: say.criterion.key)
        return {key: any_of(self.controls[say].surely for say in group) for key, group in groups.items()}

    def applicable(self) -> dict[str, Bool]:
        """Return whether each criterion, by key, may apply."""
        groups = _grouped(self.says, lambda say: say.criterion.key)
        return {key: any_of(self.applying[say].possibly for say in group) for key, group in groups.items()}


_K = TypeVar("_K")


def _grouped(says: Iterable[Say], key: Callable[[Say], _K]) -> dict[_K, list[Say]]:
    """Return what is said, grouped in order of first appearance."""
    groups: dict[_K, list[Say]] = {}
    for say in says:
        groups.setdefault(key(say), []).append(say)
    return groups
