"""A letter with the found facts marked in it, for a person to check: on the terminal, or as one HTML page."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TextIO

from guidecheck.language.facts import show_value
from guidecheck.letters.layouts import Stretch
from guidecheck.letters.reading import LetterCase

_CLAIM, _ITSELF = "claim", "item"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the letter as it came, with what was read from it."""

    start: int
    end: int
    label: str
    basis: str


def marks_of(case: LetterCase) -> list[Mark]:
    """Return a mark for every fact, in order of place; what several items take from the same words stands once."""
    found: dict[tuple[int, int, str, str], list[str]] = {}

    def note(span: Stretch, what: str, basis: str, owner: str) -> None:
        start, end = case.text.raw_span(span.start, span.end)
        owners = found.setdefault((start, end, what, basis), [])
        if owner not in owners:
            owners.append(owner)

    for name, stated in case.claim.items():
        note(stated.span, f"{name}: {_shown(stated.value)}", "records", _CLAIM)
    for item in case.items:
        note(item.heading_span, f"item {item.id}: {item.outcome}", "heading", _ITSELF)
        for name, stated in item.stated.items():
            basis = "heading" if stated.span == item.heading_span else "records"
            note(stated.span, f"{name}: {_shown(stated.value)}", basis, item.id)
        for name, held in item.findings.items():
            for finding in held.values():
                note(finding.span, f"{name}: {_shown(finding.value)}", finding.basis.value, item.id)
    everywhere = len(case.items)
    marks = []
    for (start, end, what, basis), owners in found.items():
        alone = len(owners) == everywhere or owners in ([_CLAIM], [_ITSELF])
        marks.append(Mark(start, end, what if alone else f"{what} ({', '.join(owners)})", basis))
    return sorted(marks, key=lambda m: (m.start, -m.end))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(part) for part in value)
    if isinstance(value, dict):
        return " ".join(_shown(part) for part in value.values())
    return show_value(value)


def _stretches(length: int, marks: Sequence[Mark]) -> Iterator[tuple[int, int, list[Mark]]]:
    """Yield the text in order, each stretch with the marks that it lies in."""
    bounds = sorted({0, length, *(m.start for m in marks), *(m.end for m in marks)})
    for start, end in pairwise(bounds):
        yield start, end, [m for m in marks if m.start <= start and end <= m.end]


def write_marked(raw: str, case: LetterCase, marks: Sequence[Mark], out: TextIO) -> None:
    """Write a letter with numbers beside the marked words, and behind it what the numbers mean."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False, soft_wrap=True)
    colors = {"records": "bright_green", "reviewer": "bright_yellow", "heading": "bright_cyan"}
    numbers = {mark: number for number, mark in enumerate(marks, 1)}
    text = Text()
    for start, end, held in _stretches(len(raw), marks):
        text.append(_printable(raw[start:end]), style=f"black on {colors[held[-1].basis]}" if held else "")
        ending = [str(numbers[mark]) for mark in held if mark.end == end]
        if ending:
            text.append(f"[{','.join(ending)}]", style="bold")
    console.print(text)
    console.print(Text(f"\n{case.case_id}, as of {case.as_of} ({case.as_of_basis})"))
    for mark in marks:
        console.print(Text(f"[{numbers[mark]}] {mark.label}  ({mark.basis}, characters {mark.start}-{mark.end})"))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)


_STYLE = (
    "body{font:16px/1.5 Georgia,serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}"
    "main{white-space:pre-wrap}mark{color:inherit}main,td:nth-child(2){overflow-wrap:anywhere}"
    ".records{background:#c9efc9}.reviewer{background:#ffe9a8}.heading{background:#c6e4f7}"
    "sup{font:bold .65em sans-serif}table{border-collapse:collapse;font:.9rem sans-serif}"
    "td,th{border:1px solid #ccc;padding:.2em .5em;text-align:left;vertical-align:top}"
)


def html_page(raw: str, case: LetterCase, marks: Sequence[Mark]) -> str:
    """Return a page without scripts or links to elsewhere: the marked letter, then a table of the facts."""
    numbers = {mark: number for number, mark in enumerate(marks, 1)}
    body: list[str] = []
    for start, end, held in _stretches(len(raw), marks):
        words = html.escape(_printable(raw[start:end]))
        if held:
            title = html.escape("; ".join(mark.label for mark in held), quote=True)
            words = f'<mark class="{held[-1].basis}" title="{title}">{words}</mark>'
        ending = [numbers[mark] for mark in held if mark.end == end]
        links = ",".join(f'<a href="#f{n}">{n}</a>' for n in ending)
        body.append(words + (f"<sup>{links}</sup>" if links else ""))
    rows = "".join(_row(numbers[mark], mark) for mark in marks)
    name = html.escape(case.case_id)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{name}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{name}</h1>"
        f"<p>As of {case.as_of} ({html.escape(case.as_of_basis)}). Marked: "
        '<mark class="records">the records</mark>, <mark class="reviewer">the reviewer</mark>, '
        '<mark class="heading">the request</mark>.</p>'
        f"<main>{''.join(body)}</main><h2>Facts</h2><table><tr><th>No.</th><th>Fact</th><th>Basis</th>"
        f"<th>Characters</th></tr>{rows}</table></body></html>\n"
    )


def _row(number: int, mark: Mark) -> str:
    cells = (str(number), mark.label, mark.basis, f"{mark.start}-{mark.end}")
    inner = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f'<tr id="f{number}">{inner}</tr>'
