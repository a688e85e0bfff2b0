"""The draft letter: golden files, and that it states nothing but what the request states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401 - its profile keeps Hypothesis quick
from guidecheck.cli.letter import letter as letter_command
from guidecheck.errors import RequestError
from guidecheck.explaining.letter import Letter, draft_letter
from guidecheck.language.facts import FactType, Scope
from guidecheck.render.letter_form import NOTES_HEADING, letter_html, letter_text, stated_line
from guidecheck.requests.request import Item
from reporting import EXAMPLES, HOSTILE, TODAY, Reader, checker, example, library, made

_TREATMENTS = ("massage_therapy", "manipulation", "opioid", "hot_cold_packs", "exercise")
_FACTS = library().vocabulary.facts
_BOOLEANS = sorted(n for n, fact in _FACTS.items() if fact.type is FactType.BOOLEAN and fact.scope is Scope.ITEM)
_COUNTS = ("requested_visits", "prior_visits", "visits_per_week", "weeks")


def draft(item: Item) -> Letter:
    return draft_letter(checker().check_item(item), library(), TODAY)


def item_of(name: str, item_id: str) -> Item:
    return next(item for item in example(name).items if item.id == item_id)


def body(text: str) -> str:
    """Return a letter without the notes, its lines joined."""
    return " ".join(text.partition(NOTES_HEADING.upper())[0].split())


@pytest.mark.parametrize(
    ("name", "item_id"),
    [("decision-003", "massage"), ("low-back-massage", "massage"), ("opioid-draft", "patches")],
    ids=lambda text: text,
)
def test_a_letter_looks_as_it_did(name: str, item_id: str, golden: Callable[[str, str], None]) -> None:
    letter = draft(item_of(name, item_id))
    golden(f"letter-{name}.txt", letter_text(letter))
    golden(f"letter-{name}.html", letter_html(letter))


# A fact is often unstated, so that requests of every completeness are made.
_requests = st.fixed_dictionaries(
    {
        "treatment": st.sampled_from(_TREATMENTS),
        "body_region": st.sampled_from(["neck", "low_back"]),
        "diagnosis_group": st.sampled_from([["sprain_strain"], ["myalgia_myositis", "crps"]]),
    },
    optional={
        **{
            name: st.sampled_from([True, False, "undocumented", {"value": True, "source": "PR-2", "page": 3}])
            for name in _BOOLEANS
        },
        **{name: st.integers(0 if name == "prior_visits" else 1, 12) for name in _COUNTS},
    },
)


@given(_requests)
def test_a_letter_says_only_what_the_request_states(data: dict[str, object]) -> None:
    try:
        item = made(data).items[0]
    except RequestError:  # the facts contradict each other
        return
    letter = draft(item)
    said = body(letter_text(letter))
    # Not the sentences of guidelines: these are no statements about the worker.
    for ground in letter.grounds:
        said = said.replace(" ".join(ground.says), "")
    for name in _BOOLEANS:
        for value, phrase in _FACTS[name].phrases.items():
            if phrase.casefold() in said.casefold():
                assert item.stated.get(name) is value, f"{name} is not stated as {value}"
    page = Reader(letter_html(letter))
    assert all(fact in page.words for fact in letter.documented)


@given(_requests)
def test_a_letter_cites_only_criteria_that_are_met(data: dict[str, object]) -> None:
    try:
        item = made(data).items[0]
    except RequestError:
        return
    answer = checker().check_item(item)
    met = {result.criterion.says for result in answer.controlling if result.status == "met"}
    cited = {says for ground in draft(item).grounds for says in ground.says}
    assert cited <= met


def test_a_guideline_that_stated_facts_rule_out_is_not_cited() -> None:
    letter = draft(item_of("decision-001", "chiropractic"))
    assert not letter.grounds
    assert "functional improvement" not in body(letter_text(letter))
    assert any("brought no functional improvement" in text for _, texts in letter.notes for text in texts)


def test_what_is_missing_stands_in_the_notes_alone() -> None:
    text = letter_text(draft(item_of("low-back-massage", "massage")))
    assert "functional improvement" not in body(text)
    assert "Functional improvement from this treatment." in " ".join(text.split())
    assert "PR-2 of 2015-08-11, page 3" in body(text)


def test_numbers_worked_out_say_from_what() -> None:
    item = made(
        {
            "treatment": "manipulation",
            "body_region": "low_back",
            "requested_visits": 6,
            "prior_visits": {"value": 4, "source": "PR-2"},
            "functional_improvement": True,
        }
    ).items[0]
    said = body(letter_text(draft(item)))
    assert "number of visits in all is 10 (worked out from" in said


def test_the_other_finding_is_no_evidence() -> None:
    differing = [
        {"value": True, "source": "consultant", "basis": "reviewer"},
        {"value": False, "source": "progress note", "basis": "records"},
    ]
    said = letter_text(draft(made({"treatment": "massage", "exercise_program": differing}).items[0]))
    assert (
        "exercise program" not in body(said).partition("WHAT THE RECORDS DOCUMENT")[2].partition("THE GUIDEL")[0]
    )
    assert "progress note" not in body(said)


def test_no_guideline_leaves_a_place_for_one() -> None:
    text = letter_text(draft(made({"treatment": "other"}).items[0]))
    assert "[The guideline or study that supports the treatment" in body(text)
    assert "that is no denial" in " ".join(text.split())


def test_texts_of_a_request_stay_texts() -> None:
    item = {"treatment": "massage", "exercise_program": {"value": True, "source": HOSTILE, "page": HOSTILE}}
    page = letter_html(draft(made(item).items[0]))
    assert "<script" not in page
    assert "script" not in [tag for tag, _ in Reader(page).tags]
    assert "\x1b" not in letter_text(draft(made(item).items[0]))


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(letter_command, arguments)
    return result.exit_code, result.output


def test_the_command_writes_a_letter(tmp_path: Path) -> None:
    status, output = run(str(EXAMPLES / "low-back-massage.yaml"))
    assert status == 0
    assert "Re: medical necessity of massage therapy" in output
    out = tmp_path / "letter.html"
    several = str(EXAMPLES / "decision-003.yaml")
    assert run(several, "--item", "massage", "--format", "html", "--out", str(out))[0] == 0
    assert out.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_the_command_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    several = str(EXAMPLES / "decision-003.yaml")
    status, output = run(several)
    assert (status, "massage, hot-cold-packs, exercises" in output) == (2, True)
    status, output = run(several, "--item", "massages")
    assert (status, "no item `massages`" in output) == (2, True)
    kept = tmp_path / "kept.txt"
    kept.write_text("mine")
    assert run(several, "--item", "massage", "--out", str(kept))[0] == 2
    assert kept.read_text() == "mine"


def test_where_the_records_differ_from_the_reviewer_their_finding_is_cited() -> None:
    findings = [
        {"value": True, "source": "PR-2 of 2014-07-30", "page": 2},
        {"value": False, "basis": "reviewer"},
    ]
    facts = {"treatment": "massage", "body_region": "neck", "requested_visits": 6, "prior_visits": 4}
    (item,) = made({**facts, "functional_improvement": findings}).items
    checks = dict(draft(item).notes)["Before it is signed"]
    assert (
        "On functional improvement from this treatment, the records give yes (PR-2 of 2014-07-30, page 2), and "
        "the reviewer found no, which counts here. See which of them is so."
    ) in checks
    (item,) = made({**facts, "functional_improvement": {"value": True, "basis": "reviewer"}}).items
    assert any(text.startswith("Found by a reviewer") for text in dict(draft(item).notes)["Before it is signed"])


def test_the_notes_say_how_a_total_was_counted_and_what_speaks_against_it() -> None:
    notes = dict(draft(item_of("opioid-draft", "patches")).notes)
    assert notes["The daily dose of all opioids: 160 mg of morphine equivalents a day"]
    (against,) = notes["Stated in the request, and against it; the letter does not say otherwise, and may not"]
    assert "160 mg of morphine equivalents a day, more than the 120 allowed" in against
    assert "Not documented: a pain specialist's consultation." in against


def test_the_items_own_drugs_are_asked_for_and_the_claims_are_the_patients() -> None:
    norco = {"drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": 4}
    patch = {"drug": "Duragesic", "strength": 25, "unit": "mcg/hr"}
    for own in ({"opioids": [patch]}, patch):
        drafted = draft(
            made({"treatment": "opioid", "ongoing_use": True, **own}, claim={"opioids": [norco]}).items[0]
        )
        assert drafted.treatment == "an opioid (fentanyl 25 mcg per hour)"
        assert [each.value for each in drafted.asked] == ["fentanyl 25 mcg per hour"]
        assert "hydrocodone 10 mg, 4 doses a day" in [each.value for each in drafted.patient]


def test_what_only_a_reviewer_found_is_no_statement_of_the_letter() -> None:
    found = {"value": True, "basis": "reviewer"}
    drafted = draft(made({"treatment": "opioid", "ongoing_use": True, "single_practitioner": found}).items[0])
    assert "single practitioner" not in " ".join(
        [*drafted.documented, *(f for g in drafted.grounds for f in g.facts)]
    )
    assert any(
        "left out of the letter: that a single practitioner" in t for _, texts in drafted.notes for t in texts
    )


def test_what_only_a_reviewer_found_is_not_asked_for() -> None:
    def found(value: Any, basis: str) -> dict[str, Any]:
        return {"value": value, "basis": basis}

    def told(basis: str) -> str:
        claim = {"injury_date": found("2013-02-03", basis)}
        asked = {"body_region": found(["neck"], basis), "requested_visits": found(6, basis)}
        asked["opioids"] = found([{"drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": 4}], basis)
        (item,) = made({"treatment": "massage", **asked}, claim=claim).items
        return letter_text(draft(item)).partition("=" * 78)[0]

    words = ("neck", "visits asked for: 6", "hydrocodone", "February 3, 2013")
    assert all(word in told("records") for word in words)
    assert not any(word in told("reviewer") for word in words)


def test_reviewers_practice_is_not_told_as_the_guidelines_words() -> None:
    drafted = draft(example("decision-002").items[0])
    met = checker().check_item(example("decision-002").items[0]).controlling
    assert any(r.citation.get("note") == "as reviewers apply it" and r.status == "met" for r in met)
    assert drafted.grounds
    assert not any("as reviewers apply it" in ground.citation for ground in drafted.grounds)


def test_no_shipped_criterion_tells_in_its_own_words_what_is_not_held_against_it() -> None:
    """A letter cites these words with the guideline's page."""
    remarks = ("silence", "held against", "as reviewers")
    assert not [c.key for c in library().criteria() for remark in remarks if remark in c.says]


