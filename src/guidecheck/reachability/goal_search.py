"""Finding values of facts with which conditions come out as wanted, over classes of values.

For every fact there is a mask of the classes still open: bit 0 that it is undocumented, each other bit a
representative value. For every table there is one of the rows it may take, bit 0 that it takes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from guidecheck.language.conditions import All, AnyOf, Cell, Condition, FactRef, Not, Op, TableName, Test
from guidecheck.language.derivations import (
    Derivation,
    Elapsed,
    FirstKnown,
    Formula,
    FromTable,
    Product,
    SameAs,
    Sum,
    ValueWhen,
)
from guidecheck.language.deriving import Deriver
from guidecheck.language.facts import Value
from guidecheck.language.tables import Row
from guidecheck.language.vocabulary import STRUCTURAL
from guidecheck.reachability.fact_domains import Domains, terms_of

TRUE, FALSE, NONE = 1, 2, 4
ANY = TRUE | FALSE | NONE
MOST_STEPS = 2_000

_ABSENT = 1
_SWAPPED = tuple((a & NONE) | (a & TRUE) << 1 | (a & FALSE) >> 1 for a in range(ANY + 1))
_EMPTY = All(())


class TooLong(Exception):  # noqa: N818 - not a mistake
    """The search took more steps than it may."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A condition comes out with one of some answers (bits)."""

    condition: Condition
    answers: int


@dataclass(frozen=True, slots=True)
class Choice:
    """All goals of at least one of several lists are met."""

    ways: tuple[tuple[Goal, ...], ...]


@dataclass(frozen=True, slots=True)
class _Is:
    """A fact's class, or a table's row, is one of some (bits)."""

    name: str
    classes: int


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """A fact is what arithmetic makes of others, all of which are known."""

    fact: str
    terms: tuple[str, ...]


Goal = Hold | Choice | _Is | _Reckoned
Masks = dict[str | int, int]
"""By fact and `TABLE.` the classes and rows still open; by a condition's id the answers it is held to."""
_Way = tuple[Goal, ...]
_Open = tuple[Goal, list[_Way]]
"""A goal that can be met in several ways, and these."""


def conditions_of(goals: Iterable[Goal]) -> Iterator[Condition]:
    """Yield every condition in goals."""
    for goal in goals:
        if isinstance(goal, Hold):
            yield goal.condition
        elif isinstance(goal, Choice):
            for way in goal.ways:
                yield from conditions_of(way)


