"""Which changes of the vocabulary no example notices: of its tables and derivations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from guidecheck.language.facts import AS_OF, FactType
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
        for example in sorted(self._examples, key=lambda one: -self._noticed[id(one)]):
            assert example.item is not None
            if not self._may_notice(example.item, mutant, resting):
                continue
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
            return self._may_be_summed(table, mutant, item) or _is_touched(table, mutant, item.known)
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
    if len(rows) < 2 or known.unknown:
        return table.resolve(known) != mutant.vocabulary.tables[table.name].resolve(known)
    was, now = (_stands(row, known.values) for row in rows)
    return was is True or was is not now


def _stands(row: Row, values: Record) -> bool | None:
    return True if row.condition is None else evaluate(row.condition, values)


def _of(known: Known, names: Iterable[str]) -> tuple[Mapping[str, object], set[str]]:
    values = {name: known.values[name] for name in names if name in known.values}
    return values, {name for name in names if name in known.unknown}


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
