"""A read letter as data: the historical case of the rule language, and the details beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from guidecheck.letters.claims import Stated
from guidecheck.letters.fact_finding import Found
from guidecheck.letters.layouts import MIXED, Stretch
from guidecheck.letters.reading import LetterCase, LetterItem
from guidecheck.requests.request import Basis

MOST_QUOTED = 600
UNFINISHED = "the reasons end without a determination: the letter may be cut off"
"""The note of a last item whose facts may not be all."""


def case_data(case: LetterCase) -> dict[str, Any]:
    """Return the case as `check` reads it; `source` has the place (characters from, to) and the sentence."""
    return {
        "case_id": case.case_id,
        "as_of": case.as_of.isoformat(),
        "as_of_basis": case.as_of_basis,
        "records": "partial",
        "file": case.name,
        "claim": {name: _finding(case, stated) for name, stated in case.claim.items()},
        "items": [_item(case, item) for item in case.items],
    }


def _item(case: LetterCase, item: LetterItem) -> dict[str, Any]:
    data: dict[str, Any] = {"id": item.id, "treatment": item.asked.treatment}
    for name, stated in item.stated.items():
        data[name] = _finding(case, stated)
    for name, held in sorted(item.findings.items()):
        found = [_found(case, held[basis]) for basis in Basis if basis in held]
        if len(found) == 2 and found[0]["value"] == found[1]["value"]:
            # What the records say already is known to whoever asks for the treatment.
            found = found[:1]
        data[name] = found[0] if len(found) == 1 else found
    if item.outcome != MIXED:
        data["actual"] = item.outcome
    notes = [*([UNFINISHED] if item.unfinished else []), *item.asked.notes]
    if item.outcome == MIXED:
        notes.append("upheld in part, overturned in part: no outcome to compare a prediction with")
    if notes:
        data["note"] = "; ".join(notes)
    return data


def _finding(case: LetterCase, stated: Stated) -> dict[str, Any]:
    return {"value": plain_value(stated.value), "source": _source(case, stated.span, None), "basis": "records"}


def _found(case: LetterCase, found: Found) -> dict[str, Any]:
    return {
        "value": plain_value(found.value),
        "source": _source(case, found.span, found.sentence),
        "basis": found.basis.value,
    }


def _source(case: LetterCase, span: Stretch, sentence: Stretch | None) -> str:
    start, end = case.text.raw_span(span.start, span.end)
    return f"characters {start}-{end}: {_quoted(case.text.text, span, sentence or span)}"


def _quoted(text: str, span: Stretch, said: Stretch) -> str:
    """Return a sentence, and of a long one what stands around the words that tell the fact."""
    left, right = said.start, said.end
    if right - left > MOST_QUOTED:
        left = max(left, min(span.start - MOST_QUOTED // 3, right - MOST_QUOTED))
        right = min(right, left + MOST_QUOTED)
        left += text[left:].index(" ") if left > said.start else 0
    words = " ".join(text[left:right].split())
    return ("... " if left > said.start else "") + words + (" ..." if right < said.end else "")


def plain_value(value: object) -> object:
    """Return a value as `check` reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def details_data(case: LetterCase) -> dict[str, Any]:
    """Return what a letter says besides the facts of the vocabulary: header, reviewer, headings, guidelines."""
    return {
        "file": case.name,
        "case_id": case.case_id,
        "layout": case.layout,
        "header": case.header,
        "reviewer": case.reviewer,
        "diagnoses": [{"name": d.text, "groups": sorted(d.groups)} for d in case.diagnoses],
        "items": [
            {
                "id": item.id,
                "heading": item.heading,
                "characters": list(case.text.raw_span(item.heading_span.start, item.heading_span.end)),
                "outcome": item.outcome,
                "drug": item.asked.drug_word,
                "strength": item.asked.strength_text,
                "quantity": item.asked.pieces,
                "administrator_guidelines": [cited.as_data() for cited in item.administrator],
                "reviewer_guidelines": [cited.as_data() for cited in item.reviewer],
            }
            for item in case.items
        ],
    }
