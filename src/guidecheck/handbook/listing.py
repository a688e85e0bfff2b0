"""The guidelines of a library, by treatment and date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from guidecheck.explaining.wording import day_words, listed, sentence_case, span_words
from guidecheck.handbook.blocks import Block, Bullet, Heading, Paragraph
from guidecheck.handbook.catalogue import Catalogue
from guidecheck.handbook.pages import guideline_link
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library.models import Guideline, Library, Period

ANY_TREATMENT = "Any treatment"


def listing(library: Library, treatment: str | None, day: date | None, level: int = 2) -> Iterator[Block]:
    """Yield the guidelines by treatment, of those in force on a day; headings are of a level."""
    catalogue = Catalogue(library)
    shelves = catalogue.shelves(treatment, day)
    for name, guidelines in shelves:
        yield Heading(treatment_words(library, name), level, f"treatment-{name or 'any'}")
        for guideline in guidelines:
            yield _entry(library, guideline, day)
    if not shelves:
        yield Paragraph(_none(library, treatment, day))


def treatment_words(library: Library, treatment: str | None) -> str:
    """Return a treatment's label with a capital."""
    if treatment is None:
        return ANY_TREATMENT
    return sentence_case(library.vocabulary.facts[TREATMENT].choices[treatment].label)


def _entry(library: Library, guideline: Guideline, day: date | None) -> Bullet:
    number = len(guideline.criteria)
    criteria = f"{number} criteria" if number > 1 else "one criterion"
    periods = [period for period in guideline.periods if day is None or period.holds(day)]
    held = "; ".join(_held(library, guideline, period) for period in periods)
    return Bullet((guideline_link(guideline),), (Bullet(f"{guideline.id}, {criteria}, in force {held}"),))


def _held(library: Library, guideline: Guideline, period: Period) -> str:
    """Return a period, with whose text it is then, where that changes or is no part of a prediction."""
    authority = library.authorities[period.authority]
    span = span_words(period)
    if authority.legal:
        return f"{span}, as law beside the prediction"
    changes = len({other.authority for other in guideline.periods}) > 1
    return f"{span} as {authority.title}" if changes else span


def _none(library: Library, treatment: str | None, day: date | None) -> str:
    for_it = f" for {treatment_words(library, treatment).lower()}" if treatment else ""
    if day is None:
        return f"There is no guideline{for_it}."
    told = f"No guideline{for_it} is in force on {day_words(day)}."
    shelves = Catalogue(library).shelves(treatment, None)
    others = dict.fromkeys(guideline.id for _, guidelines in shelves for guideline in guidelines)
    held = (f"{name} ({listed(map(span_words, library.guidelines[name].periods))})" for name in others)
    return f"{told} On other days: {'; '.join(held)}." if others else told
