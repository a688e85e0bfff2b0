"""What to do is said once: the fuller of two texts for one thing, and the least of what is enough."""

from __future__ import annotations

import pytest

import strategies
from guidecheck.deciding.checking import Checker
from guidecheck.explaining.remedy_texts import alternatives, either
from test_control import criterion, guideline, rules_of


def told(one: dict[str, str], other: dict[str, str]) -> str:
    """Return what two sources of one rank say to do; each has remedy texts by the flag that they ask for."""
    texts = [
        guideline(
            authority,
            authority,
            *(criterion(flag, "visits", flag, remedy=text) for flag, text in asked.items()),
        )
        for authority, asked in (("low", one), ("equal", other))
    ]
    rules = rules_of(*texts)
    library = strategies.load(rules)
    record = {"as_of": "2015-01-01", "records": "complete", "facts": {"treatment": "massage"}}
    return either(alternatives(Checker(library).check_item(strategies.read_item(record, library)).criteria))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"p": "Record the gain."}, {"q": "Ask for six."}, "Record the gain. Or: Ask for six."),
        ({"p": "Record the gain."}, {"p": "Record the gain, as measured."}, "Record the gain, as measured."),
        ({"p": "Measure what was gained."}, {"p": "Record the gain."}, "Measure what was gained."),
        # Who does what one source asks need not do what another asks besides.
        ({"p": "Record the gain."}, {"p": "Write it down.", "q": "Ask for six."}, "Record the gain."),
        (
            {"p": "Record the gain.", "r": "Name goals."},
            {"p": "Write it down.", "q": "Ask for six."},
            "Record the gain. Name goals. Or: Record the gain. Ask for six.",
        ),
        ({"p": "Ask for six."}, {"q": "Ask for six, with a date."}, "Ask for six, with a date."),
        ({"p": "Ask for six."}, {"q": "Ask for six."}, "Ask for six."),
    ],
)
def test_each_thing_is_said_once(one: dict[str, str], other: dict[str, str], expected: str) -> None:
    assert told(one, other) == expected
