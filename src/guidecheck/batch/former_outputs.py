"""Which files look like what a batch wrote."""

from __future__ import annotations

from pathlib import Path

_MARKS = (b"library_digest", b'"schema_version"', b'{"source"')
_HEAD = 4096


def is_output(path: Path) -> bool:
    """Return whether a file looks like what a batch wrote: results, metrics or rejects."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(b"PAR1"):
            # The columns of a Parquet file are named at its end.
            file.seek(max(path.stat().st_size - 16 * _HEAD, 0))
            head = file.read()
    return any(mark in head for mark in _MARKS)
