"""What a batch is asked to do, how somebody who waits for it is told, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guidecheck.batch.rows import Reject


@dataclass(frozen=True)
class Options:
    """What a batch is asked to do.

    `keep` are columns passed through, `renamed` the names headings stand for; so many disagreements are
    `explained`. No output may be one of the files `read` beside the inputs.
    """

    inputs: Sequence[str]
    out: Path | None = None
    rejects: Path | None = None
    metrics: Path | None = None
    report: Path | None = None
    engine: str = "auto"
    partial: bool = False
    keep: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    explained: int = 0
    read: tuple[Path, ...] = ()

    @property
    def outputs(self) -> dict[str, Path]:
        """The files to write, by name."""
        named = {"out": self.out, "rejects": self.rejects, "metrics": self.metrics, "report": self.report}
        return {name: path for name, path in named.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row whose prediction the review did not bear out, with the reasons of the prediction."""

    source: str
    row: int
    case_id: str
    item_id: str
    treatment: str
    predicted: str
    actual: str
    unmet: tuple[str, ...]
    rationale: str


@dataclass(frozen=True)
class Outcome:
    """What a batch came to: items answered, rejects, the first of these, the scorecard, disagreements."""

    items: int
    rejected: int
    first_rejects: tuple[Reject, ...]
    scorecard: dict[str, Any]
    disagreements: tuple[Disagreement, ...] = ()


@dataclass(frozen=True)
class Progress:
    """How somebody who waits is told: the bytes to read, then the bytes done since the last call."""

    start: Callable[[int], None] = lambda _: None
    advance: Callable[[int], None] = lambda _: None
