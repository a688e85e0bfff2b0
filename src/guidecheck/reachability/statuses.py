"""What can happen at all: which statuses a criterion can reach, and whether conditions can hold together.

Every fact that a question names may be stated, derived ones too; where one follows from others of them, it must
agree (what only stands in for it, `same_as` and `first_known_of`, gives way). Tests compare facts with constants,
so a few representatives of each fact's values are tried for all of them (`value_classes`), by narrowing them test
by test and splitting where a condition can hold in several ways (`goal_search`); tables, guards, periods in force
and jurisdictions included.

A witness is exact: derivations and conditions themselves are asked again before it is given. That there is none
is claimed (`impossible`) only where nothing was left out. Else the answer is open ("not found"), where

- a fact is reckoned by arithmetic (a sum, a product, a time between dates) from others that the same question
  names, and only the reckoning stands in the way;
- tests tell so many members of a set apart that only some combinations are tried;
- a whole number would have to be a broken one, as a product may be (2.5 a week for 3 weeks);
- a guideline has a table of the same name as one of the vocabulary by which facts are derived;
- the question takes more than `goal_search.MOST_STEPS` steps.

So it errs towards "perhaps", never towards "impossible" or "possible". What a treatment needs (`needed` of the
vocabulary) isn't asked for, as it isn't in a guideline's own examples.

In partial records a criterion reaches every status that it reaches in complete ones: state as undocumented what a
witness leaves out. What they leave unknown makes more possible, which is not looked into here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from guidecheck.deciding.determination import Status
from guidecheck.engine.questions import guard_of
from guidecheck.language.conditions import Condition, Op, Test, cells_read, evaluate, tables_listed, tests_of
from guidecheck.language.derivations import DEFAULTS
from guidecheck.language.deriving import Deriver, Known, look_up
from guidecheck.language.facts import AS_OF, Fact, Value, ValueFault, check_limits
from guidecheck.language.vocabulary import JURISDICTION
from guidecheck.library.models import Criterion, Guideline, Library
from guidecheck.reachability.fact_domains import Domains
from guidecheck.reachability.goal_search import (
    FALSE,
    NONE,
    TRUE,
    Choice,
    Goal,
    GoalSearch,
    Hold,
    TooLong,
    conditions_of,
)
from guidecheck.reachability.value_classes import Seen

Answer = bool | None
Wanted = tuple[Condition, frozenset[Answer]]
"""A condition, and the answers with which it may come out."""

Witness = Mapping[str, Value | None]

MOST_TRIES = 12
"""As many solutions are checked for a witness before the search gives up."""

YES: frozenset[Answer] = frozenset({True})
NO: frozenset[Answer] = frozenset({False})
UNDOCUMENTED: frozenset[Answer] = frozenset({None})
NOT_TRUE: frozenset[Answer] = frozenset({False, None})

_BITS: Mapping[Answer, int] = {True: TRUE, False: FALSE, None: NONE}


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question.

    `witness` are facts to state with which it is so, None where none was found: a fact with the value None is to
    be stated as undocumented, and one that is not among them left out. `impossible` tells that there is none.
    """

    witness: Witness | None
    impossible: bool = False


class Reachability:
    """Answers what can happen under the rules of one library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        vocabulary = library.vocabulary
        self._sources = {
            name: frozenset(vocabulary.sources(vocabulary.inputs(name))) for name in vocabulary.derivations
        }
        self._classes: Seen = {}

    def find(self, guideline: Guideline, wanted: Iterable[Wanted]) -> Found:
        """Return whether conditions of a guideline can come out as wanted for one item, in complete records.

        The guideline need not apply, nor be in force: say so by `applying` where it must.
        """
        goals = _goals(wanted)
        return _Question(self, guideline, list(conditions_of(goals))).find(goals)

    def statuses(
        self, criterion: Criterion, asked: Collection[Status] = tuple(Status), *, witnesses: bool = True
    ) -> Mapping[Status, Found]:
        """Return for each status asked for whether a criterion can reach it in complete records.

        Without `witnesses` it is quicker, and says no more than which are impossible.

        `not_applicable` is that of a criterion whose guideline applies: by its own guards, or for want of a row in
        its table.
        """
        guideline = self.library.guidelines[criterion.guideline]
        speaking: list[Goal] = [self.in_force(guideline), Hold(guideline.applies_to, TRUE)]
        guard, unless = guard_of(criterion), criterion.unless
        guards = _goals(applies(criterion))
        kept_out: list[tuple[Goal, ...]] = [(Hold(guard, FALSE | NONE),)] if guard is not None else []
        kept_out += [(Hold(unless, TRUE),)] if unless is not None else []
        ways: dict[Status, list[Goal] | None] = {
            Status.MET: None,
            Status.FAILED: guards,
            Status.UNDOCUMENTED: None,
            Status.NOT_APPLICABLE: [Choice(tuple(kept_out))] if kept_out else None,
        }
        if criterion.require is not None:
            for status, answer in ((Status.MET, TRUE), (Status.FAILED, FALSE), (Status.UNDOCUMENTED, NONE)):
                ways[status] = [*guards, Hold(criterion.require, answer)]
        impossible = Found(None, impossible=True)
        conditions = [c for c in (guideline.applies_to, guard, unless, criterion.require) if c is not None]
        question = _Question(self, guideline, [*conditions, *conditions_of([speaking[0]])], speaking)
        return {
            status: question.find(goals, witness=witnesses) if (goals := ways[status]) is not None else impossible
            for status in asked
        }

    def in_force(self, guideline: Guideline) -> Goal:
        """Return the goal that a guideline is in force on the item's day, where it is to be decided."""
        ways: list[tuple[Goal, ...]] = []
        for period in guideline.periods:
            places = tuple(name for name, held in self.library.jurisdictions.items() if period.authority in held)
            way = [Hold(Test(AS_OF, Op.ON_OR_AFTER, period.start), TRUE)]
            if period.end is not None:
                way.append(Hold(Test(AS_OF, Op.ON_OR_BEFORE, period.end), TRUE))
            if places:
                ways.append((*way, Hold(Test(JURISDICTION, Op.ONE_OF, places), TRUE)))
        return Choice(tuple(ways))


