"""Tests as people write them when they don't know the rule language: `<= 6`, "at most 6", `4-6`."""

from __future__ import annotations

import re

from guidecheck.language.conditions import DATE_OPS, Op
from guidecheck.language.facts import Fact, FactType

_SAID = {
    Op.AT_MOST: (
        ("<=", "=<", "≤", "at most", "max", "max.", "maximum", "up to", "no more than", "not more than", "until"),
        ("or less", "or fewer", "at most", "max", "maximum", "or earlier", "or before"),
    ),
    Op.LESS_THAN: (("<", "less than", "fewer than", "under", "below", "before"), ()),
    Op.AT_LEAST: (
        (">=", "=>", "≥", "at least", "min", "min.", "minimum", "no less than", "not less than", "from", "since"),
        ("or more", "+", "at least", "min", "minimum", "or later", "or after"),
    ),
    Op.MORE_THAN: ((">", "more than", "over", "above", "greater than", "after"), ()),
    Op.NONE_OF: (("!=", "<>", "≠", "not"), ()),
}
"""What people write before a limit, and behind it, for each test."""

_BEFORE = {word: op for op, (before, _) in _SAID.items() for word in before}
_BEHIND = {word: op for op, (_, behind) in _SAID.items() for word in behind}
_DATE_WORDS = {"on or before": Op.AT_MOST, "by": Op.AT_MOST, "on or after": Op.AT_LEAST}
_OP_OF_DATES = {comparison: op for op, comparison in DATE_OPS.items()}

_NUMBER = r"\d+(?:\.\d+)?"
_TO = r"(?:[-\u2013\u2014]|\.\.+|to|and)"
_DAY = r"\d{4}-\d{2}-\d{2}"


def tests_said(fact: Fact, text: str) -> list[str]:
    """Return the tests that a text means, as they are written under a fact; none where it says no test.

    Args:
        fact: of a type with an order.
        text: what stands where one value of it was expected.
    """
    dates = fact.type is FactType.DATE
    value = _DAY if dates else _NUMBER
    words = " ".join(re.sub("[_ ]+", " ", text.casefold()).split())
    if spread := re.fullmatch(rf"(?:between )?({value}) ?{_TO} ?({value})", words, re.ASCII):
        return [_test(Op.AT_LEAST, spread[1], dates), _test(Op.AT_MOST, spread[2], dates)]
    found = re.fullmatch(rf"(?P<before>.*?) ?(?P<value>{value}) ?(?P<behind>.*)", words, re.ASCII)
    if not found:
        return []
    if not found["before"]:
        op = _BEHIND.get(found["behind"].removeprefix(fact.unit).strip())
    else:  # behind the number stands what it counts
        op = _op_said(found["before"], dates) if re.fullmatch("[a-z%]*", found["behind"]) else None
    return [_test(op, found["value"], dates)] if op else []


def test_said(fact: Fact, word: str) -> str:
    """Return as a hint the test that a word means where a test's name was expected; "" where it means none."""
    dates = fact.type is FactType.DATE
    if not fact.type.is_ordered:
        return ""
    words = " ".join(word.casefold().replace("_", " ").split())
    if words in ("between", "range", "from to"):
        return f"write {_name(Op.AT_LEAST, dates)} and {_name(Op.AT_MOST, dates)}, each with its limit"
    op = _op_said(words, dates) or _BEHIND.get(words)
    return f"write {_name(op, dates)}" if op else ""


def _op_said(words: str, dates: bool) -> Op | None:
    op = (_BEFORE | _DATE_WORDS if dates else _BEFORE).get(words)
    return None if dates and op is Op.NONE_OF else op


def _name(op: Op, dates: bool) -> Op:
    return _OP_OF_DATES[op] if dates else op


def _test(op: Op, value: str, dates: bool) -> str:
    return f"`{op}: [{value}]`" if op is Op.NONE_OF else f"`{_name(op, dates)}: {value}`"
