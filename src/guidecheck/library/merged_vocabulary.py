"""One vocabulary from several that are laid over each other."""

from __future__ import annotations

import json
from collections.abc import Iterable

from guidecheck.errors import Location
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, Sequence

_STEP = "  "
# What YAML takes for the end of a line, even in quotes.
_LINE_ENDS = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}


def merge_vocabularies(nodes: Iterable[Node]) -> str:
    """Return the text of a vocabulary with each fact, table and need from the last that has it, in first place."""
    sections: dict[str, dict[str, tuple[Scalar, Node]]] = {}
    for node in nodes:
        for section, holder in node.entries if isinstance(node, Mapping) else ():
            named = sections.setdefault(section.text, {})
            for key, inner in holder.entries if isinstance(holder, Mapping) else ():
                named[key.text] = (key, inner)
    nowhere = Location("")
    whole = Mapping(
        tuple(
            (Scalar(name, nowhere), Mapping(tuple(named.values()), nowhere)) for name, named in sections.items()
        ),
        nowhere,
    )
    note = "# Laid together from several vocabularies; their comments are left out.\n"
    return note + "".join(f"{line}\n" for line in _lines(whole))


def _lines(node: Node) -> Iterable[str]:
    """Yield the lines of a mapping or list, one entry a line."""
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield from _entry(f"{_scalar(key)}:", value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _entry("-", item)


def _entry(lead: str, value: Node) -> Iterable[str]:
    if isinstance(value, Scalar):
        yield f"{lead} {_scalar(value)}".rstrip()
    elif not (value.entries if isinstance(value, Mapping) else value.items):
        yield f"{lead} {'{}' if isinstance(value, Mapping) else '[]'}"
    else:
        yield lead
        yield from (_STEP + line for line in _lines(value))


def _scalar(scalar: Scalar) -> str:
    """Return a value as it stood: what was plain on one line is plain in block style too."""
    if not scalar.quoted and "\n" not in scalar.text:
        return scalar.text
    return json.dumps(scalar.text, ensure_ascii=False).translate(_LINE_ENDS)
