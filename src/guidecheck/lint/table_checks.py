"""Tables and columns that no rule reads, and cells that are missing or can't be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from guidecheck.errors import Finding, did_you_mean
from guidecheck.language.conditions import Cell, Condition, TableName, tests_of
from guidecheck.language.derivations import SumOver, cells_given, conditions_in
from guidecheck.language.facts import ValueFault, check_limits, check_whole
from guidecheck.language.tables import Row, Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.lint.context import Context, warning
from guidecheck.lint.row_checks import check_rows
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, members, place, under

UNUSED_TABLE = "unused-table"
UNUSED_COLUMN = "unused-column"
MISSING_CELL = "missing-cell"
WRONG_CELL = "wrong-cell"

_Reads = dict[str, dict[str, set[str]]]
"""By table the columns that are read, each with the facts for whose values its cells stand."""


def check_tables(context: Context) -> Iterator[Finding]:
    """Yield a finding for each table, column, row and cell that no rule can read, or none as it stands."""
    vocabulary, library = context.library.vocabulary, context.library
    shared = _reads(condition for d in vocabulary.derivations.values() for condition in conditions_in(d))
    for name, derivation in vocabulary.derivations.items():
        for cell in cells_given(derivation):
            _note(shared, cell.table, cell.column, [name])
        if isinstance(derivation, SumOver):
            for column in ("factor", "times"):
                _note(shared, derivation.table, column)
    for guideline in library.guidelines.values():
        read = _reads(guideline.conditions)
        own = library.own_tables(guideline)
        for name, table in own.items():
            tables = context.guideline_node(guideline).get("tables")
            yield from _TableCheck(table, tables, vocabulary).findings(read.get(name))
        for name, columns in read.items():
            if name not in own:
                shared.setdefault(name, {})
                for column, facts in columns.items():
                    _note(shared, name, column, facts)
    for name, table in vocabulary.tables.items():
        yield from _TableCheck(table, context.table_nodes(name), vocabulary).findings(shared.get(name))


def _reads(conditions: Iterable[Condition]) -> _Reads:
    """Return what conditions look up in tables."""
    read: _Reads = {}
    for condition in conditions:
        for test in tests_of(condition):
            if isinstance(test.operand, Cell):
                _note(read, test.operand.table, test.operand.column, [test.fact])
            elif isinstance(test.operand, TableName):
                read.setdefault(test.operand.table, {})
    return read


def _note(read: _Reads, table: str, column: str, facts: Iterable[str] = ()) -> None:
    read.setdefault(table, {}).setdefault(column, set()).update(facts)


@dataclass
class _TableCheck:
    """A table, with the `tables` among which it is written."""

    table: Table
    tables: Node | None
    vocabulary: Vocabulary

    def findings(self, read: Mapping[str, AbstractSet[str]] | None) -> Iterator[Finding]:
        """Yield what is suspicious, given the columns that are read, and for which facts."""
        table = self.table
        if read is None:
            message = f"no rule looks into the table `{table.name}`"
            yield warning(table.at, UNUSED_TABLE, message, "use it, or leave it out")
            return
        used = {*read, *(name for name in (table.highest, table.lowest) if name is not None)}
        for column in table.columns:
            if column not in used:
                row = next(row for row in table.rows if column in row.cells)
                message = f"no rule reads the column `{column}` of the table `{table.name}`"
                hint = did_you_mean(column, used - row.cells.keys()) or "use it in a limit, or leave it out"
                key = self._row(row).key(column)
                assert key is not None
                yield warning(key.at, UNUSED_COLUMN, message, hint)
        if "factor" in read:
            return  # its rows are taken by entries of a list, in bands of their amounts
        yield from check_rows(table, self.vocabulary)
        yield from self._missing(used)
        for column, facts in read.items():
            yield from self._wrong(column, sorted(facts))

    def _missing(self, used: AbstractSet[str]) -> Iterator[Finding]:
        """Yield a finding for each cell that a single row lacks: the rows beside it, two or more, have it."""
        for column in sorted(used):
            lacking = [row for row in self.table.rows if column not in row.cells]
            if len(lacking) != 1 or len(self.table.rows) < 3 or not lacking[0].cells.keys() <= used:
                continue  # what stands there under a name that no rule reads is reported as such
            message = (
                f"this row has no `{column}`, which every other row of the table has: it limits nothing there"
            )
            yield warning(lacking[0].at, MISSING_CELL, message, f"add `{column}`")

    def _wrong(self, column: str, facts: list[str]) -> Iterator[Finding]:
        """Yield a finding for each cell of a column that no value of a fact for which it stands can have."""
        for row in self.table.rows:
            for fact in [self.vocabulary.facts[name] for name in facts if column in row.cells]:
                try:
                    check_whole(fact, row.cells[column])
                    check_limits(fact, row.cells[column])
                except ValueFault as fault:
                    message = f"this cell stands for a value of `{fact.name}`: {fault.message}"
                    hint = "check the number, or the type, `minimum` and `maximum` of the fact in the vocabulary"
                    yield warning(place(self._row(row), column), WRONG_CELL, message, hint)
                    break

    def _row(self, row: Row) -> MappingNode:
        """Return where a row is written."""
        nodes = members(under(under(self.tables, self.table.name), "rows"))
        node = next(node for node in nodes if node.at == row.at)
        assert isinstance(node, MappingNode)
        return node
