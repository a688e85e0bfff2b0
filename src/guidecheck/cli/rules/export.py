"""`guidecheck rules export`."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import rules_option
from guidecheck.library.exporting import export_rules


@click.command()
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
