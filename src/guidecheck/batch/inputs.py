"""Which files a batch reads, and as what."""

from __future__ import annotations

import glob
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from guidecheck.batch.binary_tables import ParquetFile, XlsxFile
from guidecheck.batch.former_outputs import is_output
from guidecheck.batch.json_lines import JsonLinesFile
from guidecheck.batch.request_files import RequestFiles
from guidecheck.batch.text_lines import Advance, CsvFile, Part
from guidecheck.errors import Finding, GuidecheckError, Location, fault, one_of
from guidecheck.library.models import Library

STANDARD_INPUT = "-"
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".xlsx")
REQUEST_FILES = "request files"
REQUESTS = (".yaml", ".yml", ".json")
_NO_DELIMITER = ","


class RowSource(Protocol):
    """A file, or a number of request files, that gives rows."""

    def read(self, advance: Advance) -> Iterator[Part]:
        """Yield rows and rejects; call `advance` with the bytes done."""


@dataclass(frozen=True)
class Input:
    """Something to read: `names` are its headings where the whole file shares them."""

    source: str
    rows: RowSource
    size: int
    names: Sequence[str] | None = None


def find_files(named: Sequence[str], outputs: Collection[Path] = ()) -> list[Path]:
    """Return the files that paths, folders and globs name, each once, whatever it is called.

    What a batch wrote earlier in a folder, and writes again, is not read: `outputs` are its places.

    Raises:
        GuidecheckError: with every name that stands for no file.
    """
    found: dict[Path, Path] = {}
    findings: list[Finding] = []
    for name in named:
        path = Path(name)
        matches = [path] if path.exists() else [Path(match) for match in sorted(glob.glob(name, recursive=True))]
        if not matches:
            findings.append(Finding(Location(name), "no-such-file", "no such file or folder"))
        for match in matches:
            inside = _in_folder(match) if match.is_dir() else [match]
            if not inside:
                hint = f"a folder of {one_of((*TABLES, *REQUESTS))[7:]} files"
                findings.append(Finding(Location(str(match)), "empty-folder", "nothing to read in it", hint))
            for file in inside:
                place = file.resolve()
                if not (file is not match and place in outputs and is_output(file)):
                    found.setdefault(place, file)
    if findings:
        raise GuidecheckError(findings)
    return list(found.values())


def _in_folder(folder: Path) -> list[Path]:
    known = (*TABLES, *REQUESTS)
    files = (p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in known)
    return sorted(
        path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def open_inputs(
    named: Sequence[str],
    library: Library,
    *,
    delimiter: str | None,
    spool: Path,
    fault_of: Callable[[str], Callable[[tuple[str, ...]], Finding | None]],
    lines_in: Callable[[str], bool],
    outputs: Collection[Path] = (),
) -> Iterator[Input | GuidecheckError]:
    """Yield what is to be read; a file that cannot be opened is yielded as its error.

    Args:
        named: paths, folders, globs, or `-` for standard input, which is copied into the folder `spool`.
        library: what request files are read with.
        delimiter: of text tables, instead of a comma (in .tsv files a tab).
        spool: a private folder.
        fault_of: gives, for the name of a file, what tells what is wrong with the keys of a row of it.
        lines_in: tells whether the cells of a column may have several lines.
        outputs: places that are written (see `find_files`).
    """

    def opened(path: Path, source: str) -> Input | GuidecheckError:
        return _open(path, source, library, delimiter, fault_of(source), lines_in)

    seen: set[Path] = set()
    requests: list[Path] = []
    for name in dict.fromkeys(named):
        if name == STANDARD_INPUT:
            yield from _requests(requests, library)
            requests = []
            yield opened(spooled(spool), "standard input")
            continue
        for path in find_files([name], outputs):
            place = path.resolve()
            if place in seen:
                continue
            seen.add(place)
            if path.suffix.lower() in REQUESTS:
                requests.append(path)
            else:
                yield from _requests(requests, library)
                requests = []
                yield opened(path, str(path))
    yield from _requests(requests, library)


def _requests(paths: Sequence[Path], library: Library) -> Iterator[Input]:
    if paths:
        yield Input(REQUEST_FILES, RequestFiles(paths, library), sum(path.stat().st_size for path in paths))


def spooled(folder: Path) -> Path:
    """Return standard input as a file whose ending says what it looks like."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    path = Path(file.name)
    with path.open("rb") as opened:
        head = opened.read(64)
    endings = {b"PAR1": ".parquet", b"PK\x03\x04": ".xlsx"}
    ending = endings.get(head[:4], ".jsonl" if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{") else ".csv")
    return path.rename(path.with_suffix(ending))


def _open(
    path: Path,
    source: str,
    library: Library,
    delimiter: str | None,
    fault_of: Callable[[tuple[str, ...]], Finding | None],
    lines_in: Callable[[str], bool],
) -> Input | GuidecheckError:
    try:
        size = path.stat().st_size
        if not size:
            raise fault(Location(source), "empty-file", "an empty file")
        match path.suffix.lower():
            case ".parquet":
                parquet = ParquetFile(path, source)
                return Input(source, parquet, size, parquet.names)
            case ".xlsx":
                sheet = XlsxFile(path, source)
                return Input(source, sheet, size, sheet.names)
            case ".jsonl" | ".ndjson":
                return Input(source, JsonLinesFile(path, source, library, fault_of), size)
            case ".csv" | ".tsv" | ".txt":
                separator = delimiter or ("\t" if path.suffix.lower() == ".tsv" else _NO_DELIMITER)
                table = CsvFile(path, source, separator, lines_in)
                return Input(source, table, size, table.names)
        hint = one_of((*TABLES, *REQUESTS))
        raise fault(Location(source), "unknown-format", "not a kind of file that can be read", hint)
    except GuidecheckError as error:
        return error
    except OSError as error:
        return fault(Location(source), "unreadable-file", error.strerror or str(error))
