"""The examples that rule files carry: a guideline's own, evaluated alone, and those of the whole library."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from time import perf_counter

from guidecheck.deciding.checking import Checker, Engine, treatments_named
from guidecheck.deciding.determination import ItemDetermination, Outcome, Status
from guidecheck.errors import Finding, Findings, Location, closest, did_you_mean, one_of, shorten
from guidecheck.language.facts import Scope
from guidecheck.language.vocabulary import AS_OF, TREATMENT
from guidecheck.library.file_models import ExampleFile, LibraryExampleFile, LibraryExamplesFile
from guidecheck.library.guideline_reader import NEVER
from guidecheck.library.models import Guideline, Library
from guidecheck.library.node_models import read_model
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, describe, is_null, members, scalars, unbracketed
from guidecheck.requests.fact_reader import FactReader, Facts
from guidecheck.requests.item_building import Follow, build_item, item_faults, what_follows
from guidecheck.requests.list_pooling import pooled_lists
from guidecheck.requests.request import Item

PREDICTED = "predicted"
_LISTS = ("controlling", "unmet", "superseded")
EXPECTED_OF_THE_LIBRARY = (PREDICTED, *_LISTS)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an example expects: the criteria of a status or part, or the outcome predicted."""

    word: str
    names: list[Scalar]
    at: Location


