"""`guidecheck new`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from guidecheck.cli.libraries import library_of, treatment_of
from guidecheck.cli.options import Day, rules_option, today
from guidecheck.cli.output import put, write_new
from guidecheck.requests.request_form import request_form
from guidecheck.requests.request_reader import check_given_day


@click.command()
@click.argument("treatment")
@rules_option
@click.option("--as-of", type=Day(), help="Day whose guidelines apply; without it, today.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; never overwritten.")
def new(treatment: str, rule_folders: tuple[Path, ...], as_of: date | None, out: Path | None) -> None:
    """Write a request form with the questions that matter for a treatment.

    \b
    Examples:
        guidecheck new exercise > draft.yaml
        guidecheck new "supervised exercise" --as-of 2015-08-21 --out draft.yaml

    The treatment may be named as clinics name it. Fill the form in, then run `guidecheck check` on it.
    """
    library = library_of(rule_folders)
    name = treatment_of(library, treatment)
    if as_of is not None:
        check_given_day(library.vocabulary, as_of, today())
    form = request_form(library, name, as_of or today(), dated=as_of is not None)
    if out is None:
        put(form)
        return
    write_new(out, form)
    click.echo(f"{out} is written; fill it in, then run: guidecheck check {out}", err=True)
