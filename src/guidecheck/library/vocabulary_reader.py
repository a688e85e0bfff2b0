"""From vocabulary files to a `Vocabulary`; every mistake becomes a finding."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date

from guidecheck.condition_reader import ConditionReader
from guidecheck.conditions import Cell
from guidecheck.derivations import (
    Derivation,
    Elapsed,
    ElapsedUnit,
    FirstKnown,
    Formula,
    FromTable,
    Product,
    SameAs,
    Sum,
    SumOver,
    ValueWhen,
)
from guidecheck.errors import Finding, Location, did_you_mean, one_of
from guidecheck.facts import (
    Change,
    Choice,
    Fact,
    FactType,
    Scope,
    ValueFault,
    fold,
    read_date,
    read_number,
    read_scalar,
)
from guidecheck.library.file_models import ChoiceFile, FactFile, TableFile, VocabularyFile
from guidecheck.library.node_models import read_model
from guidecheck.library.table_reader import read_table
from guidecheck.marked_yaml import Mapping, Node, Scalar, Sequence, describe
from guidecheck.tables import Table
from guidecheck.vocabulary import STRUCTURAL, Vocabulary

_ONE_FACT = ("same_as",)
_SEVERAL = ("sum", "product")
_ELAPSED = {f"{unit}_between": unit for unit in ElapsedUnit}
DERIVATION_KEYS = (
    *_ONE_FACT,
    *_SEVERAL,
    *_ELAPSED,
    "first_known_of",
    "value",
    "when",
    "table",
    "column",
    "sum_over",
)


@dataclass
class VocabularyReader:
    """Collects the facts of one or more vocabulary files; a later file replaces facts by name."""

    findings: list[Finding]
    _facts: dict[str, tuple[FactFile, Location]] = field(default_factory=dict)
    _tables: dict[str, tuple[TableFile, Node]] = field(default_factory=dict)
    _needed: dict[str, tuple[list[str], Location]] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        """Take in one vocabulary file."""
        model = read_model(VocabularyFile, node, self.findings)
        if model is None or not isinstance(node, Mapping):
            return
        for name, fact in model.facts.items():
            self._facts[name] = (fact, _place(node, "facts", name))
        for name, table in model.tables.items():
            self._tables[name] = (table, _node(node, "tables", name))
        for name, needed in model.needed.items():
            self._needed[name] = (list(needed), _place(node, "needed", name))

    def finish(self) -> Vocabulary:
        """Return everything read so far; mistakes are in `findings`."""
        facts = {name: fact for name, (file, at) in self._facts.items() if (fact := self._fact(name, file, at))}
        self._check_structural(facts)
        self._check_entries(facts)
        tables = {
            name: table
            for name, (file, node) in self._tables.items()
            if (table := read_table(name, file, node, facts, self.findings))
        }
        reader = _DerivationReader(facts, tables, self.findings)
        derivations = {}
        for name, (file, _) in self._facts.items():
            if file.derive is not None and name in facts:
                derivation = reader.read(facts[name], file.derive)
                if derivation is not None:
                    derivations[name] = derivation
        return Vocabulary(facts, derivations, tables, self._needed_facts(facts))

    def _fault(self, at: Location, code: str, message: str, hint: str = "") -> None:
        self.findings.append(Finding(at, code, message, hint))

    def _fact(self, name: str, file: FactFile, at: Location) -> Fact | None:
        if (
            name in (*DERIVATION_KEYS, "all", "any", "not")
            or not name.replace("_", "").isalnum()
            or name != name.lower()
        ):
            self._fault(at, "bad-name", f"`{name}` can't be the name of a fact", "write small letters and _")
            return None
        kind = FactType(file.type)
        has_values = kind in (FactType.CHOICE, FactType.SET)
        if has_values != bool(file.values):
            message = f"`{name}` is a {kind} " + ("without `values`" if has_values else "and has `values`")
            self._fault(at, "missing-key" if has_values else "unknown-key", message)
        if (kind is FactType.LIST) != bool(file.of):
            message = f"`{name}` is a {kind} " + ("without `of`" if kind is FactType.LIST else "and has `of`")
            self._fault(at, "missing-key" if kind is FactType.LIST else "unknown-key", message)
        phrases = file.phrases
        return Fact(
            name=name,
            type=kind,
            scope=Scope(file.scope),
            label=file.label,
            at=at,
            unit=file.unit or "",
            ask=file.ask or "",
            change=Change(file.change),
            usual_undocumented=file.usual is not None,
            minimum=self._limit(kind, file.minimum, at),
            maximum=self._limit(kind, file.maximum, at),
            choices=self._choices(name, file.values, at),
            of=tuple(file.of),
            phrases={w: p for w, p in ((True, phrases.yes), (False, phrases.no)) if p} if phrases else {},
        )

    def _limit(self, kind: FactType, text: str | None, at: Location) -> float | date | None:
        if text is None:
            return None
        if not kind.is_ordered:
            self._fault(at, "unknown-key", f"a limit on a {kind}", "only numbers and dates have limits")
            return None
        try:
            return read_date(text) if kind is FactType.DATE else read_number(text)
        except ValueFault as fault:
            self._fault(at, "wrong-value", fault.message, fault.hint)
            return None

    def _choices(self, name: str, files: MappingType[str, ChoiceFile], at: Location) -> dict[str, Choice]:
        choices = {}
        owners: dict[str, str] = {}
        for value, file in files.items():
            label = file.label or value.replace("_", " ")
            for word in {fold(w) for w in (value, label, *file.synonyms)}:
                if word in owners:
                    message = f"`{word}` stands for both `{owners[word]}` and `{value}` in `{name}`"
                    self._fault(at, "ambiguous-synonym", message, "keep it under one of them")
                owners[word] = value
            choices[value] = Choice(value, label, tuple(file.synonyms))
        return choices

    def _check_structural(self, facts: MappingType[str, Fact]) -> None:
        for name in STRUCTURAL:
            if name not in facts and self._facts:
                at = Location(next(iter(self._facts.values()))[1].path)
                self._fault(
                    at, "missing-fact", f"the vocabulary has no fact `{name}`", "every vocabulary needs it"
                )

    def _check_entries(self, facts: MappingType[str, Fact]) -> None:
        for fact in facts.values():
            for part in fact.of:
                if part not in facts:
                    hint = did_you_mean(part, facts) or "declare it as a fact"
                    self._fault(fact.at, "unknown-fact", f"unknown fact `{part}` in `of`", hint)

    def _needed_facts(self, facts: MappingType[str, Fact]) -> dict[str, tuple[str, ...]]:
        treatments = facts["treatment"].choices if "treatment" in facts else {}
        for treatment, (names, at) in self._needed.items():
            if treatment not in treatments:
                hint = did_you_mean(treatment, treatments) or one_of(treatments)
                self._fault(at, "unknown-treatment", f"unknown treatment `{treatment}`", hint)
            for name in names:
                if name not in facts:
                    self._fault(at, "unknown-fact", f"unknown fact `{name}`", did_you_mean(name, facts))
        return {treatment: tuple(names) for treatment, (names, _) in self._needed.items()}


class _DerivationReader:
    """Reads what stands under `derive`."""

    def __init__(
        self, facts: MappingType[str, Fact], tables: MappingType[str, Table], findings: list[Finding]
    ) -> None:
        self._facts = facts
        self._tables = tables
        self._findings = findings
        self._conditions = ConditionReader(facts, tables, findings)

    def read(self, fact: Fact, node: Node) -> Derivation | None:
        """Return a derivation for a fact, or None after reporting what is wrong with it."""
        if not isinstance(node, Mapping) or not node.entries:
            return self._fault(node, "bad-derivation", f"{describe(node)} where a derivation was expected")
        names = [key.text for key, _ in node.entries]
        if not any(name in DERIVATION_KEYS for name in names):
            return self._formula(fact, node)
        value = node.entries[0][1]
        match sorted(names):
            case ["same_as"]:
                other = self._fact_named(value)
                return None if other is None else SameAs(other.name)
            case [("sum" | "product") as name]:
                terms = self._numbers(value)
                return None if terms is None else (Sum(terms) if name == "sum" else Product(terms))
            case [name] if name in _ELAPSED:
                return self._elapsed(_ELAPSED[name], value)
            case ["first_known_of"]:
                return self._first_known(fact, value)
            case ["value", "when"]:
                return self._value_when(fact, node)
            case ["column", "table"]:
                return self._from_table(node)
            case ["sum_over", "table"]:
                return self._sum_over(node)
        hint = "write one of same_as, sum, product, days_between, first_known_of, value and when, or a condition"
        return self._fault(node, "bad-derivation", f"no derivation has {', '.join(names)}", hint)

    def _fault(self, node: Node, code: str, message: str, hint: str = "") -> None:
        self._findings.append(Finding(node.at, code, message, hint))

    def _formula(self, fact: Fact, node: Node) -> Derivation | None:
        condition = self._conditions.read(node)
        if condition is not None and fact.type is not FactType.BOOLEAN:
            return self._fault(
                node, "wrong-type", f"a condition gives yes or no, and `{fact.name}` is a {fact.type}"
            )
        return None if condition is None else Formula(condition)

    def _fact_named(self, node: Node) -> Fact | None:
        if isinstance(node, Scalar) and node.text in self._facts:
            return self._facts[node.text]
        word = node.text if isinstance(node, Scalar) else describe(node)
        self._fault(node, "unknown-fact", f"unknown fact `{word}`", did_you_mean(word, self._facts))
        return None

    def _several(self, node: Node) -> list[tuple[Node, Fact]] | None:
        if not isinstance(node, Sequence) or not node.items:
            self._fault(node, "wrong-type", f"{describe(node)} where a list of facts was expected")
            return None
        facts = [(item, self._fact_named(item)) for item in node.items]
        known = [(item, fact) for item, fact in facts if fact is not None]
        return known if len(known) == len(facts) else None

    def _numbers(self, node: Node) -> tuple[str, ...] | None:
        facts = self._several(node)
        if facts is None:
            return None
        for item, fact in facts:
            if not fact.type.is_numeric:
                return self._fault(item, "wrong-type", f"`{fact.name}` is a {fact.type}, not a number")
        return tuple(fact.name for _, fact in facts)

    def _elapsed(self, unit: ElapsedUnit, node: Node) -> Derivation | None:
        facts = self._several(node)
        if facts is None:
            return None
        if len(facts) != 2 or any(fact.type is not FactType.DATE for _, fact in facts):
            return self._fault(node, "wrong-type", f"`{unit}_between` takes two dates, the earlier first")
        return Elapsed(unit, facts[0][1].name, facts[1][1].name)

    def _first_known(self, fact: Fact, node: Node) -> Derivation | None:
        if not isinstance(node, Sequence) or not node.items:
            return self._fault(node, "wrong-type", f"{describe(node)} where a list was expected")
        parts: list[str | Derivation] = []
        for item in node.items:
            if isinstance(item, Mapping):
                derivation = self.read(fact, item)
                if derivation is None:
                    return None
                parts.append(derivation)
            else:
                named = self._fact_named(item)
                if named is None:
                    return None
                parts.append(named.name)
        return FirstKnown(tuple(parts))

    def _value_when(self, fact: Fact, node: Mapping) -> Derivation | None:
        value, when = node.get("value"), node.get("when")
        assert value is not None
        assert when is not None
        condition = self._conditions.read(when)
        if not isinstance(value, Scalar):
            return self._fault(value, "wrong-type", f"{describe(value)} where one value was expected")
        try:
            constant = read_scalar(fact, value.text)
        except ValueFault as fault:
            return self._fault(value, "wrong-value", fault.message, fault.hint)
        return None if condition is None else ValueWhen(constant, condition)

    def _table(self, node: Node | None) -> Table | None:
        if isinstance(node, Scalar) and node.text in self._tables:
            return self._tables[node.text]
        if node is not None:
            word = node.text if isinstance(node, Scalar) else describe(node)
            hint = did_you_mean(word, self._tables) or "declare it under `tables` in the vocabulary"
            self._fault(node, "unknown-table", f"unknown table `{word}`", hint)
        return None

    def _from_table(self, node: Mapping) -> Derivation | None:
        table, column = self._table(node.get("table")), node.get("column")
        if table is None or not isinstance(column, Scalar):
            return None
        if column.text not in table.columns:
            hint = did_you_mean(column.text, table.columns) or one_of(table.columns)
            return self._fault(column, "unknown-column", f"the table has no column `{column.text}`", hint)
        return FromTable(Cell(table.name, column.text))

    def _sum_over(self, node: Mapping) -> Derivation | None:
        list_node = node.get("sum_over")
        assert list_node is not None
        summed, table = self._fact_named(list_node), self._table(node.get("table"))
        if summed is None or table is None:
            return None
        if summed.type is not FactType.LIST:
            return self._fault(list_node, "wrong-type", f"`{summed.name}` is a {summed.type}, not a list")
        for column in ("factor", "times"):
            if column not in table.columns:
                hint = "rows of a summed table say what to multiply: factor, and times with a fact's name"
                return self._fault(node, "unknown-column", f"the table has no column `{column}`", hint)
        return SumOver(summed.name, table.name)


def _node(node: Mapping, *path: str) -> Node:
    found: Node = node
    for part in path:
        inner = found.get(part) if isinstance(found, Mapping) else None
        if inner is None:
            break
        found = inner
    return found


def _place(node: Mapping, section: str, name: str) -> Location:
    holder = node.get(section)
    key = holder.key(name) if isinstance(holder, Mapping) else None
    return key.at if key else node.at
