"""The command line as a process: its streams, its exit statuses, its help."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from forked import ENVIRONMENT, run_each
from guidecheck.cli import run
from guidecheck.cli.main import main
from guidecheck.errors import GuidecheckError
from guidecheck.reading.text_files import MAX_BYTES

ROOT = Path(__file__).parents[1]
UPHELD = ROOT / "examples" / "decision-003.yaml"
OVERTURNED = ROOT / "examples" / "decision-004.yaml"

posix = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")

PRINTING = [
    (("check", str(UPHELD)), 1),
    (("check", str(OVERTURNED), "--format", "json"), 0),
    (("check", str(OVERTURNED), "--format", "html"), 0),
    (("check", str(UPHELD), "--checklist"), 1),
    (("letter", str(OVERTURNED)), 0),
    (("new", "massage"), 0),
    (("schema", "request"), 0),
    (("--help",), 0),
    (("check", "--help"), 0),
]
UNWRITTEN = [PRINTING[place][0] for place in (0, 2, 5, 7)]
MODULES = [f"guidecheck.{name}" for name in ("cli.check", "cli.letter", "cli.schema", "render.text_form")]


def shell(redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with the redirection of a shell."""
    script = f'exec "$0" -m guidecheck "$@" {redirection}'
    return subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, *arguments],
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# ----------------------------------------------------------------------------------------------------- streams


@posix
def test_a_reader_that_has_gone_changes_no_status() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        ended = run_each([arguments for arguments, _ in PRINTING], *MODULES, stdout=write_end)
    finally:
        os.close(write_end)
    assert ended == [(status, "") for _, status in PRINTING]


@posix
def test_an_output_that_is_full() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "wb") as full:
        ended = run_each(UNWRITTEN, *MODULES, stdout=full)
    assert len(ended) == len(UNWRITTEN)
    for status, said in ended:
        assert status == 2
        assert said.startswith("Error: cannot write to standard output: ")
        assert said.count("\n") == 1


