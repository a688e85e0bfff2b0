"""From mentions to findings: what a letter says of each disputed item, by the records and by the reviewer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from guidecheck.language.facts import UNDOCUMENTED, FactType
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.letters.annotation import DROPPED, LONGEST_SENTENCE, Annotator, Mention
from guidecheck.letters.expressions import expression
from guidecheck.letters.headings import OTHER, Asked, HeadingReader, WordFinder
from guidecheck.letters.layouts import Letter, Stretch
from guidecheck.letters.pattern_words import ALL, Group, Patterns, Reading
from guidecheck.letters.scope import Scope
from guidecheck.library.models import Library
from guidecheck.requests.request import Basis

NOT_A_FACT = frozenset({"guideline", "administrator", "hypothetical", "unclear", DROPPED})
"""Cues under which a phrase says nothing of the case."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: the value (a boolean, a number, or `undocumented`), and where the letter says it."""

    fact: str
    value: bool | float | str
    basis: Basis
    span: Stretch
    sentence: Stretch


_YEAR = re.compile(r"\b\d{4}\b")
_CONTRAST = re.compile(r"\b(?:but|while|whereas)\b", re.IGNORECASE)
_TAKEN = frozenset({"negated", "no_record"})

_Number = tuple[float, bool]
"""A number, and whether it is told as the whole of several."""

Findings = dict[str, dict[Basis, Found]]
"""The findings of one item by fact and basis."""


