"""A comparison as JSON data, and as text that fits a page of 80 columns."""

from __future__ import annotations

from datetime import date
from typing import Any

from guidecheck.account import Account
from guidecheck.comparison import Comparison, CriterionChange, FactChange, ItemComparison
from guidecheck.currency import currency_notes
from guidecheck.determination import Certainty, CriterionResult, ItemDetermination, Status
from guidecheck.facts import UNDOCUMENTED, FactType, Value
from guidecheck.library.models import Library
from guidecheck.rationale import headline
from guidecheck.render.json_form import SCHEMA_VERSION, json_value
from guidecheck.render.page import Page
from guidecheck.wording import Wording, day_words, reference, sentence

_STATUSES = {
    Status.MET: "met",
    Status.FAILED: "not met",
    Status.UNDOCUMENTED: "not documented",
    Status.NOT_APPLICABLE: "does not apply",
}
_INDENT = 4


def comparison_json(comparison: Comparison, library: Library) -> dict[str, Any]:
    """Return a comparison as JSON data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "before": {"case_id": comparison.before.request.case_id, "as_of": comparison.before.as_of.isoformat()},
        "after": {"case_id": comparison.after.request.case_id, "as_of": comparison.after.as_of.isoformat()},
        "library": library.identity,
        "items": [
            {
                "before": _item(pair.before, library),
                "after": _item(pair.after, library),
                "turned": pair.turned,
                "facts": [_fact(change) for change in pair.facts],
                "criteria": [_criterion(change) for change in pair.criteria],
                "resolved": [change.key for change in pair.resolved],
                "arisen": [change.key for change in pair.arisen],
            }
            for pair in comparison.items
        ],
        "removed": [_item(side, library) for side in comparison.removed],
        "added": [_item(side, library) for side in comparison.added],
    }


def _item(side: ItemDetermination, library: Library) -> dict[str, Any]:
    return {
        "item_id": side.item.id,
        "treatment": side.item.treatment,
        "as_of": side.item.as_of.isoformat(),
        "predicted": side.outcome.value,
        "headline": headline(side, library),
    }


def _fact(change: FactChange) -> dict[str, Any]:
    return {
        "fact": change.fact,
        "before": json_value(change.before),
        "after": json_value(change.after),
        "follows": change.follows,
    }


def _criterion(change: CriterionChange) -> dict[str, Any]:
    sides = {"before": change.before, "after": change.after}
    return {
        "id": change.key,
        "topic": change.either.criterion.topic,
        **{
            name: result
            and {
                "status": result.status.value,
                "controlling": result.controlling,
                "superseded_by": result.superseded_by,
            }
            for name, result in sides.items()
        },
    }


# -------------------------------------------------------------------------------------------------- as text


def comparison_text(comparison: Comparison, library: Library, today: date, width: int = 80) -> str:
    """Return a comparison as text; `today` is the day to which editions are compared."""
    page = Page(width)
    write_comparison(page, comparison, library, today)
    return page.text


def write_comparison(page: Page, comparison: Comparison, library: Library, today: date) -> None:
    """Write a comparison on a page, item by item."""
    page.rule()
    for lead, whole in (("Before: ", comparison.before), ("After: ", comparison.after)):
        page.say(f"{whole.request.case_id}, guidelines of {day_words(whole.as_of)}", indent=9, lead=lead)
    page.rule()
    for pair in comparison.items:
        page.gap()
        _pair(page, pair, library, today)
    for heading, sides in (("Only before", comparison.removed), ("Only after", comparison.added)):
        for side in sides:
            page.gap()
            page.say(f"{heading}: {_name(side, library)}", style="bold")
            page.say(headline(side, library), indent=2)
    page.gap()
    page.rule()
    page.say("This is decision support, not a determination, and it is neither medical nor legal advice.")


def _name(side: ItemDetermination, library: Library) -> str:
    treatment = Account(side, library).treatment
    return f"{treatment[:1].upper()}{treatment[1:]} ({side.item.id})"


def _pair(page: Page, pair: ItemComparison, library: Library, today: date) -> None:
    page.say(_name(pair.after, library), style="bold underline")
    before, after = (side.outcome.value.replace("_", " ").upper() for side in (pair.before, pair.after))
    page.say(f"{before} before, {after} after." if pair.turned else f"{after} before and after.", style="bold")
    page.say(headline(pair.after, library))
    for note in currency_notes(pair.after, library, today):
        page.say(note, indent=6, lead="Note: ", lead_style="yellow")
    if pair.facts:
        page.gap()
        page.say("Facts", style="bold")
        for change in pair.facts:
            page.say(_fact_words(change, pair, library), indent=_INDENT, lead="  - ")
    if pair.criteria:
        page.gap()
        page.say("Criteria", style="bold")
    topic = ""
    for criterion in pair.criteria:
        if criterion.either.criterion.topic != topic:
            topic = criterion.either.criterion.topic
            page.say(library.topics.get(topic, topic), indent=2)
        result = criterion.either
        page.say(f"{reference(result.citation)}: {sentence(result.criterion.says)}", indent=_INDENT, lead="  - ")
        page.say(f"{_stand(criterion.before)} before, {_stand(criterion.after)} after", indent=6, lead="    > ")
    page.gap()
    page.say("What it did", style="bold")
    page.say(_effect(pair), indent=2)


def _fact_words(change: FactChange, pair: ItemComparison, library: Library) -> str:
    fact = library.vocabulary.facts[change.fact]
    before, after = (
        _value_words(Wording(library.vocabulary, side.item), change.fact, value)
        for side, value in ((pair.before, change.before), (pair.after, change.after))
    )
    follows = ", which follows" if change.follows else ""
    label = fact.label[:1].upper() + fact.label[1:]
    return f"{label}: {before} before, {after} after{follows}."


def _value_words(words: Wording, name: str, value: Value | None) -> str:
    if value is None:
        return "not stated"
    if value == UNDOCUMENTED and words.vocabulary.facts[name].type is not FactType.TEXT:
        return "stated as not documented"
    return words.value(name, value)


def _stand(result: CriterionResult | None) -> str:
    """Return how a criterion stands, and its part."""
    if result is None:
        return "not in force"
    if result.applies is Certainty.NO:
        return "does not apply"
    status = "assumed met" if result.assumed else _STATUSES[result.status]
    if result.authority.legal:
        return status
    if result.controlling:
        return f"{status} and decides"
    return f"{status} and {'may decide' if result.controls is Certainty.POSSIBLY else 'gives way'}"


def _effect(pair: ItemComparison) -> str:
    """Return what the differences came to."""
    if not pair.facts and not pair.criteria:
        return "Nothing differs." if not pair.turned else "The outcome differs, though no fact or criterion does."
    told = []
    for opening, changes in (("No longer in the way", pair.resolved), ("Now in the way", pair.arisen)):
        if changes:
            says = dict.fromkeys(change.either.criterion.says.rstrip(".") for change in changes)
            told.append(f"{opening}: {'; '.join(says)}.")
    if pair.turned:
        told.append(f"That turns the answer from {_outcome(pair.before)} to {_outcome(pair.after)}.")
    else:
        told.append(f"The answer stays {_outcome(pair.after)}.")
    return " ".join(told)


def _outcome(side: ItemDetermination) -> str:
    words = side.outcome.value.replace("_", " ")
    return words if side.outcome.is_prediction else f"{words} (no prediction)"
