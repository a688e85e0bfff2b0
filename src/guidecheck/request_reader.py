"""Reading requests from YAML, JSON or Python data, checked against the vocabulary; all mistakes in one run."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from guidecheck.derivations import DEFAULTS, Deriver, Known
from guidecheck.errors import Finding, Location, RequestError, did_you_mean, one_of
from guidecheck.facts import (
    UNDOCUMENTED,
    Fact,
    FactType,
    Scope,
    Value,
    ValueFault,
    check_limits,
    read_date,
    read_scalar,
    show_value,
)
from guidecheck.library.models import Library
from guidecheck.marked_yaml import Mapping, Node, Scalar, Sequence, describe, is_null, load, shorten
from guidecheck.request import Actual, Basis, Evidence, Item, Request
from guidecheck.vocabulary import AS_OF, JURISDICTION, TREATMENT, Vocabulary

DEFAULT_JURISDICTION = "california"
MAX_ITEMS = 200
MAX_ENTRIES = 100
MAX_TEXT = 2_000

_TOP_KEYS = ("case_id", "as_of", "records", "claim", "items", "file", "as_of_basis", "note")
_ITEM_KEYS = ("id", "actual", "note")
_EVIDENCE_KEYS = ("value", "source", "page", "basis")
_NONE_WORD = "none"


def read_request(path: Path, library: Library, *, as_of: date | None = None, today: date | None = None) -> Request:
    """Return the request in a file; `as_of` overrides its date, `today` stands in where it has none.

    Raises:
        RequestError: with every mistake in the file.
        GuidecheckError: the file cannot be read, or is no YAML.
    """
    findings: list[Finding] = []
    node = load(path, findings)
    return request_from(node, library, as_of=as_of, today=today, default_id=path.stem, findings=findings)


def request_from(
    node: Node,
    library: Library,
    *,
    as_of: date | None = None,
    today: date | None = None,
    default_id: str = "request",
    findings: list[Finding] | None = None,
) -> Request:
    """Return a request from nodes; see `read_request`."""
    findings = [] if findings is None else findings
    request = _RequestReader(library.vocabulary, findings, as_of, today).read(node, default_id)
    if findings or request is None:
        raise RequestError(findings)
    return request


@dataclass
class Facts:
    """The facts that one mapping states: values, those stated as undocumented, evidence, and places."""

    stated: dict[str, Value] = field(default_factory=dict)
    undocumented: set[str] = field(default_factory=set)
    evidence: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    places: dict[str, Location] = field(default_factory=dict)

    def merged(self, other: Facts) -> Facts:
        """Return these facts with others added."""
        return Facts(
            {**self.stated, **other.stated},
            self.undocumented | other.undocumented,
            {**self.evidence, **other.evidence},
            {**self.places, **other.places},
        )


@dataclass
class FactReader:
    """Reads facts under a claim, an item or an example."""

    vocabulary: Vocabulary
    findings: list[Finding]

    def read(
        self, entries: Iterable[tuple[Scalar, Node]], scope: Scope | None, other_keys: tuple[str, ...]
    ) -> Facts:
        """Return the facts of a mapping; facts of another scope and unknown names are mistakes."""
        facts = Facts()
        for key, node in entries:
            name = key.text
            if name in other_keys or name in facts.places:
                continue
            fact = self.vocabulary.facts.get(name)
            if fact is None:
                hint = did_you_mean(name, [*self.vocabulary.facts, *other_keys])
                self.fault(key.at, "unknown-fact", f"unknown fact `{shorten(name)}`", hint)
            elif scope is not None and fact.scope is not scope:
                where = "under `claim`" if fact.scope is Scope.CLAIM else "in an item"
                self.fault(key.at, "wrong-scope", f"`{name}` is a fact of the {fact.scope}", f"move it {where}")
            else:
                facts.places[name] = key.at
                self._read_fact(fact, node, facts)
        return facts

    def fault(self, at: Location, code: str, message: str, hint: str = "") -> None:
        """Report a mistake."""
        self.findings.append(Finding(at, code, message, hint))

    def _read_fact(self, fact: Fact, node: Node, facts: Facts) -> None:
        evidence = self._evidence(fact, node)
        if evidence is None:
            return
        # Where the records and the reviewer differ, the reviewer's finding is the one that decided.
        counted = next((e for e in evidence if e.basis is Basis.REVIEWER), evidence[0])
        if counted.value is None:
            facts.undocumented.add(fact.name)
        else:
            facts.stated[fact.name] = counted.value
        if isinstance(node, Mapping) or _is_findings(node):
            facts.evidence[fact.name] = evidence

    def _evidence(self, fact: Fact, node: Node) -> tuple[Evidence, ...] | None:
        if _is_findings(node):
            assert isinstance(node, Sequence)
            read = [self._finding(fact, item) for item in node.items]
            known = [evidence for evidence in read if evidence is not None]
            bases = [evidence.basis for evidence in known]
            if len(set(bases)) < len(bases):
                self.fault(
                    node.at,
                    "two-findings",
                    f"two findings for `{fact.name}` on one basis",
                    "keep one a basis",
                )
                return None
            return tuple(known) if len(known) == len(read) else None
        single = self._finding(fact, node) if isinstance(node, Mapping) else self._plain(fact, node)
        return None if single is None else (single,)

    def _plain(self, fact: Fact, node: Node) -> Evidence | None:
        value = self._value(fact, node)
        return None if value is _FAULTY else Evidence(value)  # type: ignore[arg-type]

    def _finding(self, fact: Fact, node: Node) -> Evidence | None:
        if not isinstance(node, Mapping) or node.get("value") is None:
            hint = "write value:, and source:, page: or basis: beside it"
            self.fault(
                node.at, "wrong-type", f"{describe(node)} where a finding on `{fact.name}` was expected", hint
            )
            return None
        texts: dict[str, str] = {}
        for key, inner in node.entries:
            if key.text not in _EVIDENCE_KEYS:
                hint = did_you_mean(key.text, _EVIDENCE_KEYS) or one_of(_EVIDENCE_KEYS)
                self.fault(key.at, "unknown-key", f"unknown key `{shorten(key.text)}`", hint)
            elif key.text != "value":
                if not isinstance(inner, Scalar) or is_null(inner):
                    self.fault(inner.at, "wrong-type", f"{describe(inner)} where a text was expected")
                else:
                    texts[key.text] = " ".join(inner.text.split())[:MAX_TEXT]
        basis = texts.get("basis", Basis.RECORDS)
        if basis not in tuple(Basis):
            at = node.get("basis") or node
            self.fault(at.at, "wrong-value", f"`{shorten(basis)}` is no basis", one_of(Basis))
            return None
        inner_value = node.get("value")
        assert inner_value is not None
        value = self._value(fact, inner_value)
        if value is _FAULTY:
            return None
        return Evidence(value, texts.get("source"), texts.get("page"), Basis(basis))  # type: ignore[arg-type]

    def _value(self, fact: Fact, node: Node) -> object:
        """Return a fact's value, None where it is stated as undocumented, or the mark of a mistake."""
        if is_null(node):
            message = f"`{fact.name}` has no value"
            self.fault(node.at, "no-value", message, "leave the fact out where the records don't document it")
            return _FAULTY
        if isinstance(node, Scalar) and node.text.strip().casefold() == UNDOCUMENTED:
            return None
        if fact.type is FactType.LIST:
            return self._list(fact, node)
        if fact.type is FactType.SET:
            return self._set(fact, node)
        if not isinstance(node, Scalar):
            self.fault(node.at, "wrong-type", f"{describe(node)} where one value of `{fact.name}` was expected")
            return _FAULTY
        return self._scalar(fact, node)

    def _scalar(self, fact: Fact, node: Scalar) -> object:
        if len(node.text) > MAX_TEXT:
            self.fault(node.at, "too-large", f"`{fact.name}` is longer than {MAX_TEXT:,} characters")
            return _FAULTY
        try:
            return read_scalar(fact, node.text)
        except ValueFault as fault:
            self.fault(node.at, "wrong-value", f"`{fact.name}`: {fault.message}", fault.hint)
            return _FAULTY

    def _set(self, fact: Fact, node: Node) -> object:
        if (
            isinstance(node, Scalar)
            and node.text.strip().casefold() == _NONE_WORD
            and _NONE_WORD not in fact.choices
        ):
            return frozenset[str]()
        if isinstance(node, Mapping):
            self.fault(node.at, "wrong-type", f"a mapping where values of `{fact.name}` were expected")
            return _FAULTY
        values = set()
        for item in node.items if isinstance(node, Sequence) else (node,):
            value = self._scalar(fact, item) if isinstance(item, Scalar) and not is_null(item) else _FAULTY
            if value is _FAULTY:
                if not isinstance(item, Scalar) or is_null(item):
                    message = f"{describe(item)} where a value of `{fact.name}` was expected"
                    self.fault(item.at, "wrong-type", message, one_of(fact.choices))
                return _FAULTY
            values.add(str(value))
        return frozenset(values)

    def _list(self, fact: Fact, node: Node) -> object:
        items = node.items if isinstance(node, Sequence) else (node,)
        if len(items) > MAX_ENTRIES:
            self.fault(node.at, "too-many-values", f"more than {MAX_ENTRIES} entries in `{fact.name}`")
            return _FAULTY
        faults = len(self.findings)
        entries = []
        for item in items:
            if not isinstance(item, Mapping):
                hint = f"write its parts: {', '.join(fact.of)}"
                self.fault(
                    item.at,
                    "wrong-type",
                    f"{describe(item)} where an entry of `{fact.name}` was expected",
                    hint,
                )
                continue
            entry: dict[str, Value] = {}
            for key, inner in item.entries:
                if key.text not in fact.of:
                    hint = did_you_mean(key.text, fact.of) or one_of(fact.of)
                    self.fault(key.at, "unknown-key", f"`{fact.name}` has no `{shorten(key.text)}`", hint)
                    continue
                value = self._value(self.vocabulary.facts[key.text], inner)
                if value is not _FAULTY and value is not None:
                    entry[key.text] = value  # type: ignore[assignment]
            entries.append(entry)
        return _FAULTY if len(self.findings) > faults else tuple(entries)


