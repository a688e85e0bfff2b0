"""`rules test --coverage`, `--mutate` and `--junit`: what the examples of rules leave untested."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import shipped
from guidecheck.cli.main import main
from guidecheck.deciding.determination import Status
from guidecheck.editing.coverage import measure_coverage
from guidecheck.editing.equivalence import Equivalence
from guidecheck.editing.mutants import mutants
from guidecheck.editing.mutation import mutate
from guidecheck.editing.rule_tests import read_examples, run_examples
from guidecheck.editing.vocabulary_mutants import VocabularyMutant
from guidecheck.editing.vocabulary_mutation import VocabularyTester
from guidecheck.library.loading import load_library

BASE = Path(__file__).parent / "bad_rules" / "base"

GUIDELINE = """\
guideline: massage
title: Massage
authority: state
citation:
  section: Massage
in_force:
  from: 2009-07-18
  until: 2016-07-27
applies_to:
  treatment: massage
  region: {includes_any: [neck, back]}
tables:
  limits:
    keys: [region]
    pick: {highest: most}
    rows:
      - region: neck
        most: 6
      - region: back
        most: 8
criteria:
  - id: visits
    topic: visit_limit
    says: As many visits as the region allows.
    unless:
      improved: yes
    require:
      visits: {at_most: {table: limits, column: most}}
    confidence: confirmed
  - id: program
    topic: adjunct
    says: Exercise, or few visits.
    when:
      any:
        - prior_visits: {at_least: 3}
        - dose: {more_than: 2.5}
    require:
      any:
        - exercise_program: yes
        - visits: {less_than: 4}
    confidence: confirmed
"""

ONE_EXAMPLE = """\
examples:
  - name: six visits to the neck
    facts:
      region: neck
      visits: 6
    expect:
      met: [visits]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "rules", ignore=shutil.ignore_patterns("examples"))
    (tmp_path / "rules" / "massage.yaml").write_text(GUIDELINE + ONE_EXAMPLE, "utf-8")
    return tmp_path / "rules"


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["rules", "test", *map(str, arguments)])


def changes(rules: Path) -> list[str]:
    """Return every mutant of the guideline as `line:column: subject: words`."""
    library = load_library(rules)
    found = sorted(mutants(library.guidelines["massage"], library.vocabulary), key=lambda mutant: mutant.at)
    return [f"{m.at.line}:{m.at.column}: {m.subject}: {m.words}" for m in found]


def test_every_change_is_made_once_at_its_place(rules: Path) -> None:
    assert changes(rules) == [
        "7:9: massage: in force from July 18, 2009 → July 19, 2009",
        "7:9: massage: in force from July 18, 2009 → July 17, 2009",
        "8:10: massage: in force until July 27, 2016 → July 28, 2016",
        "8:10: massage: in force until July 27, 2016 → July 26, 2016",
        "10:3: massage: applies_to: all of these → any of these",
        "10:3: massage: applies_to: treatment massage dropped",
        "10:14: massage: applies_to: treatment massage → exercise",
        "10:14: massage: applies_to: treatment massage → none of massage",
        "11:3: massage: applies_to: region dropped",
        "11:12: massage: applies_to: region includes any → includes none",
        "11:27: massage: applies_to: region includes any neck dropped",
        "11:33: massage: applies_to: region includes any back dropped",
        "15:5: massage: table limits: pick dropped",
        "17:9: massage: table limits: row dropped",
        "18:15: massage: table limits: most 6 → 7",
        "18:15: massage: table limits: most 6 → 5",
        "19:9: massage: table limits: row dropped",
        "20:15: massage: table limits: most 8 → 9",
        "20:15: massage: table limits: most 8 → 7",
        "25:5: massage.visits: unless dropped",
        "25:5: massage.visits: unless negated",
        "25:5: massage.visits: unless → when",
        "26:17: massage.visits: unless: improved yes → no",
        "28:16: massage.visits: visits at most → less than",
        "33:5: massage.program: when dropped",
        "33:5: massage.program: when negated",
        "33:5: massage.program: when → unless",
        "34:7: massage.program: when: any → all",
        "35:11: massage.program: when: prior_visits dropped",
        "35:26: massage.program: when: prior_visits at least → more than",
        "35:36: massage.program: when: prior_visits at least 3 → 2",
        "36:11: massage.program: when: dose dropped",
        "36:18: massage.program: when: dose more than → at least",
        "36:29: massage.program: when: dose more than 2.5 → 2.6",
        "36:29: massage.program: when: dose more than 2.5 → 2.4",
        "38:7: massage.program: any → all",
        "39:11: massage.program: exercise_program yes dropped",
        "39:29: massage.program: exercise_program yes → no",
        "40:11: massage.program: visits dropped",
        "40:20: massage.program: visits less than → at most",
        "40:31: massage.program: visits less than 4 → 3",
    ]


