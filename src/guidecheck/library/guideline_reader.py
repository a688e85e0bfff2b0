"""From a guideline file to a `Guideline`; every mistake becomes a finding."""

from __future__ import annotations

import itertools
from collections.abc import Mapping as MappingType
from dataclasses import dataclass

from guidecheck.condition_reader import ConditionReader
from guidecheck.errors import Finding, Location, did_you_mean, one_of
from guidecheck.library.file_models import CriterionFile, GuidelineFile
from guidecheck.library.models import Authority, Criterion, Guideline, Period
from guidecheck.library.node_models import read_model
from guidecheck.library.table_reader import read_table
from guidecheck.marked_yaml import Mapping, Node, Scalar, Sequence
from guidecheck.tables import Table
from guidecheck.vocabulary import Vocabulary

_PLACES = ("section", "pages", "regulation")


@dataclass(frozen=True)
class GuidelineReader:
    """Reads guideline files against a vocabulary, the authorities and the topics."""

    vocabulary: Vocabulary
    authorities: MappingType[str, Authority]
    topics: MappingType[str, str]
    findings: list[Finding]

    def read(self, node: Node) -> Guideline | None:
        """Return a guideline; what is wrong with it is in `findings`, and None where nothing can be used."""
        file = read_model(GuidelineFile, node, self.findings)
        if file is None or not isinstance(node, Mapping):
            return None
        tables = {**self.vocabulary.tables, **self._tables(file, node)}
        conditions = ConditionReader(self.vocabulary.facts, tables, self.findings)
        applies_to = conditions.read(file.applies_to)
        periods = self._periods(file, node)
        criteria = self._criteria(file, node, conditions)
        self._check_topics(file.leaves_open or [], node.get("leaves_open"))
        if applies_to is None or not periods or len(criteria) < len(file.criteria):
            return None
        return Guideline(
            id=file.guideline,
            title=file.title,
            citation=file.citation.given(),
            periods=periods,
            applies_to=applies_to,
            leaves_open=None if file.leaves_open is None else frozenset(file.leaves_open),
            outranks=frozenset(file.outranks),
            tables=tables,
            criteria=criteria,
            examples=tuple(file.examples),
            at=_at(node, "guideline"),
        )

    def _fault(self, at: Location, code: str, message: str, hint: str = "") -> None:
        self.findings.append(Finding(at, code, message, hint))

    def _tables(self, file: GuidelineFile, node: Mapping) -> dict[str, Table]:
        holder = node.get("tables")
        tables = {}
        for name, table_file in file.tables.items():
            table_node = holder.get(name) if isinstance(holder, Mapping) else None
            table = read_table(name, table_file, table_node or node, self.vocabulary.facts, self.findings)
            if table is not None:
                tables[name] = table
        return tables

    def _periods(self, file: GuidelineFile, node: Mapping) -> tuple[Period, ...]:
        at = _at(node, "in_force")
        periods = []
        for index, span in enumerate(file.in_force):
            authority = span.authority or file.authority
            if authority not in self.authorities:
                place = _at(node, "authority") if span.authority is None else _item_at(node, "in_force", index)
                hint = did_you_mean(authority, self.authorities) or one_of(self.authorities)
                self._fault(place, "unknown-authority", f"unknown authority `{authority}`", hint)
            if span.until is not None and span.until < span.from_:
                message = f"in force until {span.until}, before it begins on {span.from_}"
                self._fault(_item_at(node, "in_force", index), "impossible-range", message, "swap the two days")
            periods.append(Period(span.from_, span.until, authority))
        periods.sort(key=lambda period: period.start)
        for earlier, later in itertools.pairwise(periods):
            if earlier.end is None or earlier.end >= later.start:
                message = f"two periods in force overlap on {later.start}"
                self._fault(at, "overlapping-editions", message, "end the earlier on the day before")
        return tuple(periods) if all(p.authority in self.authorities for p in periods) else ()

    def _criteria(self, file: GuidelineFile, node: Mapping, conditions: ConditionReader) -> tuple[Criterion, ...]:
        holder = node.get("criteria")
        nodes = holder.items if isinstance(holder, Sequence) else (holder,)
        read: dict[str, Criterion] = {}
        for criterion_file, criterion_node in zip(file.criteria, nodes, strict=True):
            assert isinstance(criterion_node, Mapping)
            if criterion_file.id in read:
                first = read[criterion_file.id].at.line
                message = f"a second criterion `{criterion_file.id}` (first on line {first})"
                self._fault(_at(criterion_node, "id"), "duplicate-criterion", message, "give it an id of its own")
                continue
            criterion = self._criterion(file, criterion_file, criterion_node, conditions)
            if criterion is not None:
                read[criterion.id] = criterion
        return tuple(read.values())

    def _criterion(
        self, guideline: GuidelineFile, file: CriterionFile, node: Mapping, conditions: ConditionReader
    ) -> Criterion | None:
        faults = len(self.findings)
        self._check_topics([file.topic], node.get("topic"))
        if (file.require is None) is (file.not_recommended is None):
            message = "a criterion has either `require` or `not_recommended`"
            self._fault(_at(node, "id"), "missing-key", message, "write what the records must document")
        if file.not_recommended and file.when_undocumented:
            message = "`when_undocumented` on a criterion that requires nothing"
            self._fault(_at(node, "when_undocumented"), "unknown-key", message, "leave it out")
        citation = {**guideline.citation.given(), **(file.citation.given() if file.citation else {})}
        if not any(place in citation for place in _PLACES):
            message = "neither the criterion nor its guideline says where it stands"
            self._fault(
                _at(node, "id"),
                "citation-missing",
                message,
                "add a citation with section, pages or regulation",
            )
        parts = [conditions.read(n) if n is not None else None for n in (file.require, file.when, file.unless)]
        if len(self.findings) > faults:
            return None
        require, when, unless = parts
        return Criterion(
            guideline=guideline.guideline,
            id=file.id,
            topic=file.topic,
            says=file.says,
            require=require,
            when=when,
            unless=unless,
            assumed_met=file.when_undocumented is not None,
            remedy=file.remedy or "",
            confidence=file.confidence,
            citation={"title": guideline.title, **citation},
            source_ids=tuple(file.source_id),
            at=_at(node, "id"),
        )

    def _check_topics(self, topics: list[str], node: Node | None) -> None:
        nodes = node.items if isinstance(node, Sequence) else (node,)
        for topic, topic_node in zip(topics, nodes, strict=False):
            if topic not in self.topics and topic_node is not None:
                hint = did_you_mean(topic, self.topics) or "declare it in library.yaml"
                self._fault(topic_node.at, "unknown-topic", f"unknown topic `{topic}`", hint)


def _at(node: Mapping, key: str) -> Location:
    """Return where a key's value stands, else where the mapping does."""
    value = node.get(key)
    return value.at if value is not None else node.at


def _item_at(node: Mapping, key: str, index: int) -> Location:
    holder = node.get(key)
    if isinstance(holder, Sequence):
        return holder.items[index].at
    return holder.at if holder is not None else node.at


def guideline_id(node: Node) -> str | None:
    """Return the id a guideline file gives itself, whatever else is wrong with it."""
    name = node.get("guideline") if isinstance(node, Mapping) else None
    return name.text if isinstance(name, Scalar) else None
