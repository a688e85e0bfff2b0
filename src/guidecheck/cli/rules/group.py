"""The commands of `guidecheck rules`."""

from __future__ import annotations

import click

from guidecheck.cli.lazy import LazyGroup

_COMMANDS = {
    "list": "guidecheck.cli.rules.listing:listing",
    "show": "guidecheck.cli.rules.show:show",
    "explain": "guidecheck.cli.rules.explain:explain",
    "docs": "guidecheck.cli.rules.docs:docs",
    "new": "guidecheck.cli.rules.new:new",
    "fmt": "guidecheck.cli.rules.fmt:fmt",
    "lint": "guidecheck.cli.rules.lint:lint",
    "test": "guidecheck.cli.rules.test:test",
    "diff": "guidecheck.cli.rules.diff:diff",
    "impact": "guidecheck.cli.rules.impact:impact",
    "export": "guidecheck.cli.rules.export:export",
    "sql": "guidecheck.cli.rules.sql:sql",
}


@click.group(cls=LazyGroup, targets=_COMMANDS)
def rules() -> None:
    """Read, write, lint and test the guidelines."""
