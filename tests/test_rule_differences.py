"""`rules diff`: what changed from one library to another, in words, from folders and from git revisions."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guidecheck.cli.main import main
from guidecheck.editing.differences import differences
from guidecheck.library.loading import load_library, shipped_rules

BASE = Path(__file__).parent / "bad_rules" / "base"
GUIDELINE = "massage.yaml"

TABLE = """\
tables:
  limits:
    keys: [region]
    rows:
      - region: neck
        most: 6
      - region: back
        most: 8
"""

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "rules"))


def edit(rules: Path, name: str, *changes: tuple[str, str]) -> None:
    path = rules / name
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["rules", "diff", *map(str, arguments)], env={"COLUMNS": "80"})


def flat(done: Result) -> str:
    """Return what a command printed on one line: where it is broken depends on the length of paths."""
    return " ".join(done.stdout.split())


def words(old: Path, new: Path) -> list[tuple[str, str]]:
    found = differences(load_library(old), load_library(new))
    return [(change.code, f"{change.subject}: {change.words}") for change in found]


REQUIRE = "    require:\n      visits:\n        at_most: 6\n"

EDITS = [
    (GUIDELINE, "at_most: 6", "at_most: 8", "limit", "massage.visits: requires: visits at most 6 → 8"),
    (
        GUIDELINE,
        "at_most: 6",
        "less_than: 6",
        "test",
        "massage.visits: requires: visits at most 6 → less than 6",
    ),
    (
        GUIDELINE,
        REQUIRE,
        REQUIRE + "      improved: yes\n",
        "condition",
        "massage.visits: requires (added): improved is yes",
    ),
    (
        GUIDELINE,
        REQUIRE,
        "    require:\n      any:\n        - visits: {at_most: 6}\n        - improved: yes\n",
        "condition",
        "massage.visits: requires (alternative added): improved is yes",
    ),
    (
        GUIDELINE,
        REQUIRE,
        REQUIRE + "    unless:\n      improved: yes\n",
        "condition",
        "massage.visits: does not apply where (added): improved is yes",
    ),
    (
        GUIDELINE,
        REQUIRE,
        REQUIRE + "    when:\n      improved: yes\n",
        "condition",
        "massage.visits: applies when: always → improved is yes",
    ),
    (
        GUIDELINE,
        "  treatment: massage\n",
        "  treatment: massage\n  region: {includes: neck}\n",
        "condition",
        "massage: is for: treatment is massage → all of (treatment is massage; region includes neck)",
    ),
    (
        GUIDELINE,
        REQUIRE,
        "    not_recommended: yes\n",
        "purpose",
        "massage.visits: where it applies: requires visits at most 6 → not recommended",
    ),
    (GUIDELINE, "topic: visit_limit", "topic: adjunct", "topic", "massage.visits: topic: visit_limit → adjunct"),
    (
        GUIDELINE,
        "confidence: confirmed",
        "confidence: known",
        "confidence",
        "massage.visits: confidence: confirmed → known",
    ),
    (
        GUIDELINE,
        "confidence: confirmed",
        "confidence: confirmed\n    when_undocumented: met",
        "silence",
        "massage.visits: when undocumented added: met",
    ),
    (
        GUIDELINE,
        "  section: Massage",
        "  section: Massage\n  pages: 12",
        "citation",
        "massage: citation, pages added: 12",
    ),
    (
        GUIDELINE,
        "2016-07-27",
        "2016-07-28",
        "dates",
        "massage: in force until: July 27, 2016 → July 28, 2016",
    ),
    (
        GUIDELINE,
        "  treatment: massage",
        "  treatment: {one_of: [massage, exercise]}",
        "test",
        "massage: is for: treatment is massage → one of massage, exercise",
    ),
    (
        GUIDELINE,
        "criteria:",
        "leaves_open: adjunct\ncriteria:",
        "leaves-open",
        "massage: leaves open: by topic alone → adjunct",
    ),
    (GUIDELINE, "visits: 6\n    exp", "visits: 5\n    exp", "examples", "massage: examples: 1 → 1 (1 changed)"),
    ("vocabulary.yaml", "maximum: 100", "maximum: 50", "fact", "fact visits: largest value: 100 → 50"),
    (
        "vocabulary.yaml",
        "[rubbing]",
        "[rubbing, kneading]",
        "synonyms",
        "fact treatment: value massage, synonyms: rubbing → kneading, rubbing",
    ),
    (
        "vocabulary.yaml",
        "sum: [prior_visits, visits]",
        "same_as: visits",
        "derivation",
        "fact total_visits: worked out as: prior_visits + visits → the same as visits",
    ),
    (
        "vocabulary.yaml",
        "  dose:\n",
        "  days:\n    type: integer\n    label: days\n  dose:\n",
        "fact-added",
        "fact days: fact added: an integer, days",
    ),
    (
        "vocabulary.yaml",
        "factor: 2",
        "factor: 3",
        "cell",
        "tables of the vocabulary: table factors, code is 00100: factor: 2 → 3",
    ),
    (
        "vocabulary.yaml",
        "massage: [region]",
        "massage: [region, visits]",
        "needed",
        "treatment massage: needs: region → region, visits",
    ),
    (
        "library.yaml",
        "    - society\n    - statute\n",
        "    - statute\n",
        "jurisdiction",
        ": jurisdiction california: state, society, statute → state, statute",
    ),
    ("library.yaml", "version: 1.0.0", "version: 1.1.0", "version", ": version: 1.0.0 → 1.1.0"),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "said"), EDITS, ids=[edit[3] + "-" + str(i) for i, edit in enumerate(EDITS)]
)
def test_an_edit_is_said_in_words(name: str, old: str, new: str, code: str, said: str, rules: Path) -> None:
    edit(rules, name, (old, new))
    assert words(BASE, rules) == [(code, said)]


def test_two_names_are_not_one_that_holds_a_comma(rules: Path, tmp_path: Path) -> None:
    edit(rules, "vocabulary.yaml", ("[rubbing]", "[rubbing, kneading]"))
    other = Path(shutil.copytree(rules, tmp_path / "other"))
    edit(other, "vocabulary.yaml", ("[rubbing, kneading]", '["kneading, rubbing"]'))
    assert words(rules, other) == [
        ("synonyms", 'fact treatment: value massage, synonyms: kneading, rubbing → "kneading, rubbing"')
    ]


def test_nothing_changed(rules: Path) -> None:
    edit(rules, GUIDELINE, ("title: Massage", "# a remark\ntitle:   Massage"))
    assert words(BASE, rules) == []
    assert call(BASE, rules).stdout.split()[-2:] == ["nothing", "changed."]


def test_criteria_and_guidelines_that_come_and_go(rules: Path) -> None:
    changed = (
        ("  - id: visits", "  - id: course"),
        ("at_most: 6", "at_most: 7"),
        ("met: [visits]", "met: [course]"),
    )
    edit(rules, GUIDELINE, *changed)
    (rules / "second.yaml").write_text(
        (BASE / GUIDELINE)
        .read_text("utf-8")
        .split("examples:")[0]
        .replace("guideline: massage", "guideline: second")
        .replace("treatment: massage", "treatment: exercise"),
        "utf-8",
    )
    edit(rules, "examples/all.yaml", ("massage.visits", "massage.course"))
    assert words(BASE, rules) == [
        (
            "criterion-added",
            "massage.course: criterion added: requires visits at most 7. Says: Six visits at most.",
        ),
        (
            "criterion-removed",
            "massage.visits: criterion removed: requires visits at most 6. Says: Six visits at most.",
        ),
        ("examples", "massage: examples: 1 → 1 (1 changed)"),
        (
            "guideline-added",
            "second: guideline added: Massage, with 1 criterion; is for treatment is exercise; in force July 18, "
            "2009 to July 27, 2016 (state)",
        ),
        (
            "criterion-added",
            "second.visits: criterion added: requires visits at most 6. Says: Six visits at most.",
        ),
        ("examples", ": examples: 1 → 1 (1 changed)"),
    ]
    assert [code for code, _ in words(rules, BASE)] == [
        "criterion-added",
        "criterion-removed",
        "examples",
        "guideline-removed",
        "examples",
    ]


def test_a_criterion_that_only_gets_another_id(rules: Path) -> None:
    edit(rules, GUIDELINE, ("  - id: visits", "  - id: course"), ("met: [visits]", "met: [course]"))
    edit(rules, "examples/all.yaml", ("massage.visits", "massage.course"))
    (change, *others) = differences(load_library(BASE), load_library(rules))
    assert (change.code, change.subject, change.words) == (
        "criterion-renamed",
        "massage.course",
        "id: visits → course",
    )
    assert not change.decides
    assert {other.code for other in others} == {"examples"}


def test_a_criterion_that_comes_is_told_with_its_guards(rules: Path) -> None:
    added = """\
  - id: repeat
    topic: visit_limit
    says: No further visits.
    not_recommended: yes
    when:
      prior_visits: {more_than: 6}
    unless:
      improved: yes
    confidence: known
  - id: gain
    topic: improvement
    says: It has helped.
    require:
      improved: yes
    when_undocumented: met
    confidence: known
