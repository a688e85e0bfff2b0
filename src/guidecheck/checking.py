"""Checking a request: the engine's answers turned into statuses, control and an outcome for each item."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from guidecheck.conditions import All, Condition, Op, TableName, Test, tests_of
from guidecheck.control import Applying, decide, resolve_control
from guidecheck.derivations import Known
from guidecheck.determination import (
    Certainty,
    CriterionResult,
    Determination,
    ItemDetermination,
    Outcome,
    Status,
)
from guidecheck.engine.durable import APPLIES, DurableEngine, guard_of
from guidecheck.facts import Value
from guidecheck.library.models import Authority, Criterion, Guideline, Library
from guidecheck.library.node_models import CONFIDENCES
from guidecheck.request import Item, Request
from guidecheck.tables import Row
from guidecheck.vocabulary import TREATMENT


class Checker:
    """Checks requests against one library; safe to share between threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._engine = DurableEngine()

    def check(self, request: Request) -> Determination:
        """Return the determination of a request."""
        items = tuple(self.check_item(item) for item in request.items)
        return Determination(request, request.as_of, self.library.version, self.library.digest, items)

    def check_item(self, item: Item) -> ItemDetermination:
        """Return the determination of one item."""
        applying: Applying = []
        medical: list[CriterionResult] = []
        legal: list[CriterionResult] = []
        for guideline, authority in self._in_force(item):
            known, rows = with_tables(guideline, item.known)
            answers = self._engine.answers(guideline, known)
            applies = _certainty(answers, APPLIES)
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
        assumes = self._assumes(item, results)
        return ItemDetermination(item, outcome, basis, tuple(results), tuple(legal), assumes, item.lacking)

    def _in_force(self, item: Item) -> list[tuple[Guideline, Authority]]:
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
        return found

    def _assumes(self, item: Item, results: list[CriterionResult]) -> tuple[str, ...]:
        """Return the criteria assumed met, and the facts of partial records taken for undocumented."""
        active = [result for result in results if result.controls is not Certainty.NO]
        assumed = [result.criterion.key for result in active if result.assumed]
        if item.partial:
            vocabulary = self.library.vocabulary
            read = vocabulary.sources(fact for result in results for fact in result.guideline.facts)
            for name in read:
                usual = vocabulary.facts[name].usual_undocumented
                if usual and name not in item.known.values and name not in item.undocumented:
                    assumed.append(name)
        return tuple(assumed)


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


def with_tables(guideline: Guideline, known: Known) -> tuple[Known, Mapping[str, Row]]:
    """Return what is known with the cells and listings that a guideline's conditions look up, and the rows."""
    values: dict[str, Value] = dict(known.values)
    unknown = set(known.unknown)
    rows: dict[str, Row] = {}
    picks = {name: guideline.tables[name].resolve(known) for name in guideline.tables_used}
    for name, picked in picks.items():
        if picked.row is not None and not picked.open:
            rows[name] = picked.row
    for cell in guideline.cells:
        picked = picks[cell.table]
        if picked.open:
            unknown.add(cell.key)
        elif picked.row is not None and cell.column in picked.row.cells:
            values[cell.key] = picked.row.cells[cell.column]
    for listing in guideline.listings:
        picked = picks[listing.table]
        if picked.listed is not None:
            values[listing.key] = picked.listed
        elif picked.may_list:
            unknown.add(listing.key)
    return Known(values, frozenset(unknown)), rows


def _certainty(answers: Collection[str], question: str) -> Certainty:
    if question in answers:
        return Certainty.SURELY
    return Certainty.POSSIBLY if f"{question}?" in answers else Certainty.NO


def _applies(criterion: Criterion, answers: Collection[str]) -> Certainty:
    """Return whether a criterion's own guards let it apply."""
    when = Certainty.SURELY if guard_of(criterion) is None else _certainty(answers, f"{criterion.id}.when")
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
    for table in _tables_of(criterion):
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
    names = [cell.table for cell in criterion.cells]
    names += [t.operand.table for c in conditions for t in tests_of(c) if isinstance(t.operand, TableName)]
    return list(dict.fromkeys(names))
