"""What a person must know to run a printed query: the columns it reads, and what its answer's bits stand for."""

from __future__ import annotations

from collections.abc import Iterator

from guidecheck.engine.columnar import CASES, ITEM, ColumnarProgram, Dialect, input_schema

_TYPES = {"boolean": "BOOLEAN", "int64": "BIGINT", "float64": "DOUBLE", "date": "DATE", "string": "VARCHAR"}


def notes(program: ColumnarProgram, dialect: Dialect) -> Iterator[str]:
    """Yield the lines of a note on a program."""
    quote, text = ("`", "STRING") if dialect == "pyspark" else ('"', "VARCHAR")
    records = "partial" if program.partial else "complete"
    yield f"guidecheck rules {program.library.version}, {program.library.digest}, for {records} records"
    yield ""
    yield f"Reads a table `{CASES}`, one row an item. NULL is what a row does not state."
    yield f"{ITEM}: a number of yours, which the answer repeats. f:FACT: the value of a fact (a name, for a"
    yield "choice; the names sorted and joined by ; for a set). f:FACT=MEMBER: whether a set has it."
    yield "d:FACT: whether it is stated that the fact is undocumented."
    for name, kind in input_schema(program.library, program.reading, program.given).items():
        type_ = _TYPES[kind.lstrip("!")]
        needed = " NOT NULL" if kind.startswith("!") else ""
        yield f"  {quote}{name}{quote} {text if type_ == 'VARCHAR' else type_}{needed}"
    yield ""
    yield f"Answers {ITEM}, faulty (the row contradicts itself or lacks what it needs, and has no answer),"
    yield "outcome, basis (met, failed or undocumented), and which criteria control and are unmet, as bits"
    yield "of words: controlling_0 and unmet_0 for word 0, and so on. The bits from the lowest:"
    for word, keys in enumerate(program.bits.by_word):
        for bit, key in enumerate(keys):
            yield f"  word {word}, bit {bit}: {key}"
    yield ""