@posix
@pytest.mark.parametrize("arguments", UNWRITTEN)
def test_an_output_that_is_closed(arguments: tuple[str, ...]) -> None:
    done = shell(">&-", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: cannot write to standard output: ")
    assert done.stderr.count("\n") == 1


@posix
@pytest.mark.parametrize("redirection", ["2>&-", "2> /dev/full", ">&- 2>&-"])
def test_mistakes_that_nobody_hears(redirection: str) -> None:
    if "/dev/full" in redirection and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    done = shell(redirection, "check", "gone.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@posix
@pytest.mark.parametrize("command", ["check", "letter"])
def test_a_closed_standard_input(command: str) -> None:
    done = shell("<&-", command, "-")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "standard input: error unreadable: cannot be read: it is closed\n"


@pytest.mark.parametrize("command", ["check", "letter"])
def test_standard_input_is_read_as_a_file_is(command: str) -> None:
    text = OVERTURNED.read_text(encoding="utf-8")
    piped = CliRunner().invoke(main, [command, "-"], input=text)
    assert piped.exit_code == 0
    assert (
        piped.stdout.splitlines()[5:]
        == CliRunner().invoke(main, [command, str(OVERTURNED)]).stdout.splitlines()[5:]
    )
    large = CliRunner().invoke(main, [command, "-"], input=b"#" * (MAX_BYTES + 10))
    assert isinstance(large.exception, GuidecheckError)
    assert [finding.code for finding in large.exception.findings] == ["too-large"]


# -------------------------------------------------------------------------------------------------------- help


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the path of every command and group."""

    def below(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield path
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                yield from below(inner, (*path, name))

    return below(main, ())


def command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command


def kept_lines(help_text: str) -> Iterator[str]:
    """Yield the lines of paragraphs that are to be left as they are."""
    for paragraph in help_text.split("\n\n"):
        first, *lines = paragraph.strip("\n").split("\n")
        if first.strip() == "\b":
            yield from (line.strip() for line in lines)


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_help_keeps_its_examples_apart(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*path, "--help"], env={"COLUMNS": "80"}, terminal_width=80)
    assert done.exit_code == 0
    assert "\\b" not in done.stdout
    assert "\b" not in done.stdout
    shown = [line.strip() for line in done.stdout.splitlines()]
    kept = list(kept_lines(command_at(path).help or ""))
    assert [line for line in kept if line not in shown] == []
    assert ("Example" in done.stdout) == bool(kept)
    assert max(map(len, done.stdout.splitlines())) <= 80


# ------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(("day", "reason"), [("1800-01-01", "too early"), ("2999-01-01", "too late")])
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", str(UPHELD), str(OVERTURNED), "--as-of"),
        ("check", str(UPHELD), "--compare-editions"),
        ("letter", str(OVERTURNED), "--as-of"),
        ("new", "massage", "--as-of"),
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[-1]}",
)
def test_a_day_that_no_request_could_have(arguments: tuple[str, ...], day: str, reason: str) -> None:
    done = CliRunner().invoke(main, [*arguments, day])
    assert isinstance(done.exception, GuidecheckError)
    assert str(done.exception).startswith(f"as_of: error wrong-value: {day} is {reason}")
    assert len(done.exception.findings) == 1
    assert done.stdout == ""


def test_a_day_in_a_file_is_held_to_the_same(tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text("as_of: 2999-01-01\nitems:\n  - treatment: massage\n")
    done = CliRunner().invoke(main, ["check", str(path)])
    assert str(done.exception).startswith(f"{path}:1:8: error wrong-value: `as_of`: 2999-01-01 is too late")


# ------------------------------------------------------------------------------------------------------- rules


def test_rules_laid_over_the_shipped_ones_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUIDECHECK_RULES", raising=False)
    (tmp_path / "vocabulary.yaml").write_text(
        "facts:\n  clinic:\n    type: text\n    scope: claim\n    label: the clinic\n"
    )
    said = f"{tmp_path} is laid over the shipped rules\n"
    assert CliRunner().invoke(main, ["check", str(OVERTURNED), "--rules", str(tmp_path)]).stderr == said
    assert said in CliRunner().invoke(main, ["rules", "lint", "--rules", str(tmp_path)]).stderr
    monkeypatch.setenv("GUIDECHECK_RULES", str(tmp_path))
    assert CliRunner().invoke(main, ["check", str(OVERTURNED)]).stderr == said
    monkeypatch.delenv("GUIDECHECK_RULES")
    assert CliRunner().invoke(main, ["check", str(OVERTURNED)]).stderr == ""


# ------------------------------------------------------------------------------------------------- own faults


@pytest.mark.parametrize("wanted", ["1", "", None])
def test_a_fault_of_its_own(
    wanted: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    if wanted is None:
        monkeypatch.delenv("GUIDECHECK_TRACEBACK", raising=False)
    else:
        monkeypatch.setenv("GUIDECHECK_TRACEBACK", wanted)
    monkeypatch.setattr("guidecheck.cli.check.read_named", broken)
    monkeypatch.setattr(sys, "argv", ["guidecheck", "check", str(UPHELD)])
    with pytest.raises(SystemExit) as stop:
        run()
    assert stop.value.code == 70
    said = capsys.readouterr().err
    assert said.startswith("guidecheck: a fault of its own: ZeroDivisionError: oh\n")
    assert ("Traceback (most recent call last)" in said) == (wanted == "1")


@pytest.mark.parametrize(("end", "status"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)])
def test_a_query_that_is_ended_is_no_fault(
    end: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended(*_: object) -> None:
        raise RuntimeError("Query interrupted") from end  # as DuckDB does

    monkeypatch.setattr("guidecheck.cli.check.read_named", ended)
    monkeypatch.setattr(sys, "argv", ["guidecheck", "check", str(UPHELD)])
    with pytest.raises(SystemExit) as stop:
        run()
    assert stop.value.code == status
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "others"),
    [
        (["--version"], {"pydantic", "yaml", "rich"}),
        (["check", str(UPHELD), "--format", "json"], {"rich", "jinja2", "guidecheck.time_limits"}),
        (["check", str(UPHELD)], {"jinja2", "guidecheck.deciding.comparison"}),
    ],
)
def test_a_command_loads_no_more_than_it_needs(arguments: list[str], others: set[str]) -> None:
    heavy = {"duckdb", "ibis", "pyarrow", "numpy", "matplotlib", "spacy", *others}
    code = (
        "import contextlib, sys\n"
        "from guidecheck.cli.main import main\n"
        "with contextlib.suppress(BaseException):\n"
        f"    main({arguments!r})\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    assert done.stdout, "it did what it was asked"
    assert heavy & set(done.stderr.split()) == set()


@pytest.mark.parametrize(
    ("arguments", "package", "needs"),
    [
        (["batch", "cases.csv"], "duckdb", "`batch` needs duckdb"),
        (["check", str(UPHELD), "--history", "results.parquet"], "pyarrow", "--history needs pyarrow"),
        (["rules", "sql"], "ibis", "`rules sql` needs ibis"),
    ],
)
def test_a_plain_installation_says_what_to_install(arguments: list[str], package: str, needs: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; sys.argv[1:] = {arguments!r}\n"
    code += "from guidecheck.cli import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=ENVIRONMENT
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Error: {needs}, which is not installed: pip install 'guidecheck[batch]'\n"
