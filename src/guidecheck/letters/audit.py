"""Where a letter's findings contradict what the request documents."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from guidecheck.language.facts import Entry, Value, show_value
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
        words = _words(case, stated.span, stated.span)
        if isinstance(wanted, tuple) and isinstance(found, tuple):
            compared, lines = _entries(wanted, found, library.vocabulary.facts[name].of, library)
            audit.compared += compared
            yield from (f"{_label(name, library)}: {line}: {words}" for line in lines)
            continue
        audit.compared += 1
        if _agree(wanted, found, whole=name in asked):
            continue
        says = "decides" if name in asked else "has"
        yield (
            f"{_label(name, library)}: the letter {says} {show_value(found)} where the request has "
            f"{show_value(wanted)}: {words}"
        )


def _agree(wanted: Value, found: Value, *, whole: bool) -> bool:
    """Tell whether two values can both be right; sets need be the same only where they are what is asked for."""
    if isinstance(wanted, frozenset) and isinstance(found, frozenset) and not whole:
        return bool(wanted & found)
    return wanted == found


def _entries(
    wanted: tuple[Entry, ...], found: tuple[Entry, ...], parts: Sequence[str], library: Library
) -> tuple[int, list[str]]:
    """Return how many parts of two lists' entries were compared, and what differs.

    An entry is compared with the most similar one of the same name, which is the first of the parts.
    """
    name, lines, compared = parts[0], [], 0
    free = list(wanted)
    for entry in sorted(found, key=lambda entry: -max((_likeness(entry, other) for other in wanted), default=0)):
        called = show_value(entry.get(name))
        same = [other for other in free if other.get(name) == entry.get(name)]
        if not same:
            compared += 1
            lines.append(f"the letter has {called}, and the request does not")
            continue
        like = max(same, key=lambda other: _likeness(entry, other))
        free.remove(like)
        for part in (part for part in parts if entry.get(part) is not None and like.get(part) is not None):
            compared += 1
            if entry[part] != like[part]:
                label = library.vocabulary.facts[part].label
                had, has = show_value(like[part]), show_value(entry[part])
                lines.append(f"{called}: {label} is {has} in the letter and {had} in the request")
    compared += len(free)
    lines += [f"the request has {show_value(other.get(name))}, and the letter does not" for other in free]
    return compared, lines


def _likeness(entry: Entry, other: Entry) -> int:
    return sum(other.get(part) == value for part, value in entry.items())


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
            f"{who} {show_value(_says(finding))}: {_words(case, finding.span, finding.sentence)}"
        )


def _label(name: str, library: Library) -> str:
    return f"{library.vocabulary.facts[name].label} (`{name}`)"


def _words(case: LetterCase, span: Stretch, sentence: Stretch) -> str:
    start, end = case.text.raw_span(span.start, span.end)
    words = " ".join(case.text.text[sentence.start : sentence.end].split())
    return f'characters {start}-{end}, "{words}"'


def _says(finding: Found) -> Value:
    return _plain_number(finding.value)


def _plain_number(value: Value) -> Value:
    # 6 and 6.0 are the same number of visits, and True is no number.
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
