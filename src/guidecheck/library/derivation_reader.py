"""What stands under `derive` in the vocabulary, and whether it can be worked out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from guidecheck.errors import Findings, one_of, shorten
from guidecheck.language.condition_reader import ConditionReader
from guidecheck.language.conditions import Cell
from guidecheck.language.derivations import (
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
    facts_of,
)
from guidecheck.language.facts import Fact, FactType, ValueFault, read_boolean
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, Sequence, describe, members
from guidecheck.reading.node_reader import Faulty, NodeReader, each

_ELAPSED = {f"{unit}_between": unit for unit in ElapsedUnit}
DERIVATION_KEYS = (
    "same_as",
    "sum",
    "product",
    *_ELAPSED,
    "first_known_of",
    "value",
    "when",
    "table",
    "column",
    "sum_over",
    "partly",
)
_HINT = (
    "write same_as, sum, product, days_between, first_known_of, value and when, table and column, or a condition"
)
MAX_STEPS = 50


class DerivationReader(NodeReader[Table]):
    """Reads the derivations of a vocabulary's facts."""

    def __init__(self, vocabulary: Vocabulary, findings: Findings) -> None:
        super().__init__(vocabulary.facts, vocabulary.tables, findings, vocabulary.broken)
        self._conditions = ConditionReader(vocabulary.facts, vocabulary.tables, findings, vocabulary.broken)
        self._derivations: dict[str, Derivation] = {}
        self._nodes: dict[str, Node] = {}

    def add(self, fact: Fact, node: Node) -> None:
        """Read what stands under a fact's `derive`."""
        try:
            self._derivations[fact.name] = self._read(fact, node)
            self._nodes[fact.name] = node
        except Faulty:
            pass

    def finish(self) -> dict[str, Derivation]:
        """Return the derivations read, after a look at how they hang together."""
        self._check_circles()
        self._check_length()
        return self._derivations

    def _read(self, fact: Fact, node: Node) -> Derivation:
        if not isinstance(node, Mapping) or not node.entries:
            self.fault(node, "bad-derivation", f"{describe(node)} where a derivation was expected", _HINT)
        parts = {key.text: value for key, value in node.entries}
        first = node.entries[0][1]
        match sorted(parts):
            case ["same_as"]:
                return SameAs(self._source(fact, first).name)
            case [("sum" | "product") as name]:
                terms = self._numbers(fact, first)
                return Sum(terms) if name == "sum" else Product(terms)
            case [name] if name in _ELAPSED:
                return self._elapsed(fact, _ELAPSED[name], first)
            case ["first_known_of"]:
                return self._first_known(fact, first)
            case ["value", "when"]:
                return self._value_when(fact, parts["value"], parts["when"])
            case ["column", "table"]:
                return self._from_table(fact, parts["table"], parts["column"])
            case ["sum_over", "table"]:
                return self._sum_over(fact, parts["sum_over"], parts["table"])
            case ["partly", "sum_over", "table"]:
                whole = self._sum_over(fact, parts["sum_over"], parts["table"])
                return replace(whole, partly=self._yes(parts["partly"]))
        if parts.keys() & set(DERIVATION_KEYS):
            named = " and ".join(shorten(part) for part in parts)
            self.fault(node, "bad-derivation", f"no derivation has {named}", _HINT)
        return self._formula(fact, node)

    def _formula(self, fact: Fact, node: Node) -> Derivation:
        condition = self._conditions.read(node)
        if condition is None:
            raise Faulty
        if fact.type is not FactType.BOOLEAN:
            message = f"a condition gives yes or no, and `{fact.name}` is {fact.type.named}"
            self.fault(node, "wrong-type", message, _HINT)
        return Formula(condition)

    def _source(self, fact: Fact, node: Node) -> Fact:
        """Return a fact whose value can be another's."""
        other = self.fact(node)
        if not _fits(fact.type, other.type):
            message = f"`{other.name}` is {other.type.named}, and `{fact.name}` {fact.type.named}"
            self.fault(node, "wrong-type", message, "name a fact of the same type")
        if fact.choices.keys() < other.choices.keys():
            more = sorted(other.choices.keys() - fact.choices.keys())
            message = f"`{fact.name}` lacks values of `{other.name}`: {', '.join(more)}"
            self.fault(node, "wrong-type", message, "declare them under its `values`")
        return other

    def _list(self, node: Node) -> tuple[Node, ...]:
        if not isinstance(node, Sequence) or not node.items:
            message = f"{describe(node)} where a list of facts was expected"
            self.fault(node, "wrong-type", message, "write their names in brackets: [one, other]")
        return node.items

    def _numbers(self, fact: Fact, node: Node) -> tuple[str, ...]:
        self._check_number(fact, node)
        return tuple(each(lambda item: self._source(fact, item).name, self._list(node)))

    def _check_number(self, fact: Fact, node: Node) -> None:
        if not fact.type.is_numeric:
            message = f"this gives a number, and `{fact.name}` is {fact.type.named}"
            self.fault(node, "wrong-type", message, "give the fact the type number or integer")

    def _elapsed(self, fact: Fact, unit: ElapsedUnit, node: Node) -> Derivation:
        self._check_number(fact, node)
        facts = each(self.fact, self._list(node))
        if len(facts) != 2 or any(named.type is not FactType.DATE for named in facts):
            dates = [other.name for other in self.facts.values() if other.type is FactType.DATE]
            message = f"`{unit}_between` takes two dates, the earlier first"
            self.fault(node, "wrong-type", message, f"write two of {', '.join(dates)} in brackets")
        return Elapsed(unit, facts[0].name, facts[1].name)

    def _first_known(self, fact: Fact, node: Node) -> Derivation:
        def part(item: Node) -> str | Derivation:
            return self._read(fact, item) if isinstance(item, Mapping) else self._source(fact, item).name

        return FirstKnown(tuple(each(part, self._list(node))))

    def _value_when(self, fact: Fact, value: Node, when: Node) -> Derivation:
        condition = self._conditions.read(when)
        if fact.type is FactType.LIST:
            message = f"`{fact.name}` is a list, which has no fixed value"
            self.fault(value, "wrong-type", message, "let it be stated, with an `ask`")
        values = each(lambda item: self.constant(fact, item), members(value) or (value,))
        if condition is None:
            raise Faulty
        if fact.type is FactType.SET:
            return ValueWhen(frozenset(str(one) for one in values), condition)
        if len(values) > 1:
            message = f"a list where one value of `{fact.name}` was expected"
            self.fault(value, "wrong-type", message, "keep one value, or make the fact a set")
        return ValueWhen(values[0], condition)

    def _from_table(self, fact: Fact, table_node: Node, column_node: Node) -> Derivation:
        name, table = self.table(table_node)
        column, held = self.column(name, table, column_node)
        if not _fits(fact.type, held) or (fact.choices and column != fact.name):
            message = f"column `{column}` holds {held.named}, and `{fact.name}` is {fact.type.named}"
            like = [other for other, kind in table.columns.items() if _fits(fact.type, kind)]
            hint = one_of(like) or "give the fact the type of the column"
            if fact.choices:
                hint = "give the column the fact's name"
            self.fault(column_node, "wrong-type", message, hint)
        return FromTable(Cell(name, column))

    def _sum_over(self, fact: Fact, list_node: Node, table_node: Node) -> SumOver:
        self._check_number(fact, list_node)
        summed, table = self.fact(list_node), self.table(table_node)[1]
        if summed.type is not FactType.LIST:
            lists = [other.name for other in self.facts.values() if other.type is FactType.LIST]
            hint = one_of(lists) or "declare a fact of the type list"
            self.fault(list_node, "wrong-type", f"`{summed.name}` is {summed.type.named}, not a list", hint)
        if fact.type is FactType.INTEGER:
            # A row of a table states the sum itself, where it would be no value of the fact.
            message = f"a sum of amounts times factors need not be whole, and `{fact.name}` is {fact.type.named}"
            self.fault(list_node, "wrong-type", message, "give the fact the type number")
        hint = "rows of a summed table say what to multiply: factor (a number), and times (a fact's name)"
        for column, kind in (("factor", FactType.NUMBER), ("times", FactType.TEXT)):
            if table.columns.get(column) is not kind:
                self.fault(
                    table_node, "unknown-column", f"the table `{table.name}` has no {kind} column `{column}`", hint
                )
        for row in table.rows:
            times = self.facts.get(str(row.cells.get("times")))
            if "factor" not in row.cells or times is None or not times.type.is_numeric:
                if str(row.cells.get("times")) not in self.broken:
                    self.findings.add(
                        row.at, "wrong-type", "a row without a factor, or whose `times` is no number's name", hint
                    )
                raise Faulty
        return SumOver(summed.name, table.name)

    def _yes(self, node: Node) -> bool:
        with suppress(ValueFault):
            if isinstance(node, Scalar) and read_boolean(node.text):
                return True
        message = f"{describe(node)} where only yes can stand"
        return self.fault(node, "wrong-value", message, "write yes, or leave the key out")

    def _reads(self, name: str) -> Iterator[str]:
        """Yield the facts from which one is worked out, those of a summed table included."""
        derivation = self._derivations.get(name)
        if derivation is None:
            return
        yield from facts_of(derivation, self.tables)
        if isinstance(derivation, SumOver):
            table = self.tables[derivation.table]
            yield from table.facts_read
            yield from {str(row.cells["times"]): None for row in table.rows}

    def _reach(self, name: str) -> set[str]:
        """Return every fact that one is worked out from, however indirectly."""
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            for source in self._reads(waiting.pop()):
                if source not in reached:
                    reached.add(source)
                    waiting.append(source)
        return reached

    def _check_circles(self) -> None:
        """Report circles in which no stated fact could help; facts that derive each other are none of these."""
        reach = {name: self._reach(name) for name in self._derivations}
        told: set[str] = set()
        for name, node in self._nodes.items():
            if name not in reach[name] or name in told:
                continue
            circle = [other for other in self._nodes if other in reach[name] and name in reach[other]]
            hint = ""
            if name in self._reads(name) or any(isinstance(self._derivations[n], SumOver) for n in circle):
                hint = "derive it from other facts"
            elif not any(self.facts[other].ask for other in circle):
                hint = "derive it from other facts, or give one of them an `ask`, so that it can be stated"
            if hint:
                told.update(circle)
                others = ", ".join(other for other in circle if other != name)
                message = f"`{name}` is worked out from itself" + (f", through {others}" if others else "")
                self.findings.add(node.at, "circular-derivation", message, hint)

    def _check_length(self) -> None:
        """Report a derivation through more steps than can safely be taken."""
        steps: dict[str, int] = {}

        def count(name: str, depth: int) -> int:
            if name not in steps and depth <= MAX_STEPS:
                steps[name] = 0
                steps[name] = 1 + max((count(source, depth + 1) for source in self._reads(name)), default=0)
            return steps.get(name, MAX_STEPS)

        for name, node in self._nodes.items():
            if count(name, 1) > MAX_STEPS:
                message = f"`{name}` is worked out through more than {MAX_STEPS} others"
                self.findings.add(node.at, "too-deep", message, "derive it more directly")
                return


def _fits(wanted: FactType, given: FactType) -> bool:
    """Tell whether a value of one type can stand for one of another."""
    return wanted is given or (wanted.is_numeric and given.is_numeric)
