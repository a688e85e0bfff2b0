"""Slips of the keyboard and of pasting after which YAML reads something else than the writer sees."""

from __future__ import annotations

import re
from typing import NamedTuple

from guidecheck.errors import Finding, Location, shorten

_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_UNSEEN = f"{_SPACES}\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
_COLONS = "\uff1a\ufe55\ufe30\u02d0\u2236"
_DOUBLE, _SINGLE = "\u201c\u201d\u201e", "\u2018\u2019"
_NAME = r"[A-Za-z][\w-]*"

# What shapes a line: its indentation, a dash, a name with its colon, and the spaces around them.
_SHAPE = re.compile(rf"[ {_UNSEEN}]*(-[ {_UNSEEN}]+)*([\w{_UNSEEN} -]*:[ {_UNSEEN}]*)?")
_NOT_SEEN = re.compile(f"[{_UNSEEN}]")
_LOOKS_LIKE_A_SPACE = re.compile(f"[{_SPACES}]")
_OTHER_COLON = re.compile(rf"(?P<before>\s*(?:- +)?(?P<name>{_NAME})\s*)(?P<colon>[{_COLONS}])\s*(?P<value>.*)")
_DASH_TIGHT = re.compile(rf"(?P<before>\s*)-(?P<entry>{_NAME}: .*)")
_COLON_TIGHT = re.compile(rf"(?P<before>\s*(?:- +)?(?P<name>{_NAME})):(?P<value>[^\s:/].*)")
_CURLY = re.compile(
    rf"(?P<before>\s*(?:- +)?(?:[\w-]+: +)?)[{_DOUBLE}{_SINGLE}][^{_DOUBLE}]*[{_DOUBLE}{_SINGLE}]\s*(#.*)?"
)

CURLY_QUOTES = "curly quotes, which count as part of the text", "write straight quotes around it"
"""What is wrong with a text in them, and the mend."""


UNCLOSED_QUOTE = "a curly quote that is never closed", "leave it out, or write straight quotes around the text"
"""What is wrong with a text that begins with one, and the mend."""


class _Slip(NamedTuple):
    offset: int
    code: str
    message: str
    hint: str

    def at(self, place: Location) -> Finding:
        """Return it as a mistake in the line that begins at a place."""
        return Finding(place._replace(column=place.column + self.offset), self.code, self.message, self.hint)


def unseen_slip(line: str, place: Location) -> Finding | None:
    """Return as a mistake what can't be seen in the shape of a line that begins at a place."""
    shape = _SHAPE.match(line)
    found = _NOT_SEEN.search(shape[0]) if shape else None
    if found is None:
        return None
    code = f"U+{ord(found[0]):04X}"
    if _LOOKS_LIKE_A_SPACE.match(found[0]):
        message, hint = f"a character that only looks like a space ({code})", "type a plain space in its place"
    else:
        message, hint = f"a character that can't be seen ({code})", "delete it, or type the line anew"
    return _Slip(found.start(), "unseen-character", message, hint).at(place)


def line_slip(line: str, place: Location) -> Finding | None:
    """Return as a mistake what keeps a line (or a value that was meant for one) from being NAME: VALUE."""
    unseen = unseen_slip(line, place)
    if unseen is not None:
        return unseen
    slip: _Slip | None = None
    if found := _OTHER_COLON.fullmatch(line):
        message = f"`{found['colon']}` is not the colon that stands behind a name"
        hint = f"type a plain colon with a space after it: `{_shown(found['name'], found['value'])}`"
        slip = _Slip(found.start("colon"), "yaml-syntax", message, hint)
    elif found := _DASH_TIGHT.fullmatch(line):
        hint = f"put one between the two: `- {shorten(found['entry'])}`"
        slip = _Slip(len(found["before"]), "yaml-syntax", "a dash without a space after it", hint)
    elif found := _COLON_TIGHT.fullmatch(line):
        hint = f"put one between the two: `{_shown(found['name'], found['value'])}`"
        slip = _Slip(len(found["before"]), "yaml-syntax", "a colon without a space after it", hint)
    elif found := _CURLY.fullmatch(line):
        slip = _Slip(len(found["before"]), "yaml-syntax", *CURLY_QUOTES)
    return slip.at(place) if slip else None


def in_curly_quotes(text: str) -> bool:
    """Tell whether a whole text stands in curly quotes, which were meant for straight ones."""
    return text[:1] in tuple(_DOUBLE + _SINGLE) and _CURLY.fullmatch(text) is not None


def begins_a_quote(text: str) -> bool:
    """Tell whether a text begins with a curly double quote and has no second one."""
    return text[:1] in tuple(_DOUBLE) and not set(text[1:]) & set(_DOUBLE)


def _shown(name: str, value: str) -> str:
    return shorten(f"{name}: {value}")
