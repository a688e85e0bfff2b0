"""What the YAML parser stumbles over, said in plain words, with its place and the likely mend."""

from __future__ import annotations

import re

import yaml

from guidecheck.errors import Finding, GuidecheckError, Location, fault, shorten
from guidecheck.reading.slips import line_slip, unseen_slip

_SYNTAX = (
    # What libyaml says, what it means to a person, and the likely mend.
    (
        "could not find expected ':'",
        "a line without a colon, or a text that goes on without indentation",
        "write NAME: VALUE, or indent the line where it goes on with the text above",
    ),
    ("found unexpected end of stream", "a quote that is never closed", "close it on the same line"),
    ("found unknown escape character", "a backslash inside double quotes", "use single quotes"),
    ("hexdecimal number", "a backslash inside double quotes", "use single quotes"),
    (
        "expected alphabetic or numeric character",
        "`*` or `&` at the beginning of a text",
        "put the text in quotes",
    ),
    ("expected ',' or ']'", "a list that isn't closed", "close it with ] and put a comma between the values"),
    (
        "expected ',' or '}'",
        "a `{` that isn't closed",
        "close it with }, put a comma between the entries, and a text that has a comma or brace in quotes",
    ),
    ("cannot start any token", "a character that can't begin a value", "put the text in quotes"),
    (
        "sequence entries are not allowed",
        "a dash `-` where no list can begin",
        "begin the list on a line of its own",
    ),
    (
        "expected '-' indicator",
        "a line that doesn't line up with the list above it",
        "give both the same indentation",
    ),
    (
        "expected key",
        "a line that doesn't line up with those above it",
        "give the lines of one group the same indentation, and close every quote",
    ),
    (
        "expected comment or line break",
        "a text on the line of its `>` or `|`",
        "write it on the lines below, indented, or leave the sign out",
    ),
    ("expected <document start>", "a line that doesn't line up with those above it", "check the indentation"),
)

_LOOK = "look for a missing quote, bracket, colon or space"

# These stand where the parser gave up, which is below the line that a person has to mend.
_BEGUN_ABOVE = ("unexpected end of stream", "expected ',' or", "could not find expected ':'")

_BEGIN_ENTRY = "begin a new entry with `- `, or indent the line as deep as those of the entry above"

_MOST_ABOVE = 20
"""How many lines above the parser's a slip of the keyboard is looked for."""


def syntax_fault(error: yaml.YAMLError, text: str, name: str) -> GuidecheckError:
    """Return what PyYAML found wrong with a text, in words for those who don't know YAML's."""
    if not isinstance(error, yaml.MarkedYAMLError):
        message = f"cannot be read as YAML: {shorten(str(error), 120)}"
        return fault(Location(name), "yaml-syntax", message, _LOOK)
    mark = error.problem_mark or error.context_mark
    problem = error.problem or "cannot be read as YAML"
    if mark is None:
        return fault(Location(name), "yaml-syntax", f"cannot be read as YAML: {shorten(problem, 120)}", _LOOK)
    lines = text.splitlines() or [""]
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1]:
        tab = Location(name, mark.line + 1, line.index("\t") + 1)
        return fault(tab, "tab", "a tab where only spaces can stand", "indent with spaces, two for each step")
    slip = _slip_above(lines, mark.line, name)
    if slip is not None:
        return GuidecheckError([slip])
    if error.context_mark is not None and any(said in problem for said in _BEGUN_ABOVE):
        mark = error.context_mark
        line = lines[mark.line] if mark.line < len(lines) else ""
    at = Location(name, mark.line + 1, mark.column + 1)
    if mark.line >= len(lines):
        at = Location(name, len(lines), len(lines[-1]) + 1)
    if error.context_mark is not None and _is_entry_without_dash(problem, lines, mark, error.context_mark):
        meaning, hint = "a line where the list above goes on, without a dash", _BEGIN_ENTRY
    elif "expected ',' or" in problem and re.search(r"\s#[^\s#]", line):
        meaning, hint = "a comment that begins within brackets", "put a text that has ` #` in quotes"
    else:
        meaning, hint = _meaning(problem, line, mark.column)
    return fault(at, "yaml-syntax", f"cannot be read as YAML: {meaning}", hint)


def _slip_above(lines: list[str], line: int, name: str) -> Finding | None:
    """Return a slip of the keyboard in the line where the parser gave up, or in one above it that led there."""
    near = range(min(line, len(lines) - 1), max(-1, line - _MOST_ABOVE), -1)
    written = [number for number in near if lines[number].strip() and not lines[number].lstrip().startswith("#")]
    for number in written[:2]:
        slip = line_slip(lines[number], Location(name, number + 1, 1))
        if slip is not None:
            return slip
    # What can't be seen is nowhere meant, so that it is looked for further up.
    unseen = (unseen_slip(lines[number], Location(name, number + 1, 1)) for number in written)
    return next((slip for slip in unseen if slip is not None), None)


def no_text_below(at: Location) -> GuidecheckError:
    """Return as a mistake that no text stands below the sign that announces one (`>` or `|`)."""
    message = "no text stands below the sign that announces one"
    return fault(at, "yaml-syntax", message, "indent the text below deeper than the name")


def _is_entry_without_dash(problem: str, lines: list[str], mark: yaml.Mark, list_mark: yaml.Mark) -> bool:
    """Tell whether a NAME: VALUE line stands where a list of such begins its entries."""
    if "expected '-' indicator" not in problem or mark.column != list_mark.column or mark.line >= len(lines):
        return False
    begun, line = (lines[at.line][at.column :] for at in (list_mark, mark))
    return re.match(r"- +[\w-]+:( |$)", begun) is not None and re.match(r"[\w-]+:( |$)", line) is not None


def _meaning(problem: str, line: str, column: int) -> tuple[str, str]:
    """Return what is wrong and how to mend it, as far as the parser's words and the line tell."""
    before = line[:column].rstrip()
    if line.strip().startswith(":"):
        return "a value without a name", "write NAME: VALUE"
    if "mapping values are not allowed" in problem:
        if ": " in before:
            return "a second `:` in one line", "put a text that has a colon in quotes"
        return "a line that is indented deeper than the one above it", "give both the same indentation"
    if any(said in problem for said in ("expected key", "expected '-'", "expected <document start>")):
        if before.endswith(("'", '"')):
            return "a text that goes on after its closing quote", "put the whole text in quotes, or none of it"
        if before.endswith(("]", "}")):
            bracket = "[" if before.endswith("]") else "{"
            return (
                f"a text that goes on after its `{before[-1]}`",
                f"put a text that begins with {bracket} in quotes",
            )
    for said, meaning, hint in _SYNTAX:
        if said in problem:
            return meaning, hint
    return shorten(problem, 120), f"{_LOOK} here or just above"
