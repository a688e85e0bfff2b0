"""Tables of limits: rows picked by facts, each with its own citation."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from guidecheck.errors import Location
from guidecheck.language.conditions import Condition, can_be, evaluate, facts_read
from guidecheck.language.copies import WithoutMemory
from guidecheck.language.facts import FactType, Value

MOST_REMEMBERED = 1_000
"""So many picks a table remembers."""


class KnownFacts(Protocol):
    """What picking a row needs to know of an item."""

    @property
    def values(self) -> Mapping[str, Value]:
        """The known facts."""

    @property
    def unknown(self) -> Collection[str]:
        """The facts of partial records that may turn out either way."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the condition its key cells make (None matches all), its values, and where it comes from."""

    condition: Condition | None
    cells: Mapping[str, Value]
    at: Location
    citation: Mapping[str, str]
    source_ids: tuple[str, ...] = ()
    confidence: str | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """The row a table has for an item, if any.

    `listed` tells whether some row stands for the item: True, False, or None for undocumented. `open` tells
    that unknown facts could change which row is taken; `listing_open` that they could settle `listed`.
    """

    row: Row | None
    listed: bool | None
    open: bool = False
    listing_open: bool = False


@dataclass(frozen=True)
class Table(WithoutMemory):
    """A table; of several matching rows the one with the highest or lowest cell is taken, else the first."""

    name: str
    keys: tuple[str, ...]
    columns: Mapping[str, FactType]
    rows: tuple[Row, ...]
    at: Location
    highest: str | None = None
    lowest: str | None = None

    @cached_property
    def facts_read(self) -> tuple[str, ...]:
        """The facts that decide which row is taken."""
        return tuple(dict.fromkeys([*self.keys, *(f for row in self.rows for f in facts_read(row.condition))]))

    @cached_property
    def _matches_of_silence(self) -> list[tuple[Row, bool | None]]:
        """Its rows, with whether they match where no fact that decides it is known, as for most items."""
        return [(row, _matches(row, {})) for row in self.rows]

    @cached_property
    def _resolved(self) -> dict[tuple[Value | frozenset[str] | None, ...], Picked]:
        """What was picked before, by what decides it: a library's examples ask for the same rows many times."""
        return {}

    def resolve(self, known: KnownFacts) -> Picked:
        """Return the row that a table has for an item."""
        values, unknown = known.values, known.unknown
        asked = (*map(values.get, self.facts_read), frozenset(f for f in self.facts_read if f in unknown))
        if any(isinstance(value, tuple) for value in asked):
            return self._resolve(known)  # a list's entries are no key of a dictionary
        found = self._resolved.get(asked)
        if found is None:
            if len(self._resolved) >= MOST_REMEMBERED:
                self._resolved.clear()
            found = self._resolved[asked] = self._resolve(known)
        return found

    def _resolve(self, known: KnownFacts) -> Picked:
        matches = self._matches_of_silence
        if not known.values.keys().isdisjoint(self.facts_read):
            matches = [(row, _matches(row, known.values)) for row in self.rows]
        sure = [row for row, match in matches if match is True]
        unsure = [row for row, match in matches if match is None]
        row = self._best(sure)
        listed = True if sure else (None if unsure else False)
        if not known.unknown:
            return Picked(row, listed)
        possible = [other for other in unsure if _can_match(other, True, known)]
        is_open = any(self._best([*sure, other]) is not row for other in possible)
        listing_open = listed is None and (bool(possible) or all(_can_match(r, False, known) for r in unsure))
        return Picked(row, listed, is_open, listing_open)

    def rows_before(self, row: Row) -> tuple[Row, ...]:
        """Return the rows that are taken rather than one of its rows, where they match too."""
        return self._order[: self._ranks[id(row)]]

    @cached_property
    def _order(self) -> tuple[Row, ...]:
        """Its rows, the first to take first: of equal cells the one that stands first, those without last."""
        return tuple(sorted(self.rows, key=self._height))

    @cached_property
    def _ranks(self) -> dict[int, int]:
        """The place of its rows in that order, by identity: rows are slow to compare."""
        return {id(row): rank for rank, row in enumerate(self._order)}

    def _height(self, row: Row) -> float:
        by = self.highest or self.lowest
        if by is None:
            return 0.0
        value = row.cells.get(by)
        if value is None:
            return math.inf
        return -float(value) if self.highest else float(value)  # type: ignore[arg-type]

    def _best(self, rows: Iterable[Row]) -> Row | None:
        """Return the row to take of several."""
        return min(rows, key=lambda row: self._ranks[id(row)], default=None)


def _matches(row: Row, values: Mapping[str, Value]) -> bool | None:
    return True if row.condition is None else evaluate(row.condition, values)


def _can_match(row: Row, wanted: bool, known: KnownFacts) -> bool:
    return row.condition is not None and can_be(row.condition, wanted, known.values, known.unknown)
