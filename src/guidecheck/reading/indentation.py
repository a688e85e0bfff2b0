"""Lines that stand level with the name under which they belong, and so leave it empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from guidecheck.errors import Findings
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, is_null

_MOST_NAMED = 3
_MOST_MOVED = 1_000

Entry = tuple[Scalar, Node]


def indented(node: Mapping, belongs: Callable[[str, str], bool], code: str, findings: Findings) -> Mapping:
    """Return a mapping with what stands level with an empty name put under it, after reporting each such place.

    Args:
        node: as it is written; it is returned where nothing is to be moved.
        belongs: tells of two names whether the second can stand only under the first.
        code: of the mistake.
        findings: gets one mistake for each empty name, at the first line to move.
    """
    entries: list[Entry] = []
    moved = 0
    for place, (holder, value) in enumerate(node.entries):
        if place < len(entries) + moved:
            continue
        strays = _strays(node.entries, place, belongs) if is_null(value) else []
        if strays:
            first = strays[0][0]
            message = f"`{first.text}` stands level with `{holder.text}`, which is left empty"
            hint = f"indent {_named([key for key, _ in strays])} by two more spaces, under `{holder.text}`"
            findings.add(first.at, code, message, hint)
            value = Mapping(tuple(strays), first.at)
            moved += len(strays)
        entries.append((holder, value))
    return Mapping(tuple(entries), node.at) if moved else node


def _strays(entries: Sequence[Entry], place: int, belongs: Callable[[str, str], bool]) -> list[Entry]:
    """Return the entries right below the empty name at a place among them that belong under it."""
    holder = entries[place][0]
    strays: list[Entry] = []
    for below in range(place + 1, min(place + _MOST_MOVED, len(entries))):
        key, value = entries[below]
        level = key.at.column == holder.at.column and key.at.line > holder.at.line
        if not level or not belongs(holder.text, key.text):
            break
        strays.append((key, value))
    return strays


def _named(keys: Sequence[Scalar]) -> str:
    names = [f"`{key.text}`" for key in keys]
    rest = len(names) - _MOST_NAMED
    if rest > 0:
        return f"{', '.join(names[:_MOST_NAMED])} and {rest} other{'s' if rest > 1 else ''}"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