def test_what_is_so_is_not_asked_for() -> None:
    facts = {"surgery": ["meniscectomy"], "diagnosis_group": ["sprain_strain"], "surgery_date": "2015-07-01"}
    surgery = {"value": ["meniscectomy"], "source": "operative report", "page": 2}
    (item,) = made({"treatment": "physical therapy", "body_region": "knee", **facts, "surgery": surgery}).items
    drafted = draft(item)
    assert [each.label for each in drafted.asked] == ["Part of the body to be treated"]
    assert "Surgery of this part: meniscectomy (operative report, page 2)." in drafted.documented
    assert any(line.startswith("Diagnosis treated: ") for line in drafted.documented)


def test_an_answer_that_is_the_requests_own_is_asked_for() -> None:
    taper = {"ongoing_use": True, "weaning_plan": True, "taper_percent_per_week": 10}
    drafted = draft(made({"treatment": "opioid", "drug": "Norco", **taper}).items[0])
    plan = "The opioid is reduced under supervision, by a written plan that says by how much and how fast"
    assert [stated_line(each) for each in drafted.asked][1:] == [plan, "Pace of the reduction: 10 percent a week"]
    assert not any("written plan" in line for line in drafted.documented)
    assert f"<li>{plan}</li>" in letter_html(drafted)
    against = draft(made({"treatment": "opioid", "drug": "Norco", **taper, "weaning_plan": False}).items[0])
    assert "weaning plan" not in body(letter_text(against))


def test_a_worker_s_drugs_are_no_business_of_another_request() -> None:
    norco = {"drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": 4}
    for treatment in ("massage", "other"):
        (item,) = made(
            {"treatment": treatment, "body_region": "neck"}, claim={"opioids": [norco], "age": 40}
        ).items
        drafted = draft(item)
        assert [each.label for each in drafted.patient] == ["Worker's age"]
        assert "hydrocodone" not in letter_text(drafted)


def test_an_edition_that_was_replaced_is_not_cited_as_if_in_force() -> None:
    taper = {"weaning_plan": True, "taper_percent_per_week": 10, "drug": "Norco", "ongoing_use": True}
    for day, told in (
        ("2015-08-21", "(page 124)"),
        ("2020-05-01", "(page 124), replaced on July 28, 2016 and cited"),
    ):
        cited = [
            ground.citation for ground in draft(made({"treatment": "opioid", **taper}, as_of=day).items[0]).grounds
        ]
        assert any(told in place for place in cited)
