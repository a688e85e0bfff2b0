"""Made-up items for the benchmarks that check one at a time: the examples, and variations of them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from guidecheck.errors import RequestError
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.request import Item
from guidecheck.requests.request_reader import read_request, request_from

ROOT = Path(__file__).resolve().parents[1]
TREATMENTS = ("massage_therapy", "manipulation", "physical_therapy", "exercise", "hot_cold_packs", "opioid")
REGIONS = ("low_back", "neck", "shoulder", "knee", "upper_back")
FLAGS = (
    "exercise_program",
    "functional_improvement",
    "functional_deficits",
    "flare_up",
    "home_program",
    "pain_relief",
    "drug_screen",
)


def example_items(library: Library) -> list[Item]:
    """Return the items of the shipped examples."""
    paths = sorted((ROOT / "examples").glob("*.yaml"))
    return [item for path in paths for item in read_request(path, library).items]


def varied_items(library: Library, count: int, seed: int = 1) -> list[Item]:
    """Return different items by the vocabulary, a tenth of them from partial records."""
    draw = random.Random(seed)
    found: list[Item] = []
    while len(found) < count:
        request: dict[str, Any] = {
            "as_of": f"{draw.randint(2012, 2016)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
            "records": "partial" if draw.random() < 0.1 else "complete",
            "items": [_facts(draw)],
        }
        try:
            found += request_from(from_data(request, "made up"), library).items
        except RequestError:
            continue  # it contradicts itself, or lacks what its treatment needs
    return found


def _facts(draw: random.Random) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "treatment": draw.choice(TREATMENTS),
        "body_region": draw.sample(REGIONS, draw.randint(1, 2)),
        "diagnosis_group": draw.choice(["myalgia_myositis", "neuralgia_radiculitis", "crps"]),
        "ongoing_use": draw.random() < 0.7,
    }
    if draw.random() < 0.9:
        facts["requested_visits"] = draw.randint(1, 40)
    if draw.random() < 0.8:
        facts["prior_visits"] = draw.choice([0, 0, 0, draw.randint(1, 60)])
    if draw.random() < 0.5:
        facts["weeks"] = draw.randint(1, 20)
    return facts | {flag: draw.random() < 0.6 for flag in FLAGS if draw.random() < 0.6}
