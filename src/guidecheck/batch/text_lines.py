"""Tables in text files: CSV and TSV, read in blocks of lines and never as a whole.

Why not DuckDB's own readers: a BIGINT column silently reads `6.5` as 7, an unclosed quote splits good rows, and
`ignore_errors` turns bad lines into empty ones. Here every line of a file becomes a row or a reject.

A block without quotes and without odd lines is split by Arrow; any other by Python's `csv`, record by record. A
quote that does not close costs its own line, and the lines after it are read as if it were not there.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from guidecheck.batch.rows import Reject, TextRows, named
from guidecheck.errors import Location, fault, shorten

BLOCK = 16 * 1024 * 1024
"""Bytes read at once."""

LONGEST_RECORD = 100
"""Lines that one quoted record may span; a quote open for longer is taken for a mistake."""

Advance = Callable[[int], None]
Part = TextRows | tuple[TextRows, ...] | Reject
"""What a file gives: rows, rows of several kinds whose lines stand mixed, or a line that is no row."""


def blocks(file: IO[bytes], advance: Advance) -> Iterator[tuple[int, bytes, bool]]:
    """Yield stretches of whole lines: the number of the first line, the bytes, and whether they are the last."""
    number, rest = 1, b""
    while True:
        data = file.read(BLOCK)
        advance(len(data))
        chunk = rest + data
        if not data:
            if chunk:
                yield number, chunk, True
            return
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            rest = chunk
            continue
        block, rest = chunk[:cut], chunk[cut:]
        yield number, block, False
        number += block.count(b"\n")


def check_encoding(head: bytes, source: str) -> None:
    """Raise GuidecheckError where a file begins like one that is not UTF-8 text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:200]:
        message = "not UTF-8 text (it looks like UTF-16, or no text at all)"
        raise fault(Location(source), "not-utf8", message, "save it as CSV UTF-8")


def _read_heading(line: bytes, source: str, delimiter: str) -> list[str]:
    at = Location(source, 1, 1)
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise fault(at, "not-utf8", "the heading is not UTF-8 text", "save it as CSV UTF-8") from None
    if "\r" in text:
        hint = "save it with line ends of Unix or Windows"
        raise fault(at, "bad-heading", "a carriage return in the heading, as in files of old Macs", hint)
    if text.startswith("sep="):
        raise fault(at, "bad-heading", f"`{shorten(text)}` is a line for Excel alone", "delete this line")
    try:
        names = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise fault(at, "bad-heading", f"heading: {error}") from None
    if not any(name.strip() for name in names):
        raise fault(at, "empty-file", "no heading with column names", "the first line must name the columns")
    return names


