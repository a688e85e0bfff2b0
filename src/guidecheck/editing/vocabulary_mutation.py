"""Which changes of the vocabulary no example notices: of its tables and derivations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from guidecheck.deciding.checking import Checker
from guidecheck.editing.coverage import facts_in_words
from guidecheck.editing.equivalence import Equivalence, Told
from guidecheck.editing.mutation_results import MutationRun, Survivor
from guidecheck.editing.rule_tests import Example, alone
from guidecheck.editing.table_mutants import told_apart
from guidecheck.editing.vocabulary_mutants import VocabularyMutant, VocabularyParts
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.language.conditions import Record, evaluate
from guidecheck.language.deriving import Deriver, Known
from guidecheck.language.facts import AS_OF, FactType, Value
from guidecheck.language.tables import Row, Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.models import Guideline, Library
from guidecheck.requests.fact_reader import Facts
from guidecheck.requests.item_building import build_item
from guidecheck.requests.request import Item


class VocabularyTester:
    """Runs the mutants of one table or derivation after the other."""

    def __init__(self, library: Library, examples: Sequence[Example], equivalence: Equivalence) -> None:
        self._library = library
        self._examples = [example for example in examples if example.item is not None]
        self._equivalence = equivalence
        self._engine = InterpretedEngine()
        self._parts = VocabularyParts(library)
        self._summed = {fact.name for fact in library.vocabulary.facts.values() if fact.type is FactType.LIST}
        self._noticed: Counter[int] = Counter()
        self._grouped: dict[tuple[str, frozenset[str]], list[list[Example]]] = {}

    @property
    def names(self) -> list[str]:
        """The tables and derived facts that have mutants."""
        return self._parts.names

    def run(self, name: str) -> MutationRun:
        """Return what examples notice of the mutants of a table or a derivation."""
        resting = self._parts.resting_on(name)
        noticed, equivalent = 0, 0
        survivors: list[Survivor] = []
        for mutant in self._parts.mutants(name):
            if self.is_noticed(mutant, resting):
                noticed += 1
                continue
            told = self._compare(mutant)
            if told.equal:
                equivalent += 1
            else:
                survivors.append(Survivor(mutant.at, mutant.subject, mutant.words, told.facts))
        return MutationRun(noticed, tuple(survivors), equivalent)

    def _compare(self, mutant: VocabularyMutant) -> Told:
        """Return whether a mutant can make a difference, as far as that can be told."""
        name, old, new = mutant.subject, self._library.vocabulary, mutant.vocabulary
        if name in old.derivations:
            return self._equivalence.compare_derivations(old.derivations[name], new.derivations.get(name))
        if mutant.row is None:
            return Told()
        columns = self._parts.columns_read(name)
        facts = told_apart(old.tables[name], new.tables[name], mutant.row, columns, old.facts)
        return Told(equal=True) if facts is None else Told(facts=facts_in_words(facts))

    def is_noticed(self, mutant: VocabularyMutant, resting: Collection[str]) -> bool:
        """Tell whether an example no longer holds with a mutant, on which the facts `resting` rest."""
        changed = _with_vocabulary(self._library, mutant.vocabulary)
        whole = Checker(changed, self._engine)
        checkers: dict[str, Checker] = {}
        # Neighbouring mutants are often noticed by one example: those that noticed most are asked first.
        noticing = [
            example
            for group in self._groups(mutant.subject, resting)
            if group[0].item is not None and self._may_notice(group[0].item, mutant, resting)
            for example in group
        ]
        for example in sorted(noticing, key=lambda one: -self._noticed[id(one)]):
            assert example.item is not None
            checker = whole
            if (own := example.guideline) is not None:
                if own not in checkers:
                    checkers[own] = Checker(alone(changed, changed.guidelines[own]), self._engine)
                checker = checkers[own]
            item = _built_again(example.item, checker.library.vocabulary)
            # An item that contradicts itself by the changed vocabulary is one that its example does not expect.
            if item is None or next(example.differences(checker.check_item(item)), None) is not None:
                self._noticed[id(example)] += 1
                return True
        return False

    def _groups(self, subject: str, resting: Collection[str]) -> list[list[Example]]:
        """Return the examples, those together that state the same of what a table or derivation reads."""
        key = (subject, frozenset(resting))
        if key not in self._grouped:
            table = self._library.vocabulary.tables.get(subject)
            sources = self._parts.read_for(resting)
            groups: dict[Hashable, list[Example]] = {}
            for example in self._examples:
                assert example.item is not None
                looked_up = None if table is None else self._looked_up(example.item, table)
                groups.setdefault((_read_of(example.item, sources), looked_up), []).append(example)
            self._grouped[key] = list(groups.values())
        return self._grouped[key]

    def _looked_up(self, item: Item, table: Table) -> Hashable:
        """Return what decides which of a table's rows are for an item, or for an entry of its lists."""
        known = item.known
        unknown = frozenset(name for name in table.facts_read if name in known.unknown)
        lists = _of_values(item.stated, sorted(self._summed))
        return bool(known.unknown), item.as_of, _of_values(known.values, table.facts_read), unknown, lists

    def _may_be_summed(self, table: Table, mutant: VocabularyMutant, item: Item) -> bool:
        """Tell whether the changed row may be for an entry of a list that the item states."""
        rows = _changed_rows(table, mutant)
        for name in self._summed & item.stated.keys():
            entries = item.stated[name]
            for entry in entries if isinstance(entries, tuple) else ():
                known = {AS_OF: item.as_of, **entry}
                if not rows or any(_stands(row, known) is not False for row in rows):
                    return True
        return False

    def _may_notice(self, item: Item, mutant: VocabularyMutant, resting: Collection[str]) -> bool:
        """Tell whether anything of an item comes out otherwise, or is stated and could now be contradicted."""
        table = self._library.vocabulary.tables.get(mutant.subject)
        if table is not None:
            touched = _is_touched(table, mutant, item.known)
            if touched and self._parts.is_read_by_guidelines(table.name):
                return True
            if not touched and not self._may_be_summed(table, mutant, item):
                return False
        if not item.stated.keys().isdisjoint(resting) or not item.undocumented.isdisjoint(resting):
            return True
        known = Deriver(mutant.vocabulary, item.stated, item.undocumented, item.partial).known(resting)
        return _of(known, resting) != _of(item.known, resting)


