"""Milliseconds to find an item's remedies with the shipped library, beside one plain check of the same item.

python benchmarks/bench_remedies.py [--items 300]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from drafts import example_items, varied_items
from guidecheck import load_library
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import ItemDetermination, Outcome
from guidecheck.deciding.remedies import RemedyFinder


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=300, help="made-up items beside the shipped examples")
    wanted = parser.parse_args().items
    library = load_library()
    checker = Checker(library)
    finder = RemedyFinder(checker)
    items = example_items(library) + varied_items(library, wanted)
    upheld = [found for item in items if (found := checker.check_item(item)).outcome is Outcome.UPHELD]

    def find(item: ItemDetermination) -> float:
        return milliseconds(lambda: finder.find(item))

    for item in upheld:
        find(item)  # what an engine compiles on first use is not what is measured
    spent = sorted(find(item) for item in upheld)
    checks = sorted(milliseconds(lambda item=item: checker.check_item(item.item)) for item in upheld)
    found = [finder.find(item) for item in upheld]
    print(f"{len(upheld)} items predicted upheld, {len(library.guidelines)} guidelines")
    for name, times in (("remedies", spent), ("one check", checks)):
        middle, late = statistics.median(times), times[int(len(times) * 0.95)]
        print(f"  {name:10} median {middle:7.2f} ms, 95 % under {late:7.2f} ms, longest {times[-1]:7.2f} ms")
    print(f"  ratio of the medians: {statistics.median(spent) / statistics.median(checks):.1f}")
    print(f"  with a remedy {sum(bool(r.found) for r in found)}, cut {sum(r.cut for r in found)}")


if __name__ == "__main__":
    main()
