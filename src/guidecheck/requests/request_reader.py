"""Reading requests from YAML, JSON or Python data, checked against the vocabulary; all mistakes in one run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from guidecheck.errors import (
    Finding,
    Findings,
    GuidecheckError,
    Location,
    RequestError,
    TooManyFindings,
    did_you_mean,
    fault,
    one_of,
    shorten,
)
from guidecheck.language.facts import Entry, Scope, ValueFault, check_limits, read_date
from guidecheck.language.vocabulary import AS_OF, TREATMENT, Vocabulary
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, Sequence, describe, is_null, load, place, slip_in
from guidecheck.requests.fact_reader import FactReader, Facts
from guidecheck.requests.item_building import Follow, build_item, item_faults
from guidecheck.requests.list_pooling import conflicts, own_entries, pooled_lists
from guidecheck.requests.request import Actual, Item, Request

MAX_ITEMS = 200

MOST_DAYS_AHEAD = 366
"""A request's day may lie as far in the future; later ones are slips of the keyboard."""

TOP_KEYS = ("case_id", "as_of", "records", "claim", "items", "file", "as_of_basis", "note")
ITEM_KEYS = ("id", "actual", "note")


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
    """Return a request from nodes; see `read_request`.

    Args:
        node: the request.
        library: whose vocabulary it is read against.
        as_of: the day whose guidelines apply, instead of the one that the request states.
        today: stands in where the request states none.
        default_id: its `case_id` where it states none.
        findings: mistakes found before (keys that stand twice), to be reported with the others.
    """
    found = Findings(findings or ())
    request: Request | None = None
    with suppress(TooManyFindings):
        request = _RequestReader(library.vocabulary, found, as_of, today).read(node, default_id)
    if found or request is None:
        raise RequestError(found)
    return request


def check_request(node: Node, library: Library, follow: Follow) -> None:
    """Hold a request to the vocabulary, without working out what rests on nothing that it states.

    Args:
        node: the request.
        library: whose vocabulary it is held against.
        follow: `what_follows` of the vocabulary, which takes as long as many requests.

    Raises:
        RequestError: with every mistake that `request_from` would tell.
    """
    found = Findings()
    with suppress(TooManyFindings):
        _RequestReader(library.vocabulary, found, None, None, follow).read(node, "request")
    if found:
        raise RequestError(found)


def check_given_day(vocabulary: Vocabulary, day: date, today: date | None) -> None:
    """Hold a day that stands in for a request's own to the limits of the request's.

    Raises:
        GuidecheckError: no request could have the day.
    """
    try:
        _check_day(vocabulary, day, today)
    except ValueFault as error:
        raise fault(Location(AS_OF), "wrong-value", error.message, error.hint) from None


def _check_day(vocabulary: Vocabulary, day: date, today: date | None) -> None:
    check_limits(vocabulary.facts[AS_OF], day)
    if today is not None and (day - today).days > MOST_DAYS_AHEAD:
        raise ValueFault(f"{day} is too late: more than a year from today", "check the year")


