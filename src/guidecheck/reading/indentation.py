"""Lines that stand level with the name under which they belong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from guidecheck.errors import Findings
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, is_null

_MOST_NAMED = 3
_MOST_MOVED = 1_000

Entry = tuple[Scalar, Node]


Belongs = Callable[[Entry, Entry], bool]
"""Tells of two entries whether the second belongs under the first, which is empty or has entries already."""


def indented(node: Mapping, belongs: Belongs, code: str, findings: Findings) -> Mapping:
    """Return a mapping with what stands level with the name it belongs under put there, after reporting that.

    Args:
        node: as it is written; it is returned where nothing is to be moved.
        belongs: tells what is to be moved.
        code: of the mistake.
        findings: gets one mistake for each name that lacks what belongs under it, at the first line to move.
    """
    entries: list[Entry] = []
    moved = 0
    for place, (holder, value) in enumerate(node.entries):
        if place < len(entries) + moved:
            continue
        strays = _strays(node.entries, place, belongs)
        if strays:
            first = strays[0][0]
            reason = "which is left empty" if is_null(value) else "under which it belongs"
            message = f"`{first.text}` stands level with `{holder.text}`, {reason}"
            hint = f"indent {_named([key for key, _ in strays])} by two more spaces, under `{holder.text}`"
            findings.add(first.at, code, message, hint)
            above = value.entries if isinstance(value, Mapping) else ()
            value = Mapping((*above, *strays), value.at if above else first.at)
            moved += len(strays)
        entries.append((holder, value))
    return Mapping(tuple(entries), node.at) if moved else node


def _strays(entries: Sequence[Entry], place: int, belongs: Belongs) -> list[Entry]:
    """Return the entries right below the name at a place among them that belong under it."""
    name, value = holder = entries[place]
    strays: list[Entry] = []
    if not isinstance(value, Mapping) and not is_null(value):
        return strays
    for below in range(place + 1, min(place + _MOST_MOVED, len(entries))):
        entry = entries[below]
        at = entry[0].at
        if at.column != name.at.column or at.line == name.at.line or not belongs(holder, entry):
            break
        strays.append(entry)
    return strays


def _named(keys: Sequence[Scalar]) -> str:
    names = [f"`{key.text}`" for key in keys]
    rest = len(names) - _MOST_NAMED
    if rest > 0:
        return f"{', '.join(names[:_MOST_NAMED])} and {rest} other{'s' if rest > 1 else ''}"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
