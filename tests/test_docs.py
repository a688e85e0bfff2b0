"""The reference in docs/rule-language.md: what it shows is what the readers take, and what the answers have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import shipped as shipped_once
from guidecheck.cli.main import main
from guidecheck.deciding.remedies import MOST_CHANGES, MOST_REMEDIES
from guidecheck.editing.rule_tests import run_examples
from guidecheck.errors import GuidecheckError
from guidecheck.language.condition_reader import COMBINATORS, OPS_OF_TYPE
from guidecheck.language.facts import DECIMALS, LARGEST, Scope
from guidecheck.library import deadline_file_models, file_models
from guidecheck.library.deadline_reader import read_deadlines
from guidecheck.library.derivation_reader import DERIVATION_KEYS
from guidecheck.library.loading import load_library, shipped_rules
from guidecheck.library.models import Library
from guidecheck.library.node_models import NodeModel
from guidecheck.library.rule_files import LIBRARY_FILE, MAX_FILES, VOCABULARY_FILE
from guidecheck.reading.marked_yaml import MAX_DEPTH, MAX_NODES, parse
from guidecheck.reading.text_files import MAX_BYTES
from guidecheck.requests.fact_reader import MAX_ENTRIES, MAX_TEXT
from guidecheck.requests.request_reader import ITEM_KEYS, MAX_ITEMS, TOP_KEYS, request_from
from guidecheck.schemas.schema import KINDS

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "rule-language.md"
TEXT = DOCUMENT.read_text("utf-8")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

GUIDELINE_FRAME = """\
guideline: shown
title: What the reference shows
authority: mtus
citation:
  section: shown
in_force:
  from: 1995-01-01
  until: 1995-12-31
applies_to:
  treatment: other
criteria:
  - id: shown
    topic: visit_limit
    says: Something.
    require:
      requested_visits:
        at_most: 6
    confidence: known
"""
"""A guideline that no shipped one meets, for fragments to take the place of its parts."""


def _blocks(language: str) -> list[tuple[int, str]]:
    """Return the blocks of a language, each with its line."""
    found = _BLOCK.finditer(TEXT)
    return [(TEXT.count("\n", 0, match.start()) + 1, match[2]) for match in found if match[1] == language]


YAML = _blocks("yaml")


def _top_keys(text: str) -> list[str]:
    return re.findall(r"^([a-z_]+):", text, re.MULTILINE)


def _section(number: int) -> str:
    start = TEXT.index(f"\n## {number}. ")
    end = TEXT.find("\n## ", start + 1)
    return TEXT[start : end if end > 0 else len(TEXT)]


def _code(text: str) -> set[str]:
    """Return what stands in backticks outside of blocks."""
    return set(re.findall(r"`([^`\n]+)`", _BLOCK.sub("", text)))


def _table_keys(heading: str) -> set[str]:
    """Return the keys in the first column of the table under a heading."""
    start = TEXT.index(f"| {heading} |")
    rows = TEXT[start:].split("\n\n")[0].splitlines()[2:]
    return {name.split(":")[0] for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def _keys(model: type[NodeModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.fixture(scope="module")
def shipped() -> Library:
    return shipped_once.library()


# ------------------------------------------------------------------------------------------------ the blocks


def _guideline(text: str) -> str:
    """Return a fragment of a guideline with the parts that it leaves out."""
    given = _top_keys(text)
    parts = re.split(r"^(?=[a-z_]+:)", GUIDELINE_FRAME, flags=re.MULTILINE)
    return "".join(part for part in parts if part and _top_keys(part)[0] not in given) + text


def _overlaid(folder: Path, name: str, text: str) -> Library:
    """Return the shipped rules with one file of their own laid over them."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return load_library(shipped_rules(), folder)


def _check_guideline(text: str, folder: Path) -> None:
    library = _overlaid(folder, "shown.yaml", _guideline(text))
    # The shipped examples may name criteria of a guideline that the one shown replaces.
    shown = {name: each for name, each in library.guidelines.items() if str(folder) in str(each.at)}
    assert list(map(str, run_examples(replace(library, guidelines=shown, examples=())).findings)) == []
    assert any(str(folder) in str(guideline.at) for guideline in library.guidelines.values())


def _check_request(text: str, folder: Path) -> None:
    request = request_from(parse(text, "shown"), shipped_once.library())
    assert request.items


