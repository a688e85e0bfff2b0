"""Words for how past cases that stood like an item ended."""

from __future__ import annotations

from guidecheck.deciding.determination import ItemDetermination, PastCases
from guidecheck.explaining.wording import day_words

FEW = 20
"""Of fewer cases a rate says little."""

HEADING = "Past cases that stood alike"
_NO_PART = "This is shown beside the prediction and is no part of it."


def past_cases_words(item: ItemDetermination) -> list[str]:
    """Return the sentences on past cases, the first with the numbers; none where no history was named."""
    past = item.past
    if past is None:
        return []
    if not item.controlling:
        return [f"No criterion decides here, so that no past case can have stood alike. {_NO_PART}"]
    if not past.n:
        return [f"In the history none was decided by the same criteria with the same of them unmet. {_NO_PART}"]
    told = [f"{_numbers(past)} {_period(past)} {_NO_PART}"]
    if past.n < FEW:
        told.append(f"Fewer than {FEW} cases say little.")
    if not past.same_rules:
        told.append(
            "Some or all of this history was answered with other rules than those in use: criteria of the same "
            "name may have asked for something else. Run `guidecheck batch` again to bring it up to date."
        )
    return told


def _numbers(past: PastCases) -> str:
    share = f"({past.share:.0%}; 95% interval {past.low:.0%} to {past.high:.0%})"
    alike = "decided by the same criteria with the same of them unmet"
    if past.n == 1:
        return f"1 past case was {alike}: the denial was {'upheld' if past.upheld else 'overturned'} {share}."
    return f"{past.n:,} past cases were {alike}: the denial was upheld in {past.upheld:,} of them {share}."


def _period(past: PastCases) -> str:
    if past.first == past.last:
        return f"{'It is' if past.n == 1 else 'All are'} dated {day_words(past.first)}."
    return f"They are dated {day_words(past.first)} to {day_words(past.last)}."
