"""`guidecheck rules sql`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from guidecheck.cli.extras import needing
from guidecheck.cli.libraries import library_of, tell_left_out
from guidecheck.cli.options import confidence_option, rules_option

if TYPE_CHECKING:
    from guidecheck.engine.columnar import Dialect

_DIALECTS: dict[str, Dialect] = {"duckdb": "duckdb", "spark": "pyspark"}


@click.command()
@rules_option
@confidence_option
@click.option("--dialect", type=click.Choice(list(_DIALECTS)), default="duckdb", show_default=True)
@click.option("--records", type=click.Choice(["complete", "partial"]), default="complete", show_default=True)
def sql(rule_folders: tuple[Path, ...], min_confidence: str | None, dialect: str, records: str) -> None:
    """Print the rules compiled to one query over a table `cases`.

    \b
    Example:
        guidecheck rules sql --dialect spark > rules.sql

    Comments at its head say which columns the table has, and which bit of the answer stands for which criterion.
    """
    with needing("batch", "`rules sql`"):
        from guidecheck.engine.columnar import Compiler
        from guidecheck.engine.columnar_notes import notes
    library = library_of(rule_folders, min_confidence=min_confidence)
    tell_left_out(library)
    program = Compiler(library).any_rows(partial=records == "partial")
    with needing("spark", "this dialect"):
        for note in notes(program, _DIALECTS[dialect]):
            click.echo(f"-- {note}".rstrip())
        click.echo(program.sql(_DIALECTS[dialect]))
