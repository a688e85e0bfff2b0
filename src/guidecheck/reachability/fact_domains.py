"""Which facts a question is about, what follows between them, and the classes of values of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from guidecheck.language.conditions import Cell, Condition, FactRef, TableName, Test, tables_read, tests_of
from guidecheck.language.derivations import (
    Derivation,
    Elapsed,
    ElapsedUnit,
    FirstKnown,
    Product,
    Sum,
    SumOver,
    ValueWhen,
    cells_given,
    conditions_in,
    facts_in,
)
from guidecheck.language.facts import FactType, Value, ordinal
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import STRUCTURAL, Vocabulary
from guidecheck.reachability.value_classes import Classes, Seen, classes_of

_DAYS_IN = {ElapsedUnit.DAYS: 1.0, ElapsedUnit.WEEKS: 7.0, ElapsedUnit.MONTHS: 30.44}


class Domains:
    """The facts that conditions name, those in between, and the values of each that rules can tell apart.

    Args:
        vocabulary: facts and derivations.
        own_tables: a guideline's tables (the vocabulary's may be among them).
        own_cells: the cells that its conditions read; a test may ask for one by its key (`engine.questions`).
        conditions: what is asked.
        sources: for every derived fact all those that it can be worked out from, however indirectly.
        seen: classes of earlier questions about the same vocabulary, which come again.

    `derivations` are those between the facts; one that reads a table of the vocabulary which the guideline has
    under the same name is left out, and `shadowed` then says so. `exact` tells whether the values of each fact
    cover everything.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        own_tables: Mapping[str, Table],
        own_cells: Iterable[Cell],
        conditions: Sequence[Condition],
        sources: Mapping[str, frozenset[str]],
        seen: Seen,
    ) -> None:
        self._seen = seen
        self.vocabulary = vocabulary
        self.tables = {**vocabulary.tables, **own_tables}
        asked = {*STRUCTURAL, *(name for c in conditions for name in facts_in(c, self.tables))}
        self.cells = {cell.key: cell for cell in own_cells}
        for test in (test for condition in conditions for test in tests_of(condition)):
            if test.fact in self.cells:
                asked.update(self.tables[self.cells[test.fact].table].facts_read)
        asked &= vocabulary.facts.keys()
        between = {n for fact in asked for n in sources.get(fact, ()) if not asked.isdisjoint(sources.get(n, ()))}
        facts = asked | between
        own = {name for name, table in own_tables.items() if vocabulary.tables.get(name, table) is not table}
        self.derivations = {
            name: derivation
            for name in sorted(facts)
            if (derivation := vocabulary.derivations.get(name)) is not None
            and not own.intersection(_tables_read(derivation))
            and facts.issuperset(terms_of(derivation))
        }
        self.shadowed = any(
            own.intersection(_tables_read(d)) for n, d in vocabulary.derivations.items() if n in facts
        )
        tests, values = self._mentions(conditions)
        self.classes = self._classes(sorted(facts), tests, values)
        self.exact = all(classes.exact and not classes.broken for classes in self.classes.values())

    def _mentions(self, conditions: Iterable[Condition]) -> tuple[dict[str, list[Test]], dict[str, list[Value]]]:
        """Return the tests of each fact, and the values that it is set or compared to otherwise."""
        waiting = [*conditions, *(c for d in self.derivations.values() for c in conditions_in(d))]
        values: dict[str, list[Value]] = {}
        tables: dict[str, None] = {}
        for name, derivation in self.derivations.items():
            values.setdefault(name, []).extend(_values_given(derivation, self.tables))
            self.cells.update((cell.key, cell) for cell in cells_given(derivation))
            tables.update(dict.fromkeys(_tables_read(derivation)))
        tests: dict[str, dict[Test, None]] = {}
        seen: set[str] = set()
        while waiting or tables:
            while tables:
                table, _ = tables.popitem()
                if table not in seen:
                    seen.add(table)
                    waiting += [row.condition for row in self.tables[table].rows if row.condition is not None]
            for test in tests_of(waiting.pop()) if waiting else ():
                tests.setdefault(test.fact, {})[test] = None
                if test.fact in self.cells:
                    tables[self.cells[test.fact].table] = None
                if isinstance(test.operand, Cell | TableName) and test.operand.table in self.tables:
                    tables[test.operand.table] = None
                if isinstance(test.operand, Cell):
                    self.cells[test.operand.key] = test.operand
                    cells = (r.cells.get(test.operand.column) for r in self.tables[test.operand.table].rows)
                    values.setdefault(test.fact, []).extend(cell for cell in cells if cell is not None)
        return {name: list(found) for name, found in tests.items()}, values

    def _classes(
        self, facts: list[str], tests: Mapping[str, list[Test]], values: Mapping[str, list[Value]]
    ) -> dict[str, Classes]:
        groups = _compared(facts, tests)
        constants: dict[str, list[Value]] = {name: list(values.get(name, ())) for name in facts}
        for name in facts:
            for test in tests.get(name, ()):
                if isinstance(test.operand, bool | int | float | date | str):
                    constants[name].append(test.operand)
        self._add_terms(constants)
        self._constants = constants
        found = {}
        for name in facts:
            rivals = groups.get(name, [name])
            shared = [value for other in rivals for value in constants[other]]
            if len(rivals) > 1:
                bounds = ((f.minimum, f.maximum) for f in (self.vocabulary.facts[other] for other in rivals))
                shared += [bound for pair in bounds for bound in pair if bound is not None]
            asked = (name, len(rivals), *tests.get(name, ()), None, *shared)
            if asked not in self._seen:
                fact = self.vocabulary.facts[name]
                self._seen[asked] = classes_of(fact, tests.get(name, ()), shared, len(rivals))
            found[name] = self._seen[asked]
            if self.vocabulary.facts[name].type is FactType.LIST:
                first = self.vocabulary.facts[self.vocabulary.facts[name].of[0]]
                found[name] = replace(found[name], values=(({first.name: classes_of(first, (), ()).values[0]},),))
        return found

    def alike(self, fact: str, one: Value, other: Value) -> bool:
        """Tell whether no constant lies between two numbers, or at one of them alone."""
        mine, theirs = ordinal(one), ordinal(other)
        limits = (ordinal(value) for value in self._constants[fact])
        return all((mine < limit, mine > limit) == (theirs < limit, theirs > limit) for limit in limits)

    def _add_terms(self, constants: dict[str, list[Value]]) -> None:
        """Add values with which sums and the like come to where they are compared."""
        for name, derivation in self.derivations.items():
            goals = _numbers(constants[name])
            match derivation:
                case Sum(terms):
                    for term in terms:
                        others = [0.0, *(v for o in terms if o != term for v in _numbers(constants[o]))]
                        constants[term] += [goal - other for goal in goals for other in others]
                case Product(terms):
                    for term in terms:
                        constants[term] += [goal / other for goal in goals for other in (1, 2, 3)]
                case Elapsed(unit, start, end):
                    ends = [day for day in constants[end] if isinstance(day, date)]
                    spans = [timedelta(goal * _DAYS_IN[unit]) for goal in goals if 0 <= goal < 5_000]
                    constants[start] += [day - span for day in ends for span in spans]


