"""Which changes of the rules no example notices: mutants of guidelines, and of the vocabulary under them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from guidecheck.deciding.checking import Checker, treatments_named
from guidecheck.editing.equivalence import Equivalence
from guidecheck.editing.mutants import Mutant, mutants
from guidecheck.editing.mutation_results import MutationRun, Survivor
from guidecheck.editing.rule_tests import Example, alone, read_examples
from guidecheck.editing.vocabulary_mutants import VocabularyParts
from guidecheck.editing.vocabulary_mutation import VocabularyTester
from guidecheck.engine.interpreted import InterpretedEngine
from guidecheck.library.loading import load_library
from guidecheck.library.models import Guideline, Library

_GUIDELINE, _VOCABULARY = "guideline", "vocabulary"
_Part = tuple[str, str]
"""What mutants are of: a guideline, or a table or derivation of the vocabulary, by its name."""


def mutate(
    folders: Sequence[Path], library: Library, *, jobs: int = 1, done: Callable[[int, int], None] = lambda *_: None
) -> MutationRun:
    """Return which mutants of a library's guidelines, and of its vocabulary's tables and derivations, are noticed.

    Args:
        folders: what the library was loaded from; other processes load it again.
        library: the rules, with their examples, all of which must hold.
        jobs: how many processes share the work.
        done: told the parts (guidelines, tables, derivations) that are done, and how many there are.
    """
    # What takes longest is begun first: the rows of tables that every example reads.
    parts = [*((_VOCABULARY, name) for name in reversed(VocabularyParts(library).names))]
    parts += [(_GUIDELINE, name) for name in library.guidelines]
    runs: list[MutationRun] = []
    for run in _runs(folders, library, parts, jobs):
        runs.append(run)
        done(len(runs), len(parts))
    return MutationRun.joined(runs)


def _runs(folders: Sequence[Path], library: Library, parts: list[_Part], jobs: int) -> Iterator[MutationRun]:
    if jobs == 1:
        tester = _Tester(library)
        yield from map(tester.run, parts)
        return
    # Spawned, as a fork of a process with threads (of the engine) may hang.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (tuple(folders),)) as pool:
        yield from pool.map(_run, parts)


_tester: _Tester | None = None


def _start(folders: tuple[Path, ...]) -> None:
    global _tester
    _tester = _Tester(load_library(*folders))


def _run(part: _Part) -> MutationRun:
    assert _tester is not None
    return _tester.run(part)


class _Tester:
    """Runs the mutants of one part of the rules after the other."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._engine = InterpretedEngine()
        self._own: dict[str, list[Example]] = {}
        self._whole: list[Example] = []
        examples = list(read_examples(library, self._engine))
        for example in examples:
            if example.guideline is None:
                self._whole.append(example)
            else:
                self._own.setdefault(example.guideline, []).append(example)
        self._equivalence = Equivalence(library)
        self._vocabulary = VocabularyTester(library, examples, self._equivalence)
        self._noticed: Counter[int] = Counter()

    def run(self, part: _Part) -> MutationRun:
        """Return what examples notice of the mutants of a part of the rules."""
        kind, name = part
        return self._vocabulary.run(name) if kind == _VOCABULARY else self._run(name)

    def _run(self, name: str) -> MutationRun:
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
