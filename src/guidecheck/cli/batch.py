"""`guidecheck batch`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guidecheck.cli.libraries import library_of
from guidecheck.cli.options import Refused, rules_option
from guidecheck.errors import Finding, GuidecheckError, Location
from guidecheck.marked_yaml import Mapping, Scalar, load

if TYPE_CHECKING:
    from guidecheck.batch.run import Outcome, Progress

MOST_EXPLAINED = 200
"""Disagreements that a report opens; the results file has them all."""

EXIT_CLEAN = 0
EXIT_SOME_REJECTED = 1
EXIT_NOTHING_USABLE = 2

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@rules_option
@click.option("--out", type=_FILE, metavar="FILE", help="Results: .parquet, .csv or .jsonl.")
@click.option("--metrics", type=_FILE, metavar="FILE", help="Scorecard as JSON.")
@click.option("--report", type=_FILE, metavar="FILE", help="Scorecard as one HTML page.")
@click.option(
    "--rejects", type=_FILE, metavar="FILE", help="Rows that can't be used, with the reason: JSON Lines."
)
@click.option("--engine", type=click.Choice(["duckdb", "durable", "spark"]), default="duckdb", show_default=True)
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
    try:
        from guidecheck.batch.run import Options, run_batch
    except ImportError as error:
        raise Refused(
            f"`batch` needs {error.name}, which is not installed: pip install 'guidecheck[batch]'"
        ) from None
    library = library_of(rule_folders)
    options = Options(
        inputs=inputs,
        out=out,
        rejects=rejects,
        metrics=metrics,
        engine=engine,
        partial=records == "partial",
        keep=keep,
        renamed=_read_map(map_file),
        delimiter=_one_sign(delimiter),
        explained=MOST_EXPLAINED if report is not None else 0,
    )
    with _progress() as progress:
        outcome = run_batch(options, library, progress)
    if report is not None:
        from guidecheck.batch.output_files import replacing
        from guidecheck.scoring.report import report_page

        with replacing(report) as part:
            part.write_text(report_page(outcome.scorecard, outcome.disagreements), encoding="utf-8")
    _tell(outcome, rejects)
    if not outcome.items:
        raise click.exceptions.Exit(EXIT_NOTHING_USABLE)
    raise click.exceptions.Exit(EXIT_SOME_REJECTED if outcome.rejected else EXIT_CLEAN)


def _one_sign(text: str | None) -> str | None:
    if text is None:
        return None
    sign = "\t" if text in ("tab", "\\t") else text
    if len(sign) != 1 or sign in '"\r\n':
        raise click.BadParameter("one sign, or `tab`", param_hint="--delimiter")
    return sign


def _read_map(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    findings: list[Finding] = []
    node = load(path, findings)
    renamed: dict[str, str] = {}
    if isinstance(node, Mapping):
        for key, value in node.entries:
            if isinstance(value, Scalar):
                renamed[key.text] = value.text
            else:
                findings.append(Finding(value.at, "wrong-type", f"`{key.text}` must name one fact"))
    else:
        findings.append(
            Finding(Location(str(path)), "wrong-type", "not a mapping", "write `COLUMN: fact` on each line")
        )
    if findings:
        raise GuidecheckError(findings)
    return renamed


@contextmanager
def _progress() -> Iterator[Progress]:
    """Give what shows a bar on a terminal, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from guidecheck.batch.run import Progress

    if not sys.stderr.isatty():
        yield Progress()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield Progress(
            start=lambda size: bar.update(task, total=size), advance=lambda done: bar.advance(task, done)
        )


def _tell(outcome: Outcome, rejects: Path | None) -> None:
    """Write a summary to standard output, and rejects that no file takes to standard error."""
    from guidecheck.scoring.summary import summary_lines

    click.echo(f"{outcome.items:,} items answered, {outcome.rejected:,} rejected")
    for line in summary_lines(outcome.scorecard):
        click.echo(line)
    if rejects is None:
        for reject in outcome.first_rejects:
            place = reject.source if reject.row is None else f"{reject.source}:{reject.row}"
            click.echo(f"{place}: rejected: {reject.reason}", err=True)
        more = outcome.rejected - len(outcome.first_rejects)
        if more > 0:
            click.echo(f"and {more:,} more; --rejects FILE lists them all", err=True)
