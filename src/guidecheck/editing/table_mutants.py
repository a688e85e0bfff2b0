"""A table's node, each time with one thing in it changed: a row, a key, a cell, the way to pick."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from guidecheck.editing.condition_mutants import NodeMutant, moved_value, test_mutants
from guidecheck.language.conditions import evaluate, tests_of
from guidecheck.language.deriving import Known
from guidecheck.language.facts import Fact, FactType, Value, ValueFault, check_limits
from guidecheck.language.tables import Row, Table
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, Sequence, members

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TableMutant(NodeMutant):
    """A table's node with one thing changed; `row` is the place of the row in which, None where it is in none."""

    row: int | None = None


def table_mutants(
    node: MappingNode, table: Table, columns: Collection[str], facts: Mapping[str, Fact]
) -> Iterator[TableMutant]:
    """Yield a table with each row, and each cell of the columns that somebody reads, changed in turn."""
    rows = members(node.get("rows"))
    for place, row in enumerate(rows):
        if not isinstance(row, MappingNode):
            continue
        changes = [NodeMutant(row.at, "row dropped", Sequence((), row.at))] if len(rows) > 1 else []
        changes += _row_mutants(row, table, columns, facts)
        for change in changes:
            kept = () if isinstance(change.node, Sequence) else (change.node,)
            changed = Sequence((*rows[:place], *kept, *rows[place + 1 :]), row.at)
            yield TableMutant(change.at, change.words, with_key(node, "rows", changed), place)
    pick = node.key("pick")
    if pick is not None:
        yield TableMutant(pick.at, "pick dropped", without_key(node, "pick"))


def with_key(node: MappingNode, key: str, value: Node) -> MappingNode:
    """Return a mapping with another value under a key."""
    return MappingNode(tuple((k, value if k.text == key else v) for k, v in node.entries), node.at)


def without_key(node: MappingNode, key: str) -> MappingNode:
    """Return a mapping without a key."""
    return MappingNode(tuple(entry for entry in node.entries if entry[0].text != key), node.at)


def told_apart(
    old: Table, new: Table, row: int, columns: Collection[str], facts: Mapping[str, Fact]
) -> Mapping[str, Value | None] | None:
    """Return facts for which a table with a row changed gives other cells, or None where there are none.

    Only where the row stands for an item, as it was or as it is, can the two differ: so values that its tests
    name are tried, and of numbers and dates those beside each bound of any row.
    """
    tried = [old.rows[row], *(new.rows[row : row + 1] if len(new.rows) == len(old.rows) else ())]
    every = [*old.rows, *new.rows]
    choices: list[Collection[Value | None]] = [_values(facts[key], tried, every) or [None] for key in old.keys]
    for combination in product(*choices):
        given = dict(zip(old.keys, combination, strict=True))
        known = Known({name: value for name, value in given.items() if value is not None})
        if all(_fails(one, known) for one in tried):
            continue
        if _answer(old, known, columns) != _answer(new, known, columns):
            return given
    return None


def _fails(row: Row, known: Known) -> bool:
    return row.condition is not None and evaluate(row.condition, known.values) is False


def _answer(table: Table, known: Known, columns: Collection[str]) -> tuple[object, ...]:
    picked = table.resolve(known)
    return (picked.listed, *(picked.row.cells.get(column) if picked.row else None for column in columns))


def _values(fact: Fact, tried: list[Row], every: list[Row]) -> list[Value]:
    """Return the values of a fact that may tell, within its limits."""
    rows = every if fact.type.is_ordered else tried
    named: dict[Value, None] = {}
    for test in (test for row in rows for test in tests_of(row.condition) if test.fact == fact.name):
        operand = test.operand
        for value in operand if isinstance(operand, tuple) else (operand,):
            if fact.type is FactType.SET:
                named[frozenset({str(value)})] = None
            elif isinstance(value, date):
                named.update(dict.fromkeys((value - _DAY, value, value + _DAY)))
            elif fact.type.is_ordered and isinstance(value, int | float):
                step = 1 if fact.type is FactType.INTEGER else 0.5
                named.update(dict.fromkeys((value - step, value, value + step)))
            elif isinstance(value, bool | str):
                named[value] = None
    return [value for value in named if _is_possible(fact, value)]


def _is_possible(fact: Fact, value: Value) -> bool:
    try:
        check_limits(fact, value)
    except ValueFault:
        return False
    return True


def _row_mutants(
    row: MappingNode, table: Table, columns: Collection[str], facts: Mapping[str, Fact]
) -> Iterator[NodeMutant]:
    """Yield a row with each key, and each cell that a condition reads, changed in turn."""
    for key, value in row.entries:
        instead: list[NodeMutant] = []
        if key.text in table.keys and isinstance(value, MappingNode):
            instead = list(test_mutants(facts[key.text], value))
        elif key.text in table.keys and isinstance(value, Sequence):
            instead = [
                NodeMutant(item.at, f"{key.text} {item.text} dropped", _without(value, item))
                for item in value.items
                if isinstance(item, Scalar) and len(value.items) > 1
            ]
        elif key.text in columns and isinstance(value, Scalar) and table.columns[key.text].is_ordered:
            moved = [moved_value(table.columns[key.text], value, step) for step in (1, -1)]
            instead = [NodeMutant(value.at, f"{key.text} {value.text} → {m.text}", m) for m in moved if m]
        for change in instead:
            yield NodeMutant(change.at, change.words, with_key(row, key.text, change.node))


def _without(node: Sequence, item: Node) -> Sequence:
    return Sequence(tuple(other for other in node.items if other is not item), node.at)
