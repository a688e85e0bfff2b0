"""The rules that the options name, and what is named in them."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.options import Refused
from guidecheck.errors import shorten
from guidecheck.language.facts import ValueFault, read_choice
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library import loading
from guidecheck.library.models import Library


def folders_of(named: tuple[Path, ...]) -> list[Path]:
    """Return the folders of rules to read, and say on standard error which lie over the shipped rules."""
    folders = loading.rule_folders(named)
    shipped, *over = folders
    if over and shipped == loading.shipped_rules():
        verb = "is" if len(over) == 1 else "are"
        click.echo(f"{', '.join(map(str, over))} {verb} laid over the shipped rules", err=True)
    return folders


def library_of(named: tuple[Path, ...], *, examples: bool = False, min_confidence: str | None = None) -> Library:
    """Return the rule library that the options name; see `folders_of` and `load_library`."""
    return loading.load_library(*folders_of(named), examples=examples, min_confidence=min_confidence)


def tell_left_out(library: Library) -> None:
    """Say on standard error what `--min-confidence` leaves out, where the answer itself has no place for it."""
    if library.left_out is not None:
        click.echo(library.left_out.words, err=True)


def treatment_of(library: Library, word: str) -> str:
    """Return the treatment that a word stands for."""
    try:
        return read_choice(library.vocabulary.facts[TREATMENT], word)
    except ValueFault as fault:
        raise Refused(f"unknown treatment `{shorten(word)}`; {fault.hint}") from None
