"""The figures of a scorecard: agreement of predictions with outcomes, each with an interval.

Shares have Wilson intervals; balanced accuracy, MCC and the lead over the baseline have percentile intervals of a
seeded bootstrap, which for two outcomes is a multinomial draw of the confusion matrix. All are of 95 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

DRAWS = 2_000
SEED = 20150821

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each prediction met each outcome: first the prediction, then what the review decided."""

    upheld_upheld: int = 0
    upheld_overturned: int = 0
    overturned_upheld: int = 0
    overturned_overturned: int = 0

    @property
    def scored(self) -> int:
        """Items with a prediction and an outcome."""
        return self.upheld_upheld + self.upheld_overturned + self.overturned_upheld + self.overturned_overturned

    def as_json(self) -> dict[str, dict[str, int]]:
        """Return the matrix by prediction and outcome."""
        return {
            "predicted_upheld": {"upheld": self.upheld_upheld, "overturned": self.upheld_overturned},
            "predicted_overturned": {"upheld": self.overturned_upheld, "overturned": self.overturned_overturned},
        }


def wilson(successes: int, trials: int) -> dict[str, float] | None:
    """Return a share with its Wilson interval, or None where nothing was tried."""
    if not trials:
        return None
    share = successes / trials
    spread = Z * sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    middle, scale = share + Z * Z / (2 * trials), 1 + Z * Z / trials
    low, high = (middle - spread) / scale, (middle + spread) / scale
    # At the ends the bound is the share itself, and rounding must not take it past.
    return {"value": share, "low": max(0.0, min(low, share)), "high": min(1.0, max(high, share))}


def agreement(confusion: Confusion) -> dict[str, Any]:
    """Return every figure of a confusion matrix; None where a figure has no meaning (nothing to divide by)."""
    a, b, c, d = (
        confusion.upheld_upheld,
        confusion.upheld_overturned,
        confusion.overturned_upheld,
        confusion.overturned_overturned,
    )
    scored = confusion.scored
    return {
        "scored": scored,
        "confusion": confusion.as_json(),
        "accuracy": wilson(a + d, scored),
        "balanced_accuracy": _bootstrapped(confusion, _balanced_accuracy),
        "mcc": _bootstrapped(confusion, _mcc),
        "precision": {"upheld": wilson(a, a + b), "overturned": wilson(d, c + d)},
        "recall": {"upheld": wilson(a, a + c), "overturned": wilson(d, b + d)},
        "majority_baseline": wilson(max(a + c, b + d), scored),
        "above_baseline": _bootstrapped(confusion, _above_baseline),
    }


def _bootstrapped(confusion: Confusion, figure: Callable[[Counts], Counts]) -> dict[str, float | None] | None:
    cells = np.array(
        [
            confusion.upheld_upheld,
            confusion.upheld_overturned,
            confusion.overturned_upheld,
            confusion.overturned_overturned,
        ],
        dtype=np.float64,
    )
    scored = confusion.scored
    if not scored:
        return None
    value = float(figure(cells[np.newaxis, :])[0])
    if np.isnan(value):
        return None
    draws = np.random.default_rng(SEED).multinomial(scored, cells / scored, size=DRAWS).astype(np.float64)
    figures = figure(draws)
    figures = figures[~np.isnan(figures)]
    low, high = np.percentile(figures, [2.5, 97.5]) if len(figures) else (np.nan, np.nan)
    return {"value": value, "low": float(min(low, value)), "high": float(max(high, value))}


def _balanced_accuracy(cells: Counts) -> Counts:
    a, b, c, d = cells.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a / (a + c) + d / (b + d)) / 2)


def _mcc(cells: Counts) -> Counts:
    a, b, c, d = cells.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * d - b * c) / np.sqrt((a + b) * (a + c) * (d + b) * (d + c)))


def _above_baseline(cells: Counts) -> Counts:
    a, b, c, d = cells.T
    return np.asarray((a + d - np.maximum(a + c, b + d)) / (a + b + c + d))
