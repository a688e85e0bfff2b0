"""`guidecheck letters`: read decision letters into historical cases, show them, audit them."""

from __future__ import annotations

import sys
import textwrap
from contextlib import AbstractContextManager, ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import Refused, rules_option, today
from guidecheck.errors import did_you_mean
from guidecheck.library.loading import load_library, without_garbage_collection
from guidecheck.whole_files import check_places, is_special, replacing

if TYPE_CHECKING:
    from guidecheck.letters.reading import LetterCase
    from guidecheck.letters.writing import Leave, Write
    from guidecheck.library.models import Library

EXIT_SOME_REJECTED = 1
EXIT_NOTHING_USABLE = 2
MOST_TOLD = 20
WIDTH = 80

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def letters() -> None:
    """Read decision letters into historical cases."""


def _need_extra() -> None:
    from importlib.util import find_spec

    for module in ("spacy", "negspacy"):
        if find_spec(module) is None:
            raise Refused(f"`letters` needs {module}, which is not installed: pip install 'guidecheck[letters]'")


@letters.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--out", type=_FILE, required=True, metavar="FILE", help="Cases: .jsonl or .parquet; - for standard output."
)
@click.option("--flat", is_flag=True, help="JSON Lines with an item a line, as `batch` reads them.")
@click.option("--details", type=_FILE, metavar="FILE", help="Headings, guidelines, reviewer: JSON Lines.")
@click.option("--rejects", type=_FILE, metavar="FILE", help="What can't be read, and why: JSON Lines.")
@click.option("--corrections", type=_FILE, metavar="FILE", help="YAML with what a person corrected.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes to read with.")
@rules_option
def read(
    inputs: tuple[str, ...],
    out: Path,
    flat: bool,
    details: Path | None,
    rejects: Path | None,
    corrections: Path | None,
    jobs: int,
    rule_folders: tuple[Path, ...],
) -> None:
    """Turn decision letters (text, PDF, ZIP of either, folders) into historical cases for `batch`.

    \b
    Examples:
        guidecheck letters read letters/ --out cases.jsonl --jobs 4
        guidecheck letters read 2014.zip --out cases.parquet
        guidecheck letters read letters/ --out - | guidecheck batch -

    Exit status: 0 every letter was read, 1 some were rejected, 2 none was read.
    """
    _need_extra()
    from guidecheck.letters.corrections import load_corrections
    from guidecheck.letters.running import read_letters
    from guidecheck.letters.sources import find_letters
    from guidecheck.letters.writing import STANDARD_OUTPUT, lines

    named = {"--out": out, "--details": details, "--rejects": rejects}
    outputs = {option: path for option, path in named.items() if path is not None and path != STANDARD_OUTPUT}
    written = {path.resolve() for path in outputs.values()}
    found = (Path(source.path) for source in find_letters(inputs, written) if source.fault is None)
    check_places(outputs, chain([corrections] if corrections else [], found))
    folders = folders_of(rule_folders)
    library = load_library(*folders)
    corrected = load_corrections(corrections, library) if corrections else None
    count, refused = 0, 0
    seen: set[str] = set()

    def nothing_read() -> bool:
        return not count

    with ExitStack() as stack:
        write_case = stack.enter_context(_writer(out, flat, library, nothing_read))
        write_details = stack.enter_context(lines(details, nothing_read)) if details else None
        write_reject = stack.enter_context(lines(rejects)) if rejects else None
        for result in read_letters(inputs, folders, jobs=jobs, corrections=corrected, written=written):
            if result.case_id is not None:
                seen.add(result.case_id)
            if result.case is None:
                refused += 1
                if write_reject is not None:
                    write_reject({"file": result.name, "reason": result.reason})
                elif refused <= MOST_TOLD:
                    click.echo(f"{result.name}: rejected: {result.reason}", err=True)
                continue
            count += 1
            write_case(result.case)
            if write_details is not None and result.details is not None:
                write_details(result.details)
    if refused > MOST_TOLD and rejects is None:
        click.echo(f"and {refused - MOST_TOLD:,} more; --rejects FILE lists them all", err=True)
    for name in sorted(corrected.names - seen) if corrected else ():
        close = did_you_mean(name, seen)
        message = f"{corrections}: no letter read is case {name}: its corrections were not used"
        click.echo(message + (f" ({close})" if close else ""), err=True)
    click.echo(f"{count:,} letters read, {refused:,} rejected", err=True)
    if not count:
        raise click.exceptions.Exit(EXIT_NOTHING_USABLE)
    raise click.exceptions.Exit(EXIT_SOME_REJECTED if refused else 0)