@dataclass
class Example:
    """An example as read: its item, what it expects, and its mistakes.

    `guideline` is the one whose own example it is, None for one of the whole library.
    """

    name: str
    at: Location
    checker: Checker
    guideline: str | None = None
    item: Item | None = None
    expected: list[Expectation] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)

    def determination(self, checker: Checker | None = None) -> ItemDetermination | None:
        """Return what the rules say of the example, or None where it has mistakes; `checker` has other rules."""
        return None if self.item is None or self.findings else (checker or self.checker).check_item(self.item)

    def differences(self, answer: ItemDetermination) -> Iterator[Finding]:
        """Yield a finding for each expectation that does not hold of what the rules say."""
        for expectation in self.expected:
            yield from self._differences(answer, expectation)

    def names(self, criterion: str) -> bool:
        """Tell whether it expects something of a criterion."""
        return any(name.text == criterion for expectation in self.expected for name in expectation.names)

    def _differences(self, answer: ItemDetermination, expected: Expectation) -> Iterator[Finding]:
        if expected.word == PREDICTED:
            if expected.names[0].text != answer.outcome:
                message = f"`{self.name}`: expected {expected.names[0].text}, predicted {answer.outcome}"
                yield Finding(expected.at, "example-failed", message)
        elif expected.word in tuple(Status):
            held = {result.criterion.id: result.status for result in answer.criteria + answer.legal}
            for name in expected.names:
                status = held.get(name.text, Status.NOT_APPLICABLE)
                if status != expected.word:
                    message = f"`{self.name}`: expected `{name.text}` {expected.word}, it is {status}"
                    yield Finding(name.at, "example-failed", message)
        else:
            yield from self._list_differences(answer, expected)

    def _list_differences(self, answer: ItemDetermination, expected: Expectation) -> Iterator[Finding]:
        given = {
            "controlling": {result.criterion.key for result in answer.controlling},
            "unmet": {result.criterion.key for result in answer.unmet},
            "superseded": {result.criterion.key for result in answer.criteria if result.superseded_by},
        }[expected.word]
        wanted = {name.text for name in expected.names}
        if wanted != given:
            missing, extra = sorted(wanted - given), sorted(given - wanted)
            said = [f"not {expected.word}: {', '.join(missing)}"] if missing else []
            said += [f"{expected.word} too: {', '.join(extra)}"] if extra else []
            yield Finding(expected.at, "example-failed", f"`{self.name}`: {'; '.join(said)}")


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """An example, what the rules say of it, a finding for each expectation that fails, and the time it took."""

    example: Example
    answer: ItemDetermination | None
    findings: tuple[Finding, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class ExampleRun:
    """What running examples gave."""

    results: list[ExampleResult]

    @property
    def failed(self) -> int:
        """How many examples don't hold."""
        return sum(bool(result.findings) for result in self.results)

    @property
    def passed(self) -> int:
        """How many examples hold."""
        return len(self.results) - self.failed

    @property
    def findings(self) -> list[Finding]:
        """A finding for each expectation that does not hold, and for each mistake."""
        return [finding for result in self.results for finding in result.findings]


def lint_examples(library: Library) -> list[Finding]:
    """Return the mistakes in examples: what cannot be read, whatever it would give."""
    follow = what_follows(library.vocabulary)
    return [finding for example in read_examples(library, follow=follow) for finding in example.findings]


def run_examples(library: Library) -> ExampleRun:
    """Return whether the examples of a library hold, those with mistakes among the failed."""
    return ExampleRun([_run(example) for example in read_examples(library)])


def _run(example: Example) -> ExampleResult:
    start = perf_counter()
    answer = example.determination()
    findings = tuple(example.findings) if answer is None else tuple(example.differences(answer))
    return ExampleResult(example, answer, findings, perf_counter() - start)


def read_examples(
    library: Library, engine: Engine | None = None, follow: Follow | None = None
) -> Iterator[Example]:
    """Yield every example of a library: the guidelines' own, then those of `rules/examples`.

    With `follow` (what follows from which fact) they have no items, and their mistakes are found sooner.
    """
    for guideline in library.guidelines.values():
        checker = Checker(alone(library, guideline), engine)
        for node in guideline.examples:
            yield _guideline_example(node, guideline, checker, follow)
    whole = Checker(library, engine)
    for file in library.examples:
        findings = Findings()
        read_model(LibraryExamplesFile, file, findings)
        if findings:
            yield Example("", file.at, whole, findings=findings)
        for node in members(file.get("examples") if isinstance(file, Mapping) else None):
            yield _library_example(node, whole, follow)


def alone(library: Library, guideline: Guideline) -> Library:
    """Return a library in which only one guideline exists, in every jurisdiction, and needs nothing more."""
    return replace(
        library,
        vocabulary=library.vocabulary.needing_nothing,
        guidelines={guideline.id: guideline},
        jurisdictions=dict.fromkeys(library.jurisdictions, tuple(library.authorities)),
    )


def _guideline_example(node: Node, guideline: Guideline, checker: Checker, follow: Follow | None) -> Example:
    findings = Findings()
    model = read_model(ExampleFile, node, findings)
    example = Example(model.name if model else "", node.at, checker, guideline.id, findings=findings)
    if not isinstance(node, Mapping):
        return example
    facts = _read_facts(node.get("facts"), None, example)
    known = {criterion.id for criterion in guideline.criteria}
    example.expected = _expected(node.get("expect"), tuple(Status), findings)
    for expectation in example.expected:
        _check_names(expectation.names, known, findings)
    treatments = treatments_named(guideline.applies_to)
    if treatments and TREATMENT not in {*facts.stated, *facts.faulty}:
        facts.stated[TREATMENT] = next(iter(treatments))
    stated_day = facts.stated.pop(AS_OF, None)
    if model is not None and guideline.periods and guideline.applies_to != NEVER:
        day = model.as_of or stated_day or guideline.periods[0].start
        assert isinstance(day, date)
        _build(example, facts, day, follow, partial=model.records == "partial")
    return example


def _library_example(node: Node, checker: Checker, follow: Follow | None) -> Example:
    findings = Findings()
    model = read_model(LibraryExampleFile, node, findings)
    example = Example(model.name if model else "", node.at, checker, findings=findings)
    if not isinstance(node, Mapping):
        return example
    claim = _read_facts(node.get("claim"), Scope.CLAIM, example)
    own = _read_facts(node.get("facts"), Scope.ITEM, example)
    partial = model is not None and model.records == "partial"
    pooled = pooled_lists(example.checker.library.vocabulary, [claim, own], partial=partial)
    facts = claim.merged(own).merged(pooled)
    known = checker.library.broken | {criterion.key for criterion in checker.library.criteria()}
    example.expected = _expected(node.get("expect"), EXPECTED_OF_THE_LIBRARY, findings)
    for expectation in example.expected:
        if expectation.word != PREDICTED:
            _check_names(expectation.names, known, findings)
        elif expectation.names[0].text not in tuple(Outcome):
            message = f"`{PREDICTED}`: {describe(expectation.names[0])} is not allowed here"
            findings.add(expectation.at, "wrong-value", message, one_of(Outcome))
    if model is not None:
        _build(example, facts, model.as_of, follow, partial=partial)
    return example


def _read_facts(node: Node | None, scope: Scope | None, example: Example) -> Facts:
    if not isinstance(node, Mapping):
        return Facts()
    return FactReader(example.checker.library.vocabulary, example.findings).read(node.entries, scope)


def _build(example: Example, facts: Facts, day: date, follow: Follow | None, *, partial: bool) -> None:
    vocabulary, found, at = example.checker.library.vocabulary, example.findings, example.at
    if follow is not None:
        found.extend(item_faults(vocabulary, facts, follow, at=at, as_of=day, partial=partial))
        return
    example.item = build_item(vocabulary, facts, found, id=example.name, at=at, as_of=day, partial=partial)


def _expected(node: Node | None, words: tuple[str, ...], findings: Findings) -> list[Expectation]:
    """Return what an example expects, as far as it can be read."""
    if not isinstance(node, Mapping):
        return []  # reported with the example's shape
    if not node.entries:
        findings.add(node.at, "no-expectation", "an example that expects nothing", one_of(words))
    expected: list[Expectation] = []
    for key, value in node.entries:
        names = scalars(value)
        if key.text not in words:
            hint = did_you_mean(key.text, words) or one_of(words)
            findings.add(key.at, "unknown-key", f"unknown expectation `{shorten(key.text)}`", hint)
        elif is_null(value):
            continue  # reported with the example's shape
        elif len(names) < len(members(value)):
            message = f"`{key.text}`: {describe(value)} where names were expected"
            listed = ", ".join(unbracketed(value))
            hint = f"write a list: [{listed}]" if listed else "write names, each after a dash, or [] for none"
            findings.add(value.at, "wrong-type", message, hint)
        elif key.text == PREDICTED and len(names) != 1:
            findings.add(value.at, "wrong-type", f"`{PREDICTED}`: {describe(value)}", one_of(Outcome))
        elif key.text in tuple(Status) and not names:
            findings.add(value.at, "empty-list", f"`{key.text}` names no criterion", "name one, or leave it out")
        else:
            expected.append(Expectation(key.text, names, value.at))
    return expected


def _check_names(names: list[Scalar], known: AbstractSet[str], findings: Findings) -> None:
    for name in names:
        if name.text not in known:
            hint = _name_meant(name.text, known) or one_of(sorted(known)) or "`guidecheck rules list` names them"
            findings.add(name.at, "unknown-criterion", f"no `{shorten(name.text)}` is known here", hint)


def _name_meant(text: str, known: AbstractSet[str]) -> str:
    """Return a hint naming the closest known criterion: one of the same guideline goes before any other."""
    guideline, dot, criterion = text.rpartition(".")
    own = closest(
        criterion, (name.removeprefix(guideline + dot) for name in known if name.startswith(guideline + dot))
    )
    return f"did you mean `{guideline}{dot}{own}`?" if own else did_you_mean(text, known)
