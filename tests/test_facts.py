"""How the values of facts are read from text."""

from __future__ import annotations

from datetime import date

import pytest

from guidecheck.errors import Location
from guidecheck.language.facts import (
    Choice,
    Fact,
    FactType,
    Scope,
    Value,
    ValueFault,
    read_boolean,
    read_date,
    read_integer,
    read_number,
    read_scalar,
    show_value,
)


def fact(kind: FactType, **more: object) -> Fact:
    return Fact("fact", kind, Scope.ITEM, "the fact", Location("v.yaml", 1, 1), **more)  # type: ignore[arg-type]


REGIONS = {
    "neck": Choice("neck", "neck", ("C-spine",)),
    "low_back": Choice("low_back", "low back", ("lumbar/sacral",)),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", True), ("Y", True), (" TRUE ", True), ("no", False), ("N", False), ("False", False)],
)
def test_booleans(text: str, value: bool) -> None:
    assert read_boolean(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [("6", 6), ("6.0", 6), ("+6", 6), (".5", 0.5), ("1e3", 1000), ("-0", 0), ("0.1234567", 0.123457), (" 7 ", 7)],
)
def test_numbers(text: str, value: float) -> None:
    assert read_number(text) == value
    assert str(read_number("-0.0000001")) == "0.0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "six",
        "nan",
        ".nan",
        "inf",
        "-.inf",
        "1e999",
        "1,5",
        "1_000",
        "0x10",
        "6 visits",
        "١٢",
        "1e",
        "--1",
        "10000000000",
    ],
)
def test_no_numbers(text: str) -> None:
    with pytest.raises(ValueFault):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1,000", "write 1000"),
        ("Six", "write 6"),
        ("6 visits", "write the number alone: 6"),
        ("4-6", "write one number, in digits"),
    ],
)
def test_number_hints(text: str, hint: str) -> None:
    with pytest.raises(ValueFault) as error:
        read_number(text)
    assert error.value.hint == hint


def test_whole_numbers() -> None:
    assert read_integer("6.0") == 6
    assert isinstance(read_integer("6.0"), int)
    with pytest.raises(ValueFault, match="whole"):
        read_integer("6.5")


@pytest.mark.parametrize(
    "text",
    ["2015-08-21", " 2015-08-21 ", "2015-08-21T14:05", "2015-08-21 14:05:06.7Z", "2015-08-21T14:05:06+02:00"],
)
def test_dates(text: str) -> None:
    assert read_date(text) == date(2015, 8, 21)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("08/21/2015", "2015-08-21"),
        ("8/1/2015", "2015-08-01"),
        ("21/08/2015", "2015-08-21"),
        ("21.08.2015", "2015-08-21"),
        ("2015/8/21", "2015-08-21"),
        ("Aug 21, 2015", "2015-08-21"),
        ("August 21st 2015", "2015-08-21"),
        ("Foo 21, 2015", "as in"),
        ("13/13/2015", "as in"),
        ("2015", "as in"),
        ("20150821", "as in"),
        ("yesterday", "as in"),
        ("", "as in"),
        ("2015-08-21x", "as in"),
        ("٢٠١٥-٠٨-٢١", "as in"),
    ],
)
def test_date_hints(text: str, hint: str) -> None:
    with pytest.raises(ValueFault) as error:
        read_date(text)
    assert hint in error.value.hint


@pytest.mark.parametrize("text", ["2015-02-30", "2015-13-01", "0000-01-01", "2015-00-10"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(ValueFault, match="calendar"):
        read_date(text)


@pytest.mark.parametrize("word", ["neck", "NECK", " c spine ", "C-Spine", "c_spine"])
def test_synonyms(word: str) -> None:
    assert read_scalar(fact(FactType.CHOICE, choices=REGIONS), word) == "neck"
    assert read_scalar(fact(FactType.SET, choices=REGIONS), "Lumbar / Sacral") == "low_back"


@pytest.mark.parametrize(
    ("kind", "word", "hint"),
    [
        (FactType.CHOICE, "nek", "did you mean `neck`?"),
        (FactType.CHOICE, "xyz", "one of neck, low_back"),
        (FactType.SET, "neck, low back", "write a list: [neck, low_back]"),
        (FactType.SET, "Neck and lumbar/sacral", "write a list: [neck, low_back]"),
        (FactType.CHOICE, "neck and knee", "one of neck, low_back"),
    ],
)
def test_choice_hints(kind: FactType, word: str, hint: str) -> None:
    with pytest.raises(ValueFault) as error:
        read_scalar(fact(kind, choices=REGIONS), word)
    assert error.value.hint == hint


def test_limits() -> None:
    visits = fact(FactType.INTEGER, minimum=1, maximum=500)
    assert read_scalar(visits, "1") == 1
    assert read_scalar(visits, "500") == 500
    for text, message in (("0", "too small: the least is 1"), ("501", "too large: the most is 500")):
        with pytest.raises(ValueFault, match=message):
            read_scalar(visits, text)
    day = fact(FactType.DATE, minimum=date(1990, 1, 1), maximum=date(2050, 1, 1))
    for text, message in (("1989-12-31", "too early: the earliest is 1990-01-01"), ("2050-01-02", "too late")):
        with pytest.raises(ValueFault, match=message):
            read_scalar(day, text)


def test_texts() -> None:
    assert read_scalar(fact(FactType.TEXT), " 00100 ") == "00100"
    with pytest.raises(ValueFault):
        read_scalar(fact(FactType.TEXT), "  ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "undocumented"),
        (True, "yes"),
        (6, "6"),
        (0.5, "0.5"),
        (100000.0, "100000"),
        (date(2015, 8, 21), "2015-08-21"),
        (frozenset({"b", "a"}), "a, b"),
        (frozenset[str](), "none"),
        (({"drug": "oxycodone", "strength": 5.0},), "drug oxycodone, strength 5"),
    ],
)
def test_values_as_people_write_them(value: Value | None, text: str) -> None:
    assert show_value(value) == text
