"""What a batch came to, as a few lines for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from guidecheck.explaining.past_cases import FEW
from guidecheck.scoring.few_cases import may_be_pooled

Figures = Mapping[str, Any]


def summary_lines(card: Figures) -> Iterator[str]:
    """Yield the counts, then the rates of each jurisdiction; in place of a rate of few cases the cases."""
    overall = card["overall"]
    yield (
        f"undetermined {overall['undetermined']:,}, no guideline {overall['no_guideline']:,}, "
        f"upheld for lack of documentation {overall['upheld_undocumented']:,}"
    )
    groups = card["by"]["jurisdiction"]
    for name, group in groups.items():
        if group["with_outcome"]:
            yield from _jurisdiction(name.replace("_", " ").capitalize(), group, card["cases"].get(name, ()))
    if len(groups) > 1 and may_be_pooled(groups):
        yield from _rates("All", overall)


def _jurisdiction(title: str, group: Figures, cases: tuple[Figures, ...]) -> Iterator[str]:
    if group["scored"] >= FEW:
        yield from _rates(title, group)
        return
    yield f"{title}: {_coverage(group)}; fewer than {FEW}, so no rate"
    scored = [case for case in cases if case["agrees"] is not None]
    for case in scored:
        name = case["case_id"] if case["item_id"] in ("", "item") else f"{case['case_id']}, {case['item_id']}"
        verdict = "" if case["agrees"] else "  (differs)"
        yield f"  {name}: predicted {case['predicted']}, was {case['actual']}{verdict}"


def _rates(title: str, group: Figures) -> Iterator[str]:
    yield f"{title}: {_coverage(group)}"
    yield f"  accuracy {_share(group['accuracy'])}"
    yield f"  always the commoner outcome {_share(group['majority_baseline'])}"
    low, value, high = (f"{100 * group['above_baseline'][name]:+.1f}" for name in ("low", "value", "high"))
    yield f"  difference {value} points ({low} to {high})"


def _coverage(group: Figures) -> str:
    coverage = f", coverage {_share(group['coverage'])}" if group["with_outcome"] >= FEW else ""
    return f"scored {group['scored']:,} of {group['with_outcome']:,} with an outcome{coverage}"


def _share(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.1%} ({figure['low']:.1%} to {figure['high']:.1%})"
