"""What the heading of a disputed item asks for: treatment, region, visits, drug."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from guidecheck.language.facts import Fact, fold
from guidecheck.letters.patterns import HeadingWords, expression, number_of
from guidecheck.letters.word_tree import any_word
from guidecheck.library.models import Library

OTHER = "other"
NOTHING = ""
"""What words stand for that are to be passed over, though they hold others."""

_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_COMBINED = re.compile(r"\d{1,3}(?:\.\d+)?(?:[/-]\d{3} *(?:mgs?)?|/\d{1,2}(?:\.\d+)? *mgs?)")
_CODE = re.compile(r"[a-z]?\d[\d.]*")


@dataclass(frozen=True)
class Asked:
    """What is asked for. `facts` are values of the vocabulary; `pieces` and `strength_text` are as written."""

    treatment: str
    facts: Mapping[str, object] = field(default_factory=dict)
    drug_word: str = ""
    strength_text: str = ""
    pieces: int | None = None


class WordFinder:
    """Finds the words that stand for the values of a choice or set in running text."""

    def __init__(self, words: Mapping[str, str], spellings: Mapping[str, list[str]] | None = None) -> None:
        """Take words with what they stand for, or `NOTHING`; procedure and diagnosis codes are left out.

        `spellings` are other ways in which letters write parts of them.
        """
        self._values: dict[str, str] = {}
        for word, value in words.items():
            for spelt in _spelt(fold(word), spellings or {}):
                if len(spelt) > 1 and not _CODE.fullmatch(spelt):
                    self._values.setdefault(spelt, value)
        word = any_word(self._values, space=r"[\s\-/_]+")
        self._pattern = re.compile(rf"(?<![\w-]){word}s?(?![\w])", re.IGNORECASE)

    def find(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield each value with where its word stands."""
        for match in self._pattern.finditer(text):
            word = fold(match[0])
            value = self._values.get(word) or self._values.get(word.removesuffix("s"))
            if value:
                yield value, *match.span()

    def alternatives(self) -> str:
        """Return a regular expression for any of the words."""
        return self._pattern.pattern


def words_of(fact: Fact, *, without: Iterable[str] = (OTHER,)) -> dict[str, str]:
    """Return the words of a choice or set, except for the values that name no one thing."""
    return {word: value for word, value in fact.words.items() if value not in without}


def _spelt(word: str, spellings: Mapping[str, list[str]]) -> list[str]:
    found = [word]
    for part, others in spellings.items():
        found += [known.replace(part, other) for known in list(found) for other in others if part in known]
    return found


