"""What is said of a changed condition, held to what it means over small records."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidecheck.editing.condition_changes import Difference, condition_changes
from guidecheck.editing.conditions_in_words import in_words
from guidecheck.editing.normal_form import normal_form
from guidecheck.language.conditions import All, AnyOf, Condition, Not, Op, Record, Test, evaluate
from strategies import pick

A, B, C, D = (Test(name, Op.EQUALS, True) for name in "abcd")


def most(number: int) -> Test:
    return Test("visits", Op.AT_MOST, number)


def more(number: int) -> Test:
    return Test("visits", Op.MORE_THAN, number)


def said(old: Condition | None, new: Condition | None, *, guard: bool = False, nothing: str = "") -> list[str]:
    found = condition_changes(old, new, guard=guard, nothing=nothing)
    return [difference.said_of("asks") for difference in found]


REQUIRED = [
    (most(6), most(8), ["asks: visits at most 6 → 8"]),
    (most(6), more(8), ["asks: visits at most 6 → more than 8"]),
    (A, B, ["asks: a is yes → b is yes"]),
    (A, All((A, B)), ["asks (added): b is yes"]),
    (A, AnyOf((A, B)), ["asks (alternative added): b is yes"]),
    (AnyOf((A, B)), A, ["asks (alternative removed): b is yes"]),
    (Not(more(6)), Not(more(8)), ["asks: not (visits more than 6 → 8)"]),
    (Not(more(6)), more(6), ["asks: not (visits more than 6) → visits more than 6"]),
    (Not(AnyOf((A, B))), Not(AnyOf((A, B, C))), ["asks (added): not (c is yes)"]),
    (Not(All((A, B))), Not(All((A, B, C))), ["asks (alternative added): not (c is yes)"]),
    (All((A, B)), AnyOf((A, B)), ["asks: all of (a is yes; b is yes) → any of (a is yes; b is yes)"]),
    (All((A, B)), AnyOf((All((A, B)), C)), ["asks (alternative added): c is yes"]),
    (All((A, B)), All((AnyOf((A, C)), B)), ["asks: a is yes → any of (a is yes; c is yes)"]),
    (
        AnyOf((most(6), All((most(10), A)))),
        AnyOf((most(8), All((most(12), A)))),
        [
            "asks, in an alternative: visits at most 6 → 8",
            "asks, in the alternative with a is yes: visits at most 10 → 12",
        ],
    ),
    (
        AnyOf((A, All((most(6), B)))),
        AnyOf((A, All((most(6), B, C)))),
        ["asks (added), in the alternative with visits at most 6 and b is yes: c is yes"],
    ),
    (
        AnyOf((A, All((most(6), B)))),
        AnyOf((A, All((most(8), C)))),
        ["asks, in an alternative: all of (visits at most 6; b is yes) → all of (visits at most 8; c is yes)"],
    ),
    (
        AnyOf((A, B, C)),
        AnyOf((All((A, B)), C)),
        ["asks, among the alternatives: any of (a is yes; b is yes) → all of (a is yes; b is yes)"],
    ),
    (
        All((A, AnyOf((B, C)))),
        All((A, AnyOf((B, C, D)))),
        ["asks: any of (b is yes; c is yes) → any of (b is yes; c is yes; d is yes)"],
    ),
    (
        AnyOf((A, All((B, AnyOf((C, most(6))))))),
        AnyOf((A, All((B, AnyOf((C, most(8))))))),
        ["asks, in the alternative with b is yes, in an alternative: visits at most 6 → 8"],
    ),
    (All((A, B)), All((C, D)), ["asks: all of (a is yes; b is yes) → all of (c is yes; d is yes)"]),
    (All((A, B)), All((B, Not(Not(A)))), []),
    (None, A, ["asks (added): a is yes"]),
    (A, None, ["asks (removed): a is yes"]),
]


@pytest.mark.parametrize(("old", "new", "expected"), REQUIRED, ids=range(len(REQUIRED)))
def test_what_a_condition_asks(old: Condition | None, new: Condition | None, expected: list[str]) -> None:
    assert said(old, new) == expected


GUARDS = [
    (A, All((A, B)), ["asks: a is yes → all of (a is yes; b is yes)"]),
    (All((A, B)), B, ["asks: all of (a is yes; b is yes) → b is yes"]),
    (A, AnyOf((A, B)), ["asks (alternative added): b is yes"]),
    (All((A, most(6))), All((A, most(8))), ["asks: visits at most 6 → 8"]),
    (
        AnyOf((All((A, B)), C)),
        AnyOf((All((A, B, D)), C)),
        ["asks, in an alternative: all of (a is yes; b is yes) → all of (a is yes; b is yes; d is yes)"],
    ),
    (None, A, ["asks: always → a is yes"]),
    (A, None, ["asks: a is yes → always"]),
]


@pytest.mark.parametrize(("old", "new", "expected"), GUARDS, ids=range(len(GUARDS)))
def test_where_a_guard_holds(old: Condition | None, new: Condition | None, expected: list[str]) -> None:
    assert said(old, new, guard=True, nothing="always") == expected


# --------------------------------------------------------------------------- generated conditions and records

NUMBERS = {"v": (3, 6), "w": (3, 6)}
FLAGS = "abcd"
RECORDS: list[Record] = [
    {name: value for name, value in zip((*FLAGS, *NUMBERS), row, strict=True) if value is not None}
    for row in product(*([(True, False, None)] * len(FLAGS)), *([(2, 5, 8, None)] * len(NUMBERS)))
]


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """A condition that speaks of each fact once: what comes is then nowhere asked for already."""
    names = draw(st.permutations((*FLAGS, *NUMBERS)))[: draw(st.integers(1, 5))]
    return _combined(draw, list(names))


def _combined(draw: st.DrawFn, names: list[str]) -> Condition:
    condition = _plain(draw, names)
    return Not(condition) if pick(draw, range(4)) == 3 else condition


def _plain(draw: st.DrawFn, names: list[str]) -> Condition:
    if len(names) == 1:
        name = names[0]
        if name in NUMBERS:
            return Test(name, pick(draw, (Op.AT_MOST, Op.MORE_THAN)), pick(draw, NUMBERS[name]))
        return Test(name, Op.EQUALS, pick(draw, (True, False)))
    cut = draw(st.integers(1, len(names) - 1))
    kind = pick(draw, (All, AnyOf))
    return kind((_combined(draw, names[:cut]), _combined(draw, names[cut:])))


@st.composite
def edits(draw: st.DrawFn) -> tuple[Condition, Condition]:
    """Two conditions, the second often the first with one place changed."""
    old = draw(conditions())
    if draw(st.booleans()):
        return old, draw(conditions())
    unused = [name for name in (*FLAGS, *NUMBERS) if f"'{name}'" not in repr(old)]
    extra = _combined(draw, unused[:1])
    places = list(_places(old))
    return old, _edited(old, draw(st.sampled_from(places)), draw(st.sampled_from(["all", "any", "drop"])), extra)


def _places(condition: Condition, path: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    yield path
    for number, part in enumerate(_parts(condition)):
        yield from _places(part, (*path, number))


def _parts(condition: Condition) -> tuple[Condition, ...]:
    if isinstance(condition, Not):
        return (condition.part,)
    return () if isinstance(condition, Test) else condition.parts


def _edited(condition: Condition, path: tuple[int, ...], how: str, extra: Condition) -> Condition:
    if path:
        parts = list(_parts(condition))
        parts[path[0]] = _edited(parts[path[0]], path[1:], how, extra)
        return Not(parts[0]) if isinstance(condition, Not) else type(condition)(tuple(parts))
    if how == "drop":
        return _parts(condition)[0] if _parts(condition) else extra
    return All((condition, extra)) if how == "all" else AnyOf((condition, extra))


def holds(condition: Condition) -> set[int]:
    return {number for number, record in enumerate(RECORDS) if evaluate(condition, record)}


def claims(differences: list[Difference], kind: str, *, alternative: bool) -> list[str]:
    return [d.said_of("asks") for d in differences if d.kind == kind and d.is_alternative is alternative]


@given(edits())
def test_a_condition_that_asks_less_is_never_said_to_ask_more(pair: tuple[Condition, Condition]) -> None:
    old, new = pair
    before, after = holds(old), holds(new)
    found = list(condition_changes(old, new))
    if before <= after:
        assert claims(found, "added", alternative=False) == []
        assert claims(found, "removed", alternative=True) == []
    if before >= after:
        assert claims(found, "removed", alternative=False) == []
        assert claims(found, "added", alternative=True) == []


@given(edits())
def test_what_is_said_to_come_or_go_is_true_of_the_whole(pair: tuple[Condition, Condition]) -> None:
    old, new = pair
    parts = {in_words(part): part for side in pair for part in _all_parts(normal_form(side))}
    for difference in condition_changes(old, new):
        if difference.where or difference.kind not in ("added", "removed"):
            continue
        having, lacking = (new, old) if difference.kind == "added" else (old, new)
        part = holds(parts[difference.words])
        if difference.is_alternative:
            assert part <= holds(having)
            assert not part <= holds(lacking)
        else:
            assert holds(having) <= part
            assert not holds(lacking) <= part


def _all_parts(condition: Condition) -> Iterator[Condition]:
    yield condition
    for part in _parts(condition):
        yield from _all_parts(part)


@given(edits())
def test_a_change_of_meaning_is_told(pair: tuple[Condition, Condition]) -> None:
    old, new = pair
    if holds(old) != holds(new):
        assert said(old, new)
        assert said(old, new, guard=True)
    assert said(old, old) == []


@given(edits())
def test_what_a_guard_asks_together_is_told_whole(pair: tuple[Condition, Condition]) -> None:
    found = list(condition_changes(*pair, guard=True))
    assert [d for d in found if d.kind in ("added", "removed") and not d.is_alternative] == []


@given(conditions())
def test_a_normal_form_means_the_same(condition: Condition) -> None:
    form = normal_form(condition)
    assert all(evaluate(form, record) is evaluate(condition, record) for record in RECORDS)
    for part in _all_parts(form):
        assert not isinstance(part, Not) or isinstance(part.part, Test)
        assert type(part) not in [type(inner) for inner in _parts(part)]
