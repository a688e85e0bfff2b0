"""Single changes to an item: which ones could matter for a topic, and the item that they make."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from guidecheck.deciding.checking import Checker, with_tables
from guidecheck.deciding.determination import Change, CriterionResult, ItemDetermination
from guidecheck.errors import Finding
from guidecheck.language.conditions import (
    DATE_OPS,
    Cell,
    Condition,
    FactRef,
    Not,
    Op,
    TableName,
    Test,
    evaluate,
    facts_read,
)
from guidecheck.language.derivations import Derivation, FirstKnown, Formula, Product, SameAs, Sum, SumOver
from guidecheck.language.deriving import Deriver
from guidecheck.language.facts import Changeable, Fact, FactType, Value, ordinal
from guidecheck.language.vocabulary import AS_OF, Vocabulary
from guidecheck.library.models import Guideline
from guidecheck.requests.fact_reader import Facts
from guidecheck.requests.item_building import build_item
from guidecheck.requests.request import Item

_FLIPPED = {
    Op.AT_MOST: Op.MORE_THAN,
    Op.MORE_THAN: Op.AT_MOST,
    Op.AT_LEAST: Op.LESS_THAN,
    Op.LESS_THAN: Op.AT_LEAST,
}
_SMALLEST_STEP = 0.000001
_MOST_CHOICES = 6
_FAR = 1_000
_MOST_SPLITS = 50


def amended_item(vocabulary: Vocabulary, item: Item, changes: tuple[Change, ...]) -> Item | None:
    """Return an item with changes made, or None where they contradict its other facts."""
    stated = dict(item.stated)
    undocumented = set(item.undocumented)
    changed = [vocabulary.derivations.get(change.fact) for change in changes]
    # What is asked for now is none of a total asked otherwise.
    summed = {total.list_fact for total in changed if isinstance(total, SumOver)}
    in_part = {name: entries for name, entries in item.in_part.items() if name not in summed}
    # A factor that is changed itself stays as asked, unless less of it does as well.
    kept = {change.fact for change in changes if change.bound is not Op.AT_MOST}
    # Products last: their factors are fitted to what else is changed, in whatever order the changes come.
    for change in sorted(changes, key=lambda c: isinstance(vocabulary.derivations.get(c.fact), Product)):
        if change.value is None:
            stated.pop(change.fact, None)
        else:
            _set(vocabulary, change.fact, change.value, stated, undocumented, kept)
    stated.pop(AS_OF, None)
    findings: list[Finding] = []
    return build_item(
        vocabulary,
        Facts(stated, undocumented, dict(item.evidence), in_part=in_part),
        findings,
        id=item.id,
        at=item.at,
        as_of=item.as_of,
        partial=item.partial,
        actual=item.actual,
    )


def _set(
    vocabulary: Vocabulary,
    name: str,
    value: Value,
    stated: dict[str, Value],
    undocumented: set[str],
    kept: set[str],
) -> None:
    """State a fact, and bring what it is worked out from, or goes into, in line with it."""
    undocumented.discard(name)
    for derived, whole in vocabulary.derivations.items():
        # A stated total no longer holds once a part of it is changed and it follows from all of them.
        if derived not in stated or not isinstance(whole, Sum | Product) or name not in whole.facts:
            continue
        deriver = Deriver(vocabulary, {fact: held for fact, held in stated.items() if fact != derived})
        if all(part == name or deriver.value(part) is not None for part in whole.facts):
            del stated[derived]
    derivation = vocabulary.derivations.get(name)
    stated[name] = value
    if isinstance(derivation, SumOver):
        stated.pop(derivation.list_fact, None)
    elif isinstance(derivation, Product):
        _fit_factors(vocabulary, name, derivation, stated, kept)


def _fit_factors(
    vocabulary: Vocabulary, name: str, product: Product, stated: dict[str, Value], kept: set[str]
) -> None:
    """Fit the stated factors of a product to its new value, but for those to be `kept`.

    Four a week for three weeks, to be at most six, becomes three a week for two weeks: as much as the value
    allows, no factor above what was asked, and the first as near to that as can be. Where it is no whole count,
    only the last factor is fitted: nobody makes a tablet of another strength. Where no whole number of times fits,
    the factors are left out and the product stands by itself.
    """
    deriver = Deriver(vocabulary, {fact: held for fact, held in stated.items() if fact != name})
    factors = [deriver.value(fact) for fact in product.facts]
    asked = [factor for factor in factors if isinstance(factor, int | float)]
    value = stated[name]
    if len(asked) < len(factors) or not isinstance(value, int | float):
        return
    most = asked[-1] if value < math.prod(asked) else math.inf
    splits = most < math.inf and vocabulary.facts[name].type is FactType.INTEGER
    first = [
        _no_more_than(number) if splits and fact not in kept else [number]
        for fact, number in zip(product.facts[:-1], asked[:-1], strict=True)
    ]
    tried = [(*others, _times(value, math.prod(others), most)) for others in itertools.product(*first)]
    best = max(tried, key=math.prod)
    own = [fact for fact in product.facts if fact in stated]
    fitted = dict(zip(product.facts, best, strict=True))
    if math.prod(best) > 0:
        stated.update({fact: fitted[fact] for fact in own})
        del stated[name]
    else:
        for fact in own:
            del stated[fact]


def _no_more_than(number: float) -> list[float]:
    """Return a number and the whole ones below it, as far as they are worth a trial."""
    return [number, *range(math.ceil(number) - 1, 0, -1)[:_MOST_SPLITS]]


def _times(value: float, each: float, most: float) -> int:
    """Return how many whole times something goes into a value, and no more often than `most`."""
    return math.floor(min(value / each, most)) if each > 0 else 0


def as_told(vocabulary: Vocabulary, item: Item, amended: Item, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return changes as a person makes them in the request: what is stated beside them is brought in line.

    Six visits instead of three a week for four weeks are three a week for two weeks; nine, where ten were allowed
    and only three a week for three weeks fit.
    """
    told = []
    for change in changes:
        value = amended.known.values.get(change.fact)
        fits = value is None or value == change.value
        told.append(change if fits else Change(change.fact, value, change.kind, change.criterion))
    named = {change.fact: change for change in changes}
    dropped = {list_: entries for list_, entries in item.in_part.items() if list_ not in amended.in_part}
    for name, before in {**item.stated, **dropped}.items():
        after = amended.known.values.get(name)
        if name not in named and after != before:
            cause = next((c for c in changes if name in vocabulary.inputs(c.fact)), changes[0])
            lower = isinstance(after, int | float) and ordinal(after) < ordinal(before)
            bound = Op.AT_MOST if lower and name in vocabulary.inputs(cause.fact) else None
            told.append(Change(name, after, Changeable.REQUEST, cause.criterion, bound))
    return tuple(told)


