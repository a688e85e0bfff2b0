"""What a letter says of the whole claim: the worker, the dates, the diagnoses, operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from guidecheck.letters.dates import ANY_DATE, read_letter_date
from guidecheck.letters.expressions import expression, number_of
from guidecheck.letters.headings import Asked, WordFinder, words_of
from guidecheck.letters.layouts import Letter, Stretch
from guidecheck.letters.pattern_words import LayoutWords
from guidecheck.library.models import Library

SURGERY_YEARS = 1
MOST_BEFORE = 120
"""Characters before a date in which words say what it is of."""
_RANGE = re.compile(r"\s*(?:to|and|-)\s*")


@dataclass(frozen=True, slots=True)
class Stated:
    """A value with the words it comes from."""

    value: object
    span: Stretch


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis as written, its groups in the vocabulary (there may be none), and the regions that it names."""

    text: str
    groups: frozenset[str]
    regions: frozenset[str]
    span: Stretch


class ClaimReader:
    """Reads what concerns all items, by the expressions of `layouts.yaml` and the vocabulary's synonyms."""

    def __init__(
        self, words: LayoutWords, library: Library, regions: WordFinder, spellings: Mapping[str, list[str]]
    ) -> None:
        self._claim = {name: [expression(e) for e in es] for name, es in words.claim.items()}
        self._choices = {name: [expression(e) for e in es] for name, es in words.claim_choices.items()}
        self._joints = expression(words.diagnosis_joints)
        self._denied = expression(words.diagnosis_denied)
        self._over = expression(words.diagnosis_over)
        self._diagnosis_end = expression(words.diagnosis_end)
        self._detail = expression(words.diagnosis_detail)
        self._no_diagnosis = expression(words.no_diagnosis)
        self._review_dates = [expression(e) for e in words.review_dates]
        self._request_dates = [expression(e) for e in words.request_dates]
        self._no_record = [
            [expression(e) for e in es]
            for es in (
                words.no_record_before,
                words.no_record_behind,
                words.record_beside,
                words.maybe_no_record_before,
            )
        ]
        facts = library.vocabulary.facts
        self._groups = WordFinder(words_of(facts["diagnosis_group"]), spellings)
        self._surgeries = WordFinder(words_of(facts["surgery"]))
        self._regions = regions

    def facts(self, letter: Letter) -> dict[str, Stated]:
        """Return age, sex, phase of the pain and date of injury, as far as they are told."""
        found: dict[str, Stated] = {}
        if match := _first(self._claim["age"], letter):
            years = number_of(match[0][1])
            if years and 10 <= years <= 120:
                found["age"] = Stated(int(years), match[1])
        for name, patterns in self._choices.items():
            if match := _first(patterns, letter):
                # The group that matched is named like the value.
                found[name] = Stated(match[0].lastgroup, match[1])
        injury = self._injury(letter)
        if injury is not None:
            found["injury_date"] = injury
        return found

    def _injury(self, letter: Letter) -> Stated | None:
        return self._header_date(letter, "injury") or self._dated(self._claim["injury"], letter)

    def as_of(self, letter: Letter) -> tuple[Stated, str] | None:
        """Return the date whose guidelines apply, and which date it is."""
        decided, injury = self._header_date(letter, "decided"), self._injury(letter)
        before = decided.value if decided else None
        for basis, stated in (
            ("ur_decision", self._header_date(letter, "ur_decision")),
            ("ur_decision", self._latest(self._review_dates, letter, before)),
            ("request", self._dated(self._request_dates, letter)),
            ("latest_record", self._latest([ANY_DATE], letter, before, records=True)),
        ):
            if stated is None or (basis == "latest_record" and injury and stated.value == injury.value):
                # A letter whose only date is that of the injury tells of no record.
                continue
            return stated, basis
        return (decided, "decision") if decided else None

    def _header_date(self, letter: Letter, name: str) -> Stated | None:
        if name not in letter.header:
            return None
        text, span = letter.header[name]
        value = read_letter_date(text)
        return Stated(value, span) if value else None

    def _dated(self, patterns: Sequence[re.Pattern[str]], letter: Letter) -> Stated | None:
        for pattern in patterns:
            for part in letter.summary:
                for match in pattern.finditer(letter.words(part)):
                    value = read_letter_date(match[1])
                    if value:
                        return Stated(value, Stretch(part.start + match.start(1), part.start + match.end(1)))
        return None

    def _latest(
        self, patterns: Sequence[re.Pattern[str]], letter: Letter, before: object, *, records: bool = False
    ) -> Stated | None:
        """Return the latest date not after `before`: the first group of an expression, or all that it matches.

        With `records` a date counts only where nothing says that it is of no record.
        """
        latest: Stated | None = None
        for part in letter.summary:
            text = letter.words(part)
            for match in (match for pattern in patterns for match in pattern.finditer(text)):
                group = min(match.re.groups, 1)
                value = read_letter_date(match[group])
                if value is None or (isinstance(before, date) and value > before):
                    continue
                start, end = match.span(group)
                if (latest is None or value > latest.value) and not (  # type: ignore[operator]
                    records and self._of_no_record(text, start, end)
                ):
                    latest = Stated(value, Stretch(part.start + start, part.start + end))
        return latest

    def _of_no_record(self, text: str, start: int, end: int) -> bool:
        """Tell whether words beside a date say that it is of no record: one to come, of a law, of birth."""
        # A date before it ends what the words say ("off work until 7/1/2016, seen 5/12/2016"), but not in a range.
        left, at = max(0, start - MOST_BEFORE), start
        for match in reversed(list(ANY_DATE.finditer(text, left, start))):
            if not _RANGE.fullmatch(text, match.end(), at):
                left = match.end()
                break
            at = match.start()
        before, behind = text[left:at], text[end : end + MOST_BEFORE]
        never_before, never_behind, beside, maybe = self._no_record
        if _any(never_before, before) or _any(never_behind, behind):
            return True
        return _any(maybe, before) and not (_any(beside, before) or _any(beside, behind))

    def diagnoses(self, letter: Letter) -> list[Diagnosis]:
        """Return the diagnoses listed in the case summary, in order, each once."""
        found: dict[str, Diagnosis] = {}
        for name in ("diagnoses", "diagnoses_within"):
            for pattern in self._claim[name]:
                for part in letter.summary:
                    for match in pattern.finditer(letter.words(part)):
                        for diagnosis in self._listed(match["list"], part.start + match.start("list")):
                            if diagnosis.groups or name == "diagnoses":
                                found.setdefault(diagnosis.text.casefold(), diagnosis)
        return sorted(found.values(), key=lambda d: d.span.start)

    def _listed(self, text: str, place: int) -> Iterator[Diagnosis]:
        text = self._diagnosis_end.split(text, 1)[0]
        for start, end in self._entries(text):
            entry = text[start:end]
            if self._over.search(entry):
                continue
            named = [(value, self._denied.search(entry[:at])) for value, at, _ in self._groups.find(entry)]
            groups = frozenset(value for value, denied in named if denied is None)
            ruled_out = any(denied is not None and denied.start() == 0 for _, denied in named)
            if not groups and (ruled_out or self._no_diagnosis.search(entry)):
                continue
            regions = frozenset(value for value, _, _ in self._regions.find(entry))
            yield Diagnosis(entry, groups, regions, Stretch(place + start, place + end))

    def _entries(self, text: str) -> list[tuple[int, int]]:
        """Return where the diagnoses of a list stand: what only tells more of one ("lumbar") is part of it."""
        names = [(start, end) for _, start, end in self._groups.find(text)]
        # A name may hold an "and" of its own.
        joints = [
            joint
            for joint in self._joints.finditer(text)
            if not any(start < joint.start() and joint.end() < end for start, end in names)
        ]
        bounds = [0, *(at for joint in joints for at in joint.span()), len(text)]
        found: list[tuple[int, int]] = []
        for left, right in zip(bounds[::2], bounds[1::2], strict=True):
            start, end = _bare(text, left, right)
            if start == end:
                continue
            if not self._detail.fullmatch(text, start, end):
                found.append((start, end))
            elif found and ";" not in text[found[-1][1] : start]:
                found[-1] = (found[-1][0], end)
        return found

    def surgery(self, letter: Letter, as_of: date) -> tuple[Stated, Stated, frozenset[str]] | None:
        """Return the last operation of the year before, its date, and the regions named beside it."""
        latest: tuple[Stated, Stated, frozenset[str]] | None = None
        for part in letter.summary:
            words = letter.words(part)
            for value, start, end in self._surgeries.find(words):
                match = ANY_DATE.search(words, end, min(len(words), end + 60))
                day = read_letter_date(match[0]) if match else None
                if match is None or day is None or "." in re.sub(r"\d\.\d", "", words[end : match.start()]):
                    continue
                if not as_of - timedelta(days=366 * SURGERY_YEARS) <= day <= as_of:
                    continue
                if latest is None or day > latest[1].value:  # type: ignore[operator]
                    near = words[max(0, start - 40) : end]
                    regions = frozenset(region for region, _, _ in self._regions.find(near))
                    latest = (
                        Stated([value], Stretch(part.start + start, part.start + end)),
                        Stated(day, Stretch(part.start + match.start(), part.start + match.end())),
                        regions,
                    )
        return latest


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch without the signs around it; a bracket stays where both stand within."""
    while start < end and (text[start] in " .,)" or (text[start] == "(" and ")" not in text[start:end])):
        start += 1
    while start < end and (text[end - 1] in " .,(" or (text[end - 1] == ")" and "(" not in text[start:end])):
        end -= 1
    return start, end


def _any(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _first(patterns: Sequence[re.Pattern[str]], letter: Letter) -> tuple[re.Match[str], Stretch] | None:
    for pattern in patterns:
        for part in letter.summary:
            match = pattern.search(letter.words(part))
            if match:
                return match, Stretch(part.start + match.start(), part.start + match.end())
    return None


def diagnoses_of(item: Asked, diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    """Return the diagnoses with a group that an item can be for: not those of another part of the body."""
    regions = set(item.facts.get("body_region", ()))  # type: ignore[call-overload]
    return [d for d in diagnoses if d.groups and (not regions or not d.regions or d.regions & regions)]
