"""Counts of a batch as it runs, in tables that go to disk where they grow, so that memory doesn't."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from guidecheck.explaining.past_cases import FEW
from guidecheck.language.vocabulary import JURISDICTION
from guidecheck.library.models import Library
from guidecheck.requests.request import Actual
from guidecheck.scoring.few_cases import FewCases
from guidecheck.scoring.figures import Confusion, agreement, wilson

GROUPS = {
    "treatment": "SELECT treatment AS g, * FROM tally",
    "region": "SELECT coalesce(g, 'none') AS g, t.* FROM tally t, unnest(CASE WHEN len(regions) > 0 THEN regions "
    "ELSE [NULL] END) AS u(g)",
    "guideline": "SELECT DISTINCT c.g, t.* FROM (SELECT row_number() OVER () AS id, * FROM tally) t,"
    " unnest(t.controlling) AS u(k) JOIN criteria c ON c.k = u.k",
    "jurisdiction": "SELECT jurisdiction AS g, * FROM tally",
    "year": "SELECT CAST(year AS VARCHAR) AS g, * FROM tally",
    "criterion": "SELECT g, t.* FROM tally t, unnest(unmet) AS u(g)",
}
"""How rows are grouped; an item counts in each of its regions, guidelines and unmet criteria."""

_Count = tuple[Any, ...]
_MEMORY = "512MB"
_CONSISTENCY = ("cases", "groups", "cases_in_groups", "mixed_groups", "cases_in_mixed_groups")


class Tally:
    """Counts results by everything that a scorecard tells apart, and cases by their facts."""

    def __init__(self, folder: Path, library: Library) -> None:
        # In memory, and beyond its limit in the folder: a database in a file would write every row twice.
        self._connection = duckdb.connect(config={"memory_limit": _MEMORY, "threads": 2})
        run = self._connection.execute
        run("SET autoinstall_known_extensions = false")
        run(f"SET temp_directory = '{str(folder).replace(chr(39), chr(39) * 2)}'")
        run("SET preserve_insertion_order = false")
        run("CREATE TABLE seen (case_id VARCHAR, item_id VARCHAR)")
        run(
            "CREATE TABLE tally (predicted VARCHAR, basis VARCHAR, actual VARCHAR, foresight VARCHAR,"
            " treatment VARCHAR, jurisdiction VARCHAR, year BIGINT, regions VARCHAR[], controlling VARCHAR[],"
            " unmet VARCHAR[], n BIGINT)"
        )
        run("CREATE TABLE alike (facts UBIGINT, scored BOOLEAN, actual VARCHAR)")
        self._few = FewCases()
        self._guidelines = {criterion.key: criterion.guideline for criterion in library.criteria()}

    def repeated(self, case_id: pa.Array, item_id: pa.Array) -> list[int]:
        """Return the places of rows whose case and item came before, here or in an earlier call.

        All of them count as seen from now on.
        """
        table = pa.table({"place": pa.array(range(len(case_id))), "case_id": case_id, "item_id": item_id})
        self._connection.register("incoming", table)
        found = self._connection.execute(
            "SELECT place FROM (SELECT place, row_number() OVER (PARTITION BY case_id, item_id ORDER BY place)"
            " AS nth FROM incoming) WHERE nth > 1"
            " UNION SELECT place FROM incoming SEMI JOIN seen USING (case_id, item_id) ORDER BY place"
        ).fetchall()
        self._connection.execute("INSERT INTO seen SELECT DISTINCT case_id, item_id FROM incoming")
        self._connection.unregister("incoming")
        return [place for (place,) in found]

    def add(self, results: pa.Table, stated: Mapping[str, pa.Array]) -> None:
        """Count results; `stated` is all that the rows say, in the same order, NULL where they say nothing."""
        self._few.add(results)
        self._connection.register("results", results)
        self._connection.execute(
            "INSERT INTO tally SELECT predicted, basis, actual, foresight, treatment, jurisdiction, year(as_of),"
            " body_region, controlling, unmet, count(*) FROM results GROUP BY ALL"
        )
        self._connection.unregister("results")
        told = pc.is_valid(results["actual"])
        telling = [name for name, column in stated.items() if column.null_count < len(column)]
        table = pa.table({**{name: stated[name] for name in telling}, " actual": results["actual"]})
        table = table.append_column(" scored", pc.is_valid(results["agrees"])).filter(told)
        self._connection.register("stated", table)
        self._connection.execute(
            f'INSERT INTO alike SELECT {_fingerprint(telling)}, " scored", " actual" FROM stated'  # noqa: S608 - own names
        )
        self._connection.unregister("stated")

    def scorecard(self, *, rejected: int, library: Library) -> dict[str, Any]:
        """Return the metrics of everything counted."""
        self._connection.execute("CREATE OR REPLACE TABLE criteria (k VARCHAR, g VARCHAR)")
        if self._guidelines:
            self._connection.executemany("INSERT INTO criteria VALUES (?, ?)", list(self._guidelines.items()))
        counts = {name: self._counts(query) for name, query in GROUPS.items()}
        by = {name: _figures(held) for name, held in counts.items()}
        by_jurisdiction = {
            jurisdiction: {
                name: _figures(held, jurisdiction) for name, held in counts.items() if name != JURISDICTION
            }
            for jurisdiction in by[JURISDICTION]
        }
        return {
            "schema_version": 1,
            "library": library.identity,
            "overall": {
                **self._group("SELECT NULL AS g, * FROM tally"),
                "rejected": rejected,
            },
            "by": by,
            "by_jurisdiction": by_jurisdiction if len(by_jurisdiction) > 1 else {},
            "cases": self._few.of(by[JURISDICTION]),
            "views": self._views(),
            "consistency": self._consistency(),
        }

    def _counts(self, query: str, predicted: str = "predicted") -> list[_Count]:
        """Return the counts by jurisdiction, group, prediction, outcome and basis."""
        return self._connection.execute(
            f"SELECT jurisdiction, g, {predicted}, actual, basis, sum(n)::BIGINT FROM ({query}) GROUP BY ALL"  # noqa: S608
        ).fetchall()

    def _group(self, query: str, predicted: str = "predicted") -> dict[str, Any]:
        """Return the figures of all rows of a query together."""
        return _figures(self._counts(query, predicted)).get("none", _group({}))

    def _views(self) -> dict[str, Any]:
        """Return the scores with all facts, and with those known before the decision."""
        told = "SELECT NULL AS g, * FROM tally WHERE foresight IS NOT NULL"
        foresight = self._group(told, "foresight")
        fidelity = self._group("SELECT NULL AS g, * FROM tally")
        if not foresight["items"]:
            return {"fidelity": fidelity, "foresight": None, "difference": None}
        same = self._group(told)
        foresight.pop("upheld_undocumented")
        return {
            "fidelity": fidelity,
            "foresight": foresight,
            "difference": {
                "items": foresight["items"],
                "scored": foresight["scored"] - same["scored"],
                **{
                    name: _difference(foresight[name], same[name])
                    for name in ("coverage", "accuracy", "balanced_accuracy", "mcc")
                },
            },
        }

    def _consistency(self) -> dict[str, Any]:
        every, scored = self._alike(only_scored=False), self._alike(only_scored=True)
        return {
            **{name: every[name] for name in _CONSISTENCY},
            "best_reachable_accuracy": _part(every["best"], every["cases"]),
            "best_reachable_of_scored": _part(scored["best"], scored["cases"]),
        }

    def _alike(self, *, only_scored: bool) -> dict[str, int]:
        """Return what becomes of cases with equal facts: of groups of two or more, and of those that are mixed."""
        query = (
            "SELECT coalesce(sum(up + over), 0)::BIGINT AS cases,"
            " count(*) FILTER (up + over > 1) AS groups,"
            " coalesce(sum(up + over) FILTER (up + over > 1), 0)::BIGINT AS cases_in_groups,"
            " count(*) FILTER (up > 0 AND over > 0) AS mixed_groups,"
            " coalesce(sum(up + over) FILTER (up > 0 AND over > 0), 0)::BIGINT AS cases_in_mixed_groups,"
            " coalesce(sum(greatest(up, over)), 0)::BIGINT AS best"
            " FROM (SELECT facts, count(*) FILTER (actual = 'upheld') AS up,"
            " count(*) FILTER (actual = 'overturned') AS over"
            " FROM alike WHERE scored OR NOT ? GROUP BY facts)"
        )
        (row,) = self._connection.execute(query, [only_scored]).to_arrow_table().to_pylist()
        return dict(row)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _fingerprint(names: Sequence[str]) -> str:
    """Return SQL for a number that rows of equal facts share, whatever other columns stand in their files.

    A fact that a row does not state counts for nothing, and the order of the columns neither; the name is mixed
    into each value before they are joined, so that two facts cannot change places unseen.
    """
    if len(names) > 1:
        middle = len(names) // 2
        return f"xor({_fingerprint(names[:middle])}, {_fingerprint(names[middle:])})"
    (name,) = names
    return f"""CASE WHEN "{name}" IS NULL THEN 0::UBIGINT ELSE hash(xor(hash("{name}"), hash('{name}'))) END"""


def _part(count: int, whole: int) -> float | None:
    return count / whole if whole else None


def _group(counts: Mapping[tuple[str | None, ...], int]) -> dict[str, Any]:
    """Return the figures of a group from its counts by prediction, outcome and basis."""

    def count(predicted: str | None = None, actual: str | None = None, basis: str | None = None) -> int:
        wanted = (predicted, actual, basis)
        return sum(
            n for key, n in counts.items() if all(w is None or w == k for w, k in zip(wanted, key, strict=True))
        )

    confusion = Confusion(
        count("upheld", "upheld"),
        count("upheld", "overturned"),
        count("overturned", "upheld"),
        count("overturned", "overturned"),
    )
    with_outcome = sum(count(actual=actual.value) for actual in Actual)
    return {
        "items": count(),
        "few": confusion.scored < FEW,
        "undetermined": count("undetermined"),
        "no_guideline": count("no_guideline"),
        "upheld_undocumented": count("upheld", basis="undocumented"),
        "with_outcome": with_outcome,
        "coverage": wilson(confusion.scored, with_outcome),
        **agreement(confusion),
    }


def _difference(left: dict[str, float] | None, right: dict[str, float] | None) -> float | None:
    return None if left is None or right is None else left["value"] - right["value"]


def _figures(counts: Iterable[_Count], only: str | None = None) -> dict[str, dict[str, Any]]:
    """Return the figures of each group, in the order of their names; `only` those of a jurisdiction."""
    groups: dict[str, Counter[tuple[str | None, ...]]] = {}
    for jurisdiction, group, *key, count in counts:
        if only in (None, jurisdiction):
            groups.setdefault(group or "none", Counter())[tuple(key)] += count
    return {group: _group(groups[group]) for group in sorted(groups)}
