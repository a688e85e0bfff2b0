"""YAML as nodes that know their line and column, and nothing YAML can do beyond data.

Scalars stay text: what `6`, `yes` or `00100` mean is decided by whoever knows the type that is expected, so
that codes and pages are never turned into numbers. Built from the parser's events, whose depth, number and
aliases are bounded as they come (a composed tree of 200,000 brackets would crash the C parser).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from guidecheck.errors import Finding, Findings, GuidecheckError, Location, fault, shorten
from guidecheck.reading.slips import line_slip
from guidecheck.reading.text_files import read_text
from guidecheck.reading.yaml_syntax import no_text_below, syntax_fault

MAX_DEPTH = 40
MAX_NODES = 200_000

# PyYAML without its C part still works, four times slower.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True, eq=False)
class Scalar:
    """A single value, as text; `quoted` tells `"yes"` from `yes`, `cut` is what a `#` close before it cuts off."""

    text: str
    at: Location
    quoted: bool = False
    cut: Scalar | None = None


@dataclass(slots=True, eq=False)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    at: Location


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys with their nodes, in file order; of a key that stands twice (a reported mistake) the first."""

    entries: tuple[tuple[Scalar, Node], ...]
    at: Location

    def get(self, key: str) -> Node | None:
        """Return the node under a key, or None."""
        for scalar, node in self.entries:
            if scalar.text == key:
                return node
        return None

    def key(self, key: str) -> Scalar | None:
        """Return the key's own node, or None."""
        for scalar, _ in self.entries:
            if scalar.text == key:
                return scalar
        return None


# None of the three is changed once a file is read; freezing them would cost a third of the time of reading.
Node = Scalar | Sequence | Mapping


def is_null(node: Node) -> bool:
    """Tell whether a node is YAML's empty value."""
    return isinstance(node, Scalar) and not node.quoted and node.text in ("", "~", "null", "Null", "NULL")


def describe(node: Node) -> str:
    """Return what a node is in plain words, for messages."""
    if isinstance(node, Sequence):
        return "a list" if node.items else "an empty list"
    if isinstance(node, Mapping):
        return "named values" if node.entries else "empty braces"
    if is_null(node):
        return "nothing"
    return f"`{shorten(node.text)}`"


def slip_in(node: Node) -> Finding | None:
    """Return what was mistyped in a value that was meant for NAME: VALUE, as a mistake."""
    return line_slip(node.text, node.at) if isinstance(node, Scalar) and not node.quoted else None


def unbracketed(node: Node | None) -> list[str]:
    """Return the entries of a list that was written without its brackets (`a, b`), or none."""
    if not isinstance(node, Scalar) or node.quoted:
        return []
    parts = [part.strip() for part in re.split("[,;]", node.text)]
    return parts if len(parts) > 1 and all(parts) else []


def scalars(node: Node | None) -> list[Scalar]:
    """Return the single values among the members of a list; what lacks its brackets is reported elsewhere."""
    if unbracketed(node):
        return []
    return [item for item in members(node) if isinstance(item, Scalar) and not is_null(item)]


def members(node: Node | None) -> tuple[Node, ...]:
    """Return the members of a list; anything else but nothing stands for a list of one."""
    if isinstance(node, Sequence):
        return node.items
    return () if node is None or is_null(node) else (node,)


def under(node: Node | None, key: str) -> Node | None:
    """Return what stands under a key, or None where there is none, or no mapping."""
    return node.get(key) if isinstance(node, Mapping) else None


def place(node: Node, *path: str) -> Location:
    """Return where the value under a path of keys stands, as far as the path goes."""
    for key in path:
        inner = under(node, key)
        if inner is None:
            break
        node = inner
    return node.at


def load(path: Path, findings: list[Finding] | None = None) -> Node:
    """Return a YAML or JSON file as nodes.

    Raises:
        GuidecheckError: see `read_text` and `parse`.
    """
    return parse(read_text(path), str(path), findings)


def parse(text: str, name: str, findings: list[Finding] | None = None) -> Node:
    """Return YAML or JSON text as nodes; `name` stands as the path in every location.

    Keys that stand twice, or that hold what can't be seen, are mistakes; a caller that wants to report more of
    the file passes a list for them.

    Raises:
        GuidecheckError: empty, not YAML, more than one document, or an anchor, alias or tag; without a list, a
            mistake in a key too.
    """
    builder = _Builder(name)
    try:
        root = builder.build(text)
    except yaml.YAMLError as error:
        raise syntax_fault(error, text, name) from None
    if findings is not None:
        findings.extend(builder.findings)
    elif builder.findings:
        raise GuidecheckError(builder.findings)
    return root


# Double quotes can hold escapes such as \e, which would reach a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


# A comment, by YAML; where no space comes after the sign, perhaps part of a text: Widget #3.
_CUT = re.compile(r"[ \t]+(#[^\s#]\S*)")


