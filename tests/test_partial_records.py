"""A prediction on partial records holds however the missing facts turn out, under the assumptions it lists."""

from __future__ import annotations

from itertools import islice, product
from typing import Any

import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

import guidecheck
import strategies
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import ItemDetermination, Outcome, Status
from guidecheck.errors import RequestError
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.loading import load_library, shipped_rules
from oracle import UNKNOWN
from strategies import Record, Rules
from test_control import check, criterion, guideline

MOST_COMPLETIONS = 40
_LEFT_OUT = object()

HELD = (Outcome.UPHELD, Outcome.OVERTURNED, Outcome.NO_GUIDELINE)
"""What must stay as it is; `undetermined` says nothing."""


@st.composite
def completions(draw: st.DrawFn, rules: Rules, record: Record) -> list[Record]:
    """Complete records that state what a partial one does not settle, or leave it undocumented.

    That is every fact that it neither states nor states as undocumented, and that does not follow: a total may be
    stated though one of its parts is not documented. What follows by default stands.
    """
    facts = rules.oracle.known(record)
    silent = [name for name in rules.facts if name not in facts.undocumented and facts(name) in (None, UNKNOWN)]
    choices = []
    for name in silent:
        fact = rules.facts[name]
        plain = {**fact, "values": list(fact["values"])} if "values" in fact else fact
        some = draw(st.lists(strategies.values(plain), min_size=1, max_size=3))
        choices.append(draw(st.permutations([_LEFT_OUT, *some])))
    found = []
    for ways in islice(product(*choices), MOST_COMPLETIONS):
        added = {name: value for name, value in zip(silent, ways, strict=True) if value is not _LEFT_OUT}
        found.append({**record, "records": "complete", "facts": {**record["facts"], **added}})
    return found


def keeps_assumptions(partial: ItemDetermination, complete: ItemDetermination, vocabulary: Vocabulary) -> bool:
    """Tell whether a completion states nothing that is otherwise than the prediction on partial records assumes.

    What is assumed undocumented and follows though the completion adds nothing that it rests on was no assumption
    that anything could keep: it excuses no other prediction.
    """
    failed = {result.criterion.key for result in complete.criteria if result.status is Status.FAILED}
    added = complete.item.stated.keys() - partial.item.stated.keys()
    known = [name for name in partial.assumes if name in complete.item.known.values]
    return failed.isdisjoint(partial.assumes) and not any(
        added.intersection(vocabulary.sources([name])) for name in known
    )


def keeps_lists(partial: ItemDetermination, complete: ItemDetermination, rules: Rules) -> bool:
    """Tell whether a completion adds no entry to a list that is stated: a stated list is the whole."""
    lists = [name for name, fact in rules.facts.items() if fact["type"] == "list" and name in partial.item.stated]
    return all(complete.item.stated.get(name) == partial.item.stated[name] for name in lists)


@given(data=st.data())
def test_a_prediction_outlasts_every_completion(data: Any) -> None:
    _outlasts(data, data.draw(strategies.rule_sets()))


def _fact(type_: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "scope": "item", "label": "what is asked", "ask": "What is asked?", **more}


ASSUMED: dict[str, Any] = {
    "facts": {
        "treatment": _fact("choice", values={name: {} for name in strategies.TREATMENTS}),
        "as_of": {**_fact("date"), "scope": "claim"},
        "jurisdiction": {**_fact("choice", values={"california": {}, "texas": {}}), "scope": "claim"},
        "flag_a": _fact("boolean"),
        "day_a": _fact("date", usual="undocumented"),
        "count_a": _fact("integer", usual="undocumented", derive={"weeks_between": ["day_a", "as_of"]}),
        # Where the day is assumed undocumented, what follows from it cannot be.
        "flag_b": _fact(
            "boolean",
            usual="undocumented",
            derive={
                "first_known_of": [
                    {"value": True, "when": {"count_a": {"at_most": 26}}},
                    {"value": False, "when": {"count_a": {"more_than": 26}}},
                    {"value": True, "when": {"flag_a": True}},
                ]
            },
        ),
        "flag_c": _fact("boolean", derive={"first_known_of": [{"count_a": {"at_most": 26}}, "flag_a"]}),
    }
}


@given(data=st.data())
def test_a_prediction_outlasts_what_follows_beside_an_assumption(data: Any) -> None:
    _outlasts(data, data.draw(strategies.rule_sets(ASSUMED)))


