"""The benchmarks still compare like with like: their peers answer as guidecheck does. No time is looked at."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a benchmark as from its folder, and gives what it prints."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def printed(name: str, *words: str) -> str:
        monkeypatch.setattr(sys, "argv", [name, *words])
        importlib.import_module(name).main()
        return capsys.readouterr().out

    return printed


def test_queries_decisions_and_loops_by_hand_answer_as_the_engine_does(run: Run) -> None:
    pytest.importorskip("duckdb")
    # So many rows that each combination of what the queries ask occurs.
    shown = run("bench_batch", "3000", "--few", "150")
    assert "in all" in shown
    assert "with the same answers" in shown
    assert "plain Python, by hand" in shown
    assert ("GoRules ZEN, by hand" in shown) == (importlib.util.find_spec("zen") is not None)


def test_a_query_by_hand_that_no_longer_agrees_is_noticed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    by_hand = importlib.import_module("by_hand")
    names, query = by_hand.QUERIES["massage_therapy"]
    other = query.replace("visits > 6 AS many", "visits > 7 AS many")
    assert other != query
    monkeypatch.setitem(by_hand.QUERIES, "massage_therapy", (names, other))
    with pytest.raises(AssertionError):
        run("bench_batch", "600", "--few", "10")


def test_checks_by_durable_rules_answer_as_plain_python_does(run: Run) -> None:
    assert "40 made-up items" in run("bench_check", "--seconds", "0.001", "--items", "40")


def test_many_checks_by_threads_have_no_wrong_answer(run: Run) -> None:
    assert "4 thread(s)" in run("bench_memory", "--checks", "240", "--items", "60", "--threads", "4")


@pytest.mark.parametrize("name", sorted(path.stem for path in BENCHMARKS.glob("bench_*.py")))
def test_a_benchmark_says_how_to_use_it(name: str, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(name, "--help")
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out
