"""Whatever is read, nothing but a GuidecheckError comes of it; and conditions are read as they were written.

Quick unless GUIDECHECK_FUZZ says how many times as long to look, as in GUIDECHECK_FUZZ=100.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guidecheck.editing.rule_tests import lint_examples, run_examples
from guidecheck.errors import Findings, GuidecheckError
from guidecheck.language.condition_reader import OPS_OF_TYPE, ConditionReader
from guidecheck.language.conditions import (
    DATE_OPS,
    ORDERINGS,
    All,
    AnyOf,
    Cell,
    Condition,
    FactRef,
    Not,
    Op,
    TableName,
    Test,
)
from guidecheck.language.facts import Fact, FactType
from guidecheck.library.loading import load_library, read_library
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data, parse
from guidecheck.reading.text_files import decode
from guidecheck.requests.request_reader import request_from

ROOT = Path(__file__).parents[1]
BASE = ROOT / "tests" / "bad_rules" / "base"
RULE_FILES = sorted(p for folder in (ROOT / "rules", BASE) for p in folder.rglob("*.yaml"))
REQUESTS = sorted((ROOT / "examples").glob("*.yaml"))
TODAY = date(2026, 11, 21)


def times(examples: int) -> settings:
    """Return settings for a number of examples, as often as GUIDECHECK_FUZZ says."""
    factor = int(os.environ.get("GUIDECHECK_FUZZ", "1"))
    return settings(
        max_examples=examples * factor,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=factor == 1,
    )


@cache
def shipped() -> Library:
    return load_library(ROOT / "rules")


def read_as_request(text: str) -> None:
    with suppress(GuidecheckError):
        request_from(parse(text, "request.yaml", []), shipped(), today=TODAY)


def read_as_rules(text: str, name: str, below: Path) -> None:
    """Read a text as a file of rules, laid over those of a folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        library, findings = read_library([below, Path(folder)])
        assert findings == sorted(set(findings))
        if library is not None:
            more = lint_examples(library)
            if not findings and not more:
                run_examples(library)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@times(200)
def test_bytes(data: bytes) -> None:
    with suppress(GuidecheckError):
        read_as_request(decode(data, "request.yaml"))


YAML_PIECES = [
    *"-:?,[]{}#&*!|>'\"%@`\n \t~\\",
    ": ",
    "- ",
    "\n  ",
    "\n",
    "---\n",
    "...\n",
    "<<: ",
    "!!int ",
    "&a ",
    "*a",
    "a",
    "yes",
    "1",
    "items",
    "treatment",
    "massage",
    "as_of: 2015-08-21\n",
    "items:\n  - treatment: massage\n    ",
    "guideline: x\n",
    "facts:\n  ",
    "criteria:\n  - ",
    "é",
    "\u2028",
    "\ufeff",
]
YAML_TEXTS = st.lists(st.sampled_from(YAML_PIECES), max_size=40).map("".join)


@given(YAML_TEXTS)
@times(400)
def test_yaml_like_texts(text: str) -> None:
    read_as_request(text)


@given(YAML_TEXTS, st.sampled_from(["a.yaml", "vocabulary.yaml", "library.yaml", "examples/a.yaml"]))
@times(60)
def test_yaml_like_rules(text: str, name: str) -> None:
    read_as_rules(text, name, BASE)


KEYS = """value basis records partial undocumented none case_id as_of claim items id actual all any not fact table
    column same_as sum when rows keys""".split()  # noqa: SIM905


@cache
def words() -> list[str]:
    """Return words that requests and rules are made of."""
    library = shipped()
    found = [*library.vocabulary.facts, *library.topics, *library.authorities, *library.guidelines, *Op]
    for fact in library.vocabulary.facts.values():
        found += list(fact.words)[:6]
    return found + KEYS