def _outlasts(data: Any, rules: Rules) -> None:
    library = strategies.load(rules)
    checker = Checker(library)
    for record in data.draw(st.lists(strategies.records(rules, partial=True), min_size=2, max_size=5)):
        try:
            partial = checker.check_item(strategies.read_item(record, library))
        except RequestError:
            continue
        event(str(partial.outcome))
        if partial.outcome not in HELD:
            continue
        note(f"{record} is {partial.outcome}, assuming {partial.assumes}")
        for completion in data.draw(completions(rules, record)):
            try:
                complete = checker.check_item(strategies.read_item(completion, library))
            except RequestError:
                continue  # it contradicts what is stated
            kept = keeps_assumptions(partial, complete, library.vocabulary)
            if keeps_lists(partial, complete, rules) and kept:
                note(f"{completion}")
                assert complete.outcome is partial.outcome
                _stays_known(partial, complete, library.vocabulary)


def _stays_known(partial: ItemDetermination, complete: ItemDetermination, vocabulary: Vocabulary) -> None:
    """What was known is the same in the completion; of what was not, nothing follows but by what is added."""
    before, after = partial.item.known, complete.item.known
    # What no guideline reads may rest on an assumption that nobody names, and that the completion does not keep.
    unkept = {n for n in after.values if n not in before.values and vocabulary.facts[n].usual_undocumented}
    stays = [name for name in before.values if unkept.isdisjoint(vocabulary.sources([name]))]
    assert {name: after.values.get(name) for name in stays} == {name: before.values[name] for name in stays}
    added = complete.item.stated.keys() - partial.item.stated.keys()
    found = after.values.keys() - before.values.keys() - set(before.unknown)
    assert [name for name in found if added.isdisjoint(vocabulary.sources([name]))] == []


# ------------------------------------------------------------------------------------ what partial records decide

P_AND_Q = guideline("one", "high", criterion("a", "visits", "p"), criterion("b", "goals", "q"))
GUARDED = guideline("one", "high", criterion("a", "visits", "p"), criterion("b", "goals", "q", when={"r": True}))
BARRED = guideline("one", "high", criterion("a", "visits", "p"), criterion("b", "goals", "q", unless={"r": True}))
ABOVE = guideline("above", "high", criterion("a", "visits", "s", when={"r": True}))
BELOW = guideline("below", "low", criterion("a", "visits", "p"))
BESIDE = guideline("beside", "equal", criterion("a", "visits", "q"))


@pytest.mark.parametrize(
    ("guidelines", "facts", "outcome"),
    [
        # A failed limit decides, and so does what is stated as undocumented, whatever else is left out.
        ([P_AND_Q], {"p": False}, "upheld"),
        ([P_AND_Q], {"p": "undocumented"}, "upheld"),
        ([P_AND_Q], {"p": True, "q": True}, "overturned"),
        ([P_AND_Q], {"p": True}, "undetermined"),
        ([P_AND_Q], {}, "undetermined"),
        # What may apply can't uphold, and must be met to overturn.
        ([GUARDED], {"p": True, "q": False}, "undetermined"),
        ([GUARDED], {"p": True, "q": False, "r": "undocumented"}, "overturned"),
        ([GUARDED], {"p": True, "q": False, "r": True}, "upheld"),
        ([GUARDED], {"p": True, "q": True}, "overturned"),
        ([GUARDED], {"p": False}, "upheld"),
        ([BARRED], {"p": True, "q": False}, "undetermined"),
        ([BARRED], {"p": True, "q": False, "r": False}, "upheld"),
        ([BARRED], {"p": True, "q": True}, "overturned"),
        # What may be superseded can't uphold either, and something must surely control.
        ([ABOVE, BELOW], {"p": False}, "undetermined"),
        ([ABOVE, BELOW], {"p": False, "r": "undocumented"}, "upheld"),
        ([ABOVE, BELOW], {"p": True, "s": True}, "undetermined"),
        ([ABOVE, BELOW], {"p": True, "s": True, "r": True}, "overturned"),
        ([ABOVE], {"s": True}, "undetermined"),
        ([ABOVE], {"s": True, "r": "undocumented"}, "no_guideline"),
        # Among equals one suffices, and all must fail.
        ([BELOW, BESIDE], {"p": True}, "overturned"),
        ([BELOW, BESIDE], {"p": False}, "undetermined"),
        ([BELOW, BESIDE], {"p": False, "q": "undocumented"}, "upheld"),
    ],
)
def test_what_partial_records_decide(
    guidelines: list[dict[str, Any]], facts: dict[str, Any], outcome: str
) -> None:
    assert check(*guidelines, records="partial", **facts).outcome == outcome


