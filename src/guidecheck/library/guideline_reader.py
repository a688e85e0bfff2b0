"""From a guideline file to a `Guideline`; every mistake becomes a finding."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from guidecheck.errors import Findings, did_you_mean
from guidecheck.language.condition_reader import ConditionReader
from guidecheck.language.conditions import AnyOf, Condition
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.file_models import CriterionFile, GuidelineFile, PeriodFile
from guidecheck.library.frame import Frame
from guidecheck.library.models import Criterion, Guideline, Period
from guidecheck.library.node_models import read_model
from guidecheck.library.table_reader import read_table
from guidecheck.reading.marked_yaml import (
    Mapping,
    Node,
    Scalar,
    is_null,
    members,
    place,
    scalars,
    unbracketed,
    under,
)

_PLACES = ("section", "pages", "regulation")

NEVER = AnyOf(())
"""Stands for a condition that has a mistake: it holds for nothing."""


@dataclass
class GuidelineReader:
    """Reads guideline files against a vocabulary and the authorities and topics of a library.

    What has a mistake is replaced by what does nothing, so that everything else can still be checked; a library
    in which there was a mistake is never used.
    """

    vocabulary: Vocabulary
    frame: Frame
    guidelines: Collection[str]
    findings: Findings

    def read(self, node: Mapping) -> Guideline:
        """Return a guideline; what is wrong with it is in `findings`."""
        file = read_model(GuidelineFile, node, self.findings)
        tables, conditions = self._tables(node.get("tables"))
        self.frame.check_names(scalars(node.get("authority")), "authority", self.findings)
        self.frame.check_names(scalars(node.get("leaves_open")), "topic", self.findings)
        self._check_outranks(node)
        return Guideline(
            id=file.guideline if file else _text(node, "guideline"),
            title=file.title if file else "",
            citation=file.citation.given() if file else {},
            periods=self._periods(node),
            applies_to=_read(conditions, node.get("applies_to")) or NEVER,
            leaves_open=frozenset(_names(node.get("leaves_open"))) if node.get("leaves_open") else None,
            outranks=frozenset(_names(node.get("outranks"))),
            tables=tables,
            criteria=self._criteria(node, file, conditions),
            examples=members(node.get("examples")),
            at=place(node, "guideline"),
        )

    def _tables(self, node: Node | None) -> tuple[dict[str, Table], ConditionReader]:
        """Return the tables that a guideline can use, and a reader of its conditions."""
        tables = dict(self.vocabulary.tables)
        broken: set[str] = set()
        for key, inner in node.entries if isinstance(node, Mapping) else ():
            table = read_table(key, inner, self.vocabulary, self.findings)
            if table is None:
                tables.pop(key.text, None)
                broken.add(key.text)
            else:
                tables[key.text] = table
        broken_names = self.vocabulary.broken | broken
        return tables, ConditionReader(self.vocabulary.facts, tables, self.findings, broken_names)

    def _check_outranks(self, node: Mapping) -> None:
        for name in scalars(node.get("outranks")):
            if name.text not in self.guidelines:
                hint = did_you_mean(name.text, self.guidelines) or "`guidecheck rules list` names them"
                message = f"`outranks` names no guideline: `{name.text}`"
                self.findings.add(name.at, "unknown-guideline", message, hint)

    def _periods(self, node: Mapping) -> tuple[Period, ...]:
        own = scalars(node.get("authority"))
        periods: list[Period] = []
        for member in members(node.get("in_force")):
            span = read_model(PeriodFile, member, self.findings)
            if span is None:
                continue
            named = scalars(under(member, "authority"))
            self.frame.check_names(named, "authority", self.findings)
            authority = span.authority or (own[0].text if own else "")
            if span.until is not None and span.until < span.from_:
                message = f"in force until {span.until}, before it begins on {span.from_}"
                self.findings.add(place(member, "until"), "impossible-range", message, "swap the two days")
            elif authority in self.frame.authorities:
                places = place(member, "from"), place(member, "until")
                periods.append(Period(span.from_, span.until, authority, *places))
        periods.sort(key=lambda period: period.start)
        for number, (earlier, later) in enumerate(itertools.pairwise(periods)):
            if earlier.end is None or earlier.end >= later.start:
                day = later.start - timedelta(1)
                until = f"until {earlier.end}" if earlier.end else "without an `until`"
                message = f"begins while the period from {earlier.start} still runs, {until}"
                hint = f"end that period with `until: {day}`"
                if earlier.start == later.start:
                    hint = "leave one of the two out, or let one end before the other begins"
                elif earlier.end is not None:
                    hint += f", or begin this one on {earlier.end + timedelta(1)}"
                self.findings.add(
                    later.begins_at or place(node, "in_force"), "overlapping-editions", message, hint
                )
                # Taken to end there, it makes no rivals of other guidelines.
                periods[number] = replace(earlier, end=day)
        return tuple(periods)

    def _criteria(
        self, node: Mapping, file: GuidelineFile | None, conditions: ConditionReader
    ) -> tuple[Criterion, ...]:
        # Where the guideline's citation has mistakes, nobody is told that it is missing.
        cited = file.citation.given() if file else {_PLACES[0]: ""}
        title = file.title if file else ""
        read: dict[str, Criterion] = {}
        for member in members(node.get("criteria")):
            criterion = self._criterion(member, _text(node, "guideline"), {"title": title, **cited}, conditions)
            if criterion.id in read:
                message = f"a second criterion `{criterion.id}` (first on line {read[criterion.id].at.line})"
                self.findings.add(criterion.at, "duplicate-criterion", message, "give it an id of its own")
            elif criterion.id:
                read[criterion.id] = criterion
        return tuple(read.values())

    def _criterion(
        self, node: Node, guideline: str, cited: dict[str, str], conditions: ConditionReader
    ) -> Criterion:
        file = read_model(CriterionFile, node, self.findings)
        require, when, unless = (under(node, key) for key in ("require", "when", "unless"))
        self.frame.check_names(scalars(under(node, "topic")), "topic", self.findings)
        if file is not None:
            self._check_purpose(file, node)
            cited = {**cited, **(file.citation.given() if file.citation else {})}
            if not any(part in cited for part in _PLACES):
                message = "neither the criterion nor its guideline says where it stands"
                hint = "add a citation with section, pages or regulation"
                self.findings.add(place(node, "id"), "citation-missing", message, hint)
        return Criterion(
            guideline=guideline,
            id=file.id if file else _text(node, "id"),
            topic=file.topic if file else _text(node, "topic"),
            says=file.says if file else "",
            require=_read(conditions, require),
            when=_read(conditions, when),
            unless=_read(conditions, unless),
            assumed_met=file is not None and file.when_undocumented is not None,
            remedy=(file.remedy if file else None) or "",
            confidence=file.confidence if file else "",
            citation=cited,
            source_ids=tuple(file.source_id) if file else (),
            at=place(node, "id"),
        )

    def _check_purpose(self, file: CriterionFile, node: Node) -> None:
        if file.require is None and file.not_recommended is None:
            message = "a criterion has either `require` or `not_recommended: yes`, this one has neither"
            self.findings.add(place(node, "id"), "missing-key", message, "write what the records must document")
        elif file.require is not None and file.not_recommended is not None:
            message = "a criterion has either `require` or `not_recommended`, this one has both"
            hint = "leave one out (where it applies is said by `when`)"
            self.findings.add(place(node, "not_recommended"), "conflicting-keys", message, hint)
        elif file.not_recommended and file.when_undocumented:
            message = "`when_undocumented` on a criterion that requires nothing"
            self.findings.add(place(node, "when_undocumented"), "conflicting-keys", message, "leave it out")


def _read(conditions: ConditionReader, node: Node | None) -> Condition | None:
    """Return a condition, None where there is none, and what does nothing where it has a mistake."""
    if node is None or is_null(node):
        return None
    return conditions.read(node) or NEVER


def _names(node: Node | None) -> list[str]:
    """Return the names of a list; of one without its brackets too, so that nothing follows from that."""
    return unbracketed(node) or [name.text for name in scalars(node)]


def _text(node: Node, key: str) -> str:
    """Return the text under a key, whatever else is wrong with the mapping; "" where there is none."""
    value = under(node, key)
    return value.text if isinstance(value, Scalar) else ""