def _writer(out: Path, flat: bool, library: Library, leave: Leave) -> AbstractContextManager[Write]:
    from guidecheck.letters.writing import STANDARD_OUTPUT, flat_lines, lines, parquet

    ending = out.suffix.lower()
    if ending == ".parquet":
        return parquet(out, library, leave)
    if ending in (".jsonl", ".ndjson") or out == STANDARD_OUTPUT or is_special(out):
        return flat_lines(out, library, leave) if flat else lines(out, leave)
    raise Refused(f"--out {out}: name a .jsonl or a .parquet file, or - for standard output")


@letters.command()
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--html", type=_FILE, metavar="OUT", help="Write a page with the found facts marked.")
@rules_option
def show(file: Path, html: Path | None, rule_folders: tuple[Path, ...]) -> None:
    """Show a letter with the found facts marked in it, so that a person can check and correct them.

    \b
    Examples:
        guidecheck letters show letter.txt
        guidecheck letters show letter.pdf --html letter.html
    """
    _need_extra()
    from guidecheck.letters.marking import html_page, marks_of, write_marked

    folders = folders_of(rule_folders)
    raw, case = _one(file, load_library(*folders), folders, html)
    marks = marks_of(case)
    if html is None:
        write_marked(raw, case, marks, sys.stdout)
        return
    with replacing(html) as part:
        part.write_text(html_page(raw, case, marks), encoding="utf-8")


@letters.command()
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--request", "request_file", type=_FILE, required=True, metavar="REQUEST", help="The request.")
@rules_option
def audit(file: Path, request_file: Path, rule_folders: tuple[Path, ...]) -> None:
    """List where a letter's findings contradict what the request documents.

    \b
    Example:
        guidecheck letters audit letter.txt --request request.yaml

    Exit status: 0 nothing contradicts, 1 something does, 2 one of the files can't be read.
    """
    _need_extra()
    from guidecheck.letters.audit import contradictions
    from guidecheck.requests.request_reader import read_request

    folders = folders_of(rule_folders)
    library = load_library(*folders)
    _, case = _one(file, library, folders)
    request = read_request(request_file, library, today=today())
    found = contradictions(case, request, library)
    for line in found.lines:
        click.echo(textwrap.fill(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False))
    count = f"{len(found.lines)} contradiction{'' if len(found.lines) == 1 else 's'}"
    click.echo(f"{count}, {found.compared} facts compared", err=True)
    for name in found.unmatched:
        click.echo(f"no item of the request is like `{name}` of the letter", err=True)
    for name in found.undecided:
        click.echo(f"the letter decides nothing like item `{name}` of the request", err=True)
    raise click.exceptions.Exit(1 if found.lines else 0)


def _one(file: Path, library: Library, folders: list[Path], html: Path | None = None) -> tuple[str, LetterCase]:
    """Return the text and the case of one letter, after a look at the place of the page to be made of it."""
    from guidecheck.letters.reading import LetterReader, NotReadable
    from guidecheck.letters.sources import letter_named

    try:
        source = letter_named(file)
        if html is not None:
            check_places({"--html": html}, [Path(source.path)])
        raw = source.read()
        with without_garbage_collection():
            return raw, LetterReader(library, folders).read(raw, source.name, source.case_id)
    except NotReadable as reason:
        raise Refused(f"{file}: {reason}") from None
