"""What a fact is: its type, scope and unit, and how its values are read from text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from guidecheck.errors import Location, did_you_mean, one_of, shorten

NUMBERS_APART = "numbers stand under names of their own"
"""The hint where a value is written together with a number."""

UNDOCUMENTED = "undocumented"
"""The word that states that the records do not document a fact."""

LARGEST = 1_000_000_000
"""Numbers beyond this are refused: every engine can still compare them exactly to six decimals."""

DECIMALS = 6

AS_OF = "as_of"
"""The fact that is the day whose guidelines apply."""

Entry = Mapping[str, "Value"]
Plain = bool | int | float | date | str
Value = Plain | frozenset[str] | tuple[Entry, ...]
"""A stated fact: a set is a frozenset of choices, a list a tuple of entries (mappings of facts)."""


class FactType(StrEnum):
    """The type of a fact's values."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    SET = "set"
    TEXT = "text"
    LIST = "list"

    @property
    def named(self) -> str:
        """The type with its article."""
        return f"an {self}" if self is FactType.INTEGER else f"a {self}"

    @property
    def is_numeric(self) -> bool:
        """Whether values are compared as numbers."""
        return self in (FactType.INTEGER, FactType.NUMBER)

    @property
    def is_ordered(self) -> bool:
        """Whether one value can be below another."""
        return self.is_numeric or self is FactType.DATE


class Scope(StrEnum):
    """Whether a fact belongs to the claim or to one disputed item."""

    CLAIM = "claim"
    ITEM = "item"


class Changeable(StrEnum):
    """How a person could change a fact."""

    REQUEST = "request"
    ACT = "act"
    DOCUMENT = "document"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice or set, and the other ways people write it."""

    name: str
    label: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """A fact of the vocabulary.

    `label` is a noun phrase for "the records do not document ..."; `phrases` are clauses for "the records
    document that ...", by `True` and `False`; `of` names the facts that an entry of a list has.
    """

    name: str
    type: FactType
    scope: Scope
    label: str
    at: Location
    unit: str = ""
    ask: str = ""
    change: Changeable = Changeable.FIXED
    usual_undocumented: bool = False
    minimum: float | date | None = None
    maximum: float | date | None = None
    choices: Mapping[str, Choice] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    phrases: Mapping[bool, str] = field(default_factory=dict)

    def may_stand_in(self, scope: Scope) -> bool:
        """Tell whether the fact may be stated among those of a scope: items may state parts of a claim's list."""
        return self.scope is scope or (self.type is FactType.LIST and scope is Scope.ITEM)

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The choices by every word that stands for them, folded."""
        words = {}
        for choice in self.choices.values():
            for word in (choice.name, choice.label, *choice.synonyms):
                words[fold(word)] = choice.name
        return words

    def choice(self, text: str) -> str | None:
        """Return the name of the choice that a word stands for (its name, label or a synonym), or None."""
        return self.words.get(fold(text))


class ValueFault(ValueError):  # noqa: N818 - the word the messages use
    """A text that is no value of a fact's type: what is wrong, and a hint."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class LimitFault(ValueFault):
    """A number or a date outside the limits that the vocabulary gives its fact."""


_SEPARATORS = re.compile(r"[\s_\-/]+")


def fold(text: str) -> str:
    """Return a word in the form in which synonyms are compared: case, hyphens and spaces don't count."""
    return _SEPARATORS.sub(" ", text.strip().casefold())


TRUE_WORDS = frozenset({"yes", "y", "true"})
FALSE_WORDS = frozenset({"no", "n", "false"})


def read_boolean(text: str) -> bool:
    """Return yes/no, y/n or true/false as a boolean."""
    word = text.strip().casefold()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueFault(f"`{shorten(text)}` is not yes or no", "write yes or no")


_DIGITS = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
}


def read_number(text: str) -> float:
    """Return a decimal number, rounded to six decimals.

    Raises:
        ValueFault: not a number (NaN and infinity included), or beyond a billion.
    """
    word = text.strip()
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", word, re.ASCII):
        raise ValueFault(f"`{shorten(text)}` is not a number", _number_hint(word))
    number = float(word)
    if abs(number) > LARGEST:
        raise ValueFault(f"`{shorten(text)}` is beyond {LARGEST:,}, the largest that is read", "check the number")
    # Adding zero turns -0.0 into 0.0, so that equal numbers are written alike.
    return round(number, DECIMALS) + 0.0


