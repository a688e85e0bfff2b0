"""Two determinations side by side: which facts and criteria differ, and what that did to the outcome.

The two may be drafts of one request, or one request under two editions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guidecheck.deciding.determination import (
    Certainty,
    CriterionResult,
    Determination,
    ItemDetermination,
    Status,
)
from guidecheck.deciding.lists_concerned import lists_concerned
from guidecheck.language.facts import UNDOCUMENTED, FactType, Value
from guidecheck.language.vocabulary import AS_OF, Vocabulary
from guidecheck.requests.request import Evidence


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that differs; None where a side leaves it out, UNDOCUMENTED where it is stated as undocumented.

    `follows` tells of a fact that neither side states, but that follows from those it does.
    """

    fact: str
    before: Value | None
    after: Value | None
    follows: bool


@dataclass(frozen=True, slots=True)
class EvidenceChange:
    """A fact of one value, whose evidence differs: its source, page or basis, or a second finding."""

    fact: str
    before: tuple[Evidence, ...]
    after: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class CriterionChange:
    """A criterion whose status or part in the outcome differs.

    A side is None where its guideline is not in force, or does not apply.
    """

    key: str
    before: CriterionResult | None
    after: CriterionResult | None

    @property
    def either(self) -> CriterionResult:
        """The later of the two results that there are."""
        result = self.after or self.before
        assert result is not None
        return result