@st.composite
def data(draw: st.DrawFn, depth: int = 3) -> Any:
    """Return data of the kind that a request or rule file holds, in no sensible order."""
    kinds = ["word", "number", "text", "date", "null", "boolean"]
    kind = draw(st.sampled_from(kinds + (["list", "mapping", "mapping"] if depth else [])))
    match kind:
        case "word":
            return draw(st.sampled_from(words()))
        case "number":
            return draw(st.integers(-3, 400) | st.floats())
        case "text":
            return draw(st.text(max_size=8))
        case "date":
            return draw(st.dates(date(1980, 1, 1), date(2030, 1, 1))).isoformat()
        case "boolean":
            return draw(st.booleans())
        case "null":
            return None
        case "list":
            return draw(st.lists(data(depth=depth - 1), max_size=4))
    return draw(st.dictionaries(st.sampled_from(words()), data(depth=depth - 1), max_size=5))


@given(st.lists(st.dictionaries(st.sampled_from(words()), data(), max_size=6), max_size=3), data())
@times(150)
def test_requests_of_any_values(items: list[dict[str, Any]], claim: Any) -> None:
    for item in items:
        item.setdefault("treatment", "massage")
    whole = {"as_of": "2015-08-21", "claim": claim, "items": items}
    with suppress(GuidecheckError):
        request_from(from_data(whole, "request"), shipped(), today=TODAY)


@given(data(depth=4))
@times(80)
def test_requests_of_any_shape(whole: Any) -> None:
    with suppress(GuidecheckError):
        request_from(from_data(whole, "request"), shipped(), today=TODAY)


VALUES = ["{}", "[]", "[[]]", "{a: b}", "-1", "1e9", "yes", "~", ""]


