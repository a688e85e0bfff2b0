"""From a table's nodes to a `Table`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from guidecheck.errors import Findings, did_you_mean, one_of, shorten
from guidecheck.language.condition_reader import ConditionReader
from guidecheck.language.conditions import All, AnyOf, Condition, Op, Test
from guidecheck.language.facts import Fact, FactType, Value, ValueFault, read_date, read_number
from guidecheck.language.tables import Row, Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.file_models import RowNotesFile, TableFile
from guidecheck.library.node_models import read_model
from guidecheck.reading.marked_yaml import (
    Mapping,
    Node,
    Scalar,
    describe,
    is_null,
    members,
    scalars,
    unbracketed,
    under,
)
from guidecheck.reading.node_reader import Faulty, NodeReader, TableShape, each

_NOTES = tuple(RowNotesFile.model_fields)


def read_table(name: Scalar, node: Node, vocabulary: Vocabulary, findings: Findings) -> Table | None:
    """Return the table under a name, or None after reporting what is wrong with it."""
    file = read_model(TableFile, node, findings)
    if not isinstance(node, Mapping) or unbracketed(node.get("keys")):
        return None
    keys = scalars(node.get("keys"))
    reader = _TableReader(vocabulary, findings, tuple(key.text for key in keys))
    good_keys = reader.check_keys(keys)
    try:
        rows = each(reader.row, members(node.get("rows")))
        columns = reader.columns(rows, members(node.get("rows")))
        picks = reader.picks(node.get("pick"), columns)
    except Faulty:
        return None
    if file is None or not good_keys:
        return None
    highest, lowest = picks.get("highest"), picks.get("lowest")
    return Table(name.text, tuple(file.keys), columns, tuple(rows), name.at, highest, lowest)


class _TableReader(NodeReader[TableShape]):
    def __init__(self, vocabulary: Vocabulary, findings: Findings, keys: tuple[str, ...]) -> None:
        super().__init__(vocabulary.facts, {}, findings, vocabulary.broken)
        self._keys = keys
        self._conditions = ConditionReader(vocabulary.facts, {}, findings, vocabulary.broken)

    def check_keys(self, keys: list[Scalar]) -> bool:
        """Report keys that are no facts; return whether all of them can be used."""
        for key in keys:
            if key.text not in self.facts and key.text not in self.broken:
                hint = did_you_mean(key.text, self.facts) or "declare it in vocabulary.yaml"
                self.findings.add(key.at, "unknown-fact", f"unknown fact `{key.text}` among the keys", hint)
        return all(key.text in self.facts for key in keys)

    def row(self, node: Node) -> Row:
        """Return a row."""
        if not isinstance(node, Mapping):
            self.fault(node, "wrong-type", f"{describe(node)} where a row was expected", "write KEY: VALUE")
        noted = [entry for entry in node.entries if entry[0].text in _NOTES]
        notes = read_model(RowNotesFile, Mapping(tuple(noted), node.at), self.findings)
        named = {key.text for key, _ in node.entries}
        parts = each(lambda entry: self._part(*entry, named), (e for e in node.entries if e[0].text not in _NOTES))
        if notes is None:
            raise Faulty
        tests = [part for part in parts if not isinstance(part, tuple)]
        cells = dict(part for part in parts if isinstance(part, tuple))
        condition = tests[0] if len(tests) == 1 else (All(tuple(tests)) if tests else None)
        citation = notes.citation.given() if notes.citation else {}
        return Row(condition, cells, node.at, citation, tuple(notes.source_id), notes.confidence)

    def _part(self, key: Scalar, node: Node, named: set[str]) -> Condition | tuple[str, Value]:
        """Return the test that a key cell makes, or a value cell with its column."""
        if key.text in self._keys:
            if key.text not in self.facts:
                raise Faulty
            return self._test(self.facts[key.text], node)
        # A key that is misspelt would be a column, and its row match everything.
        hint = did_you_mean(key.text, [name for name in self._keys if name not in named], likeness=0.8)
        if hint and key.text not in self.facts:
            self.findings.add(key.at, "unknown-column", f"`{shorten(key.text)}` is no key of the table", hint)
            raise Faulty
        return key.text, self._value(key, node)

    def _test(self, fact: Fact, node: Node) -> Condition:
        """Return what a key cell asks: a value or any of a list (on a set: one the set includes), or tests."""
        if isinstance(node, Mapping):
            condition = self._conditions.read_tests(fact, node)
            if condition is None:
                raise Faulty
            return condition
        if fact.type is FactType.LIST:
            self.fault(node, "wrong-test", f"`{fact.name}` is a list, which can't be a key", "name another fact")
        if not members(node):
            self.fault(node, "empty-list", f"{describe(node)} as a key", "leave the key out to match all")
        tests: list[Condition] = each(lambda item: self._key_test(fact, item), members(node))
        return tests[0] if len(tests) == 1 else AnyOf(tuple(tests))

    def _key_test(self, fact: Fact, node: Node) -> Condition:
        value = self.constant(fact, node)
        if fact.type is FactType.SET:
            return Test(fact.name, Op.INCLUDES, (str(value),))
        return Test(fact.name, Op.EQUALS, value)

    def _value(self, key: Scalar, node: Node) -> Value:
        """Return a value cell: of its fact's type where a fact has its name, else a number, a date or a text."""
        fact = self.facts.get(key.text)
        if fact is not None:
            if fact.type in (FactType.SET, FactType.LIST):
                message = f"a column `{key.text}`, which as a fact is {fact.type.named}"
                self.fault(node, "wrong-type", message, "give the column another name")
            return self.constant(fact, node)
        if not isinstance(node, Scalar) or is_null(node) or not node.text.strip():
            message = f"{describe(node)} where the value of `{key.text}` was expected"
            self.fault(node, "wrong-type", message, "write a number, a date or a text, or leave the cell out")
        for read in (read_number, read_date):
            try:
                return read(node.text)
            except ValueFault:
                continue
        return node.text.strip()

    def columns(self, rows: list[Row], nodes: Sequence[Node]) -> dict[str, FactType]:
        """Return the value columns with their types; a column has one type, that of most of its cells."""
        held: dict[str, list[tuple[FactType, Node]]] = {}
        for row, node in zip(rows, nodes, strict=True):
            for name, value in row.cells.items():
                kind = self.facts[name].type if name in self.facts else _type_of(value)
                held.setdefault(name, []).append((kind, under(node, name) or node))
        columns: dict[str, FactType] = {}
        odd: list[tuple[str, FactType, Node]] = []
        for name, cells in held.items():
            kinds = [kind for kind, _ in cells]
            # Of as many of each, a text is rather the one that was mistyped.
            columns[name] = max(dict.fromkeys(kinds), key=lambda k: (kinds.count(k), k is not FactType.TEXT))
            odd += [(name, columns[name], node) for kind, node in cells if kind is not columns[name]]
        each(lambda cell: self._report_odd(*cell), odd)
        return columns

    def _report_odd(self, column: str, kind: FactType, node: Node) -> NoReturn:
        """Report a cell that is not of the type that the column has in most rows."""
        message, hint = f"{describe(node)} where other rows have {kind.named}", "give the column one type"
        try:
            if kind is not FactType.TEXT and isinstance(node, Scalar):
                (read_number if kind is FactType.NUMBER else read_date)(node.text)
        except ValueFault as fault:
            message, hint = fault.message, fault.hint
        self.fault(node, "wrong-type", f"column `{column}`: {message}", hint)

    def picks(self, node: Node | None, columns: dict[str, FactType]) -> dict[str, str]:
        """Return `highest` or `lowest` with the column it names."""
        picks: dict[str, str] = {}
        for key, named in node.entries if isinstance(node, Mapping) else ():
            if key.text not in ("highest", "lowest") or picks:
                message = f"`{shorten(key.text)}` is no way to pick a row"
                self.fault(key, "unknown-key", message, "write highest or lowest, once")
            if not isinstance(named, Scalar) or not columns.get(named.text, FactType.TEXT).is_numeric:
                numeric = [name for name, kind in columns.items() if kind.is_numeric]
                hint = one_of(numeric) or "no column has numbers"
                self.fault(named, "unknown-column", f"{describe(named)} is no column of numbers", hint)
            picks[key.text] = named.text
        return picks


def _type_of(value: Value) -> FactType:
    if isinstance(value, float | int):
        return FactType.NUMBER
    return FactType.TEXT if isinstance(value, str) else FactType.DATE
