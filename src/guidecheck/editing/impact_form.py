"""The impact of changed rules as text for 80 columns, as Markdown for a pull request, and as JSON data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from guidecheck.editing.difference_form import wrapped
from guidecheck.editing.impact import ChangedCase, Impact
from guidecheck.render.markdown import escaped

SCHEMA_VERSION = 1
_MOST_CRITERIA = 20

_SHARES = ("accuracy", "balanced_accuracy", "mcc")
_TITLES = {
    "items": "items",
    "coverage": "coverage (items with a prediction)",
    "scored": "scored",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "mcc": "correlation (MCC)",
    "undetermined": "undetermined",
    "no_guideline": "no guideline",
    "upheld_undocumented": "upheld for lack of documentation",
    "rejected": "rejected",
}
_PERCENT = ("coverage", "accuracy", "balanced_accuracy")


def impact_json(impact: Impact, old: str, new: str) -> dict[str, Any]:
    """Return an impact as JSON data; `old` and `new` are what the rules are called."""
    before, after = _figures(impact.old.scorecard), _figures(impact.new.scorecard)
    return {
        "schema_version": SCHEMA_VERSION,
        "old": {"rules": old, **impact.old.scorecard["library"]},
        "new": {"rules": new, **impact.new.scorecard["library"]},
        "compared": impact.compared,
        "only_old": impact.only_old,
        "only_new": impact.only_new,
        "changed": impact.changed,
        "right_to_wrong": impact.right_to_wrong,
        "wrong_to_right": impact.wrong_to_right,
        "other_reasons": impact.other_reasons,
        "turns": [asdict(turn) for turn in impact.turns],
        "criteria": [asdict(criterion) for criterion in impact.criteria],
        "scorecard": {name: {"before": before[name], "after": after[name]} for name in before},
        "cases": [{**asdict(case), "as_of": case.as_of.isoformat()} for case in impact.cases],
    }


def _figures(card: dict[str, Any]) -> dict[str, float | None]:
    """Return the figures of a scorecard by name; None where there is nothing to divide by."""
    overall = card["overall"]
    items = overall["items"]
    silent = overall["undetermined"] + overall["no_guideline"]
    figures: dict[str, float | None] = {"items": items, "coverage": (items - silent) / items if items else None}
    for name in _TITLES:
        if name in _SHARES:
            figures[name] = overall[name]["value"] if overall[name] else None
        elif name not in figures:
            figures[name] = overall[name]
    return figures


def _table(impact: Impact) -> Iterator[tuple[str, str, str, str]]:
    """Yield a line for each figure of the scorecard: its title, before, after, and the change."""
    before, after = _figures(impact.old.scorecard), _figures(impact.new.scorecard)
    for name, title in _TITLES.items():
        was, now = before[name], after[name]
        change = "" if was is None or now is None else _signed(name, now - was)
        yield title, _shown(name, was), _shown(name, now), change


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name in _PERCENT:
        return f"{value:.1%}"
    return f"{value:.3f}" if name == "mcc" else f"{value:,.0f}"


def _signed(name: str, change: float) -> str:
    if name in _PERCENT:
        text = f"{100 * change:+.1f} points"
    else:
        text = f"{change:+.3f}" if name == "mcc" else f"{change:+,.0f}"
    return "" if float(text.split()[0].replace(",", "")) == 0 else text


def _headline(impact: Impact, old: str, new: str) -> str:
    verb = "changes" if impact.changed == 1 else "change"
    return (
        f"From {old} to {new}: {impact.changed:,} of {impact.compared:,} predictions {verb}, "
        f"{impact.right_to_wrong:,} from right to wrong and {impact.wrong_to_right:,} from wrong to right."
    )


def _items(number: int) -> str:
    return f"{number:,} item{'' if number == 1 else 's'}"


def _remarks(impact: Impact) -> Iterator[str]:
    if impact.other_reasons:
        yield f"{_items(impact.other_reasons)} with the same prediction for other reasons."
    for number, which in ((impact.only_old, "old"), (impact.only_new, "new")):
        if number:
            yield f"{_items(number)} answered only by the {which} rules."


def _of(right_to_wrong: int, wrong_to_right: int) -> str:
    parts = [
        f"{number:,} {way}"
        for number, way in ((right_to_wrong, "right to wrong"), (wrong_to_right, "wrong to right"))
        if number
    ]
    return ", ".join(parts)


def _verdict(case: ChangedCase) -> str:
    """Return what the actual outcome says of a change."""
    if case.actual is None:
        return ""
    words = {True: "right", False: "wrong", None: "no prediction"}
    return f"decided {case.actual}: {words[case.was_right]} → {words[case.now_right]}"


def _reasons(case: ChangedCase) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield which criteria account for a change: those of which unmet changes, else controlling."""
    unmet = (("no longer unmet", case.no_longer_unmet), ("now unmet", case.newly_unmet))
    controlling = (("no longer decides", case.no_longer_controlling), ("now decides", case.newly_controlling))
    for title, names in unmet if any(names for _, names in unmet) else controlling:
        if names:
            yield title, names


