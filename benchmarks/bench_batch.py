"""How fast a batch is: one query over all rows against a hand-written query, and the slow ways on fewer rows.

Run `python benchmarks/bench_batch.py [ROWS]` (a million unless named). Everything is measured in one run on the
same rows, and answers are compared before times are printed. The hand-written query answers for one treatment with
complete records; it is held against the engine on those rows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cases import make_cases
from guidecheck.batch.engines import ColumnarEngine, RowByRowEngine, cases_table
from guidecheck.batch.reading import RowReader, read_headings
from guidecheck.batch.rows import Rows, TextRows, named
from guidecheck.library.loading import load_library

TREATMENT = "massage_therapy"
FEW = 10_000

# What the shipped rules say of massage under the MTUS of 2009 and the ODG, for complete records.
BY_HAND = """
WITH f AS (
  SELECT item, "f:as_of" AS as_of, "f:requested_visits" AS visits, "f:exercise_program" AS exercise,
    "f:functional_improvement" AS improved,
    coalesce("f:prior_visits" > 0, false) AS prior
  FROM cases
), s AS (
  SELECT *, coalesce(exercise, false) AS adjunct_met, exercise IS FALSE AS adjunct_failed,
    coalesce(visits <= 6, false) AS visits_met, visits > 6 AS visits_failed,
    coalesce(improved, false) AS improved_met, coalesce(NOT improved, false) AS improved_failed
  FROM f
)
SELECT item,
  CASE WHEN adjunct_met AND visits_met AND (NOT prior OR improved_met)
    THEN 'overturned' ELSE 'upheld' END AS outcome,
  1 + 2 * (NOT prior)::BIGINT + 4 * prior::BIGINT + 8 * prior::BIGINT AS controlling,
  (NOT adjunct_met)::BIGINT + 2 * (NOT prior AND NOT visits_met)::BIGINT + 4 * (prior AND NOT visits_met)::BIGINT
    + 8 * (prior AND NOT improved_met)::BIGINT AS unmet
FROM s
"""


def best_of(times: int, work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the shortest time of several runs, in seconds, and the last result."""
    shortest, result = float("inf"), None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        shortest = min(shortest, time.perf_counter() - start)
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


def main(count: int) -> None:
    """Print rates and ratios."""
    library = load_library()
    engine = ColumnarEngine(library)
    reading, rows = read(count, engine)
    print(f"{count:,} rows; reading cells {count / reading:,.0f} rows/s")
    compiling, _ = best_of(1, lambda: [engine.answer(rows.take(pa.array(range(count))))])
    warm, _ = best_of(2, lambda: engine.answer(rows))
    print(
        f"this engine, all treatments: {count / warm:,.0f} rows/s (compiling took {compiling - warm:.1f} s more)"
    )

    chosen = pc.and_(pc.equal(rows.facts["treatment"], TREATMENT), pc.invert(rows.partial))
    massage = rows.take(pc.indices_nonzero(chosen).cast(pa.int64()))
    guidelines = engine.compiler.guidelines_for(TREATMENT)
    program = engine.compiler.program(engine._given(massage, partial=False), guidelines, partial=False)
    table = cases_table(program, massage)
    mine, found = best_of(3, lambda: engine.run(program, table))
    connection = duckdb.connect()
    connection.register("cases", table)
    theirs, expected = best_of(3, lambda: connection.execute(BY_HAND).to_arrow_table())
    outcomes = found.sort_by("item")["outcome"], expected.sort_by("item")["outcome"]
    same = pc.sum(pc.equal(*outcomes)).as_py()
    print(f"{len(massage):,} rows of {TREATMENT}, query alone, with controlling and unmet:")
    print(
        f"  this engine {len(massage) / mine:,.0f} rows/s; by hand {len(massage) / theirs:,.0f} rows/s: "
        f"{mine / theirs:.1f} times as long; same outcome in {same / len(massage):.2%}"
    )

    few = rows.take(pa.array(range(min(FEW, count))))
    slow, answers = best_of(1, lambda: RowByRowEngine(library).answer(few))
    fast = engine.answer(few)
    for name in ("faulty", "outcome", "basis", "controlling", "unmet"):
        good = pc.invert(answers.faulty)
        assert getattr(answers, name).filter(good) == getattr(fast, name).filter(good), name
    print(
        f"durable-rules one by one: {len(few) / slow:,.0f} rows/s; this engine is "
        f"{(count / warm) / (len(few) / slow):,.0f} times as fast, with the same answers"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
