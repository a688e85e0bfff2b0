"""Generated rule libraries and records, as the plain data that a person would write.

Nothing here is built past the readers: `load` and `read_item` take the data through the same files and checks as
a person's, and tests/oracle.py reads the same data by itself. Any engine can be held to the same examples.

`HYPOTHESIS_PROFILE=thorough` tries thousands of examples; the default is a quick and repeatable run.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from guidecheck.errors import Finding, RequestError
from guidecheck.library.loading import load_library
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import parse
from guidecheck.requests.request import Item
from guidecheck.requests.request_reader import request_from
from oracle import Oracle

_EVERY_PROFILE: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
}
settings.register_profile("quick", max_examples=30, derandomize=True, **_EVERY_PROFILE)
settings.register_profile("thorough", max_examples=3_000, print_blob=True, **_EVERY_PROFILE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def fewer(share: int) -> settings:
    """Return settings for a test that can do with a share of the profile's examples."""
    return settings(max_examples=max(10, settings().max_examples // share))


_below = cache(lambda number: st.integers(0, number - 1))


def pick(draw: st.DrawFn, options: Sequence[Any]) -> Any:
    """Draw one of several things without a strategy of their own: making one takes longer than drawing from it."""
    return options[draw(_below(len(options)))]


def _few(draw: st.DrawFn, options: Sequence[Any]) -> list[Any]:
    """Draw one to three different things."""
    return draw(st.lists(st.sampled_from(options), unique=True, min_size=1, max_size=3))


TREATMENTS = ("massage", "exercise", "needling")
TOPICS = ("dose", "place", "progress")
DAYS = ("2012-06-30", "2015-07-01", "2018-02-28", "2010-01-01", "2015-06-30", "2009-12-31")
BOOLEANS, INTEGERS, NUMBERS, DATES = "boolean", "integer", "number", "date"

# Two facts of each type, so that one can be compared with, or follow from, the other.
POOL: dict[str, dict[str, Any]] = {
    "flag_a": {"type": "boolean"},
    "flag_b": {"type": "boolean"},
    "flag_c": {"type": "boolean"},
    "count_a": {"type": "integer", "minimum": 0},
    "count_b": {"type": "integer", "minimum": 0, "maximum": 6},
    "count_c": {"type": "integer"},
    "amount_a": {"type": "number"},
    "amount_b": {"type": "number", "minimum": 0},
    "day_a": {"type": "date"},
    "day_b": {"type": "date"},
    "kind_a": {"type": "choice", "values": ("red", "green", "blue")},
    "kind_b": {"type": "choice", "values": ("red", "green", "blue")},
    "parts_a": {"type": "set", "values": ("arm", "back", "hip")},
    "parts_b": {"type": "set", "values": ("arm", "back", "hip")},
    "note_a": {"type": "text"},
    "note_b": {"type": "text"},
}
DOSES: dict[str, dict[str, Any]] = {
    "drug": {"type": "choice", "values": ("pill", "patch", "other")},
    "strength": {"type": "number", "minimum": 0},
    "doses": {"type": "list", "of": ("drug", "strength")},
}
FACTOR_TABLE = {
    "keys": ["drug", "as_of"],
    "rows": [
        {"drug": "pill", "as_of": {"before": "2012-01-01"}, "factor": 2, "times": "strength"},
        {"drug": "pill", "as_of": {"on_or_after": "2012-01-01"}, "factor": 0.5, "times": "strength"},
        {"drug": "patch", "factor": 1.5, "times": "strength"},
    ],
}
VALUES: dict[str, list[Any]] = {
    "boolean": [True, False],
    "integer": [0, 1, 2, 3, 4],
    "number": [0, 1, 2.5, 0.1, 0.2, 0.000001, -1.5],
    "date": ["2014-01-31", "2014-02-28", "2014-03-01", "2015-01-31", "2015-03-10"],
    "text": ["x", "y", "12", "1e5", "yes please"],
}
NUMERIC = ("integer", "number")
COMPARISONS = ("at_most", "at_least", "less_than", "more_than")
DATE_COMPARISONS = ("before", "on_or_before", "after", "on_or_after")


@dataclass
class Rules:
    """A rule library as plain data: what stands in vocabulary.yaml, library.yaml and each guideline's file."""

    vocabulary: dict[str, Any]
    library: dict[str, Any]
    guidelines: list[dict[str, Any]]

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        return self.vocabulary["facts"]

    @property
    def oracle(self) -> Oracle:
        return Oracle(self.vocabulary, self.library, self.guidelines)


Record = dict[str, Any]
"""`as_of`, `records` (complete or partial), and `facts` by name."""


# ------------------------------------------------------------------------------------------- taking data in


def load(rules: Rules) -> Library:
    """Return the library of generated rules, read from files as a person's would be."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "vocabulary.yaml").write_text(json.dumps(rules.vocabulary, ensure_ascii=False), encoding="utf-8")
        (root / "library.yaml").write_text(json.dumps(rules.library, ensure_ascii=False), encoding="utf-8")
        (root / "edition").mkdir()
        for guideline in rules.guidelines:
            path = root / "edition" / f"{guideline['guideline']}.yaml"
            path.write_text(json.dumps(guideline, ensure_ascii=False), encoding="utf-8")
        return load_library(root)


def read_item(record: Record, library: Library) -> Item:
    """Return a generated record as an item.

    Raises:
        RequestError: the record contradicts itself, or lacks what its treatment needs.
    """
    facts: Mapping[str, Any] = library.vocabulary.facts
    request = {
        "as_of": record["as_of"],
        "records": record["records"],
        "claim": {name: value for name, value in record["facts"].items() if facts[name].scope == "claim"},
        "items": [{name: value for name, value in record["facts"].items() if facts[name].scope == "item"}],
    }
    return request_from(parse(json.dumps(request, ensure_ascii=False), "request"), library).items[0]


def faults(record: Record, library: Library) -> tuple[Finding, ...]:
    """Return what is wrong with a record, nothing for a usable one."""
    try:
        read_item(record, library)
    except RequestError as error:
        return error.findings
    return ()


# ------------------------------------------------------------------------------------------------ vocabulary


@dataclass
class Scope:
    """The facts and tables that a condition may name."""

    facts: dict[str, dict[str, Any]]
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of_type(self, *types: str) -> list[str]:
        return [name for name, fact in self.facts.items() if fact["type"] in types]


def values(fact: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a fact as a request states them."""
    if fact["type"] == "set":
        members = st.lists(st.sampled_from(list(fact["values"])), unique=True, min_size=1)
        return st.one_of(st.just("none"), members, st.sampled_from(list(fact["values"])))
    if fact["type"] == "list":
        entry = st.fixed_dictionaries(
            {"drug": values(DOSES["drug"])}, optional={"strength": st.sampled_from([0, 1, 2.5])}
        )
        return st.lists(entry, min_size=1, max_size=3)
    return st.sampled_from(_allowed(fact))


def _allowed(fact: Mapping[str, Any]) -> list[Any]:
    """The single values of a fact: its words, or some within its limits."""
    if "values" in fact:
        return list(fact["values"])
    low, high = fact.get("minimum"), fact.get("maximum")
    return [v for v in VALUES[fact["type"]] if (low is None or v >= low) and (high is None or v <= high)]


def vocabularies(draw: st.DrawFn) -> dict[str, Any]:
    """A vocabulary of a few facts of every type, with derivations of every kind, mutual ones included."""
    names = draw(st.lists(st.sampled_from(list(POOL)), unique=True, min_size=3, max_size=7))
    facts: dict[str, dict[str, Any]] = {
        "treatment": {"type": "choice", "scope": "item", "values": {name: {} for name in TREATMENTS}},
        "as_of": {"type": "date", "scope": "claim"},
        "jurisdiction": {"type": "choice", "scope": "claim", "values": {"california": {}, "texas": {}}},
    }
    for name in names:
        facts[name] = dict(POOL[name])
    tables: dict[str, Any] = {}
    if _rarely(draw):
        facts.update({name: dict(fact) for name, fact in DOSES.items()})
        tables["factors"] = FACTOR_TABLE
    if _rarely(draw):
        tables["allowances"] = lookup_tables(draw, Scope(facts))
    for name, fact in facts.items():
        fact["label"] = name.replace("_", " ")
        fact["ask"] = f"What is {fact['label']}?"
        fact.setdefault("scope", pick(draw, ["item", "item", "claim"]))
        fact["values"] = {value: {} for value in fact["values"]} if "values" in fact else {}
        if not fact["values"]:
            del fact["values"]
    scope = Scope(facts, tables)
    for name in names:
        if draw(st.integers(0, 2)) == 0:
            facts[name]["derive"] = derivations(draw, name, scope)
        if draw(st.integers(0, 4)) == 0:
            facts[name]["usual"] = "undocumented"
    vocabulary: dict[str, Any] = {"facts": facts}
    if tables:
        vocabulary["tables"] = tables
    if draw(st.integers(0, 5)) == 0:
        vocabulary["needed"] = {pick(draw, TREATMENTS): [pick(draw, names)]}
    return vocabulary


def _rarely(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 3)) == 0


def lookup_tables(draw: st.DrawFn, scope: Scope) -> dict[str, Any]:
    """A table of one to three rows, keyed by one or two facts, with one or two columns of numbers."""
    keyed = [n for n in scope.of_type(*NUMERIC, "date", "choice", "set", "text") if n not in DOSES]
    keys = draw(st.lists(st.sampled_from(keyed), unique=True, min_size=1, max_size=2))
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        row: dict[str, Any] = {}
        for key in keys:
            if draw(st.integers(0, 3)):
                row[key] = _key_cells(draw, key, scope.facts[key])
        for column in ("limit", "weeks"):
            if column == "limit" or draw(st.booleans()):
                row[column] = pick(draw, [0, 1, 2, 3, 2.5])
        rows.append(row)
    table: dict[str, Any] = {"keys": keys, "rows": rows}
    way = pick(draw, [None, "highest", "lowest"])
    if way:
        table["pick"] = {way: pick(draw, sorted({c for row in rows for c in row if c not in keys}))}
    return table


def _key_cells(draw: st.DrawFn, name: str, fact: Mapping[str, Any]) -> Any:
    if name == "treatment":
        return pick(draw, TREATMENTS)
    single = _allowed(fact)
    if fact["type"] in (*NUMERIC, "date") and draw(st.booleans()):
        operators = DATE_COMPARISONS if fact["type"] == "date" else COMPARISONS
        return {pick(draw, operators): pick(draw, single)}
    return _few(draw, single) if draw(st.booleans()) else pick(draw, single)


def derivations(draw: st.DrawFn, name: str, scope: Scope) -> dict[str, Any]:
    """A derivation that fits a fact; what it names may in turn be derived, from this fact too."""
    kind = scope.facts[name]["type"]
    numbers = [n for n in scope.of_type(*NUMERIC) if n not in (name, "strength")]
    alike = numbers if kind in NUMERIC else [n for n in scope.of_type(kind) if n not in (name, *DOSES, "as_of")]
    alike = [n for n in alike if n not in ("treatment", "jurisdiction")]
    tables = {table: data for table, data in scope.tables.items() if name not in data["keys"]}
    others = Scope({n: f for n, f in scope.facts.items() if n != name}, tables)
    ways = ["first_known_of", "value"]
    if alike:
        ways += ["same_as", "same_as"]
    if kind == "boolean":
        ways += ["condition"] * 3
    if kind in NUMERIC:
        ways += ["sum", "product"] if numbers else []
        ways += ["elapsed", "elapsed"] if len(scope.of_type("date")) > 1 else []
        ways += ["table"] * 2 if "allowances" in tables else []
        ways += ["sum_over"] * 4 if kind == "number" and "factors" in scope.tables else []
    way = pick(draw, ways)
    if way == "same_as":
        return {"same_as": pick(draw, alike)}
    if way == "value":
        return {"value": pick(draw, _allowed(scope.facts[name])), "when": conditions(draw, others, depth=1)}
    if way == "condition":
        return conditions(draw, others, depth=1)
    if way in ("sum", "product"):
        return {way: _few(draw, numbers)}
    if way == "elapsed":
        unit = pick(draw, ["days_between", "weeks_between", "months_between"])
        days = st.sampled_from(scope.of_type("date"))
        return {unit: draw(st.lists(days, unique=True, min_size=2, max_size=2))}
    if way == "table":
        return {"table": "allowances", "column": "limit"}
    if way == "sum_over":
        return {"sum_over": "doses", "table": "factors", **({"partly": True} if draw(st.booleans()) else {})}
    parts: list[Any] = draw(st.lists(st.sampled_from(alike), unique=True, max_size=2)) if alike else []
    if not parts or draw(st.booleans()):
        when = conditions(draw, others, depth=0)
        part = {"value": pick(draw, _allowed(scope.facts[name])), "when": when}
        parts.insert(draw(st.integers(0, len(parts))), part)
    if kind in NUMERIC and numbers and draw(st.booleans()):
        terms = st.lists(st.sampled_from(numbers), min_size=1, max_size=2)
        parts.insert(draw(st.integers(0, len(parts))), {"sum": draw(terms)})
    if kind == "boolean" and draw(st.booleans()):
        parts.append(conditions(draw, others, depth=0))
    return {"first_known_of": parts}


# ------------------------------------------------------------------------------------------------- conditions


def conditions(draw: st.DrawFn, scope: Scope, depth: int = 2, *, negated: bool = False) -> dict[str, Any]:
    """A condition with up to `depth` levels of all, any and not, and every kind of test."""
    condition: dict[str, Any] = {}
    testable = [n for n in scope.facts if n not in ("drug", "strength") and _can_test(scope.facts[n], negated)]
    for _ in range(pick(draw, [1, 1, 2])):
        word = pick(draw, ["test", "test", "all", "any", "not"]) if depth else "test"
        if word == "test":
            name = pick(draw, testable)
            condition[name] = tests(draw, name, scope, negated=negated)
        elif word == "not":
            condition["not"] = conditions(draw, scope, depth - 1, negated=True)
        else:
            count = draw(st.integers(1, 3))
            condition[word] = [conditions(draw, scope, depth - 1, negated=negated) for _ in range(count)]
            if len(condition[word]) == 1 and draw(st.booleans()):
                condition[word] = condition[word][0]
    return condition


def _can_test(fact: Mapping[str, Any], negated: bool) -> bool:
    return not (negated and fact["type"] == "list")


def tests(draw: st.DrawFn, name: str, scope: Scope, *, negated: bool) -> Any:
    """What stands under one fact: a value, or a test."""
    fact = scope.facts[name]
    kind = fact["type"]
    tables = [table for table, data in scope.tables.items() if name in data["keys"] and "factor" not in str(data)]
    ways = []
    if kind not in ("set", "list"):
        ways += ["value"] * 2
    if kind in (*NUMERIC, "date"):
        ways += ["compare"] * 4
    if kind in (*NUMERIC, "choice", "text"):
        ways += ["one_of", "none_of"]
    if kind == "set":
        ways += ["includes", "includes_any", "includes_none"]
    if not negated:
        ways.append("documented")
    ways += ["listed_in"] * 2 if tables else []
    way = pick(draw, ways)
    if way == "documented":
        return {"documented": True}
    if way == "listed_in":
        return {"listed_in": pick(draw, tables)}
    if way == "compare":
        return _comparisons(draw, name, scope)
    single = _allowed(fact)
    if way == "value":
        return pick(draw, single)
    return {way: _few(draw, single) if draw(st.booleans()) else pick(draw, single)}


def _comparisons(draw: st.DrawFn, name: str, scope: Scope) -> dict[str, Any]:
    fact = scope.facts[name]
    numeric = fact["type"] in NUMERIC
    operators = COMPARISONS if numeric else DATE_COMPARISONS
    operator = pick(draw, operators)
    others = [n for n in scope.of_type(*(NUMERIC if numeric else ("date",))) if n != name]
    ways = ["value", "value"] + (["fact"] if others else [])
    cells = [
        (table, column)
        for table, data in scope.tables.items()
        if "factor" not in str(data)
        for column in sorted({c for row in data["rows"] for c in row if c not in data["keys"]})
    ]
    ways += ["cell", "cell"] if cells and numeric else []
    way = pick(draw, ways)
    if way == "fact":
        return {operator: {"fact": pick(draw, others)}}
    if way == "cell":
        table, column = pick(draw, cells)
        return {operator: {"table": table, "column": column}}
    if numeric and _rarely(draw):
        low, high = sorted([pick(draw, _allowed(fact)), pick(draw, _allowed(fact))])
        return {"at_least": low, "at_most": high}
    return {operator: pick(draw, _allowed(fact))}


# -------------------------------------------------------------------------------------------------- libraries


def criteria(draw: st.DrawFn, name: str, scope: Scope) -> dict[str, Any]:
    criterion: dict[str, Any] = {
        "id": name,
        "topic": pick(draw, TOPICS),
        "says": "Something must be so.",
        "confidence": "known",
    }
    if draw(st.integers(0, 4)):
        criterion["require"] = conditions(draw, scope)
        if draw(st.integers(0, 3)) == 0:
            criterion["when_undocumented"] = "met"
    else:
        criterion["not_recommended"] = True
    if draw(st.integers(0, 2)) == 0 or "require" not in criterion:
        criterion["when"] = conditions(draw, scope, depth=1)
    if draw(st.integers(0, 2)) == 0:
        criterion["unless"] = conditions(draw, scope, depth=1)
    return criterion


def _applies_to(draw: st.DrawFn, scope: Scope) -> dict[str, Any]:
    named: Any = draw(
        st.one_of(
            st.sampled_from((TREATMENTS[0],) * 4 + TREATMENTS),
            st.lists(st.sampled_from(TREATMENTS), unique=True, min_size=1).map(lambda names: {"one_of": names}),
            st.sampled_from(TREATMENTS).map(lambda name: {"none_of": [name]}),
        )
    )
    narrow = Scope({n: f for n, f in scope.facts.items() if f["type"] in ("boolean", "set", "choice")}, {})
    narrow.facts.pop("drug", None)
    way = pick(draw, ["treatment"] * 4 + ["narrowed", "all", "any", "fact"])
    if way == "treatment":
        return {"treatment": named}
    other = conditions(draw, narrow, depth=0)
    if way == "narrowed":
        return {"treatment": named, **{n: v for n, v in other.items() if n != "treatment"}}
    if way == "fact":
        return other
    return {way: [{"treatment": named}, other]}


def _periods(draw: st.DrawFn, authorities: list[str]) -> Any:
    """One span of days, or two that meet, the second perhaps under another authority."""
    if draw(st.booleans()):
        return {"from": "2010-01-01"} if draw(st.booleans()) else {"from": "2009-01-01", "until": "2015-06-30"}
    later: dict[str, Any] = {"from": "2015-07-01"}
    if draw(st.booleans()):
        later["authority"] = pick(draw, authorities)
    return [{"from": "2010-01-01", "until": "2015-06-30"}, later]


def guidelines(draw: st.DrawFn, name: str, scope: Scope, authorities: list[str]) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    if draw(st.integers(0, 2)) == 0:
        tables["limits"] = lookup_tables(draw, scope)
    inner = Scope(scope.facts, {**scope.tables, **tables})
    guideline: dict[str, Any] = {
        "guideline": name,
        "title": f"Guideline {name}",
        "authority": pick(draw, authorities),
        "citation": {"section": "One", "pages": "1"},
        "in_force": _periods(draw, authorities),
        "applies_to": _applies_to(draw, scope),
        "criteria": [criteria(draw, f"c{i}", inner) for i in range(draw(st.integers(1, 3)))],
    }
    if draw(st.integers(0, 2)) == 0:
        guideline["leaves_open"] = draw(st.lists(st.sampled_from(TOPICS), unique=True, min_size=1, max_size=2))
    if tables:
        guideline["tables"] = tables
    return guideline


@st.composite
def rule_sets(draw: st.DrawFn, vocabulary: dict[str, Any] | None = None) -> Rules:
    """A whole rule library: several guidelines whose authorities are ranked, equal or legal."""
    vocabulary = vocabulary or vocabularies(draw)
    authorities: list[dict[str, Any]] = [{"id": "first", "title": "First"}]
    for name in ("second", "third", "law")[: draw(st.integers(1, 3))]:
        authority: dict[str, Any] = {"id": name, "title": name.title()}
        if name == "law":
            authority["role"] = "legal"
        elif draw(st.booleans()):
            authority["same_rank_as"] = pick(draw, [a["id"] for a in authorities])
        authorities.append(authority)
    ids = [authority["id"] for authority in authorities]
    library = {
        "version": "1",
        "authorities": authorities,
        "jurisdictions": {
            "california": ids,
            "texas": draw(st.lists(st.sampled_from(ids), unique=True, min_size=1)),
        },
        "topics": dict.fromkeys(TOPICS, "What is asked?"),
    }
    scope = Scope(vocabulary["facts"], vocabulary.get("tables", {}))
    count = draw(st.integers(1, 4))
    texts = [guidelines(draw, f"g{index}", scope, ids) for index in range(count)]
    _rank_rivals(texts)
    return Rules(vocabulary, library, texts)


def _rank_rivals(texts: list[dict[str, Any]]) -> None:
    """Let the later of two guidelines of one authority that may meet on a topic outrank the earlier."""
    for index, later in enumerate(texts):
        rivals = [e["guideline"] for e in texts[:index] if _are_rivals(e, later)]
        if rivals:
            later["outranks"] = rivals


def _are_rivals(one: dict[str, Any], other: dict[str, Any]) -> bool:
    topics = {c["topic"] for c in one["criteria"]} & {c["topic"] for c in other["criteria"]}
    regions = [
        text["applies_to"].get("parts_a", {}).get("includes")
        for text in (one, other)
        if "any" not in text["applies_to"]
    ]
    if len(regions) == 2 and all(isinstance(r, str) for r in regions) and regions[0] != regions[1]:
        return False  # an item of both regions must meet both
    return bool(topics) and bool(_authorities(one) & _authorities(other))


def _authorities(guideline: dict[str, Any]) -> set[str]:
    periods = guideline["in_force"] if isinstance(guideline["in_force"], list) else [guideline["in_force"]]
    return {period.get("authority", guideline["authority"]) for period in periods}


# ---------------------------------------------------------------------------------------------------- records


@st.composite
def records(draw: st.DrawFn, rules: Rules, *, partial: bool = False) -> Record:
    """A record: each fact stated, left out, or stated as undocumented; derived ones stated more rarely."""
    facts: dict[str, Any] = {"treatment": pick(draw, (TREATMENTS[0],) * 4 + TREATMENTS)}
    for name, fact in rules.facts.items():
        if name in ("treatment", "as_of", "drug", "strength"):
            continue
        chance = draw(st.integers(0, 9))
        stated = 3 if "derive" in fact else (1 if name == "jurisdiction" else 6)
        if chance < stated:
            single = fact["type"] not in ("set", "list")
            facts[name] = pick(draw, _allowed(fact)) if single else draw(values(fact))
        elif chance == 9 and name != "jurisdiction":
            facts[name] = "undocumented"
    return {"as_of": pick(draw, DAYS), "records": "partial" if partial else "complete", "facts": facts}
