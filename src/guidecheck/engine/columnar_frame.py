"""A table that grows by named columns, a level at a time, so that expressions stay small and none is repeated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import ibis.expr.types as ir

Build = Callable[[ir.Table], Mapping[str, ir.Value]]
"""Makes columns from those of lower levels."""


class Levels:
    """Steps in the order in which their columns build on each other; level 0 are the input's own columns."""

    def __init__(self) -> None:
        self._steps: list[list[Build]] = []

    def add(self, level: int, build: Build) -> int:
        """Plan columns at a level (1 or above) and return it."""
        while len(self._steps) < level:
            self._steps.append([])
        self._steps[level - 1].append(build)
        return level

    @property
    def top(self) -> int:
        """The highest level planned."""
        return len(self._steps)

    def apply(self, frame: ir.Table) -> ir.Table:
        """Return a table with all planned columns added."""
        for steps in self._steps:
            columns: dict[str, ir.Value] = {}
            for build in steps:
                columns.update(build(frame))
            if columns:
                frame = frame.mutate(**columns)
        return frame


def add(frame: ir.Table, columns: Mapping[str, ir.Value]) -> ir.Table:
    """Return a table with columns added."""
    return frame.mutate(**columns) if columns else frame


def keep(frame: ir.Table, kinds: Collection[str], *names: str) -> ir.Table:
    """Return a table with only the columns of some kinds (what stands before `:`), and those named."""
    return frame.select([n for n in frame.columns if n in names or n.partition(":")[0] in kinds])


def booleans(frame: ir.Table, names: Iterable[str]) -> list[ir.BooleanValue]:
    """Return several boolean columns."""
    found: list[ir.BooleanValue] = []
    for name in names:
        column = frame[name]
        assert isinstance(column, ir.BooleanValue)
        found.append(column)
    return found
