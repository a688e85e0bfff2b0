"""`guidecheck letter`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from guidecheck.cli.libraries import library_of
from guidecheck.cli.options import Day, Refused, rules_option, today
from guidecheck.cli.output import put, write_new
from guidecheck.cli.requests import read_named
from guidecheck.deciding.checking import Checker
from guidecheck.errors import shorten
from guidecheck.explaining.letter import draft_letter
from guidecheck.render.letter_form import letter_html, letter_text
from guidecheck.requests.request import Item, Request


@click.command()
@click.argument("request_name", metavar="REQUEST", type=click.Path())
@click.option("--item", "item_id", metavar="ID", help="Item to write about, where the request has several.")
@rules_option
@click.option("--as-of", type=Day(), help="Day whose guidelines apply, instead of the request's own.")
@click.option("--format", "form", type=click.Choice(["text", "html"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="File to write; never overwritten.")
def letter(
    request_name: str,
    item_id: str | None,
    rule_folders: tuple[Path, ...],
    as_of: date | None,
    form: str,
    out: Path | None,
) -> None:
    """Draft a letter of medical necessity for the treating physician to edit and sign.

    \b
    Examples:
        guidecheck letter draft.yaml
        guidecheck letter - < draft.yaml
        guidecheck letter draft.yaml --item first --out letter.txt
        guidecheck letter draft.yaml --format html --out letter.html

    It states only what the request states, with its evidence and the guideline's pages; what is missing or speaks
    against the request is listed after the letter, for the writer alone.
    """
    library = library_of(rule_folders)
    request = read_named(request_name, library, as_of)
    draft = draft_letter(Checker(library).check_item(_item(request, item_id)), library, today())
    text = letter_html(draft) if form == "html" else letter_text(draft)
    if out is None:
        put(text)
        return
    write_new(out, text)
    click.echo(f"{out} is written; read it, fill it in and delete the notes before it is signed", err=True)


def _item(request: Request, item_id: str | None) -> Item:
    """Return the item that is asked for, or the only one."""
    names = ", ".join(item.id for item in request.items)
    if item_id is None:
        if len(request.items) == 1:
            return request.items[0]
        raise Refused(f"{request.case_id} has several items; name one with --item: {names}")
    found = [item for item in request.items if item.id == item_id]
    if not found:
        raise Refused(f"{request.case_id} has no item `{shorten(item_id)}`; it has {names}")
    return found[0]
