"""A determination in words, in the register reviewers use: asked, documented, missing, therefore."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guidecheck.deciding.checking import treatments_named, would_apply
from guidecheck.deciding.determination import Certainty, ItemDetermination, Outcome, Status
from guidecheck.explaining.account import Account
from guidecheck.explaining.editions import in_force
from guidecheck.explaining.wording import day_words, listed, reference, sentence, span_words
from guidecheck.language.facts import Changeable
from guidecheck.library.models import Guideline, Library
from guidecheck.requests.item_building import DEFAULT_JURISDICTION

MOST_REASONS = 4
"""Reasons that a headline gives before it only counts the rest."""

MOST_EDITIONS = 3

_MTUS_SILENCE = "treatment may not be denied only because the MTUS does not address it (8 CCR 9792.21(d))"


def rationale(item: ItemDetermination, library: Library) -> str:
    """Return why an item is predicted as it is, as a paragraph."""
    return " ".join(_Words(item, library).sentences())


def headline(item: ItemDetermination, library: Library) -> str:
    """Return the outcome with its main reasons, in the one line that a person can act on."""
    return _Words(item, library).headline()


@dataclass
class _Words(Account):
    """Puts an account into sentences."""

    def headline(self) -> str:
        """Return the outcome with its main reasons."""
        match self.item.outcome:
            case Outcome.UPHELD:
                return f"Predicted UPHELD: {self._reasons()}."
            case Outcome.OVERTURNED:
                assumed = sum(result.assumed for result in self.item.controlling)
                how = f", {assumed} of them by assumption" if assumed else ""
                open_ = f"; {self._uncounted()}" if self.uncounted else ""
                return f"Predicted OVERTURNED: the request meets every criterion that decides it{how}{open_}."
            case Outcome.UNDETERMINED:
                return f"NO PREDICTION: {self._left_open(MOST_REASONS)}."
            case Outcome.NO_GUIDELINE:
                return f"NO PREDICTION: no guideline here decides on {self.treatment}; that is no denial."

    def _uncounted(self) -> str:
        """Return which totals cannot be worked out, as a clause."""
        return f"no limit was applied to {self.words.labels(self.uncounted)}, which cannot be worked out"

    def _reasons(self) -> str:
        """Return why the denial would stand: what speaks against the request first, then what is missing."""
        against: dict[str, None] = {}
        for result in self.deciding:
            clauses = [self.ruled_out(result), *map(self.words.told, self.against(result))]
            against |= dict.fromkeys(clause for clause in clauses if clause)
        shown = list(against)[:MOST_REASONS]
        shown += self._not_documented(max(1, MOST_REASONS - len(shown)))
        return "; ".join(shown) or "a criterion that decides is not met"

    def _not_documented(self, most: int | None = None) -> list[str]:
        """Return what is missing: what a request itself would state, and what records would document."""
        facts = self.library.vocabulary.facts
        request = [name for name in self.missing if facts[name].change is Changeable.REQUEST]
        records = [name for name in self.missing if name not in request]
        told = [f"the request does not state {self._names(request, most, 'or')}"] if request else []
        if records:
            told.append(f"the records do not document {self._names(records, most, 'or')}")
        return told

    def _names(self, names: list[str], most: int | None, last: str) -> str:
        """Return the labels of facts as a list that counts what is beyond `most`."""
        if most is not None and len(names) > most + 1:
            return listed([*map(self.words.label, names[:most]), f"{len(names) - most} other facts"], last)
        return self.words.labels(names, last)

    def _left_open(self, most: int | None = None) -> str:
        if self.item.lacking:
            return f"the request does not state {self.words.labels(self.item.lacking, 'or')}"
        names = self.unknown or self.missing
        if not names:
            return "what is at hand does not decide the request"
        return f"the records at hand leave open {self._names(names, most, 'and')}"

    def sentences(self) -> Iterator[str]:
        """Yield the sentences of the rationale, in order."""
        match self.item.outcome:
            case Outcome.NO_GUIDELINE:
                yield from self._no_guideline()
            case Outcome.UNDETERMINED if self.item.lacking:
                yield f"{sentence(self._left_open())} Without that, no guideline can be applied."
                yield "That is no prediction."
            case _:
                yield from self._asks()
                told = list(self._documents())
                yield from told
                yield from self._meets()
                yield from self._falls_short(after=bool(told))
                yield from self._assumes()
                yield from self._gives_way()
                yield from self._uncertain()
                yield self._therefore()

    def _no_guideline(self) -> Iterator[str]:
        day = day_words(self.item.item.as_of)
        if self.item.editions:
            titles = listed(guideline.title for guideline, _ in self.item.editions)
            yield f"On {day}, {titles} asks nothing that this request for {self.treatment} would have to meet."
        else:
            yield f"On {day}, no guideline of this library speaks to this request for {self.treatment}."
            yield from self._other_editions()
        if self.item.item.jurisdiction == DEFAULT_JURISDICTION:
            yield f"That is no prediction and no denial: {_MTUS_SILENCE}."
        else:
            yield "That is no prediction and no denial."

    def _other_editions(self) -> Iterator[str]:
        """Yield which guidelines would speak to the request on other days: a wrong date is the likely cause."""
        found = []
        item = self.item.item
        for guideline in self.library.guidelines.values():
            treatments = treatments_named(guideline.applies_to)
            named = treatments is not None and item.treatment in treatments
            if not named or guideline.period(item.as_of) is not None:
                continue
            periods = [
                period
                for period in in_force(guideline, self.library, item.jurisdiction)
                if would_apply(guideline, self.library, item, period.start)
            ]
            if periods:
                found.append(f"{guideline.title} ({listed(map(span_words, periods))})")
        if found:
            rest = len(found) - MOST_EDITIONS
            shown = found[:MOST_EDITIONS] + ([f"{rest} more"] if rest > 0 else [])
            yield f"Guidelines for it are in force on other days: {listed(shown)}."

    def _asks(self) -> Iterator[str]:
        """Yield what each guideline asks, under its reference."""
        asked: dict[str, dict[str, None]] = {}
        for result in self.deciding:
            asked.setdefault(reference(result.citation), {})[sentence(result.criterion.says)] = None
        for place, says in asked.items():
            yield f"{place}: {' '.join(says)}"

    def _documents(self) -> Iterator[str]:
        """Yield why the criteria apply and what speaks for the request, each fact once."""
        met = [r for r in self.item.controlling if r.status is Status.MET]
        against = {reading.test.fact for r in self.deciding for reading in self.against(r)}
        clauses: dict[str, str] = {}
        for result in [*self.deciding, *met]:
            settled = self.settled(result)
            tells_guards = result in self.deciding and not self.ruled_out(result)
            for reading in settled.guards if tells_guards else ():
                clauses.setdefault(reading.test.fact, self.words.told(reading, compare=False))
            for reading in settled.supporting:
                clauses[reading.test.fact] = self.words.told(reading)
        yield from self._tell({name: clause for name, clause in clauses.items() if name not in against})

    def _tell(self, clauses: dict[str, str]) -> Iterator[str]:
        """Yield the facts of the request by themselves, and those of the records as documented."""
        facts = self.library.vocabulary.facts
        request = [name for name in clauses if facts[name].change is Changeable.REQUEST]
        if request:
            yield sentence(self.cited({name: clauses[name] for name in request}))
        records = {name: f"that {clause}" for name, clause in clauses.items() if name not in request}
        if records:
            yield f"The records document {self.cited(records)}."

    def _meets(self) -> Iterator[str]:
        """Yield which guidelines an upheld request meets, beside those it does not."""
        if self.item.outcome is Outcome.UPHELD:
            unmet = {result.guideline.id for result in self.deciding}
            met = [r for r in self.item.controlling if r.status is Status.MET and r.guideline.id not in unmet]
            if met:
                yield f"The request meets {listed(reference(result.citation) for result in met)}."

    def _falls_short(self, *, after: bool) -> Iterator[str]:
        """Yield what speaks against the request, what is missing, and what is left open."""
        however = "However, " if after else ""
        against: dict[str, str] = {}
        for result in self.deciding:
            ruled_out = self.ruled_out(result, cite=True)
            if ruled_out:
                yield sentence(however + ruled_out)
                however = ""
            for reading in self.against(result):
                against[reading.test.fact] = self.words.told(reading)
        for told in self._tell(against):
            yield sentence(however + told[:1].lower() + told[1:]) if however else told
            however = ""
        for told in self._not_documented():
            yield sentence(however + told)
            however = ""
        if self.unknown:
            yield sentence(however + self._left_open())

    def _assumes(self) -> Iterator[str]:
        """Yield what was not held against the request."""
        if not self.item.outcome.is_prediction:
            return
        upheld = self.item.outcome is Outcome.UPHELD
        assumed = [] if upheld else [r for r in self.item.criteria if r.assumed and r.controls is not Certainty.NO]
        silent = list(
            dict.fromkeys(n for r in assumed for n in (*self.settled(r).missing, *self.settled(r).unknown))
        )
        if silent:
            yield f"Not documented, and not held against the request: {self.words.labels(silent, 'or')}."
        vocabulary = self.library.vocabulary
        facts = [name for name in self.item.assumes if name in vocabulary.facts and name not in self.uncounted]
        # What would follow from another of them says nothing more.
        facts = [name for name in facts if not set(facts).intersection(vocabulary.inputs(name))] or facts
        if facts:
            yield f"It is assumed that the records say nothing on {self.words.labels(facts, 'or')}."
        if self.uncounted:
            yield sentence(self._uncounted())

    def _gives_way(self) -> Iterator[str]:
        """Yield which guidelines do not decide, and to which they give way."""
        pairs: dict[tuple[str, str], None] = {}
        for result in self.item.criteria:
            if result.superseded_by is not None:
                pairs[result.guideline.id, self.superseder(result).id] = None
        told: dict[tuple[str, str, bool], list[str]] = {}
        for loser, winner in pairs:
            guideline, above = self.library.guidelines[loser], self.library.guidelines[winner]
            partly = any(r.controlling for r in self.item.criteria if r.guideline.id == loser)
            told.setdefault((above.title, self._because(guideline, above), partly), []).append(guideline.title)
        for (above_title, because, partly), titles in told.items():
            yield f"{_giving_way(titles, partly=partly)} to {above_title}, {because}."

    def _because(self, guideline: Guideline, above: Guideline) -> str:
        lower, higher = self.authority(guideline), self.authority(above)
        if higher.rank < lower.rank:
            return "which ranks higher"
        return "which is the more specific" if higher.id == lower.id else "which ranks equally and is met"

    def _uncertain(self) -> Iterator[str]:
        unsure = dict.fromkeys(reference(r.citation) for r in self.deciding if r.confidence == "uncertain")
        if unsure:
            yield f"How this library reads {listed(unsure)} is uncertain; check it against the guideline itself."

    def _therefore(self) -> str:
        several = len({result.guideline.id for result in self.deciding}) > 1
        guidelines = "these guidelines" if several else "the guideline"
        match self.item.outcome:
            case Outcome.UPHELD:
                return (
                    f"Therefore the request does not meet {guidelines}, and the denial is predicted to be upheld."
                )
            case Outcome.OVERTURNED:
                return f"Therefore the request meets {guidelines}, and the denial is predicted to be overturned."
            case _:
                return "Therefore no outcome is predicted."


def _giving_way(titles: list[str], *, partly: bool) -> str:
    """Return the guidelines that give way, as the subject of a sentence with its verb."""
    several = len(titles) > 1
    verb = "give way" if several else "gives way"
    if partly:
        subject = f"{listed(titles)}," if any("," in title for title in titles) else listed(titles)
        return f"On other questions {subject} {verb}"
    return f"{listed(titles)}, which also {'speak' if several else 'speaks'} to this, {verb}"
