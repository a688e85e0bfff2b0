"""Facts in English: labels, values with their units, and clauses that fit "the records document that ..."."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from guidecheck.explaining.settling import Reading
from guidecheck.language.conditions import Op
from guidecheck.language.facts import Fact, FactType, Value, show_labelled, show_value
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.models import Period
from guidecheck.requests.request import Basis, Evidence, Item

# Not from the calendar module: its names follow the machine's language.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_WITHIN = {
    Op.AT_MOST: "within the {} allowed",
    Op.AT_LEAST: "no less than the {} asked for",
    Op.LESS_THAN: "below {}",
    Op.MORE_THAN: "above {}",
    Op.BEFORE: "before {}",
    Op.ON_OR_BEFORE: "no later than {}",
    Op.AFTER: "after {}",
    Op.ON_OR_AFTER: "no earlier than {}",
}
_BEYOND = {
    Op.AT_MOST: "more than the {} allowed",
    Op.AT_LEAST: "less than the {} asked for",
    Op.LESS_THAN: "not below {}",
    Op.MORE_THAN: "not above {}",
    Op.BEFORE: "not before {}",
    Op.ON_OR_BEFORE: "later than {}",
    Op.AFTER: "not after {}",
    Op.ON_OR_AFTER: "earlier than {}",
}
_RULED_OUT = "which is not allowed here"


@dataclass(frozen=True)
class FactWords:
    """Puts facts and their values into words."""

    vocabulary: Vocabulary

    def label(self, name: str) -> str:
        """Return the noun phrase that stands for a fact."""
        return self.vocabulary.facts[name].label

    def labels(self, names: Iterable[str], last: str = "and") -> str:
        """Return the noun phrases of several facts as a list."""
        return listed([self.label(name) for name in names], last)

    def value(self, name: str, value: Value) -> str:
        """Return a fact's value as a person says it, with its unit where the label doesn't name that."""
        fact = self.vocabulary.facts[name]
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return day_words(value)
        if isinstance(value, int | float):
            return _with_unit(fact, value)
        if isinstance(value, frozenset):
            return listed([choice_words(fact, choice) for choice in _in_file_order(fact, value)]) or "none"
        if isinstance(value, tuple):
            return "; ".join(self.entry(entry) for entry in value) or "none"
        return choice_words(fact, value) if fact.type is FactType.CHOICE else f'"{value}"'

    def entry(self, entry: Mapping[str, Value]) -> str:
        """Return a list's entry in the order in which it names its parts: DRUG 10 mg, 4 doses a day."""
        said, counted = "", False
        for name, value in entry.items():
            fact = self.vocabulary.facts[name]
            counted = counted or bool(fact.unit)
            said += (", " if counted else " ") + (
                with_unit(fact, value) if fact.unit else show_labelled(fact, value)
            )
        return said.strip(" ,")

    def clause(self, name: str, value: Value) -> str:
        """Return a fact with its value as a clause for "the records document that ..."."""
        fact = self.vocabulary.facts[name]
        if isinstance(value, bool):
            return fact.phrases.get(value) or f"the answer on {fact.label} is {'yes' if value else 'no'}"
        verb = "is" if isinstance(value, int | float | date) or fact.type is FactType.CHOICE else "is given as"
        return f"{fact.label} {verb} {self.value(name, value)}"


