"""Why nothing that a person could change turns a prediction, and what the records may still say that would.

A fact that the records leave open is named only where the engine finds that some answer to it turns the
prediction, by itself or with changes beside it. Facts that are usually undocumented are never named: nobody is
told to look for a flare-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

from guidecheck.deciding.changes import amended_item
from guidecheck.deciding.determination import (
    Certainty,
    Change,
    CriterionResult,
    ItemDetermination,
)
from guidecheck.explaining.wording import FactWords, listed, sentence
from guidecheck.language.conditions import Test, tests_of
from guidecheck.language.facts import Changeable, Fact, FactType, Value
from guidecheck.language.vocabulary import STRUCTURAL, Vocabulary
from guidecheck.requests.request import Item

Turning = Callable[[Item], Iterable[Change] | None]
"""Returns the fewest changes found that turn an item's prediction (none at all where it is overturned already)."""

MOST_ANSWERS = 8
"""Answers to one fact that are tried; more only where the fact has more choices, and then each by itself."""

_LONG_AGO = (0, 60, 200, 400)
"""Days before the review that are tried as a date."""

NOTHING = "Nothing that could be asked otherwise, done or documented turns this."


def none_because(determination: ItemDetermination, vocabulary: Vocabulary, turning: Turning) -> str:
    """Return why nothing that a person could change turns the prediction."""
    if determination.lacking:
        names = ", ".join(vocabulary.facts[name].label for name in determination.lacking)
        return f"The item cannot be checked without {names}."
    alone, beside = _what_records_may_say(determination, vocabulary, turning)
    parts = []
    if alone:
        parts.append(f"Only what the records may still say could turn this: {listed(alone, 'or')}.")
    for changes, labels in beside.items():
        lead = "Only what the records may still say could turn this" if not parts else "Or"
        parts.append(f"{lead}: {listed(labels, 'or')}, and beside it a change of {listed(changes)}.")
    parts = [*parts, "State it if they do."] if parts else [NOTHING]
    stated = _stated(determination, vocabulary)
    if stated:
        parts.append(f"It rests on what the request states ({'; '.join(stated)}).")
    elif not alone and not beside:
        says = dict.fromkeys(sentence(r.criterion.says) for r in standing_in_the_way(determination))
        parts += [f"What stands in the way: {' '.join(says)}"] if says else []
    return " ".join(parts)


def standing_in_the_way(determination: ItemDetermination) -> list[CriterionResult]:
    """Return the results, controlling or possibly so, that are not met."""
    return [r for r in determination.criteria if r.controls is not Certainty.NO and not r.counts_as_met]


def _what_records_may_say(
    determination: ItemDetermination, vocabulary: Vocabulary, turning: Turning
) -> tuple[list[str], dict[tuple[str, ...], list[str]]]:
    """Return the labels of silent facts that can turn it alone, and of those that can beside changes, by these."""
    item = determination.item
    alone: list[str] = []
    beside: dict[str, tuple[str, ...]] = {}
    for fact in _silent(determination, vocabulary):
        for value in _answers(fact, item, determination):
            answered = amended_item(vocabulary, item, (Change(fact.name, value, Changeable.FIXED, ""),))
            changes = None if answered is None else turning(answered)
            if changes is None:
                continue
            labels = tuple(vocabulary.facts[change.fact].label for change in changes)
            if not labels:
                alone.append(fact.label)
                beside.pop(fact.label, None)
                break
            if len(labels) < len(beside.get(fact.label, labels)) or fact.label not in beside:
                beside[fact.label] = labels
    by_changes: dict[tuple[str, ...], list[str]] = {}
    for label, changed in beside.items():
        by_changes.setdefault(changed, []).append(label)
    return alone, by_changes


def _silent(determination: ItemDetermination, vocabulary: Vocabulary) -> list[Fact]:
    """Return the fixed facts that unmet criteria require, or go by in a table of limits, and that nobody stated.

    No guards: nobody is told to find a flare-up so that another rule applies.
    """
    item = determination.item
    found: dict[str, Fact] = {}
    for result in standing_in_the_way(determination):
        keys = [n for cell in result.criterion.cells for n in result.guideline.tables[cell.table].facts_read]
        read = dict.fromkeys((*result.criterion.required_facts, *keys))
        for name in _sources(vocabulary, item, read, known=False):
            fact = vocabulary.facts[name]
            fixed = fact.change is Changeable.FIXED and fact.ask and not fact.usual_undocumented
            if fixed and name not in item.undocumented:
                found[name] = fact
    return list(found.values())


def _answers(fact: Fact, item: Item, determination: ItemDetermination) -> list[Value]:
    """Return answers that the records may give on a fact."""
    values: Sequence[Value] = ()
    match fact.type:
        case FactType.BOOLEAN:
            values = [True, False]
        case FactType.CHOICE:
            values = list(fact.choices)
        case FactType.SET:
            values = [frozenset({choice}) for choice in fact.choices]
        case FactType.DATE:
            values = [item.as_of - timedelta(days=days) for days in _LONG_AGO]
        case FactType.INTEGER | FactType.NUMBER:
            named = (test.operand for r in determination.criteria for test in _tests(r) if test.fact == fact.name)
            numbers = [n for n in named if isinstance(n, int | float) and not isinstance(n, bool)]
            low = fact.minimum if isinstance(fact.minimum, int | float) else 0
            values = [value for n in (low, 1, *numbers) for value in (n, n + 1)][:MOST_ANSWERS]
        case _:
            pass
    return list(dict.fromkeys(values))


def _tests(result: CriterionResult) -> Iterator[Test]:
    for condition in (result.criterion.require, result.criterion.when, result.criterion.unless):
        yield from tests_of(condition)


def _stated(determination: ItemDetermination, vocabulary: Vocabulary) -> list[str]:
    """Return what the request states, fact by fact, that the unmet criteria read.

    What could be asked otherwise or done is told only where nothing that is so stands against it.
    """
    item, words = determination.item, FactWords(vocabulary)
    found: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for result in standing_in_the_way(determination):
        for name in _sources(vocabulary, item, result.facts, known=True):
            fact = vocabulary.facts[name]
            if name in item.stated and name not in STRUCTURAL:
                lasting = fact.change in (Changeable.FIXED, Changeable.DOCUMENT)
                found[lasting][f"{fact.label}: {words.value(name, item.stated[name])}"] = None
    return list(found[True] or found[False])


def _sources(vocabulary: Vocabulary, item: Item, names: Iterable[str], *, known: bool) -> list[str]:
    """Return facts, and what they are worked out from, as far as each is known (or unknown) like the first."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found and (name in item.known.values) is known:
            found[name] = None
            if name not in item.stated:
                waiting += vocabulary.inputs(name)
    return list(found)
