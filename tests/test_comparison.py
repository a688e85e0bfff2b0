"""Two determinations compared: drafts, editions, and items that only one side has."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from click.testing import CliRunner
from rich.cells import cell_len

from guidecheck.cli.main import main
from guidecheck.deciding.changes import amended_item
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.comparison import Comparison, compare
from guidecheck.deciding.determination import Certainty
from guidecheck.render.comparison_form import comparison_json, comparison_text
from guidecheck.requests.request import Request
from reporting import EXAMPLES, HOSTILE, TODAY, checker, determined, example, library, made, only

ACOEM_MASSAGE = library().guidelines["acoem-low-back-massage"].title


def compared(before: Request, after: Request) -> Comparison:
    return compare(checker().check(before), checker().check(after), library().vocabulary)


def text(comparison: Comparison) -> str:
    return comparison_text(comparison, library(), TODAY)


def amended() -> Comparison:
    """Return decision 003's massage beside the request that its first remedy makes of it."""
    request, answer = example("decision-003"), determined("decision-003").items[0]
    assert answer.remedies is not None
    item = amended_item(library().vocabulary, answer.item, answer.remedies.found[0].changes)
    assert item is not None
    return compared(request, replace(request, case_id="decision-003, amended", items=(item, *request.items[1:])))


def test_a_remedy_taken_turns_the_answer(golden: Callable[[str, str], None]) -> None:
    comparison = amended()
    pair = comparison.items[0]
    assert pair.turned
    assert (pair.before.outcome, pair.after.outcome) == ("upheld", "overturned")
    assert {change.key for change in pair.resolved} == {"mtus-2009-massage.adjunct", "mtus-2009-massage.visits"}
    assert not pair.arisen
    changed = {change.fact: (change.before, change.after) for change in pair.facts}
    assert changed["requested_visits"] == (12, 6)
    assert not any(other.turned for other in comparison.items[1:])
    golden("report-comparison-drafts.txt", text(comparison))


def test_the_same_request_differs_in_nothing() -> None:
    for pair in compared(example("decision-003"), example("decision-003")).items:
        assert not pair.facts
        assert not pair.criteria
    assert "Nothing differs." in text(compared(example("decision-003"), example("decision-003")))


def test_two_editions(golden: Callable[[str, str], None]) -> None:
    before, after = (example("low-back-massage", day) for day in (date(2015, 8, 21), date(2018, 8, 21)))
    comparison = compared(before, after)
    pair = comparison.items[0]
    assert not pair.facts
    gone = [change for change in pair.criteria if change.before and not change.after]
    assert "mtus-2009-massage.adjunct" in {change.key for change in gone}
    assert "acoem-low-back-massage.functional-improvement" in {change.key for change in pair.arisen}
    golden("report-comparison-editions.txt", text(comparison))


def test_an_authority_without_an_edition_on_the_day_is_noted() -> None:
    rules = only("mtus-2009-massage", "odg-low-back-massage")
    before, after = (
        Checker(rules).check(example("low-back-massage", day)) for day in (date(2015, 8, 21), date(2018, 8, 21))
    )
    comparison = compare(before, after, rules.vocabulary)
    assert "odg-low-back-massage.functional-goals" in {change.key for change in comparison.items[0].arisen}
    shown = " ".join(comparison_text(comparison, rules, TODAY).split())
    assert "Note: Medical Treatment Utilization Schedule (MTUS): no edition in this library that" in shown


def test_items_are_matched_by_id_then_by_treatment() -> None:
    def item(name: str, treatment: str) -> dict[str, object]:
        return {"id": name, "treatment": treatment, "body_region": "neck"}

    kept, moved, gone, new = (
        item("a", "massage"),
        item("b", "acupuncture"),
        item("c", "tens"),
        item("d", "hot packs"),
    )
    base = made(kept)
    before = made(kept, items=[kept, moved, gone])
    after = made(kept, items=[new, item("renamed", "acupuncture"), kept])
    comparison = compared(before, after)
    pairs = [(pair.before.item.id, pair.after.item.id) for pair in comparison.items]
    assert pairs == [("a", "a"), ("b", "renamed")]
    assert [side.item.id for side in comparison.removed] == ["c"]
    assert [side.item.id for side in comparison.added] == ["d"]
    assert base.items[0].id == "a"
    shown = text(comparison)
    assert "Only before: A TENS unit (c)" in shown
    assert "Only after: Hot or cold packs (d)" in shown


