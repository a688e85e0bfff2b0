"""The pieces that pages are made of, before it is decided whether a terminal or Markdown shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to another place: a page (without its ending) and an anchor on it, either of them ""."""

    words: str
    page: str
    anchor: str = ""


Words = str | tuple[str | Link, ...]
"""A text, or one in pieces, some of which lead elsewhere."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 stands once, at the top of a page. `anchor` is what links to it name."""

    text: str
    level: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of prose."""

    text: Words


@dataclass(frozen=True, slots=True)
class Field:
    """A named piece of information, with lines that stand below it."""

    name: str
    text: Words
    below: tuple[Bullet, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullet:
    """A point of a list, with those below it."""

    text: Words
    below: tuple[Bullet, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: a name for each column, and rows of as many cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Field | Bullet | Grid


def plain(words: Words) -> str:
    """Return words without where they lead."""
    if isinstance(words, str):
        return words
    return "".join(piece if isinstance(piece, str) else piece.words for piece in words)


def joined(pieces: Iterable[Link], separator: str = ", ") -> tuple[str | Link, ...]:
    """Return links as one text, with a separator between them."""
    found: list[str | Link] = []
    for piece in pieces:
        found += [separator, piece] if found else [piece]
    return tuple(found)
