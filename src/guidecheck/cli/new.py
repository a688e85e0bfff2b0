"""`guidecheck new`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from guidecheck.cli.options import Day, rules_option
from guidecheck.facts import ValueFault, read_choice
from guidecheck.library.loading import load_library
from guidecheck.library.models import Library
from guidecheck.render.characters import is_unicode, to_ascii
from guidecheck.request_form import request_form
from guidecheck.vocabulary import TREATMENT


class _Refused(click.ClickException):
    """A mistake of the caller's, said in one line."""

    exit_code = 2


@click.command()
@click.argument("treatment")
@rules_option
@click.option("--as-of", type=Day(), help="Day whose guidelines apply; without it, today.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; never overwritten.")
def new(treatment: str, rule_folders: tuple[Path, ...], as_of: date | None, out: Path | None) -> None:
    r"""Write a request form with the questions that matter for a treatment.

    \b
    Examples:
        guidecheck new massage_therapy > draft.yaml
        guidecheck new chiro --as-of 2015-08-21 --out draft.yaml

    The treatment may be named as clinics name it. Fill the form in, then run `guidecheck check` on it.
    """
    library = load_library(*rule_folders, examples=False)
    name = _treatment(library, treatment)
    day = as_of or date.today()  # noqa: DTZ011 - the day of the person who fills it in
    form = request_form(library, name, day, dated=as_of is not None)
    if out is None:
        click.echo(form if is_unicode(sys.stdout.encoding) else to_ascii(form), nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(form)
    except FileExistsError:
        raise _Refused(f"{out} exists already and is left as it is; name another file") from None
    except OSError as error:
        raise _Refused(f"{out} cannot be written: {error.strerror}") from None
    click.echo(f"{out} is written; fill it in, then run: guidecheck check {out}", err=True)


def _treatment(library: Library, word: str) -> str:
    """Return the treatment that a word stands for."""
    try:
        return read_choice(library.vocabulary.facts[TREATMENT], word)
    except ValueFault as fault:
        raise _Refused(f"unknown treatment `{' '.join(word.split())[:60]}`; {fault.hint}") from None
