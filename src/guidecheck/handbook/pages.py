"""Guidelines and criteria in prose: what they ask, of whom, since when, and where that stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from guidecheck.explaining.condition_words import Clauses, ConditionWords, name_words
from guidecheck.explaining.wording import full_place, listed, sentence, sentence_case, span_words
from guidecheck.handbook.blocks import Block, Bullet, Field, Heading, Link, Paragraph, Words, joined
from guidecheck.handbook.catalogue import Catalogue, Edition
from guidecheck.handbook.table_grids import TableGrids
from guidecheck.language.conditions import All, Condition, Test
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library.models import Criterion, Guideline, Library, Period

VOCABULARY_PAGE = "vocabulary"
GUIDELINES_FOLDER = "guidelines"

CONFIDENCE = {
    "confirmed": "Confirmed: read in the source.",
    "known": "Known: long established, not read again in the source.",
    "uncertain": "Uncertain: check it against the guideline.",
}
ROLE_NAMES = {"when": "Only where", "unless": "Unless", "require": "Asks that"}


@dataclass(frozen=True)
class LibraryPages:
    """Writes the pages of a library's guidelines and criteria."""

    library: Library

    @cached_property
    def _words(self) -> ConditionWords:
        return ConditionWords(self.library.vocabulary)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Finds guidelines."""
        return Catalogue(self.library)

    def guideline(self, guideline: Guideline) -> Iterator[Block]:
        """Yield a guideline: whose it is, when and for what it holds, its criteria and tables."""
        yield Heading(guideline.title, 1)
        yield Field("Id", guideline.id)
        yield Field("Stands in", full_place(guideline.citation) or "see each criterion")
        yield from self._in_force(guideline)
        yield self._asked("For", self._for(guideline))
        if guideline.leaves_open is not None:
            topics = listed(name_words(topic) for topic in self.library.topics if topic in guideline.leaves_open)
            yield Field("Leaves open", f"{topics}, to guidelines of a lower rank" if topics else "nothing")
        if guideline.outranks:
            titles = [self.library.guidelines[name].title for name in sorted(guideline.outranks)]
            yield Field("Goes before", listed(titles))
        for criterion in guideline.criteria:
            yield Heading(criterion.id, 2, criterion.id)
            yield from self._asks(criterion)
            yield from self._standing(criterion)
        for table in self.library.own_tables(guideline).values():
            yield from self._table(guideline, table)

    def criterion(self, criterion: Criterion) -> Iterator[Block]:
        """Yield a criterion, with what the editions for the same treatments say on its topic, by date."""
        guideline = self.library.guidelines[criterion.guideline]
        yield Heading(criterion.key, 1)
        yield Field("Guideline", guideline.title)
        yield from self._in_force(guideline)
        yield self._asked("For", self._for(guideline))
        yield from self._asks(criterion)
        yield from self._standing(criterion)
        for name in dict.fromkeys(cell.table for cell in criterion.cells):
            yield from self._table(guideline, guideline.tables[name])
        yield Heading("Over the editions", 2)
        yield Paragraph("What guidelines for the same treatment say on this topic, by date.")
        editions = self.catalogue.history(criterion)
        for number, edition in enumerate(editions):
            if number == 0 or _place(editions[number - 1]) != _place(edition):
                yield Heading(f"{sentence_case(span_words(edition.period))}: {edition.guideline.title}", 3)
            yield from self._edition(edition, criterion)

    def _table(self, guideline: Guideline, table: Table) -> Iterator[Block]:
        citation = {"title": guideline.title, **guideline.citation}
        yield from TableGrids(self.library.vocabulary).blocks(table, citation, 2, table_anchor(table.name))

    def _edition(self, edition: Edition, shown: Criterion) -> Iterator[Block]:
        other = edition.criterion
        here = " (this criterion)" if other.key == shown.key else ""
        words: Words = (criterion_link(other, other.id), f"{here}: {sentence(other.says)}")
        yield Bullet(words, (Bullet(sentence(self.required(other))),))

    def required(self, criterion: Criterion) -> str:
        """Return what a criterion asks, in a clause, with its guards."""
        require = criterion.require
        asked = "not recommended" if require is None else self._words.clause_of(require)
        guards = [
            f"{word} {self._words.clause_of(guard)}"
            for word, guard in (("where", criterion.when), ("unless", criterion.unless))
            if guard is not None
        ]
        return ", ".join([asked, *guards])

    def _in_force(self, guideline: Guideline) -> Iterator[Block]:
        whose = [self._authority(period) for period in guideline.periods]
        if len(set(whose)) == 1:
            yield Field("Whose", whose[0])
            yield Field("In force", listed(sentence_case(span_words(period)) for period in guideline.periods))
            return
        below = tuple(
            Bullet(f"{sentence_case(span_words(period))}: {title}")
            for period, title in zip(guideline.periods, whose, strict=True)
        )
        yield Field("In force", "with changing authority:", below)

    def _authority(self, period: Period) -> str:
        authority = self.library.authorities[period.authority]
        return f"{authority.title}, reported beside the prediction" if authority.legal else authority.title

    def _for(self, guideline: Guideline) -> str | Clauses:
        """Return the items that a guideline is for; the treatments by their names alone."""
        treatments = self.catalogue.treatments(guideline)
        labels = [self.library.vocabulary.facts[TREATMENT].choices[name].label for name in treatments]
        rest = _without_treatment(guideline.applies_to)
        named = listed(labels) or "any treatment"
        if rest is None:
            return named
        told = self._words.told(rest)
        if isinstance(told, Clauses):
            return Clauses(f"{named}, where {told.lead}", told.parts)
        return f"{named}, where {told}"

    def _asks(self, criterion: Criterion) -> Iterator[Block]:
        yield Field("Topic", f"{name_words(criterion.topic)}: {self.library.topics[criterion.topic]}")
        yield Field("Says", sentence(criterion.says))
        for role, lead in ROLE_NAMES.items():
            condition = getattr(criterion, role)
            if condition is not None:
                yield self._asked(lead, self._words.told(condition))
        if criterion.require is None:
            yield Field("Asks that", "Not recommended: where it applies, it is not met.")
        if criterion.assumed_met:
            yield Field("If silent", "The records' silence is not held against the request.")
        if criterion.remedy:
            yield Field("Advice", sentence(criterion.remedy))
        yield Field("Facts", joined(fact_link(name) for name in criterion.facts))

    def _standing(self, criterion: Criterion) -> Iterator[Block]:
        guideline = self.library.guidelines[criterion.guideline]
        title = criterion.citation.get("title", "")
        own = [title] if title and title != guideline.title else []
        yield Field("Stands in", ", ".join([*own, full_place(criterion.citation)]))
        yield Field("How sure", CONFIDENCE.get(criterion.confidence, criterion.confidence))

    def _asked(self, name: str, told: str | Clauses) -> Field:
        if isinstance(told, str):
            return Field(name, sentence(told) if name != "For" else told)
        return Field(name, f"{told.lead}:", tuple(_bullet(part) for part in told.parts))


def table_anchor(name: str) -> str:
    """Return the anchor of a table on its page."""
    return f"table-{name}"


def fact_link(name: str) -> Link:
    """Return a link to a fact on the page of the vocabulary."""
    return Link(name, VOCABULARY_PAGE, name)


def guideline_link(guideline: Guideline, words: str = "", anchor: str = "") -> Link:
    """Return a link to the page of a guideline."""
    return Link(words or guideline.title, f"{GUIDELINES_FOLDER}/{guideline.id}", anchor)


def criterion_link(criterion: Criterion, words: str = "") -> Link:
    """Return a link to a criterion on its guideline's page."""
    return Link(words or criterion.key, f"{GUIDELINES_FOLDER}/{criterion.guideline}", criterion.id)


def _place(edition: Edition) -> tuple[str, Period]:
    return edition.guideline.id, edition.period


def _bullet(part: str | Clauses) -> Bullet:
    if isinstance(part, str):
        return Bullet(part)
    return Bullet(f"{part.lead}:", tuple(_bullet(inner) for inner in part.parts))


def _without_treatment(applies_to: Condition) -> Condition | None:
    """Return what a guideline asks of its items beside the treatment, or None."""
    parts = applies_to.parts if isinstance(applies_to, All) else (applies_to,)
    rest = tuple(part for part in parts if not (isinstance(part, Test) and part.fact == TREATMENT))
    if not rest:
        return None
    return rest[0] if len(rest) == 1 else All(rest)
