"""What unmet criteria of one topic say to do, in their own remedy texts and each thing once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from guidecheck.deciding.determination import CriterionResult
from guidecheck.language.conditions import Condition


def alternatives(
    results: Iterable[CriterionResult],
    worded: Callable[[CriterionResult], str] = lambda result: result.criterion.remedy,
) -> list[tuple[str, ...]]:
    """Return what criteria of one topic say to do: the texts of each source, any one of which is enough.

    What several criteria require alike is told once, in the fullest of their texts; of a source that requires all
    that another does and more besides, nothing is told. `worded` returns a criterion's text, "" for none.
    """
    fullest: dict[Condition | str, str] = {}
    sources: dict[str, dict[Condition | str, None]] = {}
    for result in results:
        text = worded(result)
        if text:
            # What a guideline rules out is required by nobody, so it is like nothing else.
            required = result.criterion.require or result.criterion.key
            fullest[required] = max(fullest.get(required, ""), text, key=len)
            sources.setdefault(result.authority.id, {})[required] = None
    least = [own for own in sources.values() if not any(own.keys() > other.keys() for other in sources.values())]
    told = dict.fromkeys(tuple(dict.fromkeys(fullest[required] for required in own)) for own in least)
    return [texts for texts in told if not any(_says_less(texts, other) for other in told)]


def either(told: Iterable[tuple[str, ...]]) -> str:
    """Return alternatives as one text."""
    return " Or: ".join(" ".join(texts) for texts in told)


def _says_less(texts: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell whether another text only goes on where one ends: "six visits", "six visits, with a date"."""
    one, more = (" ".join(each).rstrip(".") for each in (texts, other))
    return one != more and more.startswith(one)
