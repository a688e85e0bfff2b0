"""Stated and derived facts of all rows, with the meaning of `deriving.Deriver`, and what contradicts what.

The input has, for a fact F that the rows may state, `f:F` (its value), `f:F=M` (whether a set includes M) and
`d:F` (stated as undocumented).

Where facts derive each other, what one gives depends on which are already being worked out. So a derived fact is
worked out once for each set of facts open around it that it can reach: for facts outside a circle, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from guidecheck.engine import columnar_logic as logic
from guidecheck.engine.columnar_conditions import TYPES, Term, boolean, could_be, holds, joined
from guidecheck.engine.columnar_logic import NO, UNDOCUMENTED, YES, Bool, Truth, all_of, any_of
from guidecheck.engine.columnar_tables import Names, TableTerms
from guidecheck.language.conditions import Cell, Condition, Op, TableName, cells_read, tables_listed
from guidecheck.language.derivations import (
    DEFAULTS,
    Derivation,
    Elapsed,
    FirstKnown,
    Formula,
    FromTable,
    Product,
    SameAs,
    Sum,
    SumOver,
    ValueWhen,
    facts_in,
)
from guidecheck.language.facts import Fact, FactType
from guidecheck.language.vocabulary import AS_OF, Vocabulary


@dataclass(frozen=True)
class Given:
    """What the rows at hand state, as far as a query may rest on it.

    `facts` have a column; `marked` are those of them that some row states as undocumented, `always` those that
    every row states. `seen` has each text that choices hold, with its fact, and each member that sets include;
    None where any may occur. `days` are the first and the last `as_of`.
    """

    facts: frozenset[str]
    marked: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    seen: frozenset[tuple[str, str]] | None = None
    days: tuple[date, date] | None = None

    def __or__(self, other: Given) -> Given:
        """Return what holds of the rows of both."""
        return Given(
            self.facts | other.facts,
            self.marked | other.marked,
            # A fact without a column is stated by none of the rows.
            self.always & other.always,
            None if self.seen is None or other.seen is None else self.seen | other.seen,
            self.days and other.days and (min(self.days[0], other.days[0]), max(self.days[1], other.days[1])),
        )

    def may_include(self, fact: str, member: str) -> bool:
        """Tell whether some row's set may include a member."""
        return fact in self.facts and (self.seen is None or (fact, member) in self.seen)