def applies(criterion: Criterion) -> list[Wanted]:
    """Return what lets a criterion apply where its guideline does."""
    guard = guard_of(criterion)
    wanted: list[Wanted] = [] if guard is None else [(guard, YES)]
    return wanted if criterion.unless is None else [*wanted, (criterion.unless, NOT_TRUE)]


def _goals(wanted: Iterable[Wanted]) -> list[Goal]:
    return [Hold(condition, sum(_BITS[answer] for answer in answers)) for condition, answers in wanted]


class _Question:
    """Questions about the same conditions of a guideline; the goals `given` are part of each."""

    def __init__(
        self, context: Reachability, guideline: Guideline, conditions: list[Condition], given: Sequence[Goal] = ()
    ) -> None:
        self._vocabulary = context.library.vocabulary
        self._tables = guideline.tables
        self._domains = Domains(
            self._vocabulary, guideline.tables, guideline.cells, conditions, context._sources, context._classes
        )
        self._given = given
        self._search = GoalSearch(self._domains, given)
        self._relaxed: GoalSearch | None = None
        self._conditions = conditions
        named = (self._domains.cells.get(test.fact) for c in conditions for test in tests_of(c))
        self._cells = {*(cell for cell in named if cell), *(cell for c in conditions for cell in cells_read(c))}
        self._listings = [name for c in conditions for name in tables_listed(c)]

    def find(self, goals: list[Goal], *, witness: bool = True) -> Found:
        found = False
        try:
            for record in islice(self._search.solutions(goals), MOST_TRIES):
                found = True
                if not witness:
                    break
                silent = self._silenced(record)
                if self._is_witness(record, silent, [*self._given, *goals]):
                    return Found({**record, **dict.fromkeys(silent)})
            if found:
                return Found(None)
            if self._search.exhaustive:
                return Found(None, impossible=True)
            if self._relaxed is None:
                self._relaxed = GoalSearch(self._domains, self._given, relaxed=True)
            return Found(None, impossible=next(self._relaxed.solutions(goals), None) is None)
        except TooLong:
            return Found(None)

    def _silenced(self, record: Mapping[str, Value]) -> list[str]:
        """Return the facts that would have a value by default, and are to be undocumented."""
        deriver = Deriver(self._vocabulary, record)
        defaults = (n for n, d in self._domains.derivations.items() if isinstance(d, DEFAULTS) and n not in record)
        return [name for name in defaults if deriver.value(name) is not None]

    def _is_witness(self, record: Mapping[str, Value], silent: list[str], goals: list[Goal]) -> bool:
        """Tell whether facts, stated, give what is wanted and contradict neither each other nor their limits."""
        deriver = Deriver(self._vocabulary, record, silent)
        for name, derivation in self._vocabulary.derivations.items():
            if name not in record:
                value = deriver.value(name)
                if value is not None and not _within_limits(self._vocabulary.facts[name], value):
                    return False
            elif not isinstance(derivation, DEFAULTS):
                follows = Deriver(self._vocabulary, record, silent, hidden=name).value(name)
                if follows is not None and follows != record[name]:
                    return False
        names = self._domains.classes
        values = {name: value for name in names if (value := deriver.value(name)) is not None}
        known, _ = look_up(self._domains.tables, self._cells, self._listings, Known(values))
        return all(_is_met(goal, known.values) for goal in goals)


def _within_limits(fact: Fact, value: Value) -> bool:
    try:
        check_limits(fact, value)
    except ValueFault:
        return False
    return True


def _is_met(goal: Goal, record: Mapping[str, Value]) -> bool:
    if isinstance(goal, Hold):
        return bool(goal.answers & _BITS[evaluate(goal.condition, record)])
    assert isinstance(goal, Choice)
    return any(all(_is_met(part, record) for part in way) for way in goal.ways)
