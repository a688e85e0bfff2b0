"""The shipped library, loaded once for the tests that only look at it."""

from __future__ import annotations

from functools import cache

from guidecheck import load_library
from guidecheck.library.models import Library


@cache
def library() -> Library:
    return load_library()
