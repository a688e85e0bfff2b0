"""The drugs of a list that a worker takes, as the case summary has them: drug, strength, unit, doses a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from guidecheck.letters.claims import Stated
from guidecheck.letters.expressions import expression, number_of
from guidecheck.letters.headings import Asked, HeadingReader
from guidecheck.letters.layouts import Letter, Stretch
from guidecheck.letters.patterns import RegimenWords

DOSES = "doses_per_day"
LONGEST_LINE = 120
"""Characters behind a drug's name in which its strength and frequency stand."""

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
        self._each = expression(words.taken_each_time)
        self._frequencies = [(expression(dose.match), dose.a_day) for dose in words.frequencies]

    def read(self, letter: Letter, asked: Sequence[Asked]) -> Regimen | None:
        """Return the drugs taken; None where none is listed, or one that is named lacks its dose."""
        doses: dict[tuple[object, ...], Entry] = {}
        asked_for = {item.facts.get("drug"): item.facts for item in asked if self._concerns(item)}
        named: set[object] = set(asked_for)
        spans: list[Stretch] = []
        for part in letter.summary:
            for drug, entry, start, end in self._lines(letter.words(part), asked_for):
                named.add(drug)
                if entry is not None:
                    doses[drug, entry["strength"]] = entry
                    spans.append(Stretch(part.start + start, part.start + end))
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

    def _lines(self, text: str, asked_for: AskedFor) -> Iterator[tuple[str, Entry | None, int, int]]:
        """Yield each drug taken, its dose if it is told, and where."""
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
            dose = self._dose(line, asked_for.get(drug, {}), end - start)
            if dose is None:
                yield drug, None, start, end
            else:
                entry, length = dose
                yield drug, {"drug": drug, **entry}, start, start + length

    def _dose(self, line: str, asked_for: Mapping[str, object], name: int) -> tuple[Entry, int] | None:
        """Return the dose told in a line that begins with the drug's name, of so many characters, and its end."""
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
        for pattern, a_day in self._frequencies:
            match = pattern.search(line, behind)
            times = None if match is None else _times(match, a_day)
            if match is None or not times:
                continue
            each = self._each.search(line, behind, match.start())
            if each is not None:
                times *= number_of(each["most"] or each["each"]) or 1
            # The most that may be taken stands behind how often, or is itself all that is said of that.
            most = self._most.search(line, behind)
            if most is not None:
                times = min(times, number_of(most["n"] or most.groupdict().get("before") or "") or times)
            return {**strength, DOSES: int(times) if times == int(times) else round(times, 2)}, match.end()
        return None


def _times(match: re.Match[str], a_day: float | None) -> float | None:
    if a_day is not None:
        return a_day
    groups = match.groupdict()
    if groups.get("hours"):
        hours = number_of(groups["hours"])
        return 24 / hours if hours else None
    return number_of(groups["n"]) if groups.get("n") else None
