"""The engines of a batch: one query over all rows, or durable-rules one row after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.batch.rows import Answers, Rows
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import ItemDetermination
from guidecheck.engine.columnar import (
    CASES,
    ITEM,
    ColumnarProgram,
    Compiler,
    CriterionBits,
    Reading,
    compiler_of,
    input_schema,
)
from guidecheck.engine.columnar_facts import Given
from guidecheck.errors import Finding, Location
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import AS_OF, TREATMENT
from guidecheck.library.models import Library
from guidecheck.requests.fact_reader import Facts
from guidecheck.requests.item_building import build_item
from guidecheck.requests.request import Actual, Item

LISTS = pa.list_(pa.string())

ARROW_TYPES = {
    "boolean": pa.bool_(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "date": pa.date32(),
    "string": pa.string(),
}
"""Arrow's types for the columns of a query's input."""


class Engine(Protocol):
    """Answers rows."""

    def answer(self, rows: Rows) -> Answers:
        """Return what the library says of rows."""


def item_of(library: Library, rows: Rows, row: int, findings: list[Finding]) -> Item | None:
    """Return a row as an item of a request, or None after reporting its mistakes."""
    stated, marked = rows.stated(row)
    as_of = stated.pop(AS_OF)
    actual = rows.actual[row].as_py()
    return build_item(
        library.vocabulary,
        Facts(stated, marked),
        findings,
        id=rows.item_id[row].as_py(),
        at=Location(rows.sources[row].as_py(), rows.numbers[row].as_py()),
        as_of=as_of,  # type: ignore[arg-type]
        partial=rows.partial[row].as_py(),
        actual=Actual(actual) if actual else None,
    )


class ColumnarEngine:
    """The library as one query for each treatment; `run` executes it (see `engine.columnar`).

    Rows are answered by as little of the library as they need: what follows from their treatment, and from the
    facts and days that occur in them, is settled while the query is compiled. The engine remembers what it has
    seen, so that a file read in parts is compiled for a few times and not for each part.
    """

    def __init__(self, library: Library, threads: int | None = None) -> None:
        self.library = library
        self.compiler = compiler_of(library)
        self._seen: dict[tuple[str | None, bool], Given] = {}
        self._connection = duckdb.connect(config={"threads": threads} if threads else {})
        # Nothing is fetched from the network, whatever a query or a file asks for.
        self._connection.execute("SET autoinstall_known_extensions = false")

    def answer(self, rows: Rows) -> Answers:
        """Return what the library says of rows."""
        parts = [
            (places, self._answer(rows, places, treatment, partial=partial))
            for treatment, partial, places in _parts(rows)
        ]
        if not parts:
            return Answers(*(pa.array([], t) for t in (pa.string(), pa.string(), LISTS, LISTS, pa.bool_())))
        if len(parts) == 1:
            return parts[0][1]
        order = pc.array_sort_indices(pa.concat_arrays([places for places, _ in parts]))
        columns = [
            pa.concat_arrays([getattr(answers, name) for _, answers in parts]).take(order)
            for name in ("outcome", "basis", "controlling", "unmet", "faulty")
        ]
        return Answers(*columns)

    def _answer(self, rows: Rows, places: pa.Array, treatment: str | None, *, partial: bool) -> Answers:
        columns = self.columns(rows, places, treatment)
        program = self.program(columns, treatment, partial=partial)
        return decode(self.run(program, cases_table(program, columns)), program.bits)

    def columns(self, rows: Rows, places: pa.Array, treatment: str | None) -> dict[str, pa.Array]:
        """Return what some rows say of what the guidelines of their treatment read, as columns of `cases`."""
        columns = columns_of(rows, self.compiler.reading_for(treatment))
        if len(places) < len(rows):
            columns = {name: column.take(places) for name, column in columns.items()}
        return columns

    def program(self, columns: Mapping[str, pa.Array], treatment: str | None, *, partial: bool) -> ColumnarProgram:
        """Return the program for rows of a treatment, and for those like them seen before."""
        key = treatment, partial
        given = given_by(self.compiler, self.compiler.reading_for(treatment), columns, partial=partial)
        given = self._seen[key] = self._seen[key] | given if key in self._seen else given
        return self.compiler.program(given, self.compiler.guidelines_for(treatment), partial=partial)

    def run(self, program: ColumnarProgram, cases: pa.Table) -> pa.Table:
        """Return a program's answer."""
        self._connection.register(CASES, cases)
        try:
            return self._connection.execute(program.sql("duckdb")).to_arrow_table()
        finally:
            self._connection.unregister(CASES)


