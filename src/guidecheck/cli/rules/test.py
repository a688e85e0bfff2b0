"""`guidecheck rules test`."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import rules_option
from guidecheck.library.loading import read_library
from guidecheck.rule_tests import run_examples

EXIT_FAILED = 1
EXIT_UNUSABLE = 2


@click.command()
@rules_option
def test(rule_folders: tuple[Path, ...]) -> None:
    """Run the examples that the guidelines and rules/examples carry.

    \b
    Examples:
        guidecheck rules test
        guidecheck rules test --rules my-rules

    Exit status: 0 all of them hold, 1 some don't or have mistakes, 2 the rules have mistakes.
    """
    library, findings = read_library(folders_of(rule_folders))
    if library is None or findings:
        for finding in findings:
            click.echo(str(finding), err=True)
        raise click.exceptions.Exit(EXIT_UNUSABLE)
    run = run_examples(library)
    for finding in sorted(run.findings):
        click.echo(str(finding))
    click.echo(f"{run.passed} passed, {run.failed} failed")
    raise click.exceptions.Exit(EXIT_FAILED if run.failed else 0)