@dataclass(frozen=True)
class Wording(FactWords):
    """Puts the facts of one item into words."""

    item: Item

    def missing(self, name: str) -> str:
        """Return the noun phrase of a fact that is not documented, with what the records were said to give."""
        evidence = self.evidence(name) if name in self.item.undocumented else ""
        return self.label(name) + (f" ({evidence})" if evidence else "")

    def shown(self, name: str, clause: str) -> str:
        """Return a clause that tells a fact as a sentence, with where the fact stands."""
        evidence = self.evidence(name)
        return sentence(clause + (f" ({evidence})" if evidence else ""))

    def told(self, reading: Reading, *, compare: bool = True) -> str:
        """Return what a known fact says to a test, with the limit that it keeps or exceeds."""
        assert reading.value is not None
        name, value = reading.test.fact, reading.value
        fact = self.vocabulary.facts[name]
        if isinstance(value, frozenset) and isinstance(reading.limit, tuple):
            present = [choice for choice in reading.limit if choice in value]
            if present and (reading.holds or reading.test.op is not Op.INCLUDES):
                told = f"{fact.label} includes {listed([choice_words(fact, choice) for choice in present])}"
                return told + (f", {_RULED_OUT}" if compare and self._is_ruled_out(reading) else "")
        clause = self.clause(name, value)
        comparison = self._comparison(fact, reading) if compare and not reading.negated else ""
        return f"{clause}, {comparison}" if comparison else clause

    def _comparison(self, fact: Fact, reading: Reading) -> str:
        op, limit = reading.test.op, reading.limit
        if op is Op.LISTED_IN:
            return "" if reading.holds else "which the guideline does not list"
        if limit is None or isinstance(limit, bool | frozenset):
            return ""
        if op in _WITHIN and not isinstance(limit, tuple | str):
            words = day_words(limit) if isinstance(limit, date) else show_value(limit)
            return (_WITHIN if reading.holds else _BEYOND)[op].format(words)
        if self._is_ruled_out(reading):
            return _RULED_OUT
        if reading.holds:
            return ""
        wanted = limit if isinstance(limit, tuple) else (limit,)
        names = [choice_words(fact, one) if isinstance(one, str) else show_value(one) for one in wanted]  # type: ignore[arg-type]
        return f"{'without' if op in (Op.INCLUDES, Op.INCLUDES_ANY) else 'not'} {listed(names, 'or')}"

    @staticmethod
    def _is_ruled_out(reading: Reading) -> bool:
        """Tell whether a value is one of those that a test does not allow."""
        excludes = reading.test.op in (Op.NONE_OF, Op.INCLUDES_NONE)
        return excludes and not reading.holds and not reading.negated

    def evidence(self, name: str) -> str:
        """Return where a fact stands in the records, or what it was worked out from does; "" where unsaid."""
        places = [self._place(name, evidence) for source in self._stated(name) for evidence in source]
        return "; ".join(dict.fromkeys(place for place in places if place))

    def _stated(self, name: str) -> list[tuple[Evidence, ...]]:
        """Return the evidence given for a fact, or for the stated facts that it follows from."""
        item = self.item
        if name in item.stated or name in item.undocumented:
            return [item.evidence.get(name, ())]
        sources = self.vocabulary.sources([name])
        return [item.evidence[source] for source in sources if source in item.stated and source in item.evidence]

    def _place(self, name: str, evidence: Evidence) -> str:
        place = ", ".join(part for part in (evidence.source, pages(evidence.page)) if part)
        counted = name in self.item.stated or name in self.item.undocumented
        if counted and evidence.value != self.item.stated.get(name):
            # The other of two findings: the reviewer's counts, the records differ.
            found = "nothing" if evidence.value is None else self.value(name, evidence.value)
            return f"the records give {found}" + (f", {place}" if place else "")
        return place or ("the reviewer's finding" if evidence.basis is Basis.REVIEWER else "")


def _with_unit(fact: Fact, number: Value) -> str:
    """Return a number with its unit, unless the fact's label names that."""
    words = fact.unit.split()
    return show_value(number) if not words or words[0] in fact.label.split() else with_unit(fact, number)


def with_unit(fact: Fact, number: Value) -> str:
    """Return a number with its unit: 1 dose a day, 2 doses a day."""
    words = fact.unit.split()
    if words and number == 1 and len(words[0]) > 3:
        words[0] = words[0].removesuffix("es" if words[0].endswith(("ches", "shes", "xes")) else "s")
    return " ".join([show_value(number), *words])


def choice_words(fact: Fact, name: str) -> str:
    """Return a choice's label, or the name where it has none."""
    choice = fact.choices.get(name)
    return choice.label if choice else name


def _in_file_order(fact: Fact, names: frozenset[str]) -> list[str]:
    return [choice for choice in fact.choices if choice in names]


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return "a, b and c"; with semicolons where the words themselves have commas."""
    parts = list(dict.fromkeys(words))
    if len(parts) < 2:
        return "".join(parts)
    if not any("," in part for part in parts):
        return f"{', '.join(parts[:-1])} {last} {parts[-1]}"
    separator = "; " if len(parts) > 2 else ", "
    return f"{separator.join(parts[:-1])}{separator}{last} {parts[-1]}"


def pages(text: str | None) -> str:
    """Return "page 60" or "pages 58-60", and "" for none."""
    if not text:
        return ""
    return f"{'pages' if any(mark in text for mark in '-,;') else 'page'} {text}"


def day_words(day: date) -> str:
    """Return a date as "August 21, 2015"."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def sentence_case(text: str) -> str:
    """Return a text with a capital at its start."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return a clause as a sentence: a capital at the start, a period at the end."""
    text = sentence_case(text)
    return text if text.endswith((".", "?", "!")) else f"{text}."


def reference(citation: Mapping[str, str]) -> str:
    """Return a citation as a reviewer writes it: the title, then what of the rest the title doesn't say.

    Its note comes along: what stands at a place only as reviewers apply it is never told as the place's own words.
    """
    title = citation.get("title", "")
    parts = [citation.get("edition", ""), citation.get("section", "")]
    parts.append(pages(citation.get("pages")) or citation.get("regulation", ""))
    place = ", ".join(part for part in parts if part and part.casefold() not in title.casefold())
    place = "; ".join(part for part in (place, citation.get("note", "")) if part)
    return f"{title} ({place})" if place else title


def full_place(citation: Mapping[str, str]) -> str:
    """Return everything that a citation has beside the title: edition, section, pages, regulation, note."""
    parts = [citation.get("edition"), citation.get("section"), pages(citation.get("pages"))]
    place = ", ".join(part for part in (*parts, citation.get("regulation")) if part)
    return "; ".join(part for part in (place, citation.get("note")) if part)


def span_words(period: Period) -> str:
    """Return a period in force as "July 18, 2009 to July 27, 2016"."""
    if period.end is None:
        return f"since {day_words(period.start)}"
    return f"{day_words(period.start)} to {day_words(period.end)}"
