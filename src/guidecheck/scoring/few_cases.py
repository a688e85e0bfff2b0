"""The cases of jurisdictions that have too few scored for a rate, kept while a batch runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.explaining.past_cases import FEW

MOST_UNSCORED = 100
"""Cases with an outcome and no prediction that are shown of each jurisdiction."""

_COLUMNS = ("case_id", "item_id", "treatment", "as_of", "predicted", "actual", "agrees")

Case = dict[str, Any]


class FewCases:
    """The first cases with an outcome of each jurisdiction: the scored up to a rate's number, and some others."""

    def __init__(self) -> None:
        self._scored: dict[str, list[Case]] = {}
        self._unscored: dict[str, list[Case]] = {}

    def add(self, results: pa.Table) -> None:
        """Look through some results."""
        told = pc.is_valid(results["actual"])
        scored = pc.is_valid(results["agrees"])
        for name in pc.unique(results["jurisdiction"]).to_pylist():
            here = pc.and_(told, pc.equal(results["jurisdiction"], name))
            for held, kind, most in (
                (self._scored, scored, FEW),
                (self._unscored, pc.invert(scored), MOST_UNSCORED),
            ):
                cases = held.setdefault(name, [])
                if len(cases) < most:
                    found = results.filter(pc.and_(here, kind)).select(_COLUMNS)
                    cases += [_case(row) for row in found.slice(0, most - len(cases)).to_pylist()]

    def of(self, groups: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Case]]:
        """Return the cases of the jurisdictions that have too few scored, those first."""
        return {
            name: [*self._scored.get(name, ()), *self._unscored.get(name, ())]
            for name, group in groups.items()
            if group["scored"] < FEW
        }


def may_be_pooled(groups: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether each jurisdiction that has outcomes has enough scored for a rate of all of them."""
    told = [group for group in groups.values() if group["with_outcome"]]
    return bool(told) and all(group["scored"] >= FEW for group in told)


def _case(row: Case) -> Case:
    return {**row, "as_of": row["as_of"].isoformat()}