class FactFinder:
    """Finds facts by the phrases of `facts.yaml` and the cues of `cues.yaml`."""

    def __init__(self, patterns: Patterns, headings: HeadingReader, library: Library) -> None:
        self._words = patterns.facts
        self._types = {name: library.vocabulary.facts[name].type for name in patterns.facts}
        every = frozenset(library.vocabulary.facts[TREATMENT].choices)
        self._treatments = {
            name: every if words.treatments == [ALL] else frozenset(words.treatments)
            for name, words in patterns.facts.items()
        }
        self._whole = {name: expression(words.whole) for name, words in patterns.facts.items() if words.whole}
        self._headings = headings
        generic = patterns.headings.generic
        self._generic = WordFinder({word: value for value, words in generic.items() for word in words})
        self._scope = Scope(patterns.headings.scope, headings.regions)
        self._annotator = Annotator(patterns, headings.treatments)

    def find(self, letter: Letter, asked: Sequence[Asked]) -> list[Findings]:
        """Return the findings of each item of a letter."""
        parts = _Parts(letter)
        found: list[Findings] = [{} for _ in asked]
        numbers: defaultdict[tuple[int, str, Basis], list[_Number]] = defaultdict(list)
        mentions = self._annotator.annotate(parts.text)
        for mention in mentions:
            owner, basis = parts.owner(mention.start)
            words = self._words[mention.fact]
            if basis.value not in words.sections:
                continue
            value = self._value(self._relieved(mention, mentions))
            if value is None:
                continue
            for index in self._items(mention, owner, asked, parts, mentions):
                self._note(found[index], mention, value, basis, parts)
                if mention.fact in self._whole and isinstance(value, float):
                    whole = self._whole[mention.fact].search(parts.around(mention)[0]) is not None
                    numbers[index, mention.fact, basis].append((value, whole))
        for (index, fact, basis), told in numbers.items():
            if not _is_told(told):
                del found[index][fact][basis]
                if not found[index][fact]:
                    del found[index][fact]
        self._share(found, asked)
        return found

    def _share(self, found: Sequence[Findings], asked: Sequence[Asked]) -> None:
        """Give what one item's reasons tell of the worker to the items of its treatment that are silent on it.

        "Prescriptions all come from one clinic" is said of one of two drugs and holds for both.
        """
        for name in (name for name, words in self._words.items() if words.shared):
            told = [
                (item.treatment, findings[name])
                for findings, item in zip(found, asked, strict=True)
                if name in findings
            ]
            for findings, item in zip(found, asked, strict=True):
                for held in (held for treatment, held in told if treatment == item.treatment):
                    findings.setdefault(name, dict(held))

    def _note(
        self, findings: Findings, mention: Mention, value: bool | float | str, basis: Basis, parts: _Parts
    ) -> None:
        held = findings.setdefault(mention.fact, {})
        before = held.get(basis)
        if before is not None and not _replaces(before.value, value):
            return
        span = parts.place(mention.start, mention.end)
        sentence = parts.place(*mention.sentence)
        held[basis] = Found(mention.fact, value, basis, span, sentence)

    def _relieved(self, mention: Mention, mentions: Sequence[Mention]) -> Mention:
        """Return a mention without the cues that a phrase before it in the sentence takes upon itself.

        "No improvement from earlier visits" denies the improvement, not the visits.
        """
        group = None if mention.group is None else self._words[mention.fact].groups[mention.group]
        if group is None or not group.behind or not mention.cues & _TAKEN:
            return mention
        for other in mentions:
            taken = other.cues & mention.cues & _TAKEN
            if (
                other.fact in group.behind
                and other.sentence == mention.sentence
                and other.start < mention.start
                and taken
            ):
                return replace(mention, cues=mention.cues - _TAKEN)
        return mention

    def _value(self, mention: Mention) -> bool | float | str | None:
        """Return what a mention says under its cues; None for nothing."""
        unrecorded = "no_record" in mention.cues or {"negated", "reported"} <= mention.cues
        if mention.group is None:
            if mention.cues & NOT_A_FACT or unrecorded or "negated" in mention.cues or mention.number is None:
                return None
            return mention.number > 0 if self._types[mention.fact] is FactType.BOOLEAN else mention.number
        group = self._words[mention.fact].groups[mention.group]
        if not mention.cues.issuperset(group.needs) or mention.cues.intersection(group.unless):
            return None
        # "Whether she exercises is not stated" is thought of, and tells that no record says it.
        asked = {"hypothetical"} if "no_record" in mention.cues and "whether" in mention.cues else ()
        if mention.cues & NOT_A_FACT.difference(group.despite, asked):
            return None
        return _BOOLEANS[_reading(group, mention.cues, unrecorded=unrecorded)]

    def _items(
        self,
        mention: Mention,
        owner: int | None,
        asked: Sequence[Asked],
        parts: _Parts,
        mentions: Sequence[Mention],
    ) -> list[int]:
        """Return the items of which something is said."""
        words = self._words[mention.fact]
        relevant = [i for i, item in enumerate(asked) if item.treatment in self._treatments[mention.fact]]
        if words.about == "drug" and self._only_other_drugs(parts.side(mention, mention.sentence[1])):
            return []
        if words.about in ("worker", "drug"):
            return [i for i in relevant if owner in (None, i)]
        relevant = [i for i in relevant if self._in_scope(mention, asked[i], parts)]
        words_found = parts.text[mention.start : mention.end]
        named = self._named(words_found, asked)
        if named == _ONLY_OTHERS and not any(True for _ in self._headings.treatments.find(words_found)):
            # What a treatment did to the use of a drug tells of the treatment.
            sentence = self._named(parts.text[slice(*mention.sentence)], asked)
            named = {i for i in sentence if i >= 0 and "drug" not in asked[i].facts} or _ONLY_OTHERS
        if mention.group is None and mention.fact == "prior_visits":
            named = named or self._named(parts.around(mention)[0], asked)
        # In an item's own rationale what another treatment did may follow behind a semicolon.
        start, end = mention.sentence if owner is None else parts.up_to_semicolon(mention)
        named = named or self._named(parts.side(mention, end), asked)
        if not named:
            named = self._named(parts.text[start:end], asked)
            if named == _ONLY_OTHERS:
                named = self._named(self._without_worker_facts((start, end), parts.text, mentions), asked)
        if owner is not None:
            # In an item's own rationale another treatment is meant only where it alone is named.
            return [owner] if owner in relevant and (not named or owner in named) else []
        if not named:
            named = self._named(parts.sentence_before(mention), asked)
        if not named and len(asked) == 1:
            return relevant
        return [i for i in relevant if i in named]

    def _without_worker_facts(self, sentence: tuple[int, int], text: str, mentions: Sequence[Mention]) -> str:
        """Return a sentence without the facts of the worker in it, which may be called as a treatment is.

        "No record of relief or of a urine test" speaks of the drug asked for, not of the test.
        """
        start, end = sentence
        words = text[start:end]
        for other in mentions:
            if start <= other.start and other.end <= end and self._words[other.fact].about in ("worker", "drug"):
                at, to = other.start - start, other.end - start
                words = words[:at] + " " * (to - at) + words[to:]
        return words

    def _in_scope(self, mention: Mention, item: Asked, parts: _Parts) -> bool:
        """Tell whether what is said of a treatment may be of an item's: its part of the body, claim and kind."""
        clause = parts.clause(mention)
        if "drug" in item.facts:
            # A drug or its generic name beside the visits: it may be what helped.
            named = (words.find(clause) for words in (self._headings.drugs, self._generic))
            return not self._scope.of_visits(clause) or any(True for found in named for _ in found)
        around, at = parts.around(mention)
        if mention.fact in ("prior_visits", "prior_treatment"):
            if self._scope.of_another_injury(clause, parts.injury_year):
                return False
            if mention.group is not None:
                return self._scope.same_region(around, item)
            return self._scope.counts_for(around[:at], around[at:], parts.rest(mention), item)
        return not self._scope.moves_another(around[:at], item)

    def _only_other_drugs(self, text: str) -> bool:
        """Tell whether a text names drugs, but none that the vocabulary knows, nor drugs as such."""
        mine = (self._headings.drugs, self._generic)
        return not any(list(words.find(text)) for words in mine) and bool(
            list(self._headings.other_drugs.find(text))
        )

    def _named(self, text: str, asked: Sequence[Asked]) -> set[int]:
        """Return the items whose treatment or drug a text names; {-1} where it names only others."""
        drug_treatment = self._headings.drug_treatment
        treatments = {value for value, _, _ in self._headings.treatments_and_givers.find(text)}
        drugs = {value for value, _, _ in self._headings.drugs.find(text)}
        others = {value for value, _, _ in self._headings.other_drugs.find(text)}
        items = {
            i
            for i, item in enumerate(asked)
            if item.treatment in treatments
            or (item.treatment == drug_treatment and item.facts.get("drug") in drugs)
        }
        if not items and not drugs:
            generic = {value for value, _, _ in self._generic.find(text)}
            items = {i for i, item in enumerate(asked) if item.treatment in generic}
        if not items and (drugs or others or treatments - {drug_treatment, OTHER, "exercise"}):
            return _ONLY_OTHERS
        return items


