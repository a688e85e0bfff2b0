"""The whole library as one query over a table of items: the same answers as durable-rules, a column at a time.

`ColumnarProgram` compiles a library to an Ibis expression over a table named `cases`. Its SQL runs in DuckDB or in
Spark; complete and partial records are two programs, since only the latter must track what is unknown.

The columns of `cases` are typed (see `input_schema`); the answer has, for each `item`, `faulty` (the row has a
mistake that the reader of requests explains), `outcome`, `basis`, and the controlling and the unmet criteria as
bits in words of 60, which `CriterionBits` turns into ids.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import ibis
import ibis.expr.types as ir

from guidecheck.deciding.checking import treatments_named
from guidecheck.engine.columnar_conditions import TYPES, could_be, holds
from guidecheck.engine.columnar_control import Control, Likely, Standing, Voice, voices
from guidecheck.engine.columnar_facts import FactTerms, Faults, Given
from guidecheck.engine.columnar_logic import (
    NO,
    YES,
    Bool,
    Node,
    all_of,
    any_of,
    bits,
    compare,
    is_one_of,
    literal,
    switch,
)
from guidecheck.engine.columnar_query import answer
from guidecheck.engine.columnar_tables import Names, TableTerms
from guidecheck.engine.questions import guard_of
from guidecheck.language.conditions import Condition, Op, Test, tests_of
from guidecheck.language.derivations import conditions_in
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import AS_OF, JURISDICTION, STRUCTURAL, TREATMENT
from guidecheck.library.models import Criterion, Guideline, Library

CASES = "cases"
ITEM = "item"

BITS_IN_A_WORD = 60

Dialect = Literal["duckdb", "pyspark"]


@dataclass(frozen=True)
class Reading:
    """What of a row the rules of a library can look at.

    `facts` are those that any guideline reads or that anything derived rests on; `members` the members of each
    set that a test names.
    """

    facts: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]


def reading_of(library: Library) -> Reading:
    """Return what the rules of a library look at."""
    vocabulary = library.vocabulary
    named = [fact for guideline in library.guidelines.values() for fact in guideline.facts]
    needed = [fact for facts in vocabulary.needed.values() for fact in facts]
    facts = tuple(vocabulary.sources([*STRUCTURAL, *named, *needed, *vocabulary.derivations]))
    looked_at: dict[str, dict[str, None]] = {}
    for test in _tests(library):
        if vocabulary.facts[test.fact].type is FactType.SET:
            operand = test.operand if isinstance(test.operand, tuple) else (test.operand,)
            for name in vocabulary.sources([test.fact]):
                looked_at.setdefault(name, {}).update((str(m), None) for m in operand if isinstance(m, str))
    sets = [name for name in facts if vocabulary.facts[name].type is FactType.SET]
    return Reading(facts, {name: tuple(looked_at.get(name, ())) for name in sets})


def _tests(library: Library) -> Iterator[Test]:
    """Yield every test of a library's guidelines, tables and derivations."""
    vocabulary = library.vocabulary
    tables = [*vocabulary.tables.values(), *(t for g in library.guidelines.values() for t in g.tables.values())]
    conditions: list[Condition | None] = [row.condition for table in tables for row in table.rows]
    conditions += [c for guideline in library.guidelines.values() for c in guideline.conditions]
    for derivation in vocabulary.derivations.values():
        conditions += conditions_in(derivation)
    for condition in conditions:
        yield from tests_of(condition)


def input_schema(library: Library, reading: Reading, given: Given) -> dict[str, str]:
    """Return the columns of `cases` and their Ibis types."""
    schema = {ITEM: "!int64"}
    for name in reading.facts:
        if name not in given.facts:
            continue
        fact = library.vocabulary.facts[name]
        schema[f"f:{name}"] = TYPES[fact.type]
        for member in reading.members.get(name, ()):
            if given.may_include(name, member):
                schema[f"f:{name}={member}"] = "boolean"
        if name in given.marked:
            schema[f"d:{name}"] = "!boolean"
    return schema


