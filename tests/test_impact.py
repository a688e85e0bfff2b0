"""`rules impact`: which past cases flip, for better or worse, by criterion, and what the scorecard makes of it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from guidecheck.batch.options import Options
from guidecheck.batch.run import run_batch
from guidecheck.cli.main import main
from guidecheck.editing.impact import measure_impact
from guidecheck.library.loading import load_library

BASE = Path(__file__).parent / "bad_rules" / "base"

HEADING = "case_id,item_id,as_of,treatment,region,visits,actual\n"
CASES = [
    ("a1", 8, "upheld"),  # right, then wrong
    ("a2", 8, "overturned"),  # wrong, then right
    ("a3", 7, ""),  # nobody knows
    ("a4", 6, "overturned"),
    ("a5", 9, "upheld"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the rules `old` and `new`, of which the new ones allow eight visits, and cases."""
    monkeypatch.chdir(tmp_path)
    for name in ("old", "new"):
        shutil.copytree(BASE, tmp_path / name)
    path = tmp_path / "new" / "massage.yaml"
    path.write_text(path.read_text("utf-8").replace("at_most: 6", "at_most: 8"), "utf-8")
    rows = [f"{name},m,2014-02-01,massage,back,{visits},{actual}\n" for name, visits, actual in CASES]
    (tmp_path / "cases.csv").write_text(HEADING + "".join(rows), "utf-8")
    return tmp_path


def call(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["rules", "impact", "--base", "old", "--new", "new", *arguments], input=given)


def without_digests(text: str) -> str:
    digests = [load_library(name).digest for name in ("old", "new")]
    return text.replace(digests[0], "sha256:OLD").replace(digests[1], "sha256:NEW")


@pytest.mark.parametrize(("form", "suffix"), [("text", "txt"), ("markdown", "md"), ("json", "json")])
def test_forms(form: str, suffix: str, folder: Path, golden: Callable[[str, str], None]) -> None:
    done = call("cases.csv", "--format", form)
    assert (done.exit_code, done.stderr) == (0, "")
    golden(f"rules-impact.{suffix}", without_digests(done.stdout))


def test_it_is_two_batches_and_a_join(folder: Path) -> None:
    old, new = load_library("old"), load_library("new")
    options = Options(inputs=["cases.csv"])
    found = measure_impact(options, old, new, most=10)
    assert found.old.scorecard == run_batch(options, old).scorecard
    assert found.new.scorecard == run_batch(options, new).scorecard
    assert (found.compared, found.changed, found.right_to_wrong, found.wrong_to_right) == (5, 3, 1, 1)
    assert [(turn.was, turn.now, turn.items) for turn in found.turns] == [("upheld", "overturned", 3)]
    assert [(one.criterion, one.items) for one in found.criteria] == [("massage.visits", 3)]
    assert [case.case_id for case in found.cases] == ["a1", "a2", "a3"], "the worst first"


def test_vocabularies_that_differ_are_read_each_for_itself_and_give_the_same(folder: Path) -> None:
    """A limit that no case reaches: the cells are read twice, once by each, and the impact stays what it was."""
    old, new = load_library("old"), load_library("new")
    options = Options(inputs=["cases.csv"])
    together = measure_impact(options, old, new, most=10)
    path = folder / "new" / "vocabulary.yaml"
    path.write_text(path.read_text("utf-8").replace("maximum: 100", "maximum: 99"), "utf-8")
    other = load_library("new")
    assert other.vocabulary.facts != new.vocabulary.facts
    apart = measure_impact(options, old, other, most=10)
    assert apart.new.scorecard == run_batch(options, other).scorecard
    assert (apart.compared, apart.turns, apart.criteria) == (together.compared, together.turns, together.criteria)
    assert [case.case_id for case in apart.cases] == [case.case_id for case in together.cases]


def test_the_other_way_round(folder: Path) -> None:
    found = measure_impact(Options(inputs=["cases.csv"]), load_library("new"), load_library("old"), most=1)
    assert [(turn.was, turn.now, turn.items) for turn in found.turns] == [("overturned", "upheld", 3)]
    assert len(found.cases) == 1
    assert list(found.cases[0].newly_unmet) == ["massage.visits"]


def test_all_changed_cases_go_to_a_file(folder: Path) -> None:
    done = call("cases.csv", "--list", "1", "--out", "changed.csv")
    assert "Cases (1 of 3; --out FILE has all)" in done.stdout
    rows = list(csv.DictReader((folder / "changed.csv").open(encoding="utf-8")))
    assert [row["case_id"] for row in rows] == ["a1", "a2", "a3"]
    assert rows[0]["was"] == "upheld"
    assert rows[0]["no_longer_unmet"] == "massage.visits"
    assert call("cases.csv", "--list", "0", "--out", "changed.parquet").exit_code == 0
    assert pq.read_table("changed.parquet")["case_id"].to_pylist() == ["a1", "a2", "a3"]


