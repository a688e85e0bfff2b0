"""`rules new`: a guideline begun from answers loads, is set out, and carries examples that hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guidecheck import load_library
from guidecheck.cli.main import main
from guidecheck.editing.rule_tests import run_examples
from guidecheck.errors import GuidecheckError
from guidecheck.formatting.formatter import formatted
from guidecheck.language.condition_reader import OPS_OF_TYPE
from guidecheck.language.conditions import Op
from guidecheck.language.facts import FactType
from guidecheck.lint.running import lint_rules

SMALL = Path(__file__).parent / "small_rules"
ANSWERS = {
    "id": "house-swings",
    "title": "House rules, Swings",
    "authority": "house",
    "section": "Swings: when, and how",
    "from": "2012-01-01",
    "treatment": "swing therapy",
    "criterion": "visits",
    "topic": "visit_limit",
    "says": "Six visits: no more.",
    "fact": "visits",
    "test": "at most 6",
    "remedy": "Ask for six.",
}


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["rules", "new", "--rules", str(SMALL), *arguments], input=typed)


def begin(folder: Path, **changes: str) -> Result:
    answers = {**ANSWERS, **changes}
    options = [part for name, answer in answers.items() for part in (f"--{name}", answer)]
    return run("--out", str(folder / "new.yaml"), *options)


def test_by_options_alone(tmp_path: Path) -> None:
    done = begin(tmp_path, pages="3-4", until="2013-12-31", confidence="known")
    assert (done.exit_code, done.stdout) == (0, ""), done.output
    path = tmp_path / "new.yaml"
    library = load_library(SMALL, tmp_path)
    guideline = library.guidelines["house-swings"]
    assert guideline.citation == {"section": "Swings: when, and how", "pages": "3-4"}
    assert guideline.criteria[0].says == "Six visits: no more."
    assert guideline.criteria[0].confidence == "known"
    text = path.read_text("utf-8")
    assert formatted(text, "new.yaml") == text
    assert "      visits: 6\n    expect:\n      met: [visits]" in text
    assert "      visits: 7\n    expect:\n      failed: [visits]" in text
    assert run_examples(library).failed == 0


def test_by_questions_each_asked_until_it_is_answered(tmp_path: Path) -> None:
    wrong = {"id": "House", "authority": "hose", "from": "1/5/2012", "treatment": "swnigs", "test": "at moast 6"}
    typed = []
    for name, answer in ANSWERS.items():
        typed += [wrong[name]] if name in wrong else []
        typed.append(answer)
        typed += ["", ""] if name == "section" else [""] if name == "from" else []
    path = tmp_path / "new.yaml"
    done = run("--out", str(path), typed="\n".join([*typed, ""]) + "\n")
    assert done.exit_code == 0, done.output
    assert "did you mean `house`?" in done.stderr
    assert "write year-month-day: 2012-01-05" in done.stderr
    text = path.read_text("utf-8")
    assert "guideline: house-swings" in text
    assert "confidence: uncertain" in text
    assert "Traceback" not in done.output


TESTS = {
    "exercise": ["yes", "no", "documented yes"],
    "visits": ["6", "at least 6", "less_than 2", "more than 499", "one of 4, 6", "none of 4, 6", "documented yes"],
    "weeks": ["at most 2.5"],
    "body_region": ["includes arm, foot", "includes any leg", "includes none arm", "documented yes"],
    "color": ["red", "one of red, blue", "none of blue, green"],
    "last_flight": ["on or after 2012-06-01", "before 2014-01-01", "after 2012-06-01", "on or before 2014-01-01"],
}


@pytest.mark.parametrize(("fact", "test"), [(fact, test) for fact, tests in TESTS.items() for test in tests])
def test_any_test_that_fits_gives_examples_that_hold(fact: str, test: str, tmp_path: Path) -> None:
    done = begin(tmp_path, fact=fact, test=test)
    assert done.exit_code == 0, done.output or done.exception
    library = load_library(SMALL, tmp_path)
    criterion = library.criterion("house-swings.visits")
    assert criterion.required_facts == (fact,)
    examples = (tmp_path / "new.yaml").read_text("utf-8").split("examples:")[1]
    assert "met: [visits]" in examples


def test_each_kind_of_test_is_tried() -> None:
    facts = load_library(SMALL).vocabulary.facts
    assert {facts[name].type for name in TESTS} == set(FactType) - {FactType.TEXT, FactType.LIST}
    words = [test.replace("_", " ") for tests in TESTS.values() for test in tests]
    ops = {op for name in TESTS for op in OPS_OF_TYPE[facts[name].type]} - {Op.LISTED_IN}
    assert all(any(word.startswith(f"{op.replace('_', ' ')} ") for word in words) for op in ops)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"id": "house-kites"}, "already"),
        ({"topic": "visit_limits"}, "did you mean `visit_limit`?"),
        ({"fact": "visit"}, "did you mean `visits`?"),
        ({"test": "yes"}, "not a number"),
        ({"test": "6 or fewer"}, "; write `at most 6`\n"),
        ({"test": "!= 6"}, "; write `none of 6`\n"),
        ({"test": "4-6"}, "; write `at least 4` or `at most 6`, and the other limit in the file that is made\n"),
        ({"fact": "treatment", "test": "swings"}, "decides whether a guideline applies"),
        ({"fact": "body_region", "test": "arm"}, "includes"),
        ({"fact": "exercise", "test": "at most 6"}, "not yes or no"),
        ({"says": "  "}, "write a text"),
        ({"outranks": "house-kite"}, "did you mean `house-kites`?"),
        ({"says": "a\x1b[1m"}, "plain characters"),
    ],
)
def test_what_cannot_be_is_one_line(changes: dict[str, str], hint: str, tmp_path: Path) -> None:
    done = begin(tmp_path, **changes)
    assert done.exit_code == 2
    assert hint in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_the_same_authority_says_too_gives_way(tmp_path: Path) -> None:
    """It speaks on the same topic, for the same treatment, at the same time."""
    done = begin(tmp_path, treatment="kites", pages="3", **{"from": "2018-01-01"})
    assert done.exit_code == 0, done.output
    text = (tmp_path / "new.yaml").read_text("utf-8")
    assert "\noutranks: [house-kites-2017]\n" in text
    assert formatted(text, "new.yaml") == text
    assert "goes before house-kites-2017 (" in done.stderr
    found = lint_rules([SMALL, tmp_path]).findings
    assert [str(one) for one in found if one.location.path.startswith(str(tmp_path))] == []


def test_what_gives_way_is_asked_where_something_rivals_it(tmp_path: Path) -> None:
    answers = {**ANSWERS, "treatment": "kites", "from": "2018-01-01"}
    typed = []
    for name, answer in answers.items():
        typed.append(answer)
        typed += ["", ""] if name == "section" else [""] if name == "from" else []
        typed += ["house-kite-2017", ""] if name == "topic" else []
    done = run("--out", str(tmp_path / "new.yaml"), typed="\n".join([*typed, ""]) + "\n")
    assert done.exit_code == 0, done.output
    assert "has house-kites-2017 too" in done.stderr
    assert "did you mean `house-kites-2017`?" in done.stderr
    assert "\noutranks: [house-kites-2017]\n" in (tmp_path / "new.yaml").read_text("utf-8")


def test_what_is_for_fewer_cases_does_not_give_way_unasked(tmp_path: Path) -> None:
    done = begin(tmp_path, treatment="kites")
    assert "let `house-kites` say `outranks: [house-swings]`" in str(done.exception)
    assert "\noutranks: [house-kites-2017]\n" in (tmp_path / "new.yaml").read_text("utf-8")
    (tmp_path / "more").mkdir()
    assert begin(tmp_path / "more", treatment="kites", outranks="house-kites-2017, house-kites").exit_code == 0


def test_what_rivals_the_other_rules_is_written_as_a_draft(tmp_path: Path) -> None:
    done = begin(tmp_path, treatment="kites", outranks="none")
    assert isinstance(done.exception, GuidecheckError)
    (draft,) = tmp_path.iterdir()
    assert f"{draft}:" in str(done.exception)
    assert "written as a draft" in done.stderr


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text("mine", "utf-8")
    done = begin(tmp_path)
    assert done.exit_code == 2
    assert "exists already" in done.stderr
    assert (tmp_path / "new.yaml").read_text("utf-8") == "mine"


def test_without_a_file_it_stands_in_the_folder_of_rules(tmp_path: Path) -> None:
    options = [part for name, answer in ANSWERS.items() for part in (f"--{name}", answer)]
    done = run("--rules", str(tmp_path), *options)
    assert done.exit_code == 0, done.output
    assert [path.name for path in tmp_path.iterdir()] == ["house-swings.yaml"]
    assert re.search(rf"guidecheck rules lint --rules .*{re.escape(str(tmp_path))}$", done.stderr, re.MULTILINE)


def test_a_question_left_open_ends_it(tmp_path: Path) -> None:
    done = run("--out", str(tmp_path / "new.yaml"), typed="house-swings\n")
    assert done.exit_code == 1
    assert "Aborted" in done.stderr
    assert not list(tmp_path.iterdir())