_ONLY_OTHERS = {-1}
"""What a text names that names treatments or drugs, but no item's."""

_BOOLEANS: dict[Reading, bool | str | None] = {
    "yes": True,
    "no": False,
    "undocumented": UNDOCUMENTED,
    "ignore": None,
}


def _reading(group: Group, cues: frozenset[str], *, unrecorded: bool) -> Reading:
    if group.reported and unrecorded and ("no_record" not in cues or "no_sign" in cues):
        return group.reported
    if unrecorded:
        return group.no_record or ("undocumented" if group.says != "no" else "ignore")
    if "negated" in cues:
        usual: Reading = "no" if group.says == "yes" else "ignore"
        return group.negated or usual
    return group.says


def _replaces(before: bool | float | str, value: bool | float | str) -> bool:
    """Tell whether a later finding on the same basis counts instead of an earlier one.

    The last word counts; but of numbers the largest, as parts of a count are often told after the whole, and a
    number rather than that it is not told.
    """
    if isinstance(before, float) and isinstance(value, str):
        return False
    if isinstance(before, bool | str) or isinstance(value, bool | str):
        return True
    return value > before


def _is_told(numbers: Sequence[_Number]) -> bool:
    """Tell whether numbers are one and the same, or the largest is told as the whole or is what the others are."""
    largest = max(number for number, _ in numbers)
    less = {number for number, _ in numbers if number < largest}
    return not less or (largest, True) in numbers or largest == sum(less)


