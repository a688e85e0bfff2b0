"""How past cases that stood like this one ended: shown beside a prediction, never used to make it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from guidecheck.deciding.determination import CriterionResult, Determination, ItemDetermination, PastCases
from guidecheck.errors import GuidecheckError, Location, fault
from guidecheck.requests.request import Actual
from guidecheck.scoring.figures import wilson

_NAMES = pa.list_(pa.string())
_COLUMNS = {
    "as_of": pa.date32(),
    "actual": pa.string(),
    "controlling": _NAMES,
    "unmet": _NAMES,
    "library_digest": pa.string(),
}
_HINT = "name the results that `guidecheck batch --out FILE.parquet` wrote"

Standing = tuple[frozenset[str], frozenset[str]]


@dataclass
class _Count:
    upheld: int
    overturned: int
    first: date
    last: date


class History:
    """Past cases by how they stood, from the results of a batch; `digests` are the libraries that answered."""

    def __init__(self, counts: dict[Standing, _Count], digests: frozenset[str]) -> None:
        self._counts = counts
        self._digests = digests

    def beside(self, determination: Determination) -> Determination:
        """Return a determination with the past cases of each item; nothing else of it changes."""
        digest = determination.library_digest
        items = tuple(replace(item, past=self.alike(item, digest)) for item in determination.items)
        return replace(determination, items=items)

    def alike(self, item: ItemDetermination, digest: str) -> PastCases:
        """Return how past cases that stood like an item ended; `digest` is the library's that answered it."""
        same_rules = self._digests <= {digest}
        count = self._counts.get((_keys(item.controlling), _keys(item.unmet))) if item.controlling else None
        if count is None:
            return PastCases(same_rules=same_rules)
        n = count.upheld + count.overturned
        figure = wilson(count.upheld, n)
        assert figure is not None
        return PastCases(
            n, count.upheld, figure["value"], figure["low"], figure["high"], count.first, count.last, same_rules
        )


def _keys(results: Iterable[CriterionResult]) -> frozenset[str]:
    return frozenset(result.criterion.key for result in results)


def read_history(path: Path) -> History:
    """Return past cases from the Parquet results of `guidecheck batch`.

    Raises:
        GuidecheckError: the file cannot be read, is no such results, or has no case with an outcome.
    """
    counts: dict[Standing, _Count] = {}
    digests: set[str] = set()
    if not path.is_file():
        raise _fault(path, "no-such-file", "no such file")
    try:
        with pq.ParquetFile(path) as file:
            _check_columns(file.schema_arrow, path)
            for batch in file.iter_batches(columns=list(_COLUMNS)):
                _count(pa.Table.from_batches([batch]), counts, digests)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:200]
        raise _fault(path, "unreadable-file", f"not a readable Parquet file: {reason}") from None
    if not counts:
        hint = "score a table with a column `actual`"
        raise _fault(path, "no-outcomes", "no case in it has an outcome", hint)
    return History(counts, frozenset(digests))


def _check_columns(schema: pa.Schema, path: Path) -> None:
    for name, type_ in _COLUMNS.items():
        if name not in schema.names:
            raise _fault(path, "wrong-file", f"no column `{name}`")
        if schema.field(name).type != type_:
            raise _fault(path, "wrong-file", f"column `{name}` is of type {schema.field(name).type}, not {type_}")


def _fault(path: Path, code: str, message: str, hint: str = _HINT) -> GuidecheckError:
    return fault(Location(str(path)), code, message, hint)


def _count(table: pa.Table, counts: dict[Standing, _Count], digests: set[str]) -> None:
    outcomes = pa.array([actual.value for actual in Actual])
    table = table.filter(pc.and_(pc.is_in(table["actual"], value_set=outcomes), pc.is_valid(table["as_of"])))
    if not len(table):
        return
    digests.update(filter(None, pc.unique(table["library_digest"]).to_pylist()))
    joined = {name: pc.binary_join(table[name].combine_chunks(), ";") for name in ("controlling", "unmet")}
    grouped = (
        pa.table({"as_of": table["as_of"], "actual": table["actual"], **joined})
        .group_by(["controlling", "unmet", "actual"])
        .aggregate([("as_of", "count"), ("as_of", "min"), ("as_of", "max")])
    )
    for row in grouped.to_pylist():
        standing = (_names(row["controlling"]), _names(row["unmet"]))
        first, last = row["as_of_min"], row["as_of_max"]
        count = counts.setdefault(standing, _Count(0, 0, first, last))
        if row["actual"] == Actual.UPHELD.value:
            count.upheld += row["as_of_count"]
        else:
            count.overturned += row["as_of_count"]
        count.first, count.last = min(count.first, first), max(count.last, last)


def _names(joined: str | None) -> frozenset[str]:
    return frozenset(filter(None, (joined or "").split(";")))
