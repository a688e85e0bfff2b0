"""A fact of the vocabulary in prose: its question and values, what it follows from, and what rests on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from guidecheck.errors import Location
from guidecheck.explaining.condition_words import ConditionWords, name_words
from guidecheck.explaining.wording import listed, sentence
from guidecheck.handbook.blocks import Block, Bullet, Field, Heading, Words, joined
from guidecheck.handbook.pages import (
    ROLE_NAMES,
    criterion_link,
    fact_link,
    guideline_link,
    table_anchor,
)
from guidecheck.handbook.table_grids import TableGrids
from guidecheck.handbook.uses import CriterionUse, Uses
from guidecheck.language.derivations import (
    Derivation,
    Elapsed,
    FirstKnown,
    Formula,
    FromTable,
    Product,
    SameAs,
    Sum,
    SumOver,
    ValueWhen,
)
from guidecheck.language.facts import Changeable, Choice, Fact, FactType, Scope, show_value
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library.models import Library

CHANGES = {
    Changeable.REQUEST: "Whoever writes the request, by asking otherwise.",
    Changeable.ACT: "The worker or the physician, by doing it; then it is written down.",
    Changeable.DOCUMENT: "Whoever writes the records, by writing it down, if it is true.",
    Changeable.FIXED: "Nobody: it is what it is.",
}
TYPES = {
    FactType.BOOLEAN: "yes or no",
    FactType.INTEGER: "a whole number",
    FactType.NUMBER: "a number",
    FactType.DATE: "a date",
    FactType.CHOICE: "one of the values below",
    FactType.SET: "one or more of the values below",
    FactType.TEXT: "a text",
    FactType.LIST: "a list",
}


@dataclass(frozen=True)
class FactPages:
    """Writes facts; `shown` turns a place in a file into words, or "" where places are not shown."""

    library: Library
    shown: Callable[[Location], str] = field(default=lambda place: "")

    @property
    def _words(self) -> ConditionWords:
        return ConditionWords(self.library.vocabulary)

    def fact(self, fact: Fact, level: int = 1) -> Iterator[Block]:
        """Yield a fact, under a heading of a level."""
        yield Heading(fact.name, level, fact.name)
        yield Field("Label", fact.label)
        if fact.ask:
            yield Field("Question", fact.ask)
        yield Field("Answer", self._answer(fact))
        yield Field("Belongs to", "the claim" if fact.scope is Scope.CLAIM else "each item of a request")
        if fact.choices:
            yield Field("Values", f"{len(fact.choices)}:", tuple(map(_value, fact.choices.values())))
        for value, clause in fact.phrases.items():
            yield Field(f"If {show_value(value)}", sentence(clause))
        yield Field("Can change it", CHANGES[fact.change])
        if fact.usual_undocumented:
            yield Field("If silent", "In partial records it counts as undocumented: it is hardly ever mentioned.")
        yield from self._derived(fact)
        yield from self._used(fact)

    def _answer(self, fact: Fact) -> Words:
        words = TYPES[fact.type]
        if fact.of:
            return (f"{words}, each entry with ", *joined(fact_link(name) for name in fact.of))
        unit = f" of {fact.unit}" if fact.unit else ""
        limits = [
            f"{word} {self._words.value(fact.name, limit) if fact.type is FactType.DATE else show_value(limit)}"
            for word, limit in (("from", fact.minimum), ("to", fact.maximum))
            if limit is not None
        ]
        return ", ".join([f"{words}{unit}", " ".join(limits)] if limits else [f"{words}{unit}"])

    def _derived(self, fact: Fact) -> Iterator[Block]:
        derivation = self.library.vocabulary.derivations.get(fact.name)
        if derivation is not None:
            how = sentence(self._how(derivation, fact))
            yield Field("Follows from", how if fact.ask else f"{how} Nobody is asked for it.")
        sources = [name for name in self.library.vocabulary.inputs(fact.name) if name != fact.name]
        if sources:
            yield Field("Rests on", joined(map(fact_link, sources)))
        uses = Uses(self.library)
        if into := uses.into(fact.name):
            yield Field("Leads to", joined(map(fact_link, into)))
        if lists := uses.in_lists(fact.name):
            yield Field("Part of", joined(map(fact_link, lists)))

    def _how(self, derivation: Derivation, fact: Fact) -> str:
        words = self._words
        match derivation:
            case SameAs(name):
                return f"{words.label(name)}, unless stated otherwise"
            case ValueWhen(value, when):
                return f"{words.value(fact.name, value)}, where {words.clause_of(when)}"
            case Sum(names):
                return f"the sum of {words.labels(names)}"
            case Product(names):
                return f"the product of {words.labels(names)}"
            case Elapsed(unit, start, end):
                return f"the completed {unit} from {words.label(start)} to {words.label(end)}"
            case FirstKnown(parts):
                told = [words.label(part) if isinstance(part, str) else self._how(part, fact) for part in parts]
                return told[0] if len(told) == 1 else f"the first that is known of: {'; '.join(told)}"
            case Formula(condition):
                return f"yes, where {words.clause_of(condition)}"
            case FromTable(cell):
                return f'the {name_words(cell.column)} of the table "{name_words(cell.table)}"'
            case SumOver(list_fact, table):
                return f'{words.label(list_fact)}: each entry times its factor in the table "{name_words(table)}"'

    def _used(self, fact: Fact) -> Iterator[Block]:
        uses = Uses(self.library)
        if needed := uses.needed_for(fact.name):
            choices = self.library.vocabulary.facts[TREATMENT].choices
            yield Field("Needed for", f"{listed(choices[name].label for name in needed)}: no answer without it")
        if guidelines := uses.by_guidelines(fact.name):
            links = (guideline_link(guideline, guideline.id) for guideline in guidelines)
            yield Field("Decides on", ("whether these apply: ", *joined(links)))
        criteria = uses.by_criteria(fact.name)
        if criteria:
            number = f"{len(criteria)} criteria:" if len(criteria) > 1 else "one criterion:"
            yield Field("Used by", number, tuple(self._use(use) for use in criteria))
        elif not uses.is_used(fact.name):
            yield Field("Used by", "no criterion")

    def _use(self, use: CriterionUse) -> Bullet:
        roles = [ROLE_NAMES[role].lower() for role in use.roles]
        roles += [f'through the table "{name_words(name)}"' for name in use.tables]
        place = self.shown(use.criterion.at)
        said = f" ({', '.join(roles)}{f'; {place}' if place else ''}): {sentence(use.criterion.says)}"
        return Bullet((criterion_link(use.criterion), said))

    def tables(self, level: int) -> Iterator[Block]:
        """Yield the tables of the vocabulary."""
        for table in self.library.vocabulary.tables.values():
            yield from TableGrids(self.library.vocabulary).blocks(table, {}, level, table_anchor(table.name))


def _value(choice: Choice) -> Bullet:
    label = f": {choice.label}" if choice.label != choice.name else ""
    also = f" (also {', '.join(choice.synonyms)})" if choice.synonyms else ""
    return Bullet(f"{choice.name}{label}{also}")
