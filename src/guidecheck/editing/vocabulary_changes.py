"""Two vocabularies side by side: facts, their choices, limits and derivations, and what treatments need."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guidecheck.editing.conditions_in_words import in_words, operand_words
from guidecheck.editing.rule_change import Change, each_side, listed, pairs, replaced
from guidecheck.editing.table_changes import tables_changes
from guidecheck.errors import Location
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
from guidecheck.language.facts import Choice, Fact, show_value
from guidecheck.language.vocabulary import TREATMENT, Vocabulary


def vocabulary_changes(old: Vocabulary, new: Vocabulary) -> Iterator[Change]:
    """Yield what changed from one vocabulary to another."""
    for name, was, now in pairs(old.facts, new.facts):
        subject = f"fact {name}"
        if was is None:
            assert now is not None
            yield Change("fact-added", subject, f"fact added: {now.type.named}, {now.label}", now.at, "", name)
        elif now is None:
            yield Change("fact-removed", subject, f"fact removed: {was.label}", was.at, name, "")
        else:
            yield from _fact_changes(subject, was, now)
            derived = each_side(_derivation, old.derivations.get(name), new.derivations.get(name))
            yield from replaced("derivation", subject, "worked out as", derived, now.at)
    yield from tables_changes("tables of the vocabulary", old.tables, new.tables)
    for treatment, before, after in pairs(old.needed, new.needed):
        sides = each_side(lambda facts: listed(facts or ()), before, after)
        yield from replaced("needed", f"treatment {treatment}", "needs", sides, new.facts[TREATMENT].at)


def _fact_changes(subject: str, old: Fact, new: Fact) -> Iterator[Change]:
    said: dict[str, Callable[[Fact], str]] = {
        "type": lambda fact: fact.type,
        "scope": lambda fact: fact.scope,
        "unit": lambda fact: fact.unit,
        "smallest value": lambda fact: _limit(fact.minimum),
        "largest value": lambda fact: _limit(fact.maximum),
        "usual": lambda fact: "undocumented" if fact.usual_undocumented else "",
        "parts of an entry": lambda fact: listed(fact.of),
    }
    for what, say in said.items():
        yield from replaced("fact", subject, what, each_side(say, old, new), new.at)
    worded: dict[str, Callable[[Fact], str]] = {
        "how a person can change it": lambda fact: fact.change,
        "label": lambda fact: fact.label,
        "question": lambda fact: fact.ask,
        "phrase for yes": lambda fact: fact.phrases.get(True, ""),
        "phrase for no": lambda fact: fact.phrases.get(False, ""),
    }
    for what, say in worded.items():
        yield from replaced("fact-wording", subject, what, each_side(say, old, new), new.at, decides=False)
    for choice, was, now in pairs(old.choices, new.choices):
        if now is None:
            yield Change("choice-removed", subject, f"value removed: {choice}", old.at, choice, "")
        elif was is None:
            yield Change("choice-added", subject, f"value added: {choice}", new.at, "", choice)
        else:
            yield from _choice_changes(subject, was, now, new.at)


def _choice_changes(subject: str, old: Choice, new: Choice, at: Location) -> Iterator[Change]:
    what = f"value {new.name}"
    yield from replaced("fact-wording", subject, f"{what}, label", (old.label, new.label), at, decides=False)
    synonyms = each_side(lambda choice: listed(sorted(choice.synonyms)), old, new)
    yield from replaced("synonyms", subject, f"{what}, synonyms", synonyms, at)


def _limit(value: object) -> str:
    return "" if value is None else show_value(value)  # type: ignore[arg-type]


def _derivation(derivation: Derivation | None) -> str:
    """Return how a fact is worked out, in words."""
    match derivation:
        case None:
            return ""
        case SameAs(fact):
            return f"the same as {fact}"
        case ValueWhen(value, when):
            return f"{show_value(value)} where {in_words(when)}"
        case Sum(facts):
            return " + ".join(facts)
        case Product(facts):
            return " × ".join(facts)
        case Elapsed(unit, start, end):
            return f"the {unit} from {start} to {end}"
        case FirstKnown(parts):
            named = [part if isinstance(part, str) else _derivation(part) for part in parts]
            return f"the first known of ({'; '.join(named)})"
        case Formula(condition):
            return in_words(condition)
        case FromTable(cell):
            return operand_words(cell)
        case SumOver(list_fact, table, partly):
            entries = f"the entries of {list_fact} that can be counted" if partly else list_fact
            return f"the sum over {entries} by the table {table}"
