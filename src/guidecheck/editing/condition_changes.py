"""Two conditions side by side: which limit, test or part of the one differs from the other.

They are compared in a normal form, in which `not` stands before tests alone. A part of an `all` that comes is then
one thing more that is asked for, and a part of an `any` one more way of fulfilling it. What comes or goes deeper
than that is told with the whole of what it stands in, before and after, so that nothing reads as its contrary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from guidecheck.editing.conditions_in_words import in_words, operand_words, test_words
from guidecheck.editing.normal_form import combined, normal_form, parts_as
from guidecheck.language.conditions import All, AnyOf, Condition, Not, Test, facts_read, tests_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: of which kind, in words, and what stood and stands there ("" for nothing).

    `kind` is `limit`, `test`, `added`, `removed` or `changed`. What is added or removed is something asked for, or
    an alternative to what is. `where` says in which alternative the difference stands, "" for none.
    """

    kind: str
    words: str
    before: str
    after: str
    is_alternative: bool = False
    where: str = ""

    def said_of(self, what: str) -> str:
        """Return the difference as a line of a list of changes, of what the condition is for: "requires"."""
        verb = ""
        if self.kind in ("added", "removed"):
            verb = f" (alternative {self.kind})" if self.is_alternative else f" ({self.kind})"
        where = f", {self.where}" if self.where else ""
        return f"{what}{verb}{where}: {self.words}"


def condition_changes(
    old: Condition | None, new: Condition | None, *, guard: bool = False, nothing: str = ""
) -> Iterator[Difference]:
    """Yield what differs between two conditions, as deep in them as it stands; nothing where they mean the same.

    With `guard` the condition says where something holds. There one part more reads as one more place, and is one
    fewer, so what is asked together is told whole, before and after. `nothing` says what the lack of a condition
    means; without such a word a condition is added or removed.
    """
    if old is None or new is None:
        if old is not new:
            yield _coming_or_going(old, new, nothing)
    else:
        yield from _changes(normal_form(old), normal_form(new), guard=guard)


def _coming_or_going(old: Condition | None, new: Condition | None, nothing: str) -> Difference:
    before, after = ("" if condition is None else in_words(condition) for condition in (old, new))
    if nothing:
        return Difference("changed", f"{before or nothing} → {after or nothing}", before, after)
    return Difference("removed" if before else "added", before or after, before, after)


def _changes(old: Condition, new: Condition, *, guard: bool, inside: bool = False) -> Iterator[Difference]:
    """Yield what differs between two conditions in normal form; `inside` is a part of another condition."""
    if old == new:
        return
    if isinstance(old, Test | Not) and isinstance(new, Test | Not):
        yield _test_change(old, new)
        return
    kind = _compared_as(old, new)
    groups = _groups(parts_as(kind, old), parts_as(kind, new))
    # Alternatives deeper inside would read as alternatives to the whole.
    may_stand_alone = not guard if kind is All else not inside
    whole = _replaced(old, new)
    if not (may_stand_alone or all(group.both for group in groups)) or _nothing_common(kind, old, groups):
        yield whole
        return
    for group in groups:
        if not group.both:
            yield from _parts_alone(kind, group)
        elif kind is AnyOf:
            yield from _alternative_changes(group, whole, guard=guard)
        elif group.one_each:
            yield from _changes(group.old[0], group.new[0], guard=guard, inside=True)
        else:
            yield _replaced(combined(All, group.old), combined(All, group.new))


def _parts_alone(kind: type[All | AnyOf], group: _Group) -> Iterator[Difference]:
    found = [_coming_or_going(part, None, "") for part in group.old]
    found += [_coming_or_going(None, part, "") for part in group.new]
    for difference in found:
        yield replace(difference, is_alternative=kind is AnyOf)


