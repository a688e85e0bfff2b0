"""`guidecheck rules lint`: what it says in which form, of which files, and with which exit status."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from guidecheck.cli.main import main
from guidecheck.errors import Finding, Location
from guidecheck.lint.numbers_in_text import numbers_in
from guidecheck.render.finding_forms import findings_github, findings_json, findings_sarif

FOLDER = Path(__file__).parent / "suspicious_rules"


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of rules in which two files have a doubtful criterion each, named from where the command runs."""
    folder = shutil.copytree(FOLDER / "base", tmp_path / "rules")
    shutil.copy(FOLDER / "never-fails" / "limit-at-the-maximum.yaml", folder / "exercise.yaml")
    massage = (folder / "massage.yaml").read_text(encoding="utf-8")
    (folder / "massage.yaml").write_text(massage.replace("at_most: 6", "at_most: 8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Path("rules")


def lint(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["rules", "lint", *map(str, arguments)])


def test_warnings_are_findings(rules: Path) -> None:
    result = lint("--rules", rules)
    assert result.exit_code == 1
    assert [line.split(": ")[:2] for line in result.stdout.splitlines()] == [
        ["rules/exercise.yaml:14:5", "warning never-fails"],
        ["rules/massage.yaml:14:11", "warning stale-number"],
        ["rules/massage.yaml:22:13", "warning stale-number"],
    ]
    assert result.stderr == "0 mistakes and 3 warnings in 2 guidelines\n"


def test_paths_restrict_the_report_and_not_the_reading(rules: Path) -> None:
    result = lint("--rules", rules, rules / "exercise.yaml")
    assert len(result.stdout.splitlines()) == 1
    assert result.exit_code == 1
    assert lint("--rules", rules, rules / "vocabulary.yaml").exit_code == 0
    assert len(lint("--rules", rules, rules).stdout.splitlines()) == 3
    assert len(lint("--rules", rules, rules / "exercise.yaml", rules / "massage.yaml").stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("path", "said"), [("rules/masage.yaml", "no such file"), ("elsewhere.yaml", "lies in none")]
)
def test_a_path_that_is_none_of_the_rules(rules: Path, path: str, said: str) -> None:
    Path("elsewhere.yaml").write_text("guideline: x\n", encoding="utf-8")
    result = lint("--rules", rules, path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_errors_come_before_what_is_suspicious(rules: Path) -> None:
    broken = (rules / "exercise.yaml").read_text(encoding="utf-8").replace("visits:", "visit:")
    (rules / "exercise.yaml").write_text(broken, encoding="utf-8")
    result = lint("--rules", rules)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert "error unknown-fact" in result.stdout
    assert result.stderr.endswith("what is suspicious is looked for when no mistake is left\n")


def test_rules_that_are_not_there(tmp_path: Path) -> None:
    result = lint("--rules", tmp_path / "nowhere", "--format", "json")
    assert result.exit_code == 2
    assert [finding["code"] for finding in json.loads(result.stdout)] == ["no-such-folder"]


def test_a_file_that_another_replaces_is_not_asked_for_its_comments(rules: Path, tmp_path: Path) -> None:
    text = (rules / "exercise.yaml").read_text(encoding="utf-8")
    allowed = text.replace("    require:", "    # guidecheck: allow never-fails by law\n    require:")
    (rules / "exercise.yaml").write_text(allowed, encoding="utf-8")
    over = tmp_path / "over"
    over.mkdir()
    (over / "exercise.yaml").write_text(text.replace("100", "10").replace("A hundred", "Ten"), encoding="utf-8")
    assert "exercise.yaml" not in lint("--rules", rules, "--rules", over).stdout


ODD = Finding(Location("a b/50%,x:y.yaml", 3, 7), "never-met", "100 %\r\nof: it, all", "mend it", "warning")
NOWHERE = Finding(Location("/elsewhere/rules"), "no-such-folder", "no such folder")


def test_json(rules: Path) -> None:
    findings = json.loads(lint("--rules", rules, "--format", "json").stdout)
    assert [list(finding) for finding in findings] == [
        ["code", "severity", "path", "line", "column", "message", "hint"]
    ] * 3
    assert findings[0]["path"] == "rules/exercise.yaml"
    assert (findings[0]["line"], findings[0]["column"]) == (14, 5)
    assert json.loads(findings_json([])) == []
    assert json.loads(findings_json([NOWHERE]))[0]["line"] is None


def test_github(rules: Path) -> None:
    result = lint("--rules", rules.resolve(), "--format", "github")
    assert result.stdout.startswith(
        "::warning file=rules/exercise.yaml,line=14,col=5,title=guidecheck never-fails::`visits` can never fail"
    )
    assert findings_github([ODD], Path("/work")) == (
        "::warning file=a b/50%25%2Cx%3Ay.yaml,line=3,col=7,title=guidecheck never-met::"
        "100 %25%0D%0Aof: it, all; mend it\n"
    )
    assert findings_github([NOWHERE], Path("/work")) == (
        "::error file=/elsewhere/rules,title=guidecheck no-such-folder::no such folder\n"
    )


def test_sarif(rules: Path) -> None:
    """Held to the required properties of SARIF 2.1.0 (sections 3.13, 3.14, 3.27, 3.30 and 3.49)."""
    log = json.loads(lint("--rules", rules, "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rule_ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rule_ids == ["never-fails", "stale-number"]
    for result in run["results"]:
        assert rule_ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        physical = result["locations"][0]["physicalLocation"]
        assert re.fullmatch(r"rules/\w+\.yaml", physical["artifactLocation"]["uri"])
        assert physical["region"]["startLine"] >= 1
        assert physical["region"]["startColumn"] >= 1
    odd, nowhere = json.loads(findings_sarif([ODD, NOWHERE], "1", Path("/work")))["runs"][0]["results"]
    assert odd["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/50%25%2Cx%3Ay.yaml"
    location: dict[str, Any] = nowhere["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "file:///elsewhere/rules"}}


def test_sarif_keeps_to_its_schema(rules: Path) -> None:
    """Models that are generated from the schema of the standard, and take no key that it doesn't have."""
    model = pytest.importorskip("pydantic_sarif.model").StaticAnalysisResultsFormatSarifVersion210JsonSchema
    printed = lint("--rules", rules, "--format", "sarif").stdout
    for log in (
        printed,
        findings_sarif([ODD, NOWHERE], "1", Path("/work")),
        findings_sarif([], "1", Path("/work")),
    ):
        model.model_validate_json(log)
    with pytest.raises(ValueError, match="startLine"):
        model.model_validate_json(printed.replace('"startLine": ', '"startLine": -'))
    with pytest.raises(ValueError, match="ruleNumber"):
        model.model_validate_json(printed.replace('"ruleIndex"', '"ruleNumber"'))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Four to six visits in most cases.", [4, 6]),
        ("No more than twenty-four visits, 1,200 mg or 2.5 a week.", [24, 1200, 2.5]),
        ("Under 8 CCR 9792.24.2 (a)(2), in 2016, at L5-S1 and C5, the 2nd course.", []),
        ("Someone often attends to this once or twice.", [1, 2]),
    ],
)
def test_numbers_in_a_text(text: str, numbers: list[float]) -> None:
    assert [named.number for named in numbers_in(text)] == numbers


@pytest.mark.parametrize(
    ("text", "upper", "lower"),
    [
        ("No more than six visits.", True, False),
        ("Six visits or fewer.", True, False),
        ("More than six visits are too many.", False, True),
        ("At least six visits.", False, True),
        ("A course has six visits; at least two a week.", False, False),
    ],
)
def test_the_words_beside_a_number(text: str, upper: bool, lower: bool) -> None:
    named = numbers_in(text)[0]
    assert (named.number, named.upper, named.lower) == (6, upper, lower)
