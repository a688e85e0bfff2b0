"""Which past cases another version of the rules would predict otherwise: read once, answered twice, joined."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.batch.inputs import STANDARD_INPUT, find_files, spooled
from guidecheck.batch.options import Options, Outcome, Progress
from guidecheck.batch.output_files import Writer, check_format, writer
from guidecheck.batch.run import results_schema, run_batch, run_together
from guidecheck.errors import Finding, GuidecheckError, Location
from guidecheck.language.vocabulary import Vocabulary
from guidecheck.library.models import Library
from guidecheck.whole_files import check_places, replacing

_MEMORY = "512MB"
_ROWS_AT_ONCE = 50_000
_INPUT = "standard input"
_SIDES = ("old", "new")
_IDENTITY = ("source", "row", "case_id", "item_id")
_NOWHERE = Location("")

# The lists are compared by their hash, and all else is read of the few items that turned: at a million items the
# columns of texts are what takes time.
_DIFFERING = """
CREATE TABLE differing AS
SELECT case_id, item_id, o.predicted IS DISTINCT FROM n.predicted AS turned
FROM (SELECT case_id, item_id, predicted, hash(controlling, unmet) AS reasons FROM old) o
  JOIN (SELECT case_id, item_id, predicted, hash(controlling, unmet) AS reasons FROM new) n
  USING (case_id, item_id)
WHERE turned OR o.reasons <> n.reasons
"""

_CHANGED = """
CREATE TABLE changed AS
SELECT n.source, n.row, n.case_id, n.item_id, n.treatment, n.as_of, n.actual,
  o.predicted AS was, n.predicted AS now, o.agrees AS was_right, n.agrees AS now_right,
  list_filter(o.unmet, k -> NOT list_contains(n.unmet, k)) AS no_longer_unmet,
  list_filter(n.unmet, k -> NOT list_contains(o.unmet, k)) AS newly_unmet,
  list_filter(o.controlling, k -> NOT list_contains(n.controlling, k)) AS no_longer_controlling,
  list_filter(n.controlling, k -> NOT list_contains(o.controlling, k)) AS newly_controlling,
FROM differing JOIN old o USING (case_id, item_id) JOIN new n USING (case_id, item_id)
WHERE turned
"""

_COMPARED = "SELECT count(*) FROM old JOIN new USING (case_id, item_id)"
_OTHER_REASONS = "SELECT count(*) FROM differing WHERE NOT turned"

_TURNS = """
SELECT was, now, count(*), count(*) FILTER (was_right AND NOT now_right),
  count(*) FILTER (NOT was_right AND now_right)
FROM changed GROUP BY ALL ORDER BY 3 DESC, 1, 2
"""

_BY_CRITERION = """
SELECT criterion, count(*), count(*) FILTER (now = 'overturned'), count(*) FILTER (now = 'upheld'),
  count(*) FILTER (was_right AND NOT now_right), count(*) FILTER (NOT was_right AND now_right)
FROM (
  SELECT *, unnest(CASE WHEN len(no_longer_unmet) + len(newly_unmet) > 0
    THEN list_concat(no_longer_unmet, newly_unmet)
    ELSE list_concat(no_longer_controlling, newly_controlling) END) AS criterion
  FROM changed)
GROUP BY ALL ORDER BY 2 DESC, 1
"""

# First what a reader of a change must look at: cases that were right and no longer are.
_CASES = """
SELECT * FROM changed
ORDER BY (was_right AND NOT now_right) IS TRUE DESC, (NOT was_right AND now_right) IS TRUE DESC, source, row
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """How many items went from one prediction to another, and of these how many by the actual outcome."""

    was: str
    now: str
    items: int
    right_to_wrong: int
    wrong_to_right: int


@dataclass(frozen=True, slots=True)
class CriterionImpact:
    """The changed items for which a criterion is newly or no longer unmet (where none is: controlling)."""

    criterion: str
    items: int
    to_overturned: int
    to_upheld: int
    right_to_wrong: int
    wrong_to_right: int


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """An item whose prediction changes; the lists are criteria of which the part in it changes.

    `was_right` and `now_right` are None without a prediction or an actual outcome.
    """

    source: str
    row: int
    case_id: str
    item_id: str
    treatment: str
    as_of: date
    actual: str | None
    was: str
    now: str
    was_right: bool | None
    now_right: bool | None
    no_longer_unmet: Sequence[str]
    newly_unmet: Sequence[str]
    no_longer_controlling: Sequence[str]
    newly_controlling: Sequence[str]


