"""The whole library as one query over a table of items: the same answers as durable-rules, a column at a time.

`ColumnarProgram` compiles a library to an Ibis expression over a table named `cases`. Its SQL runs in DuckDB or in
Spark; complete and partial records are two programs, since only the latter must track what is unknown.

The columns of `cases` are typed (see `input_schema`); the answer has, for each `item`, `faulty` (the row has a
mistake that the reader of requests explains), `outcome`, `basis`, and the controlling and the unmet criteria as
bits in words of 60, which `CriterionBits` turns into ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import ibis
import ibis.expr.types as ir

from guidecheck.checking import treatments_named
from guidecheck.conditions import Condition, tests_of
from guidecheck.engine.columnar_conditions import (
    NO,
    TYPES,
    YES,
    Term,
    all_of,
    any_of,
    could_be,
    holds,
    literal,
    surely,
)
from guidecheck.engine.columnar_control import BITS_IN_A_WORD, Control, Voice, voices
from guidecheck.engine.columnar_facts import FactColumns, Faults, Planned
from guidecheck.engine.columnar_frame import add, keep
from guidecheck.engine.columnar_tables import Names, TableColumns
from guidecheck.engine.questions import guard_of
from guidecheck.facts import FactType
from guidecheck.library.models import Criterion, Guideline, Library
from guidecheck.vocabulary import AS_OF, JURISDICTION, STRUCTURAL, TREATMENT

CASES = "cases"
ITEM = "item"

_KEPT = (ITEM, "faulty", "lacking")

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
    tables = [*vocabulary.tables.values(), *(t for g in library.guidelines.values() for t in g.tables.values())]
    conditions: list[Condition | None] = [row.condition for table in tables for row in table.rows]
    conditions += [c for guideline in library.guidelines.values() for c in guideline.conditions]
    for derivation in vocabulary.derivations.values():
        conditions += _conditions_in(derivation)
    looked_at: dict[str, None] = {}
    for condition in conditions:
        for test in tests_of(condition):
            if vocabulary.facts[test.fact].type is FactType.SET:
                operand = test.operand if isinstance(test.operand, tuple) else (test.operand,)
                looked_at.update((str(member), None) for member in operand if isinstance(member, str))
    sets = [name for name in facts if vocabulary.facts[name].type is FactType.SET]
    return Reading(facts, {name: tuple(looked_at) for name in sets})


def _conditions_in(derivation: object) -> list[Condition]:
    found = [getattr(derivation, name) for name in ("when", "condition") if hasattr(derivation, name)]
    for part in getattr(derivation, "parts", ()):
        found += _conditions_in(part)
    return found


@dataclass(frozen=True)
class Given:
    """What the rows at hand state: facts with a column, and those of them that some row states as undocumented."""

    facts: frozenset[str]
    marked: frozenset[str] = frozenset()


def input_schema(library: Library, reading: Reading, given: Given) -> dict[str, str]:
    """Return the columns of `cases` and their Ibis types."""
    schema = {ITEM: "!int64"}
    for name in reading.facts:
        if name not in given.facts:
            continue
        fact = library.vocabulary.facts[name]
        schema[f"f:{name}"] = TYPES[fact.type]
        for member in reading.members.get(name, ()):
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
            if dialect == "pyspark":
                ibis.pyspark  # noqa: B018 - naming it registers the options that its dialect reads
            # Merging selects would take most of the time, and undo the levels that keep expressions small.
            options = ibis.options.sql
            fuses, options.fuse_selects = options.fuse_selects, False
            try:
                self._sql[dialect] = str(ibis.to_sql(self.expression, dialect=dialect))
            finally:
                options.fuse_selects = fuses
        return self._sql[dialect]

    @cached_property
    def bits(self) -> CriterionBits:
        """What the bits of the answer stand for."""
        return CriterionBits(self.library)

    @cached_property
    def expression(self) -> ir.Table:
        """The answer, as an expression over an unbound table `cases`."""
        frame = ibis.table(input_schema(self.library, self.reading, self.given), name=CASES)
        facts = FactColumns(
            self.library.vocabulary, self.given.facts, self.given.marked, self.reading.members, self.partial
        )
        terms = {name: facts.fact(name) for name in self.reading.facts}
        faults = Faults(facts)
        faulty = faults.plan(tuple(self.library.vocabulary.derivations), TREATMENT)
        lacking = faults.lacking(TREATMENT)
        frame = facts.levels.apply(frame)
        frame = add(frame, {"faulty": faulty(frame), "lacking": lacking(frame) if self.partial else NO})
        frame = frame.select([*_KEPT, *(name for name in frame.columns if self._looks_at(name))])
        frame = keep(self._statuses(frame, terms), ("G", "G?", "w", "w?", "met", "failed", "unmet"), *_KEPT)
        control = Control(self.library, self.partial)
        frame = control.apply(frame)
        words = range(0, len(control.criteria), BITS_IN_A_WORD)
        masks = [f"{kind}_{word}" for kind in ("controlling", "unmet") for word, _ in enumerate(words)]
        return frame.select(ITEM, "faulty", "outcome", "basis", *masks)

    @cached_property
    def _read(self) -> frozenset[str]:
        guidelines = self.library.guidelines.values()
        return frozenset([*STRUCTURAL, *(fact for guideline in guidelines for fact in guideline.facts)])

    def _looks_at(self, column: str) -> bool:
        """Tell whether guidelines look at a column of the stage of facts."""
        kind, _, name = column.partition(":")
        return kind in ("v", "u") and name.partition("=")[0] in self._read

    def _statuses(self, frame: ir.Table, terms: Mapping[str, Planned]) -> ir.Table:
        """Return a table with what `Control` reads: which guidelines apply, guards, and statuses."""
        speaking = voices(self.library)
        guidelines = list({voice.guideline.id: voice.guideline for voice in speaking}.values())
        tables = {
            (guideline.id, name): TableColumns(guideline.tables[name], f"t:{guideline.id}.{name}", self.partial)
            for guideline in guidelines
            for name in guideline.tables_used
        }
        known = _facts_at(frame, terms)
        matches: dict[str, ir.Value] = {}
        for table in tables.values():
            matches.update(table.matches(known))
        frame = add(frame, matches)
        picks: dict[str, ir.Value] = {}
        for table in tables.values():
            picks.update(table.picks(frame))
        frame = add(frame, picks)
        frame = add(frame, self._cells(frame, guidelines, tables))
        answers: dict[str, ir.Value] = {}
        for guideline in guidelines:
            looked_up = Names(self._cell_terms(frame, guideline), _Facts(frame, terms))
            answers.update(self._answers(guideline, looked_up))
        frame = add(frame, answers)
        return add(frame, self._derived_answers(frame, guidelines, speaking, terms))

    def _cells(
        self, frame: ir.Table, guidelines: Iterable[Guideline], tables: Mapping[tuple[str, str], TableColumns]
    ) -> dict[str, ir.Value]:
        columns: dict[str, ir.Value] = {}
        for guideline in guidelines:
            found = {
                cell.key: tables[guideline.id, cell.table].cell(frame, cell.column) for cell in guideline.cells
            }
            found |= {name.key: tables[guideline.id, name.table].listed(frame) for name in guideline.listings}
            for key, term in found.items():
                columns[f"v:{guideline.id}.{key}"] = term.value
                if term.unknown is not None:
                    columns[f"u:{guideline.id}.{key}"] = term.unknown
        return columns

    def _cell_terms(self, frame: ir.Table, guideline: Guideline) -> dict[str, Term]:
        keys = [*(cell.key for cell in guideline.cells), *(name.key for name in guideline.listings)]
        return {
            key: Term(frame[f"v:{guideline.id}.{key}"], frame[f"u:{guideline.id}.{key}"] if self.partial else None)
            for key in keys
        }

    def _answers(self, guideline: Guideline, terms: Names) -> dict[str, ir.Value]:
        """Return what a guideline's conditions say of each row."""
        columns: dict[str, ir.Value] = {f"A:{guideline.id}": surely(holds(guideline.applies_to, terms))}
        if self.partial:
            columns[f"A?:{guideline.id}"] = could_be(guideline.applies_to, True, terms)
        for criterion in guideline.criteria:
            columns.update(self._criterion(criterion, terms))
        return columns

    def _criterion(self, criterion: Criterion, terms: Names) -> dict[str, ir.Value]:
        columns: dict[str, ir.Value] = {}
        guard, unless = guard_of(criterion), criterion.unless
        when = [] if guard is None else [surely(holds(guard, terms))]
        if not self.partial:
            barred = [] if unless is None else [~surely(holds(unless, terms))]
            columns[f"w:{criterion.key}"] = all_of(when + barred)
        else:
            may = [] if guard is None else [could_be(guard, True, terms)]
            barred = [] if unless is None else [~could_be(unless, True, terms)]
            may_be_barred = [] if unless is None else [~surely(holds(unless, terms))]
            columns[f"w:{criterion.key}"] = all_of(when + barred)
            columns[f"w?:{criterion.key}"] = all_of(may + may_be_barred)
            if criterion.require is not None:
                columns[f"p:{criterion.key}"] = could_be(criterion.require, True, terms)
        if criterion.require is not None:
            columns[f"r:{criterion.key}"] = holds(criterion.require, terms)
        return columns

    def _derived_answers(
        self,
        frame: ir.Table,
        guidelines: Iterable[Guideline],
        speaking: Iterable[Voice],
        terms: Mapping[str, Planned],
    ) -> dict[str, ir.Value]:
        columns: dict[str, ir.Value] = {}
        for voice in speaking:
            in_force = self._in_force(frame, voice, terms)
            for mark in ("", "?") if self.partial else ("",):
                columns[f"G{mark}:{voice.name}"] = in_force & frame[f"A{mark}:{voice.guideline.id}"]
        for guideline in guidelines:
            for criterion in guideline.criteria:
                columns.update(self._status(frame, criterion))
        return columns

    def _status(self, frame: ir.Table, criterion: Criterion) -> dict[str, ir.Value]:
        key = criterion.key
        if criterion.require is None:
            return {f"met:{key}": NO, f"failed:{key}": YES, **({f"unmet:{key}": YES} if self.partial else {})}
        held = frame[f"r:{key}"]
        assert isinstance(held, ir.BooleanValue)
        met = held.fill_null(YES) if criterion.assumed_met else surely(held)
        columns: dict[str, ir.Value] = {f"met:{key}": met, f"failed:{key}": surely(held, wanted=False)}
        if self.partial:
            columns[f"unmet:{key}"] = ~met & ~(held.isnull() & frame[f"p:{key}"])
        return columns

    def _in_force(self, frame: ir.Table, voice: Voice, terms: Mapping[str, Planned]) -> ir.BooleanValue:
        day, place = terms[AS_OF].read(frame).value, terms[JURISDICTION].read(frame).value
        spans = []
        for period in voice.guideline.periods:
            if period.authority == voice.authority.id:
                bounds = [surely(day >= literal(period.start))]
                if period.end is not None:
                    bounds.append(surely(day <= literal(period.end)))
                spans.append(all_of(bounds))
        allowed = [name for name, held in self.library.jurisdictions.items() if voice.authority.id in held]
        return any_of(spans) & (surely(place.isin(allowed)) if allowed else NO)