class CsvFile:
    """A CSV or TSV file, its heading read.

    `lines_in` tells of a column whether its cells may have several lines; in the others such a cell is taken for a
    stray quote, costs its first line, and the lines after it are read by themselves.
    """

    def __init__(
        self, path: Path, source: str, delimiter: str, lines_in: Callable[[str], bool] = lambda _: True
    ) -> None:
        self.path, self.source, self.delimiter = path, source, delimiter
        with path.open("rb") as file:
            head = file.read(1 << 20)
        check_encoding(head, source)
        heading, _, _ = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
        names = _read_heading(heading.removesuffix(b"\r"), source, delimiter)
        self.names = [name.strip() for name in names]
        self._one_line = [place for place, name in enumerate(self.names) if not lines_in(name)]
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            message = f"column `{shorten(twice[0])}` stands twice"
            raise fault(Location(source, 1, 1), "duplicate-column", message, "keep one of them")

    def read(self, advance: Advance) -> Iterator[Part]:
        """Yield the rows of the file, and a reject for each line that is none."""
        pending, first = b"", True
        start = 1
        with self.path.open("rb") as file:
            for number, block, last in blocks(file, advance):
                if not pending:
                    start = number
                data = pending + block
                if first:
                    data = data.removeprefix(b"\xef\xbb\xbf")
                    _, _, data = data.partition(b"\n")
                    start, first = 2, False
                pending = yield from self._block(start, data, last=last)
                start += data.count(b"\n") - pending.count(b"\n")
        if pending:
            yield from self._block(start, pending, last=True)

    def _block(self, start: int, data: bytes, *, last: bool) -> Generator[Part, None, bytes]:
        """Yield a block's rows; return the bytes at its end that belong to a record not yet complete."""
        if not data:
            return b""
        table = None if b'"' in data else self._split(data)
        if table is not None:
            numbers = pa.array(np.arange(start, start + len(table)))
            yield TextRows(
                named(self.source, len(numbers)),
                numbers,
                {name: table[name].combine_chunks() for name in self.names},
            )
            return b""
        records: list[list[str]] = []
        numbers_: list[int] = []
        lines = data.split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        place = 0
        while place < len(lines):
            taken, record, reason = self._record(lines, place, last=last)
            if taken == 0:
                if records:
                    yield self._rows(numbers_, records)
                return b"\n".join(lines[place:]) + (b"\n" if data.endswith(b"\n") else b"")
            if record is not None:
                records.append(record)
                numbers_.append(start + place)
            elif reason:
                text = lines[place].decode(errors="replace")
                yield Reject(self.source, start + place, reason, text=text.rstrip("\r")[:2000])
            place += taken
        if records:
            yield self._rows(numbers_, records)
        return b""

    def _split(self, data: bytes) -> pa.Table | None:
        """Return a block as a table, or None where not every line of it is a plain record."""
        if b"\x00" in data or b"\r" in data.replace(b"\r\n", b"\n"):
            return None
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        try:
            table = pacsv.read_csv(
                pa.BufferReader(data),
                pacsv.ReadOptions(column_names=self.names, block_size=max(len(data) + 1, 1 << 16)),
                pacsv.ParseOptions(delimiter=self.delimiter, quote_char=False, ignore_empty_lines=False),
                pacsv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()), strings_can_be_null=False
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowKeyError):
            return None
        return table if len(table) == lines and len(self.names) > 1 else None

    def _record(self, lines: Sequence[bytes], place: int, *, last: bool) -> tuple[int, list[str] | None, str]:
        """Return how many lines the next record takes, the record, or why there is none.

        0 lines: it goes on in the next block. No record and no reason: an empty line.
        """
        reason = ""
        for count in range(1, LONGEST_RECORD + 1):
            if place + count > len(lines):
                if not last and len(lines) - place < LONGEST_RECORD:
                    return 0, None, ""
                break
            try:
                raw = b"\n".join(lines[place : place + count]).decode()
            except UnicodeDecodeError:
                return 1, None, reason or "not UTF-8 text"
            if count == 1 and not raw.strip("\r"):
                return 1, None, ""
            if raw.count('"') % 2:
                reason = "a quote that is not closed"
                continue
            try:
                record = next(csv.reader([raw.removesuffix("\r")], delimiter=self.delimiter, strict=True))
            except csv.Error as error:
                return 1, None, reason or f"not CSV: {error}"
            if len(record) != len(self.names):
                cells = "1 cell" if len(record) == 1 else f"{len(record)} cells"
                return 1, None, reason or f"{cells} where the heading has {len(self.names)}"
            if "\x00" in raw:
                return 1, None, "a zero byte"
            broken = next((place for place in self._one_line if "\n" in record[place]), None)
            if broken is not None:
                name = shorten(self.names[broken])
                return 1, None, f"a quote that closes {count - 1} lines on, in `{name}`; a stray quote?"
            return count, record, ""
        return 1, None, reason

    def _rows(self, numbers: list[int], records: list[list[str]]) -> TextRows:
        columns = zip(*records, strict=True)
        return TextRows(
            named(self.source, len(numbers)),
            pa.array(numbers, pa.int64()),
            {name: pa.array(column, pa.string()) for name, column in zip(self.names, columns, strict=True)},
        )
