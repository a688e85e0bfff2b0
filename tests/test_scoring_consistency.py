"""Cases with equal facts and different outcomes, worked out again from the table itself."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")

from small_batches import run

Case = dict[str, str]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    draw = random.Random(11)  # noqa: S311 - made-up cases
    return [
        {
            "case_id": f"c{number}",
            "as_of": draw.choice(["2015-08-21", "2015-08-21", "2020-05-01"]),
            "treatment": "massage",
            "records": draw.choice(["complete", "partial"]),
            "body_region": draw.choice(["neck", "neck;low_back", ""]),
            "requested_visits": draw.choice(["4", "6", "12"]),
            "prior_visits": draw.choice(["0", "0", "", "undocumented"]),
            "exercise_program": draw.choice(["yes", "no", ""]),
            "pain_relief": draw.choice(["yes", "no", ""]),  # so that two facts may change places
            "actual": draw.choice(["upheld", "overturned", "overturned", ""]),
        }
        for number in range(600)
    ]


def scored(rules: Path, folder: Path, text: str, ending: str = "csv") -> dict[str, Any]:
    path, metrics = folder / f"t.{ending}", folder / "m.json"
    path.write_text(text)
    ended = run(rules, path, "--metrics", metrics)
    assert ended.exit_code == 0, ended.output
    return json.loads(metrics.read_text())  # type: ignore[no-any-return]


def as_csv(cases: list[Case], columns: list[str]) -> str:
    lines = [",".join(columns), *(",".join(case.get(name, "") for name in columns) for case in cases)]
    return "\n".join(lines) + "\n"


def test_the_bound_is_that_of_the_table_however_it_is_set_out(
    massage_rules: Path, tmp_path: Path, cases: list[Case]
) -> None:
    columns = list(cases[0])
    card = scored(massage_rules, tmp_path, as_csv(cases, columns))
    alike: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for case in cases:
        if case["actual"]:
            region = ";".join(sorted(case["body_region"].split(";")))
            facts = tuple(case[name] for name in columns if name not in ("case_id", "actual", "body_region"))
            alike[(*facts, region)][case["actual"]] += 1
    shared = [group for group in alike.values() if group.total() > 1]
    mixed = [group for group in shared if len(group) > 1]
    with_outcome = sum(group.total() for group in alike.values())
    found = card["consistency"]
    assert {name: found[name] for name in found if not name.startswith("best")} == {
        "cases": with_outcome,
        "groups": len(shared),
        "cases_in_groups": sum(group.total() for group in shared),
        "mixed_groups": len(mixed),
        "cases_in_mixed_groups": sum(group.total() for group in mixed),
    }
    assert 0 < len(mixed) < len(shared)
    best = sum(max(group.values()) for group in alike.values())
    assert found["best_reachable_accuracy"] == pytest.approx(best / with_outcome)
    assert card["overall"]["accuracy"]["value"] <= found["best_reachable_of_scored"]

    turned = [*reversed(columns), "age", "fading"]
    assert scored(massage_rules, tmp_path, as_csv(cases, turned))["consistency"] == found
    lines = [json.dumps({name: value for name, value in case.items() if value}) for case in cases]
    halves = "\n".join([*lines[:300], json.dumps({**cases[300], "age": ""}), *lines[301:]]) + "\n"
    assert scored(massage_rules, tmp_path, halves, "jsonl")["consistency"] == found


def test_what_differs_in_a_day_only_is_no_contradiction(massage_rules: Path, tmp_path: Path) -> None:
    text = "case_id,as_of,treatment,actual\na,2015-08-21,massage,upheld\nb,2020-05-01,massage,overturned\n"
    found = scored(massage_rules, tmp_path, text)["consistency"]
    assert (found["groups"], found["mixed_groups"], found["best_reachable_accuracy"]) == (0, 0, 1.0)


def test_a_corrected_row_after_a_faulty_one_counts(massage_rules: Path, tmp_path: Path) -> None:
    path, rejects = tmp_path / "t.csv", tmp_path / "bad.jsonl"
    path.write_text(
        "case_id,as_of,treatment,visits_per_week,weeks,requested_visits\n"
        "a,2015-08-21,massage,3,4,10\n"  # contradicts itself: 12 visits
        "a,2015-08-21,massage,3,4,12\n"
        "a,2015-08-21,massage,3,4,12\n"
        "a,2015-08-21\n"
        "b,2015-08-21,massage,3,x,12\n"
    )
    ended = run(massage_rules, path, "--rejects", rejects)
    assert "1 item answered, 4 rejected" in ended.output
    found = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [one["row"] for one in found] == [2, 4, 5, 6]
    assert "second row" in found[1]["reason"]
