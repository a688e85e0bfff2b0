"""Letters in files, folders and ZIP archives, and their text; nothing that is no letter is read as one."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from guidecheck.letters.pdf_text import pdf_text
from guidecheck.letters.reading import NotReadable

MOST_BYTES = 5_000_000
MOST_TEXT = 200_000
_KINDS = (
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel file"),
    (b"{\\rtf", "a rich-text (RTF) file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
)
_BYTE_ORDER = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Source:
    """A letter to be read: a file, or a member of an archive. `fault` says why there is nothing to read."""

    path: str
    member: str | None = None
    fault: str | None = None
    folder: str | None = None
    """The folder given, where the letter was found in one."""

    @property
    def name(self) -> str:
        """How the letter is named in results."""
        return self.path if self.member is None else f"{self.path}/{self.member}"

    @property
    def case_id(self) -> str:
        """The id of a case whose letter has no case number: the path below the folder given, without endings."""
        path = Path(self.path) if self.folder is None else Path(self.path).relative_to(self.folder)
        whole = path if self.member is None else path.with_suffix("") / self.member
        return str(whole.with_suffix(""))

    def read(self) -> str:
        """Return the letter's text.

        Raises:
            NotReadable: it can't be had, with the reason.
        """
        if self.fault is not None:
            raise NotReadable(self.fault)
        data = self._bytes()
        return pdf_text(data) if data[:1024].lstrip().startswith(b"%PDF") else text_of(data)

    def _bytes(self) -> bytes:
        try:
            if self.member is None:
                with Path(self.path).open("rb") as file:
                    data = file.read(4 * MOST_BYTES + 1)
            else:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as file:
                    data = file.read(4 * MOST_BYTES + 1)
        except OSError as error:
            raise NotReadable(f"cannot be read: {error.strerror or error}") from None
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, KeyError) as error:
            raise NotReadable(f"cannot be taken out of the ZIP file: {type(error).__name__}") from None
        except zlib.error:
            raise NotReadable("cannot be taken out of the ZIP file: damaged") from None
        if len(data) > 4 * MOST_BYTES:
            raise NotReadable(f"larger than {4 * MOST_BYTES // 1_000_000} MB: no decision letter")
        return data


def find_sources(inputs: Iterable[str | Path]) -> Iterator[Source]:
    """Yield every letter of files, folders (with all below them) and ZIP archives, in order of name."""
    for given in inputs:
        path = Path(given)
        if path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.is_file()):
                if not any(part.startswith(".") for part in file.relative_to(path).parts):
                    for source in _of_file(file):
                        yield replace(source, folder=str(path))
        elif path.exists():
            yield from _of_file(path)
        else:
            yield Source(str(path), fault="no such file")


def _of_file(path: Path) -> Iterator[Source]:
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        yield Source(str(path), fault=f"cannot be read: {error.strerror}")
        return
    if head != b"PK\x03\x04":
        yield Source(str(path))
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: m.filename)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        yield Source(str(path), fault=f"a damaged ZIP file: {type(error).__name__}")
        return
    if any(member.filename == "[Content_Types].xml" for member in members):
        yield Source(str(path), fault="a Word or Excel file; save it as plain text or PDF")
        return
    if not members:
        yield Source(str(path), fault="an empty ZIP file")
    for member in members:
        if member.file_size > 4 * MOST_BYTES:
            yield Source(str(path), member.filename, "larger than a decision letter can be")
        elif member.flag_bits & 1:
            yield Source(str(path), member.filename, "protected by a password")
        elif member.filename.casefold().endswith(".zip"):
            yield Source(str(path), member.filename, "a ZIP file in a ZIP file; unpack it first")
        else:
            yield Source(str(path), member.filename)


def text_of(data: bytes) -> str:
    """Return the text of a text file: UTF-8, UTF-16 with its mark, or Windows-1252 with few signs beyond ASCII.

    Raises:
        NotReadable: empty, another kind of file, or not in the encoding that it claims.
    """
    if not data.strip():
        raise NotReadable("an empty file")
    if len(data) > MOST_BYTES:
        raise NotReadable(f"larger than {MOST_BYTES // 1_000_000} MB: no decision letter")
    for start, kind in _KINDS:
        if data[:64].lstrip().startswith(start):
            raise NotReadable(f"{kind}, not a letter's text")
    encoding = next((name for mark, name in _BYTE_ORDER if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise NotReadable(f"begins as {encoding.removesuffix('-sig').upper()} and is not") from None
        text = _windows_text(data)
    if len(_NO_TEXT.findall(text)) > len(text) // 1000:
        raise NotReadable("not text (binary data)")
    if len(text) > MOST_TEXT:
        raise NotReadable(f"longer than {MOST_TEXT:,} characters: no decision letter")
    return text


def _windows_text(data: bytes) -> str:
    beyond = sum(byte > 127 for byte in data)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text or beyond * 50 > len(data):
        raise NotReadable("neither UTF-8 nor Windows-1252 text")
    return text
