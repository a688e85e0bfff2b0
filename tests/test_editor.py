"""What an editor with the YAML extension shows of rule files and requests, by the schemas that are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from guidecheck import load_library
from guidecheck.library.loading import shipped_rules
from guidecheck.schemas.schema import KINDS, schema
from language_server import VARIABLE, LanguageServer, program

ROOT = Path(__file__).parents[1]
RULES = shipped_rules()
MASSAGE = (RULES / "mtus-2009" / "massage.yaml").read_text("utf-8")
REQUEST = (ROOT / "examples" / "low-back-massage.yaml").read_text("utf-8")
COMMAND = program()

pytestmark = pytest.mark.skipif(COMMAND is None, reason=f"no yaml-language-server; {VARIABLE} names one")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("editor")
    library = load_library()
    for kind in KINDS:
        (path / f"{kind}.schema.json").write_text(json.dumps(schema(kind, library)), "utf-8")
    return path


def started(folder: Path, version: str = "1.2") -> LanguageServer:
    assert COMMAND is not None
    return LanguageServer(COMMAND, folder, {folder / f"{k}.schema.json": f"*.{k}.yaml" for k in KINDS}, version)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LanguageServer]:
    with started(folder) as running:
        yield running


def kind_of(path: Path) -> str:
    if path.parent.name == "examples" and path.is_relative_to(RULES):
        return "examples"
    return path.stem if path.stem in ("vocabulary", "library") else "guideline"


NO_SCHEMA = ("letters", "deadlines")
"""Folders whose files are of kinds without a JSON Schema."""

SHIPPED = [
    *((path, kind_of(path)) for path in sorted(RULES.rglob("*.yaml")) if path.parent.name not in NO_SCHEMA),
    *((path, "request") for path in sorted((ROOT / "examples").rglob("*.yaml"))),
]


def test_nothing_shipped_is_underlined(server: LanguageServer, folder: Path) -> None:
    texts = {
        folder / f"{path.stem}-{number}.{kind}.yaml": path.read_text("utf-8")
        for number, (path, kind) in enumerate(SHIPPED)
    }
    found = server.underlined(texts)
    assert {path.name: told for path, told in found.items() if told} == {}
    assert len(found) > 50


FINE = [
    ("exercise_program: yes", "exercise_program: no"),
    ("exercise_program: yes", "exercise_program: true"),
    ('pages: "60"', "pages: 60"),
    ('pages: "60"', "pages: 58-60"),
    ("regulation: 8 CCR 9792.24.2", "regulation: 9792.20"),
    ("    require:\n      requested_visits:\n        at_most: 6", "    not_recommended: yes"),
]
WRONG = {
    ("requested_visits:", "requested_visit:"): "requested_visit",
    ("topic: visit_limit", "topic: visits"): "visits",
    ("at_most: 6", "at_moast: 6"): "at_moast",
    ("at_most: 6", "at_most: six"): "six",
    ("authority: mtus", "authority: mtuss"): "mtuss",
    ("exercise_program: yes", "exercise_program: maybe"): "maybe",
    ("says:", "say:"): "say",
    ("met: [adjunct, visits]", "passed: [adjunct, visits]"): "passed",
}


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_wrong_name_is_underlined_where_it_stands_and_yes_and_pages_are_not(version: str, folder: Path) -> None:
    assert all(old in MASSAGE for old, _ in (*FINE, *WRONG))
    fine = {folder / f"fine-{n}.guideline.yaml": MASSAGE.replace(*pair, 1) for n, pair in enumerate(FINE)}
    wrong = {folder / f"wrong-{n}.guideline.yaml": MASSAGE.replace(*pair, 1) for n, pair in enumerate(WRONG)}
    with started(folder, version) as server:
        found = server.underlined({**fine, **wrong})
    assert [found[path] for path in fine] == [[]] * len(fine)
    for (path, text), ((old, new), word) in zip(wrong.items(), WRONG.items(), strict=True):
        line = line_of(MASSAGE, old)
        column = text.splitlines()[line].index(new) + new.index(word)
        assert any(told.startswith(f"{line + 1}:{column + 1}: ") for told in found[path]), found[path]


def test_facts_are_completed_in_a_condition(server: LanguageServer, folder: Path) -> None:
    text = MASSAGE.replace("requested_visits:\n        at_most: 6", "", 1)
    line = line_of(MASSAGE, "requested_visits:")
    offered = server.completions(folder / "c.guideline.yaml", text, line, 6)
    assert {"requested_visits", "exercise_program", "all", "any"} <= set(offered)
    assert "prior_visit" not in offered


def test_tests_and_topics_are_completed(server: LanguageServer, folder: Path) -> None:
    text = MASSAGE.replace("at_most: 6", "", 1)
    line = line_of(MASSAGE, "at_most: 6")
    assert {"at_most", "at_least"} <= set(server.completions(folder / "d.guideline.yaml", text, line, 8))
    text = MASSAGE.replace("topic: visit_limit", "topic: ", 1)
    line = line_of(MASSAGE, "topic: visit_limit")
    assert {"visit_limit", "region"} <= set(server.completions(folder / "d.guideline.yaml", text, line, 11))


def test_facts_and_values_are_completed_in_a_request(server: LanguageServer, folder: Path) -> None:
    line = line_of(REQUEST, "requested_visits:")
    text = REQUEST.replace("requested_visits: 6", "", 1)
    assert {"requested_visits", "visits_per_week"} <= set(
        server.completions(folder / "e.request.yaml", text, line, 4)
    )
    line = line_of(REQUEST, "treatment:")
    text = REQUEST.replace("treatment: massage_therapy", "treatment: ", 1)
    column = text.splitlines()[line].index("treatment: ") + len("treatment: ")
    assert "acupuncture" in server.completions(folder / "e.request.yaml", text, line, column)


@pytest.mark.parametrize("name", ["exercise_program", "requested_visits"])
def test_the_vocabularys_question_is_shown_over_a_fact(name: str, server: LanguageServer, folder: Path) -> None:
    asked = load_library().vocabulary.facts[name].ask
    for text, kind in ((MASSAGE, "guideline"), (REQUEST, "request")):
        line = line_of(text, f"{name}:")
        shown = server.hover(folder / f"f.{kind}.yaml", text, line, text.splitlines()[line].index(name) + 2)
        assert asked in shown.replace("\\", "")


def test_a_first_line_names_the_schema(server: LanguageServer, folder: Path) -> None:
    wrong = MASSAGE.replace("says:", "say:", 1)
    first = "# yaml-language-server: $schema=guideline.schema.json\n"
    named, fine, unnamed = (folder / f"{name}.yaml" for name in ("named", "fine", "unnamed"))
    found = server.underlined({named: first + wrong, fine: first + MASSAGE, unnamed: wrong})
    assert [bool(found[path]) for path in (named, fine, unnamed)] == [True, False, False]


def test_the_documented_patterns_hold_every_file_to_its_own_schema(folder: Path) -> None:
    page = (ROOT / "docs" / "editing-in-vscode.md").read_text("utf-8")
    settings = json.loads(page.split("```json\n")[1].split("```")[0])["yaml.schemas"]
    kinds = {path.relative_to(RULES): kind_of(path) for path, _ in SHIPPED if path.is_relative_to(RULES)}
    texts = {folder / "my-rules" / path: (RULES / path).read_text("utf-8") for path in kinds}
    texts[folder / "my-rules" / "clinic-2024-tape.yaml"] = MASSAGE
    texts[folder / "requests" / "one.yaml"] = REQUEST
    unheld = {
        folder / "my-rules" / path.relative_to(RULES): path.read_text("utf-8")
        for name in NO_SCHEMA
        for path in sorted((RULES / name).glob("*.yaml"))
    }
    assert COMMAND is not None
    # The file of the first pattern is tried until schemas are in use; let it be none of these.
    named = sorted(settings.items(), key=lambda pair: "*" not in pair[1])
    found = []
    # Only a schema tells that a key is unknown.
    for texts_of in (
        {**texts, **unheld},
        {path: f"{text.rstrip()}\nno_such_key: 1\n" for path, text in texts.items()},
    ):
        with LanguageServer(COMMAND, folder, {folder / name: held for name, held in named}, "1.2") as server:
            found.append(server.underlined(texts_of))
    assert {path.name: told for path, told in found[0].items() if told} == {}
    assert [path.name for path, told in found[1].items() if not told] == []
