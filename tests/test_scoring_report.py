"""The report page, and base rates from past results."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from guidecheck.api import check
from guidecheck.batch.options import Options
from guidecheck.batch.run import run_batch
from guidecheck.cli.batch import batch
from guidecheck.cli.check import check as check_command
from guidecheck.errors import GuidecheckError
from guidecheck.library.loading import load_library
from guidecheck.scoring.base_rates import read_history
from small_batches import run

HEAD = "case_id,as_of,treatment,body_region,requested_visits,prior_visits,exercise_program,actual\n"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    ends = ("overturned", "upheld", "upheld", "upheld")
    rows = [f"c{n},201{n % 3 + 3}-05-01,massage,neck,{4 + n % 6},0,yes,{ends[n % 4]}\n" for n in range(60)]
    path.write_text(HEAD + "".join(rows))
    return path


def test_the_page_stands_alone_and_opens_to_rationales(cases: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert CliRunner().invoke(batch, [str(cases), "--report", str(page)]).exit_code == 0
    text = page.read_text()
    assert re.findall(r"(?:src|href)=[\"']?http", text) == []
    assert "<script" not in text
    assert text.count("<svg") == 3
    assert "<h3>California</h3>" not in text  # there is no other
    assert text.count("<details>") > 10
    assert "massage_therapy" in text


def test_few_scored_cases_stand_in_place_of_a_rate(tmp_path: Path) -> None:
    table, page, metrics = tmp_path / "t.csv", tmp_path / "r.html", tmp_path / "m.json"
    head = HEAD.replace("as_of,", "as_of,jurisdiction,")
    rows = [f"c{n},2015-05-01,california,massage,neck,{4 + n % 6},0,yes,upheld\n" for n in range(25)]
    rows += [f"t{n},2015-05-01,texas,massage,low_back,6,0,yes,overturned\n" for n in range(3)]
    table.write_text(head + "".join(rows))
    ended = CliRunner().invoke(batch, [str(table), "--report", str(page), "--metrics", str(metrics)])
    assert ended.exit_code == 0, ended.output
    card = json.loads(metrics.read_text())
    assert set(card["cases"]) == {"texas"}
    assert [case["case_id"] for case in card["cases"]["texas"]] == ["t0", "t1", "t2"]
    california = card["by"]["jurisdiction"]["california"]
    apart = card["by_jurisdiction"]
    assert set(apart) == {"california", "texas"}
    assert apart["california"]["region"].keys() == {"neck"}
    assert apart["texas"]["treatment"]["massage_therapy"]["items"] == 3
    assert card["by"]["treatment"]["massage_therapy"]["items"] == 28
    assert [group["few"] for group in card["by"]["jurisdiction"].values()] == [False, True]
    assert (california["with_outcome"], california["coverage"]["value"]) == (25, 1.0)
    lines = ended.output.splitlines()
    place = lines.index("California: scored 25 of 25 with an outcome, coverage 100.0% (86.7% to 100.0%)")
    assert [line.split()[0] for line in lines[place + 1 : place + 4]] == ["accuracy", "always", "difference"]
    texas = next(line for line in lines if line.startswith("Texas"))
    assert texas == f"Texas: scored {card['by']['jurisdiction']['texas']['scored']} of 3 with an outcome; " + (
        "fewer than 20, so no rate"
    )
    assert not any(line.startswith("All") for line in lines)
    assert max(map(len, lines)) <= 80
    text = page.read_text()
    assert "A jurisdiction has fewer than 20 of them" in text
    assert "Majority baseline" not in text
    assert "Texas: 3 cases with an outcome" in text
    assert "California: 25 cases" not in text
    section = text[text.index("id=jurisdiction") : text.index("id=views")]
    assert "fewer than 20" in section
    section = text[text.index("<h2 id=treatment") : text.index("<h2 id=criterion")]
    assert re.findall(r"<h3>(.*?)</h3>", section) == ["California", "Texas"]
    assert section.count("<svg") == 1  # of those who are enough


def test_no_rate_is_shown_of_few_cases(cases: Path, tmp_path: Path) -> None:
    few, page = tmp_path / "few.csv", tmp_path / "r.html"
    few.write_text("".join(cases.read_text().splitlines(keepends=True)[:20]))  # 19 cases
    ended = CliRunner().invoke(batch, [str(few), "--report", str(page)])
    assert "accuracy" not in ended.output
    assert ended.output.count("predicted") == 19
    assert "they are no rate" in page.read_text()
    few.write_text("".join(cases.read_text().splitlines(keepends=True)[:21]))
    assert "accuracy" in CliRunner().invoke(batch, [str(few)]).output


def test_no_difference_is_shown_of_few_cases(massage_rules: Path, tmp_path: Path) -> None:
    table, page = tmp_path / "t.csv", tmp_path / "r.html"
    head = HEAD.rstrip("\n") + ",exercise_program.records\n"
    rows = [f"c{n},2015-05-01,massage,neck,6,0,yes,upheld,{'yes' if n < 10 else ''}\n" for n in range(25)]
    for few, shown in ((25, False), (250, True)):
        table.write_text(head + "".join(f"{n}{line}" for n in range(few // 25) for line in rows))
        assert run(massage_rules, table, "--report", page).exit_code == 0
        text = page.read_text()
        difference = text[text.index("<th>Difference</th>") :].partition("</tr>")[0]
        assert difference.count("points") == (2 if shown else 1)
        assert ("fewer than 20" in difference) is not shown


def test_names_from_a_table_cannot_write_html(cases: Path, tmp_path: Path) -> None:
    cases.write_text(HEAD + "<b>x</b>,2015-05-01,massage,neck,6,0,yes,upheld\n")
    page = tmp_path / "report.html"
    assert CliRunner().invoke(batch, [str(cases), "--report", str(page)]).exit_code == 0
    assert "<b>x</b>" not in page.read_text()


def test_past_cases_that_stood_alike(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    run_batch(Options([str(cases)], out=out), load_library())
    library = load_library()
    history = read_history(out)
    facts = {"treatment": "massage", "body_region": "neck", "requested_visits": 6, "prior_visits": 0}
    request = {"as_of": "2015-05-01", "items": [{**facts, "exercise_program": "yes"}]}
    rate = history.alike(check(request).items[0], library.digest)
    assert rate.n == 30  # those with four to six visits
    assert rate.same_rules
    assert rate.low < rate.share < rate.high
    assert (rate.first, rate.last) == (date(2013, 5, 1), date(2015, 5, 1))
    request["items"][0]["treatment"] = "acupuncture"  # type: ignore[index]
    assert history.alike(check(request).items[0], library.digest).n == 0
    assert not history.alike(check(request).items[0], "sha256:other").same_rules


REQUEST = """
as_of: 2015-05-01
items:
  - treatment: massage
    body_region: neck
    requested_visits: 6
    prior_visits: 0
    exercise_program: yes
