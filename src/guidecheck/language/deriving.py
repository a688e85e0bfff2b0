"""What is known of an item: its stated facts, and those that follow from them by the vocabulary's derivations."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from guidecheck.language.conditions import Cell, Condition, TableName, can_be, evaluate
from guidecheck.language.derivations import (
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
)
from guidecheck.language.facts import AS_OF, DECIMALS, LARGEST, Entry, Fact, FactType, Value
from guidecheck.language.list_sums import Summand, multiplied, summands
from guidecheck.language.tables import Row, Table
from guidecheck.language.vocabulary import Vocabulary


@dataclass(frozen=True)
class Known:
    """What is known of an item: values by name, and the names that are unknown.

    A name in neither is undocumented. In complete records nothing is unknown. Values include table cells,
    under `Cell.key` and `TableName.key`.
    """

    values: Mapping[str, Value]
    unknown: Collection[str] = frozenset()


def look_up(
    tables: Mapping[str, Table], cells: Collection[Cell], listings: Collection[TableName], known: Known
) -> tuple[Known, Mapping[str, Row]]:
    """Return what is known with the cells and listings that conditions look up, and the rows taken, by table."""
    names = dict.fromkeys([cell.table for cell in cells] + [listing.table for listing in listings])
    if not names:
        return known, {}
    values: dict[str, Value] = dict(known.values)
    unknown = set(known.unknown)
    picks = {name: tables[name].resolve(known) for name in names}
    for cell in cells:
        picked = picks[cell.table]
        if picked.open:
            unknown.add(cell.key)
        elif picked.row is not None and cell.column in picked.row.cells:
            values[cell.key] = picked.row.cells[cell.column]
    for listing in listings:
        picked = picks[listing.table]
        if picked.listed is not None:
            values[listing.key] = picked.listed
        elif picked.listing_open:
            unknown.add(listing.key)
    rows = {name: picked.row for name, picked in picks.items() if picked.row is not None and not picked.open}
    return Known(values, frozenset(unknown)), rows


@dataclass
class _Unknown:
    """Marks a derivation that only an unknown fact keeps open."""


_UNKNOWN = _Unknown()
_Result = Value | None | _Unknown


@dataclass
class Deriver:
    """Works out derived facts of one item from what is stated.

    `stated` are the values, `undocumented` the facts stated as undocumented; in partial records (`partial`)
    every other fact is unknown, except those that are usually undocumented, which are assumed so.

    On partial records a derived fact that is left out follows where its inputs are known, and is unknown
    otherwise: `prior_visits` stated as undocumented leaves it unknown whether there was prior treatment, and how
    many visits there were in all, which the records may yet say.

    `in_part` has what is told of lists that nobody states as a whole: they come to no less than that.
    """

    vocabulary: Vocabulary
    stated: Mapping[str, Value]
    undocumented: Collection[str] = frozenset()
    partial: bool = False
    hidden: str | None = None
    in_part: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    _done: dict[str, _Result] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _cuts: int = 0
    _summands: dict[tuple[str, str], list[Summand]] = field(default_factory=dict)

    def known(self, names: Iterable[str] | None = None) -> Known:
        """Return the stated facts with every derived one, or with those of some names."""
        if names is None:
            names, unknown = self._begin_with_silence()
            known = self._gather(names)
            return Known(known.values, {*unknown, *known.unknown})
        return self._gather(dict.fromkeys((*self.stated, *names)))

    def _begin_with_silence(self) -> tuple[list[str], set[str]]:
        """Take over what rests on nothing that is told of the item, which is most: it is the same for every item.

        Return the names that are still to be worked out or have a value, and of the others those that are unknown.
        """
        vocabulary = self.vocabulary
        told = {*self.stated, *self.undocumented, *self.in_part}
        told.update(*(vocabulary.followers.get(name, ()) for name in tuple(told)))
        silence = _silence(vocabulary, self.partial)
        self._done = {name: result for name, result in silence.done.items() if name not in told}
        names = [name for name in vocabulary.facts if name in told or name in silence.values]
        return names, set(silence.unknown - told)

    def value(self, name: str) -> Value | None:
        """Return one fact's value, stated or derived, or None."""
        result = self.result(name)
        return None if isinstance(result, _Unknown) else result

    def result(self, name: str) -> _Result:
        """Return a fact's value, None for undocumented, or the mark for unknown."""
        if name != self.hidden:
            if name in self.stated:
                return self.stated[name]
            if name in self.undocumented:
                return None
        if name in self._done:
            return self._done[name]
        if name in self._open:
            # Two facts that derive each other: neither is known from here. What was worked out on the way
            # depends on where the question started, so it is not kept.
            self._cuts += 1
            return self._none()
        cuts = self._cuts
        self._open.append(name)
        result = self._derive(name)
        self._open.pop()
        if self._cuts == cuts:
            self._done[name] = result
        return result

    def _unstated(self, name: str) -> _Result:
        usual = self.vocabulary.facts[name].usual_undocumented
        return _UNKNOWN if self.partial and not usual else None

    def _derive(self, name: str) -> _Result:
        derivation = self.vocabulary.derivations.get(name)
        if derivation is None:
            return self._unstated(name)
        result = self._apply(derivation)
        if self.partial and isinstance(derivation, SumOver) and derivation.list_fact in self.in_part:
            # It may come to more, unless what is told is assumed to be all.
            result = result if self.vocabulary.facts[name].usual_undocumented else _UNKNOWN
        if result is not None and not isinstance(result, _Unknown):
            result = _as_type(self.vocabulary.facts[name], result)
        # A total without one of its terms may yet be stated by itself, so partial records leave it open.
        return self._unstated(name) if result is None or isinstance(result, _Unknown) else result

    def _apply(self, derivation: Derivation) -> _Result:
        match derivation:
            case SameAs(fact):
                return self.result(fact)
            case ValueWhen(value, when):
                held = self._condition(when, (True,))
                # One that can never hold, whatever unknown facts turn out to be, gives way to what comes next.
                return value if held is True else (held or None)
            case Formula(condition):
                return self._condition(condition, (True, False))
            case Sum(facts):
                return self._numbers(facts, math.fsum)
            case Product(facts):
                return self._numbers(facts, math.prod)
            case Elapsed(unit, start, end):
                return self._elapsed(unit, start, end)
            case FirstKnown(parts):
                return self._first_known(parts)
            case FromTable(cell):
                return self._cell(cell)
            case SumOver():
                return self._sum_over(derivation)

    def _none(self) -> _Result:
        """The answer of a derivation that does not speak: unknown in partial records."""
        return _UNKNOWN if self.partial else None

    def _gather(self, names: Collection[str]) -> Known:
        values: dict[str, Value] = {}
        unknown: set[str] = set()
        for name in names:
            result = self.result(name)
            if isinstance(result, _Unknown):
                unknown.add(name)
            elif result is not None:
                values[name] = result
        return Known(values, unknown)

    def _condition(self, condition: Condition, ways: tuple[bool, ...]) -> bool | _Unknown | None:
        """Return whether a condition holds or fails, or None, or the mark for unknown.

        It is unknown where it does neither, and unknown facts may yet let it come out in one of some `ways`.
        """
        reads = self.vocabulary.reads(condition)
        known, _ = look_up(self.vocabulary.tables, reads.cells, reads.listings, self._gather(reads.facts))
        held = evaluate(condition, known.values)
        if held is None and any(can_be(condition, way, known.values, known.unknown) for way in ways):
            return _UNKNOWN
        return held

    def _numbers(self, facts: tuple[str, ...], combine: Callable[[Iterable[float]], float]) -> _Result:
        results = [self.result(fact) for fact in facts]
        if any(result is None for result in results):
            return None
        numbers = [result for result in results if isinstance(result, int | float)]
        return float(combine(numbers)) if len(numbers) == len(results) else _UNKNOWN

    def _elapsed(self, unit: ElapsedUnit, start: str, end: str) -> _Result:
        first, last = self.result(start), self.result(end)
        if first is None or last is None:
            return None
        if not isinstance(first, date) or not isinstance(last, date):
            return _UNKNOWN
        return elapsed(unit, first, last)

    def _first_known(self, parts: tuple[str | Derivation, ...]) -> _Result:
        for part in parts:
            result = self.result(part) if isinstance(part, str) else self._apply(part)
            if result is not None:
                return result
        return None

    def _cell(self, cell: Cell) -> _Result:
        table = self.vocabulary.tables[cell.table]
        picked = table.resolve(self._gather(table.facts_read))
        if picked.open:
            return _UNKNOWN
        return picked.row.cells.get(cell.column) if picked.row else None

    def _sum_over(self, derivation: SumOver) -> _Result:
        entries = self.result(derivation.list_fact)
        if not isinstance(entries, tuple):
            if derivation.partly and derivation.list_fact in self.in_part:
                counted = self.counted(derivation)
                return self._none() if counted is None else counted
            return entries if isinstance(entries, _Unknown) else None
        incomplete = any(summand.product is None for summand in self.summands(derivation))
        if incomplete is not derivation.partly:
            return self._none()
        total = self.counted(derivation) if entries else 0.0
        return self._none() if total is None else total

    def counted(self, derivation: SumOver) -> float | None:
        """Return what the entries of a list come to that can be counted, or None where none can be."""
        products = [summand.product for summand in self.summands(derivation)]
        known = [product for product in products if product is not None]
        return round(math.fsum(known), DECIMALS) if known else None

    def summands(self, derivation: SumOver) -> list[Summand]:
        """Return what a sum over a list adds up; nothing where nothing is told of the list."""
        # Several facts are sums over one list: how much in all, how much at least, how much of it can be counted.
        asked = (derivation.list_fact, derivation.table)
        if asked not in self._summands:
            self._summands[asked] = self._summands_of(derivation)
        return self._summands[asked]

    def _summands_of(self, derivation: SumOver) -> list[Summand]:
        entries = self.stated.get(derivation.list_fact, self.in_part.get(derivation.list_fact))
        if not isinstance(entries, tuple):
            return []
        own = self.vocabulary.facts[derivation.list_fact].of
        # What the item states of one drug, or works out from it, is nothing of the list's entries.
        shared = {n: v for n, v in self.stated.items() if not set(own).intersection(self.vocabulary.sources([n]))}
        table = self.vocabulary.tables[derivation.table]
        added = [key for key in table.keys if isinstance(self.vocabulary.derivations.get(key), Product)]
        names = (*table.facts_read, *own, *added, *multiplied(table))

        def derive(entry: Entry) -> Mapping[str, Value]:
            return Deriver(self.vocabulary, {**shared, **entry})._gather(names).values

        return summands(entries, table, AS_OF, added, derive)


