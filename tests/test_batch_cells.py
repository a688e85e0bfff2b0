"""A cell is read as the same text is in a request, and odd tables lose nothing in silence."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shipped
from guidecheck.batch.cells import CellReader
from guidecheck.batch.json_lines import cell_text, json_object
from guidecheck.batch.rows import Reject
from guidecheck.batch.text_lines import CsvFile, Part
from guidecheck.errors import GuidecheckError
from guidecheck.language.facts import UNDOCUMENTED, FactType, ValueFault, read_scalar
from guidecheck.language.vocabulary import AS_OF
from small_batches import HEAD, run
from small_batches import row as line_of

VOCABULARY = shipped.library().vocabulary
FACTS = [f for f in VOCABULARY.facts.values() if f.type not in (FactType.SET, FactType.LIST)]
WORDS = [
    "yes",
    "N",
    "TRUE",
    "6",
    "6.0",
    "6.5",
    " 7 ",
    "1e2",
    "1e400",
    "nan",
    "inf",
    "-0",
    "2015-08-21",
    "2015-02-30",
]
WORDS += [
    "2015-08-21T10:00:00Z",
    "2015-08-21 10:00",
    "chiro",
    "CMT",
    "97124",
    "1,000",
    "٣",
    "0x10",
    "1_000",
    "none",
]


@settings(max_examples=60, deadline=None)
@given(
    fact=st.sampled_from(FACTS),
    texts=st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8), st.floats().map(str)), min_size=1),
)
def test_a_column_accepts_what_a_request_accepts(fact, texts) -> None:  # type: ignore[no-untyped-def]
    column = CellReader(fact).read(pa.array(texts))
    for row, text in enumerate(texts):
        value, fault = None, False
        if text.strip() and text.strip().casefold() != UNDOCUMENTED:
            try:
                value = read_scalar(fact, text)
            except ValueFault:
                fault = True
        assert (row in column.faults) is fault
        assert column.values[row].as_py() == value
        assert type(column.values[row].as_py()) is type(value)


def test_sets_are_separated_by_semicolons() -> None:
    reader = CellReader(VOCABULARY.facts["body_region"], ["neck", "knee"])
    column = reader.read(pa.array(["neck; lumbar", "none", "", "undocumented", "elsewhere", None]))
    assert column.values.to_pylist() == ["low_back;neck", "", None, None, None, None]
    assert column.members["neck"].to_pylist() == [True, False, None, None, None, None]
    assert column.undocumented.to_pylist() == [False, False, False, True, False, False]
    assert list(column.faults) == [4]


def test_a_date_loses_its_time() -> None:
    column = CellReader(VOCABULARY.facts[AS_OF]).read(pa.array(["2015-08-21T09:30:00Z", "2015-08-21 09:30"]))
    assert set(column.values.to_pylist()) == {date(2015, 8, 21)}


def rows_and_rejects(path: Path, delimiter: str = ",") -> tuple[list[tuple[int, ...]], list[Reject]]:
    return rows_and_rejects_of(CsvFile(path, path.name, delimiter).read(lambda _: None))


def rows_and_rejects_of(parts: Iterable[Part]) -> tuple[list[tuple[int, ...]], list[Reject]]:
    rows, rejects = [], []
    for part in parts:
        if isinstance(part, Reject):
            rejects.append(part)
        else:
            columns = [column.to_pylist() for column in part.columns.values()]
            rows += list(zip(part.numbers.to_pylist(), *columns, strict=True))
    return rows, rejects


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def test_whole_numbers_stay_as_they_are_written(table: Path) -> None:
    table.write_text("a,b\n6.5,007\n")
    assert rows_and_rejects(table)[0] == [(2, "6.5", "007")]


def test_an_unclosed_quote_costs_its_own_line(table: Path) -> None:
    good = "".join(f"{n},x\n" for n in range(300))
    table.write_text('a,b\n1,"two\nlines"\n2,"open\n' + good)
    rows, rejects = rows_and_rejects(table)
    assert rows[0] == (2, "1", "two\nlines")
    assert [(reject.row, reject.text) for reject in rejects] == [(4, '2,"open')]
    assert [row[1:] for row in rows[1:]] == [(str(n), "x") for n in range(300)]
    assert rows[-1][0] == 304


def test_a_quote_open_at_the_end_of_the_file(table: Path) -> None:
    table.write_text('a,b\n1,2\n3,"4\n5,6\n')
    rows, rejects = rows_and_rejects(table)
    assert rows == [(2, "1", "2"), (4, "5", "6")]
    assert [reject.row for reject in rejects] == [3]


def test_lines_that_are_no_records_are_rejected_with_their_number(table: Path) -> None:
    table.write_bytes(b'\xef\xbb\xbfa,b\r\n1,2\r\n\r\nonly one\r\n1,2,3\r\n"x"y,2\r\n\xff,1\r\n"p,q",4')
    rows, rejects = rows_and_rejects(table)
    assert rows == [(2, "1", "2"), (8, "p,q", "4")]
    assert [reject.row for reject in rejects] == [4, 5, 6, 7]


def test_a_record_may_stand_across_two_blocks(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guidecheck.batch.text_lines.BLOCK", 7)
    table.write_text('a,b\n1,2\n"3\n3\n3",4\n5,6\n')
    assert rows_and_rejects(table) == ([(2, "1", "2"), (3, "3\n3\n3", "4"), (6, "5", "6")], [])


def test_a_heading_that_is_none(table: Path) -> None:
    for text in (b"", b"\xff\xfea\x00", b"a,a\n1,2\n", b'"a,b\n1,2\n', b",,\n"):
        table.write_bytes(text)
        with pytest.raises(GuidecheckError):
            CsvFile(table, "table.csv", ",")


def json_row(line: bytes) -> dict[str, str | None]:
    return {name: cell_text(value) for name, value in json_object(line).items()}


def test_json_keeps_numbers_as_written_and_refuses_what_a_cell_cannot_hold() -> None:
    row = json_row(b'{"a": 6.0, "b": true, "c": ["x", "y"], "d": [], "e": null, "f": 1e400}')
    assert row == {"a": "6.0", "b": "yes", "c": "x;y", "d": "none", "e": None, "f": "1e400"}
    for line in (b"[1]", b'{"a": NaN}', b'{"a": 1, "a": 2}', b'{"a": {"b": 1}}', b'{"a"', b"[" * 100_000):
        with pytest.raises(ValueError, match=r".+"):
            json_row(line)


def test_a_stray_pair_of_quotes_swallows_no_row(massage_rules: Path, tmp_path: Path) -> None:
    path, rejects = tmp_path / "t.csv", tmp_path / "bad.jsonl"
    lines = [*map(line_of, range(6))]
    path.write_text(
        "note," + HEAD + ",".join(["", lines[0]]) + '"x,c1,2015-08-21,"massage,neck,4,0,upheld\n'
        'y,c2,2015-08-21,massage",neck,4,0,upheld\n' + "".join(f"z,{line}" for line in lines[3:])
    )
    ended = run(massage_rules, path, "--keep", "note", "--rejects", rejects)
    assert "4 items answered, 2 rejected" in ended.output
    found = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [one["row"] for one in found] == [3, 4]


def test_a_swallowed_line_is_read_by_itself(table: Path) -> None:
    table.write_text('a,b\n1,"x\n2,y\n3,z"\n4,"w"\n')
    found = [*CsvFile(table, "table.csv", ",", lambda name: name != "b").read(lambda _: None)]
    rows, rejects = rows_and_rejects_of(found)
    assert rows == [(3, "2", "y"), (5, "4", "w")]
    assert [reject.row for reject in rejects] == [2, 4]
    assert "closes 2 lines on, in `b`" in rejects[0].reason


@pytest.mark.parametrize("name", ["case_id", "item_id", "body_region", "requested_visits"])
def test_a_line_break_in_a_cell_is_a_reject(massage_rules: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.jsonl"
    good = {"case_id": "a", "item_id": "1", "as_of": "2015-08-21", "treatment": "massage", "body_region": "neck"}
    path.write_text(json.dumps({**good, "requested_visits": "6", name: "4\nb"}) + "\n" + json.dumps(good) + "\n")
    ended = run(massage_rules, path)
    assert "1 item answered, 1 rejected" in ended.output
    assert f"t.jsonl:1: rejected: `{name}` holds a line break" in ended.stderr
