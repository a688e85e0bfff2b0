"""Texts of a column read as values of a fact: each distinct text once, by the reader that requests use.

Cells of one column repeat, so a million of them cost a few hundred calls of `facts.read_scalar` and a vectorised
lookup. What is accepted and refused is therefore the same as in a request, by construction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.errors import with_mend
from guidecheck.language.facts import UNDOCUMENTED, Fact, FactType, Value, ValueFault, read_scalar, several_within
from guidecheck.requests.fact_reader import MAX_TEXT

NONE_WORD = "none"
SEPARATOR = ";"
HIDDEN = r"[\x00-\x1f\x7f]"
"""What no identity and no value of a fact holds, but for its texts."""

_HIDDEN = re.compile(HIDDEN)
_MOST_REMEMBERED = 200_000

_ARROW_TYPES = {
    FactType.BOOLEAN: pa.bool_(),
    FactType.INTEGER: pa.int64(),
    FactType.NUMBER: pa.float64(),
    FactType.DATE: pa.date32(),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a text says: a value, that the fact is undocumented, nothing at all, or a mistake."""

    value: Value | None = None
    undocumented: bool = False
    fault: str | None = None


@dataclass(frozen=True)
class Column:
    """A column read: values (NULL where none is stated), sets' members, marks, and mistakes by row.

    A set's value is its members' names, sorted and joined by `;`.
    """

    values: pa.Array
    members: dict[str, pa.Array]
    undocumented: pa.Array
    faults: dict[int, str]


def read_cell(fact: Fact, text: str) -> Cell:
    """Return what a cell says of a fact; an empty one says nothing."""
    word = text.strip()
    if not word:
        return Cell()
    if word.casefold() == UNDOCUMENTED:
        return Cell(undocumented=True)
    if _HIDDEN.search(word) and fact.type is not FactType.TEXT:
        return Cell(fault=f"`{fact.name}` holds a line break or another control character")
    if len(text) > MAX_TEXT:
        return Cell(fault=f"`{fact.name}` is longer than {MAX_TEXT:,} characters")
    try:
        return Cell(_read_set(fact, word) if fact.type is FactType.SET else read_scalar(fact, text))
    except ValueFault as fault:
        return Cell(fault=f"`{fact.name}`: {with_mend(fault.message, fault.hint)}")


def _read_set(fact: Fact, word: str) -> frozenset[str]:
    if word.casefold() == NONE_WORD and NONE_WORD not in fact.choices:
        return frozenset()
    parts = [part for part in word.split(SEPARATOR) if part.strip()]
    if not parts:
        raise ValueFault(f"`{word}` names no value", "write `none` for none")
    try:
        return frozenset(str(read_scalar(fact, part)) for part in parts)
    except ValueFault as fault:
        names = [name for part in parts for name in several_within(fact, part) or [part.strip()]]
        if len(names) == len(parts):
            raise
        raise ValueFault(fault.message, f"write `{SEPARATOR.join(names)}`") from None


@dataclass
class CellReader:
    """Reads the columns of one fact; remembers the texts it has seen."""

    fact: Fact
    members: Sequence[str] = ()
    _seen: dict[str, Cell] = field(default_factory=dict)

    def read(self, texts: pa.Array) -> Column:
        """Return a column of texts as values."""
        encoded = texts.dictionary_encode()
        cells = [self._cell(text) for text in encoded.dictionary.to_pylist()]
        places = encoded.indices
        faults = {}
        if any(cell.fault is not None for cell in cells):
            wrong = pa.array([cell.fault is not None for cell in cells])
            for row in pc.indices_nonzero(pc.fill_null(wrong.take(places), False)).to_pylist():
                faults[row] = str(cells[places[row].as_py()].fault)
        stated = pa.array([cell.undocumented for cell in cells], pa.bool_())
        return Column(
            values=self._values(cells).take(places),
            members={
                member: pa.array([_includes(cell.value, member) for cell in cells], pa.bool_()).take(places)
                for member in self.members
            },
            undocumented=pc.fill_null(stated.take(places), False),
            faults=faults,
        )

    def _cell(self, text: str) -> Cell:
        cell = self._seen.get(text)
        if cell is None:
            if len(self._seen) >= _MOST_REMEMBERED:
                self._seen.clear()
            cell = self._seen[text] = read_cell(self.fact, text)
        return cell

    def _values(self, cells: Sequence[Cell]) -> pa.Array:
        values: list[Any] = [cell.value for cell in cells]
        if self.fact.type is FactType.SET:
            values = [None if v is None else SEPARATOR.join(sorted(v)) for v in values]
        return pa.array(values, _ARROW_TYPES.get(self.fact.type, pa.string()))


def _includes(value: Value | None, member: str) -> bool | None:
    return member in value if isinstance(value, frozenset) else None


def value_at(fact: Fact, column: pa.Array, row: int) -> Value | None:
    """Return one value of a column that `CellReader` made."""
    value = column[row].as_py()
    if value is not None and fact.type is FactType.SET:
        return frozenset(value.split(SEPARATOR)) if value else frozenset()
    if value is not None and fact.type is FactType.LIST:
        # A row says that there is a list, and states its total beside it; its entries are known to nobody.
        return ({},)
    return value  # type: ignore[no-any-return]
