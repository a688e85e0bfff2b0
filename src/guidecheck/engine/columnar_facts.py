"""Stated and derived facts as columns, with the meaning of `derivations.Deriver`, and what contradicts what.

The input has, for a fact F that the rows may state, `f:F` (its value), `f:F=M` (whether a set includes M) and
`d:F` (stated as undocumented). This stage adds `v:F`, `v:F=M` and, in partial records, `u:F` (unknown).

Where facts derive each other, what one gives depends on which are already being worked out. So a derived fact is
planned once for each set of facts open around it that it can reach: for facts outside a circle, once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

import ibis
import ibis.expr.types as ir

from guidecheck.conditions import Cell, Condition, TableName, cells_read, tables_listed
from guidecheck.derivations import (
    DEFAULTS,
    Derivation,
    Elapsed,
    ElapsedUnit,
    FirstKnown,
    Formula,
    FromTable,
    Product,
    SameAs,
    Sum,
    SumOver,
    ValueWhen,
    facts_in,
)
from guidecheck.engine.columnar_conditions import (
    NO,
    TYPES,
    YES,
    Term,
    all_of,
    any_of,
    holds,
    literal,
    surely,
)
from guidecheck.engine.columnar_frame import Levels
from guidecheck.engine.columnar_tables import Names, TableColumns
from guidecheck.facts import DECIMALS, LARGEST, Fact
from guidecheck.tables import Table
from guidecheck.vocabulary import Vocabulary

Read = Callable[[ir.Table], Term]


@dataclass(frozen=True)
class Planned:
    """A term that is there from a level on."""

    level: int
    read: Read


@dataclass
class FactColumns:
    """Plans the columns of facts.

    `given` are the facts that the input has columns for, `marked` those with a `d:` column, `members` the members
    of each set that somebody looks at.
    """

    vocabulary: Vocabulary
    given: Collection[str]
    marked: Collection[str]
    members: Mapping[str, tuple[str, ...]]
    partial: bool
    levels: Levels = field(default_factory=Levels)
    _planned: dict[str, Planned] = field(default_factory=dict)
    _reach: dict[str, frozenset[str]] = field(default_factory=dict)
    _serial: int = 0

    def fact(self, name: str, open_: frozenset[str] = frozenset()) -> Planned:
        """Return the term of a fact, stated or derived, while the facts in `open_` are being worked out."""
        if name in open_:
            # Two facts that derive each other: neither is known from here.
            return Planned(0, lambda frame: self._unstated(frame, name, assume=False))
        around = open_ & self._reachable(name)
        key = "|".join([name, *sorted(around)])
        if key not in self._planned:
            self._planned[key] = self._plan(name, key, around)
        return self._planned[key]

    def derived(self, name: str, open_: frozenset[str] = frozenset()) -> Planned:
        """Return what follows for a fact from the others, whether or not it is stated itself."""
        derivation = self.vocabulary.derivations[name]
        applied = self._apply(derivation, open_ | {name})
        fact = self.vocabulary.facts[name]

        def read(frame: ir.Table) -> Term:
            term = applied.read(frame)
            value = _as_type(fact, term.value)
            unknown = None
            if term.unknown is not None:
                unknown = NO if fact.usual_undocumented else term.unknown
            return Term(value, unknown, term.members)

        return Planned(applied.level, read)

    def _reachable(self, name: str) -> frozenset[str]:
        if name not in self._reach:
            self._reach[name] = frozenset(self.vocabulary.sources([name]))
        return self._reach[name]

    def _plan(self, name: str, key: str, around: frozenset[str]) -> Planned:
        fact = self.vocabulary.facts[name]
        derives = name in self.vocabulary.derivations
        derived = self.derived(name, around) if derives else Planned(0, lambda frame: self._unstated(frame, name))
        level = derived.level + 1

        def build(frame: ir.Table) -> dict[str, ir.Value]:
            term = self._stated_or(frame, fact, derived.read(frame))
            columns: dict[str, ir.Value] = {f"v:{key}": term.value}
            columns.update({f"v:{key}={member}": value for member, value in term.members.items()})
            if term.unknown is not None:
                columns[f"u:{key}"] = term.unknown
            return columns

        self.levels.add(level, build)
        return Planned(level, lambda frame: self._column(frame, name, key))

    def _column(self, frame: ir.Table, name: str, key: str) -> Term:
        members = {member: frame[f"v:{key}={member}"] for member in self.members.get(name, ())}
        return Term(frame[f"v:{key}"], frame[f"u:{key}"] if self.partial else None, members)

    def _unstated(self, frame: ir.Table, name: str, *, assume: bool = True) -> Term:
        """Return the term of a fact that nothing is known of: unknown in partial records.

        With `assume`, a fact that is usually undocumented is taken for undocumented.
        """
        fact = self.vocabulary.facts[name]
        members = {member: ibis.null("boolean") for member in self.members.get(name, ())}
        unknown = (NO if assume and fact.usual_undocumented else YES) if self.partial else None
        return Term(ibis.null(TYPES[fact.type]), unknown, members)

    def _stated_or(self, frame: ir.Table, fact: Fact, other: Term) -> Term:
        if fact.name not in self.given:
            return other
        stated = frame[f"f:{fact.name}"]
        silent = stated.isnull()
        if fact.name in self.marked:
            silent = silent & ~frame[f"d:{fact.name}"]
        members = {
            member: ibis.ifelse(silent, value, frame[f"f:{fact.name}={member}"])
            for member, value in other.members.items()
        }
        unknown = None if other.unknown is None else silent & other.unknown
        return Term(ibis.ifelse(silent, other.value, stated), unknown, members)

    def _apply(self, derivation: Derivation, open_: frozenset[str]) -> Planned:
        match derivation:
            case SameAs(name):
                return self.fact(name, open_)
            case ValueWhen() | Formula():
                return self._conditional(derivation, open_)
            case Sum(facts) | Product(facts):
                return self._numbers(facts, "sum" if isinstance(derivation, Sum) else "product", open_)
            case Elapsed(unit, start, end):
                return self._elapsed(unit, start, end, open_)
            case FirstKnown(parts):
                planned = [self._part(part, open_) for part in parts]
                level = max(p.level for p in planned)
                return Planned(level, lambda frame: _first_known([p.read(frame) for p in planned]))
            case FromTable():
                return self._from_table(derivation, open_)
            case SumOver(list_fact):
                # Worked out while reading a request: a flat row states the total itself.
                return self._total_of(list_fact, open_)

    def _total_of(self, list_fact: str, open_: frozenset[str]) -> Planned:
        entries = self.fact(list_fact, open_)

        def read(frame: ir.Table) -> Term:
            term = entries.read(frame)
            # A list whose total the row does not state is one that could not be summed: it settles nothing.
            unknown = None if term.unknown is None else term.unknown | term.value.notnull()
            return Term(ibis.null("float64"), unknown)

        return Planned(entries.level, read)

    def _gather(self, names: Collection[str], open_: frozenset[str]) -> tuple[int, Callable[[ir.Table], Names]]:
        planned = {name: self.fact(name, open_) for name in names}
        level = max((p.level for p in planned.values()), default=0)
        return level, lambda frame: Names({name: p.read(frame) for name, p in planned.items()})

    def _part(self, part: str | Derivation, open_: frozenset[str]) -> Planned:
        """Return a part of `first_known_of`; one that surely never speaks gives way to the next."""
        if isinstance(part, str):
            return self.fact(part, open_)
        if isinstance(part, ValueWhen):
            return self._conditional(part, open_, gives_way=True)
        return self._apply(part, open_)

    def _condition(self, condition: Condition, open_: frozenset[str]) -> tuple[int, Callable[[ir.Table], Names]]:
        """Return where a condition finds its facts, and the cells and listings of the vocabulary's tables."""
        tables = self.vocabulary.tables
        level, names = self._gather(facts_in(condition, tables), open_)
        places: list[Cell | TableName] = [*cells_read(condition), *tables_listed(condition)]
        if not places:
            return level, names
        columns = {
            name: self._table(tables[name], level, names) for name in dict.fromkeys(p.table for p in places)
        }

        def looked_up(frame: ir.Table) -> Names:
            found = {
                place.key: columns[place.table].cell(frame, place.column)
                if isinstance(place, Cell)
                else columns[place.table].listed(frame)
                for place in places
            }
            return Names(found, names(frame))

        return level + 2, looked_up

    def _table(self, table: Table, level: int, names: Callable[[ir.Table], Names]) -> TableColumns:
        """Plan the columns of a table of the vocabulary, which are there two levels on."""
        self._serial += 1
        columns = TableColumns(table, f"d{self._serial}", self.partial)
        self.levels.add(level + 1, lambda frame: columns.matches(names(frame)))
        self.levels.add(level + 2, columns.picks)
        return columns

    def _conditional(
        self, derivation: ValueWhen | Formula, open_: frozenset[str], *, gives_way: bool = False
    ) -> Planned:
        condition: Condition = derivation.when if isinstance(derivation, ValueWhen) else derivation.condition
        level, names = self._condition(condition, open_)

        def read(frame: ir.Table) -> Term:
            held = holds(condition, names(frame))
            if isinstance(derivation, Formula):
                return Term(held, held.isnull() if self.partial else None)
            yes = surely(held)
            value = literal(derivation.value)
            members = {}
            if isinstance(derivation.value, frozenset):
                every = {member for several in self.members.values() for member in several}
                members = {
                    m: ibis.ifelse(yes, ibis.literal(m in derivation.value), ibis.null("boolean")) for m in every
                }
            # On partial records a derivation that does not speak leaves its fact unknown.
            silent = held.isnull() if gives_way else ~yes
            return Term(
                ibis.ifelse(yes, value, ibis.null(value.type())), silent if self.partial else None, members
            )

        return Planned(level, read)

    def _numbers(
        self, facts: tuple[str, ...], combine: Literal["sum", "product"], open_: frozenset[str]
    ) -> Planned:
        level, names = self._gather(facts, open_)

        def read(frame: ir.Table) -> Term:
            terms = [names(frame)[name] for name in facts]
            value = terms[0].value.cast("float64")
            for term in terms[1:]:
                other = term.value.cast("float64")
                value = value + other if combine == "sum" else value * other
            return Term(value, _some_unknown(terms))

        return Planned(level, read)

    def _elapsed(self, unit: ElapsedUnit, start: str, end: str, open_: frozenset[str]) -> Planned:
        level, names = self._gather((start, end), open_)

        def read(frame: ir.Table) -> Term:
            terms = [names(frame)[start], names(frame)[end]]
            first, last = terms[0].value, terms[1].value
            if unit is ElapsedUnit.MONTHS:
                months = (last.year() - first.year()) * 12 + last.month() - first.month()
                value = (months - (last.day() < first.day()).cast("int64")).cast("int64")
            else:
                value = last.delta(first, unit="day").cast("int64")
                if unit is ElapsedUnit.WEEKS:
                    value = (value.cast("float64") / 7.0).floor().cast("int64")
            return Term(value, _some_unknown(terms))

        return Planned(level, read)

    def _from_table(self, derivation: FromTable, open_: frozenset[str]) -> Planned:
        table = self.vocabulary.tables[derivation.cell.table]
        level, names = self._gather(table.facts_read, open_)
        columns = self._table(table, level, names)
        return Planned(level + 2, lambda frame: columns.cell(frame, derivation.cell.column))


