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
    for finding in lint(BASE, folder):
        path = Path(finding.location.path)
        lines = path.read_text(encoding="utf-8").splitlines()
        lines.insert(finding.location.line - 1, f"# guidecheck: allow {finding.code} as the law has it")
        path.write_text("\n".join(lines), encoding="utf-8")
    assert lint(BASE, folder) == []