@dataclass
class ColumnarProgram:
    """A library compiled for rows that state certain facts, with complete or with partial records."""

    library: Library
    reading: Reading
    given: Given
    partial: bool
    _sql: dict[Dialect, str] = field(default_factory=dict)

    def sql(self, dialect: Dialect = "duckdb") -> str:
        """Return the query."""
        if dialect not in self._sql:
            self._sql[dialect] = sql_of(self.expression, dialect)
        return self._sql[dialect]

    @cached_property
    def bits(self) -> CriterionBits:
        """What the bits of the answer stand for."""
        return CriterionBits(self.library)

    @property
    def expression(self) -> ir.Table:
        """The answer, as an expression over an unbound table `cases`."""
        faults = Faults(self._facts)
        lacking = faults.lacking(TREATMENT)
        outcome, basis = self._control.decide(lacking if self.partial else NO)
        outputs: dict[str, Node] = {"faulty": faults.any(TREATMENT), "outcome": outcome, "basis": basis}
        controlling = self._control.controlling()
        unmet = {key: controls & self._standings[key].unmet for key, controls in controlling.items()}
        for kind, told in (("controlling", controlling), ("unmet", unmet)):
            for word, keys in enumerate(self.bits.by_word):
                outputs[f"{kind}_{word}"] = bits([told.get(key, NO) for key in keys])
        return self._answer(outputs)

    @property
    def statuses(self) -> ir.Table:
        """The status of each criterion, as a column under its key."""
        applies = self._control.applicable()
        outputs = {}
        for key, standing in self._standings.items():
            branches = [
                (~applies.get(key, NO), literal("not_applicable")),
                (standing.failed, literal("failed")),
                (standing.undocumented, literal("undocumented")),
            ]
            outputs[key] = switch(branches, literal("met"))
        return self._answer(outputs)

    def _answer(self, outputs: Mapping[str, Node]) -> ir.Table:
        cases = ibis.table(input_schema(self.library, self.reading, self.given), name=CASES)
        return answer(cases, outputs, [ITEM], self._names)

    @cached_property
    def _names(self) -> dict[Node, str]:
        """What to call expressions on the way, where one has a name that a reader of the query knows."""
        names: dict[Node, str] = {}
        for fact in self.reading.facts:
            term = self._facts[fact]
            for kind, node in (("known", term.known), ("value", term.value)):
                if node is not None:
                    names.setdefault(node, f"{kind}:{fact}")
            if term.answer is not None:
                names.setdefault(term.answer.yes, f"yes:{fact}")
                names.setdefault(term.answer.no, f"no:{fact}")
        for key, standing in self._standings.items():
            names.setdefault(standing.met, f"met:{key}")
            names.setdefault(standing.failed, f"failed:{key}")
        # Two expressions never share a name; one has the first that is found for it.
        return names

    @cached_property
    def _facts(self) -> FactTerms:
        return FactTerms(self.library.vocabulary, self.given, self.reading.members, self.partial)

    @cached_property
    def _control(self) -> Control:
        return Control(self.library, self._speaks, self._standings, self.partial)

    @cached_property
    def _terms(self) -> dict[str, Names]:
        """What the conditions of each guideline look up: facts, cells and listings of its tables."""
        return {guideline.id: self._looked_up(guideline) for guideline in self._guidelines}

    @cached_property
    def _guidelines(self) -> list[Guideline]:
        return list({voice.guideline.id: voice.guideline for voice in voices(self.library)}.values())

    def _looked_up(self, guideline: Guideline) -> Names:
        facts = Names(self._facts)
        tables = {name: TableTerms(guideline.tables[name], facts, self.partial) for name in guideline.tables_used}
        found = {cell.key: tables[cell.table].cell(cell.column) for cell in guideline.cells}
        found |= {name.key: tables[name.table].listed() for name in guideline.listings}
        return Names(found, facts)

    @cached_property
    def _speaks(self) -> dict[Voice, Likely]:
        found = {}
        for voice in voices(self.library):
            applies = self._likely(voice.guideline.applies_to, self._terms[voice.guideline.id])
            in_force = self._in_force(voice)
            found[voice] = applies & Likely(in_force, in_force)
        return found

    def _likely(self, condition: Condition | None, terms: Names) -> Likely:
        if condition is None:
            return Likely(YES, YES)
        sure = holds(condition, terms).yes
        return Likely(sure, could_be(condition, True, terms) if self.partial else sure)

    def _in_force(self, voice: Voice) -> Bool:
        day, place = self._facts[AS_OF], self._facts[JURISDICTION]
        spans = []
        for period in voice.guideline.periods:
            if period.authority == voice.authority.id:
                bounds = [compare(Op.AT_LEAST, day.number, literal(period.start))]
                if period.end is not None:
                    bounds.append(compare(Op.AT_MOST, day.number, literal(period.end)))
                spans.append(all_of(bounds))
        allowed = [name for name, held in self.library.jurisdictions.items() if voice.authority.id in held]
        return day.known & place.known & any_of(spans) & is_one_of(place.number, allowed)

    @cached_property
    def _standings(self) -> dict[str, Standing]:
        return {
            criterion.key: self._standing(criterion, self._terms[guideline.id])
            for guideline in self._guidelines
            for criterion in guideline.criteria
        }

    def _standing(self, criterion: Criterion, terms: Names) -> Standing:
        applies = self._likely(guard_of(criterion), terms)
        if criterion.unless is not None:
            applies = applies.without(self._likely(criterion.unless, terms))
        if criterion.require is None:
            return Standing(applies, met=NO, failed=YES, unmet=YES, undocumented=NO)
        held = holds(criterion.require, terms)
        met = ~held.no if criterion.assumed_met else held.yes
        unmet = ~met
        if self.partial:
            unmet &= held.no | ~could_be(criterion.require, True, terms)
        return Standing(applies, met, held.no, unmet, undocumented=~held.known)


def sql_of(expression: ir.Table, dialect: Dialect) -> str:
    """Return an expression as a query."""
    if dialect == "pyspark":
        ibis.pyspark  # noqa: B018 - naming it registers the options that its dialect reads
    # Merging selects would undo the steps that keep expressions small.
    options = ibis.options.sql
    fuses, options.fuse_selects = options.fuse_selects, False
    try:
        return str(ibis.to_sql(expression, dialect=dialect))
    finally:
        options.fuse_selects = fuses


