"""durable-rules as the judge of one item's criteria; the only module that imports it.

Its edges, found by experiment with 2.0.28 and each behind a test, and what is done about them here:

* `Host()` starts timer threads that run other checks' actions: `_Host` starts none.
* `delete_state` crashes where no rule fired: the fact is retracted instead, and an anchor rule always fires.
* Facts are told apart by a 32-bit hash: one check at a time, under a lock, and nothing is kept.
* A fact that fires 65 branches gives error 303, and a conjunction of disjunctions fires once for each way it
  holds (12 pairs: 4,096 times): rulesets are kept under `MOST_BRANCHES`, and a condition with more is cut into
  steps, each of which asserts what it found to the next.
* Only integers and booleans are asserted (see `compilation`), so that no text, exponent or type is misread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from durable.engine import Host

from guidecheck.conditions import All, Condition, Op, Test
from guidecheck.derivations import Known
from guidecheck.engine.compilation import (
    ALWAYS,
    NEVER,
    Either,
    Expression,
    Match,
    Properties,
    both,
    branches,
    either,
)
from guidecheck.library.models import Criterion, Guideline

MOST_BRANCHES = 48
"""Branches that may fire for one fact in one ruleset; the library gives up at 65."""

MOST_IN_A_RULE = 16

APPLIES = "applies"
_SID = "guidecheck"


class _Host(Host):  # type: ignore[misc]
    """A host without the two timer threads that would run actions on their own."""

    def _run(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of a condition: is it surely so, or (`possibly`) could it be."""

    name: str
    condition: Condition
    wanted: bool = True
    possibly: bool = False


@dataclass
class _Ruleset:
    """Rules that stand in durable-rules under one name; `levels` are evaluated in order."""

    name: str
    rules: dict[str, Expression] = field(default_factory=dict)

    @property
    def branches(self) -> int:
        return sum(branches(expression) for expression in self.rules.values())


class CompiledGuideline:
    """A guideline as rulesets: which questions about an item are answered with yes.

    The first rulesets (`steps`) find what the later ones build on; most guidelines need a single ruleset.
    """

    _serial = count()

    def __init__(self, guideline: Guideline, *, partial: bool) -> None:
        self._properties = Properties()
        self._prefix = f"g{next(self._serial)}"
        self._always: set[str] = set()
        self._parts = 0
        self._fired: set[str] = set()
        steps: list[dict[str, Expression]] = [{}]
        for question in questions(guideline, partial=partial):
            ask = self._properties.compile_possible if question.possibly else self._properties.compile
            expression = ask(question.condition, question.wanted)
            if expression == ALWAYS:
                self._always.add(question.name)
            elif expression != NEVER:
                steps[0][question.name] = self._cut(expression, steps, depth=1)
        self._levels = [self._rulesets(rules, level) for level, rules in enumerate(reversed(steps))]
        self._host = _Host()
        definitions = {
            ruleset.name: _definition(ruleset, self._note) for level in self._levels for ruleset in level
        }
        self._host.register_rulesets(definitions)

    def _cut(self, expression: Expression, steps: list[dict[str, Expression]], depth: int) -> Expression:
        """Return an expression of few branches; parts that it needs are added to an earlier step."""
        if branches(expression) <= MOST_IN_A_RULE or isinstance(expression, Match):
            return expression
        if len(steps) <= depth:
            steps.append({})
        if isinstance(expression, Either):
            parts = [self._part(either(group), steps, depth) for group in _groups(expression.parts)]
            return self._cut(either([*parts]), steps, depth)
        return both([part if branches(part) == 1 else self._part(part, steps, depth) for part in expression.parts])

    def _part(self, expression: Expression, steps: list[dict[str, Expression]], depth: int) -> Match:
        name = f"part{self._parts}"
        self._parts += 1
        steps[depth][name] = self._cut(expression, steps, depth + 1)
        return Match(name, "$eq", True)

    def _rulesets(self, rules: dict[str, Expression], level: int) -> list[_Ruleset]:
        rulesets: list[_Ruleset] = []
        for name, expression in rules.items():
            if not rulesets or rulesets[-1].branches + branches(expression) > MOST_BRANCHES:
                rulesets.append(_Ruleset(f"{self._prefix}_{level}_{len(rulesets)}"))
            rulesets[-1].rules[name] = expression
        return rulesets

    def _note(self, name: str) -> Callable[[Any], None]:
        # A closure, since durable-rules calls an action that takes a second argument as an asynchronous one.
        def note(_: Any) -> None:
            self._fired.add(name)

        return note

    def answers(self, known: Known) -> set[str]:
        """Return the names of the questions answered with yes."""
        fact: dict[str, Any] = {"sid": _SID, "anchor": 1, **self._properties.assertion(known)}
        self._fired = set(self._always)
        for level in self._levels:
            for ruleset in level:
                self._host.assert_fact(ruleset.name, dict(fact))
                self._host.retract_fact(ruleset.name, dict(fact))
            fact.update((name, True) for name in self._fired if name.startswith("part"))
        return self._fired - {""}


