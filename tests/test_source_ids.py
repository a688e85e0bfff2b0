"""The list of where each row of the fact sheet went keeps step with the rules, and with the sheet."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from guidecheck.library.deadline_reader import read_deadlines
from guidecheck.library.loading import load_library, shipped_rules
from guidecheck.library.models import Library

LIST = Path(__file__).parents[1] / "docs" / "source-ids.yaml"
SHEET = os.environ.get("GUIDECHECK_DOMAIN")
"""The folder of the fact sheet, which is no part of the project."""


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(examples=False)


@pytest.fixture(scope="module")
def listed() -> dict[str, dict[str, Any]]:
    found = yaml.safe_load(LIST.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def named_in_rules(library: Library) -> dict[str, set[str]]:
    """Return the ids that the rules name, each with the criteria, tables and time limits that do."""
    found: dict[str, set[str]] = {}
    places = [(criterion.key, criterion.source_ids) for criterion in library.criteria()]
    shared = library.vocabulary.tables
    places += [(f"vocabulary.{t.name}", row.source_ids) for t in shared.values() for row in t.rows]
    for guideline in library.guidelines.values():
        own = [t for name, t in guideline.tables.items() if shared.get(name) is not t]
        places += [(f"{guideline.id}.{t.name}", row.source_ids) for t in own for row in t.rows]
    for limits in read_deadlines([shipped_rules()], library.vocabulary).values():
        places += [(f"deadlines.{limit.id}", limit.source_ids) for limit in limits.limits]
    for place, ids in places:
        for name in ids:
            found.setdefault(name, set()).add(place)
    return found


def test_every_id_is_in_the_rules_or_has_a_reason(listed: dict[str, dict[str, Any]]) -> None:
    for name, entry in listed.items():
        assert set(entry) in ({"in"}, {"not"}), name
        assert entry.get("in") or str(entry.get("not", "")).strip(), name


def test_the_list_says_where_the_rules_name_an_id(library: Library, listed: dict[str, dict[str, Any]]) -> None:
    named = named_in_rules(library)
    assert set(named) <= set(listed), "the rules name ids that the list doesn't have"
    by_hand = {*library.guidelines, "library.authorities"}
    for name, entry in listed.items():
        places = set(entry.get("in", ()))
        assert places - by_hand == named.get(name, set()), name
        assert not ("not" in entry and name in named), name


@pytest.mark.skipif(SHEET is None, reason="the fact sheet is not at hand: GUIDECHECK_DOMAIN names its folder")
def test_the_list_has_the_ids_of_the_sheet(listed: dict[str, dict[str, Any]]) -> None:
    assert SHEET is not None
    text = Path(SHEET, "guideline-facts.md").read_text("utf-8").partition("\n## 18. Codes")[0]
    data = yaml.safe_load(Path(SHEET, "guideline-facts.yaml").read_text("utf-8"))
    ids = {name for row in re.findall(r"^\| ([A-Za-z0-9.,-]+) \|", text, re.MULTILINE) for name in _each(row)}
    parts = [part for name, part in data.items() if name != "sources" and isinstance(part, list)]
    rows = [row for part in parts for row in part]
    ids |= {str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row}
    # What has no id of its own is told by its heading, its surgery or its code.
    assert sorted(set(listed) - ids) == []
    assert sorted(name for name in ids - set(listed) if _is_id(name)) == []


def _each(row: str) -> list[str]:
    """Return the ids that one row of the sheet stands for: `pt-odg-01,03` is two."""
    first, *others = row.split(",")
    stem = first.rpartition("-")[0]
    return [first, *(f"{stem}-{other}" for other in others)]


def _is_id(name: str) -> bool:
    return re.search(r"[A-Za-z]+-?\d|^[a-z]+-[a-z0-9]", name) is not None
