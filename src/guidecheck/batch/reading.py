"""From texts to rows: which column is which fact, and what every cell of a row says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.batch.cells import HIDDEN, CellReader
from guidecheck.batch.rows import Reject, Rows, TextRows
from guidecheck.errors import Finding, GuidecheckError, Location, did_you_mean, fault, shorten
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import AS_OF, JURISDICTION, STRUCTURAL, TREATMENT
from guidecheck.library.models import Library
from guidecheck.requests.flat_rows import ACTUAL, CASE_ID, FOUND, ITEM_ID, RECORDS
from guidecheck.requests.item_building import DEFAULT_JURISDICTION
from guidecheck.requests.request import Actual

STRUCTURE = (CASE_ID, ITEM_ID, RECORDS, ACTUAL)
NEEDED = (CASE_ID, AS_OF, TREATMENT)
RESULTS_MARK = "library_digest"
"""A column that only results have."""

MOST_REASONS = 5

_SIGNS = {";": "';'", "\t": "tab", "|": "'|'", ",": "','"}


@dataclass(frozen=True)
class Headings:
    """What the columns of a table are.

    `structure` and `facts` give the column of a name; `found` that of the records' finding; `kept` are columns to
    pass through.
    """

    structure: Mapping[str, str]
    facts: Mapping[str, str]
    found: Mapping[str, str]
    kept: tuple[str, ...]


def read_headings(
    names: Sequence[str],
    library: Library,
    source: str,
    *,
    renamed: Mapping[str, str] | None = None,
    keep: Iterable[str] = (),
    whole: bool = True,
    lists: bool = False,
) -> Headings:
    """Return what the columns of a table are.

    Args:
        names: the table's headings.
        library: whose vocabulary names the facts.
        source: the file's name, for messages.
        renamed: the name that each of some headings stands for (`--map`).
        keep: headings to pass through (`--keep`).
        whole: the headings are those of a whole file, so that one that is missing is a mistake.
        lists: columns may say that a list is stated, as rows made of requests do.

    Raises:
        GuidecheckError: with every heading that is unknown or stands twice, and what is missing.
    """
    renamed = renamed or {}
    facts = library.vocabulary.facts
    findings: list[Finding] = []
    if len(names) == 1 and any(sign in names[0] for sign in _SIGNS):
        message = f"a single column `{shorten(names[0])}`"
        raise fault(Location(source), "wrong-delimiter", message, _delimiter_hint(names))
    keep = tuple(name for name in keep if name in names)
    if RESULTS_MARK in names and RESULTS_MARK not in (*keep, *renamed):
        message = "these are the results of an earlier batch, no cases"
        raise fault(Location(source), "results-table", message, "name the table of the cases")
    held: dict[str, str] = {}
    for heading in names:
        name = renamed.get(heading, heading).strip()
        wrong = _column_fault(heading, library, source, renamed, lists=lists)
        if wrong is not None:
            # A column that is kept need be no fact; one that is a fact is read as well.
            if heading not in keep or heading in renamed:
                findings.append(wrong)
        elif name in held:
            message = f"columns `{held[name]}` and `{heading}` are both `{name}`"
            findings.append(Finding(Location(source), "duplicate-column", message, "keep one of them"))
        else:
            held[name] = heading
    missing = [name for name in NEEDED if name not in held] if whole else []
    if missing:
        message = f"no column {', '.join(f'`{name}`' for name in missing)}"
        findings.append(Finding(Location(source), "missing-column", message, _delimiter_hint(names)))
    if findings:
        raise GuidecheckError(findings)
    return Headings(
        structure={name: held[name] for name in STRUCTURE if name in held},
        facts={name: heading for name, heading in held.items() if name in facts},
        found={
            name.removesuffix(FOUND): h for name, h in held.items() if name not in facts and name.endswith(FOUND)
        },
        kept=keep,
    )


def _column_fault(
    heading: str, library: Library, source: str, renamed: Mapping[str, str], *, lists: bool
) -> Finding | None:
    facts = library.vocabulary.facts
    name = renamed.get(heading, heading).strip()
    base = name.removesuffix(FOUND)
    fact = facts.get(base)
    if name in STRUCTURE:
        return None
    if fact is None:
        if not name:
            hint = "name it in the heading, or delete it"
            return Finding(Location(source), "unknown-column", "a column without a name", hint)
        mapped = f", which --map names `{shorten(name)}`" if name != heading else ""
        hint = (
            did_you_mean(name, [*facts, *STRUCTURE]) or "name its fact with --map, or pass it through with --keep"
        )
        return Finding(Location(source), "unknown-column", f"unknown column `{shorten(heading)}`{mapped}", hint)
    if base in STRUCTURAL and name != base:
        message = f"`{heading}`: the records' finding beside `{base}`, of which there is only one"
        return Finding(Location(source), "unknown-column", message, f"leave it out; `{base}` holds for both views")
    if fact.type is FactType.LIST and not lists:
        totals = _totals_of(library, base)
        hint = f"write the total as `{totals[0]}`" if totals else "leave it out"
        return Finding(Location(source), "list-column", f"`{heading}` is a list, which one cell can't hold", hint)
    return None


def check_named(options: Mapping[str, Iterable[str]], names: Iterable[str]) -> None:
    """Raise GuidecheckError where options name columns that no input has.

    Args:
        options: the columns by the option that names them.
        names: all headings of all inputs.
    """
    known = set(names)
    findings = [
        Finding(
            Location(option),
            "unknown-column",
            f"no input has a column `{shorten(name)}`",
            did_you_mean(name, known),
        )
        for option, wanted in options.items()
        for name in wanted
        if name not in known
    ]
    if findings:
        raise GuidecheckError(findings)


def _delimiter_hint(names: Sequence[str]) -> str:
    for sign, word in _SIGNS.items():
        if any(sign in name for name in names):
            return f"are the columns separated otherwise? try --delimiter {word}"
    return "add it, or name the column that holds it with --map"


def _totals_of(library: Library, list_fact: str) -> list[str]:
    return [n for n in library.vocabulary.derivations if list_fact in library.vocabulary.inputs(n)]


@dataclass
class RowReader:
    """Reads rows of tables; a row with a mistake becomes a reject."""

    library: Library
    members: Mapping[str, Sequence[str]]
    partial_default: bool = False
    _readers: dict[str, CellReader] = field(default_factory=dict)

    def read(self, texts: TextRows, headings: Headings) -> tuple[Rows, Rows | None, list[Reject]]:
        """Return the good rows, the same as known before the decision, and the rejects.

        The second is None where no column tells the records' findings from the reviewer's.
        """
        reasons: dict[int, list[str]] = {}
        facts: dict[str, pa.Array] = {}
        members: dict[str, pa.Array] = {}
        marks: dict[str, pa.Array] = {}
        before: dict[str, tuple[pa.Array, dict[str, pa.Array], pa.Array]] = {}
        for name in dict.fromkeys([*headings.facts, *headings.found]):
            reader = self._reader(name)
            column = headings.facts.get(name)
            found = headings.found.get(name)
            read = None if column is None else reader.read(texts.columns[column])
            recorded = None if found is None else reader.read(texts.columns[found])
            for side in (read, recorded):
                for row, reason in (side.faults if side else {}).items():
                    reasons.setdefault(row, []).append(reason)
            if recorded is not None:
                before[name] = (recorded.values, recorded.members, recorded.undocumented)
            if read is None:
                read = recorded
            elif recorded is not None:
                # What only the records state counts as well.
                silent = pc.and_(pc.is_null(read.values), pc.invert(read.undocumented))
                read = type(read)(
                    pc.if_else(silent, recorded.values, read.values),
                    {m: pc.if_else(silent, recorded.members[m], v) for m, v in read.members.items()},
                    pc.if_else(silent, recorded.undocumented, read.undocumented),
                    {},
                )
            assert read is not None
            facts[name], marks[name] = read.values, read.undocumented
            members.update({f"{name}={member}": values for member, values in read.members.items()})
        count = len(texts)
        facts[JURISDICTION] = pc.fill_null(
            facts.get(JURISDICTION, pa.nulls(count, pa.string())), DEFAULT_JURISDICTION
        )
        marks[JURISDICTION] = pa.repeat(pa.scalar(False), count)
        facts.setdefault(AS_OF, pa.nulls(count, pa.date32()))
        facts.setdefault(TREATMENT, pa.nulls(count, pa.string()))
        for name in (AS_OF, TREATMENT):
            marks.setdefault(name, pa.repeat(pa.scalar(False), count))
        for row in pc.indices_nonzero(pc.is_null(facts[AS_OF])).to_pylist():
            if row not in reasons:
                reasons[row] = ["`as_of` is missing; write the date of the utilization review decision"]
        rows = Rows(
            sources=texts.sources,
            numbers=texts.numbers,
            case_id=self._ids(texts, headings, CASE_ID),
            item_id=self._ids(texts, headings, ITEM_ID),
            partial=self._records(texts, headings, reasons),
            actual=self._actual(texts, headings, reasons),
            kept={name: texts.columns[name] for name in headings.kept},
            facts=facts,
            members=members,
            marks=marks,
            catalogue=self.library.vocabulary.facts,
        )
        for row in pc.indices_nonzero(pc.is_null(rows.case_id)).to_pylist():
            reasons.setdefault(row, []).append("no `case_id`")
        for name, identity in ((CASE_ID, rows.case_id), (ITEM_ID, rows.item_id)):
            hidden = pc.fill_null(pc.match_substring_regex(identity, HIDDEN), False)
            for row in pc.indices_nonzero(hidden).to_pylist():
                reasons.setdefault(row, []).append(f"`{name}` holds a line break or another control character")
        rows.item_id = pc.coalesce(rows.item_id, pc.fill_null(facts[TREATMENT], "item"))
        rejects = [rows.reject(row, "; ".join(why[:MOST_REASONS])) for row, why in sorted(reasons.items())]
        earlier = _before(rows, before) if before else None
        if reasons:
            good = np.ones(count, dtype=bool)
            good[list(reasons)] = False
            places = pa.array(np.flatnonzero(good))
            rows = rows.take(places)
            earlier = None if earlier is None else earlier.take(places)
        return rows, earlier, rejects

    def _reader(self, name: str) -> CellReader:
        if name not in self._readers:
            self._readers[name] = CellReader(self.library.vocabulary.facts[name], self.members.get(name, ()))
        return self._readers[name]

    def _ids(self, texts: TextRows, headings: Headings, name: str) -> pa.Array:
        column = headings.structure.get(name)
        if column is None:
            return pa.nulls(len(texts), pa.string())
        trimmed = pc.utf8_trim_whitespace(texts.columns[column])
        return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)

    def _words(
        self, texts: TextRows, headings: Headings, name: str, words: Sequence[str], reasons: dict[int, list[str]]
    ) -> pa.Array:
        """Return a column of fixed words in lower case, NULL where empty."""
        found = pc.utf8_lower(self._ids(texts, headings, name))
        wrong = pc.invert(pc.or_kleene(pc.is_null(found), pc.is_in(found, value_set=pa.array(words))))
        for row in pc.indices_nonzero(wrong).to_pylist():
            reasons.setdefault(row, []).append(f"`{name}` is `{found[row].as_py()}`; one of {', '.join(words)}")
        return found

    def _records(self, texts: TextRows, headings: Headings, reasons: dict[int, list[str]]) -> pa.Array:
        words = self._words(texts, headings, RECORDS, ("complete", "partial"), reasons)
        return pc.fill_null(pc.equal(words, "partial"), self.partial_default)

    def _actual(self, texts: TextRows, headings: Headings, reasons: dict[int, list[str]]) -> pa.Array:
        return self._words(texts, headings, ACTUAL, tuple(Actual), reasons)


def _before(rows: Rows, before: Mapping[str, tuple[pa.Array, dict[str, pa.Array], pa.Array]]) -> Rows:
    """Return rows with the facts that were known before the decision; the rest of the records is unknown."""
    members = dict(rows.members)
    for name, (_, found, _) in before.items():
        members.update({f"{name}={member}": values for member, values in found.items()})
    return Rows(
        rows.sources,
        rows.numbers,
        rows.case_id,
        rows.item_id,
        pa.repeat(pa.scalar(True), len(rows)),
        rows.actual,
        rows.kept,
        {**rows.facts, **{name: values for name, (values, _, _) in before.items()}},
        members,
        {**rows.marks, **{name: marks for name, (_, _, marks) in before.items()}},
        rows.catalogue,
    )


def reject_of(rows: Rows, row: int, findings: Sequence[Finding]) -> Reject:
    """Return a row as a reject, for the mistakes that the reader of requests found in it."""
    return rows.reject(row, "; ".join(finding.words for finding in findings[:MOST_REASONS]))
