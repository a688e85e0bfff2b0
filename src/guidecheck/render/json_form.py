"""Determinations as JSON, in the form that docs/rule-language.md fixes."""

from __future__ import annotations

from datetime import date
from typing import Any

from guidecheck.deciding.determination import (
    Change,
    CriterionResult,
    Determination,
    ItemDetermination,
    PastCases,
    Remedy,
)
from guidecheck.explaining.currency import currency_notes
from guidecheck.explaining.explained_sums import explained_sums
from guidecheck.explaining.rationale import headline, rationale
from guidecheck.explaining.visit_arithmetic import VisitCount, visit_counts
from guidecheck.language.facts import UNDOCUMENTED, Value
from guidecheck.library.models import Library
from guidecheck.requests.request import Evidence

SCHEMA_VERSION = 1


def determination_json(determination: Determination, library: Library, today: date) -> dict[str, Any]:
    """Return a determination as JSON data.

    Args:
        determination: what to write.
        library: the library that gave it.
        today: the day on which it is asked whether the editions are still in force.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "case_id": determination.request.case_id,
        "as_of": determination.as_of.isoformat(),
        "library": library.identity,
        "items": [_item(item, library, today) for item in determination.items],
    }


def _item(item: ItemDetermination, library: Library, today: date) -> dict[str, Any]:
    data: dict[str, Any] = {
        "item_id": item.item.id,
        "treatment": item.item.treatment,
        "predicted": item.outcome.value,
        "basis": item.basis.value if item.basis else None,
        "actual": item.item.actual.value if item.item.actual else None,
        "headline": headline(item, library),
        "assumes": list(item.assumes),
        "lacking": list(item.lacking),
        "criteria": [_criterion(result, item) for result in item.criteria],
        "legal": [_criterion(result, item) for result in item.legal],
        "visits": [_visits(count) for count in visit_counts(item, library.vocabulary)],
        "editions": [
            {
                "guideline": guideline.id,
                "title": guideline.title,
                "authority": period.authority,
                "from": period.start.isoformat(),
                "until": period.end.isoformat() if period.end else None,
            }
            for guideline, period in item.editions
        ],
        "sums": [
            {
                "fact": explained.fact.name,
                "total": json_value(explained.total),
                "at_least": explained.at_least,
                "lines": list(explained.lines),
            }
            for explained in explained_sums(item, library.vocabulary)
        ],
        "notes": currency_notes(item, library, today),
        "rationale": rationale(item, library),
    }
    if item.past is not None:
        data["past_cases"] = _past_cases(item.past)
    if item.remedies is not None:
        data["remedies"] = [_remedy(remedy, item, library) for remedy in item.remedies.found]
        data["remedies_cut"] = item.remedies.cut
        data["no_remedy"] = item.remedies.none_because
    return data


def _past_cases(past: PastCases) -> dict[str, Any]:
    return {
        "n": past.n,
        "upheld": past.upheld,
        "share": past.share if past.n else None,
        "low": past.low if past.n else None,
        "high": past.high if past.n else None,
        "first": past.first.isoformat() if past.n else None,
        "last": past.last.isoformat() if past.n else None,
        "same_rules": past.same_rules,
    }


def _criterion(result: CriterionResult, item: ItemDetermination) -> dict[str, Any]:
    return {
        "id": result.criterion.key,
        "topic": result.criterion.topic,
        "status": result.status.value,
        "controlling": result.controlling,
        "superseded_by": result.superseded_by,
        "says": result.criterion.says,
        "facts": {name: json_value(value) for name, value in result.facts.items()},
        "evidence": {
            name: [evidence_json(finding) for finding in item.item.evidence[name]]
            for name in result.facts
            if name in item.item.evidence
        },
        "confidence": result.confidence,
        "remedy": result.criterion.remedy or None,
        "citation": dict(result.citation),
    }


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """Return a finding as JSON data."""
    return {
        "value": UNDOCUMENTED if evidence.value is None else json_value(evidence.value),
        "source": evidence.source,
        "page": evidence.page,
        "basis": evidence.basis.value,
    }


def _visits(count: VisitCount) -> dict[str, Any]:
    return {
        "criterion": count.result.criterion.key,
        "asked": count.asked,
        "had": count.had,
        "counts_earlier": count.counts_earlier,
        "allowed": count.allowed,
        "left": count.left,
    }


def _remedy(remedy: Remedy, item: ItemDetermination, library: Library) -> dict[str, Any]:
    return {
        "changes": [_change(change, item, library) for change in remedy.told],
        "predicted_after": remedy.predicted_after.value,
    }


def _change(change: Change, item: ItemDetermination, library: Library) -> dict[str, Any]:
    value = json_value(change.value)
    return {
        "fact": change.fact,
        "from": json_value(item.item.known.values.get(change.fact)),
        "to": {change.bound.value: value} if change.bound else value,
        "kind": change.kind.value,
        "criterion": change.criterion,
        "text": library.criterion(change.criterion).remedy or None,
    }


def json_value(value: Value | None) -> Any:
    """Return a fact's value as JSON data: dates as text, sets as sorted lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [{name: json_value(inner) for name, inner in entry.items()} for entry in value]
    return value
