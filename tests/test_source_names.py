"""The code knows no treatment, drug, diagnosis, operation nor guideline: these are the rules' alone."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from guidecheck.library.loading import load_library

SOURCE = Path(__file__).parents[1] / "src" / "guidecheck"
KINDS = ("treatment", "drug", "diagnosis_group", "surgery")
ALLOWED = {"exercise", "other"}
SHORTEST = 5
"""Synonyms of fewer letters are words of their own, such as "if unit"."""

FILES = [path for path in sorted(SOURCE.rglob("*")) if path.suffix in (".py", ".html", ".css")]


@cache
def known_names() -> frozenset[str]:
    """Return what the rules call things: ids, and for the rest also labels and synonyms."""
    library = load_library(examples=False)
    names = {*library.guidelines}
    for kind in KINDS:
        for choice in library.vocabulary.facts[kind].choices.values():
            if choice.name in ALLOWED:
                continue
            names.add(choice.name)
            said = (choice.label, *choice.synonyms)
            names |= {word for word in said if len(re.sub("[^a-zA-Z]", "", word)) >= SHORTEST}
    return frozenset(name.casefold() for name in names if name.casefold() not in ALLOWED | {"if unit"})


def named_in(text: str) -> list[str]:
    """Return the names that stand in a text as words; `_` and `-` are like spaces, in names and in the text."""
    words = f" {re.sub('[^a-z0-9]+', ' ', text.casefold())} "
    return [name for name in sorted(known_names()) if f" {re.sub('[^a-z0-9]+', ' ', name).strip()} " in words]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_no_name_of_the_rules(path: Path) -> None:
    assert named_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        'if treatment == "massage_therapy":',
        "MTUS_2009_MASSAGE = 1",
        "# a Norco refill",
        '{"crps": 24}',
        "surgery.meniscectomy",
    ],
)
def test_a_name_would_be_found(text: str) -> None:
    assert named_in(text)