def test_what_no_example_notices(rules: Path) -> None:
    """Six visits to the neck, expected to be met: what is worse for it is noticed, what is better is not."""
    done = call("--mutate", "--rules", rules, "--jobs", "1")
    assert done.exit_code == 0, done.output
    *lines, total = done.stdout.splitlines()[1:]
    found = [
        re.sub(r"^.*massage\.yaml:(\d+:\d+): no example notices, of `([^`]+)`: ", r"\1 \2 ", line)
        for line in lines
    ]
    assert [line.split(";")[0] for line in found if not re.match(r"\d+:\d+ massage\.program ", line)] == [
        "7:9 massage in force from July 18, 2009 → July 17, 2009",
        "8:10 massage in force until July 27, 2016 → July 28, 2016",
        "8:10 massage in force until July 27, 2016 → July 26, 2016",
        "10:3 massage applies_to: all of these → any of these",
        "10:3 massage applies_to: treatment massage dropped",
        "11:3 massage applies_to: region dropped",
        "11:33 massage applies_to: region includes any back dropped",
        "15:5 massage table limits: pick dropped",
        "18:15 massage table limits: most 6 → 7",
        "19:9 massage table limits: row dropped",
        "20:15 massage table limits: most 8 → 9",
        "20:15 massage table limits: most 8 → 7",
        "25:5 massage.visits unless dropped",
        "25:5 massage.visits unless negated",
        "26:17 massage.visits unless: improved yes → no",
    ]
    assert total == "mutants: 21.9% noticed (9 of 41); 0 more can make no difference"


def test_the_facts_that_would_tell(rules: Path) -> None:
    lines = call("--mutate", "--rules", rules, "--jobs", "1").stdout.splitlines()
    line = next(line for line in lines if "most 6 → 7" in line)
    assert line.endswith("region: [neck], treatment: massage, visits: 7"), line


def test_an_example_that_notices(rules: Path) -> None:
    path = rules / "massage.yaml"
    before = mutate([rules], load_library(rules))
    path.write_text(
        path.read_text("utf-8")
        + "  - name: seven are too many\n    facts: {region: neck, visits: 7}\n    expect: {failed: [visits]}\n"
    )
    after = mutate([rules], load_library(rules))
    gone = {one.words for one in before.survivors} - {one.words for one in after.survivors}
    assert "table limits: most 6 → 7" in gone
    assert after.counted == before.counted
    assert after.noticed == before.noticed + len(before.survivors) - len(after.survivors)


def test_an_example_of_the_whole_notices_too(rules: Path) -> None:
    (rules / "examples").mkdir()
    (rules / "examples" / "all.yaml").write_text(
        "examples:\n  - name: nine visits to the back\n    as_of: 2016-07-27\n"
        "    facts: {treatment: massage, region: back, visits: 9}\n"
        "    expect: {predicted: upheld, unmet: [massage.visits]}\n"
    )
    words = [one.words for one in mutate([rules], load_library(rules)).survivors]
    assert "table limits: most 8 → 9" not in words
    assert "in force until July 27, 2016 → July 26, 2016" not in words
    assert "table limits: most 8 → 7" in words


