"""Writing cases as they are read: JSON Lines with a case a line, or flat tables with an item a row."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from guidecheck.errors import Location, fault
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import AS_OF, STRUCTURAL
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.flat_rows import ACTUAL, CASE_ID, FOUND, ITEM_ID, RECORDS, Row, table_rows
from guidecheck.requests.request_reader import request_from
from guidecheck.whole_files import replacing, unwritable

LEADING = (CASE_ID, ITEM_ID, AS_OF, RECORDS, ACTUAL)
ROWS_AT_ONCE = 5_000
STANDARD_OUTPUT = Path("-")

Write = Callable[[Mapping[str, Any]], None]
Leave = Callable[[], bool]


@contextmanager
def lines(path: Path, leave: Leave = lambda: False) -> Iterator[Write]:
    """Give what writes JSON Lines; `leave` is that of `replacing`.

    Raises:
        GuidecheckError: the file cannot be written.
    """
    if path == STANDARD_OUTPUT:
        yield lambda data: _put(sys.stdout, data)
        return
    with replacing(path, leave) as part, part.open("w", encoding="utf-8") as file:
        yield lambda data: _naming(path, _put, file, data)


@contextmanager
def flat_lines(path: Path, library: Library, leave: Leave = lambda: False) -> Iterator[Write]:
    """Give what writes an item a line, with the columns that `batch` reads; see `lines`."""
    with lines(path, leave) as put:

        def write(case: Mapping[str, Any]) -> None:
            for row in _rows(case, library):
                put(row)

        yield write


@contextmanager
def parquet(path: Path, library: Library, leave: Leave = lambda: False) -> Iterator[Write]:
    """Give what writes flat rows to Parquet, some thousands at a time; see `lines`."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        message, hint = "writing Parquet needs pyarrow", "pip install 'guidecheck[letters]'"
        raise fault(Location(str(path)), "extra-missing", message, hint) from None
    schema = pa.schema([(name, pa.string()) for name in _columns(library)])
    held: list[Row] = []
    with replacing(path, leave) as part, pq.ParquetWriter(part, schema, compression="zstd") as file:

        def flush() -> None:
            file.write_table(pa.Table.from_pylist(held, schema=schema))
            held.clear()

        def write(case: Mapping[str, Any]) -> None:
            held.extend(_rows(case, library))
            if len(held) >= ROWS_AT_ONCE:
                _naming(path, flush)

        yield write
        if held:
            flush()


def _put(file: TextIO, data: Mapping[str, Any]) -> None:
    file.write(json.dumps(data, ensure_ascii=False) + "\n")


def _naming(path: Path, write: Callable[..., None], *args: object) -> None:
    """Write, and give an error the name of this output: several are open, and each would take it for its own."""
    try:
        write(*args)
    except OSError as error:
        raise unwritable(path, error) from None


def _rows(case: Mapping[str, Any], library: Library) -> list[Row]:
    return table_rows(request_from(from_data(case, "case"), library), library)


def _columns(library: Library) -> list[str]:
    """Return the columns that `table_rows` may fill."""
    facts = library.vocabulary.facts.values()
    names = [fact.name for fact in facts if fact.type is not FactType.LIST and fact.name != AS_OF]
    return [*LEADING, *names, *(name + FOUND for name in names if name not in STRUCTURAL)]
