"""`guidecheck schema`."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.libraries import library_of
from guidecheck.cli.options import rules_option
from guidecheck.cli.output import put_json
from guidecheck.schemas.schema import KINDS
from guidecheck.schemas.schema import schema as make_schema


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@rules_option
def schema(kind: str, rule_folders: tuple[Path, ...]) -> None:
    """Print the JSON Schema (draft-07) of a request or a rule file, with which editors complete and check.

    \b
    Example:
        guidecheck schema request > request.schema.json

    In an editor with a YAML language server, begin the file with

    \b
        # yaml-language-server: $schema=request.schema.json
    """
    put_json(make_schema(kind, library_of(rule_folders, examples=True)))
