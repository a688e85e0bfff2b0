"""Which criterion no example has seen in which of the statuses that it can reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guidecheck.deciding.determination import ItemDetermination, Status
from guidecheck.editing.rule_tests import Example
from guidecheck.errors import Location
from guidecheck.language.facts import Value, show_value
from guidecheck.library.models import Library
from guidecheck.reachability.statuses import Reachability

Seen = tuple[str, Status]
"""A criterion's key, and a status in which an example expects it."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A status in which no example expects a criterion, and facts, in words, with which it has it."""

    at: Location
    criterion: str
    status: Status
    facts: str


@dataclass(frozen=True)
class Coverage:
    """How many statuses criteria can reach, and in which of them no example expects one."""

    reachable: int
    unseen: tuple[Unseen, ...]

    @property
    def seen(self) -> int:
        """The statuses that examples expect."""
        return self.reachable - len(self.unseen)

    @property
    def share(self) -> float:
        """The share of statuses seen, from 0 to 1; 1 where there is none."""
        return self.seen / self.reachable if self.reachable else 1.0


def measure_coverage(library: Library, examples: Iterable[tuple[Example, ItemDetermination | None]]) -> Coverage:
    """Return what of a library its examples expect; each comes with what the rules say of it.

    What merely happens in an example, and is not expected by it, is not tested and does not count. In an example
    of the whole library a criterion named as unmet, controlling or superseded is expected in the status it has.
    That a criterion doesn't apply because its guideline doesn't says nothing of its own guards.
    """
    seen = {one for example, answer in examples if answer for one in _expected(example, answer)}
    reachability = Reachability(library)
    unseen: list[Unseen] = []
    reachable = 0
    for criterion in library.criteria():
        for status, found in reachability.statuses(criterion).items():
            if (criterion.key, status) in seen and not found.impossible:
                reachable += 1
            elif found.witness is not None:
                reachable += 1
                unseen.append(Unseen(criterion.at, criterion.key, status, facts_in_words(found.witness)))
    return Coverage(reachable, tuple(sorted(unseen, key=lambda one: (one.at, one.status))))


def _expected(example: Example, answer: ItemDetermination) -> Iterator[Seen]:
    statuses = {result.criterion.key: result.status for result in answer.criteria + answer.legal}
    prefix = f"{example.guideline}." if example.guideline else ""
    for expectation in example.expected:
        for name in expectation.names:
            key = prefix + name.text
            if key in statuses:
                yield key, statuses[key]


def facts_in_words(facts: Mapping[str, Value | None]) -> str:
    """Return facts as an example states them, on one line."""
    return ", ".join(f"{name}: {_stated(value)}" for name, value in facts.items())


def _stated(value: Value | None) -> str:
    return f"[{', '.join(sorted(value))}]" if isinstance(value, frozenset) else show_value(value)