class _Builder:
    """Turns parser events into nodes without recursion, counting as it goes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.findings = Findings()

    def build(self, text: str) -> Node:
        root: Node | None = None
        nodes: list[Node] = []  # of the innermost open mapping or list
        opened: list[tuple[list[Node], Location, bool]] = []
        name, count = self._name, 0
        lines = text.splitlines() if _CUT.search(text) else []
        for event in events(text):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                mark = event.start_mark
                at = Location(name, mark.line + 1, mark.column + 1)
                if event.anchor is not None or event.tag is not None:
                    self._refuse(event, at)
                end = event.end_mark
                plain = event.implicit[0] and end.line < len(lines)
                cut = _CUT.match(lines[end.line], end.column) if plain else None
                off = Scalar(cut[1], Location(name, end.line + 1, cut.start(1) + 1)) if cut else None
                node: Node = Scalar(event.value, at, not event.implicit[0], off)
                if event.style in ("|", ">") and not event.value.strip():
                    raise no_text_below(at)
                if event.style == '"' and _CONTROL.search(event.value):
                    raise fault(
                        at, "control-character", f"a control character in {describe(node)}", "leave it out"
                    )
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                mark = event.start_mark
                at = Location(name, mark.line + 1, mark.column + 1)
                if event.anchor is not None or event.tag is not None:
                    self._refuse(event, at)
                if len(opened) >= MAX_DEPTH:
                    raise _too_deep(at)
                opened.append((nodes, at, kind is yaml.MappingStartEvent))
                nodes = []
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                inner = nodes
                nodes, at, is_mapping = opened.pop()
                node = self._mapping(inner, at) if is_mapping else Sequence(tuple(inner), at)
            elif kind is yaml.AliasEvent:
                mark = event.start_mark
                self._refuse(event, Location(name, mark.line + 1, mark.column + 1))
                continue
            elif kind is yaml.DocumentStartEvent and root is not None:
                mark = event.start_mark
                at = Location(name, mark.line + 1, mark.column + 1)
                raise fault(
                    at, "several-documents", "a second document begins here (`---`)", "write a file for each"
                )
            else:
                continue
            count += 1
            if count > MAX_NODES:
                message = f"more than {MAX_NODES:,} values in one file"
                raise fault(at, "too-many-values", message, "is this the right file? else split it into several")
            if opened:
                nodes.append(node)
            else:
                root = node
        if root is None or is_null(root):
            message = "the file is empty, or has only comments"
            raise fault(Location(name), "empty-file", message, "write something into it, or delete it")
        return root

    def _refuse(self, event: yaml.Event, at: Location) -> None:
        if getattr(event, "anchor", None) is not None:
            raise fault(
                at,
                "anchor",
                "anchors and aliases (`&`, `*`) are not allowed",
                "write the value out, or put a text that begins with & or * in quotes",
            )
        tag = getattr(event, "tag", None)
        raise fault(
            at,
            "tag",
            f"tags (`{shorten(str(tag))}`) are not allowed",
            "write a plain value, or put a text that begins with ! in quotes",
        )

    def _mapping(self, nodes: list[Node], at: Location) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise fault(key.at, "bad-key", f"{describe(key)} where a name was expected", "write NAME: VALUE")
            if not key.text.isidentifier():
                self._check_key(key)
            text = key.text
            first = entries.get(text)
            if first is None:
                entries[text] = (key, value)
            else:
                message = f"`{shorten(text)}` stands here a second time (first on line {first[0].at.line})"
                self.findings.add(key.at, "duplicate-key", message, "keep one of the two")
        return Mapping(tuple(entries.values()), at)

    def _check_key(self, key: Scalar) -> None:
        text = key.text
        if text == "<<" and not key.quoted:
            raise fault(key.at, "anchor", "merging (`<<`) is not allowed", "write the values out")
        if not text.isprintable():
            message = f"a character that can't be seen in the name {describe(key)}"
            unseen = next(index for index, mark in enumerate(text) if not mark.isprintable())
            at = key.at if key.quoted else key.at._replace(column=key.at.column + unseen)
            self.findings.add(at, "unseen-character", message, "type the line anew, with plain spaces")
            key.text = "".join(c for c in text if c.isprintable()).strip()


def events(text: str) -> Iterator[Any]:
    """Yield the parser's events, unbounded: for a text that `parse` has let pass.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    loader = _Loader(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _too_deep(at: Location) -> GuidecheckError:
    message = f"nested deeper than {MAX_DEPTH} levels"
    return fault(at, "too-deep", message, "is a bracket or an indentation wrong? else say it with fewer levels")


def from_data(value: object, name: str, path: str = "", depth: int = 0) -> Node:
    """Return Python data (as from `json.load`) as nodes, so that it is read and reported like a file.

    Args:
        value: mappings, lists, texts, numbers, booleans, dates or None.
        name: what the data is called in messages; a place in it follows, as in `request: items[0].treatment`.
        path: where in the data `value` stands.
        depth: how many mappings and lists it stands in.

    Raises:
        GuidecheckError: nested too deep, or in itself.
    """
    at = Location(f"{name}: {path}" if path else name)
    if depth > MAX_DEPTH:
        raise _too_deep(Location(name))
    if isinstance(value, dict):
        entries = []
        for key, inner in value.items():
            inner_path = f"{path}.{key}" if path else str(key)
            key_at = Location(f"{name}: {inner_path}")
            entries.append((Scalar(str(key), key_at, quoted=True), from_data(inner, name, inner_path, depth + 1)))
        return Mapping(tuple(entries), at)
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return Sequence(tuple(from_data(v, name, f"{path}[{i}]", depth + 1) for i, v in enumerate(items)), at)
    if value is None:
        return Scalar("", at)
    if isinstance(value, bool):
        return Scalar("yes" if value else "no", at)
    return Scalar(str(value), at, quoted=True)
