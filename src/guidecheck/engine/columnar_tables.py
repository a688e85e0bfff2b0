"""Tables of limits as expressions: which row an item has, and what its cells hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from guidecheck.engine import columnar_logic as logic
from guidecheck.engine.columnar_conditions import (
    TYPES,
    Term,
    Terms,
    boolean,
    could_be,
    holds,
    joined,
    some,
)
from guidecheck.engine.columnar_logic import NO, UNDOCUMENTED, YES, Bool, Truth, all_of, any_of
from guidecheck.language.conditions import Condition
from guidecheck.language.facts import Value
from guidecheck.language.tables import Row, Table


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
class TableTerms:
    """The row that a table has for each item."""

    table: Table
    terms: Terms
    partial: bool

    @cached_property
    def _rows(self) -> list[tuple[Row, Truth]]:
        """The rows in order of preference, each with whether it matches."""
        return [
            (row, Truth(YES, NO) if row.condition is None else holds(row.condition, self.terms))
            for row in by_preference(self.table)
        ]

    def _could_be(self, condition: Condition | None, wanted: bool) -> Bool:
        return NO if condition is None else could_be(condition, wanted, self.terms)

    @cached_property
    def _possible(self) -> list[Bool]:
        """Whether unknown facts could bring in each row that does not surely match."""
        return [~match.known & self._could_be(row.condition, True) for row, match in self._rows]

    @cached_property
    def _open(self) -> Bool:
        """Whether unknown facts could bring in a row that is preferred to the one that surely matches."""
        if not self.partial:
            return NO
        found, none_before = [], YES
        for (_, match), possible in zip(self._rows, self._possible, strict=True):
            found.append(possible & none_before)
            none_before &= ~match.yes
        return any_of(found)

    def cell(self, column: str) -> Term:
        """Return a cell of the row."""
        type_ = TYPES[self.table.columns[column]]
        known = self._first_is([column in row.cells for row, _ in self._rows]) & ~self._open
        rows = [(match, row.cells.get(column)) for row, match in self._rows]
        if type_ == "boolean":
            yes = self._first_is([value is True for _, value in rows])
            return Term(None, known, self._open, Truth(known & yes, known & ~yes))
        # Where no row has a cell the value doesn't matter: it may as well be that of another row.
        branches, last = [], logic.filler(type_)
        for match, value in rows:
            if value is not None:
                last = logic.literal(joined(value) if isinstance(value, frozenset) else _scalar(value))
            branches.append((match.yes, last))
        return Term(logic.switch(branches, last), known, self._open)

    def _first_is(self, wanted: Sequence[bool]) -> Bool:
        """Return whether some row matches and the first that does is one of those wanted."""
        if all(wanted):
            return any_of(match.yes for _, match in self._rows)
        found, none_before = [], YES
        for (_, match), is_wanted in zip(self._rows, wanted, strict=True):
            if is_wanted:
                found.append(match.yes & none_before)
            none_before &= ~match.yes
        return any_of(found)

    def listed(self) -> Term:
        """Return whether some row stands for the item."""
        answer = some([match for _, match in self._rows])
        if not self.partial:
            return boolean(answer)
        none = all_of(match.known | self._could_be(row.condition, False) for row, match in self._rows)
        return boolean(answer, ~answer.known & (any_of(self._possible) | none))


def _scalar(value: Value) -> logic.Constant:
    assert not isinstance(value, tuple | frozenset)
    return value


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
        return Term(logic.filler("float64"), NO, NO, UNDOCUMENTED)
