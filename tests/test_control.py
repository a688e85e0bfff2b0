"""Which criteria decide, and what they decide, on small libraries in which each criterion asks for one flag."""

from __future__ import annotations

from typing import Any

import pytest

import strategies
from guidecheck.deciding.checking import Checker
from oracle import Answer
from strategies import Record, Rules
from test_engine_agrees import as_answer

FLAGS = ("p", "q", "r", "s")
AUTHORITIES = [
    {"id": "high", "title": "High"},
    {"id": "low", "title": "Low"},
    {"id": "equal", "title": "Equal", "same_rank_as": "low"},
    {"id": "lowest", "title": "Lowest"},
    {"id": "law", "title": "Law", "role": "legal"},
]


def criterion(name: str, topic: str, require: Any = None, **more: Any) -> dict[str, Any]:
    """A criterion that requires a flag; without one, it is not recommended wherever it applies."""
    asked = {"require": {require: True} if isinstance(require, str) else require} if require else {}
    if not asked:
        asked = {"not_recommended": True}
    return {"id": name, "topic": topic, "says": "So.", "confidence": "known", **asked, **more}


def guideline(name: str, authority: str, *criteria: dict[str, Any], **more: Any) -> dict[str, Any]:
    text = {
        "guideline": name,
        "title": name,
        "authority": authority,
        "citation": {"pages": "1"},
        "in_force": {"from": "2010-01-01"},
        "applies_to": {"treatment": "massage"},
        "criteria": list(criteria),
    }
    return {**text, **more}


def rules_of(*guidelines: dict[str, Any]) -> Rules:
    facts: dict[str, Any] = {
        "treatment": {"type": "choice", "values": {"massage": {}, "exercise": {}}},
        "as_of": {"type": "date", "scope": "claim"},
        "jurisdiction": {"type": "choice", "scope": "claim", "values": {"california": {}, "texas": {}}},
        "region": {"type": "set", "values": {"neck": {}, "knee": {}}},
        **{flag: {"type": "boolean"} for flag in FLAGS},
        "usual": {"type": "boolean", "usual": "undocumented"},
    }
    return Rules(
        {"facts": {name: {"label": name, "scope": "item", **fact} for name, fact in facts.items()}},
        {
            "version": "1",
            "authorities": AUTHORITIES,
            "jurisdictions": {"california": [a["id"] for a in AUTHORITIES], "texas": ["low"]},
            "topics": {"visits": "How many?", "goals": "What for?"},
        },
        list(guidelines),
    )


def check(
    *guidelines: dict[str, Any], records: str = "complete", as_of: str = "2015-01-01", **facts: Any
) -> Answer:
    """Return the answer for an item, after making sure that the oracle gives it too."""
    rules = rules_of(*guidelines)
    library = strategies.load(rules)
    record: Record = {"as_of": as_of, "records": records, "facts": {"treatment": "massage", **facts}}
    answer = as_answer(Checker(library).check_item(strategies.read_item(record, library)))
    assert answer == rules.oracle.answer(record)
    return answer


# ------------------------------------------------------------------------------------------------- one guideline


@pytest.mark.parametrize(
    ("facts", "outcome", "basis"),
    [
        ({"p": True, "q": True}, "overturned", "met"),
        ({"p": True, "q": False}, "upheld", "failed"),
        ({"p": True}, "upheld", "undocumented"),
        ({"q": False}, "upheld", "failed"),
        ({}, "upheld", "undocumented"),
    ],
)
def test_every_criterion_must_be_met(facts: dict[str, bool], outcome: str, basis: str) -> None:
    one = guideline("one", "high", criterion("a", "visits", "p"), criterion("b", "goals", "q"))
    answer = check(one, **facts)
    assert (answer.outcome, answer.basis) == (outcome, basis)
    assert answer.controlling == {"one.a", "one.b"}


def test_without_a_guideline_nothing_is_predicted() -> None:
    one = guideline("one", "high", criterion("a", "visits", "p"))
    assert check(one, treatment="exercise", p=False).outcome == "no_guideline"
    assert check(one, as_of="2009-12-31", p=False).outcome == "no_guideline"


def test_a_guideline_without_an_applicable_criterion_predicts_nothing() -> None:
    one = guideline("one", "high", criterion("a", "visits", "p", when={"q": True}))
    answer = check(one, p=False)
    assert answer.outcome == "no_guideline"
    assert answer.statuses == {"one.a": "not_applicable"}


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2009-12-31", "no_guideline"),
        ("2010-01-01", "upheld"),
        ("2015-06-30", "upheld"),
        ("2015-07-01", "no_guideline"),
    ],
)
def test_both_days_of_a_period_are_in_force(day: str, outcome: str) -> None:
    one = guideline(
        "one", "high", criterion("a", "visits", "p"), in_force={"from": "2010-01-01", "until": "2015-06-30"}
    )
    assert check(one, as_of=day).outcome == outcome


