"""Files as text: UTF-8, of a bounded size, and nothing that only looks like a text file."""

from __future__ import annotations

import re
from pathlib import Path

from guidecheck.errors import Location, did_you_mean, fault

MAX_BYTES = 5_000_000
_MOST_NEIGHBOURS = 2_000

# What programs that people type forms with save, unless told otherwise.
_SIGNATURES = (
    (b"PK\x03\x04", "a Word, Excel or ZIP file"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel file"),
    (b"%PDF", "a PDF file"),
    (b"{\\rtf", "a rich-text (RTF) file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAVE_AS = "save it as plain text (in Word or Notepad: Save as, plain text, encoding UTF-8)"

# What YAML allows in a file; anything else is no text.
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path, *, most: int = MAX_BYTES) -> str:
    """Return a file's text.

    Raises:
        GuidecheckError: no file, a folder, not readable, larger than `most` bytes, not UTF-8, or binary.
    """
    at = Location(str(path))
    try:
        if path.is_dir():
            raise fault(at, "is-a-folder", "this is a folder; a file was expected", "name a file in it")
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except FileNotFoundError:
        raise fault(at, "no-such-file", "no such file", _neighbour(path) or "check its name and folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise fault(at, "unreadable", f"cannot be read: {reason}", "check the file's permissions") from None
    return decode(data, str(path), most=most)


def _neighbour(path: Path) -> str:
    try:
        names = [entry.name for entry, _ in zip(path.parent.iterdir(), range(_MOST_NEIGHBOURS), strict=False)]
    except (OSError, ValueError):
        return ""
    return did_you_mean(path.name, names)


def decode(data: bytes, name: str, *, most: int = MAX_BYTES) -> str:
    """Return bytes as text, under the same bounds and errors as `read_text`."""
    at = Location(name)
    if len(data) > most:
        message = f"larger than {most // 1_000_000} MB, the most that is read"
        raise fault(at, "too-large", message, "is this the right file?")
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise fault(at, "binary", f"this is {kind}, not a text file", _SAVE_AS)
    if data.startswith(_UTF16) or data[1:8:2] == b"\0\0\0\0":
        raise fault(
            at, "not-utf8", "the file is saved as UTF-16 (some programs call it Unicode)", "save it as UTF-8"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8", "replace")) + 1
        message = f"a character that isn't saved as UTF-8 (byte {data[error.start]:#04x})"
        hint = "save the file with the encoding UTF-8"
        raise fault(Location(name, line, column), "not-utf8", message, hint) from None
    strange = _NOT_TEXT.search(text)
    if strange:
        index = strange.start()
        place = Location(name, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))
        message = f"not a text file (it has a control character, U+{ord(strange[0]):04X})"
        raise fault(place, "binary", message, _SAVE_AS)
    return text
