"""Checking a request: the engine's answers turned into statuses, control and an outcome for each item."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Protocol

from guidecheck.deciding.control import Applying, decide, resolve_control
from guidecheck.deciding.determination import (
    Certainty,
    CriterionResult,
    Determination,
    ItemDetermination,
    Outcome,
    Status,
)
from guidecheck.engine.durable import DurableEngine
from guidecheck.engine.questions import APPLIES
from guidecheck.language.conditions import All, Condition, Op, Test, evaluate, tables_read
from guidecheck.language.derivations import SumOver, facts_in
from guidecheck.language.deriving import Deriver, Known, look_up
from guidecheck.language.tables import Row
from guidecheck.language.vocabulary import AS_OF, TREATMENT, Vocabulary
from guidecheck.library.confidence_words import CONFIDENCES
from guidecheck.library.models import Authority, Criterion, Guideline, Library
from guidecheck.requests.request import Item, Request


class Engine(Protocol):
    """What answers the questions of `engine.questions`."""

    def answers(self, guideline: Guideline, known: Known) -> set[str]:
        """Return the questions about a guideline that are answered with yes for an item."""


class Checker:
    """Checks requests against one library; safe to share between threads."""

    def __init__(self, library: Library, engine: Engine | None = None) -> None:
        self.library = library
        self._engine = engine or DurableEngine()
        self._place = {name: place for place, name in enumerate(library.authorities)}

    def check(self, request: Request) -> Determination:
        """Return the determination of a request."""
        items = tuple(self.check_item(item) for item in request.items)
        return Determination(request, request.as_of, self.library.version, self.library.digest, items)

    def check_item(self, item: Item) -> ItemDetermination:
        """Return the determination of one item."""
        applying: Applying = []
        medical: list[CriterionResult] = []
        legal: list[CriterionResult] = []
        assumed: list[str] = []
        for guideline, authority in self.in_force(item):
            known, rows = with_tables(guideline, item.known)
            answers = self._engine.answers(guideline, known)
            applies = _certainty(answers, APPLIES)
            if item.partial and not authority.legal:
                assumed += self._assumed_facts(item, guideline, known, applies)
            if applies is Certainty.NO:
                continue
            if not authority.legal:
                applying.append((guideline, authority, applies))
            for criterion in guideline.criteria:
                result = _result(criterion, guideline, authority, applies, answers, known, rows)
                (legal if authority.legal else medical).append(result)
        results = resolve_control(medical, applying)
        outcome, basis = decide(results, complete=not item.partial)
        if item.lacking:
            outcome, basis = Outcome.UNDETERMINED, None
        assumed += uncounted_totals(self.library.vocabulary, item, medical)
        active = [result for result in results if result.controls is not Certainty.NO]
        assumes = dict.fromkeys([result.criterion.key for result in active if result.assumed] + assumed)
        return ItemDetermination(item, outcome, basis, tuple(results), tuple(legal), tuple(assumes), item.lacking)

    def in_force(self, item: Item) -> list[tuple[Guideline, Authority]]:
        """Return the guidelines in force on the item's day in its jurisdiction, that may be for its treatment."""
        allowed = self.library.jurisdictions.get(item.jurisdiction, ())
        found = []
        for guideline in self.library.guidelines.values():
            period = guideline.period(item.as_of)
            if period is None or period.authority not in allowed:
                continue
            treatments = treatments_named(guideline.applies_to)
            if treatments is None or item.treatment in treatments:
                found.append((guideline, self.library.authorities[period.authority]))
        # A guideline may stand elsewhere in the library, by the authority of another of its periods.
        return sorted(found, key=lambda pair: self._place[pair[1].id])

    def _assumed_facts(self, item: Item, guideline: Guideline, known: Known, applies: Certainty) -> list[str]:
        """Return the facts of partial records that a guideline's answers take for undocumented.

        Of a guideline that does not apply, those by which it might.
        """
        if applies is Certainty.NO:
            if evaluate(guideline.applies_to, known.values) is False:
                return []
            read = facts_in(guideline.applies_to, guideline.tables)
        else:
            read = list(guideline.facts)
        vocabulary = self.library.vocabulary
        return [
            name
            for name in vocabulary.sources(read)
            if vocabulary.facts[name].usual_undocumented
            and name not in item.known.values
            and name not in item.undocumented
        ]


