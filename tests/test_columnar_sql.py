"""The compiled query in both dialects."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from guidecheck.batch.options import Options
from guidecheck.batch.run import run_batch
from guidecheck.cli.rules.sql import sql
from guidecheck.engine.columnar import Compiler, input_schema
from guidecheck.library.loading import load_library

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_the_printed_query_runs_in_duckdb() -> None:
    printed = CliRunner().invoke(sql, [])
    assert printed.exit_code == 0, printed.output
    program = Compiler(load_library()).any_rows(partial=False)
    schema = input_schema(program.library, program.reading, program.given)
    kinds = {"int64": "BIGINT", "float64": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}
    columns = ", ".join(f'"{name}" {kinds[kind.lstrip("!")]}' for name, kind in schema.items())
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE cases ({columns})")
    connection.execute(
        'INSERT INTO cases (item, "f:as_of", "f:jurisdiction", "f:treatment", "f:requested_visits", '
        "\"f:exercise_program\") VALUES (7, '2015-08-21', 'california', 'massage_therapy', 6, true)"
    )
    answer = connection.execute(printed.output)
    names = [name for name, *_ in answer.description or ()]
    (row,) = answer.fetchall()
    assert row[:4] == (7, False, "overturned", "met")
    # The comments at its head are enough to make the table and to read the answer.
    notes = [line.removeprefix("-- ") for line in printed.output.splitlines() if line.startswith("-- ")]
    connection.execute("DROP TABLE cases")
    stated = [line.strip() for line in notes if line.startswith('  "')]
    connection.execute(f"CREATE TABLE cases ({', '.join(stated)})")
    assert connection.execute(printed.output).fetchall() == []
    criteria = dict(line.strip().split(": ") for line in notes if line.startswith("  word "))
    found = {
        criteria[f"word {name.removeprefix('controlling_')}, bit {bit}"]
        for name, value in zip(names, row, strict=True)
        if name.startswith("controlling_")
        for bit in range(60)
        if value >> bit & 1
    }
    assert found
    assert {key.split(".")[0] for key in found} == {"mtus-2009-massage"}


def test_a_query_may_leave_out_what_is_less_sure(massage_rules: Path) -> None:
    arguments = ["--rules", str(massage_rules), "--min-confidence", "confirmed"]
    printed = CliRunner().invoke(sql, arguments)
    assert printed.exit_code == 0, printed.output
    assert "  word 0, bit 0: mtus-2009-massage." in printed.stdout


@pytest.mark.skipif(not os.environ.get("GUIDECHECK_SPARK"), reason="needs Java and half a minute")
def test_spark_gives_the_same_results(tmp_path: Path) -> None:
    found = {}
    for engine in ("duckdb", "spark"):
        out = tmp_path / f"{engine}.parquet"
        run_batch(Options([str(EXAMPLES / "history.csv")], out=out, engine=engine), load_library())
        found[engine] = pq.read_table(out).to_pylist()
    assert found["duckdb"] == found["spark"]
