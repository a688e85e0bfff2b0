"""A rule file with its keys in order: whole lines are moved and indented, and no value is written anew.

So whatever the author chose (quotes, brackets, where lines break) stays. A comment goes with the key that it
stands above, or, where it is indented deeper than that, with the key before; those on the first lines stay there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from guidecheck.errors import Location, fault
from guidecheck.formatting.block_tree import Blocks, Child, Leaf, block_tree
from guidecheck.formatting.key_order import Order, order_of
from guidecheck.reading.marked_yaml import Mapping, Scalar, Sequence, parse
from guidecheck.reading.marked_yaml import Node as Value

_STEP = 2
_OTHER_BREAKS = "\r\x85\u2028\u2029"


def formatted(text: str, name: str) -> str | None:
    """Return a rule file's text set out anew, or None where it is no rule file; `name` is its path in messages.

    Raises:
        GuidecheckError: it is no sound YAML, or holds what can't be moved safely.
    """
    plain = text.replace("\r\n", "\n")
    plain = plain if plain.endswith("\n") else plain + "\n"
    root = parse(plain, name)
    order = order_of(root)
    if order is None:
        return None
    if any(mark in plain for mark in _OTHER_BREAKS):
        message = "a line break other than that of a text file"
        hint = "put a plain line break in its place; some come with text that is pasted from Word"
        raise fault(Location(name), "unusual-line-break", message, hint)
    out = _formatted(plain, order)
    if not _same(root, parse(out, name)) or _comments(out) != _comments(plain):
        message = "this file cannot be set out anew safely; it is left as it is"
        hint = "put its comments on lines of their own, and its keys each on one line"
        raise fault(Location(name), "not-formatted", message, hint)
    return out


def _formatted(text: str, order: Order) -> str:
    tree = block_tree(text)
    lines = text.split("\n")
    if not isinstance(tree, Blocks):
        return text
    header, lead = _header(lines[: tree.line])
    body = _Layout(lines).blocks(tree, lead, len(lines), 0, order)
    return "\n".join([*header, *body]).rstrip("\n ") + "\n"


def _header(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return what stays at the top of a file, and the comment that belongs to its first key."""
    first = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    end = max((number + 1 for number, line in enumerate(lines) if not line.strip()), default=first)
    for number in range(end, len(lines)):
        if not lines[number].startswith("#") or "yaml-language-server:" in lines[number]:
            end = number + 1
    return _tidied(lines[:end], 0), lines[end:]


@dataclass
class _Layout:
    """Sets out the blocks of one text."""

    lines: list[str]

    def blocks(self, node: Blocks, lead: list[str], limit: int, indent: int, order: Order) -> list[str]:
        """Return a block that ends before the line `limit`, indented; `lead` are the comments before it."""
        pieces: list[tuple[Child, list[str], int]] = []
        children = node.children
        for number, child in enumerate(children):
            following = children[number + 1].line if number + 1 < len(children) else limit
            end = self._end(child, following, node.column)
            pieces.append((child, lead, end))
            lead = self.lines[end:following]
        ranked = pieces if node.is_list else sorted(pieces, key=lambda piece: order.rank(piece[0].key))
        moved = ranked != pieces
        out: list[str] = []
        for number, (child, before, end) in enumerate(ranked):
            comments = _tidied(before, indent)
            while moved and number == 0 and comments and not comments[0]:
                comments = comments[1:]
            out += comments
            out += (self._item if node.is_list else self._entry)(child, end, indent, order)
        return out + _tidied(lead, indent)

    def _end(self, child: Child, following: int, column: int) -> int:
        """Return the line before which a child ends, with the comments after it that stand deeper."""
        end = child.last + 1
        for number in range(child.last + 1, following):
            line = self.lines[number]
            if line.strip() and len(line) - len(line.lstrip()) > column:
                end = number + 1
        return end

    def _entry(self, child: Child, end: int, indent: int, order: Order) -> list[str]:
        value, line = child.value, self.lines[child.line]
        column = len(line) - len(line.lstrip(" -"))
        if isinstance(value, Leaf) or value.line == child.line:
            return self._shifted(child, end, column, indent, child.last)
        inner = self.blocks(
            value, self.lines[child.line + 1 : value.line], end, indent + _STEP, order.under(child.key)
        )
        return [" " * indent + line[column:].rstrip(), *inner]

    def _item(self, child: Child, end: int, indent: int, order: Order) -> list[str]:
        value = child.value
        line = self.lines[child.line]
        column = len(line) - len(line.lstrip())
        if not isinstance(value, Blocks) or value.is_list or value.line != child.line:
            return self._shifted(child, end, column, indent, child.last)
        inner = self.blocks(value, [], end, indent + _STEP, order)
        start = next(number for number, text in enumerate(inner) if text and not text.lstrip().startswith("#"))
        # What comes to stand above the first key stands above its dash.
        above = [text[_STEP:] if text else text for text in inner[:start]]
        return [*above, f"{' ' * indent}- {inner[start].lstrip()}", *inner[start + 1 :]]

    def _shifted(self, child: Child, end: int, column: int, indent: int, last: int) -> list[str]:
        """Return lines moved to the side together; only where there is one are spaces at its end no content."""
        by = indent - column
        lines = self.lines[child.line : end]
        out = [" " * indent + lines[0][column:]]
        for line in lines[1:]:
            spaces = len(line) - len(line.lstrip(" "))
            out.append(" " * max(0, spaces + by) + line[spaces:] if line.strip() else line)
        if last == child.line:
            out[0] = out[0].rstrip()
        return out


def _tidied(lines: list[str], indent: int) -> list[str]:
    """Return comments and blank lines: indented, no two blank ones together."""
    out: list[str] = []
    for line in lines:
        text = line.strip()
        if text or not out or out[-1]:
            out.append(" " * indent + text if text else "")
    return out


def _comments(text: str) -> Counter[str]:
    """Return the lines of a text without their indent: they are moved, and none is lost or written anew."""
    words = (line.strip().removeprefix("- ").strip() for line in text.split("\n"))
    return Counter(word for word in words if word)


def _same(left: Value, right: Value) -> bool:
    """Tell whether two nodes hold the same, whatever the order of keys."""
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return (left.text, left.quoted) == (right.text, right.quoted)
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        return len(left.items) == len(right.items) and all(map(_same, left.items, right.items))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        others = {key.text: value for key, value in right.entries}
        return len(others) == len(left.entries) and all(
            key.text in others and _same(value, others[key.text]) for key, value in left.entries
        )
    return False
