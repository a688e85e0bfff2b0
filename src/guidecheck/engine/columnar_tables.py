"""Tables of limits folded into CASE expressions: which row an item has, and what its cells hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from guidecheck.engine.columnar_conditions import (
    TYPES,
    UNDOCUMENTED,
    YES,
    Term,
    Terms,
    all_of,
    any_of,
    could_be,
    holds,
    literal,
    surely,
)
from guidecheck.tables import Row, Table


def by_preference(table: Table) -> list[Row]:
    """Return a table's rows so that the first matching one is the row to take (`Table.resolve`).

    Which of two rows is better depends on their constants alone, so the order is the same for every item.
    """
    by = table.highest or table.lowest
    if by is None:
        return list(table.rows)
    sign = -1.0 if table.highest else 1.0
    ranked = [row for row in table.rows if by in row.cells]
    unranked = [row for row in table.rows if by not in row.cells]
    return sorted(ranked, key=lambda row: sign * float(row.cells[by])) + unranked  # type: ignore[arg-type]


@dataclass(frozen=True)
class TableColumns:
    """The columns that a table adds, under a prefix: first its matches, then the picked row, then its cells."""

    table: Table
    prefix: str
    partial: bool

    def matches(self, terms: Terms) -> dict[str, ir.Value]:
        """Return whether each row matches, and in partial records whether it could."""
        columns: dict[str, ir.Value] = {}
        for index, row in enumerate(by_preference(self.table)):
            match = YES if row.condition is None else holds(row.condition, terms)
            columns[f"{self.prefix}:m{index}"] = match
            if self.partial and row.condition is not None:
                columns[f"{self.prefix}:p{index}"] = could_be(row.condition, True, terms)
                columns[f"{self.prefix}:n{index}"] = could_be(row.condition, False, terms)
        return columns

    def picks(self, frame: ir.Table) -> dict[str, ir.Value]:
        """Return the place of the first matching row in the order of preference, and of the first possible one."""
        rows = by_preference(self.table)
        matches = [self._match(frame, index) for index in range(len(rows))]
        columns: dict[str, ir.Value] = {
            f"{self.prefix}:row": _first([surely(match) for match in matches]),
            f"{self.prefix}:listed": any_of(matches),
        }
        if self.partial:
            possible = [
                match.isnull() & frame[f"{self.prefix}:p{index}"]
                for index, (row, match) in enumerate(zip(rows, matches, strict=True))
                if row.condition is not None
            ]
            places = [index for index, row in enumerate(rows) if row.condition is not None]
            columns[f"{self.prefix}:possible"] = _first(possible, places, len(rows))
            columns[f"{self.prefix}:none"] = all_of(
                [matches[index].notnull() | frame[f"{self.prefix}:n{index}"] for index in places]
            )
        return columns

    def _match(self, frame: ir.Table, index: int) -> ir.BooleanValue:
        match = frame[f"{self.prefix}:m{index}"]
        assert isinstance(match, ir.BooleanValue)
        return match

    def _open(self, frame: ir.Table) -> ir.BooleanValue | None:
        """Return whether unknown facts could bring in a row that is preferred to the picked one."""
        return frame[f"{self.prefix}:possible"] < frame[f"{self.prefix}:row"] if self.partial else None

    def cell(self, frame: ir.Table, column: str) -> Term:
        """Return a cell of the picked row, NULL where there is none."""
        type_ = TYPES[self.table.columns[column]]
        place = frame[f"{self.prefix}:row"]
        branches = [
            (place == index, literal(row.cells[column], type_))
            for index, row in enumerate(by_preference(self.table))
            if column in row.cells
        ]
        value = ibis.cases(*branches, else_=ibis.null(type_)) if branches else ibis.null(type_)
        unsettled = self._open(frame)
        if unsettled is None:
            return Term(value)
        return Term(ibis.ifelse(unsettled, ibis.null(type_), value), unsettled)

    def listed(self, frame: ir.Table) -> Term:
        """Return whether some row stands for the item."""
        listed = frame[f"{self.prefix}:listed"]
        if not self.partial:
            return Term(listed)
        none = len(self.table.rows)
        may_settle = (frame[f"{self.prefix}:possible"] < none) | frame[f"{self.prefix}:none"]
        return Term(listed, listed.isnull() & may_settle)


def _first(
    answers: list[ir.BooleanValue], places: list[int] | None = None, none: int | None = None
) -> ir.IntegerValue:
    """Return the place of the first true answer, or the number after the last."""
    places = list(range(len(answers))) if places is None else places
    none = len(answers) if none is None else none
    last = ibis.literal(none, type="int64")
    if not answers:
        return last
    branches = [(a, ibis.literal(place, type="int64")) for a, place in zip(answers, places, strict=True)]
    return ibis.cases(*branches, else_=last)


class Names:
    """Terms by name, as `holds` looks them up."""

    def __init__(self, *layers: Mapping[str, Term] | Names) -> None:
        self._layers = layers

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self._layers)

    def __getitem__(self, name: str) -> Term:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        # A cell or listing of a table without columns or rows: never known.
        return Term(UNDOCUMENTED)
