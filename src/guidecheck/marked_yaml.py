"""YAML as nodes that know their line and column, and nothing YAML can do beyond data.

Scalars stay text: what `6`, `yes` or `00100` mean is decided by whoever knows the type that is expected, so
that codes and pages are never turned into numbers. Built from the parser's events, whose depth, number and
aliases are bounded as they come (a composed tree of 200,000 brackets would crash the C parser).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from guidecheck.errors import Finding, GuidecheckError, Location

MAX_BYTES = 5_000_000
MAX_DEPTH = 40
MAX_NODES = 500_000

# PyYAML without its C part still works, four times slower.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, as text; `quoted` tells `"yes"` from `yes`."""

    text: str
    at: Location
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys, each once, with their nodes, in file order."""

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


Node = Scalar | Sequence | Mapping


def is_null(node: Node) -> bool:
    """Tell whether a node is YAML's empty value."""
    return isinstance(node, Scalar) and not node.quoted and node.text in ("", "~", "null", "Null", "NULL")


def describe(node: Node) -> str:
    """Return what a node is in plain words, for messages."""
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if is_null(node):
        return "nothing"
    return f"`{shorten(node.text)}`"


def shorten(text: str, most: int = 60) -> str:
    """Return a text on one line and no longer than `most` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 3] + "..."


def fault(at: Location, code: str, message: str, hint: str = "") -> GuidecheckError:
    """Return an error with a single finding."""
    return GuidecheckError([Finding(at, code, message, hint)])


def read_text(path: Path, *, most: int = MAX_BYTES) -> str:
    """Return a file's text.

    Raises:
        GuidecheckError: no file, a folder, not readable, larger than `most` bytes, not UTF-8, or binary.
    """
    at = Location(str(path))
    try:
        if path.is_dir():
            raise fault(at, "is-a-folder", "this is a folder, a file was expected")
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except FileNotFoundError:
        raise fault(at, "no-such-file", "no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise fault(at, "unreadable", f"cannot be read: {reason}") from None
    return decode(data, str(path), most=most)


def decode(data: bytes, name: str, *, most: int = MAX_BYTES) -> str:
    """Return bytes as text, under the same bounds and errors as `read_text`."""
    if len(data) > most:
        raise fault(Location(name), "too-large", f"larger than {most // 1_000_000} MB, the most that is read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise fault(Location(name, line, column), "not-utf8", "not UTF-8 text", "save the file as UTF-8") from None
    for index, character in enumerate(text):
        if character < " " and character not in "\t\n\r":
            line = text.count("\n", 0, index) + 1
            column = index - text.rfind("\n", 0, index)
            raise fault(Location(name, line, column), "binary", "not a text file (it has control characters)")
    return text


def load(path: Path, duplicates: list[Finding] | None = None) -> Node:
    """Return a YAML or JSON file as nodes.

    Raises:
        GuidecheckError: see `read_text` and `parse`.
    """
    return parse(read_text(path), str(path), duplicates)


def parse(text: str, name: str, duplicates: list[Finding] | None = None) -> Node:
    """Return YAML or JSON text as nodes; `name` stands as the path in every location.

    A key that stands twice is a fault; a caller that wants to report more of the file passes a list for them,
    and the first of the two is used.

    Raises:
        GuidecheckError: empty, not YAML, more than one document, a key twice, or an anchor, alias or tag.
    """
    builder = _Builder(name)
    try:
        root = builder.build(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise _syntax_fault(error, text, name) from None
    except yaml.YAMLError as error:
        raise fault(Location(name), "yaml-syntax", f"not YAML: {shorten(str(error), 120)}") from None
    if duplicates is not None:
        duplicates.extend(builder.duplicates)
    elif builder.duplicates:
        raise GuidecheckError(builder.duplicates)
    return root


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, name: str) -> GuidecheckError:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return fault(Location(name), "yaml-syntax", f"not YAML: {error.problem}")
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    at = Location(name, mark.line + 1, mark.column + 1)
    if "\t" in line[: mark.column + 1]:
        tab = Location(name, mark.line + 1, line.index("\t") + 1)
        return fault(tab, "tab", "a tab character", "indent with spaces")
    if mark.line and mark.line >= len(lines):
        at = Location(name, len(lines), len(lines[-1]) + 1)
    problem = (error.problem or "cannot be read as YAML").replace("did not find", "missing")
    context = f" {error.context}" if error.context else ""
    hint = "look for a missing quote, bracket, colon or space here or just above"
    return fault(at, "yaml-syntax", f"not YAML: {problem}{context}", hint)


class _Builder:
    """Turns parser events into nodes without recursion, counting as it goes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self.duplicates: list[Finding] = []

    def _at(self, event: yaml.Event) -> Location:
        mark = event.start_mark
        return Location(self._name, mark.line + 1, mark.column + 1) if mark else Location(self._name)

    def build(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        open_nodes: list[_Open] = []
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise fault(
                        self._at(event),
                        "several-documents",
                        "a second document (`---`)",
                        "write one file each",
                    )
                continue
            node = self._step(event, open_nodes)
            if node is None:
                continue
            if open_nodes:
                open_nodes[-1].add(node)
            else:
                root = node
        if root is None or is_null(root):
            raise fault(Location(self._name), "empty-file", "the file is empty")
        return root

    def _step(self, event: yaml.Event, open_nodes: list[_Open]) -> Node | None:
        """Return the node that an event completes, if any."""
        if isinstance(event, yaml.NodeEvent):
            self._refuse(event, len(open_nodes))
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, self._at(event), quoted=not event.implicit[0])
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            open_nodes.append(_Open(self._at(event), isinstance(event, yaml.MappingStartEvent), self.duplicates))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            return open_nodes.pop().close()
        return None

    def _refuse(self, event: yaml.NodeEvent, depth: int) -> None:
        at = self._at(event)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise fault(at, "anchor", "anchors and aliases (`&`, `*`) are not allowed", "write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise fault(at, "tag", f"tags (`{shorten(str(tag))}`) are not allowed", "write a plain value")
        if depth >= MAX_DEPTH:
            raise fault(at, "too-deep", f"nested deeper than {MAX_DEPTH} levels")
        self._count += 1
        if self._count > MAX_NODES:
            raise fault(at, "too-many-values", f"more than {MAX_NODES:,} values in one file")


class _Open:
    """A mapping or list whose end has not been reached."""

    def __init__(self, at: Location, is_mapping: bool, duplicates: list[Finding]) -> None:
        self._at = at
        self._is_mapping = is_mapping
        self._duplicates = duplicates
        self._nodes: list[Node] = []
        self._keys: dict[str, Location] = {}

    def add(self, node: Node) -> None:
        if self._is_mapping and len(self._nodes) % 2 == 0:
            self._check_key(node)
        self._nodes.append(node)

    def _check_key(self, node: Node) -> None:
        if not isinstance(node, Scalar):
            raise fault(node.at, "bad-key", f"{describe(node)} stands where a name was expected")
        if node.text == "<<" and not node.quoted:
            raise fault(node.at, "anchor", "merging (`<<`) is not allowed", "write the values out")
        if node.text in self._keys:
            first = self._keys[node.text].line
            message = f"`{shorten(node.text)}` stands here a second time (first on line {first})"
            self._duplicates.append(Finding(node.at, "duplicate-key", message, "keep one of the two"))
        self._keys.setdefault(node.text, node.at)

    def close(self) -> Node:
        if not self._is_mapping:
            return Sequence(tuple(self._nodes), self._at)
        keys = [node for node in self._nodes[::2] if isinstance(node, Scalar)]
        return Mapping(tuple(zip(keys, self._nodes[1::2], strict=True)), self._at)


def from_data(value: object, name: str, path: str = "") -> Node:
    """Return Python data (as from `json.load`) as nodes, so that it is read and reported like a file.

    Args:
        value: mappings, lists, texts, numbers, booleans, dates or None.
        name: what the data is called in messages; a place in it follows, as in `request: items[0].treatment`.
        path: where in the data `value` stands.
    """
    at = Location(f"{name}: {path}" if path else name)
    if isinstance(value, dict):
        entries = []
        for key, inner in value.items():
            inner_path = f"{path}.{key}" if path else str(key)
            key_at = Location(f"{name}: {inner_path}")
            entries.append((Scalar(str(key), key_at, quoted=True), from_data(inner, name, inner_path)))
        return Mapping(tuple(entries), at)
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return Sequence(tuple(from_data(v, name, f"{path}[{i}]") for i, v in enumerate(items)), at)
    if value is None:
        return Scalar("", at)
    if isinstance(value, bool):
        return Scalar("yes" if value else "no", at)
    return Scalar(str(value), at, quoted=True)