def _check_vocabulary(text: str, folder: Path) -> None:
    # Laid over the shipped vocabulary alone: guidelines need values that a fact shown in its place leaves out.
    base, over = folder / "base", folder / "over"
    base.mkdir()
    over.mkdir()
    for name in (VOCABULARY_FILE, LIBRARY_FILE):
        (base / name).write_text((shipped_rules() / name).read_text("utf-8"), "utf-8")
    (over / VOCABULARY_FILE).write_text(text, "utf-8")
    vocabulary = load_library(base, over).vocabulary
    facts = re.findall(r"^  ([a-z_]+):", text.split("\ntables:")[0].split("\nneeded:")[0], re.MULTILINE)
    assert facts
    assert vocabulary.facts.keys() >= set(facts)


def _check_library(text: str, folder: Path) -> None:
    (folder / LIBRARY_FILE).write_text(text, "utf-8")
    (folder / VOCABULARY_FILE).write_text((shipped_rules() / VOCABULARY_FILE).read_text("utf-8"), "utf-8")
    library = load_library(folder)
    assert library.authorities["odg"].rank == library.authorities["acoem"].rank
    assert library.authorities["labor_code"].legal


def _check_examples(text: str, folder: Path) -> None:
    library = _overlaid(folder, "examples/shown.yaml", text)
    silent = {name: replace(each, examples=()) for name, each in library.guidelines.items()}
    shown = tuple(node for node in library.examples if str(folder) in str(node.at))
    run = run_examples(replace(library, guidelines=silent, examples=shown))
    assert run.passed
    assert not list(map(str, run.findings))


def _check_deadlines(text: str, folder: Path) -> None:
    (folder / "deadlines").mkdir()
    (folder / "deadlines" / "shown.yaml").write_text(text)
    assert read_deadlines([folder], load_library(examples=False).vocabulary)


CHECKS = {
    "jurisdiction": _check_deadlines,
    "guideline": _check_guideline,
    "in_force": _check_guideline,
    "tables": _check_guideline,
    "facts": _check_vocabulary,
    "version": _check_library,
    "examples": _check_examples,
    "case_id": _check_request,
}
"""What reads a block, by its first key; a block that begins otherwise fails."""


@pytest.mark.parametrize(("line", "text"), YAML, ids=[f"line-{line}" for line, _ in YAML])
def test_yaml_that_is_shown_is_read(line: int, text: str, tmp_path: Path) -> None:
    try:
        CHECKS[_top_keys(text)[0]](text, tmp_path)
    except GuidecheckError as error:
        pytest.fail(f"the block on line {line}: " + "; ".join(map(str, error.findings)))


def test_every_kind_of_file_is_shown() -> None:
    assert {_top_keys(text)[0] for _, text in YAML} == CHECKS.keys()


# -------------------------------------------------------------------------------------------------- the words


def test_tables_of_keys_are_those_of_the_readers() -> None:
    assert _table_keys("Key of a guideline") == _keys(file_models.GuidelineFile)
    assert _table_keys("Key of a criterion") == _keys(file_models.CriterionFile)
    assert _table_keys("Key of a limit") == _keys(deadline_file_models.DeadlineFile)
    assert _table_keys("Key of a fact") == _keys(file_models.FactFile)
    assert _table_keys("Key of a request") == set(TOP_KEYS)
    assert set(ITEM_KEYS) <= _code(_section(3))
    forms = {name for name in _table_keys("Form") if name in DERIVATION_KEYS}
    assert forms | {"when", "column"} == set(DERIVATION_KEYS)


def test_other_keys_are_named() -> None:
    rules = _section(1)
    for model in (
        file_models.CitationFile,
        file_models.PeriodFile,
        file_models.TableFile,
        file_models.RowNotesFile,
        file_models.ExampleFile,
        file_models.LibraryExampleFile,
        file_models.AuthorityFile,
        file_models.LibraryFile,
        deadline_file_models.HolidayFile,
        deadline_file_models.HolidaysFile,
        deadline_file_models.DeadlinesFile,
    ):
        shown = set(re.findall(r"\b([a-z_]+)\b", rules))
        assert _keys(model) <= shown, model
    operators = {op.value for ops in OPS_OF_TYPE.values() for op in ops} | set(COMBINATORS)
    assert operators <= {word.split(":")[0] for word in _code(rules)}


