"""What the heading of a disputed item asks for: treatment, region, visits, drug."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from guidecheck.language.facts import Fact, fold
from guidecheck.letters.expressions import expression, number_of
from guidecheck.letters.pattern_words import HeadingWords
from guidecheck.letters.word_tree import any_word
from guidecheck.library.models import Library

OTHER = "other"
NOTHING = ""
"""What words stand for that are to be passed over, though they hold others."""

_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_COMBINED = re.compile(
    r"\b(?:300|325|400|500|650|660|750)/\d{1,2}(?:\.\d+)?(?: *mgs?\b)?"
    r"|\d{1,3}(?:\.\d+)?(?:[/-]\d{3} *(?:mgs?)?|/\d{1,2}(?:\.\d+)? *mgs?)"
)
_LEAST_OF_THE_OTHER = 200
"""Milligrams from which the first number of a combination is that of the drug not known: "325/10"."""
_SHORTEST_MENDED = 6
_CODE = re.compile(r"[a-z]?\d[\d.]*")


@dataclass(frozen=True)
class Asked:
    """What is asked for. `facts` are values of the vocabulary; `pieces` and `strength_text` are as written."""

    treatment: str
    facts: Mapping[str, object] = field(default_factory=dict)
    drug_word: str = ""
    strength_text: str = ""
    pieces: int | None = None
    notes: tuple[str, ...] = ()
    """What of the heading does not stand in the facts."""


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


class SpellingMender:
    """Mends words with one slip: two letters exchanged, one left out, one doubled; never the first or the last."""

    def __init__(self, words: Iterable[str], known: Iterable[str]) -> None:
        """Take words, of which the longer ones are mended to, and others that are right as they are."""
        right = set(words)
        self._right: dict[str, str] = {}
        for word in sorted(word for word in right if len(word) >= _SHORTEST_MENDED):
            for slip in _slips(word).difference(right, known):
                # What may be a slip of two words is none.
                self._right[slip] = "" if slip in self._right else word

    def mend(self, text: str) -> tuple[str, Sequence[int]]:
        """Return a text with mended words, and where each of its characters stood; the last is the end."""
        pieces: list[str] = []
        places: list[int] = []
        at = 0
        for match in _LONG_WORD.finditer(text):
            right = self._right.get(match[0].casefold())
            if right:
                pieces += [text[at : match.start()], right]
                places += [*range(at, match.start()), *_stretched(match.start(), match.end(), len(right))]
                at = match.end()
        return "".join([*pieces, text[at:]]), [*places, *range(at, len(text) + 1)]


def _slips(word: str) -> set[str]:
    inner = range(1, len(word) - 1)
    left_out = {word[:at] + word[at + 1 :] for at in inner}
    exchanged = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 2)}
    return left_out | exchanged | {word[:at] + word[at] + word[at:] for at in inner}


def _stretched(start: int, end: int, length: int) -> Iterator[int]:
    """Yield the places of so many characters that stand for those between two places."""
    yield from (min(start + at, end - 1) for at in range(length))


def _spelt(word: str, spellings: Mapping[str, list[str]]) -> list[str]:
    found = [word]
    for part, others in spellings.items():
        found += [known.replace(part, other) for known in list(found) for other in others if part in known]
    return found


_LONG_WORD = re.compile(rf"[^\W\d_]{{{_SHORTEST_MENDED - 1},}}")


class HeadingReader:
    """Reads headings by the vocabulary's synonyms and the words of `headings.yaml`."""

    def __init__(self, words: HeadingWords, library: Library) -> None:
        facts = library.vocabulary.facts
        treatments = words_of(facts["treatment"])
        for value, more in words.treatments.items():
            treatments.update(dict.fromkeys(more, value))
        self.treatments = WordFinder(treatments, words.spellings)
        givers = {word: value for value, more in words.givers.items() for word in more}
        self.treatments_and_givers = WordFinder({**treatments, **givers}, words.spellings)
        """Who gives a treatment names it in reasons, not in a heading."""
        self.drugs = WordFinder(
            {**words_of(facts["drug"]), **dict.fromkeys(words.no_drugs, NOTHING)}, words.spellings
        )
        self.other_drugs = WordFinder(dict.fromkeys(words.other_drugs, OTHER))
        self._patches = WordFinder(dict.fromkeys(words.patches, OTHER))
        regions = words_of(facts["body_region"], without=())
        # "Every other week" names no region.
        self.regions = WordFinder({word: value for word, value in regions.items() if fold(word) != OTHER})
        self.drug_treatment = words.drug_treatment
        """The treatment that an item of a drug of the vocabulary is."""
        self.after_surgery = frozenset(words.after_surgery)
        self._implied = words.implied
        self._without_visits = words.without_visits
        self._named_within = frozenset(words.named_within)
        self._joints = expression(words.joints)
        self._time_unit = expression(words.time_unit)
        self._steps = expression(words.steps)
        self._before_name = expression(words.before_name)
        named = [word for unit in words.units for word in (unit.replace("?", ""), unit.replace("s?", ""))]
        others = [*facts["drug"].words, *facts["body_region"].words, *words.other_drugs, *words.no_slips]
        self._spelling = SpellingMender(
            _LONG_WORD.findall(" ".join([*treatments, *named]).casefold()),
            _LONG_WORD.findall(" ".join(others).casefold()),
        )
        any_treatment = self.treatments.alternatives()
        self._quantities = {
            name: [expression(e.replace("{treatment}", f"(?:{any_treatment})")) for e in es]
            for name, es in words.quantities.items()
        }

    def read_all(self, heading: str) -> list[tuple[Asked, int, int]]:
        """Return what a heading asks for, and where: more than one where each has its own words and quantity."""
        heading, places = self._spelling.mend(heading)
        return [(asked, places[start], places[end]) for asked, start, end in self._read_all(heading)]

    def _read_all(self, heading: str) -> list[tuple[Asked, int, int]]:
        whole = self.read(heading)
        if not self._joints.search(heading):
            return [(self._noted(whole, heading), 0, len(heading))]
        parts = self._parts(heading)
        found: list[tuple[Asked, int, int]] = []
        for start, end in parts:
            asked = self.read(heading[start:end])
            if not found or (
                _stands_alone(asked) and _stands_alone(found[-1][0]) and _differ(asked, found[-1][0])
            ):
                found.append((asked, start, end))
            else:
                start = found.pop()[1]
                found.append((self.read(heading[start:end]), start, end))
        if len(found) == 1 or not all(_stands_alone(asked) for asked, _, _ in found):
            first = self.read(heading[: parts[0][1]])
            if first.treatment in self._named_within and not _stands_alone(first):
                # The quantity is that of what stands behind it: "home exercise kit and PT 1x4".
                behind = (self.read(heading[start:end]) for start, end in parts[1:])
                whole = next((asked for asked in behind if _stands_alone(asked)), whole)
            if whole.treatment == OTHER and _stands_alone(first):
                # A drug with its quantity, and behind it what no item is made of.
                whole = first
            return [(self._noted(whole, heading), 0, len(heading))]
        region = {name: value for name, value in whole.facts.items() if name == "body_region"}
        return [
            (
                # A region that only one of them names is that of all.
                self._noted(replace(asked, facts={**region, **asked.facts}), heading[start:end])
                if asked.treatment not in self._without_visits
                else asked,
                start,
                end,
            )
            for asked, start, end in found
        ]

    def _parts(self, heading: str) -> list[tuple[int, int]]:
        """Return where what stands between the joints of a heading begins and ends."""
        bounds = [0, *(at for joint in self._joints.finditer(heading) for at in joint.span()), len(heading)]
        return list(zip(bounds[::2], bounds[1::2], strict=True))

    def _noted(self, asked: Asked, heading: str) -> Asked:
        """Return what is asked for with a note of what else the heading names."""
        named = [value for value, _, _ in self.drugs.find(heading)]
        treatments = [value for value, _, _ in self.treatments.find(heading)]
        named += [value for value in treatments if value not in self._without_visits]
        within = self._named_within if not treatments or treatments[0] == asked.treatment else ()
        own = {asked.treatment, asked.facts.get("drug"), OTHER, *within}
        more = [value for value in dict.fromkeys(named) if value not in own]
        if asked.treatment == OTHER:
            return self._noted_other(asked, heading)
        if asked.drug_word:
            more += self._other_strengths(asked, heading)
        # What the vocabulary has no treatment for, and no other word after the same joint makes part of the first.
        for start, end in self._parts(heading)[1:]:
            other = next(self.treatments.find(heading[start:end]), None)
            if (
                other is not None
                and other[0] in self._without_visits
                and self._before_name.fullmatch(heading, start, start + other[1])
            ):
                more.append(heading[start + other[1] : start + other[2]])
        return _with_more(asked, more)

    def _noted_other(self, asked: Asked, heading: str) -> Asked:
        """Return what is none of the vocabulary's with a note of what else stands behind it with its quantity."""
        more = []
        for start, end in self._parts(heading)[1:]:
            behind = self.read(heading[start:end])
            if behind.treatment != OTHER and _stands_alone(behind):
                more.append(str(behind.facts.get("drug", behind.treatment)))
        return _with_more(asked, more)

    def _other_strengths(self, asked: Asked, heading: str) -> list[str]:
        """Return the strengths, in signs, that stand in a list right behind that of a drug: "20 mg, 40 mg"."""
        at = heading.find(asked.strength_text) + len(asked.strength_text) if asked.strength_text else len(heading)
        more = []
        while joint := self._joints.match(heading, at):
            pattern = self._quantities["strength"][0]
            other = pattern.match(heading, joint.end())
            if other is None:
                break
            at = other.end()
            if _plain(other["s"]) != asked.facts.get("strength"):
                more.append(other[0])
        return more

    def read(self, heading: str) -> Asked:
        """Return what a heading asks for first."""
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
        notes = () if treatment in self._without_visits else self._visits(heading, facts)
        for implied in self._implied:
            if implied.treatment == treatment and implied.has in facts:
                facts[implied.fact] = implied.value
        return Asked(treatment, facts, pieces=self._pieces(heading), notes=notes)

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
                one, other = (float(part.strip(" mgsMGS")) for part in re.split("[/-]", combined[0]))
                known = other if other < _LEAST_OF_THE_OTHER <= one else one
                return {"strength": _whole(known), "unit": "mg"}, combined[0].strip()
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

    def _visits(self, heading: str, facts: dict[str, object]) -> tuple[str, ...]:
        """Add how often and how many times; return what contradicts it."""
        schedule = self._first("schedule", heading)
        if schedule is None:
            seldom = self._first("seldom", heading)
            if seldom is None:
                self._count(heading, facts)
            else:
                facts["requested_visits"] = _seldom(seldom)
            return ()
        steps, end = self._scheduled(schedule, heading)
        if not steps:
            return ()
        if len(steps) == 1:
            facts["visits_per_week"], facts["weeks"] = map(_whole, steps[0])
        facts["requested_visits"] = in_all = _whole(sum(per_week * weeks for per_week, weeks in steps))
        told = ", then ".join(f"{_whole(per_week)} a week for {_whole(weeks)} weeks" for per_week, weeks in steps)
        counted = self._count(heading[: schedule.start()] + " ; " + heading[end:], facts)
        if counted not in (None, in_all):
            # The schedule and the sum contradict each other: what is counted is the sum.
            for name in ("visits_per_week", "weeks"):
                facts.pop(name, None)
            return (f"the heading asks for {counted} visits, and for {told}, which are {in_all}",)
        return (f"the heading asks for {told}",) if len(steps) > 1 else ()

    def _scheduled(self, schedule: re.Match[str], heading: str) -> tuple[list[tuple[float, float]], int]:
        """Return how often a week and for how many weeks, step by step, and where the last ends."""
        steps: list[tuple[float, float]] = []
        end = schedule.end()
        step: re.Match[str] | None = schedule
        while step is not None:
            a = step.groupdict().get("a")
            per_week = 1.0 if a is None else _TIMES.get(a.casefold()) or number_of(a)
            weeks = number_of(step["w"])
            if not per_week or not weeks or per_week > 7 or weeks > 104:
                break
            steps.append((per_week, weeks))
            end = step.end()
            joint = self._steps.match(heading, end)
            behind = joint.end() if joint else len(heading)
            step = next((m for p in self._quantities["schedule"] if (m := p.match(heading, behind))), None)
        return steps, end

    def _count(self, heading: str, facts: dict[str, object]) -> float | int | None:
        """Add the number of visits that is told as such."""
        for pattern in self._quantities["visits"]:
            for match in pattern.finditer(heading):
                number = number_of(match["n"])
                if number and number < 500 and not self._time_unit.match(heading, match.end("n")):
                    facts["requested_visits"] = _whole(number)
                    return _whole(number)
        return None

    def _first(self, name: str, heading: str) -> re.Match[str] | None:
        return next((match for p in self._quantities[name] if (match := p.search(heading))), None)


