"""Reading the facts that a claim, an item or an example states, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import NoReturn

from guidecheck.errors import Findings, Location, did_you_mean, one_of, shorten
from guidecheck.language.facts import (
    NUMBERS_APART,
    UNDOCUMENTED,
    Entry,
    Fact,
    FactType,
    Plain,
    Scope,
    Value,
    ValueFault,
    ordinal,
    read_scalar,
)
from guidecheck.language.vocabulary import AS_OF, Vocabulary
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, Sequence, describe, is_null, members
from guidecheck.reading.node_reader import Faulty, each
from guidecheck.requests.consistency import Told, contradictions, impossible_in_entry
from guidecheck.requests.request import Basis, Evidence

MAX_ENTRIES = 100
MAX_TEXT = 2_000

EVIDENCE_KEYS = ("value", "source", "page", "basis")
NONE_WORD = "none"
"""The word for an empty set."""

_LEAVE_OUT = "leave the fact out where the records don't document it"
_SILENCE = frozenset(
    {"unknown", "unk", "n/a", "na", "none", "nil", "?", "-", "tbd", "not documented", "not stated", "no record"}
)

_NOTHING = frozenset({"none", "nil"})
"""Those of them that may mean a count of nothing, or no."""


@dataclass
class Facts:
    """The facts that one mapping states: values, those stated as undocumented, evidence, and places.

    Facts in `faulty` are stated with a mistake. `in_part` has entries of lists that nobody states as a whole.
    """

    stated: dict[str, Value] = field(default_factory=dict)
    undocumented: set[str] = field(default_factory=set)
    evidence: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    places: dict[str, Location] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)
    in_part: dict[str, tuple[Entry, ...]] = field(default_factory=dict)

    def merged(self, other: Facts) -> Facts:
        """Return these facts with others added; of a fact that both tell, the others' is taken."""
        return Facts(
            {**{n: v for n, v in self.stated.items() if n not in other.undocumented}, **other.stated},
            (self.undocumented - other.stated.keys()) | other.undocumented,
            {**self.evidence, **other.evidence},
            {**self.places, **other.places},
            self.faulty | other.faulty,
            {**self.in_part, **other.in_part},
        )


