"""The scorecard as one HTML page that needs no network and prints well."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Protocol

FEW = 20
"""Below so many scored cases a rate says little, and the counts stand in its place."""

MOST_BARS = 25

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; margin: 2rem auto; max-width: 60rem;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccc; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
details { border: 1px solid #ccc; border-radius: 4px; padding: .4rem .8rem; margin: .4rem 0; }
summary { cursor: pointer; } pre { white-space: pre-wrap; font: inherit; margin: .5rem 0; }
svg { max-width: 100%; height: auto; } .note { color: #555; }
@media print { body { margin: 0; max-width: none; } details { break-inside: avoid; } }
"""


class Explained(Protocol):
    """A disagreement as the page shows it."""

    @property
    def source(self) -> str:
        """The file."""

    @property
    def row(self) -> int:
        """The row in it."""

    @property
    def case_id(self) -> str:
        """The case."""

    @property
    def item_id(self) -> str:
        """The item."""

    @property
    def treatment(self) -> str:
        """What was asked for."""

    @property
    def predicted(self) -> str:
        """The prediction."""

    @property
    def actual(self) -> str:
        """What the review decided."""

    @property
    def rationale(self) -> str:
        """Why it was predicted."""


def report_page(card: Mapping[str, Any], disagreements: Sequence[Explained]) -> str:
    """Return the page of a scorecard and of disagreements, each opening to its rationale."""
    overall, by = card["overall"], card["by"]
    parts = [
        "<h1>Predictions against actual outcomes</h1>",
        f"<p class=note>Rule library {escape(card['library']['version'])}, {escape(card['library']['digest'])}. "
        f"{_left_out(card['library'])}Intervals are of 95 %. This informs people; it never decides care.</p>",
        _overview(overall),
        _confusion(overall),
        _views(card["views"]),
        _consistency(card["consistency"]),
    ]
    titles = {
        "treatment": "By treatment",
        "criterion": "By deciding criterion (an item counts in each of its unmet ones)",
        "year": "By year of decision",
        "guideline": "By guideline",
        "jurisdiction": "By jurisdiction",
        "region": "By region (an item counts in each)",
    }
    for name, title in titles.items():
        parts.append(f"<h2>{title}</h2>")
        if name in ("treatment", "criterion", "year"):
            parts.append(agreement_plot(by[name], title))
        parts.append(_table(by[name]))
    parts.append(_disagreements(overall, disagreements))
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>guidecheck: scorecard</title><style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def share(figure: Mapping[str, float] | None, form: str = ".1%") -> str:
    """Return a figure with its interval."""
    if figure is None:
        return "-"
    return f"{figure['value']:{form}} ({figure['low']:{form}} to {figure['high']:{form}})"


def _left_out(library: Mapping[str, Any]) -> str:
    left_out = library["left_out"]
    if left_out is None:
        return ""
    count = f"{len(left_out['criteria'])} criteria and {left_out['rows']} rows of tables"
    return f"Left out, as less sure than {escape(left_out['less_sure_than'])}: {count}. "


def _overview(overall: Mapping[str, Any]) -> str:
    rows = [
        ("Items", f"{overall['items']:,}"),
        ("Rejected rows", f"{overall['rejected']:,}"),
        ("Scored (a prediction and an outcome)", f"{overall['scored']:,}"),
        ("Undetermined", f"{overall['undetermined']:,}"),
        ("No guideline", f"{overall['no_guideline']:,}"),
        ("Upheld only because something is undocumented", f"{overall['upheld_undocumented']:,}"),
    ]
    if overall["scored"] >= FEW:
        rows += [
            ("Accuracy", share(overall["accuracy"])),
            ("Always answering the commoner outcome", share(overall["majority_baseline"])),
            ("Difference to that", share(overall["above_baseline"])),
            ("Balanced accuracy", share(overall["balanced_accuracy"])),
            ("Matthews correlation (MCC)", share(overall["mcc"], ".2f")),
            ("Of those predicted upheld, upheld", share(overall["precision"]["upheld"])),
            ("Of those predicted overturned, overturned", share(overall["precision"]["overturned"])),
            ("Of those upheld, predicted so", share(overall["recall"]["upheld"])),
            ("Of those overturned, predicted so", share(overall["recall"]["overturned"])),
        ]
    note = "" if overall["scored"] >= FEW else f"<p>Fewer than {FEW} scored: counts, no rates.</p>"
    return "<table>" + "".join(f"<tr><th>{k}</th><td class=n>{v}</td></tr>" for k, v in rows) + "</table>" + note


def _confusion(overall: Mapping[str, Any]) -> str:
    matrix = overall["confusion"]
    rows = "".join(
        f"<tr><th>predicted {word}</th>"
        + "".join(
            f"<td class=n>{matrix[f'predicted_{word}'][actual]:,}</td>" for actual in ("upheld", "overturned")
        )
        + "</tr>"
        for word in ("upheld", "overturned")
    )
    return f"<table><tr><th></th><th class=n>upheld</th><th class=n>overturned</th></tr>{rows}</table>"


