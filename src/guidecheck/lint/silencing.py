"""`# guidecheck: allow CODE reason`, on the line of a finding or alone on the line above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guidecheck.errors import Finding, Location, did_you_mean
from guidecheck.lint.context import warning

ALLOW_WITHOUT_REASON = "allow-without-reason"
STALE_ALLOW = "stale-allow"
UNKNOWN_ALLOW = "unknown-allow"

COMMENT_CODES = (ALLOW_WITHOUT_REASON, STALE_ALLOW, UNKNOWN_ALLOW)
"""The codes of what is wrong with the comments themselves."""

_MARK = "guidecheck:"
_COMMENT = re.compile(r"#[ \t]*guidecheck:[ \t]*allow\b[ \t]*(?P<code>[^\s#]*)[ \t:,-]*(?P<reason>.*)$")


@dataclass(frozen=True)
class _Allowance:
    at: Location
    code: str
    reason: str
    alone: bool

    def covers(self, finding: Finding) -> bool:
        """Tell whether it stands on the finding's line, or alone on the one above."""
        same_file, below = finding.location.path == self.at.path, finding.location.line - self.at.line
        return finding.code == self.code and same_file and (below == 0 or (below == 1 and self.alone))


def silence(findings: Iterable[Finding], texts: Mapping[str, str], codes: Iterable[str]) -> Iterator[Finding]:
    """Yield findings that no comment allows, and what is wrong with the comments.

    Args:
        findings: what the checks found.
        texts: the files by path.
        codes: those that can be allowed.
    """
    allowances = [allowance for path, text in texts.items() for allowance in _allowances(path, text)]
    used: set[_Allowance] = set()
    for finding in findings:
        covering = [a for a in allowances if a.covers(finding)]
        used.update(covering)
        if not covering:
            yield finding
    for allowance in allowances:
        yield from _complaints(allowance, frozenset(codes), used=allowance in used)


def _complaints(allowance: _Allowance, codes: frozenset[str], *, used: bool) -> Iterator[Finding]:
    if allowance.code not in codes:
        message = f"`{allowance.code}` is nothing that a comment can allow" if allowance.code else "allow what?"
        hint = did_you_mean(allowance.code, codes) or "write the code of a warning, then the reason"
        yield warning(allowance.at, UNKNOWN_ALLOW, message, hint)
    elif not used:
        message = f"nothing here is `{allowance.code}` any more"
        yield warning(allowance.at, STALE_ALLOW, message, "leave the comment out, or put it on the line it is for")
    elif not allowance.reason:
        message = f"`{allowance.code}` is allowed without a reason"
        yield warning(allowance.at, ALLOW_WITHOUT_REASON, message, "write after the code why it is right here")


def _allowances(path: str, text: str) -> Iterator[_Allowance]:
    if _MARK not in text:
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = _COMMENT.search(line) if _MARK in line else None
        if match:
            at = Location(path, number, match.start() + 1)
            yield _Allowance(at, match["code"], match["reason"].strip(), not line[: match.start()].strip())
