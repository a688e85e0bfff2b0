"""A condition's nodes, each time with one thing changed: a limit, a test, a value, a part.

Nodes and not conditions are changed, so that every change keeps its line and column, and is read like a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from guidecheck.errors import Location
from guidecheck.language.condition_reader import COMBINATORS
from guidecheck.language.conditions import Op
from guidecheck.language.facts import Fact, FactType, ValueFault, read_boolean, read_date, read_number, show_value
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, Sequence

_SWAPPED = {
    Op.AT_MOST: Op.LESS_THAN,
    Op.LESS_THAN: Op.AT_MOST,
    Op.AT_LEAST: Op.MORE_THAN,
    Op.MORE_THAN: Op.AT_LEAST,
    Op.BEFORE: Op.ON_OR_BEFORE,
    Op.ON_OR_BEFORE: Op.BEFORE,
    Op.AFTER: Op.ON_OR_AFTER,
    Op.ON_OR_AFTER: Op.AFTER,
    Op.ONE_OF: Op.NONE_OF,
    Op.NONE_OF: Op.ONE_OF,
    Op.INCLUDES: Op.INCLUDES_ANY,
    Op.INCLUDES_ANY: Op.INCLUDES_NONE,
    Op.INCLUDES_NONE: Op.INCLUDES_ANY,
}
"""What an operator is taken for when one is taken for another."""

_STRICT = (Op.LESS_THAN, Op.MORE_THAN, Op.BEFORE, Op.AFTER)
_DOWNWARD = (Op.AT_MOST, Op.LESS_THAN, Op.ON_OR_BEFORE, Op.BEFORE)


@dataclass(frozen=True, slots=True)
class NodeMutant:
    """A node with one thing changed: where, and what, in words."""

    at: Location
    words: str
    node: Node


Entry = tuple[Scalar, Node]
_Entries = tuple[Entry, ...]


def condition_mutants(node: Node, facts: Mapping[str, Fact]) -> Iterator[NodeMutant]:
    """Yield a condition with each thing in it changed in turn."""
    if not isinstance(node, MappingNode):
        return
    for at, words, entries in _entries_mutants(node.entries, facts, node.at, joined="all"):
        yield NodeMutant(at, words, MappingNode(entries, node.at))


def test_mutants(fact: Fact, node: Node) -> Iterator[NodeMutant]:
    """Yield what stands under a fact (a value, or tests) with each thing in it changed in turn."""
    if isinstance(node, Scalar):
        yield from _value_mutants(fact, node)
    elif isinstance(node, MappingNode):
        for place, (key, value) in enumerate(node.entries):
            if len(node.entries) > 1:
                rest = node.entries[:place] + node.entries[place + 1 :]
                yield NodeMutant(key.at, f"{fact.name} {_words(key.text)} dropped", MappingNode(rest, node.at))
            for at, words, entry in _operator_mutants(fact, key, value):
                yield NodeMutant(at, words, MappingNode(_with(node.entries, place, entry), node.at))


def negated(node: Node) -> Node:
    """Return the opposite of a condition."""
    return MappingNode(((Scalar("not", node.at), node),), node.at)


def _with(entries: _Entries, place: int, *instead: Entry) -> _Entries:
    return entries[:place] + instead + entries[place + 1 :]


def _words(op: str) -> str:
    return op.replace("_", " ")


_Found = Iterator[tuple[Location, str, _Entries]]


def _entries_mutants(entries: _Entries, facts: Mapping[str, Fact], at: Location, *, joined: str) -> _Found:
    """Yield entries that are joined by `all` or `any`, with each thing changed in turn."""
    if len(entries) > 1:
        other = "any" if joined == "all" else "all"
        parts = tuple(MappingNode((entry,), entry[0].at) for entry in entries)
        if joined == "all":
            # Of a mapping under `any`, the key itself is changed.
            yield at, "all of these → any of these", ((Scalar(other, at), Sequence(parts, at)),)
        for place, (key, value) in enumerate(entries):
            yield key.at, f"{_said(key, value)} dropped", entries[:place] + entries[place + 1 :]
    for place, (key, value) in enumerate(entries):
        for where, words, instead in _entry_mutants(key, value, facts):
            yield where, words, _with(entries, place, *instead)


def _said(key: Scalar, value: Node) -> str:
    """Return a short name of a part of a condition."""
    if key.text in COMBINATORS:
        return f"`{key.text}`"
    return f"{key.text} {value.text}" if isinstance(value, Scalar) else key.text


def _entry_mutants(key: Scalar, value: Node, facts: Mapping[str, Fact]) -> _Found:
    """Yield one entry of a condition with each thing changed in turn."""
    if key.text == "not":
        yield key.at, "not dropped", ((Scalar("all", key.at), value),)
        for inner in condition_mutants(value, facts):
            yield inner.at, inner.words, ((key, inner.node),)
    elif key.text in ("all", "any"):
        yield from _combination_mutants(key, value, facts)
    elif key.text in facts:
        fact = facts[key.text]
        for inner in test_mutants(fact, value):
            yield inner.at, inner.words, ((key, inner.node),)
        if _is_set_or_listing(value):
            words = f"{_said(key, value)} negated"
            yield key.at, words, ((Scalar("not", key.at), MappingNode(((key, value),), key.at)),)


def _is_set_or_listing(value: Node) -> bool:
    """Tell whether what stands under a fact is one test whose operator has no opposite."""
    names = [key.text for key, _ in value.entries] if isinstance(value, MappingNode) else []
    return names in ([Op.LISTED_IN], [Op.INCLUDES])


def _combination_mutants(key: Scalar, value: Node, facts: Mapping[str, Fact]) -> _Found:
    other = "any" if key.text == "all" else "all"
    if isinstance(value, MappingNode):
        if len(value.entries) > 1:
            # Written as a list, since under `all` as under `any` a mapping's entries are its parts.
            parts = tuple(MappingNode((entry,), entry[0].at) for entry in value.entries)
            yield key.at, f"{key.text} → {other}", ((Scalar(other, key.at), Sequence(parts, value.at)),)
        for at, words, entries in _entries_mutants(value.entries, facts, value.at, joined="any"):
            yield at, words, ((key, MappingNode(entries, value.at)),)
        return
    items = value.items if isinstance(value, Sequence) else ()
    if len(items) > 1:
        yield key.at, f"{key.text} → {other}", ((Scalar(other, key.at), value),)
    for place, item in enumerate(items):
        if len(items) > 1:
            rest = items[:place] + items[place + 1 :]
            yield item.at, f"{_part_said(item)} dropped", ((key, Sequence(rest, value.at)),)
        for inner in condition_mutants(item, facts):
            changed = (*items[:place], inner.node, *items[place + 1 :])
            yield inner.at, inner.words, ((key, Sequence(changed, value.at)),)


def _part_said(item: Node) -> str:
    if isinstance(item, MappingNode):
        return " and ".join(_said(key, value) for key, value in item.entries)
    return "a part"


def _operator_mutants(fact: Fact, key: Scalar, value: Node) -> Iterator[tuple[Location, str, Entry]]:
    """Yield one test under a fact with its operator or its right side changed."""
    if key.text not in tuple(Op):
        return
    op = Op(key.text)
    if op in _SWAPPED:
        swapped = _SWAPPED[op]
        yield key.at, f"{fact.name} {_words(op)} → {_words(swapped)}", (Scalar(swapped, key.at), value)
    if isinstance(value, Sequence):
        for place, item in enumerate(value.items):
            if len(value.items) > 1 and isinstance(item, Scalar):
                rest = Sequence(value.items[:place] + value.items[place + 1 :], value.at)
                yield item.at, f"{fact.name} {_words(op)} {item.text} dropped", (key, rest)
    elif isinstance(value, Scalar) and fact.type.is_ordered:
        for step in _steps(fact, op):
            moved = moved_value(fact.type, value, step)
            if moved is not None:
                yield value.at, f"{fact.name} {_words(op)} {value.text} → {moved.text}", (key, moved)


def _steps(fact: Fact, op: Op) -> tuple[int, ...]:
    """Return the steps by which a limit is moved: not the one that the operator's other form already makes."""
    if fact.type is FactType.NUMBER:
        return (1, -1)
    down = (op in _DOWNWARD) is not (op in _STRICT)
    return (1,) if down else (-1,)


