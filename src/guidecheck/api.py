"""The Python interface: load a library, check a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from guidecheck.checking import Checker
from guidecheck.determination import Determination
from guidecheck.library.loading import load_library
from guidecheck.library.models import Library
from guidecheck.marked_yaml import from_data
from guidecheck.remedies import RemedyFinder
from guidecheck.request import Request
from guidecheck.request_reader import read_request, request_from


def check(
    request: Mapping[str, Any] | str | Path | Request,
    library: Library | None = None,
    *,
    as_of: date | None = None,
) -> Determination:
    """Return the outcome predicted for each item of a request, what decides it, and what would turn it.

    Args:
        request: a file's path, the same content as Python data, or a request already read.
        library: a rule library; without one, the shipped rules (or those GUIDECHECK_RULES names).
        as_of: the day whose guidelines apply, instead of the request's own (not for a request already read).

    Raises:
        GuidecheckError: the request or the library has mistakes; `findings` has each with its place.

    Example:
        >>> answer = check({"as_of": "2015-08-21", "items": [{"treatment": "massage_therapy"}]})
        >>> answer.items[0].outcome.value
        'upheld'
    """
    library = library or _default_library()
    if isinstance(request, Mapping):
        request = request_from(from_data(dict(request), "request"), library, as_of=as_of, today=_today())
    elif not isinstance(request, Request):
        request = read_request(Path(request), library, as_of=as_of, today=_today())
    checker, finder = _checker(library)
    return finder.advise(checker.check(request))


def _today() -> date:
    return date.today()  # noqa: DTZ011 - a draft without a date is checked by the day of its writer


@cache
def _default_library() -> Library:
    return load_library(examples=False)


_checkers: dict[int, tuple[Checker, RemedyFinder]] = {}


def _checker(library: Library) -> tuple[Checker, RemedyFinder]:
    """Return what checks with a library, compiled once and kept with it."""
    held = _checkers.get(id(library))
    if held is None or held[0].library is not library:
        checker = Checker(library)
        held = _checkers[id(library)] = (checker, RemedyFinder(checker))
    return held
