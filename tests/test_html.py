"""The HTML report: golden files, and that it is whole, safe, readable and the same each time."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from guidecheck.deciding.checking import Checker
from guidecheck.render.html import html_report
from reporting import (
    EXAMPLE_NAMES,
    HOSTILE,
    SEVERAL,
    TODAY,
    Reader,
    checker,
    determined,
    example,
    hostile,
    library,
    made,
    with_law,
    without_digest,
)

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def page(*names: str) -> str:
    return html_report([determined(name) for name in names], library(), TODAY)


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_an_example_looks_as_it_did(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report-{name}.html", without_digest(page(name)))


def test_several_requests_look_as_they_did(golden: Callable[[str, str], None]) -> None:
    golden("report-several.html", without_digest(page(*SEVERAL)))


def test_a_second_run_gives_the_same_bytes() -> None:
    assert page(*SEVERAL) == page(*SEVERAL)


@pytest.mark.parametrize("names", [*((name,) for name in EXAMPLE_NAMES), SEVERAL])
def test_a_page_is_whole_and_needs_no_network(names: tuple[str, ...]) -> None:
    text = page(*names)
    read = Reader(text)
    assert not re.search(r"https?:|src=|url\(|@import|<script|<link|javascript:", text)
    assert [attributes["lang"] for attributes in read.of("html")] == ["en"]
    assert len(read.of("h1")) == len(read.of("main")) == 1
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for attributes in read.of("a"):
        assert (attributes["href"] or "").removeprefix("#") in ids
    for attributes in read.of("label"):
        assert attributes["for"] in ids
    assert len(read.of("label")) == len(read.of("input"))


def test_headings_go_down_one_level_at_a_time() -> None:
    levels = [_HEADINGS.index(tag) for tag, _ in Reader(page(*SEVERAL)).tags if tag in _HEADINGS]
    assert levels[0] == 0
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_contents_lead_to_every_item() -> None:
    read = Reader(page(*SEVERAL))
    targets = {attributes["href"] for attributes in read.of("a")}
    items = sum(len(determined(name).items) for name in SEVERAL)
    assert len(targets) == len(SEVERAL) + items
    assert "nav" not in [tag for tag, _ in Reader(page("low-back-massage")).tags]


def test_texts_of_a_request_stay_texts() -> None:
    text = html_report([hostile()], library(), TODAY)
    read = Reader(text)
    assert "script" not in [tag for tag, _ in read.tags]
    assert "<script>alert(1)</script>" in read.words
    assert not any(mark in text for mark in "\x1b\u202e")
    assert HOSTILE not in text
    assert not [a for a in read.of("a") if not (a["href"] or "").startswith("#")]


def test_what_a_person_must_know_is_there() -> None:
    words = Reader(page("decision-003")).words
    for part in (
        "Predicted UPHELD",
        "12, more than the 6 allowed",
        "In the request: the number of visits asked for is at most 6 (now: 12), for example 3 visits a week × 2 "
        "weeks (now: 3 × 4).",
        "none found in the records",
        "Criteria that do not decide",
        "assumed met",
        "not a determination",
        "neither medical nor legal advice",
        "no prediction; that is not a denial",
        library().digest,
    ):
        assert part in words
    assert "was in force until July 27, 2016" in Reader(page("low-back-massage")).words
    assert "was in force until" not in words  # a decided case is history


def test_without_a_guideline_nothing_is_predicted() -> None:
    answer = checker().check(made({"treatment": "other", "body_region": "neck"}))
    words = Reader(html_report([answer], library(), TODAY)).words
    assert "no prediction" in words
    assert "that is no denial" in words


def test_partial_records_without_needed_facts() -> None:
    answer = checker().check(made({"treatment": "manipulation"}, records="partial"))
    assert "undetermined" in html_report([answer], library(), TODAY)


def test_the_law_stands_apart() -> None:
    rules = with_law()
    answer = Checker(rules).check(example("low-back-massage"))
    words = Reader(html_report([answer], rules, TODAY)).words
    assert answer.items[0].legal
    assert words.count("The law, apart from the prediction") == 2  # criteria and checklist


def _colors(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))


def _luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_stands_out_in_every_scheme() -> None:
    css = page("low-back-massage").partition("<style>")[2].partition("</style>")[0]
    schemes = [_colors(block) for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)]
    assert len(schemes) == 3  # light, dark, print
    for colors in schemes:
        for text in ("text", "quiet", "link"):
            for ground in ("page", "panel"):
                assert _contrast(colors[text], colors[ground]) >= 4.5
        for text in ("bad", "good", "open"):
            assert _contrast(colors[text], colors[f"{text}-page"]) >= 4.5
