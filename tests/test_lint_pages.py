"""docs/lint: a page for each code, whose first example has the finding and whose second has none."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from guidecheck.lint.running import CODES
from guidecheck.lint.silencing import COMMENT_CODES
from guidecheck.render.finding_forms import CODES_WITH_PAGE
from rule_faults import cases_in, lint

PAGES = Path(__file__).parents[1] / "docs" / "lint"
RULES = Path(__file__).parent / "suspicious_rules"
BASE = RULES / "base"
NAMES = sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "README")

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
        named = re.match(r"# ((?:letters/)?\w+\.yaml)\n", part)
        text = part
        if named and "/" in named[1]:
            shutil.copytree(RULES.parent / "small_letters", folder / "letters")
        if named and named[1] == "library.yaml" and "authorities:" not in part:
            text = (BASE / "library.yaml").read_text(encoding="utf-8") + part.split("topics:\n")[1]
        elif not named:
            if part.startswith("- "):
                text = "criteria:\n" + part
            text = "\n".join([*(line for key, line in HEADER.items() if f"\n{key}:" not in f"\n{text}"), text])
        (folder / (named[1] if named else f"part-{number}.yaml")).write_text(text, encoding="utf-8")
    return folder


def test_a_page_for_each_code() -> None:
    errors = {name.split("/")[0] for name in cases_in(RULES.parent / "bad_rules")}
    assert set(NAMES) == {*CODES, *COMMENT_CODES, *errors}
    assert set(NAMES) == CODES_WITH_PAGE
    listed = re.findall(r"\[`([a-z-]+)`\]\(([a-z-]+)\.md\)", (PAGES / "README.md").read_text(encoding="utf-8"))
    assert [name for name, _ in listed] == [link for _, link in listed]
    assert sorted(name for name, _ in listed) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_page(name: str, tmp_path: Path) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {name}\n")
    bad, good = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    found = lint(BASE, write(bad, tmp_path / "bad"))
    assert {finding.code for finding in found} == {name}
    assert (found[0].severity == "warning") == ("\nA warning.\n" in page)
    assert lint(BASE, write(good, tmp_path / "good")) == []