@dataclass(frozen=True, slots=True)
class ItemComparison:
    """One item on both sides.

    Where the days differ, `moved` is the item as it was before, under the guidelines of the later day: what
    differs between the two is the day's doing, the rest that of the change. It is None for equal days, for one
    request under two editions, and where the item cannot be read on the other day.
    """

    before: ItemDetermination
    after: ItemDetermination
    facts: tuple[FactChange, ...]
    criteria: tuple[CriterionChange, ...]
    moved: ItemDetermination | None = None
    evidence: tuple[EvidenceChange, ...] = ()

    @property
    def records_differ(self) -> bool:
        """Whether one side's records are partial, and the other's complete."""
        return self.before.item.partial is not self.after.item.partial

    @property
    def turned(self) -> bool:
        """Whether the outcome differs."""
        return self.before.outcome is not self.after.outcome

    @property
    def resolved(self) -> list[CriterionChange]:
        """The criteria that stood in the way before, and no longer do; not those that the day took away."""
        return _resolved(self.moved or self.before, self.after)

    @property
    def arisen(self) -> list[CriterionChange]:
        """The criteria that stand in the way now, and did not before; not those that the day brought."""
        return _resolved(self.after, self.moved or self.before, back=True)

    @property
    def resolved_by_day(self) -> list[CriterionChange]:
        """The criteria that stood in the way before, and on the other day would not have."""
        return _resolved(self.before, self.moved) if self.moved else []

    @property
    def arisen_by_day(self) -> list[CriterionChange]:
        """The criteria that did not stand in the way before, and on the other day would have."""
        return _resolved(self.moved, self.before, back=True) if self.moved else []


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two determinations, item by item; `removed` and `added` are items that only one of them has."""

    before: Determination
    after: Determination
    items: tuple[ItemComparison, ...]
    removed: tuple[ItemDetermination, ...]
    added: tuple[ItemDetermination, ...]


def compare(
    before: Determination, after: Determination, vocabulary: Vocabulary, moved: Determination | None = None
) -> Comparison:
    """Return what differs; items are matched by id, the others by treatment in their order.

    Args:
        before: the answer to the earlier draft.
        after: the answer to the later one.
        vocabulary: of the library that gave them.
        moved: the answer to the earlier draft under the guidelines of the later one's day, where that is another.
    """
    pairs, removed, added = _matched(before.items, after.items)
    on_day = {item.item.id: item for item in moved.items} if moved else {}
    items = tuple(
        ItemComparison(
            one,
            other,
            tuple(_facts(one, other, vocabulary)),
            tuple(_criteria(one, other)),
            on_day.get(one.item.id),
            tuple(_evidence(one, other, vocabulary)),
        )
        for one, other in pairs
    )
    return Comparison(before, after, items, removed, added)


_Items = tuple[ItemDetermination, ...]


_Pairs = list[tuple[ItemDetermination, ItemDetermination]]


def _matched(before: _Items, after: _Items) -> tuple[_Pairs, _Items, _Items]:
    left = {id(item): item for item in after}
    partner: dict[int, ItemDetermination] = {}
    for same in (_same_id, _same_treatment):
        for one in before:
            other = next((item for item in left.values() if id(one) not in partner and same(one, item)), None)
            if other is not None:
                partner[id(one)] = left.pop(id(other))
    pairs = [(one, partner[id(one)]) for one in before if id(one) in partner]
    return pairs, tuple(one for one in before if id(one) not in partner), tuple(left.values())


def _same_id(one: ItemDetermination, other: ItemDetermination) -> bool:
    return one.item.id == other.item.id


def _same_treatment(one: ItemDetermination, other: ItemDetermination) -> bool:
    return one.item.treatment == other.item.treatment


def _facts(before: ItemDetermination, after: ItemDetermination, vocabulary: Vocabulary) -> list[FactChange]:
    """Return the facts that differ: those stated, and those that follow and that a criterion reads.

    Lists are told where either side has to do with them.
    """
    lists = lists_concerned(before, vocabulary) | lists_concerned(after, vocabulary)
    read = {name for side in (before, after) for r in (*side.criteria, *side.legal) for name in r.facts}
    found = []
    for name, fact in vocabulary.facts.items():
        if fact.type is FactType.LIST and name not in lists:
            continue
        stated = any(name in side.item.stated or name in side.item.undocumented for side in (before, after))
        values = _value(before, name), _value(after, name)
        if name != AS_OF and values[0] != values[1] and (stated or name in read):
            found.append(FactChange(name, *values, follows=not stated))
    return found


def _evidence(
    before: ItemDetermination, after: ItemDetermination, vocabulary: Vocabulary
) -> Iterator[EvidenceChange]:
    """Yield the facts that both sides state alike, on evidence that differs."""
    for name in vocabulary.facts:
        found = before.item.evidence.get(name, ()), after.item.evidence.get(name, ())
        if found[0] != found[1] and _value(before, name) == _value(after, name):
            yield EvidenceChange(name, *found)


def _value(side: ItemDetermination, name: str) -> Value | None:
    return UNDOCUMENTED if name in side.item.undocumented else side.item.known.values.get(name)


def _criteria(before: ItemDetermination, after: ItemDetermination) -> list[CriterionChange]:
    """Return the criteria that differ, topic by topic, so that those of two editions stand together."""
    one, other = ({r.criterion.key: r for r in (*side.criteria, *side.legal)} for side in (before, after))
    results = {**one, **other}
    topics = list(dict.fromkeys(result.criterion.topic for result in results.values()))
    keys = sorted(results, key=lambda key: topics.index(results[key].criterion.topic))
    changes = [CriterionChange(key, one.get(key), other.get(key)) for key in keys]
    return [change for change in changes if _stand(change.before) != _stand(change.after)]


def _stand(result: CriterionResult | None) -> tuple[Status, Certainty, str | None] | None:
    """Return what of a result is compared; not to be in force and not to apply come to the same."""
    if result is None or result.applies is Certainty.NO:
        return None
    return result.status, result.controls, result.superseded_by


def _resolved(one: ItemDetermination, other: ItemDetermination, *, back: bool = False) -> list[CriterionChange]:
    """Return the criteria that stand in the way on one side and not the other; `back`: the one is the later."""
    changes = _criteria(other, one) if back else _criteria(one, other)
    return [
        change
        for change in changes
        for standing, gone in [(change.after, change.before) if back else (change.before, change.after)]
        if _in_the_way(standing) and not _in_the_way(gone)
    ]


def _in_the_way(result: CriterionResult | None) -> bool:
    return result is not None and result.controls is not Certainty.NO and not result.counts_as_met
