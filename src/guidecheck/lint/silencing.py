"""`# guidecheck: allow CODE reason`, on the line of a finding or in the comments right above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guidecheck.errors import Finding, Location, did_you_mean
from guidecheck.lint.context import warning
from guidecheck.reading.marked_yaml import events

ALLOW_WITHOUT_REASON = "allow-without-reason"
STALE_ALLOW = "stale-allow"
UNKNOWN_ALLOW = "unknown-allow"

COMMENT_CODES = (ALLOW_WITHOUT_REASON, STALE_ALLOW, UNKNOWN_ALLOW)
"""The codes of what is wrong with the comments themselves."""

_MARK = "guidecheck"
_COMMENT = re.compile(r"#[ \t]*guidecheck:[ \t]*allow\b[ \t]*(?P<code>[^\s#]*)[ \t:,-]*(?P<reason>.*)$")
_MEANT = re.compile(
    r"#\s*guide[ -]?check\s*[:,-]?\s*(?:allow|ignore|disable|noqa)\b[\s:]*(?P<code>[a-z]+(?:-[a-z]+)+)?",
    re.IGNORECASE,
)
"""What was meant to be such a comment."""


@dataclass(frozen=True)
class _Allowance:
    at: Location
    code: str
    reason: str
    below: int
    """The line that the run of comments ends above; its own where something else stands on it."""
    written_well: bool = True

    def covers(self, finding: Finding) -> bool:
        """Tell whether it stands on the finding's line, or among the comments above that."""
        if not self.written_well or finding.code != self.code:
            return False
        same_file = finding.location.path == self.at.path
        return same_file and finding.location.line in (self.at.line, self.below)


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


def vain_allowances(errors: Iterable[Finding], texts: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each comment that is to allow an error of its file."""
    found = {(error.location.path, error.code) for error in errors}
    for path in {path for path, _ in found} & texts.keys():
        for allowance in _allowances(path, texts[path]):
            if (path, allowance.code) in found:
                message = f"`{allowance.code}` is an error, which a comment can't allow"
                yield warning(allowance.at, UNKNOWN_ALLOW, message, "mend it, and leave the comment out")


def _complaints(allowance: _Allowance, codes: frozenset[str], *, used: bool) -> Iterator[Finding]:
    if not allowance.written_well:
        message = "this comment allows nothing as it is written"
        code = allowance.code if allowance.code in codes else "CODE"
        yield warning(allowance.at, UNKNOWN_ALLOW, message, f"write `# guidecheck: allow {code} REASON`")
    elif allowance.code not in codes:
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
    if _MARK not in text.casefold().replace(" ", "").replace("-", ""):
        return
    lines = text.splitlines()
    within = _lines_of_texts(text)
    for number, line in enumerate(lines, 1):
        match = (_COMMENT.search(line) or _MEANT.search(line)) if "#" in line else None
        if match and (number, match.start()) not in within:
            below = number
            if not line[: match.start()].strip():
                while below < len(lines) and lines[below].lstrip().startswith("#"):
                    below += 1
                below += 1
            at = Location(path, number, match.start() + 1)
            well = match.re is _COMMENT
            reason = match["reason"].strip() if well else ""
            yield _Allowance(at, match["code"] or "", reason, below, well)


class _Texts:
    """The places of quoted and block texts, in which `#` begins no comment."""

    def __init__(self, spans: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self._spans = spans

    def __contains__(self, place: tuple[int, int]) -> bool:
        return any(start <= place < end for start, end in self._spans)


def _lines_of_texts(text: str) -> _Texts:
    """Return where a file has texts in quotes or blocks; lines count from 1, columns from 0."""
    spans = []
    lines = text.splitlines()
    for event in events(text):
        style = getattr(event, "style", None)
        if not style:
            continue
        start = (event.start_mark.line + 1, event.start_mark.column)
        end = (event.end_mark.line + 1, event.end_mark.column)
        if style in ("|", ">"):
            # A comment may follow the sign, and the mark of its end may lie beyond comments behind it.
            first, inside = start[0] + 1, lines[start[0] : end[0]]
            indent = next((len(line) - len(line.lstrip()) for line in inside if line.strip()), 0)
            held = [n for n, line in enumerate(inside, first) if line[:indent].isspace() and line.strip()]
            start, end = (first, 0), (max(held, default=start[0]) + 1, 0)
        spans.append((start, end))
    return _Texts(spans)
