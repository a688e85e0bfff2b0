"""Letters in files, folders and ZIP archives, and their text; nothing that is no letter is read as one."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

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
    (b"PAR1", "a Parquet file"),
)
_TEXT_KINDS = (
    (re.compile(r"<(!doctype|html|head|body|!--)", re.IGNORECASE), "a web page"),
    (re.compile(r"<\?xml", re.IGNORECASE), "a web page or another XML file"),
    # The first lines of a saved mail, one of which only mails have.
    (
        re.compile(
            r"(?:[ \t].*\n|[!-9;-~]+:.*\n|From .*\n){0,200}?"
            r"(?:mime-version|content-transfer-encoding|message-id|return-path|delivered-to):",
            re.IGNORECASE,
        ),
        "a saved e-mail; save the letter in it as a file of its own",
    ),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How an archive begins, and one without members."""
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
    held: zipfile.ZipInfo | None = None
    """What the archive says of the member: where it is, for the names of two may be the same."""

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
            if self.held is None:
                with Path(self.path).open("rb") as file:
                    data = file.read(4 * MOST_BYTES + 1)
            else:
                with _archive(self.path, Path(self.path).stat().st_mtime_ns).open(self.held) as member:
                    data = member.read(4 * MOST_BYTES + 1)
        except OSError as error:
            raise NotReadable(f"cannot be read: {error.strerror or error}") from None
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, KeyError) as error:
            raise NotReadable(f"cannot be taken out of the ZIP file: {type(error).__name__}") from None
        except zlib.error:
            raise NotReadable("cannot be taken out of the ZIP file: damaged") from None
        if len(data) > 4 * MOST_BYTES:
            raise NotReadable(f"larger than {4 * MOST_BYTES // 1_000_000} MB: no decision letter")
        return data


@lru_cache(maxsize=1)
def _archive(path: str, changed: int) -> zipfile.ZipFile:
    """Return an open archive; the last one stays open, as its list of members takes long to read."""
    return zipfile.ZipFile(path)


def find_letters(inputs: Iterable[str | Path], written: Collection[Path] = ()) -> Iterator[Source]:
    """Yield every letter of files, folders (with all below them) and ZIP archives, in order of name.

    Args:
        inputs: the files, folders and archives.
        written: places that are written; what an earlier run wrote there is no letter of a folder.
    """
    for given in inputs:
        path = Path(given)
        if path.is_dir():
            for source in _of_folder(path, written):
                yield replace(source, folder=str(path))
        else:
            yield from _of_file(path)


def letter_named(name: str | Path) -> Source:
    """Return the letter that results name so: a file, or behind the path of an archive a member of it.

    Raises:
        NotReadable: there is none.
    """
    path = Path(name)
    archive = next((above for above in path.parents if above.is_file()), None)
    found = list(_of_file(archive or path))
    for source in found:
        if source.name == str(path) or (archive is not None and source.member is None):
            return source
    if archive is not None:
        raise NotReadable(f"{archive} has no such letter")
    raise NotReadable(f"a ZIP file: name a letter in it, such as {found[0].name}")


def _of_folder(folder: Path, written: Collection[Path]) -> Iterator[Source]:
    """Yield what lies in a folder and below it; hidden files are left out, what else can't be read is told."""
    names = {path.name for path in written}
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if not path.is_dir():
            if not (path.name in names and path.resolve() in written and _is_output(path)):
                yield from _of_file(path)
        elif path.is_symlink() and path != folder:
            yield Source(str(path), fault="a link to a folder; name that folder as an INPUT of its own")
        else:
            try:
                inside = sorted(os.listdir(path), reverse=True)
            except OSError as error:
                yield Source(str(path), fault=f"a folder that cannot be read: {error.strerror}")
                continue
            waiting += [path / name for name in inside if not _is_hidden(name)]


def _is_hidden(name: str) -> bool:
    """Tell whether a file of this name is the computer's rather than a person's."""
    return name.startswith(".") and name not in (".", "..")


def _is_output(path: Path) -> bool:
    """Tell whether a file looks like cases, details or rejects, rather than like a letter."""
    with path.open("rb") as file:
        return file.read(4) in (b"", b'{"ca', b'{"fi', b"PAR1")


def _of_file(path: Path) -> Iterator[Source]:
    if not path.is_file():
        if path.exists():
            fault = "a pipe or a device; a file was expected"
        else:
            fault = "a link to a file that is not there" if path.is_symlink() else "no such file"
        yield Source(str(path), fault=fault)
        return
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        yield Source(str(path), fault=f"cannot be read: {error.strerror}")
        return
    if head in _ZIP:
        yield from _of_archive(path)
    else:
        yield Source(str(path))


def _of_archive(path: Path) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: m.filename)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        yield Source(str(path), fault=f"a damaged ZIP file: {type(error).__name__}")
        return
    if any(member.filename == "[Content_Types].xml" for member in members):
        yield Source(str(path), fault="a Word or Excel file; save it as plain text or PDF")
        return
    members = [m for m in members if not any(map(_is_hidden, m.filename.split("/")))]
    if not members:
        yield Source(str(path), fault="a ZIP file with nothing to read in it")
    named: Counter[str] = Counter()
    for member in members:
        named[member.filename] += 1
        source = Source(str(path), _numbered(member.filename, named[member.filename]), held=member)
        if member.file_size > 4 * MOST_BYTES:
            yield replace(source, fault="larger than a decision letter can be")
        elif member.flag_bits & 1:
            yield replace(source, fault="protected by a password")
        elif member.filename.casefold().endswith(".zip"):
            yield replace(source, fault="a ZIP file in a ZIP file; unpack it first")
        else:
            yield source


def _numbered(name: str, count: int) -> str:
    """Return a member's name, with a number where others before it have the same."""
    whole = PurePosixPath(name)
    return name if count == 1 else str(whole.with_name(f"{whole.stem} ({count}){whole.suffix}"))


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
            raise NotReadable(f"{kind}: not a letter's text")
    encoding = next((name for mark, name in _BYTE_ORDER if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise NotReadable(f"begins as {encoding.removesuffix('-sig').upper()} and is not") from None
        text = _windows_text(data)
    if len(_NO_TEXT.findall(text)) > len(text) // 1000:
        raise NotReadable("not text (binary data)")
    head = text[:20_000].lstrip().replace("\r\n", "\n")
    for begins, kind in _TEXT_KINDS:
        if begins.match(head):
            raise NotReadable(f"{kind}: not a letter's text")
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
