"""JSON Schemas of what is said about facts: values, evidence, tests, conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from guidecheck.language.condition_reader import OPS_OF_TYPE
from guidecheck.language.conditions import DATE_OPS, ORDERINGS, Op
from guidecheck.language.facts import UNDOCUMENTED, Fact, FactType, fold
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.requests.fact_reader import NONE_WORD
from guidecheck.requests.request import Basis

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "number"]}
"""A text; codes, pages and editions look like numbers to an editor."""

BOOLEAN: Schema = {"enum": [True, False, "yes", "no"]}
"""Editors that follow YAML 1.1 make `yes` a boolean, those that follow 1.2 leave it a text."""

YES: Schema = {"enum": [True, "yes"]}
DATE: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}", "description": "year-month-day"}


def one_or_many(schema: Schema, *, empty: bool = False) -> Schema:
    """Return the schema of a value, or a list of them."""
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 0 if empty else 1}]}


def named(properties: Mapping[str, Schema], *required: str, description: str = "") -> Schema:
    """Return the schema of named values, and no others."""
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, "description": description} if description else schema


def enum(descriptions: Mapping[str, str]) -> Schema:
    """Return the schema of a few words, each described for editors that show it."""
    return {"enum": list(descriptions), "enumDescriptions": list(descriptions.values())}


def reference(name: str) -> Schema:
    """Return a reference to a schema under `definitions`."""
    return {"$ref": f"#/definitions/{name}"}


class FactSchemas:
    """The schemas of a vocabulary's facts; `definitions` holds those that are referred to."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._facts = vocabulary.facts
        self.definitions: dict[str, Schema] = {f"value.{f.name}": self._value(f) for f in self._facts.values()}

    def stated(self, facts: Iterable[Fact]) -> dict[str, Schema]:
        """Return what a request may say of each fact, by name."""
        self._define("evidence", _evidence)
        return {fact.name: self._described(fact, "stated", self._stated) for fact in facts}

    def condition(self) -> Schema:
        """Return what a condition may be."""
        return self._define("condition", self._condition)

    def cells(self) -> dict[str, Schema]:
        """Return what a table's row may have under each fact: a value or several, or tests."""
        facts = (fact for fact in self._facts.values() if fact.type is not FactType.LIST)
        return {fact.name: self._described(fact, "cell", self._cell) for fact in facts}

    def _define(self, name: str, make: Callable[[], Schema]) -> Schema:
        """Return a reference to a definition, made when it is first asked for."""
        if name not in self.definitions:
            self.definitions[name] = {}  # conditions hold conditions
            self.definitions[name] = make()
        return reference(name)

    def _described(self, fact: Fact, kind: str, make: Callable[[Fact], Schema]) -> Schema:
        """Return a reference to a fact's definition of some kind, with the question as its description."""
        asked = fact.ask or f"{fact.label[:1].upper()}{fact.label[1:]}."
        made = self._define(f"{kind}.{fact.name}", lambda: make(fact))
        return {"description": f"{asked} ({fact.unit})" if fact.unit else asked, "allOf": [made]}

    def _value(self, fact: Fact) -> Schema:
        match fact.type:
            case FactType.BOOLEAN:
                return BOOLEAN
            case FactType.INTEGER | FactType.NUMBER:
                return {"type": str(fact.type), **_limits(fact)}
            case FactType.DATE:
                return DATE
            case FactType.CHOICE | FactType.SET:
                return _choice(fact)
            case FactType.LIST:
                parts = {name: [reference(f"value.{name}"), {"const": UNDOCUMENTED}] for name in fact.of}
                return named(
                    {name: {"description": self._facts[name].ask, "anyOf": p} for name, p in parts.items()}
                )
            case _:
                return TEXT

    def _stated(self, fact: Fact) -> Schema:
        value = reference(f"value.{fact.name}")
        plain = [value, {"const": UNDOCUMENTED}]
        if fact.type in (FactType.SET, FactType.LIST):
            plain.append({"type": "array", "items": value})
        if fact.type is FactType.SET:
            plain.append({"const": NONE_WORD})
        evidence = {"allOf": [reference("evidence")], "properties": {"value": {"anyOf": plain}}}
        return {"anyOf": [*plain, evidence, {"type": "array", "items": evidence, "minItems": 1, "maxItems": 2}]}

    def _condition(self) -> Schema:
        condition = reference("condition")
        combined = {"anyOf": [{"type": "array", "items": condition, "minItems": 1}, condition]}
        tests = {fact.name: self._described(fact, "test", self._test) for fact in self._facts.values()}
        combinators: dict[str, Schema] = {
            "all": {**combined, "description": "all of these hold"},
            "any": {**combined, "description": "at least one of these holds"},
            "not": {"allOf": [condition], "description": "this is false (not: nobody documented it)"},
        }
        return {**named({**tests, **combinators}), "minProperties": 1}

    def _test(self, fact: Fact) -> Schema:
        """Return what may stand under a fact in a condition: a value, or tests."""
        tests = self._define(f"tests.{fact.name}", lambda: self._tests(fact))
        if fact.type in (FactType.SET, FactType.LIST):
            return tests
        return {"anyOf": [reference(f"value.{fact.name}"), tests]}

    def _cell(self, fact: Fact) -> Schema:
        tests = self._define(f"tests.{fact.name}", lambda: self._tests(fact))
        return {"anyOf": [one_or_many(reference(f"value.{fact.name}")), tests]}

    def _tests(self, fact: Fact) -> Schema:
        value = reference(f"value.{fact.name}")
        tests: dict[str, Schema] = {}
        for op in OPS_OF_TYPE[fact.type]:
            if op is Op.DOCUMENTED:
                tests[op] = {**YES, "description": "true if the fact is stated, else undocumented"}
            elif op is Op.LISTED_IN:
                tests[op] = {"type": "string", "description": "a table that has a row for the item"}
            elif op in ORDERINGS or op in DATE_OPS:
                other = self._define(
                    "other_date" if fact.type is FactType.DATE else "other_number", lambda: self._other(fact)
                )
                tests[op] = {"anyOf": [value, other]}
            else:
                tests[op] = one_or_many(value)
        return {**named(tests), "minProperties": 1}

    def _other(self, fact: Fact) -> Schema:
        """Return what can stand as the right side of a test in place of a value: another fact, or a cell."""
        others = (
            o for o in self._facts.values() if o.type.is_ordered and o.type.is_numeric is fact.type.is_numeric
        )
        cell = named({"table": {"type": "string"}, "column": {"type": "string"}}, "table", "column")
        return {"anyOf": [named({"fact": {"enum": [other.name for other in others]}}, "fact"), cell]}


