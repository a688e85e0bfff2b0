"""`guidecheck rules test`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import Refused, rules_option
from guidecheck.editing.rule_tests import ExampleRun, run_examples
from guidecheck.library.loading import read_library

if TYPE_CHECKING:
    from guidecheck.library.models import Library

EXIT_FAILED = 1
EXIT_UNUSABLE = 2

_MOST_JOBS = 64


@click.command()
@rules_option
@click.option("--coverage", is_flag=True, help="Say which criterion no example expects in which status.")
@click.option(
    "--mutate", is_flag=True, help="Change each limit, test, guard and value in turn; say what nobody notices."
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    default=0,
    metavar="PERCENT",
    help="The least share that --coverage and --mutate must reach.",
)
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Results as XML.")
@click.option(
    "--jobs",
    type=click.IntRange(1, _MOST_JOBS),
    default=lambda: min(os.cpu_count() or 1, 4),
    show_default="the processors, at most 4",
    help="Processes that share the work of --mutate.",
)
def test(
    rule_folders: tuple[Path, ...], coverage: bool, mutate: bool, threshold: float, junit: Path | None, jobs: int
) -> None:
    """Run the examples that the guidelines and rules/examples carry, and say what they leave untested.

    \b
    Examples:
        guidecheck rules test
        guidecheck rules test --rules my-rules --coverage --threshold 100
        guidecheck rules test --rules my-rules --mutate

    --mutate changes the guidelines, and the tables and derivations of the vocabulary. It leaves alone the limits
    of facts and what a treatment needs: `rules diff` and `rules impact` show what a change there does.

    Exit status: 0 all of them hold, 1 some don't or have mistakes, or a share is below the threshold, 2 the rules
    have mistakes.
    """
    folders = folders_of(rule_folders)
    library, findings = read_library(folders)
    if library is None or findings:
        for finding in findings:
            click.echo(str(finding), err=True)
        raise click.exceptions.Exit(EXIT_UNUSABLE)
    run = run_examples(library)
    for finding in sorted(run.findings):
        click.echo(str(finding))
    click.echo(f"{run.passed} passed, {run.failed} failed")
    if junit is not None:
        _write(junit, run)
    enough = True
    if coverage:
        enough &= _tell_coverage(library, run, threshold)
    if mutate:
        if run.failed:
            raise Refused("no mutants: examples must hold before they can notice anything")
        enough &= _tell_mutants(library, folders, threshold, jobs)
    raise click.exceptions.Exit(EXIT_FAILED if run.failed or not enough else 0)


def _write(path: Path, run: ExampleRun) -> None:
    from guidecheck.editing.junit import junit_report

    try:
        path.write_text(junit_report(run.results), encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror or error}") from None


def _tell_coverage(library: Library, run: ExampleRun, threshold: float) -> bool:
    """Write what no example expects; return whether the rest is enough."""
    from guidecheck.editing.coverage import measure_coverage

    found = measure_coverage(library, ((result.example, result.answer) for result in run.results))
    for one in found.unseen:
        click.echo(f"{one.at}: no example expects `{one.criterion}` {one.status}; it is with {one.facts}")
    click.echo(
        f"coverage: {_percent(found.share)} of the statuses that criteria can reach ({found.seen:,} of "
        f"{found.reachable:,})"
    )
    return _is_enough("coverage", found.share, threshold)


def _tell_mutants(library: Library, folders: list[Path], threshold: float, jobs: int) -> bool:
    """Write which changes nobody notices; return whether the rest is enough."""
    from guidecheck.editing.mutation import mutate

    with _progress() as done:
        found = mutate(folders, library, jobs=jobs, done=done)
    for one in found.survivors:
        mend = f"; an example would, with {one.facts}" if one.facts else ""
        click.echo(f"{one.at}: no example notices, of `{one.subject}`: {one.words}{mend}")
    click.echo(
        f"mutants: {_percent(found.score)} noticed ({found.noticed:,} of {found.counted:,}); "
        f"{found.equivalent:,} more can make no difference"
    )
    return _is_enough("mutants", found.score, threshold)


def _percent(share: float) -> str:
    # Rounded down: 100.0% means all of them.
    return f"{int(share * 1000) / 10:.1f}%"


def _is_enough(what: str, share: float, threshold: float) -> bool:
    if share * 100 >= threshold:
        return True
    click.echo(f"{what}: below the threshold of {threshold:g}%", err=True)
    return False


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Give what shows a bar on a terminal, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("mutants", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
