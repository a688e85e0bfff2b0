"""The query over all rows gives what durable-rules and the oracle give one by one, on generated libraries."""

from __future__ import annotations

import os
from dataclasses import astuple, dataclass
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

pytest.importorskip("ibis")

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

import strategies
from guidecheck.batch.engines import ColumnarEngine, RowByRowEngine, cases_table, columns_of, decode, item_of
from guidecheck.batch.json_lines import cell_text, rows_of
from guidecheck.batch.reading import RowReader, read_headings
from guidecheck.batch.rows import Answers, Rows
from guidecheck.deciding.checking import Checker
from guidecheck.engine.columnar import CASES, ITEM, ColumnarProgram, Compiler, reading_of, sql_of
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import STRUCTURAL
from guidecheck.library.models import Library
from guidecheck.requests.flat_rows import FOUND, fact_cells
from test_engine_agrees import wide_rules

EXAMPLES = max(12, settings().max_examples // 8)


def as_row(number: int, record: strategies.Record, library: Library) -> dict[str, str | None] | None:
    """Return a generated record as the cells of a row, or None where a list in it has no total."""
    facts = library.vocabulary.facts
    row: dict[str, str | None] = {
        "case_id": f"case-{number}",
        "as_of": record["as_of"],
        "records": record["records"],
    }
    if any(facts[name].type is FactType.LIST for name in record["facts"]):
        if strategies.faults(record, library):
            return None
        return {**row, **fact_cells(strategies.read_item(record, library), library)}
    return {**row, **{name: cell_text(value) for name, value in record["facts"].items()}}


def with_findings(data: Any, row: dict[str, str | None], library: Library) -> dict[str, str | None]:
    """Return a row with the records' finding beside each fact: the same, or none."""
    facts = library.vocabulary.facts
    beside = [
        name for name in row if name in facts and name not in STRUCTURAL and facts[name].type is not FactType.LIST
    ]
    told = data.draw(st.sets(st.sampled_from(beside))) if beside else set()
    return {**row, **{name + FOUND: row[name] if name in told else None for name in beside}}


def read(rows: list[dict[str, str | None]], library: Library) -> tuple[Rows, Rows | None]:
    texts = rows_of(["generated"] * len(rows), list(range(len(rows))), rows)
    headings = read_headings(list(texts.columns), library, "generated", whole=False, lists=True)
    good, earlier, rejects = RowReader(library, reading_of(library).members).read(texts, headings)
    assert rejects == []
    return good, earlier


@dataclass
class Drawn:
    """A generated library with rows for it; `usable` are the records that contradict nothing, with their rows.

    `earlier` are the rows as known before the decision, where the records' findings were drawn.
    """

    rules: strategies.Rules
    library: Library
    rows: Rows
    usable: dict[int, strategies.Record]
    earlier: Rows | None


def draw(data: Any, *, partial: bool | None, most: int = 16, findings: bool = False) -> Drawn | None:
    """Return a generated library and rows, of either kind of records where `partial` is None."""
    rules = data.draw(strategies.rule_sets())
    library = strategies.load(rules)
    kinds = [partial] if partial is not None else [False, True]
    drawn = [
        record
        for kind in kinds
        for record in data.draw(st.lists(strategies.records(rules, partial=kind), min_size=6, max_size=most))
    ]
    cells = [(as_row(number, record, library), record) for number, record in enumerate(drawn)]
    kept = [(row, record) for row, record in cells if row is not None]
    if not kept:
        return None
    records = [record for _, record in kept]
    note(f"{records}")
    usable = {place: record for place, record in enumerate(records) if rules.oracle.is_usable(record)}
    cells_ = [with_findings(data, row, library) if findings else row for row, _ in kept]
    good, earlier = read(cells_, library)
    return Drawn(rules, library, good, usable, earlier)


def assert_same(drawn: Drawn, found: Answers) -> None:
    """Hold an engine's answers against durable-rules and the oracle."""
    expected = RowByRowEngine(drawn.library).answer(drawn.rows)
    assert found.faulty.to_pylist() == [place not in drawn.usable for place in range(len(drawn.rows))]
    for place, record in drawn.usable.items():
        for name in ("outcome", "basis", "controlling", "unmet"):
            assert getattr(found, name)[place] == getattr(expected, name)[place], name
        answer = drawn.rules.oracle.answer(record)
        assert (found.outcome[place].as_py(), found.basis[place].as_py()) == (answer.outcome, answer.basis)
        assert set(found.controlling[place].as_py()) == answer.controlling
        if record["records"] == "complete":
            unmet = {key for key in answer.controlling if answer.statuses[key] != "met"} - answer.assumes
            assert set(found.unmet[place].as_py()) == unmet


@pytest.mark.parametrize("partial", [False, True], ids=["complete", "partial"])
@settings(max_examples=EXAMPLES, phases=[Phase.generate])
@given(data=st.data())
def test_the_query_agrees_with_durable_rules_and_the_oracle(data: Any, partial: bool) -> None:
    drawn = draw(data, partial=partial)
    if drawn is not None:
        assert_same(drawn, ColumnarEngine(drawn.library).answer(drawn.rows))


@settings(max_examples=EXAMPLES, phases=[Phase.generate])
@given(data=st.data())
def test_it_agrees_on_what_was_known_before_the_decision(data: Any) -> None:
    drawn = draw(data, partial=None, findings=True)
    if drawn is None or drawn.earlier is None:
        return
    assert_same(drawn, ColumnarEngine(drawn.library).answer(drawn.rows))
    found, expected = (engine(drawn.library).answer(drawn.earlier) for engine in (ColumnarEngine, RowByRowEngine))
    for name, column in vars(expected).items():
        same = pc.equal(found.faulty, False) if name != "faulty" else pa.repeat(pa.scalar(True), len(found.faulty))
        assert getattr(found, name).filter(same) == column.filter(same), name


@settings(max_examples=max(6, EXAMPLES // 3), phases=[Phase.generate])
@given(data=st.data())
def test_it_agrees_on_a_file_that_is_read_in_parts(data: Any) -> None:
    drawn = draw(data, partial=None)
    if drawn is None:
        return
    middle = len(drawn.rows) // 2
    places = [pa.array(range(middle), pa.int64()), pa.array(range(middle, len(drawn.rows)), pa.int64())]
    engine = ColumnarEngine(drawn.library)
    parts = [engine.answer(drawn.rows.take(part)) for part in places]
    assert_same(drawn, Answers(*(pa.concat_arrays(columns) for columns in zip(*map(astuple, parts), strict=True))))


def test_a_member_that_only_earlier_rows_had_is_in_no_set_of_the_later_ones() -> None:
    parts = {"parts": {"type": "set", "values": {"arm": {}, "back": {}}}}
    rules = wide_rules(parts, {"parts": {"includes_any": ["arm"]}}, {"parts": {"includes_none": ["arm"]}})
    library = strategies.load(rules)
    engine = ColumnarEngine(library)
    found = []
    for stated in ({"parts": ["arm"]}, {"parts": ["back"]}, {"parts": "none"}, {}):
        record = {"as_of": "2015-01-01", "records": "complete", "facts": {"treatment": "massage", **stated}}
        answers = engine.answer(read([as_row(0, record, library) or {}], library)[0])
        found.append((answers.basis[0].as_py(), answers.unmet[0].as_py()))
    both = ["wide.c0", "wide.c1"]
    assert found == [
        ("failed", ["wide.c1"]),
        ("failed", ["wide.c0"]),
        ("failed", ["wide.c0"]),
        ("undocumented", both),
    ]


def whole(library: Library, rows: Rows, *, partial: bool) -> tuple[ColumnarProgram, pa.Table]:
    """Return the program for any rows whatever, as `rules sql` prints it, and rows as its table."""
    program = Compiler(library).any_rows(partial=partial)
    return program, cases_table(program, columns_of(rows, program.reading))


def assert_statuses(drawn: Drawn, found: list[dict[str, Any]]) -> None:
    """Hold the status of every criterion against durable-rules and the oracle."""
    checker = Checker(drawn.library)
    for place, record in drawn.usable.items():
        item = item_of(drawn.library, drawn.rows, place, [])
        assert item is not None
        checked = {result.criterion.key: str(result.status) for result in checker.check_item(item).criteria}
        statuses = drawn.rules.oracle.answer(record).statuses
        assert checked == statuses
        for key, status in found[place].items():
            if key != ITEM:
                assert status == statuses.get(key, "not_applicable"), key


@pytest.mark.parametrize("partial", [False, True], ids=["complete", "partial"])
@settings(max_examples=EXAMPLES, phases=[Phase.generate])
@given(data=st.data())
def test_the_query_for_any_rows_agrees_down_to_each_criterion(data: Any, partial: bool) -> None:
    drawn = draw(data, partial=partial)
    if drawn is None:
        return
    program, cases = whole(drawn.library, drawn.rows, partial=partial)
    connection = duckdb.connect()
    connection.register(CASES, cases)
    answer = connection.execute(program.sql()).to_arrow_table()
    assert_same(drawn, decode(answer, program.bits))
    statuses = connection.execute(sql_of(program.statuses, "duckdb")).to_arrow_table()
    assert_statuses(drawn, statuses.sort_by(ITEM).to_pylist())


@pytest.mark.skipif(not os.environ.get("GUIDECHECK_SPARK"), reason="needs Java and half a minute")
@settings(max_examples=3, phases=[Phase.generate], deadline=None)
@given(data=st.data())
def test_spark_agrees(data: Any) -> None:
    from guidecheck.batch.spark import SparkEngine

    drawn = draw(data, partial=None, most=8)
    if drawn is None:
        return
    assert_same(drawn, SparkEngine(drawn.library).answer(drawn.rows))
