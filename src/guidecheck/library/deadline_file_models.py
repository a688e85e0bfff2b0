"""The shape of the files of time limits, before facts and conditions are looked up; see `file_models`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guidecheck.library.confidence_words import CONFIDENCES
from guidecheck.library.file_models import CitationFile, PeriodFile
from guidecheck.library.node_models import AnyNode, Name, NodeModel, Nodes, Text, Texts, word
from guidecheck.time_limits.business_days import LAST, WEEKDAYS

WHICH_WEEKDAY = {"1": 1, "2": 2, "3": 3, "4": 4, "last": LAST}
"""Which of the weekdays of a month a holiday falls on, as files write it."""


class HolidayFile(NodeModel):
    """A holiday: a day of a month, or a weekday of it."""

    name: Text
    month: Annotated[str, word(*map(str, range(1, 13)))]
    day: Annotated[str, word(*map(str, range(1, 32)))] | None = None
    weekday: Annotated[str, word(*WEEKDAYS)] | None = None
    which: Annotated[str, word(*WHICH_WEEKDAY)] = "1"
    days_after: Annotated[str, word(*map(str, range(1, 8)))] | None = None
    on_saturday: Annotated[str, word("friday")] | None = None
    on_sunday: Annotated[str, word("monday")] | None = None


class HolidaysFile(NodeModel):
    """The holidays of a jurisdiction, with where they stand."""

    citation: CitationFile
    confidence: Annotated[str, word(*CONFIDENCES)]
    days: Nodes


class DeadlineFile(NodeModel):
    """A limit of time."""

    id: Name
    title: Text
    who: Text
    from_: Name = Field(alias="from")
    limit: AnyNode
    when: AnyNode | None = None
    unless: AnyNode | None = None
    in_force: PeriodFile
    citation: CitationFile
    confidence: Annotated[str, word(*CONFIDENCES)]
    note: Text | None = None
    source_id: Texts = []


class DeadlinesFile(NodeModel):
    """A file of the folder: one jurisdiction's limits."""

    jurisdiction: Name
    holidays: AnyNode
    deadlines: Nodes
