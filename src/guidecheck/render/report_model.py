"""The content of a report: plain texts in the order in which a form writes them."""

from __future__ import annotations

from dataclasses import dataclass

from guidecheck.render.checklist_text import Task

NOTICES = (
    "This is decision support, not a determination: no reviewer has decided anything here.",
    "It is neither medical nor legal advice.",
    "Where no guideline applies, there is no prediction; that is not a denial.",
    "UPHELD means that the denial stands; OVERTURNED, that the treatment is found medically necessary.",
)


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact with its value, and where it stands."""

    label: str
    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a criterion stands: `kind` is one word for it, `words` how a person says it."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class CriterionEntry:
    """A criterion with what settled it, and a note on how sure its reading is."""

    standing: Standing
    says: str
    lines: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Place:
    """The criteria that stand in one place of a guideline; `gives_way_to` is the title of what decides instead."""

    citation: str
    gives_way_to: str
    criteria: tuple[CriterionEntry, ...]


@dataclass(frozen=True, slots=True)
class CriteriaList:
    """Criteria with the same part in the outcome."""

    heading: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A limit on visits in numbers; `in_all` tells one that counts earlier visits too."""

    limit: str
    in_all: bool
    asked: str
    had: str
    allowed: str
    left: str
    result: str

    @property
    def label(self) -> str:
        """The limit's name, with what it counts."""
        return f"{self.limit}, {'in all' if self.in_all else 'in one request'}"


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change: how it is made, and what would be so, beside what is so now."""

    opening: str
    text: str

    def __str__(self) -> str:
        return f"{self.opening}: {self.text}"


@dataclass(frozen=True, slots=True)
class Advice:
    """What would turn a prediction: sets of changes, or why there are none.

    `more` says that there may be others.
    """

    heading: str
    sets: tuple[tuple[ChangeLine, ...], ...]
    more: str
    none_because: str


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """Everything that a report says of an item."""

    anchor: str
    number: str
    title: str
    name: str
    outcome: str
    kind: str
    headline: str
    actual: str
    warnings: tuple[str, ...]
    reason: str
    past_heading: str
    past: tuple[str, ...]
    todo_heading: str
    todo: tuple[str, ...]
    advice: Advice | None
    visits: tuple[VisitRow, ...]
    sums: tuple[tuple[str, tuple[str, ...]], ...]
    criteria: tuple[CriteriaList, ...]
    rest: str
    facts: tuple[FactRow, ...]
    worked_out: tuple[FactRow, ...]
    tasks: tuple[tuple[str, tuple[Task, ...]], ...]

    @property
    def label(self) -> str:
        """The item's number, treatment and name."""
        number = f"{self.number}. " if self.number else ""
        return f"{number}{self.title}" + (f" ({self.name})" if self.name else "")


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """Everything that a report says of a request; `partial` is a note on records that leave things out."""

    anchor: str
    case_id: str
    applied: str
    partial: str
    editions: tuple[str, ...]
    items: tuple[ItemEntry, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Determinations ready to be written in any form."""

    title: str
    requests: tuple[RequestEntry, ...]
    library_version: str
    library_digest: str
    left_out: str
    notices: tuple[str, ...] = NOTICES

    @property
    def with_contents(self) -> bool:
        """Whether there is enough in it to want a table of contents."""
        return len(self.requests) > 1 or any(len(request.items) > 1 for request in self.requests)
