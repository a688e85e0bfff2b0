"""How fast a batch is: one query over all rows beside queries by hand, and beside the slow ways on fewer rows.

Run `python benchmarks/bench_batch.py [ROWS]` (a million unless named), and `--files` for whole runs of `guidecheck
batch` with their memory, up to ten million rows (a few minutes). Everything is measured in one run on the same
rows; answers are compared before times are printed. Rates are by the processors' time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from by_hand import QUERIES, in_python, zen_decision
from cases import make_cases
from guidecheck.batch.engines import ColumnarEngine, RowByRowEngine, cases_table, decode
from guidecheck.batch.reading import RowReader, read_headings
from guidecheck.batch.rows import Answers, Rows, TextRows, named
from guidecheck.library.loading import load_library

FEW_OF = "massage_therapy"
ANSWERS = ("outcome", "basis", "controlling", "unmet")


def best_of(
    times: int, work: Callable[[], Any], clock: Callable[[], float] = time.process_time
) -> tuple[float, Any]:
    """Return the shortest time of several runs, in seconds, and the last result.

    It is the processors' time unless another clock is given: what else the machine does counts little in it.
    """
    shortest, result = float("inf"), None
    for _ in range(times):
        start = clock()
        result = work()
        shortest = min(shortest, clock() - start)
    return shortest, result


def read(count: int, engine: ColumnarEngine) -> tuple[float, Rows]:
    """Return made-up cases read from text, and the seconds that took."""
    table = make_cases(count)
    texts = TextRows(
        named("made up", count),
        pa.array(range(count)),
        {name: table[name].combine_chunks() for name in table.column_names},
    )
    reader = RowReader(engine.library, engine.compiler.reading.members)
    headings = read_headings(table.column_names, engine.library, "made up")
    seconds, (rows, _, rejects) = best_of(1, lambda: reader.read(texts, headings))
    assert not rejects
    return seconds, rows


def rows_of(rows: Rows, treatment: str) -> pa.Array:
    """Return the places of a treatment's rows with complete records."""
    chosen = pc.and_(pc.equal(rows.facts["treatment"], treatment), pc.invert(rows.partial))
    return pc.indices_nonzero(chosen).cast(pa.int64())


def assert_same(found: Answers, expected: Answers) -> None:
    """Stop where two answers differ in a row that has one."""
    good = pc.invert(expected.faulty)
    assert found.faulty.equals(expected.faulty)
    for name in ANSWERS:
        assert getattr(found, name).filter(good).equals(getattr(expected, name).filter(good)), name


def as_sets(table: pa.Table, column: str, names: Sequence[str]) -> list[frozenset[str]]:
    """Return the masks of a query by hand as the criteria they stand for."""
    masks = table[column].to_pylist()
    spelled = {mask: frozenset(name for bit, name in enumerate(names) if mask >> bit & 1) for mask in set(masks)}
    return [spelled[mask] for mask in masks]


def beside_queries_by_hand(engine: ColumnarEngine, rows: Rows) -> None:
    """Print how long the engine's queries take beside those by hand."""
    print("the query alone, over the same typed columns:")
    mine_in_all = theirs_in_all = 0.0
    for treatment, (names, by_hand) in QUERIES.items():
        places = rows_of(rows, treatment)
        columns = engine.columns(rows, places, treatment)
        program = engine.program(columns, treatment, partial=False)
        connection = duckdb.connect()
        connection.register("cases", cases_table(program, columns))
        without = f"SELECT item, outcome, basis, controlling_0 FROM ({program.sql()})"

        def run(query: str, connection: duckdb.DuckDBPyConnection = connection) -> pa.Table:
            return connection.execute(query).to_arrow_table()

        mine, theirs, bare = float("inf"), float("inf"), float("inf")
        for _ in range(5):  # in turns, so that whatever else the machine does hits all of them
            seconds, found = best_of(1, lambda: run(program.sql()))  # noqa: B023
            mine = min(mine, seconds)
            seconds, expected = best_of(1, lambda: run(by_hand))  # noqa: B023
            theirs = min(theirs, seconds)
            bare = min(bare, best_of(1, lambda: run(without))[0])  # noqa: B023
        expected = expected.sort_by("item")
        answers = decode(found, program.bits)
        assert not pc.any(answers.faulty).as_py()
        assert answers.outcome.to_pylist() == expected["outcome"].to_pylist()
        assert answers.basis.to_pylist() == expected["basis"].to_pylist()
        for name in ("controlling", "unmet"):
            assert [frozenset(ids) for ids in getattr(answers, name).to_pylist()] == as_sets(expected, name, names)
        count = len(places)
        print(
            f"  {treatment:16} {count:8,} rows: by hand {count / theirs:11,.0f} rows/s, this engine "
            f"{count / mine:11,.0f} ({mine / theirs:.2f} times as long), without `unmet` {bare / theirs:.2f} times"
        )
        mine_in_all, theirs_in_all = mine_in_all + mine, theirs_in_all + theirs
    print(f"  in all {mine_in_all / theirs_in_all:.2f} times as long as by hand, with the same answers")


