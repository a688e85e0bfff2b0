"""`guidecheck rules sql`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from guidecheck.cli.libraries import library_of
from guidecheck.cli.options import Refused, rules_option

if TYPE_CHECKING:
    from guidecheck.engine.columnar import Dialect

_DIALECTS: dict[str, Dialect] = {"duckdb": "duckdb", "spark": "pyspark"}


@click.command()
@rules_option
@click.option("--dialect", type=click.Choice(list(_DIALECTS)), default="duckdb", show_default=True)
@click.option("--records", type=click.Choice(["complete", "partial"]), default="complete", show_default=True)
def sql(rule_folders: tuple[Path, ...], dialect: str, records: str) -> None:
    """Print the rules compiled to one query over a table `cases`.

    \b
    Example:
        guidecheck rules sql --dialect spark > rules.sql

    The table has `item` (a number), `f:FACT` for each fact, `f:FACT=MEMBER` for the members of sets, and `d:FACT`
    where it matters that one is stated as undocumented. The answer has the controlling and unmet criteria as bits.
    """
    try:
        from guidecheck.engine.columnar import Compiler
    except ImportError as error:
        message = f"this needs {error.name}, which is not installed: pip install 'guidecheck[batch]'"
        raise Refused(message) from None
    program = Compiler(library_of(rule_folders)).any_rows(partial=records == "partial")
    try:
        click.echo(program.sql(_DIALECTS[dialect]))
    except ImportError as error:
        message = f"this dialect needs {error.name}, which is not installed: pip install 'guidecheck[spark]'"
        raise Refused(message) from None
