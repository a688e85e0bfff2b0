"""A list of changes as text for 80 columns, as Markdown for a pull request, and as JSON data."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from guidecheck.editing.rule_change import Change
from guidecheck.errors import Location
from guidecheck.render.markdown import escaped

SCHEMA_VERSION = 1
_WIDTH = 80


@dataclass(frozen=True)
class ChangeList:
    """What changed between two libraries; `shown` gives a change's place as its reader knows it."""

    old: str
    new: str
    digests: tuple[str, str]
    changes: Sequence[Change]
    shown: Callable[[Change], Location]

    @property
    def deciding(self) -> list[Change]:
        """The changes that can change an answer."""
        return [change for change in self.changes if change.decides]

    @property
    def others(self) -> list[Change]:
        """The changes of words, citations and examples."""
        return [change for change in self.changes if not change.decides]

    @property
    def heading(self) -> str:
        """How many changes there are, in a sentence."""
        if not self.changes:
            return f"From {self.old} to {self.new}: nothing changed."
        return (
            f"From {self.old} to {self.new}: {_count(len(self.deciding))} that can change an answer, "
            f"{_count(len(self.others))} of words, citations and examples."
        )


def wrapped(text: str, first: str = "", indent: str = "") -> list[str]:
    """Return a text in lines of 80 columns; names and paths are not broken."""
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _count(number: int) -> str:
    return f"{number} change{'' if number == 1 else 's'}"


def differences_json(listed: ChangeList) -> dict[str, Any]:
    """Return changes as JSON data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "old": {"rules": listed.old, "digest": listed.digests[0]},
        "new": {"rules": listed.new, "digest": listed.digests[1]},
        "changes": [
            {
                "code": change.code,
                "subject": change.subject,
                "words": change.words,
                "before": change.before or None,
                "after": change.after or None,
                "changes_answers": change.decides,
                "path": at.path,
                "line": at.line or None,
                "column": at.column or None,
            }
            for change in listed.changes
            for at in [listed.shown(change)]
        ],
    }


def differences_text(listed: ChangeList) -> str:
    """Return changes as text."""
    lines = wrapped(listed.heading)
    for title, changes in _sections(listed):
        lines += ["", title, "─" * len(title)]
        for subject, group in _by_subject(changes):
            lines += ["", subject, *(f"  {at}" for at in _places(listed, group))]
            for change in group:
                lines += wrapped(change.words, "  - ", "    ")
    return "\n".join(lines) + "\n"


def differences_markdown(listed: ChangeList) -> str:
    """Return changes as Markdown."""
    lines = ["### What changed in the rules", "", escaped(listed.heading)]
    for title, changes in _sections(listed):
        lines += ["", f"**{title}**", ""]
        for subject, group in _by_subject(changes):
            lines.append(f"- `{subject}`" if " " not in subject else f"- {escaped(subject)}")
            lines += [f"  - {escaped(change.words)}" for change in group]
    return "\n".join(lines) + "\n"


def _sections(listed: ChangeList) -> Iterator[tuple[str, list[Change]]]:
    for title, changes in (
        ("Can change an answer", listed.deciding),
        ("Words, citations, examples", listed.others),
    ):
        if changes:
            yield title, changes


def _by_subject(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    for subject, group in groupby(changes, lambda change: change.subject):
        yield subject or "the library as a whole", list(group)


def _places(listed: ChangeList, group: Sequence[Change]) -> list[Location]:
    return list(dict.fromkeys(listed.shown(change) for change in group))