def _number_hint(word: str) -> str:
    """Return how a number is written that stands in a text that is none."""
    plain = unicodedata.normalize("NFKC", word)
    if plain != word and re.fullmatch(r"[+-]?\d+(\.\d*)?", plain, re.ASCII):
        return f"type it with the digits of the keyboard: {plain}"
    if ended := re.fullmatch(r"(\d+(?:\.\d+)?)\s*[,;:.!]", word, re.ASCII):
        return f"write {ended[1]} without the `{word[-1]}`"
    if commented := re.fullmatch(r"(\d+(?:\.\d+)?)(#.*)", word, re.ASCII):
        return f"put a space before the `#`: {commented[1]} {shorten(commented[2], 20)}"
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", word):
        return f"write {word.replace(',', '')}"
    if word.casefold() in _DIGITS:
        return f"write {_DIGITS[word.casefold()]}"
    with_unit = re.fullmatch(r"(\d+(?:\.\d+)?)\s*[A-Za-z%][A-Za-z%. ]*", word, re.ASCII)
    if with_unit:
        return f"write the number alone: {with_unit[1]}"
    of_two = re.fullmatch(r"(\d+(?:\.\d+)?)\s*/\s*\d+(?:\.\d+)?", word, re.ASCII)
    if of_two:
        return f"write one number: {of_two[1]} alone where the other is that of a second ingredient"
    if equal := re.fullmatch(r"(?:==?|is|exactly|equals?)\s*(\d+(?:\.\d+)?)", word, re.ASCII | re.IGNORECASE):
        return f"write {equal[1]} alone"
    return "write one number, in digits"


def read_integer(text: str) -> int:
    """Return a whole number; `6.0` is one, `6.5` is not."""
    number = read_number(text)
    if not number.is_integer():
        raise ValueFault(f"`{shorten(text)}` is not a whole number", "write one without a fraction, as in 6")
    return int(number)


TIME_OF_DAY = re.compile(r"[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)


def read_date(text: str) -> date:
    """Return a date written 2015-08-21; a time of day after it is dropped."""
    word = text.strip()
    match = re.fullmatch(rf"(\d{{4}}-\d{{2}}-\d{{2}})({TIME_OF_DAY.pattern})?", word, re.ASCII)
    if match:
        try:
            return date.fromisoformat(match[1])
        except ValueError:
            hint = "check the month and the day"
            raise ValueFault(f"`{shorten(text)}` is not a day of the calendar", hint) from None
    raise ValueFault(f"`{shorten(text)}` is not a date", _date_hint(word))


_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def _date_hint(word: str) -> str:
    """Return how a date that people write otherwise is written, the month before the day as in the US."""
    year, month, day = "", "", ""
    if match := re.fullmatch(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})", word, re.ASCII):
        month, day, year = match.groups()
        if int(month) > 12:
            month, day = day, month
    elif match := re.fullmatch(r"(\d{4})[/. -](\d{1,2})[/. -](\d{1,2})", word, re.ASCII):
        year, month, day = match.groups()
    elif match := re.fullmatch(r"([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", word.casefold()):
        name, day, year = match.groups()
        month = str(_MONTHS.index(name) + 1) if name in _MONTHS else ""
    if month and 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
        return f"write year-month-day: {year}-{int(month):02}-{int(day):02}"
    return "write year-month-day, as in 2015-08-21"


_BETWEEN = re.compile(r"[,;&+|]|\band\b")
"""What stands between several values in one text."""


def read_choice(fact: Fact, text: str) -> str:
    """Return the choice that a word stands for."""
    name = fact.choice(text)
    if name is None:
        listed = one_of(fact.choices, most=40)
        close = (
            _several(fact, text) or _named_within(fact, text) or did_you_mean(fold(text), fact.words, likeness=0.7)
        )
        raise ValueFault(f"`{shorten(text)}` is not one of its values", close or listed)
    return name