def _with_more(asked: Asked, more: list[str]) -> Asked:
    """Return what is asked for with a note of what else is named."""
    if not more:
        return asked
    note = f"the heading also names {', '.join(more)}, of which no item was made"
    return replace(asked, notes=(*asked.notes, note))


def _seldom(match: re.Match[str]) -> float | int:
    """Return the visits of a schedule by the month, or of one every other week."""
    named = match.groupdict()
    if named.get("w"):
        return int((number_of(named["w"]) or 0) // 2)
    a = named.get("a") or "once"
    return _whole((_TIMES.get(a.casefold()) or number_of(a) or 1) * (number_of(match["m"]) or 1))


def _stands_alone(asked: Asked) -> bool:
    """Tell whether words name what is asked for with its quantity."""
    if asked.drug_word:
        return bool(asked.strength_text or asked.pieces)
    return asked.treatment != OTHER and "requested_visits" in asked.facts


def _differ(one: Asked, other: Asked) -> bool:
    """Tell whether two are not the same, told twice: other treatments, drugs, strengths or parts of the body."""
    if OTHER in (one.treatment, other.treatment) and None in (one.pieces, other.pieces):
        # The second half of a combination, not a drug of its own.
        return False
    if (one.treatment, one.drug_word.casefold()) != (other.treatment, other.drug_word.casefold()):
        return True
    if one.drug_word:
        return "" not in (one.strength_text, other.strength_text) and one.strength_text != other.strength_text
    regions = [set(asked.facts.get("body_region", ())) for asked in (one, other)]  # type: ignore[call-overload]
    return all(regions) and regions[0].isdisjoint(regions[1])


def _plain(text: str) -> float | int:
    return _whole(float(text))


def _whole(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
