"""Published decisions as partial records: they can be read, name nobody, and are scored by jurisdiction."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import shipped
from guidecheck.batch.options import Options
from guidecheck.batch.run import run_batch
from guidecheck.requests.request_reader import read_request

EXAMPLES = Path(__file__).parents[1] / "examples"
CASES = sorted((EXAMPLES / "cases").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_is_partial_dated_and_has_an_outcome(path: Path) -> None:
    case = read_request(path, shipped.library())
    assert case.case_id == path.stem
    assert case.partial
    assert case.dated
    assert all(item.actual and item.jurisdiction in ("california", "texas") for item in case.items)


def test_california_and_texas_are_scored_apart(tmp_path: Path) -> None:
    metrics = tmp_path / "m.json"
    outcome = run_batch(Options([str(EXAMPLES / "cases")], metrics=metrics), shipped.library())
    assert outcome.rejected == 0
    by = json.loads(metrics.read_text())["by"]["jurisdiction"]
    assert sum(group["items"] for group in by.values()) == outcome.items
    assert set(by) == {"california", "texas"}


def test_the_small_history_agrees_with_the_files_it_was_made_from(tmp_path: Path) -> None:
    library = shipped.library()
    files = [str(path) for path in sorted(EXAMPLES.glob("decision-*.yaml"))]
    table = run_batch(Options([str(EXAMPLES / "history.csv")]), library)
    assert table.scorecard == run_batch(Options(files), library).scorecard
