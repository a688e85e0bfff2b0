"""`guidecheck rules list`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from guidecheck.cli.libraries import library_of, treatment_of
from guidecheck.cli.options import Day, rules_option, text_or_json
from guidecheck.cli.output import put_json, put_page
from guidecheck.handbook.json_form import listing_json
from guidecheck.handbook.listing import listing as listed
from guidecheck.handbook.text_form import write_blocks
from guidecheck.render.page import Page


@click.command("list")
@rules_option
@click.option("--treatment", help="Only what may apply to a treatment, named as clinics name it.")
@click.option("--on", "day", type=Day(), help="Only what is in force on a day.")
@text_or_json
def listing(rule_folders: tuple[Path, ...], treatment: str | None, day: date | None, form: str) -> None:
    """List the guidelines by treatment, with the dates on which they are in force.

    \b
    Examples:
        guidecheck rules list
        guidecheck rules list --treatment exercise --on 2015-08-21
    """
    library = library_of(rule_folders)
    name = None if treatment is None else treatment_of(library, treatment)
    if form == "json":
        put_json(listing_json(library, name, day))
        return
    page = Page.for_output()
    write_blocks(page, listed(library, name, day))
    put_page(page)
