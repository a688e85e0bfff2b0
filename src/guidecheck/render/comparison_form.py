"""A comparison as JSON data, and as text that fits a page of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from guidecheck.deciding.comparison import Comparison, CriterionChange, EvidenceChange, FactChange, ItemComparison
from guidecheck.deciding.determination import Certainty, CriterionResult, ItemDetermination
from guidecheck.explaining.account import Account
from guidecheck.explaining.currency import currency_notes
from guidecheck.explaining.rationale import headline
from guidecheck.explaining.wording import Wording, day_words, reference, sentence, sentence_case
from guidecheck.language.facts import UNDOCUMENTED, FactType, Value
from guidecheck.library.models import Library
from guidecheck.render.criteria import standing
from guidecheck.render.json_form import SCHEMA_VERSION, evidence_json, json_value
from guidecheck.render.page import Page

_INDENT = 4
_NOT_IN_FORCE = "not in force"


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
                "evidence": [_evidence(change) for change in pair.evidence],
                "criteria": [_criterion(change) for change in pair.criteria],
                "resolved": [change.key for change in pair.resolved],
                "arisen": [change.key for change in pair.arisen],
                "resolved_by_day": [change.key for change in pair.resolved_by_day],
                "arisen_by_day": [change.key for change in pair.arisen_by_day],
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
        "records": _records(side),
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


def _evidence(change: EvidenceChange) -> dict[str, Any]:
    return {
        "fact": change.fact,
        "before": [evidence_json(finding) for finding in change.before],
        "after": [evidence_json(finding) for finding in change.after],
    }


def _records(side: ItemDetermination) -> str:
    return "partial" if side.item.partial else "complete"


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
    if comparison.before.as_of != comparison.after.as_of:
        page.say(_days_differ(comparison))
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


def _days_differ(comparison: Comparison) -> str:
    if comparison.before.request.case_id == comparison.after.request.case_id and not any(
        change for pair in comparison.items for change in pair.facts if not change.follows
    ):
        return "One request on two days: what differs below is the day's doing."
    if all(pair.moved for pair in comparison.items):
        return "The days differ. What only the day changed is told apart from what the draft did."
    return "The days differ: some of what differs below may be the day's doing, not the draft's."


def _name(side: ItemDetermination, library: Library) -> str:
    account = Account(side, library)
    name = f" ({account.name})" if account.name else ""
    return f"{sentence(account.treatment)[:-1]}{name}"


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
    if pair.records_differ or pair.evidence:
        page.gap()
        page.say("Records", style="bold")
    if pair.records_differ:
        page.say(f"{_records(pair.before)} before, {_records(pair.after)} after.", indent=_INDENT, lead="  - ")
    for evidence in pair.evidence:
        page.say(_evidence_words(evidence, pair, library), indent=_INDENT, lead="  - ")
    told = [(change, *_stands(change, pair)) for change in pair.criteria]
    # To give way to another criterion than before is no change that a person sees.
    differing = [(change, before, after) for change, before, after in told if before != after]
    one_day = [each for each in differing if _NOT_IN_FORCE in each]
    _criteria(page, "Criteria", [each for each in differing if each not in one_day], library)
    _criteria(page, "Criteria in force on one of the days only", one_day, library)
    page.gap()
    page.say("What it did", style="bold")
    for text in _effect(pair):
        page.say(text, indent=_INDENT, lead="  - ")


def _criteria(page: Page, heading: str, told: list[tuple[CriterionChange, str, str]], library: Library) -> None:
    """Write criteria that differ, topic by topic, with how each stands on both sides."""
    if told:
        page.gap()
        page.say(heading, style="bold")
    topic = ""
    for change, before, after in told:
        result = change.either
        if result.criterion.topic != topic:
            topic = result.criterion.topic
            page.say(library.topics.get(topic, topic), indent=2)
        page.say(f"{reference(result.citation)}: {sentence(result.criterion.says)}", indent=_INDENT, lead="  - ")
        page.say(f"{before} before, {after} after", indent=6, lead="    > ")


def _stands(change: CriterionChange, pair: ItemComparison) -> tuple[str, str]:
    """Return how a criterion stands before and after, and its part."""
    days = (change.before, pair.before.item.as_of), (change.after, pair.after.item.as_of)
    before, after = (_stand(result, change.either.guideline.period(day) is not None) for result, day in days)
    return before, after


def _fact_words(change: FactChange, pair: ItemComparison, library: Library) -> str:
    fact = library.vocabulary.facts[change.fact]
    before, after = (
        _value_words(Wording(library.vocabulary, side.item), change.fact, value)
        for side, value in ((pair.before, change.before), (pair.after, change.after))
    )
    follows = ", which follows" if change.follows else ""
    label = sentence_case(fact.label)
    return f"{label}: {before} before, {after} after{follows}."


def _evidence_words(change: EvidenceChange, pair: ItemComparison, library: Library) -> str:
    """Return where a fact stood, and stands."""
    sides = (
        Wording(library.vocabulary, side.item).evidence(change.fact) or "no source named"
        for side in (pair.before, pair.after)
    )
    before, after = sides
    label = library.vocabulary.facts[change.fact].label
    return f"{sentence_case(label)}, evidence: {before} before, {after} after."


def _value_words(words: Wording, name: str, value: Value | None) -> str:
    if value is None:
        return "not stated"
    if value == UNDOCUMENTED and words.vocabulary.facts[name].type is not FactType.TEXT:
        return "stated as not documented"
    return words.value(name, value)


def _stand(result: CriterionResult | None, in_force: bool) -> str:
    if result is None:
        return "does not apply" if in_force else _NOT_IN_FORCE
    status = standing(result).words
    if result.applies is Certainty.NO or result.authority.legal:
        return status
    if result.controlling:
        return f"{status} and decides"
    return f"{status} and {'may decide' if result.controls is Certainty.POSSIBLY else 'gives way'}"


def _effect(pair: ItemComparison) -> Iterator[str]:
    """Yield what the differences came to."""
    if not (pair.facts or pair.criteria or pair.evidence or pair.records_differ):
        yield "Nothing differs." if not pair.turned else "The outcome differs, though no fact or criterion does."
        return
    # What one edition asks and the next one asks in the same words was in the way, and is.
    lasting = set(map(_question, pair.resolved_by_day)) & set(map(_question, pair.arisen_by_day))
    parts = [
        ("Because of the day alone, no longer in the way", pair.resolved_by_day, lasting),
        ("Because of the day alone, now in the way", pair.arisen_by_day, lasting),
        ("No longer in the way", pair.resolved, set()),
        ("Now in the way", pair.arisen, set()),
    ]
    for opening, changes, passed_over in parts:
        told: dict[str, dict[str, None]] = {}
        for change in changes:
            if _question(change) not in passed_over:
                says = change.either.criterion.says.rstrip(".")
                told.setdefault(change.either.guideline.title, {})[says] = None
        for title, sentences in told.items():
            yield f"{opening} ({title}): {'; '.join(sentences)}."
    before, after = _outcome(pair.before), _outcome(pair.after)
    if pair.moved and pair.moved.outcome is not pair.before.outcome:
        yield f"The earlier draft would have been {_outcome(pair.moved)} on the later draft's day."
        if pair.turned and pair.moved.outcome is pair.after.outcome:
            yield f"So the day turns the answer from {before} to {after}, not the draft."
            return
    yield f"That turns the answer from {before} to {after}." if pair.turned else f"The answer stays {after}."


def _question(change: CriterionChange) -> tuple[str, str]:
    return change.either.criterion.topic, change.either.criterion.says


def _outcome(side: ItemDetermination) -> str:
    words = side.outcome.value.replace("_", " ")
    return words if side.outcome.is_prediction else f"{words} (no prediction)"
