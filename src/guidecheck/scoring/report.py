"""The scorecard as one HTML page that needs no network and prints well."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Protocol

from guidecheck.explaining.past_cases import FEW
from guidecheck.library.models import LeftOut
from guidecheck.scoring.few_cases import may_be_pooled
from guidecheck.scoring.report_tables import (
    cases_table,
    confusion,
    groups_table,
    lead,
    more_figures,
    overview,
    share,
    views,
)

MOST_BARS = 25

Figures = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; margin: 2rem auto; max-width: 72rem;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .3rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccc; vertical-align: top; }
thead th { vertical-align: bottom; font-size: .9rem; } tbody th { font-weight: 600; min-width: 9rem; }
.n { text-align: right; font-variant-numeric: tabular-nums; } td.n { white-space: nowrap; }
td.n small { color: #555; display: block; } .beside td.n small { display: inline; }
.few, .note { color: #555; } .few { font-size: .9rem; }
.short { font-size: 1.1rem; } .beside { display: flex; flex-wrap: wrap; gap: 0 3rem; align-items: start; }
.wide { overflow-x: auto; max-width: 100%; }
details { border: 1px solid #ccc; border-radius: 4px; padding: .4rem .8rem; margin: .4rem 0;
  max-width: 100%; box-sizing: border-box; }
summary { cursor: pointer; }
pre { white-space: pre-wrap; font: inherit; margin: .5rem 0; overflow-wrap: anywhere; }
figure { margin: .5rem 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
code, .note { overflow-wrap: anywhere; }
nav a { margin-right: 1rem; white-space: nowrap; }
@media (max-width: 45rem) {
  body { margin: 1rem auto; } svg { min-width: 36rem; max-width: none; } th, td { padding: .3rem .4rem; }
  .beside td.n small { display: block; }
}
@media print {
  @page { size: landscape; margin: 12mm; }
  body { margin: 0; max-width: none; font-size: 10pt; } nav { display: none; }
  .wide { overflow: visible; }
  table { font-size: 8.5pt; } th, td { padding: .15rem .3rem; }
  td.n { white-space: normal; }
  tr, figure, details { break-inside: avoid; } h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
}
"""

_TITLES = {
    "treatment": ("By treatment", "Treatment", ""),
    "criterion": (
        "By deciding criterion",
        "Criterion",
        "An item counts in each of its unmet criteria. All of these are predicted upheld, so that the accuracy "
        "is the share that was upheld.",
    ),
    "year": ("By year of decision", "Year", ""),
    "guideline": ("By guideline edition", "Guideline", "An item counts in each of its guidelines."),
    "region": ("By region", "Region", "An item counts in each of its regions."),
}


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
    pooled = may_be_pooled(by["jurisdiction"])
    parts = [
        "<h1>Predictions against actual outcomes</h1>",
        f"<p class=short>{_in_short(overall, pooled=pooled)}</p>",
        f"<p class=note>Rule library {escape(card['library']['version'])}, {escape(card['library']['digest'])}. "
        f"{_left_out(card['library'])}Intervals (in brackets) are of 95%. This informs people; it never decides "
        "care.</p>",
        _contents(),
        f"<div class=beside>{overview(overall, pooled=pooled)}"
        f"<div><h3>Confusion matrix</h3>{confusion(overall)}</div></div>",
        _jurisdictions(by["jurisdiction"], card["cases"]),
        _views(card["views"]),
        _consistency(card["consistency"]),
    ]
    for name, (title, heading, note) in _TITLES.items():
        parts.append(f"<h2 id={name}>{title}</h2>" + (f"<p class=note>{note}</p>" if note else ""))
        # Each jurisdiction has rules and reviewers of its own, so that nothing is said of two together.
        apart = {_titled(held): groups[name] for held, groups in card["by_jurisdiction"].items()}
        for jurisdiction, groups in (apart or {"": by[name]}).items():
            if jurisdiction:
                parts.append(f"<h3>{escape(jurisdiction)}</h3>")
            parts.append(_groups(name, groups, f"{title}, {jurisdiction}" if jurisdiction else title, heading))
    parts.append(_disagreements(overall, disagreements))
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>guidecheck: scorecard</title><style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _groups(name: str, groups: Mapping[str, Figures], title: str, heading: str) -> str:
    if name != "year":
        groups = dict(sorted(groups.items(), key=lambda pair: (-pair[1]["scored"], pair[0])))
    plot = agreement_plot(groups, title) if name in ("treatment", "criterion", "year") else ""
    return "\n".join([plot, groups_table(groups, heading), more_figures(groups, heading)])


