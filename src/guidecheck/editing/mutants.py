"""A guideline, each time with one thing in it changed: its mutants, in the order of its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from guidecheck.editing.condition_mutants import condition_mutants, negated
from guidecheck.editing.table_mutants import table_mutants
from guidecheck.errors import Findings, Location
from guidecheck.explaining.wording import day_words
from guidecheck.language.condition_reader import ConditionReader
from guidecheck.language.conditions import Condition
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.models import Criterion, Guideline, Period
from guidecheck.library.table_reader import read_table
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, load, members, scalars

_GUARDS = ("when", "unless")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A guideline with one thing changed: where, what in words, and in which criterion (None: in none)."""

    at: Location
    words: str
    guideline: Guideline
    criterion: str | None = None

    @property
    def subject(self) -> str:
        """The id of what is changed, as answers know it."""
        return f"{self.guideline.id}.{self.criterion}" if self.criterion else self.guideline.id


def mutants(guideline: Guideline, vocabulary: Vocabulary) -> Iterator[Mutant]:
    """Yield a guideline with each thing in it changed in turn; what could not be loaded is left out.

    The guideline's file is read again, for the places of what is changed.

    Raises:
        GuidecheckError: the file is gone, or no YAML any more.
    """
    node = load(Path(guideline.at.path))
    if isinstance(node, MappingNode):
        yield from _Mutator(guideline, node, vocabulary).mutants()


class _Mutator:
    def __init__(self, guideline: Guideline, node: MappingNode, vocabulary: Vocabulary) -> None:
        self._guideline, self._node, self._vocabulary = guideline, node, vocabulary

    def mutants(self) -> Iterator[Mutant]:
        yield from self._dates()
        for mutant in self._read(self._node.get("applies_to"), self._guideline.applies_to):
            at, words, condition = mutant
            yield Mutant(at, f"applies_to: {words}", replace(self._guideline, applies_to=condition))
        yield from self._names()
        yield from self._tables()
        criteria = {criterion.id: criterion for criterion in self._guideline.criteria}
        for member in members(self._node.get("criteria")):
            name = member.get("id") if isinstance(member, MappingNode) else None
            if isinstance(member, MappingNode) and isinstance(name, Scalar) and name.text in criteria:
                yield from self._criterion(member, criteria[name.text])

    def _dates(self) -> Iterator[Mutant]:
        """Yield each day in force moved by one, where no other period is in the way."""
        periods = self._guideline.periods
        for member in members(self._node.get("in_force")):
            for key, end in (("from", False), ("until", True)):
                node = member.get(key) if isinstance(member, MappingNode) else None
                for place, period in enumerate(periods):
                    day = period.end if end else period.start
                    if not isinstance(node, Scalar) or day is None or not node.text.startswith(str(day)):
                        continue
                    for step in (_DAY, -_DAY):
                        moved = replace(period, end=day + step) if end else replace(period, start=day + step)
                        if _fits(moved, [*periods[:place], *periods[place + 1 :]]):
                            changed = (*periods[:place], moved, *periods[place + 1 :])
                            words = f"in force {key} {day_words(day)} → {day_words(day + step)}"
                            yield Mutant(node.at, words, replace(self._guideline, periods=changed))

    def _names(self) -> Iterator[Mutant]:
        """Yield lists of names with one left out, and without the list."""
        for key in ("leaves_open", "outranks"):
            given = scalars(self._node.get(key))
            held = frozenset(name.text for name in given)
            for name in given:
                changed = replace(self._guideline, **{key: held - {name.text}})  # type: ignore[arg-type]
                yield Mutant(name.at, f"{key}: {name.text} dropped", changed)
        if self._guideline.leaves_open is not None and (key_node := self._node.key("leaves_open")) is not None:
            yield Mutant(key_node.at, "leaves_open dropped", replace(self._guideline, leaves_open=None))

    def _criterion(self, node: MappingNode, criterion: Criterion) -> Iterator[Mutant]:
        guideline = self._guideline
        place = guideline.criteria.index(criterion)

        def with_criterion(at: Location, words: str, **changes: object) -> Mutant:
            changed = replace(criterion, **changes)  # type: ignore[arg-type]
            criteria = (*guideline.criteria[:place], changed, *guideline.criteria[place + 1 :])
            return Mutant(at, words, replace(guideline, criteria=criteria), criterion.id)

        for at, words, condition in self._read(node.get("require"), criterion.require):
            yield with_criterion(at, words, require=condition)
        for key in _GUARDS:
            key_node, inner = node.key(key), node.get(key)
            if key_node is None or inner is None:
                continue
            held = getattr(criterion, key)
            yield with_criterion(key_node.at, f"{key} dropped", **{key: None})
            for condition in self._conditions(negated(inner)):
                yield with_criterion(key_node.at, f"{key} negated", **{key: condition})
            other = _GUARDS[1 - _GUARDS.index(key)]
            if getattr(criterion, other) is None:
                yield with_criterion(key_node.at, f"{key} → {other}", **{key: None, other: held})
            for at, words, condition in self._read(inner, held):
                yield with_criterion(at, f"{key}: {words}", **{key: condition})
        silence = node.key("when_undocumented")
        if silence is not None:
            yield with_criterion(silence.at, "when_undocumented dropped", assumed_met=False)

    def _read(self, node: Node | None, held: Condition | None) -> Iterator[tuple[Location, str, Condition]]:
        """Yield the mutants of a condition that can be read and are not what stands there."""
        if node is None:
            return
        seen = [held]
        for mutant in condition_mutants(node, self._vocabulary.facts):
            for condition in self._conditions(mutant.node):
                if condition not in seen:
                    seen.append(condition)
                    yield mutant.at, mutant.words, condition

    def _conditions(self, node: Node) -> Iterator[Condition]:
        """Yield a node as a condition; nothing where loading would refuse it."""
        findings = Findings()
        condition = ConditionReader(self._vocabulary.facts, self._guideline.tables, findings).read(node)
        if condition is not None and not findings:
            yield condition

    def _tables(self) -> Iterator[Mutant]:
        """Yield the guideline's own tables that its conditions use, with each row and cell changed in turn."""
        tables = self._node.get("tables")
        for name, node in tables.entries if isinstance(tables, MappingNode) else ():
            if name.text not in self._guideline.tables_used or not isinstance(node, MappingNode):
                continue
            held = self._guideline.tables[name.text]
            columns = {cell.column for cell in self._guideline.cells if cell.table == name.text}
            for mutant in table_mutants(node, held, columns, self._vocabulary.facts):
                table = read_table(name, mutant.node, self._vocabulary, findings := Findings())
                if table is not None and not findings:
                    changed = {**self._guideline.tables, name.text: table}
                    words = f"table {name.text}: {mutant.words}"
                    yield Mutant(mutant.at, words, replace(self._guideline, tables=changed))


def _fits(period: Period, others: list[Period]) -> bool:
    """Tell whether a period ends after it begins and overlaps none of the others."""
    end = period.end or date.max
    return period.start <= end and all(
        end < other.start or (other.end is not None and other.end < period.start) for other in others
    )
