"""The shipped library and its reader of letters, made once for the tests that only look at them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from guidecheck.errors import Finding
from guidecheck.library import loading
from guidecheck.library.models import Library

if TYPE_CHECKING:
    from guidecheck.letters.reading import LetterReader

_read_anew = loading.read_library


@cache
def _read(*, examples: bool) -> tuple[Library | None, list[Finding]]:
    return _read_anew([loading.shipped_rules()], examples=examples)


def library() -> Library:
    found, findings = _read(examples=True)
    assert found is not None
    assert findings == []
    return found


@cache
def letter_reader() -> LetterReader:
    from guidecheck.letters.reading import LetterReader

    return LetterReader(library(), loading.rule_folders())


def read_library(folders: Sequence[Path], *, examples: bool = True) -> tuple[Library | None, list[Finding]]:
    """Return what `loading.read_library` does; the shipped rules by themselves are read once."""
    if list(folders) != [loading.shipped_rules()]:
        return _read_anew(folders, examples=examples)
    found, findings = _read(examples=examples)
    return found, list(findings)
