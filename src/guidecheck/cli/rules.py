"""`guidecheck rules`: lint, test and export the rule library."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import rules_option
from guidecheck.cli.rules_sql import sql
from guidecheck.library.exporting import export_rules
from guidecheck.library.loading import read_library
from guidecheck.rule_tests import lint_examples, run_examples

EXIT_FINDINGS = 1
EXIT_UNUSABLE = 2


@click.group()
def rules() -> None:
    """Lint, test and export the guidelines."""


@rules.command()
@rules_option
def lint(rule_folders: tuple[Path, ...]) -> None:
    """Report every mistake in the rules and their examples, with its place and the likely mend.

    \b
    Examples:
        guidecheck rules lint
        guidecheck rules lint --rules my-rules

    Exit status: 0 no mistake, 1 some, 2 there are no rules to read.
    """
    library, findings = read_library(folders_of(rule_folders))
    if library is not None:
        findings = sorted({*findings, *lint_examples(library)})
    for finding in findings:
        click.echo(str(finding))
    count = f"{len(findings)} mistake{'' if len(findings) == 1 else 's'}"
    click.echo(f"{count} in {len(library.guidelines)} guidelines" if library else count, err=True)
    if library is None:
        raise click.exceptions.Exit(EXIT_UNUSABLE)
    raise click.exceptions.Exit(EXIT_FINDINGS if findings else 0)


@rules.command()
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
    raise click.exceptions.Exit(EXIT_FINDINGS if run.failed else 0)


@rules.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@rules_option
def export(folder: Path, rule_folders: tuple[Path, ...]) -> None:
    """Write a copy of the rules in use to DIR, a new or empty folder, to be edited.

    Of rules laid over others (--rules more than once) it has what counts.

    \b
    Example:
        guidecheck rules export my-rules
        guidecheck check request.yaml --rules my-rules
    """
    written = export_rules(folders_of(rule_folders), folder)
    click.echo(f"{len(written)} files written to {folder}; use them with --rules {folder}", err=True)


rules.add_command(sql)
