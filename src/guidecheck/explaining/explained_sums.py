"""How a total over a list was worked out, line by line, and which entry kept it from being known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from guidecheck.deciding.determination import ItemDetermination
from guidecheck.explaining.wording import Wording, day_words, listed, sentence_case, with_unit
from guidecheck.language.derivations import SumOver
from guidecheck.language.deriving import Deriver
from guidecheck.language.facts import DECIMALS, Entry, Fact, FactType, Value, show_labelled, show_value
from guidecheck.language.list_sums import FACTOR, TIMES, Summand
from guidecheck.language.tables import Row
from guidecheck.language.vocabulary import AS_OF, Vocabulary
from guidecheck.requests.request import Item


@dataclass(frozen=True, slots=True)
class ExplainedSum:
    """A derived total with its lines; where some entry could not be counted, `total` is None.

    `at_least` is then what the others come to, None where none could be counted.
    """

    fact: Fact
    total: Value | None
    at_least: float | None
    lines: tuple[str, ...]


def sum_heading(explained: ExplainedSum) -> str:
    """Return what the lines add up to, in a few words."""
    label = sentence_case(explained.fact.label)
    unit = f" {explained.fact.unit}" if explained.fact.unit else ""
    if explained.total is not None:
        return f"{label}: {show_value(explained.total)}{unit}"
    if explained.at_least is None:
        return f"{label}: not known"
    return f"{label}: not known, but at least {show_value(explained.at_least)}{unit}"


def explained_sums(answer: ItemDetermination, vocabulary: Vocabulary) -> Iterator[ExplainedSum]:
    """Yield each total over a list that an item has, where the item asks for an entry or a criterion reads it."""
    item = answer.item
    results = (*answer.criteria, *answer.legal)
    deriver = Deriver(vocabulary, item.stated, item.undocumented, item.partial, in_part=item.in_part)
    for name, derivation in vocabulary.derivations.items():
        if not isinstance(derivation, SumOver) or derivation.partly:
            continue
        if derivation.list_fact not in item.asked and not any(name in result.facts for result in results):
            continue
        found = deriver.summands(derivation)
        # What is told in part makes no total that is stated.
        if found and not (name in item.stated and derivation.list_fact in item.in_part):
            lines = tuple(_line(summand, item, derivation, vocabulary) for summand in found)
            total = item.known.values.get(name)
            at_least = deriver.counted(derivation) if total is None else None
            yield ExplainedSum(vocabulary.facts[name], total, at_least, lines)


def _line(summand: Summand, item: Item, derivation: SumOver, vocabulary: Vocabulary) -> str:
    words = Wording(vocabulary, item)
    said = " and ".join(
        words.entry(entry) + _taken_as(entry, summand, derivation, words) for entry in summand.entries
    )
    if summand.row is None:
        return f"{said}: not counted, {_why_not(summand, item, derivation, words)}"
    factor = show_value(summand.row.cells.get(FACTOR))
    if summand.product is None:
        times = str(summand.row.cells[TIMES])
        known = [Deriver(vocabulary, entry) for entry in summand.entries]
        parts = [p for p in vocabulary.inputs(times) if any(deriver.value(p) is None for deriver in known)]
        asked = words.labels(parts or [times])
        return f"{said}: not counted, as the request does not state {asked}"
    amount, product = show_value(summand.amount), show_value(round(summand.product, DECIMALS))
    together = "together " if len(summand.entries) > 1 else ""
    return f"{said}: {together}{amount} × {factor} = {product} ({_source(summand.row)})"


def _why_not(summand: Summand, item: Item, derivation: SumOver, words: Wording) -> str:
    """Return why entries have no row."""
    if summand.lacking:
        return f"as the request does not state {words.labels(summand.lacking)}"
    if summand.offered is not None:
        factor = show_value(summand.offered.cells.get(FACTOR))
        return (
            f"as no table of {day_words(item.as_of)} has a factor for it; {_source(summand.offered)} has {factor}"
        )
    for name, values in _otherwise(summand.entries[0], item, derivation, words.vocabulary):
        fact = words.vocabulary.facts[name]
        stated = show_labelled(fact, summand.entries[0][name])
        others = listed([show_labelled(fact, value) for value in values], "or")
        return f"as the table has no factor for it where {fact.label} is {stated}; it has one for {others}"
    return "as no table has a factor for it"


def _otherwise(
    entry: Entry, item: Item, derivation: SumOver, vocabulary: Vocabulary
) -> Iterator[tuple[str, list[str]]]:
    """Yield what of an entry, said otherwise, would let it be counted: perhaps it was meant so.

    The first thing that an entry names, the drug itself, is never meant otherwise.
    """
    for name in list(entry)[1:]:
        others = []
        for choice in vocabulary.facts[name].choices:
            again: dict[str, Value] = {derivation.list_fact: ({**entry, name: choice},), AS_OF: item.as_of}
            (summand,) = Deriver(vocabulary, again).summands(derivation)
            others += [choice] if summand.row is not None else []
        if others:
            yield name, others


def _taken_as(entry: Entry, summand: Summand, derivation: SumOver, words: Wording) -> str:
    """Return what an entry was taken to say of what is multiplied, and in which unit, where it does not say so."""
    times = str(summand.row.cells[TIMES]) if summand.row else ""
    facts = words.vocabulary.facts
    # The part that follows a number without a unit of its own is that number's unit.
    parts = pairwise(facts[derivation.list_fact].of) if summand.row else ()
    bare = [(number, unit) for number, unit in parts if facts[number].type.is_numeric and not facts[number].unit]
    units = [unit for number, unit in bare if number in entry and facts[unit].type is FactType.CHOICE]
    taken = []
    deriver = Deriver(words.vocabulary, entry)
    for name in (*units, *words.vocabulary.inputs(times)):
        value = deriver.value(name)
        # What nobody is asked for, as what a milligram weighs, needs no telling.
        if name not in entry and value is not None and facts[name].ask:
            taken.append(show_labelled(facts[name], value) if name in units else with_unit(facts[name], value))
    return f" (taken as {listed(taken)})" if taken else ""


def _source(row: Row) -> str:
    title = row.citation.get("title") or row.citation.get("section") or "the table"
    pages = row.citation.get("pages")
    return f"{title}, page {pages}" if pages else title
