"""Requests as commands name them: a file, or - for standard input."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from guidecheck.cli.options import today
from guidecheck.errors import Finding, Location, fault
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import parse
from guidecheck.reading.text_files import MAX_BYTES, decode
from guidecheck.requests.request import Request
from guidecheck.requests.request_reader import read_request, request_from

STANDARD_INPUT = "-"
_NAME = "standard input"


def read_named(name: str, library: Library, as_of: date | None) -> Request:
    """Return the request that a word of the command line names.

    Raises:
        GuidecheckError: with every mistake in it.
    """
    if name != STANDARD_INPUT:
        return read_request(Path(name), library, as_of=as_of, today=today())
    findings: list[Finding] = []
    node = parse(decode(_standard_input(), _NAME), _NAME, findings)
    return request_from(node, library, as_of=as_of, today=today(), findings=findings)


def _standard_input() -> bytes:
    """Return standard input as far as any request goes, and a byte more."""
    if sys.stdin is None:
        raise fault(Location(_NAME), "unreadable", "cannot be read: it is closed")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise fault(Location(_NAME), "unreadable", f"cannot be read: {error.strerror or error}") from None
