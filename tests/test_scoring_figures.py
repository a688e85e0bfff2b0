"""The figures of the scorecard, worked out again by scikit-learn and statsmodels from the exported results."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from guidecheck.batch.options import Options
from guidecheck.batch.run import run_batch
from guidecheck.library.loading import load_library
from guidecheck.scoring.figures import Confusion, agreement, wilson

metrics = pytest.importorskip("sklearn.metrics")
proportion = pytest.importorskip("statsmodels.stats.proportion")


def test_a_scorecard_agrees_with_other_libraries(tmp_path: Path) -> None:
    draw = random.Random(3)  # noqa: S311 - made-up cases
    lines = ["case_id,as_of,treatment,body_region,requested_visits,prior_visits,exercise_program,records,actual"]
    for number in range(400):
        cells = [
            f"c{number}",
            f"{draw.choice([2013, 2015, 2020])}-05-01",
            draw.choice(["massage", "massage", "acupuncture"]),
            draw.choice(["neck", "neck;low_back"]),
            str(draw.randint(4, 8)),
            draw.choice(["0", "0", "0", ""]),
            draw.choice(["yes", "yes", "no", ""]),
            draw.choice(["complete", "partial"]),
            draw.choice(["upheld", "overturned", ""]),
        ]
        lines.append(",".join(cells))
    table, out, card_file = tmp_path / "t.csv", tmp_path / "r.parquet", tmp_path / "m.json"
    table.write_text("\n".join(lines) + "\n")
    run_batch(Options([str(table)], out=out, metrics=card_file), load_library())
    card = json.loads(card_file.read_text())
    rows = pq.read_table(out).to_pylist()
    for region in (None, "neck", "low_back"):
        group = card["overall"] if region is None else card["by"]["region"][region]
        here = [row for row in rows if region is None or region in (row["body_region"] or [])]
        scored = [r for r in here if r["actual"] and r["predicted"] in ("upheld", "overturned")]
        actual, predicted = [r["actual"] for r in scored], [r["predicted"] for r in scored]
        assert group["items"] == len(here)
        assert group["scored"] == len(scored) > 50
        assert group["undetermined"] == sum(r["predicted"] == "undetermined" for r in here)
        assert group["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(actual, predicted))
        assert group["balanced_accuracy"]["value"] == pytest.approx(
            metrics.balanced_accuracy_score(actual, predicted)
        )
        assert group["mcc"]["value"] == pytest.approx(metrics.matthews_corrcoef(actual, predicted))
        for word in ("upheld", "overturned"):
            precision = metrics.precision_score(actual, predicted, pos_label=word)
            recall = metrics.recall_score(actual, predicted, pos_label=word)
            assert group["precision"][word]["value"] == pytest.approx(precision)
            assert group["recall"][word]["value"] == pytest.approx(recall)
        hits = sum(a == p for a, p in zip(actual, predicted, strict=True))
        low, high = proportion.proportion_confint(hits, len(scored), method="wilson")
        assert (group["accuracy"]["low"], group["accuracy"]["high"]) == pytest.approx((low, high))
        commoner = max(actual.count("upheld"), actual.count("overturned")) / len(scored)
        assert group["majority_baseline"]["value"] == pytest.approx(commoner)
    by_year = {str(row["as_of"].year) for row in rows}
    assert set(card["by"]["year"]) == by_year
    unmet = [key for row in rows for key in row["unmet"]]
    assert {key: group["items"] for key, group in card["by"]["criterion"].items()} == {
        k: unmet.count(k) for k in unmet
    }


def test_figures_without_a_meaning_are_null() -> None:
    nothing = agreement(Confusion())
    assert nothing["accuracy"] is None
    assert nothing["mcc"] is None
    one_sided = agreement(Confusion(upheld_upheld=5))
    assert one_sided["balanced_accuracy"] is None
    assert one_sided["precision"]["overturned"] is None
    assert one_sided["accuracy"]["high"] == 1.0


def test_intervals_are_the_same_every_time() -> None:
    confusion = Confusion(40, 7, 5, 12)
    assert agreement(confusion) == agreement(confusion)
    figures = agreement(confusion)["mcc"]
    assert figures["low"] < figures["value"] < figures["high"]


def test_wilson_at_the_ends() -> None:
    assert wilson(0, 0) is None
    assert wilson(0, 10)["low"] == 0.0  # type: ignore[index]
    assert wilson(10, 10)["high"] == 1.0  # type: ignore[index]
