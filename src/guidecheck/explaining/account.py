"""What there is to say of one determination: the criteria it is about, and the facts that settled them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from guidecheck.deciding.determination import Certainty, CriterionResult, ItemDetermination, Outcome, Status
from guidecheck.explaining.settling import Reading, Settled, settle
from guidecheck.explaining.wording import Wording, listed
from guidecheck.language.derivations import SumOver
from guidecheck.language.facts import fold
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library.models import Authority, Guideline, Library


@dataclass
class Account:
    """What there is to say of one determination."""

    item: ItemDetermination
    library: Library
    _settled: dict[str, Settled] = field(default_factory=dict)

    @cached_property
    def words(self) -> Wording:
        """The item's facts in words."""
        return Wording(self.library.vocabulary, self.item.item)

    def settled(self, result: CriterionResult) -> Settled:
        """Return what settled a criterion."""
        key = result.criterion.key
        if key not in self._settled:
            self._settled[key] = settle(result, self.item.item, self.library.vocabulary)
        return self._settled[key]

    @property
    def treatment(self) -> str:
        """The treatment asked for."""
        return self.words.value(TREATMENT, self.item.item.treatment)

    @property
    def name(self) -> str:
        """The item's own name, "" where it only repeats the treatment."""
        item = self.item.item
        return "" if fold(item.id) in (fold(self.treatment), fold(item.treatment)) else item.id

    @cached_property
    def deciding(self) -> list[CriterionResult]:
        """The criteria that the answer is about: the unmet ones, all that decide, or those still open."""
        active = [r for r in self.item.criteria if r.controls is not Certainty.NO and not r.assumed]
        match self.item.outcome:
            case Outcome.UPHELD:
                return self.item.unmet
            case Outcome.OVERTURNED:
                return [result for result in active if result.controlling]
            case _:
                return [result for result in active if not (result.controlling and result.counts_as_met)]

    @cached_property
    def missing(self) -> list[str]:
        """The facts that deciding criteria ask for and the records do not document."""
        unmet = [r for r in self.deciding if r.status is Status.UNDOCUMENTED]
        return list(dict.fromkeys(name for r in unmet for name in self.settled(r).missing))

    @cached_property
    def unknown(self) -> list[str]:
        """The facts that partial records leave open and that keep the answer open."""
        if self.item.outcome is not Outcome.UNDETERMINED:
            return []
        return list(dict.fromkeys(name for r in self.deciding for name in self.settled(r).unknown))

    @cached_property
    def uncounted(self) -> list[str]:
        """The totals that cannot be worked out, so that no limit on them was applied."""
        derived = self.library.vocabulary.derivations
        stated = self.item.item.stated
        sums = ((name, derived.get(name)) for name in self.item.assumes)
        return [name for name, total in sums if isinstance(total, SumOver) and total.list_fact in stated]

    @cached_property
    def law(self) -> list[CriterionResult]:
        """The legal criteria that say something: one that silence leaves assumed tells nothing of the request."""
        return [r for r in self.item.legal if r.applies is not Certainty.NO and not r.assumed]

    def against(self, result: CriterionResult) -> list[Reading]:
        """Return the known facts that speak against a criterion that is not met."""
        return [] if result.counts_as_met else list(self.settled(result).contrary)

    def ruled_out(self, result: CriterionResult, *, cite: bool = False) -> str:
        """Return where a guideline does not recommend the treatment at all, and "" where it asks something."""
        if result.criterion.require is not None or result.status is not Status.FAILED:
            return ""
        told = {r.test.fact: self.words.told(r, compare=False) for r in self.settled(result).guards}
        if not told:
            return "the guideline does not recommend this"
        return f"the guideline does not recommend this where {self.cited(told) if cite else listed(told.values())}"

    def cited(self, clauses: dict[str, str]) -> str:
        """Return clauses, by the facts they tell, as one list; evidence that several share is said once."""
        places: dict[str, list[str]] = {}
        for name, clause in clauses.items():
            places.setdefault(self.words.evidence(name), []).append(clause)
        groups = [listed(told) + (f" ({place})" if place else "") for place, told in places.items()]
        return groups[0] if len(groups) == 1 else f"{', '.join(groups[:-1])}, and {groups[-1]}"

    def superseder(self, result: CriterionResult) -> Guideline:
        """Return the guideline to which a superseded criterion gives way."""
        key = str(result.superseded_by)
        guideline = self.library.guidelines.get(key)
        return guideline or self.library.guidelines[self.library.criterion(key).guideline]

    def authority(self, guideline: Guideline) -> Authority:
        """Return with whose authority a guideline that is in force speaks on the item's day."""
        period = guideline.period(self.item.item.as_of)
        assert period is not None
        return self.library.authorities[period.authority]
