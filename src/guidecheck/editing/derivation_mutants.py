"""What stands under `derive`, each time with one thing in it changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guidecheck.editing.condition_mutants import NodeMutant, condition_mutants, test_mutants
from guidecheck.language.derivations import ElapsedUnit
from guidecheck.language.facts import Fact
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, Sequence

_RECKONED = {"sum": "product", "product": "sum"}
_UNITS = list(ElapsedUnit)
_SPANS = {f"{unit}_between": f"{_UNITS[(place + 1) % len(_UNITS)]}_between" for place, unit in enumerate(_UNITS)}


def derivation_mutants(fact: Fact, node: Node, facts: Mapping[str, Fact]) -> Iterator[NodeMutant]:
    """Yield what stands under a fact's `derive` with each thing in it changed in turn."""
    if not isinstance(node, MappingNode) or not node.entries:
        return
    key, value = node.entries[0]
    if key.text in _RECKONED:
        yield NodeMutant(key.at, f"{key.text} → {_RECKONED[key.text]}", _renamed(node, key, _RECKONED[key.text]))
        yield from _without_parts(node, key, value)
    elif key.text in _SPANS:
        yield NodeMutant(key.at, f"{key.text} → {_SPANS[key.text]}", _renamed(node, key, _SPANS[key.text]))
    elif key.text == "first_known_of" and isinstance(value, Sequence):
        yield from _without_parts(node, key, value)
        for place, part in enumerate(value.items):
            for inner in derivation_mutants(fact, part, facts) if isinstance(part, MappingNode) else ():
                parts = Sequence((*value.items[:place], inner.node, *value.items[place + 1 :]), value.at)
                yield NodeMutant(inner.at, inner.words, _with(node, key, parts))
    elif {name.text for name, _ in node.entries} == {"value", "when"}:
        for name, inner_node in node.entries:
            changed = (
                test_mutants(fact, inner_node) if name.text == "value" else condition_mutants(inner_node, facts)
            )
            for inner in changed:
                yield NodeMutant(inner.at, f"{name.text}: {inner.words}", _with(node, name, inner.node))
    elif (partly := node.key("partly")) is not None:
        rest = tuple(entry for entry in node.entries if entry[0] is not partly)
        yield NodeMutant(partly.at, "partly dropped", MappingNode(rest, node.at))
    else:
        # Of a condition; what has no condition in it (another fact's value, a table's) can only be dropped.
        yield from condition_mutants(node, facts)


def _without_parts(node: MappingNode, key: Scalar, value: Node) -> Iterator[NodeMutant]:
    """Yield a list with each part left out, where another is left."""
    items = value.items if isinstance(value, Sequence) else ()
    for place, item in enumerate(items) if len(items) > 1 else ():
        said = item.text if isinstance(item, Scalar) else f"part {place + 1}"
        rest = Sequence((*items[:place], *items[place + 1 :]), value.at)
        yield NodeMutant(item.at, f"{key.text}: {said} dropped", _with(node, key, rest))


def _with(node: MappingNode, key: Scalar, value: Node) -> MappingNode:
    return MappingNode(tuple((k, value if k is key else v) for k, v in node.entries), node.at)


def _renamed(node: MappingNode, key: Scalar, name: str) -> MappingNode:
    return MappingNode(tuple((Scalar(name, k.at) if k is key else k, v) for k, v in node.entries), node.at)
