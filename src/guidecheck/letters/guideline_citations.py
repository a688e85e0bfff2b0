"""The guidelines that the administrator and the reviewer relied on, with sections and pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guidecheck.letters.expressions import expression
from guidecheck.letters.layouts import ItemPart, Letter
from guidecheck.letters.pattern_words import CitationWords

_PAGES_JOINT = re.compile(r"\s*(?:,|and)\s*")
_RANGE = re.compile(r"\s*(?:-|to)\s*")


@dataclass(frozen=True, slots=True)
class Cited:
    """A guideline relied on."""

    name: str
    section: str
    pages: str

    def as_data(self) -> dict[str, str]:
        """Return it as JSON data, without what isn't stated."""
        return {key: value for key in ("name", "section", "pages") if (value := getattr(self, key))}


class CitationReader:
    """Reads guideline paragraphs by the expressions of `layouts.yaml`."""

    def __init__(self, words: CitationWords) -> None:
        self._words = {name: expression(e) for name, e in words.model_dump().items()}

    def read(self, letter: Letter, item: ItemPart) -> tuple[list[Cited], list[Cited]]:
        """Return what the administrator and what the reviewer of an item relied on."""
        administrator = " ".join(letter.words(s) for s in item.administrator)
        reviewer = " ".join(letter.words(s) for s in item.reviewer)
        expert = self._words["expert"].search(administrator)
        if reviewer or not administrator or expert is None:
            return self._cited(administrator), self._cited(reviewer)
        # 2013: one paragraph, in which the reviewer agrees or names other sections.
        theirs = self._cited(administrator[: expert.start()])
        said = administrator[expert.end() :]
        own = self._cited(said, theirs[-1].name if theirs else "") if self._words["own"].search(said) else []
        return theirs, (theirs if self._words["agrees"].search(said) or not own else []) + own

    def _cited(self, text: str, named: str = "") -> list[Cited]:
        """Return what a text cites; what is no guideline's name is a section of the one named before, if any."""
        based = [match.span() for match in self._words["based"].finditer(text)]
        found: list[Cited] = []
        starts = [end for _, end in based] or [0]
        ends = [*(start for start, _ in based[1:]), len(text)]
        for start, end in zip(starts, ends, strict=True):
            found += self._one(text[start:end].strip(), named)
        return list(dict.fromkeys(found))

    def _one(self, text: str, named: str) -> list[Cited]:
        name = self._words["name"].match(text)
        if name is None or (name["only"] and self._words["none"].search(text)):
            return []
        title, rest = " ".join(name["name"].split()).strip(" ,.:"), text[name.end() :]
        if named and name["only"]:
            title, rest = named, text
        pages = list(self._words["pages"].finditer(rest))
        if not pages:
            sections = self._words["section"].search(rest)
            return [Cited(title, self._tidy(sections[1]) if sections else self._first(rest), "")]
        bounds = [0, *(place for match in pages for place in match.span()), len(rest)]
        # What stands between pages is the section of those behind it; of those before it where these come first.
        sections_before = [self._first(rest[at:to]) for at, to in zip(bounds[:-1:2], bounds[1::2], strict=True)]
        if sections_before[0]:
            sections_named = sections_before[:-1]
        else:
            sections_named = [self._first(rest[at:to]) for at, to in zip(bounds[2::2], bounds[3::2], strict=True)]
        return [
            Cited(title, section, _pages(match[1])) for section, match in zip(sections_named, pages, strict=True)
        ]

    def _first(self, text: str) -> str:
        """Return the section that a text begins with."""
        return self._tidy(self._words["section_end"].split(text.lstrip(" ,."), 1)[0])

    def _tidy(self, section: str) -> str:
        return " ".join(self._words["section_label"].sub("", section).split()).strip(" ,.:;")


def _pages(text: str) -> str:
    return _RANGE.sub("-", _PAGES_JOINT.sub(", ", text))
