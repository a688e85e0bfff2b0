"""Which row a table has for an item, and what a criterion makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import CriterionResult
from guidecheck.errors import RequestError
from guidecheck.language.deriving import Known, look_up
from guidecheck.library.models import Library
from oracle import UNKNOWN, View
from strategies import Rules
from test_engine_agrees import as_answer, wide_rules

FACTS: dict[str, Any] = {
    "visits": {"type": "integer"},
    "age": {"type": "integer"},
    "group": {"type": "set", "values": {"sprain": {}, "strain": {}, "tear": {}, "rare": {}}},
    "day": {"type": "date"},
}
ROWS = [
    {"group": "sprain", "limit": 10, "weeks": 8, "citation": {"pages": "98"}},
    {
        "group": ["strain", "tear"],
        "limit": 24,
        "weeks": 16,
        "citation": {"pages": "99"},
        "confidence": "uncertain",
    },
    {"group": "tear", "age": {"more_than": 60, "at_most": 70}, "limit": 24, "weeks": 20},
]
AT_MOST_LIMIT = {"visits": {"at_most": {"table": "limits", "column": "limit"}}}
LISTED = {"group": {"listed_in": "limits"}}


def rules_with(table: dict[str, Any], *required: dict[str, Any], in_vocabulary: bool = False) -> Rules:
    rules = wide_rules(FACTS, *required)
    holder = rules.vocabulary if in_vocabulary else rules.guidelines[0]
    holder["tables"] = {"limits": table}
    return rules


def results(rules: Rules, library: Library | None = None, **facts: Any) -> list[CriterionResult]:
    """Check an item, after making sure that the oracle agrees."""
    library = library or strategies.load(rules)
    records = facts.pop("records", "complete")
    record = {"as_of": "2015-01-01", "records": records, "facts": {"treatment": "massage", **facts}}
    answer = Checker(library).check_item(strategies.read_item(record, library))
    assert as_answer(answer) == rules.oracle.answer(record)
    return list(answer.criteria)


def statuses(rules: Rules, **facts: Any) -> list[str]:
    return [str(result.status) for result in results(rules, **facts)]


@pytest.mark.parametrize("in_vocabulary", [False, True], ids=["guideline", "vocabulary"])
@pytest.mark.parametrize(
    ("group", "visits", "status"),
    [
        ("sprain", 10, "met"),
        ("sprain", 11, "failed"),
        ("strain", 11, "met"),
        (["sprain", "tear"], 11, "failed"),
        ("rare", 1, "not_applicable"),
        ("none", 1, "not_applicable"),
    ],
)
def test_the_first_matching_row_is_taken(group: Any, visits: int, status: str, in_vocabulary: bool) -> None:
    rules = rules_with({"keys": ["group", "age"], "rows": ROWS}, AT_MOST_LIMIT, in_vocabulary=in_vocabulary)
    assert statuses(rules, group=group, visits=visits) == [status]


@pytest.mark.parametrize(
    ("pick", "limit"),
    [({"highest": "limit"}, 24), ({"lowest": "limit"}, 10), ({}, 10), ({"highest": "weeks"}, 24)],
)
def test_pick_chooses_among_several(pick: dict[str, str], limit: int) -> None:
    table = {"keys": ["group", "age"], "rows": ROWS} | ({"pick": pick} if pick else {})
    rules = rules_with(table, AT_MOST_LIMIT)
    assert statuses(rules, group=["sprain", "tear"], visits=limit) == ["met"]
    assert statuses(rules, group=["sprain", "tear"], visits=limit + 1) == ["failed"]


def test_the_other_cells_of_the_picked_row_follow() -> None:
    """Of rows with equal cells the first is taken."""
    weeks = {"visits": {"at_most": {"table": "limits", "column": "weeks"}}}
    rules = rules_with({"keys": ["group", "age"], "pick": {"highest": "limit"}, "rows": ROWS}, weeks)
    assert statuses(rules, group=["sprain", "tear"], age=65, visits=16) == ["met"]
    assert statuses(rules, group=["sprain", "tear"], age=65, visits=17) == ["failed"]


def test_a_row_without_the_cell_to_pick_by_comes_last() -> None:
    rows = [{"group": "sprain", "weeks": 1}, {"group": "tear", "limit": 2, "weeks": 2}]
    weeks = {"visits": {"at_most": {"table": "limits", "column": "weeks"}}}
    rules = rules_with({"keys": ["group"], "pick": {"highest": "limit"}, "rows": rows}, weeks, AT_MOST_LIMIT)
    assert statuses(rules, group=["sprain", "tear"], visits=2) == ["met", "met"]
    assert statuses(rules, group=["sprain"], visits=1) == ["met", "not_applicable"]


@pytest.mark.parametrize(("age", "row"), [(60, None), (61, 0), (70, 0), (71, None), (None, None)])
def test_a_key_may_be_a_range(age: int | None, row: int | None) -> None:
    rules = rules_with({"keys": ["group", "age"], "rows": ROWS[2:]}, LISTED)
    facts = {} if age is None else {"age": age}
    expected = "undocumented" if age is None else ("failed" if row is None else "met")
    assert statuses(rules, group="tear", **facts) == [expected]


def test_a_key_may_be_a_range_of_dates() -> None:
    rows = [{"day": {"before": "2015-01-01"}, "limit": 1}, {"day": {"on_or_after": "2015-01-01"}, "limit": 2}]
    rules = rules_with({"keys": ["day"], "rows": rows}, AT_MOST_LIMIT)
    assert statuses(rules, day="2014-12-31", visits=2) == ["failed"]
    assert statuses(rules, day="2015-01-01", visits=2) == ["met"]


def test_an_absent_key_matches_all() -> None:
    rules = rules_with({"keys": ["group"], "rows": [ROWS[0], {"limit": 3}]}, AT_MOST_LIMIT)
    assert statuses(rules, group="rare", visits=3) == ["met"]
    assert statuses(rules, visits=4) == ["failed"]


def test_the_rows_citation_and_confidence_are_the_criterions() -> None:
    rules = rules_with({"keys": ["group"], "rows": ROWS[:2]}, AT_MOST_LIMIT, {"visits": {"at_most": 5}})
    by_row, plain = results(rules, group="strain", visits=1)
    assert by_row.citation["pages"] == "99"
    assert by_row.confidence == "uncertain"
    assert plain.citation["pages"] == "1"
    assert plain.confidence == "known"


def test_listed_in() -> None:
    rules = rules_with({"keys": ["group"], "rows": ROWS[:2]}, LISTED, {"not": LISTED})
    assert statuses(rules, group="tear") == ["met", "failed"]
    assert statuses(rules, group="rare") == ["failed", "met"]
    assert statuses(rules) == ["undocumented", "undocumented"]


# ------------------------------------------------------------------------------------------------ partial records


def certainties(rules: Rules, **facts: Any) -> list[tuple[str, int, bool]]:
    found = results(rules, records="partial", **facts)
    return [(str(result.status), int(result.applies), result.could_be_met) for result in found]


def test_unknown_facts_leave_the_row_open() -> None:
    rules = rules_with({"keys": ["group"], "rows": ROWS[:2]}, AT_MOST_LIMIT)
    assert certainties(rules, visits=5) == [("undocumented", 1, True)]
    assert certainties(rules, visits=5, group="undocumented") == [("not_applicable", 0, False)]


def test_a_row_that_is_best_anyway_is_not_open() -> None:
    """Whatever the age, the first row is as high as the last."""
    rules = rules_with({"keys": ["group", "age"], "pick": {"highest": "limit"}, "rows": ROWS}, AT_MOST_LIMIT)
    assert certainties(rules, visits=24, group="tear") == [("met", 2, False)]
    weeks = {"visits": {"at_most": {"table": "limits", "column": "weeks"}}}
    rules = rules_with({"keys": ["group", "age"], "pick": {"highest": "weeks"}, "rows": ROWS}, weeks)
    assert certainties(rules, visits=16, group="tear") == [("undocumented", 1, True)]


def test_what_is_stated_as_undocumented_may_still_be_unlisted() -> None:
    """The row asks for a tear and an age: without an age it is undocumented, or, if it is no tear, not listed."""
    rules = rules_with({"keys": ["group", "age"], "rows": ROWS[2:]}, {"not": {"age": {"listed_in": "limits"}}})
    assert certainties(rules, age="undocumented") == [("undocumented", 2, True)]
    assert certainties(rules, age="undocumented", group="tear") == [("undocumented", 2, False)]


@strategies.fewer(2)
@given(data=st.data())
def test_rows_are_picked_as_the_oracle_picks_them(data: Any) -> None:
    rules = data.draw(
        strategies.rule_sets().filter(lambda rules: any("tables" in text for text in rules.guidelines))
    )
    library = strategies.load(rules)
    records = st.one_of(strategies.records(rules), strategies.records(rules, partial=True))
    for record in data.draw(st.lists(records, min_size=2, max_size=6)):
        try:
            known = strategies.read_item(record, library).known
        except RequestError:
            continue
        facts = rules.oracle.known(record)
        for text in rules.guidelines:
            guideline = library.guidelines[text["guideline"]]
            view = View(
                facts, rules.facts, {"limits": {"rows": [], "keys": []}, **text.get("tables", {})}, facts.parse
            )
            if "limits" in text.get("tables", {}):
                picked = guideline.tables["limits"].resolve(known)
                row = view.row("limits")
                assert picked.open is (row is UNKNOWN)
                if row is not UNKNOWN:
                    expected = None if row is None else text["tables"]["limits"]["rows"].index(row)
                    assert _place(picked.row, guideline.tables["limits"].rows) == expected
                listed = view.listed("limits")
                assert (picked.listed if picked.listed is not None else None) is _single(listed)
                assert picked.listing_open is (len(listed) > 1)


def _place(row: Any, rows: tuple[Any, ...]) -> int | None:
    return next((index for index, one in enumerate(rows) if one is row), None)


def _single(answers: frozenset[bool | None]) -> bool | None:
    return next(iter(answers)) if len(answers) == 1 else None


def test_looking_up_nothing_changes_nothing() -> None:
    known = Known({"visits": 1})
    assert look_up({}, (), (), known) == (known, {})
