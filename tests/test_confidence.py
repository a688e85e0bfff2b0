"""What is less sure than asked for is left out and said so; an uncertain reading never decides in silence."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from guidecheck import load_library
from guidecheck.cli.main import main
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import Determination, ItemDetermination
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.explaining.account import Account
from guidecheck.explaining.rationale import rationale
from guidecheck.library.confidence import sure_enough
from guidecheck.library.confidence_words import CONFIDENCES
from guidecheck.library.models import Library
from guidecheck.render.html import html_report
from guidecheck.render.json_form import determination_json
from guidecheck.render.markdown import markdown_report
from guidecheck.render.page import Page
from guidecheck.render.text_form import write_text
from guidecheck.requests.request_reader import read_request

ROOT = Path(__file__).parents[1]
REQUESTS = sorted(ROOT.glob("examples/*.yaml")) + sorted(ROOT.glob("examples/cases/*.yaml"))
SAID = "is uncertain; check it against the guideline itself."


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def answers(library: Library) -> list[Determination]:
    checker = Checker(library, InterpretedEngine())
    requests = [read_request(path, library) for path in REQUESTS]
    days = [date(2014, 1, 2), date(2016, 8, 1), date(2018, 1, 2), date(2024, 1, 2)]
    moved = [
        read_request(path, library, as_of=day)
        for path in sorted(ROOT.glob("examples/decision-*.yaml"))
        for day in days
    ]
    return [checker.check(request) for request in [*requests, *moved]]


@pytest.mark.parametrize("least", ["confirmed", "known"])
def test_nothing_less_sure_is_left(library: Library, least: str) -> None:
    sure = sure_enough(library, least)
    allowed = CONFIDENCES[: CONFIDENCES.index(least) + 1]
    tables = [t for g in sure.guidelines.values() for t in g.tables.values()] + [*sure.vocabulary.tables.values()]
    assert {c.confidence for c in sure.criteria()} <= set(allowed)
    assert {row.confidence or "confirmed" for table in tables for row in table.rows} <= set(allowed)
    assert all(guideline.criteria for guideline in sure.guidelines.values())
    assert sure.left_out is not None
    kept = {criterion.key for criterion in sure.criteria()}
    assert kept | {*sure.left_out.criteria} == {criterion.key for criterion in library.criteria()}
    assert not kept & {*sure.left_out.criteria}
    assert sure.left_out.rows > 0
    assert sure.digest != library.digest


def test_the_lowest_level_leaves_nothing_out(library: Library) -> None:
    assert sure_enough(library, "uncertain") is library
    with pytest.raises(ValueError, match="confirmed, known, uncertain"):
        load_library(min_confidence="sure")


def forms(answer: Determination, library: Library) -> Iterator[str]:
    page = Page(80)
    write_text(page, [answer], library, date(2026, 1, 1))
    yield page.text
    yield json.dumps(determination_json(answer, library, date(2026, 1, 1)))
    yield markdown_report([answer], library, date(2026, 1, 1)).replace("\\", "")
    yield unescape(html_report([answer], library, date(2026, 1, 1)))


def rests_on_an_uncertain_reading(item: ItemDetermination, library: Library) -> bool:
    return item.outcome.is_prediction and any(
        result.confidence == "uncertain" for result in Account(item, library).deciding
    )


def test_an_uncertain_reading_that_decides_is_said_in_every_form(
    library: Library, answers: list[Determination]
) -> None:
    doubtful = 0
    for answer in answers:
        for item in answer.items:
            told = SAID in rationale(item, library)
            assert told or not rests_on_an_uncertain_reading(item, library), answer.request.case_id
            if told and doubtful < 6:
                doubtful += 1
                alone = replace(answer, items=(item,))
                for text in forms(alone, library):
                    assert SAID in " ".join(text.split())
    assert doubtful == 6


def test_what_is_left_out_is_said_in_every_form(library: Library) -> None:
    sure = sure_enough(library, "known")
    answer = Checker(sure, InterpretedEngine()).check(read_request(REQUESTS[0], sure))
    assert sure.left_out is not None
    for text in forms(answer, sure):
        assert sure.left_out.words in text or '"less_sure_than": "known"' in text


@pytest.mark.parametrize("words", [["--checklist"], ["--format", "json"], ["--against", str(REQUESTS[0])]])
def test_the_command_takes_it(words: list[str]) -> None:
    form = [] if "--against" not in words else ["--format", "json"]
    done = CliRunner().invoke(main, ["check", str(REQUESTS[0]), "--min-confidence", "known", *words, *form])
    assert "less sure than known" in done.stdout or '"less_sure_than": "known"' in done.stdout
    assert CliRunner().invoke(main, ["check", str(REQUESTS[0]), "--min-confidence", "sure"]).exit_code == 2


def test_batch_says_it_and_answers_as_check_does(library: Library, tmp_path: Path) -> None:
    metrics, report, out = tmp_path / "m.json", tmp_path / "r.html", tmp_path / "o.csv"
    files = [str(path) for path in sorted(ROOT.glob("examples/decision-*.yaml"))]
    words = ["batch", *files, "--min-confidence", "confirmed", "--metrics", str(metrics), "--out", str(out)]
    done = CliRunner().invoke(main, [*words, "--report", str(report)])
    assert "Left out, as less sure than confirmed: " in done.output
    assert json.loads(metrics.read_text())["library"]["left_out"]["less_sure_than"] == "confirmed"
    assert "Left out, as less sure than confirmed: " in report.read_text()
    sure = sure_enough(library, "confirmed")
    checker = Checker(sure, InterpretedEngine())
    answers = [checker.check(read_request(Path(name), sure)) for name in files]
    expected = [
        (i.outcome.value, ";".join(r.criterion.key for r in i.controlling)) for a in answers for i in a.items
    ]
    with out.open() as lines:
        assert [(row["predicted"], row["controlling"]) for row in csv.DictReader(lines)] == expected
