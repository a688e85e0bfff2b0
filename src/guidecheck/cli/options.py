"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from guidecheck.errors import with_mend
from guidecheck.language.facts import ValueFault, read_date
from guidecheck.library.confidence_words import CONFIDENCES


class Refused(click.ClickException):
    """A mistake of the caller's, said in one line."""

    exit_code = 2


def today() -> date:
    """Return the day of the person at the keyboard, which stands in where a request has none."""
    return date.today()  # noqa: DTZ011 - their own day, not that of UTC


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
            self.fail(with_mend(fault.message, fault.hint), param, ctx)


rules_option = click.option(
    "--rules",
    "rule_folders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of rules to use instead of the shipped ones, or without a library.yaml of its own to lay over "
    "them; again for one laid over what came before.",
)

confidence_option = click.option(
    "--min-confidence",
    type=click.Choice(CONFIDENCES),
    help="Leave out the criteria and table rows that are less sure.",
)

text_or_json = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
