"""Outputs: none writes over an input or another, and what is there stays until all is written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from guidecheck.errors import GuidecheckError
from small_batches import HEAD, results, row, run

NONE_USABLE = HEAD + "c1,no date,massage,neck,4,0,upheld\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(HEAD + "".join(map(row, range(6))))
    return path


def test_no_output_writes_over_what_is_read_or_written(massage_rules: Path, table: Path, tmp_path: Path) -> None:
    before = table.read_text()
    (tmp_path / "link.csv").symlink_to(table)
    names = tmp_path / "map.yaml"
    names.write_text("prior_visits: prior_visits\n")
    for target in (table, tmp_path / "x" / ".." / "t.csv", tmp_path / "link.csv"):
        with pytest.raises(GuidecheckError, match=r"--out would write over"):
            run(massage_rules, table, "--out", target, catch=False)
    with pytest.raises(GuidecheckError, match=r"--metrics would write over .*map\.yaml"):
        run(massage_rules, table, "--map", names, "--metrics", names, catch=False)
    same = tmp_path / "same.json"
    with pytest.raises(GuidecheckError, match="--rejects and --metrics name the same file"):
        run(massage_rules, table, "--metrics", same, "--rejects", same, catch=False)
    assert table.read_text() == before
    assert not same.exists()


def test_a_report_that_cannot_be_written_leaves_the_rest(massage_rules: Path, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    out.write_text("old")
    with pytest.raises(GuidecheckError, match=r"page\.html: .*cannot be written"):
        run(massage_rules, table, "--out", out, "--report", tmp_path / "no" / "page.html", catch=False)
    assert out.read_text() == "old"


def test_where_nothing_is_usable_only_rejects_are_written(
    massage_rules: Path, table: Path, tmp_path: Path
) -> None:
    out, metrics, rejects = (tmp_path / name for name in ("r.csv", "m.json", "bad.jsonl"))
    for path in (out, metrics, rejects):
        path.write_text("old")
    table.write_text(NONE_USABLE)
    ended = run(massage_rules, table, "--out", out, "--metrics", metrics, "--rejects", rejects)
    assert ended.exit_code == 2
    assert (out.read_text(), metrics.read_text()) == ("old", "old")
    assert "no date" in rejects.read_text()


def test_links_pipes_and_devices_stay_what_they_are(massage_rules: Path, table: Path, tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "real.csv", tmp_path / "link.csv", tmp_path / "pipe.csv"
    target.write_text("old")
    link.symlink_to(target)
    assert run(massage_rules, table, "--out", link, "--metrics", "/dev/null").exit_code == 0
    assert link.is_symlink()
    assert target.read_text().startswith("source,row,case_id")
    assert Path("/dev/null").is_char_device()
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert run(massage_rules, table, "--out", pipe).exit_code == 0
    reader.join(10)
    assert read == [target.read_text()]
    assert pipe.is_fifo()


def test_an_input_named_twice_is_read_once(massage_rules: Path, table: Path, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "again.csv").symlink_to(table)
    ended = run(massage_rules, table, tmp_path / "x" / ".." / "t.csv", tmp_path / "x" / "again.csv")
    assert "6 items answered, 0 rejected" in ended.output


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_folder_with_earlier_results(massage_rules: Path, table: Path, tmp_path: Path, ending: str) -> None:
    outputs = [
        "--out",
        tmp_path / f"r.{ending}",
        "--metrics",
        tmp_path / "m.json",
        "--rejects",
        tmp_path / "b.jsonl",
    ]
    table.write_text(table.read_text() + "c9,no date,massage,neck,4,0,upheld\n")
    for _ in range(2):
        ended = run(massage_rules, tmp_path, *outputs)
        assert "6 items answered, 1 rejected" in ended.output
    (tmp_path / "m.json").unlink()
    (tmp_path / "b.jsonl").unlink()
    with pytest.raises(GuidecheckError, match="results of an earlier batch") as raised:
        run(massage_rules, tmp_path, catch=False)
    assert len(raised.value.findings) == 1
    with pytest.raises(GuidecheckError, match="would write over"):
        run(massage_rules, tmp_path, "--out", table, catch=False)


def test_request_files_and_tables_keep_their_order(massage_rules: Path, table: Path, tmp_path: Path) -> None:
    for name in ("a", "z"):
        text = f"case_id: {name}\nas_of: 2015-08-21\nitems:\n  - treatment: massage\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    out = tmp_path / "r.parquet"
    assert run(massage_rules, tmp_path / "z.yaml", table, tmp_path / "a.yaml", "--out", out).exit_code == 0
    assert [one["case_id"] for one in results(out)] == ["z", *(f"c{number}" for number in range(6)), "a"]


def test_a_run_that_is_ended_leaves_nothing_behind(massage_rules: Path, tmp_path: Path) -> None:
    spool, out = tmp_path / "spool", tmp_path / "out"
    spool.mkdir()
    out.mkdir()
    command = [sys.executable, "-m", "guidecheck", "batch", "-", "--out", str(out / "r.csv")]
    with subprocess.Popen(
        [*command, "--rules", str(massage_rules)], stdin=subprocess.PIPE, env={**os.environ, "TMPDIR": str(spool)}
    ) as held:
        while not (list(out.iterdir()) and list(spool.iterdir())):
            assert held.poll() is None
            time.sleep(0.05)
        held.send_signal(signal.SIGTERM)
        assert held.wait(20) == 128 + signal.SIGTERM
    assert [*out.iterdir(), *spool.iterdir()] == []