def _views(views: Mapping[str, Any]) -> str:
    title = "<h2>With all facts, and with those known before the decision</h2>"
    if views["foresight"] is None:
        return title + "<p>No column tells what only the reviewer found, so there is one view.</p>"
    rows = "".join(
        f"<tr><th>{name}</th><td class=n>{view['scored']:,}</td><td class=n>{view['undetermined']:,}</td>"
        f"<td class=n>{share(view['accuracy'])}</td><td class=n>{share(view['balanced_accuracy'])}</td></tr>"
        for name, view in views.items()
        if name != "difference"
    )
    return (
        f"{title}<table><tr><th></th><th class=n>scored</th><th class=n>undetermined</th><th class=n>accuracy</th>"
        f"<th class=n>balanced accuracy</th></tr>{rows}</table>"
    )


def _consistency(held: Mapping[str, Any]) -> str:
    return (
        "<h2>How far any rule could get</h2>"
        f"<p>{held['groups']:,} groups of cases have equal facts; in {held['mixed_groups']:,} of them "
        f"({held['cases_in_mixed_groups']:,} of {held['cases']:,} cases) reviews ended differently. "
        f"No rule on these facts can be right more often than {share(held['best_reachable_accuracy'])}.</p>"
    )


def _table(groups: Mapping[str, Mapping[str, Any]]) -> str:
    head = "".join(
        f"<th class=n>{word}</th>" for word in ("items", "scored", "agree", "accuracy", "commoner outcome")
    )
    rows = []
    for name, group in groups.items():
        matrix = group["confusion"]
        agree = matrix["predicted_upheld"]["upheld"] + matrix["predicted_overturned"]["overturned"]
        enough = group["scored"] >= FEW
        cells = [f"{group['items']:,}", f"{group['scored']:,}", f"{agree:,}"]
        cells += [share(group[key]) if enough else "too few" for key in ("accuracy", "majority_baseline")]
        rows.append(f"<tr><th>{escape(name)}</th>" + "".join(f"<td class=n>{c}</td>" for c in cells) + "</tr>")
    return f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"


def agreement_plot(groups: Mapping[str, Mapping[str, Any]], title: str) -> str:
    """Return the accuracy of groups with intervals as an SVG, the largest groups first; "" where all are small."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    enough = [(name, group) for name, group in groups.items() if group["scored"] >= FEW]
    shown = sorted(enough, key=lambda pair: -pair[1]["scored"])[:MOST_BARS]
    if not shown:
        return ""
    # Text stays text, so that the page can be searched; ids don't change from run to run.
    with pyplot.rc_context({"svg.fonttype": "none", "svg.hashsalt": "guidecheck", "font.size": 10}):
        figure, axes = pyplot.subplots(figsize=(8, 0.6 + 0.34 * len(shown)))
        for place, (_, group) in enumerate(reversed(shown)):
            accuracy, baseline = group["accuracy"], group["majority_baseline"]
            axes.plot([accuracy["low"], accuracy["high"]], [place, place], color="#1f5fa8", linewidth=3)
            axes.plot([accuracy["value"]], [place], "o", color="#1f5fa8")
            axes.plot([baseline["value"]], [place], "|", color="#b34700", markersize=14, markeredgewidth=2)
        axes.set_yticks(range(len(shown)), [f"{name} ({group['scored']:,})" for name, group in reversed(shown)])
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.grid(axis="x", color="#ddd")
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        held = io.StringIO()
        figure.savefig(held, format="svg", bbox_inches="tight", metadata={"Date": None, "Title": title})
        pyplot.close(figure)
    svg = held.getvalue()
    return (
        f"<figure>{svg[svg.index('<svg') :]}<figcaption class=note>Dot and bar: accuracy, interval. Orange: "
        "always answering the commoner outcome. In brackets: cases scored.</figcaption></figure>"
    )


def _disagreements(overall: Mapping[str, Any], held: Sequence[Explained]) -> str:
    matrix = overall["confusion"]
    count = matrix["predicted_upheld"]["overturned"] + matrix["predicted_overturned"]["upheld"]
    cut = f" The first {len(held):,} follow; the results file has them all." if len(held) < count else ""
    items = "".join(
        f"<details><summary>{escape(one.case_id)} / {escape(one.item_id)} ({escape(one.treatment)}): predicted "
        f"{escape(one.predicted)}, was {escape(one.actual)}</summary><pre>{escape(one.rationale)}</pre>"
        f"<p class=note>{escape(one.source)}, row {one.row}</p></details>"
        for one in held
    )
    return f"<h2>Disagreements</h2><p>{count:,} predictions were not borne out.{cut}</p>{items}"
