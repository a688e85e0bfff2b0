"""Rows of a table on their way through: as texts, as read, and as answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.batch.cells import value_at
from guidecheck.language.facts import Fact, Value
from guidecheck.requests.flat_rows import RECORDS


def named(source: str, count: int) -> pa.Array:
    """Return one file's name for each of some rows."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([source]))


@dataclass(frozen=True)
class TextRows:
    """Rows as they stand in files: the file's name, the row's number, and texts by column (NULL where empty).

    Numbers are lines in text files (the heading is line 1), rows in sheets and Parquet files (counted from 1), and
    lines in request files. Rows `of_requests` may say that a list is stated, which no cell of a table can.
    """

    sources: pa.Array
    numbers: pa.Array
    columns: Mapping[str, pa.Array]
    of_requests: bool = False

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row, or a file, that cannot be used: where, why, and what it had."""

    source: str
    row: int | None
    reason: str
    case_id: str | None = None
    item_id: str | None = None
    text: str | None = None


@dataclass
class Rows:
    """Rows read: who and when they are about, and their facts as typed columns of one length.

    `facts` has a column for each fact that some row could state, under its name; `members` has those of sets as
    FACT=MEMBER; `marks` tells which rows state a fact as undocumented.
    """

    sources: pa.Array
    numbers: pa.Array
    case_id: pa.Array
    item_id: pa.Array
    partial: pa.Array
    actual: pa.Array
    kept: Mapping[str, pa.Array]
    facts: Mapping[str, pa.Array]
    members: Mapping[str, pa.Array]
    marks: Mapping[str, pa.Array]
    catalogue: Mapping[str, Fact] = field(repr=False)

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, places: pa.Array) -> Rows:
        """Return some of the rows."""

        def each(columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
            return {name: column.take(places) for name, column in columns.items()}

        return Rows(
            sources=self.sources.take(places),
            numbers=self.numbers.take(places),
            case_id=self.case_id.take(places),
            item_id=self.item_id.take(places),
            partial=self.partial.take(places),
            actual=self.actual.take(places),
            kept=each(self.kept),
            facts=each(self.facts),
            members=each(self.members),
            marks=each(self.marks),
            catalogue=self.catalogue,
        )

    def reject(self, row: int, reason: str) -> Reject:
        """Return a row as a reject."""
        return Reject(
            self.sources[row].as_py(),
            self.numbers[row].as_py(),
            reason,
            self.case_id[row].as_py(),
            self.item_id[row].as_py(),
        )

    def stated(self, row: int) -> tuple[dict[str, Value], set[str]]:
        """Return what one row states: values by fact, and the facts that it states as undocumented."""
        values = {name: value_at(self.catalogue[name], column, row) for name, column in self.facts.items()}
        marked = {name for name, column in self.marks.items() if column[row].as_py()}
        return {name: value for name, value in values.items() if value is not None}, marked

    def all_stated(self) -> dict[str, pa.Array]:
        """Return all that rows state as columns: facts, marks and the kind of records, NULL where nothing."""
        marks = {
            f"{name}?": pc.if_else(column, column, pa.scalar(None, pa.bool_()))
            for name, column in self.marks.items()
        }
        return {**self.facts, **marks, RECORDS: self.partial}


def joined(parts: Sequence[Rows]) -> Rows:
    """Return rows of several tables as one; what a table has no column for, its rows don't state."""

    def each(columns: Callable[[Rows], Mapping[str, pa.Array]], silent: object) -> dict[str, pa.Array]:
        types = {name: column.type for part in parts for name, column in columns(part).items()}
        return {
            name: pa.concat_arrays(
                columns(part)[name] if name in columns(part) else pa.repeat(pa.scalar(silent, type_), len(part))
                for part in parts
            )
            for name, type_ in types.items()
        }

    return Rows(
        sources=pa.concat_arrays(part.sources.cast(pa.string()) for part in parts),
        numbers=pa.concat_arrays(part.numbers for part in parts),
        case_id=pa.concat_arrays(part.case_id for part in parts),
        item_id=pa.concat_arrays(part.item_id for part in parts),
        partial=pa.concat_arrays(part.partial for part in parts),
        actual=pa.concat_arrays(part.actual for part in parts),
        kept=each(lambda part: part.kept, None),
        facts=each(lambda part: part.facts, None),
        members=each(lambda part: part.members, None),
        marks=each(lambda part: part.marks, False),
        catalogue=parts[0].catalogue,
    )


@dataclass(frozen=True)
class Answers:
    """What an engine says of rows, in their order; `faulty` rows have a mistake and no answer."""

    outcome: pa.Array
    basis: pa.Array
    controlling: pa.Array
    unmet: pa.Array
    faulty: pa.Array

    def take(self, places: pa.Array) -> Answers:
        """Return some of the answers."""
        return Answers(*(getattr(self, part.name).take(places) for part in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Answers]) -> Answers:
        """Return answers one after the other."""
        return cls(*(pa.concat_arrays(getattr(one, part.name) for one in parts) for part in fields(cls)))