def test_what_can_make_no_difference_is_not_counted(rules: Path) -> None:
    """Of two limits that each suffice only the higher one counts: the other may go, or move up to it or down."""
    path = rules / "massage.yaml"
    old = "        - visits: {less_than: 4}"
    text = path.read_text("utf-8")
    assert mutate([rules], load_library(rules)).equivalent == 0
    path.write_text(text.replace(old, f"{old}\n        - visits: {{less_than: 3}}"))
    found = mutate([rules], load_library(rules))
    assert found.equivalent == 3
    assert not [one for one in found.survivors if one.at.line == 41 and "less than 3" in one.words]


def test_processes_share_the_work(rules: Path) -> None:
    assert (
        call("--mutate", "--rules", rules, "--jobs", "2").stdout
        == call("--mutate", "--rules", rules, "--jobs", "1").stdout
    )


@pytest.mark.parametrize(("option", "share"), [("--mutate", 20), ("--coverage", 10)])
def test_thresholds(option: str, share: int, rules: Path) -> None:
    arguments = [option, "--rules", str(rules), "--jobs", "1"]
    assert call(*arguments, "--threshold", str(share)).exit_code == 0
    done = call(*arguments, "--threshold", "100")
    assert done.exit_code == 1
    assert "below the threshold of 100%" in done.stderr


def test_examples_that_fail_notice_nothing(rules: Path) -> None:
    path = rules / "massage.yaml"
    path.write_text(path.read_text("utf-8").replace("met: [visits]", "failed: [visits]"))
    done = call("--mutate", "--rules", rules)
    assert (done.exit_code, "examples must hold" in done.stderr) == (2, True)


def test_statuses_that_no_example_expects(rules: Path) -> None:
    done = call("--coverage", "--rules", rules)
    path = rules / "massage.yaml"
    lines = done.stdout.splitlines()[1:]
    assert [line.partition("; it is with ")[0] for line in lines[:-1]] == [
        f"{path}:22:9: no example expects `massage.visits` failed",
        f"{path}:22:9: no example expects `massage.visits` not_applicable",
        f"{path}:22:9: no example expects `massage.visits` undocumented",
        f"{path}:30:9: no example expects `massage.program` failed",
        f"{path}:30:9: no example expects `massage.program` met",
        f"{path}:30:9: no example expects `massage.program` not_applicable",
        f"{path}:30:9: no example expects `massage.program` undocumented",
    ]
    assert lines[-1] == "coverage: 12.5% of the statuses that criteria can reach (1 of 8)"


def test_the_facts_of_coverage_do_what_they_say(rules: Path) -> None:
    """Taken over as examples, they cover what was missing."""
    lines = call("--coverage", "--rules", rules).stdout.splitlines()[1:-1]
    path = rules / "massage.yaml"
    text = path.read_text("utf-8")
    for line in lines:
        match = re.search(r"`massage\.(\w+)` (\w+); it is with (.*)$", line)
        assert match is not None
        criterion, status, facts = match.groups()
        text += (
            f"  - name: {status} {criterion}\n    facts: {{{facts}}}\n    expect: {{{status}: [{criterion}]}}\n"
        )
    path.write_text(text, "utf-8")
    done = call("--coverage", "--rules", rules, "--threshold", "100")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "8 passed, 0 failed",
        "coverage: 100.0% of the statuses that criteria can reach (8 of 8)",
    ]


def test_what_merely_happens_is_not_covered(rules: Path) -> None:
    library = load_library(rules)
    run = run_examples(library)
    found = measure_coverage(library, ((result.example, result.answer) for result in run.results))
    assert ("massage.program", Status.NOT_APPLICABLE) in {(one.criterion, one.status) for one in found.unseen}


