"""What `guidecheck check` prints: golden files, 80 columns, colors, encodings, and each kind of outcome."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from guidecheck import check, load_library
from guidecheck.cli.main import main
from guidecheck.deciding.determination import Determination
from guidecheck.explaining.visit_arithmetic import visit_counts
from guidecheck.library.models import Library
from guidecheck.render.characters import to_ascii
from guidecheck.render.json_form import determination_json
from guidecheck.render.page import Page
from guidecheck.render.text_form import write_text
from reporting import only

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DECISION = ROOT / "examples" / "decision-001.yaml"
DRAFT = ROOT / "examples" / "draft-neck-massage.yaml"
WIDTH = 80

MASSAGE = {"treatment": "massage_therapy", "body_region": "neck", "requested_visits": 6, "prior_visits": 0}

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def request(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"as_of": "2015-08-21", "items": [item], **more}


def text(library: Library, *answers: Determination, width: int = WIDTH, unicode: bool = True) -> str:
    page = Page(width, unicode=unicode)
    write_text(page, answers, library, TODAY)
    return page.text


def shown(library: Library, item: dict[str, Any], **more: Any) -> str:
    """Return the text for one item with its lines joined, so that a test need not know where they break."""
    return " ".join(text(library, check(request(item, **more), library)).split())


def too_wide(output: str) -> list[str]:
    return [line for line in output.splitlines() if cell_len(line) > WIDTH]


def without_digest(output: str, library: Library) -> str:
    """Every change of a rule changes the digest; the golden files are about the rest."""
    digest = library.digest.partition(":")[2]
    return output.replace(digest, "DIGEST").replace(digest[:12], "DIGEST")


# ------------------------------------------------------------------------------------------------ golden files


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_text_of_each_example(path: Path, library: Library, golden: Callable[[str, str], None]) -> None:
    golden(f"{path.stem}.txt", without_digest(text(library, check(path, library)), library))


@pytest.mark.parametrize("name", ["decision-001", "low-back-massage", "opioid-draft"])
def test_the_json_of_examples(name: str, library: Library, golden: Callable[[str, str], None]) -> None:
    data = determination_json(check(ROOT / "examples" / f"{name}.yaml", library), library, TODAY)
    golden(f"{name}.json", without_digest(json.dumps(data, indent=2, ensure_ascii=False) + "\n", library))


# ---------------------------------------------------------------------------------------- width and characters


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_line_is_wider_than_80_columns(path: Path, library: Library) -> None:
    output = text(library, check(path, library))
    assert too_wide(output) == []
    assert not re.search(r"[ \t]$", output, re.MULTILINE)


NASTY = (
    "https://example.org/" + "a" * 200,
    "[bold red]not markup[/] :smile: {braces}",
    "\x1b[31mred\x1b[0m and \u202ebackwards",
    "診療記録の頁、" * 20,
    "caf\u00e9 \u2013 \u201cquoted\u201d \u2026 \u00a7 9792 \u00bd",
    "page\ue00012",
)


@pytest.mark.parametrize("source", NASTY)
@pytest.mark.parametrize("unicode", [True, False], ids=["utf-8", "ascii"])
def test_what_people_write_as_evidence_breaks_no_line(source: str, unicode: bool, library: Library) -> None:
    fact = {"value": "yes", "source": source, "page": "3"}
    output = text(library, check(request({**MASSAGE, "exercise_program": fact}), library), unicode=unicode)
    assert too_wide(output) == []
    assert all(mark.isprintable() or mark == "\n" for mark in output)
    assert unicode or output.isascii()
    assert "not markup" not in source or "[bold red]not markup[/] :smile: {braces}" in " ".join(output.split())


@pytest.mark.parametrize("width", [20, 40, 72, 100, 400])
def test_other_widths(width: int, library: Library) -> None:
    output = text(library, check(DECISION, library), width=width)
    assert max(map(len, output.splitlines())) == max(40, min(width, 100))


def test_ascii_keeps_what_it_can() -> None:
    assert to_ascii("caf\u00e9 \u2013 \u201cx\u201d \u2019s \u00a7 \u2500") == 'cafe - "x" \'s S -'
    assert to_ascii("\u8a3a") == "?"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "80", **environment}
    command = [sys.executable, "-m", "guidecheck", "check", *arguments]
    return subprocess.run(command, capture_output=True, env=env, check=False)


def test_piped_output_is_the_page_and_nothing_else(library: Library) -> None:
    done = run(str(DECISION), PYTHONIOENCODING="utf-8")
    assert done.stdout.decode() == text(library, check(DECISION, library))
    assert done.stderr == b""
    assert done.returncode == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_that_is_not_utf_8_gets_ascii(form: str, tmp_path: Path) -> None:
    path = tmp_path / "request.yaml"
    path.write_text(
        "as_of: 2015-08-21\nitems: [{treatment: massage, body_region: neck, prior_visits: 0, requested_visits: 6,"
        " exercise_program: {value: yes, source: caf\u00e9 \u2013 notes}}]\n",
        encoding="utf-8",
    )
    done = run(str(path), "--format", form, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.stderr == b""
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert form == "json" or b"cafe - notes" in done.stdout


def on_terminal(**environment: str) -> bytes:
    """Return what a check prints on a terminal."""
    leader, follower = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm-256color", "COLUMNS": "80"}
    env.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "guidecheck", "check", str(DRAFT)]
    process = subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, env={**env, **environment}
    )
    os.close(follower)
    output = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        output += part
    process.wait()
    os.close(leader)
    return output


def test_color_on_a_terminal_only_where_it_is_wanted() -> None:
    assert b"\x1b[" in on_terminal()
    assert b"\x1b[" not in on_terminal(NO_COLOR="1")


# ------------------------------------------------------------------------------------------ each kind of outcome


def test_upheld_for_want_of_a_fact(library: Library) -> None:
    output = shown(library, MASSAGE)
    assert "Predicted UPHELD: the records do not document an exercise program or active therapy" in output
    assert "Describe the exercise program or active therapy that the massage accompanies" in output
    assert "NOT DOCUMENTED Massage accompanies other recommended treatment" in output


def test_upheld_for_what_the_request_asks(library: Library) -> None:
    output = shown(library, {**MASSAGE, "requested_visits": 7, "exercise_program": True})
    assert "Predicted UPHELD: the number of visits asked for is 7, more than the 6 allowed." in output
    assert "Asked for: 7, allowed in one request: 6; 1 too many." in output
    assert "Ask for six visits or fewer" in output


def test_upheld_by_what_the_request_leaves_out(library: Library) -> None:
    item = {"treatment": "massage", "body_region": "neck", "prior_visits": 0, "exercise_program": True}
    assert "Predicted UPHELD: the request does not state the number of visits asked for." in shown(library, item)


def test_upheld_as_not_recommended(library: Library) -> None:
    item = {"treatment": "chiro", "body_region": ["knee", "low back"], "requested_visits": 6, "prior_visits": 0}
    output = shown(library, item)
    assert "does not recommend this where the part of the body to be treated includes knee." in output
    assert "Ask for exercise-based therapy of this part instead." in output


def test_what_the_records_deny_is_not_documented_away(library: Library) -> None:
    item = {"treatment": "chiro", "body_region": "low back", "requested_visits": 6, "prior_visits": 4}
    denied = shown(library, {**item, "functional_improvement": False})
    silent = shown(library, item)
    assert "Only if newer records show otherwise: record what changed" in denied
    assert "Only if newer records show otherwise" not in silent
    assert "- Record what changed" in silent


def test_overturned_with_an_assumption(library: Library) -> None:
    item = {"treatment": "PT", "diagnosis_group": "fibromyalgia", "requested_visits": 10, "prior_visits": 0}
    output = shown(library, item)
    assert "Predicted OVERTURNED: the request meets every criterion that decides it, 4 of them by assump" in output
    assert "assumed met Visits become fewer" in output
    assert "Not documented, and not held against the request: " in output


def test_undetermined_asks_the_questions_that_are_open(library: Library) -> None:
    output = shown(library, {"treatment": "massage", "requested_visits": 6}, records="partial")
    assert "NO PREDICTION: the records at hand leave open" in output
    assert "- Does the worker follow an exercise program now" in output
    assert "NOT KNOWN Massage accompanies other recommended treatment" in output
    assert "upheld" not in output.lower().replace("upheld: the denial stands.", "")


def test_lacking_facts_are_asked_for(library: Library) -> None:
    output = shown(library, {"treatment": "chiro", "requested_visits": 6}, records="partial")
    assert "NO PREDICTION: the request does not state the part of the body to be treated." in output
    assert "- Which parts of the body is the treatment for?" in output
    assert "Criteria that" not in output


def test_no_guideline_is_no_denial(library: Library) -> None:
    output = shown(library, {"treatment": "other"})
    assert "NO PREDICTION: no guideline here decides on another treatment; that is no denial." in output
    assert "may not be denied only because the MTUS does not address it (8 CCR 9792.21(d))" in output


def test_no_guideline_on_the_day_names_the_days_that_have_one() -> None:
    library = only("mtus-2009-manipulation")
    item = {"treatment": "chiro", "body_region": "low back", "requested_visits": 6, "prior_visits": 0}
    output = text(library, check({"as_of": "2020-01-01", "items": [item]}, library))
    assert "(July 18, 2009 to July 27, 2016)" in " ".join(output.split())


def test_other_days_are_named_for_guidelines_that_would_speak_to_the_request() -> None:
    """A chapter on another part of the body would not, nor does the law predict anything."""
    library = only("odg-low-back-massage", "mtus-2009-massage", "labor-code-visit-caps")
    massage = library.guidelines["mtus-2009-massage"]
    law = replace(library.guidelines["labor-code-visit-caps"], applies_to=massage.applies_to)
    library = replace(library, guidelines={**library.guidelines, "labor-code-visit-caps": law})
    item = {"treatment": "massage", "requested_visits": 6}
    for region, named in (("low back", True), ("neck", False)):
        found = shown(library, {**item, "body_region": region}, as_of="2001-01-01")
        assert "Massage therapy (July 18, 2009 to July 27, 2016)" in found
        assert ("Low Back, Massage (since June 15, 2007)" in found) is named
        assert "visit caps" not in found


def test_where_the_mtus_does_not_hold_its_silence_is_not_quoted(library: Library) -> None:
    output = shown(library, {"treatment": "chiro", "body_region": "neck"}, claim={"jurisdiction": "texas"})
    assert "that is no denial" in output
    assert "MTUS does not address" not in output


def test_what_gives_way_names_what_it_gives_way_to(library: Library) -> None:
    item = {**MASSAGE, "body_region": "low back", "exercise_program": True}
    output = shown(library, item)
    assert "Criteria that do not decide Official Disability Guidelines (ODG), Low Back, Massage" in output
    assert "which gives way to MTUS Chronic Pain Medical Treatment Guidelines (2009), Massage therapy" in output
    assert "which ranks higher" in output


def test_the_actual_outcome_stands_beside_the_prediction(library: Library) -> None:
    assert "own outcome: upheld, as predicted." in shown(library, {**MASSAGE, "actual": "upheld"})
    assert "own outcome: overturned, against the prediction." in shown(
        library, {**MASSAGE, "actual": "overturned"}
    )
    assert "own outcome: upheld. " in shown(library, {"treatment": "other", "actual": "upheld"})
    assert "own outcome" not in shown(library, MASSAGE)


OVERLAY = """
guideline: short-{name}
title: A short guideline
authority: {authority}
citation: {{section: Only one, pages: "7"}}
in_force: {{from: 2000-01-01}}
applies_to: {{treatment: other}}
criteria:
  - id: few
    topic: {topic}
    says: Visits are few
    require: {{requested_visits: {{less_than: 4}}}}
    remedy: Ask for three.
    confidence: {confidence}
