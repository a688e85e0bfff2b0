"""The README's commands and Python, run as they stand; `--update-golden` writes their output anew."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md"))]
SETUP = re.compile(r"^<!-- setup: (.*?) -->$", re.MULTILINE | re.DOTALL)
"""What is done first, in a folder of its own, for the commands that follow in a document."""

BLOCK = re.compile(r"^```console\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)\n", re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks() -> list[tuple[Path, str, str]]:
    """Return the blocks of commands with what they print, each by its document and with what is done first."""
    found = []
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        for match in BLOCK.finditer(text):
            before = SETUP.findall(text, 0, match.start())
            found.append((path, match[1], before[-1] if before else ""))
    return [each for each in found if "guidecheck" in each[1]]


def _run(commands: list[str], folder: Path, setup: str) -> list[str]:
    """Return what each of several commands prints, in one shell."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    program = f'guidecheck() {{ "{sys.executable}" -m guidecheck "$@"; }}\n'
    program += f"{{ {setup}; }} >/dev/null 2>&1\n" if setup else ""
    program += "".join(f"{command}\nprintf '\\036'\n" for command in commands)
    done = subprocess.run(
        ["bash", "-c", program], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.split("\x1e")[:-1]


@pytest.mark.parametrize(
    ("path", "block", "setup"), _blocks(), ids=lambda value: str(value).split("/")[-1][:60].partition("\n")[0]
)
def test_documented_output_is_the_output(
    path: Path, block: str, setup: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    commands = COMMAND.findall(block)
    if setup:
        (tmp_path / "examples").symlink_to(ROOT / "examples")
    printed = _run(commands, tmp_path if setup else ROOT, setup)
    assert len(printed) == len(commands)
    now = "".join(f"$ {command}\n{text}" for command, text in zip(commands, printed, strict=True))
    if request.config.getoption("--update-golden"):
        text = path.read_text("utf-8")
        path.write_text(text.replace(f"```console\n{block}```", f"```console\n{now}```"), "utf-8")
        return
    assert now == block


def test_documented_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = list(PYTHON.finditer(README.read_text("utf-8")))
    assert found
    for match in found:
        code, _, comment = match[1].rpartition("\n# ")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(README), "exec"), {})  # noqa: S102 - the README's own example
        assert printed.getvalue().strip() == comment.strip()


def test_readme_has_the_two_set_up_commands() -> None:
    text = README.read_text("utf-8")
    for part in ("first-check", "tests"):
        assert f"<!-- ci: {part} -->" in text
    assert PYTHON.search(text)
