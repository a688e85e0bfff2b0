"""The drugs of a list that a worker takes, as the case summary has them: drug, strength, unit, doses a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from guidecheck.letters.claims import Stated
from guidecheck.letters.dates import read_letter_date
from guidecheck.letters.expressions import expression, number_of
from guidecheck.letters.headings import Asked, HeadingReader
from guidecheck.letters.layouts import Letter, Stretch
from guidecheck.letters.pattern_words import RegimenWords

DOSES = "doses_per_day"
LONGEST_LINE = 120
"""Characters behind a drug's name in which its strength and frequency stand."""

MOST_AT_ONCE = 10
"""Tablets of one time; a larger number is how many were dispensed."""

_DRUG = "\ue000"
_PATCH = "mcg_per_hour"
_SENTENCE_END = re.compile(r"[.;](?:\s+[A-Z]|\s*$)|\n")

Entry = Mapping[str, object]
AskedFor = Mapping[object, Entry]


@dataclass(frozen=True, slots=True)
class Regimen:
    """All drugs taken, each with its dose, and where the letter lists them."""

    entries: tuple[Entry, ...]
    span: Stretch


class RegimenReader:
    """Reads the list by the expressions of `regimens.yaml`."""

    def __init__(self, words: RegimenWords, headings: HeadingReader) -> None:
        self.fact = words.fact
        """The list's name in the vocabulary."""
        self._headings = headings
        self._not_taken = [expression(e) for e in words.not_taken]
        self._no_longer = [expression(e.replace("{drug}", _DRUG)) for e in words.no_longer_taken]
        self._changed_from = expression(words.changed_from)
        self._most = expression(words.most_a_day)
        self._before = expression(words.taken_before)
        self._each = expression(words.taken_each_time)
        self._reported = expression(words.reported)
        self._now = expression(words.now)
        self._formerly = expression(words.formerly)
        self._between = expression(words.between)
        self._either = expression(words.either)
        self._besides = expression(words.besides)
        self._another_strength = expression(words.another_strength)
        self._frequencies = [(expression(dose.match), dose.a_day, dose.kind) for dose in words.frequencies]

    def read(self, letter: Letter, asked: Sequence[Asked]) -> Regimen | None:
        """Return the drugs taken; None where none is listed, or one that is named lacks its dose."""
        doses: dict[tuple[object, ...], Entry] = {}
        asked_for = {item.facts.get("drug"): item.facts for item in asked if self._concerns(item)}
        named: set[object] = set(asked_for)
        spans: list[Stretch] = []
        told = [line for part in letter.summary for line in self._lines(letter, part, asked_for)]
        for line in told:
            if line.is_replaced(told):
                continue
            named.add(line.drug)
            if line.entry is not None and not line.is_doubtful(told):
                doses[line.drug, line.entry["strength"]] = line.entry
                spans.append(line.span)
        if not self.fact or not doses or named - {entry["drug"] for entry in doses.values()}:
            return None
        return Regimen(tuple(doses.values()), Stretch(spans[0].start, spans[-1].end))

    def add(self, regimen: Regimen, stated: dict[str, Stated], item: Asked) -> None:
        """Add what the item of a drug has of the list: all of it, and how often its own drug is taken."""
        if not self._concerns(item):
            return
        stated[self.fact] = Stated([dict(entry) for entry in regimen.entries], regimen.span)
        own = [entry for entry in regimen.entries if entry["drug"] == item.facts.get("drug")]
        if len(own) == 1 and own[0]["strength"] == item.facts.get("strength"):
            stated[DOSES] = Stated(own[0][DOSES], regimen.span)

    def _concerns(self, item: Asked) -> bool:
        return item.treatment == self._headings.drug_treatment

    def _lines(self, letter: Letter, part: Stretch, asked_for: AskedFor) -> Iterator[_Line]:
        """Yield each drug taken in a part of a letter, with its dose if it is told."""
        text = letter.words(part)
        drugs = list(self._headings.drugs.find(text))
        starts = sorted({start for _, start, _ in [*drugs, *self._headings.other_drugs.find(text)]})
        for drug, start, end in drugs:
            ends = [stop.start() for stop in _SENTENCE_END.finditer(text, 0, start)]
            before = text[(ends[-1] + 1 if ends else 0) : start]
            if any(pattern.search(before) for pattern in self._not_taken):
                continue
            stop = _SENTENCE_END.search(text, end)
            around = f"{before}{_DRUG}{text[end : stop.start() if stop else len(text)]}"
            if any(pattern.search(around) for pattern in self._no_longer):
                continue
            limits = [
                end + LONGEST_LINE,
                *(at for at in starts if at >= end),
                *([stop.start() + 1] if stop else []),
            ]
            line = self._changed_from.sub(lambda before: " " * len(before[0]), text[start : min(limits)])
            each = _at_once(self._before.search(before))
            dose = self._dose(line, asked_for.get(drug, {}), end - start, each)
            entry, length = dose or (None, end - start)
            reported = self._reported.search(before)
            yield _Line(
                drug,
                entry and {"drug": drug, **entry},
                Stretch(part.start + start, part.start + start + length),
                # A day that isn't told in full was before all others.
                reported and (read_letter_date(reported["when"] or "") or date.min),
                now=bool(self._now.search(before)),
            )

    def _dose(
        self, line: str, asked_for: Mapping[str, object], name: int, each: float
    ) -> tuple[Entry, int] | None:
        """Return the dose told in a line that begins with the drug's name, of so many characters, and its end.

        `each` are taken at a time unless the line says otherwise.
        """
        strength, written = self._headings.strength(line)
        if not strength:
            # What is taken is what is asked for again, unless the letter says otherwise.
            strength = {name: asked_for[name] for name in ("strength", "unit") if name in asked_for}
            if not strength:
                return None
        behind = line.index(written) + len(written) if written else name
        if strength["unit"] == _PATCH:
            # A patch that is always worn is one dose a day.
            return {**strength, DOSES: 1}, behind
        # The most that may be taken stands behind how often, or is itself all that is said of that.
        most = self._most.search(line, behind)
        told = self._how_often(line, behind, most)
        times = self._a_day(line, behind, told, each) if told else None
        if times is None:
            return None
        if most is not None:
            times = min(times, number_of(most["n"] or most.groupdict().get("before") or "") or times)
        return {**strength, DOSES: int(times) if times == int(times) else round(times, 2)}, told[-1].end

    def _how_often(self, line: str, behind: int, most: re.Match[str] | None) -> list[_Often]:
        """Return what is said of how often, as far as it belongs together; nothing where strengths differ."""
        found: list[_Often] = []
        for pattern, a_day, kind in self._frequencies:
            for match in pattern.finditer(line, behind):
                times = _times(match, a_day)
                if times and not self._formerly.search(line[behind : match.start()]):
                    found.append(_Often(*match.span(), times, kind))
        found.sort(key=lambda often: (often.start, -often.end))
        apart = [often for i, often in enumerate(found) if all(often.start >= o.end for o in found[:i])]
        if most is not None:
            apart = [often for often in apart if not most.start() <= often.start < most.end()] or apart
        apart = [often for often in apart if often.kind != "each_day"] or apart[:1]
        together = apart[:1]
        for often in apart[1:]:
            gap = line[together[-1].end : often.start]
            if self._another_strength.search(gap):
                return []
            if not self._between.fullmatch(gap):
                break
            together.append(often)
        return together

    def _a_day(self, line: str, behind: int, told: Sequence[_Often], each: float) -> float | None:
        """Return the doses a day that several words for them come to; None where they contradict each other."""
        moments = besides = 0.0
        others: list[float] = []
        at = behind
        for often in told:
            each = _at_once(self._each.search(line, at, often.start), each)
            if often.kind == "moment":
                if others and not moments and (besides or self._besides.match(line, at, often.start)):
                    besides += each
                else:
                    moments += each
            elif others and self._either.fullmatch(line, at, often.start):
                others[-1] = max(others[-1], often.times * each)
            else:
                others.append(often.times * each)
            at = often.end
        counts = {*others, moments} - {0.0}
        return counts.pop() + besides if len(counts) == 1 else None


