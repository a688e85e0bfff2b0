"""How a total over a list was worked out, line by line, and which entry kept it from being known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guidecheck.derivations import Deriver, SumOver
from guidecheck.facts import Entry, Fact, Value, show_labelled, show_value
from guidecheck.list_sums import FACTOR, Summand
from guidecheck.request import Item
from guidecheck.tables import Row
from guidecheck.vocabulary import Vocabulary
from guidecheck.wording import listed


@dataclass(frozen=True, slots=True)
class ExplainedSum:
    """A derived total with its lines; `total` is None where some entry could not be counted."""

    fact: Fact
    total: Value | None
    lines: tuple[str, ...]


def sum_heading(explained: ExplainedSum) -> str:
    """Return what the lines add up to, in a few words."""
    label = explained.fact.label
    label = label[:1].upper() + label[1:]
    if explained.total is None:
        return f"{label}: not known"
    unit = f" {explained.fact.unit}" if explained.fact.unit else ""
    return f"{label}: {show_value(explained.total)}{unit}"


def explained_sums(item: Item, vocabulary: Vocabulary) -> Iterator[ExplainedSum]:
    """Yield each total over a list that an item states the list for."""
    deriver = Deriver(vocabulary, item.stated, item.undocumented, item.partial)
    for name, derivation in vocabulary.derivations.items():
        if isinstance(derivation, SumOver):
            found = deriver.summands(derivation)
            if found:
                lines = tuple(_line(summand, item, vocabulary) for summand in found)
                yield ExplainedSum(vocabulary.facts[name], item.known.values.get(name), lines)


def _line(summand: Summand, item: Item, vocabulary: Vocabulary) -> str:
    said = " and ".join(_entry(entry, vocabulary) for entry in summand.entries)
    if summand.row is None:
        if summand.lacking:
            missing = listed([vocabulary.facts[name].label for name in summand.lacking])
            return f"{said}: not counted, as the request does not state {missing}"
        if summand.offered is None:
            return f"{said}: no factor in any table"
        factor = show_value(summand.offered.cells.get(FACTOR))
        return f"{said}: no factor in a table of {item.as_of}; {_source(summand.offered)} has {factor}"
    factor = show_value(summand.row.cells.get(FACTOR))
    if summand.product is None:
        return f"{said}: the daily amount is not stated (factor {factor}, {_source(summand.row)})"
    amount, product = show_value(summand.amount), show_value(round(summand.product, 6))
    return f"{said}: {amount} × {factor} = {product} ({_source(summand.row)})"


def _entry(entry: Entry, vocabulary: Vocabulary) -> str:
    """Return an entry in the order in which its list names its parts: DRUG 10 mg, 4 doses a day."""
    said = ""
    for name, value in entry.items():
        fact = vocabulary.facts[name]
        words = show_labelled(fact, value)
        said += f", {words} {fact.unit}" if fact.unit else f" {words}"
    return said.strip(" ,")


def _source(row: Row) -> str:
    title = row.citation.get("title") or row.citation.get("section") or "the table"
    pages = row.citation.get("pages")
    return f"{title}, page {pages}" if pages else title