class GoalSearch:
    """Searches the values of some facts.

    Args:
        domains: the facts, their classes of values, and what follows from what.
        given: goals that every search has.
        relaxed: leave out what values tried one by one don't cover. What has no solution then has none at all;
            what has one may have none.
    """

    def __init__(self, domains: Domains, given: Iterable[Goal] = (), *, relaxed: bool = False) -> None:
        self._domains = domains
        self._cells = domains.cells
        self._relaxed = relaxed
        self._values: dict[str, tuple[Value, ...]] = {}
        self._start: Masks = {}
        for name, classes in domains.classes.items():
            self._values[name] = classes.standing(relaxed=relaxed)
            self._start[name] = (1 << len(self._values[name]) + 1) - 1
            if name in STRUCTURAL:
                self._start[name] &= ~_ABSENT
        self._read: dict[int, tuple[frozenset[str | int], Goal]] = {}
        self._picks: dict[tuple[str, int], _Way] = {}
        self._every_row: dict[str, int] = {n: (2 << len(t.rows)) - 1 for n, t in domains.tables.items()}
        self._listings: dict[str, Condition] = {}
        self._steps = 0
        laws = (law for name, d in domains.derivations.items() for law in self._follows(name, d))
        # Kept, met or not: masks know their conditions by identity, which no other may take.
        self._always = [*laws, *given]
        self._common = self._narrowed(self._always, (), self._start)
        reckons = any(terms_of(derivation) for derivation in domains.derivations.values())
        self.exhaustive = domains.exact and not reckons and not domains.shadowed

    def solutions(self, goals: Iterable[Goal]) -> Iterator[dict[str, Value]]:
        """Yield values with which these goals and those given are met; other facts are undocumented.

        Raises:
            TooLong: before it is clear whether there is another.
        """
        self._steps = 0
        if self._common is not None:
            masks, common = self._common
            for found in self._search(goals, common, masks):
                yield self._record(found)

    def _record(self, masks: Masks) -> dict[str, Value]:
        """Return the first class that is open for each fact, without facts that are reckoned from others."""
        record: dict[str, Value] = {}
        for name, values in self._values.items():
            lowest = (masks[name] & -masks[name]).bit_length() - 1
            if lowest:
                record[name] = values[lowest - 1]
        for name, derivation in self._domains.derivations.items():
            terms = terms_of(derivation)
            if terms and all(term in record for term in terms):
                record.pop(name, None)
        return record

    # -------------------------------------------------------------------------------------------- searching

    def _search(self, new: Iterable[Goal], old: Iterable[_Open], masks: Masks) -> Iterator[Masks]:
        """Yield every way to meet goals, each a choice of classes that is free beside the others.

        `old` goals were looked at with the same masks already.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooLong
        narrowed = self._narrowed(new, old, masks)
        if narrowed is None:
            return
        masks, still = narrowed
        if not still:
            yield masks
            return
        first = min(range(len(still)), key=lambda index: len(still[index][1]))
        _, ways = still.pop(first)
        for way in ways:
            yield from self._search(way, still, masks)

    def _narrowed(
        self, new: Iterable[Goal], old: Iterable[_Open], masks: Masks
    ) -> tuple[Masks, list[_Open]] | None:
        """Return the classes that goals leave open, with those goals between whose ways there is a choice.

        None where they can't all be met.
        """
        masks, still, waiting = dict(masks), list(old), [*new][::-1]
        while waiting:
            narrowed: set[str | int] = set()
            while waiting:
                goal = waiting.pop()
                if isinstance(goal, _Is):
                    mask = self._mask(goal.name, masks)
                    if not mask & goal.classes:
                        return None
                    if mask & ~goal.classes:
                        narrowed.add(goal.name)
                        masks[goal.name] = mask & goal.classes
                    continue
                ways = self._ways(goal, masks)
                if ways is None:
                    continue
                if not ways:
                    return None
                if len(ways) == 1:
                    waiting += ways[0][::-1]
                    continue
                still.append((goal, ways))
                if isinstance(goal, Hold):
                    settled = masks.get(id(goal.condition), ANY)
                    if settled & ~goal.answers:
                        narrowed.add(id(goal.condition))
                        masks[id(goal.condition)] = settled & goal.answers
            waiting = [goal for goal, _ in still if not narrowed.isdisjoint(self._names(goal))]
            still = [entry for entry in still if narrowed.isdisjoint(self._names(entry[0]))]
        return masks, still

    def _names(self, goal: Goal) -> frozenset[str | int]:
        """Return the facts, tables and conditions on which it depends whether a goal is met."""
        found = self._read.get(id(goal))
        if found is None:
            names: set[str | int] = set()
            if isinstance(goal, Hold):
                names.update(self._names_in(goal.condition))
            elif isinstance(goal, Choice):
                for part in (part for way in goal.ways for part in way):
                    names |= self._names(part)
            elif isinstance(goal, _Is):
                names.add(goal.name)
            else:
                names.update(goal.terms)
            # The goal is kept beside, so that no other takes its id.
            found = self._read[id(goal)] = (frozenset(names), goal)
        return found[0]

    def _names_in(self, condition: Condition) -> Iterator[str | int]:
        yield id(condition)
        if isinstance(condition, Not):
            yield from self._names_in(condition.part)
        elif not isinstance(condition, Test):
            for part in condition.parts:
                yield from self._names_in(part)
        elif condition.fact in self._cells:
            yield f"{self._cells[condition.fact].table}."
        elif isinstance(condition.operand, TableName):
            yield from self._names_in(self._listing(condition.operand.table))
        else:
            yield condition.fact
            if isinstance(condition.operand, FactRef):
                yield condition.operand.fact
            elif isinstance(condition.operand, Cell):
                yield f"{condition.operand.table}."

    def _ways(self, goal: Goal, masks: Masks) -> list[_Way] | None:
        """Return the ways in which a goal can still be met, or None where it is met already."""
        if isinstance(goal, Hold):
            # What the goal itself is held to doesn't meet it yet.
            answers = self._inner_answers(goal.condition, masks)
            if not answers & ~goal.answers:
                return None
            answers &= masks.get(id(goal.condition), ANY)
            if not answers & goal.answers:
                return []
            return self._ways_to_hold(goal.condition, goal.answers & answers, masks)
        if isinstance(goal, _Reckoned):
            return self._ways_to_reckon(goal, masks)
        assert isinstance(goal, Choice)
        ways = []
        for way in goal.ways:
            state = [self._stands(part, masks) for part in way]
            if all(one is True for one in state):
                return None
            if False not in state:
                ways.append(way)
        return ways

    def _stands(self, goal: Goal, masks: Masks) -> bool | None:
        """Return whether a goal is surely met, surely not, or neither (None)."""
        if isinstance(goal, _Is):
            mask = self._mask(goal.name, masks)
            return True if not mask & ~goal.classes else (None if mask & goal.classes else False)
        if isinstance(goal, Hold):
            answers = self._answers(goal.condition, masks)
            return True if not answers & ~goal.answers else (None if answers & goal.answers else False)
        return None

    def _ways_to_hold(self, condition: Condition, wanted: int, masks: Masks) -> list[_Way]:
        if isinstance(condition, Not):
            return [(Hold(condition.part, _SWAPPED[wanted]),)]
        if isinstance(condition, Test):
            return self._ways_to_test(condition, wanted, masks)
        parts, swapped = condition.parts, isinstance(condition, AnyOf)
        if swapped:  # any of them is: not all of their contraries
            wanted = _SWAPPED[wanted]

        def part(index: int, answers: int) -> Hold:
            return Hold(parts[index], _SWAPPED[answers] if swapped else answers)

        indices = range(len(parts))
        if wanted in (TRUE, TRUE | NONE):
            return [tuple(part(i, wanted) for i in indices)]
        if wanted == NONE:
            ways = [tuple(part(j, NONE if j == i else TRUE | NONE) for j in indices) for i in indices]
        else:  # false, or false and another
            ways = [(part(i, wanted & ~TRUE),) for i in indices]
            if wanted & TRUE:
                ways.append(tuple(part(i, TRUE) for i in indices))
        return [way for way in ways if not any(self._stands(goal, masks) is False for goal in way)]

    def _ways_to_test(self, test: Test, wanted: int, masks: Masks) -> list[_Way]:
        operand = test.operand
        if test.fact in self._cells:
            cell = self._cells[test.fact]
            mask = self._row_mask(cell.table, masks)
            rows = self._with_column(cell)
            mask &= (rows if wanted & TRUE else 0) | (~rows if wanted & NONE else 0)
            return self._split(f"{cell.table}.", mask, None, masks)
        if isinstance(operand, TableName):
            return [(Hold(self._listing(operand.table), wanted),)]
        if isinstance(operand, FactRef | Cell):
            name, mask = self._right_side(operand, masks)
            if mask & (mask - 1):
                return self._split(name, mask, Hold(test, wanted), masks)
            value = self._right(operand, mask)
            if value is None:
                return [()] if wanted & NONE else []
            return [(_Is(test.fact, self._allowed(Test(test.fact, test.op, value), wanted)),)]  # type: ignore[arg-type]
        return [(_Is(test.fact, self._allowed(test, wanted)),)]

    def _split(self, name: str, mask: int, goal: Goal | None, masks: Masks) -> list[_Way]:
        """Return a way for each class of a fact, or row of a table, that is open."""
        ways: list[_Way] = []
        bit = 1
        while bit <= mask:
            if mask & bit:
                picked = self._picking(name, bit) if name.endswith(".") else ()
                # The row itself must match; whether one before it does too is seen when it is tried.
                if not picked or bit == _ABSENT or self._stands(picked[0], masks) is not False:
                    ways.append((_Is(name, bit), *picked, *((goal,) if goal is not None else ())))
            bit <<= 1
        return ways

    def _ways_to_reckon(self, goal: _Reckoned, masks: Masks) -> list[_Way]:
        for term in goal.terms:
            mask = masks[term]
            if mask & (mask - 1):
                return self._split(term, mask, goal, masks)
        inputs = {term: self._values[term][masks[term].bit_length() - 2] for term in goal.terms}
        value = Deriver(self._domains.vocabulary, inputs).value(goal.fact)
        if value is None:
            return [(_Is(goal.fact, _ABSENT),)]
        values = self._values[goal.fact]
        alike = sum(2 << i for i, other in enumerate(values) if self._domains.alike(goal.fact, other, value))
        return [(_Is(goal.fact, alike),)]

    # --------------------------------------------------------------------------------- answers and classes

    def _answers(self, condition: Condition, masks: Masks) -> int:
        """Return the answers that a condition can still have (more, rather than fewer)."""
        return self._inner_answers(condition, masks) & masks.get(id(condition), ANY)

    def _inner_answers(self, condition: Condition, masks: Masks) -> int:
        if isinstance(condition, Test):
            return self._test_answers(condition, masks)
        if isinstance(condition, Not):
            return _SWAPPED[self._answers(condition.part, masks)]
        swapped = isinstance(condition, AnyOf)
        some, common = 0, ANY
        for part in condition.parts:
            answers = self._answers(part, masks)
            if swapped:
                answers = _SWAPPED[answers]
            some |= answers
            common &= TRUE if answers & TRUE else 0
            if not answers & (TRUE | NONE):
                some, common = FALSE, 0
                break
        answers = some & (FALSE | NONE) | (TRUE if common else 0)
        return _SWAPPED[answers] if swapped else answers

    def _test_answers(self, test: Test, masks: Masks) -> int:
        operand = test.operand
        if test.fact in self._cells:
            cell = self._cells[test.fact]
            mask, rows = self._row_mask(cell.table, masks), self._with_column(cell)
            return (TRUE if mask & rows else 0) | (NONE if mask & ~rows else 0)
        if isinstance(operand, TableName):
            return self._answers(self._listing(operand.table), masks)
        if isinstance(operand, FactRef | Cell):
            _, mask = self._right_side(operand, masks)
            if mask & (mask - 1):
                return ANY
            value = self._right(operand, mask)
            if value is None:
                return NONE
            test = Test(test.fact, test.op, value)  # type: ignore[arg-type]
        mask = masks.get(test.fact, _ABSENT)
        true, false = self._classes_of(test)
        return (TRUE if mask & true else 0) | (FALSE if mask & false else 0) | (NONE if mask & _ABSENT else 0)

    def _classes_of(self, test: Test) -> tuple[int, int]:
        """Return the classes of a fact for which a test with a constant is true, and false."""
        classes = self._domains.classes.get(test.fact)
        return classes.answers(test.op, test.operand, relaxed=self._relaxed) if classes is not None else (0, 0)

    def _allowed(self, test: Test, wanted: int) -> int:
        true, false = self._classes_of(test)
        return (
            (true if wanted & TRUE else 0) | (false if wanted & FALSE else 0) | (_ABSENT if wanted & NONE else 0)
        )

    # ------------------------------------------------------------------------------------------------ tables

    def _rows(self, table: str) -> tuple[Row, ...]:
        return self._domains.tables[table].rows

    def _mask(self, name: str, masks: Masks) -> int:
        """Return the classes of a fact that are open, or the rows of a table."""
        return self._row_mask(name[:-1], masks) if name.endswith(".") else masks.get(name, _ABSENT)

    def _row_mask(self, table: str, masks: Masks) -> int:
        """Return the rows that a table may take: bit 0 for none."""
        return masks.get(f"{table}.", self._every_row[table])

    def _with_column(self, cell: Cell) -> int:
        """Return the rows that have a column."""
        return sum(2 << index for index, row in enumerate(self._rows(cell.table)) if cell.column in row.cells)

    def _right_side(self, operand: FactRef | Cell, masks: Masks) -> tuple[str, int]:
        """Return what a test compares with (a fact, a table), and its classes or rows still open."""
        if isinstance(operand, FactRef):
            return operand.fact, masks.get(operand.fact, _ABSENT)
        return f"{operand.table}.", self._row_mask(operand.table, masks)

    def _right(self, operand: FactRef | Cell, mask: int) -> Value | None:
        """Return the right side of a test, a single class or row being left."""
        index = mask.bit_length() - 2
        if index < 0:
            return None
        if isinstance(operand, FactRef):
            return self._values[operand.fact][index]
        return self._rows(operand.table)[index].cells.get(operand.column)

    def _picking(self, name: str, bit: int) -> _Way:
        """Return what makes a table take a row: it matches, and none that would go before it does."""
        found = self._picks.get((name, bit))
        if found is None:
            table = self._domains.tables[name.removesuffix(".")]
            taken = table.rows[bit.bit_length() - 2] if bit != _ABSENT else None
            matches = (Hold(taken.condition or _EMPTY, TRUE),) if taken is not None else ()
            before = table.rows_before(taken) if taken is not None else table.rows
            others = (Hold(row.condition or _EMPTY, FALSE | NONE) for row in before)
            found = self._picks[name, bit] = (*matches, *others)
        return found

    def _listing(self, table: str) -> Condition:
        found = self._listings.get(table)
        if found is None:
            found = AnyOf(tuple(row.condition or _EMPTY for row in self._rows(table)))
            self._listings[table] = found
        return found

    # ------------------------------------------------------------------------------------------- derivations

    def _follows(self, name: str, derivation: Derivation) -> Iterator[Goal]:
        """Yield what must hold between a derived fact and those that it is worked out from."""
        match derivation:
            case Sum() | Product() | Elapsed():
                if not self._relaxed:
                    terms = terms_of(derivation)
                    lacking: list[_Way] = [(Hold(_documented(term), NONE),) for term in terms]
                    known = [Hold(_documented(term), TRUE) for term in terms]
                    yield Choice((*lacking, (*known, _Reckoned(name, terms))))
            case Formula(condition):
                ways: list[_Way] = [(Hold(condition, NONE),)]
                ways += [(Hold(condition, a), self._is(name, a == TRUE)) for a in (TRUE, FALSE)]
                yield Choice(tuple(ways))
            case ValueWhen(value, when):
                yield Choice(((Hold(when, FALSE | NONE),), (Hold(when, TRUE), self._is(name, value))))
            case FromTable(cell):
                with_cell = [i for i, row in enumerate(self._rows(cell.table)) if cell.column in row.cells]
                ways = [(Hold(_documented(cell.key), NONE),)]
                for index in with_cell:
                    value = self._rows(cell.table)[index].cells[cell.column]
                    picked = self._picking(f"{cell.table}.", 2 << index)
                    ways.append((_Is(f"{cell.table}.", 2 << index), *picked, self._is(name, value)))
                yield Choice(tuple(ways))
            case SameAs() | FirstKnown():
                return  # what is stated goes before these, be it that the fact is undocumented

    def _is(self, name: str, value: Value) -> _Is:
        """Return the goal that a fact has a value."""
        return _Is(name, sum(2 << index for index, other in enumerate(self._values[name]) if other == value))


def _documented(name: str) -> Test:
    return Test(name, Op.DOCUMENTED, True)
