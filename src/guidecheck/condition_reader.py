"""From YAML nodes to conditions, checked against the vocabulary; every mistake becomes a finding."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Protocol

from guidecheck.conditions import (
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
from guidecheck.errors import Finding, Location, did_you_mean, one_of
from guidecheck.facts import Fact, FactType, ValueFault, read_boolean, read_scalar, show_value
from guidecheck.marked_yaml import Mapping, Node, Scalar, Sequence, describe, is_null

COMBINATORS = ("all", "any", "not")

_MANY = (Op.ONE_OF, Op.NONE_OF, Op.INCLUDES, Op.INCLUDES_ANY, Op.INCLUDES_NONE)

_OPS_OF_TYPE: dict[FactType, tuple[Op, ...]] = {
    FactType.BOOLEAN: (Op.DOCUMENTED,),
    FactType.INTEGER: (*ORDERINGS, Op.ONE_OF, Op.NONE_OF, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.NUMBER: (*ORDERINGS, Op.ONE_OF, Op.NONE_OF, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.DATE: (*DATE_OPS, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.CHOICE: (Op.ONE_OF, Op.NONE_OF, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.SET: (Op.INCLUDES, Op.INCLUDES_ANY, Op.INCLUDES_NONE, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.TEXT: (Op.ONE_OF, Op.NONE_OF, Op.LISTED_IN, Op.DOCUMENTED),
    FactType.LIST: (Op.DOCUMENTED,),
}


class TableShape(Protocol):
    """What a condition needs to know of a table."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The facts that pick a row."""

    @property
    def columns(self) -> MappingType[str, FactType]:
        """The value columns and their types."""