_FAULTY = object()


def _is_findings(node: Node) -> bool:
    """Tell whether a list is one of findings, each a mapping with `value`."""
    return (
        isinstance(node, Sequence)
        and bool(node.items)
        and all(isinstance(item, Mapping) and item.get("value") is not None for item in node.items)
    )


@dataclass
class _RequestReader:
    vocabulary: Vocabulary
    findings: list[Finding]
    as_of: date | None
    today: date | None

    def read(self, node: Node, default_id: str) -> Request | None:
        if not isinstance(node, Mapping):
            hint = "write case_id:, claim: and items:; `guidecheck new` writes a form"
            self._fault(node.at, "wrong-type", f"{describe(node)} where a request was expected", hint)
            return None
        facts = FactReader(self.vocabulary, self.findings)
        self._check_keys(node)
        case_id = self._text(node.get("case_id")) or default_id
        partial = self._records(node.get("records"))
        stated_date = self._date(node.get("as_of"))
        as_of = self.as_of or stated_date or self.today
        claim_node = node.get("claim")
        claim = Facts()
        if isinstance(claim_node, Mapping):
            claim = facts.read(claim_node.entries, Scope.CLAIM, ())
            if AS_OF in claim.places:
                self._fault(
                    claim.places[AS_OF],
                    "wrong-scope",
                    f"`{AS_OF}` stands at the top",
                    "move it out of `claim`",
                )
        elif claim_node is not None and not is_null(claim_node):
            self._fault(
                claim_node.at, "wrong-type", f"{describe(claim_node)} where the claim's facts were expected"
            )
        item_nodes = self._item_nodes(node)
        items = []
        names: dict[str, Location] = {}
        for index, item_node in enumerate(item_nodes, start=1):
            item = self._item(item_node, index, claim, facts, names, as_of=as_of, partial=partial)
            if item is not None:
                items.append(item)
        if as_of is None:
            if node.get("as_of") is None:
                self._fault(node.at, "missing-key", "`as_of` is missing", "write the date of the UR decision")
            return None
        return Request(case_id, as_of, stated_date is not None, partial, tuple(items), node.at)

    def _fault(self, at: Location, code: str, message: str, hint: str = "") -> None:
        self.findings.append(Finding(at, code, message, hint))

    def _check_keys(self, node: Mapping) -> None:
        for key, _ in node.entries:
            if key.text in _TOP_KEYS:
                continue
            fact = self.vocabulary.facts.get(key.text)
            if fact is not None:
                where = "under `claim`" if fact.scope is Scope.CLAIM else "in an item, under `items`"
                self._fault(
                    key.at, "wrong-scope", f"`{key.text}` is a fact of the {fact.scope}", f"move it {where}"
                )
            else:
                hint = did_you_mean(key.text, _TOP_KEYS) or one_of(_TOP_KEYS)
                self._fault(key.at, "unknown-key", f"unknown key `{shorten(key.text)}`", hint)

    def _text(self, node: Node | None) -> str | None:
        if node is None:
            return None
        if not isinstance(node, Scalar) or is_null(node) or not node.text.strip():
            self._fault(node.at, "wrong-type", f"{describe(node)} where a text was expected")
            return None
        return shorten(node.text, 200)

    def _records(self, node: Node | None) -> bool:
        text = self._text(node)
        if text in (None, "complete"):
            return False
        if text != "partial" and node is not None:
            self._fault(
                node.at, "wrong-value", f"`records` is `{shorten(str(text))}`", "write complete or partial"
            )
        return True

    def _date(self, node: Node | None) -> date | None:
        text = self._text(node)
        if text is None or node is None:
            return None
        try:
            value = read_date(text)
            fact = self.vocabulary.facts.get(AS_OF)
            if fact is not None:
                check_limits(fact, value)
        except ValueFault as fault:
            self._fault(node.at, "wrong-value", f"`{AS_OF}`: {fault.message}", fault.hint)
            return None
        return value

    def _item_nodes(self, node: Mapping) -> tuple[Node, ...]:
        items = node.get("items")
        if items is None or is_null(items) or (isinstance(items, Sequence) and not items.items):
            at = items.at if items is not None else node.at
            self._fault(at, "missing-key", "no `items`", "list each treatment asked for under `items:`")
            return ()
        if not isinstance(items, Sequence):
            hint = "begin each item with a dash: `- treatment: ...`"
            self._fault(items.at, "wrong-type", f"{describe(items)} where a list of items was expected", hint)
            return ()
        if len(items.items) > MAX_ITEMS:
            self._fault(items.at, "too-many-values", f"more than {MAX_ITEMS} items in one request")
            return ()
        return items.items

    def _item(
        self,
        node: Node,
        index: int,
        claim: Facts,
        reader: FactReader,
        names: dict[str, Location],
        *,
        as_of: date | None,
        partial: bool,
    ) -> Item | None:
        if not isinstance(node, Mapping):
            self._fault(node.at, "wrong-type", f"{describe(node)} where an item was expected")
            return None
        faults = len(self.findings)
        facts = claim.merged(reader.read(node.entries, Scope.ITEM, _ITEM_KEYS))
        name = self._text(node.get("id")) or self._default_id(facts, index, names)
        if name in names:
            self._fault(node.at, "duplicate-item", f"a second item `{name}` (first on line {names[name].line})")
        names[name] = node.at
        actual = self._actual(node.get("actual"))
        if as_of is None or len(self.findings) > faults:
            return None
        return build_item(
            self.vocabulary,
            facts,
            self.findings,
            id=name,
            at=node.at,
            as_of=as_of,
            partial=partial,
            actual=actual,
        )

    def _default_id(self, facts: Facts, index: int, names: MappingType[str, Location]) -> str:
        treatment = str(facts.stated.get(TREATMENT, "item"))
        return treatment if treatment not in names else f"{treatment}-{index}"

    def _actual(self, node: Node | None) -> Actual | None:
        text = self._text(node)
        if text is None or node is None:
            return None
        if text.casefold() in tuple(Actual):
            return Actual(text.casefold())
        self._fault(node.at, "wrong-value", f"`actual` is `{shorten(text)}`", one_of(Actual))
        return None


