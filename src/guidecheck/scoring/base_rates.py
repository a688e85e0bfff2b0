"""How past cases that stood like this one ended: shown beside a prediction, never used to make it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from guidecheck.determination import ItemDetermination
from guidecheck.errors import Finding, GuidecheckError, Location
from guidecheck.scoring.figures import wilson

_COLUMNS = ["as_of", "actual", "controlling", "unmet"]

Standing = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class BaseRate:
    """Of past cases with the same controlling and unmet criteria: how many, the share upheld, and from when."""

    n: int
    upheld: int
    share: float
    low: float
    high: float
    first: date
    last: date


@dataclass
class _Count:
    upheld: int
    overturned: int
    first: date
    last: date


class History:
    """Past cases by how they stood, from the results of a batch."""

    def __init__(self, counts: dict[Standing, _Count]) -> None:
        self._counts = counts

    def rate(self, item: ItemDetermination) -> BaseRate | None:
        """Return how past cases that stood like an item ended, or None where there is none."""
        if not item.controlling:
            return None
        count = self._counts.get((_keys(item.controlling), _keys(item.unmet)))
        if count is None:
            return None
        n = count.upheld + count.overturned
        figure = wilson(count.upheld, n)
        assert figure is not None
        return BaseRate(n, count.upheld, figure["value"], figure["low"], figure["high"], count.first, count.last)


def _keys(results: Iterable[object]) -> frozenset[str]:
    return frozenset(result.criterion.key for result in results)  # type: ignore[attr-defined]


def read_history(path: Path) -> History:
    """Return past cases from the Parquet results of `guidecheck batch`.

    Raises:
        GuidecheckError: the file cannot be read, or is no such results.
    """
    counts: dict[Standing, _Count] = {}
    try:
        file = pq.ParquetFile(path)
        missing = [name for name in _COLUMNS if name not in file.schema_arrow.names]
        if missing:
            hint = "name the results that `guidecheck batch --out FILE.parquet` wrote"
            message = f"no column `{missing[0]}`"
            raise GuidecheckError([Finding(Location(str(path)), "wrong-file", message, hint)])
        for batch in file.iter_batches(columns=_COLUMNS):
            _count(pa.Table.from_batches([batch]), counts)
    except (pa.ArrowException, OSError) as error:
        message = f"not a readable Parquet file: {str(error).splitlines()[0][:200]}"
        raise GuidecheckError([Finding(Location(str(path)), "unreadable-file", message)]) from None
    return History(counts)


def _count(table: pa.Table, counts: dict[Standing, _Count]) -> None:
    joined = {name: pc.binary_join(table[name].combine_chunks(), ";") for name in ("controlling", "unmet")}
    flat = pa.table({"as_of": table["as_of"], "actual": table["actual"], **joined})
    flat = flat.filter(pc.is_valid(flat["actual"]))
    grouped = flat.group_by(["controlling", "unmet", "actual"]).aggregate(
        [("as_of", "count"), ("as_of", "min"), ("as_of", "max")]
    )
    for row in grouped.to_pylist():
        standing = tuple(
            frozenset(filter(None, (row[name] or "").split(";"))) for name in ("controlling", "unmet")
        )
        first, last = row["as_of_min"], row["as_of_max"]
        count = counts.setdefault(standing, _Count(0, 0, first, last))  # type: ignore[arg-type]
        if row["actual"] == "upheld":
            count.upheld += row["as_of_count"]
        else:
            count.overturned += row["as_of_count"]
        count.first, count.last = min(count.first, first), max(count.last, last)