def _numbers(values: Iterable[Value]) -> list[float]:
    return [float(value) for value in values if isinstance(value, int | float)]


def terms_of(derivation: Derivation | str) -> tuple[str, ...]:
    """Return the facts all of which arithmetic needs; none for other derivations."""
    match derivation:
        case Sum(facts) | Product(facts):
            return facts
        case Elapsed(_, start, end):
            return (start, end)
        case SumOver(list_fact, _):
            return (list_fact,)
    return ()


def _values_given(derivation: Derivation | str, tables: Mapping[str, Table]) -> Iterator[Value]:
    match derivation:
        case ValueWhen(value, _):
            yield value
        case FirstKnown(parts):
            for part in parts:
                yield from _values_given(part, tables)
    for cell in cells_given(derivation):
        yield from (row.cells[cell.column] for row in tables[cell.table].rows if cell.column in row.cells)


def _tables_read(derivation: Derivation | str) -> Iterator[str]:
    yield from (cell.table for cell in cells_given(derivation))
    for condition in conditions_in(derivation):
        yield from tables_read(condition)


def _compared(facts: list[str], tests: Mapping[str, list[Test]]) -> dict[str, list[str]]:
    """Return for each fact that is compared with others the whole group, itself included."""
    group: dict[str, list[str]] = {}
    for name in facts:
        for test in tests.get(name, ()):
            if isinstance(test.operand, FactRef) and test.operand.fact in facts:
                mine, theirs = group.get(name, [name]), group.get(test.operand.fact, [test.operand.fact])
                if mine is not theirs:
                    both = [*mine, *(other for other in theirs if other not in mine)]
                    group.update(dict.fromkeys(both, both))
    return group
