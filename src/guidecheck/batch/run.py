"""A batch from end to end: rows in, answers, results and rejects out, counts for the scorecard."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial as bound
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.batch.engines import ColumnarEngine, Engine, RowByRowEngine, SmallestFirstEngine, item_of
from guidecheck.batch.inputs import STANDARD_INPUT, Input, find_files, open_inputs
from guidecheck.batch.options import Disagreement, Options, Outcome, Progress
from guidecheck.batch.output_files import RejectsWriter, Writer, check_format, naming, writer
from guidecheck.batch.reading import Headings, RowReader, check_named, read_headings, reject_of
from guidecheck.batch.rows import Answers, Reject, Rows, TextRows, joined
from guidecheck.batch.text_lines import Part
from guidecheck.deciding.checking import Checker
from guidecheck.engine.columnar import reading_of
from guidecheck.errors import Finding, GuidecheckError, Location, fault
from guidecheck.explaining.rationale import rationale
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import AS_OF, JURISDICTION, TREATMENT
from guidecheck.library.models import Library
from guidecheck.requests.flat_rows import FOUND
from guidecheck.scoring.report import report_page
from guidecheck.scoring.tally import Tally
from guidecheck.whole_files import check_places, replacing

ROWS_AT_ONCE = 250_000
"""Rows answered together at most: what bounds memory."""

REGION = "body_region"

Answered = tuple[Rows, Answers, pa.Array]
"""Rows, what the engine says of them, and what it says of what was known before the decision."""

_Read = tuple[Rows, Rows | None, list[Reject]]
"""What `RowReader.read` gives."""

Write = Callable[[Sequence[pa.Table]], None]
"""What takes the results of each library for the same rows."""

_LIST = pa.list_(pa.string())
_RESULTS = {
    "source": pa.string(),
    "row": pa.int64(),
    "case_id": pa.string(),
    "item_id": pa.string(),
    "treatment": pa.string(),
    "as_of": pa.date32(),
    "predicted": pa.string(),
    "basis": pa.string(),
    "actual": pa.string(),
    "agrees": pa.bool_(),
    "controlling": _LIST,
    "unmet": _LIST,
    "library_digest": pa.string(),
    "records": pa.string(),
    "jurisdiction": pa.string(),
    "body_region": _LIST,
    "foresight": pa.string(),
}


_REPEATED = "a second row of this case and item; give each item of a case an id of its own"
_DISAGREEMENT = ("source", "row", "case_id", "item_id", "treatment", "predicted", "actual")


def run_batch(options: Options, library: Library, progress: Progress | None = None) -> Outcome:
    """Answer every row of the inputs, and write what was asked for; nothing is written where this fails.

    Where no row can be used, the rejects are written and other old files stay.

    Raises:
        GuidecheckError: the inputs or the options cannot be used, or a file cannot be written.
    """
    if options.out is not None:
        check_format(options.out)
    outputs = options.outputs
    places = {path.resolve() for path in outputs.values()}
    inputs = find_files([name for name in options.inputs if name != STANDARD_INPUT], places)
    check_places({f"--{name}": path for name, path in outputs.items()}, [*inputs, *options.read])
    ended: list[Outcome] = []

    def nothing_usable() -> bool:
        return not any(outcome.items for outcome in ended)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guidecheck-")))
        parts = {
            name: stack.enter_context(replacing(path, nothing_usable) if name != "rejects" else replacing(path))
            for name, path in outputs.items()
        }
        with _using(folder):
            batch = _Batch(options, library, folder, parts, progress or Progress())
            ended.extend(batch.run([batch]))
    return ended[0]


def run_together(
    options: Options, libraries: Sequence[Library], write: Write, progress: Progress | None = None
) -> list[Outcome]:
    """Answer every row of the inputs by several libraries with the same vocabulary, and read it once for all.

    `write` is given the results of each library for the same rows, stretch by stretch; no file is written.

    Raises:
        GuidecheckError: the inputs cannot be used.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guidecheck-")))
        members: dict[str, tuple[str, ...]] = {}
        for library in libraries:
            for name, several in reading_of(library).members.items():
                members[name] = tuple(dict.fromkeys((*members.get(name, ()), *several)))
        with _using(folder):
            reader = RowReader(libraries[0], members, options.partial)
            batches = [
                _Batch(options, library, folder, {}, progress or Progress(), reader) for library in libraries
            ]
            return batches[0].run(batches, write)


