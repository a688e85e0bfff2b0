"""A second reading of docs/rule-language.md, written from that text and from no code of guidecheck.

It reads the same plain data that a person writes in YAML and answers naively: every condition gives the set of
values (true, false, undocumented) that it can still take, each test taken on its own. A set of one value is an
answer; complete records give nothing else. Every engine is held to its answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

Data = Mapping[str, Any]
Answers = frozenset[bool | None]

UNKNOWN = object()
"""What a fact of partial records is while nobody knows it."""

YES: Answers = frozenset({True})
NO: Answers = frozenset({False})
UNDOCUMENTED: Answers = frozenset({None})
OPEN: Answers = frozenset({True, False, None})

NEVER, MAYBE, SURELY = 0, 1, 2

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "at_most": lambda a, b: a <= b,
    "at_least": lambda a, b: a >= b,
    "less_than": lambda a, b: a < b,
    "more_than": lambda a, b: a > b,
    "before": lambda a, b: a < b,
    "on_or_before": lambda a, b: a <= b,
    "after": lambda a, b: a > b,
    "on_or_after": lambda a, b: a >= b,
}
MEMBERSHIPS: dict[str, Callable[[Any, set[Any]], bool]] = {
    "one_of": lambda held, named: held in named,
    "none_of": lambda held, named: held not in named,
    "includes": lambda held, named: named <= held,
    "includes_any": lambda held, named: bool(named & held),
    "includes_none": lambda held, named: not named & held,
}
ELAPSED = ("days_between", "weeks_between", "months_between")
DERIVATION_WORDS = {
    *("same_as", "value", "when", "sum", "product", "first_known_of", "table", "column", "sum_over", "partly"),
    *ELAPSED,
}


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def both(sets: Iterable[Answers]) -> Answers:
    """What all of some conditions can come to, each taken on its own."""
    total = YES
    for answers in sets:
        total = frozenset(_and(a, b) for a, b in product(total, answers))
    return total


def either(sets: Iterable[Answers]) -> Answers:
    return opposite(both(opposite(answers) for answers in sets))


def opposite(answers: Answers) -> Answers:
    return frozenset(None if a is None else not a for a in answers)


def _and(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


class View:
    """What conditions look at: an item's facts, and the tables at hand."""

    def __init__(
        self, fact: Callable[[str], Any], vocabulary: Data, tables: Mapping[str, Data], parse: Callable[..., Any]
    ) -> None:
        self.fact = fact
        self.vocabulary = vocabulary
        self.tables = tables
        self.parse = parse

    def holds(self, condition: Data) -> Answers:
        return both(self._entry(key, value) for key, value in condition.items())

    def _entry(self, key: str, value: Any) -> Answers:
        if key == "not":
            return opposite(self.holds(value))
        if key in ("all", "any"):
            conditions = [{k: v} for k, v in value.items()] if isinstance(value, Mapping) else value
            return (both if key == "all" else either)(self.holds(c) for c in conditions)
        if isinstance(value, Mapping):
            return both(self._test(key, test, operand) for test, operand in value.items())
        return self._compare(key, self.parse(key, value), lambda held, wanted: held == wanted)

    def _test(self, name: str, test: str, operand: Any) -> Answers:
        if test == "documented":
            held = self.fact(name)
            return frozenset({True, None}) if held is UNKNOWN else (UNDOCUMENTED if held is None else YES)
        if test == "listed_in":
            listed = self.listed(operand)
            return listed if len(listed) == 1 else OPEN
        if test in MEMBERSHIPS:
            named = {self.parse(name, value, member=True) for value in as_list(operand)}
            return self._compare(name, named, MEMBERSHIPS[test])
        if isinstance(operand, Mapping) and "fact" in operand:
            return self._compare(name, self.fact(operand["fact"]), COMPARISONS[test])
        if isinstance(operand, Mapping):
            cell = self.cell(operand["table"], operand["column"])
            return self._compare(name, cell, COMPARISONS[test])
        return self._compare(name, self.parse(name, operand), COMPARISONS[test])

    def _compare(self, name: str, wanted: Any, test: Callable[[Any, Any], bool]) -> Answers:
        held = self.fact(name)
        if held is None or wanted is None:
            return UNDOCUMENTED
        if held is UNKNOWN or wanted is UNKNOWN:
            return OPEN
        return YES if test(held, wanted) else NO

    def row_matches(self, table: Data, row: Data) -> Answers:
        return both(self._key_matches(key, row[key]) for key in as_list(table["keys"]) if key in row)

    def _key_matches(self, key: str, cell: Any) -> Answers:
        if isinstance(cell, Mapping):
            return self.holds({key: cell})
        if self.vocabulary[key]["type"] == "set":
            return self.holds({"any": [{key: {"includes": [value]}} for value in as_list(cell)]})
        return self.holds({"any": [{key: value} for value in as_list(cell)]})

    def listed(self, name: str) -> Answers:
        table = self.tables[name]
        return either(self.row_matches(table, row) for row in table["rows"])

    def row(self, name: str) -> Any:
        """The row that a table has for the item, None where none matches, UNKNOWN where it could be another."""
        table = self.tables[name]
        matches = [self.row_matches(table, row) for row in table["rows"]]
        picked = {self._pick(table, [way is True for way in ways]) for ways in product(*matches)}
        if len(picked) > 1:
            return UNKNOWN
        index = picked.pop()
        return None if index is None else table["rows"][index]

    def _pick(self, table: Data, matching: list[bool]) -> int | None:
        found = [index for index, match in enumerate(matching) if match]
        for word, sign in (("highest", -1), ("lowest", 1)):
            column = table.get("pick", {}).get(word)
            ranked = [index for index in found if column in table["rows"][index]]
            if column and ranked:
                return min(ranked, key=lambda index: (sign * float(table["rows"][index][column]), index))
        return found[0] if found else None

    def cell(self, table: str, column: str) -> Any:
        row = self.row(table)
        if row is None or row is UNKNOWN:
            return row
        return self.parse_cell(column, row[column]) if column in row else None

    def parse_cell(self, column: str, raw: Any) -> Any:
        if column in self.vocabulary:
            return self.parse(column, raw)
        if isinstance(raw, int | float):
            return float(raw)
        try:
            return date.fromisoformat(raw)
        except ValueError:
            return raw


