"""Rows of a table that are never taken, and numbers that lie between the bands of two rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise, product
from math import prod

from guidecheck.errors import Finding
from guidecheck.language.conditions import (
    Cell,
    Condition,
    FactRef,
    Op,
    Record,
    TableName,
    Test,
    evaluate,
    facts_read,
    tests_of,
)
from guidecheck.language.facts import show_value
from guidecheck.language.tables import Row, Table
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.lint.bands import Band, band_of, between
from guidecheck.lint.context import conjuncts, warning
from guidecheck.lint.guard_checks import UNCOVERED_CASE
from guidecheck.reachability.value_classes import classes_of

UNREACHABLE_ROW = "unreachable-row"

MOST_RECORDS = 5_000
"""Rows whose facts have more values together than these are not compared."""


def check_rows(table: Table, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding for each row that is never taken, and each hole between the bands of two rows."""
    conjuncts_of = {id(row): _Conjuncts(row) for row in table.rows}
    for row in table.rows:
        before = [conjuncts_of[id(other)] for other in table.rows_before(row)]
        if before:
            yield from _check_row(table, conjuncts_of[id(row)], before, vocabulary)
    yield from _holes(list(conjuncts_of.values()), vocabulary)


class _Conjuncts:
    """A row, with the conditions all of which it makes."""

    def __init__(self, row: Row) -> None:
        self.parts = frozenset(conjuncts(row.condition))
        self.at = row.at


def _check_row(
    table: Table, row: _Conjuncts, before: Sequence[_Conjuncts], vocabulary: Vocabulary
) -> Iterator[Finding]:
    literal = next((other for other in before if other.parts <= row.parts), None)
    if literal is None and _can_hold(row.parts, before, vocabulary) is not False:
        return
    taken = literal or next((o for o in before if _can_hold(row.parts, [o], vocabulary) is False), None)
    if taken is None:
        meeting = [o for o in before if _can_hold(row.parts | o.parts, [], vocabulary) is not False]
        lines = " and ".join(str(other.at.line) for other in meeting)
        message = f"this row is never taken: whatever it matches, one of the rows on lines {lines} does too"
        hint = "narrow one of them, or leave this one out"
    else:
        message = f"this row is never taken: whatever it matches, the row on line {taken.at.line} does too"
        hint = "give one of the two other keys, or leave this one out"
        if (table.highest or table.lowest) is None and _can_hold(taken.parts, [row], vocabulary) is not False:
            hint = "put it above that row, narrow that row, or leave it out"
    yield warning(row.at, UNREACHABLE_ROW, message, hint)


def _holes(rows: Sequence[_Conjuncts], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding for each hole between the numbers of two rows that are otherwise alike."""
    alike: dict[tuple[str, frozenset[Condition]], list[tuple[Band, _Conjuncts]]] = {}
    for row in rows:
        for name in dict.fromkeys(fact for part in row.parts for fact in facts_read(part)):
            band = band_of(row.parts, name)
            if band is not None:
                rest = frozenset(part for part in row.parts if name not in facts_read(part))
                alike.setdefault((name, rest), []).append((band, row))
    for (name, rest), banded in alike.items():
        banded.sort(key=lambda one: (one[0].low, one[0].high))
        for (below, lower), (above, upper) in pairwise(banded):
            value = between(vocabulary.facts[name], below, above)
            if value is not None and _can_hold(rest | {Test(name, Op.EQUALS, value)}, rows, vocabulary):
                message = (
                    f"this row and the one on line {lower.at.line} leave a hole in `{name}`: "
                    f"at {show_value(value)} neither is taken"
                )
                yield warning(upper.at, UNCOVERED_CASE, message, "let the limits of the two meet")


def _can_hold(wanted: Iterable[Condition], others: Iterable[_Conjuncts], vocabulary: Vocabulary) -> bool | None:
    """Tell whether some facts give all that is wanted and let none of some rows match.

    How facts follow from each other is left aside: where it is False, no item has such facts. None is returned
    where the facts have more values than can be tried.
    """
    parts, barred = list(wanted), [list(other.parts) for other in others]
    tests = [test for part in chain(parts, *barred) for test in tests_of(part)]
    if any(isinstance(test.operand, FactRef | Cell | TableName) for test in tests):
        return None
    values: dict[str, list[Record]] = {}
    for name in dict.fromkeys(test.fact for test in tests):
        classes = classes_of(vocabulary.facts[name], [test for test in tests if test.fact == name], ())
        if not classes.exact:
            return None
        alone = [part for part in parts if facts_read(part) == [name]]
        records: list[Record] = [{}, *({name: value} for value in classes.values)]
        values[name] = [record for record in records if all(evaluate(part, record) for part in alone)]
    if prod(map(len, values.values())) > MOST_RECORDS:
        return None
    return any(
        all(evaluate(part, record) for part in parts)
        and not any(all(evaluate(part, record) for part in row) for row in barred)
        for chosen in product(*values.values())
        for record in [{name: value for one in chosen for name, value in one.items()}]
    )
