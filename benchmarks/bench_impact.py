"""`guidecheck rules impact` beside the two batches that it stands for, over the same cases: processors' time.

Run `python benchmarks/bench_impact.py [ROWS]` (a million unless named). Each is a process of its own, as called
from the command line, the batches with the old rules and with the new ones; they take turns, so that whatever else
the machine does hits all of them. How many predictions changed is compared before a time is printed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pyarrow.parquet as pq

from cases import make_cases
from guidecheck.library.loading import shipped_rules

RUNS = 2
PART = 200_000


def spent(*arguments: str | Path) -> tuple[float, str]:
    """Return the seconds of the processors' time that a command took, and what it printed."""
    before = getrusage(RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "guidecheck", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended.stdout


def write_cases(path: Path, count: int) -> None:
    """Write made-up cases as a Parquet file."""
    with pq.ParquetWriter(path, make_cases(1).schema) as writer:
        for start in range(0, count, PART):
            writer.write_table(make_cases(min(PART, count - start), start=start))


def changed(old: Path, new: Path) -> int:
    """Return how many predictions two batches have otherwise."""
    was, now = (pq.read_table(path, columns=["predicted"])["predicted"].to_pylist() for path in (old, new))
    return sum(one != other for one, other in zip(was, now, strict=True))


def main() -> None:
    """Print the times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cases, old, new = folder / "cases.parquet", folder / "old", folder / "new"
        write_cases(cases, count)
        for rules in (old, new):
            shutil.copytree(shipped_rules(), rules)
        massage = new / "mtus-2009" / "massage.yaml"
        text = massage.read_text("utf-8")
        massage.write_text(text.replace("at_most: 6", "at_most: 8"), "utf-8")
        batches, impacts, turned = [], [], set()
        for _ in range(RUNS):
            out = [folder / f"{rules.name}.parquet" for rules in (old, new)]
            took = [
                spent("batch", cases, "--rules", rules, "--out", path)[0]
                for rules, path in zip((old, new), out, strict=True)
            ]
            batches.append(sum(took))
            seconds, said = spent("rules", "impact", cases, "--base", old, "--new", new, "--format", "json")
            impacts.append(seconds)
            turned = {changed(*out), json.loads(said)["changed"]}
            assert len(turned) == 1, turned
    two, one = min(batches), min(impacts)
    print(f"{count:,} rows, {turned.pop():,} predictions change: two batches {two:.1f} s of processors, ", end="")
    print(f"impact {one:.1f} s: {one / two:.2f} times as long")


if __name__ == "__main__":
    main()