class _Facts(Mapping[str, Term]):
    """The terms of facts, read from a table when they are asked for."""

    def __init__(self, frame: ir.Table, planned: Mapping[str, Planned]) -> None:
        self._frame, self._planned = frame, planned

    def __getitem__(self, name: str) -> Term:
        return self._planned[name].read(self._frame)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._planned)

    def __len__(self) -> int:
        return len(self._planned)


def _facts_at(frame: ir.Table, planned: Mapping[str, Planned]) -> Names:
    return Names(_Facts(frame, planned))


@dataclass
class CriterionBits:
    """Which criterion each bit of the answer's words stands for."""

    library: Library

    @cached_property
    def keys(self) -> list[str]:
        """The criteria's keys, by bit."""
        return [criterion.key for criterion in Control(self.library, partial=False).criteria]

    @property
    def words(self) -> int:
        """How many words the bits take."""
        return -(-len(self.keys) // BITS_IN_A_WORD)

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

    def program(
        self, given: Given, guidelines: tuple[str, ...] | None = None, *, partial: bool
    ) -> ColumnarProgram:
        """Return the program for rows that state certain facts, with some guidelines or with all of them."""
        ids = tuple(self.library.guidelines) if guidelines is None else guidelines
        if ids not in self._parts:
            part = replace(self.library, guidelines={name: self.library.guidelines[name] for name in ids})
            reading = reading_of(part)
            self._parts[ids] = (part, replace(reading, members=self.reading.members))
        library, reading = self._parts[ids]
        read = frozenset(reading.facts)
        key = (ids, Given(given.facts & read, given.marked & read), partial)
        if key not in self._programs:
            self._programs[key] = ColumnarProgram(library, reading, key[1], partial)
        return self._programs[key]
