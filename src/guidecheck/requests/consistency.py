"""Whether stated facts fit together: with what follows from the others of them, and with the limits of facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from guidecheck.errors import Finding, Location
from guidecheck.language.derivations import DEFAULTS, SumOver
from guidecheck.language.deriving import Deriver
from guidecheck.language.facts import Entry, Value, ValueFault, check_limits, check_whole, ordinal, show_value
from guidecheck.language.vocabulary import Vocabulary


@dataclass(frozen=True)
class Told:
    """What an item, or an entry of a list, states: values, and where each stands, else `at`.

    From a fact stated with a mistake (`faulty`) nothing follows, neither by it nor in its place. `in_part` has
    what is told of lists that nobody states as a whole.
    """

    stated: Mapping[str, Value]
    at: Location
    places: Mapping[str, Location] = field(default_factory=dict)
    undocumented: frozenset[str] = frozenset()
    faulty: frozenset[str] = frozenset()
    in_part: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)


def contradictions(vocabulary: Vocabulary, told: Told, *, partial: bool = False) -> Iterator[Finding]:
    """Yield a finding for each stated fact that differs from what other stated facts say it is."""
    stated, silent = told.stated, told.undocumented | told.faulty
    seen: list[set[str]] = []
    for name in (*stated, *sorted(told.undocumented)):
        derivation = vocabulary.derivations.get(name)
        if derivation is None or isinstance(derivation, DEFAULTS):
            continue
        deriver = Deriver(vocabulary, stated, silent, partial, name, told.in_part)
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
        if involved in seen:  # two facts that derive each other
            continue
        seen.append(involved)
        by, verb = _said(inputs, told), "makes" if len(inputs) == 1 else "make"
        if isinstance(derivation, SumOver) and derivation.list_fact in told.in_part:
            by, verb = f"what is asked for ({show_value(told.in_part[derivation.list_fact])})", "makes"
        made = show_value(follows) + (" or more" if least else "")
        message = f"`{name}` is {show_value(stated.get(name))}, but {by} {verb} it {made}"
        hint = "correct one of them, or leave one out"
        yield Finding(told.places.get(name, told.at), "contradiction", message, hint)


def impossible(vocabulary: Vocabulary, told: Told, values: Mapping[str, Value]) -> Iterator[Finding]:
    """Yield a finding for each of some facts that follows and lies outside its limits."""
    bad: set[str] = set()
    for name, value in values.items():
        if name in told.stated:
            continue
        try:
            check_limits(vocabulary.facts[name], value)
        except ValueFault as fault:
            # What follows from an impossible value is no mistake of its own.
            if not bad.intersection(vocabulary.sources(vocabulary.inputs(name))):
                inputs = _inputs(vocabulary, name, told.stated)
                place = max((told.places[n] for n in inputs if n in told.places), default=told.at)
                message = f"`{name}`: {fault.message}; it follows from {_said(inputs, told)}"
                yield Finding(place, "contradiction", message, "check them")
            bad.add(name)


def impossible_in_entry(vocabulary: Vocabulary, told: Told, own: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each fact that follows from a list's entry and cannot be.

    What counts whole things is whole here: nobody wears a third of a patch. `own` are the facts that an entry may
    state; any other is only worked out, so it is told by its label.
    """
    deriver = Deriver(vocabulary, told.stated)
    for name in vocabulary.derivations:
        inputs = [] if name in told.stated else [n for n in vocabulary.sources([name]) if n in told.stated]
        value = deriver.value(name) if inputs else None
        if value is None:
            continue
        fact = vocabulary.facts[name]
        try:
            check_whole(fact, value)
            check_limits(fact, value)
        except ValueFault as fault:
            named = f"`{name}`" if name in own else fact.label
            hint = f"it follows from {_said(inputs, told)}" + (f". {fact.ask}" if fact.ask else "")
            yield Finding(told.at, "contradiction", f"{named}: {fault.message}", hint)


def _inputs(vocabulary: Vocabulary, name: str, stated: Mapping[str, Value]) -> list[str]:
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


def _said(names: Iterable[str], told: Told) -> str:
    """Return facts with their values and lines, as a person would say them."""
    parts = []
    for name in names:
        place = told.places.get(name)
        line = f" (line {place.line})" if place and place.line else ""
        parts.append(f"`{name}` {show_value(told.stated[name])}{line}")
    return " and ".join(parts)
