"""Lists of the claim that are stated in parts: on the claim, and on the items that ask for some of it.

An item's part is the list that it states, and what it states of itself in the facts that a list's entries are
made `of`: an item that names its drug, strength and doses asks for one entry more, if the list has it not already.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from guidecheck.errors import Finding, Location
from guidecheck.language.derivations import SumOver
from guidecheck.language.deriving import Deriver
from guidecheck.language.facts import Entry, Fact, FactType, Scope
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.requests.consistency import Told, contradictions
from guidecheck.requests.fact_reader import Facts
from guidecheck.requests.request import Evidence


def pooled_lists(vocabulary: Vocabulary, parts: Sequence[Facts], *, partial: bool = False) -> Facts:
    """Return each list of the claim as its parts make it together; what is the claim's is every item's.

    An entry that several parts state alike is one: a request for two drugs may repeat the whole list under each.
    Where no part states a list, what items state of themselves is the whole of it only in complete records (in
    `partial` ones there may be more), and not beside a stated total or a list stated as undocumented. Otherwise it
    is told `in_part`.
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
        singles = [single for part in parts if (single := _single(fact, part))]
        if not stated:
            told = any(total in part.stated for total in _totals(vocabulary, fact) for part in parts)
            told = told or any(name in part.undocumented for part in parts)
            # Of a drug without a strength or doses there is nothing to add up.
            counts = any(vocabulary.facts[n].type.is_numeric for single in singles for n in single)
            if not counts:
                continue
            if partial or told:
                pooled.in_part[name] = tuple(_with_singles(vocabulary, [], singles, fact))
                continue
        listed = _together(_entries(part, name) for part in stated)
        entries = tuple(_with_singles(vocabulary, listed, singles, fact))
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


def own_entries(vocabulary: Vocabulary, part: Facts, pooled: Facts) -> dict[str, tuple[Entry, ...]]:
    """Return, by list, the entries that an item asks for: what it states of itself, or else the list it states."""
    found: dict[str, tuple[Entry, ...]] = {}
    for fact in vocabulary.facts_in(Scope.CLAIM):
        single = _single(fact, part) if fact.type is FactType.LIST else None
        if single:
            listed = _entries(pooled, fact.name) if fact.name in pooled.stated else ()
            found[fact.name] = (next((entry for entry in listed if _agree(entry, single)), single),)
        elif single is not None and fact.name in part.stated:
            found[fact.name] = _entries(part, fact.name)
    return found


def _single(fact: Fact, part: Facts) -> Entry:
    """Return what a part states of itself in the facts of a list's entries; nothing where it names no drug."""
    if fact.of[0] not in part.stated or part.faulty.intersection(fact.of):
        return {}
    return {name: part.stated[name] for name in fact.of if name in part.stated}


def _totals(vocabulary: Vocabulary, fact: Fact) -> list[str]:
    derived = vocabulary.derivations.items()
    return [name for name, whole in derived if isinstance(whole, SumOver) and whole.list_fact == fact.name]


def _with_singles(
    vocabulary: Vocabulary, entries: list[Entry], singles: Iterable[Entry], fact: Fact
) -> list[Entry]:
    """Return entries with those that items state of themselves, each added or one with what it agrees with."""
    for single in singles:
        found = [n for n, entry in enumerate(entries) if _agree(entry, single)]
        if not found:
            entries = [*entries, single]
        elif not _is_their_total(vocabulary, [entries[n] for n in found], single):
            wholes = {n: _merged(entries[n], single, fact) for n in found}
            # One that fits, else the first, whose conflict is told (`conflicts`).
            place = next((n for n, whole in wholes.items() if not _faults(vocabulary, whole)), found[0])
            entries[place] = wholes[place]
    return entries


def _merged(entry: Entry, single: Entry, fact: Fact) -> Entry:
    whole = {**entry, **single}
    return {name: whole[name] for name in fact.of if name in whole}


def _is_their_total(vocabulary: Vocabulary, entries: list[Entry], single: Entry) -> bool:
    """Tell whether all that an item states of itself is what several entries come to: 30 mg a day of one drug."""
    _, *stated = single
    if len(entries) < 2 or not stated:
        return False
    derivers = [Deriver(vocabulary, entry) for entry in entries]
    for name in stated:
        amounts = [deriver.value(name) for deriver in derivers]
        numbers = [amount for amount in amounts if isinstance(amount, int | float)]
        if name not in vocabulary.derivations or len(numbers) < len(amounts) or math.fsum(numbers) != single[name]:
            return False
    return True


def conflicts(vocabulary: Vocabulary, part: Facts, pooled: Facts) -> Iterator[Finding]:
    """Yield what an item states of itself that is otherwise in the entry which it asks for, as the list has it."""
    for fact in vocabulary.facts_in(Scope.CLAIM):
        single = _single(fact, part) if fact.type is FactType.LIST else {}
        for entry in _entries(pooled, fact.name) if single and fact.name in pooled.stated else ():
            if single.items() < entry.items():
                for finding in _faults(vocabulary, entry, part):
                    yield replace(finding, message=f"`{fact.name}`: {finding.message}")


def _faults(vocabulary: Vocabulary, entry: Entry, part: Facts | None = None) -> list[Finding]:
    places = part.places if part else {}
    at = next((places[name] for name in entry if name in places), Location(""))
    return list(contradictions(vocabulary, Told(entry, at, places)))


def _agree(entry: Entry, single: Entry) -> bool:
    """Tell whether an entry may be what an item states: the same first fact, and no other of which both differ."""
    first = next(iter(single))
    return first in entry and all(entry[name] == value for name, value in single.items() if name in entry)


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
