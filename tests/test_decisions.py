"""The nine disputed items of five published decisions, as requests under examples/."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from guidecheck import check, load_library
from guidecheck.deciding.determination import ItemDetermination

EXAMPLES = Path(__file__).parent.parent / "examples"
SEEDS = os.environ.get("GUIDECHECK_SEEDS")

# What the reviewer gave as the reason: the criterion that must be among the unmet ones.
REASONS = {
    ("decision-000", "massage"): "mtus-2009-massage.adjunct",
    ("decision-001", "chiropractic"): "mtus-2009-manipulation.functional-improvement",
    ("decision-001", "massage"): "mtus-definitions-functional-improvement.functional-improvement",
    ("decision-002", "massage"): "odg-low-back-massage.functional-improvement",
    ("decision-002", "hydromorphone"): "mtus-2009-opioids-continuing.functional-benefit",
    ("decision-003", "massage"): "mtus-2009-massage.visits",
    ("decision-003", "hot-cold-packs"): "acoem-2004-hot-cold-packs.active-care",
    ("decision-003", "exercises"): "mtus-2009-physical-medicine.visits",
    ("decision-004", "massage"): None,
}


def _items() -> dict[tuple[str, str], ItemDetermination]:
    answers = [check(path) for path in sorted(EXAMPLES.glob("decision-*.yaml"))]
    return {(answer.request.case_id, item.item.id): item for answer in answers for item in answer.items}


@pytest.fixture(scope="module")
def items() -> dict[tuple[str, str], ItemDetermination]:
    return _items()


def test_every_item_is_covered(items: dict[tuple[str, str], ItemDetermination]) -> None:
    assert set(items) == set(REASONS)


@pytest.mark.parametrize("key", REASONS, ids="-".join)
def test_predicted_as_decided_for_the_reviewers_reason(
    items: dict[tuple[str, str], ItemDetermination], key: tuple[str, str]
) -> None:
    item, reason = items[key], REASONS[key]
    assert item.outcome == item.item.actual
    unmet = [result.criterion.key for result in item.unmet]
    if reason is None:
        assert unmet == []
    else:
        assert reason in unmet


def test_decision_002_lacks_nothing_but_functional_improvement(
    items: dict[tuple[str, str], ItemDetermination],
) -> None:
    for item in ("massage", "hydromorphone"):
        unmet = items["decision-002", item].unmet
        asked = {fact for result in unmet for fact in result.criterion.required_facts}
        # A return to work would do for an opioid.
        assert asked == {"functional_improvement"} | ({"returned_to_work"} if item == "hydromorphone" else set())


def test_decision_004_is_overturned_with_and_without_odg() -> None:
    library = load_library()
    without = replace(library, jurisdictions={"california": ("mtus", "mtus_definitions")})
    for used in (library, without):
        assert check(EXAMPLES / "decision-004.yaml", used).items[0].outcome == "overturned"
    assert any(period.authority == "odg" for g in library.guidelines.values() for period in g.periods)


@pytest.mark.skipif(not SEEDS, reason="GUIDECHECK_SEEDS names no folder with the published decisions")
def test_actual_outcomes_are_those_of_the_letters(items: dict[tuple[str, str], ItemDetermination]) -> None:
    paths = sorted(Path(SEEDS or "").glob("*.txt"))
    assert paths
    for path in paths:
        decided = [word.lower() for word in re.findall(r":\s+(Upheld|Overturned)\b", path.read_text("utf-8"))]
        case = f"decision-{path.name[:3]}"
        assert [item.item.actual for (name, _), item in items.items() if name == case] == decided
