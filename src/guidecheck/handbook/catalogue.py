"""Which guidelines a library has: by treatment, on a day, and the editions of one question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from guidecheck.deciding.checking import treatments_named
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library.models import Criterion, Guideline, Library, Period


@dataclass(frozen=True, slots=True)
class Edition:
    """A criterion, the guideline it stands in, and a period in which that is in force."""

    criterion: Criterion
    guideline: Guideline
    period: Period


@dataclass(frozen=True)
class Catalogue:
    """Finds guidelines by what they are for and when they hold."""

    library: Library

    def treatments(self, guideline: Guideline) -> list[str]:
        """Return the treatments that a guideline names, in the order of the vocabulary; none: it is for any."""
        named = treatments_named(guideline.applies_to) or ()
        return [name for name in self.library.vocabulary.facts[TREATMENT].choices if name in named]

    def for_treatment(self, treatment: str | None, day: date | None = None) -> list[Guideline]:
        """Return the guidelines that name a treatment (None: that name none), of those in force on a day."""
        found = []
        for guideline in self.library.guidelines.values():
            named = self.treatments(guideline)
            if (treatment in named if treatment else not named) and (day is None or guideline.period(day)):
                found.append(guideline)
        return found

    def shelves(self, treatment: str | None, day: date | None) -> list[tuple[str | None, list[Guideline]]]:
        """Return treatments with their guidelines, and last (None) those that are for any treatment."""
        choices = self.library.vocabulary.facts[TREATMENT].choices
        names: Iterable[str | None] = (*choices, None) if treatment is None else (treatment, None)
        shelves = [(name, self.for_treatment(name, day)) for name in names]
        return [(name, guidelines) for name, guidelines in shelves if guidelines]

    def history(self, criterion: Criterion) -> list[Edition]:
        """Return what guidelines for the same treatments say on the same topic, by date.

        A criterion stands once for each period of its guideline.
        """
        treatments = set(self.treatments(self.library.guidelines[criterion.guideline]))
        found = []
        for guideline in self.library.guidelines.values():
            others = set(self.treatments(guideline))
            if not (treatments & others if treatments or others else guideline.id == criterion.guideline):
                continue
            found += [
                Edition(other, guideline, period)
                for period in guideline.periods
                for other in guideline.criteria
                if other.topic == criterion.topic
            ]
        order = list(self.library.guidelines)
        ranks = self.library.authorities
        return sorted(
            found,
            key=lambda e: (e.period.start, ranks[e.period.authority].rank, order.index(e.guideline.id)),
        )
