"""Whether a mutant can make any difference to a status, and the facts with which it does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from guidecheck.editing.coverage import facts_in_words
from guidecheck.editing.mutants import Mutant
from guidecheck.language.conditions import All, AnyOf, Cell, Condition, Not, Op, TableName, Test, cells_read
from guidecheck.language.derivations import Derivation, FirstKnown, Formula, ValueWhen
from guidecheck.language.facts import AS_OF
from guidecheck.library.models import Criterion, Guideline, Library, Period
from guidecheck.reachability.statuses import NO, NOT_TRUE, UNDOCUMENTED, YES, Found, Reachability, Wanted, applies

_NOT_FALSE = YES | UNDOCUMENTED
_DOCUMENTED = YES | NO
_ANY = _DOCUMENTED | UNDOCUMENTED
_CHANGED = " (changed)"
"""Stands behind a changed table's name, which no table's own name can end in."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a mutant: that it is equal to what it was made from, or facts that tell the two apart."""

    equal: bool = False
    facts: str = ""


class Equivalence:
    """Compares guidelines with their mutants, criterion by criterion, in complete records."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._reachability = Reachability(library)

    def compare(self, guideline: Guideline, mutant: Mutant) -> Told:
        """Return whether the two can differ in a status, as far as that can be told."""
        changed = mutant.guideline
        both, renamed = _with_both_tables(guideline, changed)
        ways = list(_ways(guideline, changed, renamed))
        if not ways:
            return Told(equal=self._is_beside_prediction(guideline))
        found = [self._reachability.find(both, way) for way in ways]
        return _told(found)

    def compare_derivations(self, old: Derivation, new: Derivation | None) -> Told:
        """Return whether two forms of a derivation can differ: told where one condition in them does."""
        if isinstance(old, FirstKnown) and isinstance(new, FirstKnown) and len(old.parts) == len(new.parts):
            ((was, now),) = [pair for pair in zip(old.parts, new.parts, strict=True) if pair[0] != pair[1]]
            return Told() if isinstance(was, str) or isinstance(now, str) else self.compare_derivations(was, now)
        if isinstance(old, ValueWhen) and isinstance(new, ValueWhen) and old.value == new.value:
            return self._compare_conditions(old.when, new.when, ((YES, NOT_TRUE), (NOT_TRUE, YES)))
        if isinstance(old, Formula) and isinstance(new, Formula):
            return self._compare_conditions(
                old.condition, new.condition, ((YES, NOT_TRUE), (NO, _NOT_FALSE), (UNDOCUMENTED, _DOCUMENTED))
            )
        return Told()

    def _compare_conditions(
        self,
        old: Condition,
        new: Condition,
        ways: Collection[tuple[frozenset[bool | None], frozenset[bool | None]]],
    ) -> Told:
        """Return whether conditions over the vocabulary's facts and tables can come out differently."""
        if cells_read(old) or cells_read(new):
            return Told()
        nowhere = replace(next(iter(self._library.guidelines.values())), tables=self._library.vocabulary.tables)
        found = [self._reachability.find(nowhere, [(old, left), (new, right)]) for left, right in ways]
        return _told(found)

    def _is_beside_prediction(self, guideline: Guideline) -> bool:
        """Tell whether a guideline takes no part in predictions: its precedence and silence change none."""
        return all(self._library.authorities[period.authority].legal for period in guideline.periods)


def _told(found: Collection[Found]) -> Told:
    """Return what the ways in which two forms can differ come to."""
    witness = next((one.witness for one in found if one.witness is not None), None)
    if witness is not None:
        return Told(facts=facts_in_words(witness))
    return Told(equal=all(one.impossible for one in found))


def _in_force(periods: tuple[Period, ...]) -> Condition:
    """Return what holds on the days in periods."""
    spans: list[Condition] = []
    for period in periods:
        begun = Test(AS_OF, Op.ON_OR_AFTER, period.start)
        spans.append(begun if period.end is None else All((begun, Test(AS_OF, Op.ON_OR_BEFORE, period.end))))
    return AnyOf(tuple(spans))


def _ways(old: Guideline, new: Guideline, renamed: frozenset[str]) -> Iterator[list[Wanted]]:
    """Yield in what ways two guidelines can differ; none where that is no matter of conditions."""
    if old.leaves_open != new.leaves_open or old.outranks != new.outranks:
        return
    was_in_force, is_in_force = (_in_force(guideline.periods) for guideline in (old, new))
    if was_in_force != is_in_force:
        yield [(was_in_force, YES), (is_in_force, NO), (old.applies_to, YES)]
        yield [(was_in_force, NO), (is_in_force, YES), (old.applies_to, YES)]
        return
    in_force = (was_in_force, YES)
    applies_to = _renamed(new.applies_to, renamed)
    if applies_to != old.applies_to:
        yield [in_force, (old.applies_to, YES), (applies_to, NOT_TRUE)]
        yield [in_force, (old.applies_to, NOT_TRUE), (applies_to, YES)]
    for was, now in zip(old.criteria, new.criteria, strict=True):
        if was.assumed_met != now.assumed_met:
            return
        other = _reading_renamed(now, renamed)
        for way in _criterion_ways(was, other) if was != other else ():
            yield [in_force, (old.applies_to, YES), *way]


def _criterion_ways(old: Criterion, new: Criterion) -> Iterator[list[Wanted]]:
    """Yield how two forms of a criterion can differ: one applies and the other doesn't, or the statuses differ."""
    was, now = applies(old), applies(new)
    # A guard asks only whether a cell has a value: the conditions that read it say which cell that is.
    read = dict.fromkeys(c for one in (old, new) for c in (one.require, one.when, one.unless) if cells_read(c))
    reading = [(condition, _ANY) for condition in read if condition is not None]
    for applying, other in ((was, now), (now, was)):
        for condition, answers in other:
            if (condition, answers) not in applying:
                yield [*reading, *applying, (condition, NOT_TRUE if answers == YES else YES)]
    if old.require is not None and new.require is not None and old.require != new.require:
        for left, right in ((YES, NOT_TRUE), (NO, _NOT_FALSE), (UNDOCUMENTED, _DOCUMENTED)):
            yield [*reading, *was, *now, (old.require, left), (new.require, right)]


def _with_both_tables(old: Guideline, new: Guideline) -> tuple[Guideline, frozenset[str]]:
    """Return a guideline with its tables as they were and as they are, and the names of those that changed."""
    changed = {name: table for name, table in new.tables.items() if old.tables.get(name) is not table}
    named = {f"{name}{_CHANGED}": table for name, table in changed.items()}
    return replace(old, tables={**old.tables, **named}), frozenset(changed)


def _reading_renamed(criterion: Criterion, tables: frozenset[str]) -> Criterion:
    """Return a criterion that reads tables as they are changed."""
    parts = {key: getattr(criterion, key) for key in ("require", "when", "unless")}
    read: Mapping[str, Condition | None] = {
        key: None if part is None else _renamed(part, tables) for key, part in parts.items()
    }
    return replace(criterion, **read)  # type: ignore[arg-type]


def _renamed(condition: Condition, tables: frozenset[str]) -> Condition:
    if isinstance(condition, Not):
        return Not(_renamed(condition.part, tables))
    if isinstance(condition, All | AnyOf):
        return type(condition)(tuple(_renamed(part, tables) for part in condition.parts))
    assert isinstance(condition, Test)
    operand = condition.operand
    if isinstance(operand, Cell | TableName) and operand.table in tables:
        return replace(condition, operand=replace(operand, table=f"{operand.table}{_CHANGED}"))
    return condition
