"""The report page, and base rates from past results."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from guidecheck.api import check
from guidecheck.batch.run import Options, run_batch
from guidecheck.cli.batch import batch
from guidecheck.errors import GuidecheckError
from guidecheck.library.loading import load_library
from guidecheck.scoring.base_rates import read_history

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
    assert text.count("<details>") > 10
    assert "massage_therapy" in text


def test_names_from_a_table_cannot_write_html(cases: Path, tmp_path: Path) -> None:
    cases.write_text(HEAD + "<b>x</b>,2015-05-01,massage,neck,6,0,yes,upheld\n")
    page = tmp_path / "report.html"
    assert CliRunner().invoke(batch, [str(cases), "--report", str(page)]).exit_code == 0
    assert "<b>x</b>" not in page.read_text()


def test_past_cases_that_stood_alike(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    run_batch(Options([str(cases)], out=out), load_library())
    history = read_history(out)
    facts = {"treatment": "massage", "body_region": "neck", "requested_visits": 6, "prior_visits": 0}
    request = {"as_of": "2015-05-01", "items": [{**facts, "exercise_program": "yes"}]}
    rate = history.rate(check(request).items[0])
    assert rate is not None
    assert rate.n == 30  # those with four to six visits
    assert rate.low < rate.share < rate.high
    assert (rate.first, rate.last) == (date(2013, 5, 1), date(2015, 5, 1))
    request["items"][0]["treatment"] = "acupuncture"  # type: ignore[index]
    assert history.rate(check(request).items[0]) is None
    with pytest.raises(GuidecheckError):
        read_history(cases)
