"""`guidecheck rules diff`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import rules_option
from guidecheck.cli.output import put, put_json
from guidecheck.editing.difference_form import (
    ChangeList,
    differences_json,
    differences_markdown,
    differences_text,
)
from guidecheck.editing.differences import differences
from guidecheck.editing.revisions import rules_in_use, rules_named
from guidecheck.editing.side_file_changes import deadline_changes, letter_changes


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="[NEW]", required=False)
@rules_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True
)
def diff(old: str, new: str | None, rule_folders: tuple[Path, ...], form: str) -> None:
    """Say in words what changed in the rules: limits, criteria, dates, tables, facts, deadlines.

    Of the files by which letters are read it names those that changed.

    OLD and NEW are folders of rules, or git revisions (HEAD~1, main, v1.0:rules), which stand for the rules in use
    as they were then, or the word shipped. NEW is the rules in use unless named.

    \b
    Examples:
        guidecheck rules diff shipped --rules my-rules
        guidecheck rules diff HEAD --rules my-rules
        guidecheck rules diff v1.0 v1.1 --format markdown
    """
    in_use = folders_of(rule_folders)
    with ExitStack() as stack:
        before = stack.enter_context(rules_named(old, in_use))
        after = stack.enter_context(rules_named(new, in_use)) if new else rules_in_use(in_use)
        was, now = before.load(), after.load()
        changes = [*differences(was, now), *deadline_changes(before.deadlines(was), after.deadlines(now))]
        changes += letter_changes(before.folders, after.folders)
        listed = ChangeList(
            old=before.name,
            new=after.name,
            digests=(was.digest, now.digest),
            changes=changes,
            shown=lambda change: (before if change.is_gone else after).shown(change.at),
        )
    if form == "json":
        put_json(differences_json(listed))
    else:
        put(differences_text(listed) if form == "text" else differences_markdown(listed))