def _titled(jurisdiction: str) -> str:
    return jurisdiction.replace("_", " ").capitalize()


def _left_out(library: Mapping[str, Any]) -> str:
    left_out = library["left_out"]
    if left_out is None:
        return ""
    words = LeftOut(left_out["less_sure_than"], tuple(left_out["criteria"]), left_out["rows"]).words
    return f"{escape(words)} "


def _in_short(overall: Mapping[str, Any], *, pooled: bool) -> str:
    scored = f"{overall['scored']:,} of {overall['with_outcome']:,} items with an actual outcome were predicted"
    if overall["scored"] < FEW:
        return f"{scored}: fewer than {FEW}, so read the cases below; they are no rate."
    if not pooled:
        return f"{scored}. A jurisdiction has fewer than {FEW} of them: read each by itself, below."
    return (
        f"{scored}: {share(overall['accuracy'])} right. Always answering the commoner outcome would have been "
        f"right in {share(overall['majority_baseline'])}; the difference is "
        f"{lead(overall['above_baseline'])} points."
    )


def _contents() -> str:
    links = {"jurisdiction": "By jurisdiction", "views": "Two views"}
    links |= {name: title for name, (title, _, _) in _TITLES.items()} | {"disagreements": "Disagreements"}
    return "<nav>" + " ".join(f'<a href="#{name}">{title}</a>' for name, title in links.items()) + "</nav>"


def _jurisdictions(
    groups: Mapping[str, Mapping[str, Any]], cases: Mapping[str, Sequence[Mapping[str, Any]]]
) -> str:
    parts = ["<h2 id=jurisdiction>By jurisdiction</h2>", groups_table(groups, "Jurisdiction")]
    parts.append(more_figures(groups, "Jurisdiction"))
    for name, shown in cases.items():
        if shown:
            count = groups[name]["with_outcome"]
            more = f" {len(shown):,} of them follow." if len(shown) < count else ""
            parts.append(f"<h3>{escape(_titled(name))}: {count:,} cases with an outcome</h3>")
            parts.append(f"<p class=note>Fewer than {FEW} are scored: cases, no rate.{more}</p>")
            parts.append(cases_table(shown))
    return "".join(parts)


def _views(held: Mapping[str, Any]) -> str:
    title = "<h2 id=views>With all facts, and with those known before the decision</h2>"
    if held["foresight"] is None:
        return title + "<p>No column tells what only the reviewer found, so there is one view.</p>"
    return title + views(held)


def _consistency(held: Mapping[str, Any]) -> str:
    title = "<h2>How far any rule could get</h2>"
    if not held["groups"]:
        return f"{title}<p>No two of the {held['cases']:,} cases with an outcome have equal facts.</p>"
    best, of_scored = held["best_reachable_accuracy"], held["best_reachable_of_scored"]
    scored = "" if of_scored is None else f" (of the scored cases alone, {of_scored:.1%})"
    return (
        f"{title}<p>Of {held['cases']:,} cases with an outcome, {held['cases_in_groups']:,} share their facts "
        f"with others, in {held['groups']:,} groups. In {held['mixed_groups']:,} of the groups "
        f"({held['cases_in_mixed_groups']:,} cases) reviews ended differently: on these cases, no rule on these "
        f"facts can be right in more than {best:.1%}{scored}.</p>"
    )


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
    were = "prediction was" if count == 1 else "predictions were"
    return f"<h2 id=disagreements>Disagreements</h2><p>{count:,} {were} not borne out.{cut}</p>{items}"