def test_silence_and_a_stated_silence_differ() -> None:
    said = {"treatment": "massage", "functional_improvement": "undocumented"}
    pair = compared(made({"treatment": "massage"}), made(said)).items[0]
    assert [change.fact for change in pair.facts] == ["functional_improvement"]
    shown = text(compared(made({"treatment": "massage"}), made(said)))
    assert "not stated before, stated as not documented after" in " ".join(shown.split())


def test_the_data_is_json_and_names_both_sides() -> None:
    data = comparison_json(amended(), library())
    assert json.loads(json.dumps(data)) == data
    first = data["items"][0]
    assert (first["before"]["predicted"], first["after"]["predicted"]) == ("upheld", "overturned")
    assert {fact["fact"] for fact in first["facts"]} >= {"requested_visits", "weeks"}
    assert {frozenset(criterion) for criterion in first["criteria"]} == {
        frozenset(("id", "topic", "before", "after"))
    }


def test_a_criterion_that_does_not_apply_on_either_side_is_no_difference() -> None:
    changes = [change for pair in amended().items for change in pair.criteria]
    assert changes
    for change in changes:
        sides = [side for side in (change.before, change.after) if side is not None]
        assert any(side.applies is not Certainty.NO for side in sides)


def test_no_line_is_too_wide_and_no_text_steers_a_terminal() -> None:
    hostile = made({"id": HOSTILE, "treatment": "massage"}, case_id=HOSTILE)
    for comparison in (amended(), compared(made({"treatment": "massage"}), hostile)):
        shown = text(comparison)
        assert "\x1b" not in shown
        assert max(cell_len(line) for line in shown.splitlines()) <= 80


def _drafts(before_day: str, after_day: str, **change: object) -> Comparison:
    """Return two drafts of different days, as the command compares them."""
    facts = {"treatment": "massage", "body_region": "low_back", "requested_visits": 6, "prior_visits": 4}
    facts["exercise_program"] = True  # type: ignore[assignment]
    drafts = made({"id": "m", **facts}, as_of=before_day), made({"id": "m", **facts, **change}, as_of=after_day)
    moved = made({"id": "m", **facts}, as_of=after_day)
    before, after, again = (checker().check(request) for request in (*drafts, moved))
    return compare(before, after, library().vocabulary, again)


def test_what_only_the_day_changed_is_not_the_drafts_doing() -> None:
    pair = _drafts("2015-08-21", "2018-08-21").items[0]
    assert (pair.resolved, pair.arisen) == ([], [])
    assert "acoem-low-back-massage.functional-improvement" in {change.key for change in pair.arisen_by_day}
    assert "odg-low-back-massage.functional-improvement" in {change.key for change in pair.resolved_by_day}


def test_what_the_draft_changed_on_its_own_day_is_its_doing() -> None:
    comparison = _drafts("2015-08-21", "2018-08-21", functional_improvement=True)
    pair = comparison.items[0]
    assert [change.key for change in pair.resolved] == ["acoem-low-back-massage.functional-improvement"]
    shown = " ".join(text(comparison).split())
    assert "The days differ. What only the day changed is told apart" in shown
    assert f"Because of the day alone, now in the way ({ACOEM_MASSAGE}): Sessions go on after an obj" in shown
    assert f"- No longer in the way ({ACOEM_MASSAGE}): Sessions go on after an objective gain" in shown
    assert "That turns the answer from upheld to overturned." in shown


