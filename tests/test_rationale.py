"""The rationale in words: what it says, and that it stays language whatever the facts are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import shipped
import strategies
from guidecheck import load_library
from guidecheck.deciding.checking import Checker, treatments_named
from guidecheck.deciding.determination import Change, ItemDetermination, Outcome, Remedies, Remedy
from guidecheck.errors import RequestError
from guidecheck.explaining.rationale import headline, rationale
from guidecheck.explaining.wording import day_words, listed, pages, reference
from guidecheck.language.conditions import Op
from guidecheck.language.facts import Changeable, Fact, FactType, Scope
from guidecheck.language.vocabulary import STRUCTURAL, TREATMENT
from guidecheck.reading.marked_yaml import from_data
from guidecheck.render.page import Page
from guidecheck.render.text_form import write_text
from guidecheck.requests.request_reader import request_from

LIBRARY = shipped.library()
CHECKER = Checker(LIBRARY)
FACTS = LIBRARY.vocabulary.facts
DAYS = ("2006-01-01", "2010-03-01", "2014-01-21", "2015-08-21", "2016-07-28", "2026-11-21")

TODAY = date(2026, 11, 21)


def determined(item: dict[str, Any], **more: Any) -> ItemDetermination:
    request = request_from(from_data({"as_of": "2015-08-21", "items": [item], **more}, "request"), LIBRARY)
    return CHECKER.check_item(request.items[0])


def told(item: dict[str, Any], **more: Any) -> str:
    return rationale(determined(item, **more), LIBRARY)


# ------------------------------------------------------------------------------------------------ what it says


MASSAGE = {"treatment": "massage", "body_region": "low back", "requested_visits": 6, "prior_visits": 4}


def test_asked_documented_missing_therefore() -> None:
    fact = {"value": "yes", "source": "PR-2 of 2015-08-11", "page": "3"}
    text = told({**MASSAGE, "exercise_program": fact})
    pieces = [
        "MTUS definitions, functional improvement (",
        "Treatment given before goes on where it brought",
        "The number of visits asked for is 6, within the 6 allowed",
        "The records document that the number of earlier visits is 4",
        "that the worker follows an exercise program (PR-2 of 2015-08-11, page 3).",
        "The request meets MTUS Chronic Pain Medical Treatment Guidelines (2009), Massage therapy (page 60",
        "However, the records do not document functional improvement from this treatment.",
        "On other questions Official Disability Guidelines (ODG), Low Back, Massage, gives way to MTUS Chronic",
        "Therefore the request does not meet these guidelines, and the denial is predicted to be upheld.",
    ]
    places = [text.find(piece) for piece in pieces]
    assert -1 not in places
    assert places == sorted(places)
    assert text.count("exercise program") == 1


def test_evidence_that_facts_share_is_said_once() -> None:
    fact = {"value": "yes", "source": "assessment form"}
    text = told(
        {"treatment": "opioid", "ongoing_use": True, "single_practitioner": fact, "taken_as_directed": fact}
    )
    assert "that a single practitioner prescribes and that the drug is taken as directed (assessment form)" in text


def test_where_reviewer_and_records_differ_both_are_told() -> None:
    findings = [
        {"value": "no", "basis": "reviewer"},
        {"value": "yes", "basis": "records", "source": "PR-2", "page": "4-5"},
    ]
    text = told({**MASSAGE, "functional_improvement": findings})
    assert (
        "brought no functional improvement (the reviewer's finding; the records give yes, PR-2, pages 4-5)" in text
    )


def test_a_derived_fact_is_told_by_its_parts() -> None:
    legs = {"daily_living_gain": True, "less_dependence": False}
    neck = {**MASSAGE, "body_region": "neck", "requested_visits": 2, "exercise_program": True}
    text = told({**neck, **legs})
    assert (
        "However, the records document that the worker depends on continued treatment as much as before." in text
    )
    silent = told({**neck, "daily_living_gain": True})
    assert "However, the records do not document less dependence on continued treatment." in silent


def test_an_unknown_part_of_a_sum_is_what_is_missing() -> None:
    item = {"treatment": "PT", "diagnosis_group": "fibromyalgia", "requested_visits": 12}
    assert "The records do not document the number of earlier visits." in told(item)
    text = told({"treatment": "PT", "diagnosis_group": "fibromyalgia", "prior_visits": 11})
    assert "the request does not state the number of visits asked for." in text
    assert "visits in all" not in text


def test_what_follows_from_the_first_fact_known_is_asked_for_by_its_last() -> None:
    """Visits in this episode follow from the earlier ones, which is what records count."""
    item = {"treatment": "PT", "diagnosis_group": "fibromyalgia", "requested_visits": 6}
    for more in ({}, {"prior_visits": "undocumented"}, {"prior_treatment": True}):
        text = told({**item, **more})
        assert "do not document the number of earlier visits" in text
        assert "the number of visits in this episode" not in text
    # Stated as undocumented, it is lacking itself.
    had = {"prior_visits": 4, "functional_improvement": True}
    silent = told({**item, **had, "visits_this_episode": "undocumented"})
    assert "do not document the number of visits in this episode." in silent
    assert "the number of earlier visits" not in silent.partition("do not document")[2]


def test_the_diagnosis_that_chose_the_limit_is_told() -> None:
    item = {"treatment": "PT", "diagnosis_group": ["headache", "CRPS"], "requested_visits": 25, "prior_visits": 0}
    text = told(item)
    assert "that the diagnosis treated includes complex regional pain syndrome" in text
    assert "the number of visits asked for is 25, more than the 24 allowed" in text
    assert "headache" not in text


@pytest.mark.parametrize(
    ("facts", "clause"),
    [
        ({}, "the place of treatment is a clinic, not the worker's home"),
        (
            {"exercise_program": False, "concurrent_active_therapy": False},
            "the worker follows no exercise program",
        ),
        ({"exercise_program": False}, "the records do not document active therapy at the same time"),
    ],
)
def test_what_speaks_against_a_request(facts: dict[str, Any], clause: str) -> None:
    item = {"treatment": "hot packs", "body_region": "neck", "setting": "clinic", **facts}
    assert clause in headline(determined(item), LIBRARY)
    assert clause in told(item).replace("The records", "the records").replace("The place", "the place")


def test_undetermined_predicts_nothing() -> None:
    item = determined({"treatment": "massage", "requested_visits": 6}, records="partial")
    text = rationale(item, LIBRARY)
    assert item.outcome is Outcome.UNDETERMINED
    assert "records at hand leave open an exercise program, active therapy at the same time" in text
    assert text.endswith("Therefore no outcome is predicted.")
    assert "upheld" not in text
    assert "overturned" not in text


def test_what_is_assumed_is_not_said_to_be_asked_and_met() -> None:
    text = told({"treatment": "PT", "diagnosis_group": "CRPS", "requested_visits": 6, "prior_visits": 0})
    assert "Not documented, and not held against the request: " in text
    assert "or a home program that the visits lead to. Therefore" in text
    assert "Visits become fewer" not in text


ONLY_FIRST = """
guideline: only-first-courses
title: A guide to first courses
authority: mtus
citation: {pages: "1"}
in_force: {from: 2000-01-01}
applies_to: {treatment: other}
criteria:
  - id: first
    topic: visit_limit
    says: It is tried once.
    require: {prior_treatment: no}
    confidence: confirmed
