"""Which facts settled a criterion: those that speak for it, those against it, and those nobody stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from guidecheck.deciding.checking import with_tables
from guidecheck.deciding.determination import CriterionResult
from guidecheck.language.conditions import (
    AnyOf,
    Cell,
    Condition,
    FactRef,
    Not,
    Op,
    Record,
    TableName,
    Test,
    evaluate,
    facts_read,
)
from guidecheck.language.derivations import FirstKnown, Formula, Product, SameAs, Sum
from guidecheck.language.facts import Value
from guidecheck.language.vocabulary import STRUCTURAL, Vocabulary
from guidecheck.library.models import Guideline
from guidecheck.requests.request import Item

Limit = Value | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an item's facts answer to one test.

    `holds` is the test's own answer, None where a fact is missing; `supports` tells whether it speaks for the
    condition in which it stands, which differs under `not`. `limit` is the right side: a constant, or what a
    fact or a table gives.
    """

    test: Test
    holds: bool | None
    supports: bool | None
    value: Value | None
    limit: Limit | None

    @property
    def negated(self) -> bool:
        """Whether the test stands under `not`."""
        return self.holds is not self.supports


@dataclass(frozen=True, slots=True)
class Settled:
    """What settled a criterion.

    `supporting` and `contrary` answer what it requires, `guards` why it applies: known facts only. `missing`
    names facts that the records do not document, `unknown` those of partial records that are left open.
    """

    supporting: tuple[Reading, ...]
    contrary: tuple[Reading, ...]
    guards: tuple[Reading, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def settle(result: CriterionResult, item: Item, vocabulary: Vocabulary) -> Settled:
    """Return what settled a criterion for an item."""
    reader = _Reader(item, vocabulary, result.guideline)
    criterion = result.criterion
    asked = list(reader.readings(criterion.require))
    when = list(reader.readings(criterion.when))
    unless = list(reader.readings(criterion.unless))
    reach = list(reader.readings(result.guideline.applies_to))
    guards = [r for r in when if r.supports]
    # That an exception does not hold is told where the request itself says so, not where it only follows.
    guards += [r for r in unless if r.supports is False and r.test.fact in item.stated]
    guards += [r for r in reader.row_keys(criterion.cells) if r.supports]
    if criterion.require is None and not guards:
        guards = [r for r in reach if r.supports]
    lacking = reader.lacking(asked)
    open_guards = [*reader.lacking(when), *reader.lacking(unless), *reader.lacking(reach)]
    unknown = [name for name in (*open_guards, *lacking) if name in item.known.unknown]
    return Settled(
        supporting=tuple(r for r in asked if r.supports),
        contrary=tuple(r for r in asked if r.supports is False),
        # What every item has explains nothing.
        guards=tuple(r for r in guards if r.value is not None and r.test.fact not in STRUCTURAL),
        missing=tuple(dict.fromkeys(name for name in lacking if name not in item.known.unknown)),
        unknown=tuple(dict.fromkeys(unknown)),
    )


def limit_of(test: Test, guideline: Guideline, item: Item) -> Limit | None:
    """Return the right side of a guideline's test for an item: a constant, or what a fact or a table gives."""
    return _limit(test, with_tables(guideline, item.known)[0].values)


def _limit(test: Test, record: Record) -> Limit | None:
    match test.operand:
        case FactRef(fact):
            return record.get(fact)
        case Cell() | TableName():
            return record.get(test.operand.key)
        case _:
            return test.operand


@dataclass
class _Reader:
    """Reads conditions of one guideline against one item."""

    item: Item
    vocabulary: Vocabulary
    guideline: Guideline

    def __post_init__(self) -> None:
        known, self._rows = with_tables(self.guideline, self.item.known)
        self._record = known.values

    def readings(self, condition: Condition | None, *, negated: bool = False) -> Iterator[Reading]:
        """Yield what settles a condition, test by test: of `any` and `all` only the parts that matter."""
        if condition is None:
            return
        if isinstance(condition, Not):
            yield from self.readings(condition.part, negated=not negated)
        elif isinstance(condition, Test):
            formula = self._formula(condition)
            if formula is None:
                yield self._reading(condition, negated=negated)
            else:
                asks_for_no = condition.operand is False
                yield from self.readings(formula, negated=negated is not asks_for_no)
        else:
            answers = [(part, evaluate(part, self._record)) for part in condition.parts]
            decisive = isinstance(condition, AnyOf)
            settles = [part for part, answer in answers if answer is decisive]
            for part in settles or condition.parts:
                yield from self.readings(part, negated=negated)

    def row_keys(self, cells: Iterable[Cell]) -> Iterator[Reading]:
        """Yield the facts that chose the rows in which cells stand."""
        for table in dict.fromkeys(cell.table for cell in cells):
            row = self._rows.get(table)
            if row is not None:
                yield from self.readings(row.condition)

    def _formula(self, test: Test) -> Condition | None:
        """Return the condition that a derived fact stands for, where the request states parts of it."""
        derivation = self.vocabulary.derivations.get(test.fact)
        stated = test.fact in self.item.stated or test.fact in self.item.undocumented
        if stated or not isinstance(derivation, Formula) or test.op is not Op.EQUALS:
            return None
        parts = facts_read(derivation.condition)
        given = any(part in self.item.stated and part not in STRUCTURAL for part in parts)
        return derivation.condition if given else None

    def _reading(self, test: Test, *, negated: bool) -> Reading:
        holds = evaluate(test, self._record)
        supports = None if holds is None else holds is not negated
        return Reading(test, holds, supports, self._record.get(test.fact), _limit(test, self._record))

    def lacking(self, readings: list[Reading]) -> list[str]:
        """Return the facts for want of which tests have no answer, as far down as a person can state them."""
        names: list[str] = []
        for reading in readings:
            if reading.holds is not None:
                continue
            operand = reading.test.operand
            read = [] if isinstance(operand, TableName) else [reading.test.fact]
            if isinstance(operand, FactRef):
                read.append(operand.fact)
            elif isinstance(operand, Cell | TableName):
                read += self.guideline.tables[operand.table].facts_read
            for name in read:
                if name not in self.item.known.values:
                    names += self._parts(name, ())
        return list(dict.fromkeys(names))

    def _parts(self, name: str, above: tuple[str, ...]) -> list[str]:
        """Return the facts that keep a derived fact open, or the fact itself where that is better asked."""
        item, derivation = self.item, self.vocabulary.derivations.get(name)
        if name in above or name in item.undocumented:
            return [name]
        match derivation:
            case SameAs(fact):
                return self._parts(fact, (*above, name))
            case FirstKnown(choices):
                named = [part for part in choices if isinstance(part, str)]
                # None is known: the last is what the fact comes to where nothing better is. One that is known,
                # and gives no value, is not what is lacking.
                if named and named[-1] not in item.known.values:
                    return self._parts(named[-1], (*above, name))
                return [name]
            case Sum(facts):
                parts = facts
            case Product(facts) if any(part in item.known.values for part in facts):
                parts = facts
            case _:
                return [name]
        lacking = [part for part in parts if part not in item.known.values]
        return [leaf for part in lacking for leaf in self._parts(part, (*above, name))]
