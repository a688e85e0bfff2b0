"""From vocabulary files to a `Vocabulary`; every mistake becomes a finding."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from guidecheck.errors import Findings, Location, did_you_mean, one_of, shorten
from guidecheck.language.condition_reader import COMBINATORS
from guidecheck.language.derivations import Derivation
from guidecheck.language.facts import (
    UNDOCUMENTED,
    Changeable,
    Choice,
    Fact,
    FactType,
    Scope,
    ValueFault,
    fold,
    ordinal,
    read_date,
    read_number,
    show_value,
)
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import EVERY_NAME, STRUCTURAL, TREATMENT, Vocabulary
from guidecheck.library.derivation_reader import DERIVATION_KEYS, DerivationReader
from guidecheck.library.file_models import FactFile, TableFile, VocabularyFile
from guidecheck.library.node_models import NodeModel, indented_by_name, read_model
from guidecheck.library.table_reader import read_table
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, place, scalars, under

_RESERVED = frozenset({*DERIVATION_KEYS, *COMBINATORS, "id", "items", "claim", "actual", "records", "case_id"})
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CHOICE_NAME = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")

_SECTIONS: dict[str, type[NodeModel]] = {"facts": FactFile, "tables": TableFile}
"""What stands under each name in a section of the file."""

_Declared = dict[str, tuple[Scalar, Node]]


@dataclass
class VocabularyReader:
    """Collects the facts, tables and needs of one or more files; a later file replaces by name."""

    findings: Findings
    _facts: _Declared = field(default_factory=dict)
    _tables: _Declared = field(default_factory=dict)
    _needed: _Declared = field(default_factory=dict)
    _files: list[Node] = field(default_factory=list)

    def add(self, node: Node) -> None:
        """Take in one vocabulary file."""
        if isinstance(node, Mapping):
            node = Mapping(tuple((key, self._indented(key, inner)) for key, inner in node.entries), node.at)
        read_model(VocabularyFile, node, self.findings)
        self._files.append(node)
        for section, declared in (("facts", self._facts), ("tables", self._tables), ("needed", self._needed)):
            holder = under(node, section)
            for key, inner in holder.entries if isinstance(holder, Mapping) else ():
                declared[key.text] = (key, inner)

    def _indented(self, section: Scalar, node: Node) -> Node:
        model = _SECTIONS.get(section.text)
        return indented_by_name(model, node, self.findings) if model else node

    def finish(self) -> Vocabulary:
        """Return everything taken in; what has a mistake is among its `broken` names."""
        if not self._facts:
            if self._files and not self.findings:
                hint = "declare them under `facts:`"
                self.findings.add(self._files[0].at, "missing-key", "`facts` is missing", hint)
            return Vocabulary({}, broken=EVERY_NAME)
        read = {name: self._fact(key, node) for name, (key, node) in self._facts.items()}
        facts = {name: fact for name, fact in read.items() if fact is not None}
        vocabulary = Vocabulary(facts, broken=frozenset(read.keys() - facts.keys()))
        self._check_structural(vocabulary)
        facts = self._with_good_parts(vocabulary)
        broken = frozenset(read.keys() - facts.keys())
        vocabulary = Vocabulary(facts, broken=broken)
        tables = self._read_tables(vocabulary)
        vocabulary = Vocabulary(facts, {}, tables, {}, broken | (self._tables.keys() - tables.keys()))
        derivations = self._derivations(vocabulary)
        return Vocabulary(facts, derivations, tables, self._needed_facts(vocabulary), vocabulary.broken)

    def _fact(self, key: Scalar, node: Node) -> Fact | None:
        file = read_model(FactFile, node, self.findings)
        name = key.text
        if name in _RESERVED or not _NAME.fullmatch(name):
            message = f"`{shorten(name)}` can't be the name of a fact"
            hint = "it means something else here" if name in _RESERVED else "write small letters, digits and _"
            self.findings.add(key.at, "bad-name", message, hint)
            return None
        if file is None or not isinstance(node, Mapping):
            return None
        kind = FactType(file.type)
        choices = self._choices(name, node.get("values"), file)
        if choices is None or not self._check_kind(name, kind, node, file):
            return None
        phrases = file.phrases
        return Fact(
            name=name,
            type=kind,
            scope=Scope(file.scope),
            label=file.label,
            at=key.at,
            unit=file.unit or "",
            ask=file.ask or "",
            change=Changeable(file.change),
            usual_undocumented=file.usual is not None,
            choices=choices,
            of=tuple(file.of),
            phrases={w: p for w, p in ((True, phrases.yes), (False, phrases.no)) if p} if phrases else {},
            **self._limits(kind, node, file),
        )

    def _check_kind(self, name: str, kind: FactType, node: Mapping, file: FactFile) -> bool:
        """Report keys that a fact of its type lacks, or has and can't have; return whether it can be used."""
        good = True
        for part, given, kinds, needed in (
            ("values", file.values, (FactType.CHOICE, FactType.SET), True),
            ("of", file.of, (FactType.LIST,), True),
            ("phrases", file.phrases, (FactType.BOOLEAN,), False),
        ):
            if given and kind not in kinds:
                message = f"`{name}` is {kind.named}, and has `{part}`"
                hint = f"only a {' or '.join(kinds)} has it"
                self.findings.add(_key_place(node, part), "conflicting-keys", message, hint)
            elif not given and needed and kind in kinds:
                message = f"`{name}` is {kind.named} without `{part}`"
                self.findings.add(place(node, "type"), "missing-key", message, f"add `{part}:`")
                good = False
        return good

    def _limits(self, kind: FactType, node: Mapping, file: FactFile) -> dict[str, float | date | None]:
        limits: dict[str, float | date | None] = {}
        for part, text in (("minimum", file.minimum), ("maximum", file.maximum)):
            if text is None:
                continue
            if not kind.is_ordered:
                message, hint = f"`{part}` of {kind.named}", "only numbers and dates have limits"
                self.findings.add(_key_place(node, part), "conflicting-keys", message, hint)
                continue
            try:
                limits[part] = read_date(text) if kind is FactType.DATE else read_number(text)
            except ValueFault as fault:
                self.findings.add(place(node, part), "wrong-value", f"`{part}`: {fault.message}", fault.hint)
        low, high = limits.get("minimum"), limits.get("maximum")
        if low is not None and high is not None and ordinal(high) < ordinal(low):
            message = f"the maximum {show_value(high)} is below the minimum {show_value(low)}"
            self.findings.add(place(node, "maximum"), "impossible-range", message, "swap the two")
        return limits

    def _choices(self, name: str, node: Node | None, file: FactFile) -> dict[str, Choice] | None:
        choices: dict[str, Choice] = {}
        owners: dict[str, str] = {}
        for key, inner in node.entries if isinstance(node, Mapping) else ():
            value = key.text
            if not _CHOICE_NAME.fullmatch(value) or value in (UNDOCUMENTED, "none"):
                hint = "write small letters, digits, - and _; undocumented and none mean something else"
                self.findings.add(key.at, "bad-name", f"`{shorten(value)}` can't be the name of a value", hint)
                return None
            choice = file.values[value]
            label = choice.label or value.replace("_", " ")
            choices[value] = Choice(value, label, tuple(choice.synonyms))
            words = [(value, key.at)] + ([(label, place(inner, "label"))] if choice.label else [])
            if isinstance(inner, Mapping):
                words += [(word.text, word.at) for word in scalars(inner.get("synonyms"))]
            for word, at in words:
                owner = owners.setdefault(fold(word), value)
                if owner != value:
                    message = f"`{shorten(word)}` stands for both `{owner}` and `{value}` in `{name}`"
                    self.findings.add(at, "ambiguous-synonym", message, "keep it under one of them")
        return choices

    def _check_structural(self, vocabulary: Vocabulary) -> None:
        at = self._files[0].at
        for name, (kind, scope) in STRUCTURAL.items():
            fact = vocabulary.facts.get(name)
            if fact is None:
                if name not in vocabulary.broken:
                    message = f"the vocabulary has no fact `{name}`"
                    hint = f"every vocabulary needs it: {kind.named} of the {scope}"
                    self.findings.add(at, "missing-fact", message, hint)
            elif (fact.type, fact.scope) != (kind, scope):
                message = f"`{name}` is {fact.type.named} of the {fact.scope}"
                self.findings.add(fact.at, "wrong-type", message, f"make it {kind.named} of the {scope}")

    def _with_good_parts(self, vocabulary: Vocabulary) -> dict[str, Fact]:
        """Return the facts without those lists that have parts which are no facts, or lists themselves."""
        facts = dict(vocabulary.facts)
        for name, (_, node) in self._facts.items():
            for part in scalars(under(node, "of")):
                fact = vocabulary.facts.get(part.text)
                if fact is not None and fact.type is not FactType.LIST:
                    continue
                facts.pop(name, None)
                if fact is not None:
                    message = f"`{part.text}` is a list, and stands in the list `{name}`"
                    self.findings.add(part.at, "wrong-type", message, "name facts of other types")
                elif part.text not in vocabulary.broken:
                    hint = did_you_mean(part.text, vocabulary.facts) or "declare it as a fact"
                    self.findings.add(part.at, "unknown-fact", f"unknown fact `{part.text}` in `of`", hint)
        return facts

    def _read_tables(self, vocabulary: Vocabulary) -> dict[str, Table]:
        read = {
            name: read_table(key, node, vocabulary, self.findings) for name, (key, node) in self._tables.items()
        }
        return {name: table for name, table in read.items() if table is not None}

    def _derivations(self, vocabulary: Vocabulary) -> dict[str, Derivation]:
        reader = DerivationReader(vocabulary, self.findings)
        for name, (_, node) in self._facts.items():
            derive = under(node, "derive")
            if derive is not None and name in vocabulary.facts:
                reader.add(vocabulary.facts[name], derive)
        return reader.finish()

    def _needed_facts(self, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
        facts = vocabulary.facts
        treatments = facts[TREATMENT].choices if TREATMENT in facts else {}
        for treatment, (key, node) in self._needed.items():
            if treatments and treatment not in treatments:
                hint = did_you_mean(treatment, treatments) or one_of(treatments, most=40)
                self.findings.add(key.at, "unknown-treatment", f"unknown treatment `{shorten(treatment)}`", hint)
            for name in scalars(node):
                if name.text not in facts and name.text not in vocabulary.broken:
                    hint = did_you_mean(name.text, facts) or "declare it as a fact"
                    self.findings.add(name.at, "unknown-fact", f"unknown fact `{name.text}`", hint)
        return {
            name: tuple(fact.text for fact in scalars(node) if fact.text in facts)
            for name, (_, node) in self._needed.items()
        }


def _key_place(node: Mapping, name: str) -> Location:
    key = node.key(name)
    return key.at if key else node.at