def impact_text(impact: Impact, old: str, new: str) -> str:
    """Return an impact as text."""
    lines = wrapped(_headline(impact, old, new))
    lines += _remarks(impact)
    if impact.turns:
        lines += ["", *_titled("Predictions")]
        width = max(len(f"{turn.was} → {turn.now}") for turn in impact.turns)
        for turn in impact.turns:
            of = _of(turn.right_to_wrong, turn.wrong_to_right)
            lines.append(f"  {f'{turn.was} → {turn.now}':<{width}}  {turn.items:>9,}  {of}".rstrip())
    if impact.criteria:
        lines += ["", *_titled("By criterion (an item counts in each of its own)")]
        for criterion in impact.criteria[:_MOST_CRITERIA]:
            of = _of(criterion.right_to_wrong, criterion.wrong_to_right)
            lines.append(f"  {criterion.items:>9,}  {criterion.criterion}")
            lines += [f"{'':13}{of}"] if of else []
        lines += _more(len(impact.criteria) - _MOST_CRITERIA, "criteria")
    lines += ["", *_titled("Scorecard")]
    lines.append(f"  {'':35}{'before':>10}{'after':>11}   change")
    for title, was, now, change in _table(impact):
        lines.append(f"  {title:<35}{was:>10}{now:>11}   {change}".rstrip())
    if impact.cases:
        lines += ["", *_titled(_cases_title(impact))]
        for case in impact.cases:
            lines += _case_lines(case)
    return "\n".join(lines) + "\n"


def _titled(title: str) -> list[str]:
    return [title, "─" * len(title)]


def _more(number: int, what: str) -> list[str]:
    return [f"  and {number:,} more {what}; --format json has them all"] if number > 0 else []


def _cases_title(impact: Impact) -> str:
    shown = len(impact.cases)
    return "Cases" if shown == impact.changed else f"Cases ({shown:,} of {impact.changed:,}; --out FILE has all)"


def _case_lines(case: ChangedCase) -> Iterator[str]:
    yield f"  {case.case_id} / {case.item_id}, {case.as_of}"
    verdict = _verdict(case)
    yield f"    {case.was} → {case.now}{f' ({verdict})' if verdict else ''}"
    for title, names in _reasons(case):
        yield from wrapped(f"{title}: {', '.join(names)}", "    ", "      ")


def impact_markdown(impact: Impact, old: str, new: str) -> str:
    """Return an impact as Markdown."""
    lines = ["### Impact on past cases", "", escaped(_headline(impact, old, new)), ""]
    lines += [line for remark in _remarks(impact) for line in (escaped(remark), "")]
    if impact.turns:
        rows = [
            (f"{turn.was} → {turn.now}", f"{turn.items:,}", f"{turn.right_to_wrong:,}", f"{turn.wrong_to_right:,}")
            for turn in impact.turns
        ]
        lines += _grid(("Prediction", "Items", "Right to wrong", "Wrong to right"), rows)
    if impact.criteria:
        rows = [
            (
                f"`{one.criterion}`",
                f"{one.items:,}",
                f"{one.right_to_wrong:,}",
                f"{one.wrong_to_right:,}",
            )
            for one in impact.criteria[:_MOST_CRITERIA]
        ]
        lines += _grid(("Criterion", "Items", "Right to wrong", "Wrong to right"), rows)
        lines += [line for more in _more(len(impact.criteria) - _MOST_CRITERIA, "criteria") for line in (more, "")]
    lines += _grid(("Scorecard", "Before", "After", "Change"), _table(impact))
    if impact.cases:
        lines += ["<details>", f"<summary>{_cases_title(impact)}</summary>", ""]
        lines += _grid(
            ("Case", "Date", "Prediction", "Decided", "Criteria"),
            (_case_row(case) for case in impact.cases),
            numbers=False,
        )
        lines += ["</details>", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _case_row(case: ChangedCase) -> tuple[str, ...]:
    reasons = "; ".join(f"{title} {', '.join(f'`{name}`' for name in names)}" for title, names in _reasons(case))
    return (
        f"{escaped(case.case_id)} / {escaped(case.item_id)}",
        case.as_of.isoformat(),
        f"{case.was} → {case.now}",
        escaped(_verdict(case).removeprefix("decided ")),
        reasons,
    )


def _grid(heading: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = True) -> list[str]:
    align = " | ".join(["---", *(("---:",) if numbers else ("---",)) * (len(heading) - 1)])
    return [f"| {' | '.join(heading)} |", f"| {align} |", *(f"| {' | '.join(row)} |" for row in rows), ""]
