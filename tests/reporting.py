"""What the tests of reports share: determinations of shipped examples, and a request that tries to break pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from guidecheck import load_library
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import Determination
from guidecheck.deciding.remedies import RemedyFinder
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.request import Request
from guidecheck.requests.request_reader import read_request, request_from

EXAMPLES = Path(__file__).parent.parent / "examples"
TODAY = date(2026, 11, 21)
EXAMPLE_NAMES = ("decision-003", "low-back-massage", "opioid-draft")
SEVERAL = ("decision-001", "decision-003", "decision-004")

HOSTILE = (
    "<script>alert(1)</script> [a](http://evil.test) ![b](x) | **c** `d` &amp; @you #1 www.evil.test "
    "\x1b[31m\u202e"
)


@cache
def library() -> Library:
    return load_library()


@cache
def checker() -> Checker:
    return Checker(library())


def only(*names: str) -> Library:
    """Return the library with these guidelines alone, each with its first period only.

    What the library says where a guideline is lacking must not depend on which ones it happens to have.
    """
    kept = {name: library().guidelines[name] for name in names}
    cut = {name: replace(guideline, periods=guideline.periods[:1]) for name, guideline in kept.items()}
    return replace(library(), guidelines=cut)


def example(name: str, as_of: date | None = None) -> Request:
    return read_request(EXAMPLES / f"{name}.yaml", library(), as_of=as_of, today=TODAY)


def made(item: dict[str, Any], **more: Any) -> Request:
    data = {"as_of": "2015-08-21", "items": [item], **more}
    return request_from(from_data(data, "request"), library(), today=TODAY)


@cache
def determined(name: str) -> Determination:
    """Return the determination of an example, with its remedies."""
    return with_remedies(checker().check(example(name)))


def with_remedies(determination: Determination) -> Determination:
    finder = RemedyFinder(checker())
    items = tuple(replace(item, remedies=finder.find(item)) for item in determination.items)
    return replace(determination, items=items)


def hostile() -> Determination:
    """Return a determination of a request whose every text tries to be markup."""
    item = {
        "id": HOSTILE,
        "treatment": "massage",
        "body_region": "neck",
        "requested_visits": 12,
        "prior_visits": {"value": 0, "source": HOSTILE, "page": HOSTILE},
        "exercise_program": {"value": True, "source": HOSTILE},
    }
    return with_remedies(checker().check(made(item, case_id=HOSTILE)))


def without_digest(output: str) -> str:
    """Every change of a rule changes the digest; the golden files are about the rest."""
    return output.replace(library().digest, "sha256:DIGEST")


def with_law() -> Library:
    """Return the library with one of its authorities taken for law, so that there is some to report."""
    odg = replace(library().authorities["odg"], legal=True)
    return replace(library(), authorities={**library().authorities, "odg": odg})


class Reader(HTMLParser):
    """Reads a page, and fails where tags don't balance."""

    VOID = frozenset({"meta", "br", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())
