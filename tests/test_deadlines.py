"""Time limits as dates: against counts by hand, as a page that people read, and with mistakes in the files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guidecheck.cli.main import main
from guidecheck.errors import GuidecheckError
from guidecheck.language.deriving import Deriver
from guidecheck.language.vocabulary import AS_OF
from guidecheck.library.deadline_reader import read_deadlines
from guidecheck.library.loading import load_library, shipped_rules
from guidecheck.library.models import Library
from guidecheck.time_limits.deadlines import Dated, Deadlines, Standing, dated


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(examples=False)


@pytest.fixture(scope="module")
def california(library: Library) -> Deadlines:
    return read_deadlines([shipped_rules()], library.vocabulary)["california"]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["deadlines", *words], catch_exceptions=True)


def limits(california: Deadlines, library: Library, **facts: object) -> dict[str, Dated]:
    stated = {n: date.fromisoformat(v) if isinstance(v, str) and v[:2] == "20" else v for n, v in facts.items()}
    found = dated(california, Deriver(library.vocabulary, stated).known().values)  # type: ignore[arg-type]
    return {one.limit.id: one for one in found}


DRUG: dict[str, object] = {"formulary_drug": True}
EXPEDITED: dict[str, object] = {"expedited_review": True}

# Counted by hand on a calendar.
DUE = [
    ("ur-incomplete", {"rfa_received": "2025-11-26"}, "2025-12-03"),  # past Thanksgiving and the day after
    ("ur-decision", {"rfa_received": "2026-05-21", "review_kind": "prospective"}, "2026-05-29"),
    ("ur-decision", {"information_received": "2026-05-04", "review_kind": "concurrent"}, "2026-05-11"),
    ("ur-decision-outer", {"recommended_date": "2026-05-04", "review_kind": "prospective"}, "2026-05-18"),
    ("ur-decision-formulary", {"rfa_received": "2026-05-04", **DRUG}, "2026-05-11"),
    ("ur-decision-expedited", {"rfa_received": "2026-05-01", **EXPEDITED}, "2026-05-04"),
    ("ur-decision-retrospective", {"rfa_received": "2026-05-04", "review_kind": "retrospective"}, "2026-06-03"),
    ("ur-approval-notice", {"ur_decision_date": "2026-05-08", "ur_approved": True}, "2026-05-09"),
    ("ur-denial-written", {"ur_decision_date": "2026-05-08", "review_kind": "prospective"}, "2026-05-12"),
    (
        "ur-denial-written-concurrent",
        {"ur_decision_date": "2026-05-08", "review_kind": "concurrent"},
        "2026-05-09",
    ),
    ("ur-duration", {"ur_decision_date": "2024-02-29"}, "2025-02-28"),
    ("first-thirty-days", {"injury_date": "2026-05-01"}, "2026-05-31"),
    ("imr-application", {"ur_served_date": "2026-05-04"}, "2026-06-03"),
    ("imr-application-formulary", {"ur_served_date": "2026-05-04", **DRUG}, "2026-05-14"),
    ("imr-questions", {"imr_questions_date": "2026-05-04"}, "2026-05-11"),
    ("imr-assignment", {"imr_eligible_date": "2026-05-22"}, "2026-05-26"),  # past Memorial Day
    ("imr-records-mail", {"imr_assigned_date": "2026-05-04"}, "2026-05-19"),
    ("imr-records-electronic", {"imr_assigned_date": "2026-05-04"}, "2026-05-16"),
    ("imr-determination", {"imr_documents_received": "2026-05-04"}, "2026-06-03"),
    (
        "imr-determination-formulary",
        {"imr_documents_received": "2026-05-04", **DRUG},
        "2026-05-11",
    ),
    (
        "imr-determination-expedited",
        {"imr_documents_received": "2026-05-04", **EXPEDITED},
        "2026-05-07",
    ),
    ("imr-implementation", {"imr_determination_date": "2026-05-04"}, "2026-05-11"),
    ("imr-appeal", {"imr_determination_date": "2026-05-04"}, "2026-06-03"),
]


@pytest.mark.parametrize(("name", "facts", "due"), DUE, ids=[f"{name}-{due}" for name, _, due in DUE])
def test_a_limit_ends_on_the_day_counted_by_hand(
    california: Deadlines, library: Library, name: str, facts: dict[str, object], due: str
) -> None:
    found = limits(california, library, **facts)[name]
    assert (found.standing, found.due) == (Standing.DUE, date.fromisoformat(due))


@pytest.mark.parametrize(
    ("name", "facts", "standing"),
    [
        ("ur-incomplete", {"rfa_received": "2026-03-31"}, Standing.DUE),
        ("ur-incomplete", {"rfa_received": "2026-04-01"}, Standing.NOT_IN_FORCE),
        ("ur-incomplete", {"rfa_received": "2013-06-30"}, Standing.CONDITIONAL),
        ("ur-incomplete", {"rfa_received": "2013-06-30", "injury_date": "2013-01-02"}, Standing.DUE),
        (
            "ur-information",
            {"rfa_received": "2013-06-20", "ur_decision_date": "2013-06-28", "injury_date": "2012-12-31"},
            Standing.NOT_APPLICABLE,
        ),
        ("ur-information-denial", {"rfa_received": "2013-06-30", "ur_decision_date": "2013-07-01"}, Standing.DUE),
        ("ur-decision", {"rfa_received": "2012-12-31", "review_kind": "prospective"}, Standing.NOT_IN_FORCE),
        ("ur-decision", {"rfa_received": "2026-05-04"}, Standing.CONDITIONAL),
        ("ur-decision", {"rfa_received": "2026-05-04", "review_kind": "retrospective"}, Standing.NOT_APPLICABLE),
        ("ur-decision", {"review_kind": "prospective"}, Standing.NEEDS_DATE),
        ("imr-application", {"ur_served_date": "2013-06-30"}, Standing.CONDITIONAL),
        ("imr-application", {"ur_served_date": "2013-07-01"}, Standing.DUE),
        ("imr-application", {"ur_served_date": "2013-06-30", "injury_date": "2013-01-02"}, Standing.DUE),
        (
            "imr-application",
            {"ur_served_date": "2013-06-30", "injury_date": "2012-12-31"},
            Standing.NOT_APPLICABLE,
        ),
        ("imr-application", {"ur_served_date": "2026-05-04", **DRUG}, Standing.NOT_APPLICABLE),
        ("first-thirty-days", {"injury_date": "2017-12-31"}, Standing.NOT_IN_FORCE),
    ],
)
def test_a_limit_holds_where_its_condition_and_its_day_do(
    california: Deadlines, library: Library, name: str, facts: dict[str, object], standing: Standing
) -> None:
    assert limits(california, library, **facts)[name].standing is standing


def test_every_limit_is_cited_and_counted_by_hand(california: Deadlines) -> None:
    assert all(limit.citation.get("regulation") for limit in california.limits)
    counted = {name for name, _, _ in DUE} | {"ur-information", "ur-information-denial", "ur-denial-notice"}
    assert {limit.id for limit in california.limits} == counted | {"imr-records-expedited"}


def test_the_page_reads_well(golden: Callable[[str, str], None]) -> None:
    words = [
        "rfa_received=2025-11-24",
        "review_kind=prospective",
        "ur_decision_date=2025-12-02",
        "ur_served_date=2025-12-03",
        "imr_assigned_date=2026-01-15",
    ]
    result = run("--today", "2025-12-31", *(part for word in words for part in ("--fact", word)))
    assert result.exit_code == 0, result.output
    golden("deadlines.txt", result.output)
    assert max(map(len, result.output.splitlines())) <= 80


def test_the_days_of_a_request_and_those_given_beside_it(tmp_path: Path) -> None:
    request = tmp_path / "two.yaml"
    request.write_text(
        "as_of: 2026-05-20\nclaim: {rfa_received: 2026-05-04, ur_served_date: 2026-05-12}\n"
        "items:\n- {treatment: massage}\n- {treatment: opioid, ongoing_use: yes, formulary_drug: yes}\n"
        "- {treatment: TENS unit}\n"
    )
    result = run(str(request), "--fact", "ur_served_date=2026-05-14", "--format", "json", "--today", "2026-05-20")
    answers = json.loads(result.output)["answers"]
    assert [answer["items"] for answer in answers] == [["massage_therapy", "tens"], ["opioid"]]
    due = [{one["id"]: one["due"] for one in answer["limits"]} for answer in answers]
    assert due[0]["imr-application"] == "2026-06-13"
    assert due[1]["imr-application-formulary"] == "2026-05-24"
    passed = {one["id"]: one["passed"] for one in answers[1]["limits"]}
    assert passed["ur-decision-formulary"] is True
    assert passed["imr-application-formulary"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name a request, or a day"),
        (("--fact", "ur_served_date"), "is not NAME=VALUE"),
        (("--fact", "ur_serve_date=2026-05-04"), "did you mean `ur_served_date`?"),
        (("--fact", "ur_served_date=05/04/2026"), "write year-month-day: 2026-05-04"),
        (("--fact", "rfa_received=9999-12-31"), "2100-01-01"),
        (("--fact", "rfa_received=2024-01-05 18:00"), "a fax after 5:30 PM counts as received on the next"),
        (("--fact", "ur_served_date=2024-01-05T09:30"), "a time of day is not read"),
        (("--fact", "jurisdiction=texas"), "no time limits for texas"),
        (("--fact", "rfa_received=2026-05-04", "--today", "tomorrow"), "is not a date"),
    ],
)
def test_a_mistake_is_said_in_a_line(words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    told = result.output + "".join(map(str, getattr(result.exception, "findings", [])))
    assert said in told, told
    assert result.exit_code


GOOD = """jurisdiction: california
holidays:
  citation: {regulation: somewhere}
  confidence: known
  days: [{name: New Year, month: 1, day: 1}]
