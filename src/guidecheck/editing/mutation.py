"""Which changes of the rules no example notices: mutants, run against the examples that read their guideline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from guidecheck.deciding.checking import Checker, treatments_named
from guidecheck.editing.equivalence import Equivalence
from guidecheck.editing.mutants import Mutant, mutants
from guidecheck.editing.rule_tests import Example, alone, read_examples
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.errors import Location
from guidecheck.library.loading import load_library
from guidecheck.library.models import Guideline, Library


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

    @property
    def counted(self) -> int:
        """The mutants that make a difference, or may."""
        return self.noticed + len(self.survivors)

    @property
    def score(self) -> float:
        """The share noticed of them, from 0 to 1; 1 where there is none."""
        return self.noticed / self.counted if self.counted else 1.0


def mutate(
    folders: Sequence[Path], library: Library, *, jobs: int = 1, done: Callable[[int, int], None] = lambda *_: None
) -> MutationRun:
    """Return which mutants of a library's guidelines its examples notice.

    Args:
        folders: what the library was loaded from; other processes load it again.
        library: the rules, with their examples, all of which must hold.
        jobs: how many processes share the work.
        done: told the guidelines that are done, and how many there are.
    """
    names = list(library.guidelines)
    runs: list[MutationRun] = []
    for run in _runs(folders, library, names, jobs):
        runs.append(run)
        done(len(runs), len(names))
    return MutationRun(
        noticed=sum(run.noticed for run in runs),
        survivors=tuple(sorted((one for run in runs for one in run.survivors), key=lambda one: one.at)),
        equivalent=sum(run.equivalent for run in runs),
    )


def _runs(folders: Sequence[Path], library: Library, names: list[str], jobs: int) -> Iterator[MutationRun]:
    if jobs == 1:
        tester = _Tester(library)
        yield from map(tester.run, names)
        return
    # Spawned, as a fork of a process with threads (of the engine) may hang.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (tuple(folders),)) as pool:
        yield from pool.map(_run, names)


_tester: _Tester | None = None


def _start(folders: tuple[Path, ...]) -> None:
    global _tester
    _tester = _Tester(load_library(*folders))


def _run(name: str) -> MutationRun:
    assert _tester is not None
    return _tester.run(name)


class _Tester:
    """Runs the mutants of one guideline after the other."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._engine = InterpretedEngine()
        self._own: dict[str, list[Example]] = {}
        self._whole: list[Example] = []
        for example in read_examples(library, self._engine):
            if example.guideline is None:
                self._whole.append(example)
            else:
                self._own.setdefault(example.guideline, []).append(example)
        self._equivalence = Equivalence(library)
        self._noticed: Counter[int] = Counter()

    def run(self, name: str) -> MutationRun:
        """Return what examples notice of a guideline's mutants."""
        guideline = self._library.guidelines[name]
        noticed, equivalent = 0, 0
        survivors: list[Survivor] = []
        for mutant in mutants(guideline, self._library.vocabulary):
            if self._is_noticed(guideline, mutant):
                noticed += 1
                continue
            told = self._equivalence.compare(guideline, mutant)
            if told.equal:
                equivalent += 1
            else:
                survivors.append(Survivor(mutant.at, mutant.subject, mutant.words, told.facts))
        return MutationRun(noticed, tuple(survivors), equivalent)

    def _is_noticed(self, guideline: Guideline, mutant: Mutant) -> bool:
        changed = replace(self._library, guidelines={**self._library.guidelines, guideline.id: mutant.guideline})
        alone_checker = Checker(alone(changed, mutant.guideline), self._engine)
        own = self._own.get(guideline.id, [])
        if mutant.criterion is not None:
            own = [example for example in own if example.names(mutant.criterion)]
        if self._some_notices(own, alone_checker):
            return True
        whole = [
            example
            for example in self._whole
            if _may_concern(example, guideline) or _may_concern(example, mutant.guideline)
        ]
        return self._some_notices(whole, Checker(changed, self._engine))

    def _some_notices(self, examples: list[Example], checker: Checker) -> bool:
        """Tell whether some example does not hold of changed rules."""
        # Neighbouring mutants are often noticed by one example: those that noticed most are asked first.
        for example in sorted(examples, key=lambda one: -self._noticed[id(one)]):
            answer = example.determination(checker)
            if answer is not None and next(example.differences(answer), None) is not None:
                self._noticed[id(example)] += 1
                return True
        return False


def _may_concern(example: Example, guideline: Guideline) -> bool:
    """Tell whether a guideline is in force for an example's item and may be for its treatment."""
    item = example.item
    if item is None or guideline.period(item.as_of) is None:
        return False
    treatments = treatments_named(guideline.applies_to)
    return treatments is None or item.treatment in treatments