"""


@pytest.mark.parametrize("visits", [4, 0])
def test_a_derived_fact_that_must_not_be_so(visits: int, tmp_path: Path) -> None:
    (tmp_path / "guide.yaml").write_text(ONLY_FIRST, encoding="utf-8")
    library = load_library(tmp_path)
    data = {"as_of": "2015-08-21", "items": [{"treatment": "other", "prior_visits": visits}]}
    item = Checker(library).check_item(request_from(from_data(data, "request"), library).items[0])
    line, text = headline(item, library), rationale(item, library)
    assert f"document that the number of earlier visits is {visits}." in text
    assert line.startswith("Predicted UPHELD: the number of earlier visits is 4" if visits else "Predicted OVERT")


def test_other_days_are_told_only_of_guidelines_that_count_there() -> None:
    item = {"treatment": "massage", "body_region": "neck", "requested_visits": 6}
    here = told(item, as_of="2018-02-01")
    assert "in force on other days: MTUS Chronic Pain Medical Treatment Guidelines (2009), Massage therapy" in here
    assert "(July 18, 2009 to July 27, 2016), and MTUS" in here
    elsewhere = told(item, as_of="2018-02-01", claim={"jurisdiction": "texas"})
    assert "no guideline of this library speaks to this request" in elsewhere
    assert "MTUS" not in elsewhere


def test_partial_records_name_what_is_assumed() -> None:
    item = {"treatment": "chiro", "body_region": "low back", "prior_visits": 4, "functional_improvement": False}
    text = told({**item, "requested_visits": 6}, records="partial")
    assert "It is assumed that the records say nothing on" in text
    assert "a flare-up or re-injury" in text


def test_guidelines_that_give_way_to_the_same_one_are_told_together() -> None:
    text = told({"treatment": "opioid", "ongoing_use": True})
    assert (
        "Official Disability Guidelines (ODG), Pain, Opioids, continued use, and MTUS definitions, functional "
        "improvement, applied to opioids, which also speak to this, give way to MTUS Chronic Pain"
    ) in text
    assert text.count("give way to") + text.count("gives way to") == 1


def test_a_long_headline_counts_the_rest() -> None:
    line = headline(determined({"treatment": "opioid", "ongoing_use": True}), LIBRARY)
    assert line.endswith("an ongoing assessment of pain relief or 6 other facts.")


def test_words() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert listed(["a, b", "c"]) == "a, b, and c"
    assert listed(["a, b", "c", "d"]) == "a, b; c; and d"
    assert [pages(text) for text in (None, "60", "58-60", "174, 299")] == [
        "",
        "page 60",
        "pages 58-60",
        "pages 174, 299",
    ]
    assert day_words(date(2015, 8, 21)) == "August 21, 2015"
    assert reference({"title": "A Guide, Neck", "section": "Neck", "pages": "3"}) == "A Guide, Neck (page 3)"
    assert reference({"title": "A Guide", "edition": "2nd", "regulation": "8 CCR 1"}) == "A Guide (2nd, 8 CCR 1)"
    assert reference({"title": "A Guide", "section": "A guide"}) == "A Guide"
    assert reference({"title": "Code 4604.5, caps", "section": "(c)", "regulation": "Code 4604.5"}) == (
        "Code 4604.5, caps ((c))"
    )


# ----------------------------------------------------------------------------------------- changes that would help


def test_remedies_are_told_where_somebody_looked_for_them() -> None:
    item = determined({**MASSAGE, "requested_visits": 12})
    changes = (
        Change("requested_visits", 6, Changeable.REQUEST, "mtus-2009-massage.repeat-visits", Op.AT_MOST),
        Change("exercise_program", True, Changeable.ACT, "mtus-2009-massage.adjunct"),
        Change("functional_improvement", True, Changeable.DOCUMENT, "mtus-2009-massage.adjunct"),
    )
    found = replace(item, remedies=Remedies((Remedy(changes, Outcome.OVERTURNED, changes),)))
    text = page_of(found)
    assert "This would turn the prediction" in text
    assert (
        "- In the request: the number of visits asked for is at most 6 (now: 12). - Record it, if it is true: the "
        "treatment brought functional improvement. - Do it and record it: the worker follows an exercise program."
    ) in text
    assert "Nothing helps." in page_of(replace(item, remedies=Remedies(none_because="Nothing helps.")))
    assert "would turn" not in page_of(item)


def page_of(item: ItemDetermination) -> str:
    """Return the text for one item with its lines joined."""
    return " ".join(page_lines(item))


def page_lines(item: ItemDetermination) -> list[str]:
    request = request_from(
        from_data({"as_of": "2015-08-21", "items": [{"treatment": "tens"}]}, "request"), LIBRARY
    )
    answer = replace(CHECKER.check(request), items=(item,))
    page = Page(80)
    write_text(page, [answer], LIBRARY, TODAY)
    return [line.strip() for line in page.text.splitlines()]


# ------------------------------------------------------------------------------------- whatever the facts are


def values(fact: Fact) -> st.SearchStrategy[Any]:
    match fact.type:
        case FactType.BOOLEAN:
            return st.sampled_from([True, True, True, False])
        case FactType.CHOICE:
            return st.sampled_from(list(fact.choices))
        case FactType.SET:
            return st.lists(st.sampled_from(list(fact.choices)), max_size=3, unique=True).map(
                lambda v: v or "none"
            )
        case FactType.DATE:
            return st.dates(date(2005, 1, 1), date(2016, 1, 1)).map(str)
        case FactType.LIST:
            parts = {name: values(FACTS[name]) for name in fact.of}
            return st.lists(st.fixed_dictionaries({}, optional=parts), min_size=1, max_size=2)
        case _:
            low = int(fact.minimum) if isinstance(fact.minimum, int | float) else 0
            return st.one_of(st.integers(low, low + 6), st.integers(low, low + 30))


def stated(fact: Fact) -> st.SearchStrategy[Any]:
    """A fact plain, with evidence, or stated as undocumented."""
    evidence = {"source": st.sampled_from(["note of 2014-02-03", "report"]), "page": st.sampled_from(["3", "4-5"])}
    bases = {"basis": st.sampled_from(["records", "reviewer"]), **evidence}
    plain = values(fact)
    cited = st.builds(
        lambda value, where: {"value": value, **where}, plain, st.fixed_dictionaries({}, optional=bases)
    )
    return st.one_of(plain, plain, plain, cited, cited, st.just("undocumented"))


def matters(treatment: str) -> list[Fact]:
    """Return the facts that guidelines for a treatment could turn on."""
    named = [(g, treatments_named(g.applies_to)) for g in LIBRARY.guidelines.values()]
    read = [fact for g, treatments in named if treatments is None or treatment in treatments for fact in g.facts]
    needed = LIBRARY.vocabulary.needed.get(treatment, ())
    names = LIBRARY.vocabulary.sources([*read, *needed])
    return [FACTS[name] for name in names if name not in STRUCTURAL]


# Requests that meet everything, so that not only what fails is put into words.
OPIOID_REVIEW = (
    "single_practitioner",
    "taken_as_directed",
    "lowest_dose",
    "pain_assessment",
    "functional_status_reviewed",
    "side_effects_reviewed",
    "aberrant_use_reviewed",
    "pain_relief",
    "functional_improvement",
)
GOOD: tuple[dict[str, Any], ...] = (
    {"treatment": "massage_therapy", "body_region": "neck", "requested_visits": 6, "exercise_program": True},
    {"treatment": "manipulation", "body_region": "low_back", "requested_visits": 6},
    {"treatment": "physical_therapy", "diagnosis_group": "crps", "requested_visits": 6, "prior_visits": 0},
    {"treatment": "hot_cold_packs", "body_region": "neck", "setting": "home", "exercise_program": True},
    {"treatment": "opioid", "ongoing_use": True, **dict.fromkeys(OPIOID_REVIEW, True)},
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request with any of the facts that could matter; half of them begin with one that meets everything."""
    treatments = st.sampled_from(list(FACTS[TREATMENT].choices)).map(lambda name: {"treatment": name})
    item = dict(draw(st.one_of(st.sampled_from(GOOD), treatments)))
    most = draw(st.integers(0, 2)) if len(item) > 1 else draw(st.integers(2, 9))
    needed = LIBRARY.vocabulary.needed.get(item["treatment"], ())
    claim: dict[str, Any] = {}
    for fact in matters(item["treatment"]):
        # Derived facts more rarely: stated beside their parts they mostly contradict them.
        chance = min(1, most) if fact.name in LIBRARY.vocabulary.derivations else most
        wanted = draw(st.integers(0, 9)) < chance
        if wanted or (fact.name in needed and fact.name not in item):
            (claim if fact.scope is Scope.CLAIM else item)[fact.name] = draw(stated(fact))
    records = draw(st.sampled_from(["complete", "partial"]))
    return {"as_of": draw(st.sampled_from(DAYS)), "records": records, "claim": claim, "items": [item]}


