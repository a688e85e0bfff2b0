"""What a check answers: the outcome predicted for each item, and the criteria that decide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum

from guidecheck.language.conditions import Op
from guidecheck.language.facts import Changeable, Value, ordinal
from guidecheck.library.models import Authority, Criterion, Guideline, Period
from guidecheck.requests.request import Item, Request


class Outcome(StrEnum):
    """What is predicted of an item; the last two are no predictions."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"
    UNDETERMINED = "undetermined"
    NO_GUIDELINE = "no_guideline"

    @property
    def is_prediction(self) -> bool:
        """Whether it says how a review would end."""
        return self in (Outcome.UPHELD, Outcome.OVERTURNED)


class Status(StrEnum):
    """How a criterion stands against the record."""

    MET = "met"
    FAILED = "failed"
    UNDOCUMENTED = "undocumented"
    NOT_APPLICABLE = "not_applicable"


class Certainty(IntEnum):
    """Whether something holds, in records of which parts may be unknown."""

    NO = 0
    POSSIBLY = 1
    SURELY = 2


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """A criterion's status for an item, and its part in the outcome.

    `controls` is SURELY for a criterion that decides; `superseded_by` is the criterion or guideline that takes
    its place. `could_be_met` tells of an undocumented criterion whether unknown facts could still meet it,
    `assumed` that its silence is not held against the request. `facts` are the values it read, None where
    undocumented. `citation` includes that of the table row it read.
    """

    criterion: Criterion
    guideline: Guideline
    authority: Authority
    status: Status
    applies: Certainty
    could_be_met: bool
    controls: Certainty
    superseded_by: str | None
    facts: Mapping[str, Value | None]
    citation: Mapping[str, str]
    confidence: str

    @property
    def controlling(self) -> bool:
        """Whether the criterion takes part in deciding the item."""
        return self.controls is Certainty.SURELY

    @property
    def assumed(self) -> bool:
        """Whether it counts as met because nobody holds its silence against the request."""
        return self.criterion.assumed_met and self.status is Status.UNDOCUMENTED

    @property
    def counts_as_met(self) -> bool:
        """Whether it is met, or assumed so."""
        return self.status is Status.MET or self.assumed

    @property
    def surely_unmet(self) -> bool:
        """Whether it is failed, or undocumented however unknown facts turn out."""
        return not self.counts_as_met and not self.could_be_met


@dataclass(frozen=True, slots=True)
class Change:
    """A fact given another value; `bound` says that any value so bounded does (at most, at least).

    A value of None leaves the fact out of the request.

    `criterion` is the one that asked for it; two that ask for the same ask for one change.
    """

    fact: str
    value: Value | None
    kind: Changeable
    criterion: str = field(compare=False)
    bound: Op | None = None

    def is_gentler_than(self, other: Change) -> bool:
        """Tell whether this is a looser bound on the same fact."""
        if self.bound is None or self.bound is not other.bound:
            return False
        if self.value is None or other.value is None:
            return False
        mine, theirs = ordinal(self.value), ordinal(other.value)
        return mine > theirs if self.bound is Op.AT_MOST else mine < theirs


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes that together turn a prediction, none of them superfluous.

    `told` are the same changes as a person makes them: a product is changed through its stated factors (for 2
    weeks instead of 4), and a stated total follows its parts.
    """

    changes: tuple[Change, ...]
    predicted_after: Outcome
    told: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Remedies:
    """What would turn an item's prediction, the smallest sets first.

    `cut` says that there may be more; `none_because` why there is none, where one was looked for.
    """

    found: tuple[Remedy, ...] = ()
    cut: bool = False
    none_because: str | None = None


@dataclass(frozen=True, slots=True)
class PastCases:
    """How past cases ended in which the same criteria decided, the same of them unmet; no part of the prediction.

    `share` of `n` were upheld, with its 95 % interval; `first` and `last` are the days whose guidelines applied.
    `same_rules` tells whether this same library answered all of the history.
    """

    n: int = 0
    upheld: int = 0
    share: float = 0.0
    low: float = 0.0
    high: float = 1.0
    first: date = date.max
    last: date = date.min
    same_rules: bool = True


@dataclass(frozen=True, slots=True)
class ItemDetermination:
    """The outcome predicted for one item.

    `basis` says what decided: met, failed or undocumented, None without a prediction. `criteria` are the medical
    criteria of the guidelines that apply or may apply, `legal` those reported beside the prediction. `assumes`
    names the criteria and facts whose silence was not held against the request; `lacking` the facts without
    which the item cannot be checked. `remedies` are None where nobody looked for them, `past` where no history was
    named.
    """

    item: Item
    outcome: Outcome
    basis: Status | None
    criteria: tuple[CriterionResult, ...]
    legal: tuple[CriterionResult, ...]
    assumes: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    remedies: Remedies | None = None
    past: PastCases | None = None

    @property
    def controlling(self) -> list[CriterionResult]:
        """The criteria that decide."""
        return [result for result in self.criteria if result.controlling]

    @property
    def unmet(self) -> list[CriterionResult]:
        """The controlling criteria that are failed or undocumented; in partial records, for sure."""
        return [r for r in self.controlling if r.surely_unmet or not (r.counts_as_met or self.item.partial)]

    @property
    def editions(self) -> list[tuple[Guideline, Period]]:
        """The guidelines that apply, each with the period in force."""
        day = self.item.as_of
        found = {r.guideline.id: r.guideline for r in self.criteria if r.applies is not Certainty.NO}
        return [(guideline, period) for guideline in found.values() if (period := guideline.period(day))]


@dataclass(frozen=True, slots=True)
class Determination:
    """The answer to a request: an outcome for each item, and the library and date that gave it."""

    request: Request
    as_of: date
    library_version: str
    library_digest: str
    items: tuple[ItemDetermination, ...]
