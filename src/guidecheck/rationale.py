"""A determination in words, in the register reviewers use: asked, documented, missing, therefore."""

from __future__ import annotations

from guidecheck.determination import ItemDetermination


def rationale(item: ItemDetermination) -> str:
    """Return why an item is predicted as it is, as a paragraph."""
    parts = [f"{r.criterion.key} is {r.status}." for r in item.controlling]
    return " ".join([*parts, f"Predicted: {item.outcome}."])