def _evidence() -> Schema:
    return named(
        {
            "value": {},
            "source": {**TEXT, "description": "the document in which it stands"},
            "page": {**TEXT, "description": "the page in it"},
            "basis": {"enum": [str(basis) for basis in Basis], "description": "who found it"},
        },
        "value",
    )


def _limits(fact: Fact) -> Schema:
    limits = {"minimum": fact.minimum, "maximum": fact.maximum}
    return {name: limit for name, limit in limits.items() if limit is not None and not isinstance(limit, date)}


def _choice(fact: Fact) -> Schema:
    """Return the names of the choices, for editors to offer, and every other way of writing them."""
    numbers = [float(word) for word in fact.words if word.replace(".", "", 1).isdecimal()]
    schemas: list[Schema] = [
        enum({choice.name: choice.label for choice in fact.choices.values()}),
        {"type": "string", "pattern": f"^\\s*({'|'.join(_pattern(word) for word in sorted(fact.words))})\\s*$"},
    ]
    if numbers:
        schemas.append({"enum": sorted(int(n) if n.is_integer() else n for n in set(numbers))})
    return {"anyOf": schemas}


_SPECIAL = frozenset(".*+?^${}()|[]\\/")


def _pattern(word: str) -> str:
    """Return a word as an expression that takes any case and separator, as `fold` does."""
    parts = []
    for c in fold(word):
        if c == " ":
            parts.append(r"[\s_/-]+")
        elif c.upper() != c and len(c.upper()) == 1:
            parts.append(f"[{c}{c.upper()}]")
        else:
            parts.append(f"\\{c}" if c in _SPECIAL else c)
    return "".join(parts)
