"""A guideline begun from answers: its first criterion, and examples that show where that is met and where not."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from guidecheck.editing.rule_tests import run_examples
from guidecheck.errors import Findings, GuidecheckError, LibraryError, one_of
from guidecheck.explaining.condition_words import ConditionWords
from guidecheck.language.condition_reader import OPS_OF_TYPE, ConditionReader
from guidecheck.language.conditions import DATE_OPS, ORDERINGS, Condition, Op, Test, evaluate, facts_read, tests_of
from guidecheck.language.facts import Fact, FactType, Value, ValueFault, check_limits, show_value
from guidecheck.language.spoken_tests import tests_said
from guidecheck.language.vocabulary import TREATMENT, Vocabulary
from guidecheck.library.loading import read_library
from guidecheck.library.models import Library, Period
from guidecheck.library.precedence_checks import rivals
from guidecheck.reading.marked_yaml import Scalar, is_null, parse

_SINGLE = (*ORDERINGS, *DATE_OPS)
_SAMPLES = {FactType.INTEGER: 1, FactType.NUMBER: 1, FactType.DATE: date(2020, 1, 1)}


@dataclass(frozen=True)
class Answers:
    """What a guideline begins with; texts that are "" are left out."""

    id: str
    title: str
    authority: str
    section: str
    start: date
    treatment: str
    criterion: str
    topic: str
    says: str
    fact: str
    test: str
    pages: str = ""
    regulation: str = ""
    end: date | None = None
    remedy: str = ""
    confidence: str = "uncertain"
    outranks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rivals:
    """Guidelines of the same authority that speak on a guideline's topic, for its treatment, on its days.

    `special` are those that are for some of its cases only: these are to outrank it, rather than be outranked.
    """

    general: tuple[str, ...]
    special: tuple[str, ...]


def rivals_of(library: Library, period: Period, treatment: str, topic: str) -> Rivals:
    """Return the guidelines that stand beside a new one until it is said which counts."""
    applies_to = Test(TREATMENT, Op.EQUALS, treatment)
    found = rivals(library.guidelines.values(), period, applies_to, topic, library.vocabulary.facts)
    special = tuple(one.id for one in found if set(facts_read(one.applies_to)) - {TREATMENT})
    return Rivals(tuple(one.id for one in found if one.id not in special), special)


def read_test(vocabulary: Vocabulary, fact: Fact, text: str) -> tuple[str, Condition]:
    """Return what a person writes as a test ("at most 6", "yes", "includes any neck, low back") as YAML and read.

    Raises:
        ValueFault: no test that fits the fact.
    """
    written = _written(fact, text.strip())
    findings = Findings()
    try:
        reader: ConditionReader = ConditionReader(vocabulary.facts, vocabulary.tables, findings)
        condition = reader.read(parse(f"{fact.name}: {written}", "test"))
    except GuidecheckError as error:
        raise ValueFault(error.findings[0].message, error.findings[0].hint) from None
    if condition is None:
        hint = _said_in_words(fact, text) or findings[0].hint or tests_that_fit(fact)
        raise ValueFault(findings[0].message, hint)
    return written, condition


def _said_in_words(fact: Fact, text: str) -> str:
    """Return as a hint how to answer with a test said in other words ("6 or fewer"); "" where it says none."""
    said = tests_said(fact, text) if fact.type.is_ordered else []
    answers = [re.sub(r"_|: ", " ", re.sub(r"[][]", "", test)) for test in said]
    if len(answers) > 1:
        return f"write {' or '.join(answers)}, and the other limit in the file that is made"
    return f"write {answers[0]}" if answers else ""


def tests_that_fit(fact: Fact) -> str:
    """Return what can be written as a test of a fact."""
    ops = [op.replace("_", " ") for op in OPS_OF_TYPE[fact.type] if op is not Op.LISTED_IN]
    match fact.type:
        case FactType.BOOLEAN:
            return "yes, no, or documented yes"
        case FactType.CHOICE | FactType.SET:
            values = one_of(fact.choices, most=8)
            begin = "" if fact.type is FactType.SET else "a value, or "
            return f"{begin}{', '.join(ops[:3])} and values ({values})"
        case FactType.LIST:
            return "documented yes"
        case _:
            return f"{', '.join(ops[:4])} and {'a date' if fact.type is FactType.DATE else 'a value'}"


def guideline_text(answers: Answers, vocabulary: Vocabulary) -> str:
    """Return the file of a guideline, with examples where its test can be shown to be met and failed."""
    test, condition = read_test(vocabulary, vocabulary.facts[answers.fact], answers.test)
    return (
        "\n".join([*_head(answers), *_criterion(answers, test), *_examples(answers, vocabulary, condition)]) + "\n"
    )


def check_guideline(text: str, name: str, folders: Sequence[Path]) -> Library:
    """Return the rules of folders with a new guideline laid over them.

    Raises:
        LibraryError: they have mistakes together, or an example of the guideline does not hold.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, "utf-8")
        library, findings = read_library([*folders, Path(folder)])
        if library is not None and not findings:
            findings = [f for f in run_examples(library).findings if f.location.path == str(path)]
    if library is None or findings:
        # The file is nowhere yet: its name alone says what is meant.
        raise LibraryError(
            replace(finding, location=finding.location._replace(path=name))
            if finding.location.path == str(path)
            else finding
            for finding in findings
        )
    return library


