"""What the YAML parser stumbles over, said in plain words, with its place and the likely mend."""

from __future__ import annotations

import re

import yaml

from guidecheck.errors import GuidecheckError, Location, fault, shorten

_SYNTAX = (
    # What libyaml says, what it means to a person, and the likely mend.
    (
        "could not find expected ':'",
        "a line without a colon, or a text that goes on without indentation",
        "write NAME: VALUE",
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
    ("expected <document start>", "a line that doesn't line up with those above it", "check the indentation"),
)

_LOOK = "look for a missing quote, bracket, colon or space"

# These stand where the parser gave up, which is below the line that a person has to mend.
_BEGUN_ABOVE = ("unexpected end of stream", "expected ',' or", "could not find expected ':'")


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
    if error.context_mark is not None and any(said in problem for said in _BEGUN_ABOVE):
        mark = error.context_mark
        line = lines[mark.line] if mark.line < len(lines) else ""
    at = Location(name, mark.line + 1, mark.column + 1)
    if mark.line >= len(lines):
        at = Location(name, len(lines), len(lines[-1]) + 1)
    meaning, hint = _meaning(problem, line, mark.column)
    if "expected ',' or" in problem and re.search(r"\s#[^\s#]", line):
        meaning, hint = "a comment that begins within brackets", "put a text that has ` #` in quotes"
    return fault(at, "yaml-syntax", f"cannot be read as YAML: {meaning}", hint)


def _meaning(problem: str, line: str, column: int) -> tuple[str, str]:
    """Return what is wrong and how to mend it, as far as the parser's words and the line tell."""
    before = line[:column].rstrip()
    if line.strip().startswith(":"):
        return "a value without a name", "write NAME: VALUE"
    if "mapping values are not allowed" in problem:
        if ": " in before:
            return "a second `:` in one line", "put a text that has a colon in quotes"
        return "a line that is indented deeper than the one above it", "give both the same indentation"
    if "expected key" in problem and before.endswith(("'", '"')):
        return "a text that goes on after its closing quote", "put the whole text in quotes, or none of it"
    for said, meaning, hint in _SYNTAX:
        if said in problem:
            return meaning, hint
    return shorten(problem, 120), f"{_LOOK} here or just above"