def test_what_is_not_recommended_fails_wherever_it_applies() -> None:
    one = guideline("one", "high", criterion("a", "visits", when={"q": True}), criterion("b", "goals", "p"))
    assert check(one, p=True, q=True).statuses["one.a"] == "failed"
    assert check(one, p=True, q=True).outcome == "upheld"
    assert check(one, p=True, q=False).outcome == "overturned"


@pytest.mark.parametrize(("stated", "status"), [(True, "not_applicable"), (False, "met"), (None, "met")])
def test_unless_applies_except_where_documented(stated: bool | None, status: str) -> None:
    one = guideline("one", "high", criterion("a", "visits", "p", unless={"q": True}))
    facts = {} if stated is None else {"q": stated}
    assert check(one, p=True, **facts).statuses == {"one.a": status}


@pytest.mark.parametrize(
    ("stated", "status"), [(True, "met"), (False, "not_applicable"), (None, "not_applicable")]
)
def test_when_applies_only_where_documented(stated: bool | None, status: str) -> None:
    one = guideline("one", "high", criterion("a", "visits", "p", when={"q": True}))
    facts = {} if stated is None else {"q": stated}
    assert check(one, p=True, **facts).statuses == {"one.a": status}


def test_silence_that_nobody_holds_against_the_request() -> None:
    one = guideline(
        "one", "high", criterion("a", "visits", "p", when_undocumented="met"), criterion("b", "goals", "q")
    )
    silent = check(one, q=True)
    assert (silent.outcome, silent.assumes) == ("overturned", {"one.a"})
    assert silent.statuses["one.a"] == "undocumented"
    assert check(one, q=True, p=False).outcome == "upheld"
    assert check(one, q=True, p=True).assumes == set()


# --------------------------------------------------------------------------------------------------------- ranks


HIGH_VISITS = guideline("top", "high", criterion("a", "visits", "p"))
LOW_BOTH = guideline("under", "low", criterion("a", "visits", "q"), criterion("b", "goals", "r"))


def test_the_higher_rank_controls_its_topic_only() -> None:
    answer = check(HIGH_VISITS, LOW_BOTH, p=True, q=False, r=True)
    assert answer.outcome == "overturned"
    assert answer.controlling == {"top.a", "under.b"}
    assert answer.superseded == {"under.a"}
    assert check(HIGH_VISITS, LOW_BOTH, p=False, q=True, r=True).outcome == "upheld"
    assert check(HIGH_VISITS, LOW_BOTH, p=True, q=True, r=False).outcome == "upheld"


def test_a_criterion_that_does_not_apply_supersedes_nothing() -> None:
    top = guideline("top", "high", criterion("a", "visits", "p", when={"s": True}))
    answer = check(top, LOW_BOTH, p=True, q=False, r=True)
    assert answer.outcome == "upheld"
    assert answer.superseded == set()


def test_leaves_open_keeps_lower_ranks_out_of_other_topics() -> None:
    closed = {**HIGH_VISITS, "leaves_open": ["visits"]}
    answer = check(closed, LOW_BOTH, p=True, q=True, r=False)
    assert answer.outcome == "overturned"
    assert answer.superseded == {"under.a", "under.b"}
    opened = {**HIGH_VISITS, "leaves_open": ["goals"]}
    assert check(opened, LOW_BOTH, p=True, q=True, r=False).outcome == "upheld"


def test_leaves_open_acts_even_where_no_criterion_of_the_guideline_applies() -> None:
    top = guideline("top", "high", criterion("a", "visits", "p", when={"s": True}), leaves_open=["goals"])
    answer = check(top, LOW_BOTH, q=False, r=True)
    assert answer.outcome == "overturned"
    assert answer.superseded == {"under.a"}


def test_leaves_open_of_a_guideline_that_does_not_apply_closes_nothing() -> None:
    top = {**HIGH_VISITS, "leaves_open": ["visits"], "applies_to": {"treatment": "massage", "s": True}}
    assert check(top, LOW_BOTH, p=True, q=True, r=False).outcome == "upheld"


def test_leaves_open_says_nothing_to_equals_and_higher_ranks() -> None:
    low = guideline("low-one", "low", criterion("a", "visits", "p"), leaves_open=["visits"])
    beside = guideline("beside", "equal", criterion("a", "goals", "q"))
    over = guideline("over", "high", criterion("a", "goals", "r"))
    assert check(low, beside, p=True, q=False).outcome == "upheld"
    assert check(low, over, p=True, r=False).outcome == "upheld"


def test_a_superseded_criterion_still_supersedes_what_is_below() -> None:
    lowest = guideline("bottom", "lowest", criterion("a", "goals", "s"))
    closed = {**HIGH_VISITS, "leaves_open": ["visits"]}
    answer = check(closed, LOW_BOTH, lowest, p=True, q=True, r=False, s=False)
    assert answer.outcome == "overturned"
    assert answer.superseded == {"under.a", "under.b", "bottom.a"}


# --------------------------------------------------------------------------------------------------------- equals


ONE = guideline("one", "low", criterion("a", "visits", "p"), criterion("b", "visits", "q"))
OTHER = guideline("other", "equal", criterion("a", "visits", "r"))