def changes_for(checker: Checker, determination: ItemDetermination, topic: str) -> Iterator[Change]:
    """Yield the changes that could bear on a topic of an item, each once.

    What a criterion in control requires may be asked otherwise, done or documented; guards, the rows of tables
    and what a guideline applies to may only be reached by asking otherwise or doing.
    """
    found: dict[tuple[str, Value | None, Op | None], Change] = {}
    for change in _for_topic(checker, determination, topic):
        found.setdefault((change.fact, change.value, change.bound), change)
    yield from found.values()


def _row_conditions(result: CriterionResult) -> Iterator[Condition]:
    """Yield what the rows of a criterion's tables ask for."""
    for cell in result.criterion.cells:
        for row in result.guideline.tables[cell.table].rows:
            if row.condition is not None:
                yield row.condition


def values_within(fact: Fact, change: Change) -> list[Value]:
    """Return other values that a change's bound allows: those next to it, and up to the fact's own limit."""
    value, limit = change.value, fact.minimum if change.bound is Op.AT_MOST else fact.maximum
    if change.bound is None or isinstance(value, bool) or not isinstance(value, int | float):
        return []
    step = 1 if change.bound is Op.AT_LEAST else -1
    least = 1 if change.kind is Changeable.REQUEST else 0
    end = limit if isinstance(limit, int | float) else (least if step < 0 else value + _FAR)
    end = max(end, least) if step < 0 else end
    middle = math.floor((value + end) / 2)
    tried = dict.fromkeys((value + step, value + 2 * step, middle, end))
    return [other for other in tried if min(value, end) <= other <= max(value, end) and other != value]


