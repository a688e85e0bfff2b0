"""Bad input of every kind a person can produce: one clear line a mistake, exit status 2, and no answer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from guidecheck.cli import run

FOLDER = Path(__file__).parent / "bad_requests"
FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.yaml"))
FINDING = re.compile(r"(?P<path>.+?\.yaml|.+?)(?P<place>:\d+:\d+)?: (?P<rest>error (?P<code>[a-z0-9-]+): \S.*)")

Answer = tuple[int, str, str]


@pytest.fixture(scope="module")
def reported() -> dict[str, list[str]]:
    """Return what the command, run once as a process of its own, says of each file."""
    command = [sys.executable, "-m", "guidecheck", "check", *FILES]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    by_file: dict[str, list[str]] = {name: [] for name in FILES}
    for line in done.stderr.splitlines():
        found = FINDING.fullmatch(line)
        assert found, line
        by_file[found["path"]].append(f"{(found['place'] or '').removeprefix(':')} {found['rest']}".strip())
    return by_file


@pytest.mark.parametrize("name", FILES)
def test_each_mistake_in_one_line(
    name: str, reported: dict[str, list[str]], request: pytest.FixtureRequest
) -> None:
    expected = (FOLDER / name).with_suffix(".expected")
    said = "".join(f"{line}\n" for line in reported[name])
    if request.config.getoption("--update-golden"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")
    assert f"error {Path(name).parent.name}: " in said, "the folder has the name of the mistake"


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Return a function that runs `guidecheck check` here, and returns its status and what it printed."""

    def call(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["guidecheck", "check", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            run()
        printed = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return stop.value.code, printed.out, printed.err

    return call


ITEM = b"as_of: 2015-08-21\nitems:\n  - treatment: massage_therapy\n"
BOMB = b"a: &a [x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % (n, n, *([n - 1] * 8))
    for n in range(ord("b"), ord("p"))
)
LARGE = {
    "fifty-megabytes": (b"# a comment\n" * 4_300_000, "too-large"),
    "one-long-line": (b"note: " + b"x" * 6_000_000, "too-large"),
    "brackets": (b"[" * 200_000, "too-deep"),
    "balanced-brackets": (b"[" * 200_000 + b"]" * 200_000, "too-deep"),
    "braces": (b"{a: " * 200_000, "too-deep"),
    "dashes": (b"- " * 200_000, "too-deep"),
    "alias-bomb": (BOMB, "anchor"),
    "many-values": (b"items: [" + b"x, " * 250_000 + b"x]", "too-many-values"),
    "many-unknown-facts": (ITEM + b"".join(b"    fact_%d: 1\n" % n for n in range(50_000)), "too-many-mistakes"),
    "many-keys-twice": (b"as_of: 2015-08-21\n" * 90_000, "too-many-mistakes"),
    "many-items": (ITEM + b"  - treatment: massage_therapy\n" * 300, "too-many-values"),
    "many-documents": (b"---\na: 1\n" * 100_000, "several-documents"),
    "long-key": (ITEM + b"    " + b"k" * 900 + b": 1\n", "unknown-fact"),
    "long-text": (ITEM + b"    requested_visits: " + b"9" * 100_000 + b"\n", "too-large"),
    "random-bytes": (bytes(range(256)) * 100, "not-utf8"),
    "zip": (b"PK\x03\x04" + bytes(1000), "binary"),
    "word": (b"\xd0\xcf\x11\xe0" + bytes(1000), "binary"),
    "pdf": (b"%PDF-1.7\n", "binary"),
    "zeros": (bytes(1000), "not-utf8"),
    "no-bytes": (b"", "empty-file"),
}


@pytest.mark.parametrize("name", LARGE)
def test_generated_files(name: str, tmp_path: Path, check: Callable[..., Answer]) -> None:
    content, code = LARGE[name]
    path = tmp_path / "draft.yaml"
    path.write_bytes(content)
    status, out, err = check(path)
    assert (status, out) == (2, "")
    found = [FINDING.fullmatch(line) for line in err.splitlines()]
    assert found
    assert all(found)
    assert code in {match["code"] for match in found if match}
    assert len(found) <= 1_002
    assert max(map(len, err.splitlines())) < 1_000


def test_standard_input(check: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text("items:\n\t- treatment: massage\n")
    with path.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        status, out, err = check("-")
    assert (status, out) == (2, "")
    assert err.startswith("standard input:2:1: error tab: ")


def test_no_such_file(check: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "draft-17.yaml").touch()
    status, out, err = check(tmp_path / "draft-17.yml")
    assert (status, out) == (2, "")
    assert err == f"{tmp_path / 'draft-17.yml'}: error no-such-file: no such file; did you mean `draft-17.yaml`?\n"


def test_a_folder(check: Callable[..., Answer], tmp_path: Path) -> None:
    status, out, err = check(tmp_path)
    assert (status, out) == (2, "")
    expected = "error is-a-folder: this is a folder; a file was expected; name a file in it"
    assert err == f"{tmp_path}: {expected}\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(check: Callable[..., Answer], tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_bytes(ITEM)
    path.chmod(0)
    status, out, err = check(path)
    assert (status, out) == (2, "")
    assert err == f"{path}: error unreadable: cannot be read: Permission denied\n"


def test_unreadable_paths(check: Callable[..., Answer], tmp_path: Path) -> None:
    dangling = tmp_path / "dangling.yaml"
    dangling.symlink_to(tmp_path / "gone.yaml")
    circle = tmp_path / "circle.yaml"
    circle.symlink_to(circle)
    for path in (dangling, circle, tmp_path / ("x" * 300), tmp_path / "draft.yaml" / "below"):
        status, out, err = check(path)
        assert (status, out) == (2, "")
        assert err.startswith(f"{path}: error ")
        assert err.count("\n") == 1


def test_every_file_is_looked_at(check: Callable[..., Answer], tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_bytes(ITEM)
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(ITEM + b"    requested_visits: six\n")
    status, out, err = check(good, bad, tmp_path / "gone.yaml")
    assert (status, out) == (2, "")
    assert [line.split(": error ")[0] for line in err.splitlines()] == [f"{bad}:4:23", f"{tmp_path / 'gone.yaml'}"]


def test_what_people_write_is_taken(tmp_path: Path, check: Callable[..., Answer]) -> None:
    path = tmp_path / "draft.yaml"
    path.write_bytes(
        b"\xef\xbb\xbfas_of: 2015-08-21T14:05:00\r\nclaim:\r\nitems:\r\n  - treatment: Massage Therapy\r\n"
        b"    requested_visits: 6.0\r\n    exercise_program: Y\r\n    body_region: Lower-Back\r\n"
        b"    surgery: none\r\n"
    )
    assert check(path, "--format", "json")[0] == 0
