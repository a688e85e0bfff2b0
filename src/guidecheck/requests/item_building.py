"""From stated facts to an item: what follows from them, what contradicts them, and what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as MappingType
from datetime import date

from guidecheck.errors import Finding, Location, one_of
from guidecheck.language.derivations import DEFAULTS, Deriver, Formula, Known, SumOver
from guidecheck.language.facts import Entry, Value, ValueFault, check_limits, ordinal, show_value
from guidecheck.language.vocabulary import AS_OF, JURISDICTION, STRUCTURAL, TREATMENT, Vocabulary
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
    known = Deriver(vocabulary, stated, facts.undocumented | facts.faulty, partial).known()
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
    known = Deriver(vocabulary, stated, facts.undocumented | facts.faulty, partial).known(wanted)
    return _faults(vocabulary, stated, known, facts, at, partial=partial)


def what_follows(vocabulary: Vocabulary) -> Follow:
    """Return for each fact the derived ones that may rest on it, however indirectly."""
    follow: dict[str, list[str]] = {}
    for name in vocabulary.derivations:
        for source in vocabulary.sources(vocabulary.inputs(name)):
            if source not in STRUCTURAL:
                follow.setdefault(source, []).append(name)
    return follow


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
    # From a fact stated with a mistake nothing follows, neither by it nor in its place.
    silent = facts.undocumented | facts.faulty
    faults = [
        *_contradictions(vocabulary, stated, facts, silent, at, partial=partial),
        *_impossible(vocabulary, stated, known, facts, at),
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


def _contradictions(
    vocabulary: Vocabulary,
    stated: MappingType[str, Value],
    facts: Facts,
    silent: set[str],
    at: Location,
    *,
    partial: bool,
) -> Iterator[Finding]:
    """Yield a finding for each stated fact that differs from what other stated facts say it is."""
    told: list[set[str]] = []
    for name in (*stated, *sorted(facts.undocumented)):
        derivation = vocabulary.derivations.get(name)
        if derivation is None or isinstance(derivation, DEFAULTS):
            continue
        deriver = Deriver(vocabulary, stated, silent, partial, hidden=name)
        follows, least = deriver.value(name), False
        if follows is None and isinstance(derivation, SumOver) and name in stated:
            # A total that leaves out what could not be counted is no less than what could.
            follows = deriver.counted(derivation)
            least = follows is not None and follows > ordinal(stated[name])
            follows = follows if least else None
        if follows is None or follows == stated.get(name):
            continue
        inputs = _inputs(vocabulary, name, stated)
        involved = {name, *inputs}
        if involved in told:  # two facts that derive each other
            continue
        told.append(involved)
        given = show_value(stated.get(name))
        because = _said(inputs, stated, facts)
        verb = "makes" if len(inputs) == 1 else "make"
        made = show_value(follows) + (" or more" if least else "")
        message = f"`{name}` is {given}, but {because} {verb} it {made}"
        hint = "correct one of them, or leave one out"
        yield Finding(facts.places.get(name, at), "contradiction", message, hint)


def _impossible(
    vocabulary: Vocabulary, stated: MappingType[str, Value], known: Known, facts: Facts, at: Location
) -> Iterator[Finding]:
    """Yield a finding for each derived fact that lies outside its limits."""
    bad: set[str] = set()
    for name, value in known.values.items():
        if name in stated:
            continue
        try:
            check_limits(vocabulary.facts[name], value)
        except ValueFault as fault:
            # What follows from an impossible value is no mistake of its own.
            if not bad.intersection(vocabulary.sources(vocabulary.inputs(name))):
                inputs = _inputs(vocabulary, name, stated)
                place = max((facts.places[n] for n in inputs if n in facts.places), default=at)
                message = f"`{name}`: {fault.message}; it follows from {_said(inputs, stated, facts)}"
                yield Finding(place, "contradiction", message, "check them")
            bad.add(name)


def _inputs(vocabulary: Vocabulary, name: str, stated: MappingType[str, Value]) -> list[str]:
    """Return the stated facts from which one follows: of each branch the first that is stated."""
    found: dict[str, None] = {}
    seen = {name}
    waiting = list(reversed(vocabulary.inputs(name)))
    while waiting:
        source = waiting.pop()
        if source in seen:
            continue
        seen.add(source)
        if source in stated:
            found[source] = None
        else:
            waiting += reversed(vocabulary.inputs(source))
    return list(found)


def _said(names: Iterable[str], stated: MappingType[str, Value], facts: Facts) -> str:
    """Return facts with their values and lines, as a person would say them."""
    parts = []
    for name in names:
        place = facts.places.get(name)
        line = f" (line {place.line})" if place and place.line else ""
        parts.append(f"`{name}` {show_value(stated[name])}{line}")
    return " and ".join(parts)