@pytest.mark.parametrize(
    ("facts", "outcome", "basis", "superseded"),
    [
        ({"p": True, "q": True, "r": True}, "overturned", "met", {"other.a"}),
        ({"p": True, "q": True, "r": False}, "overturned", "met", {"other.a"}),
        ({"p": True, "q": False, "r": True}, "overturned", "met", {"one.a", "one.b"}),
        ({"p": True, "r": True}, "overturned", "met", {"one.a", "one.b"}),
        ({"p": True, "q": False, "r": False}, "upheld", "failed", set()),
        ({"p": True, "q": False}, "upheld", "undocumented", set()),
        ({}, "upheld", "undocumented", set()),
    ],
)
def test_among_equals_one_that_is_met_suffices(
    facts: dict[str, bool], outcome: str, basis: str, superseded: set[str]
) -> None:
    answer = check(ONE, OTHER, **facts)
    assert (answer.outcome, answer.basis) == (outcome, basis)
    assert answer.superseded == superseded


def test_an_equal_that_is_silent_on_a_topic_is_no_alternative() -> None:
    silent = guideline("other", "equal", criterion("a", "goals", "r"))
    assert check(ONE, silent, p=False, q=True, r=True).outcome == "upheld"


def test_the_winner_among_equals_is_the_first_authority_on_the_day() -> None:
    """Though its guideline stands behind the other, by the authority it had before."""
    periods = [{"from": "2010-01-01", "until": "2012-12-31", "authority": "lowest"}, {"from": "2013-01-01"}]
    moved = guideline("moved", "low", criterion("a", "visits", "p"), in_force=periods)
    assert check(OTHER, moved, p=True, r=True).superseded == {"other.a"}


def test_two_guidelines_of_one_authority_must_both_be_met() -> None:
    """An item with two regions must meet the guidelines of both."""
    neck = guideline(
        "neck",
        "low",
        criterion("a", "visits", "p"),
        applies_to={"treatment": "massage", "region": {"includes": "neck"}},
    )
    knee = guideline(
        "knee",
        "low",
        criterion("a", "visits", "q"),
        applies_to={"treatment": "massage", "region": {"includes": "knee"}},
    )
    assert check(neck, knee, region=["neck", "knee"], p=True, q=False).outcome == "upheld"
    assert check(neck, knee, region=["neck", "knee"], p=True, q=True).outcome == "overturned"
    assert check(neck, knee, region=["neck"], p=True, q=False).outcome == "overturned"


# ------------------------------------------------------------------------------- outranks, roles, jurisdictions


SPECIAL = guideline(
    "special",
    "low",
    criterion("a", "visits", "r"),
    applies_to={"treatment": "massage", "s": True},
    outranks=["general"],
)
GENERAL = guideline("general", "low", criterion("a", "visits", "p"), criterion("b", "goals", "q"))


def test_outranks_decides_inside_a_rank_by_topic() -> None:
    answer = check(GENERAL, SPECIAL, s=True, p=False, q=True, r=True)
    assert answer.outcome == "overturned"
    assert answer.superseded == {"general.a"}
    assert check(GENERAL, SPECIAL, s=True, p=True, q=False, r=True).outcome == "upheld"


def test_a_guideline_that_does_not_apply_outranks_nothing() -> None:
    assert check(GENERAL, SPECIAL, s=False, p=True, q=True, r=False).outcome == "overturned"
    assert check(GENERAL, SPECIAL, p=True, q=True, r=False).outcome == "overturned"


def test_what_the_law_says_stands_beside_the_prediction() -> None:
    law = guideline("act", "law", criterion("a", "visits", "p"), leaves_open=["visits"])
    answer = check(law, guideline("one", "low", criterion("a", "goals", "q")), p=False, q=True)
    assert answer.outcome == "overturned"
    assert answer.legal == {"act.a": "failed"}
    assert check(law, p=False).outcome == "no_guideline"


def test_a_jurisdiction_has_its_own_authorities() -> None:
    facts = {"p": True, "q": False, "r": True}
    assert check(HIGH_VISITS, LOW_BOTH, **facts).outcome == "overturned"
    assert check(HIGH_VISITS, LOW_BOTH, jurisdiction="california", **facts).outcome == "overturned"
    assert check(HIGH_VISITS, LOW_BOTH, jurisdiction="texas", **facts).outcome == "upheld"


@pytest.mark.parametrize(("day", "outcome"), [("2012-06-30", "overturned"), ("2012-07-01", "upheld")])
def test_a_period_may_have_an_authority_of_its_own(day: str, outcome: str) -> None:
    adopted = guideline(
        "adopted",
        "lowest",
        criterion("a", "visits", "p"),
        in_force=[{"from": "2010-01-01", "until": "2012-06-30", "authority": "high"}, {"from": "2012-07-01"}],
    )
    assert check(adopted, LOW_BOTH, as_of=day, p=True, q=False, r=True).outcome == outcome
