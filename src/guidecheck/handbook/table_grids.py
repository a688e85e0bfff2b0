"""Tables of limits as a person reads them: what each row is for, what it allows, and where that stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from guidecheck.explaining.condition_words import ConditionWords, name_words
from guidecheck.explaining.wording import full_place
from guidecheck.handbook.blocks import Block, Grid, Heading, Paragraph
from guidecheck.language.conditions import Condition, Op, Test, tests_of
from guidecheck.language.facts import Value, show_value
from guidecheck.language.tables import Row, Table
from guidecheck.language.vocabulary import Vocabulary

_ANY = "any"
NOT_CITED = "not cited"


@dataclass(frozen=True)
class TableGrids:
    """Sets out tables."""

    vocabulary: Vocabulary

    def blocks(self, table: Table, citation: Mapping[str, str], level: int, anchor: str = "") -> Iterator[Block]:
        """Yield a table with its heading; `citation` is that of the guideline it stands in, {} for none."""
        yield Heading(f"Table: {name_words(table.name)}", level, anchor)
        yield Paragraph(self._rule(table))
        yield self.grid(table, citation)

    def grid(self, table: Table, citation: Mapping[str, str]) -> Grid:
        """Return a table's rows in words."""
        columns = (*map(name_words, table.keys), *map(name_words, table.columns), "where it stands")
        return Grid(columns, tuple(tuple(self._cells(table, row, citation)) for row in table.rows))

    def _rule(self, table: Table) -> str:
        by = table.highest or table.lowest
        if by is None:
            return "Of several rows that fit, the first counts."
        most = "highest" if table.highest else "lowest"
        return f'Of several rows that fit, the one with the {most} number under "{name_words(by)}" counts.'

    def _cells(self, table: Table, row: Row, citation: Mapping[str, str]) -> Iterator[str]:
        for key in table.keys:
            yield self._key(key, row.condition)
        for column in table.columns:
            yield self._value(column, row.cells.get(column))
        yield self._source(row, citation)

    def _key(self, fact: str, condition: Condition | None) -> str:
        tests = [test for test in tests_of(condition) if test.fact == fact]
        if [test.op for test in tests] == [Op.ON_OR_AFTER, Op.ON_OR_BEFORE]:
            words = ConditionWords(self.vocabulary)
            return " to ".join(words.operand(test) for test in tests)
        return ", ".join(self._test(test) for test in tests) or _ANY

    def _test(self, test: Test) -> str:
        """Return a test without its fact: "at most 20"."""
        words = ConditionWords(self.vocabulary)
        if isinstance(test.operand, bool):
            return show_value(test.operand)
        if test.op in (Op.EQUALS, Op.ONE_OF, Op.INCLUDES, Op.INCLUDES_ANY):
            return words.operand(test)
        label = self.vocabulary.facts[test.fact].label
        return words.test(test).removeprefix(f"{label} ").removeprefix("is ")

    def _value(self, column: str, value: Value | None) -> str:
        if value is None:
            return ""
        if column in self.vocabulary.facts:
            return ConditionWords(self.vocabulary).value(column, value)
        # A column may name a fact, as what is to be multiplied.
        return name_words(value) if isinstance(value, str) else show_value(value)

    def _source(self, row: Row, citation: Mapping[str, str]) -> str:
        given = {**citation, **row.citation}
        title = given.get("title", "") if given.get("title") != citation.get("title") else ""
        place = ", ".join(part for part in (title, full_place(given)) if part) or NOT_CITED
        return place if row.confidence in (None, "confirmed") else f"{place} ({row.confidence})"
