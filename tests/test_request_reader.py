"""Requests as people write them, and the facts, evidence and items that are read from them."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from guidecheck.errors import RequestError
from guidecheck.library.loading import load_library
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data, parse
from guidecheck.requests.request import Actual, Basis, Item, Request
from guidecheck.requests.request_reader import read_request, request_from

TODAY = date(2026, 11, 21)


@cache
def library() -> Library:
    return load_library(Path(__file__).parents[1] / "rules")


def read(text: str, **more: Any) -> Request:
    return request_from(parse(text, "r.yaml"), library(), **more)


def item(facts: str, top: str = "as_of: 2015-08-21") -> Item:
    lines = "".join(f"    {line}\n" for line in facts.strip().splitlines())
    (only,) = read(f"{top}\nitems:\n  - treatment: massage\n{lines}").items
    return only


def codes(text: str, **more: Any) -> list[str]:
    with pytest.raises(RequestError) as error:
        read(text, **more)
    return [finding.code for finding in error.value.findings]


def test_a_whole_request() -> None:
    request = read(
        """
case_id: draft-17
as_of: 2015-08-21
records: partial
claim:
  age: 67
  sex: M
items:
  - id: rubbing
    treatment: Manual Massage
    body_region: lumbar spine
    requested_visits: 6
    actual: Upheld
    note: anything
  - treatment: chiro
    body_region: [neck, C-spine]
"""
    )
    assert (request.case_id, request.as_of, request.dated, request.partial) == (
        "draft-17",
        date(2015, 8, 21),
        True,
        True,
    )
    massage, manipulation = request.items
    assert (massage.id, massage.treatment, massage.actual) == ("rubbing", "massage_therapy", Actual.UPHELD)
    assert massage.stated["body_region"] == frozenset({"low_back"})
    assert massage.known.values["age"] == manipulation.known.values["age"] == 67
    assert manipulation.stated["body_region"] == frozenset({"neck"})
    assert (manipulation.id, manipulation.actual) == ("manipulation", None)
    assert massage.jurisdiction == "california"


def test_items_without_ids_get_some() -> None:
    request = read(
        "as_of: 2015-08-21\nitems:\n  - treatment: massage\n  - treatment: massage\n  - treatment: tens\n"
    )
    assert [found.id for found in request.items] == ["massage_therapy", "massage_therapy-2", "tens"]


def test_the_date() -> None:
    undated = "items:\n  - treatment: massage\n"
    dated = f"as_of: 2015-08-21\n{undated}"
    assert read(dated, today=TODAY).as_of == date(2015, 8, 21)
    assert read(dated, as_of=date(2014, 1, 1)).items[0].as_of == date(2014, 1, 1)
    assert (read(undated, today=TODAY).as_of, read(undated, today=TODAY).dated) == (TODAY, False)
    assert codes(undated) == ["missing-key"]
    assert codes(f"as_of: soon\n{undated}", today=TODAY) == ["wrong-value"]


def test_undocumented_facts() -> None:
    stated = item("functional_improvement: Undocumented\nprior_visits: 6")
    assert stated.undocumented == {"functional_improvement"}
    assert "functional_improvement" not in stated.known.values
    assert stated.known.values["prior_treatment"] is True


@pytest.mark.parametrize("text", ["none", "None", "[]"])
def test_an_empty_set(text: str) -> None:
    assert item(f"surgery: {text}").stated["surgery"] == frozenset()


def test_evidence() -> None:
    found = item("exercise_program:\n  value: yes\n  source: PR-2 of\n    2015-08-11\n  page: 3-4")
    (evidence,) = found.evidence["exercise_program"]
    assert (evidence.value, evidence.source, evidence.page, evidence.basis) == (
        True,
        "PR-2 of 2015-08-11",
        "3-4",
        Basis.RECORDS,
    )
    assert found.stated["exercise_program"] is True
    assert "requested_visits" not in item("requested_visits: 6").evidence


def test_where_records_and_reviewer_differ_the_reviewer_decided() -> None:
    found = item("exercise_program:\n  - {value: yes, basis: records}\n  - {value: undocumented, basis: reviewer}")
    assert found.undocumented == {"exercise_program"}
    assert [evidence.value for evidence in found.evidence["exercise_program"]] == [True, None]


def test_lists() -> None:
    text = """