def moved_value(kind: FactType, node: Scalar, step: int) -> Scalar | None:
    """Return a number or a date moved by one step, or None where it is neither.

    A step is one day, or one of the last place that the number has: 0.1 of 2.4.
    """
    try:
        if kind is FactType.DATE:
            return Scalar(str(read_date(node.text) + timedelta(days=step)), node.at)
        held = read_number(node.text)
        places = len(show_value(held).partition(".")[2])
        return Scalar(show_value(round(held + step * 10**-places, places)), node.at)
    except (ValueFault, OverflowError):
        return None


def _value_mutants(fact: Fact, node: Scalar) -> Iterator[NodeMutant]:
    """Yield a plain value changed: another truth, another choice, the numbers beside it."""
    instead: list[Scalar] = []
    if fact.type is FactType.BOOLEAN:
        try:
            instead = [Scalar("no" if read_boolean(node.text) else "yes", node.at)]
        except ValueFault:
            return
    elif fact.type.is_ordered:
        instead = [moved for step in (1, -1) if (moved := moved_value(fact.type, node, step)) is not None]
    elif fact.type is FactType.CHOICE:
        instead = [Scalar(name, node.at) for name in _next_choice(fact, fact.choice(node.text))]
    for other in instead:
        yield NodeMutant(node.at, f"{fact.name} {node.text} → {other.text}", other)
    if fact.type in (FactType.CHOICE, FactType.TEXT):
        none_of = MappingNode(((Scalar(Op.NONE_OF, node.at), node),), node.at)
        yield NodeMutant(node.at, f"{fact.name} {node.text} → none of {node.text}", none_of)


def _next_choice(fact: Fact, name: str | None) -> list[str]:
    """Return the choice after one, the first after the last; none where there is but one."""
    names = list(fact.choices)
    if name not in names or len(names) < 2:
        return []
    return [names[(names.index(name) + 1) % len(names)]]
