"""Predict how Independent Medical Review decides a treatment request, from guideline criteria in YAML.

guidecheck informs people; it never decides care.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "Determination",
    "GuidecheckError",
    "ItemDetermination",
    "Library",
    "Outcome",
    "__version__",
    "check",
    "load_library",
]

if TYPE_CHECKING:
    from guidecheck.api import check
    from guidecheck.deciding.determination import Determination, ItemDetermination, Outcome
    from guidecheck.errors import GuidecheckError
    from guidecheck.library.loading import load_library
    from guidecheck.library.models import Library

_HOMES = {
    "check": "guidecheck.api",
    "load_library": "guidecheck.library.loading",
    "Determination": "guidecheck.deciding.determination",
    "GuidecheckError": "guidecheck.errors",
    "ItemDetermination": "guidecheck.deciding.determination",
    "Library": "guidecheck.library.models",
    "Outcome": "guidecheck.deciding.determination",
}


def __getattr__(name: str) -> Any:
    # On demand, so that `guidecheck --version` and shell completion load no engine.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
