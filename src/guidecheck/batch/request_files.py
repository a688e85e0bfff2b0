"""Requests in YAML or JSON files as rows, so that folders of cases can be scored like tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from guidecheck.batch.reading import ACTUAL, CASE_ID, FOUND, ITEM_ID, RECORDS
from guidecheck.batch.rows import Reject
from guidecheck.batch.text_lines import Advance, Part, rows_of
from guidecheck.derivations import SumOver
from guidecheck.errors import Finding, GuidecheckError
from guidecheck.fact_reader import MAX_TEXT
from guidecheck.facts import UNDOCUMENTED, Value, show_value
from guidecheck.library.models import Library
from guidecheck.request import Basis, Item, Request
from guidecheck.request_reader import read_request
from guidecheck.vocabulary import AS_OF

FILES_AT_ONCE = 2_000


class RequestFiles:
    """Request files, read some at a time; one with mistakes becomes a reject."""

    def __init__(self, paths: Sequence[Path], library: Library) -> None:
        self.paths, self._library = paths, library

    def read(self, advance: Advance) -> Iterator[Part]:
        """Yield the items of the files as rows, and a reject for each mistake in them."""
        rows: list[dict[str, str | None]] = []
        sources: list[str] = []
        numbers: list[int] = []
        for place, path in enumerate(self.paths, start=1):
            try:
                request = read_request(path, self._library)
            except GuidecheckError as error:
                yield from (_reject(path, finding) for finding in error.findings)
                continue
            finally:
                advance(path.stat().st_size if path.exists() else 0)
            rows += [self._row(request, item) for item in request.items]
            sources += [str(path)] * len(request.items)
            numbers += [item.at.line for item in request.items]
            if rows and place % FILES_AT_ONCE == 0:
                yield rows_of(sources, numbers, _even(rows))
                rows, sources, numbers = [], [], []
        if rows:
            yield rows_of(sources, numbers, _even(rows))

    def _row(self, request: Request, item: Item) -> dict[str, str | None]:
        row: dict[str, str | None] = {
            CASE_ID: request.case_id,
            ITEM_ID: item.id,
            RECORDS: "partial" if item.partial else "complete",
            AS_OF: item.as_of.isoformat(),
            ACTUAL: item.actual,
        }
        row.update(fact_cells(item, self._library))
        self._add_found(item, row)
        return row

    def _add_found(self, item: Item, row: dict[str, str | None]) -> None:
        """Add the records' finding for every fact, where any of the item's facts is the reviewer's."""
        for name in list(row):
            if name not in self._library.vocabulary.facts or name == AS_OF:
                continue
            evidence = item.evidence.get(name, ())
            if any(e.basis is Basis.REVIEWER for e in evidence):
                recorded = [e for e in evidence if e.basis is Basis.RECORDS]
                row[name + FOUND] = (text_of(recorded[0].value) if recorded else "") or ""


def _reject(path: Path, finding: Finding) -> Reject:
    reason = f"{finding.message}; {finding.hint}" if finding.hint else finding.message
    return Reject(str(path), finding.location.line or None, reason)


def _even(rows: list[dict[str, str | None]]) -> list[dict[str, str | None]]:
    """Return rows with the records' finding wherever any row has one: for most facts it is the fact itself."""
    found = {name for row in rows for name in row if name.endswith(FOUND)}
    for row in rows:
        for name in sorted(found - row.keys()):
            row[name] = row.get(name.removesuffix(FOUND))
    return rows


def fact_cells(item: Item, library: Library) -> dict[str, str]:
    """Return an item's facts as cells, with what is summed over its lists, which a row does not hold."""
    cells = {name: text_of(value)[:MAX_TEXT] for name, value in item.stated.items() if name != AS_OF}
    cells.update(dict.fromkeys(item.undocumented, UNDOCUMENTED))
    for name, derivation in library.vocabulary.derivations.items():
        if isinstance(derivation, SumOver) and name not in cells and derivation.list_fact in item.stated:
            value = item.known.values.get(name)
            if value is not None:
                cells[name] = text_of(value)
            elif name not in item.known.unknown:
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