opioids:
  - drug: Norco
    strength: 10
    unit: mg
    doses_per_day: 3
  - drug: Dilaudid
    route: undocumented
"""
    entries = item(text).stated["opioids"]
    assert entries == (
        {"drug": "hydrocodone", "strength": 10.0, "unit": "mg", "doses_per_day": 3.0},
        {"drug": "hydromorphone"},
    )
    assert item("opioids: {drug: Norco}").stated["opioids"] == ({"drug": "hydrocodone"},)
    assert item("opioids: {value: [{drug: Norco}], source: list}").stated["opioids"] == ({"drug": "hydrocodone"},)


def test_json_and_python_data_are_read_alike() -> None:
    data = {
        "as_of": date(2015, 8, 21),
        "items": [
            {"treatment": "massage", "requested_visits": 6, "exercise_program": True, "body_region": {"neck"}}
        ],
    }
    from_python = request_from(from_data(data, "request"), library())
    text = json.dumps({**data, "as_of": "2015-08-21"}, default=list)
    assert from_python.items[0].stated == read(text).items[0].stated


def test_places_in_python_data() -> None:
    data = {"as_of": "2015-08-21", "items": [{"treatment": "massage", "requested_visits": -6}]}
    with pytest.raises(RequestError) as error:
        request_from(from_data(data, "request"), library())
    assert str(error.value).startswith("request: items[0].requested_visits: error wrong-value: ")


def test_stated_and_derived_that_agree() -> None:
    found = item("visits_per_week: 3\nweeks: 4\nrequested_visits: 12\nprior_visits: 0\nprior_treatment: no")
    assert found.known.values["total_visits"] == 12


def test_a_default_gives_way() -> None:
    # What may be stated otherwise contradicts nothing.
    assert item("prior_visits: 12\nvisits_this_episode: 4\nrequested_visits: 6").known.values["total_visits"] == 10


def test_one_mistake_is_told_once() -> None:
    both = "as_of: 2015-08-21\nclaim:\n  age: old\nitems:\n  - treatment: massage\n  - treatment: massage\n"
    assert codes(both) == ["wrong-value"]
    derived = "as_of: 2015-08-21\nitems:\n  - treatment: massage\n    prior_visits: 4\n    prior_treatment: no\n"
    assert codes(derived) == ["contradiction"]


def test_no_mistake_follows_from_another() -> None:
    wrong = "as_of: 2015-08-21\nitems:\n  - treatment: massage\n    requested_visits: twelve visits\n"
    assert codes(f"{wrong}    visits_per_week: 3\n    weeks: 5\n    prior_visits: 2\n    total_visits: 14\n") == [
        "wrong-value"
    ]
    assert codes("as_of: 2015-08-21\nitems:\n  - treatment: manipulation\n    body_region: [nek]\n") == [
        "wrong-value"
    ]
    assert codes("as_of: 2015-08-21\nitems:\n  - treatment: leeches\n    requested_visits: 6\n") == ["wrong-value"]


def test_every_item_is_looked_at() -> None:
    text = """
as_of: 2015-08-21
items:
  - treatment: massage
    requested_visits: six
    visits_per_week: 30
  - 3
  - treatment: chiro
  - requested_visits: 0
"""
    found = codes(text)
    assert found == ["wrong-value", "wrong-value", "wrong-type", "missing-fact", "missing-fact", "wrong-value"]


def test_what_a_treatment_needs() -> None:
    text = "as_of: 2015-08-21\nrecords: {}\nitems:\n  - treatment: manipulation\n"
    assert codes(text.format("complete")) == ["missing-fact"]
    assert read(text.format("partial")).items[0].lacking == ("body_region",)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "neck massage.yaml"
    path.write_text("as_of: 2015-08-21\nitems:\n  - treatment: massage\n")
    assert read_request(path, library()).case_id == "neck massage"
