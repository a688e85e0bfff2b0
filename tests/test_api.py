"""The Python interface: what it takes, what it says of anything else, and what it keeps."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import guidecheck
from guidecheck import GuidecheckError, ItemDetermination, Library, Outcome, api, check, load_library

BASE = Path(__file__).parent / "bad_rules" / "base"
REQUEST = {"as_of": "2015-08-21", "items": [{"treatment": "massage"}]}
SMALL = {"as_of": "2015-08-21", "items": [{"treatment": "massage", "region": "neck"}]}


def test_everything_named_is_there() -> None:
    assert {"Determination", "ItemDetermination", "Library", "Outcome"} <= set(guidecheck.__all__)
    for name in guidecheck.__all__:
        assert getattr(guidecheck, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = guidecheck.nothing
    answer = check(REQUEST)
    assert isinstance(answer, guidecheck.Determination)
    assert isinstance(answer.items[0], ItemDetermination)
    assert answer.items[0].outcome is Outcome.UPHELD


def test_the_package_loads_nothing_by_itself() -> None:
    code = "import sys, guidecheck; print([name for name in sys.modules if name.startswith('guidecheck.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "day",
    [
        date(2014, 3, 2),
        datetime(2014, 3, 2, 23, 59, tzinfo=UTC),
        "2014-03-02",
        " 2014-03-02T08:30:00Z ",
    ],
)
def test_ways_to_name_a_day(day: date | str) -> None:
    answer = check(REQUEST, as_of=day)
    assert answer.as_of == date(2014, 3, 2)
    assert type(answer.as_of) is date


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("03/02/2014", "wrong-value: `03/02/2014` is not a date; write year-month-day: 2014-03-02"),
        ("", "wrong-value: `` is not a date"),
        ("1800-01-01", "wrong-value: 1800-01-01 is too early"),
        (date(2999, 1, 1), "wrong-value: 2999-01-01 is too late"),
        (20140302, "wrong-type: a int where a date was expected"),
    ],
)
def test_what_is_no_day(day: Any, said: str) -> None:
    with pytest.raises(GuidecheckError) as error:
        check(REQUEST, as_of=day)
    assert str(error.value).startswith(f"as_of: error {said}")
    assert len(error.value.findings) == 1


@pytest.mark.parametrize("library", ["rules", Path("rules"), {}, 0, ""])
def test_what_is_no_library(library: Any) -> None:
    with pytest.raises(TypeError, match=r"guidecheck\.load_library"):
        check(REQUEST, library)


def copies(count: int) -> list[Library]:
    library = load_library(BASE)
    return [replace(library, version=f"1.0.{number}") for number in range(count)]


def test_libraries_are_not_kept_for_ever() -> None:
    libraries = copies(50)
    alive = [weakref.ref(library) for library in libraries]
    for library in libraries:
        assert check(SMALL, library).library_version == library.version
    del library, libraries
    gc.collect()
    assert sum(held() is not None for held in alive) <= 4


def test_a_library_is_compiled_once_while_it_is_in_use() -> None:
    first, *others = copies(4)
    held = api._checker(first)
    for library in (*others, first, *copies(3), first):
        checker, _ = api._checker(library)
        assert checker.library is library
    assert api._checker(first) is held


def test_threads_may_share_libraries() -> None:
    libraries = copies(8)

    def answer(number: int) -> bool:
        library = libraries[number % len(libraries)]
        return check(SMALL, library).library_version == library.version

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(answer, range(64)))
