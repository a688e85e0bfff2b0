"""Corrections of what was read: a YAML file that a person writes after looking at a letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from guidecheck.errors import Finding, Findings, GuidecheckError, one_of
from guidecheck.language.facts import UNDOCUMENTED, Fact, FactType, Scope, Value, ValueFault, read_date
from guidecheck.language.vocabulary import AS_OF, Vocabulary
from guidecheck.letters.case_form import plain_value
from guidecheck.letters.reading import NotReadable
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, describe, load
from guidecheck.reading.marked_yaml import Sequence as SequenceNode
from guidecheck.requests.fact_reader import FactReader
from guidecheck.requests.request import Actual, Basis, Evidence

CLAIM, REMOVE, ACTUAL = "claim", "remove", "actual"
BY_A_PERSON = "corrected by a person"

Held = dict[str, Any]


@dataclass(frozen=True)
class Corrections:
    """What is to be set. `cases` has facts by case, then by item (or `claim`), then by name.

    Each is as `check` reads it, without a `basis` where that is to stay; the value `remove` takes a fact out.
    `dates` has the day whose guidelines apply, by case.
    """

    cases: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    dates: Mapping[str, date] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """The cases that are corrected."""
        return {*self.cases, *self.dates}


def load_corrections(path: Path, library: Library) -> Corrections:
    """Return the corrections in a file: case number, then item id or `claim`, then FACT: value.

    Raises:
        GuidecheckError: the file can't be read, or holds names or values that the vocabulary hasn't.
    """
    findings: list[Finding] = []
    cases: dict[str, dict[str, dict[str, Any]]] = {}
    dates: dict[str, date] = {}
    for case, items in _entries(load(path, findings), findings, "case numbers"):
        for item, facts in _entries(items, findings, "items (or `claim`)"):
            if item.text == AS_OF:
                dates.update(_date(case.text, facts, findings))
                continue
            scope = Scope.CLAIM if item.text == CLAIM else Scope.ITEM
            entries = _entries(facts, findings, "facts")
            cases.setdefault(case.text, {})[item.text] = _facts(entries, scope, library.vocabulary, findings)
    if findings:
        raise GuidecheckError(findings)
    return Corrections(cases, dates)


def _entries(node: Node, findings: list[Finding], what: str) -> tuple[tuple[Scalar, Node], ...]:
    if isinstance(node, MappingNode):
        return node.entries
    message = f"{what} with a colon were expected here"
    findings.append(Finding(node.at, "wrong-type", message, "write NAME: VALUE lines"))
    return ()


def _date(case: str, node: Node, findings: list[Finding]) -> Iterator[tuple[str, date]]:
    try:
        yield case, read_date(node.text if isinstance(node, Scalar) else "")
    except ValueFault as error:
        findings.append(Finding(node.at, "wrong-value", f"`{AS_OF}`: {error.message}", error.hint))


def _facts(
    entries: Sequence[tuple[Scalar, Node]], scope: Scope, vocabulary: Vocabulary, findings: list[Finding]
) -> dict[str, Any]:
    removed = [key for key, node in entries if isinstance(node, Scalar) and node.text == REMOVE]
    stated = [(key, node) for key, node in entries if key not in removed]
    found: dict[str, Any] = {key.text: REMOVE for key in removed}
    noted = Findings()
    reader = FactReader(vocabulary, noted)
    # The names of what is removed are held to the vocabulary, and only those.
    known = vocabulary.facts
    reader.read([(key, key) for key in removed if key.text not in known and key.text != ACTUAL], scope)
    facts = reader.read(stated, scope, (ACTUAL,) if scope is Scope.ITEM else ())
    findings += noted
    for key, node in stated:
        if key.text == ACTUAL:
            found[ACTUAL] = node.text if isinstance(node, Scalar) else ""
            if found[ACTUAL] not in tuple(Actual):
                message = f"`{ACTUAL}`: {describe(node)} is no outcome"
                findings.append(Finding(node.at, "wrong-value", message, one_of(tuple(Actual))))
        elif key.text in facts.evidence:
            told = [_finding(evidence) for evidence in facts.evidence[key.text]]
            if isinstance(node, MappingNode) and node.get("basis") is None:
                del told[0]["basis"]
            found[key.text] = told if isinstance(node, SequenceNode) else told[0]
        elif key.text in facts.places and key.text not in facts.faulty:
            found[key.text] = {"value": _plain(facts.stated.get(key.text)), "source": BY_A_PERSON}
    return found


def _finding(evidence: Evidence) -> Held:
    parts = {"source": evidence.source or BY_A_PERSON, "page": evidence.page, "basis": evidence.basis.value}
    return {"value": _plain(evidence.value), **{name: part for name, part in parts.items() if part is not None}}


def _plain(value: Value | None) -> Any:
    if value is None:
        return UNDOCUMENTED
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [{name: _plain(part) for name, part in entry.items()} for entry in value]
    return plain_value(value)


def apply_corrections(case: Held, corrections: Corrections, vocabulary: Vocabulary) -> Held:
    """Return a case with its corrections, each marked as a person's.

    Raises:
        NotReadable: they name what the letter doesn't have.
    """
    wanted = corrections.cases.get(case["case_id"])
    if not wanted:
        return case
    holders = {CLAIM: case["claim"], **{item["id"]: item for item in case["items"]}}
    unknown = [name for name in wanted if name not in holders]
    if unknown:
        raise NotReadable(f"the corrections name `{unknown[0]}`, and the letter has {', '.join(holders)}")
    for name, facts in wanted.items():
        for fact, value in facts.items():
            if value == REMOVE and fact not in holders[name]:
                raise NotReadable(f"the corrections remove `{fact}` of {name}, and nothing was read of it")
    lists = [fact for fact in vocabulary.facts.values() if fact.type is FactType.LIST]
    for name, facts in _with_lists_alike(case["items"], wanted, lists).items():
        for fact, value in facts.items():
            if value == REMOVE:
                holders[name].pop(fact, None)
            else:
                holders[name][fact] = _in_place(holders[name].get(fact), value)
    return case


def _in_place(before: Any, value: Any) -> Any:
    """Return a correction with the basis of what it replaces; what was found on the other basis stays."""
    if not isinstance(value, dict):
        return value
    held = before if isinstance(before, list) else [before] if isinstance(before, dict) else []
    bases = [finding.get("basis", Basis.RECORDS.value) for finding in held]
    # Of two findings the reviewer's counts, and stands last.
    value = {**value, "basis": value.get("basis", bases[-1] if bases else Basis.REVIEWER.value)}
    others = [finding for finding in held if finding["basis"] != value["basis"]] if len(held) > 1 else []
    return sorted([*others, value], key=lambda finding: tuple(Basis).index(finding["basis"])) if others else value


def _with_lists_alike(
    items: Sequence[Held], wanted: Mapping[str, Mapping[str, Any]], lists: Sequence[Fact]
) -> dict[str, dict[str, Any]]:
    """Return corrections with what follows from them: a list is the same at every item that has it.

    What an item has of itself from the list's words goes with the list, and the list with it.
    """
    whole = {name: dict(facts) for name, facts in wanted.items()}
    for fact in lists:
        holders = [item for item in items if fact.name in item]
        for item in holders:
            corrected = wanted.get(item["id"], {})
            anew = corrected.get(fact.name)
            if anew is None and any(isinstance(corrected.get(part), dict) for part in _read_from(item, fact)):
                anew = {"value": _entries_with(item, fact, corrected), "source": BY_A_PERSON}
            for other in holders if anew is not None else []:
                facts = whole.setdefault(other["id"], {})
                facts.setdefault(fact.name, anew)
                for part in _read_from(other, fact):
                    facts.setdefault(part, _own_part(other, fact, part, anew))
    return whole


def _own_part(item: Held, fact: Fact, part: str, anew: Any) -> Any:
    """Return what a new list says of an item's own entry, where it has it once."""
    entries = anew["value"] if isinstance(anew, dict) and isinstance(anew["value"], list) else []
    own = _own(item, fact, without=_read_from(item, fact))
    same = [entry for entry in entries if entry.items() >= own.items()]
    return {"value": same[0][part], "source": BY_A_PERSON} if len(same) == 1 and part in same[0] else REMOVE


def _read_from(item: Held, fact: Fact) -> list[str]:
    """Return what an item has of itself from the words of a list."""
    return [p for p in fact.of if isinstance(item.get(p), dict) and item[p]["source"] == item[fact.name]["source"]]


def _own(item: Held, fact: Fact, without: Sequence[str] = ()) -> Held:
    """Return what an item has of itself of a list's entry."""
    return {p: item[p]["value"] for p in fact.of if isinstance(item.get(p), dict) and p not in without}


def _entries_with(item: Held, fact: Fact, corrected: Mapping[str, Any]) -> list[Held]:
    """Return a list's entries, with the corrected parts in those that are the item's."""
    own = _own(item, fact)
    parts = {p: corrected[p]["value"] for p in _read_from(item, fact) if isinstance(corrected.get(p), dict)}
    return [{**e, **parts} if e.items() >= own.items() else e for e in item[fact.name]["value"]]
