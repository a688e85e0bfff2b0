"""Rule libraries from folders: one laid over another, their digest, and copies to edit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from guidecheck.api import check
from guidecheck.cli.main import main
from guidecheck.deciding.determination import Status
from guidecheck.errors import GuidecheckError, LibraryError
from guidecheck.library.exporting import export_rules
from guidecheck.library.loading import (
    ENVIRONMENT_VARIABLE,
    load_library,
    read_library,
    rule_folders,
    shipped_rules,
)
from guidecheck.library.models import Library

BASE = Path(__file__).parent / "bad_rules" / "base"

Write = Callable[..., Path]

STRICTER = """guideline: massage
title: Massage, stricter
authority: state
citation:
  pages: "61"
in_force:
  from: 2009-07-18
applies_to:
  treatment: massage
criteria:
  - id: visits
    topic: visit_limit
    says: Four visits at most.
    require:
      visits: {at_most: 4}
    confidence: uncertain
"""
MORE_FACTS = """facts:
  visits:
    type: integer
    label: the visits asked for
    maximum: 50
  note:
    type: text
    label: "a: note"
    ask: |
      Two lines,
      with a colon: and # a sign.
tables:
  limits:
    keys: [region]
    rows:
      - {region: neck, most: 3, citation: {pages: "98-99"}}
needed:
  massage: [region, visits]
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a folder of rules."""

    def folder(name: str, **files: str) -> Path:
        made = tmp_path / name
        for file, text in files.items():
            path = made / f"{file.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return made

    return folder


def test_the_shipped_rules_have_no_mistake() -> None:
    library, findings = read_library([shipped_rules()])
    assert findings == []
    assert library is not None
    assert library.digest.startswith("sha256:")


def test_an_overlay_adds_and_replaces(write: Write) -> None:
    overlay = write(
        "over", vocabulary=MORE_FACTS, deep__massage=STRICTER, exercise=STRICTER.replace("massage", "exercise")
    )
    library = load_library(BASE, overlay)
    assert library.guidelines["massage"].title == "Massage, stricter"
    assert set(library.guidelines) == {"massage", "exercise"}
    assert library.vocabulary.facts["visits"].maximum == 50
    assert library.vocabulary.facts["visits"].ask == "", "a fact is replaced as a whole"
    assert set(library.vocabulary.tables) == {"factors", "limits"}
    assert library.vocabulary.needed["massage"] == ("region", "visits")
    assert library.version == "1.0.0"


def test_a_later_overlay_wins(write: Write) -> None:
    one, two = write("one", massage=STRICTER), write("two", other__name=STRICTER.replace("stricter", "strictest"))
    assert load_library(BASE, one, two).guidelines["massage"].title == "Massage, strictest"
    assert load_library(BASE, two, one).guidelines["massage"].title == "Massage, stricter"


def test_which_folders_are_read(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    overlay = write("over", massage=STRICTER)
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    assert rule_folders() == [shipped_rules()]
    assert rule_folders([BASE]) == [BASE]
    assert rule_folders([overlay]) == [shipped_rules(), overlay], "no library.yaml: laid over the shipped rules"
    with_facts = write("with-facts", vocabulary=MORE_FACTS)
    assert rule_folders([with_facts, overlay]) == [shipped_rules(), with_facts, overlay]
    lone = write("lone", library=(BASE / "library.yaml").read_text())
    assert rule_folders([lone]) == [lone]
    assert rule_folders([BASE, overlay]) == [BASE, overlay]
    assert rule_folders([tmp_path / "gone"]) == [tmp_path / "gone"]
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, f"{BASE}:{overlay}")
    assert rule_folders() == [BASE, overlay]
    assert rule_folders([overlay]) == [shipped_rules(), overlay]


def test_hidden_files_are_left_alone(write: Write) -> None:
    overlay = write("over", massage=STRICTER)
    (overlay / ".git").mkdir()
    (overlay / ".git" / "config.yaml").write_text("nothing")
    (overlay / ".massage.yaml.swp.yaml").write_text("nothing")
    (overlay / "read-me.txt").write_text("nothing")
    assert load_library(BASE, overlay).guidelines["massage"].title == "Massage, stricter"


def test_the_digest_is_of_the_content(tmp_path: Path, write: Write) -> None:
    whole = load_library(BASE).digest
    moved = Path(shutil.copytree(BASE, tmp_path / "moved"))
    (moved / "sub").mkdir()
    (moved / "massage.yaml").rename(moved / "sub" / "other.yaml")
    (moved / "examples" / "all.yaml").unlink()
    assert load_library(moved).digest == whole, "neither paths nor examples have a part in it"
    text = (moved / "sub" / "other.yaml").read_bytes()
    (moved / "sub" / "other.yaml").write_bytes(text.replace(b"\n", b"\r\n"))
    assert load_library(moved).digest == whole, "nor have line ends"
    (moved / "sub" / "other.yaml").write_bytes(text.replace(b"at_most: 6", b"at_most: 5"))
    assert load_library(moved).digest != whole
    assert load_library(BASE, write("over", massage=STRICTER)).digest != whole
    assert load_library(BASE, write("same", massage=(BASE / "massage.yaml").read_text())).digest == whole


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("gone", "no-such-folder: no such folder"),
        ("a-file", "no-such-folder: this is no folder"),
        ("empty", "empty-folder: no YAML file in this folder"),
        ("half", "no-such-file: no vocabulary.yaml in this folder"),
    ],
)
def test_no_library(folder: str, message: str, tmp_path: Path, write: Write) -> None:
    (tmp_path / "a-file").write_text("a: 1\n")
    (tmp_path / "empty").mkdir()
    write("half", library=(BASE / "library.yaml").read_text())
    with pytest.raises(LibraryError) as error:
        load_library(BASE if folder == "empty" else tmp_path / folder, tmp_path / folder)
    assert message in str(error.value)
    assert len(error.value.findings) == 1


def test_an_overlay_is_no_vocabulary_for_a_folder_without_one(write: Write) -> None:
    half = write("half", library=(BASE / "library.yaml").read_text())
    facts = write("facts", vocabulary=(BASE / "vocabulary.yaml").read_text())
    with pytest.raises(LibraryError) as error:
        load_library(half, facts)
    assert str(error.value).startswith(
        f"{half}: error no-such-file: library.yaml stands in this folder without a vocabulary.yaml; "
    )


ONE_FACT = """facts:
  clinic_visits:
    type: integer
    scope: item
    label: the visits to the clinic
    ask: How many visits to the clinic were there?
    minimum: 0
