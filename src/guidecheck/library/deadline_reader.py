"""The time limits of a rule library: the files of its folder `deadlines`, read and checked."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence as SequenceType
from contextlib import suppress
from pathlib import Path

from guidecheck.errors import Findings, GuidecheckError, Location, TooManyFindings, did_you_mean, one_of
from guidecheck.language.condition_reader import ConditionReader
from guidecheck.language.conditions import Condition
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import JURISDICTION, Vocabulary
from guidecheck.library.deadline_file_models import (
    WHICH_WEEKDAY,
    DeadlineFile,
    DeadlinesFile,
    HolidayFile,
    HolidaysFile,
)
from guidecheck.library.models import Period
from guidecheck.library.node_models import read_model
from guidecheck.library.rule_files import DEADLINES_FOLDER, digest_of
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, describe, members, parse, place
from guidecheck.reading.text_files import read_text
from guidecheck.time_limits.business_days import WEEKDAYS, BusinessCalendar, Holiday
from guidecheck.time_limits.deadlines import Deadline, Deadlines, Unit

_MOST = {Unit.BUSINESS_DAYS: 400, Unit.DAYS: 4_000, Unit.HOURS: 4_000, Unit.MONTHS: 400}
_COMMON_YEAR = 2023


def read_deadlines(folders: SequenceType[Path], vocabulary: Vocabulary) -> dict[str, Deadlines]:
    """Return the time limits of rule folders by jurisdiction; a file replaces one of its name in a folder before.

    Raises:
        GuidecheckError: with every mistake in them.
    """
    findings = Findings()
    paths = {path.name: path for folder in folders for path in sorted((folder / DEADLINES_FOLDER).glob("*.yaml"))}
    found: dict[str, Deadlines] = {}
    with suppress(TooManyFindings):
        for path in paths.values():
            try:
                text = read_text(path)
                node = parse(text, str(path), findings)
            except GuidecheckError as error:
                findings.extend(error.findings)
                continue
            read = _Reader(vocabulary, findings).read(node, digest_of({DEADLINES_FOLDER: text}))
            if read is not None:
                found[read.jurisdiction] = read
    if findings:
        raise GuidecheckError(findings)
    return found


class _Reader:
    def __init__(self, vocabulary: Vocabulary, findings: Findings) -> None:
        self._vocabulary = vocabulary
        self._findings = findings
        self._conditions = ConditionReader(vocabulary.facts, vocabulary.tables, findings, vocabulary.broken)

    def read(self, node: Node, digest: str) -> Deadlines | None:
        file = read_model(DeadlinesFile, node, self._findings)
        if file is None or not isinstance(node, Mapping):
            return None
        choices = self._vocabulary.facts[JURISDICTION].choices
        if file.jurisdiction not in choices:
            message = f"`{file.jurisdiction}` is no value of the fact `{JURISDICTION}`"
            hint = did_you_mean(file.jurisdiction, choices) or one_of(choices)
            self._findings.add(place(node, "jurisdiction"), "unknown-jurisdiction", message, hint)
        read = [self._deadline(member) for member in members(node.get("deadlines"))]
        limits: dict[str, Deadline] = {}
        for limit, at in read:
            if limit is not None and limit.id in limits:
                message = f"a second limit `{limit.id}`"
                self._findings.add(at, "duplicate-deadline", message, "give it an id of its own")
            elif limit is not None:
                limits[limit.id] = limit
        return Deadlines(file.jurisdiction, digest, self._business(node.get("holidays")), tuple(limits.values()))

    def _business(self, node: Node | None) -> BusinessCalendar:
        file = None if node is None else read_model(HolidaysFile, node, self._findings)
        days = [self._holiday(day) for day in file.days] if file else []
        return BusinessCalendar(tuple(day for day in days if day is not None))

    def _holiday(self, node: Node) -> Holiday | None:
        file = read_model(HolidayFile, node, self._findings)
        if file is None:
            return None
        if (file.day is None) == (file.weekday is None):
            message = "a holiday has either `day` or `weekday`"
            self._findings.add(node.at, "missing-key", message, "write the day of the month, or the weekday")
            return None
        if file.day is not None and int(file.day) > monthrange(_COMMON_YEAR, int(file.month))[1]:
            message = f"month {file.month} has no day {file.day} in every year"
            self._findings.add(place(node, "day"), "impossible-range", message, "write a day that every year has")
            return None
        return Holiday(
            name=file.name,
            month=int(file.month),
            day=None if file.day is None else int(file.day),
            weekday=WEEKDAYS.index(file.weekday) if file.weekday else 0,
            which=WHICH_WEEKDAY[file.which],
            days_after=int(file.days_after or 0),
            friday_before=file.on_saturday is not None,
            monday_after=file.on_sunday is not None,
            at=place(node, "name"),
        )

    def _deadline(self, node: Node) -> tuple[Deadline | None, Location]:
        file = read_model(DeadlineFile, node, self._findings)
        at = place(node, "id")
        if file is None or not isinstance(node, Mapping):
            return None, at
        self._check_start(file.from_, place(node, "from"))
        limit = self._limit(node.get("limit"))
        if limit is None:
            return None, at
        unit, count = limit
        return (
            Deadline(
                id=file.id,
                title=file.title,
                who=file.who,
                start=file.from_,
                count=count,
                unit=unit,
                when=self._condition(node.get("when")),
                unless=self._condition(node.get("unless")),
                in_force=Period(file.in_force.from_, file.in_force.until, ""),
                citation=file.citation.given(),
                confidence=file.confidence,
                note=file.note or "",
                source_ids=tuple(file.source_id),
                at=at,
            ),
            at,
        )

    def _check_start(self, name: str, at: Location) -> None:
        fact = self._vocabulary.facts.get(name)
        if name in self._vocabulary.broken:
            return
        if fact is None or fact.type is not FactType.DATE:
            dates = [fact.name for fact in self._vocabulary.facts.values() if fact.type is FactType.DATE]
            hint = did_you_mean(name, dates) or one_of(dates, most=20)
            self._findings.add(at, "unknown-fact", f"`{name}` is no date of the vocabulary", hint)

    def _limit(self, node: Node | None) -> tuple[Unit, int] | None:
        units = one_of(list(Unit))
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            at = node.at if node is not None else Location("")
            said = describe(node) if node is not None else "nothing"
            self._findings.add(
                at, "wrong-type", f"`limit`: {said} where one unit with a number was expected", units
            )
            return None
        key, value = node.entries[0]
        if key.text not in list(Unit):
            hint = did_you_mean(key.text, list(Unit)) or units
            self._findings.add(key.at, "unknown-key", f"unknown unit `{key.text}`", hint)
            return None
        unit = Unit(key.text)
        text = value.text if isinstance(value, Scalar) else ""
        if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= _MOST[unit]:
            message = f"`{unit}`: {describe(value)} where a whole number up to {_MOST[unit]:,} was expected"
            self._findings.add(value.at, "wrong-value", message, "write the number alone")
            return None
        return unit, int(text)

    def _condition(self, node: Node | None) -> Condition | None:
        return None if node is None else self._conditions.read(node)
