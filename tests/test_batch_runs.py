"""`guidecheck batch` from outside: what it writes, what it rejects, and how it ends."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from guidecheck.batch.options import Options
from guidecheck.batch.run import run_batch
from guidecheck.cli.batch import batch
from guidecheck.errors import GuidecheckError
from guidecheck.library.loading import load_library

EXAMPLES = Path(__file__).parents[1] / "examples"
HEAD = "case_id,item_id,as_of,treatment,body_region,requested_visits,prior_visits,exercise_program,actual\n"
GOOD = "a,1,2015-08-21,massage,neck,6,0,yes,overturned\nb,1,2015-08-21,massage,neck,12,0,yes,upheld\n"


def run(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(batch, [str(argument) for argument in arguments], input=text)


def results(path: Path) -> list[dict[str, Any]]:
    return sorted(pq.read_table(path).to_pylist(), key=lambda row: (row["case_id"], row["item_id"]))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text(HEAD + GOOD)
    return path


def test_a_table_is_answered_and_scored(good: Path, tmp_path: Path) -> None:
    out, metrics = tmp_path / "r.parquet", tmp_path / "m.json"
    ended = run(good, "--out", out, "--metrics", metrics)
    assert ended.exit_code == 0, ended.output
    first, second = results(out)
    assert (first["predicted"], first["basis"], first["agrees"]) == ("overturned", "met", True)
    assert (second["predicted"], second["unmet"]) == ("upheld", ["mtus-2009-massage.visits"])
    assert (first["source"], first["row"]) == (str(good), 2)
    assert first["library_digest"] == load_library().digest
    card = json.loads(metrics.read_text())
    assert card["overall"]["confusion"]["predicted_upheld"] == {"upheld": 1, "overturned": 0}
    assert card["by"]["criterion"]["mtus-2009-massage.visits"]["scored"] == 1


def test_every_kind_of_file_gives_the_same_answers(good: Path, tmp_path: Path) -> None:
    table = pacsv.read_csv(good, convert_options=pacsv.ConvertOptions(strings_can_be_null=True))
    files = {"csv": good}
    pq.write_table(table, tmp_path / "t.parquet")
    files["parquet"] = tmp_path / "t.parquet"
    files["tsv"] = tmp_path / "t.tsv"
    files["tsv"].write_text((HEAD + GOOD).replace(",", "\t"))
    files["jsonl"] = tmp_path / "t.jsonl"
    files["jsonl"].write_text("".join(json.dumps(row, default=str) + "\n" for row in table.to_pylist()))
    files["xlsx"] = tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [table.column_names, *(list(row.values()) for row in table.to_pylist())]:
        sheet.append(row)
    book.save(files["xlsx"])
    answers = {}
    for kind, path in files.items():
        out = tmp_path / f"{kind}.parquet"
        assert run(path, "--out", out).exit_code == 0, kind
        answers[kind] = [{k: v for k, v in row.items() if k not in ("source", "row")} for row in results(out)]
    assert all(found == answers["csv"] for found in answers.values())


def test_both_engines_give_the_same_results_for_the_examples(tmp_path: Path) -> None:
    found = {}
    for engine in ("duckdb", "durable"):
        assert run(EXAMPLES / "*.yaml", "--out", tmp_path / f"{engine}.parquet", "--engine", engine).exit_code == 0
        found[engine] = results(tmp_path / f"{engine}.parquet")
    assert found["duckdb"] == found["durable"]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_results_as_text(good: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"r.{ending}"
    assert run(good, "--out", out).exit_code == 0
    lines = out.read_text().splitlines()
    assert len(lines) == 3 if ending == "csv" else json.loads(lines[0])["predicted"] == "overturned"


def test_standard_input(good: Path, tmp_path: Path) -> None:
    assert run("-", "--out", tmp_path / "r.parquet", text=good.read_text()).exit_code == 0
    assert results(tmp_path / "r.parquet")[0]["source"] == "standard input"


def test_json_lines_hold_rows_and_whole_cases(tmp_path: Path) -> None:
    whole = {
        "case_id": "c",
        "as_of": "2015-08-21",
        "items": [
            {
                "id": "massage",
                "treatment": "massage",
                "body_region": ["neck"],
                "requested_visits": 6,
                "prior_visits": 0,
                "exercise_program": {"value": "yes", "basis": "reviewer"},
                "actual": "overturned",
            },
            {
                "treatment": "opioid",
                "ongoing_use": "yes",
                "opioids": [{"drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": 4}],
                "actual": "upheld",
            },
        ],
    }
    flat = {"case_id": "a", "as_of": "2015-08-21", "treatment": "massage", "requested_visits": 12}
    bad = {**whole, "case_id": "d", "items": [{"treatment": "masage"}]}
    nameless = {name: value for name, value in whole.items() if name != "case_id"}
    lines = [json.dumps(line) for line in (flat, whole, bad, nameless, {**whole, "items": {}}, whole)]
    path, out, rejects = tmp_path / "c.jsonl", tmp_path / "r.parquet", tmp_path / "bad.jsonl"
    path.write_text("\n".join([*lines, "{"]))
    assert run(path, "--out", out, "--rejects", rejects).exit_code == 1
    rows = results(out)
    assert [(row["case_id"], row["item_id"], row["row"]) for row in rows] == [
        ("a", "massage_therapy", 1),
        ("c", "massage", 2),
        ("c", "opioid", 2),
    ]
    assert (rows[1]["predicted"], rows[1]["foresight"]) == ("overturned", "undetermined")
    found = [json.loads(line) for line in rejects.read_text().splitlines()]
    reasons = sorted((one["row"], one["reason"]) for one in found)
    assert reasons[0][0] == 3
    assert reasons[0][1].startswith("items[0].treatment: ")
    assert "did you mean `massage`" in reasons[0][1]
    assert reasons[1] == (4, "not a JSON object of values: a case without `case_id`")
    assert reasons[2][0] == 5
    assert [row for row, _ in reasons[3:]] == [6, 6, 7]
    assert "second row of this case and item" in reasons[3][1]


def test_mixed_lines_come_out_in_their_order_and_say_what_they_say_alone(tmp_path: Path) -> None:
    draw = random.Random(5)  # noqa: S311 - made-up cases

    def line(number: int) -> dict[str, Any]:
        facts = {
            "treatment": draw.choice(["massage", "acupuncture"]),
            "requested_visits": draw.choice([4, 6, 12]),
            "prior_visits": draw.choice([0, 4]),
            "functional_improvement": draw.choice(["yes", "no"]),
            "actual": draw.choice(["upheld", "overturned"]),
        }
        case = {"case_id": f"c{number}", "as_of": "2015-08-21"}
        if draw.random() < 0.5:
            return case | facts | draw.choice([{}, {"functional_improvement.records": "no"}])
        region = {"body_region": draw.choice([["neck"], ["low_back"]])}
        exercise = {"exercise_program": draw.choice(["yes", {"value": "yes", "basis": "reviewer"}])}
        return case | {"items": [facts | region | exercise | {"id": name} for name in ("a", "b")]}

    lines = [line(number) for number in range(40)]
    # Whichever of two lines comes first is the one that counts.
    lines += [{**lines[0], "requested_visits": 5} if "items" not in lines[0] else lines[0], lines[1]]
    path, out = tmp_path / "mixed.jsonl", tmp_path / "r.jsonl"

    def answers(some: list[dict[str, Any]]) -> list[dict[str, Any]]:
        path.write_text("".join(json.dumps(one) + "\n" for one in some))
        run(path, "--out", out)
        return [json.loads(one) for one in out.read_text().splitlines()]

    mixed = answers(lines)
    assert [one["row"] for one in mixed] == [
        number for number, one in enumerate(lines[:40], 1) for _ in one.get("items", "-")
    ]
    alone = [
        answer
        for whole in (False, True)
        for answer in answers([one for one in lines if ("items" in one) == whole])
    ]
    by_name = {(one["case_id"], one["item_id"]): {**one, "row": 0} for one in alone}
    assert [by_name[one["case_id"], one["item_id"]] for one in mixed] == [{**one, "row": 0} for one in mixed]
    assert len({one["foresight"] for one in mixed}) > 1


def test_a_list_in_a_row_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    row = {"case_id": "a", "as_of": "2015-08-21", "treatment": "opioid", "opioids": [{"drug": "Norco"}]}
    path.write_text(json.dumps(row))
    with pytest.raises(GuidecheckError, match=r"`opioids` is a list.*med_mg_per_day"):
        run_batch(Options([str(path)]), load_library())


def test_bad_rows_are_rejected_with_place_and_reason(good: Path, tmp_path: Path) -> None:
    bad = [
        "c,1,2015-02-30,massage,neck,6,0,yes,",
        "d,1,2015-08-21,masage,neck,6,0,yes,",
        "e,1,,massage,neck,6,0,yes,",
        ",1,2015-08-21,massage,neck,6,0,yes,",
        "a,1,2015-08-21,massage,neck,6,0,yes,upheld",
        "f,1,2015-08-21,massage,neck,6.5,0,yes,",
        "g,1,2015-08-21,massage,neck,6,0,yes,perhaps",
        "h,1,2015-08-21,chiro,,6,0,yes,",
        "i,1,2015-08-21,massage",
    ]
    good.write_text(HEAD + GOOD + "\n".join(bad) + "\n")
    rejects = tmp_path / "rejects.jsonl"
    ended = run(good, "--out", tmp_path / "r.parquet", "--rejects", rejects)
    assert ended.exit_code == 1
    found = {row["row"]: row["reason"] for row in map(json.loads, rejects.read_text().splitlines())}
    assert sorted(found) == list(range(4, 13))
    for row, word in {
        4: "calendar",
        5: "did you mean",
        6: "as_of",
        7: "case_id",
        8: "second row",
        9: "whole",
    }.items():
        assert word in found[row]
    assert "body_region" in found[11]
    assert len(results(tmp_path / "r.parquet")) == 2


def test_a_contradiction_shows_both_values(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "case_id,as_of,treatment,visits_per_week,weeks,requested_visits\na,2015-08-21,massage,3,4,10\n"
    )
    ended = run(path)
    assert ended.exit_code == 2
    assert "10" in ended.stderr
    assert "12" in ended.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("case_id,as_of,treatment,prior_visit\n", "did you mean `prior_visits`"),
        ("case_id;as_of;treatment\na;2015-08-21;massage\n", "--delimiter"),
        ("case_id,as_of,treatment,opioids\n", "med_mg_per_day"),
        ("case_id,as_of,treatment,treatment\n", "stands twice"),
        ("", "empty"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    path, out = tmp_path / "t.csv", tmp_path / "r.parquet"
    path.write_text(text)
    with pytest.raises(GuidecheckError, match=message):
        run_batch(Options([str(path)], out=out), load_library())
    assert not out.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


def test_other_headings_are_mapped_or_kept(good: Path, tmp_path: Path) -> None:
    good.write_text((HEAD + GOOD).replace("treatment", "Service").replace("item_id", "Line"))
    names = tmp_path / "map.yaml"
    names.write_text("Service: treatment\n")
    out = tmp_path / "r.parquet"
    assert run(good, "--out", out, "--map", names, "--keep", "Line").exit_code == 0
    assert results(out)[0]["Line"] == "1"


def test_a_damaged_file_among_good_ones_is_a_reject(good: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.parquet"
    pq.write_table(pa.table({"case_id": ["x"]}), damaged)
    damaged.write_bytes(damaged.read_bytes()[:-20])
    ended = run(good, damaged)
    assert ended.exit_code == 1
    assert "damaged.parquet" in ended.stderr
    with pytest.raises(GuidecheckError):
        run_batch(Options([str(damaged)]), load_library())


def test_what_only_the_reviewer_found_is_unknown_before_the_decision(tmp_path: Path) -> None:
    path, out, metrics = tmp_path / "t.csv", tmp_path / "r.parquet", tmp_path / "m.json"
    path.write_text(
        "case_id,as_of,treatment,body_region,requested_visits,prior_visits,exercise_program,exercise_program.records,"
        "actual\na,2015-08-21,massage,neck,6,0,no,,upheld\nb,2015-08-21,massage,neck,6,0,yes,yes,overturned\n"
    )
    assert run(path, "--out", out, "--metrics", metrics).exit_code == 0
    first, second = results(out)
    assert (first["foresight"], second["foresight"]) == ("undetermined", "overturned")
    views = json.loads(metrics.read_text())["views"]
    assert views["fidelity"]["items"] == views["foresight"]["items"] == 2


def test_an_old_result_stays_where_a_run_fails(good: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    out.write_text("old")
    good.write_text("nonsense\n")
    with pytest.raises(GuidecheckError):
        run_batch(Options([str(good)], out=out), load_library())
    assert out.read_text() == "old"


def test_a_folder_that_is_not_there_is_one_clear_line(good: Path) -> None:
    with pytest.raises(GuidecheckError, match="cannot be written"):
        run_batch(Options([str(good)], out=Path("/no/such/folder/r.parquet")), load_library())


def test_check_loads_nothing_of_this() -> None:
    heavy = ("duckdb", "ibis", "pyarrow", "numpy")
    code = f"import sys, guidecheck.cli.check; print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    )


def test_a_killed_run_leaves_the_old_result(good: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    out.write_text("old")
    code = (
        "import os, signal\nfrom pathlib import Path\n"
        "from guidecheck.batch import run\nfrom guidecheck.scoring import tally\n"
        "tally.Tally.scorecard = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from guidecheck.library.loading import load_library\n"
        f"run.run_batch(run.Options([{str(good)!r}], out=Path({str(out)!r})), load_library())"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert out.read_text() == "old"
