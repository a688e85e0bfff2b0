"""A request file to fill in: the vocabulary's questions that matter for one treatment, as commented YAML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from guidecheck.explaining.wording import day_words, listed, span_words
from guidecheck.language.conditions import can_be
from guidecheck.language.derivations import Sum
from guidecheck.language.facts import Changeable, Fact, FactType, Scope, Value
from guidecheck.language.vocabulary import AS_OF, JURISDICTION, STRUCTURAL, TREATMENT
from guidecheck.library.models import Guideline, Library
from guidecheck.requests.item_building import DEFAULT_JURISDICTION

WIDTH = 80
_ITEM_INDENT = 4
_CLAIM_INDENT = 2

_GROUPS = {
    Changeable.REQUEST: "What the request asks for",
    Changeable.FIXED: "The case so far",
    Changeable.DOCUMENT: "What the records show",
    Changeable.ACT: "What is being done, or can still be done",
}

_KINDS = {
    FactType.BOOLEAN: "Yes or no",
    FactType.INTEGER: "A whole number",
    FactType.NUMBER: "A number",
    FactType.DATE: "A date, as in 2015-08-21",
    FactType.TEXT: "A text",
}


def request_form(library: Library, treatment: str, day: date, *, dated: bool) -> str:
    """Return a form for a treatment by the guidelines of a day, which is written into it where `dated`."""
    return "\n".join(_Form(library, treatment, day).lines(dated=dated)) + "\n"


def guidelines_for(library: Library, treatment: str, day: date) -> list[Guideline]:
    """Return the guidelines that can apply to a treatment on a day, whatever its other facts turn out to be."""
    record: dict[str, Value] = {TREATMENT: treatment, AS_OF: day, JURISDICTION: DEFAULT_JURISDICTION}
    allowed = library.jurisdictions.get(DEFAULT_JURISDICTION, ())
    found = []
    for guideline in library.guidelines.values():
        period = guideline.period(day)
        looked_up = {cell.key for cell in guideline.cells} | {table.key for table in guideline.listings}
        unknown = (looked_up | set(library.vocabulary.facts)) - record.keys()
        if period and period.authority in allowed and can_be(guideline.applies_to, True, record, unknown):
            found.append(guideline)
    return found


@dataclass
class _Form:
    library: Library
    treatment: str
    day: date

    def __post_init__(self) -> None:
        vocabulary = self.library.vocabulary
        self.guidelines = guidelines_for(self.library, self.treatment, self.day)
        needed = vocabulary.needed.get(self.treatment, ())
        # One that is only worked out is asked for by what it is worked out from.
        self.needed = [source for name in needed for source in vocabulary.inputs(name) or (name,)]
        read = [fact for guideline in self.guidelines for fact in guideline.facts]
        matters = set(vocabulary.sources([*self.needed, *read])) - set(STRUCTURAL)
        # Nobody needs to add up what is asked for part by part.
        matters -= {name for name in matters if isinstance(vocabulary.derivations.get(name), Sum)}
        self.facts = [fact for name, fact in vocabulary.facts.items() if name in matters and fact.ask]

    @property
    def label(self) -> str:
        """The treatment in words."""
        return self.library.vocabulary.facts[TREATMENT].choices[self.treatment].label

    def lines(self, *, dated: bool) -> Iterator[str]:
        """Yield the lines of the form."""
        yield from self._opening()
        yield ""
        yield from _comment("Your name for the case; without it, the file's name.")
        yield "#case_id:"
        yield ""
        yield from _comment(
            f"{self.library.vocabulary.facts[AS_OF].ask} The guidelines of that day apply; without it, today's."
        )
        yield f"as_of: {self.day.isoformat()}" if dated else "#as_of:"
        yield ""
        yield from _comment(
            "Remove the # where the case is known from a summary only. What is left out then counts as unknown, "
            "not as undocumented."
        )
        yield "#records: partial"
        yield ""
        yield "claim:"
        claim = [fact for fact in self.facts if fact.scope is Scope.CLAIM]
        for fact in (self.library.vocabulary.facts[JURISDICTION], *claim):
            yield from self._question(fact, _CLAIM_INDENT)
        yield ""
        yield "items:"
        yield f"  - treatment: {self.treatment}"
        item = [fact for fact in self.facts if fact.scope is Scope.ITEM]
        yield from self._group(
            "Needed: without it the request cannot be checked", [f for f in item if f.name in self.needed]
        )
        for kind, heading in _GROUPS.items():
            yield from self._group(heading, [f for f in item if f.change is kind and f.name not in self.needed])

    def _opening(self) -> Iterator[str]:
        yield from _comment(f"A request for {self.label}, by the guidelines of {day_words(self.day)}.")
        yield "#"
        yield from _comment(
            "Answer what the records answer: remove the # in front of a name, and write the answer after the "
            "colon. Leave the rest as it is: what is left out counts as undocumented. Then run"
        )
        yield "#"
        yield "#     guidecheck check FILE"
        yield "#"
        yield from _comment(
            "Names are understood as clinics write them, codes included. For a second treatment, begin a second "
            "item with a dash. An answer may say where it stands:"
        )
        example = next((fact.name for fact in self.facts if fact.type is FactType.BOOLEAN), "name")
        yield "#"
        yield f"#     {example}:"
        yield "#       value: yes"
        yield "#       source: progress note of 2015-08-11"
        yield "#       page: 3"
        if not self._predicts(self.day):
            yield "#"
            yield from _comment(self._no_guideline())

    def _predicts(self, day: date) -> list[Guideline]:
        """Return the guidelines of a day that a prediction can rest on: the law stands beside it."""
        found = []
        for guideline in guidelines_for(self.library, self.treatment, day):
            period = guideline.period(day)
            if period is not None and not self.library.authorities[period.authority].legal:
                found.append(guideline)
        return found

    def _no_guideline(self) -> str:
        others = [
            f"{guideline.title} ({listed(span_words(period) for period in guideline.periods)})"
            for guideline in self.library.guidelines.values()
            if any(guideline in self._predicts(period.start) for period in guideline.periods)
        ]
        told = f"No guideline of this library is in force for it on {day_words(self.day)}"
        if not others:
            return f"{told}, so there will be no prediction."
        return f"{told}. On other days (--as-of DATE) there are: {listed(others)}."

    def _group(self, heading: str, facts: list[Fact]) -> Iterator[str]:
        if not facts:
            return
        yield ""
        yield f"{' ' * _ITEM_INDENT}# {heading.upper()}"
        for fact in facts:
            yield from self._question(fact, _ITEM_INDENT)

    def _question(self, fact: Fact, indent: int) -> Iterator[str]:
        """Yield a fact's question, what it can be, and its line to fill in."""
        yield ""
        yield from _comment(_with_answers(fact), indent)
        follows = [name for name in self.library.vocabulary.inputs(fact.name) if self._asks(name)]
        if follows:
            yield from _comment(f"Where it is left out, it may follow from {listed(follows)}.", indent)
        margin = " " * indent
        parts = [self.library.vocabulary.facts[name] for name in fact.of]
        for part in parts:
            yield from _comment(f"- {part.name}: {_with_answers(part)}", indent)
        yield f"{margin}#{fact.name}:"
        for number, part in enumerate(parts):
            yield f"{margin}#{'  - ' if number == 0 else '    '}{part.name}:"

    def _asks(self, name: str) -> bool:
        return any(fact.name == name for fact in self.facts)


def _with_answers(fact: Fact) -> str:
    """Return a fact's question with what an answer looks like."""
    if fact.choices:
        return f"{fact.ask} {'One or more' if fact.type is FactType.SET else 'One'} of: {', '.join(fact.choices)}."
    if fact.type is FactType.LIST:
        return f"{fact.ask} One entry or more, each with:"
    kind = _KINDS[fact.type]
    return f"{fact.ask} {kind} of {fact.unit}." if fact.type.is_numeric and fact.unit else f"{fact.ask} {kind}."


def _comment(text: str, indent: int = 0) -> Iterable[str]:
    margin = f"{' ' * indent}# "
    return textwrap.wrap(text, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