def test_a_failure_that_may_not_apply_is_not_the_basis() -> None:
    both = guideline("one", "high", criterion("a", "visits", "p"), criterion("b", "visits", "q", when={"r": True}))
    answer = check(both, records="partial", p="undocumented", q=False)
    assert (answer.outcome, answer.basis) == ("upheld", "undocumented")


def test_a_usual_fact_is_assumed_undocumented_and_said_so() -> None:
    usual = guideline(
        "one", "high", criterion("a", "visits", "p"), criterion("b", "goals", "q", when={"usual": True})
    )
    answer = check(usual, records="partial", p=True)
    assert (answer.outcome, answer.assumes) == ("overturned", {"usual"})
    assert check(usual, records="partial", p=True, usual=True).outcome == "undetermined"
    assert check(usual, records="partial", p=True, usual="undocumented").assumes == set()
    assert check(usual, p=True).assumes == set()


def test_a_guideline_that_only_an_assumption_keeps_out_is_told_of() -> None:
    general = guideline("general", "low", criterion("a", "visits", "p"))
    special = guideline(
        "special", "high", criterion("a", "visits", "q"), applies_to={"treatment": "massage", "usual": True}
    )
    answer = check(general, special, records="partial", p=True)
    assert (answer.outcome, answer.assumes) == ("overturned", {"usual"})
    elsewhere = {**special, "applies_to": {"treatment": "massage", "usual": True, "r": True}}
    assert check(general, elsewhere, records="partial", p=True, r=False).assumes == set()


def test_a_criterion_whose_silence_is_not_held_against_the_request_is_assumed_met() -> None:
    silent = guideline(
        "one", "high", criterion("a", "visits", "p", when_undocumented="met"), criterion("b", "goals", "q")
    )
    answer = check(silent, records="partial", q=True)
    assert (answer.outcome, answer.assumes) == ("overturned", {"one.a"})
    assert check(silent, records="partial", q=True, p=False).outcome == "upheld"


SHIPPED = {
    "treatment": "massage_therapy",
    "body_region": ["neck"],
    "requested_visits": 6,
    "exercise_program": True,
}


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        # The number of earlier visits is not documented: whether there were any is not known from that.
        ({"prior_visits": "undocumented"}, "undetermined"),
        ({"prior_visits": 0}, "overturned"),
        # Six more would be twelve in all: for the low back that is a question of what the six achieved.
        ({"prior_visits": 6}, "upheld"),
        ({"prior_visits": 6, "body_region": ["low_back"]}, "undetermined"),
        ({"prior_visits": 6, "body_region": ["low_back"], "functional_improvement": "undocumented"}, "upheld"),
        ({"prior_visits": 6, "body_region": ["low_back"], "functional_improvement": False}, "upheld"),
        ({"requested_visits": 12, "prior_visits": 0}, "upheld"),
    ],
)
def test_a_summary_checked_against_the_shipped_rules(facts: dict[str, Any], outcome: str) -> None:
    request = {"as_of": "2014-01-21", "records": "partial", "items": [{**SHIPPED, **facts}]}
    assert guidecheck.check(request, load_library(shipped_rules())).items[0].outcome == outcome


AFTER_AN_OPERATION = {
    "treatment": "physical_therapy",
    "body_region": ["shoulder"],
    "surgery": ["rotator_cuff_repair"],
    "diagnosis_group": ["adhesive_capsulitis"],
    "requested_visits": 12,
    "prior_visits": 10,
    "functional_improvement": True,
    "supervised_need": True,
}


@pytest.mark.parametrize("records", ["complete", "partial"])
@pytest.mark.parametrize("day", [{}, {"surgery_date": "undocumented"}, {"surgery_date": "2011-12-01"}])
def test_an_operation_without_its_day_is_taken_for_a_recent_one(day: dict[str, str], records: str) -> None:
    request = {"as_of": "2012-02-01", "records": records, "items": [{**AFTER_AN_OPERATION, **day}]}
    (item,) = guidecheck.check(request, load_library(shipped_rules())).items
    assert item.outcome == "overturned"
    assert item.item.known.values["within_postsurgical_period"] is True
    assert item.item.known.values["recent_surgery"] is True
    assert "within_postsurgical_period" not in item.assumes
