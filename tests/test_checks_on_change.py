"""The pre-commit hooks, and what the documents say of checks on every change, against the command line."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from guidecheck.cli.main import main
from guidecheck.schemas.schema import KINDS

ROOT = Path(__file__).parents[1]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
DOCUMENT = ROOT / "docs" / "checks-on-every-change.md"
EDITORS = ROOT / "docs" / "editing-in-vscode.md"
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def hooks() -> list[dict[str, Any]]:
    return yaml.safe_load(HOOKS.read_text("utf-8"))  # type: ignore[no-any-return]


def documented() -> list[Any]:
    return [yaml.safe_load(match[1]) for match in _BLOCK.finditer(DOCUMENT.read_text("utf-8"))]


def command_of(words: list[str]) -> click.Command:
    """Return the command that words name, after parsing its options; it fails where there is none such."""
    assert words[0] == "guidecheck"
    context = click.Context(main)
    group: click.Command = main
    rest = words[1:]
    while isinstance(group, click.Group):
        command = group.get_command(context, rest.pop(0))
        assert command is not None, words
        group = command
    group.make_context(group.name, rest)
    return group


def test_hooks_name_commands() -> None:
    assert [hook["id"] for hook in hooks()] == ["guidecheck-fmt", "guidecheck-lint", "guidecheck-test"]
    for hook in hooks():
        assert set(hook) <= {"id", "name", "description", "entry", "language", "types", "pass_filenames"}
        assert hook["language"] == "python"
        given = ["--rules", "my-rules"] if "pass_filenames" in hook else ["a.yaml"]
        command_of([*shlex.split(hook["entry"]), *given])


def test_hooks_are_what_pre_commit_takes(tmp_path: Path) -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib", reason="pre-commit is not installed")
    clientlib.load_manifest(str(HOOKS))
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(documented()[0]), "utf-8")
    clientlib.load_config(str(config))


def test_the_documented_configuration_names_hooks() -> None:
    config = documented()[0]
    known = {hook["id"]: hook for hook in hooks()}
    named = config["repos"][0]["hooks"]
    assert [hook["id"] for hook in named] == list(known)
    for hook in named:
        command_of([*shlex.split(known[hook["id"]]["entry"]), *hook.get("args", ["a"])])


def test_the_documented_workflow_names_commands() -> None:
    workflow = documented()[1]
    runs = [step["run"] for step in workflow["jobs"]["rules"]["steps"] if "run" in step]
    commands = [shlex.split(run.split(">>")[0].replace("${{ github.base_ref }}", "main")) for run in runs]
    called = [command_of(words).name for words in commands if words[0] == "guidecheck"]
    assert called == ["fmt", "lint", "test", "impact"]
    assert workflow[True]["pull_request"]  # YAML 1.1 reads `on` so


def test_the_documented_schemas_are_printed() -> None:
    text = EDITORS.read_text("utf-8")
    kinds = re.search(r"for kind in ([a-z ]+);", text)
    assert kinds
    assert set(kinds[1].split()) == set(KINDS)
    assert set(re.findall(r'"\./([a-z]+)\.schema\.json"', text)) == set(KINDS)


def test_ci_runs_what_the_editor_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert re.search(r"yaml-language-server@\d+\.\d+\.\d+\n", script)
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0
