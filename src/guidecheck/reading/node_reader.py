"""What readers of conditions, tables and derivations share: mistakes, and looking up what a node names."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Generic, NoReturn, Protocol, TypeVar

from guidecheck.errors import Finding, Findings, did_you_mean, one_of, shorten
from guidecheck.language.facts import Fact, FactType, LimitFault, Plain, ValueFault, read_scalar
from guidecheck.reading.marked_yaml import Node, Scalar, describe, is_null, slip_in


class TableShape(Protocol):
    """What naming a table needs to know of it."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The facts that pick a row."""

    @property
    def columns(self) -> Mapping[str, FactType]:
        """The value columns and their types."""


class Faulty(Exception):  # noqa: N818 - no error of the program: what stands here has been reported
    """A part of what is read has a mistake, and is left out."""


AnyTable = TypeVar("AnyTable", bound=TableShape)


class NodeReader(Generic[AnyTable]):
    """Looks up what nodes name; mistakes are reported, and raise `Faulty`.

    Facts and tables in `broken` are declared, but with mistakes reported there: what names them is faulty too,
    but not a mistake of its own.
    """

    def __init__(
        self,
        facts: Mapping[str, Fact],
        tables: Mapping[str, AnyTable],
        findings: Findings,
        broken: Container[str] = (),
    ) -> None:
        self.facts = facts
        self.tables = tables
        self.findings = findings
        self.broken = broken

    def fault(self, node: Node, code: str, message: str, hint: str) -> NoReturn:
        """Report a mistake and leave; a slip of the keyboard in a value is reported instead of its effect."""
        slip = slip_in(node) or Finding(node.at, code, message, hint)
        self.findings.add(slip.location, slip.code, slip.message, slip.hint)
        raise Faulty

    def fact(self, node: Node, *others: str) -> Fact:
        """Return the fact that a node names; `others` are names that could stand here too, for the hint."""
        if not isinstance(node, Scalar) or is_null(node):
            message = f"{describe(node)} where a fact's name was expected"
            self.fault(node, "wrong-type", message, "write a name that the vocabulary declares under `facts`")
        if node.text in self.facts:
            return self.facts[node.text]
        if node.text not in self.broken:
            hint = did_you_mean(node.text, [*self.facts, *others]) or "declare it in vocabulary.yaml"
            self.fault(node, "unknown-fact", f"unknown fact `{shorten(node.text)}`", hint)
        raise Faulty

    def table(self, node: Node) -> tuple[str, AnyTable]:
        """Return the name and the table that a node names."""
        if not isinstance(node, Scalar) or is_null(node):
            message = f"{describe(node)} where a table's name was expected"
            hint = one_of(self.tables) or "declare one under `tables`"
            self.fault(node, "wrong-type", message, hint)
        if node.text in self.tables:
            return node.text, self.tables[node.text]
        if node.text not in self.broken:
            hint = did_you_mean(node.text, self.tables) or "declare it under `tables`"
            self.fault(node, "unknown-table", f"unknown table `{shorten(node.text)}`", hint)
        raise Faulty

    def column(self, name: str, table: AnyTable, node: Node) -> tuple[str, FactType]:
        """Return the name and the type of a table's column that a node names."""
        word = node.text if isinstance(node, Scalar) else ""
        if word not in table.columns:
            hint = did_you_mean(word, table.columns) or one_of(table.columns) or "give its rows one"
            self.fault(node, "unknown-column", f"the table `{name}` has no column {describe(node)}", hint)
        return word, table.columns[word]

    def constant(self, fact: Fact, node: Node) -> Plain:
        """Return a value of a fact (of a set: one member's name)."""
        if not isinstance(node, Scalar) or is_null(node):
            message = f"{describe(node)} where a value of `{fact.name}` was expected"
            self.fault(node, "wrong-type", message, f"it is {fact.type.named}")
        try:
            return read_scalar(fact, node.text)
        except LimitFault as fault:
            hint = f"{fault.hint}, or `minimum` and `maximum` of the fact in the vocabulary"
            self.fault(node, "wrong-value", f"`{fact.name}`: {fault.message}", hint)
        except ValueFault as fault:
            self.fault(node, "wrong-value", f"`{fact.name}`: {fault.message}", fault.hint)


_Read = TypeVar("_Read")
_Given = TypeVar("_Given")


def each(read: Callable[[_Given], _Read], given: Iterable[_Given]) -> list[_Read]:
    """Return what reading gives for each; where some have mistakes, all are read before that is told."""
    done: list[_Read] = []
    faulty = False
    for one in given:
        try:
            done.append(read(one))
        except Faulty:
            faulty = True
    if faulty:
        raise Faulty
    return done