def _some_unknown(terms: list[Term]) -> ir.BooleanValue | None:
    """Return whether unknown facts alone keep a calculation open: one that is undocumented settles it."""
    unknown = [term.unknown for term in terms if term.unknown is not None]
    if not unknown:
        return None
    return any_of(unknown) & all_of([term.value.notnull() | u for term, u in zip(terms, unknown, strict=True)])


def _first_known(terms: list[Term]) -> Term:
    """Return the first term that is known; one that is unknown hides those after it."""
    result = terms[-1]
    for term in reversed(terms[:-1]):
        known = term.value.notnull()
        if term.unknown is None or result.unknown is None:
            unknown, closed = None, known
        else:
            unknown, closed = ~known & (term.unknown | result.unknown), known | term.unknown
        shared = term.members.keys() & result.members.keys()
        members = {m: ibis.ifelse(closed, term.members[m], result.members[m]) for m in shared}
        result = Term(ibis.ifelse(closed, term.value, result.value), unknown, members)
    return result


def _as_type(fact: Fact, value: ir.Value) -> ir.Value:
    """Return a worked-out number in its fact's type, NULL where that does not hold it (`derivations._as_type`)."""
    if not fact.type.is_numeric:
        return value
    number = value.cast("float64")
    fits = number.abs() <= float(LARGEST)
    scale = float(10**DECIMALS)
    return ibis.ifelse(fits, (number * scale).round().cast("float64") / scale + 0.0, ibis.null("float64"))


