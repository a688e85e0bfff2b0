"""Where the block mappings and lists of a YAML text begin and end, by lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from guidecheck.reading.marked_yaml import events


@dataclass(slots=True)
class Leaf:
    """What is not looked into: a value, or anything in brackets; `last` is its last line with content."""

    line: int
    column: int
    last: int


@dataclass(slots=True)
class Blocks:
    """A block mapping or list: its children by the lines on which they begin (a list's: with their dashes)."""

    line: int
    column: int
    last: int
    is_list: bool
    children: list[Child] = field(default_factory=list)


@dataclass(slots=True)
class Child:
    """An entry of a mapping, with its key, or of a list, with ""."""

    key: str
    line: int
    value: Node
    last: int


Node = Leaf | Blocks


def block_tree(text: str) -> Node | None:
    """Return the blocks of a text that is known to be sound YAML (see `marked_yaml.parse`); None for no value."""
    lines = text.split("\n")
    stream = events(text)
    for event in stream:
        if isinstance(event, yaml.NodeEvent):
            return _node(event, stream, lines)
    return None


def _node(event: Any, stream: Iterator[Any], lines: list[str]) -> Node:
    line, column = event.start_mark.line, event.start_mark.column
    if isinstance(event, yaml.ScalarEvent):
        return Leaf(line, column, _last_of_scalar(event, lines))
    if event.flow_style:
        depth = 1
        while depth:
            inner = next(stream)
            depth += isinstance(inner, yaml.CollectionStartEvent) - isinstance(inner, yaml.CollectionEndEvent)
        return Leaf(line, column, inner.end_mark.line)
    blocks = Blocks(line, column, line, isinstance(event, yaml.SequenceStartEvent))
    plain = True
    for first in stream:
        if isinstance(first, yaml.CollectionEndEvent):
            break
        start = first.start_mark.line
        key = ""
        if blocks.is_list:
            value = _node(first, stream, lines)
            while lines[start][column : column + 1] != "-":
                start -= 1
        else:
            key = first.value
            # `? key` and the like are left as they are.
            plain = plain and first.start_mark.column == column and not lines[start][:column].strip(" -")
            plain = plain and first.end_mark.line == start
            value = _node(next(stream), stream, lines)
        blocks.last = max(start, value.last)
        blocks.children.append(Child(key, start, value, blocks.last))
    return blocks if plain else Leaf(line, column, blocks.last)


def _last_of_scalar(event: Any, lines: list[str]) -> int:
    start, end = event.start_mark, event.end_mark
    if event.style not in ("|", ">"):
        return int(end.line)
    # A block's mark may lie beyond blank lines and comments that are no part of it.
    header = lines[start.line][start.column :].split("#")[0]
    last = max(start.line, end.line - 1)
    while last > start.line and "+" not in header and not lines[last].strip():
        last -= 1
    return int(last)