def _named_within(fact: Fact, text: str) -> str:
    """Return how to write a value that stands in a text together with something else, such as a strength."""
    if _BETWEEN.search(text):
        return ""  # two values, of which neither is the one to keep
    words = text.split()
    numbers = any(mark.isdigit() for mark in text)
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1 if numbers else 1):
            name = " ".join(words[start : start + length])
            value = fact.choice(name)
            if value is not None and not name.isdigit():
                around = map(fact.choice, (" ".join(words[:start]), " ".join(words[start + length :])))
                others = [other for other in around if other is not None and other != value]
                if others:
                    return _each_of(fact, [value, *others])
                return f"write `{shorten(name)}` alone" + (f"; {NUMBERS_APART}" if numbers else "")
    before = re.match(r"\D*(?=\s\S*\d)", text)
    close = did_you_mean(fold(before[0]), fact.words, likeness=0.7) if before else ""
    return f"{close} Write it alone; {NUMBERS_APART}" if close else ""


def several_within(fact: Fact, text: str) -> list[str]:
    """Return the values of a set of which a text names several, or none where it holds anything else."""
    return _named_in(fact, text) if fact.type is FactType.SET else []


def _named_in(fact: Fact, text: str) -> list[str]:
    parts = [part for part in _BETWEEN.split(text) if part.strip()]
    names = [fact.choice(part) for part in parts]
    known = [name for name in names if name is not None]
    return known if 1 < len(known) == len(names) else []


def _several(fact: Fact, text: str) -> str:
    """Return how to write several values that stand in one text."""
    names = _named_in(fact, text)
    return _each_of(fact, names) if names else ""


def _each_of(fact: Fact, names: list[str]) -> str:
    if fact.type is FactType.SET:
        return f"write a list: [{', '.join(names)}]"
    return f"write only one of them: {' or '.join(dict.fromkeys(names))}"


def read_scalar(fact: Fact, text: str) -> Plain:
    """Return a text as a value of a fact that is no set and no list (of a set: one member's name).

    Raises:
        ValueFault: not of the fact's type, or outside its limits.
    """
    value: Plain
    match fact.type:
        case FactType.BOOLEAN:
            value = read_boolean(text)
        case FactType.INTEGER:
            value = read_integer(text)
        case FactType.NUMBER:
            value = read_number(text)
        case FactType.DATE:
            value = read_date(text)
        case FactType.CHOICE | FactType.SET:
            value = read_choice(fact, text)
        case _:
            value = text.strip()
            if not value:
                raise ValueFault("an empty text", "write one, or leave it out")
    check_limits(fact, value)
    return value


def check_limits(fact: Fact, value: Value) -> None:
    """Raise LimitFault where a number or date lies outside the fact's limits."""
    if isinstance(value, bool) or not isinstance(value, int | float | date):
        return
    day = isinstance(value, date)
    hint = "check the date" if day else "check the number"
    if fact.minimum is not None and ordinal(value) < ordinal(fact.minimum):
        least = "too early: the earliest" if day else "too small: the least"
        raise LimitFault(f"{show_value(value)} is {least} is {show_value(fact.minimum)}", hint)
    if fact.maximum is not None and ordinal(value) > ordinal(fact.maximum):
        most = "too late: the latest" if day else "too large: the most"
        raise LimitFault(f"{show_value(value)} is {most} is {show_value(fact.maximum)}", hint)


def check_whole(fact: Fact, value: Value) -> None:
    """Raise ValueFault where what counts whole things is no whole number."""
    if fact.type is FactType.INTEGER and isinstance(value, float) and not value.is_integer():
        raise ValueFault(f"{show_value(value)} is not a whole number", "check what it follows from")


def ordinal(value: Value) -> float:
    """Return a number, or a date as its day's number, for comparison; 0 for what has no order."""
    if isinstance(value, date):
        return value.toordinal()
    return float(value) if isinstance(value, int | float) else 0.0


def show_labelled(fact: Fact, value: Value) -> str:
    """Return a value with the labels of its choices instead of their names."""
    if isinstance(value, frozenset):
        return ", ".join(sorted(fact.choices[name].label for name in value)) or "none"
    if isinstance(value, str) and value in fact.choices:
        return fact.choices[value].label
    return show_value(value)


def show_value(value: Value | None) -> str:
    """Return a value as a person writes it in a request."""
    if value is None:
        return UNDOCUMENTED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    if isinstance(value, tuple):
        return "; ".join(", ".join(f"{k} {show_value(v)}" for k, v in entry.items()) for entry in value)
    return str(value)
