"""Conditions in a form that lets two be compared part by part, whichever way they were written."""

from __future__ import annotations

from guidecheck.language.conditions import All, AnyOf, Condition, Not, Test


def normal_form(condition: Condition, *, negated: bool = False) -> Condition:
    """Return a condition of the same meaning: `not` before tests alone, no `all` in an `all` or `any` in an `any`.

    A part of an `all` is then something asked for and a part of an `any` one way of fulfilling it, under a `not`
    of the file too: `not: any: [A, B]` is all of (not A; not B). Parts that stand twice stand once.
    """
    if isinstance(condition, Test):
        return Not(condition) if negated else condition
    if isinstance(condition, Not):
        return normal_form(condition.part, negated=not negated)
    kind = All if isinstance(condition, All) is not negated else AnyOf
    parts: dict[Condition, None] = {}
    for part in condition.parts:
        parts |= dict.fromkeys(parts_as(kind, normal_form(part, negated=negated)))
    return combined(kind, tuple(parts))


def parts_as(kind: type[All | AnyOf], condition: Condition) -> tuple[Condition, ...]:
    """Return the parts of a condition taken as an `all` or an `any`: of a single part where it is none."""
    return condition.parts if isinstance(condition, All | AnyOf) and isinstance(condition, kind) else (condition,)


def combined(kind: type[All | AnyOf], parts: tuple[Condition, ...]) -> Condition:
    """Return an `all` or an `any` of parts, or the part where there is one."""
    return parts[0] if len(parts) == 1 else kind(parts)