class HeadingReader:
    """Reads headings by the vocabulary's synonyms and the words of `headings.yaml`."""

    def __init__(self, words: HeadingWords, library: Library) -> None:
        facts = library.vocabulary.facts
        treatments = words_of(facts["treatment"])
        for value, more in words.treatments.items():
            treatments.update(dict.fromkeys(more, value))
        self.treatments = WordFinder(treatments, words.spellings)
        self.drugs = WordFinder(
            {**words_of(facts["drug"]), **dict.fromkeys(words.no_drugs, NOTHING)}, words.spellings
        )
        self.other_drugs = WordFinder(dict.fromkeys(words.other_drugs, OTHER))
        self._patches = WordFinder(dict.fromkeys(words.patches, OTHER))
        self.regions = WordFinder(words_of(facts["body_region"], without=()))
        self.drug_treatment = words.drug_treatment
        """The treatment that an item of a drug of the vocabulary is."""
        self.after_surgery = frozenset(words.after_surgery)
        self._implied = words.implied
        self._without_visits = words.without_visits
        any_treatment = self.treatments.alternatives()
        self._quantities = {
            name: [expression(e.replace("{treatment}", f"(?:{any_treatment})")) for e in es]
            for name, es in words.quantities.items()
        }

    def read(self, heading: str) -> Asked:
        """Return what a heading asks for."""
        drug = next(self.drugs.find(heading), None)
        treatment = self._treatment(heading)
        other_drug = next(self.other_drugs.find(heading), None)
        facts: dict[str, object] = {}
        if drug is not None and treatment in ("", self.drug_treatment):
            return self._drug(heading, drug, facts)
        if other_drug is not None and treatment in ("", self.drug_treatment):
            _, written = self.strength(heading)
            return Asked(OTHER, facts, heading[other_drug[1] : other_drug[2]], written, self._pieces(heading))
        regions = sorted({value for value, _, _ in self.regions.find(heading)})
        if regions:
            facts["body_region"] = regions
        treatment = treatment or OTHER
        if treatment not in self._without_visits:
            self._visits(heading, facts)
        for implied in self._implied:
            if implied.treatment == treatment and implied.has in facts:
                facts[implied.fact] = implied.value
        return Asked(treatment, facts, pieces=self._pieces(heading))

    def _treatment(self, heading: str) -> str:
        """Return the treatment whose word comes first; a pain clinic's visit is no therapy though it names one."""
        found = list(self.treatments.find(heading))
        others = [f for f in found if f[0] == OTHER]
        if others and not any(f[1] < others[0][1] for f in found if f[0] != OTHER):
            return OTHER
        return next((value for value, _, _ in found if value != OTHER), "")

    def _drug(self, heading: str, drug: tuple[str, int, int], facts: dict[str, object]) -> Asked:
        facts["drug"] = drug[0]
        strength, written = self.strength(heading)
        facts.update(strength)
        return Asked(self.drug_treatment, facts, heading[drug[1] : drug[2]], written, self._pieces(heading))

    def strength(self, heading: str) -> tuple[dict[str, object], str]:
        """Return strength and unit of a drug in a text, and as written; empty where there is none."""
        matches = [match for pattern in self._quantities["strength"] if (match := pattern.search(heading))]
        if matches:
            match = min(matches, key=lambda match: match.start())
            combined = _COMBINED.search(heading)
            if combined and combined.start() <= match.start() < combined.end():
                # Of a combination the first number is that of the drug known.
                return {"strength": _plain(re.split("[/-]", combined[0])[0]), "unit": "mg"}, combined[0].strip()
            named = match.groupdict()
            unit = "mcg_per_hour" if named.get("per_hour") else "mcg" if named.get("micro") else "mg"
            if unit == "mcg" and any(self._patches.find(heading)):
                unit = "mcg_per_hour"
            return {"strength": _plain(match["s"]), "unit": unit}, match[0].strip()
        return {}, ""

    def _pieces(self, heading: str) -> int | None:
        match = next((m for p in self._quantities["pieces"] if (m := p.search(heading))), None)
        number = number_of(match["q"]) if match else None
        return int(number) if number else None

    def _visits(self, heading: str, facts: dict[str, object]) -> None:
        schedule = next((m for p in self._quantities["schedule"] if (m := p.search(heading))), None)
        rest = heading
        if schedule is not None:
            a = schedule.groupdict().get("a")
            per_week = 1.0 if a is None else _TIMES.get(a.casefold()) or number_of(a)
            weeks = number_of(schedule["w"])
            rest = heading[: schedule.start()] + " ; " + heading[schedule.end() :]
            if per_week and weeks and per_week <= 7 and weeks <= 104:
                facts["visits_per_week"], facts["weeks"] = _whole(per_week), _whole(weeks)
                facts["requested_visits"] = _whole(per_week * weeks)
        match = next((m for p in self._quantities["visits"] if (m := p.search(rest))), None)
        number = number_of(match["n"]) if match else None
        if number and number < 500:
            if facts.get("requested_visits", number) != number:
                # The schedule and the sum contradict each other: what is counted is the sum.
                del facts["visits_per_week"], facts["weeks"]
            facts["requested_visits"] = _whole(number)


def _plain(text: str) -> float | int:
    return _whole(float(text))


def _whole(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
