"""Characters that any output can carry and no terminal obeys."""

from __future__ import annotations

import unicodedata

_ASCII = str.maketrans(
    {
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HYPHEN}": "-",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{MINUS SIGN}": "-",
        "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-",
        "\N{BOX DRAWINGS HEAVY HORIZONTAL}": "=",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{BULLET}": "*",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{SECTION SIGN}": "S",
        "\N{RIGHTWARDS ARROW}": ">",
    }
)


def printable(text: str) -> str:
    """Return a text on one line, without what could steer a terminal (escapes, reversed writing)."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def to_ascii(text: str) -> str:
    """Return a text in ASCII, no wider than before: accents dropped, dashes and quotes plain, the rest as ?."""
    out = []
    for mark in text.translate(_ASCII):
        base = mark if mark.isascii() else unicodedata.normalize("NFKD", mark)[0]
        if unicodedata.combining(base):
            continue
        out.append(base if base.isascii() else "?")
    return "".join(out)


def is_unicode(encoding: str | None) -> bool:
    """Tell whether an output's encoding can carry any character."""
    return (encoding or "").lower().replace("-", "").replace("_", "").startswith("utf")