@dataclass
class FactReader:
    """Reads facts; every mistake is noted, and its fact listed as faulty."""

    vocabulary: Vocabulary
    findings: Findings

    def read(
        self, entries: Iterable[tuple[Scalar, Node]], scope: Scope | None, other_keys: tuple[str, ...] = ()
    ) -> Facts:
        """Return the facts of a mapping; facts of another scope and unknown names are mistakes.

        Args:
            entries: of the mapping.
            scope: whose facts may stand here; None for anybody's.
            other_keys: keys that are no facts, and are left to the caller.
        """
        facts = Facts()
        for key, node in entries:
            name = key.text
            if name in other_keys or name in facts.places:
                continue
            fact = self.vocabulary.facts.get(name)
            if fact is None:
                facts.faulty.add(name)
                if name not in self.vocabulary.broken:
                    self._unknown(key, other_keys)
            elif scope is not None and not fact.may_stand_in(scope):
                facts.faulty.add(name)
                self._misplaced(key, fact)
            else:
                facts.places[name] = key.at
                self._read_fact(fact, node, facts)
        return facts

    def _unknown(self, key: Scalar, other_keys: tuple[str, ...]) -> None:
        if not key.text.strip():
            self.findings.add(key.at, "unknown-fact", "a value without a name", "write NAME: VALUE")
            return
        hint = did_you_mean(key.text, [*self.vocabulary.facts, *other_keys])
        hint = hint or "`guidecheck new TREATMENT` lists the facts with their questions"
        self.findings.add(key.at, "unknown-fact", f"unknown fact `{shorten(key.text)}`", hint)

    def _misplaced(self, key: Scalar, fact: Fact) -> None:
        if fact.name == AS_OF:
            message, hint = f"`{AS_OF}` is the date of the whole request", "move it up, out of these facts"
        elif fact.scope is Scope.CLAIM:
            message, hint = f"`{fact.name}` is a fact of the claim", "move it under `claim:`"
        else:
            message, hint = f"`{fact.name}` is a fact of an item", "move it to the facts of its item"
        self.findings.add(key.at, "wrong-scope", message, hint)

    def _read_fact(self, fact: Fact, node: Node, facts: Facts) -> None:
        try:
            evidence = self._evidence(fact, node)
        except Faulty:
            facts.faulty.add(fact.name)
            return
        # Where the records and the reviewer differ, the reviewer's finding is the one that decided.
        counted = next((e for e in evidence if e.basis is Basis.REVIEWER), evidence[0])
        if counted.value is None:
            facts.undocumented.add(fact.name)
        else:
            facts.stated[fact.name] = counted.value
        if isinstance(node, Mapping) or _is_findings(node):
            facts.evidence[fact.name] = evidence

    def _note(self, node: Node, code: str, fact: Fact, message: str, hint: str) -> None:
        self.findings.add(node.at, code, f"`{fact.name}`: {message}", hint)

    def _fault(self, node: Node, code: str, fact: Fact, message: str, hint: str) -> NoReturn:
        """Note a mistake in what is stated of a fact, and leave."""
        self._note(node, code, fact, message, hint)
        raise Faulty

    def _evidence(self, fact: Fact, node: Node) -> tuple[Evidence, ...]:
        if _is_findings(node):
            found = each(lambda item: self._finding(fact, item), members(node))
            if len({evidence.basis for evidence in found}) < len(found):
                hint = "keep one, or write `basis: records` at one and `basis: reviewer` at the other"
                self._fault(node, "two-findings", fact, "two findings on one basis", hint)
            return tuple(found)
        if isinstance(node, Mapping) and not (fact.type is FactType.LIST and node.get("value") is None):
            return (self._finding(fact, node),)
        return (Evidence(self._value(fact, node)),)

    def _finding(self, fact: Fact, node: Node) -> Evidence:
        if not isinstance(node, Mapping):
            self._fault(node, "wrong-type", fact, f"{describe(node)} beside findings", "write `value:` before it")
        value = node.get("value")
        if value is None and not any(node.get(key) for key in EVIDENCE_KEYS):
            hint = f"write {'a list: [ONE, ANOTHER]' if fact.type is FactType.SET else 'one value'}"
            self._fault(node, "wrong-type", fact, "named values where a plain value was expected", hint)
        if value is None:
            hint = "write `value:`, and beside it `source:`, `page:` or `basis:` if need be"
            self._fault(node, "missing-key", fact, "`value` is missing", hint)
        faults = len(self.findings)
        texts = self._texts(fact, node)
        read = self._value(fact, value)
        if len(self.findings) > faults:
            raise Faulty
        return Evidence(read, texts.get("source"), texts.get("page"), Basis(texts.get("basis", Basis.RECORDS)))

    def _texts(self, fact: Fact, node: Mapping) -> dict[str, str]:
        """Return what stands beside the value of a finding."""
        texts: dict[str, str] = {}
        for key, inner in node.entries:
            if key.text not in EVIDENCE_KEYS:
                hint = did_you_mean(key.text, EVIDENCE_KEYS) or one_of(EVIDENCE_KEYS)
                self._note(key, "unknown-key", fact, f"unknown key `{shorten(key.text)}`", hint)
            elif key.text == "value":
                continue
            elif not isinstance(inner, Scalar) or is_null(inner):
                message = f"{describe(inner)} where the {key.text} was expected"
                self._note(inner, "wrong-type", fact, message, "write it behind the colon, or leave the key out")
            elif len(inner.text) > MAX_TEXT:
                message = f"`{key.text}` is longer than {MAX_TEXT:,} characters"
                self._note(inner, "too-large", fact, message, "shorten it")
            elif key.text == "basis" and inner.text not in tuple(Basis):
                self._note(inner, "wrong-value", fact, f"{describe(inner)} is no basis", one_of(Basis))
            else:
                texts[key.text] = " ".join(inner.text.split())
        return texts

    def _value(self, fact: Fact, node: Node) -> Value | None:
        """Return a fact's value, None where it is stated as undocumented."""
        if is_null(node):
            self._fault(node, "no-value", fact, "nothing stands here", f"write a value, or {_LEAVE_OUT}")
        if isinstance(node, Scalar) and node.text.strip().casefold() == UNDOCUMENTED:
            return None
        if fact.type is FactType.LIST:
            return tuple(self._entries(fact, node))
        if fact.type is FactType.SET:
            return self._set(fact, node)
        return self._plain(fact, node)

    def _plain(self, fact: Fact, node: Node) -> Plain:
        if not isinstance(node, Scalar) or is_null(node):
            hint = "write one value, without brackets, dashes or names of its own"
            self._fault(node, "wrong-type", fact, f"{describe(node)} where one value was expected", hint)
        if len(node.text) > MAX_TEXT:
            self._fault(node, "too-large", fact, f"longer than {MAX_TEXT:,} characters", "shorten it")
        try:
            return read_scalar(fact, node.text)
        except ValueFault as fault:
            if node.cut:
                hint = f'` #` begins a comment: put the whole text in quotes, as in "{node.text} {node.cut.text}"'
                self._fault(node, "wrong-value", fact, fault.message, hint)
            silent = node.text.strip().casefold() in _SILENCE
            hint = _left_out(fact, node.text) if silent else self._elsewhere(fact, node.text) + fault.hint
            self._fault(node, "wrong-value", fact, fault.message, hint + self._numbers_beside(fact, hint))

    def _elsewhere(self, fact: Fact, text: str) -> str:
        """Return where a word belongs that is a value of another fact, as a drug among treatments."""
        for other in self.vocabulary.facts.values():
            if fact.choices and other.choices and other is not fact and other.may_stand_in(fact.scope):
                with suppress(ValueFault):
                    read_scalar(other, text)
                    word = shorten(text)
                    return f"it belongs to `{other.name}`: write `{other.name}: {word}`, and for `{fact.name}`, "
        return ""

    def _numbers_beside(self, fact: Fact, hint: str) -> str:
        """Return the names under which numbers stand beside a fact in an entry, where a hint speaks of them."""
        facts = self.vocabulary.facts
        beside = [
            n for whole in facts.values() if fact.name in whole.of for n in whole.of if facts[n].type.is_numeric
        ]
        return f": {', '.join(dict.fromkeys(beside))}" if beside and hint.endswith(NUMBERS_APART) else ""

    def _set(self, fact: Fact, node: Node) -> frozenset[str]:
        if isinstance(node, Scalar) and node.text.strip().casefold() == NONE_WORD:
            return frozenset()
        if isinstance(node, Mapping):
            hint = "write each after a dash, or [ONE, ANOTHER]"
            self._fault(node, "wrong-type", fact, "named values where plain ones were expected", hint)
        return frozenset(str(value) for value in each(lambda item: self._plain(fact, item), members(node)))

    def _entries(self, fact: Fact, node: Node) -> list[dict[str, Value]]:
        items = members(node)
        if len(items) > MAX_ENTRIES:
            self._fault(node, "too-many-values", fact, f"more than {MAX_ENTRIES} entries", "is it the right list?")
        return each(lambda item: self._entry(fact, item), items)

    def _entry(self, fact: Fact, node: Node) -> dict[str, Value]:
        hint = f"write its parts after a dash, as in `- {fact.of[0]}: ...`: {', '.join(fact.of)}"
        if not isinstance(node, Mapping):
            self._fault(node, "wrong-type", fact, f"{describe(node)} where an entry was expected", hint)
        read = each(lambda entry: self._part(fact, *entry), node.entries)
        entry = {name: value for name, value in read if value is not None}
        if not entry:
            self._fault(node, "no-value", fact, "an entry that states nothing", hint)
        self._check_what_follows(fact, node, entry)
        return entry

    def _check_what_follows(self, fact: Fact, node: Mapping, entry: dict[str, Value]) -> None:
        """Hold an entry's facts to each other, and what follows from them to its limits."""
        told = Told(entry, node.at, {key.text: key.at for key, _ in node.entries})
        found = contradictions(self.vocabulary, told), impossible_in_entry(self.vocabulary, told, fact.of)
        for finding in chain(*found):
            self.findings.add(finding.location, finding.code, f"`{fact.name}`: {finding.message}", finding.hint)
            raise Faulty

    def _part(self, fact: Fact, key: Scalar, node: Node) -> tuple[str, Value | None]:
        if key.text not in fact.of:
            hint = did_you_mean(key.text, fact.of) or one_of(fact.of)
            self._fault(key, "unknown-key", fact, f"an entry has no `{shorten(key.text)}`", hint)
        part = self.vocabulary.facts.get(key.text)
        if part is None:  # a mistake in the vocabulary
            raise Faulty
        return key.text, self._value(part, node)


def _left_out(fact: Fact, word: str) -> str:
    """Return what to write for a word that says either that there is none, or that nobody says."""
    none = word.strip().casefold() in _NOTHING
    if none and fact.type is FactType.BOOLEAN:
        return f"write no if the records say so; {_LEAVE_OUT}"
    if none and fact.type.is_numeric and (fact.minimum is None or ordinal(fact.minimum) <= 0):
        return f"write 0 if the records say that there is none; {_LEAVE_OUT}"
    return _LEAVE_OUT


def _is_findings(node: Node) -> bool:
    """Tell whether a list is one of findings, some of them a mapping with `value`."""
    return isinstance(node, Sequence) and any(
        isinstance(i, Mapping) and i.get("value") is not None for i in node.items
    )
