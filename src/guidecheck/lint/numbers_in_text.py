"""The numbers that a sentence names, in digits or in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
""".split()  # noqa: SIM905 - a list of words reads better as text
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905 - as above

_WORDS = {word: number for number, word in enumerate(_UNITS)}
_WORDS |= {word: 20 + 10 * place for place, word in enumerate(_ROUND)}
_WORDS |= {"once": 1, "twice": 2, "thrice": 3, "hundred": 100, "dozen": 12}

_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
# Not in citations (`8 CCR 9792.20`, `(a)(2)`), ordinals (`2nd`), names (`C5`, `L5-S1`).
_DIGITS = r"(?<![\w.(-])(?P<digits>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w(]|\.\d| CCR| U\.?S\.?C)"
_NUMBER = re.compile(rf"{_DIGITS}|\b(?P<words>(?:{_WORD})(?:-(?:{_WORD}))?)\b", re.IGNORECASE)


_UPPER_BEFORE = re.compile(
    r"\b(?:(?:no|not) more than|no longer than|at most|up to|fewer than|less than|within)\s+$"
)
_LOWER_BEFORE = re.compile(r"\b(?:no (?:fewer|less) than|at least|(?<!no )(?<!not )more than)\s+$")
_UPPER_AFTER = re.compile(r"^(?:\s+\w+){0,3}\s+or (?:fewer|less)\b")
_LOWER_AFTER = re.compile(r"^(?:\s+\w+){0,3}\s+or more\b")


_TIME = r"(?:minute|hour|day|week|month|year)"
_TIME_AFTER = re.compile(rf"^(?:-|\s+(?:calendar |business |working )?){_TIME}s?\b")
_RATE = re.compile(rf"\b(?:an?|per|each|every) {_TIME}\b|\b(?:daily|weekly|monthly)\b")


@dataclass(frozen=True, slots=True)
class Named:
    """A number in a text; `upper` and `lower` tell whether the words beside it make it a bound.

    `of_time` tells that it counts days, weeks and the like.
    """

    number: float
    upper: bool
    lower: bool
    of_time: bool


def has_rate(text: str) -> bool:
    """Tell whether a text says how often in a day, a week or the like."""
    return bool(_RATE.search(text.lower()))


def numbers_in(text: str) -> list[Named]:
    """Return the numbers that a text names, in order; years and the numbers of regulations left out."""
    found = []
    for match in _NUMBER.finditer(text):
        if match["digits"]:
            number = float(match["digits"].replace(",", ""))
            if 1900 <= number <= 2100:
                continue
        else:
            number = float(sum(_WORDS[word] for word in match["words"].lower().split("-")))
        before, after = text[: match.start()].lower(), text[match.end() :].lower()
        upper = bool(_UPPER_BEFORE.search(before) or _UPPER_AFTER.search(after))
        lower = bool(_LOWER_BEFORE.search(before) or _LOWER_AFTER.search(after))
        found.append(Named(number, upper, lower, bool(_TIME_AFTER.search(after))))
    return found
