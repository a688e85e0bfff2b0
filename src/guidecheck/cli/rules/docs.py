"""`guidecheck rules docs`."""

from __future__ import annotations

from pathlib import Path

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import rules_option
from guidecheck.handbook.folder import INDEX_PAGE, markdown_pages
from guidecheck.library.loading import load_library
from guidecheck.new_folder import check_new_folder, write_folder


@click.command()
@click.argument("folder", metavar="OUT", type=click.Path(path_type=Path))
@rules_option
def docs(folder: Path, rule_folders: tuple[Path, ...]) -> None:
    """Write the library as Markdown for clinicians to OUT, a new or empty folder.

    It has an index by treatment, a page for each guideline with where each number stands, and the vocabulary.

    \b
    Example:
        guidecheck rules docs handbook
    """
    folders = folders_of(rule_folders)
    check_new_folder(folder, folders)
    written = write_folder(folder, markdown_pages(load_library(*folders, examples=False)))
    click.echo(f"{len(written)} pages written to {folder}; begin with {folder / INDEX_PAGE}.md", err=True)