@dataclass
class _RequestReader:
    vocabulary: Vocabulary
    findings: Findings
    override: date | None
    today: date | None
    follow: Follow | None = None
    """Where the items are to be checked only, and none to be built."""
    _items: dict[str, Location] = field(default_factory=dict)

    def read(self, node: Node, default_id: str) -> Request | None:
        if not isinstance(node, Mapping):
            hint = "begin with `items:`; `guidecheck new TREATMENT` writes a form to fill in"
            self.findings.add(node.at, "wrong-type", f"{describe(node)} where a request was expected", hint)
            return None
        self._check_keys(node)
        case_id = self._text(node, "case_id") or default_id
        partial = self._word(node, "records", ("complete", "partial")) == "partial"
        stated_date = self._date(node)
        as_of = self._override() or stated_date or self.today or self.override
        claim = self._claim(node.get("claim"))
        nodes = self._item_nodes(node)
        own = [self._item_facts(item) for item in nodes]
        pooled = pooled_lists(self.vocabulary, [claim, *own], partial=partial)
        for facts in own:
            self.findings.extend(conflicts(self.vocabulary, facts, pooled))
        read = [
            self._item(
                item,
                index,
                claim.merged(facts).merged(pooled),
                as_of,
                partial=partial,
                asked=own_entries(self.vocabulary, facts, pooled),
            )
            for index, (item, facts) in enumerate(zip(nodes, own, strict=True), start=1)
        ]
        items = tuple(item for item in read if item is not None)
        if as_of is None:
            if node.get(AS_OF) is None:
                hint = "write the date of the utilization review decision, as in `as_of: 2015-08-21`"
                self.findings.add(node.at, "missing-key", f"`{AS_OF}` is missing", hint)
            return None
        return Request(case_id, as_of, stated_date is not None, partial, items, node.at)

    def _check_keys(self, node: Mapping) -> None:
        """Report keys that don't stand at the top; facts whose whole mapping is missing, in one finding."""
        misplaced: dict[Scope, list[Scalar]] = {scope: [] for scope in Scope}
        for key, _ in node.entries:
            if key.text in TOP_KEYS:
                continue
            fact = self.vocabulary.facts.get(key.text)
            if fact is not None:
                misplaced[fact.scope].append(key)
            elif not key.text.strip():
                self.findings.add(key.at, "unknown-key", "a value without a name", "write NAME: VALUE")
            else:
                known = [*TOP_KEYS[:5], "note"]
                hint = did_you_mean(key.text, known) or one_of(known)
                self.findings.add(key.at, "unknown-key", f"unknown key `{shorten(key.text)}`", hint)
        for scope, holder in ((Scope.CLAIM, "claim"), (Scope.ITEM, "items")):
            self._report_misplaced(misplaced[scope], scope, holder, missing=node.get(holder) is None)

    def _report_misplaced(self, keys: list[Scalar], scope: Scope, holder: str, *, missing: bool) -> None:
        owner = "the claim" if scope is Scope.CLAIM else "an item"
        if missing and keys:
            named = ", ".join(f"`{key.text}`" for key in keys[:3]) + (" and more" if len(keys) > 3 else "")
            message = f"facts of {owner} stand at the top: {named}"
            dash = ", begin the first with a dash `-`" if scope is Scope.ITEM else ""
            hint = f"write `{holder}:` on a line before them{dash}, and indent them"
            self.findings.add(keys[0].at, "wrong-scope", message, hint)
            return
        where = f"move it under `{holder}:`" + (", into the item it is about" if scope is Scope.ITEM else "")
        for key in keys:
            self.findings.add(key.at, "wrong-scope", f"`{key.text}` is a fact of {owner}", where)

    def _text(self, holder: Mapping, key: str) -> str | None:
        node = holder.get(key)
        if node is None:
            return None
        if is_null(node):
            hint = "write what belongs here, or leave the line out"
            self.findings.add(node.at, "no-value", f"`{key}`: nothing stands here", hint)
            return None
        if not isinstance(node, Scalar) or not node.text.strip():
            hint = "write one, or leave the line out"
            self.findings.add(node.at, "wrong-type", f"`{key}`: {describe(node)} where a text was expected", hint)
            return None
        return shorten(node.text, 200)

    def _word(self, holder: Mapping, key: str, words: tuple[str, ...]) -> str | None:
        text = self._text(holder, key)
        if text is None or text.casefold() in words:
            return text and text.casefold()
        hint = did_you_mean(text, words) or f"write {' or '.join(words)}"
        self.findings.add(
            place(holder, key), "wrong-value", f"`{key}`: `{shorten(text)}` is not allowed here", hint
        )
        return None

    def _override(self) -> date | None:
        """Return the day that stands in for the request's own, where there is one that could be a request's."""
        if self.override is None:
            return None
        try:
            check_given_day(self.vocabulary, self.override, self.today)
        except GuidecheckError as error:
            self.findings.extend(error.findings)
            return None
        return self.override

    def _date(self, node: Mapping) -> date | None:
        text = self._text(node, AS_OF)
        if text is None:
            return None
        try:
            value = read_date(text)
            _check_day(self.vocabulary, value, self.today)
        except ValueFault as error:
            self.findings.add(place(node, AS_OF), "wrong-value", f"`{AS_OF}`: {error.message}", error.hint)
            return None
        return value

    def _claim(self, node: Node | None) -> Facts:
        if isinstance(node, Mapping):
            facts = FactReader(self.vocabulary, self.findings).read(node.entries, Scope.CLAIM, (AS_OF,))
            self._check_date_place(node)
            return facts
        if node is not None and not is_null(node):
            message = f"`claim`: {describe(node)} where the claim's facts were expected"
            self.findings.add(node.at, "wrong-type", message, "write FACT: VALUE lines under it, without dashes")
        return Facts()

    def _check_date_place(self, node: Mapping) -> None:
        key = node.key(AS_OF)
        if key is not None:
            message = f"`{AS_OF}` is the date of the whole request"
            self.findings.add(key.at, "wrong-scope", message, "move it to the top of the file")

    def _item_nodes(self, node: Mapping) -> tuple[Node, ...]:
        items = node.get("items")
        if items is None:
            at_top = (self.vocabulary.facts.get(key.text) for key, _ in node.entries)
            if not any(fact is not None and fact.scope is Scope.ITEM for fact in at_top):
                hint = "list under it each treatment asked for, beginning with `- treatment:`"
                self.findings.add(node.at, "missing-key", "`items` is missing", hint)
            return ()
        if not isinstance(items, Sequence) or not items.items:
            hint = "begin each item with a dash: `- treatment: ...`"
            self.findings.add(
                items.at, "wrong-type", f"`items`: {describe(items)} where a list was expected", hint
            )
            return ()
        if len(items.items) > MAX_ITEMS:
            hint = "write a file for each claim"
            self.findings.add(items.at, "too-many-values", f"more than {MAX_ITEMS} items in one request", hint)
            return ()
        return items.items

    def _item_facts(self, node: Node) -> Facts:
        if not isinstance(node, Mapping):
            hint = "write FACT: VALUE lines after the dash, such as `- treatment: exercise`"
            message = f"{describe(node)} where an item was expected"
            slip = slip_in(node) or Finding(node.at, "wrong-type", message, hint)
            self.findings.add(slip.location, slip.code, slip.message, slip.hint)
            return Facts()
        facts = FactReader(self.vocabulary, self.findings).read(node.entries, Scope.ITEM, (*ITEM_KEYS, AS_OF))
        self._check_date_place(node)
        return facts

    def _item(
        self,
        node: Node,
        index: int,
        facts: Facts,
        as_of: date | None,
        *,
        partial: bool,
        asked: dict[str, tuple[Entry, ...]],
    ) -> Item | None:
        if not isinstance(node, Mapping):
            return None
        name = self._text(node, "id") or self._default_id(facts, index)
        if name in self._items:
            message = f"a second item `{shorten(name)}` (first on line {self._items[name].line})"
            self.findings.add(place(node, "id"), "duplicate-item", message, "give each an id of its own")
        self._items[name] = place(node, "id")
        actual = self._word(node, "actual", tuple(Actual))
        if as_of is None:
            return None
        if self.follow is not None:
            self.findings += item_faults(
                self.vocabulary, facts, self.follow, at=node.at, as_of=as_of, partial=partial
            )
            return None
        return build_item(
            self.vocabulary,
            facts,
            self.findings,
            id=name,
            at=node.at,
            as_of=as_of,
            partial=partial,
            actual=Actual(actual) if actual else None,
            asked=asked,
        )

    def _default_id(self, facts: Facts, index: int) -> str:
        treatment = str(facts.stated.get(TREATMENT, "item"))
        return treatment if treatment not in self._items else f"{treatment}-{index}"
