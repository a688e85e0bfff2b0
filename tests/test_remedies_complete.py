"""Every minimal set of changes is found, by comparison with trying everything; and a cut is owned up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from typing import Any

from hypothesis import assume, given, note
from hypothesis import strategies as st

import strategies
from guidecheck.deciding.changes import amended_item
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import Certainty, Change, Outcome, Remedies
from guidecheck.deciding.remedies import MOST_CHANGES, MOST_REMEDIES, RemedyFinder
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.errors import RequestError
from guidecheck.language.conditions import facts_read
from guidecheck.language.facts import Changeable, Value
from guidecheck.requests.request import Item
from test_engine_agrees import wide_rules

COUNTS = range(4)
FACTS: dict[str, dict[str, Any]] = {
    "flag_a": {"type": "boolean"},
    "flag_b": {"type": "boolean"},
    "flag_c": {"type": "boolean"},
    "count_a": {"type": "integer", "minimum": min(COUNTS), "maximum": max(COUNTS)},
    "kind_a": {"type": "choice", "values": {"red": {}, "green": {}}},
}


def _vocabulary(kinds: dict[str, str]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "treatment": {"type": "choice", "values": {name: {} for name in strategies.TREATMENTS}},
        "as_of": {"type": "date", "scope": "claim"},
        "jurisdiction": {"type": "choice", "scope": "claim", "values": {"california": {}, "texas": {}}},
        **{name: {**fact, "change": kinds[name]} for name, fact in FACTS.items()},
    }
    return {"facts": {name: {"label": name, "ask": f"{name}?", "scope": "item", **f} for name, f in facts.items()}}


_INSTEAD: dict[str, Any] = {
    "flag_a": True,
    "flag_b": True,
    "flag_c": True,
    "count_a": {"at_least": 2},
    "kind_a": "red",
    "treatment": "massage",
    "jurisdiction": "california",
    "as_of": {"after": "2010-01-01"},
}


def _plain(data: Any, name: str = "") -> Any:
    """Return conditions without `documented`: that any value at all would do is not looked for, but a yes is."""
    if data == {"documented": True}:
        return _INSTEAD[name]
    if isinstance(data, dict):
        return {key: _plain(value, key) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list) else data


def _values(checker: Checker, item: Item, name: str) -> list[Value]:
    """Return every other value that a person could give a fact."""
    fact = checker.library.vocabulary.facts[name]
    if fact.change is Changeable.FIXED or (fact.change is Changeable.DOCUMENT and name in item.known.values):
        return []
    every: list[Value] = [*fact.choices] or ([*COUNTS] if fact.type.is_numeric else [True, False])
    # A request for nothing is none.
    least = [v for v in every if v or isinstance(v, bool) or fact.change is not Changeable.REQUEST]
    return [value for value in least if value != item.known.values.get(name)]


@dataclass
class _Trials:
    """Everything that can come of changing an item."""

    checker: Checker
    item: Item
    _outcomes: dict[frozenset[tuple[str, Value]], Outcome | None] = field(default_factory=dict)

    def solutions(self, *, straight: bool) -> Iterator[frozenset[str]]:
        """Yield the facts of each set of changes that turns the prediction, whatever its size.

        With `straight`, none that the search leaves out by what is said of it: a part of which leaves the request
        without any guideline, or that documents a fact by which rules apply.
        """
        for size in range(1, len(FACTS) + 1):
            for names in combinations(FACTS, size):
                every = product(*(_values(self.checker, self.item, name) for name in names))
                changes = (dict(zip(names, values, strict=True)) for values in every)
                if any(self._turns(each) and not (straight and self._strays(each)) for each in changes):
                    yield frozenset(names)

    @cached_property
    def _guards(self) -> set[str]:
        """The facts by which guidelines and criteria apply, or rows of tables are picked."""
        guidelines = self.checker.library.guidelines.values()
        conditions = [
            c for g in guidelines for c in (g.applies_to, *(w for k in g.criteria for w in (k.when, k.unless)))
        ]
        keys = {key for guideline in guidelines for table in guideline.tables.values() for key in table.keys}
        return keys.union(*map(facts_read, conditions))

    def _turns(self, values: dict[str, Value]) -> bool:
        return self._outcome(values) is Outcome.OVERTURNED

    def _strays(self, values: dict[str, Value]) -> bool:
        facts = self.checker.library.vocabulary.facts
        if any(facts[name].change is Changeable.DOCUMENT and name in self._guards for name in values):
            return True
        parts = (part for size in range(1, len(values)) for part in combinations(values.items(), size))
        return any(self._outcome(dict(part)) is Outcome.NO_GUIDELINE for part in parts)

    def _outcome(self, values: dict[str, Value]) -> Outcome | None:
        key = frozenset(values.items())
        if key not in self._outcomes:
            self._outcomes[key] = self._tried(values)
        return self._outcomes[key]

    def _tried(self, values: dict[str, Value]) -> Outcome | None:
        facts = self.checker.library.vocabulary.facts
        changes = tuple(Change(name, value, facts[name].change, "") for name, value in values.items())
        amended = amended_item(self.checker.library.vocabulary, self.item, changes)
        if amended is None:
            return None
        after = self.checker.check_item(amended)
        asked = {n for r in after.criteria if r.controls is not Certainty.NO for n in r.criterion.required_facts}
        # Nobody is told to document what no criterion then asks for: that would only be to reach another rule.
        idle = any(facts[name].change is Changeable.DOCUMENT and name not in asked for name in values)
        return None if idle and after.outcome is Outcome.OVERTURNED else after.outcome


def _smallest(sets: Iterator[frozenset[str]]) -> set[frozenset[str]]:
    found = set(sets)
    return {one for one in found if not any(other < one for other in found)}


@strategies.fewer(2)
@given(data=st.data())
def test_every_smallest_set_of_facts_is_found_or_the_cut_is_said(data: Any) -> None:
    kinds = {name: str(data.draw(st.sampled_from([*Changeable]), label=name)) for name in FACTS}
    rules = data.draw(strategies.rule_sets(_vocabulary(kinds)))
    rules.guidelines[:] = _plain(rules.guidelines)
    checker = Checker(strategies.load(rules), InterpretedEngine())
    try:
        item = strategies.read_item(
            data.draw(strategies.records(rules, partial=data.draw(st.booleans()))), checker.library
        )
    except RequestError:
        assume(False)
    before = checker.check_item(item)
    assume(before.outcome not in (Outcome.OVERTURNED, Outcome.NO_GUIDELINE))
    remedies = RemedyFinder(checker).find(before)
    found = _smallest(frozenset(change.fact for change in remedy.changes) for remedy in remedies.found)
    trials = _Trials(checker, item)
    every, straight = set(trials.solutions(straight=False)), _smallest(trials.solutions(straight=True))
    note(f"found {found}, of {straight}")
    assert found <= every
    if not remedies.cut:
        assert all(any(shown <= expected for shown in found) for expected in straight)


def _asking(word: str, count: int) -> Remedies:
    """Return the remedies of a request of which nothing is so, where all or any of some facts are asked for."""
    flags = [f"flag_{index}" for index in range(count)]
    facts: dict[str, Any] = {name: {"type": "boolean", "scope": "item", "change": "act"} for name in flags}
    rules = wide_rules(
        {n: {"label": n, "ask": "?", **f} for n, f in facts.items()}, {word: [{n: True} for n in flags]}
    )
    checker = Checker(strategies.load(rules))
    item = strategies.read_item(
        {"as_of": "2015-03-31", "records": "complete", "facts": {"treatment": "massage"}}, checker.library
    )
    return RemedyFinder(checker).find(checker.check_item(item))


def test_as_many_ways_as_are_shown_are_all_and_one_more_is_a_cut() -> None:
    exact, more = _asking("any", MOST_REMEDIES), _asking("any", MOST_REMEDIES + 1)
    assert (len(exact.found), exact.cut) == (MOST_REMEDIES, False)
    assert (len(more.found), more.cut) == (MOST_REMEDIES, True)


def test_as_many_changes_as_are_tried_are_found_and_one_more_is_a_cut() -> None:
    exact, more = _asking("all", MOST_CHANGES), _asking("all", MOST_CHANGES + 1)
    assert [len(remedy.changes) for remedy in exact.found] == [MOST_CHANGES]
    assert not exact.cut
    assert (more.found, more.cut) == ((), True)
    assert f"More than {MOST_CHANGES} changes" in str(more.none_because)