@dataclass(frozen=True)
class Impact:
    """What another version of the rules does to past cases.

    `compared` items were answered by both, `only_old` and `only_new` by one of them; `other_reasons` have the
    same prediction from other criteria. `cases` are the first of the changed ones, the worst first.
    """

    old: Outcome
    new: Outcome
    compared: int
    only_old: int
    only_new: int
    other_reasons: int
    turns: tuple[Turn, ...]
    criteria: tuple[CriterionImpact, ...]
    cases: tuple[ChangedCase, ...]

    @property
    def changed(self) -> int:
        """Items whose prediction changes."""
        return sum(turn.items for turn in self.turns)

    @property
    def right_to_wrong(self) -> int:
        """Items whose prediction was borne out and no longer is."""
        return sum(turn.right_to_wrong for turn in self.turns)

    @property
    def wrong_to_right(self) -> int:
        """Items whose prediction was not borne out and now is."""
        return sum(turn.wrong_to_right for turn in self.turns)


def measure_impact(
    options: Options, old: Library, new: Library, *, most: int, progress: Progress | None = None
) -> Impact:
    """Return what changes on past cases from one library to another, with the first `most` changed cases.

    Args:
        options: the cases, as for a batch; `out` takes every changed case (.parquet, .csv or .jsonl), and is none
            of the files that are read.
        old: the rules to compare with.
        new: the rules that are to come.
        most: how many cases to list; memory does not grow with the others.
        progress: how somebody who waits is told.

    Raises:
        GuidecheckError: the cases cannot be read with one of the libraries, or a file cannot be written.
    """
    if options.out is not None:
        check_format(options.out)
        cases = find_files([name for name in options.inputs if name != STANDARD_INPUT])
        check_places({"--out": options.out}, [*cases, *options.read])
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guidecheck-")))
        inputs, spool = _read_twice(options.inputs, folder)
        asked = replace(options, inputs=inputs, out=None, rejects=None, metrics=None)
        alike = 0
        if _ask_alike(old.vocabulary, new.vocabulary):
            with ExitStack() as files:
                pair = _DifferingRows([files.enter_context(_written(folder, name)) for name in _SIDES])
                outcomes = run_together(asked, [old, new], pair.write, progress)
            alike = pair.alike
        else:
            outcomes = [
                run_batch(replace(asked, out=folder / f"{name}.parquet"), library, progress)
                for name, library in zip(_SIDES, (old, new), strict=True)
            ]
        sides = [_with_source(outcome, spool) for outcome in outcomes]
        try:
            connection = stack.enter_context(_joined(folder, spool))
            if options.out is not None:
                _write(connection, options.out)
            return _measured(connection, sides[0], sides[1], alike, most)
        except (duckdb.Error, OSError) as error:
            message = f"the answers cannot be compared: {str(error).splitlines()[0][:300]}"
            hint = "is the disk full? TMPDIR names the folder for temporary files"
            raise GuidecheckError([Finding(Location(str(folder)), "unwritable", message, hint)]) from None


def _ask_alike(old: Vocabulary, new: Vocabulary) -> bool:
    """Tell whether two vocabularies ask the same in the same way, wherever they stand."""
    return _without_places(old) == _without_places(new)


def _without_places(vocabulary: Vocabulary) -> tuple[object, ...]:
    facts = [replace(fact, at=_NOWHERE) for fact in vocabulary.facts.values()]
    tables = [
        replace(table, at=_NOWHERE, rows=tuple(replace(row, at=_NOWHERE) for row in table.rows))
        for table in vocabulary.tables.values()
    ]
    return facts, tables, vocabulary.derivations, vocabulary.needed


@contextmanager
def _written(folder: Path, name: str) -> Iterator[Writer]:
    """Give a writer of results as a file of their side."""
    file = writer(folder / f"{name}.parquet", ".parquet", results_schema())
    try:
        yield file
    finally:
        file.close()


