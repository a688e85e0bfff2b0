"""docs/lint: a page for each code, whose first example has the finding and whose second has none."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from guidecheck.editing.rule_tests import run_examples
from guidecheck.errors import GuidecheckError
from guidecheck.formatting.formatter import formatted
from guidecheck.library.loading import load_library
from guidecheck.lint.running import CODES
from guidecheck.lint.silencing import COMMENT_CODES
from rule_faults import cases_in, lint

PAGES = Path(__file__).parents[1] / "docs" / "lint"
RULES = Path(__file__).parent / "suspicious_rules"
BASE = RULES / "base"
SOURCE = Path(__file__).parents[1] / "src"
NAMES = sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "README")
SHOWN = [name for name in NAMES if "```yaml" in (PAGES / f"{name}.md").read_text(encoding="utf-8")]

# What an example leaves out.
HEADER = {
    "guideline": "guideline: exercise",
    "title": "title: Exercise",
    "authority": "authority: state",
    "citation": 'citation:\n  pages: "12"',
    "in_force": "in_force:\n  from: 2009-07-18",
    "applies_to": "applies_to:\n  treatment: exercise",
    "criteria": "criteria:\n  - id: visits\n    topic: visit_limit\n    says: Ten visits at most.\n    require:\n"
    "      visits:\n        at_most: 10\n    confidence: known",
}


def write(example: str, folder: Path) -> Path:
    """Write what an example of a page shows as a folder to lay over the base."""
    folder.mkdir()
    for number, part in enumerate(example.split("---\n")):
        named = re.match(r"# ((?:letters/|deadlines/|examples/)?\w+\.yaml)\n", part)
        text = part
        if named and named[1].startswith("letters/"):
            shutil.copytree(RULES.parent / "small_letters", folder / "letters")
        if named and named[1] == "library.yaml" and "authorities:" not in part:
            text = (BASE / "library.yaml").read_text(encoding="utf-8") + part.split("topics:\n")[1]
        elif not named:
            if part.startswith("- "):
                text = "criteria:\n" + part
            text = "\n".join([*(line for key, line in HEADER.items() if f"\n{key}:" not in f"\n{text}"), text])
        if named:
            (folder / named[1]).parent.mkdir(exist_ok=True)
        (folder / (named[1] if named else f"part-{number}.yaml")).write_text(text, encoding="utf-8")
    return folder


# Modules through which a mistake in rules is reported: what these import is looked through too.
REPORTING = [
    f"guidecheck.{name}"
    for name in (
        "lint.running",
        "lint.silencing",
        "formatting.formatter",
        "editing.rule_tests",
        "editing.mutation",
        "editing.revisions",
    )
]
REPORTERS = {"add", "fault", "_fault", "_note", "_wrong", "Finding", "warning"}


def modules(names: list[str]) -> dict[str, ast.Module]:
    """Return modules of guidecheck, and all that they import."""
    found: dict[str, ast.Module] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        path = SOURCE / Path(*name.split(".")).with_suffix(".py")
        if name in found or not path.is_file():
            continue
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
        imports = (node for node in ast.walk(found[name]) if isinstance(node, ast.ImportFrom) and node.module)
        waiting += chain.from_iterable(
            [str(i.module), *(f"{i.module}.{n.name}" for n in i.names)] for i in imports
        )
    return found


def words_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from words_of(node.body)
        yield from words_of(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def codes_reported() -> set[str]:
    """Return every code that stands where a mistake in rules is reported."""
    found: set[str] = set()
    for tree in modules(REPORTING).values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                arguments = node.args[:3] if name in REPORTERS else []
                found.update(word for argument in arguments for word in words_of(argument))
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
                found.update(words_of(node.value))
    return {word for word in found if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", word)}


def test_a_page_for_each_code() -> None:
    errors = {name.split("/")[0] for name in cases_in(RULES.parent / "bad_rules")}
    reported = codes_reported()
    assert len(reported) > 60
    assert set(NAMES) >= {*CODES, *COMMENT_CODES, *errors, *reported}
    # What is made of parts of a word, or is a constant, is not found by the look at the source.
    assert set(NAMES) <= {*CODES, *COMMENT_CODES, *errors, *reported}
    listed = re.findall(
        r"\[`([a-z0-9-]+)`\]\(([a-z0-9-]+)\.md\)", (PAGES / "README.md").read_text(encoding="utf-8")
    )
    assert [name for name, _ in listed] == [link for _, link in listed]
    assert sorted(name for name, _ in listed) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_how_a_page_begins_and_ends(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {name}\n\nA")
    warned = "\nA warning.\n" in page
    assert warned == (name in {*CODES, *COMMENT_CODES})
    if name in CODES:
        assert f"`# guidecheck: allow {name} REASON`" in page
    elif not warned:
        assert page.endswith("A comment can't allow an error.\n")


@pytest.mark.parametrize("name", [name for name in SHOWN if name != "example-failed"])
def test_the_examples_of_a_page(name: str, tmp_path: Path) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    bad, good = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    found = lint(BASE, write(bad, tmp_path / "bad"))
    assert {finding.code for finding in found} == {name}
    assert (found[0].severity == "warning") == ("\nA warning.\n" in page)
    assert lint(BASE, write(good, tmp_path / "good")) == []


def test_the_examples_of_the_page_on_failures(tmp_path: Path) -> None:
    page = (PAGES / "example-failed.md").read_text(encoding="utf-8")
    bad, good = (
        run_examples(load_library(BASE, write(text, tmp_path / str(number)))).findings
        for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    )
    assert [finding.code for finding in bad] == ["example-failed"]
    assert good == []


def file(name: str, content: bytes) -> Callable[[Path], list[Path]]:
    def make(folder: Path) -> list[Path]:
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        return [BASE, folder]

    return make


def named(*names: str) -> Callable[[Path], list[Path]]:
    def make(folder: Path) -> list[Path]:
        folder.mkdir(exist_ok=True)
        return [folder / name for name in names]

    return make


def many_files(folder: Path) -> list[Path]:
    folder.mkdir()
    for number in range(2_001):
        (folder / f"{number}.yaml").touch()
    return [BASE, folder]


UNUSABLE: dict[str, Callable[[Path], list[Path]]] = {
    "binary": file("rules.yaml", b"PK\x03\x04 a book"),
    "control-character": file("rules.yaml", b'title: "\\b"\n'),
    "empty-file": file("rules.yaml", b"# nothing yet\n"),
    "empty-folder": named(""),
    "no-such-file": file("library.yaml", (BASE / "library.yaml").read_bytes()),
    "no-such-folder": named("nowhere"),
    "not-utf8": file("rules.yaml", "title: caf\xe9\n".encode("latin-1")),
    "too-large": file("rules.yaml", b"#" * 5_000_001),
    "too-many-files": many_files,
    "too-many-mistakes": file("vocabulary.yaml", b"facts:\n" + b"".join(b"  f%d: 1\n" % i for i in range(1_001))),
    "too-many-values": file("rules.yaml", b"a: [" + b"1," * 200_001 + b"]\n"),
    "unseen-character": file("rules.yaml", "guide\u200bline: one\n".encode()),
}
# A folder as a file can only be named to `rules fmt`; root can read every file.
NOT_MADE = {"is-a-folder", "unreadable"}
BY_FORMATTING = {"not-formatted", "unusual-line-break"}


def test_what_has_no_example_is_made_here() -> None:
    assert set(NAMES) - set(SHOWN) == {*UNUSABLE, *NOT_MADE, *BY_FORMATTING}


@pytest.mark.parametrize("name", sorted(UNUSABLE))
def test_files_that_cannot_be_used(name: str, tmp_path: Path) -> None:
    folders = UNUSABLE[name](tmp_path / "rules")
    found = lint(*(folders[1:] if name == "no-such-file" else folders))
    assert name in {finding.code for finding in found}
    assert all(finding.hint for finding in found)


def test_a_line_break_that_cannot_be_set_out() -> None:
    text = (BASE / "massage.yaml").read_text(encoding="utf-8").replace("title: Massage", "title: 'Mas\u2028sage'")
    with pytest.raises(GuidecheckError) as error:
        formatted(text, "massage.yaml")
    assert [finding.code for finding in error.value.findings] == ["unusual-line-break"]
