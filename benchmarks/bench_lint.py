"""Lint of the shipped rules, beside reading them alone: processors' time, the best of some runs.

python benchmarks/bench_lint.py [--runs 5]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import process_time

from guidecheck.library.loading import read_rules, shipped_rules
from guidecheck.lint.running import lint_rules


def best(runs: int, run: Callable[[], object]) -> float:
    """Return the least seconds of the processors' time that a call took."""
    times = []
    for _ in range(runs):
        start = process_time()
        run()
        times.append(process_time() - start)
    return min(times)


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    folders = [shipped_rules()]
    reading, linting = best(runs, lambda: read_rules(folders)), best(runs, lambda: lint_rules(folders))
    print(f"reading {reading:.2f} s, lint {linting:.2f} s: {linting / reading:.1f} times as long")


if __name__ == "__main__":
    main()
