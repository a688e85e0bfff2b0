"""The guidelines that the administrator and the reviewer relied on, with sections and pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guidecheck.letters.layouts import ItemPart, Letter

_BASED = re.compile(
    r"(?:Decision based on|MTUS:|relied on|based (?:its|his|her|his/her|their) decision on)\s*", re.IGNORECASE
)
_PAGES = re.compile(r"(?:Page\(s\)|pages?|pp?\.)\s*:?\s*(\d{1,3}(?:\s*(?:-|,|and|to)\s*\d{1,3})*)", re.IGNORECASE)
_SECTIONS = re.compile(r"Section(?:\(s\)|s)?\s*:\s*(.+?)(?:\.(?:\s|$)|$)", re.IGNORECASE)
_NAME = re.compile(
    r"(?:Non-MTUS Citation\s*)?(?:the\s+)?(?P<name>"
    r"MTUS[- ]?(?:Chronic Pain|Post-?surgical|Acupuncture|Opioids?|ACOEM)?[\w\s:.-]*?"
    r"(?:Treatment Guidelines?|Guidelines?|Treatment 20\d\d|Complaints 20\d\d|ACOEM)(?: \(20\d\d\))?"
    r"|Official Disability Guidelines?(?: \(ODG\))?|ODG"
    r"|ACOEM[\w\s]*?Guidelines?|ACOEM"
    r"|Chronic Pain Medical Treatment Guidelines?(?: \(20\d\d\))?"
    r"|Title 8,? California Code of Regulations|[A-Z][^,;]{3,60}?)(?=[\s,;.:]|$)",
    re.IGNORECASE,
)
_SAME = re.compile(r"\b(?:relevant|applicable|concurred|appropriate for|agree)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """A guideline relied on."""

    name: str
    section: str
    pages: str

    def as_data(self) -> dict[str, str]:
        """Return it as JSON data, without what isn't stated."""
        return {key: value for key in ("name", "section", "pages") if (value := getattr(self, key))}


def cited_guidelines(letter: Letter, item: ItemPart) -> tuple[list[Cited], list[Cited]]:
    """Return what the administrator and what the reviewer of an item relied on."""
    administrator = " ".join(letter.words(s) for s in item.administrator)
    reviewer = " ".join(letter.words(s) for s in item.reviewer)
    if not reviewer and administrator:
        # 2013: one paragraph, in which the reviewer agrees or names other sections.
        first, _, second = administrator.partition("The Expert Reviewer")
        theirs = _cited(f"Decision based on {first}")
        own = _cited(second) if "relied on" in second else []
        return theirs, (theirs if _SAME.search(second) or not own else []) + own
    return _cited(administrator), _cited(reviewer)


def _cited(text: str) -> list[Cited]:
    found = []
    if text and not _BASED.search(text):
        text = f"Decision based on {text}"
    bounds = [m.end() for m in _BASED.finditer(text)]
    for index, start in enumerate(bounds):
        end = bounds[index + 1] if index + 1 < len(bounds) else len(text)
        found += _one(_BASED.sub("", text[start:end]).strip())
    return list(dict.fromkeys(found))


def _one(text: str) -> list[Cited]:
    name = _NAME.match(text)
    if name is None:
        return []
    title = " ".join(name["name"].split()).strip(" ,.:")
    rest = text[name.end() :]
    pages = list(_PAGES.finditer(rest))
    if not pages:
        sections = _SECTIONS.search(rest)
        section = sections[1] if sections else re.split(r"\.(?:\s|$)", rest)[0]
        return [Cited(title, _tidy(section), "")]
    found, at = [], 0
    for match in pages:
        found.append(Cited(title, _tidy(rest[at : match.start()]), re.sub(r"\s*(?:,|and)\s*", ", ", match[1])))
        at = match.end()
    return found


def _tidy(section: str) -> str:
    section = re.sub(r"^\W*Section(?:\(s\)|s)?\s*:", "", section, flags=re.IGNORECASE)
    return " ".join(section.split()).strip(" ,.:;")
