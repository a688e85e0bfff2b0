"""Writing cases as they are read: JSON Lines with a case a line, or flat tables with an item a row."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from guidecheck.errors import GuidecheckError, Location, fault
from guidecheck.language.facts import FactType, Scope
from guidecheck.language.vocabulary import AS_OF, TREATMENT
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.flat_rows import ACTUAL, CASE_ID, FOUND, ITEM_ID, RECORDS, Row, table_rows
from guidecheck.requests.request_reader import request_from

LEADING = (CASE_ID, ITEM_ID, AS_OF, RECORDS, ACTUAL)
ROWS_AT_ONCE = 5_000
STANDARD_OUTPUT = Path("-")


class _Replacing:
    """Writes beside the file named, and puts what was written in its place when all of it is there."""

    def __init__(self, path: Path) -> None:
        self._path, self._partial = path, path.with_name(f".{path.name}.partial")
        self._discarded = False

    def discard(self) -> None:
        """Leave the file named as it is: nothing was read that could take its place."""
        self._discarded = True

    def _settle(self, error: type[BaseException] | None) -> None:
        if error is None and not self._discarded:
            os.replace(self._partial, self._path)
        else:
            self._partial.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> GuidecheckError:
        return fault(Location(str(self._path)), "unwritable", f"cannot be written: {error.strerror}")


class LinesWriter(_Replacing):
    """Writes JSON Lines; what goes to standard output (`-`) is there as soon as it is read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._file: TextIO | None = None

    def __enter__(self) -> LinesWriter:
        if self._path == STANDARD_OUTPUT:
            self._file = sys.stdout
            return self
        try:
            self._file = self._partial.open("w", encoding="utf-8")
        except OSError as error:
            raise self._unwritable(error) from None
        return self

    def write(self, data: Mapping[str, Any]) -> None:
        """Write one line."""
        assert self._file is not None
        self._file.write(json.dumps(data, ensure_ascii=False) + "\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        if self._path == STANDARD_OUTPUT:
            return
        self._file.close()
        self._settle(kind)


class FlatLinesWriter(LinesWriter):
    """Writes an item a line, with the columns that `batch` reads."""

    def __init__(self, path: Path, library: Library) -> None:
        super().__init__(path)
        self._library = library

    def write(self, data: Mapping[str, Any]) -> None:
        """Write the items of one case."""
        for row in _rows(data, self._library):
            super().write(row)


def _rows(case: Mapping[str, Any], library: Library) -> list[Row]:
    return table_rows(request_from(from_data(case, "case"), library), library)


class ParquetWriter(_Replacing):
    """Writes flat rows to Parquet, some thousands at a time."""

    def __init__(self, path: Path, library: Library) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise fault(
                Location(str(path)),
                "extra-missing",
                "writing Parquet needs pyarrow",
                "pip install 'guidecheck[letters]'",
            ) from None
        self._pa, self._pq = pa, pq
        cells = [f for f in library.vocabulary.facts.values() if f.type is not FactType.LIST and f.name != AS_OF]
        names = [fact.name for fact in cells]
        found = [fact.name + FOUND for fact in cells if fact.scope is Scope.ITEM and fact.name != TREATMENT]
        columns = [*LEADING, *names, *found]
        self._schema = pa.schema([(name, pa.string()) for name in columns])
        super().__init__(path)
        self._library = library
        self._rows: list[Row] = []
        self._file: Any = None

    def __enter__(self) -> ParquetWriter:
        try:
            self._file = self._pq.ParquetWriter(self._partial, self._schema, compression="zstd")
        except OSError as error:
            raise self._unwritable(error) from None
        return self

    def write(self, data: Mapping[str, Any]) -> None:
        """Write the items of one case."""
        self._rows += _rows(data, self._library)
        if len(self._rows) >= ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._file.write_table(self._pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._rows:
            self._flush()
        self._file.close()
        self._settle(kind)
