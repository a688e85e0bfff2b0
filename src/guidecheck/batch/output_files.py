"""Result files in their formats, and the rows that could not be used."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from guidecheck.batch.rows import Reject
from guidecheck.errors import Location, fault, one_of
from guidecheck.whole_files import unwritable

FORMATS = (".parquet", ".csv", ".jsonl")


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give the name of an output to an error while it is written.

    Raises:
        GuidecheckError: the file cannot be written.
    """
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise unwritable(path, error) from None


def check_format(path: Path) -> None:
    """Raise GuidecheckError where a results file's name has no known ending."""
    if path.suffix.lower() not in FORMATS:
        message = f"results can't be written as `{path.suffix or path.name}`"
        raise fault(Location(str(path)), "unknown-format", message, one_of(FORMATS))


class Writer(Protocol):
    """Writes tables of one schema to a file."""

    def write(self, table: pa.Table) -> None:
        """Add rows."""

    def close(self) -> None:
        """Write what is left."""


def writer(path: Path, suffix: str, schema: pa.Schema) -> Writer:
    """Return a writer of a format."""
    if suffix == ".parquet":
        return _ParquetWriter(path, schema)
    return _CsvWriter(path, schema) if suffix == ".csv" else _JsonLinesWriter(path)


class _ParquetWriter:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._schema = schema

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


class _CsvWriter:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file: IO[str] = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(schema.names)

    def write(self, table: pa.Table) -> None:
        columns = [_texts(column) for column in table.columns]
        self._writer.writerows(zip(*columns, strict=True))

    def close(self) -> None:
        self._file.close()


def _texts(column: pa.ChunkedArray) -> list[Any]:
    values = column.to_pylist()
    if pa.types.is_list(column.type):
        return [";".join(value or ()) for value in values]
    if pa.types.is_boolean(column.type):
        return ["" if value is None else "yes" if value else "no" for value in values]
    return list(values)


class _JsonLinesWriter:
    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("w", encoding="utf-8")

    def write(self, table: pa.Table) -> None:
        for row in table.to_pylist():
            self._file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")

    def close(self) -> None:
        self._file.close()


class RejectsWriter:
    """Writes rejects as JSON Lines; without a file it keeps the first few to be shown."""

    def __init__(self, path: Path | None, shown: int = 10) -> None:
        self._file: IO[str] | None = None if path is None else path.open("w", encoding="utf-8")
        self._most = shown
        self.shown: list[Reject] = []
        self.count = 0

    def write(self, reject: Reject) -> None:
        """Add a reject."""
        self.count += 1
        if len(self.shown) < self._most:
            self.shown.append(reject)
        if self._file is not None:
            held = {name: value for name, value in asdict(reject).items() if value is not None}
            self._file.write(json.dumps(held, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Write what is left."""
        if self._file is not None:
            self._file.close()
