"""The numbers that a sentence names, in digits or in words."""

from __future__ import annotations

import re

_UNITS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
""".split()  # noqa: SIM905 - a list of words reads better as text
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905 - as above

_WORDS = {word: number for number, word in enumerate(_UNITS)}
_WORDS |= {word: 20 + 10 * place for place, word in enumerate(_TENS)}
_WORDS |= {"once": 1, "twice": 2, "thrice": 3, "hundred": 100, "dozen": 12}

_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
# Not in citations (`8 CCR 9792.20`, `(a)(2)`), ordinals (`2nd`), names (`C5`, `L5-S1`).
_DIGITS = r"(?<![\w.(-])(?P<digits>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w(]|\.\d| CCR| U\.?S\.?C)"
_NUMBER = re.compile(rf"{_DIGITS}|\b(?P<words>(?:{_WORD})(?:-(?:{_WORD}))?)\b", re.IGNORECASE)


def numbers_in(text: str) -> list[float]:
    """Return the numbers that a text names, in order; years and the numbers of regulations left out."""
    found = []
    for match in _NUMBER.finditer(text):
        if match["digits"]:
            number = float(match["digits"].replace(",", ""))
            if not 1900 <= number <= 2100:
                found.append(number)
        else:
            found.append(float(sum(_WORDS[word] for word in match["words"].lower().split("-"))))
    return found