@dataclass
class CriterionBits:
    """Which criterion each bit of the answer's words stands for."""

    library: Library

    @cached_property
    def keys(self) -> list[str]:
        """The criteria's keys, by bit."""
        guidelines = dict.fromkeys(voice.guideline.id for voice in voices(self.library))
        return [c.key for name in guidelines for c in self.library.guidelines[name].criteria]

    @property
    def by_word(self) -> list[list[str]]:
        """The keys by the words that have their bits."""
        return [self.keys[start : start + BITS_IN_A_WORD] for start in range(0, len(self.keys), BITS_IN_A_WORD)]

    @property
    def words(self) -> int:
        """How many words the bits take."""
        return len(self.by_word)

    def names(self, words: Collection[int]) -> list[str]:
        """Return the criteria whose bits are set."""
        return [
            self.keys[word * BITS_IN_A_WORD + bit]
            for word, bits in enumerate(words)
            for bit in range(BITS_IN_A_WORD)
            if bits >> bit & 1
        ]


_MOST_REMEMBERED = 4
_compilers: dict[str, Compiler] = {}


def compiler_of(library: Library) -> Compiler:
    """Return the compiler of a library, with what it has compiled in this process: that takes seconds."""
    if library.digest not in _compilers:
        while len(_compilers) >= _MOST_REMEMBERED:
            _compilers.pop(next(iter(_compilers)))
        _compilers[library.digest] = Compiler(library)
    return _compilers[library.digest]


class Compiler:
    """Compiles the guidelines of a treatment once for each combination of given facts and kind of records.

    A row needs only the guidelines that can be for its treatment, which makes queries several times smaller.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.reading = reading_of(library)
        self._parts: dict[tuple[str, ...], tuple[Library, Reading]] = {}
        self._programs: dict[tuple[tuple[str, ...], Given, bool], ColumnarProgram] = {}

    def guidelines_for(self, treatment: str | None) -> tuple[str, ...]:
        """Return the ids of the guidelines that can apply to a treatment."""
        found = []
        for guideline in self.library.guidelines.values():
            named = treatments_named(guideline.applies_to)
            if named is None or treatment in named:
                found.append(guideline.id)
        return tuple(found)

    def reading_for(self, treatment: str | None) -> Reading:
        """Return what the guidelines look at that can apply to a treatment."""
        return self._part(self.guidelines_for(treatment))[1]

    def _part(self, ids: tuple[str, ...]) -> tuple[Library, Reading]:
        if ids not in self._parts:
            part = replace(self.library, guidelines={name: self.library.guidelines[name] for name in ids})
            self._parts[ids] = part, reading_of(part)
        return self._parts[ids]

    def any_rows(self, *, partial: bool) -> ColumnarProgram:
        """Return the program of the whole library for rows that may state whatever it reads."""
        facts = frozenset(self.reading.facts)
        return self.program(Given(facts, self.telling_marks(facts, partial=partial)), partial=partial)

    def telling_marks(self, facts: Collection[str], *, partial: bool) -> frozenset[str]:
        """Return the facts of which it makes a difference to state them as undocumented.

        Without unknown facts that is only where they would otherwise be derived.
        """
        return frozenset(name for name in facts if partial or name in self.library.vocabulary.derivations)

    def program(
        self, given: Given, guidelines: tuple[str, ...] | None = None, *, partial: bool
    ) -> ColumnarProgram:
        """Return the program for rows that state certain facts, with some guidelines or with all of them."""
        ids = tuple(self.library.guidelines) if guidelines is None else guidelines
        library, reading = self._part(ids)
        known = self._relevant(given, frozenset(reading.facts))
        key = (ids, known, partial)
        if key not in self._programs:
            self._programs[key] = ColumnarProgram(library, reading, known, partial)
        return self._programs[key]

    def _relevant(self, given: Given, read: frozenset[str]) -> Given:
        """Return what of rows matters to a query, so that few differ."""
        return Given(
            given.facts & read,
            given.marked & read,
            given.always & read,
            None if given.seen is None else frozenset(pair for pair in given.seen if pair[0] in read),
            None if given.days is None else self._stretch(*given.days),
        )

    def _stretch(self, first: date, last: date) -> tuple[date, date]:
        """Return the longest stretch of days on which the same comparisons of `as_of` are settled."""
        start, end = bisect_right(self._turns, first), bisect_right(self._turns, last)
        return (
            self._turns[start - 1] if start else date.min,
            self._turns[end] - timedelta(days=1) if end < len(self._turns) else date.max,
        )

    @cached_property
    def _turns(self) -> list[date]:
        """The days on which a comparison of `as_of` with a day of the rules may turn out otherwise than before."""
        days: set[date] = set()
        for guideline in self.library.guidelines.values():
            for period in guideline.periods:
                days |= {period.start, period.end or period.start}
        days |= {t.operand for t in _tests(self.library) if isinstance(t.operand, date)}
        return sorted(days | {day + timedelta(days=1) for day in days if day < date.max})
