"""Every minimal set of changes is found, by comparison with trying everything; and a cut is owned up to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from hypothesis import assume, given, note
from hypothesis import strategies as st

import strategies
from guidecheck.changes import amended_item
from guidecheck.checking import Checker
from guidecheck.determination import Certainty, Change, Outcome, Remedies
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.errors import RequestError
from guidecheck.facts import Changeable, Value
from guidecheck.remedies import MOST_CHANGES, MOST_REMEDIES, RemedyFinder
from guidecheck.request import Item
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


def _values(checker: Checker, item: Item, name: str) -> list[Value]:
    """Return every other value that a person could give a fact."""
    fact = checker.library.vocabulary.facts[name]
    if fact.change is Changeable.FIXED or (fact.change is Changeable.DOCUMENT and name in item.known.values):
        return []
    every: list[Value] = [*fact.choices] or ([*COUNTS] if fact.type.is_numeric else [True, False])
    # A request for nothing is none.
    least = [v for v in every if v or isinstance(v, bool) or fact.change is not Changeable.REQUEST]
    return [value for value in least if value != item.known.values.get(name)]


def _solutions(checker: Checker, item: Item) -> Iterator[frozenset[str]]:
    """Yield the facts of each set of changes that turns the prediction, whatever its size."""
    for size in range(1, len(FACTS) + 1):
        for names in combinations(FACTS, size):
            for values in product(*(_values(checker, item, name) for name in names)):
                if _turns(checker, item, dict(zip(names, values, strict=True))):
                    yield frozenset(names)
                    break


def _turns(checker: Checker, item: Item, values: dict[str, Value]) -> bool:
    facts = checker.library.vocabulary.facts
    changes = tuple(Change(name, value, facts[name].change, "") for name, value in values.items())
    amended = amended_item(checker.library.vocabulary, item, changes)
    if amended is None:
        return False
    after = checker.check_item(amended)
    asked = {n for r in after.criteria if r.controls is not Certainty.NO for n in r.criterion.required_facts}
    # Nobody is told to document what no criterion then asks for: that would only be to reach another rule.
    idle = any(facts[name].change is Changeable.DOCUMENT and name not in asked for name in values)
    return after.outcome is Outcome.OVERTURNED and not idle


def _smallest(sets: Iterator[frozenset[str]]) -> set[frozenset[str]]:
    found = set(sets)
    return {one for one in found if not any(other < one for other in found)}


@strategies.fewer(2)
@given(data=st.data())
def test_every_smallest_set_of_facts_is_found_or_the_cut_is_said(data: Any) -> None:
    kinds = {name: str(data.draw(st.sampled_from([*Changeable]), label=name)) for name in FACTS}
    rules = data.draw(strategies.rule_sets(_vocabulary(kinds)))
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
    expected = _smallest(_solutions(checker, item))
    note(f"found {found}, of {expected}")
    assert found <= expected
    if not remedies.cut:
        assert found == expected


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
