"""Batches of the tests: a table of one treatment, and a run of the command on rules compiled in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

COLUMNS = ("case_id", "as_of", "treatment", "body_region", "requested_visits", "prior_visits", "actual")
HEAD = ",".join(COLUMNS) + "\n"


def row(number: int) -> str:
    """Return a line of such a table."""
    return f"c{number},2015-08-21,massage,neck,{4 + number % 6},0,{('upheld', 'overturned')[number % 2]}\n"


def run(rules: Path, *arguments: str | Path, catch: bool = True, text: str | None = None) -> Result:
    """Return what `guidecheck batch` comes to; without `catch`, its errors are raised."""
    from guidecheck.cli.batch import batch

    return CliRunner().invoke(
        batch, ["--rules", str(rules), *map(str, arguments)], catch_exceptions=catch, input=text
    )


def results(path: Path) -> list[dict[str, Any]]:
    """Return the rows of results in Parquet, without the name of their input."""
    import pyarrow.parquet as pq

    return [
        {name: value for name, value in r.items() if name != "source"} for r in pq.read_table(path).to_pylist()
    ]