@dataclass
class _DifferingRows:
    """Writes the results of two libraries without those that are alike, which it counts.

    Where the libraries answered different rows of a stretch all of it is written: a case's item may be answered
    by one of them here and by the other further on.
    """

    files: Sequence[Writer]
    alike: int = 0

    def write(self, results: Sequence[pa.Table]) -> None:
        """Take in the results of a stretch."""
        old, new = (table.combine_chunks() for table in results)
        if all(old[name].equals(new[name]) for name in _IDENTITY):
            differ = pc.invert(pc.equal(old["predicted"], new["predicted"])).to_numpy()
            for name in ("controlling", "unmet"):
                differ = differ | _lists_differ(_whole(old[name]), _whole(new[name]))
            self.alike += len(old) - int(differ.sum())
            old, new = (table.filter(pa.array(differ)) for table in (old, new))
        for file, table in zip(self.files, (old, new), strict=True):
            if len(table):
                file.write(table)


def _whole(column: pa.ChunkedArray) -> pa.ListArray:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _lists_differ(old: pa.ListArray, new: pa.ListArray) -> Any:
    """Return for each place, as a NumPy array, whether two lists of texts differ."""
    differ = pc.not_equal(pc.list_value_length(old), pc.list_value_length(new)).to_numpy(zero_copy_only=False)
    same_length = np.flatnonzero(~differ)
    one, other = (column.take(pa.array(same_length)) for column in (old, new))
    wrong = pc.not_equal(pc.list_flatten(one), pc.list_flatten(other))
    differ = differ.copy()
    differ[same_length[pc.list_parent_indices(one).filter(wrong).to_numpy()]] = True
    return differ


def _read_twice(inputs: Sequence[str], folder: Path) -> tuple[Sequence[str], str | None]:
    """Return inputs that can be read twice, and the file that holds standard input, if one does."""
    if STANDARD_INPUT not in inputs:
        return inputs, None
    spool = str(spooled(folder))
    return [spool if name == STANDARD_INPUT else name for name in inputs], spool


def _with_source(outcome: Outcome, spool: str | None) -> Outcome:
    """Return what a batch came to, with standard input called so in its rejects."""
    rejects = tuple(replace(one, source=_INPUT) if one.source == spool else one for one in outcome.first_rejects)
    return replace(outcome, first_rejects=rejects)


@contextmanager
def _joined(folder: Path, spool: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database with `old`, `new`, and what changed between them."""
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": _MEMORY, "threads": 2}
    with duckdb.connect(str(folder / "impact.duckdb"), config=config) as connection:
        run = connection.execute
        run("SET autoinstall_known_extensions = false")
        run("SET preserve_insertion_order = false")
        run("SET temp_directory = ?", [str(folder)])
        for name in _SIDES:
            connection.from_parquet(str(folder / f"{name}.parquet")).create_view(name)
        run(_DIFFERING)
        run(_CHANGED)
        if spool is not None:
            run("UPDATE changed SET source = ? WHERE source = ?", [_INPUT, spool])
        yield connection


def _measured(connection: duckdb.DuckDBPyConnection, old: Outcome, new: Outcome, alike: int, most: int) -> Impact:
    compared = old.items
    if old.rejected or new.rejected:
        ((compared,),) = connection.execute(_COMPARED).fetchall()
        compared += alike
    ((other_reasons,),) = connection.execute(_OTHER_REASONS).fetchall()
    cases = connection.execute(f"{_CASES} LIMIT ?", [most]).fetchall()
    return Impact(
        old=old,
        new=new,
        compared=compared,
        only_old=old.items - compared,
        only_new=new.items - compared,
        other_reasons=other_reasons,
        turns=tuple(Turn(*row) for row in connection.execute(_TURNS).fetchall()),
        criteria=tuple(CriterionImpact(*row) for row in connection.execute(_BY_CRITERION).fetchall()),
        cases=tuple(ChangedCase(*row) for row in cases),
    )


def _write(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    with replacing(out) as part:
        reader: Any = connection.execute(_CASES).to_arrow_reader(_ROWS_AT_ONCE)
        file = writer(part, out.suffix.lower(), reader.schema)
        try:
            for batch in reader:
                file.write(pa.Table.from_batches([batch]))
        finally:
            file.close()
