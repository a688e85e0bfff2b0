"""Guidelines, criteria and facts as JSON data, in the form that docs/rule-language.md fixes."""

from __future__ import annotations

from datetime import date
from typing import Any

from guidecheck.explaining.condition_words import ConditionWords
from guidecheck.handbook.catalogue import Catalogue
from guidecheck.handbook.table_grids import TableGrids
from guidecheck.handbook.uses import Uses
from guidecheck.language.conditions import Condition
from guidecheck.language.facts import Fact, Value, show_value
from guidecheck.language.tables import Table
from guidecheck.library.models import Criterion, Guideline, Library, Period
from guidecheck.render.json_form import SCHEMA_VERSION


def listing_json(library: Library, treatment: str | None, day: date | None) -> dict[str, Any]:
    """Return the guidelines for a treatment (those for any among them), of those in force on a day."""
    catalogue = Catalogue(library)
    shelves = catalogue.shelves(treatment, day)
    shown = {guideline.id for _, guidelines in shelves for guideline in guidelines}
    entries = [_entry(guideline, catalogue) for guideline in library.guidelines.values() if guideline.id in shown]
    return {**_head(library), "on": _day(day), "guidelines": entries}


def guideline_json(library: Library, guideline: Guideline) -> dict[str, Any]:
    """Return a guideline with its criteria and tables."""
    entry = _entry(guideline, Catalogue(library))
    return {
        **_head(library),
        "guideline": {
            **entry,
            "citation": dict(guideline.citation),
            "applies_to": ConditionWords(library.vocabulary).clause_of(guideline.applies_to),
            "leaves_open": None if guideline.leaves_open is None else sorted(guideline.leaves_open),
            "outranks": sorted(guideline.outranks),
            "criteria": [criterion_data(library, criterion) for criterion in guideline.criteria],
            "tables": [_table(library, guideline, table) for table in library.own_tables(guideline).values()],
        },
    }


def criterion_json(library: Library, criterion: Criterion) -> dict[str, Any]:
    """Return a criterion with what guidelines for the same treatments say on its topic, by date."""
    history = [
        {**_period(edition.period), **criterion_data(library, edition.criterion)}
        for edition in Catalogue(library).history(criterion)
    ]
    return {**_head(library), "criterion": criterion_data(library, criterion), "history": history}


def fact_json(library: Library, fact: Fact) -> dict[str, Any]:
    """Return a fact with what it follows from and what rests on it."""
    uses = Uses(library)
    return {
        **_head(library),
        "fact": {
            "name": fact.name,
            "type": str(fact.type),
            "scope": str(fact.scope),
            "label": fact.label,
            "ask": fact.ask or None,
            "unit": fact.unit or None,
            "minimum": _limit(fact.minimum),
            "maximum": _limit(fact.maximum),
            "values": [
                {"name": choice.name, "label": choice.label, "synonyms": list(choice.synonyms)}
                for choice in fact.choices.values()
            ],
            "of": list(fact.of),
            "phrases": {show_value(value): clause for value, clause in fact.phrases.items()},
            "change": str(fact.change),
            "usual": "undocumented" if fact.usual_undocumented else None,
            "derived_from": library.vocabulary.inputs(fact.name),
            "leads_to": uses.into(fact.name),
            "part_of": uses.in_lists(fact.name),
            "needed_for": uses.needed_for(fact.name),
            "applies_to_of": [guideline.id for guideline in uses.by_guidelines(fact.name)],
            "criteria": [
                {
                    "id": use.criterion.key,
                    "keys": list(use.roles),
                    "tables": list(use.tables),
                    "path": use.criterion.at.path,
                    "line": use.criterion.at.line,
                }
                for use in uses.by_criteria(fact.name)
            ],
        },
    }


def criterion_data(library: Library, criterion: Criterion) -> dict[str, Any]:
    """Return a criterion; its conditions in words."""
    words = ConditionWords(library.vocabulary)

    def told(condition: Condition | None) -> str | None:
        return None if condition is None else words.clause_of(condition)

    return {
        "id": criterion.key,
        "topic": criterion.topic,
        "says": criterion.says,
        "when": told(criterion.when),
        "unless": told(criterion.unless),
        "require": told(criterion.require),
        "not_recommended": criterion.require is None,
        "when_undocumented": "met" if criterion.assumed_met else None,
        "remedy": criterion.remedy or None,
        "confidence": criterion.confidence,
        "citation": dict(criterion.citation),
        "facts": list(criterion.facts),
    }


def _head(library: Library) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "library": {"version": library.version, "digest": library.digest},
    }


def _entry(guideline: Guideline, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "id": guideline.id,
        "title": guideline.title,
        "treatments": catalogue.treatments(guideline),
        "in_force": [_period(period) for period in guideline.periods],
    }


def _period(period: Period) -> dict[str, Any]:
    return {"from": _day(period.start), "until": _day(period.end), "authority": period.authority}


def _table(library: Library, guideline: Guideline, table: Table) -> dict[str, Any]:
    grid = TableGrids(library.vocabulary).grid(table, {"title": guideline.title, **guideline.citation})
    rows = [dict(zip(grid.columns, row, strict=True)) for row in grid.rows]
    return {"name": table.name, "keys": list(table.keys), "columns": list(table.columns), "rows": rows}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _limit(limit: Value | None) -> Value | None:
    return limit.isoformat() if isinstance(limit, date) else limit
