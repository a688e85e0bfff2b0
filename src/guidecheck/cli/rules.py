"""`guidecheck rules`: lint, test and export the rule library."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.options import rules_option
from guidecheck.library.loading import read_library, rule_folders
from guidecheck.rule_tests import lint_examples, run_examples

EXIT_FINDINGS = 1
EXIT_UNUSABLE = 2


@click.group()
def rules() -> None:
    """Lint, test and export the guidelines."""


@rules.command()
@rules_option
def lint(rule_folders: tuple[Path, ...]) -> None:
    """Report every mistake in the rules, with its place and the likely mend."""
    folders = _folders(rule_folders)
    library, findings = read_library(folders)
    if library is not None:
        findings = sorted({*findings, *lint_examples(library)})
    for finding in findings:
        click.echo(str(finding))
    if library is None:
        raise click.exceptions.Exit(EXIT_UNUSABLE)
    click.echo(f"{len(findings)} findings in {len(library.guidelines)} guidelines", err=True)
    raise click.exceptions.Exit(EXIT_FINDINGS if findings else 0)


@rules.command()
@rules_option
def test(rule_folders: tuple[Path, ...]) -> None:
    """Run the examples that the guidelines and rules/examples carry."""
    library, findings = read_library(_folders(rule_folders))
    if library is None or findings:
        for finding in findings:
            click.echo(str(finding), err=True)
        raise click.exceptions.Exit(EXIT_UNUSABLE)
    count, failures = run_examples(library)
    for failure in failures:
        click.echo(str(failure))
    click.echo(
        f"{count - len({f.location for f in failures})} passed, {len({f.location for f in failures})} failed"
    )
    raise click.exceptions.Exit(EXIT_FINDINGS if failures else 0)


def _folders(named: tuple[Path, ...]) -> list[Path]:
    return rule_folders(named)
