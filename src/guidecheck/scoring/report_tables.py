"""The tables of the scorecard's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from guidecheck.explaining.past_cases import FEW

NO_RATE = f"<span class=few>fewer than {FEW}</span>"
_OUTCOMES = ("upheld", "overturned")


def share(figure: Mapping[str, float] | None, form: str = ".1%") -> str:
    """Return a figure with its interval."""
    if figure is None:
        return "-"
    return f"{figure['value']:{form}} <small>({figure['low']:{form}} to {figure['high']:{form}})</small>"


def lead(figure: Mapping[str, float] | None) -> str:
    """Return a difference of shares in points, with its interval."""
    if figure is None:
        return "-"
    low, value, high = (f"{100 * figure[name]:+.1f}" for name in ("low", "value", "high"))
    return f"{value} <small>({low} to {high})</small>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers_from: int = 1) -> str:
    """Return a table that scrolls sideways by itself where the page is narrow; cells are HTML already."""

    def cells(texts: Sequence[str], tag: str) -> str:
        tags = ["th", *[tag] * (len(texts) - 1)]
        kinds = [" class=n" if place >= numbers_from else "" for place in range(len(texts))]
        return "".join(f"<{t}{kind}>{text}</{t}>" for t, kind, text in zip(tags, kinds, texts, strict=True))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    heading = f"<thead><tr>{cells(head, 'th')}</tr></thead>" if head else ""
    return f"<div class=wide><table>{heading}<tbody>{body}</tbody></table></div>"


def overview(overall: Mapping[str, Any], *, pooled: bool) -> str:
    """Return how many items there are of which kind, and where `pooled` all figures of those that are scored."""
    counts = [
        ("Items", f"{overall['items']:,}"),
        ("Rejected rows", f"{overall['rejected']:,}"),
        ("Undetermined (no prediction)", f"{overall['undetermined']:,}"),
        ("No guideline (no prediction)", f"{overall['no_guideline']:,}"),
        ("Upheld only because something is undocumented", f"{overall['upheld_undocumented']:,}"),
        ("With an actual outcome", f"{overall['with_outcome']:,}"),
        ("Scored (a prediction and an outcome)", f"{overall['scored']:,}"),
        ("Coverage (scored, of those with an outcome)", share(overall["coverage"])),
    ]
    if not pooled:
        return table((), counts)
    figures = [
        ("Accuracy", share(overall["accuracy"])),
        ("Majority baseline (always the commoner outcome)", share(overall["majority_baseline"])),
        ("Difference to the baseline, in points", lead(overall["above_baseline"])),
        ("Balanced accuracy", share(overall["balanced_accuracy"])),
        ("Matthews correlation (MCC)", share(overall["mcc"], ".2f")),
    ]
    figures += [(f"Precision: of those predicted {w}, {w}", share(overall["precision"][w])) for w in _OUTCOMES]
    figures += [(f"Recall: of those {w}, predicted so", share(overall["recall"][w])) for w in _OUTCOMES]
    return table((), [*counts, *figures])


def confusion(overall: Mapping[str, Any]) -> str:
    """Return the confusion matrix with its sums."""
    matrix = overall["confusion"]
    rows = []
    for word in _OUTCOMES:
        row = [matrix[f"predicted_{word}"][actual] for actual in _OUTCOMES]
        rows.append([f"predicted {word}", *(f"{count:,}" for count in row), f"{sum(row):,}"])
    sums = [sum(matrix[f"predicted_{word}"][actual] for word in _OUTCOMES) for actual in _OUTCOMES]
    rows.append(["all", *(f"{count:,}" for count in sums), f"{sum(sums):,}"])
    return table(("", "was upheld", "was overturned", "all"), rows)


def views(held: Mapping[str, Any]) -> str:
    """Return the figures with all facts, with those known before the decision, and their difference."""
    names = {"fidelity": "Fidelity: all facts", "foresight": "Foresight: known before the decision"}
    rows = []
    for name, title in names.items():
        view = held[name]
        enough = view["scored"] >= FEW
        figures = [share(view["accuracy"]), share(view["balanced_accuracy"]), share(view["mcc"], ".2f")]
        rows.append(
            [title, f"{view['scored']:,}", f"{view['undetermined']:,}", share(view["coverage"])]
            + (figures if enough else [NO_RATE] * 3)
        )
    gap = held["difference"]
    figures = [*(_points(gap[name]) for name in ("accuracy", "balanced_accuracy"))]
    figures.append("-" if gap["mcc"] is None else f"{gap['mcc']:+.2f}")
    # The difference is that of the cases which have both views, of which there may be fewer.
    scored = held["foresight"]["scored"]
    if min(scored, scored - gap["scored"]) < FEW:
        figures = [NO_RATE] * 3
    rows.append(["Difference", f"{gap['scored']:+,}", "", _points(gap["coverage"]), *figures])
    head = ("", "Scored", "Undetermined", "Coverage", "Accuracy", "Balanced accuracy", "MCC")
    return table(head, rows)


def _points(difference: float | None) -> str:
    return "-" if difference is None else f"{100 * difference:+.1f} points"


def groups_table(groups: Mapping[str, Mapping[str, Any]], heading: str) -> str:
    """Return what becomes of each group: counts, and the rates of those with enough scored."""
    counted = ("Items", "Undeter&shy;mined", "No guide&shy;line", "Upheld, undocu&shy;mented")
    scored = ("With outcome", "Scored", "Agree", "Coverage", "Accuracy", "Baseline", "Difference")
    rows = []
    for name, group in groups.items():
        counts = [group["items"], group["undetermined"], group["no_guideline"], group["upheld_undocumented"]]
        counts += [group["with_outcome"], group["scored"], agreed(group)]
        rates = [share(group["accuracy"]), share(group["majority_baseline"]), lead(group["above_baseline"])]
        rows.append(
            [_name(name), *(f"{count:,}" for count in counts), share(group["coverage"])]
            + (rates if group["scored"] >= FEW else [NO_RATE, "", ""])
        )
    return table((heading, *counted, *scored), rows)


def more_figures(groups: Mapping[str, Mapping[str, Any]], heading: str) -> str:
    """Return the other figures of the groups with enough scored, to be opened; "" where there is none."""
    figures = [f"{figure}, {word}" for figure in ("Precision", "Recall") for word in _OUTCOMES]
    head = [heading, "Scored", "Balanced accuracy", "MCC", *figures]
    rows = [
        [_name(name), f"{group['scored']:,}", share(group["balanced_accuracy"]), share(group["mcc"], ".2f")]
        + [share(group[figure][word]) for figure in ("precision", "recall") for word in _OUTCOMES]
        for name, group in groups.items()
        if group["scored"] >= FEW
    ]
    if not rows:
        return ""
    return f"<details><summary>Balanced accuracy, MCC, precision and recall</summary>{table(head, rows)}</details>"


def cases_table(cases: Sequence[Mapping[str, Any]]) -> str:
    """Return single cases, where they are too few for a rate."""
    head = ("Case", "Item", "Date", "Predicted", "Was", "")
    rows = [
        [
            escape(case["case_id"]),
            escape(case["item_id"]),
            case["as_of"],
            case["predicted"].replace("_", " "),
            case["actual"],
            _agrees(case["agrees"]),
        ]
        for case in cases
    ]
    return table(head, rows, numbers_from=len(head))


def _agrees(agrees: bool | None) -> str:
    return "no prediction" if agrees is None else "agrees" if agrees else "<strong>differs</strong>"


def agreed(group: Mapping[str, Any]) -> int:
    """Return how many predictions of a group were borne out."""
    return sum(group["confusion"][f"predicted_{word}"][word] for word in _OUTCOMES)


def _name(name: str) -> str:
    # The name of a criterion may break behind its guideline's.
    return escape(name).replace(".", ".<wbr>").replace("_", " ")
