"""What running mutants gives: how many examples noticed, and each that none did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from guidecheck.errors import Location


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no example notices: where, of what (an id), what was changed, and facts that would tell.

    `facts` are what an example could state to notice it, in words; "" where none was found.
    """

    at: Location
    subject: str
    words: str
    facts: str = ""


@dataclass(frozen=True)
class MutationRun:
    """How many mutants examples noticed, which they didn't, and how many can make no difference (not counted)."""

    noticed: int
    survivors: tuple[Survivor, ...]
    equivalent: int

    @classmethod
    def joined(cls, runs: Iterable[MutationRun]) -> MutationRun:
        """Return several runs as one, its survivors in the order of the files."""
        every = list(runs)
        return cls(
            noticed=sum(run.noticed for run in every),
            survivors=tuple(sorted((one for run in every for one in run.survivors), key=lambda one: one.at)),
            equivalent=sum(run.equivalent for run in every),
        )

    @property
    def counted(self) -> int:
        """The mutants that make a difference, or may."""
        return self.noticed + len(self.survivors)

    @property
    def score(self) -> float:
        """The share noticed of them, from 0 to 1; 1 where there is none."""
        return self.noticed / self.counted if self.counted else 1.0
