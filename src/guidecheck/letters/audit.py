"""Where a letter's findings contradict what the request documents."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from guidecheck.explaining.wording import FactWords
from guidecheck.language.facts import Entry, Value, show_value
from guidecheck.letters.case_form import case_data
from guidecheck.letters.claims import Stated
from guidecheck.letters.fact_finding import Found
from guidecheck.letters.headings import WordFinder, words_of
from guidecheck.letters.layouts import Stretch
from guidecheck.letters.reading import LetterCase, LetterItem
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.request import Basis, Item, Request
from guidecheck.requests.request_reader import request_from

_WHICH = ("drug", "body_region")
"""The facts by which items of one treatment are told apart."""
_BEFORE_NEXT = re.compile(r"[\s,;.]*(\band)?[\s,;.]*$")


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
    # Read as a request, the letter's values are written as the request's are.
    told = request_from(from_data(case_data(case), case.name), library).items
    claim = dict(case.claim)
    pairs = _pairs(case.items, told, request.items)
    for index, (item, same) in enumerate(zip(case.items, told, strict=True)):
        if index not in pairs:
            audit.unmatched.append(item.heading)
            continue
        match = request.items[pairs[index]]
        # What holds for the whole claim is told once.
        audit.lines += [f"claim: {line}" for line in _stated(case, claim, same, match, library, audit)]
        claim.clear()
        stated = _stated(case, item.stated, same, match, library, audit, asked=item.asked.facts)
        found = _found(case, item, match, library, audit)
        audit.lines += [f"{match.id}: {line}" for line in (*stated, *found)]
    taken = set(pairs.values())
    audit.undecided = [item.id for index, item in enumerate(request.items) if index not in taken]
    return audit


def _pairs(items: Sequence[LetterItem], told: Sequence[Item], asked: Sequence[Item]) -> dict[int, int]:
    """Return by item of the letter the item of the request that it decides: the closest pairs first."""
    closeness = {
        (one, other): _closeness(items[one], told[one], asked[other])
        for one, other in product(range(len(told)), range(len(asked)))
        if told[one].treatment == asked[other].treatment
    }
    pairs: dict[int, int] = {}
    for one, other in sorted(closeness, key=lambda pair: closeness[pair], reverse=True):
        if one not in pairs and other not in pairs.values():
            pairs[one] = other
    return pairs


def _closeness(item: LetterItem, same: Item, other: Item) -> tuple[int, int, int]:
    """Return how like an item of the request a letter's is: above all not of another drug or another region."""
    unlike, like = 0, 0
    for name in _WHICH:
        had, has = other.known.values.get(name), same.known.values.get(name)
        if had is not None and has is not None:
            unlike += not _agree(had, has, whole=False)
            like += _agree(had, has, whole=True)
    stated = (name for name in item.asked.facts if name not in _WHICH)
    return -unlike, like, sum(other.known.values.get(name) == same.known.values.get(name) for name in stated)


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
        if isinstance(wanted, tuple) and isinstance(found, tuple):
            # What the item says of itself is compared above, as what is asked for.
            listed = tuple(
                entry for entry in wanted if entry in found or _likeness(entry, other.stated) < len(entry)
            )
            compared, lines = _entries(listed, found, library.vocabulary.facts[name].of, library)
            audit.compared += compared
            for line, entry in lines:
                span = _entry_span(case, stated.span, entry, library.vocabulary.facts[name].of[0], library)
                yield f"{_label(name, library)}: {line}: {_words(case, span, span)}"
            continue
        words = _words(case, stated.span, stated.span)
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
) -> tuple[int, list[tuple[str, Entry]]]:
    """Return how many parts of two lists' entries were compared, and what differs, with the letter's entry.

    An entry is compared with the most similar one of the same name, which is the first of the parts.
    """
    name, lines, compared = parts[0], [], 0
    words = FactWords(library.vocabulary)
    free = list(wanted)
    for entry in sorted(found, key=lambda entry: -max((_likeness(entry, other) for other in wanted), default=0)):
        same = [other for other in free if other.get(name) == entry.get(name)]
        if not same:
            compared += 1
            lines.append((f"the letter has {words.entry(entry)}, and the request does not", entry))
            continue
        like = max(same, key=lambda other: _likeness(entry, other))
        free.remove(like)
        for part in (part for part in parts if entry.get(part) is not None and like.get(part) is not None):
            compared += 1
            if entry[part] != like[part]:
                label = library.vocabulary.facts[part].label
                had, has = show_value(like[part]), show_value(entry[part])
                called = show_value(entry[name])
                lines.append((f"{called}: {label} is {has} in the letter and {had} in the request", entry))
    compared += len(free)
    lines += [(f"the request has {words.entry(other)}, and the letter does not", {}) for other in free]
    return compared, lines


def _entry_span(case: LetterCase, span: Stretch, entry: Entry, name: str, library: Library) -> Stretch:
    """Return where a list tells an entry, which begins with the word for its first part; else the whole list."""
    text = case.text.text[span.start : span.end]
    starts = list(WordFinder(words_of(library.vocabulary.facts[name])).find(text))
    own = [start for value, start, _ in starts if value == entry.get(name)]
    if not own:
        return span
    end = min((start for value, start, _ in starts if start > own[0] and value != entry[name]), default=len(text))
    return Stretch(span.start + own[0], span.start + len(_BEFORE_NEXT.sub("", text[:end])))


def _likeness(entry: Entry, other: Mapping[str, Value]) -> int:
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
        where = _where(other, name, library)
        who = "the reviewer finds" if finding.basis is Basis.REVIEWER else "the case summary has"
        yield (
            f"{_label(name, library)}: the request documents {show_value(documented)}{where}; "
            f"{who} {show_value(_says(finding))}: {_words(case, finding.span, finding.sentence)}"
        )


def _where(item: Item, name: str, library: Library) -> str:
    """Return the source of a fact in brackets, or of the stated one that it follows from; else nothing."""
    for stated in (name, *library.vocabulary.sources([name])):
        evidence = next((e for e in item.evidence.get(stated, ()) if e.source), None)
        if evidence is not None:
            of = "" if stated == name else f"`{stated}`: "
            page = f", page {evidence.page}" if evidence.page else ""
            return f" ({of}{evidence.source}{page})"
        if stated == name and name in item.stated:
            break  # stated without a source
    return ""


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