def _for_topic(checker: Checker, determination: ItemDetermination, topic: str) -> Iterator[Change]:
    item, vocabulary = determination.item, checker.library.vocabulary
    on_topic = [result for result in determination.criteria if result.criterion.topic == topic]

    values_of: dict[str, Mapping[str, Value]] = {}  # by guideline, so that its tables are gone through once
    # A part is left out of the request only where it is ruled out: not to escape what is asked for it.
    ruled_out = [result for result in on_topic if result.criterion.require is None]

    def options(guideline: Guideline, *, fewer: bool = True) -> _Options:
        if guideline.id not in values_of:
            values_of[guideline.id] = with_tables(guideline, item.known)[0].values
        return _Options(vocabulary, item, values_of[guideline.id], fewer)

    for result in on_topic:
        if result.controls and not result.counts_as_met and result.criterion.require is not None:
            yield from options(result.guideline).make(result.criterion.require, True, result, required=True)
    for result in on_topic:
        for guard in (result.criterion.when, result.criterion.unless, *_row_conditions(result)):
            if guard is not None:
                for wanted in (False, True):
                    guarded = options(result.guideline, fewer=result in ruled_out)
                    yield from guarded.make(guard, wanted, result, required=False)
    for guideline, _ in checker.in_force(item):
        speaks = guideline.leaves_open is not None or any(c.topic == topic for c in guideline.criteria)
        if speaks and on_topic:
            fewer = any(result.guideline is guideline for result in ruled_out)
            for wanted in (False, True):
                addressed = options(guideline, fewer=fewer)
                yield from addressed.make(guideline.applies_to, wanted, on_topic[0], required=False)


@dataclass(frozen=True)
class _Options:
    """The changes that make tests come out as wanted.

    `values` are what is known, with the cells of the one guideline whose conditions these are: two guidelines may
    have a table and column of the same name. `fewer` tells whether parts may be left out of what is asked.
    """

    vocabulary: Vocabulary
    item: Item
    values: Mapping[str, Value]
    fewer: bool

    def make(
        self, condition: Condition, wanted: bool, result: CriterionResult, *, required: bool
    ) -> Iterator[Change]:
        """Yield changes each of which makes some part of a condition come out as wanted."""
        if isinstance(condition, Not):
            yield from self.make(condition.part, not wanted, result, required=required)
        elif isinstance(condition, Test):
            yield from self._make_test(condition, wanted, result, required=required)
        else:
            for part in condition.parts:
                yield from self.make(part, wanted, result, required=required)

    def _make_test(self, test: Test, wanted: bool, result: CriterionResult, *, required: bool) -> Iterator[Change]:
        fact = self.vocabulary.facts.get(test.fact)
        if fact is None or isinstance(test.operand, TableName):
            return
        if evaluate(test, self.values) is wanted:
            return  # what is so already needs no change
        derivation = self.vocabulary.derivations.get(fact.name)
        if isinstance(derivation, Sum) and fact.name not in self.item.stated:
            yield from self._make_sum(test, derivation, wanted, result)
            return
        if fact.change is Changeable.FIXED:
            yield from self._make_source(test, wanted, result, required=required)
            return
        if fact.change is Changeable.DOCUMENT and self._is_begun(derivation):
            yield from self._make_source(test, wanted, result, required=required)
        if fact.change is Changeable.DOCUMENT and (not required or fact.name in self.item.known.values):
            return
        for value, bound in self._values(fact, test, wanted):
            if value != self.item.known.values.get(fact.name):
                yield Change(fact.name, value, fact.change, result.criterion.key, bound)

    def _is_begun(self, derivation: Derivation | None) -> bool:
        """Tell whether some part of a condition that a fact stands for is stated: the rest of it may be enough."""
        parts = facts_read(derivation.condition) if isinstance(derivation, Formula) else []
        return any(part in self.item.stated for part in parts)

    def _make_source(
        self, test: Test, wanted: bool, result: CriterionResult, *, required: bool
    ) -> Iterator[Change]:
        """Yield changes to what a fixed fact is worked out from."""
        match self.vocabulary.derivations.get(test.fact):
            case Formula(condition) if isinstance(test.operand, bool) and test.op is Op.EQUALS:
                yield from self.make(condition, wanted is test.operand, result, required=required)
            case SameAs(source):
                yield from self._make_test(Test(source, test.op, test.operand), wanted, result, required=required)
            case FirstKnown(parts):
                for part in parts:
                    if isinstance(part, str):
                        inner = Test(part, test.op, test.operand)
                        yield from self._make_test(inner, wanted, result, required=required)

    def _make_sum(self, test: Test, derivation: Sum, wanted: bool, result: CriterionResult) -> Iterator[Change]:
        """Yield changes to the one part of a sum that can be asked otherwise, the other parts as they are."""
        values = self.item.known.values
        for part in derivation.facts:
            fact = self.vocabulary.facts[part]
            others = [values.get(name) for name in derivation.facts if name != part]
            if fact.change is not Changeable.REQUEST or any(other is None for other in others):
                continue
            rest = math.fsum(float(other) for other in others if isinstance(other, int | float))
            for total, bound in self._values(self.vocabulary.facts[test.fact], test, wanted):
                value = _fitting(fact, ordinal(total) - rest)
                if value is not None and value != values.get(part):
                    yield Change(part, value, fact.change, result.criterion.key, bound)

    def _values(self, fact: Fact, test: Test, wanted: bool) -> Iterator[tuple[Value, Op | None]]:
        """Yield the values, the gentlest, with which a test comes out as wanted."""
        if test.op is Op.DOCUMENTED:
            if wanted and fact.type is FactType.BOOLEAN:
                yield True, None
            return
        operand = self._operand(test)
        if operand is None:
            return
        op = DATE_OPS.get(test.op, test.op)
        if op in _FLIPPED:
            yield from _bounded(fact, op if wanted else _FLIPPED[op], operand)
        elif fact.type is FactType.BOOLEAN:
            yield operand is wanted, None
        elif fact.type is FactType.SET:
            yield from self._smaller_sets(fact, op, operand, wanted)
        else:
            positive = wanted is (op is not Op.NONE_OF)
            named: tuple[Value, ...] = operand if isinstance(operand, tuple) else (operand,)  # type: ignore[assignment]
            if positive:
                # As elsewhere, to ask for none at all is no request.
                numbers = fact.type.is_numeric
                yield from (
                    (value, None)
                    for value in named[:_MOST_CHOICES]
                    if not numbers or _fitting(fact, ordinal(value)) is not None
                )
            elif fact.type.is_ordered:
                for value in named[:_MOST_CHOICES]:
                    for way in (Op.LESS_THAN, Op.MORE_THAN):
                        yield from (found for found in _bounded(fact, way, value) if found[0] not in named)
            else:
                others = [name for name in fact.choices if name not in named]
                yield from ((choice, None) for choice in others[:_MOST_CHOICES])

    def _operand(self, test: Test) -> Value | tuple[str, ...] | None:
        if isinstance(test.operand, FactRef):
            return self.values.get(test.operand.fact)
        if isinstance(test.operand, Cell):
            return self.values.get(test.operand.key)
        assert not isinstance(test.operand, TableName)
        return test.operand

    def _smaller_sets(
        self, fact: Fact, op: Op, operand: Value | tuple[str, ...], wanted: bool
    ) -> Iterator[tuple[Value, Op | None]]:
        """Yield a set without the members a test looks for: a request can name fewer parts, never others."""
        held = self.item.known.values.get(fact.name)
        looks_for_absence = wanted is (op is Op.INCLUDES_NONE)
        if self.fewer and isinstance(held, frozenset) and isinstance(operand, tuple) and looks_for_absence:
            rest = held - set(operand)
            if rest and rest != held:
                yield rest, None


