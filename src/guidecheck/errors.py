"""What can be wrong with a file, a request or a call, and where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]

MOST_FINDINGS = 1_000
_LONGEST_WORD = 80


class Location(NamedTuple):
    """A place in a file; `line` and `column` count from 1, 0 where there is none."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.path
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One mistake: where, which kind (a stable `code`), what is wrong, and the likely mend."""

    location: Location
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.location}: {self.severity} {self.code}: {self.words}"

    @property
    def words(self) -> str:
        """What is wrong and the likely mend, for those who know the place already."""
        return with_mend(self.message, self.hint)


class GuidecheckError(Exception):
    """Something a person can mend; `findings` has one entry a mistake, in file order."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(str(finding) for finding in self.findings))

    def __reduce__(self) -> tuple[type[GuidecheckError], tuple[tuple[Finding, ...]]]:
        # Between processes by its findings, which its text cannot be turned back into.
        return type(self), (self.findings,)


class LibraryError(GuidecheckError):
    """The rule library cannot be used."""


class RequestError(GuidecheckError):
    """A request cannot be used."""


class TooManyFindings(GuidecheckError):  # noqa: N818 - says what it is
    """So much is wrong that the rest is not worth listing."""


class Findings(list[Finding]):
    """The mistakes found so far, by everything that reads one request or one library."""

    def add(self, at: Location, code: str, message: str, hint: str) -> None:
        """Note a mistake.

        Raises:
            TooManyFindings: it is the thousandth.
        """
        self.append(Finding(at, code, message, hint))
        if len(self) >= MOST_FINDINGS:
            message = f"{MOST_FINDINGS:,} mistakes; what follows is not looked at"
            self.append(Finding(at, "too-many-mistakes", message, "is this the right file?"))
            raise TooManyFindings(self)


def with_mend(message: str, hint: str) -> str:
    """Return what is wrong with the likely mend, if there is one, behind it."""
    return f"{message}; {hint}" if hint else message


def fault(at: Location, code: str, message: str, hint: str = "") -> GuidecheckError:
    """Return an error with a single finding."""
    return GuidecheckError([Finding(at, code, message, hint)])


def did_you_mean(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return a hint naming the closest of the known words, or "" where none is as close as `likeness` (0 to 1)."""
    found = closest(word, known, likeness)
    return f"did you mean `{found}`?" if found else ""


def closest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return the closest of the known words, or "" where none is as close as `likeness` (0 to 1)."""
    if len(word) > _LONGEST_WORD:
        return ""
    by_form: dict[str, str] = {}
    for name in sorted(known):
        by_form.setdefault(_form(name), name)
    close = difflib.get_close_matches(_form(word), by_form, n=1, cutoff=likeness)
    return by_form[close[0]] if close else ""


def _form(word: str) -> str:
    return re.sub(r"[\s_-]+", "_", word.strip().casefold())


def one_of(words: Iterable[str], most: int = 12) -> str:
    """Return "one of a, b, c", cut at `most` words; "only a" for a single one."""
    listed = list(words)
    if len(listed) < 2:
        return f"only {listed[0]}" if listed else ""
    rest = len(listed) - most
    return f"one of {', '.join(listed[:most])}" + (f" and {rest} more" if rest > 0 else "")


def shorten(text: str, most: int = 60) -> str:
    """Return a text on one line, no longer than `most` characters, with what can't be seen as its code."""
    flat = re.sub(r"[ \t\r\n]+", " ", text[: 8 * most].strip(" \t\r\n"))
    shown = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in flat)
    return shown if len(shown) <= most else shown[: most - 3] + "..."
