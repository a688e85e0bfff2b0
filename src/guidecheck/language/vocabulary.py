"""The vocabulary: every fact that rules and requests may use, and what follows from what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from guidecheck.language.conditions import Cell, Condition, TableName, cells_read, tables_listed
from guidecheck.language.copies import WithoutMemory
from guidecheck.language.derivations import Derivation, conditions_in, facts_in, facts_of
from guidecheck.language.facts import AS_OF as AS_OF
from guidecheck.language.facts import Fact, FactType, Scope
from guidecheck.language.tables import Table

TREATMENT = "treatment"
JURISDICTION = "jurisdiction"
STRUCTURAL = {
    TREATMENT: (FactType.CHOICE, Scope.ITEM),
    AS_OF: (FactType.DATE, Scope.CLAIM),
    JURISDICTION: (FactType.CHOICE, Scope.CLAIM),
}
"""Facts that every vocabulary declares, because choosing the guidelines of an item rests on them."""


class _EveryName(frozenset[str]):
    """A set with every name in it."""

    def __contains__(self, name: object) -> bool:
        return True

    def __or__(self, other: object) -> _EveryName:
        return self

    __ror__ = __or__


EVERY_NAME: frozenset[str] = _EveryName()
"""Stands for the names of a file that cannot be read: any name may be one of them."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a condition looks up: the facts that it rests on, cells of tables, and tables that list."""

    facts: tuple[str, ...]
    cells: tuple[Cell, ...]
    listings: tuple[TableName, ...]


@dataclass(frozen=True)
class Vocabulary(WithoutMemory):
    """Facts by name, their derivations, the tables these use, and what each treatment needs.

    `broken` are facts and tables that are declared with a mistake: naming one is no further mistake. A
    vocabulary that is used has none.
    """

    facts: Mapping[str, Fact]
    derivations: Mapping[str, Derivation] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    needed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    silence: dict[bool, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `deriving` has worked out of an item that states nothing, in partial records or in complete ones."""

    def facts_in(self, scope: Scope) -> list[Fact]:
        """Return the facts of one scope, in file order, without those that only stand in list entries."""
        return [f for f in self.facts.values() if f.scope is scope]

    @cached_property
    def _inputs(self) -> dict[str, list[str]]:
        return {name: facts_of(derivation, self.tables) for name, derivation in self.derivations.items()}

    @cached_property
    def needing_nothing(self) -> Vocabulary:
        """The same vocabulary, with no facts that a treatment needs; made once, for what it works out once."""
        return replace(self, needed={})

    @cached_property
    def followers(self) -> Mapping[str, frozenset[str]]:
        """By fact the derived ones that may rest on it, however indirectly."""
        found: dict[str, set[str]] = {}
        for name in self.derivations:
            for source in self.sources(self.inputs(name)):
                found.setdefault(source, set()).add(name)
        return {source: frozenset(names) for source, names in found.items()}

    @cached_property
    def _reads(self) -> dict[int, Reads]:
        conditions = (one for derivation in self.derivations.values() for one in conditions_in(derivation))
        return {
            id(one): Reads(tuple(facts_in(one, self.tables)), tuple(cells_read(one)), tuple(tables_listed(one)))
            for one in conditions
        }

    def reads(self, condition: Condition) -> Reads:
        """Return what a condition in one of the derivations looks up."""
        return self._reads[id(condition)]

    def inputs(self, name: str) -> list[str]:
        """Return the facts that a derived fact is worked out from, directly; none for other facts."""
        return self._inputs.get(name, [])

    def sources(self, names: Iterable[str]) -> list[str]:
        """Return facts with everything they can be worked out from, each once, the askable before the derived."""
        found: dict[str, None] = {}
        seen: set[str] = set()

        def visit(name: str) -> None:
            if name in seen:
                return
            seen.add(name)
            for source in self.inputs(name):
                visit(source)
            found[name] = None

        for name in names:
            visit(name)
        return list(found)