@dataclass
class Facts:
    """An item's facts as stated, and what follows from them by the vocabulary's derivations."""

    vocabulary: Data
    tables: Mapping[str, Data]
    stated: dict[str, Any]
    undocumented: set[str]
    partial: bool
    without: str | None = None
    """A fact whose own statement is left out of account."""
    _path: tuple[str, ...] = field(default=())

    def __call__(self, name: str) -> Any:
        """A fact's value, None for undocumented, or UNKNOWN."""
        if name != self.without:
            if name in self.stated:
                return self.stated[name]
            if name in self.undocumented:
                return None
        if name in self._path:
            return UNKNOWN if self.partial else None
        derivation = self.vocabulary[name].get("derive")
        self._path += (name,)
        value = UNKNOWN if derivation is None else self._in_type(name, self._derive(derivation, name))
        self._path = self._path[:-1]
        if value is not None and value is not UNKNOWN:
            return value
        assumed = self.vocabulary[name].get("usual") == "undocumented"
        return UNKNOWN if self.partial and not assumed else None

    def view(self) -> View:
        return View(self, self.vocabulary, self.tables, self.parse)

    def parse(self, name: str, raw: Any, *, member: bool = False) -> Any:
        """A value as it is written, in the type of its fact."""
        kind = self.vocabulary[name]["type"]
        if kind == "date":
            return raw if isinstance(raw, date) else date.fromisoformat(raw)
        if kind == "set" and not member:
            return frozenset() if raw == "none" else frozenset(as_list(raw))
        if kind == "list":
            return [{key: self.parse(key, value) for key, value in entry.items()} for entry in raw]
        return round(float(raw), 6) if kind in ("integer", "number") else raw

    def _in_type(self, name: str, value: Any) -> Any:
        if isinstance(value, float):
            if abs(value) > 1e9:
                return None
            value = round(value, 6)
        return value

    def _derive(self, derivation: Data, name: str) -> Any:
        """What a derivation gives; UNKNOWN where it may speak once more is known, None where it never does."""
        if not DERIVATION_WORDS & set(derivation):
            return self._only(self.view().holds(derivation))
        if "when" in derivation:
            answers = self.view().holds(derivation["when"])
            if answers == YES:
                return self.parse(name, derivation["value"])
            return UNKNOWN if True in answers else None
        if "same_as" in derivation:
            return self(derivation["same_as"])
        if "first_known_of" in derivation:
            return self._first_known(derivation["first_known_of"], name)
        if "sum_over" in derivation:
            return self._sum_over(derivation)
        if "table" in derivation:
            return self.view().cell(derivation["table"], derivation["column"])
        ((word, names),) = derivation.items()
        values = [self(part) for part in names]
        if None in values:
            return None
        if UNKNOWN in values:
            return UNKNOWN
        if word == "sum":
            return float(sum(values))
        if word == "product":
            total = 1.0
            for value in values:
                total *= value
            return total
        return _elapsed(word, *values)

    def _only(self, answers: Answers) -> Any:
        """A condition's answer as a fact: nothing follows from an undocumented one."""
        return UNKNOWN if len(answers) > 1 else next(iter(answers))

    def _first_known(self, parts: list[Any], name: str) -> Any:
        for part in parts:
            value = self(part) if isinstance(part, str) else self._derive(part, name)
            if value is UNKNOWN and not self.partial:
                value = None
            if value is not None:
                return value
        return None

    def _sum_over(self, derivation: Data) -> Any:
        """The sum of factor times amount over a list, where every entry has both; in part, where some have."""
        entries = self(derivation["sum_over"])
        if entries is None or entries is UNKNOWN:
            return entries
        own = self.vocabulary[derivation["sum_over"]]["of"]
        shared = {name: value for name, value in self.stated.items() if not self._rests_on(name, set(own), set())}
        amounts = []
        for entry in entries:
            inner = Facts(self.vocabulary, self.tables, {**shared, **entry}, set(), self.partial)
            row = inner.view().row(derivation["table"])
            amount = inner(row["times"]) if isinstance(row, Mapping) and "times" in row else None
            missing = amount is None or amount is UNKNOWN or "factor" not in row
            amounts.append(None if missing else float(row["factor"]) * amount)
        counted = [amount for amount in amounts if amount is not None]
        whole = len(counted) == len(amounts)
        if derivation.get("partly"):
            return sum(counted) if counted and not whole else UNKNOWN
        return sum(counted, 0.0) if whole else UNKNOWN

    def _rests_on(self, name: str, own: set[str], seen: set[str]) -> bool:
        """Whether a fact is one of those of an entry, or is worked out from one."""
        if name in own or name in seen:
            return name in own
        read = _names_in(self.vocabulary[name].get("derive"), self.vocabulary, self.tables)
        return any(self._rests_on(part, own, seen | {name}) for part in read)


