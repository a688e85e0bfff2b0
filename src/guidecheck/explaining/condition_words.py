"""Conditions in English: what they ask of the records, as clauses and as lists of clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from guidecheck.explaining.wording import FactWords, choice_words, day_words, listed
from guidecheck.language.conditions import All, AnyOf, Cell, Condition, FactRef, Not, Op, TableName, Test
from guidecheck.language.facts import Fact, FactType, show_value

_COMPARED = {
    Op.AT_MOST: "is at most {}",
    Op.AT_LEAST: "is at least {}",
    Op.LESS_THAN: "is less than {}",
    Op.MORE_THAN: "is more than {}",
    Op.BEFORE: "is before {}",
    Op.ON_OR_BEFORE: "is {} or before",
    Op.AFTER: "is after {}",
    Op.ON_OR_AFTER: "is {} or after",
    Op.ONE_OF: "is {}",
    Op.NONE_OF: "is not {}",
    Op.INCLUDES: "includes {}",
    Op.INCLUDES_ANY: "includes {}",
    Op.INCLUDES_NONE: "does not include {}",
}
_LISTS_WITH_AND = (Op.INCLUDES,)
_MOST_IN_A_SENTENCE = 3


@dataclass(frozen=True)
class Clauses:
    """A condition that is too much for one sentence: what joins its parts, and the parts."""

    lead: str
    parts: tuple[str | Clauses, ...]


@dataclass(frozen=True)
class ConditionWords(FactWords):
    """Puts conditions into words."""

    def told(self, condition: Condition) -> str | Clauses:
        """Return a condition as one sentence's clause where it is short, else as a list of clauses."""
        if isinstance(condition, Test):
            return self.test(condition)
        if isinstance(condition, Not):
            inner = self.told(condition.part)
            return f"it is documented not to be so that {inner}" if isinstance(inner, str) else _not(inner)
        parts = self._parts(condition)
        if len(parts) == 1:
            return self.told(parts[0])
        told = tuple(self.told(part) for part in parts)
        plain = [part for part in told if isinstance(part, str)]
        word = "and" if isinstance(condition, All) else "or"
        flat = all(isinstance(part, Test) for part in parts)
        if flat and len(plain) == len(told) <= _MOST_IN_A_SENTENCE:
            return listed(plain, word)
        return Clauses("all of these" if word == "and" else "at least one of these", told)

    def clause_of(self, condition: Condition) -> str:
        """Return a condition as a clause, however long it becomes."""
        return _flattened(self.told(condition))

    def _parts(self, condition: All | AnyOf) -> list[Condition]:
        """Return the parts of a combination, those of combinations of the same kind inside it among them."""
        found: list[Condition] = []
        for part in condition.parts:
            if isinstance(part, All | AnyOf) and type(part) is type(condition):
                found += self._parts(part)
            else:
                found.append(part)
        return found

    def test(self, test: Test) -> str:
        """Return a test as a clause."""
        fact = self.vocabulary.facts[test.fact]
        if test.op is Op.DOCUMENTED:
            return f"the records document {fact.label}"
        if isinstance(test.operand, TableName):
            return f'the table "{name_words(test.operand.table)}" has a row for it'
        if test.op is Op.EQUALS:
            if isinstance(test.operand, bool):
                return self.clause(fact.name, test.operand)
            return f"{fact.label} is {self.operand(test)}"
        return f"{fact.label} {_COMPARED[test.op].format(self.operand(test))}"

    def operand(self, test: Test) -> str:
        """Return what a test compares its fact with."""
        fact, operand = self.vocabulary.facts[test.fact], test.operand
        if isinstance(operand, FactRef):
            return self.label(operand.fact)
        if isinstance(operand, Cell):
            return f'the {name_words(operand.column)} of the table "{name_words(operand.table)}"'
        assert not isinstance(operand, TableName)
        if isinstance(operand, tuple):
            return listed(self._choices(fact, operand), "and" if test.op in _LISTS_WITH_AND else "or")
        if isinstance(operand, str) and fact.type is FactType.SET:
            return choice_words(fact, operand)
        return self.value(fact.name, operand)

    def _choices(self, fact: Fact, names: Iterable[object]) -> Iterator[str]:
        for name in names:
            if isinstance(name, date):
                yield day_words(name)
            elif isinstance(name, bool | int | float):
                yield show_value(name)
            else:
                yield choice_words(fact, str(name))


def name_words(name: str) -> str:
    """Return the name of a table, a column or a topic as words: "visits by diagnosis"."""
    return name.replace("_", " ")


def _not(inner: Clauses) -> Clauses:
    return Clauses(f"it is documented not to be so that {inner.lead}", inner.parts)


def _flattened(told: str | Clauses) -> str:
    if isinstance(told, str):
        return told
    return f"{told.lead} ({'; '.join(_flattened(part) for part in told.parts)})"
