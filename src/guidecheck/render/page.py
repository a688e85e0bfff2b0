"""A page of text: wrapped to its width, with hanging indents, and safe for any terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from io import StringIO

from rich.console import Console
from rich.text import Text

from guidecheck.render.characters import is_unicode, printable, to_ascii
from guidecheck.render.grid_text import grid_lines

WIDEST = 100
"""Prose is not set wider than this, however wide the terminal."""

NARROWEST = 40
_GLUE = "\ue000"
"""Stands for a space at which no line may break; `printable` keeps it out of what others wrote."""

_TOGETHER = re.compile(r"\b(pages?|CCR) (?=\d)")


class Page:
    """Collects lines; `text` gives them all.

    Nothing is printed here, so that an answer is written whole or not at all.
    """

    def __init__(self, width: int, *, color: bool = False, unicode: bool = True) -> None:
        self.width = max(NARROWEST, min(width, WIDEST))
        self.unicode = unicode
        self._out = StringIO()
        self._console = Console(
            file=self._out,
            width=self.width,
            force_terminal=color,
            color_system="standard" if color else None,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )

    @classmethod
    def for_output(cls, environment: Mapping[str, str] = os.environ) -> Page:
        """Return a page that fits standard output: no color when piped or with NO_COLOR, ASCII where need be."""
        console = Console()
        color = sys.stdout.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
        return cls(console.width, color=color, unicode=is_unicode(sys.stdout.encoding))

    @property
    def text(self) -> str:
        """Everything on the page."""
        return self._out.getvalue() if self.unicode else to_ascii(self._out.getvalue())

    def gap(self) -> None:
        """Leave a line empty."""
        self._console.print()

    def rule(self) -> None:
        """Draw a line across the page."""
        self._console.print(Text("\N{BOX DRAWINGS LIGHT HORIZONTAL}" * self.width, style="dim"))

    def say(self, text: str, *, indent: int = 0, lead: str = "", style: str = "", lead_style: str = "") -> None:
        """Add a wrapped text; `lead` stands in the indent of its first line."""
        body = Text(_TOGETHER.sub(rf"\1{_GLUE}", printable(text)), style=style)
        for number, line in enumerate(body.wrap(self._console, self.width - indent)):
            line.rstrip()
            line.plain = line.plain.replace(_GLUE, " ")
            first = lead.ljust(indent) if number == 0 else " " * indent
            self._console.print(Text(first, style=lead_style if number == 0 else "") + line, soft_wrap=True)

    def grid(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a table that fits the page, its last column below each row where it finds no room."""
        cells = [[printable(cell) for cell in row] for row in rows]
        for bold, line in grid_lines([printable(name) for name in columns], cells, self.width):
            self._console.print(Text(line, style="bold" if bold else ""), soft_wrap=True)