def test_names_are_those_of_the_shipped_rules(shipped: Library) -> None:
    topics = TEXT[TEXT.index("**Topics**") :].split("\n\n")[0]
    assert _code(topics) <= shipped.topics.keys()
    names = TEXT[TEXT.index("Names that other things rely on") :].split("\n\n")[0]
    treatments, rest = names.split("Regions", 1)
    regions, rest = rest.split("Item facts:", 1)
    items, claims = rest.split("Claim facts:", 1)
    facts = shipped.vocabulary.facts
    assert _code(treatments) <= facts["treatment"].choices.keys()
    assert _code(regions) - {"body_region"} <= facts["body_region"].choices.keys()
    for text, scope in ((items, Scope.ITEM), (claims, Scope.CLAIM)):
        assert _code(text) <= {name for name, fact in facts.items() if fact.scope is scope}


def test_limits_are_those_of_the_readers() -> None:
    limits = TEXT[TEXT.index("What is read has limits") :].split("\n\n")[0].replace("\n", " ")
    for said in (
        f"{MAX_BYTES // 1_000_000} MB",
        f"{MAX_DEPTH} levels",
        f"{MAX_NODES:,} values",
        f"{MAX_ITEMS} items",
        f"{MAX_ENTRIES} entries",
        f"{MAX_TEXT:,} characters",
        f"{MAX_FILES:,} rule files",
    ):
        assert said in limits
    assert (LARGEST, DECIMALS) == (10**9, 6)
    assert "a billion" in limits
    assert "six decimals" in limits
    assert f"At most {MOST_CHANGES} changes a set and {MOST_REMEDIES} sets" in " ".join(TEXT.split())


@pytest.mark.parametrize("command", ["check", "batch", "deadlines", "letter", "new"])
def test_options_are_those_of_the_command(command: str) -> None:
    parameters = main.get_command(None, command).params  # type: ignore[arg-type, union-attr]
    options = {name for parameter in parameters for name in parameter.opts if name.startswith("--")}
    usage = re.search(rf"`(guidecheck {command} [^`]+)`", _section(5 if command == "batch" else 4))
    assert usage
    assert {*re.findall(r"--[a-z-]+", usage[1]), "--rules"} == options
    for parameter in parameters:
        choices = getattr(parameter.type, "choices", None)
        if choices:
            assert "|".join(sorted(choices)) in {
                "|".join(sorted(words.split("|"))) for words in re.findall(r"[a-z|]+\|[a-z|]+", usage[1])
            }


def test_kinds_of_schema_are_named() -> None:
    assert set(KINDS) <= _code(_section(4))


def test_lines_are_short() -> None:
    assert [n for n, line in enumerate(TEXT.splitlines(), 1) if len(line) > 112] == []


# ----------------------------------------------------------------------------------------------------- JSON

OWN_NAMES = {"facts", "evidence", "citation", "from", "to"}
"""Where the keys below are no keys of the form: names of facts, parts of a citation or of an entry, a bound."""


def _paths(data: Any, path: str = "") -> Iterator[str]:
    """Yield every key of JSON data with those it stands in."""
    if isinstance(data, list):
        for entry in data:
            yield from _paths(entry, path)
    elif isinstance(data, dict):
        own = path.rsplit(".", 1)[-1] in OWN_NAMES
        for key, inner in data.items():
            # `facts` of a comparison is a list of entries with keys of the form.
            below = path if own and not ("fact" in data or "value" in data) else f"{path}.{key}"
            if below != path:
                yield below
            yield from _paths(inner, f"{path}[]" if below == path else below)


def _answer(*arguments: str) -> Any:
    done = CliRunner().invoke(main, ["check", "--rules", str(shipped_rules()), "--format", "json", *arguments])
    assert done.exit_code in (0, 1, 3), done.output
    return json.loads(done.stdout)


def _documented(section: int) -> list[Any]:
    return [json.loads(text) for _, text in _blocks("json") if text in _section(section)]


OPIOID = """\
case_id: opioid
as_of: 2015-08-21
items:
  - treatment: opioid
    ongoing_use: yes
    opioids:
      - {drug: Norco, strength: 10, unit: mg, doses_per_day: 4}
"""


