"""Two tables of limits side by side, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guidecheck.editing.condition_changes import condition_changes
from guidecheck.editing.conditions_in_words import in_words
from guidecheck.editing.rule_change import Change, each_side, listed, pairs, replaced
from guidecheck.errors import Location
from guidecheck.language.conditions import facts_read
from guidecheck.language.facts import show_value
from guidecheck.language.tables import Row, Table


def tables_changes(subject: str, old: Mapping[str, Table], new: Mapping[str, Table]) -> Iterator[Change]:
    """Yield what changed in the tables of a guideline or of the vocabulary."""
    for name, before, after in pairs(old, new):
        if before is None:
            assert after is not None
            words = f"table {name} added, with {_rows(len(after.rows))}"
            yield Change("table-added", subject, words, after.at, "", name)
        elif after is None:
            yield Change("table-removed", subject, f"table {name} removed", before.at, name, "")
        else:
            yield from _table_changes(subject, before, after)


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def _table_changes(subject: str, old: Table, new: Table) -> Iterator[Change]:
    name = f"table {new.name}"
    keys = each_side(lambda table: listed(table.keys), old, new)
    yield from replaced("table", subject, f"{name}, keys", keys, new.at)
    yield from replaced("table", subject, f"{name}, pick", each_side(_pick, old, new), new.at)
    before_rows, after_rows = _by_keys(old), _by_keys(new)
    other_keys = _with_other_keys(before_rows, after_rows)
    before_rows = {other_keys.get(key, key): row for key, row in before_rows.items()}
    for key, was, now in pairs(before_rows, after_rows):
        if was is None:
            assert now is not None
            yield Change("row-added", subject, f"{name}, row added: {key}: {_cells(now)}", now.at, "", _cells(now))
        elif now is None:
            words = f"{name}, row removed: {key}: {_cells(was)}"
            yield Change("row-removed", subject, words, was.at, _cells(was), "")
        else:
            for found in condition_changes(was.condition, now.condition, guard=True, nothing="any"):
                words = found.said_of(f"{name}, row with {_cells(now)}")
                yield Change("row-keys", subject, words, now.at, found.before, found.after)
            yield from _row_changes(subject, f"{name}, {key}", was, now)
    kept = [key for key in before_rows if key in after_rows]
    if not _pick(new) and kept != [key for key in after_rows if key in before_rows]:
        words = f"{name}: the order of its rows (of those that match the first is taken)"
        yield Change("row-order", subject, words, new.at)


def _pick(table: Table) -> str:
    if table.highest:
        return f"the highest {table.highest}"
    return f"the lowest {table.lowest}" if table.lowest else ""


def _by_keys(table: Table) -> dict[str, Row]:
    """Return rows by the words of their keys, those that stand twice numbered."""
    found: dict[str, Row] = {}
    for row in table.rows:
        key = first = "any" if row.condition is None else in_words(row.condition)
        number = 1
        while key in found:
            number += 1
            key = f"{first} (row {number} of these)"
        found[key] = row
    return found


def _with_other_keys(old: Mapping[str, Row], new: Mapping[str, Row]) -> dict[str, str]:
    """Return old keys with the new ones, of rows with the same cells and other limits for the same facts."""
    gone = {key: row for key, row in old.items() if key not in new}
    found: dict[str, str] = {}
    for key, row in new.items():
        alike = (
            before
            for before, was in gone.items()
            if was.cells == row.cells and facts_read(was.condition) == facts_read(row.condition)
        )
        match = next(alike, None) if key not in old and row.cells else None
        if match is not None:
            found[match] = key
            del gone[match]
    return found


def _cells(row: Row) -> str:
    return ", ".join(f"{name} {show_value(value)}" for name, value in row.cells.items()) or "no cells"


def _row_changes(subject: str, name: str, old: Row, new: Row) -> Iterator[Change]:
    for column, was, now in pairs(old.cells, new.cells):
        sides = each_side(lambda value: "" if value is None else show_value(value), was, now)
        yield from replaced("cell", subject, f"{name}: {column}", sides, new.at)
    yield from citation_changes(subject, f"{name}: ", old.citation, new.citation, new.at)
    confidence = (old.confidence or "", new.confidence or "")
    yield from replaced("confidence", subject, f"{name}: confidence", confidence, new.at, decides=False)


def citation_changes(
    subject: str, what: str, old: Mapping[str, str], new: Mapping[str, str], at: Location
) -> Iterator[Change]:
    """Yield the parts of a citation that changed."""
    for part, was, now in pairs(old, new):
        yield from replaced(
            "citation", subject, f"{what}citation, {part}", (was or "", now or ""), at, decides=False
        )