# Names of facts and ids of guidelines are for files, not for prose.
NO_PROSE = re.compile(r"None|[{}_]|  |\.\.|,,| [,.;:]|\(\)|: :")
IDS = re.compile("|".join(map(re.escape, LIBRARY.guidelines)))


@given(requests())
def test_the_rationale_is_always_language(data: dict[str, Any]) -> None:
    try:
        request = request_from(from_data(data, "request"), LIBRARY)
    except RequestError:
        reject()
    item = CHECKER.check_item(request.items[0])
    for text in (rationale(item, LIBRARY), headline(item, LIBRARY)):
        assert not NO_PROSE.search(text), text
        assert not IDS.search(text), text
        assert re.match(r"[A-Z]", text), text
        assert text.endswith("."), text
        assert not re.search(r"[.?!] [a-z]", text), text
    assert rationale(item, LIBRARY) == rationale(CHECKER.check_item(request.items[0]), LIBRARY)
    lines = page_lines(item)
    assert max(map(len, lines)) <= 80
    assert not any(re.search(r"None|[{}]", line) for line in lines)


@settings(max_examples=settings.default.max_examples // 3)
@given(st.data())
def test_any_library_gives_words(data: st.DataObject) -> None:
    rules = data.draw(strategies.rule_sets())
    library = strategies.load(rules)
    record = data.draw(strategies.records(rules, partial=data.draw(st.booleans())))
    if strategies.faults(record, library):
        reject()
    item = Checker(library).check_item(strategies.read_item(record, library))
    text = rationale(item, library)
    assert text.endswith(".")
    assert "None" not in text
    assert headline(item, library).split(":")[0] in ("Predicted UPHELD", "Predicted OVERTURNED", "NO PREDICTION")
    page = Page(80)
    answer = replace(
        CHECKER.check(
            request_from(from_data({"as_of": "2015-08-21", "items": [{"treatment": "tens"}]}, "r"), LIBRARY)
        ),
        items=(item,),
    )
    write_text(page, [answer], library, TODAY)
    assert max(map(len, page.text.splitlines())) <= 80
