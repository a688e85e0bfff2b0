"""The examples that rule files carry: a guideline's own, evaluated alone, and those of the whole library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from guidecheck.checking import Checker, treatments_named
from guidecheck.determination import ItemDetermination, Outcome, Status
from guidecheck.errors import Finding, Location, did_you_mean, one_of
from guidecheck.facts import Scope
from guidecheck.library.file_models import ExampleFile, LibraryExampleFile, LibraryExamplesFile
from guidecheck.library.models import Guideline, Library
from guidecheck.library.node_models import read_model
from guidecheck.marked_yaml import Mapping, Node, Scalar, Sequence, describe
from guidecheck.request import Item
from guidecheck.request_reader import FactReader, Facts, build_item
from guidecheck.vocabulary import AS_OF, TREATMENT

PREDICTED = "predicted"
_LISTS = ("controlling", "unmet", "superseded")


@dataclass
class Example:
    """An example as read: its item, what it expects (word → criteria, or the outcome), and its mistakes."""

    name: str
    at: Location
    checker: Checker
    item: Item | None = None
    expected: dict[str, list[Scalar]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def determination(self) -> ItemDetermination | None:
        """Return what the rules say of the example, or None where it has mistakes."""
        return None if self.item is None or self.findings else self.checker.check_item(self.item)

    def failures(self) -> list[Finding]:
        """Return a finding for each expectation that does not hold."""
        answer = self.determination()
        if answer is None:
            return self.findings
        return [
            finding for word, names in self.expected.items() for finding in self._differences(answer, word, names)
        ]

    def _differences(self, answer: ItemDetermination, word: str, names: list[Scalar]) -> Iterator[Finding]:
        if word == PREDICTED:
            if names[0].text != answer.outcome:
                message = f"`{self.name}`: expected {names[0].text}, predicted {answer.outcome}"
                yield Finding(names[0].at, "example-failed", message)
        elif word in tuple(Status):
            held = {result.criterion.id: result.status for result in answer.criteria + answer.legal}
            for name in names:
                status = held.get(name.text, Status.NOT_APPLICABLE)
                if status != word:
                    message = f"`{self.name}`: expected `{name.text}` {word}, it is {status}"
                    yield Finding(name.at, "example-failed", message)
        else:
            yield from self._list_differences(answer, word, names)

    def _list_differences(self, answer: ItemDetermination, word: str, names: list[Scalar]) -> Iterator[Finding]:
        given = {
            "controlling": {result.criterion.key for result in answer.controlling},
            "unmet": {result.criterion.key for result in answer.unmet},
            "superseded": {result.criterion.key for result in answer.criteria if result.superseded_by},
        }[word]
        wanted = {name.text for name in names}
        if wanted != given:
            missing, extra = sorted(wanted - given), sorted(given - wanted)
            said = [f"not {word}: {', '.join(missing)}"] if missing else []
            said += [f"{word} too: {', '.join(extra)}"] if extra else []
            yield Finding(self.at, "example-failed", f"`{self.name}`: {'; '.join(said)}")


def lint_examples(library: Library) -> list[Finding]:
    """Return the mistakes in examples: what cannot be read, whatever it would give."""
    return [finding for example in read_examples(library) for finding in example.findings]


def run_examples(library: Library) -> tuple[int, list[Finding]]:
    """Return the number of examples, and a finding for each expectation that does not hold."""
    examples = list(read_examples(library))
    return len(examples), [finding for example in examples for finding in example.failures()]


def read_examples(library: Library) -> Iterator[Example]:
    """Yield every example of a library: the guidelines' own, then those of `rules/examples`."""
    for guideline in library.guidelines.values():
        alone = Checker(_alone(library, guideline))
        for node in guideline.examples:
            yield _guideline_example(node, guideline, alone)
    whole = Checker(library)
    for file in library.examples:
        findings: list[Finding] = []
        model = read_model(LibraryExamplesFile, file, findings)
        if model is None:
            yield Example("", file.at, whole, findings=findings)
            continue
        for node in model.examples:
            yield _library_example(node, whole)


