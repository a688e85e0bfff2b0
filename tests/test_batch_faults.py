"""What can go wrong around a batch: nothing is lost, nothing is silent, the exit status says so."""

from __future__ import annotations

import json
import os
import pty
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guidecheck.errors import GuidecheckError
from small_batches import COLUMNS, HEAD, row, run

FILLED_UP = """
import resource, sys
from guidecheck.cli import run
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000))
rules, table, *targets = sys.argv[1:]
for out in targets:
    sys.argv[1:] = ["batch", "--rules", rules, table, "--out", out]
    try:
        run()
    except SystemExit as stop:
        print(stop.code, flush=True)
"""


def test_a_disk_that_fills_up_while_writing_leaves_the_old_file(massage_rules: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(HEAD + "".join(map(row, range(3000))))
    targets = [tmp_path / name for name in ("out.parquet", "out.csv", "out.jsonl")]
    for out in targets:
        out.write_text("old")
    command = [sys.executable, "-c", FILLED_UP, massage_rules, table, *targets]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["2"] * 3
    said = ended.stderr.splitlines()
    assert len(said) <= 6
    assert "Traceback" not in ended.stderr
    for out in targets:
        assert any(out.name in line and "cannot be written" in line for line in said), said
        assert out.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {*(out.name for out in targets), "t.csv"}


def test_a_full_disk_for_temporary_files_is_one_line(
    massage_rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, out = tmp_path / "t.csv", tmp_path / "r.csv"
    table.write_text(HEAD + "".join(map(row, range(3000))))
    out.write_text("old")
    connect = duckdb.connect

    def small(**given: Any) -> duckdb.DuckDBPyConnection:
        connection = connect(**given)
        connection.execute("SET memory_limit = '2MB'; SET max_temp_directory_size = '0KB'")
        return connection

    monkeypatch.setattr("guidecheck.scoring.tally.duckdb.connect", small)
    ended = run(massage_rules, table, "--out", out)
    assert isinstance(ended.exception, GuidecheckError)
    assert "a temporary file cannot be written" in str(ended.exception)
    assert "TMPDIR" in str(ended.exception)
    assert len(str(ended.exception).splitlines()) == 1
    assert out.read_text() == "old"


def test_one_row_in_a_hundred_of_garbage_costs_these_rows_alone(massage_rules: Path, tmp_path: Path) -> None:
    draw = random.Random(7)  # noqa: S311 - made-up faults
    garbage = ["\x07\x1b[2J", "c,1,2", ",,,,,,", "\u00e9" * 30, "c,not a date,massage,neck,6,0,upheld", "NaN," * 6]
    lines = [row(number) for number in range(2000)]
    places = sorted(draw.sample(range(2000), 20))
    for place in places:
        lines[place] = draw.choice(garbage) + "\n"
    table, out, rejects = tmp_path / "t.csv", tmp_path / "r.parquet", tmp_path / "bad.jsonl"
    table.write_text(HEAD + "".join(lines))
    ended = run(massage_rules, table, "--out", out, "--rejects", rejects)
    assert ended.exit_code == 1
    assert "1,980 items answered, 20 rejected" in ended.output
    found = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert sorted(one["row"] for one in found) == [place + 2 for place in places]
    assert all(one["reason"] for one in found)
    answered = set(pq.read_table(out)["case_id"].to_pylist())
    assert answered == {f"c{number}" for number in range(2000)} - {f"c{place}" for place in places}


def test_parquet_damaged_in_the_middle_says_how_many_rows_are_lost(massage_rules: Path, tmp_path: Path) -> None:
    path, rejects = tmp_path / "t.parquet", tmp_path / "bad.jsonl"
    cells = [row(number).rstrip("\n").split(",") for number in range(200_000)]
    columns = dict(zip(COLUMNS, map(pa.array, zip(*cells, strict=True)), strict=True))
    pq.write_table(pa.table(columns), path, row_group_size=100_000, use_dictionary=False, compression="zstd")
    data = bytearray(path.read_bytes())
    second = pq.ParquetFile(path).metadata.row_group(1).column(0)
    start = second.data_page_offset
    data[start : start + 400] = bytes(400)
    path.write_bytes(data)
    ended = run(massage_rules, path, "--rejects", rejects)
    assert ended.exit_code == 1
    assert "100,000 items answered, 1 rejected" in ended.output
    (reject,) = map(json.loads, rejects.read_text().splitlines())
    assert reject["row"] == 100_001
    assert "100,000 rows not read" in reject["reason"]


def on_terminal(command: list[str]) -> tuple[int, bytes]:
    """Return the exit status of a command and what it wrote on standard error, which is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as held:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
    os.close(ours)
    return held.returncode, shown


def test_a_bar_is_shown_on_a_terminal_only(massage_rules: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(HEAD + "".join(map(row, range(50))))
    status, shown = on_terminal(
        [sys.executable, "-m", "guidecheck", "batch", "--rules", str(massage_rules), str(table)]
    )
    assert status == 0
    assert b"reading" in shown
    assert "\u2501".encode() in shown  # the bar
    piped = run(massage_rules, table)
    assert (piped.exit_code, piped.stderr) == (0, "")