def _bounded(fact: Fact, op: Op, limit: Value | tuple[str, ...]) -> Iterator[tuple[Value, Op | None]]:
    """Yield the value next to a limit on its permitted side."""
    bound = Op.AT_MOST if op in (Op.AT_MOST, Op.LESS_THAN) else Op.AT_LEAST
    step = 0.0
    if op in (Op.LESS_THAN, Op.MORE_THAN):
        step = _SMALLEST_STEP if fact.type is FactType.NUMBER else 1.0
    if isinstance(limit, date):
        yield limit + timedelta(days=step if bound is Op.AT_LEAST else -step), bound
    elif isinstance(limit, int | float):
        value = _fitting(fact, limit + (step if bound is Op.AT_LEAST else -step), up=bound is Op.AT_LEAST)
        if value is not None:
            yield value, bound


def _fitting(fact: Fact, number: float, *, up: bool = False) -> Value | None:
    """Return a number in a fact's type and limits, or None where it can't be one (or asks for nothing at all)."""
    value: int | float = number
    if fact.type is FactType.INTEGER:
        value = math.ceil(number) if up else math.floor(number)
    low, high = fact.minimum, fact.maximum
    if isinstance(low, int | float) and value < low:
        return None
    if isinstance(high, int | float) and value > high:
        return None
    return value if value > 0 or fact.change is not Changeable.REQUEST else None
