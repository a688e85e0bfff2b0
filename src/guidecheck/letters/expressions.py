"""The regular expressions of the pattern files, and the dates and numbers that their slots stand for."""

from __future__ import annotations

import re

from guidecheck.errors import shorten
from guidecheck.letters.word_tree import any_word

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec")
# At most places the first sign tells already that no date begins there, and no number.
DATE = (
    rf"(?=[\d{''.join(sorted({month[0] for month in _MONTHS}))}])"
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\d{4}-\d{2}-\d{2}"
    rf"|{any_word([*_MONTHS, *SHORT_MONTHS])}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_DECADES = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TIMES = ("once", "twice")
_SHADES = {"+": 1 / 3, "-": -1 / 3}
"""What a sign adds to a grade of strength: 4+/5 is between 4/5 and 5-/5."""
_WORDS = (*_ONES, *_TEENS)
_FIRST = "".join(sorted({word[0] for word in (*_WORDS, *_DECADES)}))
_BELOW_HUNDRED = rf"{any_word(_DECADES)}(?:[- ]{any_word(_ONES)})?|{any_word(_WORDS)}"
_HUNDREDS = rf"{any_word(_ONES)} hundred(?:(?: and)? (?:{_BELOW_HUNDRED}))?"
# The thousands of "1,200" are no number of their own, nor are its hundreds.
_DIGITS = (
    r"(?:(?<!\d,)|(?!\d{3}(?!\d)))"
    r"(?:\d{1,4}(?:\.\d+)?(?!\d|,\d{3}(?!\d))(?:[+-](?=/\d))?|\d{1,3}(?:,\d{3})+(?!,?\d))"
)
NUMBER = (
    rf"(?=[\d{_FIRST}])(?:{_DIGITS}|\b(?:{_HUNDREDS}|{_BELOW_HUNDRED}))"
    r"(?: ?\(\d{1,3}(?: ?(?:-|to) ?\d{1,3})?\))?"
)
_SLOTS = {"date": DATE, "number": NUMBER}


def expression(text: str) -> re.Pattern[str]:
    """Return a regular expression of the pattern files: `{date}` and `{number}` stand for any way to write one."""
    for name, value in _SLOTS.items():
        text = text.replace("{" + name + "}", value)
    return re.compile(text, re.IGNORECASE)


def _stand_in(slot: re.Match[str]) -> str:
    """Return what may stand where a slot may, quick to compile, and as long: a mistake's place is the file's."""
    inside = len(slot[0]) - len("(?:)")
    # Like the expression for a number, which ends with a part that may be missing: it can't be repeated.
    return f"(?:{'x' * (inside - 2)})x?" if slot[0] == "{number}" else f"(?:{'x' * inside})"


def expression_fault(text: str) -> str:
    """Return what keeps a text of the pattern files from being a regular expression, or ""."""
    try:
        re.compile(re.sub(r"\{[a-z]+\}", _stand_in, text))
    except re.error as error:
        return f"`{shorten(text)}` is no regular expression: {error}"
    return ""


def number_of(text: str) -> float | None:
    """Return the number that `{number}` matched, or `once` or `twice`."""
    word = re.sub(r" ?\(.*", "", text.strip().casefold())
    if word[:1].isdigit():
        return float(word.replace(",", "").rstrip("+-")) + _SHADES.get(word[-1], 0)
    if word in _TIMES:
        return float(_TIMES.index(word) + 1)
    total = 0
    for part in re.split("[- ](?:and )?", word):
        if part == "hundred":
            total *= 100
        elif part in _DECADES:
            total += 10 * (_DECADES.index(part) + 2)
        elif part in _WORDS:
            total += _WORDS.index(part) + 1
        else:
            return None
    return float(total)
