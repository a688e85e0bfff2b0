"""Lint of the shipped rules: within a process, beside reading them alone, and as the command from its start.

Processors' time, the best of some runs.

python benchmarks/bench_lint.py [--runs 5]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from resource import RUSAGE_CHILDREN, getrusage
from time import process_time

from guidecheck.library.loading import read_rules, shipped_rules
from guidecheck.lint.running import lint_rules


def best(runs: int, run: Callable[[], object], clock: Callable[[], float] = process_time) -> float:
    """Return the least seconds of the processors' time that a call took."""
    times = []
    for _ in range(runs):
        start = clock()
        run()
        times.append(clock() - start)
    return min(times)


def command() -> None:
    """Run `guidecheck rules lint`, which starts Python, imports what it needs and reads every file anew."""
    subprocess.run([sys.executable, "-m", "guidecheck", "rules", "lint"], check=True, capture_output=True)


def children_time() -> float:
    """Return the seconds of the processors' time that finished subprocesses took."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the three times, and what lint costs beside reading."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    folders = [shipped_rules()]
    reading, linting = best(runs, lambda: read_rules(folders)), best(runs, lambda: lint_rules(folders))
    print(f"reading {reading:.2f} s, lint {linting:.2f} s: {linting / reading:.1f} times as long")
    print(f"the command from its start: {best(runs, command, children_time):.2f} s")


if __name__ == "__main__":
    main()
