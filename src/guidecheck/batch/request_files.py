"""Requests in YAML or JSON files as rows, so that folders of cases can be scored like tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from guidecheck.batch.json_lines import rows_of
from guidecheck.batch.rows import Reject
from guidecheck.batch.text_lines import Advance, Part
from guidecheck.errors import Finding, GuidecheckError
from guidecheck.library.models import Library
from guidecheck.requests.flat_rows import Row, rows_of_request, with_found_columns
from guidecheck.requests.request_reader import read_request

FILES_AT_ONCE = 2_000


class RequestFiles:
    """Request files, read some at a time; one with mistakes becomes a reject."""

    def __init__(self, paths: Sequence[Path], library: Library) -> None:
        self.paths, self._library = paths, library

    def read(self, advance: Advance) -> Iterator[Part]:
        """Yield the items of the files as rows, and a reject for each mistake in them."""
        rows: list[Row] = []
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
            rows += rows_of_request(request, self._library)
            sources += [str(path)] * len(request.items)
            numbers += [item.at.line for item in request.items]
            if rows and place % FILES_AT_ONCE == 0:
                yield rows_of(sources, numbers, with_found_columns(rows), of_requests=True)
                rows, sources, numbers = [], [], []
        if rows:
            yield rows_of(sources, numbers, with_found_columns(rows), of_requests=True)


def _reject(path: Path, finding: Finding) -> Reject:
    return Reject(str(path), finding.location.line or None, finding.words)