@dataclass
class FactTerms(Mapping[str, Term]):
    """The facts of every row; `members` are those of each set that somebody looks at."""

    vocabulary: Vocabulary
    given: Given
    members: Mapping[str, tuple[str, ...]]
    partial: bool
    _terms: dict[tuple[str, ...], Term] = field(default_factory=dict)
    _reach: dict[str, frozenset[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Term:
        return self.fact(name)

    def __contains__(self, name: object) -> bool:
        return name in self.vocabulary.facts

    def __iter__(self) -> Iterator[str]:
        return iter(self.vocabulary.facts)

    def __len__(self) -> int:
        return len(self.vocabulary.facts)

    def fact(self, name: str, open_: frozenset[str] = frozenset()) -> Term:
        """Return a fact, stated or derived, while the facts in `open_` are being worked out."""
        if name in open_:
            # Two facts that derive each other: neither is known from here.
            return self._unstated(name, assume=False)
        around = open_ & self._reachable(name)
        key = (name, *sorted(around))
        if key not in self._terms:
            derives = name in self.vocabulary.derivations
            other = self.derived(name, around) if derives else self._unstated(name)
            self._terms[key] = self._stated_or(self.vocabulary.facts[name], other)
        return self._terms[key]

    def derived(self, name: str, open_: frozenset[str] = frozenset()) -> Term:
        """Return what follows for a fact from the others, whether or not it is stated itself."""
        term = self._apply(self.vocabulary.derivations[name], open_ | {name})
        fact = self.vocabulary.facts[name]
        known = term.known
        if fact.type.is_numeric:
            known &= logic.within_range(term.number)
        # What doesn't follow may yet be stated by itself, so partial records leave it open.
        unknown = ~known if self.partial and not fact.usual_undocumented else NO
        return Term(term.value, known, unknown, term.answer, term.members)

    def _reachable(self, name: str) -> frozenset[str]:
        if name not in self._reach:
            self._reach[name] = frozenset(self.vocabulary.sources([name]))
        return self._reach[name]

    def _unstated(self, name: str, *, assume: bool = True) -> Term:
        """Return the term of a fact that nothing is known of: unknown in partial records.

        With `assume`, a fact that is usually undocumented is taken for undocumented.
        """
        fact = self.vocabulary.facts[name]
        unknown = YES if self.partial and not (assume and fact.usual_undocumented) else NO
        if fact.type is FactType.BOOLEAN:
            return boolean(UNDOCUMENTED, unknown)
        members = dict.fromkeys(self.members.get(name, ()), UNDOCUMENTED)
        return Term(logic.filler(TYPES[fact.type]), NO, unknown, members=members)

    def _stated_or(self, fact: Fact, other: Term) -> Term:
        name, given = fact.name, self.given
        if name not in given.facts:
            return other
        always, here = name in given.always, self.stated(name)
        silent = ~here & ~self.mark(name)
        known, unknown = here | (silent & other.known), silent & other.unknown
        if fact.type is FactType.BOOLEAN:
            said = logic.truth(f"f:{name}", always=always)
            answer = Truth(said.yes | (silent & other.truth.yes), said.no | (silent & other.truth.no))
            return Term(None, known, unknown, answer)
        value = logic.column(
            f"f:{name}",
            TYPES[fact.type],
            otherwise=None if always else other.value,
            possible=self._possible(fact),
            span=given.days if name == AS_OF else (fact.minimum, fact.maximum),
        )
        return Term(value, known, unknown, members=self._members(fact, here, silent, other))

    def stated(self, name: str) -> Bool:
        """Return whether a fact is stated."""
        if name not in self.given.facts:
            return NO
        return logic.stated(f"f:{name}", always=name in self.given.always)

    def mark(self, name: str) -> Bool:
        """Return whether a fact is stated as undocumented."""
        return logic.flag(f"d:{name}") if name in self.given.marked else NO

    def _members(self, fact: Fact, here: Bool, silent: Bool, other: Term) -> dict[str, Truth]:
        found = {}
        for member in self.members.get(fact.name, ()):
            said = Truth(NO, here)
            if self.given.may_include(fact.name, member):
                said = logic.truth(f"f:{fact.name}={member}", always=here is YES)
            follows = other.members.get(member, UNDOCUMENTED)
            found[member] = Truth(said.yes | (silent & follows.yes), said.no | (silent & follows.no))
        return found

    def _possible(self, fact: Fact) -> frozenset[str] | None:
        if fact.type is not FactType.CHOICE or self.given.seen is None:
            return None
        return frozenset(text for name, text in self.given.seen if name == fact.name)

    def _apply(self, derivation: Derivation, open_: frozenset[str]) -> Term:
        match derivation:
            case SameAs(name):
                return self.fact(name, open_)
            case ValueWhen():
                return self._value_when(derivation, open_)
            case Formula(condition):
                names = self._looked_up(condition, open_)
                answer = holds(condition, names)
                return boolean(answer, ~answer.known & self._could(condition, names, (True, False)))
            case Sum(facts) | Product(facts):
                terms = [self.fact(name, open_) for name in facts]
                op = "add" if isinstance(derivation, Sum) else "multiply"
                return _worked_out(logic.combined(op, [term.number for term in terms]), terms)
            case Elapsed(unit, start, end):
                terms = [self.fact(start, open_), self.fact(end, open_)]
                return _worked_out(logic.elapsed(unit.value, terms[0].number, terms[1].number), terms)
            case FirstKnown(parts):
                return _first_known(
                    [
                        self.fact(part, open_) if isinstance(part, str) else self._apply(part, open_)
                        for part in parts
                    ]
                )
            case FromTable(cell):
                table = self.vocabulary.tables[cell.table]
                return TableTerms(table, self._gather(table.facts_read, open_), self.partial).cell(cell.column)
            case SumOver(list_fact):
                # Worked out while reading a request: a flat row states the total itself. A list whose total the
                # row does not state is one that could not be summed: it settles nothing.
                entries = self.fact(list_fact, open_)
                unknown = entries.settled if self.partial else NO
                return Term(logic.filler("float64"), NO, unknown)

    def _gather(self, names: Collection[str], open_: frozenset[str]) -> Names:
        return Names({name: self.fact(name, open_) for name in names})

    def _looked_up(self, condition: Condition, open_: frozenset[str]) -> Names:
        """Return what a condition looks up, the cells and listings of the vocabulary's tables among it."""
        tables = self.vocabulary.tables
        names = self._gather(facts_in(condition, tables), open_)
        places: list[Cell | TableName] = [*cells_read(condition), *tables_listed(condition)]
        looked_up = {name: TableTerms(tables[name], names, self.partial) for name in {p.table for p in places}}
        found = {
            place.key: looked_up[place.table].cell(place.column)
            if isinstance(place, Cell)
            else looked_up[place.table].listed()
            for place in places
        }
        return Names(found, names)

    def _could(self, condition: Condition, terms: Names, ways: tuple[bool, ...]) -> Bool:
        """Return whether unknown facts may yet let a condition come out in one of some ways."""
        return any_of(could_be(condition, way, terms) for way in ways) if self.partial else NO

    def _value_when(self, derivation: ValueWhen, open_: frozenset[str]) -> Term:
        terms, value = self._looked_up(derivation.when, open_), derivation.value
        held = holds(derivation.when, terms)
        # One that can never hold, whatever unknown facts turn out to be, gives way to what comes next.
        unknown = ~held.yes & self._could(derivation.when, terms, (True,))
        if isinstance(value, bool):
            answer = Truth(held.yes, NO) if value else Truth(NO, held.yes)
            return Term(None, held.yes, unknown, answer)
        if isinstance(value, frozenset):
            every = {member for several in self.members.values() for member in several}
            members = {m: Truth(held.yes, NO) if m in value else Truth(NO, held.yes) for m in every}
            return Term(logic.literal(joined(value)), held.yes, unknown, members=members)
        assert not isinstance(value, tuple)
        return Term(logic.literal(value), held.yes, unknown)


def _worked_out(value: logic.Value, terms: list[Term]) -> Term:
    """Return a calculation: unknown facts alone keep it open, one that is undocumented settles it."""
    known = all_of(term.known for term in terms)
    unknown = any_of(term.unknown for term in terms) & all_of(term.settled for term in terms)
    return Term(value, known, unknown)


def _first_known(terms: list[Term]) -> Term:
    """Return the first term that is known; one that is unknown hides those after it."""
    result = terms[-1]
    for term in reversed(terms[:-1]):
        further = ~term.settled
        known, unknown = term.known | (further & result.known), term.unknown | (further & result.unknown)
        if term.answer is not None:
            yes, no = ((further & result.truth.surely(wanted)) for wanted in (True, False))
            result = Term(None, known, unknown, Truth(term.truth.yes | yes, term.truth.no | no))
            continue
        members = {
            m: Truth(
                term.members[m].yes | (further & result.members[m].yes),
                term.members[m].no | (further & result.members[m].no),
            )
            for m in term.members.keys() & result.members.keys()
        }
        value = logic.pick(term.known, term.number, result.number)
        result = Term(value, known, unknown, members=members)
    return result


@dataclass
class Faults:
    """What makes a row unusable, as `item_building.build_item` sees it.

    Which mistake it is, and in which words, is left to the reader of requests, for these rows alone.
    """

    facts: FactTerms

    def any(self, treatment: str) -> Bool:
        """Return whether a row has a mistake."""
        vocabulary, given = self.facts.vocabulary, self.facts.given.facts
        found = [~self.facts[treatment].known]
        for name, derivation in vocabulary.derivations.items():
            fact = vocabulary.facts[name]
            if name in given and not isinstance(derivation, DEFAULTS):
                found.append(self._contradicts(fact))
            if fact.minimum is not None or fact.maximum is not None:
                silent = ~self.facts.stated(name) & ~self.facts.mark(name)
                found.append(silent & _outside(fact, self.facts.derived(name)))
        if not self.facts.partial:
            found.append(self.lacking(treatment))
        return any_of(found)

    def lacking(self, treatment: str) -> Bool:
        """Return whether a row is without a fact that its treatment needs."""
        treated, needed = self.facts[treatment], self.facts.vocabulary.needed
        return any_of(
            treated.known
            & logic.is_one_of(treated.number, [name])
            & any_of(~self.facts[fact].known for fact in facts)
            for name, facts in needed.items()
        )

    def _contradicts(self, fact: Fact) -> Bool:
        follows, column = self.facts.derived(fact.name), f"f:{fact.name}"
        always = fact.name in self.facts.given.always
        undocumented = self.facts.mark(fact.name) & follows.known
        if follows.answer is not None:
            said = logic.truth(column, always=always)
            return (said.yes & follows.answer.no) | (said.no & follows.answer.yes) | undocumented
        empty = None if always else logic.filler(TYPES[fact.type])
        same = logic.compare(Op.EQUALS, logic.column(column, TYPES[fact.type], otherwise=empty), follows.number)
        return (self.facts.stated(fact.name) & follows.known & ~same) | undocumented


def _outside(fact: Fact, term: Term) -> Bool:
    beyond = []
    if fact.minimum is not None:
        beyond.append(logic.compare(Op.LESS_THAN, term.number, logic.literal(fact.minimum)))
    if fact.maximum is not None:
        beyond.append(logic.compare(Op.MORE_THAN, term.number, logic.literal(fact.maximum)))
    return term.known & any_of(beyond)