@dataclass(frozen=True, slots=True)
class _Often:
    """So many times a day, told at a place in a line."""

    start: int
    end: int
    times: float
    kind: str | None


@dataclass(frozen=True, slots=True)
class _Line:
    """A drug that a letter names as taken: its dose if it is told, and the day of the report that told it."""

    drug: str
    entry: Entry | None
    span: Stretch
    day: date | None
    now: bool

    def is_replaced(self, told: Sequence[_Line]) -> bool:
        """Tell whether a later report, or what is told of today, has the same drug with its dose."""
        return any(other.drug == self.drug and other.entry and self._is_before(other) for other in told)

    def is_doubtful(self, told: Sequence[_Line]) -> bool:
        """Tell whether only an earlier report has the drug, and what is told of later times has others."""
        return any(
            other.drug != self.drug
            and self._is_before(other)
            and (other.day or other.now or other.span.start < self.span.start)
            for other in told
        )

    def _is_before(self, other: _Line) -> bool:
        return self.day is not None and (other.day is None or other.day > self.day)


def _at_once(match: re.Match[str] | None, otherwise: float = 1) -> float:
    """Return how many are taken at a time, of a range the most."""
    if match is None:
        return otherwise
    if match["most"] or not match["half"]:
        number = number_of(match["most"] or match["each"]) or otherwise
        number += 0.5 if match["and_half"] else 0
    else:
        number = 0.5
    # More is a quantity.
    return number if number <= MOST_AT_ONCE else otherwise


def _times(match: re.Match[str], a_day: float | None) -> float | None:
    if a_day is not None:
        return a_day
    groups = match.groupdict()
    if groups.get("hours"):
        hours = number_of(groups["hours"])
        return 24 / hours if hours else None
    return number_of(groups["n"]) if groups.get("n") else None
