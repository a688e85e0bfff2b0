"""Facts worked out from others: what each derivation gives, and what partial records leave open."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from guidecheck import check, load_library
from guidecheck.errors import RequestError
from guidecheck.language.derivations import ElapsedUnit
from guidecheck.language.deriving import elapsed
from guidecheck.library.models import Library
from oracle import UNKNOWN, _elapsed
from test_engine_agrees import wide_rules

OPEN = "unknown"

FACTS: dict[str, Any] = {
    "visits": {"type": "integer", "minimum": 1, "maximum": 50, "derive": {"product": ["per_week", "weeks"]}},
    "per_week": {"type": "number"},
    "weeks": {"type": "number"},
    "prior": {"type": "integer", "derive": {"value": 0, "when": {"treated": False}}, "ask": "How many?"},
    "treated": {"type": "boolean", "derive": {"prior": {"more_than": 0}}},
    "this_time": {"type": "integer", "derive": {"same_as": "prior"}},
    "total": {"type": "integer", "derive": {"sum": ["this_time", "visits"]}},
    "gain": {"type": "boolean"},
    "fewer_limits": {"type": "boolean"},
    "better": {"type": "boolean", "derive": {"any": {"gain": True, "fewer_limits": True}}},
    "operated": {"type": "date", "usual": "undocumented"},
    "days": {"type": "integer", "derive": {"days_between": ["operated", "as_of"]}},
    "months": {"type": "integer", "minimum": 0, "derive": {"months_between": ["operated", "as_of"]}},
    "first": {"type": "integer", "derive": {"first_known_of": ["prior", "weeks", {"sum": ["visits"]}]}},
    "stage": {
        "type": "choice",
        "values": {"early": {}, "late": {}, "no_stage": {}},
        "derive": {
            "first_known_of": [
                {"value": "no_stage", "when": {"treated": False}},
                {"value": "early", "when": {"prior": {"at_most": 6}}},
                {"value": "late", "when": {"prior": {"more_than": 6}}},
            ]
        },
    },
    "allowance": {"type": "integer", "derive": {"table": "allowances", "column": "limit"}},
    "generous": {
        "type": "boolean",
        "derive": {"visits": {"less_than": {"table": "allowances", "column": "limit"}}},
    },
    "known_stage": {"type": "boolean", "derive": {"stage": {"listed_in": "allowances"}}},
    "drug": {"type": "choice", "values": {"pill": {}, "patch": {}, "new": {}}},
    "strength": {"type": "number"},
    "doses": {"type": "list", "of": ["drug", "strength"]},
    "dose": {"type": "number", "derive": {"sum_over": "doses", "table": "factors"}},
}
TABLES: dict[str, Any] = {
    "allowances": {"keys": ["stage"], "rows": [{"stage": "early", "limit": 6}, {"stage": "late", "limit": 12}]},
    "factors": {
        "keys": ["drug", "as_of"],
        "rows": [
            {"drug": "pill", "as_of": {"before": "2014-01-01"}, "factor": 4, "times": "strength"},
            {"drug": "pill", "as_of": {"on_or_after": "2014-01-01"}, "factor": 1.5, "times": "strength"},
            {"drug": "patch", "factor": 2.4, "times": "strength"},
        ],
    },
}
RULES = wide_rules({name: {"ask": "?", **fact} for name, fact in FACTS.items()}, {"gain": True})
RULES.vocabulary["tables"] = TABLES


@pytest.fixture(scope="module")
def library() -> Library:
    return strategies.load(RULES)


def derived(library: Library, name: str, facts: dict[str, Any], *, partial: bool = False) -> Any:
    """Return a fact of a record: its value, None for undocumented, or OPEN."""
    record = {
        "as_of": "2015-03-31",
        "records": "partial" if partial else "complete",
        "facts": {"treatment": "massage", **facts},
    }
    known = strategies.read_item(record, library).known
    theirs = RULES.oracle.known(record)(name)
    found = OPEN if name in known.unknown else known.values.get(name)
    assert found == (OPEN if theirs is UNKNOWN else theirs)
    return found


@pytest.mark.parametrize(
    ("facts", "name", "value"),
    [
        ({"per_week": 3, "weeks": 4}, "visits", 12),
        ({"per_week": 1.5, "weeks": 4}, "visits", 6),
        ({"per_week": 1.5, "weeks": 3}, "visits", 4.5),  # compared as it is, though no number of visits
        ({"per_week": 3}, "visits", None),
        ({"per_week": 3, "weeks": 4, "visits": 12}, "visits", 12),
        ({"treated": False}, "prior", 0),
        ({"treated": True}, "prior", None),
        ({}, "prior", None),
        ({"prior": 3}, "treated", True),
        ({"prior": 0}, "treated", False),
        ({}, "treated", None),
        ({"prior": 3}, "this_time", 3),
        ({"prior": 3, "this_time": 0}, "this_time", 0),
        ({"prior": 3, "visits": 6}, "total", 9),
        ({"prior": 3, "this_time": 0, "visits": 6}, "total", 6),
        ({"treated": False, "visits": 6}, "total", 6),
        ({"visits": 6}, "total", None),
        ({"gain": True}, "better", True),
        ({"gain": False}, "better", None),
        ({"gain": False, "fewer_limits": False}, "better", False),
        ({"operated": "2015-01-31"}, "days", 59),
        ({"operated": "2015-02-28"}, "months", 1),
        ({}, "days", None),
        ({"prior": 2, "weeks": 5}, "first", 2),
        ({"weeks": 5}, "first", 5),
        ({"weeks": 5.5}, "first", 5.5),
        ({"visits": 7}, "first", 7),
        ({"treated": False}, "stage", "no_stage"),
        ({"prior": 6}, "stage", "early"),
        ({"prior": 7}, "stage", "late"),
        ({}, "stage", None),
        ({"prior": 6}, "allowance", 6),
        ({"prior": 7}, "allowance", 12),
        ({"prior": 0}, "allowance", None),
        ({"prior": 6, "visits": 5}, "generous", True),
        ({"prior": 6, "visits": 6}, "generous", False),
        ({"visits": 6}, "generous", None),
        ({"prior": 6}, "known_stage", True),
        ({"prior": 0}, "known_stage", False),
        ({}, "known_stage", None),
        ({"doses": [{"drug": "pill", "strength": 10}, {"drug": "patch", "strength": 25}]}, "dose", 75),
        ({"doses": [{"drug": "pill", "strength": 10}, {"drug": "new", "strength": 25}]}, "dose", None),
        ({"doses": [{"drug": "pill"}]}, "dose", None),
        ({}, "dose", None),
    ],
)
def test_what_follows(library: Library, facts: dict[str, Any], name: str, value: Any) -> None:
    assert derived(library, name, facts) == value


@pytest.mark.parametrize(
    ("facts", "name", "value"),
    [
        ({}, "visits", OPEN),
        ({"per_week": 3}, "visits", OPEN),
        # Without one of its parts a total may yet be stated by itself.
        ({"per_week": 3, "weeks": "undocumented"}, "visits", OPEN),
        ({"per_week": 3, "weeks": "undocumented", "visits": "undocumented"}, "visits", None),
        ({"per_week": 3, "weeks": 4}, "visits", 12),
        # A number that is not documented may yet be known to be more than none.
        ({"prior": "undocumented"}, "treated", OPEN),
        ({"prior": "undocumented", "visits": 6}, "total", OPEN),
        ({"prior": "undocumented", "visits": 6, "total": 9}, "total", 9),
        ({"treated": True, "prior": "undocumented", "visits": 6}, "total", OPEN),
        ({"prior": "undocumented"}, "this_time", OPEN),
        ({"treated": True}, "prior", OPEN),
        ({"treated": "undocumented"}, "prior", OPEN),
        ({"treated": False}, "prior", 0),
        ({"prior": 3}, "this_time", 3),
        ({}, "total", OPEN),
        ({"gain": True}, "better", True),
        ({"gain": False}, "better", OPEN),
        ({"gain": "undocumented", "fewer_limits": "undocumented"}, "better", OPEN),
        ({"gain": False, "fewer_limits": False}, "better", False),
        # Usually undocumented, so assumed to be; what would follow from it is not.
        ({}, "operated", None),
        ({}, "days", OPEN),
        ({"operated": "2015-03-01"}, "days", 30),
        # A later entry counts only where the earlier ones are stated as undocumented, or can never speak.
        ({"weeks": 5}, "first", OPEN),
        ({"prior": "undocumented", "weeks": 5}, "first", 5),
        ({"prior": "undocumented", "visits": 7}, "first", OPEN),
        ({"prior": "undocumented", "weeks": "undocumented", "visits": 7}, "first", 7),
        ({"prior": 7}, "stage", "late"),
        ({"treated": True}, "stage", OPEN),
        ({"prior": 6}, "allowance", 6),
        ({}, "allowance", OPEN),
        ({"stage": "undocumented"}, "allowance", OPEN),
        ({"prior": 6}, "generous", OPEN),
        ({"prior": 6, "visits": 5}, "generous", True),
        ({"doses": [{"drug": "pill", "strength": 10}]}, "dose", 15),
        ({"doses": [{"drug": "pill"}]}, "dose", OPEN),
        ({"doses": "undocumented"}, "dose", OPEN),
    ],
)
def test_what_partial_records_leave_open(library: Library, facts: dict[str, Any], name: str, value: Any) -> None:
    assert derived(library, name, facts, partial=True) == value


@pytest.mark.parametrize("turned", [False, True])
def test_facts_that_derive_each_other_do_not_depend_on_the_order_of_the_file(turned: bool) -> None:
    facts = {
        "one": {"type": "integer", "derive": {"first_known_of": ["two", "five"]}},
        "two": {"type": "integer", "derive": {"first_known_of": ["one", "seven"]}},
        "five": {"type": "integer"},
        "seven": {"type": "integer"},
    }
    ordered = {name: {"ask": "?", **facts[name]} for name in (reversed(facts) if turned else facts)}
    rules = wide_rules(ordered, {"one": 5})
    stated = {"treatment": "massage", "five": 5, "seven": 7}
    record = {"as_of": "2015-03-31", "records": "complete", "facts": stated}
    values = strategies.read_item(record, strategies.load(rules)).known.values
    assert (values["one"], values["two"]) == (7, 5)
    assert (values["one"], values["two"]) == tuple(map(rules.oracle.known(record), ("one", "two")))


def test_an_assumption_is_no_step_on_the_way_back_to_itself() -> None:
    """Asked from either end, facts that derive each other must not come out of an assumption about one of them."""
    facts = {
        "one": {"type": "integer", "derive": {"same_as": "usual"}},
        "usual": {"type": "integer", "usual": "undocumented", "derive": {"first_known_of": ["one", "other"]}},
        "other": {"type": "integer"},
    }
    rules = wide_rules({name: {"ask": "?", **fact} for name, fact in facts.items()}, {"one": 5})
    record = {"as_of": "2015-03-31", "facts": {"treatment": "massage", "other": 5}}
    library = strategies.load(rules)
    complete = strategies.read_item({**record, "records": "complete"}, library).known
    assert (complete.values["one"], complete.values["usual"]) == (5, 5)
    partial = strategies.read_item({**record, "records": "partial"}, library).known
    assert not {"one", "usual"} & partial.values.keys()
    assert {"one", "usual"} & set(partial.unknown) == {"one"}


@pytest.mark.parametrize(
    "facts",
    [
        {"per_week": 3, "weeks": 4, "visits": 11},
        {"treated": False, "prior": 1},
        {"treated": True, "prior": 0},
        {"treated": "undocumented", "prior": 1},
        {"prior": 3, "visits": 6, "total": 8},
        {"gain": True, "better": False},
        {"operated": "2015-04-01"},  # after the day of the request: less than no months
        {"per_week": 10, "weeks": 6},  # sixty visits, more than there can be
        {"doses": [{"drug": "pill", "strength": 10}], "dose": 10},
    ],
)
@pytest.mark.parametrize("partial", [False, True], ids=["complete", "partial"])
def test_a_contradiction_is_a_mistake(library: Library, facts: dict[str, Any], partial: bool) -> None:
    with pytest.raises(RequestError) as caught:
        derived(library, "visits", facts, partial=partial)
    assert {finding.code for finding in caught.value.findings} == {"contradiction"}


@pytest.mark.parametrize(
    "facts",
    [
        {"per_week": 3, "visits": 11},
        {"prior": 3, "this_time": 1},
        {"prior": 3, "first": 8},
        {"visits": 6, "total": 8},
        {"gain": False, "better": True},
    ],
)
def test_what_does_not_follow_contradicts_nothing(library: Library, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        assert derived(library, name, facts) == value


@pytest.mark.parametrize(
    ("unit", "start", "end", "value"),
    [
        ("days", "2015-01-01", "2015-01-01", 0),
        ("weeks", "2015-01-01", "2015-01-07", 0),
        ("weeks", "2015-01-01", "2015-01-08", 1),
        ("weeks", "2015-01-02", "2015-01-01", -1),
        ("months", "2015-01-31", "2015-02-28", 0),
        ("months", "2015-01-31", "2015-03-01", 1),
        ("months", "2016-01-31", "2016-02-29", 0),
        ("months", "2014-03-15", "2015-03-14", 11),
        ("months", "2014-03-15", "2015-03-15", 12),
        ("months", "2015-03-15", "2015-03-14", -1),
        ("months", "2015-03-15", "2015-02-15", -1),
    ],
)
def test_completed_time(unit: str, start: str, end: str, value: int) -> None:
    assert elapsed(ElapsedUnit(unit), date.fromisoformat(start), date.fromisoformat(end)) == value


@given(st.sampled_from(list(ElapsedUnit)), st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(-900, 900))
def test_time_is_counted_as_the_oracle_counts_it(unit: ElapsedUnit, start: date, days: int) -> None:
    end = date.fromordinal(start.toordinal() + days)
    assert elapsed(unit, start, end) == _elapsed(f"{unit}_between", start, end)


@pytest.mark.parametrize("partial", [False, True], ids=["complete", "partial"])
@strategies.fewer(2)
@given(data=st.data())
def test_every_fact_is_worked_out_as_the_oracle_does(data: Any, partial: bool) -> None:
    rules = data.draw(strategies.rule_sets())
    library = strategies.load(rules)
    for record in data.draw(st.lists(strategies.records(rules, partial=partial), min_size=2, max_size=6)):
        try:
            known = strategies.read_item(record, library).known
        except RequestError:
            continue
        facts = rules.oracle.known(record)
        theirs = {name: facts(name) for name in rules.facts}
        assert set(known.unknown) == {name for name, value in theirs.items() if value is UNKNOWN}
        values = {name: value for name, value in theirs.items() if value not in (None, UNKNOWN)}
        assert {**known.values, "doses": None} == {**values, "doses": None}


def test_numbers_that_no_fact_can_hold_are_undocumented() -> None:
    facts = {
        "a": {"type": "number"},
        "b": {"type": "number"},
        "times": {"type": "number", "derive": {"product": ["a", "b"]}},
        "plus": {"type": "number", "derive": {"sum": ["a", "b"]}},
    }
    library = strategies.load(wide_rules({n: {"ask": "?", **f} for n, f in facts.items()}, {"a": 1}))
    record = {"as_of": "2015-01-01", "records": "complete", "facts": {"treatment": "massage", "a": 1e9, "b": 0.1}}
    known = strategies.read_item(record, library).known
    assert known.values["times"] == 100_000_000
    assert "plus" not in known.values


def test_sums_are_rounded_like_what_is_stated() -> None:
    facts = {
        "a": {"type": "number"},
        "b": {"type": "number"},
        "plus": {"type": "number", "derive": {"sum": ["a", "b"]}},
    }
    library = strategies.load(wide_rules({n: {"ask": "?", **f} for n, f in facts.items()}, {"a": 1}))
    stated = {"a": 0.1, "b": 0.2, "plus": 0.3}
    record = {"as_of": "2015-01-01", "records": "complete", "facts": {"treatment": "massage", **stated}}
    assert strategies.read_item(record, library).known.values["plus"] == 0.3


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda whole: pickle.loads(pickle.dumps(whole))])  # noqa: S301
def test_a_copy_of_a_used_library_answers_as_it_does(copied: Callable[[Library], Library]) -> None:
    library = load_library()
    request = {
        "as_of": "2015-06-01",
        "items": [
            {"treatment": "opioid", "drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": 4},
            {"treatment": "physical_therapy", "body_region": "knee", "surgery": ["meniscectomy"],
             "surgery_date": "2015-05-01", "requested_visits": 30, "prior_visits": 0},
        ],
    }  # fmt: skip
    before = check({**request, "records": "partial"}, library)
    after = check({**request, "records": "partial"}, copied(library))
    assert [item.outcome for item in after.items] == [item.outcome for item in before.items]
    assert [str(c.status) for i in after.items for c in i.criteria] == [
        str(c.status) for i in before.items for c in i.criteria
    ]
