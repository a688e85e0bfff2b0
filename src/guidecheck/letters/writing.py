"""Writing cases as they are read: JSON Lines with a case a line, or flat tables with an item a row."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from guidecheck.errors import Location, fault
from guidecheck.facts import Scope
from guidecheck.letters.case_form import flat_rows
from guidecheck.library.models import Library
from guidecheck.vocabulary import AS_OF, TREATMENT

LEADING = ("case_id", "item_id", "as_of", "records", "actual")
ROWS_AT_ONCE = 5_000


class LinesWriter:
    """Writes JSON Lines beside the file named, and puts them in its place when all are written."""

    def __init__(self, path: Path) -> None:
        self._path, self._partial = path, path.with_name(f".{path.name}.partial")
        self._file: TextIO | None = None

    def __enter__(self) -> LinesWriter:
        try:
            self._file = self._partial.open("w", encoding="utf-8")
        except OSError as error:
            raise fault(Location(str(self._path)), "unwritable", f"cannot be written: {error.strerror}") from None
        return self

    def write(self, data: Mapping[str, Any]) -> None:
        """Write one line."""
        assert self._file is not None
        self._file.write(json.dumps(data, ensure_ascii=False) + "\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        self._file.close()
        if kind is None:
            os.replace(self._partial, self._path)
        else:
            self._partial.unlink(missing_ok=True)


class CasesWriter(LinesWriter):
    """Writes a case a line."""

    def write(self, data: Mapping[str, Any]) -> None:
        """Write one case."""
        super().write(data)


class FlatLinesWriter(LinesWriter):
    """Writes an item a line, with the columns that `batch` reads."""

    def write(self, data: Mapping[str, Any]) -> None:
        """Write the items of one case."""
        for row in flat_rows(data):
            super().write(row)


class ParquetWriter:
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
        names = [name for name in library.vocabulary.facts if name not in (AS_OF, "opioids")]
        items = [fact.name for fact in library.vocabulary.facts_in(Scope.ITEM)]
        found = [f"{name}.records" for name in items if name in names and name != TREATMENT]
        columns = [*LEADING, *names, *found]
        self._schema = pa.schema([(name, pa.string()) for name in columns])
        self._path, self._partial = path, path.with_name(f".{path.name}.partial")
        self._rows: list[dict[str, Any]] = []
        self._file: Any = None

    def __enter__(self) -> ParquetWriter:
        try:
            self._file = self._pq.ParquetWriter(self._partial, self._schema, compression="zstd")
        except OSError as error:
            raise fault(Location(str(self._path)), "unwritable", f"cannot be written: {error.strerror}") from None
        return self

    def write(self, data: Mapping[str, Any]) -> None:
        """Write the items of one case."""
        self._rows += flat_rows(data)
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
        if kind is None:
            os.replace(self._partial, self._path)
        else:
            self._partial.unlink(missing_ok=True)
