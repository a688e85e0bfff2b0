"""Sums over the entries of a list, each weighted by the factor that a table has for it.

Entries alike in what the table goes by (the same drug in two strengths) are added before the row is picked, so
that bands of a daily amount are those of the whole amount.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from guidecheck.language.conditions import Record, can_be
from guidecheck.language.facts import Entry, Value
from guidecheck.language.tables import Row, Table

FACTOR = "factor"
TIMES = "times"


@dataclass(frozen=True)
class _AllKnown:
    values: Mapping[str, Value]
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Summand:
    """Entries that are counted as one: their amount, times the factor of a row.

    Without a row, `lacking` names the facts that the table goes by and an entry does not state; where none is
    lacking, `offered` is the row that the table has for another day, if any. `amount` is None where an entry does
    not state what the row multiplies.
    """

    entries: tuple[Entry, ...]
    row: Row | None
    offered: Row | None
    amount: float | None
    lacking: tuple[str, ...] = ()

    @property
    def product(self) -> float | None:
        """The weighted amount, or None where something is missing."""
        factor = self.row.cells.get(FACTOR) if self.row else None
        if self.amount is None or not isinstance(factor, int | float):
            return None
        return self.amount * factor


def summands(
    entries: Iterable[Entry],
    table: Table,
    day_fact: str,
    added: Iterable[str],
    derive: Callable[[Entry], Record],
) -> list[Summand]:
    """Return the summands of a list.

    Args:
        entries: the list's entries, each with the facts it states.
        table: rows with `factor`, and in `times` the name of the fact that it multiplies.
        day_fact: the fact whose value the rows' periods go by.
        added: the numeric facts that are added up over entries that count as one.
        derive: returns an entry's facts together with the item's, and what follows from them.
    """
    added = tuple(added)
    by = [key for key in table.keys if key not in added and key != day_fact]
    groups: dict[tuple[Value | None, ...], list[tuple[Entry, Record]]] = {}
    for entry in entries:
        facts = derive(entry)
        groups.setdefault(tuple(facts.get(key) for key in by), []).append((entry, facts))
    found: list[Summand] = []
    for group in groups.values():
        whole = _summand(group, table, day_fact, added)
        if whole.product is None and len(group) > 1:
            # One entry that cannot be counted hides none that can: each of those without a place is a line.
            alone = [(entry, _summand([entry], table, day_fact, added)) for entry in group]
            counted = [entry for entry, summand in alone if summand.product is not None]
            found += [_summand(counted, table, day_fact, added)] if counted else []
            found += [summand for _, summand in alone if summand.product is None]
        else:
            found.append(whole)
    return found


def multiplied(table: Table) -> tuple[str, ...]:
    """Return the facts that the rows of a table multiply."""
    return tuple(dict.fromkeys(str(row.cells[TIMES]) for row in table.rows if TIMES in row.cells))


def _summand(group: list[tuple[Entry, Record]], table: Table, day_fact: str, added: tuple[str, ...]) -> Summand:
    entries = tuple(entry for entry, _ in group)
    facts = dict(group[0][1])
    for name in added:
        total = _total(name, group)
        if total is None:
            facts.pop(name, None)
        else:
            facts[name] = total
    row = table.resolve(_AllKnown(facts)).row
    if row is None:
        # Only keys that some row for the entry's other keys asks for: a patch has no daily amount.
        keys = [key for key in table.keys if key != day_fact and key not in facts]
        lacking = tuple(key for key in keys if _could_be_listed(facts, table, {day_fact, key}))
        offered = None if lacking else _row_of_another_day(facts, table, day_fact)
        return Summand(entries, None, offered, None, lacking)
    times = row.cells.get(TIMES)
    return Summand(entries, row, None, _total(times, group) if isinstance(times, str) else None)


def _total(name: str, group: list[tuple[Entry, Record]]) -> float | None:
    """Return a fact's sum over entries, or None where one of them has none."""
    values = [facts.get(name) for _, facts in group]
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return math.fsum(numbers) if len(numbers) == len(values) else None


def _could_be_listed(facts: Record, table: Table, unknown: set[str]) -> bool:
    """Tell whether some row could be for an entry, were a few of its facts known."""
    known = {name: value for name, value in facts.items() if name not in unknown}
    return any(row.condition is not None and can_be(row.condition, True, known, unknown) for row in table.rows)


def _row_of_another_day(facts: Record, table: Table, day_fact: str) -> Row | None:
    """Return the first row that would be for the entry but for the day."""
    timeless = {name: value for name, value in facts.items() if name != day_fact}
    for row in table.rows:
        if row.condition is not None and can_be(row.condition, True, timeless, {day_fact}):
            return row
    return None