def test_what_two_editions_ask_alike_is_not_said_to_come_and_go() -> None:
    facts = {"treatment": "massage", "id": "m", "body_region": "neck", "prior_visits": 0}
    before, moved = (made({**facts, "requested_visits": 12}, as_of=day) for day in ("2015-05-05", "2016-09-01"))
    after = made({**facts, "requested_visits": 6, "exercise_program": True}, as_of="2016-09-01")
    one, other, again = (checker().check(request) for request in (before, after, moved))
    shown = " ".join(text(compare(one, other, library().vocabulary, again)).split())
    _, _, effect = shown.partition("What it did")
    assert effect.count("Massage accompanies other recommended treatment") == 1
    new = library().guidelines["mtus-2016-massage"].title
    assert f"- No longer in the way ({new}): Massage accompanies other recommended treatment" in effect
    assert f"- Because of the day alone, now in the way ({new}): A course has four to six visits" in effect


def test_an_answer_that_only_the_day_turned_is_not_credited_to_the_draft() -> None:
    comparison = _drafts("2015-08-21", "1999-08-21")
    pair = comparison.items[0]
    assert pair.moved is not None
    assert pair.moved.outcome is pair.after.outcome is not pair.before.outcome
    assert "So the day turns the answer from upheld to" in " ".join(text(comparison).split())


def test_a_criterion_of_another_edition_stands_apart_from_one_that_came_out_otherwise() -> None:
    shown = text(_drafts("2015-08-21", "2018-08-21"))
    both, one = shown.split("Criteria in force on one of the days only")
    assert "not in force" not in both
    assert "not in force" in one.split("What it did")[0]
    assert "met and gives way before, met and gives way after" not in shown


def test_a_guideline_for_another_part_of_the_body_is_in_force_and_does_not_apply() -> None:
    facts = {"treatment": "massage", "requested_visits": 6, "prior_visits": 0}
    comparison = compared(made({**facts, "body_region": "low_back"}), made({**facts, "body_region": "neck"}))
    shown = text(comparison)
    assert "does not apply after" in shown
    assert "not in force" not in shown


def test_the_command_checks_the_earlier_draft_on_the_later_day(tmp_path: Path) -> None:
    earlier = EXAMPLES / "low-back-massage.yaml"
    later = tmp_path / "later.yaml"
    later.write_text(earlier.read_text("utf-8").replace("2015-08-21", "2018-08-21"), "utf-8")
    done = CliRunner().invoke(main, ["check", str(later), "--against", str(earlier), "--format", "json"])
    (item,) = json.loads(done.stdout)["items"]
    assert (item["resolved"], item["arisen"]) == ([], [])
    assert item["arisen_by_day"] == ["acoem-low-back-massage.functional-improvement"]
    day = CliRunner().invoke(main, ["check", str(earlier), "--compare-editions", "2018-08-21"])
    assert "One request on two days" in day.stdout


def test_other_evidence_and_partial_records_are_differences() -> None:
    item = {"treatment": "massage", "exercise_program": {"value": True, "source": "PR-2", "page": "1"}}
    other = {**item, "exercise_program": {"value": True, "source": "PR-2", "page": "2"}}
    comparison = compared(made(item), made(other, records="partial"))
    shown = " ".join(text(comparison).split())
    assert "complete before, partial after." in shown
    assert "evidence: PR-2, page 1 before, PR-2, page 2 after." in shown
    assert "Nothing differs." not in text(compared(made(item), made(other)))
    (data,) = comparison_json(comparison, library())["items"]
    assert [change["fact"] for change in data["evidence"]] == ["exercise_program"]
    assert (data["before"]["records"], data["after"]["records"]) == ("complete", "partial")


def test_a_list_is_compared_only_where_the_item_has_to_do_with_it() -> None:
    def drafted(doses: int) -> Request:
        drug = {"drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": doses}
        (massage,) = made({"treatment": "massage"}, claim={"opioids": [drug]}).items
        request = made({"treatment": "opioid", "ongoing_use": True, **drug})
        return replace(request, items=(*request.items, massage))

    opioid, massage = compared(drafted(2), drafted(3)).items
    assert "opioids" in [change.fact for change in opioid.facts]
    assert massage.facts == ()