def _groups(parts: tuple[Expression, ...]) -> Iterator[list[Expression]]:
    """Yield parts in groups whose branches stay few."""
    group: list[Expression] = []
    size = 0
    for part in parts:
        if group and size + branches(part) > MOST_IN_A_RULE:
            yield group
            group, size = [], 0
        group.append(part)
        size += branches(part)
    yield group


def _definition(ruleset: _Ruleset, note: Callable[[str], Callable[[Any], None]]) -> dict[str, Any]:
    rules = {
        f"r{index}": {"all": [{"m": expression.definition()}], "run": note(name)}
        for index, (name, expression) in enumerate(ruleset.rules.items())
    }
    # Without a rule that fires for every fact, the state could not be left clean.
    return {**rules, "anchor": {"all": [{"m": {"anchor": 1}}], "run": note("")}}


def questions(guideline: Guideline, *, partial: bool) -> Iterator[Question]:
    """Yield what a guideline asks of an item; `partial` adds what unknown facts leave possible."""
    ways = (False, True) if partial else (False,)
    for possibly in ways:
        mark = "?" if possibly else ""
        yield Question(APPLIES + mark, guideline.applies_to, possibly=possibly)
        for criterion in guideline.criteria:
            guard = guard_of(criterion)
            if guard is not None:
                yield Question(f"{criterion.id}.when{mark}", guard, possibly=possibly)
            if criterion.unless is not None:
                yield Question(f"{criterion.id}.unless{mark}", criterion.unless, possibly=possibly)
            if criterion.require is not None:
                yield Question(f"{criterion.id}.met{mark}", criterion.require, possibly=possibly)
                if not possibly:
                    yield Question(f"{criterion.id}.failed", criterion.require, wanted=False)


def guard_of(criterion: Criterion) -> Condition | None:
    """Return `when` together with the rows that the criterion's tables must have, or None without either."""
    parts: list[Condition] = [Test(cell.key, Op.DOCUMENTED, True) for cell in criterion.cells]
    if criterion.when is not None:
        parts.append(criterion.when)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts))


class DurableEngine:
    """Answers questions about guidelines, one check at a time; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._compiled: dict[tuple[str, bool], tuple[Guideline, CompiledGuideline]] = {}

    def answers(self, guideline: Guideline, known: Known) -> set[str]:
        """Return the questions about a guideline that are answered with yes for an item (see `questions`)."""
        names = (*guideline.facts, *(c.key for c in guideline.cells), *(t.key for t in guideline.listings))
        partial = any(name in known.unknown for name in names)
        with self._lock:
            held = self._compiled.get((guideline.id, partial))
            if held is None or held[0] is not guideline:
                held = (guideline, CompiledGuideline(guideline, partial=partial))
                self._compiled[guideline.id, partial] = held
            return set(held[1].answers(known))
