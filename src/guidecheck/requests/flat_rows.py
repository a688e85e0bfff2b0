"""A request as rows of a table, an item a row: what `batch` reads, and what letters are written as."""

from __future__ import annotations

from guidecheck.language.derivations import SumOver
from guidecheck.language.facts import UNDOCUMENTED, FactType, Value, show_value
from guidecheck.language.vocabulary import AS_OF, STRUCTURAL
from guidecheck.library.models import Library
from guidecheck.requests.fact_reader import MAX_TEXT
from guidecheck.requests.request import Basis, Item, Request

CASE_ID, ITEM_ID, RECORDS, ACTUAL = "case_id", "item_id", "records", "actual"
FOUND = ".records"
"""Ends the name of a column with what the records say, beside the reviewer's finding."""

Row = dict[str, str | None]


def rows_of_request(request: Request, library: Library) -> list[Row]:
    """Return the items as rows.

    The cell of a list says only that there is one; what is summed over it stands beside it. A column
    `FACT.records` is there for the facts that the reviewer found: it is empty where the records don't have them.
    """
    return [_row(request, item, library) for item in request.items]


def with_found_columns(rows: list[Row]) -> list[Row]:
    """Return rows with the records' finding wherever any row has one: for most facts it is the fact itself."""
    found = {name for row in rows for name in row if name.endswith(FOUND)}
    for row in rows:
        for name in sorted(found - row.keys()):
            row[name] = row.get(name.removesuffix(FOUND))
    return rows


def table_rows(request: Request, library: Library) -> list[Row]:
    """Return the items as rows of a table for others: without lists, with the records' finding of every fact."""
    facts = library.vocabulary.facts
    rows = rows_of_request(request, library)
    for row in rows:
        for name in [name for name in row if name in facts and name not in STRUCTURAL]:
            if facts[name].type is FactType.LIST:
                del row[name]
                row.pop(name + FOUND, None)
            else:
                row.setdefault(name + FOUND, row[name])
    return rows


def _row(request: Request, item: Item, library: Library) -> Row:
    row: Row = {
        CASE_ID: request.case_id,
        ITEM_ID: item.id,
        RECORDS: "partial" if item.partial else "complete",
        AS_OF: item.as_of.isoformat(),
        ACTUAL: item.actual,
    }
    row.update(fact_cells(item, library))
    # What was asked for, when and where has one answer, in both views.
    for name in [name for name in row if name not in STRUCTURAL]:
        evidence = item.evidence.get(name, ())
        if any(e.basis is Basis.REVIEWER for e in evidence):
            recorded = [e for e in evidence if e.basis is Basis.RECORDS]
            row[name + FOUND] = text_of(recorded[0].value) if recorded else None
    return row


def fact_cells(item: Item, library: Library) -> dict[str, str]:
    """Return an item's facts as cells, with what is summed over its lists, which a row does not hold."""
    cells = {name: text_of(value)[:MAX_TEXT] for name, value in item.stated.items() if name != AS_OF}
    cells.update(dict.fromkeys(item.undocumented, UNDOCUMENTED))
    for name, derivation in library.vocabulary.derivations.items():
        if not isinstance(derivation, SumOver) or name in cells:
            continue
        value = item.known.values.get(name)
        if value is not None and (derivation.list_fact in item.stated or derivation.list_fact in item.in_part):
            cells[name] = text_of(value)
        elif derivation.list_fact in item.stated and name not in item.known.unknown:
            cells[name] = UNDOCUMENTED
    return cells


def text_of(value: Value | None) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return UNDOCUMENTED
    if isinstance(value, tuple) and not value:
        return "none"
    if isinstance(value, frozenset):
        return ";".join(sorted(value)) or "none"
    return show_value(value)
