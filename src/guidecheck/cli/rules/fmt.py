"""`guidecheck rules fmt`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import click

from guidecheck.cli.options import Refused
from guidecheck.cli.output import put
from guidecheck.errors import GuidecheckError
from guidecheck.formatting.formatter import formatted
from guidecheck.library.loading import ENVIRONMENT_VARIABLE
from guidecheck.library.rule_files import rule_paths
from guidecheck.reading.text_files import read_text
from guidecheck.whole_files import replacing

EXIT_CHANGES = 1
EXIT_UNUSABLE = 2


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing, and say which files would be.")
@click.option("--diff", is_flag=True, help="Change nothing, and show what would be.")
def fmt(paths: tuple[Path, ...], check: bool, diff: bool) -> None:
    """Set out rule files alike: their keys in the order of docs/rule-language.md, two spaces a level.

    PATHS are files and folders; without any, the folders that GUIDECHECK_RULES names. Comments go with the keys
    they stand above, and what the rules say stays the same. Files that are no rules are passed over.

    \b
    Examples:
        guidecheck rules fmt my-rules
        guidecheck rules fmt --diff my-rules/house-rules.yaml

    Exit status: 0, with --check or --diff 1 where a file would change, 2 where one cannot be read.
    """
    changed = kept = 0
    unusable = False
    for path in _files(paths):
        try:
            before = read_text(path)
            after = formatted(before, str(path))
        except GuidecheckError as error:
            unusable = True
            for finding in error.findings:
                click.echo(str(finding), err=True)
            continue
        if after is None or after == before:
            kept += 1
            continue
        changed += 1
        if diff:
            put("".join(_difference(before, after, path)))
        elif check:
            click.echo(str(path))
        else:
            with replacing(path) as part:
                part.write_bytes(after.encode())
    verb = "would be set out anew" if check or diff else "set out anew"
    click.echo(f"{_files_words(changed)} {verb}, {_files_words(kept)} left as {_it(kept)}", err=True)
    if unusable:
        raise click.exceptions.Exit(EXIT_UNUSABLE)
    raise click.exceptions.Exit(EXIT_CHANGES if changed and (check or diff) else 0)


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the files that paths name, those of folders in order."""
    folders = os.environ.get(ENVIRONMENT_VARIABLE, "").split(os.pathsep)
    named = paths or tuple(Path(folder) for folder in folders if folder)
    if not named:
        raise Refused("no files to set out; name files or folders of rules")
    for path in named:
        yield from rule_paths(path) if path.is_dir() else [path]


def _difference(before: str, after: str, path: Path) -> Iterator[str]:
    texts = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in difflib.unified_diff(*texts, f"{path} (now)", f"{path} (set out)"):
        yield line if line.endswith("\n") else f"{line}\n"


def _files_words(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _it(count: int) -> str:
    return "it is" if count == 1 else "they are"
