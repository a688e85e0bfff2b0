"""Which files a batch may write: none that it reads, and none twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from guidecheck.errors import Finding, GuidecheckError, Location
from guidecheck.whole_files import is_special

_MARKS = (b"library_digest", b'"schema_version"', b'{"source"')
_HEAD = 4096


def check_places(outputs: Mapping[str, Path], read: Iterable[Path]) -> None:
    """Raise GuidecheckError where an output is a file that is read, or two outputs are the same file.

    Args:
        outputs: the files to write, by the option that names them.
        read: the files that are read.
    """
    inputs = {path.resolve(): path for path in read}
    taken: dict[Path, str] = {}
    findings: list[Finding] = []
    for option, path in outputs.items():
        if is_special(path):
            continue
        place = path.resolve()
        if place in inputs:
            message = f"{option} would write over `{inputs[place]}`, which is read"
            findings.append(Finding(Location(str(path)), "same-file", message, "name another file"))
        elif place in taken:
            message = f"{taken[place]} and {option} name the same file"
            findings.append(Finding(Location(str(path)), "same-file", message, "name another for one of them"))
        taken.setdefault(place, option)
    if findings:
        raise GuidecheckError(findings)


def is_output(path: Path) -> bool:
    """Return whether a file looks like what a batch wrote: results, metrics or rejects."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(b"PAR1"):
            # The columns of a Parquet file are named at its end.
            file.seek(max(path.stat().st_size - 16 * _HEAD, 0))
            head = file.read()
    return any(mark in head for mark in _MARKS)