def test_junit(rules: Path, tmp_path: Path) -> None:
    path = rules / "massage.yaml"
    path.write_text(
        path.read_text("utf-8")
        + '  - name: "<seven> & \\"eight\\""\n    facts: {region: neck, visits: 7}\n    expect: {met: [visits]}\n'
        + "  - name: a mistake\n    facts: {vists: 7}\n    expect: {met: [visits]}\n"
    )
    out = tmp_path / "report.xml"
    assert call("--rules", rules, "--junit", out).exit_code == 1
    root = ElementTree.parse(out).getroot()  # noqa: S314 - written here
    assert root.tag == "testsuites"
    (suite,) = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("massage", "3", "2")
    cases = [(case.get("name"), case.get("line"), len(case)) for case in suite]
    assert cases == [("six visits to the neck", "43", 0), ('<seven> & "eight"', "49", 1), ("a mistake", "52", 1)]
    failure = suite[1][0]
    assert failure.tag == "failure"
    assert failure.get("message") == '`<seven> & "eight"`: expected `visits` met, it is failed'
    assert f"{path}:51:" in (failure.text or "")
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure"}
    for element in root.iter("testcase"):
        assert set(element.keys()) == {"classname", "name", "file", "line", "time"}


def test_junit_that_cannot_be_written(rules: Path, tmp_path: Path) -> None:
    done = call("--rules", rules, "--junit", tmp_path / "no" / "report.xml")
    assert (done.exit_code, "cannot be written" in done.stderr) == (2, True)


def test_the_shipped_examples_expect_every_status_that_can_be_reached() -> None:
    results = shipped.examples_run().results
    found = measure_coverage(shipped.library(), ((result.example, result.answer) for result in results))
    assert found.unseen == ()
    assert found.reachable > 500


VOCABULARY_RULES = """\
guideline: doses
title: Doses
authority: state
citation:
  section: Doses
in_force:
  from: 2009-07-18
applies_to:
  treatment: exercise
criteria:
  - id: total
    topic: visit_limit
    says: Six in all.
    require:
      total: {at_most: 6}
    confidence: confirmed
  - id: by-table
    topic: adjunct
    says: As many visits as the table has.
    require:
      visits: {at_most: {table: courses, column: most}}
    confidence: confirmed
"""


def with_vocabulary(rules: Path) -> Path:
    path = rules / "vocabulary.yaml"
    text = path.read_text("utf-8")
    fact = (
        "facts:\n  total:\n    type: integer\n    scope: item\n    label: all visits\n"
        "    derive:\n      sum: [visits, prior_visits]\n"
    )
    table = "\ntables:\n  courses:\n    keys: [region]\n    rows:\n      - region: neck\n        most: 6\n"
    path.write_text(text.replace("facts:\n", fact, 1).replace("\ntables:\n", table, 1), "utf-8")
    (rules / "doses.yaml").write_text(VOCABULARY_RULES + EXAMPLES_OF_DOSES, "utf-8")
    return rules


EXAMPLES_OF_DOSES = """\
examples:
  - name: six in all
    facts: {visits: 4, prior_visits: 2}
    expect: {met: [total]}
  - name: six to the neck
    facts: {region: neck, visits: 6, prior_visits: 1}
    expect: {met: [by-table], failed: [total]}
"""


def test_the_vocabulary_is_changed_too(rules: Path) -> None:
    """Its rows and derivations, where examples rest on them; none notices a limit that moves up."""
    found = mutate([with_vocabulary(rules)], load_library(rules))
    words = [one.words for one in found.survivors if one.at.path.endswith("vocabulary.yaml")]
    assert "most 6 → 7" in words
    assert not {"most 6 → 5", "sum → product", "derive dropped"} & {
        one.words for one in found.survivors if one.subject in ("total", "courses")
    }


def test_an_unchanged_vocabulary_is_noticed_by_no_example() -> None:
    """Else every mutant would count as noticed: examples of a guideline alone lack what a treatment needs."""
    library = shipped.library()
    tester = VocabularyTester(library, list(read_examples(library))[::10], Equivalence(library))
    same = VocabularyMutant(library.vocabulary.facts["prior_visits"].at, "prior_visits", "", library.vocabulary)
    assert not tester.is_noticed(same, frozenset(library.vocabulary.facts))
