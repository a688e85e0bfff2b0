"""Parts of guidecheck that need packages which a plain installation is without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from guidecheck.cli.options import Refused


@contextmanager
def needing(extra: str, what: str) -> Iterator[None]:
    """Say what to install where imports find a package missing.

    Args:
        extra: the extra of guidecheck that brings it.
        what: what cannot be done without it.

    Raises:
        Refused: it is missing.
    """
    try:
        yield
    except ImportError as error:
        needed = f"{what} needs {error.name}, which is not installed: pip install 'guidecheck[{extra}]'"
        raise Refused(needed) from None