def _written(fact: Fact, text: str) -> str:
    """Return a test in YAML."""
    folded = text.replace("_", " ")
    if folded.casefold() == Op.DOCUMENTED:
        return f"{{{Op.DOCUMENTED}: yes}}"
    for op in sorted(OPS_OF_TYPE[fact.type], key=len, reverse=True):
        words = op.replace("_", " ")
        if folded.casefold().startswith(f"{words} "):
            rest = text[len(words) :].strip().strip("[]")
            if op not in (*_SINGLE, Op.DOCUMENTED):
                rest = rest.removeprefix("of ").strip()  # "includes any of neck, low back"
            if op in _SINGLE or op is Op.DOCUMENTED:
                return f"{{{op}: {scalar(rest, in_flow=True)}}}"
            parts = [part.strip() for part in rest.split(",")]
            return f"{{{op}: [{', '.join(scalar(part, in_flow=True) for part in parts)}]}}"
    return scalar(text)


def scalar(text: str, *, in_flow: bool = False) -> str:
    """Return a text as a YAML value, in quotes where it needs them."""
    try:
        node = parse(f"[{text}]" if in_flow else f"key: {text}", "value")
    except GuidecheckError:
        return json.dumps(text, ensure_ascii=False)
    inner = node.items if in_flow else [value for _, value in node.entries]  # type: ignore[union-attr]
    same = len(inner) == 1 and isinstance(inner[0], Scalar) and inner[0].text == text and not inner[0].quoted
    return text if same and not is_null(inner[0]) else json.dumps(text, ensure_ascii=False)


def _head(answers: Answers) -> Iterator[str]:
    yield f"guideline: {answers.id}"
    yield f"title: {scalar(answers.title)}"
    yield f"authority: {answers.authority}"
    yield "citation:"
    yield f"  section: {scalar(answers.section)}"
    if answers.pages:
        yield f"  pages: {json.dumps(answers.pages, ensure_ascii=False)}"
    if answers.regulation:
        yield f"  regulation: {scalar(answers.regulation)}"
    yield "in_force:"
    yield f"  from: {answers.start.isoformat()}"
    if answers.end:
        yield f"  until: {answers.end.isoformat()}"
    yield "applies_to:"
    yield f"  treatment: {answers.treatment}"
    if answers.outranks:
        yield f"outranks: [{', '.join(answers.outranks)}]"


def _criterion(answers: Answers, test: str) -> Iterator[str]:
    yield from ("", "criteria:")
    yield f"  - id: {answers.criterion}"
    yield f"    topic: {answers.topic}"
    yield f"    says: {scalar(answers.says)}"
    yield "    require:"
    if test.startswith("{"):
        op, _, operand = test[1:-1].partition(": ")
        yield f"      {answers.fact}:"
        yield f"        {op}: {operand}"
    else:
        yield f"      {answers.fact}: {test}"
    if answers.remedy:
        yield f"    remedy: {scalar(answers.remedy)}"
    yield f"    confidence: {answers.confidence}"


def _examples(answers: Answers, vocabulary: Vocabulary, condition: Condition) -> Iterator[str]:
    fact = vocabulary.facts[answers.fact]
    shown: dict[bool | None, Value] = {}
    for value in _candidates(fact, condition):
        shown.setdefault(evaluate(condition, {fact.name: value}), value)
    yield from ("", "examples:")
    words = ConditionWords(vocabulary)
    for holds, status in ((True, "met"), (False, "failed")):
        if holds in shown:
            yield f"  - name: {scalar(words.clause(fact.name, shown[holds]))}"
            yield "    facts:"
            yield f"      {fact.name}: {_value(shown[holds])}"
            yield "    expect:"
            yield f"      {status}: [{answers.criterion}]"
    yield "  - name: nothing is said about it"
    yield "    facts: {}"
    yield "    expect:"
    yield f"      undocumented: [{answers.criterion}]"


def _candidates(fact: Fact, condition: Condition) -> Iterator[Value]:
    """Yield values at which a test may turn, those that it names first."""
    for test in tests_of(condition):
        operand = _SAMPLES.get(fact.type, "x") if test.op is Op.DOCUMENTED else test.operand
        if fact.type is FactType.BOOLEAN:
            yield from (True, False)
        elif fact.type is FactType.SET:
            members = operand if isinstance(operand, tuple) else ()
            if members:
                yield frozenset(members)
            yield from (frozenset([name]) for name in (*members, *fact.choices))
        elif fact.type is FactType.CHOICE:
            yield from (operand if isinstance(operand, tuple) else ())
            yield from fact.choices
        else:
            for named in operand if isinstance(operand, tuple) else (operand,):
                yield from (value for value in _around(named) if _allowed(fact, value))


def _around(value: object) -> tuple[Value, ...]:
    """Return a value with those next to it."""
    if isinstance(value, date):
        return value, value - timedelta(days=1), value + timedelta(days=1)
    if isinstance(value, int | float):
        return value, value - 1, value + 1
    return str(value), "something else"


def _allowed(fact: Fact, value: Value) -> bool:
    try:
        check_limits(fact, value)
    except ValueFault:
        return False
    return True


def _value(value: Value) -> str:
    if isinstance(value, frozenset):
        return f"[{', '.join(sorted(value))}]" if value else "none"
    return scalar(value) if isinstance(value, str) else show_value(value)
