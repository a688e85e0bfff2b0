"""Tests that people write as values are told with the rule language's own."""

from __future__ import annotations

import pytest

from guidecheck.errors import Location
from guidecheck.language.facts import Fact, FactType, Scope
from guidecheck.language.spoken_tests import test_said as name_said
from guidecheck.language.spoken_tests import tests_said as said


def fact(kind: FactType, unit: str = "") -> Fact:
    return Fact("any", kind, Scope.ITEM, "any", Location(""), unit=unit)


@pytest.mark.parametrize(
    ("text", "tests"),
    [
        ("<= 6", "`at_most: 6`"),
        ("<6", "`less_than: 6`"),
        ("≥ 2.5", "`at_least: 2.5`"),
        ("at_most 6", "`at_most: 6`"),
        ("No more than 6 visits", "`at_most: 6`"),
        ("6 or fewer", "`at_most: 6`"),
        ("6 visits or more", "`at_least: 6`"),
        ("6+", "`at_least: 6`"),
        ("not 6", "`none_of: [6]`"),
        ("4-6", "`at_least: 4` `at_most: 6`"),
        ("between 4 and 6", "`at_least: 4` `at_most: 6`"),
        ("6", ""),
        ("-6", ""),
        ("6 visits", ""),
        ("six", ""),
        ("about 6", ""),
        ("not", ""),
    ],
)
def test_of_numbers(text: str, tests: str) -> None:
    assert " ".join(said(fact(FactType.INTEGER, "visits"), text)) == tests


@pytest.mark.parametrize(
    ("text", "tests"),
    [
        ("before 2016-07-28", "`before: 2016-07-28`"),
        (">= 2016-07-28", "`on_or_after: 2016-07-28`"),
        ("by 2016-07-28", "`on_or_before: 2016-07-28`"),
        ("2016-07-28 or later", "`on_or_after: 2016-07-28`"),
        ("2015-01-01 to 2016-07-28", "`on_or_after: 2015-01-01` `on_or_before: 2016-07-28`"),
        ("not 2016-07-28", ""),
        ("2016-07-28", ""),
    ],
)
def test_of_dates(text: str, tests: str) -> None:
    assert " ".join(said(fact(FactType.DATE), text)) == tests


def test_names_of_tests() -> None:
    number, day = fact(FactType.NUMBER), fact(FactType.DATE)
    assert name_said(number, "max") == "write at_most"
    assert name_said(number, "!=") == "write none_of"
    assert name_said(number, "between") == "write at_least and at_most, each with its limit"
    assert name_said(day, "<") == "write before"
    assert name_said(day, "between") == "write on_or_after and on_or_before, each with its limit"
    assert (name_said(number, "likely"), name_said(day, "!="), name_said(fact(FactType.TEXT), "max")) == (
        "",
        "",
        "",
    )
