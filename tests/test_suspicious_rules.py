"""What is suspicious in rules: each seeded fault told at its line and column, and the shipped rules clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from guidecheck.library.loading import load_library, shipped_rules
from guidecheck.lint.running import CODES, lint_rules
from guidecheck.lint.silencing import COMMENT_CODES
from rule_faults import cases_in, laid_out, lint, said

FOLDER = Path(__file__).parent / "suspicious_rules"
BASE = FOLDER / "base"
CASES = cases_in(FOLDER)


def test_nothing_in_the_base_is_suspicious() -> None:
    assert lint(BASE) == []


def test_the_shipped_rules_are_clean() -> None:
    linted = lint_rules([shipped_rules()])
    assert [str(finding) for finding in linted.findings] == []


@pytest.mark.parametrize("name", CASES)
def test_each_fault(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    case = FOLDER / name
    folder = laid_out(case, tmp_path / "rules")
    findings = lint(BASE, folder)
    report = said(findings, folder, BASE)
    expected = case.with_name(f"{case.stem}.expected")
    if request.config.getoption("--update-golden"):
        expected.write_text(report, encoding="utf-8")
    assert report == expected.read_text(encoding="utf-8")
    assert {finding.code for finding in findings} == {case.parent.name}, "the folder has the name of the fault"
    assert all(finding.severity == "warning" and finding.hint for finding in findings)
    load_library(BASE, folder)


def test_every_code_has_a_seeded_fault() -> None:
    assert {name.split("/")[0] for name in CASES} == {*CODES, *COMMENT_CODES}


@pytest.mark.parametrize("name", [name for name in CASES if name.split("/")[0] in CODES])
def test_a_comment_allows_each(name: str, tmp_path: Path) -> None:
    folder = laid_out(FOLDER / name, tmp_path / "rules")
    for finding in reversed(lint(BASE, folder)):  # a comment moves what stands below it
        path = Path(finding.location.path)
        lines = path.read_text(encoding="utf-8").splitlines()
        lines.insert(finding.location.line - 1, f"# guidecheck: allow {finding.code} as the law has it")
        path.write_text("\n".join(lines), encoding="utf-8")
    assert lint(BASE, folder) == []


def test_comments_above_each_other_all_allow(tmp_path: Path) -> None:
    case = FOLDER / "stale-number" / "in-the-remedy.yaml"
    folder = laid_out(case, tmp_path / "rules")
    (finding,) = lint(BASE, folder)
    path = Path(finding.location.path)
    lines = path.read_text(encoding="utf-8").splitlines()
    above = ["    # guidecheck: allow stale-number as the law has it", "    # and another remark", "# a third"]
    lines[finding.location.line - 1 : finding.location.line - 1] = above
    path.write_text("\n".join(lines), encoding="utf-8")
    assert lint(BASE, folder) == []


MENTIONED = [
    'title: "Exercise # guidecheck: allow no-such-code"',
    "title: >-\n  Exercise\n  # guidecheck: allow no-such-code\n  daily",
    "title: |\n  Exercise # guidecheck: allow no-such-code",
]


@pytest.mark.parametrize("title", MENTIONED)
def test_a_text_is_no_comment(title: str, tmp_path: Path) -> None:
    folder = laid_out(FOLDER / "stale-number" / "in-the-remedy.yaml", tmp_path / "rules")
    path = next(folder.glob("*.yaml"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("title: Exercise", title), encoding="utf-8")
    assert [finding.code for finding in lint(BASE, folder)] == ["stale-number"]


@pytest.mark.parametrize(
    "title",
    [
        "title: >- # guidecheck: allow no-such-code\n  Exercise",
        MENTIONED[1] + "\n# guidecheck: allow no-such-code",
    ],
)
def test_a_comment_beside_a_text_is_one(title: str, tmp_path: Path) -> None:
    folder = laid_out(FOLDER / "stale-number" / "in-the-remedy.yaml", tmp_path / "rules")
    path = next(folder.glob("*.yaml"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("title: Exercise", title), encoding="utf-8")
    assert {finding.code for finding in lint(BASE, folder)} == {"stale-number", "unknown-allow"}


@pytest.mark.parametrize(
    ("says", "stale"),
    [
        ("Two visits a week for five weeks.", False),
        ("Within twelve months of the injury.", False),
        ("Two visits, in at most five.", True),
        ("Twelve visits within three months.", True),
    ],
)
def test_numbers_of_another_kind(says: str, stale: bool, tmp_path: Path) -> None:
    folder = laid_out(FOLDER / "uncovered-case" / "yes-and-no.yaml", tmp_path / "rules")
    path = next(folder.glob("*.yaml"))
    text = path.read_text(encoding="utf-8")
    kept = text[: text.index("  - id: later")].replace("    when:\n      had_before: no\n", "")
    path.write_text(kept.replace("A first course has ten visits.", says), encoding="utf-8")
    assert [finding.code for finding in lint(BASE, folder)] == ["stale-number"] * stale


@pytest.mark.parametrize(
    ("test", "says", "stale"),
    [
        ("less_than: 11", "Ten visits or fewer.", False),
        ("less_than: 11", "Fewer than eleven visits.", False),
        ("less_than: 11", "Nine visits or fewer.", True),
        ("more_than: 9", "At least ten visits.", False),
        ("at_most: 11", "Ten visits or fewer.", True),
    ],
)
def test_fewer_than_eleven_visits_are_at_most_ten(test: str, says: str, stale: bool, tmp_path: Path) -> None:
    folder = laid_out(FOLDER / "stale-number" / "the-limit-was-changed.yaml", tmp_path / "rules")
    path = next(folder.glob("*.yaml"))
    text = path.read_text(encoding="utf-8").replace("    remedy: Ask for eight visits or fewer.\n", "")
    path.write_text(
        text.replace("at_most: 8", test).replace("A course has four to six visits.", says), encoding="utf-8"
    )
    assert [finding.code for finding in lint(BASE, folder)] == ["stale-number"] * stale


WIDER = FOLDER / "redundant-criterion" / "a-wider-limit-beside-the-old.yaml"


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("at_most: 10", "at_most: 6"),
        ("at_most: 10", "at_least: 2"),
        ("few visits.\n    unless:\n      had_before: yes", "few visits."),
        ("at_most: 8\n    confidence: known", "at_most: 8\n    confidence: uncertain"),
        ("at_most: 8\n", "at_most: 8\n    when_undocumented: met\n"),
        (
            "visits:\n        at_most: 8",
            "any:\n        - visits:\n            at_most: 8\n        - improved: yes",
        ),
        ("visits-2\n    topic: visit_limit", "visits-2\n    topic: improvement"),
    ],
)
def test_a_criterion_that_decides_something_is_not_redundant(now: str, then: str, tmp_path: Path) -> None:
    folder = laid_out(WIDER, tmp_path / "rules")
    path = next(folder.glob("*.yaml"))
    text = path.read_text(encoding="utf-8")
    assert now in text
    path.write_text(text.replace(now, then), encoding="utf-8")
    found = [finding.code for finding in lint(BASE, folder)]
    # Of two limits the narrower one makes the other idle, whichever stands first.
    assert found == (["redundant-criterion"] if then == "at_most: 6" else [])


def test_a_cell_that_two_rows_lack_is_left_out_knowingly(tmp_path: Path) -> None:
    folder = laid_out(FOLDER / "missing-cell" / "one-row-without-it.yaml", tmp_path / "rules")
    path = next(folder.glob("*.yaml"))
    path.write_text(path.read_text(encoding="utf-8").replace("        most: 12\n", ""), encoding="utf-8")
    assert lint(BASE, folder) == []
