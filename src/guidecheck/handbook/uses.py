"""Where each fact of a library is asked about, worked out and used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from guidecheck.language.conditions import Condition, facts_read, tables_read
from guidecheck.library.models import Criterion, Guideline, Library

ROLES = ("require", "when", "unless")


@dataclass(frozen=True, slots=True)
class CriterionUse:
    """A criterion that uses a fact: under which keys, and through which tables."""

    criterion: Criterion
    roles: tuple[str, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Uses:
    """What a library does with its facts."""

    library: Library

    def by_criteria(self, fact: str) -> list[CriterionUse]:
        """Return the criteria that read a fact, in the order of the library."""
        found = []
        for guideline in self.library.guidelines.values():
            for criterion in guideline.criteria:
                roles, tables = [], dict[str, None]()
                for role in ROLES:
                    condition: Condition | None = getattr(criterion, role)
                    if fact in facts_read(condition):
                        roles.append(role)
                    tables |= dict.fromkeys(self._through(fact, guideline, condition))
                if roles or tables:
                    found.append(CriterionUse(criterion, tuple(roles), tuple(tables)))
        return found

    def by_guidelines(self, fact: str) -> list[Guideline]:
        """Return the guidelines in which a fact decides whether they apply."""
        return [
            guideline
            for guideline in self.library.guidelines.values()
            if fact in facts_read(guideline.applies_to) or self._through(fact, guideline, guideline.applies_to)
        ]

    def into(self, fact: str) -> list[str]:
        """Return the facts that are worked out from one directly."""
        vocabulary = self.library.vocabulary
        return [name for name in vocabulary.facts if fact in vocabulary.inputs(name)]

    def in_lists(self, fact: str) -> list[str]:
        """Return the lists whose entries have a fact."""
        return [name for name, other in self.library.vocabulary.facts.items() if fact in other.of]

    def needed_for(self, fact: str) -> list[str]:
        """Return the treatments that cannot be checked without a fact."""
        return [treatment for treatment, names in self.library.vocabulary.needed.items() if fact in names]

    def is_used(self, fact: str) -> bool:
        """Tell whether anything rests on a fact."""
        return any((self.by_criteria(fact), self.by_guidelines(fact), self.into(fact), self.in_lists(fact)))

    def _through(self, fact: str, guideline: Guideline, condition: Condition | None) -> Iterable[str]:
        return [name for name in tables_read(condition) if fact in guideline.tables[name].facts_read]