def results_schema(kept: Sequence[str] = ()) -> pa.Schema:
    """Return the columns of results, the kept ones last."""
    return pa.schema({**_RESULTS, **{name: pa.string() for name in kept}})


@contextmanager
def _using(folder: Path) -> Iterator[None]:
    """Say in one line that the folder for temporary files cannot be used."""
    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        message = f"a temporary file cannot be written: {str(error).splitlines()[0][:300]}"
        hint = "is the disk full? TMPDIR names the folder for temporary files"
        raise fault(Location(str(folder)), "unwritable", message, hint) from None


class _Batch:
    def __init__(
        self,
        options: Options,
        library: Library,
        folder: Path,
        parts: Mapping[str, Path],
        progress: Progress,
        reader: RowReader | None = None,
    ) -> None:
        self._options, self._library, self._folder = options, library, folder
        self._parts, self._progress = parts, progress
        self._tally = Tally(folder, library)
        self._engine = engine_named(options.engine, library)
        self._reader = reader or RowReader(library, reading_of(library).members, options.partial)
        self._rejects = RejectsWriter(parts.get("rejects"))
        self._schema = results_schema(self._kept_names())
        self._pending: list[Reject] = []
        self._items = 0
        self._disagreements: list[Disagreement] = []
        self._checker: Checker | None = None
        self._names: set[str] = set()
        self._sums: dict[tuple[bool, tuple[str, ...]], Headings] = {}

    def _kept_names(self) -> list[str]:
        """Return the names that kept columns have among the results: their own, or with `kept_` where taken."""
        return [f"kept_{name}" if name in _RESULTS else name for name in self._options.keep]

    def run(self, batches: Sequence[_Batch], write: Write | None = None) -> list[Outcome]:
        """Read the inputs for batches, of which this is the first, and return what each comes to."""
        writing = self._writer()
        try:
            for source in self._inputs(batches):
                self._read(source, batches, write or bound(self._write_first, writing))
            self._check_named()
        finally:
            # A file that could not be written cannot be closed either: the first error is the one that says why.
            with suppress(GuidecheckError) if sys.exc_info()[0] else nullcontext():
                if writing is not None:
                    with self._naming("out"):
                        writing.close()
                with self._naming("rejects"):
                    self._rejects.close()
        return [batch._outcome() for batch in batches]

    def _outcome(self) -> Outcome:
        card = self._tally.scorecard(rejected=self._rejects.count, library=self._library)
        self._tally.close()
        outcome = Outcome(
            self._items, self._rejects.count, tuple(self._rejects.shown), card, tuple(self._disagreements)
        )
        self._write("metrics", lambda: json.dumps(card, indent=2) + "\n")
        self._write("report", lambda: report_page(card, outcome.disagreements))
        return outcome

    def _write_first(self, writing: Writer | None, results: Sequence[pa.Table]) -> None:
        if writing is not None and len(results[0]):
            with self._naming("out"):
                writing.write(results[0])

    def _naming(self, name: str) -> AbstractContextManager[None]:
        path = self._options.outputs.get(name)
        return nullcontext() if path is None else naming(path)

    def _write(self, name: str, text: Callable[[], str]) -> None:
        if name in self._parts:
            with self._naming(name):
                self._parts[name].write_text(text(), encoding="utf-8")

    def _writer(self) -> Writer | None:
        if "out" not in self._parts or self._options.out is None:
            return None
        return writer(self._parts["out"], self._options.out.suffix.lower(), self._schema)

    def _inputs(self, batches: Sequence[_Batch]) -> Iterator[Input]:
        opened = list(
            open_inputs(
                self._options.inputs,
                self._library,
                delimiter=self._options.delimiter,
                spool=self._folder,
                fault_of=lambda source: bound(self._keys_fault, source),
                lines_in=self._may_have_lines,
                outputs={path.resolve() for path in self._options.outputs.values()},
            )
        )
        usable = [one for one in opened if isinstance(one, Input)]
        faults = [one for one in opened if isinstance(one, GuidecheckError)]
        mistakes: list[Finding] = []
        for one in usable:
            if one.names is not None:
                try:
                    self._headings(one.names, one.source, whole=True)
                except GuidecheckError as error:
                    mistakes.extend(error.findings)
        if mistakes or (faults and not usable):
            raise GuidecheckError([*mistakes, *(finding for error in faults for finding in error.findings)])
        if not any(one.names is None for one in usable):
            self._check_named()
        for finding in (finding for error in faults for finding in error.findings):
            for batch in batches:
                batch._rejects.write(Reject(finding.location.path, None, finding.words))
        self._progress.start(sum(one.size for one in usable))
        yield from usable

    def _headings(self, names: Sequence[str], source: str, *, whole: bool, lists: bool = False) -> Headings:
        self._names.update(names)
        key = (lists, tuple(names))
        if key not in self._sums:
            options = self._options
            self._sums[key] = read_headings(
                names,
                self._library,
                source,
                renamed=options.renamed,
                keep=options.keep,
                whole=whole,
                lists=lists,
            )
        return self._sums[key]

    def _may_have_lines(self, heading: str) -> bool:
        fact = self._library.vocabulary.facts.get(self._options.renamed.get(heading, heading).removesuffix(FOUND))
        return fact.type is FactType.TEXT if fact is not None else heading in self._options.keep

    def _keys_fault(self, source: str, keys: tuple[str, ...]) -> Finding | None:
        options = self._options
        try:
            read_headings(keys, self._library, source, renamed=options.renamed, keep=options.keep, whole=False)
        except GuidecheckError as error:
            return error.findings[0]
        return None

    def _check_named(self) -> None:
        check_named({"--keep": self._options.keep, "--map": self._options.renamed}, self._names)

    def _read(self, source: Input, batches: Sequence[_Batch], write: Write) -> None:
        for part in self._parts_of(source):
            if isinstance(part, Reject):
                for batch in batches:
                    batch._pending.append(part)
                continue
            starts = range(0, len(part), ROWS_AT_ONCE)
            for parts in [part] if isinstance(part, tuple) else [[_slice(part, start)] for start in starts]:
                read = [self._read_texts(texts) for texts in parts]
                write([batch._answer(read) for batch in batches])
            # What a stretch of a file costs comes before its rows; in the order of the rows it is found again.
            for batch in batches:
                batch._put()
        for batch in batches:
            batch._put()

    def _parts_of(self, source: Input) -> Iterator[Part]:
        try:
            yield from source.rows.read(self._progress.advance)
        except OSError as error:
            yield Reject(source.source, None, f"cannot be read to its end: {error.strerror or error}")

    def _put(self) -> None:
        with self._naming("rejects"):
            for reject in sorted(self._pending, key=lambda one: (one.source, one.row is None, one.row or 0)):
                self._rejects.write(reject)
        self._pending = []

    def _read_texts(self, texts: TextRows) -> _Read:
        source = texts.sources[0].as_py() if len(texts) else ""
        headings = self._headings(list(texts.columns), source, whole=False, lists=texts.of_requests)
        return self._reader.read(texts, headings)

    def _answer(self, read: Sequence[_Read]) -> pa.Table:
        """Return the results of rows in the order of their numbers; those that are rejected are pending."""
        answered = [found for one in read if (found := self._answer_part(*one))]
        if not answered:
            return self._schema.empty_table()
        rows, answers, foresight = _in_order(answered)
        # Only a row that is answered makes a later one its repeat.
        if repeated := self._tally.repeated(rows.case_id, rows.item_id):
            self._pending += [rows.reject(row, _REPEATED) for row in repeated]
            new = _others(repeated, len(rows))
            rows, answers, foresight = rows.take(new), answers.take(new), foresight.take(new)
            if not len(rows):
                return self._schema.empty_table()
        results = self._results(rows, answers, foresight)
        self._explain_disagreements(rows, results)
        self._items += len(results)
        self._tally.add(results, rows.all_stated())
        return results

    def _answer_part(self, rows: Rows, earlier: Rows | None, unread: Sequence[Reject]) -> Answered | None:
        """Return what can be answered of rows of one kind, or None; the rest is rejected."""
        self._pending += unread
        if not len(rows):
            return None
        answers = self._engine.answer(rows)
        if faulty := pc.indices_nonzero(answers.faulty).to_pylist():
            self._pending += [self._explain(rows, row) for row in faulty]
            good = _others(faulty, len(rows))
            rows, answers = rows.take(good), answers.take(good)
            earlier = None if earlier is None else earlier.take(good)
            if not len(rows):
                return None
        return rows, answers, pa.nulls(len(rows), pa.string()) if earlier is None else self._foresight(earlier)

    def _foresight(self, earlier: Rows) -> pa.Array:
        answers = self._engine.answer(earlier)
        # A row whose earlier facts contradict each other says nothing before the decision.
        return pc.if_else(answers.faulty, "undetermined", answers.outcome)

    def _explain(self, rows: Rows, row: int) -> Reject:
        """Return as a reject a row that the query found faulty, in the words of the reader of requests."""
        findings: list[Finding] = []
        if item_of(self._library, rows, row, findings) is not None:
            raise AssertionError(f"{rows.sources[row]}, row {rows.numbers[row]}: faulty for the query alone")
        return reject_of(rows, row, findings)

    def _explain_disagreements(self, rows: Rows, results: pa.Table) -> None:
        """Keep the first rows that disagree, each with the rationale that a check of it gives."""
        wanted = self._options.explained - len(self._disagreements)
        if wanted <= 0:
            return
        self._checker = self._checker or Checker(self._library)
        differs = pc.indices_nonzero(pc.equal(results["agrees"].combine_chunks(), False)).to_pylist()
        for row in differs[:wanted]:
            item = item_of(self._library, rows, row, [])
            if item is None:
                continue
            held = {name: results[name][row].as_py() for name in _DISAGREEMENT}
            why = rationale(self._checker.check_item(item), self._library)
            self._disagreements.append(
                Disagreement(**held, unmet=tuple(results["unmet"][row].as_py()), rationale=why)
            )

    def _results(self, rows: Rows, answers: Answers, foresight: pa.Array) -> pa.Table:
        count = len(rows)
        predicts = pc.is_in(answers.outcome, value_set=pa.array(["upheld", "overturned"]))
        agrees = pc.if_else(predicts, pc.equal(answers.outcome, rows.actual), pa.scalar(None, pa.bool_()))
        regions = rows.facts.get(REGION, pa.nulls(count, pa.string()))
        columns: dict[str, Any] = {
            "source": rows.sources.cast(pa.string()),
            "row": rows.numbers,
            "case_id": rows.case_id,
            "item_id": rows.item_id,
            "treatment": rows.facts[TREATMENT],
            "as_of": rows.facts[AS_OF],
            "predicted": answers.outcome,
            "basis": answers.basis,
            "actual": rows.actual,
            "agrees": agrees,
            "controlling": answers.controlling,
            "unmet": answers.unmet,
            "library_digest": pa.repeat(self._library.digest, count),
            "records": pc.if_else(rows.partial, "partial", "complete"),
            "jurisdiction": rows.facts[JURISDICTION],
            "body_region": pc.split_pattern(pc.if_else(pc.equal(regions, ""), None, regions), ";"),
            "foresight": foresight,
        }
        for kept, name in zip(self._options.keep, self._kept_names(), strict=True):
            columns[name] = rows.kept.get(kept, pa.nulls(count, pa.string()))
        return pa.table(columns, schema=self._schema)


