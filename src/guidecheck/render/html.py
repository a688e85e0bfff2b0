"""Determinations as one HTML file: no network, no script, the same bytes for the same answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from guidecheck.deciding.determination import Determination
from guidecheck.library.models import Library
from guidecheck.render.characters import printable
from guidecheck.render.report import report


def html_report(determinations: Iterable[Determination], library: Library, today: date) -> str:
    """Return a report of determinations as HTML; `today` is the day to which editions are compared."""
    return fill_template("report.html", report=report(determinations, library, today))


def fill_template(name: str, **content: Any) -> str:
    """Return a template of this package with a content that is escaped wherever it stands."""
    environment = Environment(
        loader=PackageLoader("guidecheck.render"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(content)


def _safe(value: Any) -> Any:
    """Return a text without what reverses writing or hides in a page; escaping comes after."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
