"""`guidecheck batch`."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guidecheck.cli.case_tables import one_sign, progress_bar, read_map
from guidecheck.cli.extras import needing
from guidecheck.cli.libraries import library_of, tell_left_out
from guidecheck.cli.options import confidence_option, rules_option

if TYPE_CHECKING:
    from guidecheck.batch.options import Outcome

MOST_EXPLAINED = 200
"""Disagreements that a report opens; the results file has them all."""

EXIT_CLEAN = 0
EXIT_SOME_REJECTED = 1
EXIT_NOTHING_USABLE = 2

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@rules_option
@confidence_option
@click.option("--out", type=_FILE, metavar="FILE", help="Results: .parquet, .csv or .jsonl.")
@click.option("--metrics", type=_FILE, metavar="FILE", help="Scorecard as JSON.")
@click.option("--report", type=_FILE, metavar="FILE", help="Scorecard as one HTML page.")
@click.option(
    "--rejects", type=_FILE, metavar="FILE", help="Rows that can't be used, with the reason: JSON Lines."
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "duckdb", "durable", "spark"]),
    default="auto",
    show_default=True,
    help="What answers; auto is durable for the first few hundred rows, else duckdb.",
)
@click.option(
    "--records",
    type=click.Choice(["complete", "partial"]),
    default="complete",
    show_default=True,
    help="For rows that don't say.",
)
@click.option("--map", "map_file", type=_FILE, metavar="FILE", help="YAML file: COLUMN: fact it stands for.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="Pass a column through to the results.")
@click.option("--delimiter", metavar="SIGN", help="What separates the columns of text tables; `tab` for a tab.")
def batch(
    inputs: tuple[str, ...],
    rule_folders: tuple[Path, ...],
    min_confidence: str | None,
    out: Path | None,
    metrics: Path | None,
    report: Path | None,
    rejects: Path | None,
    engine: str,
    records: str,
    map_file: Path | None,
    keep: tuple[str, ...],
    delimiter: str | None,
) -> None:
    """Answer every row of tables of cases, and score the answers against the actual outcomes.

    INPUT: CSV, TSV, XLSX, JSON Lines or Parquet files, request files, folders or globs of them, - for standard
    input.

    \b
    Examples:
        guidecheck batch history.csv --out results.parquet --metrics metrics.json
        guidecheck batch cases/ --records partial --rejects rejects.jsonl
        guidecheck batch export.csv --map columns.yaml --out results.csv

    Exit status: 0 nothing rejected, 1 some rows rejected, 2 nothing usable.
    """
    with needing("batch", "`batch`"):
        from guidecheck.batch.options import Options
        from guidecheck.batch.run import run_batch
    library = library_of(rule_folders, min_confidence=min_confidence)
    tell_left_out(library)
    options = Options(
        inputs=inputs,
        out=out,
        rejects=rejects,
        metrics=metrics,
        report=report,
        engine=engine,
        partial=records == "partial",
        keep=keep,
        renamed=read_map(map_file),
        delimiter=one_sign(delimiter),
        explained=MOST_EXPLAINED if report is not None else 0,
        read=() if map_file is None else (map_file,),
    )
    with progress_bar() as progress:
        outcome = run_batch(options, library, progress)
    _tell(outcome, rejects)
    if not outcome.items:
        raise click.exceptions.Exit(EXIT_NOTHING_USABLE)
    raise click.exceptions.Exit(EXIT_SOME_REJECTED if outcome.rejected else EXIT_CLEAN)


def _tell(outcome: Outcome, rejects: Path | None) -> None:
    """Write a summary to standard output, and rejects that no file takes to standard error."""
    from guidecheck.scoring.summary import summary_lines

    items = "item" if outcome.items == 1 else "items"
    click.echo(f"{outcome.items:,} {items} answered, {outcome.rejected:,} rejected")
    if not outcome.items and not outcome.rejected:
        click.echo("the inputs have no rows: nothing stands below their headings", err=True)
    for line in summary_lines(outcome.scorecard):
        click.echo(textwrap.fill(line, 80, subsequent_indent="    "))
    if rejects is None:
        for reject in outcome.first_rejects:
            place = reject.source if reject.row is None else f"{reject.source}:{reject.row}"
            click.echo(f"{place}: rejected: {reject.reason}", err=True)
        more = outcome.rejected - len(outcome.first_rejects)
        if more > 0:
            click.echo(f"and {more:,} more; --rejects FILE lists them all", err=True)
