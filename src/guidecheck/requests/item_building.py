"""From stated facts to an item: what follows from them, and what is missing."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as MappingType
from datetime import date

from guidecheck.errors import Finding, Location, one_of
from guidecheck.language.derivations import Formula
from guidecheck.language.deriving import Deriver, Known
from guidecheck.language.facts import Entry, Value
from guidecheck.language.vocabulary import AS_OF, JURISDICTION, STRUCTURAL, TREATMENT, Vocabulary
from guidecheck.requests.consistency import Told, contradictions, impossible
from guidecheck.requests.fact_reader import Facts
from guidecheck.requests.request import Actual, Item

DEFAULT_JURISDICTION = "california"

Follow = MappingType[str, Collection[str]]
"""By fact the derived ones that may rest on it."""


def build_item(
    vocabulary: Vocabulary,
    facts: Facts,
    findings: list[Finding],
    *,
    id: str,  # noqa: A002 - the item's field
    at: Location,
    as_of: date,
    partial: bool,
    actual: Actual | None = None,
    asked: MappingType[str, tuple[Entry, ...]] | None = None,
) -> Item | None:
    """Return an item with its derived facts, or None after reporting contradictions and what is missing."""
    stated = _stated(facts, as_of)
    known = _deriver(vocabulary, stated, facts, partial=partial).known()
    faults = _faults(vocabulary, stated, known, facts, at, partial=partial)
    findings.extend(faults)
    if faults or facts.faulty:
        return None
    treatment = str(known.values[TREATMENT])
    return Item(
        id=id,
        treatment=treatment,
        as_of=as_of,
        jurisdiction=str(stated[JURISDICTION]),
        partial=partial,
        stated=stated,
        undocumented=frozenset(facts.undocumented),
        known=known,
        evidence=facts.evidence,
        lacking=_lacking(vocabulary, known),
        actual=actual,
        asked=asked or {},
        in_part=facts.in_part,
        at=at,
    )


def item_faults(
    vocabulary: Vocabulary, facts: Facts, follow: Follow, *, at: Location, as_of: date, partial: bool
) -> list[Finding]:
    """Return what `build_item` would report, without working out what rests on nothing that is stated."""
    stated = _stated(facts, as_of)
    wanted = {TREATMENT, *vocabulary.needed.get(str(stated.get(TREATMENT)), ())}
    if TREATMENT not in stated:
        wanted.update(name for needed in vocabulary.needed.values() for name in needed)
    for name in (*facts.stated, *facts.undocumented):
        wanted.update(follow.get(name, ()))
    known = _deriver(vocabulary, stated, facts, partial=partial).known(wanted)
    return _faults(vocabulary, stated, known, facts, at, partial=partial)


def what_follows(vocabulary: Vocabulary) -> Follow:
    """Return for each fact the derived ones that may rest on it, however indirectly."""
    return {source: names for source, names in vocabulary.followers.items() if source not in STRUCTURAL}


def _deriver(vocabulary: Vocabulary, stated: dict[str, Value], facts: Facts, *, partial: bool) -> Deriver:
    return Deriver(vocabulary, stated, facts.undocumented | facts.faulty, partial, in_part=facts.in_part)


def _stated(facts: Facts, as_of: date) -> dict[str, Value]:
    stated = {**facts.stated, AS_OF: as_of}
    stated.setdefault(JURISDICTION, DEFAULT_JURISDICTION)
    return stated


def _lacking(vocabulary: Vocabulary, known: Known) -> tuple[str, ...]:
    """Return the facts without which the item's treatment can't be checked, and that aren't known."""
    needed = vocabulary.needed.get(str(known.values.get(TREATMENT)), ())
    return tuple(name for name in needed if name not in known.values)


def _faults(
    vocabulary: Vocabulary, stated: dict[str, Value], known: Known, facts: Facts, at: Location, *, partial: bool
) -> list[Finding]:
    """Return contradictions and what is missing."""
    silent, faulty = frozenset(facts.undocumented), frozenset(facts.faulty)
    told = Told(stated, at, facts.places, silent, faulty, facts.in_part)
    faults = [
        *contradictions(vocabulary, told, partial=partial),
        *impossible(vocabulary, told, known.values),
    ]
    treatment = known.values.get(TREATMENT)
    if treatment is None and TREATMENT not in facts.faulty:
        hint = one_of(vocabulary.facts[TREATMENT].choices, most=40)
        faults.append(Finding(at, "missing-fact", "the item has no `treatment`", hint))
    if not partial:
        for name in _lacking(vocabulary, known):
            if facts.faulty.isdisjoint(vocabulary.sources([name])):
                # Of a fact that only follows from others, those are what a person can state.
                follows = isinstance(vocabulary.derivations.get(name), Formula)
                named = [f"`{part}`" for part in vocabulary.inputs(name)] if follows else [f"`{name}`"]
                message = f"{' or '.join(named)} is missing, without which {treatment} can't be checked"
                hint = vocabulary.facts[name].ask or "state it, or that it is undocumented"
                faults.append(Finding(at, "missing-fact", message, hint))
    return faults
