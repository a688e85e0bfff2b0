"""The query over all rows gives what durable-rules and the oracle give one by one, on generated libraries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

pytest.importorskip("ibis")

import strategies
from guidecheck.batch.engines import ColumnarEngine, RowByRowEngine
from guidecheck.batch.json_lines import cell_text, rows_of
from guidecheck.batch.reading import RowReader, read_headings
from guidecheck.batch.rows import Rows
from guidecheck.engine.columnar import reading_of
from guidecheck.facts import FactType
from guidecheck.flat_rows import fact_cells
from guidecheck.library.models import Library

EXAMPLES = max(12, settings().max_examples // 8)


def as_row(number: int, record: strategies.Record, library: Library) -> dict[str, str | None] | None:
    """Return a generated record as the cells of a row, or None where a list in it has no total."""
    facts = library.vocabulary.facts
    row: dict[str, str | None] = {
        "case_id": f"case-{number}",
        "as_of": record["as_of"],
        "records": record["records"],
    }
    if any(facts[name].type is FactType.LIST for name in record["facts"]):
        if strategies.faults(record, library):
            return None
        return {**row, **fact_cells(strategies.read_item(record, library), library)}
    return {**row, **{name: cell_text(value) for name, value in record["facts"].items()}}


def read(rows: list[dict[str, str | None]], library: Library) -> Rows:
    texts = rows_of(["generated"] * len(rows), list(range(len(rows))), rows)
    headings = read_headings(list(texts.columns), library, "generated", whole=False, lists=True)
    good, _, rejects = RowReader(library, reading_of(library).members).read(texts, headings)
    assert rejects == []
    return good


@pytest.mark.parametrize("partial", [False, True], ids=["complete", "partial"])
@settings(max_examples=EXAMPLES, phases=[Phase.generate])
@given(data=st.data())
def test_the_query_agrees_with_durable_rules_and_the_oracle(data: Any, partial: bool) -> None:
    rules = data.draw(strategies.rule_sets())
    library = strategies.load(rules)
    drawn = data.draw(st.lists(strategies.records(rules, partial=partial), min_size=8, max_size=16))
    rows, records = [], []
    for record in drawn:
        row = as_row(len(rows), record, library)
        if row is not None:
            rows.append(row)
            records.append(record)
    if not rows:
        return
    read_rows = read(rows, library)
    found, expected = ColumnarEngine(library).answer(read_rows), RowByRowEngine(library).answer(read_rows)
    for place, record in enumerate(records):
        note(f"{record}")
        usable = rules.oracle.is_usable(record)
        assert found.faulty[place].as_py() is not usable
        if usable:
            for name in ("outcome", "basis", "controlling", "unmet"):
                assert getattr(found, name)[place] == getattr(expected, name)[place], name
            answer = rules.oracle.answer(record)
            assert found.outcome[place].as_py() == answer.outcome
            assert set(found.controlling[place].as_py()) == set(answer.controlling)
