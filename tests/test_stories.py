"""What an editor of rules does, from beginning to end: a limit is changed, a treatment is added."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guidecheck.cli.main import main
from guidecheck.library.exporting import export_rules

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "a-new-treatment.md").read_text("utf-8")
BLOCK = r"(?:<!-- into: ([a-z.]+), (\w+) -->\n)?```(yaml|sh)\n(.*?)^```$"
BLOCKS = re.findall(BLOCK, DOCUMENT, re.MULTILINE | re.DOTALL)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)), env={"COLUMNS": "80"})


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "my-rules"
    export_rules([], folder)
    return folder


# ------------------------------------------------------------------------------------------- a limit is changed


@pytest.mark.parametrize(("limit", "flipped"), [(8, []), (5, ["decision-004"])])
def test_a_changed_limit_is_seen_in_lint_examples_and_cases(
    limit: int, flipped: list[str], rules: Path, tmp_path: Path
) -> None:
    pytest.importorskip("duckdb")
    # One guideline, which is compiled in a moment; the README's commands have them all.
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        (folder / "mtus-2009").mkdir(parents=True)
        for name in ("vocabulary.yaml", "library.yaml", "mtus-2009/massage.yaml"):
            (folder / name).write_text((rules / name).read_text("utf-8"), "utf-8")
    path = new / "mtus-2009" / "massage.yaml"
    text = path.read_text("utf-8")
    path.write_text(re.sub(r"(id: visits\n(?:.*\n)*?.*at_most: )6", rf"\g<1>{limit}", text, count=1), "utf-8")
    linted = run("rules", "lint", "--rules", new, path, "--format", "json")
    stale = [finding for finding in json.loads(linted.stdout) if finding["code"] == "stale-number"]
    assert {text.splitlines()[finding["line"] - 1].split(":")[0].strip() for finding in stale} == {
        "says",
        "remedy",
    }
    tested = run("rules", "test", "--rules", new)
    assert tested.exit_code == 1
    assert ("seven visits are one too many" in tested.stdout) == (limit > 6)
    cases = ROOT / "examples" / "history.csv"
    done = run("rules", "impact", "--base", old, "--rules", new, cases, "--format", "json")
    assert done.exit_code == 0, done.output or done.exception
    assert [case for case in re.findall(r"decision-\d+", done.stdout) if case in flipped] == flipped
    assert bool(re.findall(r'"decision-\d+"', done.stdout)) == bool(flipped)


# ---------------------------------------------------------------------------------------------- a new treatment

UNDER = {
    "treatment": r"^  treatment:\n(?:    .*\n)*?    values:\n",
    "facts": r"^facts:\n",
    "authorities": r"^authorities:\n",
}


def edited(rules: Path) -> None:
    """Put each block that says where it goes there, as an editor would."""
    for name, place, _, text in BLOCKS:
        if name:
            path = rules / name
            before = path.read_text("utf-8")
            found = re.search(UNDER[place], before, re.MULTILINE)
            assert found, place
            path.write_text(before[: found.end()] + text + before[found.end() :], "utf-8")
    library = rules / "library.yaml"
    text = library.read_text("utf-8")
    library.write_text(text.replace("  california:\n", "  california:\n    - clinic\n", 1), "utf-8")


def test_a_new_treatment_in_yaml_alone(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    edited(rules)
    command = next(text for _, _, language, text in BLOCKS if language == "sh")
    assert shlex.split(command.replace("\\\n", ""))[0] == "guidecheck"
    begun = run(*shlex.split(command.replace("\\\n", ""))[1:])
    assert begun.exit_code == 0, begun.output or begun.exception
    guideline, request = (text for name, _, language, text in BLOCKS if language == "yaml" and not name)
    assert (rules / "clinic-2024-tape.yaml").read_text("utf-8") == guideline
    linted = run("rules", "lint", "--rules", rules)
    assert (linted.exit_code, linted.stdout) == (0, "")
    tested = run("rules", "test", "--rules", rules)
    assert tested.exit_code == 0
    assert tested.stdout.endswith(" passed, 0 failed\n")
    draft = tmp_path / "draft.yaml"
    for changes, outcome in ((8, "upheld"), (6, "overturned")):
        draft.write_text(request.replace("tape_changes: 8", f"tape_changes: {changes}"), "utf-8")
        done = run("check", draft, "--rules", rules, "--format", "json")
        item = json.loads(done.stdout)["items"][0]
        assert (item["treatment"], item["predicted"]) == ("elastic_tape", outcome)
        assert [one["id"] for one in item["criteria"] if one["controlling"]] == ["clinic-2024-tape.changes"]
    draft.write_text(request, "utf-8")
    told = "the number of changes of the tape is 8, more than the 6 allowed"
    assert told in " ".join(DOCUMENT.split())
    assert f"Predicted UPHELD: {told}" in " ".join(run("check", draft, "--rules", rules).stdout.split())
    # The shipped rules know nothing of it.
    assert "unknown fact `tape_changes`" in str(run("check", draft).exception)


def test_the_new_treatment_is_everywhere(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form, the schema, the list and the pages have it too."""
    monkeypatch.chdir(tmp_path)
    edited(rules)
    (rules / "tape.yaml").write_text(next(t for n, _, k, t in BLOCKS if k == "yaml" and not n), "utf-8")
    assert "#tape_changes:" in run("new", "kinesiology tape", "--rules", rules).stdout
    assert '"elastic_tape"' in run("schema", "request", "--rules", rules).stdout
    listed = run("rules", "list", "--treatment", "Elastic Tape", "--rules", rules).stdout
    assert "clinic-2024-tape, one criterion" in listed
    assert "clinic-2024-tape.changes" in run("rules", "explain", "tape_changes", "--rules", rules).stdout
    assert run("rules", "fmt", "--check", rules / "tape.yaml", rules / "library.yaml").exit_code == 0
