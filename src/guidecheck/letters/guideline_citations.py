"""The guidelines that the administrator and the reviewer relied on, with sections and pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guidecheck.letters.layouts import ItemPart, Letter
from guidecheck.letters.patterns import CitationWords, expression

_PAGES_JOINT = re.compile(r"\s*(?:,|and)\s*")


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
        own = self._cited(said) if self._words["own"].search(said) else []
        return theirs, (theirs if self._words["agrees"].search(said) or not own else []) + own

    def _cited(self, text: str) -> list[Cited]:
        found: list[Cited] = []
        based = [match.span() for match in self._words["based"].finditer(text)] or [(0, 0)]
        for index, (_, start) in enumerate(based):
            end = based[index + 1][0] if index + 1 < len(based) else len(text)
            found += self._one(text[start:end].strip())
        return list(dict.fromkeys(found))

    def _one(self, text: str) -> list[Cited]:
        name = self._words["name"].match(text)
        if name is None:
            return []
        title = " ".join(name["name"].split()).strip(" ,.:")
        rest = text[name.end() :]
        pages = list(self._words["pages"].finditer(rest))
        if not pages:
            sections = self._words["section"].search(rest)
            section = sections[1] if sections else re.split(r"\.(?:\s|$)", rest)[0]
            return [Cited(title, self._tidy(section), "")]
        found, at = [], 0
        for match in pages:
            found.append(Cited(title, self._tidy(rest[at : match.start()]), _PAGES_JOINT.sub(", ", match[1])))
            at = match.end()
        return found

    def _tidy(self, section: str) -> str:
        return " ".join(self._words["section_label"].sub("", section).split()).strip(" ,.:;")