def _alone(library: Library, guideline: Guideline) -> Library:
    """Return a library in which only one guideline exists, in every jurisdiction."""
    everywhere = dict.fromkeys(library.jurisdictions, tuple(library.authorities))
    return replace(library, guidelines={guideline.id: guideline}, jurisdictions=everywhere)


def _guideline_example(node: Node, guideline: Guideline, checker: Checker) -> Example:
    findings: list[Finding] = []
    model = read_model(ExampleFile, node, findings)
    example = Example(model.name if model else "", node.at, checker, findings=findings)
    if model is None or not isinstance(node, Mapping):
        return example
    facts = _read_facts(node.get("facts"), None, checker, findings)
    stated = facts.stated
    if TREATMENT not in stated and (treatments := treatments_named(guideline.applies_to)):
        stated[TREATMENT] = next(iter(treatments))
    day = model.as_of or stated.pop(AS_OF, None) or guideline.periods[0].start
    assert isinstance(day, date)
    example.item = _item(example, facts, checker, day, partial=model.records == "partial")
    example.expected = _expected(node.get("expect"), tuple(Status), findings)
    known = [criterion.id for criterion in guideline.criteria]
    _check_names([name for names in example.expected.values() for name in names], known, findings)
    return example


def _library_example(node: Node, checker: Checker) -> Example:
    findings: list[Finding] = []
    model = read_model(LibraryExampleFile, node, findings)
    example = Example(model.name if model else "", node.at, checker, findings=findings)
    if model is None or not isinstance(node, Mapping):
        return example
    claim = _read_facts(node.get("claim"), Scope.CLAIM, checker, findings)
    facts = claim.merged(_read_facts(node.get("facts"), Scope.ITEM, checker, findings))
    example.item = _item(example, facts, checker, model.as_of, partial=model.records == "partial")
    example.expected = _expected(node.get("expect"), (PREDICTED, *_LISTS), findings)
    known = [criterion.key for criterion in checker.library.criteria()]
    for word, names in example.expected.items():
        _check_names(names, tuple(Outcome) if word == PREDICTED else known, findings)
    return example


def _read_facts(node: Node | None, scope: Scope | None, checker: Checker, findings: list[Finding]) -> Facts:
    if not isinstance(node, Mapping):
        return Facts()
    return FactReader(checker.library.vocabulary, findings).read(node.entries, scope, ())


def _item(example: Example, facts: Facts, checker: Checker, day: date, *, partial: bool) -> Item | None:
    if example.findings:
        return None
    vocabulary = replace(checker.library.vocabulary, needed={}) if len(checker.library.guidelines) == 1 else None
    return build_item(
        vocabulary or checker.library.vocabulary,
        facts,
        example.findings,
        id=example.name,
        at=example.at,
        as_of=day,
        partial=partial,
    )


def _expected(node: Node | None, words: tuple[str, ...], findings: list[Finding]) -> dict[str, list[Scalar]]:
    if not isinstance(node, Mapping) or not node.entries:
        at = node.at if node is not None else Location("")
        findings.append(Finding(at, "no-expectation", "an example that expects nothing", one_of(words)))
        return {}
    expected: dict[str, list[Scalar]] = {}
    for key, value in node.entries:
        if key.text not in words:
            hint = did_you_mean(key.text, words) or one_of(words)
            findings.append(Finding(key.at, "unknown-key", f"unknown expectation `{key.text}`", hint))
            continue
        items = value.items if isinstance(value, Sequence) else (value,)
        names = [item for item in items if isinstance(item, Scalar)]
        if len(names) < len(items):
            findings.append(Finding(value.at, "wrong-type", f"{describe(value)} where names were expected"))
        expected[key.text] = names
    return expected


def _check_names(names: list[Scalar], known: list[str] | tuple[str, ...], findings: list[Finding]) -> None:
    for name in names:
        if name.text not in known:
            hint = did_you_mean(name.text, known) or one_of(known)
            findings.append(Finding(name.at, "unknown-criterion", f"no `{name.text}` is known here", hint))
