"""The commands of `guidecheck rules`."""

from __future__ import annotations

import click

from guidecheck.cli.lazy import LazyGroup

_COMMANDS = {
    "lint": "guidecheck.cli.rules.lint:lint",
    "test": "guidecheck.cli.rules.test:test",
    "diff": "guidecheck.cli.rules.diff:diff",
    "impact": "guidecheck.cli.rules.impact:impact",
    "export": "guidecheck.cli.rules.export:export",
    "sql": "guidecheck.cli.rules.sql:sql",
}


@click.group(cls=LazyGroup, targets=_COMMANDS)
def rules() -> None:
    """Lint, test and export the guidelines."""
