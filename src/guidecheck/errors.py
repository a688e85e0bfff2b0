"""What can be wrong with a file, a request or a call, and where it stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Location:
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
        mend = f"; {self.hint}" if self.hint else ""
        return f"{self.location}: {self.severity} {self.code}: {self.message}{mend}"


class GuidecheckError(Exception):
    """Something a person can mend; `findings` has one entry a mistake, in file order."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(str(finding) for finding in self.findings))


class LibraryError(GuidecheckError):
    """The rule library cannot be used."""


class RequestError(GuidecheckError):
    """A request cannot be used."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint naming the closest of the known words, or "" where none is close."""
    close = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def one_of(words: Iterable[str], most: int = 12) -> str:
    """Return "one of a, b, c", cut at `most` words."""
    listed = list(words)
    rest = len(listed) - most
    shown = ", ".join(listed[:most]) + (f" and {rest} more" if rest > 0 else "")
    return f"one of {shown}"
