"""Files written in one piece: whoever reads one finds the old content or the new, never half of it."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from errno import EISDIR
from pathlib import Path
from typing import IO, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from guidecheck.batch.output_places import is_special
from guidecheck.batch.rows import Reject
from guidecheck.errors import GuidecheckError, Location, fault, one_of

FORMATS = (".parquet", ".csv", ".jsonl")


@contextmanager
def replacing(path: Path, leave: Callable[[], bool] = lambda: False) -> Iterator[Path]:
    """Give a name to write under beside a file, and put it in the file's place once all is written.

    What a link names is replaced, and the link stays. A pipe or a device is written itself.

    Args:
        path: the file.
        leave: asked once all is written, whether an old file is to stay as it is.

    Raises:
        GuidecheckError: the file cannot be written (no such folder, no right, a full disk).
    """
    if is_special(path):
        with naming(path):
            if path.is_dir():
                raise IsADirectoryError(EISDIR, "a folder")
            yield path
        return
    path, named = path.resolve(), path
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _unwritable(named, error) from None
    part = Path(name)
    try:
        yield part
        if path.exists() and leave():
            return
        with part.open("rb") as file:
            os.fsync(file.fileno())
        # A temporary file is its owner's alone; a result is as readable as any new file.
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(path)
    except OSError as error:
        raise _unwritable(named, error) from None
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give the name of an output to an error while it is written.

    Raises:
        GuidecheckError: the file cannot be written.
    """
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: Exception) -> GuidecheckError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    message = f"cannot be written: {reason.splitlines()[0][:300]}"
    return fault(Location(str(path)), "unwritable", message)


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
