"""Lists of the claim that are stated in parts: on the claim, and on the items that ask for some of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from guidecheck.language.facts import Entry, FactType, Scope
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.requests.fact_reader import Facts
from guidecheck.requests.request import Evidence


def pooled_lists(vocabulary: Vocabulary, parts: Sequence[Facts]) -> Facts:
    """Return each list of the claim as its parts make it together; what is the claim's is every item's.

    An entry that several parts state alike is one: a request for two drugs may repeat the whole list under each.
    """
    pooled = Facts()
    for fact in vocabulary.facts_in(Scope.CLAIM):
        if fact.type is not FactType.LIST:
            continue
        name = fact.name
        places = [part.places[name] for part in parts if name in part.places]
        pooled.places |= {name: places[0]} if places else {}
        pooled.faulty |= {name for part in parts if name in part.faulty}
        stated = [part for part in parts if name in part.stated]
        if stated:
            entries = tuple(_together(_entries(part, name) for part in stated))
            pooled.stated[name] = entries
            partly = any(entry not in _shown(stated, name) for entry in entries)
            found = [
                _of_whole(e, part, name, entries, partly=partly)
                for part in stated
                for e in part.evidence.get(name, ())
            ]
            if found:
                pooled.evidence[name] = tuple(e for n, e in enumerate(found) if e not in found[:n])
    return pooled


def _entries(part: Facts, name: str) -> tuple[Entry, ...]:
    entries = part.stated[name]
    assert isinstance(entries, tuple)
    return entries


def _together(lists: Iterable[tuple[Entry, ...]]) -> list[Entry]:
    """Return the entries of lists, each as often as the list that has it most often."""
    together: list[Entry] = []
    for entries in lists:
        left = list(together)
        for entry in entries:
            if entry in left:
                left.remove(entry)
            else:
                together.append(entry)
    return together


def _shown(parts: Iterable[Facts], name: str) -> list[Entry]:
    """Return the entries that stand with their source."""
    found = [part for part in parts if any(evidence.source for evidence in part.evidence.get(name, ()))]
    return [entry for part in found for entry in _entries(part, name)]


def _of_whole(evidence: Evidence, part: Facts, name: str, entries: tuple[Entry, ...], *, partly: bool) -> Evidence:
    """Return evidence for a part as evidence for the whole, so far as it is for what the part states."""
    if evidence.value != part.stated[name]:
        return evidence
    source = f"in part {evidence.source}" if partly and evidence.source else evidence.source
    return replace(evidence, value=entries, source=source)
