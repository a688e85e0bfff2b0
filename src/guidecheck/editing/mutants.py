"""A guideline, each time with one thing in it changed: its mutants, in the order of its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from guidecheck.editing.condition_mutants import NodeMutant, condition_mutants, moved_value, negated, test_mutants
from guidecheck.errors import Findings, Location
from guidecheck.explaining.wording import day_words
from guidecheck.language.condition_reader import ConditionReader
from guidecheck.language.conditions import Condition
from guidecheck.language.facts import Fact
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.models import Criterion, Guideline, Period
from guidecheck.library.table_reader import read_table
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, Sequence, load, members, scalars

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
            for mutant in self._table_mutants(name.text, node):
                table = read_table(name, mutant.node, self._vocabulary, findings := Findings())
                if table is not None and not findings:
                    changed = {**self._guideline.tables, name.text: table}
                    words = f"table {name.text}: {mutant.words}"
                    yield Mutant(mutant.at, words, replace(self._guideline, tables=changed))

    def _table_mutants(self, name: str, node: MappingNode) -> Iterator[NodeMutant]:
        table = self._guideline.tables[name]
        columns = {cell.column for cell in self._guideline.cells if cell.table == name}
        rows = members(node.get("rows"))
        for place, row in enumerate(rows):
            if not isinstance(row, MappingNode):
                continue
            changes = [NodeMutant(row.at, "row dropped", Sequence((), row.at))] if len(rows) > 1 else []
            changes += _row_mutants(row, table, columns, self._vocabulary.facts)
            for change in changes:
                kept = () if isinstance(change.node, Sequence) else (change.node,)
                changed = Sequence((*rows[:place], *kept, *rows[place + 1 :]), row.at)
                yield NodeMutant(change.at, change.words, _with_key(node, "rows", changed))
        pick = node.key("pick")
        if pick is not None:
            rest = tuple(entry for entry in node.entries if entry[0] is not pick)
            yield NodeMutant(pick.at, "pick dropped", MappingNode(rest, node.at))


def _fits(period: Period, others: list[Period]) -> bool:
    """Tell whether a period ends after it begins and overlaps none of the others."""
    end = period.end or date.max
    return period.start <= end and all(
        end < other.start or (other.end is not None and other.end < period.start) for other in others
    )


def _with_key(node: MappingNode, key: str, value: Node) -> MappingNode:
    return MappingNode(tuple((k, value if k.text == key else v) for k, v in node.entries), node.at)


def _row_mutants(
    row: MappingNode, table: Table, columns: set[str], facts: Mapping[str, Fact]
) -> Iterator[NodeMutant]:
    """Yield a row with each key, and each cell that a condition reads, changed in turn."""
    for key, value in row.entries:
        instead: list[NodeMutant] = []
        if key.text in table.keys and isinstance(value, MappingNode):
            instead = list(test_mutants(facts[key.text], value))
        elif key.text in table.keys and isinstance(value, Sequence):
            instead = [
                NodeMutant(item.at, f"{key.text} {item.text} dropped", _without(value, item))
                for item in value.items
                if isinstance(item, Scalar) and len(value.items) > 1
            ]
        elif key.text in columns and isinstance(value, Scalar) and table.columns[key.text].is_ordered:
            moved = [moved_value(table.columns[key.text], value, step) for step in (1, -1)]
            instead = [NodeMutant(value.at, f"{key.text} {value.text} → {m.text}", m) for m in moved if m]
        for change in instead:
            yield NodeMutant(change.at, change.words, _with_key(row, key.text, change.node))


def _without(node: Sequence, item: Node) -> Sequence:
    return Sequence(tuple(other for other in node.items if other is not item), node.at)