def build_item(
    vocabulary: Vocabulary,
    facts: Facts,
    findings: list[Finding],
    *,
    id: str,  # noqa: A002 - the item's field
    at: Location,
    as_of: date,
    partial: bool,
    actual: Actual | None = None,
) -> Item | None:
    """Return an item with its derived facts, or None after reporting contradictions and what is missing."""
    stated = {**facts.stated, AS_OF: as_of}
    stated.setdefault(JURISDICTION, DEFAULT_JURISDICTION)
    faults = len(findings)
    deriver = Deriver(vocabulary, stated, facts.undocumented, partial)
    known = deriver.known()
    findings.extend(_contradictions(vocabulary, stated, facts, at, partial=partial))
    findings.extend(_impossible(vocabulary, stated, known, at))
    treatment = known.values.get(TREATMENT)
    if treatment is None:
        hint = one_of(vocabulary.facts[TREATMENT].choices)
        findings.append(Finding(at, "missing-fact", "the item has no `treatment`", hint))
        return None
    needed = vocabulary.needed.get(str(treatment), ())
    lacking = tuple(name for name in needed if name not in known.values)
    if not partial:
        for name in lacking:
            message = f"`{name}` is missing, which {treatment} needs"
            findings.append(Finding(at, "missing-fact", message, vocabulary.facts[name].ask))
    if len(findings) > faults:
        return None
    return Item(
        id=id,
        treatment=str(treatment),
        as_of=as_of,
        jurisdiction=str(stated[JURISDICTION]),
        partial=partial,
        stated=stated,
        undocumented=frozenset(facts.undocumented),
        known=known,
        evidence=facts.evidence,
        lacking=lacking,
        actual=actual,
        at=at,
    )