def test_json_keys_are_those_that_are_written(tmp_path: Path) -> None:
    opioid = tmp_path / "opioid.yaml"
    opioid.write_text(OPIOID, "utf-8")
    written = set()
    for path in (*sorted((ROOT / "examples").glob("*.yaml")), opioid):
        written |= set(_paths(_answer(str(path))))
    written |= set(_paths(_answer(str(opioid), "--min-confidence", "known")))
    history = tmp_path / "r.parquet"
    pytest.importorskip("duckdb")
    CliRunner().invoke(main, ["batch", str(ROOT / "examples" / "history.csv"), "--out", str(history)])
    written |= set(_paths(_answer(str(opioid), "--history", str(history))))
    # Legal criteria have the keys of the others, and are shown once.
    written = {path for path in written if not path.startswith(".items.legal.")}
    assert set(_paths(_documented(4)[0])) == written
    assert set(file_models.CitationFile.model_fields) <= _code(_section(4))


def test_json_keys_of_an_item_are_explained() -> None:
    item = _documented(4)[0]["items"][0]
    assert _table_keys("Key of an item") | {"item_id", "treatment"} == item.keys()


def test_json_keys_of_a_comparison_are_those_that_are_written(tmp_path: Path) -> None:
    first = ROOT / "examples" / "low-back-massage.yaml"
    second = tmp_path / "second.yaml"
    second.write_text(first.read_text("utf-8").replace("    # functional", "    functional"), "utf-8")
    written = set(_paths(_answer(str(second), "--against", str(first))))
    written |= set(_paths(_answer(str(first), "--compare-editions", "2015-08-22")))
    bare = tmp_path / "bare.yaml"
    bare.write_text(
        re.sub(
            r"(exercise_program:).*\n\s+value: yes\n(?:\s+\w+: .*\n){3}", r"\1 yes\n", first.read_text("utf-8")
        ),
        "utf-8",
    )
    written |= set(_paths(_answer(str(first), "--against", str(bare))))
    assert set(_paths(_documented(4)[1])) == written


def test_metrics_and_columns_are_named(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    metrics, out = tmp_path / "metrics.json", tmp_path / "results.csv"
    # One guideline is enough for the form of the answer, and is compiled in a moment.
    rules = tmp_path / "rules"
    (rules / "mtus-2009").mkdir(parents=True)
    for name in (VOCABULARY_FILE, LIBRARY_FILE, "mtus-2009/massage.yaml"):
        (rules / name).write_text((shipped_rules() / name).read_text("utf-8"), "utf-8")
    arguments = ["batch", str(ROOT / "examples" / "history.csv"), "--rules", str(rules)]
    done = CliRunner().invoke(main, [*arguments, "--metrics", str(metrics), "--out", str(out)])
    assert done.exit_code == 0, done.output
    card = json.loads(metrics.read_text("utf-8"))
    named = _code(_section(5))
    figures = {*card["overall"], *card["overall"]["confusion"], *card["overall"]["recall"]}
    for keys in (card, figures, card["by"], card["views"], card["consistency"]):
        assert set(keys) <= named
    assert set(out.read_text("utf-8").splitlines()[0].split(",")) <= named


# ----------------------------------------------------------------------------------------------- behaviour


def test_a_first_folder_without_library_yaml_is_laid_over_the_shipped_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "A first folder without `library.yaml` is laid over the shipped rules." in " ".join(TEXT.split())
    text = "facts:\n  parking:\n    type: boolean\n    label: parking\n    ask: Is there parking?\n"
    (tmp_path / VOCABULARY_FILE).write_text(text, "utf-8")
    monkeypatch.setenv("GUIDECHECK_RULES", str(tmp_path))
    for library in (load_library(tmp_path), load_library()):
        assert {"parking", "treatment"} <= library.vocabulary.facts.keys()
        assert library.guidelines


def test_the_reviewers_finding_counts(shipped: Library) -> None:
    text = next(text for _, text in YAML if "basis: reviewer}" in text)
    item = request_from(parse(text, "shown"), shipped).items[0]
    assert item.stated["functional_improvement"] is False
    assert item.partial
    assert item.as_of == date(2014, 8, 26)


def test_the_readme_leads_to_headings_that_stand() -> None:
    headings = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    texts = [path.read_text("utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]
    named = {anchor for text in texts for anchor in re.findall(r"rule-language\.md#([\w-]+)", text)}
    assert named <= anchors
