"""An `any` with a single alternative, as a forgotten dash leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guidecheck.errors import Finding
from guidecheck.language.conditions import All, AnyOf, Condition, Not
from guidecheck.language.derivations import conditions_in
from guidecheck.lint.context import Context, warning
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, Sequence, members, under

SINGLE_ALTERNATIVE = "single-alternative"


def check_alternatives(context: Context) -> Iterator[Finding]:
    """Yield a finding for each `any` of a guideline or a derivation that leaves no choice."""
    for guideline in context.library.guidelines.values():
        if _has_single(guideline.conditions):
            node = context.guideline_node(guideline)
            yield from _check(node.get("applies_to"))
            for criterion in members(node.get("criteria")):
                for key in ("when", "unless", "require"):
                    yield from _check(under(criterion, key))
    for name, derivation in context.library.vocabulary.derivations.items():
        if _has_single(conditions_in(derivation)):
            for vocabulary in context.files.vocabularies:
                yield from _check(under(under(under(vocabulary, "facts"), name), "derive"))


def _has_single(conditions: Iterable[Condition]) -> bool:
    """Tell whether conditions have such an `any`: their nodes, which are slower to look through, say where."""
    for condition in conditions:
        if isinstance(condition, AnyOf) and len(condition.parts) == 1:
            return True
        if isinstance(condition, Not) and _has_single([condition.part]):
            return True
        if isinstance(condition, All | AnyOf) and _has_single(condition.parts):
            return True
    return False


def _check(node: Node | None) -> Iterator[Finding]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _check(item)
    elif isinstance(node, Mapping):
        for key, inner in node.entries:
            entries = inner.entries if isinstance(inner, Mapping) else members(inner)
            if key.text == "any" and len(entries) == 1:
                yield _finding(key, inner)
            yield from _check(inner)


def _finding(any_key: Scalar, node: Node) -> Finding:
    alternative = node.items[0] if isinstance(node, Sequence) else node
    keys = [key for key, _ in alternative.entries] if isinstance(alternative, Mapping) else []
    message = "`any` has a single alternative"
    if len(keys) < 2:
        return warning(any_key.at, SINGLE_ALTERNATIVE, message, "add another, or leave `any` out")
    names = " and ".join(f"`{key.text}`" for key in keys)
    asks = f"{message}, which asks for {'both' if len(keys) == 2 else 'all of'} {names}"
    dashed = " and ".join(f"`{key.text}`" for key in keys[1:])
    hint = f"put `- ` before {dashed}; where all of it is asked for, write `all` for `any`"
    return warning(keys[1].at, SINGLE_ALTERNATIVE, asks, hint)
