"""Lists of the claim in parts, what their entries come to, and what is said of one that cannot be counted."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from guidecheck import check, load_library
from guidecheck.cli.batch import batch
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import Determination, ItemDetermination, Outcome
from guidecheck.deciding.remedies import RemedyFinder
from guidecheck.errors import RequestError
from guidecheck.explaining.account import Account
from guidecheck.explaining.explained_sums import explained_sums, sum_heading
from guidecheck.explaining.rationale import headline
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.request_reader import request_from

NORCO = {"drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": 6}
PATCH = {"drug": "Duragesic", "strength": 25, "unit": "mcg/hr"}
UNCOUNTED = {"drug": "Butrans", "strength": 20, "unit": "mcg/hr"}
TABLETS = {"drug": "oxycodone", "strength": 30, "unit": "mg", "doses_per_day": 4}
REVIEWED = dict.fromkeys(
    [
        *("ongoing_use", "functional_improvement", "pain_relief", "single_practitioner", "taken_as_directed"),
        *("lowest_dose", "side_effects_reviewed", "aberrant_use_reviewed", "pain_assessment"),
        *("functional_status_reviewed", "drug_screen"),
    ],
    True,
)


@cache
def library() -> Library:
    return load_library()


def answer(*items: dict[str, Any], claim: dict[str, Any] | None = None) -> Determination:
    request = {
        "as_of": "2014-08-26",
        "claim": claim or {},
        "items": [{"id": f"i{n}", "treatment": "opioid", **REVIEWED, **item} for n, item in enumerate(items, 1)],
    }
    return check(request, library())


def dose(item: ItemDetermination) -> Any:
    return item.item.known.values.get("med_mg_per_day")


def lines(item: ItemDetermination) -> list[str]:
    (explained,) = explained_sums(item, library().vocabulary)
    return [sum_heading(explained), *explained.lines]


def test_a_list_on_the_claim_is_every_items() -> None:
    assert [dose(item) for item in answer({}, {}, claim={"opioids": [NORCO]}).items] == [60, 60]


def test_parts_on_the_claim_and_on_items_are_one_list() -> None:
    determination = answer({"opioids": [PATCH]}, {"opioids": [TABLETS]}, claim={"opioids": [NORCO]})
    assert [dose(item) for item in determination.items] == [60 + 60 + 180] * 2


def test_an_entry_that_two_parts_state_is_one_and_one_that_stands_twice_is_two() -> None:
    assert dose(answer({"opioids": [NORCO, PATCH]}, {"opioids": [PATCH, NORCO]}).items[0]) == 120
    assert dose(answer({"opioids": [NORCO, NORCO]}, claim={"opioids": [NORCO]}).items[0]) == 120


LOOSE = {"drug": "OxyContin", "strength": 80, "unit": "mg", "doses_per_day": 3}


def test_what_an_item_states_of_its_own_drug_is_an_entry_of_the_list() -> None:
    assert dose(answer(LOOSE, claim={"opioids": [NORCO]}).items[0]) == 60 + 360
    assert dose(answer(LOOSE).items[0]) == 360
    assert [dose(item) for item in answer(LOOSE, NORCO).items] == [420, 420]


def test_an_own_drug_that_is_listed_already_is_one_entry() -> None:
    assert dose(answer(NORCO, claim={"opioids": [NORCO, PATCH]}).items[0]) == 120
    assert dose(answer({"drug": "Norco"}, claim={"opioids": [NORCO]}).items[0]) == 60
    bare = {"drug": "Norco", "strength": 10}
    assert dose(answer(NORCO, claim={"opioids": [bare]}).items[0]) == 60


def test_an_own_drug_without_a_strength_leaves_the_total_open_beside_others() -> None:
    (item,) = answer({"drug": "OxyContin"}, claim={"opioids": [NORCO]}).items
    assert lines(item)[0].endswith("not known, but at least 60 mg of morphine equivalents a day")
    assert "opioids" not in answer({"drug": "OxyContin"}).items[0].item.stated


def test_an_own_drug_is_no_list_beside_a_stated_total_or_in_partial_records() -> None:
    assert dose(answer({**NORCO, "med_mg_per_day": 150}).items[0]) == 150
    assert dose(summary(NORCO)) is None


def summary(*items: dict[str, Any], **claim: Any) -> ItemDetermination:
    """Return what is said of the first item of partial records."""
    asked = [{"id": f"i{n}", "treatment": "opioid", **REVIEWED, **item} for n, item in enumerate(items, 1)]
    return check({"as_of": "2014-08-26", "records": "partial", "claim": claim, "items": asked}, library()).items[0]


def test_an_own_drug_is_the_least_that_is_taken_whatever_else_is() -> None:
    above = summary(LOOSE)
    assert above.outcome is Outcome.UPHELD
    assert lines(above)[0].endswith("not known, but at least 360 mg of morphine equivalents a day")
    assert "med_mg_per_day" in above.assumes
    assert "med_counted" not in above.assumes
    for rest in ([LOOSE], [LOOSE, NORCO], [LOOSE, UNCOUNTED], [NORCO, UNCOUNTED], [UNCOUNTED]):
        for records in (summary(LOOSE, opioids=rest), answer(LOOSE, claim={"opioids": rest}).items[0]):
            assert records.outcome is Outcome.UPHELD
    assert summary(NORCO).outcome is Outcome.OVERTURNED
    # Two items ask for two drugs.
    assert summary(NORCO, {**TABLETS, "doses_per_day": 2}).item.known.values["med_counted"] == 150
    assert summary({"drug": "OxyContin"}).item.known.values.get("med_counted") is None


def test_an_own_drug_is_the_least_beside_a_list_that_nobody_documented() -> None:
    (item,) = answer({**LOOSE, "opioids": "undocumented"}).items
    assert (dose(item), item.outcome) == (None, Outcome.UPHELD)
    assert item.item.known.values["med_counted"] == 360


@pytest.mark.parametrize("records", ["complete", "partial"])
def test_a_total_below_the_own_drug_is_a_contradiction(records: str) -> None:
    request = {"as_of": "2014-08-26", "records": records, "items": [{**CONTINUED, **LOOSE, "med_mg_per_day": 20}]}
    with pytest.raises(RequestError, match=r"is 20, but what is asked for \(drug oxycodone.*makes it 360 or more"):
        check(request, library())
    assert check({**request, "items": [{**CONTINUED, **LOOSE, "med_mg_per_day": 360}]}, library()).items


def test_a_total_that_is_stated_is_not_shown_as_the_sum_of_one_drug() -> None:
    (item,) = answer({**NORCO, "med_mg_per_day": 150}).items
    assert list(explained_sums(item, library().vocabulary)) == []


def test_what_turns_too_much_of_the_own_drug_asks_for_the_list_too() -> None:
    found = RemedyFinder(Checker(library())).find(summary(LOOSE)).found
    told = [{change.fact for change in remedy.told} for remedy in found]
    assert {"med_mg_per_day", "opioids"} in told
    assert {"pain_consultation"} in told


def test_a_part_stated_as_undocumented_adds_nothing() -> None:
    assert dose(answer({"opioids": "undocumented"}, claim={"opioids": [NORCO]}).items[0]) == 60
    assert dose(answer({"opioids": [NORCO]}, claim={"opioids": "undocumented"}).items[0]) == 60
    assert dose(answer({"opioids": "undocumented"}).items[0]) is None
    assert dose(answer({**NORCO, "opioids": "undocumented"}).items[0]) is None


def test_evidence_of_one_part_is_evidence_in_part() -> None:
    stated = {"value": [NORCO], "source": "PR-2 of 2014-08-01", "page": 2}
    (item,) = answer({"opioids": [PATCH]}, claim={"opioids": stated}).items
    assert [e.source for e in item.item.evidence["opioids"]] == ["in part PR-2 of 2014-08-01"]
    (item,) = answer({}, claim={"opioids": stated}).items
    assert [e.source for e in item.item.evidence["opioids"]] == ["PR-2 of 2014-08-01"]


def test_a_mistake_in_one_part_is_one_mistake() -> None:
    with pytest.raises(RequestError) as raised:
        answer({"opioids": [{**NORCO, "strength": "ten"}]}, {}, claim={"opioids": [PATCH]})
    assert len(raised.value.findings) == 1


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({}, 60),
        ({"doses_per_day": 1}, 60),
        ({"doses_per_day": 2}, 120),
        ({"patches": 2}, 120),
        ({"patches": 2, "doses_per_day": 1}, 120),
    ],
)
def test_patches_count_as_many_as_are_worn(patch: dict[str, Any], expected: float) -> None:
    assert dose(answer({"opioids": [{**PATCH, **patch}]}).items[0]) == expected


@pytest.mark.parametrize(
    "patch", [{"doses_per_day": 0.33}, {"doses_per_day": 1.5}, {"patches": 0}, {"patches": 30}]
)
def test_a_third_of_a_patch_is_worn_by_nobody(patch: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="patches"):
        answer({"opioids": [{**PATCH, **patch}]})


def test_the_sum_says_what_a_patch_was_taken_for() -> None:
    told = lines(answer({"opioids": [{**PATCH, "doses_per_day": 2}, PATCH]}).items[0])
    assert told[1].startswith(
        "fentanyl 25 mcg per hour, 2 doses a day (taken as 2 patches at once) and "
        "fentanyl 25 mcg per hour (taken as 1 patch at once): together 75 × 2.4 = 180"
    )


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (UNCOUNTED, "buprenorphine 20 mcg per hour: not counted, as no table has a factor for it"),
        (
            {**PATCH, "unit": "mcg"},
            "fentanyl 25 mcg: not counted, as the table has no factor for it where the unit of the strength is "
            "mcg; it has one for mcg per hour",
        ),
        (
            {"drug": "oxycodone", "strength": 5},
            "oxycodone 5: not counted, as the request does not state the unit of the strength and the number of "
            "doses a day",
        ),
        (
            {"drug": "Norco", "strength": 5, "unit": "mg"},
            "hydrocodone 5 mg: not counted, as the request does not state the number of doses a day",
        ),
        (
            {"drug": "Nucynta", "strength": 50, "unit": "mg", "doses_per_day": 2},
            "tapentadol 50 mg, 2 doses a day: not counted, as no table of August 26, 2014 has a factor for it; "
            "CDC Guideline for Prescribing Opioids for Chronic Pain (2016) has 0.4",
        ),
    ],
)
def test_why_an_entry_is_not_counted(entry: dict[str, Any], why: str) -> None:
    told = lines(answer({"opioids": [NORCO, entry]}).items[0])
    assert told[0] == "The daily dose of all opioids: not known, but at least 60 mg of morphine equivalents a day"
    assert why in told


def test_nothing_counted_is_not_known() -> None:
    assert lines(answer({"opioids": [UNCOUNTED]}).items[0])[0] == "The daily dose of all opioids: not known"


def test_what_is_too_much_without_the_uncounted_is_too_much() -> None:
    (within,) = answer({"opioids": [NORCO, UNCOUNTED]}).items
    (beyond,) = answer({"opioids": [NORCO, TABLETS, UNCOUNTED]}).items
    assert (within.outcome, beyond.outcome) == (Outcome.OVERTURNED, Outcome.UPHELD)
    assert [result.criterion.id for result in beyond.unmet] == ["dose-ceiling"]


def test_a_total_below_what_is_counted_is_a_contradiction() -> None:
    with pytest.raises(RequestError, match="makes it 240 or more"):
        answer({"opioids": [NORCO, TABLETS, UNCOUNTED], "med_mg_per_day": 100})
    assert answer({"opioids": [NORCO, TABLETS, UNCOUNTED], "med_mg_per_day": 300}).items


def test_a_total_of_one_drug_is_not_that_of_each_entry() -> None:
    assert dose(answer({"opioids": [NORCO, TABLETS], "mg_per_day": 500}).items[0]) == 240


def test_an_item_that_no_dose_bears_on_shows_no_sum() -> None:
    request = {
        "as_of": "2014-08-26",
        "claim": {"opioids": [NORCO]},
        "items": [{"treatment": "massage", "body_region": "neck", "requested_visits": 6}],
    }
    assert list(explained_sums(check(request, library()).items[0], library().vocabulary)) == []


@pytest.mark.parametrize(
    ("drug", "hint"),
    [
        ("Norco 10/325", "write `Norco` alone; numbers stand under names of their own: strength, doses_per_day"),
        ("Tylenol #3 30 mg", "write `Tylenol #3` alone; numbers stand under names of their own"),
        ("10 mg Norco", "write `Norco` alone; numbers"),
        ("Noroc 10/325", "did you mean `norco`? Write it alone; numbers"),
        ("oxycodone tablets", "write `oxycodone` alone"),
    ],
)
def test_a_drug_with_its_strength_in_one_text(drug: str, hint: str) -> None:
    with pytest.raises(RequestError) as raised:
        answer({"opioids": [{"drug": drug}]})
    assert raised.value.findings[0].hint.startswith(hint)


@pytest.mark.parametrize("engine", ["duckdb", "durable"])
def test_a_run_over_many_gives_the_answers_of_one_by_one(tmp_path: Path, engine: str) -> None:
    lists = {
        "known": ([NORCO], [PATCH]),
        "too-much": ([NORCO, TABLETS], []),
        "too-much-in-part": ([NORCO, TABLETS], [UNCOUNTED]),
        "not-too-much-in-part": ([NORCO], [UNCOUNTED]),
        "unknown": ([], [UNCOUNTED]),
        "none": ([], []),
    }
    expected = {}
    for records in ("complete", "partial"):
        for name, (claim, own) in lists.items():
            request: dict[str, Any] = {"case_id": f"{name}-{records}", "as_of": "2014-08-26", "records": records}
            request["claim"] = {"opioids": claim} if claim else {}
            request["items"] = [{"treatment": "opioid", **REVIEWED, **({"opioids": own} if own else {})}]
            (tmp_path / f"{name}-{records}.json").write_text(json.dumps(request))
            item = check(request, library()).items[0]
            expected[request["case_id"]] = (item.outcome.value, {result.criterion.key for result in item.unmet})
    out = tmp_path / "results.parquet"
    ended = CliRunner().invoke(batch, [str(tmp_path), "--out", str(out), "--engine", engine])
    assert ended.exit_code == 0, ended.output
    rows = pq.read_table(out).to_pylist()
    assert {row["case_id"]: (row["predicted"], set(row["unmet"])) for row in rows} == expected
    assert {outcome for outcome, _ in expected.values()} >= {"upheld", "overturned"}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({**NORCO, "route": "intravenous"}, "the route of the drug is injection; it has one for oral"),
        ({**PATCH, "route": "oral"}, "the route of the drug is oral; it has one for transdermal"),
        ({"drug": "Norco", "patches": 3, "strength": 10}, "no table has a factor for it"),
    ],
)
def test_what_no_factor_is_for_by_its_route_is_not_counted(entry: dict[str, Any], why: str) -> None:
    (item,) = answer({"opioids": [TABLETS, entry]}).items
    assert dose(item) is None
    assert any(why in line for line in lines(item))


def test_a_total_that_cannot_be_worked_out_is_said_and_assumed() -> None:
    reviewed = {**REVIEWED, "opioids": [{**NORCO, "doses_per_day": 1}, UNCOUNTED]}
    (item,) = answer(reviewed).items
    assert "med_mg_per_day" in item.assumes
    assert item.outcome is Outcome.OVERTURNED
    assert "no limit was applied to the daily dose of all opioids" in headline(item, library())
    (item,) = answer({"opioids": [NORCO]}).items
    assert "med_mg_per_day" not in item.assumes
    assert "no limit was applied" not in headline(item, library())


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ({**PATCH, "doses_per_day": 0.33}, "patches 1"),
        ({**NORCO, "strength": "10/325"}, "write one number: 10 alone"),
    ],
)
def test_mistakes_in_an_entry_say_what_to_write(entry: dict[str, Any], hint: str) -> None:
    with pytest.raises(RequestError) as raised:
        answer({"opioids": [entry]})
    assert hint in str(raised.value)


CONTINUED = {"treatment": "opioid", "ongoing_use": True}


@pytest.mark.parametrize(
    "place",
    [
        {"claim": {"opioids": [TABLETS, {**NORCO, "patches": 3}]}},
        {"items": [{**CONTINUED, "opioids": [{**NORCO, "patches": 3}]}]},
        {"items": [{**CONTINUED, **NORCO, "patches": 3}]},
    ],
    ids=["claim", "item", "own"],
)
@pytest.mark.parametrize("records", ["complete", "partial"])
def test_patches_of_a_strength_in_milligrams_are_a_mistake(place: dict[str, Any], records: str) -> None:
    request = {"as_of": "2014-08-26", "records": records, "items": [CONTINUED], **place}
    with pytest.raises(RequestError) as raised:
        check(request, library())
    (finding,) = raised.value.findings
    assert finding.code == "contradiction"
    assert "`unit` is mg, but `patches` 3 makes it mcg_per_hour; correct one of them" in str(finding)
    assert "unit" in str(finding.location)


def test_a_row_with_patches_of_a_strength_in_milligrams_is_rejected_with_its_reason(tmp_path: Path) -> None:
    table = tmp_path / "cases.csv"
    table.write_text(
        "case_id,item_id,as_of,treatment,ongoing_use,drug,strength,unit,patches\n"
        "a,1,2014-08-26,opioid,yes,Norco,10,mg,3\nb,1,2014-08-26,opioid,yes,Norco,10,mg,\n"
    )
    rejects = tmp_path / "rejects.jsonl"
    words = [str(table), "--out", str(tmp_path / "results.parquet"), "--rejects", str(rejects)]
    assert CliRunner().invoke(batch, words).exit_code == 1
    assert pq.read_table(tmp_path / "results.parquet").column("case_id").to_pylist() == ["b"]
    (line,) = rejects.read_text().splitlines()
    assert "`unit` is mg, but `patches` 3 makes it mcg_per_hour" in line


def test_what_is_worn_as_a_patch_needs_no_unit() -> None:
    assert dose(answer({"opioids": [{"drug": "Duragesic", "strength": 25, "patches": 2}]}).items[0]) == 120


def test_a_third_of_a_patch_is_told_in_words() -> None:
    with pytest.raises(RequestError) as raised:
        answer({"opioids": [{**PATCH, "doses_per_day": 0.33}]})
    assert "`opioids`: the number of patches, by the doses a day: 0.33 is not a whole number" in str(raised.value)


@pytest.mark.parametrize("treatment", ["massage", "tens", "other"])
def test_a_total_is_told_only_of_an_item_that_has_to_do_with_it(treatment: str) -> None:
    """Of one that asks for the drug whatever its guidelines read, and of no other."""
    drug = {"drug": "Suboxone", "strength": 8, "unit": "mg", "doses_per_day": 2}
    asked = [{"treatment": "opioid", "ongoing_use": True, **drug}, {"treatment": treatment, "body_region": "neck"}]
    data = {"as_of": "2013-02-01", "claim": {"jurisdiction": "texas"}, "items": asked}
    items = check(request_from(from_data(data, "request"), library()), library()).items
    totals = [[explained.fact.name for explained in explained_sums(i, library().vocabulary)] for i in items]
    assert totals == [["med_mg_per_day"], []]


def test_a_strength_without_a_unit_is_shown_with_the_one_it_was_taken_in() -> None:
    patches = {"drug": "fentanyl", "strength": 100, "patches": 2}
    lines = ""
    for entry in (patches, {**patches, "unit": "mcg/hr"}):
        item = {"treatment": "opioid", "drug": "fentanyl", "ongoing_use": True}
        data = {"as_of": "2024-03-01", "claim": {"opioids": [entry]}, "items": [item]}
        answer = check(request_from(from_data(data, "request"), library()), library()).items[0]
        lines += "".join(
            line for explained in explained_sums(answer, library().vocabulary) for line in explained.lines
        )
    assert "fentanyl 100, 2 patches at once (taken as mcg per hour): 200 × 2.4" in lines
    assert "fentanyl 100 mcg per hour, 2 patches at once: 200 × 2.4" in lines


DAILY = {"drug": "MS Contin", "mg_per_day": 600}


def test_a_daily_amount_counts_as_a_strength_and_doses_do() -> None:
    (item,) = answer(DAILY).items
    assert (dose(item), item.outcome) == (600, Outcome.UPHELD)
    assert lines(item)[1].startswith("morphine, 600 mg a day: 600 × 1 = 600")
    assert dose(answer({"opioids": [DAILY, NORCO]}).items[0]) == 660
    assert summary(DAILY).outcome is Outcome.UPHELD


def test_a_daily_amount_that_is_not_the_lists_is_a_contradiction() -> None:
    with pytest.raises(RequestError) as raised:
        answer({"drug": "Norco", "mg_per_day": 30}, claim={"opioids": [NORCO, PATCH]})
    (finding,) = raised.value.findings
    assert "`opioids`: `mg_per_day` is 30, but `strength` 10" in finding.message
    assert "make it 60" in finding.message
    with pytest.raises(RequestError, match="make it 60"):
        answer({"opioids": [{**NORCO, "mg_per_day": 30}]})


@pytest.mark.parametrize(
    ("listed", "amount", "total"),
    [
        ([NORCO, PATCH], 60, 120),
        # What is asked for of the drug is in two entries, or is the second of them.
        ([NORCO, {**NORCO, "strength": 5}], 90, 90),
        ([NORCO, {**NORCO, "strength": 5}], 30, 90),
        ([{"drug": "Norco"}], 40, 40),
        ([PATCH], 40, 100),
    ],
)
def test_a_daily_amount_that_the_list_has_is_no_further_entry(
    listed: list[dict[str, Any]], amount: float, total: float
) -> None:
    assert dose(answer({"drug": "Norco", "mg_per_day": amount}, claim={"opioids": listed}).items[0]) == total


METHADONE = {"drug": "methadone", "strength": 5000, "unit": "mcg", "doses_per_day": 4}


@pytest.mark.parametrize(
    ("entries", "total"),
    [
        ([METHADONE], 20 * 4),
        # One band for the whole daily amount, whatever unit each entry is in.
        ([METHADONE, {**METHADONE, "strength": 10, "unit": "mg", "doses_per_day": 1}], 30 * 8),
        ([{"drug": "morphine", "strength": 0.03, "unit": "g", "doses_per_day": 2}], 60),
    ],
)
def test_a_weight_counts_in_any_unit(entries: list[dict[str, Any]], total: float) -> None:
    assert dose(answer({"opioids": entries}).items[0]) == total


def test_a_strength_without_a_unit_is_no_daily_amount() -> None:
    (item,) = answer({"drug": "tramadol", "strength": 50, "doses_per_day": 4}).items
    assert item.item.known.values.get("mg_per_day") is None
    (item,) = answer({"drug": "tramadol", "strength": 50, "unit": "mg", "doses_per_day": 4}).items
    assert item.item.known.values["mg_per_day"] == 200


@pytest.mark.parametrize(("day", "limit"), [("2014-08-26", 120), ("2017-01-31", 80), ("2024-03-01", 50)])
def test_too_much_already_is_told_as_too_much_and_no_total_is_asked_for(day: str, limit: int) -> None:
    facts = {"treatment": "opioid", **REVIEWED, "opioids": [NORCO, TABLETS, UNCOUNTED]}
    (item,) = check({"as_of": day, "items": [facts]}, library()).items
    assert item.outcome is Outcome.UPHELD
    told = headline(item, library())
    assert f"all opioids counted is 240 mg of morphine equivalents a day, more than the {limit} allowed" in told
    assert "does not state the daily dose of all opioids" not in told
    assert "med_mg_per_day" not in Account(item, library()).missing