def engine_named(name: str, library: Library) -> Engine:
    """Return an engine by the name it has on the command line."""
    if name == "durable":
        return RowByRowEngine(library)
    if name == "duckdb":
        return ColumnarEngine(library)
    if name == "spark":
        try:
            from guidecheck.batch.spark import SparkEngine
        except ImportError as error:
            message = f"the engine `spark` needs {error.name}, which is not installed"
            hint = "pip install 'guidecheck[spark]'"
            raise fault(Location("--engine"), "not-installed", message, hint) from None
        return SparkEngine(library)
    return SmallestFirstEngine(library)


def _slice(texts: TextRows, start: int) -> TextRows:
    if start == 0 and len(texts) <= ROWS_AT_ONCE:
        return texts
    return replace(
        texts,
        sources=texts.sources.slice(start, ROWS_AT_ONCE),
        numbers=texts.numbers.slice(start, ROWS_AT_ONCE),
        columns={name: column.slice(start, ROWS_AT_ONCE) for name, column in texts.columns.items()},
    )


def _in_order(parts: Sequence[Answered]) -> Answered:
    """Return rows of several kinds with their answers as one, in the order of their numbers."""
    if len(parts) == 1:
        return parts[0]
    rows, answers, foresight = zip(*parts, strict=True)
    together = joined(rows)
    order = pc.array_sort_indices(together.numbers)  # which keeps the order of a case's items
    return (
        together.take(order),
        Answers.joined(answers).take(order),
        pa.concat_arrays(foresight).take(order),
    )


def _others(places: Sequence[int], count: int) -> pa.Array:
    """Return the places of so many rows that are not among some."""
    return pa.array(np.setdiff1d(np.arange(count), places), pa.int64())
