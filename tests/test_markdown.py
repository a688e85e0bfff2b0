"""The Markdown report: golden files, and that nothing a request says acts as markup."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import strategies  # noqa: F401 - its profile keeps Hypothesis quick
from guidecheck.render.characters import printable
from guidecheck.render.markdown import escaped, markdown_report
from reporting import EXAMPLE_NAMES, SEVERAL, TODAY, Reader, determined, hostile, library, without_digest

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def report(*names: str) -> str:
    return markdown_report([determined(name) for name in names], library(), TODAY)


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_an_example_looks_as_it_did(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report-{name}.md", without_digest(report(name)))


def test_several_requests_look_as_they_did(golden: Callable[[str, str], None]) -> None:
    golden("report-several.md", without_digest(report(*SEVERAL)))


def test_a_second_run_gives_the_same_bytes() -> None:
    assert report(*SEVERAL) == report(*SEVERAL)


def test_contents_lead_to_every_item() -> None:
    text = report(*SEVERAL)
    targets, anchors = set(re.findall(r"\]\(#([^)]*)\)", text)), set(re.findall(r'<a id="([^"]*)">', text))
    assert targets == anchors
    assert len(anchors) == len(SEVERAL) + sum(len(determined(name).items) for name in SEVERAL)


def test_texts_of_a_request_stay_texts() -> None:
    text = markdown_report([hostile()], library(), TODAY)
    tags = [(tag, attributes) for tag, attributes in Reader(_MARKDOWN.render(text)).tags if tag != "hr"]
    assert not {tag for tag, _ in tags} & {"script", "img"}
    assert not [a for tag, a in tags if tag == "a" and not (a.get("href") or "#").startswith("#")]
    assert not re.search(r"http://|(?<!\\)@you|(?<!\\)#1\b|www\.", text)
    assert not any(mark in text for mark in "\x1b\u202e")


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_every_row_of_a_table_has_its_cells(name: str) -> None:
    widths: dict[int, int] = {}
    for number, line in enumerate(report(name).splitlines()):
        if line.startswith("|"):
            widths[number] = len(re.findall(r"(?<!\\)\|", line))
            assert widths[number] == widths.get(number - 1, widths[number])
    assert widths


@given(st.text(alphabet=st.sampled_from("a1 -+=*_`<>[]()|~#&@$!\\.:/w\n\"'"), max_size=30))
def test_an_escaped_text_is_shown_as_it_is(text: str) -> None:
    shown = Reader(_MARKDOWN.render(f"x {escaped(text)} y")).words
    assert shown == " ".join(f"x {printable(text)} y".split())
    for line in (f"- {escaped(text)}", escaped(text)):
        tags = {tag for tag, _ in Reader(_MARKDOWN.render(line)).tags}
        assert tags <= {"ul", "li", "p"}


def test_remedies_and_warnings_are_there() -> None:
    text = report("decision-003")
    assert (
        "**In the request:** the number of visits asked for is at most 6 (now: 12), for example 3 visits" in text
    )
    assert "> **Is it current?**" not in text  # a decided case is history
    assert "> **Is it current?**" in report("low-back-massage")
    assert "- [ ] Ask for six visits or fewer" in text
