"""Where a letter's findings contradict what the request documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from guidecheck.language.facts import UNDOCUMENTED, Value, show_value
from guidecheck.letters.fact_finding import Found
from guidecheck.letters.reading import LetterCase, LetterItem
from guidecheck.library.models import Library
from guidecheck.requests.request import Basis, Item, Request

ASKED = ("requested_visits", "visits_per_week", "weeks", "drug", "strength", "body_region")
"""Facts of the request itself: where the letter has them otherwise, another request was decided."""


@dataclass
class Audit:
    """Contradictions as lines to read, how many facts were compared, and items without a counterpart."""

    lines: list[str] = field(default_factory=list)
    compared: int = 0
    unmatched: list[str] = field(default_factory=list)


def contradictions(case: LetterCase, request: Request, library: Library) -> Audit:
    """Return what the letter says otherwise than the request, each with the letter's words."""
    audit = Audit()
    free = list(request.items)
    for item in case.items:
        match = _like(item, free)
        if match is None:
            audit.unmatched.append(item.heading)
            continue
        free.remove(match)
        for line in _compare(case, item, match, library, audit):
            audit.lines.append(f"{match.id}: {line}")
    return audit


def _like(item: LetterItem, free: list[Item]) -> Item | None:
    """Return the item of the request that the letter's is about: of its treatment, best of its drug or region."""
    same = [other for other in free if other.treatment == item.asked.treatment]

    def closeness(other: Item) -> int:
        return sum(_plain(other.stated.get(name)) == _letter_value(item, name) for name in ("drug", "body_region"))

    return max(same, key=closeness, default=None)


def _compare(case: LetterCase, item: LetterItem, other: Item, library: Library, audit: Audit) -> Iterator[str]:
    for name in ASKED:
        wanted, found = _plain(other.known.values.get(name)), _letter_value(item, name)
        if wanted is not None and found is not None:
            audit.compared += 1
            if wanted != found:
                said = f"the letter decides {_show(found)} where the request has {_show(wanted)}"
                yield f"{name}: {said} (heading: {item.heading})"
    for name, held in sorted(item.findings.items()):
        documented = other.known.values.get(name)
        finding = held.get(Basis.REVIEWER) or held.get(Basis.RECORDS)
        if documented is None or finding is None:
            continue
        audit.compared += 1
        if _says(finding) == _plain(documented):
            continue
        label = library.vocabulary.facts[name].label
        evidence = next((e for e in other.evidence.get(name, ()) if e.source), None)
        where = f" ({evidence.source}{f', page {evidence.page}' if evidence.page else ''})" if evidence else ""
        start, end = case.text.raw_span(finding.span.start, finding.span.end)
        words = " ".join(case.text.text[finding.sentence.start : finding.sentence.end].split())
        who = "the reviewer finds" if finding.basis is Basis.REVIEWER else "the case summary has"
        yield (
            f"{name} ({label}): the request documents {show_value(documented)}{where}; "
            f'{who} {_show(_says(finding))}: characters {start}-{end}, "{words}"'
        )


def _letter_value(item: LetterItem, name: str) -> object:
    stated = item.stated.get(name)
    if stated is None:
        return None
    return frozenset(stated.value) if isinstance(stated.value, list) else _plain_number(stated.value)


def _says(finding: Found) -> object:
    return finding.value if finding.value == UNDOCUMENTED else _plain_number(finding.value)


def _plain(value: Value | None) -> object:
    return _plain_number(value)


def _plain_number(value: object) -> object:
    # 6 and 6.0 are the same number of visits, and True is no number.
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _show(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
