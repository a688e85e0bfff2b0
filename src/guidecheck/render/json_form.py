"""Determinations as JSON, in the form that docs/rule-language.md fixes."""

from __future__ import annotations

from datetime import date
from typing import Any

from guidecheck.determination import CriterionResult, Determination, ItemDetermination
from guidecheck.facts import Value
from guidecheck.rationale import rationale

SCHEMA_VERSION = 1


def determination_json(determination: Determination) -> dict[str, Any]:
    """Return a determination as JSON data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "case_id": determination.request.case_id,
        "as_of": determination.as_of.isoformat(),
        "library": {"version": determination.library_version, "digest": determination.library_digest},
        "items": [_item(item) for item in determination.items],
    }


def _item(item: ItemDetermination) -> dict[str, Any]:
    return {
        "item_id": item.item.id,
        "treatment": item.item.treatment,
        "predicted": item.outcome.value,
        "basis": item.basis.value if item.basis else None,
        "assumes": list(item.assumes),
        "lacking": list(item.lacking),
        "criteria": [_criterion(result) for result in item.criteria],
        "legal": [_criterion(result) for result in item.legal],
        "rationale": rationale(item),
    }


def _criterion(result: CriterionResult) -> dict[str, Any]:
    return {
        "id": result.criterion.key,
        "topic": result.criterion.topic,
        "status": result.status.value,
        "controlling": result.controlling,
        "superseded_by": result.superseded_by,
        "says": result.criterion.says,
        "facts": {name: json_value(value) for name, value in result.facts.items()},
        "confidence": result.confidence,
        "remedy": result.criterion.remedy or None,
        "citation": dict(result.citation),
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
