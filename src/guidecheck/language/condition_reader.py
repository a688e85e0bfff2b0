"""From YAML nodes to conditions, checked against the vocabulary; every mistake becomes a finding."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as MappingType
from itertools import product
from typing import TypeVar

from guidecheck.errors import did_you_mean, shorten
from guidecheck.language.conditions import (
    DATE_OPS,
    ORDERINGS,
    All,
    AnyOf,
    Cell,
    Condition,
    Constant,
    FactRef,
    Not,
    Op,
    Operand,
    TableName,
    Test,
    compare,
)
from guidecheck.language.facts import Fact, FactType, ValueFault, read_scalar, show_value
from guidecheck.language.spoken_tests import test_said, tests_said
from guidecheck.reading.indentation import Belongs, Entry, indented
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, Sequence, describe, is_null, unbracketed
from guidecheck.reading.node_reader import Faulty, NodeReader, TableShape, each

_Read = TypeVar("_Read")

COMBINATORS = ("all", "any", "not")

_MANY = (Op.ONE_OF, Op.NONE_OF, Op.INCLUDES, Op.INCLUDES_ANY, Op.INCLUDES_NONE)

OPS_OF_TYPE: MappingType[FactType, tuple[Op, ...]] = {
    FactType.BOOLEAN: (Op.DOCUMENTED,),
    FactType.INTEGER: (*ORDERINGS, Op.ONE_OF, Op.NONE_OF, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.NUMBER: (*ORDERINGS, Op.ONE_OF, Op.NONE_OF, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.DATE: (*DATE_OPS, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.CHOICE: (Op.ONE_OF, Op.NONE_OF, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.SET: (Op.INCLUDES, Op.INCLUDES_ANY, Op.INCLUDES_NONE, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.TEXT: (Op.ONE_OF, Op.NONE_OF, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.LIST: (Op.DOCUMENTED,),
}
"""The tests that fit each type of fact, beside plain equality."""


class ConditionReader(NodeReader[TableShape]):
    """Reads conditions; what has a mistake is reported and left out."""

    _under_not = False

    def read(self, node: Node) -> Condition | None:
        """Return a mapping of facts to tests as a condition, or None where it has a mistake."""
        try:
            return self._condition(node)
        except Faulty:
            return None

    def read_tests(self, fact: Fact, node: Node) -> Condition | None:
        """Return what stands under one fact (a value, or one or more tests) as a condition."""
        try:
            return self._tests(fact, node)
        except Faulty:
            return None

    def _condition(self, node: Node) -> Condition:
        hint = "write FACT: TEST, or all, any, not"
        if not isinstance(node, Mapping):
            self.fault(node, "bad-condition", f"{describe(node)} where a condition was expected", hint)
        if not node.entries:
            self.fault(node, "bad-condition", "a condition without a test", hint)
        parts = self._entries(node)
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _entries(self, node: Mapping) -> list[Condition]:
        return self._each(node, self._goes_under, self._entry)

    def _each(self, node: Mapping, belongs: Belongs, read: Callable[[Entry], _Read]) -> list[_Read]:
        """Return what reading gives for each entry, those put where they belong that are not indented."""
        meant = indented(node, belongs, "bad-condition", self.findings) if len(node.entries) > 1 else node
        done = each(read, meant.entries)
        if meant is not node:
            raise Faulty
        return done

    def _goes_under(self, holder: Entry, entry: Entry) -> bool:
        """Tell whether a line belongs under another with which it stands level."""
        name, above = entry[0].text, holder[0].text
        if above in COMBINATORS:
            return is_null(holder[1]) and name in self.facts
        return name not in self.facts and name in tuple(Op) and above in self.facts

    def _entry(self, entry: Entry) -> Condition:
        key, value = entry
        if key.text == "not":
            outer, self._under_not = self._under_not, True
            try:
                return Not(self._condition(value))
            finally:
                self._under_not = outer
        if key.text in ("all", "any"):
            return self._combination(key, value)
        return self._tests(self.fact(key, *COMBINATORS), value)

    def _combination(self, key: Scalar, value: Node) -> Condition:
        if isinstance(value, Mapping):
            # `all: {a: yes, b: yes}` is read as its entries one by one, which for `all` is the same and for
            # `any` is what its writer means.
            parts = self._entries(value)
        elif isinstance(value, Sequence):
            parts = each(self._condition, value.items)
        else:
            message = f"{describe(value)} under `{key.text}`, which takes a list of conditions"
            self.fault(value, "bad-condition", message, "write `- FACT: TEST` lines under it")
        if not parts:
            self.fault(value, "empty-list", f"`{key.text}` is empty", "name at least one condition")
        return All(tuple(parts)) if key.text == "all" else AnyOf(tuple(parts))

    def _tests(self, fact: Fact, value: Node) -> Condition:
        if isinstance(value, Mapping):
            if not value.entries:
                self.fault(value, "bad-condition", f"no test under `{fact.name}`", _tests_of(fact))
            tests = self._each(value, _is_right_side, lambda entry: self._test(fact, *entry))
            self._check_range(fact, tests, value)
            return tests[0] if len(tests) == 1 else All(tuple(tests))
        if fact.type in (FactType.SET, FactType.LIST):
            message = f"`{fact.name}` is {fact.type.named}, which equals no single value"
            self.fault(value, "wrong-test", message, f"{_tests_of(fact)} under it")
        if isinstance(value, Sequence):
            message = f"a list where one value of `{fact.name}` was expected"
            hint = (
                "write all, or one fact a line" if fact.type is FactType.BOOLEAN else "write `one_of:` before it"
            )
            self.fault(value, "wrong-type", message, hint)
        listed = _listed(fact, value)
        if listed:
            message = f"{describe(value)} where one value of `{fact.name}` was expected"
            self.fault(value, "wrong-type", message, f"write `one_of: {listed}` on a line under it")
        self._check_for_test(fact, value, "on a line under it", "on lines under it")
        return Test(fact.name, Op.EQUALS, self.constant(fact, value))

    def _check_for_test(self, fact: Fact, node: Node, one_goes: str, two_go: str) -> None:
        """Report a test that is written as if it were a value, such as `<= 6` or `4-6`."""
        text = node.text if isinstance(node, Scalar) and fact.type.is_ordered else ""
        tests = tests_said(fact, text)
        if tests:
            message = f"`{fact.name}`: `{shorten(text)}` is a test, not a value"
            hint = f"write {' and '.join(tests)} {one_goes if len(tests) == 1 else two_go}"
            self.fault(node, "wrong-value", message, hint)

    def _test(self, fact: Fact, key: Scalar, node: Node) -> Test:
        allowed = OPS_OF_TYPE[fact.type]
        if key.text not in allowed:
            if key.text in tuple(Op) and key.text != Op.EQUALS:
                message = f"`{key.text}` does not fit `{fact.name}`, which is {fact.type.named}"
                self.fault(key, "wrong-test", message, _tests_of(fact))
            hint = test_said(fact, key.text) or did_you_mean(key.text, allowed) or _tests_of(fact)
            self.fault(key, "unknown-test", f"unknown test `{shorten(key.text)}`", hint)
        op = Op(key.text)
        return Test(fact.name, op, self._operand(fact, op, node))

    def _operand(self, fact: Fact, op: Op, node: Node) -> Operand:
        if op is Op.DOCUMENTED:
            return self._documented(node)
        if op is Op.LISTED_IN:
            return self._listed_in(fact, node)
        if op in _MANY:
            return self._constants(fact, op, node)
        if isinstance(node, Mapping):
            return self._reference(fact, node)
        self._check_for_test(fact, node, f"in place of `{op}`", f"in place of `{op}`")
        return self.constant(fact, node)

    def _documented(self, node: Node) -> Constant:
        elsewhere = (
            "to let a criterion apply where nobody documented a fact, write `unless: {FACT: {documented: yes}}`"
        )
        if not isinstance(node, Scalar) or node.text.casefold() not in ("yes", "true"):
            self.fault(node, "wrong-value", f"`documented` takes only yes, not {describe(node)}", elsewhere)
        if self._under_not:
            message = "this never holds: `documented` is never false, so `not` has nothing to turn round"
            self.fault(node, "not-documented", message, elsewhere)
        return True

    def _listed_in(self, fact: Fact, node: Node) -> TableName:
        name, table = self.table(node)
        if fact.name not in table.keys:
            message = f"`{fact.name}` is no key of the table `{name}`"
            self.fault(node, "wrong-table", message, f"put it under {' or '.join(table.keys)}")
        return TableName(name)

    def _constants(self, fact: Fact, op: Op, node: Node) -> tuple[str, ...]:
        if isinstance(node, Mapping):
            message = f"`{op}` takes values, not {describe(node)}"
            self.fault(node, "wrong-type", message, "write a list of values")
        listed = _listed(fact, node)
        if listed:
            message = f"`{op}`: {describe(node)} where a list was expected"
            self.fault(node, "wrong-type", message, f"write a list: {listed}")
        items = node.items if isinstance(node, Sequence) else (node,)
        if not items:
            self.fault(node, "empty-list", f"an empty list under `{op}`", "name at least one value")
        values = each(lambda item: self.constant(fact, item), items)
        return tuple(values)  # type: ignore[arg-type]

    def _reference(self, fact: Fact, node: Mapping) -> FactRef | Cell:
        parts = {key.text: value for key, value in node.entries}
        if set(parts) not in ({"fact"}, {"table", "column"}):
            hint = "write a value, `fact: NAME`, or `table: NAME` and `column: NAME`"
            self.fault(node, "wrong-type", f"named values where a value of `{fact.name}` was expected", hint)
        if "fact" in parts:
            return self._fact_reference(fact, parts["fact"])
        return self._cell(fact, parts["table"], parts["column"])

    def _fact_reference(self, fact: Fact, node: Node) -> FactRef:
        other = self.fact(node)
        if other is fact:
            self.fault(node, "wrong-value", f"`{fact.name}` compared with itself", "name another fact")
        if not _comparable(fact.type, other.type):
            message = (
                f"{other.type.named}, `{other.name}`, can't be compared with {fact.type.named}, `{fact.name}`"
            )
            self.fault(node, "wrong-type", message, _comparable_hint(fact))
        return FactRef(other.name)

    def _cell(self, fact: Fact, table_node: Node, column_node: Node) -> Cell:
        name, table = self.table(table_node)
        column, held = self.column(name, table, column_node)
        if not _comparable(fact.type, held):
            message = f"{held.named}, column `{column}`, can't be compared with {fact.type.named}, `{fact.name}`"
            self.fault(column_node, "wrong-type", message, _comparable_hint(fact))
        return Cell(name, column)

    def _check_range(self, fact: Fact, tests: list[Test], node: Mapping) -> None:
        """Report two bounds that no value meets, such as at least 8 and at most 6."""
        bounds = [(t, DATE_OPS.get(t.op, t.op)) for t in tests if not isinstance(t.operand, FactRef | Cell)]
        lows = [(t, op) for t, op in bounds if op in (Op.AT_LEAST, Op.MORE_THAN)]
        highs = [(t, op) for t, op in bounds if op in (Op.AT_MOST, Op.LESS_THAN)]
        for (low, low_op), (high, high_op) in product(lows, highs):
            both_held = low_op is Op.AT_LEAST and high_op is Op.AT_MOST
            if not compare(Op.AT_LEAST if both_held else Op.MORE_THAN, high.operand, low.operand):
                message = f"no value of `{fact.name}` is both {_bound_text(low)} and {_bound_text(high)}"
                self.fault(node, "impossible-range", message, "check the two limits")


def _is_right_side(holder: Entry, entry: Entry) -> bool:
    """Tell whether a line names what the test above it compares with."""
    return entry[0].text in ("fact", "table", "column") and holder[0].text in tuple(Op)


def _listed(fact: Fact, node: Node) -> str:
    """Return as a list the values of a fact that were written as one text, without brackets; else ""."""
    entries = unbracketed(node)
    if not entries or fact.type in (FactType.BOOLEAN, FactType.DATE, FactType.LIST):
        return ""
    # A comma can stand in a value's label, and in a number such as 1,200.
    text = node.text if isinstance(node, Scalar) else ""
    if fact.choice(text) is not None or (fact.type.is_numeric and not re.search(r"[,;]\s", text)):
        return ""
    values = []
    for entry in entries:
        try:
            values.append(show_value(read_scalar(fact, entry)))
        except ValueFault:
            return ""
    return f"[{', '.join(values)}]" if len(values) > 1 else ""


def _tests_of(fact: Fact) -> str:
    """Return the tests that fit a fact, as a hint."""
    ops = ", ".join(OPS_OF_TYPE[fact.type])
    return f"write {ops}" if fact.type in (FactType.SET, FactType.LIST) else f"write a value alone, or {ops}"


def _bound_text(test: Test) -> str:
    assert not isinstance(test.operand, FactRef | Cell | TableName | tuple)
    return f"{test.op.replace('_', ' ')} {show_value(test.operand)}"


def _comparable_hint(fact: Fact) -> str:
    return f"compare it with {'another date' if fact.type is FactType.DATE else 'a number'}"


def _comparable(left: FactType, right: FactType) -> bool:
    """Whether values of two types can be compared: both numbers, or both dates."""
    return (left.is_numeric and right.is_numeric) or (left is right is FactType.DATE)
