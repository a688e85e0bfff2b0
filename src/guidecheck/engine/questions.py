"""What an engine is asked of an item, guideline by guideline; the statuses follow from the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guidecheck.language.conditions import All, Condition, Op, Test
from guidecheck.library.models import Criterion, Guideline

APPLIES = "applies"


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of a condition: is it surely so, or (`possibly`) could it be."""

    name: str
    condition: Condition
    wanted: bool = True
    possibly: bool = False


def questions(guideline: Guideline, *, partial: bool) -> Iterator[Question]:
    """Yield what a guideline asks of an item; `partial` adds what unknown facts leave possible."""
    ways = (False, True) if partial else (False,)
    for possibly in ways:
        mark = "?" if possibly else ""
        yield Question(APPLIES + mark, guideline.applies_to, possibly=possibly)
        for criterion in guideline.criteria:
            guard = guard_of(criterion)
            if guard is not None:
                yield Question(f"{criterion.id}.when{mark}", guard, possibly=possibly)
            if criterion.unless is not None:
                yield Question(f"{criterion.id}.unless{mark}", criterion.unless, possibly=possibly)
            if criterion.require is not None:
                yield Question(f"{criterion.id}.met{mark}", criterion.require, possibly=possibly)
                if not possibly:
                    yield Question(f"{criterion.id}.failed", criterion.require, wanted=False)


def guard_of(criterion: Criterion) -> Condition | None:
    """Return `when` together with the rows that the criterion's tables must have, or None without either."""
    parts = cell_guards(criterion)
    if criterion.when is not None:
        parts.append(criterion.when)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def cell_guards(criterion: Criterion) -> list[Condition]:
    """Return that the criterion's tables have rows with the cells it reads, cell by cell."""
    return [Test(cell.key, Op.DOCUMENTED, True) for cell in criterion.cells]
