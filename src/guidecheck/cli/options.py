"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from guidecheck.facts import ValueFault, read_date


class Day(click.ParamType[date]):
    """A date written 2015-08-21."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date that a text names."""
        if isinstance(value, date):
            return value
        try:
            return read_date(str(value))
        except ValueFault as fault:
            self.fail(f"{fault.message}; {fault.hint}" if fault.hint else fault.message, param, ctx)


rules_option = click.option(
    "--rules",
    "rule_folders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of rules to use instead of the shipped ones; again for one laid over it.",
)