def _changed_rows(table: Table, mutant: VocabularyMutant) -> list[Row]:
    """Return the row that a mutant changes, as it was and, unless it is gone, as it is."""
    changed = mutant.vocabulary.tables[table.name]
    if mutant.row is None:
        return []
    return [one.rows[mutant.row] for one in (table, changed) if len(one.rows) == len(table.rows)]


def _is_touched(table: Table, mutant: VocabularyMutant, known: Known) -> bool:
    """Tell whether the changed row of a table is for an item, as it was or as it is."""
    rows = _changed_rows(table, mutant)
    stand = [_stands(row, known.values) for row in rows]
    if rows and all(one is False for one in stand):
        return False
    if len(rows) < 2 or known.unknown:
        return table.resolve(known) != mutant.vocabulary.tables[table.name].resolve(known)
    was, now = stand
    return was is True or was is not now


def _stands(row: Row, values: Record) -> bool | None:
    return True if row.condition is None else evaluate(row.condition, values)


def _of(known: Known, names: Iterable[str]) -> tuple[Mapping[str, object], set[str]]:
    values = {name: known.values[name] for name in names if name in known.values}
    return values, {name for name in names if name in known.unknown}


def _read_of(item: Item, names: Collection[str]) -> Hashable:
    """Return what an item states of facts."""
    undocumented = frozenset(name for name in names if name in item.undocumented)
    return item.partial, _of_values(item.stated, names), undocumented


def _of_values(values: Mapping[str, Value], names: Iterable[str]) -> Hashable:
    """Return values, entries of lists among them, as a key."""
    return tuple((name, _hashable(values[name])) for name in names if name in values)


def _hashable(value: Value) -> Hashable:
    return tuple(tuple(entry.items()) for entry in value) if isinstance(value, tuple) else value


def _built_again(item: Item, vocabulary: Vocabulary) -> Item | None:
    facts = Facts(dict(item.stated), set(item.undocumented))
    return build_item(vocabulary, facts, [], id=item.id, at=item.at, as_of=item.as_of, partial=item.partial)


def _with_vocabulary(library: Library, vocabulary: Vocabulary) -> Library:
    """Return a library with another vocabulary, whose tables its guidelines read instead."""
    shared = library.vocabulary.tables

    def with_tables(guideline: Guideline) -> Guideline:
        tables = {
            name: vocabulary.tables[name] if table is shared.get(name) else table
            for name, table in guideline.tables.items()
        }
        return replace(guideline, tables=tables)

    guidelines = {name: with_tables(guideline) for name, guideline in library.guidelines.items()}
    return replace(library, vocabulary=vocabulary, guidelines=guidelines)
