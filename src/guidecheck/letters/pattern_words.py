"""What the pattern files hold, file by file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

Reading = Literal["yes", "no", "undocumented", "ignore"]
ALL = "all"
"""Stands instead of treatments where a fact is read for each of them."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LayoutWords(_File):
    """`layouts.yaml`: what marks the parts of a letter. All of them are regular expressions."""

    header: dict[str, str]
    markers: dict[str, list[str]]
    labels: dict[str, list[str]]
    numbered_outcomes: list[str]
    numbered_rationale: list[str]
    heading_outcome: list[str]
    decision_paragraph: list[str]
    outcome_alone: list[str]
    unread_outcome: list[str]
    closing: list[str]
    determination: str
    footers: list[str]
    footer_in_line: str
    introduction: str
    reviewer: dict[str, list[str]]
    citations: CitationWords
    claim: dict[str, list[str]]
    claim_choices: dict[str, list[str]]
    diagnosis_joints: str
    diagnosis_denied: str
    diagnosis_over: str = "(?!)"  # nothing matches it
    diagnosis_end: str
    diagnosis_detail: str
    no_diagnosis: str
    request_dates: list[str]
    review_dates: list[str]
    no_record_before: list[str]
    no_record_behind: list[str]
    maybe_no_record_before: list[str]
    record_beside: list[str]
    abbreviations: list[str]
    spellings: dict[str, list[str]] = Field(default_factory=dict)


class CitationWords(_File):
    """How a paragraph names the guidelines that a decision rests on."""

    based: str
    name: str
    pages: str
    section: str
    section_label: str
    section_end: str
    none: str
    expert: str
    agrees: str
    own: str


class HeadingWords(_File):
    """`headings.yaml`: how the heading of a disputed item says what is asked for."""

    treatments: dict[str, list[str]]
    generic: dict[str, list[str]] = Field(default_factory=dict)
    givers: dict[str, list[str]] = Field(default_factory=dict)
    scope: ScopeWords = Field(default_factory=lambda: ScopeWords())
    spellings: dict[str, list[str]] = Field(default_factory=dict)
    no_slips: list[str] = Field(default_factory=list)
    joints: str
    steps: str = "(?!)"  # nothing matches it
    before_name: str = ""
    named_within: list[str] = Field(default_factory=list)
    units: list[str]
    time_unit: str
    without_visits: list[str] = Field(default_factory=list)
    after_surgery: list[str] = Field(default_factory=list)
    drug_treatment: str = ""
    other_drugs: list[str]
    no_drugs: list[str] = Field(default_factory=list)
    patches: list[str] = Field(default_factory=list)
    quantities: dict[str, list[str]]
    implied: list[ImpliedFact] = Field(default_factory=list)


class ScopeWords(_File):
    """Regular expressions for what of the reasons is of a part of the body, a claim, or visits alone.

    `wide` has names of several parts of the body.
    """

    wide: dict[str, list[str]] = Field(default_factory=dict)
    of_visits: str = "(?!)"  # nothing matches it
    motion: str = "(?!)"
    other_injury: str = "(?!)"
    next_count: str = "(?!)"
    in_parts: str = "(?!)"


class ImpliedFact(_File):
    """What a fact of the request says without words, such as a course of packs a place."""

    treatment: str
    has: str
    fact: str
    value: str


class WordLists(RootModel[dict[str, list[str]]]):
    """`word_lists.yaml`: single words that phrases name together, as in `<gained>`."""


class Group(_File):
    """Phrases that say the same of a fact, and what they say under a cue."""

    says: Reading
    negated: Reading | None = None
    no_record: Reading | None = None
    unless: list[str] = Field(default_factory=list)
    needs: list[str] = Field(default_factory=list)
    behind: list[str] = Field(default_factory=list)
    despite: list[str] = Field(default_factory=list)
    reported: Reading | None = None
    words: list[str]


class FactWords(_File):
    """Which treatments a fact is read for, in which sections, and its phrases."""

    treatments: list[str]
    about: Literal["worker", "drug", "treatment"]
    shared: bool = False
    sections: tuple[Literal["records", "reviewer"], ...] = ("records", "reviewer")
    groups: list[Group] = Field(default_factory=list)
    numbers: list[NumberWords] = Field(default_factory=list)
    no_number: list[str] = Field(default_factory=list)
    whole: str | None = None


class NumberWords(_File):
    """A regular expression for a number: group `n` is it; others are two to be compared (`docs/letters.md`)."""

    match: str
    needs: list[str] = Field(default_factory=list)
    unless: list[str] = Field(default_factory=list)
    despite: list[str] = Field(default_factory=list)


class CueWords(_File):
    """Words of one category: before the fact, behind it, what ends their reach, and what only looks like one."""

    before: list[str] = Field(default_factory=list)
    after: list[str] = Field(default_factory=list)
    ends: list[str] = Field(default_factory=list)
    not_these: list[str] = Field(default_factory=list)


class DoseWords(_File):
    """An expression for how often a drug is taken: so many times a day, or every so many hours (group `hours`).

    Group `n` is a number of times. Several times of the day (`moment`) add up, and what only says that it is taken
    `each_day` gives way to what says more.
    """

    match: str
    a_day: float | None = None
    kind: Literal["moment", "each_day"] | None = None


class RegimenWords(_File):
    """`regimens.yaml`: how letters tell which drugs of a list a worker takes, how strong, how often.

    `fact` is that list in the vocabulary; without it none is read. What may be missing matches nothing.
    """

    fact: str = ""

    not_taken: list[str]
    no_longer_taken: list[str]
    changed_from: str = "(?!)"  # nothing matches it
    reported: str = "(?!)"
    now: str = "(?!)"
    most_a_day: str
    taken_before: str = "(?!)"
    taken_each_time: str
    formerly: str = "(?!)"
    between: str = "(?!)"
    either: str = "(?!)"
    besides: str = "(?!)"
    another_strength: str = "(?!)"
    frequencies: list[DoseWords]


LayoutWords.model_rebuild()
FactWords.model_rebuild()
HeadingWords.model_rebuild()


@dataclass(frozen=True)
class Patterns:
    """Everything that the letter reader knows of words."""

    layout: LayoutWords
    headings: HeadingWords
    facts: Mapping[str, FactWords]
    cues: Mapping[str, CueWords]
    regimens: RegimenWords
