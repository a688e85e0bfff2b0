"""A change of the rules, and the comparison of things that have names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from guidecheck.errors import Location


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed.

    `code` says of which kind it is (stable, as `limit` or `criterion-added`), `subject` of what: a criterion's or
    guideline's id, a fact's name, or "" for the whole library. `before` and `after` are what stood and stands
    there, "" for nothing. `at` is the place in the newer rules, in the older ones for what is gone. `decides`
    tells what can change an answer from what only changes its words or tests.
    """

    code: str
    subject: str
    words: str
    at: Location
    before: str = ""
    after: str = ""
    decides: bool = True

    @property
    def is_gone(self) -> bool:
        """Whether `at` is a place in the older rules."""
        return self.code.endswith("-removed")


_Named = TypeVar("_Named")


def pairs(
    old: Mapping[str, _Named], new: Mapping[str, _Named]
) -> Iterator[tuple[str, _Named | None, _Named | None]]:
    """Yield each name with what it has on either side: those of the new side in its order, then what is gone."""
    for name, value in new.items():
        yield name, old.get(name), value
    for name, value in old.items():
        if name not in new:
            yield name, value, None


def replaced(
    code: str, subject: str, what: str, sides: tuple[str, str], at: Location, *, decides: bool = True
) -> Iterator[Change]:
    """Yield the change of a text, a word or a number that stands under a name; nothing where it is the same."""
    old, new = sides
    if old != new:
        verb = "added" if new else "removed"
        words = f"{what}: {old} → {new}" if old and new else f"{what} {verb}: {old or new}"
        yield Change(code, subject, words, at, old, new, decides)


def listed(names: Iterable[str]) -> str:
    """Return names with commas between them, one that holds a comma itself in quotes: other lists, other words."""
    return ", ".join(f'"{name}"' if "," in name else name for name in names)


def each_side(say: Callable[[_Named], str], old: _Named, new: _Named) -> tuple[str, str]:
    """Return what both sides say."""
    return say(old), say(new)
