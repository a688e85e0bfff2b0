"""What can happen at all: no witness that does not hold, and nothing called impossible that happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

import strategies
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import Status
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.errors import Findings, Location
from guidecheck.language.facts import AS_OF
from guidecheck.library.loading import load_library, shipped_rules
from guidecheck.library.models import Criterion, Library
from guidecheck.reachability.statuses import (
    NO,
    NOT_TRUE,
    UNDOCUMENTED,
    YES,
    Reachability,
    Witness,
)
from guidecheck.requests.fact_reader import Facts
from guidecheck.requests.item_building import build_item


def reachable_statuses(library: Library, criterion: Criterion) -> dict[Status, Witness]:
    """Return the statuses that a criterion can reach in complete records, each with facts that give it."""
    found = Reachability(library).statuses(criterion)
    return {status: one.witness for status, one in found.items() if one.witness is not None}


def status_of(criterion: Criterion, witness: Witness, library: Library, *, partial: bool = False) -> Status | None:
    """Return the status that a criterion has for stated facts; None where its guideline does not apply.

    In partial records whatever complete ones leave undocumented is stated so.
    """
    library = replace(library, vocabulary=replace(library.vocabulary, needed={}))
    stated = {name: value for name, value in witness.items() if value is not None and name != AS_OF}
    facts = Facts(stated=stated, undocumented={name for name, value in witness.items() if value is None})
    findings = Findings()
    day = witness[AS_OF]
    assert isinstance(day, date)
    item = build_item(library.vocabulary, facts, findings, id="w", at=Location("w"), as_of=day, partial=False)
    assert item is not None, findings
    if partial:
        facts.undocumented |= library.vocabulary.facts.keys() - item.known.values.keys()
        item = build_item(library.vocabulary, facts, findings, id="w", at=Location("w"), as_of=day, partial=True)
        assert item is not None, findings
    answer = Checker(library, InterpretedEngine()).check_item(item)
    held = {result.criterion.key: result.status for result in (*answer.criteria, *answer.legal)}
    return held.get(criterion.key)


def check_witnesses(library: Library) -> None:
    reachability = Reachability(library)
    for criterion in library.criteria():
        for status, found in reachability.statuses(criterion).items():
            if found.witness is not None:
                assert not found.impossible
                for partial in (False, True):
                    assert status_of(criterion, found.witness, library, partial=partial) is status, found.witness


@strategies.fewer(2)
@given(rules=strategies.rule_sets())
def test_a_witness_has_the_status(rules: strategies.Rules) -> None:
    check_witnesses(strategies.load(rules))


@strategies.fewer(2)
@given(data=st.data())
def test_what_happens_is_not_impossible(data: Any) -> None:
    rules = data.draw(strategies.rule_sets())
    library, oracle = strategies.load(rules), rules.oracle
    reachability = Reachability(library)
    found = {criterion.key: reachability.statuses(criterion) for criterion in library.criteria()}
    for record in data.draw(st.lists(strategies.records(rules), min_size=8, max_size=16)):
        if oracle.is_usable(record):
            answer = oracle.answer(record)
            for key, status in {**answer.statuses, **answer.legal}.items():
                note(f"{key} {status} {record}")
                assert not found[key][Status(status)].impossible


def test_the_shipped_criteria_are_all_decided() -> None:
    library = load_library(shipped_rules(), examples=False)
    reachability = Reachability(library)
    undecided = set()
    for criterion in library.criteria():
        found = reachability.statuses(criterion)
        undecided |= {(criterion.key, s) for s, one in found.items() if one.witness is None and not one.impossible}
        assert found[Status.FAILED].witness is not None or found[Status.MET].witness is not None, criterion.key
    # Every row of the table has these cells, which the search does not see.
    courses = ("mtus-postsurgical.general-course", "mtus-postsurgical.weeks")
    assert undecided == {(key, Status.NOT_APPLICABLE) for key in courses}
    check_witnesses(replace(library, guidelines=dict([*library.guidelines.items()][::6])))


# ----------------------------------------------------------------------------------------- small and by hand


def one(require: Any, facts: Mapping[str, Any], **further: Any) -> tuple[Library, Criterion]:
    """Return a library of one criterion, and that criterion."""
    declared = {
        "treatment": {"type": "choice", "values": {"massage": {}, "other": {}}},
        "as_of": {"type": "date", "scope": "claim"},
        "jurisdiction": {"type": "choice", "scope": "claim", "values": {"california": {}}},
        **facts,
    }
    tables = further.pop("tables", {})
    criterion = {"id": "c", "topic": "dose", "says": "So.", "confidence": "known", **further}
    if require is not None:
        criterion["require"] = require
    guideline = {
        "guideline": "g",
        "title": "G",
        "authority": "first",
        "citation": {"pages": "1"},
        "in_force": {"from": "2010-01-01", "until": "2012-12-31"},
        "applies_to": {"treatment": "massage"},
        "criteria": [criterion],
        **({"tables": tables} if tables else {}),
    }
    rules = strategies.Rules(
        {
            "facts": {
                name: {"label": name, "ask": "What?", "scope": "item", **fact} for name, fact in declared.items()
            }
        },
        {
            "version": "1",
            "authorities": [{"id": "first", "title": "First"}],
            "jurisdictions": {"california": ["first"]},
            "topics": {"dose": "How much?"},
        },
        [guideline],
    )
    library = strategies.load(rules)
    return library, next(library.criteria())


VISITS = {"visits": {"type": "integer", "minimum": 0, "maximum": 20}}
BEFORE = {
    "before": {"type": "boolean", "derive": {"count": {"more_than": 0}}},
    "count": {"type": "integer", "minimum": 0, "derive": {"value": 0, "when": {"before": False}}},
}
LIMITS = {
    "limits": {"keys": ["visits"], "rows": [{"visits": {"at_most": 4}, "most": 30}, {"visits": 8, "most": 2}]}
}
TOTAL = {
    "visits": {"type": "integer", "minimum": 0},
    "earlier": {"type": "integer", "minimum": 0},
    "total": {"type": "integer", "derive": {"sum": ["visits", "earlier"]}},
}


@pytest.mark.parametrize(
    ("require", "facts", "further", "impossible"),
    [
        ({"visits": {"at_most": 6}}, VISITS, {}, {"not_applicable"}),
        ({"visits": {"at_most": 20}}, VISITS, {}, {"failed", "not_applicable"}),
        ({"visits": {"more_than": 20}}, VISITS, {}, {"met", "not_applicable"}),
        ({"visits": {"at_least": 6}}, VISITS, {"when": {"visits": {"less_than": 5}}}, {"met", "undocumented"}),
        ({"visits": 6}, VISITS, {"unless": {"visits": {"documented": True}}}, {"met", "failed"}),
        ({"visits": {"documented": True}}, VISITS, {}, {"failed", "not_applicable"}),
        (
            None,
            VISITS,
            {"not_recommended": True, "when": {"all": [{"visits": 9}, {"visits": 8}]}},
            {"failed", "met", "undocumented"},
        ),
        ({"before": True}, BEFORE, {"when": {"count": {"at_least": 1}}}, {"failed", "undocumented"}),
        ({"before": True}, BEFORE, {"when": {"count": 0}}, {"met", "undocumented"}),
        ({"count": 0}, BEFORE, {"when": {"before": False}}, {"failed", "undocumented"}),
        (
            {"visits": {"at_most": {"table": "limits", "column": "most"}}},
            VISITS,
            {"tables": LIMITS},
            {"undocumented"},
        ),
        (
            {"visits": {"at_most": {"table": "limits", "column": "most"}}},
            VISITS,
            {"tables": LIMITS, "when": {"visits": {"more_than": 4}}},
            {"met", "undocumented"},
        ),
        ({"visits": {"listed_in": "limits"}}, VISITS, {"tables": LIMITS}, {"not_applicable"}),
        (
            {"visits": {"at_most": {"fact": "total"}}},
            TOTAL,
            {"when": {"total": 2, "visits": 2}},
            {"failed", "undocumented"},
        ),
    ],
)
def test_what_cannot_be(require: Any, facts: Any, further: Any, impossible: set[str]) -> None:
    library, criterion = one(require, facts, **further)
    found = Reachability(library).statuses(criterion)
    assert {status for status, answer in found.items() if answer.impossible} == {*map(Status, impossible)}
    assert {status for status, answer in found.items() if not answer.impossible} == set(
        reachable_statuses(library, criterion)
    )
    check_witnesses(library)


def test_arithmetic_is_reckoned_or_left_open_and_never_wrong() -> None:
    asked = {"all": [{"total": {"at_most": 18}}, {"earlier": {"at_least": 12}}]}
    library, criterion = one(asked, TOTAL, when={"visits": {"at_least": 6}})
    found = Reachability(library).statuses(criterion)
    assert found[Status.MET].witness is not None
    library, criterion = one(asked, TOTAL, when={"visits": {"at_least": 7}})
    # Whoever states 7 and 12 has 19: the search does not find a way, and does not say that there is none.
    assert found[Status.UNDOCUMENTED].witness is not None
    met = Reachability(library).statuses(criterion)[Status.MET]
    assert met.witness is None
    assert not met.impossible


def test_conditions_are_asked_with_what_is_assumed() -> None:
    library, criterion = one({"visits": {"at_most": 6}}, VISITS, when={"visits": {"at_least": 3}})
    guideline, reachability = library.guidelines["g"], Reachability(library)
    assert criterion.when is not None
    assert criterion.require is not None
    both = reachability.find(guideline, [(criterion.when, YES), (criterion.require, NO)])
    assert both.witness is not None
    assert both.witness["visits"] == 7
    assert reachability.find(guideline, [(criterion.when, YES), (criterion.require, UNDOCUMENTED)]).impossible
    assert reachability.find(guideline, [(criterion.when, NOT_TRUE), (criterion.require, NO)]).impossible
