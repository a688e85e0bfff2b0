"""`guidecheck rules lint`."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import rules_option
from guidecheck.library.loading import read_library
from guidecheck.rule_tests import lint_examples

EXIT_FINDINGS = 1
EXIT_UNUSABLE = 2


@click.command()
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
