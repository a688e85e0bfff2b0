"""What would turn a prediction: the smallest sets of changes after which an item is predicted overturned.

A change is something a person can do: ask otherwise (`request`), do it (`act`), or document what is true and
undocumented (`document`). What the request states as absent is never "documented" away, a fixed fact is never
changed, and guards are used only through `request` and `act` facts: nobody is told to document a flare-up so that
another rule applies.

Every solution must change something that bears on the first topic that stands in the way, so the search follows
the topics; what it finds is made minimal, and is checked by the engine before it is returned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

from guidecheck.deciding.changes import amended_item, as_told, changes_for, values_within
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import (
    Certainty,
    Change,
    Determination,
    ItemDetermination,
    Outcome,
    Remedies,
    Remedy,
)
from guidecheck.deciding.no_remedy import none_because, standing_in_the_way
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.language.facts import Changeable
from guidecheck.requests.request import Item

MOST_CHANGES = 4
MOST_REMEDIES = 12
MOST_TRIALS = 4_000
FEW_TRIALS = 200
"""Trials of what else would be needed, were a fact stated that the records leave open."""

TOO_MANY = (
    f"More than {MOST_CHANGES} changes would be needed together, or more were possible than could be tried: "
    "begin with what stands in the way."
)


class RemedyFinder:
    """Finds remedies with one checker's library."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._trial = Checker(checker.library, InterpretedEngine())

    def advise(self, determination: Determination) -> Determination:
        """Return a determination with the remedies of each item."""
        items = tuple(replace(item, remedies=self.find(item)) for item in determination.items)
        return replace(determination, items=items)

    def find(self, determination: ItemDetermination) -> Remedies:
        """Return the remedies of an item; none where it is predicted overturned or no guideline speaks to it."""
        if determination.outcome in (Outcome.OVERTURNED, Outcome.NO_GUIDELINE):
            return Remedies()
        search = _Search(self._trial, determination.item)
        search.run()
        sets = sorted(search.minimal(), key=_order)
        sure = [changes for changes in sets[:MOST_REMEDIES] if self._turns(determination.item, changes)]
        found = tuple(self._remedy(determination, changes) for changes in sure)
        cut = search.cut or len(sets) > MOST_REMEDIES
        if found:
            return Remedies(found, cut)
        return Remedies(
            (),
            cut,
            TOO_MANY if cut else none_because(determination, self._checker.library.vocabulary, self._turning),
        )

    def _remedy(self, determination: ItemDetermination, changes: tuple[Change, ...]) -> Remedy:
        vocabulary, item = self._checker.library.vocabulary, determination.item
        changes = self._with_true_bounds(item, changes)
        changes = tuple(self._asked_by(determination, change) for change in changes)
        amended = amended_item(vocabulary, item, changes)
        assert amended is not None
        return Remedy(changes, Outcome.OVERTURNED, as_told(vocabulary, item, amended, changes))

    def _asked_by(self, determination: ItemDetermination, change: Change) -> Change:
        """Return a change under the criterion, not met, that requires its fact: another found the way to it."""
        library = self._checker.library
        keys = [result.criterion.key for result in standing_in_the_way(determination)]
        keys = [change.criterion, *keys] if change.criterion in keys else [*keys, change.criterion]
        required = {c.key: library.vocabulary.sources(c.required_facts) for c in library.criteria()}
        asking = next((key for key in keys if change.fact in required[key]), change.criterion)
        return replace(change, criterion=asking)

    def _with_true_bounds(self, item: Item, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """Return changes of which only those keep their bound ("at most 6") that hold beyond the value itself."""
        vocabulary = self._checker.library.vocabulary
        kept = list(changes)
        for index, change in enumerate(changes):
            for value in values_within(vocabulary.facts[change.fact], change):
                others = (*changes[:index], replace(change, value=value), *changes[index + 1 :])
                amended = amended_item(vocabulary, item, others)
                if amended is None or self._trial.check_item(amended).outcome is not Outcome.OVERTURNED:
                    kept[index] = replace(change, bound=None)
                    break
        return tuple(kept)

    def _turns(self, item: Item, changes: tuple[Change, ...]) -> bool:
        amended = amended_item(self._checker.library.vocabulary, item, changes)
        return amended is not None and self._checker.check_item(amended).outcome is Outcome.OVERTURNED

    def _turning(self, item: Item) -> tuple[Change, ...] | None:
        """Return the fewest changes that turn an item, () where it is overturned as it is; None where none do."""
        if self._turns(item, ()):
            return ()
        search = _Search(self._trial, item, most_trials=FEW_TRIALS)
        search.run()
        return next((found for found in sorted(search.minimal(), key=_order) if self._turns(item, found)), None)


def _order(changes: tuple[Change, ...]) -> tuple[int, list[int], list[str]]:
    """Return what sorts sets of changes: few before many, asking otherwise before documenting and doing."""
    effort = [Changeable.REQUEST, Changeable.DOCUMENT, Changeable.ACT]
    return len(changes), sorted(effort.index(c.kind) for c in changes), sorted(c.fact for c in changes)


@dataclass
class _Search:
    """A depth-first search over sets of changes, each fact changed at most once."""

    checker: Checker
    item: Item
    most_trials: int = MOST_TRIALS
    cut: bool = False
    _solutions: dict[frozenset[Change], tuple[Change, ...]] = field(default_factory=dict)
    _seen: dict[frozenset[Change], ItemDetermination | None] = field(default_factory=dict)

    def run(self) -> None:
        """Look for every set of at most `MOST_CHANGES` changes."""
        self._extend(())

    def minimal(self) -> list[tuple[Change, ...]]:
        """Return the solutions of which no part is a solution, and no gentler version of the same changes."""
        solutions = [s for s in self._solutions.values() if not self._has_smaller(s)]
        return [s for s in solutions if not any(_gentler(other, s) for other in solutions if other is not s)]

    def _has_smaller(self, solution: tuple[Change, ...]) -> bool:
        parts = (part for size in range(1, len(solution)) for part in combinations(solution, size))
        return any(self._turned(part) for part in parts)

    def _turned(self, changes: tuple[Change, ...]) -> bool:
        determination = self._determination(changes)
        return determination is not None and determination.outcome is Outcome.OVERTURNED

    def _determination(self, changes: tuple[Change, ...]) -> ItemDetermination | None:
        """Return what an item so changed comes to, or None where the changes contradict its other facts."""
        key = frozenset(changes)
        if key not in self._seen:
            amended = amended_item(self.checker.library.vocabulary, self.item, changes)
            self._seen[key] = None if amended is None else self.checker.check_item(amended)
        return self._seen[key]

    def _extend(self, changes: tuple[Change, ...]) -> None:
        if frozenset(changes) in self._seen and changes:
            return
        if len(self._seen) >= self.most_trials:
            self.cut = True
            return
        determination = self._determination(changes)
        if determination is None:
            return
        if determination.outcome is Outcome.OVERTURNED:
            if self._documents_what_is_required(changes, determination):
                self._solutions[frozenset(changes)] = changes
            return
        if determination.outcome is Outcome.NO_GUIDELINE:
            return
        made = {change.fact: change for change in changes}
        for change in list(self._options(determination)):
            earlier = made.get(change.fact)
            if earlier is not None and not earlier.is_gentler_than(change):
                continue
            # A second limit on one fact takes the place of the first where it goes further.
            kept = tuple(other for other in changes if other is not earlier)
            if len(kept) >= MOST_CHANGES:
                self.cut = True
            else:
                self._extend((*kept, change))

    def _options(self, determination: ItemDetermination) -> Iterator[Change]:
        """Yield the changes that bear on the first topic in the way."""
        standing = standing_in_the_way(determination)
        if standing:
            yield from changes_for(self.checker, determination, standing[0].criterion.topic)
            return
        # Nothing stands in the way, but nothing surely decides either: any topic that may will do.
        possible = [r for r in determination.criteria if r.applies is Certainty.POSSIBLY]
        for topic in dict.fromkeys(result.criterion.topic for result in possible):
            yield from changes_for(self.checker, determination, topic)

    def _documents_what_is_required(self, changes: tuple[Change, ...], after: ItemDetermination) -> bool:
        """Tell whether each documented fact is one that a criterion in control then requires."""
        required = {
            name
            for result in after.criteria
            if result.controls is not Certainty.NO
            for name in self.checker.library.vocabulary.sources(result.criterion.required_facts)
        }
        return all(change.fact in required for change in changes if change.kind is Changeable.DOCUMENT)


def _gentler(one: tuple[Change, ...], other: tuple[Change, ...]) -> bool:
    """Tell whether one set changes the same facts as another, none of them further and some less far."""
    mine = {change.fact: change for change in one}
    theirs = {change.fact: change for change in other}
    if mine.keys() != theirs.keys() or mine == theirs:
        return False
    return all(mine[fact] == theirs[fact] or mine[fact].is_gentler_than(theirs[fact]) for fact in mine)