@dataclass(frozen=True, slots=True)
class _Silence:
    """What is so of an item that states nothing: every result, and of those the values and the unknown."""

    done: Mapping[str, _Result]
    values: frozenset[str]
    unknown: frozenset[str]


def _silence(vocabulary: Vocabulary, partial: bool) -> _Silence:
    held = vocabulary.silence.get(partial)
    if held is None:
        deriver = Deriver(vocabulary, {}, partial=partial)
        known = deriver.known(vocabulary.facts)
        held = _Silence(deriver._done, frozenset(known.values), frozenset(known.unknown))
        vocabulary.silence[partial] = held
    assert isinstance(held, _Silence)
    return held


def elapsed(unit: ElapsedUnit, start: date, end: date) -> int:
    """Return completed days, weeks or months from start to end, negative where end comes first."""
    if unit is ElapsedUnit.MONTHS:
        months = (end.year - start.year) * 12 + end.month - start.month
        return months - (end.day < start.day)
    days = (end - start).days
    return days // 7 if unit is ElapsedUnit.WEEKS else days


def _as_type(fact: Fact, value: Value) -> Value | None:
    """Return a worked-out number in the type of its fact, or None for one that its type does not hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if abs(value) > LARGEST:
        return None
    # Rounded first: 1.1 × 10 is 11, whatever floating point makes of it. A whole number of visits may well come
    # out as 7.5 (2.5 a week for 3 weeks): it is compared as it is.
    number = round(float(value), DECIMALS) + 0.0
    return int(number) if fact.type is FactType.INTEGER and number.is_integer() else number
