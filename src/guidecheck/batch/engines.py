"""The engines of a batch: one query over all rows, or durable-rules one row after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.batch.rows import Answers, Rows
from guidecheck.checking import Checker
from guidecheck.determination import ItemDetermination
from guidecheck.engine.columnar import (
    CASES,
    ITEM,
    ColumnarProgram,
    CriterionBits,
    Given,
    compiler_of,
    input_schema,
)
from guidecheck.errors import Finding, Location
from guidecheck.fact_reader import Facts
from guidecheck.item_building import build_item
from guidecheck.library.models import Library
from guidecheck.request import Actual, Item
from guidecheck.vocabulary import AS_OF, TREATMENT

WORTH_SPLITTING = 50_000
"""Rows for which compiling a query for each treatment costs less than evaluating all guidelines for every row."""

LISTS = pa.list_(pa.string())


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
    """The library as one query; `run` executes it (see `engine.columnar`)."""

    def __init__(self, library: Library, threads: int | None = None) -> None:
        self.library = library
        self.compiler = compiler_of(library)
        self._splits = False
        self._connection = duckdb.connect(config={"threads": threads} if threads else {})
        # Nothing is fetched from the network, whatever a query or a file asks for.
        self._connection.execute("SET autoinstall_known_extensions = false")

    def answer(self, rows: Rows) -> Answers:
        """Return what the library says of rows."""
        parts = [
            (places, self._answer(rows.take(places), guidelines, partial=partial))
            for guidelines, partial, places in self._parts(rows)
        ]
        if not parts:
            return Answers(*(pa.array([], t) for t in (pa.string(), pa.string(), LISTS, LISTS, pa.bool_())))
        order = pc.array_sort_indices(pa.concat_arrays([places for places, _ in parts]))
        columns = [
            pa.concat_arrays([getattr(answers, name) for _, answers in parts]).take(order)
            for name in ("outcome", "basis", "controlling", "unmet", "faulty")
        ]
        return Answers(*columns)

    def _parts(self, rows: Rows) -> Iterator[tuple[tuple[str, ...], bool, pa.Array]]:
        """Yield the rows that one query answers: guidelines that can apply, kind of records, and places."""
        treatments = rows.facts[TREATMENT].dictionary_encode()
        codes = treatments.indices.fill_null(len(treatments.dictionary)).to_numpy(zero_copy_only=False)
        by_guidelines: dict[tuple[str, ...], list[int]] = {}
        for code, treatment in enumerate([*treatments.dictionary.to_pylist(), None]):
            by_guidelines.setdefault(self.compiler.guidelines_for(treatment), []).append(code)
        self._splits = self._splits or len(rows) >= WORTH_SPLITTING
        if not self._splits:
            together = {name for guidelines in by_guidelines for name in guidelines}
            every = tuple(name for name in self.library.guidelines if name in together)
            by_guidelines = {every: list(range(len(treatments.dictionary) + 1))}
        partial_rows = rows.partial.to_numpy(zero_copy_only=False)
        for guidelines, group in by_guidelines.items():
            here = np.isin(codes, group)
            for partial in (False, True):
                places = np.flatnonzero(here & (partial_rows == partial))
                if len(places):
                    yield guidelines, partial, pa.array(places, pa.int64())

    def _answer(self, rows: Rows, guidelines: tuple[str, ...], *, partial: bool) -> Answers:
        program = self.compiler.program(self._given(rows, partial=partial), guidelines, partial=partial)
        return decode(self.run(program, cases_table(program, rows)), program.bits)

    def _given(self, rows: Rows, *, partial: bool) -> Given:
        derivations = self.library.vocabulary.derivations
        read = [name for name in self.compiler.reading.facts if name in rows.facts]
        # Without unknown facts, stating one as undocumented matters only where it would otherwise be derived.
        return Given(frozenset(read), frozenset(name for name in read if partial or name in derivations))

    def run(self, program: ColumnarProgram, cases: pa.Table) -> pa.Table:
        """Return a program's answer."""
        self._connection.register(CASES, cases)
        try:
            return self._connection.execute(program.sql("duckdb")).to_arrow_table()
        finally:
            self._connection.unregister(CASES)


def cases_table(program: ColumnarProgram, rows: Rows) -> pa.Table:
    """Return rows as the table that a program reads."""
    columns: dict[str, Any] = {ITEM: pa.array(np.arange(len(rows)))}
    for name in input_schema(program.library, program.reading, program.given):
        kind, _, what = name.partition(":")
        if kind == "f":
            columns[name] = rows.members[what] if what in rows.members else rows.facts[what]
        elif kind == "d":
            columns[name] = rows.marks[what]
    return pa.table(columns)


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