examples:
"""
    edit(rules, GUIDELINE, ("examples:\n", added))
    assert [said for _, said in words(BASE, rules)] == [
        "massage.repeat: criterion added: not recommended; applies when prior_visits more than 6; does not apply "
        "where improved is yes. Says: No further visits.",
        "massage.gain: criterion added: requires improved is yes; when undocumented met. Says: It has helped.",
    ]


def test_ranks_that_others_alone_have_moved_are_not_told(rules: Path) -> None:
    frame = ("  - id: state\n", "  - id: clinic\n    title: A clinic\n  - id: state\n")
    edit(rules, "library.yaml", frame)
    assert [said for _, said in words(BASE, rules)] == [
        ": authority clinic, rank added: 1",
        ": authority clinic, title added: A clinic",
    ]
    assert [code for code, _ in words(rules, BASE)] == ["authority", "authority"]
    edit(rules, "library.yaml", ("  - id: society\n    title: A society's guidelines\n", ""))
    last = "    title: The law\n    role: legal\n"
    edit(rules, "library.yaml", (last, last + "  - id: society\n    title: A society's guidelines\n"))
    assert [said for _, said in words(BASE, rules) if "rank" in said] == [
        ": authority clinic, rank added: 1",
        ": authority state, rank: 1 → 2",
        ": authority society, rank: 2 → 4",
    ]


def test_a_number_among_the_keys_of_a_row(rules: Path, tmp_path: Path) -> None:
    table = TABLE.replace("region: neck", "prior_visits: {at_most: 4}").replace(
        "region: back", "prior_visits: {more_than: 4}"
    )
    edit(
        rules,
        GUIDELINE,
        ("criteria:", table.replace("[region]", "[prior_visits]") + "criteria:"),
        ("at_most: 6\n    conf", "at_most: {table: limits, column: most}\n    conf"),
    )
    other = Path(shutil.copytree(rules, tmp_path / "other"))
    edit(other, GUIDELINE, ("more_than: 4", "more_than: 5"), ("most: 6", "most: 7"))
    assert words(rules, other) == [
        ("cell", "massage: table limits, prior_visits at most 4: most: 6 → 7"),
        ("row-keys", "massage: table limits, row with most 8: prior_visits more than 4 → 5"),
    ]


def test_a_date_is_told_where_it_stands(rules: Path) -> None:
    edit(rules, GUIDELINE, ("until: 2016-07-27", "until: 2016-07-31"))
    (change,) = differences(load_library(BASE), load_library(rules))
    assert (change.code, change.at.line, change.at.column) == ("dates", 8, 10)


def test_rows_of_a_table(rules: Path, tmp_path: Path) -> None:
    edit(
        rules,
        GUIDELINE,
        ("criteria:", TABLE + "criteria:"),
        ("at_most: 6", "at_most: {table: limits, column: most}"),
    )
    other = Path(shutil.copytree(rules, tmp_path / "other"))
    edit(
        other,
        GUIDELINE,
        ("region: neck\n        most: 6", "region: neck\n        most: 7"),
        (
            "      - region: back\n        most: 8\n",
            "      - region: knee\n        most: 4\n        citation: {pages: 9}\n",
        ),
    )
    assert words(rules, other) == [
        ("cell", "massage: table limits, region includes neck: most: 6 → 7"),
        ("row-added", "massage: table limits, row added: region includes knee: most 4"),
        ("row-removed", "massage: table limits, row removed: region includes back: most 8"),
    ]
    swapped = Path(shutil.copytree(rules, tmp_path / "swapped"))
    first, second = "      - region: neck\n        most: 6\n", "      - region: back\n        most: 8\n"
    edit(swapped, GUIDELINE, (first + second, second + first))
    assert [code for code, _ in words(rules, swapped)] == ["row-order"]


def several_edits(rules: Path) -> None:
    edit(
        rules,
        GUIDELINE,
        ("at_most: 6", "at_most: 8"),
        ("2016-07-27", "2016-12-31"),
        ("Six visits at most.", "Eight visits at most, where | the pipe & <b>markup</b> do no harm."),
    )
    edit(rules, "vocabulary.yaml", ("maximum: 100", "maximum: 50"))


@pytest.mark.parametrize(("form", "suffix"), [("text", "txt"), ("markdown", "md"), ("json", "json")])
def test_forms(
    form: str, suffix: str, rules: Path, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    several_edits(rules)
    shutil.copytree(BASE, rules.parent / "old")
    monkeypatch.chdir(rules.parent)
    done = call("old", "rules", "--format", form)
    assert (done.exit_code, done.stderr) == (0, "")
    shown = done.stdout
    if form == "json":
        data = json.loads(shown)
        data["old"]["digest"] = data["new"]["digest"] = "sha256:DIGEST"
        shown = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    golden(f"rules-diff.{suffix}", shown)


# ------------------------------------------------------------------------------------------------- revisions


def git(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return done.stdout


@pytest.fixture
def repository(rules: Path) -> Path:
    top = rules.parent
    git(top, "init", "--quiet")
    git(top, "add", "rules")
    git(top, "commit", "--quiet", "-m", "first")
    return rules


@needs_git
def test_a_revision_stands_for_the_rules_as_they_were(repository: Path) -> None:
    several_edits(repository)
    done = call("HEAD", "--rules", repository)
    assert done.exit_code == 0, done.stderr
    assert "requires: visits at most 6 → 8" in done.stdout
    assert ": nothing changed." in flat(call("HEAD", "HEAD", "--rules", repository))


@needs_git
def test_a_folder_of_a_revision(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    several_edits(repository)
    monkeypatch.chdir(repository.parent)
    assert "requires: visits at most 6 → 8" in call("HEAD:rules", "rules").stdout


@needs_git
def test_what_is_gone_is_placed_in_the_revision(repository: Path) -> None:
    (repository / "massage.yaml").unlink()
    (repository / "examples" / "all.yaml").unlink()
    done = call("HEAD", "--rules", repository, "--format", "json")
    gone = [change for change in json.loads(done.stdout)["changes"] if change["code"] == "guideline-removed"]
    assert [(change["path"], change["line"]) for change in gone] == [("HEAD:rules/massage.yaml", 1)]


@needs_git
def test_an_overlay_that_alone_is_under_version_control(repository: Path, tmp_path: Path) -> None:
    over = tmp_path / "over"
    over.mkdir()
    shutil.copy(repository / GUIDELINE, over)
    git(over, "add", ".")
    git(over, "commit", "--quiet", "-m", "overlay")
    edit(over, GUIDELINE, ("at_most: 6", "at_most: 7"))
    outside = Path(shutil.copytree(BASE, tmp_path.parent / f"{tmp_path.name}-outside"))
    done = call("HEAD", "--rules", outside, "--rules", over)
    assert "requires: visits at most 6 → 7" in done.stdout, done.output


@needs_git
def test_nothing_of_a_repository_is_run_or_followed(repository: Path, tmp_path: Path) -> None:
    top = repository.parent
    trap = tmp_path / "sprung"
    (top / ".gitattributes").write_text("*.yaml filter=trap export-subst diff=trap\n")
    for key in (
        "filter.trap.smudge",
        "filter.trap.clean",
        "diff.trap.textconv",
        "core.fsmonitor",
        "core.sshCommand",
    ):
        git(top, "config", key, f"touch {trap}; cat")
    hooks = top / ".git" / "hooks"
    for name in ("post-checkout", "pre-commit", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {trap}\n")
        (hooks / name).chmod(0o755)
    secret = tmp_path / "secret.yaml"
    secret.write_text("guideline: secret\n")
    (repository / "link.yaml").symlink_to(secret)
    git(
        top,
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "filter.trap.clean=cat",
        "-c",
        "core.fsmonitor=false",
        "add",
        ".",
    )
    git(top, "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "commit", "--quiet", "-m", "trap")
    (repository / "link.yaml").unlink()
    trap.unlink(missing_ok=True)
    done = call("HEAD", "--rules", repository)
    assert (done.exit_code, ": nothing changed." in flat(done)) == (0, True), done.output
    assert not trap.exists()


@needs_git
def test_a_hook_of_another_repository_may_call_it(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert ": nothing changed." in flat(call("HEAD", "--rules", repository))


@needs_git
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "nowhere: error no-such-folder: neither a folder nor a git revision"),
        ("HEAD:nowhere", "the revision has no folder `nowhere`"),
        ("HEAD:rules/massage.yaml", "the revision has no folder `rules/massage.yaml`"),
        ("--output=x:y", "neither a folder nor a git revision"),
        ("a\nb", "neither a folder nor a git revision"),
        ("HEAD:../..", "the revision has no folder"),
    ],
)
def test_names_that_stand_for_nothing(
    name: str, said: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.parent)
    done = CliRunner().invoke(main, ["rules", "diff", "--rules", str(repository), "--", name])
    assert said in str(done.exception), done.output
    assert len(str(done.exception).splitlines()) == 1


@needs_git
def test_mistakes_at_a_revision_are_placed_there(repository: Path) -> None:
    edit(repository, GUIDELINE, ("at_most: 6", "at_moast: 6"))
    git(repository, "commit", "--quiet", "-am", "broken")
    edit(repository, GUIDELINE, ("at_moast: 6", "at_most: 6"))
    done = call("HEAD", "--rules", repository)
    assert str(done.exception).startswith("HEAD:rules/massage.yaml:17:9: error unknown-test:"), done.exception


def test_the_shipped_rules_have_a_word(rules: Path) -> None:
    done = call("shipped", "shipped")
    assert done.stdout == "From the shipped rules to the shipped rules: nothing changed.\n"
    (rules.parent / "over").mkdir()
    done = call("shipped", "--rules", rules.parent / "over")
    assert "error empty-folder" in str(done.exception)


def test_rules_in_no_repository(rules: Path) -> None:
    done = CliRunner().invoke(main, ["rules", "diff", "HEAD", "--rules", str(rules)])
    assert "the rules in use are in no git repository" in str(done.exception)


def test_deadlines_and_letters(tmp_path: Path) -> None:
    old = Path(shutil.copytree(shipped_rules(), tmp_path / "old"))
    new = Path(shutil.copytree(old, tmp_path / "new"))
    limits = new / "deadlines" / "california.yaml"
    text = limits.read_text("utf-8")
    changed = re.sub(r"business_days: \d+", "business_days: 399", text, count=1)
    assert changed != text
    limits.write_text(changed, "utf-8")
    edit(new, "letters/cues.yaml", ("\n", "\n# other words\n"))
    changes = json.loads(call(old, new, "--format", "json").stdout)["changes"]
    line = changed[: changed.index("business_days: 399")].rindex("\n  - id: ")
    at = ("deadlines/california.yaml", changed[: line + 1].count("\n") + 1, 9)
    assert [(change["code"], change["after"]) for change in changes] == [
        ("deadline", "399 business days"),
        ("letters", None),
    ]
    assert (changes[0]["path"], changes[0]["line"], changes[0]["column"]) == (str(new / at[0]), *at[1:])
    assert changes[1]["subject"] == "letters/cues.yaml"


def test_holidays_have_their_places(tmp_path: Path) -> None:
    old = Path(shutil.copytree(shipped_rules(), tmp_path / "old"))
    new = Path(shutil.copytree(old, tmp_path / "new"))
    path = Path("deadlines", "california.yaml")
    text = (old / path).read_text("utf-8")
    first = re.findall(r"^ +- name: .+$", text, re.MULTILINE)[0]
    (new / path).write_text(text.replace(first, f"{first} (renamed)").replace("day: 31\n", "day: 30\n"), "utf-8")
    changes = json.loads(call(old, new, "--format", "json").stdout)["changes"]
    lines = text.splitlines()
    found = {change["code"]: (change["path"], change["line"]) for change in changes}
    assert found["holiday-added"] == (str(new / path), lines.index(first) + 1)
    assert found["holiday-removed"] == (str(old / path), lines.index(first) + 1)
    (moved,) = (change for change in changes if change["code"] == "holiday")
    assert moved["after"] == "03-30, on a Sunday kept on Monday"
    assert lines[moved["line"] - 1].strip() == f"- name: {moved['words'].split(':')[0].removeprefix('holiday ')}"


def test_a_sum_of_what_can_be_counted_is_no_whole_sum(tmp_path: Path) -> None:
    old = Path(shutil.copytree(shipped_rules(), tmp_path / "old"))
    new = Path(shutil.copytree(old, tmp_path / "new"))
    edit(new, "vocabulary.yaml", ("      partly: yes\n", ""))
    assert words(old, new) == [
        (
            "derivation",
            "fact med_counted: worked out as: the sum over the entries of opioids that can be counted by "
            "the table morphine_equivalents → the sum over opioids by the table morphine_equivalents",
        )
    ]
