"""Standard output and files: what happens where writing fails is decided here, for every command."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from guidecheck.cli.options import Refused
from guidecheck.render.characters import is_unicode, to_ascii

if TYPE_CHECKING:
    from guidecheck.render.page import Page


def put(text: str) -> None:
    """Write a text to standard output, in ASCII where that can carry no more."""
    click.echo(text if is_unicode(sys.stdout.encoding) else to_ascii(text), nl=False)


def put_json(data: object) -> None:
    """Write data to standard output as JSON."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=not is_unicode(sys.stdout.encoding)))


def put_page(page: Page) -> None:
    """Write a page to standard output.

    It has no color where none is wanted; click would strip what it means to have.
    """
    click.echo(page.text, nl=False, color=True)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(f"{path} exists already and is left as it is; name another file") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from None


def guard_streams() -> None:
    """Make the process's own output streams fail as `_Guarded` says, whoever writes to them (click's help too)."""
    if sys.stdout is sys.__stdout__:
        sys.stdout = _guarded(sys.stdout, "strict", tells=True)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _guarded(sys.stderr, "backslashreplace", tells=False)


class _Guarded(io.RawIOBase):
    """The bytes of an output stream, written below all buffers.

    A reader that has gone (`| head`) is no mistake: what is left is dropped, and the command ends with the status
    it would have had. Any other failure is told once; on standard error there is nobody left to tell.
    """

    def __init__(self, raw: io.RawIOBase | None, *, tells: bool) -> None:
        self._raw = raw
        self._tells = tells

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._raw is not None and self._raw.isatty()

    def fileno(self) -> int:
        return super().fileno() if self._raw is None else self._raw.fileno()

    def write(self, data: Any) -> int | None:
        reason = "it is closed"
        if self._raw is not None:
            try:
                return self._raw.write(data)
            except BrokenPipeError:
                self._tells = False
            except OSError as error:
                reason = error.strerror or str(error)
        if self._tells:
            self._tells = False  # what the buffers still hold is written again at the end, and lost
            raise Refused(f"cannot write to standard output: {reason}")
        return len(data)


def _guarded(stream: TextIO | None, errors: str, *, tells: bool) -> TextIO:
    if stream is None:  # closed before the process began
        return io.TextIOWrapper(io.BufferedWriter(_Guarded(None, tells=tells)), "utf-8", errors)
    buffer: Any = stream.buffer
    raw = _Guarded(getattr(buffer, "raw", buffer), tells=tells)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), stream.encoding, stream.errors, line_buffering=bool(stream.line_buffering)
    )
