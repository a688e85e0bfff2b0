"""A vocabulary, each time with one thing in a table or in a derivation changed, in the order of its file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from guidecheck.editing.derivation_mutants import derivation_mutants
from guidecheck.editing.table_mutants import TableMutant, table_mutants, with_key, without_key
from guidecheck.errors import Findings, Location
from guidecheck.language.conditions import Condition, cells_read, tables_listed
from guidecheck.language.derivations import (
    Derivation,
    FirstKnown,
    Formula,
    FromTable,
    SumOver,
    ValueWhen,
    facts_of,
)
from guidecheck.language.list_sums import FACTOR, TIMES, multiplied
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.derivation_reader import DerivationReader
from guidecheck.library.models import Library
from guidecheck.library.table_reader import read_table
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, Sequence, load, members


@dataclass(frozen=True, slots=True)
class VocabularyMutant:
    """A vocabulary with one thing changed: where, what in words, and in which table or derivation.

    `subject` is the name of a table or of a derived fact; `row` the place of the table's row that is changed.
    """

    at: Location
    subject: str
    words: str
    vocabulary: Vocabulary
    row: int | None = None


class VocabularyParts:
    """The tables and derivations of a library's vocabulary: who rests on which, and the mutants of each.

    The vocabulary's files are read again, for the places of what is changed.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.vocabulary = library.vocabulary
        self._files: dict[str, Node] = {}

    @property
    def names(self) -> list[str]:
        """The tables and the derived facts on which some guideline rests."""
        return [name for name in (*self.vocabulary.derivations, *self.vocabulary.tables) if self._is_used(name)]

    def mutants(self, name: str) -> Iterator[VocabularyMutant]:
        """Yield the vocabulary with each thing in a table or derivation changed; what loading refuses is left out.

        Raises:
            GuidecheckError: the file is gone, or no YAML any more.
        """
        if name in self.vocabulary.tables:
            yield from self._table_mutants(name)
        else:
            yield from self._derivation_mutants(name)

    def resting_on(self, name: str) -> AbstractSet[str]:
        """Return the facts that can come out otherwise where a table or a derivation is changed."""
        found = set() if name in self.vocabulary.tables else {name}
        while (
            more := {fact for fact, reads in self._reads.items() if not reads.isdisjoint({*found, name})} - found
        ):
            found |= more
        return found

    def read_for(self, facts: Collection[str]) -> list[str]:
        """Return the facts from which some facts may be worked out, however indirectly, and they themselves."""
        found: dict[str, None] = {}
        waiting = sorted(facts)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = None
                fact = self.vocabulary.facts.get(name)
                waiting += [*self._reads.get(name, ()), *(fact.of if fact else ())]
        return sorted(found)

    def columns_read(self, table: str) -> frozenset[str]:
        """Return a table's columns that a guideline or a derivation reads."""
        conditions = [c for guideline in self.library.guidelines.values() for c in guideline.conditions]
        found: set[str] = set()
        for derivation in self.vocabulary.derivations.values():
            for part in _parts(derivation):
                if isinstance(part, FromTable) and part.cell.table == table:
                    found.add(part.cell.column)
                elif isinstance(part, SumOver) and part.table == table:
                    found |= {FACTOR, TIMES}
                elif isinstance(part, ValueWhen | Formula):
                    conditions.append(_condition(part))
        return frozenset(
            found | {cell.column for c in conditions for cell in cells_read(c) if cell.table == table}
        )

    @cached_property
    def _reads(self) -> Mapping[str, AbstractSet[str]]:
        """What each derived fact is worked out from: facts and tables."""
        return {name: frozenset(self._read_by(name)) for name in self.vocabulary.derivations}

    def _read_by(self, name: str) -> Iterator[str]:
        tables = self.vocabulary.tables
        derivation = self.vocabulary.derivations[name]
        yield from facts_of(derivation, tables)
        for part in _parts(derivation):
            if isinstance(part, FromTable):
                yield part.cell.table
            elif isinstance(part, SumOver):
                table = tables[part.table]
                yield from (part.table, *table.facts_read, *multiplied(table))
            elif isinstance(part, ValueWhen | Formula):
                held = _condition(part)
                yield from (cell.table for cell in cells_read(held))
                yield from (listing.table for listing in tables_listed(held))

    def is_read_by_guidelines(self, table: str) -> bool:
        """Tell whether a guideline itself looks a shared table up."""
        return any(table in guideline.tables_used for guideline in self.library.guidelines.values())

    def _is_used(self, name: str) -> bool:
        if self.is_read_by_guidelines(name):
            return True
        needed = {fact for facts in self.vocabulary.needed.values() for fact in facts}
        read = needed.union(*(guideline.facts for guideline in self.library.guidelines.values()))
        return not read.isdisjoint(self.resting_on(name))

    def _section(self, path: str, section: str, name: str) -> Node | None:
        if path not in self._files:
            self._files[path] = load(Path(path))
        file = self._files[path]
        held = file.get(section) if isinstance(file, MappingNode) else None
        return held.get(name) if isinstance(held, MappingNode) else None

    def _table_mutants(self, name: str) -> Iterator[VocabularyMutant]:
        table = self.vocabulary.tables[name]
        file = self._files.setdefault(table.at.path, load(Path(table.at.path)))
        node = self._section(table.at.path, "tables", name)
        held = file.get("tables") if isinstance(file, MappingNode) else None
        key = held.key(name) if isinstance(held, MappingNode) else None
        if not isinstance(node, MappingNode) or key is None:
            return
        for mutant in table_mutants(node, table, self.columns_read(name), self.vocabulary.facts):
            changed = self._changed(key, table, mutant)
            if changed is not None:
                vocabulary = replace(self.vocabulary, tables={**self.vocabulary.tables, name: changed})
                yield VocabularyMutant(mutant.at, name, mutant.words, vocabulary, mutant.row)

    def _changed(self, key: Scalar, table: Table, mutant: TableMutant) -> Table | None:
        """Return a table with a row changed or gone, of which only that row is read; None where it is refused."""
        if mutant.row is None:
            read = read_table(key, mutant.node, self.vocabulary, findings := Findings())
            return None if findings else read
        assert isinstance(mutant.node, MappingNode)
        before, after = table.rows[: mutant.row], table.rows[mutant.row + 1 :]
        held = members(mutant.node.get("rows"))
        if len(held) < len(table.rows):
            rest = (*before, *after)
            picked = table.highest or table.lowest
            kept = picked is None or any(picked in row.cells for row in rest)
            return replace(table, rows=rest) if kept else None
        alone = with_key(without_key(mutant.node, "pick"), "rows", Sequence((held[mutant.row],), table.at))
        read = read_table(key, alone, self.vocabulary, findings := Findings())
        if read is None or findings or not read.columns.items() <= table.columns.items():
            return None
        return replace(table, rows=(*before, *read.rows, *after))

    def _derivation_mutants(self, name: str) -> Iterator[VocabularyMutant]:
        fact = self.vocabulary.facts[name]
        node = self._section(fact.at.path, "facts", name)
        key = node.key("derive") if isinstance(node, MappingNode) else None
        derive = node.get("derive") if isinstance(node, MappingNode) else None
        if key is None or derive is None:
            return
        rest = {other: held for other, held in self.vocabulary.derivations.items() if other != name}
        yield VocabularyMutant(key.at, name, "derive dropped", replace(self.vocabulary, derivations=rest))
        for mutant in derivation_mutants(fact, derive, self.vocabulary.facts):
            reader = DerivationReader(self.vocabulary, findings := Findings())
            reader.add(fact, mutant.node)
            changed = reader.finish().get(name)
            if changed is not None and not findings and changed != self.vocabulary.derivations[name]:
                derivations = {**self.vocabulary.derivations, name: changed}
                vocabulary = replace(self.vocabulary, derivations=derivations)
                yield VocabularyMutant(mutant.at, name, mutant.words, vocabulary)


def _parts(derivation: Derivation) -> Iterator[Derivation]:
    yield derivation
    if isinstance(derivation, FirstKnown):
        for part in derivation.parts:
            if not isinstance(part, str):
                yield from _parts(part)


def _condition(part: ValueWhen | Formula) -> Condition:
    return part.when if isinstance(part, ValueWhen) else part.condition