deadlines:
  - id: a
    title: A
    who: Somebody
    from: rfa_received
    limit: {days: 3}
    in_force: {from: 2013-01-01}
    citation: {regulation: somewhere}
    confidence: known
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("from: rfa_received", "from: rfa_recieved"), "did you mean `rfa_received`?"),
        (("from: rfa_received", "from: treatment"), "`treatment` is no date"),
        (("days: 3", "fortnights: 2"), "unknown unit `fortnights`"),
        (("days: 3", "days: 0"), "whole number up to 4,000"),
        (("{days: 3}", "3"), "one unit with a number"),
        (("    citation: {regulation: somewhere}\n    conf", "    conf"), "`citation` is missing"),
        (("who: Somebody", "whom: Somebody"), "unknown key `whom`"),
        (("day: 1}", "day: 31}, {name: No day, month: 2, day: 29}"), "month 2 has no day 29"),
        (("day: 1}", "day: 1, weekday: monday}"), "either `day` or `weekday`"),
        (("jurisdiction: california", "jurisdiction: californa"), "did you mean `california`?"),
        (("    confidence: known\n", "    confidence: known\n    when: {review_sort: x}\n"), "unknown fact"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(
    library: Library, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    assert change[0] in GOOD
    folder = tmp_path / "deadlines"
    folder.mkdir()
    (folder / "x.yaml").write_text(GOOD)
    assert read_deadlines([tmp_path], library.vocabulary)["california"].limits
    text = GOOD.replace(*change) if change[0] != "    confidence: known\n" else GOOD + change[1].split("\n", 1)[1]
    (folder / "x.yaml").write_text(text)
    with pytest.raises(GuidecheckError) as caught:
        read_deadlines([tmp_path], library.vocabulary)
    told = [str(finding) for finding in caught.value.findings]
    assert any(said in line and "x.yaml:" in line for line in told), told


def test_a_file_of_an_overlay_replaces_one_of_its_name(library: Library, tmp_path: Path) -> None:
    (tmp_path / "deadlines").mkdir()
    (tmp_path / "deadlines" / "california.yaml").write_text(GOOD)
    found = read_deadlines([shipped_rules(), tmp_path], library.vocabulary)
    assert [limit.id for limit in found["california"].limits] == ["a"]


def test_no_limit_rests_on_the_day_of_the_request(california: Deadlines) -> None:
    assert AS_OF not in {limit.start for limit in california.limits}


def test_the_digest_of_limits_is_apart_from_that_of_rules(tmp_path: Path) -> None:
    def digests(folder: Path) -> tuple[str, str]:
        result = run("--fact", "ur_served_date=2026-05-14", "--format", "json", "--rules", str(folder))
        data = json.loads(result.output)
        return data["library_digest"], data["deadlines_digest"]

    rules = Path(shutil.copytree(shipped_rules(), tmp_path / "rules"))
    answers, days = digests(rules)
    path = rules / "deadlines" / "california.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert digests(rules) == (answers, days)
    path.write_text(path.read_text("utf-8").replace("day: 31", "day: 30"), "utf-8")
    assert digests(rules)[0] == answers
    assert digests(rules)[1] != days