def _parts(rows: Rows) -> Iterator[tuple[str | None, bool, pa.Array]]:
    """Yield what one query answers: the treatment, whether the records are partial, and the rows' places."""
    treatments = rows.facts[TREATMENT].dictionary_encode()
    names = [*treatments.dictionary.to_pylist(), None]
    codes = treatments.indices.fill_null(len(names) - 1).to_numpy(zero_copy_only=False)
    kinds = codes * 2 + rows.partial.to_numpy(zero_copy_only=False)
    for kind in np.unique(kinds):
        yield names[kind // 2], bool(kind % 2), pa.array(np.flatnonzero(kinds == kind), pa.int64())


def columns_of(rows: Rows, reading: Reading) -> dict[str, pa.Array]:
    """Return what rows say of what rules read, as columns of `cases`."""
    found = {f"f:{name}": rows.facts[name] for name in reading.facts if name in rows.facts}
    found |= {f"d:{name}": rows.marks[name] for name in reading.facts if name in rows.marks}
    members = [f"{name}={member}" for name, several in reading.members.items() for member in several]
    found |= {f"f:{name}": rows.members[name] for name in members if name in rows.members}
    # Most columns of members and marks are empty; to copy none of them is most of the time saved.
    return {name: column for name, column in found.items() if _says_something(name, column)}


def given_by(compiler: Compiler, reading: Reading, columns: Mapping[str, pa.Array], *, partial: bool) -> Given:
    """Return what rows state."""
    catalogue = compiler.library.vocabulary.facts
    telling = compiler.telling_marks(reading.facts, partial=partial)
    facts, marked, always = set[str](), set[str](), set[str]()
    seen: set[tuple[str, str]] = set()
    for name in reading.facts:
        if name in telling and _any(columns.get(f"d:{name}")):
            marked.add(name)
            facts.add(name)
        column = columns.get(f"f:{name}")
        if column is None or column.null_count == len(column):
            continue
        facts.add(name)
        if not column.null_count:
            always.add(name)
        if catalogue[name].type is FactType.CHOICE:
            seen.update((name, text) for text in pc.unique(column).to_pylist() if text is not None)
        members = reading.members.get(name, ())
        seen.update((name, member) for member in members if _any(columns.get(f"f:{name}={member}")))
    days = pc.min_max(columns[f"f:{AS_OF}"]).as_py()
    return Given(
        frozenset(facts), frozenset(marked), frozenset(always), frozenset(seen), (days["min"], days["max"])
    )


def _any(flags: pa.Array | None) -> bool:
    return flags is not None and bool(pc.any(flags).as_py())


def _says_something(name: str, column: pa.Array) -> bool:
    is_flag = name.startswith("d:") or "=" in name
    return _any(column) if is_flag else column.null_count < len(column)


def cases_table(program: ColumnarProgram, columns: Mapping[str, pa.Array]) -> pa.Table:
    """Return the table that a program reads; some of its columns only rows before these may have stated."""
    count = len(columns[f"f:{AS_OF}"])
    found = {ITEM: pa.array(np.arange(count))}
    for name, kind in input_schema(program.library, program.reading, program.given).items():
        if name == ITEM:
            continue
        held = columns.get(name)
        found[name] = _silent(name, columns, ARROW_TYPES[kind.lstrip("!")], count) if held is None else held
    return pa.table(found)


def _silent(name: str, columns: Mapping[str, pa.Array], kind: pa.DataType, count: int) -> pa.Array:
    """Return a column that was left out because it says nothing: of a member, that no stated set includes it."""
    fact, _, member = name.partition("=")
    if member and fact in columns:
        return pc.if_else(pc.is_valid(columns[fact]), pa.scalar(False), pa.scalar(None, kind))
    return pa.repeat(pa.scalar(False) if name.startswith("d:") else pa.scalar(None, kind), count)


def decode(answer: pa.Table, bits: CriterionBits) -> Answers:
    """Return a program's answer in the order of its rows, with criteria by id."""
    answer = answer.sort_by(ITEM).combine_chunks()

    def column(name: str) -> pa.Array:
        return answer[name].chunk(0) if answer[name].num_chunks else pa.array([], answer[name].type)

    return Answers(
        outcome=column("outcome"),
        basis=column("basis"),
        controlling=_names([column(f"controlling_{word}") for word in range(bits.words)], len(answer), bits),
        unmet=_names([column(f"unmet_{word}") for word in range(bits.words)], len(answer), bits),
        faulty=column("faulty"),
    )


def _names(words: Sequence[pa.Array], count: int, bits: CriterionBits) -> pa.Array:
    """Return the criteria set in each row's words: few combinations occur, and each is spelled once."""
    codes = np.zeros(count, dtype=np.int64)
    for word in words:
        encoded = word.dictionary_encode()
        codes = codes * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy()
        # Numbered anew after each word, so that the product of many words cannot overflow.
        codes = pa.array(codes).dictionary_encode().indices.to_numpy().astype(np.int64)
    first = np.zeros(int(codes.max()) + 1 if len(codes) else 0, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    spelled = [bits.names([word[int(place)].as_py() for word in words]) for place in first]
    return pa.array(spelled, LISTS).take(pa.array(codes))


class RowByRowEngine:
    """durable-rules, one row after the other: slow, and what the columnar engine is held against."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._checker = Checker(library)
        self._place = {key: place for place, key in enumerate(CriterionBits(library).keys)}

    def answer(self, rows: Rows) -> Answers:
        """Return what the library says of rows."""
        checked = [self._check(rows, row) for row in range(len(rows))]
        return Answers(
            outcome=pa.array([str(c.outcome) if c else None for c in checked], pa.string()),
            basis=pa.array([str(c.basis) if c and c.basis else None for c in checked], pa.string()),
            controlling=pa.array([self._keys(c.controlling) if c else [] for c in checked], LISTS),
            unmet=pa.array([self._keys(c.unmet) if c else [] for c in checked], LISTS),
            faulty=pa.array([c is None for c in checked], pa.bool_()),
        )

    def _check(self, rows: Rows, row: int) -> ItemDetermination | None:
        item = item_of(self.library, rows, row, [])
        return None if item is None else self._checker.check_item(item)

    def _keys(self, results: Sequence[Any]) -> list[str]:
        """Return criteria's keys in the library's order."""
        return sorted((result.criterion.key for result in results), key=self._place.__getitem__)


class SmallestFirstEngine:
    """durable-rules for the first few rows, answered before a query would be compiled; then the query."""

    ROW_BY_ROW = 300
    """Rows that durable-rules answers in the time in which a query for one or two treatments is compiled."""

    def __init__(self, library: Library) -> None:
        self._few = RowByRowEngine(library)
        self._left = self.ROW_BY_ROW

    @cached_property
    def _many(self) -> ColumnarEngine:
        return ColumnarEngine(self._few.library)

    def answer(self, rows: Rows) -> Answers:
        """Return what the library says of rows."""
        if len(rows) > self._left:
            self._left = 0
            return self._many.answer(rows)
        self._left -= len(rows)
        return self._few.answer(rows)