"""


def asked(history: Path, tmp_path: Path, *options: str) -> Result:
    request = tmp_path / "request.yaml"
    request.write_text(REQUEST)
    words = [str(request), "--history", str(history), *options]
    return CliRunner().invoke(check_command, words, env={"COLUMNS": "80"})


@pytest.fixture
def history(cases: Path, tmp_path: Path) -> Path:
    out = tmp_path / "r.parquet"
    run_batch(Options([str(cases)], out=out), load_library())
    return out


def test_check_shows_past_cases_beside_the_same_prediction(history: Path, tmp_path: Path) -> None:
    ended = asked(history, tmp_path, "--format", "json")
    without = CliRunner().invoke(check_command, [str(tmp_path / "request.yaml"), "--format", "json"])
    assert ended.exit_code == without.exit_code == 0
    (item,) = json.loads(ended.stdout)["items"]
    past = item.pop("past_cases")
    assert item == json.loads(without.stdout)["items"][0]
    assert past["n"] == 30
    assert past["share"] == past["upheld"] / 30
    assert (past["first"], past["last"], past["same_rules"]) == ("2013-05-01", "2015-05-01", True)
    for form in ("text", "markdown", "html"):
        page = " ".join(asked(history, tmp_path, "--format", form).stdout.split())
        assert "30 past cases were decided by the same criteria with the same of them unmet" in page
        assert "is no part of it" in page
        assert "say little" not in page


def test_few_past_cases_and_other_rules_are_said(history: Path, tmp_path: Path) -> None:
    table = pq.read_table(history)
    place = table.schema.get_field_index("library_digest")
    table = table.set_column(place, "library_digest", pa.array(["sha256:other"] * len(table)))
    pq.write_table(table.slice(0, 12), history)
    page = " ".join(asked(history, tmp_path).stdout.split())
    assert "Fewer than 20 cases say little." in page
    assert "was answered with other rules than those in use" in page


def test_a_history_that_cannot_be_used(history: Path, cases: Path, tmp_path: Path) -> None:
    table = pq.read_table(history)
    (tmp_path / "cut.parquet").write_bytes(history.read_bytes()[:500])
    pq.write_table(table.drop_columns(["unmet"]), tmp_path / "column.parquet")
    pq.write_table(table.set_column(5, "as_of", table["as_of"].cast(pa.string())), tmp_path / "type.parquet")
    pq.write_table(table.slice(0, 0), tmp_path / "empty.parquet")
    wanted = {
        "none.parquet": "no such file",
        "cut.parquet": "not a readable Parquet file",
        cases.name: "not a readable Parquet file",
        "column.parquet": "no column `unmet`",
        "type.parquet": "column `as_of` is of type string, not date32[day]",
        "empty.parquet": "no case in it has an outcome",
    }
    for name, message in wanted.items():
        with pytest.raises(GuidecheckError) as caught:
            read_history(tmp_path / name)
        assert message in caught.value.findings[0].message
    assert asked(history, tmp_path, "--checklist").exit_code == 2