"""
ONE_GUIDELINE = """guideline: clinic-massage
title: House rule on massage
authority: odg
outranks: [odg-low-back-massage]
citation:
  pages: "1"
in_force:
  from: 2009-07-18
applies_to:
  treatment: massage_therapy
criteria:
  - id: visits
    topic: visit_limit
    says: Three visits to the clinic at most.
    require:
      clinic_visits: {at_most: 3}
    confidence: uncertain
"""


def test_an_overlay_of_the_shipped_rules_adds_a_fact_and_a_guideline(write: Write) -> None:
    shipped = load_library(shipped_rules())
    library = load_library(write("over", vocabulary=ONE_FACT, clinic=ONE_GUIDELINE))
    assert set(library.vocabulary.facts) - set(shipped.vocabulary.facts) == {"clinic_visits"}
    assert set(library.guidelines) - set(shipped.guidelines) == {"clinic-massage"}
    assert set(shipped.guidelines) < set(library.guidelines)
    item = {"treatment": "massage", "clinic_visits": 4, "requested_visits": 6, "exercise_program": True}
    answer = check({"as_of": "2015-08-21", "items": [item]}, library).items[0]
    status = {result.criterion.key: result.status for result in answer.criteria}
    assert status["clinic-massage.visits"] is Status.FAILED


@pytest.mark.parametrize("name", ["library", "vocabulary"])
def test_what_cannot_be_read_hides_nothing_else(name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BASE, tmp_path / "rules"))
    (folder / f"{name}.yaml").write_text("a: b: c\n")
    massage = folder / "massage.yaml"
    massage.write_text(massage.read_text().replace("says:", "say:").replace("at_most: 6", "at_moast: 6"))
    library, findings = read_library([folder])
    assert library is None
    expected = ["yaml-syntax", "missing-key", "unknown-key"] + (["unknown-test"] if name == "library" else [])
    assert sorted(finding.code for finding in findings) == sorted(expected)


def same(one: Library, other: Library) -> bool:
    """Tell whether two libraries say the same, wherever it stands."""
    return (
        one.digest == other.digest
        and [g.id for g in one.guidelines.values()] == [g.id for g in other.guidelines.values()]
        and list(one.vocabulary.facts) == list(other.vocabulary.facts)
        and one.vocabulary.needed == other.vocabulary.needed
        and one.vocabulary.derivations == other.vocabulary.derivations
        and [(f.ask, f.words, f.phrases) for f in one.vocabulary.facts.values()]
        == [(f.ask, f.words, f.phrases) for f in other.vocabulary.facts.values()]
        and len(one.examples) == len(other.examples)
    )


def test_a_copy_to_edit(tmp_path: Path) -> None:
    written = export_rules([], tmp_path / "new" / "copy")
    assert same(load_library(tmp_path / "new" / "copy"), load_library())
    assert {path.relative_to(tmp_path / "new" / "copy").as_posix() for path in written} == {
        path.relative_to(shipped_rules()).as_posix() for path in shipped_rules().rglob("*.yaml")
    }
    text = (shipped_rules() / "vocabulary.yaml").read_text()
    assert (tmp_path / "new" / "copy" / "vocabulary.yaml").read_text() == text, "comments and all"


def test_a_copy_of_rules_laid_over_others(tmp_path: Path, write: Write) -> None:
    overlay = write(
        "over",
        vocabulary=MORE_FACTS,
        massage=STRICTER.replace("guideline: massage", "guideline: other").replace(
            "treatment: massage", "treatment: exercise"
        ),
        elsewhere=STRICTER,
        examples__more=(BASE / "examples" / "all.yaml").read_text().replace("visits: 7", "visits: 5"),
    )
    laid = load_library(BASE, overlay)
    export_rules([BASE, overlay], tmp_path / "copy")
    copied = load_library(tmp_path / "copy")
    assert same(copied, laid)
    assert copied.guidelines["massage"].title == "Massage, stricter"
    assert (tmp_path / "copy" / "examples" / "more.yaml").exists()


def test_a_copy_of_an_overlay_of_the_shipped_rules(tmp_path: Path, write: Write) -> None:
    shipped = (shipped_rules() / "mtus-2009" / "massage.yaml").read_text()
    overlay = write("over", mine=shipped.replace("at_most: 6", "at_most: 5"))
    export_rules([overlay], tmp_path / "copy")
    assert same(load_library(tmp_path / "copy"), load_library(overlay))
    assert not (tmp_path / "copy" / "mtus-2009" / "massage.yaml").exists()


def test_copies_are_written_to_new_or_empty_folders_only(tmp_path: Path, write: Write) -> None:
    (tmp_path / "empty").mkdir()
    export_rules([BASE], tmp_path / "empty")
    (tmp_path / "a-file").write_text("")
    rules = Path(shutil.copytree(BASE, tmp_path / "rules"))
    for target, code in (
        (tmp_path / "empty", "not-empty"),
        (tmp_path / "a-file", "not-a-folder"),
        (rules / "copy", "in-the-rules"),
        (tmp_path / "a-file" / "below", "unwritable"),
        (tmp_path / ("x" * 300), "unwritable"),
    ):
        with pytest.raises(GuidecheckError) as error:
            export_rules([rules], target)
        assert [finding.code for finding in error.value.findings] == [code]
    with pytest.raises(LibraryError):
        export_rules([BASE, write("bad", massage=STRICTER.replace("at_most", "at_moast"))], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_command(tmp_path: Path) -> None:
    folder = str(tmp_path / "copy")
    done = CliRunner().invoke(main, ["rules", "export", folder, "--rules", str(BASE)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert "4 files written" in done.stderr
    again = CliRunner().invoke(main, ["rules", "export", folder])
    assert isinstance(again.exception, GuidecheckError)
    assert CliRunner().invoke(main, ["rules", "test", "--rules", folder]).exit_code == 0


def test_without_the_examples_the_rest_is_the_same() -> None:
    whole, lean = load_library(), load_library(examples=False)
    assert lean.examples == ()
    assert not any(guideline.examples for guideline in lean.guidelines.values())
    assert all(guideline.examples for guideline in whole.guidelines.values())
    assert lean.digest == whole.digest
    for name, guideline in whole.guidelines.items():
        assert replace(lean.guidelines[name], examples=guideline.examples) == guideline
