"""Conditions in the words of the rule language, on one line, for lists of changes."""

from __future__ import annotations

from guidecheck.language.conditions import All, Cell, Condition, FactRef, Not, Op, Operand, TableName, Test
from guidecheck.language.facts import show_value


def in_words(condition: Condition | None) -> str:
    """Return a condition as a person says it: "requested_visits at most 6"; "nothing" for none."""
    if condition is None:
        return "nothing"
    if isinstance(condition, Test):
        return f"{condition.fact} {test_words(condition)}"
    if isinstance(condition, Not):
        return f"not ({in_words(condition.part)})"
    word = "all of" if isinstance(condition, All) else "any of"
    return f"{word} ({'; '.join(map(in_words, condition.parts))})"


def test_words(test: Test) -> str:
    """Return what a test asks of its fact: "at most 6", "is yes"."""
    if test.op is Op.DOCUMENTED:
        return "is documented"
    word = "is" if test.op is Op.EQUALS else test.op.replace("_", " ")
    return f"{word} {operand_words(test.operand)}"


def operand_words(operand: Operand) -> str:
    """Return the right side of a test: a value, values, a fact, a table, or a table's column."""
    if isinstance(operand, FactRef):
        return operand.fact
    if isinstance(operand, Cell):
        return f"{operand.column} of the table {operand.table}"
    if isinstance(operand, TableName):
        return f"the table {operand.table}"
    if isinstance(operand, tuple):
        return ", ".join(map(show_value, operand))
    return show_value(operand)
