"""Tables in binary files: Parquet and XLSX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from guidecheck.batch.rows import Reject, TextRows, named
from guidecheck.batch.text_lines import Advance, Part
from guidecheck.errors import GuidecheckError, Location, fault, shorten

ROWS_AT_ONCE = 100_000

_BLOCK = 1 << 20
_LONGEST_TAG = 100
_FORMULA = re.compile(rb"<(?:[\w.-]{1,90}:)?f[\s/>]")
"""The element of a formula, whatever prefix stands before its name."""

_EXACT = 2.0**53
"""Up to here a float is one whole number."""


class ParquetFile:
    """A Parquet file; what is damaged in it costs the rows from there on, and says so."""

    def __init__(self, path: Path, source: str) -> None:
        self.path, self.source = path, source
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(source, "Parquet", error) from None
        self.names = list(self._file.schema_arrow.names)
        for field in self._file.schema_arrow:
            if not _is_plain(field.type):
                message = f"column `{field.name}` is of type {field.type}"
                hint = "write a text, a number, a date, a boolean or a list of texts"
                raise fault(Location(source), "column-type", message, hint)

    def read(self, advance: Advance) -> Iterator[Part]:
        """Yield the rows of the file."""
        size, done = self.path.stat().st_size, 0
        rows = self._file.metadata.num_rows
        try:
            for batch in self._file.iter_batches(ROWS_AT_ONCE):
                numbers = np.arange(done + 1, done + 1 + len(batch))
                done += len(batch)
                faults: dict[int, str] = {}
                for name in self.names:
                    for row in _unsayable(batch.column(name)):
                        faults.setdefault(row, f"`{name}`: a list with an empty entry, or one that holds `;`")
                for row, reason in sorted(faults.items()):
                    yield Reject(self.source, int(numbers[row]), reason)
                good = pa.array(np.setdiff1d(np.arange(len(batch)), list(faults)), pa.int64())
                sound = batch.take(good) if faults else batch
                columns = {name: as_texts(sound.column(name)) for name in self.names}
                places = pa.array(numbers).take(good) if faults else pa.array(numbers)
                yield TextRows(named(self.source, len(sound)), places, columns)
                advance(size * len(batch) // max(rows, 1))
        except (pa.ArrowException, OSError) as error:
            message = str(error).splitlines()[0][:200]
            yield Reject(self.source, done + 1, f"damaged from here on ({rows - done:,} rows not read): {message}")


def _is_plain(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_plain(type_.value_type)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return _is_text(type_.value_type)
    return bool(
        _is_text(type_)
        or pa.types.is_null(type_)
        or pa.types.is_boolean(type_)
        or pa.types.is_integer(type_)
        or pa.types.is_floating(type_)
        or pa.types.is_decimal(type_)
        or pa.types.is_date(type_)
        or pa.types.is_timestamp(type_)
    )


def _unsayable(column: pa.Array) -> list[int]:
    """Return the rows whose list no cell could hold."""
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return []
    entries = column.flatten()
    wrong = pc.fill_null(pc.match_substring(entries, ";"), True)
    return sorted(set(pc.list_parent_indices(column).filter(wrong).to_pylist()))


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))


def as_texts(column: pa.Array) -> pa.Array:
    """Return a column as the texts a person would write in its cells."""
    type_ = column.type
    if pa.types.is_dictionary(type_):
        return as_texts(column.dictionary_decode())
    if pa.types.is_boolean(type_):
        return pc.if_else(column, "yes", "no")
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        texts = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
        return pc.if_else(pc.equal(pc.list_value_length(column), 0), "none", texts)
    if pa.types.is_floating(type_):
        numbers = column.cast(pa.float64())
        # A number of a case stays the number it is; Arrow would write 1.23e+11. It writes nan, which is refused.
        whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), _EXACT))
        integers = pc.if_else(whole, numbers, pa.scalar(None, pa.float64())).cast(pa.int64())
        return pc.coalesce(integers.cast(pa.string()), numbers.cast(pa.string()))
    return column.cast(pa.string())


class XlsxFile:
    """The only sheet with cells of an Excel file; its first row is the heading."""

    def __init__(self, path: Path, source: str) -> None:
        from openpyxl import load_workbook

        self.path, self.source = path, source
        try:
            values = load_workbook(path, read_only=True, data_only=True)
            # Where there are formulas a second time with these, which show where none has been worked out.
            formulas = load_workbook(path, read_only=True) if has_formulas(path) else None
            filled = [title for title in values.sheetnames if _has_cells(formulas or values, title)]
            self._rows = enumerate(_cells(values, filled[0]) if filled else (), start=1)
            self._formulas = iter(_cells(formulas, filled[0]) if formulas and filled else ())
            heading = next((row for _, row in self._rows), ())
            next(self._formulas, ())
        except Exception as error:  # openpyxl lets the faults of zip, XML and itself through
            raise _unreadable(source, "Excel", error) from None
        if len(filled) > 1:
            message = f"{len(filled)} sheets with cells: {', '.join(f'`{shorten(title)}`' for title in filled)}"
            hint = "save each as a file of its own, or delete those that are no cases"
            raise fault(Location(source), "several-sheets", message, hint)
        width = max((place for place, cell in enumerate(heading, 1) if cell is not None), default=0)
        self.names = [str(cell).strip() if cell is not None else "" for cell in heading[:width]]
        if not width:
            raise fault(Location(source), "empty-file", "no heading with column names")
        if len(set(self.names)) < width:
            message = "two columns of one name, or one without a name"
            raise fault(Location(source, 1, 1), "duplicate-column", message)

    def read(self, advance: Advance) -> Iterator[Part]:
        """Yield the rows of the sheet; empty ones don't count."""
        numbers: list[int] = []
        held: list[list[str | None]] = []
        try:
            for number, row in self._rows:
                formulas = next(self._formulas, ())
                if empty := [
                    name
                    for name, value, text in zip(self.names, row, formulas, strict=False)
                    if value is None and text is not None
                ]:
                    reason = f"`{empty[0]}`: a formula without its value; open and save the file in a spreadsheet"
                    yield Reject(self.source, number, reason)
                elif any(cell is not None for cell in row[len(self.names) :]):
                    yield Reject(self.source, number, f"a cell to the right of the {len(self.names)} columns")
                elif any(cell is not None for cell in row):
                    texts = [_cell_text(cell) for cell in row[: len(self.names)]]
                    held.append(texts + [None] * (len(self.names) - len(texts)))
                    numbers.append(number)
                if len(held) >= ROWS_AT_ONCE:
                    yield self._part(numbers, held)
                    numbers, held = [], []
        except Exception as error:
            reason = f"damaged after row {numbers[-1] if numbers else 1}: {error}"
            yield Reject(self.source, None, reason[:300])
        if held:
            yield self._part(numbers, held)
        advance(self.path.stat().st_size)

    def _part(self, numbers: list[int], held: list[list[str | None]]) -> TextRows:
        columns = zip(*held, strict=True)
        return TextRows(
            named(self.source, len(numbers)),
            pa.array(numbers, pa.int64()),
            {name: pa.array(column, pa.string()) for name, column in zip(self.names, columns, strict=True)},
        )


def has_formulas(path: Path) -> bool:
    """Return whether a cell of an Excel file may hold a formula, which is quickly seen and slowly parsed."""
    with ZipFile(path) as members:
        for name in members.namelist():
            with members.open(name) as file:
                seen = b""
                while block := file.read(_BLOCK):
                    seen = seen[-_LONGEST_TAG:] + block
                    # A zero byte: text of two bytes a letter, or no text; the parser is to say.
                    if _FORMULA.search(seen) or b"\x00" in block:
                        return True
    return False


def _cells(book: Any, title: str) -> Iterator[tuple[Any, ...]]:
    if not hasattr(sheet := book[title], "reset_dimensions"):
        return  # a chart
    # The size that a file states for its sheet may be out of date, and would cut off what lies outside it.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(values_only=True)


def _has_cells(book: Any, title: str) -> bool:
    return any(cell is not None for row in _cells(book, title) for cell in row)


def _cell_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _unreadable(source: str, kind: str, error: Exception) -> GuidecheckError:
    message = f"not a readable {kind} file: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
    return fault(Location(source), "unreadable-file", message[:300])
