"""Items a second through durable-rules with the shipped library, beside plain Python on the same conditions.

python benchmarks/bench_check.py [--seconds 3] [--items 1000]

The peer's answers are compared before a rate is printed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable

from drafts import example_items, varied_items
from guidecheck import load_library
from guidecheck.deciding.checking import Checker, with_tables
from guidecheck.engine.durable import DurableEngine
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.library.models import Library
from guidecheck.requests.fact_reader import Facts
from guidecheck.requests.item_building import build_item
from guidecheck.requests.request import Item


def rate(work: Callable[[Item], object], items: list[Item], seconds: float) -> float:
    """Return how many items a second are worked through."""
    for item in items:
        work(item)
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        for item in items:
            work(item)
        done += len(items)
    return done / spent


def only_conditions(library: Library, engine: DurableEngine | InterpretedEngine) -> Callable[[Item], object]:
    """Return what asks an engine about an item's guidelines, and does nothing with the answers."""
    checker = Checker(library)

    def ask(item: Item) -> None:
        for guideline, _ in checker.in_force(item):
            engine.answers(guideline, with_tables(guideline, item.known)[0])

    return ask


def derive(library: Library) -> Callable[[Item], object]:
    """Return what works out an item's derived facts again."""

    def build(item: Item) -> None:
        stated = {name: value for name, value in item.stated.items() if name != "as_of"}
        facts = Facts(stated, set(item.undocumented))
        build_item(library.vocabulary, facts, [], id="", at=item.at, as_of=item.as_of, partial=item.partial)

    return build


def show(title: str, rates: Iterable[tuple[str, float]]) -> None:
    print(title)
    base = None
    for name, items_a_second in rates:
        base = base or items_a_second
        print(f"  {name:<44} {items_a_second:>9,.0f} items/s   {items_a_second / base:6.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--items", type=int, default=1_000, help="made-up items beside those of the examples")
    options = parser.parse_args()
    library = load_library()
    for title, items in (
        ("The items of the examples", example_items(library)),
        (f"{options.items:,} made-up items, a tenth from partial records", varied_items(library, options.items)),
    ):
        durable, plain = Checker(library), Checker(library, InterpretedEngine())
        assert all(durable.check_item(item) == plain.check_item(item) for item in items)
        conditions = {
            "conditions alone, durable-rules": only_conditions(library, DurableEngine()),
            "conditions alone, plain Python (the peer)": only_conditions(library, InterpretedEngine()),
        }
        work = {
            "check_item, durable-rules": durable.check_item,
            "check_item, plain Python (the peer)": plain.check_item,
            **conditions,
            "derived facts and contradictions": derive(library),
        }
        show(title, ((name, rate(one, items, options.seconds)) for name, one in work.items()))


if __name__ == "__main__":
    main()
