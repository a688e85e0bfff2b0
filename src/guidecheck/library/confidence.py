"""A library without what its authors are less sure of than asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from guidecheck.language.tables import Table
from guidecheck.library.confidence_words import CONFIDENCES
from guidecheck.library.models import Guideline, LeftOut, Library


def sure_enough(library: Library, least: str) -> Library:
    """Return a library without the criteria and the rows of tables that are less sure than a level.

    A guideline of which no criterion is left is left out whole, so that it takes nobody's place.

    Args:
        library: the whole library.
        least: `confirmed`, `known` or `uncertain`, which leaves nothing out.

    Raises:
        ValueError: `least` is none of these.
    """
    if least not in CONFIDENCES:
        raise ValueError(f"`{least}` is no confidence; write one of {', '.join(CONFIDENCES)}")
    if least == CONFIDENCES[-1]:
        return library
    allowed = CONFIDENCES[: CONFIDENCES.index(least) + 1]
    shared = _sure_tables(library.vocabulary.tables, allowed)
    guidelines: dict[str, Guideline] = {}
    rows = _rows(library.vocabulary.tables) - _rows(shared)
    left_out: list[str] = []
    for guideline in library.guidelines.values():
        own = library.own_tables(guideline)
        sure = _sure_tables(own, allowed)
        rows += _rows(own) - _rows(sure)
        criteria = tuple(criterion for criterion in guideline.criteria if criterion.confidence in allowed)
        left_out += [criterion.key for criterion in guideline.criteria if criterion.confidence not in allowed]
        if criteria:
            guidelines[guideline.id] = replace(guideline, criteria=criteria, tables={**shared, **sure})
    digest = hashlib.sha256(f"{library.digest}\0{least}".encode()).hexdigest()
    return replace(
        library,
        digest=f"sha256:{digest}",
        vocabulary=replace(library.vocabulary, tables=shared),
        guidelines=guidelines,
        left_out=LeftOut(least, tuple(left_out), rows),
    )


def _sure_tables(tables: Mapping[str, Table], allowed: tuple[str, ...]) -> dict[str, Table]:
    return {
        name: replace(
            table, rows=tuple(row for row in table.rows if (row.confidence or CONFIDENCES[0]) in allowed)
        )
        for name, table in tables.items()
    }


def _rows(tables: Mapping[str, Table]) -> int:
    return sum(len(table.rows) for table in tables.values())