@pytest.mark.parametrize("out", ["cases.csv", "more/../cases.csv", "names.csv"])
def test_what_is_read_is_not_written_over(folder: Path, out: str) -> None:
    (folder / "more").mkdir()
    (folder / "names.csv").write_text("visits: visits\n", "utf-8")
    kept = {path: (folder / path).read_bytes() for path in ("cases.csv", "names.csv")}
    done = call("cases.csv", "--map", "names.csv", "--out", out)
    assert "--out would write over `" in str(done.exception)
    assert {path: (folder / path).read_bytes() for path in kept} == kept


def test_standard_input_is_read_once_and_named(folder: Path) -> None:
    text = (folder / "cases.csv").read_text("utf-8") + "a6,m,2014-02-01,massage,back,many,upheld\n"
    done = call("-", "--format", "json", given=text)
    assert done.stderr.startswith("standard input:7: rejected: `visits`")
    found = json.loads(done.stdout)
    assert (found["compared"], {case["source"] for case in found["cases"]}) == (5, {"standard input"})


def test_cases_that_only_one_version_can_read(folder: Path) -> None:
    path = folder / "new" / "vocabulary.yaml"
    path.write_text(path.read_text("utf-8").replace("maximum: 100", "maximum: 8"), "utf-8")
    found = json.loads(call("cases.csv", "--format", "json").stdout)
    assert (found["compared"], found["only_old"], found["only_new"]) == (4, 1, 0)
    assert found["scorecard"]["rejected"] == {"before": 0, "after": 1}
    assert "1 item answered only by the old rules." in call("cases.csv").stdout


def test_other_reasons_for_the_same_prediction(folder: Path) -> None:
    path = folder / "new" / "massage.yaml"
    text = path.read_text("utf-8").replace("at_most: 8", "at_most: 6")
    path.write_text(text.replace("id: visits", "id: course").replace("[visits]", "[course]"), "utf-8")
    shutil.rmtree(folder / "new" / "examples")
    done = call("cases.csv")
    assert "0 of 5 predictions change" in done.stdout
    assert "5 items with the same prediction for other reasons." in done.stdout


def test_a_guideline_that_is_gone_changes_what_decides(folder: Path) -> None:
    path = folder / "new" / "massage.yaml"
    path.write_text(path.read_text("utf-8").replace("treatment: massage", "treatment: exercise"), "utf-8")
    done = call("cases.csv")
    assert "no longer decides: massage.visits" in done.stdout
    assert "overturned → no_guideline" in done.stdout
    assert "decided overturned: right → no prediction" in done.stdout


def test_the_markdown_is_tables_in_which_no_case_writes_markup(folder: Path) -> None:
    hostile = "x | <script>alert(1)</script> [a](http://evil.test) @you"
    text = HEADING + f'"{hostile}",m,2014-02-01,massage,back,8,upheld\n'
    (folder / "cases.csv").write_text(text, "utf-8")
    page = MarkdownIt("commonmark").enable("table").render(call("cases.csv", "--format", "markdown").stdout)
    assert "<script>" not in page
    assert "href" not in page
    assert page.count("<table>") == 4
    rows = page.split("<tbody>")[-1]
    assert rows.count("<td>") == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.csv"], "gone.csv: error no-such-file"),
        (["cases.csv", "--out", "x.doc"], "error unknown-format"),
        (["cases.csv", "--out", "no/x.csv"], "error unwritable"),
    ],
)
def test_calls_at_fault(arguments: list[str], said: str, folder: Path) -> None:
    done = call(*arguments)
    assert said in str(done.exception)
    assert done.stdout == ""


def test_nothing_usable(folder: Path) -> None:
    (folder / "cases.csv").write_text(HEADING + "a1,m,2014-02-01,massage,back,many,upheld\n", "utf-8")
    assert call("cases.csv").exit_code == 2


def test_two_versions_must_be_named(folder: Path) -> None:
    done = CliRunner().invoke(main, ["rules", "impact", "cases.csv"])
    assert (done.exit_code, "--base" in done.stderr) == (2, True)


def test_new_and_rules_together_are_refused(folder: Path) -> None:
    done = CliRunner().invoke(
        main, ["rules", "impact", "--base", "old", "--new", "new", "--rules", "new", "cases.csv"]
    )
    assert done.exit_code == 2
    assert "--new and --rules" in done.output