def mutated(text: str, seed: int) -> str:
    """Return a text with one to three of the slips that people and programs make."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(chance.randint(1, 3)):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        other = chance.randrange(len(lines))
        match chance.randrange(9):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = " " * chance.randint(0, 9) + lines[at].strip()
            case 4:
                pieces = lines[at].split(" ")
                pieces[chance.randrange(len(pieces))] = chance.choice([*words(), *YAML_PIECES])
                lines[at] = " ".join(pieces)
            case 5:
                key, _, _ = lines[at].partition(":")
                lines[at] = f"{key}: {chance.choice([*words(), *VALUES])}"
            case 6:
                lines[at] = lines[at].replace(chance.choice(": -,[]"), chance.choice(YAML_PIECES), 1)
            case 7:
                lines = lines[: max(at, 1)]
            case 8:
                lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
        text = "\n".join(lines) or "a"
    return text


@given(st.sampled_from(REQUESTS), st.integers(0, 2**32))
@times(200)
def test_requests_with_slips(path: Path, seed: int) -> None:
    read_as_request(mutated(path.read_text(encoding="utf-8"), seed))


@given(st.sampled_from([p for p in RULE_FILES if BASE in p.parents]), st.integers(0, 2**32))
@times(150)
def test_rules_with_slips(path: Path, seed: int) -> None:
    name = path.relative_to(BASE).as_posix()
    read_as_rules(mutated(path.read_text(encoding="utf-8"), seed), name, BASE)


@given(st.sampled_from([p for p in RULE_FILES if BASE not in p.parents]), st.integers(0, 2**32))
@times(30)
def test_shipped_rules_with_slips(path: Path, seed: int) -> None:
    name = path.relative_to(ROOT / "rules").as_posix()
    with tempfile.TemporaryDirectory() as folder:
        below = what_it_rests_on(name, Path(folder))
        read_as_rules(mutated(path.read_text(encoding="utf-8"), seed), name, below)


def what_it_rests_on(name: str, folder: Path) -> Path:
    """Return rules to lay a shipped file over: all, or for a guideline those that it names, in a folder.

    To run the examples of all the other guidelines would tell nothing of its slips, and take most of the time.
    """
    rules = ROOT / "rules"
    if name in ("library.yaml", "vocabulary.yaml") or name.startswith("examples/"):
        return rules
    wanted = {rules / name}
    for guideline in shipped().guidelines.values():
        if Path(guideline.at.path) == rules / name:
            wanted |= {Path(shipped().guidelines[other].at.path) for other in guideline.outranks}
    for path in (rules / "vocabulary.yaml", rules / "library.yaml", *wanted):
        copy = folder / path.relative_to(rules)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


# ------------------------------------------------------------------------------------------------ round trip

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Zs"]), min_size=1, max_size=12)


@cache
def base() -> Library:
    return load_library(BASE)


def constants(fact: Fact) -> st.SearchStrategy[Any]:
    match fact.type:
        case FactType.BOOLEAN:
            return st.booleans()
        case FactType.INTEGER:
            return st.integers(int(fact.minimum or 0), int(fact.maximum or 10**9))  # type: ignore[arg-type]
        case FactType.NUMBER:
            return st.integers(-(10**12), 10**12).map(lambda number: number / 10**6 + 0.0)
        case FactType.DATE:
            return st.dates()
        case FactType.CHOICE | FactType.SET:
            return st.sampled_from(sorted(fact.choices))
    return TEXTS


@st.composite
def single_tests(draw: st.DrawFn) -> Test:
    facts = base().vocabulary.facts
    fact = draw(st.sampled_from(list(facts.values())))
    plain = [] if fact.type in (FactType.SET, FactType.LIST) else [Op.EQUALS]
    ops = [op for op in OPS_OF_TYPE[fact.type] if op is not Op.LISTED_IN or fact.name == "code"]
    op = draw(st.sampled_from([*plain, *ops]))
    if op is Op.DOCUMENTED:
        return Test(fact.name, op, True)
    if op is Op.LISTED_IN:
        return Test(fact.name, op, TableName("factors"))
    if op in ORDERINGS or op in DATE_OPS:
        dates = fact.type is FactType.DATE
        others = [
            o.name
            for o in facts.values()
            if o is not fact and (o.type is FactType.DATE if dates else o.type.is_numeric)
        ]
        operand = draw(
            constants(fact)
            | st.sampled_from(others).map(FactRef)
            | (st.nothing() if dates else st.just(Cell("factors", "factor")))
        )
        return Test(fact.name, op, operand)
    if op is Op.EQUALS:
        return Test(fact.name, op, draw(constants(fact)))
    return Test(fact.name, op, tuple(draw(st.lists(constants(fact), min_size=1, max_size=3))))


def without_documented(condition: Condition) -> bool:
    if isinstance(condition, Test):
        return condition.op is not Op.DOCUMENTED
    parts = (condition.part,) if isinstance(condition, Not) else condition.parts
    return all(without_documented(part) for part in parts)


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    single_tests(),
    lambda parts: (
        st.lists(parts, min_size=1, max_size=3).map(tuple).flatmap(lambda p: st.sampled_from([All(p), AnyOf(p)]))
        | parts.filter(without_documented).map(Not)
    ),
    max_leaves=8,
)


def lines(condition: Condition) -> Iterator[str]:
    """Yield a condition in block style, as its author would write it."""
    if isinstance(condition, Not):
        yield "not:"
        yield from (f"  {line}" for line in lines(condition.part))
    elif isinstance(condition, All | AnyOf):
        yield "all:" if isinstance(condition, All) else "any:"
        for part in condition.parts:
            first, *rest = lines(part)
            yield f"  - {first}"
            yield from (f"    {line}" for line in rest)
    elif condition.op is Op.EQUALS:
        yield f"{condition.fact}: {written(condition.operand)}"
    else:
        yield f"{condition.fact}:"
        yield f"  {condition.op}: {written(condition.operand)}"


def written(operand: Any) -> str:
    match operand:
        case FactRef(fact):
            return f"{{fact: {fact}}}"
        case Cell(table, column):
            return f"{{table: {table}, column: {column}}}"
        case TableName(table):
            return table
        case tuple():
            return f"[{', '.join(written(one) for one in operand)}]"
        case bool():
            return "yes" if operand else "no"
        case float():
            return f"{operand:.6f}"
        case str():
            return json.dumps(operand, ensure_ascii=False)
    return str(operand)


@given(CONDITIONS)
@times(200)
def test_conditions_are_read_as_they_were_written(condition: Condition) -> None:
    findings = Findings()
    reader = ConditionReader(base().vocabulary.facts, base().vocabulary.tables, findings)
    text = "\n".join(lines(condition))
    assert reader.read(parse(text, "rule.yaml")) == condition, text
    assert findings == []
