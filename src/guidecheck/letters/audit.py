"""Where a letter's findings contradict what the request documents."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from guidecheck.language.facts import UNDOCUMENTED, Value, show_value
from guidecheck.letters.case_form import case_data
from guidecheck.letters.claims import Stated
from guidecheck.letters.fact_finding import Found
from guidecheck.letters.layouts import Stretch
from guidecheck.letters.reading import LetterCase, LetterItem
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.request import Basis, Item, Request
from guidecheck.requests.request_reader import request_from


@dataclass
class Audit:
    """Contradictions as lines to read, how many facts were compared, and items without a counterpart.

    `unmatched` are headings of the letter, `undecided` items of the request.
    """

    lines: list[str] = field(default_factory=list)
    compared: int = 0
    unmatched: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)


def contradictions(case: LetterCase, request: Request, library: Library) -> Audit:
    """Return what the letter says otherwise than the request, each with the letter's words."""
    audit = Audit()
    free = list(request.items)
    # Read as a request, the letter's values are written as the request's are.
    told = request_from(from_data(case_data(case), case.name), library).items
    claim = dict(case.claim)
    for item, same in zip(case.items, told, strict=True):
        match = _like(same, free)
        if match is None:
            audit.unmatched.append(item.heading)
            continue
        free.remove(match)
        # What holds for the whole claim is told once.
        audit.lines += [f"claim: {line}" for line in _stated(case, claim, same, match, library, audit)]
        claim.clear()
        stated = _stated(case, item.stated, same, match, library, audit, asked=item.asked.facts)
        found = _found(case, item, match, library, audit)
        audit.lines += [f"{match.id}: {line}" for line in (*stated, *found)]
    audit.undecided = [item.id for item in free]
    return audit


def _like(item: Item, free: list[Item]) -> Item | None:
    """Return the item of the request that the letter's is about: of its treatment, best of its drug or region."""
    same = [other for other in free if other.treatment == item.treatment]

    def closeness(other: Item) -> int:
        return sum(other.stated.get(name) == item.stated.get(name) for name in ("drug", "body_region"))

    return max(same, key=closeness, default=None)


def _stated(
    case: LetterCase,
    names: Mapping[str, Stated],
    same: Item,
    other: Item,
    library: Library,
    audit: Audit,
    asked: Container[str] = (),
) -> Iterator[str]:
    """Yield the facts of the claim or of what is asked for that the letter has otherwise."""
    for name, stated in names.items():
        wanted, found = other.known.values.get(name), same.stated.get(name)
        if wanted is None or found is None:
            continue
        audit.compared += 1
        if _agree(wanted, found, whole=name in asked):
            continue
        says = "decides" if name in asked else "has"
        yield (
            f"{_label(name, library)}: the letter {says} {show_value(found)} where the request has "
            f"{show_value(wanted)}: {_words(case, stated.span, stated.span)}"
        )


def _agree(wanted: Value, found: Value, *, whole: bool) -> bool:
    """Tell whether two values can both be right; sets need be the same only where they are what is asked for."""
    if isinstance(wanted, frozenset) and isinstance(found, frozenset) and not whole:
        return bool(wanted & found)
    if isinstance(wanted, tuple) and isinstance(found, tuple):
        keys = set[str]().union(*found)
        return _entries(wanted, keys) == _entries(found, keys)
    return wanted == found


def _entries(entries: tuple[Mapping[str, Value], ...], keys: set[str]) -> list[list[str]]:
    return sorted([show_value(entry.get(key)) for key in sorted(keys)] for entry in entries)


def _found(case: LetterCase, item: LetterItem, other: Item, library: Library, audit: Audit) -> Iterator[str]:
    """Yield the findings of the letter that the request's records contradict."""
    for name, held in sorted(item.findings.items()):
        documented = other.known.values.get(name)
        finding = held.get(Basis.REVIEWER) or held.get(Basis.RECORDS)
        if documented is None or finding is None:
            continue
        audit.compared += 1
        if _says(finding) == _plain_number(documented):
            continue
        evidence = next((e for e in other.evidence.get(name, ()) if e.source), None)
        where = f" ({evidence.source}{f', page {evidence.page}' if evidence.page else ''})" if evidence else ""
        who = "the reviewer finds" if finding.basis is Basis.REVIEWER else "the case summary has"
        yield (
            f"{_label(name, library)}: the request documents {show_value(documented)}{where}; "
            f"{who} {_show(_says(finding))}: {_words(case, finding.span, finding.sentence)}"
        )


def _label(name: str, library: Library) -> str:
    return f"{library.vocabulary.facts[name].label} (`{name}`)"


def _words(case: LetterCase, span: Stretch, sentence: Stretch) -> str:
    start, end = case.text.raw_span(span.start, span.end)
    words = " ".join(case.text.text[sentence.start : sentence.end].split())
    return f'characters {start}-{end}, "{words}"'


def _says(finding: Found) -> object:
    return finding.value if finding.value == UNDOCUMENTED else _plain_number(finding.value)


def _plain_number(value: object) -> object:
    # 6 and 6.0 are the same number of visits, and True is no number.
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _show(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
