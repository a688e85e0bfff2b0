"""Memory and right answers over many checks in one process, by one thread and by eight.

    python benchmarks/bench_memory.py [--checks 100000] [--threads 8] [--items 2000]

Each answer is compared with that of plain Python on the same conditions; a wrong one is a failure.
"""

from __future__ import annotations

import argparse
import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from drafts import varied_items
from guidecheck import load_library
from guidecheck.deciding.checking import Checker
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.requests.request import Item

STEPS = 10


def megabytes() -> float:
    """Return the memory that the process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def answer_of(checker: Checker, item: Item) -> tuple[object, ...]:
    found = checker.check_item(item)
    statuses = tuple((result.status, result.controls) for result in found.criteria)
    return found.outcome, found.basis, statuses, found.assumes


def run(checker: Checker, items: list[Item], expected: list[tuple[object, ...]], checks: int, start: int) -> int:
    """Return how many answers were wrong."""
    places = itertools.islice(itertools.cycle(range(len(items))), start, start + checks)
    return sum(answer_of(checker, items[place]) != expected[place] for place in places)


def measure(threads: int, items: list[Item], expected: list[tuple[object, ...]], checks: int) -> None:
    checker = Checker(load_library())
    wrong = run(checker, items, expected, len(items), 0)
    print(f"{threads} thread(s): {checks:,} checks of {len(items):,} different items")
    first = megabytes()
    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for step in range(1, STEPS + 1):
            share = checks // STEPS // threads
            jobs = [pool.submit(run, checker, items, expected, share, 97 * thread) for thread in range(threads)]
            wrong += sum(job.result() for job in jobs)
            done = share * threads * step
            spent = time.perf_counter() - begun
            now = megabytes()
            grown, pace = now - first, done / spent
            print(f"  {done:>10,} done  {wrong} wrong  {now:7.1f} MB ({grown:+.1f})  {pace:,.0f} a second")
    assert not wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checks", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--items", type=int, default=2_000)
    options = parser.parse_args()
    library = load_library()
    items = varied_items(library, options.items)
    plain = Checker(library, InterpretedEngine())
    expected = [answer_of(plain, item) for item in items]
    measure(1, items, expected, options.checks)
    if options.threads > 1:
        measure(options.threads, items, expected, options.checks)


if __name__ == "__main__":
    main()
