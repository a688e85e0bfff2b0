"""What Excel and Parquet files hold beside plain cells: nothing of it is lost in silence."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from guidecheck.batch.binary_tables import as_texts, has_formulas
from guidecheck.errors import GuidecheckError
from small_batches import COLUMNS, results, row, run


@pytest.fixture
def book() -> Any:
    book = openpyxl.Workbook()
    for line in (COLUMNS, *(row(number).strip().split(",") for number in range(4))):
        book.active.append(line)  # type: ignore[union-attr]
    return book


def test_further_sheets_are_named(massage_rules: Path, tmp_path: Path, book: Any) -> None:
    path = tmp_path / "t.xlsx"
    book.create_sheet("Empty")
    book.save(path)
    assert run(massage_rules, path).exit_code == 0
    book.create_sheet("Year 2").append(COLUMNS)
    book.save(path)
    with pytest.raises(GuidecheckError, match="2 sheets with cells: `Sheet`, `Year 2`"):
        run(massage_rules, path, catch=False)


def test_rows_outside_the_stated_size_count(massage_rules: Path, tmp_path: Path, book: Any) -> None:
    whole, path = tmp_path / "whole.xlsx", tmp_path / "t.xlsx"
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data, count = re.subn(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"', data)
                assert count == 1
            new.writestr(name, data)
    assert "4 items answered, 0 rejected" in run(massage_rules, path).output


@pytest.mark.parametrize("block", [1, 7, 50, 1 << 20])
def test_a_formula_is_seen_wherever_a_block_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("guidecheck.batch.binary_tables._BLOCK", block)
    path = tmp_path / "t.xlsx"
    for text, expected in (
        ('<c r="A1"><f>1+1</f></c>', True),
        ("<x:c><x:f t='shared'/></x:c>", True),
        ("<c><f>1</f></c>".encode("utf-16"), True),
        ("<font/><v>f</v><family val='2'/><t>&lt;f></t>", False),
    ):
        with zipfile.ZipFile(path, "w") as members:
            members.writestr("xl/worksheets/sheet.part", text)
        assert has_formulas(path) == expected


def test_a_formula_without_a_value_is_a_reject(massage_rules: Path, tmp_path: Path, book: Any) -> None:
    path, rejects = tmp_path / "t.xlsx", tmp_path / "bad.jsonl"
    book.active.cell(3, 5).value = "=2+3"
    book.save(path)
    assert "3 items answered, 1 rejected" in run(massage_rules, path, "--rejects", rejects).output
    (reject,) = map(json.loads, rejects.read_text().splitlines())
    assert reject["row"] == 3
    assert "`requested_visits`: a formula without its value" in reject["reason"]


def test_lists_that_no_cell_can_hold_are_rejects(massage_rules: Path, tmp_path: Path) -> None:
    path, rejects, out = tmp_path / "t.parquet", tmp_path / "bad.jsonl", tmp_path / "r.parquet"
    regions = [["neck"], ["neck", None], ["neck;low_back"], [], None, ["neck", "low_back"]]
    table = {
        "case_id": pa.array([123456789012.0 + number for number in range(6)]),
        "as_of": ["2015-08-21"] * 6,
        "treatment": ["massage"] * 6,
        "body_region": pa.array(regions, pa.list_(pa.string())),
    }
    pq.write_table(pa.table(table), path)
    assert run(massage_rules, path, "--rejects", rejects, "--out", out).exit_code == 1
    assert [json.loads(line)["row"] for line in rejects.read_text().splitlines()] == [2, 3]
    found = results(out)
    assert [one["case_id"] for one in found] == [str(123456789012 + number) for number in (0, 3, 4, 5)]
    assert sorted(found[3]["body_region"]) == ["low_back", "neck"]


def test_floats_are_written_as_the_numbers_they_are() -> None:
    numbers = [6.0, 6.5, None, -0.0, 1e20, float("nan"), float("inf"), 123456789012.0]
    assert as_texts(pa.array(numbers)).to_pylist() == [
        "6",
        "6.5",
        None,
        "0",
        "1e+20",
        "nan",
        "inf",
        "123456789012",
    ]
