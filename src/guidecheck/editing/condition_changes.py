"""Two conditions side by side: which limit, test or part of the one differs from the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guidecheck.editing.conditions_in_words import in_words, operand_words, test_words
from guidecheck.language.conditions import All, AnyOf, Condition, Not, Test


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: of which kind, in words, and what stood and stands there ("" for nothing).

    `kind` is `limit`, `test`, `added`, `removed` or `changed`.
    """

    kind: str
    words: str
    before: str
    after: str


def condition_changes(old: Condition | None, new: Condition | None) -> Iterator[Difference]:
    """Yield what differs between two conditions, as deep in them as it stands; nothing where they are equal."""
    if old == new:
        return
    if old is None or new is None:
        kind, gone = ("added", new) if old is None else ("removed", old)
        yield Difference(kind, in_words(gone), _words(old), _words(new))
    elif isinstance(old, Test) and isinstance(new, Test) and old.fact == new.fact:
        yield _test_change(old, new)
    elif isinstance(old, Not) and isinstance(new, Not):
        yield from condition_changes(old.part, new.part)
    elif isinstance(old, All | AnyOf) and isinstance(new, All | AnyOf):
        yield from _combination_changes(old, new)
    elif _holds(new, old) and isinstance(new, All | AnyOf):
        yield from _combination_changes(type(new)((old,)), new)
    elif _holds(old, new) and isinstance(old, All | AnyOf):
        yield from _combination_changes(old, type(old)((new,)))
    else:
        yield Difference("changed", f"{in_words(old)} → {in_words(new)}", in_words(old), in_words(new))


def _words(condition: Condition | None) -> str:
    return "" if condition is None else in_words(condition)


def _test_change(old: Test, new: Test) -> Difference:
    before, after = test_words(old), test_words(new)
    if old.op is new.op:
        right = operand_words(new.operand)
        return Difference("limit", f"{old.fact} {before} → {right}", operand_words(old.operand), right)
    return Difference("test", f"{old.fact} {before} → {after}", before, after)


def _holds(whole: Condition, part: Condition) -> bool:
    """Tell whether a combination has a part, or one like it, so that it alone need not be called new."""
    return isinstance(whole, All | AnyOf) and any(p == part or _alike(p, part) for p in whole.parts)


def _combination_changes(old: All | AnyOf, new: All | AnyOf) -> Iterator[Difference]:
    if type(old) is not type(new) and len(old.parts) > 1 and len(new.parts) > 1:
        before, after = _combinator(old), _combinator(new)
        yield Difference("changed", f"{before} → {after} ({'; '.join(map(in_words, new.parts))})", before, after)
    gone, come = _unmatched(old.parts, new.parts)
    for part in list(gone):
        match = next((other for other in come if _alike(part, other)), None)
        if match is not None:
            yield from condition_changes(part, match)
            gone.remove(part)
            come.remove(match)
    alternative = "an alternative, " if isinstance(new, AnyOf) else ""
    for part in gone:
        yield Difference("removed", f"{alternative}{in_words(part)}", in_words(part), "")
    for part in come:
        yield Difference("added", f"{alternative}{in_words(part)}", "", in_words(part))


def _combinator(condition: All | AnyOf) -> str:
    return "all of" if isinstance(condition, All) else "any of"


def _unmatched(old: Sequence[Condition], new: Sequence[Condition]) -> tuple[list[Condition], list[Condition]]:
    """Return the parts that only the one and only the other has."""
    gone, come = list(old), list(new)
    for part in old:
        if part in come:
            gone.remove(part)
            come.remove(part)
    return gone, come


def _alike(left: Condition, right: Condition) -> bool:
    """Tell whether one part may be the other, edited."""
    if isinstance(left, Test) and isinstance(right, Test):
        return left.fact == right.fact
    if isinstance(left, Not) and isinstance(right, Not):
        return _alike(left.part, right.part)
    return type(left) is type(right)
