"""Tables as lines of text that fit a width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

_GAP = "  "
_LEAST_NOTE = 24
"""The last column stands beside the others where it can be this wide, or needs no more than it has."""

_NOTE_INDENT = 4


def grid_lines(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[tuple[bool, str]]:
    """Yield the lines of a table, each with whether it is of the heading.

    The last column is for longer text: where the others leave it too little room it stands below each row.
    """
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    room = width - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1)
    beside = room >= min(widths[-1], _LEAST_NOTE)
    if beside:
        widths[-1] = min(widths[-1], room)
    else:
        widths = _narrowed(widths[:-1], [columns, *rows], width)
    right = [
        all(not row[place] or row[place].replace(".", "", 1).isdecimal() for row in rows)
        for place in range(len(widths))
    ]
    for number, cells in enumerate([columns, *rows]):
        for line in _laid_out(cells, widths, right):
            yield number == 0, line
        if not beside:
            for line in textwrap.wrap(cells[-1], width - _NOTE_INDENT, break_on_hyphens=False):
                yield number == 0, " " * _NOTE_INDENT + line


def _narrowed(widths: list[int], lines: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return widths at which columns fit, taken from the widest first, and from no word if that can be."""
    widths = list(widths)
    words = [
        max(len(word) for line in lines for word in line[place].split() or [""]) for place in range(len(widths))
    ]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        places = [place for place in range(len(widths)) if widths[place] > words[place]]
        widest = max(places or range(len(widths)), key=lambda place: widths[place])
        if widths[widest] <= 1:
            break
        widths[widest] -= 1
    return widths


def _laid_out(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    columns = [
        textwrap.wrap(cell, width, break_on_hyphens=False) or [""]
        for cell, width in zip(cells, widths, strict=False)
    ]
    for parts in zip_longest(*columns, fillvalue=""):
        told = [
            part.rjust(width) if at_right else part.ljust(width)
            for part, width, at_right in zip(parts, widths, right, strict=True)
        ]
        yield _GAP.join(told).rstrip()
