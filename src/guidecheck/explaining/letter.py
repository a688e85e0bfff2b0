"""A draft letter of medical necessity: what the request states, and where the guidelines ask for it.

The letter itself says nothing that the request does not state, and claims no criterion that is not met by stated
facts. Everything else (what is missing, what speaks against it) is a note to the writer, apart from the letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from guidecheck.deciding.determination import CriterionResult, ItemDetermination, Outcome, Status
from guidecheck.deciding.lists_concerned import lists_concerned
from guidecheck.explaining.account import Account
from guidecheck.explaining.checklist import Point, State, checklist
from guidecheck.explaining.currency import currency_notes
from guidecheck.explaining.editions import former_words
from guidecheck.explaining.explained_sums import explained_sums, sum_heading
from guidecheck.explaining.rationale import headline
from guidecheck.explaining.wording import Wording, day_words, listed, pages, reference, sentence, sentence_case
from guidecheck.language.facts import Changeable, Entry, Fact, FactType, Scope
from guidecheck.language.vocabulary import STRUCTURAL
from guidecheck.library.models import Library
from guidecheck.requests.request import Basis, Evidence

INJURY_DATE = "injury_date"
"""The fact for the head of the letter, where the vocabulary has it."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact of the request as a line of the letter; the value is "" where the label says it all."""

    label: str
    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Ground:
    """A place in a guideline that the request meets: what it asks, and the facts that meet it."""

    citation: str
    says: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft; what stands in square brackets is for the writer to fill in.

    `notes` are for the writer alone, by heading.
    """

    treatment: str
    injured: str
    patient: tuple[Stated, ...]
    asked: tuple[Stated, ...]
    documented: tuple[str, ...]
    grounds: tuple[Ground, ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]


def draft_letter(item: ItemDetermination, library: Library, today: date) -> Letter:
    """Return a draft letter for an item; `today` is the day to which editions are compared."""
    return _Writer(Account(item, library), today).letter()


@dataclass
class _Writer:
    """Writes the letter of one determination."""

    account: Account
    today: date

    def letter(self) -> Letter:
        injured = None if self._only_found(INJURY_DATE) else self.account.item.item.stated.get(INJURY_DATE)
        return Letter(
            treatment=self._treatment(),
            injured=day_words(injured) if isinstance(injured, date) else "[date of injury]",
            patient=tuple(self._patient()),
            asked=tuple(self._asked()),
            documented=tuple(self._finding(name) for name in self._documented()),
            grounds=tuple(self._grounds()),
            notes=tuple((heading, texts) for heading, texts in self._notes() if texts),
        )

    # ------------------------------------------------------------------------------------------- the letter

    def _facts(self, scope: Scope) -> Iterator[Fact]:
        """Yield the stated facts of a scope, but for what only a reviewer found."""
        stated = self.account.item.item.stated
        for fact in self.account.library.vocabulary.facts_in(scope):
            if fact.name in stated and fact.name not in STRUCTURAL and not self._only_found(fact.name):
                yield fact

    def _treatment(self) -> str:
        """Return what is asked for, with the entries of lists that the item itself asks for."""
        words = self.account.words
        entries = [words.entry(entry) for entries in self._entries.values() for entry in entries]
        return self.account.treatment + (f" ({'; '.join(entries)})" if entries else "")

    @cached_property
    def _entries(self) -> dict[str, tuple[Entry, ...]]:
        """The entries of lists that the item asks for, but for what only a reviewer found."""
        item, facts = self.account.item.item, self.account.library.vocabulary.facts
        named = ((name, facts[name].of[0], entries) for name, entries in item.asked.items())
        return {
            name: entries
            for name, own, entries in named
            if not self._only_found(own if own in item.stated else name)
        }

    def _patient(self) -> Iterator[Stated]:
        """Yield the facts of the claim; of its lists the entries that the item does not ask for itself.

        A list that the item has nothing to do with is nobody's business.
        """
        item = self.account.item.item
        lists = lists_concerned(self.account.item, self.account.library.vocabulary)
        for fact in self._facts(Scope.CLAIM):
            if fact.name == INJURY_DATE or (fact.type is FactType.LIST and fact.name not in lists):
                continue
            whole = item.stated[fact.name]
            if fact.name not in item.asked or not isinstance(whole, tuple):
                yield self._stated(fact)
                continue
            rest = tuple(entry for entry in whole if entry not in item.asked[fact.name])
            if rest:
                yield replace(self._stated(fact), value=self.account.words.value(fact.name, rest))

    def _asked(self) -> Iterator[Stated]:
        """Yield what the item asks for: the entries of lists in place of the facts that they are made of."""
        item, facts = self.account.item.item, self.account.library.vocabulary.facts
        told = {part for name in self._entries for part in facts[name].of}
        for name, entries in self._entries.items():
            fact = facts[facts[name].of[0]]
            shown = entries == item.stated.get(name)
            evidence = self._evidence(fact.name) or (self._evidence(name) if shown else "")
            yield Stated(_heading(fact), self.account.words.value(name, entries), evidence)
        for fact in self._facts(Scope.ITEM):
            if self._is_asked(fact) and fact.name not in told and not self._is_withheld(fact):
                yield self._stated(fact)

    def _is_asked(self, fact: Fact) -> bool:
        """Tell whether a fact is the request's own: what can be asked otherwise, and the parts of a list's entry.

        An operation or a diagnosis is nothing that is asked for.
        """
        return fact.change is Changeable.REQUEST or fact.name in self._parts

    @cached_property
    def _parts(self) -> frozenset[str]:
        """The facts that entries of lists are made of."""
        return frozenset(part for fact in self.account.library.vocabulary.facts.values() for part in fact.of)

    def _is_withheld(self, fact: Fact) -> bool:
        """Tell whether an answer is for the notes: it speaks against the request, or is an idle no."""
        if fact.type is not FactType.BOOLEAN:
            return False
        silent = self.account.item.item.stated[fact.name] is False and fact.name not in self._for
        return silent or fact.name in self._against

    def _stated(self, fact: Fact) -> Stated:
        words, value = self.account.words, self.account.item.item.stated[fact.name]
        if isinstance(value, bool):
            return Stated(sentence_case(words.clause(fact.name, value)), "", self._evidence(fact.name))
        return Stated(_heading(fact), words.value(fact.name, value), self._evidence(fact.name))

    def _documented(self) -> Iterator[str]:
        """Yield the other stated facts, but for answers that are for the notes."""
        for fact in self._facts(Scope.ITEM):
            if not self._is_asked(fact) and not self._is_withheld(fact):
                yield fact.name

    def _finding(self, name: str) -> str:
        """Return a documented fact as a line: what is chosen from a list, as a diagnosis is, by its name alone."""
        fact = self.account.library.vocabulary.facts[name]
        if fact.type not in (FactType.SET, FactType.CHOICE):
            return self._line(name)
        stated = self._stated(fact)
        return sentence(f"{stated.label}: {stated.value}" + (f" ({stated.evidence})" if stated.evidence else ""))

    def _only_found(self, name: str) -> bool:
        """Tell whether what is stated of a fact is a reviewer's finding, which no record gives."""
        item = self.account.item.item
        found = [e.basis for e in item.evidence.get(name, ()) if e.value == item.stated.get(name)]
        return Basis.REVIEWER in found and Basis.RECORDS not in found

    def _rests_on_findings(self, result: CriterionResult) -> bool:
        """Tell whether a criterion is met by what only a reviewer found."""
        item, vocabulary = self.account.item.item, self.account.library.vocabulary
        names = [reading.test.fact for reading in self.account.settled(result).supporting]
        stated = [name for name in names if name in item.stated]
        derived = vocabulary.sources([name for name in names if name not in item.stated])
        return any(map(self._only_found, (*stated, *derived)))

    @cached_property
    def _points(self) -> list[Point]:
        item = self.account.item
        return [] if item.lacking else checklist(item, self.account.library.vocabulary)

    @cached_property
    def _against(self) -> set[str]:
        """The facts that speak against criteria that decide or may."""
        against = [point for point in self._points if point.state in (State.STANDING, State.CONTRARY)]
        return {reading.test.fact for point in against for reading in point.contrary}

    @cached_property
    def _for(self) -> set[str]:
        """The facts that meet criteria that decide."""
        return {r.test.fact for result in self._met() for r in self.account.settled(result).supporting}

    def _met(self) -> Iterator[CriterionResult]:
        """Yield the criteria that the letter may cite.

        Of a guideline that stated facts rule out, none: its other sentences rest on what it asks for there.
        """
        standing = [point for point in self._points if point.state is State.STANDING]
        ruled_out = {result.guideline.id for point in standing for result in point.results}
        for result in self.account.item.criteria:
            if result.controlling and result.status is Status.MET and result.guideline.id not in ruled_out:
                yield result

    def _grounds(self) -> Iterator[Ground]:
        """Yield where the guidelines ask for what the request states, criteria of one place together."""
        places: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for result in self._met():
            if self._rests_on_findings(result) or _is_practice(result):
                continue
            says, facts = places.setdefault(self._place(result), ({}, {}))
            says[sentence(result.criterion.says)] = None
            facts |= dict.fromkeys(self._meeting(result))
        for place, (says, facts) in places.items():
            yield Ground(place, tuple(says), tuple(facts))

    def _place(self, result: CriterionResult) -> str:
        """Return where a criterion stands, and that its edition is only cited where it has been replaced."""
        former = former_words(result.guideline, self.account.library, self.account.item.item.as_of)
        return ", ".join(part for part in (reference(result.citation), former) if part)

    def _meeting(self, result: CriterionResult) -> Iterator[str]:
        """Yield the stated facts that meet a criterion, and numbers that are worked out from stated ones."""
        item, vocabulary = self.account.item.item, self.account.library.vocabulary
        for reading in self.account.settled(result).supporting:
            name = reading.test.fact
            if name in item.stated or vocabulary.facts[name].type.is_numeric:
                yield self._line(name)
                continue
            for source in vocabulary.sources([name]):
                if source in item.stated and source not in STRUCTURAL:
                    yield self._line(source)

    def _line(self, name: str) -> str:
        """Return a known fact as a sentence, with its evidence or with what it is worked out from."""
        item = self.account.item.item
        behind = self._evidence(name)
        if name not in item.stated:
            sources = [n for n in self.account.library.vocabulary.sources([name]) if n in item.stated]
            behind = f"worked out from {self.account.words.labels(sources)}"
        clause = self.account.words.clause(name, item.known.values[name])
        return sentence(clause + (f" ({behind})" if behind else ""))

    def _evidence(self, name: str) -> str:
        """Return the documents in which a fact stands as stated; another finding is no evidence for it."""
        item = self.account.item.item
        places = (
            ", ".join(part for part in (found.source, pages(found.page)) if part)
            for found in item.evidence.get(name, ())
            if found.value == item.stated.get(name)
        )
        return "; ".join(dict.fromkeys(place for place in places if place))

    # -------------------------------------------------------------------------------------------- the notes

    def _notes(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield what the letter leaves open, by heading."""
        item, library = self.account.item, self.account.library
        yield (
            "What guidecheck predicts",
            (headline(item, library), *currency_notes(item, library, self.today)),
        )
        yield (
            "Stated in the request, and against it; the letter does not say otherwise, and may not",
            tuple(self._notes_against()),
        )
        yield (
            "Not documented; add it only if it is true, with the document and the page",
            tuple(self._notes_open(State.MISSING, State.UNKNOWN)),
        )
        yield "Not stated, and not held against the request", tuple(self._notes_open(State.ASSUMED))
        for explained in explained_sums(item, library.vocabulary):
            yield sum_heading(explained), explained.lines
        needed = tuple(sentence(self.account.words.label(name)) for name in item.lacking)
        yield "Needed before any guideline can be applied", needed
        yield "Stated in the request, and left out of the letter", tuple(self._left_out())
        yield "Before it is signed", tuple(self._checks())

    def _notes_against(self) -> Iterator[str]:
        for point in self._points:
            if point.state in (State.STANDING, State.CONTRARY):
                told = sentence(listed(self.account.words.told(reading) for reading in point.contrary))
                if point.missing:
                    told += f" Not documented: {self.account.words.labels(point.missing, 'or')}."
                mend = point.advice if point.state is State.CONTRARY else ""
                yield f"{told} {_asks(point.results)} {mend}".rstrip()

    def _notes_open(self, *states: State) -> Iterator[str]:
        cited = {result.guideline.id for result in self._met()}
        for point in self._points:
            if point.state not in states:
                continue
            told = "".join(f"{sentence(self.account.words.told(reading))} " for reading in point.contrary)
            labels = sentence(self.account.words.labels(point.open, "or"))
            lead = f"{told}Not documented: " if told else ""
            text = f"{lead}{labels} {_asks(point.results)} {point.advice}".rstrip()
            titles = {r.guideline.id: r.guideline.title for r in point.results if r.guideline.id in cited}
            if titles and point.state is not State.ASSUMED:
                text += f" Without it, see whether what the letter cites of {listed(titles.values())} fits."
            yield text

    def _left_out(self) -> Iterator[str]:
        """Yield the answers that stand neither in the letter nor among what speaks against it."""
        item, words = self.account.item.item, self.account.words
        told = self._for | self._against
        for name, value in item.stated.items():
            if value is False and name not in told:
                yield sentence(words.clause(name, value))
        for name in self.account.library.vocabulary.facts:
            if name in item.undocumented:
                yield f"Stated as not documented: {words.label(name)}."

    def _checks(self) -> Iterator[str]:
        item, words = self.account.item, self.account.words
        bare = [name for name in self._documented() if not self._evidence(name)]
        if bare:
            yield f"No document or page is named for {words.labels(bare)}: name it."
        yield from self._reviewers_findings()
        unsure = dict.fromkeys(reference(r.citation) for r in item.controlling if r.confidence == "uncertain")
        if unsure:
            yield f"How this library reads {listed(unsure)} is uncertain."
        if item.outcome is Outcome.NO_GUIDELINE:
            yield "No guideline of this library decides on the treatment: name one that supports it, with pages."
        yield "Guidelines are paraphrased: check every citation against the guideline itself."
        yield "Diagnoses and the like stand in the words of the rule library: write them as the chart has them."
        yield "Fill in what stands in square brackets, and delete these notes."

    def _reviewers_findings(self) -> Iterator[str]:
        """Yield what a reviewer found, and what the records say where that differs."""
        item, words = self.account.item.item, self.account.words
        alone = []
        for name, found in item.evidence.items():
            theirs = [evidence for evidence in found if evidence.basis is Basis.REVIEWER]
            recorded = [e for e in found if e.basis is Basis.RECORDS and theirs and e.value != theirs[0].value]
            for evidence in recorded:
                place = ", ".join(part for part in (evidence.source, pages(evidence.page)) if part)
                yield (
                    f"On {words.label(name)}, the records give {_found(words, name, evidence)}"
                    f"{f' ({place})' if place else ''}, and the reviewer found "
                    f"{_found(words, name, theirs[0])}, which counts here. See which of them is so."
                )
            if theirs and not recorded and name in item.stated:
                alone.append(name)
        if alone:
            yield (
                f"Found by a reviewer, not taken from the records, and so left out of the letter: "
                f"{words.labels(alone)}. Check the records."
            )


def _is_practice(result: CriterionResult) -> bool:
    """Tell whether a criterion rests on practice alone, by its note, and its silence costs nothing.

    The reader would not find it at the place cited.
    """
    return result.criterion.assumed_met and "note" in result.criterion.citation


def _heading(fact: Fact) -> str:
    return sentence_case(fact.label.removeprefix("the "))


def _found(words: Wording, name: str, evidence: Evidence) -> str:
    return "nothing" if evidence.value is None else words.value(name, evidence.value)


def _asks(results: tuple[CriterionResult, ...]) -> str:
    return " ".join(f"{reference(result.citation)} asks: {sentence(result.criterion.says)}" for result in results)
