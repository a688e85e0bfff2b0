"""Blocks as GitHub-flavoured Markdown."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from guidecheck.handbook.blocks import Block, Bullet, Field, Grid, Heading, Link, Paragraph, Words
from guidecheck.render.markdown import escaped


@dataclass(frozen=True)
class MarkdownForm:
    """Writes the blocks of a page; links lead from it to where `page` lies among the others."""

    page: str

    def text(self, blocks: Iterable[Block]) -> str:
        """Return blocks as a page."""
        lines: list[str] = []
        before: Block | None = None
        for block in blocks:
            if before is not None and not (isinstance(block, Field | Bullet) and type(block) is type(before)):
                lines.append("")
            lines += self._lines(block)
            before = block
        return "\n".join(lines) + "\n"

    def _lines(self, block: Block) -> Iterator[str]:
        match block:
            case Heading(text, level, anchor):
                if anchor:
                    yield from (f'<a id="{anchor}"></a>', "")
                yield f"{'#' * level} {escaped(text)}"
            case Paragraph(text):
                yield self._words(text)
            case Field(name, text, below):
                yield f"- **{escaped(name)}:** {self._words(text)}"
                yield from self._bullets(below, 2)
            case Bullet():
                yield from self._bullets((block,), 0)
            case Grid(columns, rows):
                yield f"| {' | '.join(map(escaped, columns))} |"
                yield f"| {' | '.join('---' for _ in columns)} |"
                yield from (f"| {' | '.join(map(escaped, row))} |" for row in rows)

    def _bullets(self, bullets: Iterable[Bullet], indent: int) -> Iterator[str]:
        for bullet in bullets:
            yield f"{' ' * indent}- {self._words(bullet.text)}"
            yield from self._bullets(bullet.below, indent + 2)

    def _words(self, words: Words) -> str:
        pieces = (words,) if isinstance(words, str) else words
        return "".join(self._piece(piece) for piece in pieces)

    def _piece(self, piece: str | Link) -> str:
        if isinstance(piece, Link):
            return f"[{escaped(piece.words)}]({self._target(piece)})"
        # Spaces at its ends keep it apart from what stands beside it.
        start, end = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
        return f"{start}{escaped(piece)}{end}" if piece.strip() else piece

    def _target(self, link: Link) -> str:
        anchor = f"#{link.anchor}" if link.anchor else ""
        if link.page == self.page:
            return anchor
        return f"{posixpath.relpath(link.page, posixpath.dirname(self.page) or '.')}.md{anchor}"
