"""Tables and cases in JSON Lines: a flat row a line, or a whole case with its items, in any mixture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from guidecheck.batch.rows import Reject, TextRows
from guidecheck.batch.text_lines import Advance, Part, blocks, check_encoding
from guidecheck.errors import Finding, GuidecheckError
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.reading.text_files import MAX_BYTES
from guidecheck.requests.flat_rows import CASE_ID, Row, rows_of_request, with_found_columns
from guidecheck.requests.request_reader import request_from

ITEMS = "items"
"""The key that a case has, and no row of a table."""

MOST_KEYS = 10_000
"""Sets of keys that are remembered as looked at."""

MOST_UNFIT = 10
"""Unknown keys that are named where no line of a file fits."""


@dataclass
class _Held:
    """Rows of one kind, with their lines."""

    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


class JsonLinesFile:
    """A file of JSON objects, one a line; the columns are all keys that occur.

    `fault_of` tells what is wrong with keys: such a line is a reject, and a file of nothing else a mistake.
    """

    def __init__(
        self,
        path: Path,
        source: str,
        library: Library,
        fault_of: Callable[[tuple[str, ...]], Finding | None] = lambda _: None,
    ) -> None:
        self.path, self.source, self._library = path, source, library
        self._fault_of = lru_cache(MOST_KEYS)(fault_of)
        self._unfit: dict[Finding, None] = {}
        self._fits = False
        with path.open("rb") as file:
            check_encoding(file.read(1 << 16), source)

    def read(self, advance: Advance) -> Iterator[Part]:
        """Yield the rows of the file, and a reject for each line that is none.

        Raises:
            GuidecheckError: no line fits, for unknown keys.
        """
        with self.path.open("rb") as file:
            for start, block, _ in blocks(file, advance):
                flat, cases = _Held(), _Held()
                for number, line in enumerate(block.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start):
                    if not line.strip():
                        continue
                    try:
                        self._take(line, number, flat, cases)
                    except ValueError as error:
                        yield self._reject(number, line, f"not a JSON object of values: {error}")
                    except GuidecheckError as error:
                        for finding in error.findings:
                            yield self._reject(number, line, _said(finding))
                self._fits = self._fits or bool(flat.rows or cases.rows)
                with_found_columns(cases.rows)
                kinds = (self._part(flat), self._part(cases, of_requests=True))
                yield tuple(part for part in kinds if len(part))
        if self._unfit and not self._fits:
            raise GuidecheckError(list(self._unfit)[:MOST_UNFIT])

    def _take(self, line: bytes, number: int, flat: _Held, cases: _Held) -> None:
        data = json_object(line)
        if not isinstance(data.get(ITEMS), list | dict):
            fault = self._fault_of(tuple(data))
            if fault is not None:
                if len(self._unfit) < MOST_UNFIT:
                    self._unfit[fault] = None
                raise GuidecheckError([fault])
            flat.rows.append({name: cell_text(value) for name, value in data.items()})
            flat.numbers.append(number)
            return
        if CASE_ID not in data:
            raise ValueError("a case without `case_id`")
        if len(line) > MAX_BYTES:
            raise ValueError(f"a case of more than {MAX_BYTES // 1_000_000} MB")
        request = request_from(from_data(data, f"line {number}"), self._library)
        cases.rows += rows_of_request(request, self._library)
        cases.numbers += [number] * len(request.items)

    def _part(self, held: _Held, *, of_requests: bool = False) -> TextRows:
        return rows_of([self.source] * len(held.rows), held.numbers, held.rows, of_requests=of_requests)

    def _reject(self, number: int, line: bytes, reason: str) -> Reject:
        return Reject(self.source, number, reason, text=line.decode(errors="replace")[:2000])


def _said(finding: Finding) -> str:
    """Return a mistake in a case with its place in it, which stands behind the number of the line."""
    _, _, where = finding.location.path.partition(": ")
    return f"{where}: {finding.words}" if where else finding.words


def rows_of(
    sources: Sequence[str], numbers: Sequence[int], rows: Sequence[Row], *, of_requests: bool = False
) -> TextRows:
    """Return mappings as rows with all their keys as columns."""
    names = dict.fromkeys(name for row in rows for name in row)
    return TextRows(
        pa.array(sources).dictionary_encode(),
        pa.array(numbers, pa.int64()),
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names},
        of_requests,
    )


def json_object(line: bytes) -> dict[str, Any]:
    """Return the object of a line of JSON, its numbers as texts.

    Raises:
        ValueError: no JSON, no object, or a key twice.
    """
    try:
        # Numbers stay as they are written: 6.0 is no mistake, 1e400 is one.
        found = json.loads(line, parse_float=str, parse_int=str, parse_constant=_refuse, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def cell_text(value: Any) -> str | None:
    """Return a value of JSON as the text of a cell, as a person would write it.

    Raises:
        ValueError: it is more than a cell can hold.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        if any(not isinstance(part, str) or ";" in part for part in value):
            raise ValueError("a list of something other than names")
        return ";".join(value) if value else "none"
    if isinstance(value, dict):
        raise ValueError("an object where a value was expected")
    return str(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no value")