class ConditionReader:
    """Reads conditions; mistakes are appended to `findings` and the faulty part is left out."""

    def __init__(
        self,
        facts: MappingType[str, Fact],
        tables: MappingType[str, TableShape],
        findings: list[Finding],
    ) -> None:
        self._facts = facts
        self._tables = tables
        self._findings = findings

    def read(self, node: Node) -> Condition | None:
        """Return a mapping of facts to tests as a condition, or None where it has a mistake."""
        return self._read(node, negated=False)

    def read_tests(self, fact: Fact, node: Node) -> Condition | None:
        """Return what stands under one fact (a value, or one or more tests) as a condition."""
        return self._fact_entry(fact, node, negated=False)

    def fault(self, at: Location, code: str, message: str, hint: str = "") -> None:
        """Report a mistake."""
        self._findings.append(Finding(at, code, message, hint))

    def _read(self, node: Node, *, negated: bool) -> Condition | None:
        if not isinstance(node, Mapping):
            hint = "write FACT: TEST, or all, any, not"
            self.fault(node.at, "bad-condition", f"{describe(node)} where a condition was expected", hint)
            return None
        if not node.entries:
            self.fault(node.at, "bad-condition", "an empty condition", "name a fact and a test, or leave it out")
            return None
        parts = [self._entry(key, value, negated) for key, value in node.entries]
        return _joined(parts)

    def _entry(self, key: Scalar, value: Node, negated: bool) -> Condition | None:
        if key.text == "not":
            part = self._read(value, negated=True)
            return None if part is None else Not(part)
        if key.text in ("all", "any"):
            return self._combination(key, value, negated)
        fact = self._facts.get(key.text)
        if fact is None:
            hint = did_you_mean(key.text, [*self._facts, *COMBINATORS])
            self.fault(
                key.at, "unknown-fact", f"unknown fact `{key.text}`", hint or "declare it in vocabulary.yaml"
            )
            return None
        return self._fact_entry(fact, value, negated=negated)

    def _combination(self, key: Scalar, value: Node, negated: bool) -> Condition | None:
        if isinstance(value, Mapping):
            # `all: {a: yes, b: yes}` is read as its entries one by one, which for `all` is the same and for
            # `any` is what its writer means.
            parts = [self._entry(name, test, negated) for name, test in value.entries]
        elif isinstance(value, Sequence):
            parts = [self._read(item, negated=negated) for item in value.items]
        else:
            hint = "write a list of conditions"
            self.fault(value.at, "bad-condition", f"`{key.text}` holds {describe(value)}", hint)
            return None
        if not parts:
            self.fault(value.at, "empty-list", f"`{key.text}` is empty", "name at least one condition")
            return None
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return All(tuple(known)) if key.text == "all" else AnyOf(tuple(known))

    def _fact_entry(self, fact: Fact, value: Node, *, negated: bool) -> Condition | None:
        if isinstance(value, Mapping):
            if not value.entries:
                hint = one_of(self._ops(fact))
                self.fault(value.at, "bad-condition", f"no test under `{fact.name}`", hint)
                return None
            tests = [self._test(fact, key, operand, negated) for key, operand in value.entries]
            condition = _joined(tests)
            if condition is not None:
                self._check_range(fact, condition, value.at)
            return condition
        if fact.type in (FactType.SET, FactType.LIST):
            hint = (
                "write includes, includes_any or includes_none" if fact.type is FactType.SET else "documented: yes"
            )
            self.fault(
                value.at, "wrong-test", f"`{fact.name}` is a {fact.type}, which equals no single value", hint
            )
            return None
        if isinstance(value, Sequence):
            hint = f"write {fact.name}: {{one_of: [...]}}"
            self.fault(value.at, "wrong-type", f"a list where one value of `{fact.name}` was expected", hint)
            return None
        constant = self._constant(fact, value)
        return None if constant is None else Test(fact.name, Op.EQUALS, constant)

    def _ops(self, fact: Fact) -> tuple[str, ...]:
        return tuple(str(op) for op in _OPS_OF_TYPE[fact.type])

    def _test(self, fact: Fact, key: Scalar, node: Node, negated: bool) -> Condition | None:
        allowed = self._ops(fact)
        if key.text not in allowed:
            known = [str(op) for op in Op if op is not Op.EQUALS]
            if key.text in known:
                message = f"`{key.text}` does not fit `{fact.name}`, which is a {fact.type}"
                self.fault(key.at, "wrong-test", message, one_of(allowed))
            else:
                hint = did_you_mean(key.text, allowed) or one_of(allowed)
                self.fault(key.at, "unknown-test", f"unknown test `{key.text}`", hint)
            return None
        op = Op(key.text)
        operand = self._operand(fact, op, node, negated)
        return None if operand is None else Test(fact.name, op, operand)

    def _operand(self, fact: Fact, op: Op, node: Node, negated: bool) -> Operand | None:
        if op is Op.DOCUMENTED:
            return self._documented(node, negated)
        if op is Op.LISTED_IN:
            return self._listed_in(fact, node)
        if op in _MANY:
            return self._constants(fact, op, node)
        if isinstance(node, Mapping):
            return self._reference(fact, node)
        return self._constant(fact, node)

    def _documented(self, node: Node, negated: bool) -> Constant | None:
        if not isinstance(node, Scalar) or node.text.casefold() not in ("yes", "true"):
            message = f"`documented` takes only yes, not {describe(node)}"
            self.fault(
                node.at, "wrong-type", message, "what applies unless a fact is documented stands in `unless`"
            )
            return None
        if negated:
            message = "`documented` under `not`: it is never false"
            self.fault(
                node.at,
                "not-documented",
                message,
                "what applies unless a fact is documented goes in `unless`",
            )
            return None
        return True

    def _listed_in(self, fact: Fact, node: Node) -> TableName | None:
        table = self._table(node)
        if table is None or not isinstance(node, Scalar):
            return None
        if fact.name not in table.keys:
            hint = f"put it under {one_of(table.keys)}"
            self.fault(node.at, "wrong-table", f"`{fact.name}` is no key of the table `{node.text}`", hint)
            return None
        return TableName(node.text)

    def _table(self, node: Node | None) -> TableShape | None:
        if not isinstance(node, Scalar):
            return None
        table = self._tables.get(node.text)
        if table is None:
            hint = did_you_mean(node.text, self._tables) or "declare it under `tables`"
            self.fault(node.at, "unknown-table", f"unknown table `{node.text}`", hint)
        return table

    def _constants(self, fact: Fact, op: Op, node: Node) -> tuple[str, ...] | None:
        if isinstance(node, Mapping):
            self.fault(
                node.at, "wrong-type", f"`{op}` takes values, not {describe(node)}", "write a list of values"
            )
            return None
        items = node.items if isinstance(node, Sequence) else (node,)
        if not items:
            self.fault(node.at, "empty-list", f"an empty list under `{op}`", "name at least one value")
            return None
        values = [self._constant(fact, item) for item in items]
        known = [value for value in values if value is not None]
        return tuple(known) if len(known) == len(values) else None  # type: ignore[arg-type]

    def _reference(self, fact: Fact, node: Mapping) -> Operand | None:
        names = {key.text for key, _ in node.entries}
        if names == {"fact"}:
            return self._fact_reference(fact, node.entries[0][1])
        if names == {"table", "column"}:
            return self._cell(fact, node)
        hint = "write a value, {fact: NAME} or {table: NAME, column: NAME}"
        self.fault(node.at, "wrong-type", "a mapping where a value was expected", hint)
        return None

    def _fact_reference(self, fact: Fact, node: Node) -> FactRef | None:
        other = self._facts.get(node.text) if isinstance(node, Scalar) else None
        if other is None or not isinstance(node, Scalar):
            word = node.text if isinstance(node, Scalar) else describe(node)
            self.fault(node.at, "unknown-fact", f"unknown fact `{word}`", did_you_mean(word, self._facts))
            return None
        if not _comparable(fact.type, other.type):
            message = (
                f"`{other.name}` is a {other.type}, which can't be compared with `{fact.name}`, a {fact.type}"
            )
            self.fault(node.at, "wrong-type", message)
            return None
        return FactRef(other.name)

    def _cell(self, fact: Fact, node: Mapping) -> Cell | None:
        table = self._table(node.get("table"))
        column = node.get("column")
        if table is None or not isinstance(column, Scalar):
            return None
        held = table.columns.get(column.text)
        if held is None:
            hint = did_you_mean(column.text, table.columns) or one_of(table.columns)
            self.fault(column.at, "unknown-column", f"the table has no column `{column.text}`", hint)
            return None
        if not _comparable(fact.type, held):
            message = f"column `{column.text}` holds a {held}, which can't be compared with `{fact.name}`"
            self.fault(column.at, "wrong-type", message)
            return None
        table_name = node.get("table")
        assert isinstance(table_name, Scalar)
        return Cell(table_name.text, column.text)

    def _constant(self, fact: Fact, node: Node) -> Constant | None:
        if not isinstance(node, Scalar) or is_null(node):
            message = f"{describe(node)} where a value of `{fact.name}` was expected"
            self.fault(node.at, "wrong-type", message, f"`{fact.name}` is a {fact.type}")
            return None
        try:
            value = read_scalar(fact, node.text)
        except ValueFault as fault:
            self.fault(node.at, "wrong-value", fault.message, fault.hint)
            return None
        assert not isinstance(value, frozenset | tuple)
        return value

    def _check_range(self, fact: Fact, condition: Condition, at: Location) -> None:
        """Report two bounds that no value meets, such as at least 8 and at most 6."""
        tests = condition.parts if isinstance(condition, All) else (condition,)
        bounds = [
            t for t in tests if isinstance(t, Test) and not isinstance(t.operand, FactRef | Cell | TableName)
        ]
        lows = [t for t in bounds if DATE_OPS.get(t.op, t.op) in (Op.AT_LEAST, Op.MORE_THAN)]
        highs = [t for t in bounds if DATE_OPS.get(t.op, t.op) in (Op.AT_MOST, Op.LESS_THAN)]
        for low in lows:
            for high in highs:
                strict = DATE_OPS.get(low.op, low.op) is Op.MORE_THAN
                order = Op.MORE_THAN if strict else Op.AT_LEAST
                if DATE_OPS.get(high.op, high.op) is Op.LESS_THAN:
                    order = Op.MORE_THAN
                if not compare(order, high.operand, low.operand):
                    low_text, high_text = _bound_text(low), _bound_text(high)
                    message = f"no value of `{fact.name}` is both {low_text} and {high_text}"
                    self.fault(at, "impossible-range", message, "check the two limits")


def _bound_text(test: Test) -> str:
    assert not isinstance(test.operand, FactRef | Cell | TableName | tuple)
    return f"{test.op.replace('_', ' ')} {show_value(test.operand)}"


def _comparable(left: FactType, right: FactType) -> bool:
    """Whether values of two types can be compared: both numbers, or both dates."""
    return (left.is_numeric and right.is_numeric) or (left is right is FactType.DATE)


def _joined(parts: list[Condition | None]) -> Condition | None:
    """Return parts that must all hold as one condition; None where one of them has a mistake."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return known[0] if len(known) == 1 else All(tuple(known))


def read_yes_no(node: Node) -> bool | None:
    """Return a scalar yes or no as a boolean, None for anything else."""
    if not isinstance(node, Scalar):
        return None
    try:
        return read_boolean(node.text)
    except ValueFault:
        return None
