"""`guidecheck rules show`."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.libraries import library_of
from guidecheck.cli.options import Refused, rules_option, text_or_json
from guidecheck.cli.output import put_json, put_page
from guidecheck.errors import did_you_mean, shorten
from guidecheck.handbook.json_form import criterion_json, guideline_json
from guidecheck.handbook.pages import LibraryPages
from guidecheck.handbook.text_form import write_blocks
from guidecheck.library.models import Criterion, Guideline, Library
from guidecheck.render.page import Page


@click.command()
@click.argument("name", metavar="GUIDELINE|CRITERION")
@rules_option
@text_or_json
def show(name: str, rule_folders: tuple[Path, ...], form: str) -> None:
    """Show a guideline in prose, with where it stands, or a criterion with its history over the editions.

    \b
    Examples:
        guidecheck rules show GUIDELINE
        guidecheck rules show GUIDELINE.CRITERION

    `guidecheck rules list` has the names of the guidelines.
    """
    library = library_of(rule_folders)
    shown = _named(library, name)
    if form == "json":
        made = guideline_json if isinstance(shown, Guideline) else criterion_json
        put_json(made(library, shown))  # type: ignore[arg-type]
        return
    page = Page.for_output()
    pages = LibraryPages(library)
    write_blocks(page, pages.guideline(shown) if isinstance(shown, Guideline) else pages.criterion(shown))
    put_page(page)


def _named(library: Library, name: str) -> Guideline | Criterion:
    if name in library.guidelines:
        return library.guidelines[name]
    keys = {criterion.key: criterion for criterion in library.criteria()}
    if name in keys:
        return keys[name]
    same = [criterion.key for criterion in library.criteria() if criterion.id == name]
    if same:
        more = f" and {len(same) - 3} more" if len(same) > 3 else ""
        raise Refused(f"`{name}` is a criterion of {', '.join(same[:3])}{more}; name one of these")
    hint = did_you_mean(name, {*library.guidelines, *keys}) or "`guidecheck rules list` names the guidelines"
    raise Refused(f"no guideline or criterion `{shorten(name)}`; {hint}")