def _elapsed(word: str, start: date, end: date) -> float:
    days = (end - start).days
    if word == "days_between":
        return float(days)
    if word == "weeks_between":
        return float(days // 7)
    months = 0
    # Counted one by one, so that it rests on nothing but the calendar.
    while (start.year * 12 + start.month + months + 1, start.day) <= (end.year * 12 + end.month, end.day):
        months += 1
    while (start.year * 12 + start.month + months, start.day) > (end.year * 12 + end.month, end.day):
        months -= 1
    return float(months)


@dataclass
class Judged:
    """A criterion as the oracle sees it."""

    key: str
    topic: str
    authority: str
    rank: int
    guideline: Data
    status: str
    applies: int
    could_be_met: bool
    assumed: bool
    controls: int = NEVER
    superseded: bool = False

    @property
    def fine(self) -> bool:
        return self.status == "met" or self.assumed

    @property
    def surely_unmet(self) -> bool:
        return not self.fine and not self.could_be_met


@dataclass
class Answer:
    """What the oracle says of an item."""

    outcome: str
    basis: str | None
    statuses: dict[str, str]
    controlling: set[str]
    superseded: set[str]
    legal: dict[str, str]
    assumes: set[str]


@dataclass
class Oracle:
    """The rules of a library as plain data."""

    vocabulary: Data
    library: Data
    guidelines: list[Data]

    @property
    def facts(self) -> Data:
        return self.vocabulary["facts"]

    def known(self, record: Data) -> Facts:
        """The facts of a record: `as_of`, `records`, and `facts` by name."""
        blank = Facts(self.facts, self.vocabulary.get("tables", {}), {}, set(), False)
        stated = {
            name: blank.parse(name, raw) for name, raw in record["facts"].items() if not _is_undocumented(raw)
        }
        stated["as_of"] = date.fromisoformat(record["as_of"])
        stated.setdefault("jurisdiction", "california")
        undocumented = {name for name, raw in record["facts"].items() if _is_undocumented(raw)}
        partial = record.get("records") == "partial"
        return Facts(self.facts, self.vocabulary.get("tables", {}), stated, undocumented, partial)

    def is_usable(self, record: Data) -> bool:
        """Whether a record contradicts nothing, and has what its treatment needs."""
        known = self.known(record)
        for name in [*known.stated, *known.undocumented]:
            derivation = self.facts[name].get("derive")
            if derivation is None or "same_as" in derivation or "first_known_of" in derivation:
                continue
            apart = Facts(known.vocabulary, known.tables, known.stated, known.undocumented, known.partial, name)
            follows = apart(name)
            if follows is not None and follows is not UNKNOWN and follows != known.stated.get(name):
                return False
        for name in self.facts:
            value = known(name)
            if isinstance(value, float) and not self._within_limits(name, value):
                return False
        return known.partial or not self.lacking(record)

    def _within_limits(self, name: str, value: float) -> bool:
        fact = self.facts[name]
        return float(fact.get("minimum", -1e9)) <= value <= float(fact.get("maximum", 1e9))

    def lacking(self, record: Data) -> list[str]:
        known = self.known(record)
        needed = self.vocabulary.get("needed", {}).get(known("treatment"), [])
        return [name for name in as_list(needed) if known(name) is None or known(name) is UNKNOWN]

    def answer(self, record: Data) -> Answer:
        known = self.known(record)
        medical: list[Judged] = []
        legal: dict[str, str] = {}
        assumes: set[str] = set()
        closing: list[tuple[Data, int, int]] = []
        for guideline, authority in self._in_force(known):
            tables = {**self.vocabulary.get("tables", {}), **guideline.get("tables", {})}
            view = View(known, self.facts, tables, known.parse)
            holds = view.holds(guideline["applies_to"])
            applies = _certainty(holds)
            is_legal = self._authorities()[authority].get("role") == "legal"
            if known.partial and not is_legal and holds != NO:
                read = guideline if applies else {"applies_to": guideline["applies_to"]}
                assumes |= self._assumed_facts(read, tables, known)
            if applies == NEVER:
                continue
            judged = [self._judge(c, guideline, authority, applies, view) for c in guideline["criteria"]]
            if is_legal:
                legal.update({one.key: one.status for one in judged})
            else:
                medical += judged
                closing.append((guideline, self._rank(authority), applies))
        self._settle_control(medical, closing)
        outcome, basis = self._decide(medical, partial=known.partial)
        if self.lacking(record):
            outcome, basis = "undetermined", None
        assumes |= {one.key for one in medical if one.controls != NEVER and one.assumed}
        return Answer(
            outcome,
            basis,
            {one.key: one.status for one in medical},
            {one.key for one in medical if one.controls == SURELY},
            {one.key for one in medical if one.superseded},
            legal,
            assumes,
        )

    # ------------------------------------------------------------------------------------ which guidelines

    def _authorities(self) -> dict[str, Data]:
        return {authority["id"]: authority for authority in self.library["authorities"]}

    def _rank(self, authority: str) -> int:
        """A number that equals share; lower is higher."""
        entry = self._authorities()[authority]
        while "same_rank_as" in entry:
            entry = self._authorities()[entry["same_rank_as"]]
        return list(self._authorities()).index(entry["id"])

    def _in_force(self, known: Facts) -> Iterator[tuple[Data, str]]:
        day, place = known("as_of"), known.stated["jurisdiction"]
        held = []
        for guideline in self.guidelines:
            for period in as_list(guideline["in_force"]):
                start, until = date.fromisoformat(period["from"]), period.get("until")
                authority = period.get("authority", guideline["authority"])
                in_force = start <= day and (until is None or day <= date.fromisoformat(until))
                if in_force and authority in self.library["jurisdictions"].get(place, []):
                    held.append((guideline, authority))
        order = list(self._authorities())
        yield from sorted(held, key=lambda pair: (order.index(pair[1]), pair[0]["guideline"]))

    # ------------------------------------------------------------------------------------- one criterion

    def _judge(self, criterion: Data, guideline: Data, authority: str, applies: int, view: View) -> Judged:
        guards = [criterion["when"]] if "when" in criterion else []
        applies = min(applies, _certainty(both(view.holds(guard) for guard in guards)))
        if "unless" in criterion:
            applies = min(applies, SURELY - _certainty(view.holds(criterion["unless"])))
        for table, column in _cells(criterion):
            cell = view.cell(table, column)
            applies = min(applies, NEVER if cell is None else (MAYBE if cell is UNKNOWN else SURELY))
        required = view.holds(criterion["require"]) if "require" in criterion else NO
        status = "met" if required == YES else ("failed" if required == NO else "undocumented")
        return Judged(
            key=f"{guideline['guideline']}.{criterion['id']}",
            topic=criterion["topic"],
            authority=authority,
            rank=self._rank(authority),
            guideline=guideline,
            status="not_applicable" if applies == NEVER else status,
            applies=applies,
            could_be_met=status == "undocumented" and True in required,
            assumed=applies != NEVER and status == "undocumented" and "when_undocumented" in criterion,
        )

    # ------------------------------------------------------------------------------- control and outcome

    def _settle_control(self, judged: list[Judged], closing: list[tuple[Data, int, int]]) -> None:
        for one in judged:
            if one.applies == NEVER:
                continue
            over = [
                other.applies
                for other in judged
                if other.topic == one.topic
                and (
                    other.rank < one.rank
                    or (
                        other.rank == one.rank
                        and one.guideline["guideline"] in as_list(other.guideline.get("outranks", []))
                    )
                )
            ]
            over += [
                applies
                for guideline, rank, applies in closing
                if rank < one.rank and "leaves_open" in guideline and one.topic not in guideline["leaves_open"]
            ]
            beaten = max(over, default=NEVER)
            one.superseded = beaten == SURELY
            one.controls = min(one.applies, SURELY - beaten)
        for topic in {one.topic for one in judged}:
            groups = _by_authority(judged, topic)
            for group in groups:
                if any(one.controls == SURELY for one in group) and all(one.fine for one in group):
                    for other in groups:
                        if other is not group:
                            for one in other:
                                one.controls, one.superseded = NEVER, True
                    break

    def _decide(self, judged: list[Judged], *, partial: bool) -> tuple[str, str | None]:
        topics = {one.topic for one in judged if one.controls != NEVER}
        if not topics:
            return "no_guideline", None
        bases = [basis for topic in topics if (basis := self._upholds(_by_authority(judged, topic), partial))]
        if bases:
            return "upheld", "failed" if "failed" in bases else "undocumented"
        # Where one of several equals suffices, the others no longer control.
        if any(one.controls == SURELY for one in judged) and all(one.fine for one in judged if one.controls):
            return "overturned", "met"
        return "undetermined", None

    def _upholds(self, groups: list[list[Judged]], partial: bool) -> str | None:
        """What upholds on a topic, where something does: every authority that may control must be unmet."""
        if not any(one.controls == SURELY for group in groups for one in group):
            return None

        def unmet(group: list[Judged], test: Callable[[Judged], bool]) -> bool:
            return any(test(one) and one.controls == SURELY for one in group) or all(test(one) for one in group)

        if all(unmet(group, lambda one: one.status == "failed") for group in groups):
            return "failed"
        if all(unmet(group, lambda one: one.surely_unmet if partial else not one.fine) for group in groups):
            return "undocumented"
        return None

    # -------------------------------------------------------------------------------------- assumptions

    def _assumed_facts(self, guideline: Data, tables: Mapping[str, Data], known: Facts) -> set[str]:
        read: set[str] = set()
        waiting = list(_names_in(guideline, self.facts, tables))
        while waiting:
            name = waiting.pop()
            if name in read:
                continue
            read.add(name)
            waiting += _names_in(self.facts[name].get("derive", {}), self.facts, self.vocabulary.get("tables", {}))
        return {
            name
            for name in read
            if self.facts[name].get("usual") == "undocumented"
            and name not in known.undocumented
            and known(name) is None
        }


def _is_undocumented(raw: Any) -> bool:
    return isinstance(raw, str) and raw == "undocumented"


def _certainty(answers: Answers) -> int:
    return SURELY if answers == YES else (MAYBE if True in answers else NEVER)


def _by_authority(judged: list[Judged], topic: str) -> list[list[Judged]]:
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        if one.topic == topic and one.controls != NEVER:
            groups.setdefault(one.authority, []).append(one)
    return list(groups.values())


def _cells(data: Any) -> Iterator[tuple[str, str]]:
    """The table cells that a criterion compares with."""
    if isinstance(data, Mapping):
        if set(data) == {"table", "column"}:
            yield data["table"], data["column"]
        for value in data.values():
            yield from _cells(value)
    elif isinstance(data, list):
        for value in data:
            yield from _cells(value)


def _names_in(data: Any, facts: Data, tables: Mapping[str, Data]) -> Iterator[str]:
    """The facts that conditions, derivations and the tables they use name."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key in facts:
                yield key
            if key in ("table", "listed_in"):
                yield from as_list(tables[value]["keys"]) if isinstance(value, str) and value in tables else ()
            if key in ("fact", "same_as", "sum_over") and value in facts:
                yield value
            if key not in ("tables", "sum_over"):
                yield from _names_in(value, facts, tables)
            elif key == "sum_over":
                return
    elif isinstance(data, list):
        for value in data:
            if isinstance(value, str) and value in facts:
                yield value
            yield from _names_in(value, facts, tables)
