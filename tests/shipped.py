"""The shipped library and its reader of letters, made once for the tests that only look at them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from guidecheck.editing.rule_tests import ExampleRun, run_examples
from guidecheck.errors import Finding
from guidecheck.library import loading, rule_files
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import Node

if TYPE_CHECKING:
    from guidecheck.letters.reading import LetterReader

_read_anew = loading.read_library


@cache
def _read(*, examples: bool) -> tuple[Library | None, list[Finding]]:
    return _read_anew([loading.shipped_rules()], examples=examples)


_parse_anew = rule_files.parse


@lru_cache(maxsize=400)
def _parsed(text: str, path: str) -> tuple[Node, list[Finding]]:
    findings: list[Finding] = []
    return _parse_anew(text, path, findings), findings


def parse(text: str, path: str, findings: list[Finding] | None = None) -> Node:
    """Return what `marked_yaml.parse` does; the same text of the same file is parsed once."""
    node, found = _parsed(text, path)
    if findings is None and found:
        return _parse_anew(text, path)
    if findings is not None:
        findings.extend(found)
    return node


def library() -> Library:
    found, findings = _read(examples=True)
    assert found is not None
    assert findings == []
    return found


@cache
def examples_run() -> ExampleRun:
    """Return what running the shipped examples gave."""
    return run_examples(library())


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
