"""The forms a derivation can take: how a fact follows from other facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from guidecheck.language.conditions import Cell, Condition, facts_read, tables_read
from guidecheck.language.facts import Value
from guidecheck.language.tables import Table


class ElapsedUnit(StrEnum):
    """The unit of a span between two dates; weeks and months are completed ones, rounded down."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class SameAs:
    """The value of another fact, unless stated otherwise."""

    fact: str


@dataclass(frozen=True, slots=True)
class ValueWhen:
    """A fixed value where a condition holds."""

    value: Value
    when: Condition


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of numbers."""

    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """The product of numbers."""

    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The time from one date to another."""

    unit: ElapsedUnit
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class FirstKnown:
    """The first that is known of several facts or derivations."""

    parts: tuple[str | Derivation, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """Whether a condition holds."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class FromTable:
    """A cell of the row that a table of the vocabulary has."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class SumOver:
    """A sum over the entries of a list: each entry's factor in a table, times what the row says to multiply.

    The row's `factor` is multiplied with the entry's fact named in the row's `times`. Where some entry cannot be
    counted there is no sum; one with `partly` is then that of the entries that can be, and there is none else.
    """

    list_fact: str
    table: str
    partly: bool = False


Derivation = SameAs | ValueWhen | Sum | Product | Elapsed | FirstKnown | Formula | FromTable | SumOver

DEFAULTS = (SameAs, FirstKnown)
"""Derivations that give way to a stated fact without a contradiction."""


def facts_of(derivation: Derivation, tables: Mapping[str, Table]) -> list[str]:
    """Return the facts that a derivation reads, in order."""
    match derivation:
        case SameAs(fact):
            return [fact]
        case ValueWhen(_, when):
            return facts_in(when, tables)
        case Formula(condition):
            return facts_in(condition, tables)
        case Sum(facts) | Product(facts):
            return list(facts)
        case Elapsed(_, start, end):
            return [start, end]
        case FirstKnown(parts):
            return [n for p in parts for n in ([p] if isinstance(p, str) else facts_of(p, tables))]
        case FromTable(cell):
            return list(tables[cell.table].facts_read)
        case SumOver(list_fact):
            return [list_fact]


def conditions_in(derivation: Derivation | str) -> Iterator[Condition]:
    """Yield the conditions in a derivation."""
    match derivation:
        case ValueWhen(_, when):
            yield when
        case Formula(condition):
            yield condition
        case FirstKnown(parts):
            for part in parts:
                yield from conditions_in(part)


def cells_given(derivation: Derivation | str) -> Iterator[Cell]:
    """Yield the cells whose values a derivation takes."""
    match derivation:
        case FromTable(cell):
            yield cell
        case FirstKnown(parts):
            for part in parts:
                yield from cells_given(part)


def facts_in(condition: Condition, tables: Mapping[str, Table]) -> list[str]:
    """Return the facts that a condition rests on, those that pick its tables' rows included."""
    keys = (fact for table in tables_read(condition) for fact in tables[table].facts_read)
    return list(dict.fromkeys([*facts_read(condition), *keys]))
