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

COMMAND = re.compile(r"^```console\n\$ ([^\n]*guidecheck[^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks() -> list[tuple[Path, str]]:
    return [(path, match[1]) for path in DOCUMENTS for match in COMMAND.finditer(path.read_text("utf-8"))]


def _setup(text: str, place: int) -> str:
    """Return what is to be done before a command at a place in a document; "" for nothing."""
    found = list(SETUP.finditer(text, 0, place))
    return found[-1][1] if found else ""


def _run(command: str, folder: Path, setup: str = "") -> str:
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    first = f"{{ {setup}; }} >/dev/null 2>&1; " if setup else ""
    program = f'guidecheck() {{ "{sys.executable}" -m guidecheck "$@"; }}; {first}{command}'
    done = subprocess.run(
        ["bash", "-c", program], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize(("path", "command"), _blocks(), ids=lambda value: str(value).split("/")[-1][:60])
def test_documented_output_is_the_output(
    path: Path, command: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    text = path.read_text("utf-8")
    shown = next(match for match in COMMAND.finditer(text) if match[1] == command)
    setup = _setup(text, shown.start())
    if setup:
        (tmp_path / "examples").symlink_to(ROOT / "examples")
    printed = _run(command, tmp_path if setup else ROOT, setup)
    if request.config.getoption("--update-golden"):
        path.write_text(text[: shown.start(2)] + printed + text[shown.end(2) :], "utf-8")
        return
    assert printed == shown[2]


def test_documented_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for match in PYTHON.finditer(README.read_text("utf-8")):
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