def _alternative_changes(group: _Group, whole: Difference, *, guard: bool) -> Iterator[Difference]:
    """Yield how an alternative changed, or several that have to be told together."""
    before, after = combined(AnyOf, group.old), combined(AnyOf, group.new)
    replaced = _replaced(before, after)
    if replaced == whole:
        yield whole
    elif not group.one_each:
        yield replace(replaced, where="among the alternatives")
    else:
        others = parts_as(All, after)
        common = " and ".join(in_words(part) for part in parts_as(All, before) if part in others)
        is_test = isinstance(before, Test | Not) and isinstance(after, Test | Not)
        found = list(_changes(before, after, guard=guard, inside=True)) if common or is_test else [replaced]
        for difference in found:
            named = common and difference != replaced
            where = f"in the alternative with {common}" if named else "in an alternative"
            yield replace(difference, where=f"{where}, {difference.where}" if difference.where else where)


def _replaced(old: Condition, new: Condition) -> Difference:
    before, after = in_words(old), in_words(new)
    return Difference("changed", f"{before} → {after}", before, after)


def _test_change(old: Test | Not, new: Test | Not) -> Difference:
    was, now = next(tests_of(old)), next(tests_of(new))
    if was.fact != now.fact:
        return _replaced(old, new)
    if type(old) is not type(new):
        return replace(_replaced(old, new), kind="test")
    before, after = test_words(was), test_words(now)
    kind, right = "test", after
    if was.op is now.op:
        kind, before, after = "limit", operand_words(was.operand), operand_words(now.operand)
        right = after
    words = f"{was.fact} {test_words(was)} → {right}"
    return Difference(kind, f"not ({words})" if isinstance(old, Not) else words, before, after)


# ------------------------------------------------------------------------- which part stands for which


@dataclass(frozen=True, slots=True)
class _Group:
    """Parts that are gone and parts that came in their place; one of them may be none."""

    old: tuple[Condition, ...]
    new: tuple[Condition, ...]

    @property
    def both(self) -> bool:
        return bool(self.old and self.new)

    @property
    def one_each(self) -> bool:
        return len(self.old) == len(self.new) == 1


def _compared_as(old: Condition, new: Condition) -> type[All | AnyOf]:
    """Return as which of the two both conditions are compared; one of them at least is an `all` or an `any`."""
    kinds = {type(old), type(new)} & {All, AnyOf}
    if kinds == {All, AnyOf}:
        is_alternative = old in parts_as(AnyOf, new) or new in parts_as(AnyOf, old)
        return AnyOf if is_alternative else All
    return AnyOf if AnyOf in kinds else All


def _nothing_common(kind: type[All | AnyOf], old: Condition, groups: Sequence[_Group]) -> bool:
    """Tell whether no part of the old condition stands in the new one, edited or not."""
    return not any(group.both for group in groups) and sum(len(g.old) for g in groups) == len(parts_as(kind, old))


def _groups(old: Sequence[Condition], new: Sequence[Condition]) -> list[_Group]:
    """Return the parts that only one side has: those that differ in values alone in pairs, then by their facts.

    Parts that speak of the same fact are told together. What then stands alone speaks of facts that nothing else
    gone or come speaks of, so it is truly added or removed.
    """
    gone, come = [part for part in old if part not in new], [part for part in new if part not in old]
    groups: list[_Group] = []
    for part in list(gone):
        match = next((other for other in come if _shape(part) == _shape(other)), None)
        if match is not None:
            groups.append(_Group((part,), (match,)))
            gone.remove(part)
            come.remove(match)
    by_facts: list[tuple[set[str], _Group]] = []
    for one in [*(_Group((part,), ()) for part in gone), *(_Group((), (part,)) for part in come)]:
        facts = {fact for part in one.old + one.new for fact in facts_read(part)}
        touched = [entry for entry in by_facts if entry[0] & facts]
        by_facts = [entry for entry in by_facts if not entry[0] & facts]
        joined = [*(group for _, group in touched), one]
        merged = _Group(tuple(p for g in joined for p in g.old), tuple(p for g in joined for p in g.new))
        by_facts.append((facts.union(*(names for names, _ in touched)), merged))
    return groups + [group for _, group in by_facts]


def _shape(condition: Condition) -> object:
    """Return a condition without the right sides of its tests."""
    if isinstance(condition, Test):
        return condition.fact, condition.op
    parts = (condition.part,) if isinstance(condition, Not) else condition.parts
    return type(condition), *map(_shape, parts)
