"""Laying compiled conditions out as rulesets of the size that durable-rules can bear.

A fact that fires 65 branches gives error 303 there, a conjunction of disjunctions fires once for each way it
holds (12 pairs: 4,096 times), a fact has at most 253 properties, and a rule at most 15 `$and` and `$or`. So a
condition that is too large is cut into steps, each of which tells the next ones what it found, and rules are
spread over as many rulesets as it takes. Most guidelines need a single one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from guidecheck.engine.compilation import Both, Either, Expression, Match, both, branches, either

MOST_BRANCHES = 48
"""Branches that may fire for one fact in one ruleset."""

MOST_PROPERTIES = 200
"""Properties of the fact that one ruleset is given."""

MOST_BRANCHES_IN_A_RULE = 16
MOST_PROPERTIES_IN_A_RULE = 100
MOST_COMBINATORS_IN_A_RULE = 14


@dataclass
class PlannedRuleset:
    """Rules of one ruleset, by the name of the question or step that each answers."""

    rules: dict[str, Expression] = field(default_factory=dict)
    properties: set[str] = field(default_factory=set)
    branches: int = 0

    def has_room(self, expression: Expression) -> bool:
        """Tell whether another rule fits in."""
        return (
            self.branches + branches(expression) <= MOST_BRANCHES
            and len(self.properties | set(properties(expression))) <= MOST_PROPERTIES
        )

    def add(self, name: str, expression: Expression) -> None:
        """Take in a rule."""
        self.rules[name] = expression
        self.properties.update(properties(expression))
        self.branches += branches(expression)


class Layout:
    """The rulesets of some questions, in the order in which they must be asked."""

    def __init__(self) -> None:
        self._levels: list[dict[str, Expression]] = []
        self._level_of_step: dict[str, int] = {}
        self._steps: dict[Expression, Match] = {}

    def add(self, question: str, expression: Expression) -> None:
        """Take in a question with the expression that answers it."""
        self._place(question, self._cut(expression))

    def is_step(self, name: str) -> bool:
        """Tell whether a rule's name is that of a step: a property that later rulesets are given."""
        return name in self._level_of_step

    def rulesets(self) -> Iterator[PlannedRuleset]:
        """Yield the rulesets; each builds only on what the facts and earlier ones say."""
        for rules in self._levels:
            ruleset = PlannedRuleset()
            for name, expression in rules.items():
                if not ruleset.has_room(expression):
                    yield ruleset
                    ruleset = PlannedRuleset()
                ruleset.add(name, expression)
            if ruleset.rules:
                yield ruleset

    def _place(self, name: str, expression: Expression) -> int:
        """Put a rule after the steps it builds on; return how many levels of steps come before it."""
        below = [self._level_of_step[read] for read in properties(expression) if read in self._level_of_step]
        level = max(below) + 1 if below else 0
        while len(self._levels) <= level:
            self._levels.append({})
        self._levels[level][name] = expression
        return level

    def _cut(self, expression: Expression) -> Expression:
        """Return an expression that one rule can bear; parts that it needs become steps."""
        if isinstance(expression, Match) or _is_small(expression):
            return expression
        join = both if isinstance(expression, Both) else either
        parts: Sequence[Expression] = [self._cut(part) for part in expression.parts]
        while not _is_small(join([*parts])):
            parts = [self._step(join(group)) for group in _groups(parts, type(expression))]
        return join([*parts])

    def _step(self, expression: Expression) -> Expression:
        if isinstance(expression, Match):
            return expression
        if expression not in self._steps:
            name = f"step{len(self._steps)}"
            self._steps[expression] = Match(name, "$eq", True)
            self._level_of_step[name] = self._place(name, expression)
        return self._steps[expression]


def _groups(parts: Sequence[Expression], kind: type[Both | Either]) -> Iterator[list[Expression]]:
    """Yield parts in groups that one rule can bear."""
    group: list[Expression] = []
    for part in parts:
        if group and not _is_small(kind((*group, part))):
            yield group
            group = []
        group.append(part)
    yield group


def _is_small(expression: Expression) -> bool:
    return (
        branches(expression) <= MOST_BRANCHES_IN_A_RULE
        and combinators(expression) <= MOST_COMBINATORS_IN_A_RULE
        and len(set(properties(expression))) <= MOST_PROPERTIES_IN_A_RULE
    )


def properties(expression: Expression) -> Iterator[str]:
    """Yield the properties that an expression looks at."""
    if isinstance(expression, Match):
        yield expression.name
    else:
        for part in expression.parts:
            yield from properties(part)


def combinators(expression: Expression) -> int:
    """Return how many conjunctions and disjunctions an expression is built of."""
    return 0 if isinstance(expression, Match) else 1 + sum(combinators(part) for part in expression.parts)
