"""The rule library as the engines see it: authorities, guidelines, criteria, with their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from guidecheck.errors import Location
from guidecheck.language.conditions import Cell, Condition, TableName, cells_read, facts_read, tables_listed
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.reading.marked_yaml import Node


@dataclass(frozen=True, slots=True)
class Authority:
    """A source of guidelines; rank 0 is the highest, and authorities may share one.

    Authorities with a legal role are reported beside the prediction and take no part in it. One that is
    `former_of` another has the editions that this one has replaced, and that are still cited.
    """

    id: str
    title: str
    rank: int
    legal: bool = False
    former_of: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The days, both included, in which a guideline is in force, and with whose authority."""

    start: date
    end: date | None
    authority: str
    begins_at: Location | None = field(default=None, compare=False)
    ends_at: Location | None = field(default=None, compare=False)

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Criterion:
    """What a guideline asks on one topic.

    `require` is None for a criterion that fails wherever it applies ("not recommended"). `says` is a
    paraphrase; `citation` has title, edition, section, pages and regulation as far as they are known.
    """

    guideline: str
    id: str
    topic: str
    says: str
    require: Condition | None
    when: Condition | None
    unless: Condition | None
    assumed_met: bool
    remedy: str
    confidence: str
    citation: Mapping[str, str]
    source_ids: tuple[str, ...]
    at: Location

    @property
    def key(self) -> str:
        """The id by which the whole library knows the criterion."""
        return f"{self.guideline}.{self.id}"

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The table cells it compares with: it applies only where these have a row."""
        conditions = (self.require, self.when, self.unless)
        return tuple(dict.fromkeys(cell for c in conditions for cell in cells_read(c)))

    @property
    def required_facts(self) -> tuple[str, ...]:
        """The facts that it requires something of."""
        return tuple(facts_read(self.require))

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts it reads: what it requires first, then its guards."""
        conditions = (self.require, self.when, self.unless)
        return tuple(dict.fromkeys(fact for c in conditions for fact in facts_read(c)))


@dataclass(frozen=True)
class Guideline:
    """One edition of a guideline, for the treatments its `applies_to` names.

    `leaves_open` is None where precedence is by topic alone, else the topics that lower ranks may add to.
    """

    id: str
    title: str
    citation: Mapping[str, str]
    periods: tuple[Period, ...]
    applies_to: Condition
    leaves_open: frozenset[str] | None
    outranks: frozenset[str]
    tables: Mapping[str, Table]
    criteria: tuple[Criterion, ...]
    examples: tuple[Node, ...]
    at: Location

    def period(self, day: date) -> Period | None:
        """Return the period that holds a day, or None where the guideline is not in force."""
        return next((period for period in self.periods if period.holds(day)), None)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition of the guideline."""
        found = [self.applies_to]
        for criterion in self.criteria:
            found += [c for c in (criterion.when, criterion.unless, criterion.require) if c is not None]
        return tuple(found)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts the guideline reads, its tables' keys included."""
        names = [fact for condition in self.conditions for fact in facts_read(condition)]
        for table in self.tables_used:
            names += self.tables[table].facts_read
        return tuple(dict.fromkeys(names))

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The table cells the guideline compares with."""
        return tuple(dict.fromkeys(cell for c in self.conditions for cell in cells_read(c)))

    @cached_property
    def listings(self) -> tuple[TableName, ...]:
        """The tables in which the guideline looks for a row."""
        return tuple(dict.fromkeys(name for c in self.conditions for name in tables_listed(c)))

    @cached_property
    def tables_used(self) -> tuple[str, ...]:
        """The names of the tables that the conditions use."""
        names = [cell.table for cell in self.cells] + [listing.table for listing in self.listings]
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a library is used without: whatever is less sure than `least`, its criteria by key, its table rows."""

    least: str
    criteria: tuple[str, ...]
    rows: int

    @property
    def words(self) -> str:
        """What is left out, in a sentence."""
        criteria = f"{len(self.criteria)} {'criterion' if len(self.criteria) == 1 else 'criteria'}"
        rows = f"{self.rows} {'row' if self.rows == 1 else 'rows'} of tables"
        return f"Left out, as less sure than {self.least}: {criteria} and {rows}."


@dataclass(frozen=True)
class Library:
    """Everything in a rule library.

    `broken` are names of guidelines that could not be read; a library that is used has none. `left_out` is what a
    caller wanted left out, if anything.
    """

    version: str
    digest: str
    vocabulary: Vocabulary
    authorities: Mapping[str, Authority]
    jurisdictions: Mapping[str, tuple[str, ...]]
    topics: Mapping[str, str]
    guidelines: Mapping[str, Guideline]
    examples: tuple[Node, ...] = field(default=(), repr=False)
    broken: frozenset[str] = frozenset()
    left_out: LeftOut | None = None

    def criteria(self) -> Iterator[Criterion]:
        """Yield every criterion, guideline by guideline."""
        for guideline in self.guidelines.values():
            yield from guideline.criteria

    def own_tables(self, guideline: Guideline) -> dict[str, Table]:
        """Return the tables that stand in a guideline, without those of the vocabulary, which every one has."""
        shared = self.vocabulary.tables
        return {name: table for name, table in guideline.tables.items() if shared.get(name) is not table}

    @property
    def identity(self) -> dict[str, Any]:
        """What an answer says of the library that gave it, as JSON data."""
        left_out = self.left_out and {
            "less_sure_than": self.left_out.least,
            "criteria": list(self.left_out.criteria),
            "rows": self.left_out.rows,
        }
        return {"version": self.version, "digest": self.digest, "left_out": left_out}

    @cached_property
    def _criterion_by_key(self) -> dict[str, Criterion]:
        return {criterion.key: criterion for criterion in self.criteria()}

    def criterion(self, key: str) -> Criterion:
        """Return a criterion by `guideline.id`.

        Raises:
            KeyError: the library has no such criterion.
        """
        return self._criterion_by_key[key]