@dataclass
class Faults:
    """What makes a row unusable, as `item_building.build_item` sees it: a column that tells whether anything does.

    Which mistake it is, and in which words, is left to the reader of requests, for these rows alone.
    """

    facts: FactColumns

    def plan(self, derived: Collection[str], treatment: str) -> Callable[[ir.Table], ir.BooleanValue]:
        """Return what tells the faulty rows, once all levels are applied."""
        vocabulary = self.facts.vocabulary
        contradicted = [
            (vocabulary.facts[name], self.facts.derived(name))
            for name in derived
            if name in self.facts.given and not isinstance(vocabulary.derivations[name], DEFAULTS)
        ]
        limited = [
            (vocabulary.facts[name], self.facts.fact(name))
            for name in derived
            if vocabulary.facts[name].minimum is not None or vocabulary.facts[name].maximum is not None
        ]
        treated = self.facts.fact(treatment)
        needed = {
            name: [self.facts.fact(fact) for fact in facts] for name, facts in vocabulary.needed.items() if facts
        }

        def faulty(frame: ir.Table) -> ir.BooleanValue:
            found = [treated.read(frame).value.isnull()]
            found += [self._contradicts(frame, fact, planned.read(frame)) for fact, planned in contradicted]
            found += [_outside(fact, planned.read(frame).value) for fact, planned in limited]
            if not self.facts.partial:
                found.append(_lacking(frame, treated, needed))
            return any_of(found)

        return faulty

    def lacking(self, treatment: str) -> Callable[[ir.Table], ir.BooleanValue]:
        """Return what tells the rows without a fact that their treatment needs."""
        treated = self.facts.fact(treatment)
        needed = {
            name: [self.facts.fact(fact) for fact in facts]
            for name, facts in self.facts.vocabulary.needed.items()
            if facts
        }
        return lambda frame: _lacking(frame, treated, needed)

    def _contradicts(self, frame: ir.Table, fact: Fact, follows: Term) -> ir.BooleanValue:
        stated = frame[f"f:{fact.name}"]
        differs = surely(stated != follows.value)
        if fact.name not in self.facts.marked:
            return differs
        return differs | (frame[f"d:{fact.name}"] & follows.value.notnull())


def _lacking(frame: ir.Table, treated: Planned, needed: Mapping[str, list[Planned]]) -> ir.BooleanValue:
    treatment = treated.read(frame).value
    return any_of(
        [
            surely(treatment == name) & any_of([planned.read(frame).value.isnull() for planned in facts])
            for name, facts in needed.items()
        ]
    )


def _outside(fact: Fact, value: ir.Value) -> ir.BooleanValue:
    beyond = []
    if fact.minimum is not None:
        beyond.append(surely(value < literal(fact.minimum)))
    if fact.maximum is not None:
        beyond.append(surely(value > literal(fact.maximum)))
    return any_of(beyond)