"""


@pytest.fixture
def overlaid(tmp_path: Path) -> Callable[..., Library]:
    def build(**words: str) -> Library:
        said = {"name": "one", "authority": "mtus", "topic": "visit_limit", "confidence": "confirmed", **words}
        (tmp_path / f"{said['name']}.yaml").write_text(OVERLAY.format(**said), encoding="utf-8")
        library = load_library(tmp_path)
        # What the shipped library says of such a treatment, in law too, is not what is looked at.
        own = {name: found for name, found in library.guidelines.items() if name.startswith("short-")}
        return replace(library, guidelines=own)

    return build


def test_an_uncertain_reading_is_said_to_be_one(overlaid: Callable[..., Library]) -> None:
    output = shown(overlaid(confidence="uncertain"), {"treatment": "other", "requested_visits": 6})
    assert "Uncertain: check it against the guideline." in output
    assert "How this library reads A short guideline (Only one, page 7) is uncertain" in output
    assert "uncertain" not in shown(overlaid(), {"treatment": "other", "requested_visits": 6}).lower()


def test_the_law_stands_apart(overlaid: Callable[..., Library]) -> None:
    overlaid()
    library = overlaid(name="law", authority="labor_code", topic="statutory_cap")
    output = shown(library, {"treatment": "other", "requested_visits": 3})
    assert "Predicted OVERTURNED" in output
    assert "The law, apart from the prediction A short guideline (Only one, page 7) met Visits are few." in output
    assert "Predicted OVERTURNED" not in shown(library, {"treatment": "other", "requested_visits": 4})


def test_law_on_which_the_records_are_silent_says_nothing_where_that_is_not_held_against(
    overlaid: Callable[..., Library],
) -> None:
    library = overlaid(name="law", authority="labor_code", topic="statutory_cap")
    item = {"treatment": "other"}
    assert "NOT DOCUMENTED Visits are few." in shown(library, item)
    guideline = library.guidelines["short-law"]
    lenient = replace(guideline, criteria=(replace(guideline.criteria[0], assumed_met=True),))
    library = replace(library, guidelines={"short-law": lenient})
    assert "The law" not in shown(library, item)
    assert "NOT MET Visits are few." in shown(library, {**item, "requested_visits": 4})


# ------------------------------------------------------------------------------------------------- the arithmetic


def arithmetic(
    library: Library, item: dict[str, Any]
) -> list[tuple[float | None, float | None, int, float | None]]:
    (answer,) = check(request({"treatment": "chiro", "body_region": "low back", **item}), library).items
    return [(c.asked, c.had, c.allowed, c.left) for c in visit_counts(answer, library.vocabulary)]


def test_visits_asked_had_allowed_and_left(library: Library) -> None:
    assert arithmetic(library, {"requested_visits": 8, "prior_visits": 15}) == [(8, 15, 18, 3)]
    assert arithmetic(library, {"requested_visits": 8, "prior_visits": 0}) == [(8, None, 6, 6)]
    assert arithmetic(library, {"requested_visits": 8, "prior_treatment": True}) == [(8, None, 18, None)]
    assert arithmetic(library, {"prior_visits": 20}) == [(None, 20, 18, -2)]
    stated = {"requested_visits": 8, "prior_treatment": True, "total_visits": 20}
    assert arithmetic(library, stated) == [(8, 12, 18, 6)]


def test_visits_in_words(library: Library) -> None:
    item = {"treatment": "chiro", "body_region": "low back", "requested_visits": 8, "prior_visits": 15}
    assert "Asked for: 8, already had: 15, allowed in all: 18, left: 3; 5 too many." in shown(library, item)
    unknown = {**item, "requested_visits": 19, "prior_treatment": True}
    del unknown["prior_visits"]
    assert "Asked for: 19, already had: unknown, allowed in all: 18, left: unknown; at least 1 too many." in shown(
        library, unknown
    )


def test_visits_beyond_a_limit_that_is_excused_are_not_too_many(library: Library) -> None:
    facts = {"treatment": "physical therapy", "body_region": "shoulder", "functional_improvement": True}
    surgery = {
        "surgery": "rotator cuff repair",
        "surgery_date": "2015-06-21",
        "further_improvement_expected": True,
    }
    item = {**facts, **surgery, "requested_visits": 12, "prior_visits": 24}
    text = shown(library, item)
    assert "allowed in all: 24, left: 0; 12 beyond it, which is excused." in text
    assert "too many" not in text


def test_where_no_visits_are_left_the_advice_says_so(library: Library) -> None:
    item = {"treatment": "chiro", "body_region": "low back", "requested_visits": 12, "prior_visits": 20}
    told = "None are left: 18 are allowed in all, and 20 were had."
    text = shown(library, item)
    assert told in text.partition("Why")[0]
    assert text.count(told) == 1
    assert "None are left" not in shown(library, {**item, "prior_visits": 17})


def test_fewer_than_four_are_three(overlaid: Callable[..., Library]) -> None:
    assert "Asked for: 6, allowed in one request: 3; 3 too many." in shown(
        overlaid(), {"treatment": "other", "requested_visits": 6}
    )


# ----------------------------------------------------------------------------------------------------- the command


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments], env={"COLUMNS": "80"})


def test_exit_statuses(tmp_path: Path) -> None:
    partial = tmp_path / "partial.yaml"
    partial.write_text("as_of: 2015-08-21\nrecords: partial\nitems: [{treatment: massage}]\n", encoding="utf-8")
    assert invoke(str(DRAFT)).exit_code == 0
    assert invoke(str(DRAFT), str(DECISION)).exit_code == 1
    assert invoke(str(DRAFT), str(partial)).exit_code == 3


def test_several_requests_have_a_rule_between_and_the_notice_once() -> None:
    output = invoke(str(DRAFT), str(DECISION)).stdout
    assert output.count("decision support, not a determination") == 1
    rules = [
        number
        for number, line in enumerate(output.splitlines())
        if set(line) == {"\N{BOX DRAWINGS LIGHT HORIZONTAL}"}
    ]
    names = [number for number, line in enumerate(output.splitlines()) if line in ("draft-18", "decision-001")]
    assert all(number - 1 in rules for number in names)
    assert len(names) == 2


def test_the_text_names_date_edition_and_library(library: Library) -> None:
    output = " ".join(invoke(str(DRAFT)).stdout.split())
    assert "Guidelines of September 14, 2015." in output
    assert "Massage therapy: July 18, 2009 to July 27, 2016" in output
    assert f"Rules {library.version}, digest {library.digest.partition(':')[2][:12]}." in output
    assert "neither medical nor legal advice" in output
    assert "no prediction; that is not a denial" in output


def test_a_request_without_a_date_is_said_to_have_none(tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text("items: [{treatment: other}]\n", encoding="utf-8")
    done = invoke(str(path), "--as-of", "2015-08-21")
    assert "Guidelines of August 21, 2015, as the request states no date." in done.stdout
    assert done.exit_code == 3


def test_json_of_several_requests_is_a_list() -> None:
    one = json.loads(invoke(str(DRAFT), "--format", "json").stdout)
    two = json.loads(invoke(str(DRAFT), str(DECISION), "--format", "json").stdout)
    assert one["case_id"] == "draft-18"
    assert [answer["case_id"] for answer in two] == ["draft-18", "decision-001"]
    item = two[1]["items"][0]
    assert {"item_id", "treatment", "predicted", "assumes", "criteria", "legal", "rationale"} <= item.keys()
    assert item["visits"][0] == {
        "criterion": "mtus-2009-manipulation.course",
        "asked": 6,
        "had": 4,
        "allowed": 18,
        "counts_earlier": True,
        "left": 14,
    }
    assert item["actual"] == "upheld"
