"""Blocks as text for a terminal, wrapped to its width."""

from __future__ import annotations

from collections.abc import Iterable

from guidecheck.handbook.blocks import Block, Bullet, Field, Grid, Heading, Paragraph, plain
from guidecheck.render.page import Page

_NAME_WIDTH = 14


def write_blocks(page: Page, blocks: Iterable[Block]) -> None:
    """Write blocks on a page."""
    before: Block | None = None
    for block in blocks:
        below_heading = isinstance(before, Heading) and before.level > 1
        starts = isinstance(block, Heading) or type(block) is not type(before)
        if before is not None and starts and not below_heading:
            page.gap()
        _write(page, block)
        before = block


def _write(page: Page, block: Block) -> None:
    match block:
        case Heading(text, level):
            if level == 1:
                page.rule()
            page.say(text, style="bold" if level < 3 else "")
            if level == 1:
                page.rule()
        case Paragraph(text):
            page.say(plain(text))
        case Field(name, text, below):
            page.say(plain(text), indent=_NAME_WIDTH, lead=name, lead_style="dim")
            _bullets(page, below, _NAME_WIDTH)
        case Bullet():
            _bullets(page, (block,), 0)
        case Grid(columns, rows):
            page.grid(columns, rows)


def _bullets(page: Page, bullets: Iterable[Bullet], indent: int) -> None:
    for bullet in bullets:
        page.say(plain(bullet.text), indent=indent + 2, lead=f"{' ' * indent}- ")
        _bullets(page, bullet.below, indent + 2)
