"""What a fact is: its type, scope and unit, and how its values are read from text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from guidecheck.errors import Location, did_you_mean, one_of

UNDOCUMENTED = "undocumented"
"""The word that states that the records do not document a fact."""

LARGEST = 1_000_000_000
"""Numbers beyond this are refused: every engine can still compare them exactly to six decimals."""

DECIMALS = 6

Entry = Mapping[str, "Value"]
Value = bool | int | float | date | str | frozenset[str] | tuple[Entry, ...]
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


class Change(StrEnum):
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
    change: Change = Change.FIXED
    usual_undocumented: bool = False
    minimum: float | date | None = None
    maximum: float | date | None = None
    choices: Mapping[str, Choice] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    phrases: Mapping[bool, str] = field(default_factory=dict)

    @cached_property
    def _choice_by_word(self) -> dict[str, str]:
        words = {}
        for choice in self.choices.values():
            for word in (choice.name, choice.label, *choice.synonyms):
                words[fold(word)] = choice.name
        return words

    def choice(self, text: str) -> str | None:
        """Return the name of the choice that a word stands for (its name, label or a synonym), or None."""
        return self._choice_by_word.get(fold(text))


class ValueFault(ValueError):  # noqa: N818 - the word the messages use
    """A text that is no value of a fact's type: what is wrong, and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def fold(text: str) -> str:
    """Return a word in the form in which synonyms are compared: case, hyphens and spaces don't count."""
    return re.sub(r"[\s_\-/]+", " ", text.strip().casefold())


TRUE_WORDS = frozenset({"yes", "y", "true"})
FALSE_WORDS = frozenset({"no", "n", "false"})


def read_boolean(text: str) -> bool:
    """Return yes/no, y/n or true/false as a boolean."""
    word = text.strip().casefold()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueFault(f"`{text}` is not yes or no", "write yes or no, and leave out what isn't documented")


def read_number(text: str) -> float:
    """Return a decimal number, rounded to six decimals.

    Raises:
        ValueFault: not a number (NaN and infinity included), or beyond a billion.
    """
    word = text.strip()
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", word, re.ASCII):
        hint = f"write {word.replace(',', '')}" if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", word) else ""
        raise ValueFault(f"`{text}` is not a number", hint)
    number = float(word)
    if abs(number) > LARGEST:
        raise ValueFault(f"`{text}` is beyond {LARGEST:,}")
    # Adding zero turns -0.0 into 0.0, so that equal numbers are written alike.
    return round(number, DECIMALS) + 0.0


def read_integer(text: str) -> int:
    """Return a whole number; `6.0` is one, `6.5` is not."""
    number = read_number(text)
    if not number.is_integer():
        raise ValueFault(f"`{text}` is not a whole number")
    return int(number)


def read_date(text: str) -> date:
    """Return a date written 2015-08-21; a time of day after it is dropped."""
    word = text.strip()
    match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?", word)
    if match:
        try:
            return date.fromisoformat(match[1])
        except ValueError:
            raise ValueFault(f"`{text}` is not a day of the calendar") from None
    raise ValueFault(f"`{text}` is not a date", _date_hint(word))


def _date_hint(word: str) -> str:
    match = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", word)
    if match and 1 <= int(match[1]) <= 12:
        return f"write year-month-day: {match[3]}-{int(match[1]):02}-{int(match[2]):02}"
    return "write year-month-day, as in 2015-08-21"


def read_choice(fact: Fact, text: str) -> str:
    """Return the choice that a word stands for."""
    name = fact.choice(text)
    if name is None:
        hint = did_you_mean(fold(text), fact._choice_by_word) or one_of(fact.choices)
        raise ValueFault(f"`{text}` is not a value of `{fact.name}`", hint)
    return name


def read_scalar(fact: Fact, text: str) -> Value:
    """Return a text as a value of a fact that is no set and no list.

    Raises:
        ValueFault: not of the fact's type, or outside its limits.
    """
    value: bool | int | float | date | str
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
                raise ValueFault("an empty text", "leave the fact out")
    check_limits(fact, value)
    return value


def check_limits(fact: Fact, value: Value) -> None:
    """Raise ValueFault where a number or date lies outside the fact's limits."""
    if isinstance(value, bool) or not isinstance(value, int | float | date):
        return
    low, high = fact.minimum, fact.maximum
    if low is not None and _below(value, low):
        raise ValueFault(_outside(fact, value, "least", low))
    if high is not None and _below(high, value):
        raise ValueFault(_outside(fact, value, "most", high))


def _below(left: float | date, right: float | date) -> bool:
    if isinstance(left, date) or isinstance(right, date):
        return isinstance(left, date) and isinstance(right, date) and left < right
    return left < right


def _outside(fact: Fact, value: Value, word: str, limit: float | date) -> str:
    return f"{show_value(value)} is not a possible value: `{fact.name}` is at {word} {show_value(limit)}"


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
