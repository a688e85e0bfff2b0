"""The Python interface: load a library, check a request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import Determination
from guidecheck.deciding.remedies import RemedyFinder
from guidecheck.errors import Location, fault
from guidecheck.language.facts import AS_OF, ValueFault, read_date
from guidecheck.library.loading import load_library
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.request import Request
from guidecheck.requests.request_reader import read_request, request_from


def check(
    request: Mapping[str, Any] | str | Path | Request,
    library: Library | None = None,
    *,
    as_of: date | str | None = None,
) -> Determination:
    """Return the outcome predicted for each item of a request, what decides it, and what would turn it.

    Args:
        request: a file's path, the same content as Python data, or a request already read.
        library: a rule library; without one, the shipped rules (or those GUIDECHECK_RULES names).
        as_of: the day whose guidelines apply, instead of the request's own (not for a request already read);
            a date, or one written 2015-08-21.

    Raises:
        GuidecheckError: the request or the library has mistakes; `findings` has each with its place.
        TypeError: `library` is no library.

    Example:
        >>> answer = check({"as_of": "2015-08-21", "items": [{"treatment": "other"}]})
        >>> answer.items[0].outcome.value
        'no_guideline'
    """
    if library is None:
        library = _default_library()
    elif not isinstance(library, Library):
        kind = type(library).__name__
        raise TypeError(f"`library` is a {kind}; guidecheck.load_library(FOLDER) returns what belongs here")
    day = _day(as_of)
    if isinstance(request, Mapping):
        request = request_from(from_data(dict(request), "request"), library, as_of=day, today=_today())
    elif not isinstance(request, Request):
        request = read_request(Path(request), library, as_of=day, today=_today())
    checker, finder = _checker(library)
    return finder.advise(checker.check(request))


def _day(as_of: object) -> date | None:
    """Return the day that a caller names in one of several ways."""
    if isinstance(as_of, datetime):
        return as_of.date()
    if as_of is None or isinstance(as_of, date):
        return as_of
    if not isinstance(as_of, str):
        message = f"a {type(as_of).__name__} where a date was expected"
        raise fault(Location(AS_OF), "wrong-type", message, "give a datetime.date, or a text such as 2015-08-21")
    try:
        return read_date(as_of)
    except ValueFault as error:
        raise fault(Location(AS_OF), "wrong-value", error.message, error.hint) from None


def _today() -> date:
    return date.today()  # noqa: DTZ011 - a draft without a date is checked by the day of its writer


@cache
def _default_library() -> Library:
    return load_library(examples=False)


_MOST_CHECKERS = 4
_checkers: OrderedDict[int, tuple[Checker, RemedyFinder]] = OrderedDict()
_checkers_lock = Lock()


def _checker(library: Library) -> tuple[Checker, RemedyFinder]:
    """Return what checks with a library; of the libraries used last it is kept, as compiling one takes long."""
    with _checkers_lock:
        held = _checkers.get(id(library))  # no other library has the id: a checker that is kept keeps its own
        if held is None:
            checker = Checker(library)
            held = _checkers[id(library)] = (checker, RemedyFinder(checker))
        _checkers.move_to_end(id(library))
        if len(_checkers) > _MOST_CHECKERS:
            _checkers.popitem(last=False)
    return held
