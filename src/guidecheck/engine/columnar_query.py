"""From expressions to a query: what is dear and used more than once becomes a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from guidecheck.engine.columnar_logic import Node
from guidecheck.language.facts import DECIMALS

_INPUTS = ("flag", "stated", "true", "column", "filled")
_COSTS = {
    **dict.fromkeys(("constant", "literal", "null", "flag", "stated", "column"), 0),
    **dict.fromkeys(("and", "or", "at_most", "at_least", "add"), 1),
    **dict.fromkeys(("switch", "bits"), 10),
}
"""What working an operation out costs for each of its parts, as seen in DuckDB; of others, `_DEAR`."""

_DEAR = 10
_WORTH_A_COLUMN = 2
"""The cost that a column must spare: each makes the query longer, and so the time until it runs."""

_T = TypeVar("_T")


def answer(
    source: ir.Table, outputs: Mapping[str, Node], keep: Sequence[str], names: Mapping[Node, str]
) -> ir.Table:
    """Return a table of expressions over another one.

    Args:
        source: the table whose columns the expressions read.
        outputs: the expressions by the name of their column.
        keep: columns of the source to pass through.
        names: what to call the columns of expressions on the way, for readers of the query.
    """
    plan = _Plan(list(outputs.values()))
    called = {node: names.get(node, f"x{number}") for number, node in enumerate(plan.shared)}
    frame = source
    for step in range(plan.steps):
        made = {called[node]: node for node in plan.shared if plan.ready[node] == step}
        needed = {one if isinstance(one, str) else called[one] for one in plan.needed_after(step)}
        kept = [name for name in frame.columns if name in needed or name in keep]
        step_ = _Step(frame, called, made)
        frame = _select(frame, kept, {name: step_.own(node) for name, node in made.items()})
    last = _Step(frame, called, {})
    return _select(frame, keep, {name: last.of(node) for name, node in outputs.items()})


def _select(frame: ir.Table, kept: Sequence[str], made: Mapping[str, ir.Value]) -> ir.Table:
    """Return a table of columns kept and made: `frame.select` without its search for what each name may mean."""
    columns = {**{name: frame[name] for name in kept}, **made}
    return ops.Project(frame, columns).to_expr()


def _input(node: Node) -> str:
    """Return the column of the source that an expression reads."""
    return str(node.settings[0] if node.op in ("flag", "stated", "true") else node.settings[1])


def _plain(node: Node) -> Node:
    """Return what is negated: a negation costs nothing, and is made where it is needed."""
    return node.parts[0] if node.op == "not" else node


class _Plan:
    """Which expressions become columns (`shared`), and after how many steps each can be worked out (`ready`)."""

    def __init__(self, outputs: Sequence[Node]) -> None:
        self._uses: Counter[Node] = Counter()
        self.ready: dict[Node, int] = {}
        self._order: list[Node] = []
        for output in outputs:
            self._visit(_plain(output))
        self.shared = self._worth_a_column()
        columns = set(self.shared)
        for node in self._order:
            steps = [self.ready[p] + (p in columns) for p in map(_plain, node.parts)]
            self.ready[node] = max(steps, default=0)
        self.steps = max((self.ready[n] + 1 for n in self.shared), default=0)
        self._last: dict[Node | str, int] = {}
        for node in self.shared:
            self._look(node, self.ready[node], columns)
        for output in outputs:
            self._look_at(_plain(output), self.steps, columns)

    def _worth_a_column(self) -> list[Node]:
        found: list[Node] = []
        costs: dict[Node, int] = {}
        for node in self._order:
            parts = [_plain(part) for part in node.parts]
            cost = _COSTS.get(node.op, _DEAR) * max(len(parts), 1) + sum(costs[part] for part in parts)
            if cost * (self._uses[node] - 1) >= _WORTH_A_COLUMN:
                found.append(node)
                cost = 0
            costs[node] = cost
        return found

    def _visit(self, node: Node) -> None:
        self._uses[node] += 1
        if self._uses[node] == 1:
            for part in node.parts:
                self._visit(_plain(part))
            self._order.append(node)

    def _look(self, node: Node, step: int, columns: set[Node]) -> None:
        """Note that an expression is worked out in a step, from columns that must then be there."""
        if node.op in _INPUTS:
            self._note(_input(node), step)
        for part in node.parts:
            self._look_at(_plain(part), step, columns)

    def _look_at(self, node: Node, step: int, columns: set[Node]) -> None:
        if node in columns:
            self._note(node, step)
        else:
            self._look(node, step, columns)

    def _note(self, column: Node | str, step: int) -> None:
        self._last[column] = max(self._last.get(column, 0), step)

    def needed_after(self, step: int) -> list[Node | str]:
        """Return the columns that later steps read: those of the source by name, and those made."""
        return [column for column, last in self._last.items() if last > step]


class _Step:
    """Turns expressions into those of Ibis over the table of one step."""

    def __init__(self, frame: ir.Table, called: Mapping[Node, str], made: Mapping[str, Node]) -> None:
        self._frame, self._called = frame, called
        self._made = frozenset(made.values())
        self._done: dict[Node, ir.Value] = {}

    def own(self, node: Node) -> ir.Value:
        """Return an expression that becomes a column in this step."""
        return self._make(node)

    def of(self, node: Node) -> ir.Value:
        """Return an expression, from columns where these are there."""
        if node not in self._done:
            if node in self._called and node not in self._made:
                self._done[node] = self._frame[self._called[node]]
            else:
                self._done[node] = self._make(node)
        return self._done[node]

    def _make(self, node: Node) -> ir.Value:
        parts = [self.of(part) for part in node.parts]
        if node.op in _INPUTS:
            column = self._frame[_input(node)]
            return _FROM_COLUMN[node.op](column, parts)
        return _MAKE[node.op](parts, node.settings)


def _join(parts: Sequence[_T], join: Callable[[_T, _T], _T]) -> _T:
    # A chain of hundreds of operators would exhaust the stack of whoever parses the query: make a flat tree.
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(_join(parts[:middle], join), _join(parts[middle:], join))


def _bits(parts: Sequence[ir.Value], settings: Sequence[object]) -> ir.Value:
    masks = cast(tuple[int, ...], settings[1])
    numbers = [
        # A shift takes a fifth of a multiplication's time, which checks for overflow.
        part.cast("int64") << (mask.bit_length() - 1) if mask.bit_count() == 1 else part.cast("int64") * mask
        for part, mask in zip(parts, masks, strict=True)
    ]
    return _join(numbers, lambda left, right: left | right) if numbers else ibis.literal(0, type="int64")


def _months(first: ir.Value, last: ir.Value) -> ir.Value:
    months = (last.year() - first.year()) * 12 + last.month() - first.month()
    return (months - (last.day() < first.day()).cast("int64")).cast("int64")


def _weeks(first: ir.Value, last: ir.Value) -> ir.Value:
    return (last.delta(first, unit="day").cast("float64") / 7.0).floor().cast("int64")


def _rounded(number: ir.Value) -> ir.Value:
    scale = float(10**DECIMALS)
    return (number * scale).round().cast("float64") / scale + 0.0


def _switch(parts: Sequence[ir.Value], settings: Sequence[object]) -> ir.Value:
    branches = list(zip(parts[:-1:2], parts[1::2], strict=True))
    return ibis.cases(*branches, else_=parts[-1])


def _literal(value: object, type_: str) -> ir.Value:
    if type_ == "date":
        return ibis.date(str(value))
    literal = ibis.literal(value, type=type_)
    # A database takes 0.5 for a decimal.
    return literal.cast(type_) if type_ == "float64" else literal


_FROM_COLUMN: Mapping[str, Callable[[ir.Value, Sequence[ir.Value]], ir.Value]] = {
    "flag": lambda column, _: column,
    "stated": lambda column, _: column.notnull(),
    "true": lambda column, _: column.fill_null(ibis.literal(False)),
    "column": lambda column, _: column,
    "filled": lambda column, parts: ibis.coalesce(column, *parts),
}

_MAKE: Mapping[str, Callable[[Sequence[ir.Value], Sequence[object]], ir.Value]] = {
    "constant": lambda _, settings: ibis.literal(settings[0]),
    "not": lambda parts, _: ~parts[0],
    "and": lambda parts, _: _join(parts, lambda left, right: left & right),
    "or": lambda parts, _: _join(parts, lambda left, right: left | right),
    "equals": lambda parts, _: parts[0] == parts[1],
    "at_most": lambda parts, _: parts[0] <= parts[1],
    "at_least": lambda parts, _: parts[0] >= parts[1],
    "one_of": lambda parts, settings: parts[0].isin(settings[0]),
    "within": lambda parts, settings: parts[0].abs() <= settings[0],
    "literal": lambda _, settings: _literal(settings[1], str(settings[0])),
    "null": lambda _, settings: ibis.null(settings[0]),
    "switch": _switch,
    "add": lambda parts, _: parts[0] + parts[1],
    "multiply": lambda parts, _: parts[0].cast("float64") * parts[1].cast("float64"),
    "rounded": lambda parts, _: _rounded(parts[0].cast("float64")),
    "days": lambda parts, _: parts[1].delta(parts[0], unit="day").cast("int64"),
    "weeks": lambda parts, _: _weeks(parts[0], parts[1]),
    "months": lambda parts, _: _months(parts[0], parts[1]),
    "bits": _bits,
}
