"""Tables of limits: rows picked by facts, each with its own citation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from guidecheck.errors import Location
from guidecheck.language.conditions import Condition, can_be, evaluate, facts_read
from guidecheck.language.facts import FactType, Value


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
class Table:
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

    def resolve(self, known: KnownFacts) -> Picked:
        """Return the row that a table has for an item."""
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
        is_open = any(self._best(self._in_order([*sure, other])) is not row for other in possible)
        listing_open = listed is None and (bool(possible) or all(_can_match(r, False, known) for r in unsure))
        return Picked(row, listed, is_open, listing_open)

    def goes_before(self, one: int, other: int) -> bool:
        """Tell whether of two rows (by their place) that both match the first is taken; never of a single row."""
        return one != other and self._best([self.rows[i] for i in sorted((one, other))]) is self.rows[one]

    def _in_order(self, rows: list[Row]) -> list[Row]:
        wanted = {id(row) for row in rows}
        return [row for row in self.rows if id(row) in wanted]

    def _best(self, rows: list[Row]) -> Row | None:
        """Return the row to take of several in table order; of equal cells the first."""
        by = self.highest or self.lowest
        ranked = [row for row in rows if by in row.cells] if by else rows
        if not ranked:
            return rows[0] if rows else None
        if by is None:
            return ranked[0]
        choose = max if self.highest else min
        return choose(ranked, key=lambda row: float(row.cells[by]))  # type: ignore[arg-type]


def _matches(row: Row, values: Mapping[str, Value]) -> bool | None:
    return True if row.condition is None else evaluate(row.condition, values)


def _can_match(row: Row, wanted: bool, known: KnownFacts) -> bool:
    return row.condition is not None and can_be(row.condition, wanted, known.values, known.unknown)
