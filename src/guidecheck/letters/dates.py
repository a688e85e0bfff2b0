"""Dates as letters write them."""

from __future__ import annotations

import re
from datetime import date

from guidecheck.letters.expressions import DATE

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ANY_DATE = re.compile(rf"(?<![\d/.-]){DATE}(?![\d/])", re.IGNORECASE)


def read_letter_date(text: str) -> date | None:
    """Return a date, the month before the day as in the US; the other way round only where it must be."""
    text = text.strip()
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})", text):
        month, day, year = (int(part) for part in match.groups())
        if year < 100:
            # Letters are of 2013 and later, injuries seldom older than 1950.
            year += 1900 if year > 40 else 2000
        return _date(year, month, day) or _date(year, day, month)
    if match := re.fullmatch(r"([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", text.casefold()):
        return _date(int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2])) if match[1] in _MONTHS else None
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
