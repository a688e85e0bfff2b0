"""Corrections of what was read: a YAML file that a person writes after looking at a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guidecheck.errors import Finding, GuidecheckError, did_you_mean
from guidecheck.letters.reading import NotReadable
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, Sequence, load

CLAIM, REMOVE = "claim", "remove"
_ITEM_KEYS = ("actual",)


@dataclass(frozen=True)
class Corrections:
    """Facts to be set, by case, then by item (or `claim`), then by name; the value `remove` takes one out."""

    cases: Mapping[str, Mapping[str, Mapping[str, Any]]]


def load_corrections(path: Path, library: Library) -> Corrections:
    """Return the corrections in a file: case number, then item id or `claim`, then FACT: value.

    Raises:
        GuidecheckError: the file can't be read, or names something that isn't there.
    """
    findings: list[Finding] = []
    node = load(path, findings)
    cases: dict[str, dict[str, dict[str, Any]]] = {}
    for case, items in _entries(node, findings, "case numbers"):
        cases[case.text] = {}
        for item, facts in _entries(items, findings, "items (or `claim`)"):
            held: dict[str, Any] = {}
            for key, value in _entries(facts, findings, "facts"):
                if key.text not in library.vocabulary.facts and key.text not in _ITEM_KEYS:
                    hint = did_you_mean(key.text, library.vocabulary.facts) or "name a fact of the vocabulary"
                    findings.append(Finding(key.at, "unknown-fact", f"unknown fact `{key.text}`", hint))
                held[key.text] = _plain(value)
            cases[case.text][item.text] = held
    if findings:
        raise GuidecheckError(findings)
    return Corrections(cases)


def _entries(node: Node, findings: list[Finding], what: str) -> tuple[tuple[Scalar, Node], ...]:
    if isinstance(node, MappingNode):
        return node.entries
    message = f"{what} with a colon were expected here"
    findings.append(Finding(node.at, "wrong-type", message, "write NAME: VALUE lines"))
    return ()


def _plain(node: Node) -> Any:
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    if isinstance(node, MappingNode):
        return {key.text: _plain(value) for key, value in node.entries}
    return node.text if isinstance(node, Scalar) else None


def apply_corrections(case: dict[str, Any], corrections: Corrections) -> dict[str, Any]:
    """Return a case with its corrections, each marked as a person's."""
    wanted = corrections.cases.get(case["case_id"])
    if not wanted:
        return case
    holders = {CLAIM: case["claim"], **{item["id"]: item for item in case["items"]}}
    unknown = [name for name in wanted if name not in holders]
    if unknown:
        raise NotReadable(f"the corrections name `{unknown[0]}`, and the letter has {', '.join(holders)}")
    for name, facts in wanted.items():
        for fact, value in facts.items():
            if value == REMOVE:
                holders[name].pop(fact, None)
            elif fact in _ITEM_KEYS or isinstance(value, dict):
                holders[name][fact] = value
            else:
                before = holders[name].get(fact)
                basis = before.get("basis", "records") if isinstance(before, dict) else "reviewer"
                holders[name][fact] = {"value": value, "source": "corrected by a person", "basis": basis}
    return case
