"""From a table's nodes to a `Table`."""

from __future__ import annotations

from collections.abc import Mapping as MappingType

from guidecheck.condition_reader import ConditionReader
from guidecheck.conditions import All, AnyOf, Condition, Op, Test
from guidecheck.errors import Finding, did_you_mean, one_of
from guidecheck.facts import Fact, FactType, Value, ValueFault, read_date, read_number, read_scalar
from guidecheck.library.file_models import CitationFile, TableFile
from guidecheck.library.node_models import CONFIDENCES, read_model
from guidecheck.marked_yaml import Mapping, Node, Scalar, Sequence, describe
from guidecheck.tables import Row, Table

_NOTES = ("citation", "source_id", "confidence")


def read_table(
    name: str, file: TableFile, node: Node, facts: MappingType[str, Fact], findings: list[Finding]
) -> Table | None:
    """Return a table, or None after reporting what is wrong with it."""
    return _TableReader(facts, findings).read(name, file, node)


class _TableReader:
    def __init__(self, facts: MappingType[str, Fact], findings: list[Finding]) -> None:
        self._facts = facts
        self._findings = findings
        self._conditions = ConditionReader(facts, {}, findings)

    def _fault(self, node: Node, code: str, message: str, hint: str = "") -> None:
        self._findings.append(Finding(node.at, code, message, hint))

    def read(self, name: str, file: TableFile, node: Node) -> Table | None:
        unknown = [key for key in file.keys if key not in self._facts]
        for key in unknown:
            self._fault(
                node, "unknown-fact", f"unknown fact `{key}` among the keys", did_you_mean(key, self._facts)
            )
        rows = [self._row(row, tuple(file.keys)) for row in file.rows]
        good = [row for row in rows if row is not None]
        if unknown or len(good) < len(rows):
            return None
        columns = self._columns(good)
        highest, lowest = self._pick(file, columns)
        return Table(name, tuple(file.keys), columns, tuple(good), node.at, highest, lowest)

    def _row(self, node: Node, keys: tuple[str, ...]) -> Row | None:
        if not isinstance(node, Mapping):
            return self._fault(node, "wrong-type", f"{describe(node)} where a row was expected")
        conditions: list[Condition | None] = []
        cells: dict[str, Value] = {}
        faults = len(self._findings)
        for key, value in node.entries:
            if key.text in keys:
                if key.text in self._facts:
                    conditions.append(self._key_cell(self._facts[key.text], value))
            elif key.text not in _NOTES:
                cell = self._cell(key, value)
                if cell is not None:
                    cells[key.text] = cell
        citation = self._citation(node)
        sources = self._texts(node.get("source_id"))
        confidence = self._confidence(node.get("confidence"))
        if len(self._findings) > faults:
            return None
        parts = [c for c in conditions if c is not None]
        condition = parts[0] if len(parts) == 1 else (All(tuple(parts)) if parts else None)
        return Row(condition, cells, node.at, citation, sources, confidence)

    def _key_cell(self, fact: Fact, node: Node) -> Condition | None:
        """Return what a key cell asks: a value or any of a list (on a set: one the set includes), or tests."""
        if isinstance(node, Mapping):
            return self._conditions.read_tests(fact, node)
        items = node.items if isinstance(node, Sequence) else (node,)
        if not items:
            return self._fault(node, "empty-list", "an empty list as a key", "leave the key out to match all")
        op = Op.INCLUDES if fact.type is FactType.SET else Op.EQUALS
        tests: list[Condition] = []
        for item in items:
            if not isinstance(item, Scalar):
                return self._fault(
                    item, "wrong-type", f"{describe(item)} where a value of `{fact.name}` was expected"
                )
            try:
                value = read_scalar(fact, item.text)
            except ValueFault as fault:
                return self._fault(item, "wrong-value", fault.message, fault.hint)
            assert not isinstance(value, frozenset | tuple)
            tests.append(Test(fact.name, op, (str(value),) if op is Op.INCLUDES else value))
        return tests[0] if len(tests) == 1 else AnyOf(tuple(tests))

    def _cell(self, key: Scalar, node: Node) -> Value | None:
        """Return a value cell: of its fact's type where a fact has its name, else a number, a date or a text."""
        if not isinstance(node, Scalar) or not node.text.strip():
            return self._fault(
                node, "wrong-type", f"{describe(node)} where the value of `{key.text}` was expected"
            )
        fact = self._facts.get(key.text)
        if fact is not None:
            try:
                return read_scalar(fact, node.text)
            except ValueFault as fault:
                return self._fault(node, "wrong-value", fault.message, fault.hint)
        for read in (read_number, read_date):
            try:
                return read(node.text)
            except ValueFault:
                continue
        return node.text.strip()

    def _citation(self, node: Mapping) -> dict[str, str]:
        cited = node.get("citation")
        model = read_model(CitationFile, cited, self._findings) if cited is not None else None
        return model.given() if model else {}

    def _texts(self, node: Node | None) -> tuple[str, ...]:
        items = node.items if isinstance(node, Sequence) else ((node,) if node is not None else ())
        return tuple(item.text for item in items if isinstance(item, Scalar))

    def _confidence(self, node: Node | None) -> str | None:
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text in CONFIDENCES:
            return node.text
        return self._fault(node, "wrong-value", f"{describe(node)} is no confidence", one_of(CONFIDENCES))

    def _columns(self, rows: list[Row]) -> dict[str, FactType]:
        columns: dict[str, FactType] = {}
        for row in rows:
            for name, value in row.cells.items():
                kind = self._facts[name].type if name in self._facts else _type_of(value)
                if columns.setdefault(name, kind) is not kind:
                    message = f"column `{name}` holds a {columns[name]} above and a {kind} here"
                    self._findings.append(Finding(row.at, "wrong-type", message, "give the column one type"))
        return columns

    def _pick(self, file: TableFile, columns: MappingType[str, FactType]) -> tuple[str | None, str | None]:
        picks: dict[str, str] = {}
        for word, node in (file.pick or {}).items():
            if word not in ("highest", "lowest") or picks:
                self._fault(
                    node, "unknown-key", f"`{word}` is no way to pick a row", "write highest or lowest, once"
                )
            elif not isinstance(node, Scalar) or not columns.get(node.text, FactType.TEXT).is_numeric:
                numeric = [name for name, kind in columns.items() if kind.is_numeric]
                self._fault(node, "unknown-column", f"{describe(node)} is no column of numbers", one_of(numeric))
            else:
                picks[word] = node.text
        return picks.get("highest"), picks.get("lowest")


def _type_of(value: Value) -> FactType:
    if isinstance(value, float | int):
        return FactType.NUMBER
    return FactType.TEXT if isinstance(value, str) else FactType.DATE
