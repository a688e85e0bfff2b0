"""`guidecheck letter`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from guidecheck.checking import Checker
from guidecheck.cli.options import Day, rules_option
from guidecheck.letter import draft_letter
from guidecheck.library.loading import load_library
from guidecheck.render.characters import is_unicode, to_ascii
from guidecheck.render.letter_form import letter_html, letter_text
from guidecheck.request import Item, Request
from guidecheck.request_reader import read_request


class _Refused(click.ClickException):
    """A mistake of the caller's, said in one line."""

    exit_code = 2


@click.command()
@click.argument("request_file", metavar="REQUEST", type=click.Path(path_type=Path))
@click.option("--item", "item_id", metavar="ID", help="Item to write about, where the request has several.")
@rules_option
@click.option("--as-of", type=Day(), help="Day whose guidelines apply, instead of the request's own.")
@click.option("--format", "form", type=click.Choice(["text", "html"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="File to write; never overwritten.")
def letter(
    request_file: Path,
    item_id: str | None,
    rule_folders: tuple[Path, ...],
    as_of: date | None,
    form: str,
    out: Path | None,
) -> None:
    r"""Draft a letter of medical necessity for the treating physician to edit and sign.

    \b
    Examples:
        guidecheck letter draft.yaml
        guidecheck letter draft.yaml --item massage --format html --out letter.html

    It states only what the request states, with its evidence and the guideline's pages; what is missing or speaks
    against the request is listed after the letter, for the writer alone.
    """
    library = load_library(*rule_folders, examples=False)
    today = date.today()  # noqa: DTZ011 - the day of its writer
    request = read_request(request_file, library, as_of=as_of, today=today)
    draft = draft_letter(Checker(library).check_item(_item(request, item_id)), library, today)
    text = letter_html(draft) if form == "html" else letter_text(draft)
    if out is None:
        click.echo(text if is_unicode(sys.stdout.encoding) else to_ascii(text), nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _Refused(f"{out} exists already and is left as it is; name another file") from None
    except OSError as error:
        raise _Refused(f"{out} cannot be written: {error.strerror}") from None
    click.echo(f"{out} is written; read it, fill it in and delete the notes before it is signed", err=True)


def _item(request: Request, item_id: str | None) -> Item:
    """Return the item that is asked for, or the only one."""
    names = ", ".join(item.id for item in request.items)
    if item_id is None:
        if len(request.items) == 1:
            return request.items[0]
        raise _Refused(f"{request.case_id} has several items; name one with --item: {names}")
    found = [item for item in request.items if item.id == item_id]
    if not found:
        raise _Refused(f"{request.case_id} has no item `{' '.join(item_id.split())[:60]}`; it has {names}")
    return found[0]