def _contradictions(
    vocabulary: Vocabulary, stated: MappingType[str, Value], facts: Facts, at: Location, *, partial: bool
) -> Iterable[Finding]:
    """Yield a finding for each stated fact that differs from what other stated facts say it is."""
    for name in (*stated, *sorted(facts.undocumented)):
        derivation = vocabulary.derivations.get(name)
        if derivation is None or isinstance(derivation, DEFAULTS):
            continue
        follows = Deriver(vocabulary, stated, facts.undocumented, partial, hidden=name).value(name)
        if follows is None or follows == stated.get(name):
            continue
        given = show_value(stated.get(name))
        inputs = [n for n in vocabulary.sources(vocabulary.inputs(name)) if n in stated and n != name]
        because = ", ".join(f"{n} is {show_value(stated[n])}" for n in inputs)
        message = f"`{name}` is {given}, but follows as {show_value(follows)} ({because})"
        yield Finding(
            facts.places.get(name, at), "contradiction", message, "correct one of them, or leave one out"
        )


def _impossible(
    vocabulary: Vocabulary, stated: MappingType[str, Value], known: Known, at: Location
) -> Iterable[Finding]:
    """Yield a finding for each derived fact that lies outside its limits."""
    for name, value in known.values.items():
        if name in stated:
            continue
        try:
            check_limits(vocabulary.facts[name], value)
        except ValueFault as fault:
            inputs = [n for n in vocabulary.sources(vocabulary.inputs(name)) if n in stated]
            because = ", ".join(f"{n} is {show_value(stated[n])}" for n in inputs)
            yield Finding(at, "contradiction", f"`{name}`: {fault.message}, and follows from: {because}")
