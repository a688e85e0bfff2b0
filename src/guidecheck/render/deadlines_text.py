"""Time limits as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from guidecheck.explaining.wording import day_words, listed, reference, sentence, span_words
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.render.page import Page
from guidecheck.time_limits.business_days import WEEKDAYS
from guidecheck.time_limits.deadlines import Dated, Deadline, Deadlines, Standing, Unit

_INDENT = 4


@dataclass(frozen=True)
class Answer:
    """The limits of some items of a request (none named: of what was given without one)."""

    items: tuple[str, ...]
    limits: Sequence[Dated]


def deadlines_json(
    name: str, limits: Deadlines, answers: Sequence[Answer], library_digest: str, today: date
) -> dict[str, Any]:
    """Return the answer for programs."""
    return {
        "schema_version": 1,
        "case_id": name,
        "jurisdiction": limits.jurisdiction,
        "library_digest": library_digest,
        "deadlines_digest": limits.digest,
        "today": today.isoformat(),
        "answers": [
            {"items": list(answer.items), "limits": [_limit_json(one, today) for one in answer.limits]}
            for answer in answers
        ],
    }


def _limit_json(one: Dated, today: date) -> dict[str, Any]:
    limit = one.limit
    return {
        "id": limit.id,
        "title": limit.title,
        "who": limit.who,
        "standing": one.standing.value,
        "from": {"fact": limit.start, "date": one.start.isoformat() if one.start else None},
        "limit": {"count": limit.count, "unit": limit.unit.value},
        "due": one.due.isoformat() if one.due else None,
        "passed": None if one.due is None else one.due < today,
        "holidays": [{"date": day.isoformat(), "name": name} for day, name in one.passed_over],
        "in_force": {
            "from": limit.in_force.start.isoformat(),
            "until": limit.in_force.end.isoformat() if limit.in_force.end else None,
        },
        "note": limit.note or None,
        "confidence": limit.confidence,
        "citation": dict(limit.citation),
    }


@dataclass
class DeadlinesText:
    """Writes time limits on a page."""

    page: Page
    vocabulary: Vocabulary
    today: date

    def write(self, name: str, answers: Sequence[Answer]) -> None:
        """Write a heading, the limits of each answer, and what they leave out."""
        self.page.rule()
        self.page.say(f"Time limits: {name}" if name else "Time limits", style="bold")
        self.page.say(f"On {day_words(self.today)}. They inform, and are no legal advice.")
        self.page.rule()
        for answer in answers:
            if len(answers) > 1:
                self.page.gap()
                self.page.say(", ".join(answer.items), style="bold")
            self._answer(answer.limits)
        self.page.gap()
        self.page.say(
            "A limit in days that ends on a Saturday, Sunday or holiday is given as it falls; business days pass "
            "over these. Other holidays, service by mail and agreed extensions are not taken into account."
        )

    def _answer(self, limits: Sequence[Dated]) -> None:
        self._dated("Days", [one for one in limits if one.standing is Standing.DUE])
        self._dated("Days that hold only in the case named", _of(limits, Standing.CONDITIONAL))
        self._needed(_of(limits, Standing.NEEDS_DATE))
        ended = _of(limits, Standing.NOT_IN_FORCE)
        if ended:
            self._heading("Not in force on the day from which they would run (what replaced them is not at hand)")
            for one in ended:
                self.page.say(f"{one.limit.title} ({span_words(one.limit.in_force)})", indent=_INDENT, lead="  - ")

    def _dated(self, heading: str, limits: Sequence[Dated]) -> None:
        if not limits:
            return
        self._heading(heading)
        for one in limits:
            assert one.due is not None
            assert one.start is not None
            weekday = WEEKDAYS[one.due.weekday()].capitalize()
            passed = ", passed" if one.due < self.today else ""
            self.page.say(f"{weekday}, {day_words(one.due)}{passed}", indent=2, style="bold")
            self.page.say(sentence(one.limit.title), indent=_INDENT)
            self.page.say(" ".join(self._told(one, one.start)), indent=_INDENT)

    def _told(self, one: Dated, start: date) -> Iterator[str]:
        limit = one.limit
        since = f"{self.vocabulary.facts[limit.start].label}, {day_words(start)}"
        yield sentence(f"{limit.who}: {_span(limit)} from {since}")
        if one.passed_over:
            yield f"Passed over: {listed(f'{name} ({day_words(day)})' for day, name in one.passed_over)}."
        if limit.note:
            yield limit.note
        yield sentence(reference({"title": limit.citation.get("regulation", ""), **limit.citation}))
        if limit.confidence == "uncertain":
            yield "Uncertain: check it."

    def _needed(self, limits: Sequence[Dated]) -> None:
        if not limits:
            return
        self._heading("Days that would have to be stated")
        by_fact: dict[str, list[str]] = {}
        for one in limits:
            by_fact.setdefault(one.limit.start, []).append(one.limit.title)
        for name, titles in by_fact.items():
            self.page.say(f"{self.vocabulary.facts[name].label} ({name}), for:", indent=_INDENT, lead="  - ")
            for title in titles:
                self.page.say(title, indent=_INDENT + 2)

    def _heading(self, text: str) -> None:
        self.page.gap()
        self.page.say(text, style="bold")


def _of(limits: Sequence[Dated], standing: Standing) -> list[Dated]:
    return [one for one in limits if one.standing is standing]


def _span(limit: Deadline) -> str:
    unit = "calendar days" if limit.unit is Unit.DAYS else limit.unit.value.replace("_", " ")
    return f"{limit.count} {unit.removesuffix('s') if limit.count == 1 else unit}"