class _Parts:
    """The parts of a letter that tell facts, as one text, with the way back."""

    def __init__(self, letter: Letter) -> None:
        pieces: list[str] = []
        self._starts: list[tuple[int, int, int | None]] = []
        at = 0
        stretches: list[tuple[Stretch, int | None]] = [(s, None) for s in letter.summary]
        stretches += [(s, i) for i, item in enumerate(letter.items) for s in item.rationale]
        for stretch, owner in stretches:
            words = letter.words(stretch)
            pieces.append(words)
            self._starts.append((at, stretch.start, owner))
            at += len(words) + 1
        self.text = "\n".join(pieces)
        year = _YEAR.search(letter.header["injury"][0]) if "injury" in letter.header else None
        self.injury_year = year[0] if year else ""

    def _part(self, at: int) -> tuple[int, int, int | None]:
        return max((start for start in self._starts if start[0] <= at), key=lambda start: start[0])

    def owner(self, at: int) -> tuple[int | None, Basis]:
        """Return the item whose rationale holds a place, None for the case summary, and the basis."""
        owner = self._part(at)[2]
        return owner, Basis.RECORDS if owner is None else Basis.REVIEWER

    def place(self, start: int, end: int) -> Stretch:
        """Return where a stretch stands in the clean letter."""
        here, there, _ = self._part(start)
        shift = there - here
        # A sentence may end in the white space behind its part.
        words = self.text[start:end].rstrip()
        return Stretch(start + shift, start + shift + len(words))

    def around(self, mention: Mention) -> tuple[str, int]:
        """Return the clause around a mention (between commas, brackets, semicolons), and its end in it."""
        start, end = mention.sentence
        left = max(start, *(self.text.rfind(sign, start, mention.start) + 1 for sign in ",;("))
        right = min([i for sign in ",;)" if (i := self.text.find(sign, mention.end, end)) >= 0] or [end])
        return self.text[left:right], mention.end - left

    def clause(self, mention: Mention) -> str:
        """Return the part of a mention's sentence between semicolons."""
        start, end = self.up_to_semicolon(mention)
        return self.text[self.text.rfind(";", start, mention.start) + 1 or start : end]

    def up_to_semicolon(self, mention: Mention) -> tuple[int, int]:
        """Return where a mention's sentence stands, without what a semicolon behind the mention parts from it."""
        start, end = mention.sentence
        at = self.text.find(";", mention.end, end)
        return start, end if at < 0 else at

    def rest(self, mention: Mention) -> str:
        """Return the rest of a mention's sentence."""
        return self.text[mention.end : mention.sentence[1]]

    def side(self, mention: Mention, end: int) -> str:
        """Return the part of a mention's sentence, up to `end`, that stands on its side of words of contrast."""
        start = mention.sentence[0]
        joints = list(_CONTRAST.finditer(self.text, start, end))
        left = max((joint.end() for joint in joints if joint.end() <= mention.start), default=start)
        right = min((joint.start() for joint in joints if joint.start() >= mention.end), default=end)
        return self.text[left:right]

    def sentence_before(self, mention: Mention) -> str:
        """Return the sentence before a mention's, in the same part."""
        start = self._part(mention.start)[0]
        before = self.text[start : mention.sentence[0]].rstrip()
        at = max(before.rfind(". "), before.rfind("? "), before.rfind("\n")) + 1
        return before[max(at, len(before) - LONGEST_SENTENCE) :]