def as_case(rows: Rows, row: int) -> dict[str, Any]:
    """Return a row as the slow peers are given it."""
    facts = {name: column[row].as_py() for name, column in rows.facts.items()}
    return {**facts, "as_of": str(facts["as_of"]), "regions": facts["body_region"].split(";")}


def beside_slow_ways(engine: ColumnarEngine, rows: Rows, few_rows: int, rate: float) -> None:
    """Print how fast the ways are that take one row after the other."""
    few = rows.take(rows_of(rows, FEW_OF)[:few_rows])
    answers = engine.answer(few)
    print(f"row by row, {len(few):,} rows of {FEW_OF}:")

    def tell(way: str, seconds: float) -> None:
        theirs = len(few) / seconds
        print(f"  {way:28} {theirs:9,.0f} rows/s: this engine is {rate / theirs:,.1f} times as fast")

    seconds, expected = best_of(1, lambda: RowByRowEngine(engine.library).answer(few))
    assert_same(answers, expected)
    tell("durable-rules", seconds)
    cases = [as_case(few, row) for row in range(len(few))]
    ways: dict[str, Callable[..., tuple[str, str, list[str]]]] = {"plain Python, by hand": in_python}
    try:
        ways["GoRules ZEN, by hand"] = zen_decision()
    except ImportError:
        print("  GoRules ZEN: pip install 'guidecheck[bench]'")
    for way, answer in ways.items():
        seconds, found = best_of(2, lambda: [answer(case) for case in cases])  # noqa: B023
        for row, (outcome, basis, unmet) in enumerate(found):
            assert (outcome, basis) == (answers.outcome[row].as_py(), answers.basis[row].as_py()), way
            assert set(unmet) == set(answers.unmet[row].as_py()), way
        tell(way, seconds)


def whole_runs(counts: Sequence[int]) -> None:
    """Print the rate and the memory of `guidecheck batch` as a process of its own."""
    print("`guidecheck batch`, a Parquet file in, results and metrics out:")
    code = (
        "import sys, time\nfrom guidecheck.cli import run\n"
        "try:\n    run()\nfinally:\n"
        # Of this process alone: what getrusage tells is inherited from the one that started it.
        "    peak = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "    print(int(peak) / 2**20, time.process_time(), file=sys.stderr)"
    )
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            path = Path(folder) / "cases.parquet"
            part = 500_000
            with pq.ParquetWriter(path, make_cases(1).schema) as writer:
                for start in range(0, count, part):
                    writer.write_table(make_cases(min(part, count - start), start=start))
            outputs = [
                f"--{name}={folder}/{name}.{kind}" for name, kind in (("out", "parquet"), ("metrics", "json"))
            ]
            command = [sys.executable, "-c", code, "batch", str(path), *outputs]
            start = time.perf_counter()
            ended = subprocess.run(command, capture_output=True, text=True)
            seconds = time.perf_counter() - start
            peak, used = ended.stderr.split()[-2:]
            assert ended.returncode in (0, 1), ended.stderr
            print(
                f"  {count:10,} rows: {seconds:6.1f} s ({float(used):.1f} s of processors), "
                f"{count / seconds:9,.0f} rows/s, peak {float(peak):.2f} GiB"
            )


def main() -> None:
    """Print rates and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000, help="rows for the ways that take one after the other")
    parser.add_argument("--files", action="store_true")
    chosen = parser.parse_args()
    count = chosen.rows
    engine = ColumnarEngine(load_library())
    reading, rows = read(count, engine)
    print(f"{count:,} rows of six treatments, a tenth of them partial records")
    print(f"reading cells: {count / reading:,.0f} rows/s")
    first, _ = best_of(1, lambda: engine.answer(rows))
    warm, _ = best_of(3, lambda: engine.answer(rows))
    print(f"this engine, with lists of criteria: {count / warm:,.0f} rows/s; compiling {first - warm:.1f} s")
    beside_queries_by_hand(engine, rows)
    beside_slow_ways(engine, rows, chosen.few, count / warm)
    if chosen.files:
        whole_runs([10_000, 1_000_000, 10_000_000])


if __name__ == "__main__":
    main()
