"""`guidecheck rules impact`."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import click

from guidecheck.cli.case_tables import one_sign, progress_bar, read_map
from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import Refused, rules_option
from guidecheck.cli.output import put
from guidecheck.editing.revisions import rules_in_use, rules_named

EXIT_NOTHING_USABLE = 2

_FILE = click.Path(path_type=Path, dir_okay=False)
_MOST_LISTED = 10_000


@click.command()
@click.argument("cases", nargs=-1, required=True, metavar="CASES...")
@rules_option
@click.option("--base", required=True, metavar="OLD", help="Folder of rules or git revision to compare with.")
@click.option("--new", metavar="NEW", help="The same for the newer rules; the rules in use unless named.")
@click.option(
    "--list",
    "most",
    type=click.IntRange(0, _MOST_LISTED),
    default=20,
    show_default=True,
    metavar="N",
    help="How many of the changed cases to list.",
)
@click.option("--out", type=_FILE, metavar="FILE", help="All changed cases: .parquet, .csv or .jsonl.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True
)
@click.option(
    "--records",
    type=click.Choice(["complete", "partial"]),
    default="complete",
    show_default=True,
    help="For rows that don't say.",
)
@click.option("--map", "map_file", type=_FILE, metavar="FILE", help="YAML file: COLUMN: fact it stands for.")
@click.option("--delimiter", metavar="SIGN", help="What separates the columns of text tables; `tab` for a tab.")
def impact(
    cases: tuple[str, ...],
    rule_folders: tuple[Path, ...],
    base: str,
    new: str | None,
    most: int,
    out: Path | None,
    form: str,
    records: str,
    map_file: Path | None,
    delimiter: str | None,
) -> None:
    """Say which past cases changed rules would predict otherwise, and whether for better or worse.

    CASES are what `guidecheck batch` reads. OLD and NEW are what `guidecheck rules diff` takes.

    \b
    Examples:
        guidecheck rules impact --base shipped --rules my-rules history.csv
        guidecheck rules impact --base v1.0 --new v1.1 cases/ --format markdown

    Exit status: 0 the cases were compared, 2 a mistake in the cases, the rules or the call.
    """
    try:
        from guidecheck.batch.options import Options
        from guidecheck.editing.impact import measure_impact
        from guidecheck.editing.impact_form import impact_json, impact_markdown, impact_text
    except ImportError as error:
        message = f"`rules impact` needs {error.name}, which is not installed: pip install 'guidecheck[batch]'"
        raise Refused(message) from None
    options = Options(
        inputs=cases,
        out=out,
        partial=records == "partial",
        renamed=read_map(map_file),
        delimiter=one_sign(delimiter),
        read=() if map_file is None else (map_file,),
    )
    if new and rule_folders:
        raise Refused("--new and --rules both name the newer rules; leave one of them out")
    in_use = folders_of(rule_folders)
    with ExitStack() as stack:
        before = stack.enter_context(rules_named(base, in_use))
        after = stack.enter_context(rules_named(new, in_use)) if new else rules_in_use(in_use)
        old_library, new_library = before.load(examples=False), after.load(examples=False)
        with progress_bar() as progress:
            measured = measure_impact(options, old_library, new_library, most=most, progress=progress)
    if form == "json":
        click.echo(json.dumps(impact_json(measured, before.name, after.name), indent=2, ensure_ascii=False))
    else:
        put((impact_text if form == "text" else impact_markdown)(measured, before.name, after.name))
    for reject in measured.new.first_rejects:
        place = reject.source if reject.row is None else f"{reject.source}:{reject.row}"
        click.echo(f"{place}: rejected: {reject.reason}", err=True)
    if not measured.compared:
        raise click.exceptions.Exit(EXIT_NOTHING_USABLE)
