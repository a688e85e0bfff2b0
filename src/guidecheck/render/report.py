"""Determinations as the content of a report, which Markdown, HTML and whatever form comes next only set out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from guidecheck.deciding.determination import (
    Determination,
    ItemDetermination,
)
from guidecheck.explaining.account import Account
from guidecheck.explaining.currency import currency_notes
from guidecheck.explaining.editions import edition_words
from guidecheck.explaining.explained_sums import explained_sums, sum_heading
from guidecheck.explaining.past_cases import HEADING, past_cases_words
from guidecheck.explaining.rationale import headline, rationale
from guidecheck.explaining.visit_arithmetic import VisitCount, visit_counts
from guidecheck.explaining.wording import day_words, sentence_case
from guidecheck.language.vocabulary import AS_OF, JURISDICTION, STRUCTURAL, TREATMENT
from guidecheck.library.models import Library
from guidecheck.render.advice import advice, turning
from guidecheck.render.checklist_text import tasks
from guidecheck.render.criteria import criteria_lists, not_here
from guidecheck.render.report_model import (
    FactRow,
    ItemEntry,
    Report,
    RequestEntry,
    VisitRow,
)
from guidecheck.requests.item_building import DEFAULT_JURISDICTION

NO_PREDICTION = "no prediction"
_PARTIAL = "The records are incomplete: what the request leaves out is unknown, not undocumented."


def report(determinations: Iterable[Determination], library: Library, today: date) -> Report:
    """Return what there is to report; `today` is the day to which editions are compared."""
    requests = tuple(_request(d, library, today, f"r{n}") for n, d in enumerate(determinations, start=1))
    title = requests[0].case_id if len(requests) == 1 else f"{len(requests)} requests"
    left_out = library.left_out.words if library.left_out is not None else ""
    return Report(f"guidecheck: {title}", requests, library.version, library.digest, left_out)


def _request(determination: Determination, library: Library, today: date, anchor: str) -> RequestEntry:
    request = determination.request
    day = day_words(determination.as_of)
    several = len(determination.items) > 1
    editions = {
        guideline.id: f"{guideline.title}: {edition_words(guideline, library, item.item.as_of)}"
        for item in determination.items
        for guideline, _ in item.editions
    }
    return RequestEntry(
        anchor=anchor,
        case_id=request.case_id,
        applied=day if request.dated else f"{day}, as the request states no date",
        partial=_PARTIAL if request.partial else "",
        editions=tuple(editions.values()),
        items=tuple(
            _item(item, library, today, f"{anchor}-{n}", str(n) if several else "")
            for n, item in enumerate(determination.items, start=1)
        ),
    )


def _item(item: ItemDetermination, library: Library, today: date, anchor: str, number: str) -> ItemEntry:
    account = Account(item, library)
    todo_heading, todo = advice(account)
    checks = () if item.lacking else tuple((heading, tuple(found)) for heading, found in tasks(account))
    return ItemEntry(
        anchor=anchor,
        number=number,
        title=sentence_case(account.treatment),
        name=account.name,
        outcome=item.outcome.value if item.outcome.is_prediction else NO_PREDICTION,
        kind=item.outcome.value.replace("_", "-"),
        headline=headline(item, library),
        actual=_actual(item),
        warnings=tuple(currency_notes(item, library, today)),
        reason=rationale(item, library),
        past_heading=HEADING,
        past=tuple(past_cases_words(item)),
        todo_heading=todo_heading,
        todo=tuple(todo),
        advice=turning(account),
        visits=() if item.lacking else tuple(_visits(visit_counts(item, library.vocabulary))),
        sums=tuple((sum_heading(s), s.lines) for s in explained_sums(item, library.vocabulary)),
        criteria=() if item.lacking else tuple(criteria_lists(account)),
        rest="" if item.lacking else not_here(account),
        facts=tuple(_facts(account)),
        worked_out=tuple(_worked_out(account)),
        tasks=checks,
    )


def _actual(item: ItemDetermination) -> str:
    if item.item.actual is None:
        return ""
    agreement = ""
    if item.outcome.is_prediction:
        agreement = ", as predicted" if item.outcome.value == item.item.actual else ", against the prediction"
    return f"The review's own outcome: {item.item.actual.value}{agreement}."


# ------------------------------------------------------------------------------------------------------ visits


def _visits(counts: list[VisitCount]) -> Iterator[VisitRow]:
    """Yield the limits on visits in numbers; equal ones of one guideline once."""
    rows: dict[VisitRow, None] = {}
    for count in counts:
        known = count.asked is not None and (count.had is not None or not count.counts_earlier)
        result = ""
        if count.over:
            excess = f"{'' if known else 'at least '}{count.over:g}"
            result = (
                f"{excess} beyond it, which is excused" if count.result.counts_as_met else f"{excess} too many"
            )
        earlier = count.counts_earlier
        row = VisitRow(
            limit=count.result.guideline.title,
            in_all=earlier,
            asked=_number(count.asked),
            had=_number(count.had) if earlier else "do not count",
            allowed=str(count.allowed),
            left="unknown" if count.left is None else f"{max(0, count.left):g}",
            result=result or ("within the limit" if known else "not known"),
        )
        rows[row] = None
    yield from rows


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


# ------------------------------------------------------------------------------------------------------- facts


def _facts(account: Account) -> Iterator[FactRow]:
    """Yield the facts that the request states, those stated as undocumented included."""
    item, words = account.item.item, account.words
    for name, fact in account.library.vocabulary.facts.items():
        label = sentence_case(fact.label)
        if name in item.stated and name not in (AS_OF, TREATMENT) and not _is_default(name, item.stated[name]):
            yield FactRow(label, words.value(name, item.stated[name]), words.evidence(name))
        elif name in item.undocumented:
            yield FactRow(label, "stated as not documented", words.evidence(name))


def _is_default(name: str, value: object) -> bool:
    return name == JURISDICTION and value == DEFAULT_JURISDICTION


def _worked_out(account: Account) -> Iterator[FactRow]:
    """Yield the facts that criteria read and that follow from those stated."""
    item, words, vocabulary = account.item.item, account.words, account.library.vocabulary
    read = dict.fromkeys(name for r in (*account.item.criteria, *account.item.legal) for name in r.facts)
    for name in read:
        fact = vocabulary.facts.get(name)
        given = name in item.stated or name in STRUCTURAL
        if fact is None or given or name not in item.known.values:
            continue
        sources = [source for source in vocabulary.sources([name]) if source in item.stated]
        follows = f"from {words.labels(sources)}" if sources else "unless stated otherwise"
        yield FactRow(sentence_case(fact.label), words.value(name, item.known.values[name]), follows)
