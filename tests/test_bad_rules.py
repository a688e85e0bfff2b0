"""Mistakes in rules: each reported once, at its line and column, in file order, whatever else is wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path

import pytest

from guidecheck.editing.rule_tests import lint_examples
from guidecheck.errors import LibraryError
from guidecheck.library.loading import load_library, read_library
from rule_faults import cases_in, laid_out, lint, said

FOLDER = Path(__file__).parent / "bad_rules"
BASE = FOLDER / "base"
CASES = cases_in(FOLDER)


def test_the_base_has_no_mistake() -> None:
    assert [finding for finding in lint(BASE) if finding.severity == "error"] == []


@pytest.mark.parametrize("name", CASES)
def test_each_mistake(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    case = FOLDER / name
    folder = laid_out(case, tmp_path / "rules")
    findings = lint(BASE, folder)
    report = said(findings, folder, BASE)
    expected = case.with_name(f"{case.stem}.expected")
    if request.config.getoption("--update-golden"):
        expected.write_text(report, encoding="utf-8")
    assert report == expected.read_text(encoding="utf-8")
    assert case.parent.name in {finding.code for finding in findings}, "the folder has the name of the mistake"
    assert len({(f.location, f.message) for f in findings}) == len(findings)
    assert [finding for finding in findings if not finding.hint] == [], "every mistake has a mend"
    assert findings == sorted(findings)
    library, found = read_library([BASE, folder])
    assert (library is None) or found or lint_examples(library) or (folder / "letters").exists()


SLIPS = ("", "-3", "501", "[]", '""', "[one, {two: 3}]", "2.5", "nonsense words", "{one: {two: []}}")
LINE = re.compile(r"\s*(?:[\w-]+:|-)(?= |$)")


def test_whatever_stands_in_a_line_every_mistake_has_a_mend(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BASE, tmp_path / "rules"))
    slips = cycle(SLIPS)
    found = 0
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for number, line in enumerate(lines):
            begun = LINE.match(line)
            for slip in islice(slips, 2) if begun else ():
                changed = f"{line[: begun.end()]} {slip}"
                path.write_text("\n".join([*lines[:number], changed, *lines[number + 1 :], ""]), encoding="utf-8")
                findings = lint(folder)
                found += bool(findings)
                assert [str(one) for one in findings if not one.hint] == [], f"{path.name}:{number + 1}: {changed}"
        path.write_text(text, encoding="utf-8")
    assert found > 150


def test_all_of_them_at_once_in_one_order(tmp_path: Path) -> None:
    for name in CASES:
        laid_out(FOLDER / name, tmp_path / "rules" / name.replace("/", "-").removesuffix(".yaml"))
    command = [sys.executable, "-m", "guidecheck", "rules", "lint", "--rules", str(BASE), "--rules", "rules"]
    reports = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 1, done.stderr
        reports.append(done.stdout)
    assert reports[0] == reports[1]
    lines = reports[0].splitlines()
    assert len(lines) > 100
    assert len(set(lines)) == len(lines)


def test_nothing_of_a_broken_library_is_used(tmp_path: Path) -> None:
    folder = laid_out(FOLDER / "unknown-fact" / "in-a-condition.yaml", tmp_path / "rules")
    with pytest.raises(LibraryError) as error:
        load_library(BASE, folder)
    assert [finding.code for finding in error.value.findings] == ["unknown-fact"] * 5
