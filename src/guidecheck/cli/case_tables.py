"""What the commands that read tables of cases share: their small options, and a bar for those who wait."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guidecheck.errors import Finding, GuidecheckError, Location
from guidecheck.reading.marked_yaml import Mapping, Scalar, load

if TYPE_CHECKING:
    from guidecheck.batch.options import Progress


def one_sign(text: str | None) -> str | None:
    """Return the sign that `--delimiter` names."""
    if text is None:
        return None
    sign = "\t" if text in ("tab", "\\t") else text
    if len(sign) != 1 or sign in '"\r\n':
        raise click.BadParameter("one sign, or `tab`", param_hint="--delimiter")
    return sign


def read_map(path: Path | None) -> dict[str, str]:
    """Return the facts that columns stand for, from the file that `--map` names.

    Raises:
        GuidecheckError: no such file, or not `COLUMN: fact` on each line.
    """
    if path is None:
        return {}
    findings: list[Finding] = []
    node = load(path, findings)
    renamed: dict[str, str] = {}
    if isinstance(node, Mapping):
        for key, value in node.entries:
            if isinstance(value, Scalar):
                renamed[key.text] = value.text
            else:
                findings.append(Finding(value.at, "wrong-type", f"`{key.text}` must name one fact"))
    else:
        findings.append(
            Finding(Location(str(path)), "wrong-type", "not a mapping", "write `COLUMN: fact` on each line")
        )
    if findings:
        raise GuidecheckError(findings)
    return renamed


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Give what shows a bar on a terminal, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from guidecheck.batch.options import Progress

    if not sys.stderr.isatty():
        yield Progress()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield Progress(
            start=lambda size: bar.update(task, total=size), advance=lambda done: bar.advance(task, done)
        )