def uncounted_totals(vocabulary: Vocabulary, item: Item, results: list[CriterionResult]) -> list[str]:
    """Return the totals over what is told of a list that cannot be worked out, so that some criterion is idle."""
    return [
        name
        for name, total in vocabulary.derivations.items()
        if isinstance(total, SumOver)
        and not total.partly
        and (item.stated.get(total.list_fact) or total.list_fact in item.in_part)
        if name not in item.known.values and name not in item.undocumented
        if any(name in result.facts for result in results if result.applies is Certainty.NO)
    ]


def treatments_named(applies_to: Condition) -> Collection[str] | None:
    """Return the only treatments for which a condition can hold, or None where it names none at its top.

    An index, not a judgement: it spares the engine the guidelines of other treatments.
    """
    parts = applies_to.parts if isinstance(applies_to, All) else (applies_to,)
    for part in parts:
        if isinstance(part, Test) and part.fact == TREATMENT:
            if part.op is Op.EQUALS:
                return (str(part.operand),)
            if part.op is Op.ONE_OF and isinstance(part.operand, tuple):
                return part.operand
    return None


def would_apply(guideline: Guideline, library: Library, item: Item, day: date) -> bool:
    """Tell whether a guideline would apply to an item decided on another day.

    What partial records leave open doesn't keep it from applying.
    """
    stated = {**item.stated, AS_OF: day}
    known = Deriver(library.vocabulary, stated, item.undocumented, item.partial, in_part=item.in_part).known()
    holds = evaluate(guideline.applies_to, with_tables(guideline, known)[0].values)
    return holds is True or (item.partial and holds is None)


def with_tables(guideline: Guideline, known: Known) -> tuple[Known, Mapping[str, Row]]:
    """Return what is known with the cells and listings that a guideline's conditions look up, and the rows."""
    return look_up(guideline.tables, guideline.cells, guideline.listings, known)


def _certainty(answers: Collection[str], question: str) -> Certainty:
    if question in answers:
        return Certainty.SURELY
    return Certainty.POSSIBLY if f"{question}?" in answers else Certainty.NO


def _applies(criterion: Criterion, answers: Collection[str]) -> Certainty:
    """Return whether a criterion's own guards let it apply."""
    guarded = criterion.when is not None or criterion.cells
    when = _certainty(answers, f"{criterion.id}.when") if guarded else Certainty.SURELY
    if criterion.unless is None:
        return when
    barred = _certainty(answers, f"{criterion.id}.unless")
    return min(when, Certainty(Certainty.SURELY - barred))


def _status(criterion: Criterion, answers: Collection[str]) -> Status:
    if criterion.require is None or f"{criterion.id}.failed" in answers:
        return Status.FAILED
    return Status.MET if f"{criterion.id}.met" in answers else Status.UNDOCUMENTED


def _result(
    criterion: Criterion,
    guideline: Guideline,
    authority: Authority,
    guideline_applies: Certainty,
    answers: Collection[str],
    known: Known,
    rows: Mapping[str, Row],
) -> CriterionResult:
    applies = min(guideline_applies, _applies(criterion, answers))
    status = Status.NOT_APPLICABLE if applies is Certainty.NO else _status(criterion, answers)
    could_be_met = status is Status.UNDOCUMENTED and f"{criterion.id}.met?" in answers
    citation, confidence = dict(criterion.citation), criterion.confidence
    for table in _tables_of(criterion) if rows else ():
        row = rows.get(table)
        if row is not None:
            citation.update(row.citation)
            confidence = max(confidence, row.confidence or confidence, key=CONFIDENCES.index)
    return CriterionResult(
        criterion=criterion,
        guideline=guideline,
        authority=authority,
        status=status,
        applies=applies,
        could_be_met=could_be_met,
        controls=Certainty.NO,
        superseded_by=None,
        facts={name: known.values.get(name) for name in criterion.facts},
        citation=citation,
        confidence=confidence,
    )


def _tables_of(criterion: Criterion) -> list[str]:
    conditions = (criterion.require, criterion.when, criterion.unless)
    return tables_read(All(tuple(condition for condition in conditions if condition is not None)))
