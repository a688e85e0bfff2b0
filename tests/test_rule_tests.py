"""`rules lint` and `rules test`: the examples that rules carry, where they fail, and exit statuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import shipped
from guidecheck.cli.main import main
from guidecheck.editing.rule_tests import lint_examples

BASE = Path(__file__).parent / "bad_rules" / "base"
MASSAGE = (BASE / "massage.yaml").read_text(encoding="utf-8")

EXAMPLES = """  - name: seven visits are too many
    facts:
      visits: 7
    expect:
      failed: [visits]
  - name: silence about the visits
    facts: {}
    expect:
      undocumented: visits
  - name: on another day
    as_of: 2015-08-21
    records: partial
    facts:
      treatment: exercise
      visits: 7
    expect:
      not_applicable: [visits]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "rules"))


def call(command: str, *folders: Path) -> Result:
    arguments = [argument for folder in folders for argument in ("--rules", str(folder))]
    return CliRunner().invoke(main, ["rules", command, *arguments])


def test_the_shipped_examples_hold() -> None:
    assert lint_examples(shipped.library()) == []
    run = shipped.examples_run()
    assert (run.failed, run.findings) == (0, [])
    assert run.passed > 100


def test_every_guideline_has_examples() -> None:
    for guideline in shipped.library().guidelines.values():
        assert guideline.examples, guideline.id


def test_examples_that_hold(rules: Path) -> None:
    (rules / "massage.yaml").write_text(MASSAGE + EXAMPLES)
    done = call("test", rules)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "5 passed, 0 failed\n", "")
    assert " error " not in call("lint", rules).stdout


def test_examples_that_fail(rules: Path) -> None:
    wrong = EXAMPLES.replace("failed: [visits]", "met: [visits]").replace("undocumented: visits", "failed: visits")
    (rules / "massage.yaml").write_text(MASSAGE + wrong)
    whole = (BASE / "examples" / "all.yaml").read_text()
    (rules / "examples" / "all.yaml").write_text(
        whole.replace("predicted: upheld", "predicted: overturned").replace("[massage.visits]", "[]")
    )
    done = call("test", rules)
    path = rules / "massage.yaml"
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"{rules / 'examples' / 'all.yaml'}:9:18: error example-failed: `seven visits`: expected overturned, "
        "predicted upheld",
        f"{rules / 'examples' / 'all.yaml'}:10:14: error example-failed: `seven visits`: unmet too: "
        "massage.visits",
        f"{path}:29:13: error example-failed: `seven visits are too many`: expected `visits` met, it is failed",
        f"{path}:33:15: error example-failed: `silence about the visits`: expected `visits` failed, "
        "it is undocumented",
        "2 passed, 3 failed",
    ]


def test_an_example_with_a_mistake_fails(rules: Path) -> None:
    (rules / "massage.yaml").write_text(MASSAGE + EXAMPLES.replace("visits: 7", "vists: 7", 1))
    done = call("test", rules)
    expected = f"{rules / 'massage.yaml'}:27:7: error unknown-fact: unknown fact `vists`; did you mean `visits`?"
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [expected, "4 passed, 1 failed"]
    linted = call("lint", rules)
    assert (linted.exit_code, linted.stdout.splitlines()) == (1, [expected])
    assert linted.stderr.startswith("1 mistake in 1 guideline\n")


def test_rules_with_mistakes_run_no_examples(rules: Path) -> None:
    (rules / "massage.yaml").write_text(MASSAGE.replace("at_most: 6", "at_moast: 6") + EXAMPLES)
    done = call("test", rules)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "unknown-test" in done.stderr
    assert call("lint", rules).exit_code == 1


@pytest.mark.parametrize("command", ["lint", "test"])
def test_no_rules(command: str, tmp_path: Path) -> None:
    done = call(command, tmp_path / "gone")
    assert done.exit_code == 2
    assert f"{tmp_path / 'gone'}: error no-such-folder" in done.output


def test_an_overlay(rules: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "over"
    overlay.mkdir()
    (overlay / "massage.yaml").write_text(MASSAGE.replace("at_most: 6", "at_most: 7"))
    done = call("test", rules, overlay)
    assert done.exit_code == 1
    assert "`seven visits`" in done.stdout, "examples of the whole library see the overlay"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("treatment: massage", "treatment: {one_of: [massage, exercise]}"),
        (
            "  from: 2009-07-18\n  until: 2016-07-27",
            "  - from: 2016-07-28\n  - from: 2009-07-18\n    until: 2016-07-27",
        ),
    ],
)
def test_the_first_day_and_the_first_treatment(old: str, new: str, rules: Path) -> None:
    assert old in MASSAGE
    (rules / "massage.yaml").write_text(MASSAGE.replace(old, new) + EXAMPLES.split("  - name: on another")[0])
    assert call("test", rules).stdout == "4 passed, 0 failed\n"


def test_a_broken_guideline_still_has_its_examples_looked_at(rules: Path, request: pytest.FixtureRequest) -> None:
    broken: Callable[[str, str], str] = MASSAGE.replace
    examples = EXAMPLES.replace("visits: 7", "visits: seven", 1)
    for old, new in (
        ("applies_to:\n  treatment: massage", "applies_to:\n  treatment: masage"),
        ("  from: 2009-07-18\n  until: 2016-07-27", "  from: soon"),
        ("authority: state", "authority: stat"),
        ("    confidence: confirmed", "    confidence: sure"),
        ("title: Massage\n", ""),
    ):
        (rules / "massage.yaml").write_text(broken(old, new) + examples)
        found = call("lint", rules).stdout
        assert found.count("error") == 2, found
        assert "`visits`: `seven` is not a number" in found
