"""The JSON Schemas: what editors complete and underline agrees with what is read."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from guidecheck.cli.main import main
from guidecheck.language.facts import FactType
from guidecheck.library import file_models
from guidecheck.library.loading import load_library, shipped_rules
from guidecheck.library.rule_files import OTHER_FOLDERS
from guidecheck.requests.fact_reader import EVIDENCE_KEYS
from guidecheck.requests.request_reader import ITEM_KEYS, TOP_KEYS
from guidecheck.schemas.fact_schema import Schema
from guidecheck.schemas.schema import KINDS, schema

ROOT = Path(__file__).parents[1]
RULES = shipped_rules()


class EditorLoader(yaml.SafeLoader):
    """Reads YAML as editors do, for which dates are texts."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str | Path) -> Any:
    text = text.read_text(encoding="utf-8") if isinstance(text, Path) else text
    return _with_texts_as_keys(yaml.load(text, EditorLoader))  # noqa: S506 - a safe loader


def _with_texts_as_keys(data: Any) -> Any:
    if isinstance(data, dict):
        words = {True: "yes", False: "no"}
        return {words.get(key, key): _with_texts_as_keys(value) for key, value in data.items()}
    return [_with_texts_as_keys(item) for item in data] if isinstance(data, list) else data


@cache
def schema_of(kind: str) -> Schema:
    return schema(kind, load_library(RULES))


@cache
def validator(kind: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(schema_of(kind))


def faults(kind: str, data: Any) -> list[str]:
    return [f"{list(error.path)}: {error.message[:200]}" for error in validator(kind).iter_errors(data)]


def request(**item: Any) -> dict[str, Any]:
    return {"as_of": "2015-08-21", "items": [{"treatment": "massage_therapy", **item}]}


GUIDELINES = [p for p in sorted(RULES.glob("*/*.yaml")) if p.parent.name not in OTHER_FOLDERS]


@pytest.mark.parametrize("path", GUIDELINES, ids=lambda path: path.stem)
def test_shipped_guidelines(path: Path) -> None:
    assert faults("guideline", read(path)) == []


@pytest.mark.parametrize("path", sorted(RULES.glob("examples/*.yaml")), ids=lambda path: path.stem)
def test_shipped_rule_examples(path: Path) -> None:
    assert faults("examples", read(path)) == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*.yaml")), ids=lambda path: path.stem)
def test_shipped_requests(path: Path) -> None:
    assert faults("request", read(path)) == []


def test_the_vocabulary_and_the_library() -> None:
    assert faults("vocabulary", read(RULES / "vocabulary.yaml")) == []
    assert faults("library", read(RULES / "library.yaml")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_a_draft_07_schema(kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema_of(kind))
    for name in re.findall(r'"#/definitions/([^"]+)"', json.dumps(schema_of(kind))):
        assert name in schema_of(kind)["definitions"]


@pytest.mark.parametrize("kind", KINDS)
def test_patterns_mean_the_same_in_editors(kind: str) -> None:
    # ECMAScript in Unicode mode refuses escapes that mean nothing.
    for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(schema_of(kind))):
        escaped = set(re.findall(r"\\(.)", json.loads(pattern)))
        assert escaped <= set(r"sd.*+?^${}()|[]\/")


@pytest.mark.parametrize("name", ["unknown-fact/misspelt", "wrong-value/choices", "unknown-key/in-a-finding"])
def test_bad_requests_are_underlined(name: str) -> None:
    assert faults("request", read(ROOT / "tests" / "bad_requests" / f"{name}.yaml"))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("      requested_visits: {at_most: 6}", "      requested_visit: {at_most: 6}"),
        ("      requested_visits: {at_most: 6}", "      requested_visits: {at_moast: 6}"),
        (
            "      requested_visits: {at_most: {fact: prior_visits}}",
            "      requested_visits: {at_most: {fact: sex}}",
        ),
        ("      body_region: {includes_any: [neck]}", "      body_region: neck"),
        ("      body_region: {includes: neck}", "      body_region: {includes_any: []}"),
        ("      drug: {one_of: [hydrocodone, Norco]}", "      drug: {one_of: [heroine]}"),
        ("      any:\n        - sex: male", "      any:\n        - sex: 3"),
        ("      all: {sex: male, age: {at_least: 30}}", "      all: {sex: male, age: {at_least: 300}}"),
        ("      exercise_program: yes", "      exercise_program: maybe"),
        ("      exercise_program: {documented: yes}", "      exercise_program: {documented: no}"),
        ("      injury_date: {before: 2015-01-01}", "      injury_date: {at_most: 2015-01-01}"),
        ("      not: {exercise_program: yes}", "      not: [exercise_program]"),
    ],
)
def test_conditions_are_underlined(right: str, wrong: str) -> None:
    massage = (RULES / "mtus-2009" / "massage.yaml").read_text(encoding="utf-8")
    old = "      requested_visits:\n        at_most: 6"
    assert old in massage
    assert faults("guideline", read(massage.replace(old, right, 1))) == []
    assert faults("guideline", read(massage.replace(old, wrong, 1))) != []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("topic: visit_limit", "topic: visits"),
        ("authority: mtus", "authority: mtuss"),
        ("confidence: confirmed", "confidence: sure"),
        ("says:", "say:"),
        ("met: [visits]", "passed: [visits]"),
        ("guideline: mtus-2009-massage", "guideline: MTUS 2009"),
    ],
)
def test_guidelines_are_underlined(old: str, new: str) -> None:
    massage = (RULES / "mtus-2009" / "massage.yaml").read_text(encoding="utf-8")
    assert old in massage
    assert faults("guideline", read(massage.replace(old, new, 1))) != []


@pytest.mark.parametrize("value", ["yes", "no", True, False, "undocumented"])
def test_a_boolean(value: object) -> None:
    assert faults("request", request(exercise_program=value)) == []
    assert faults("request", request(exercise_program={"value": value, "source": "PR-2", "page": 3})) == []


@pytest.mark.parametrize(
    "value", ["maybe", 1, None, {"source": "PR-2"}, {"value": "maybe"}, {"value": True, "by": "x"}, []]
)
def test_no_boolean(value: object) -> None:
    assert faults("request", request(exercise_program=value)) != []


def test_findings_of_the_records_and_of_the_reviewer() -> None:
    differing = [{"value": "no", "basis": "records"}, {"value": "yes", "basis": "reviewer", "page": "3-4"}]
    assert faults("request", request(functional_improvement=differing)) == []
    assert faults("request", request(functional_improvement=[{"value": "no", "basis": "doctor"}])) != []
    assert faults("request", request(functional_improvement=["no", "yes"])) != []


def test_numbers_and_sets() -> None:
    for item in (
        {"weeks": 1.5},
        {"requested_visits": 6.0},
        {"body_region": "neck"},
        {"body_region": ["neck", "Low Back"]},
    ):
        assert faults("request", request(**item)) == []
    for item in (
        {"requested_visits": -1},
        {"requested_visits": 6.5},
        {"body_region": ["nek"]},
        {"requested_visits": [6]},
    ):
        assert faults("request", request(**item)) != []


def test_a_list_of_drugs() -> None:
    good = [{"drug": "Norco", "strength": 10, "unit": "mg", "doses_per_day": "undocumented"}]
    assert faults("request", request(opioids=good)) == []
    assert faults("request", request(opioids=[{"drug": "Norco", "strenght": 10}])) != []


def test_every_word_for_a_choice() -> None:
    for fact in load_library(RULES).vocabulary.facts.values():
        value = jsonschema.Draft7Validator(
            {"definitions": schema_of("request")["definitions"], "$ref": f"#/definitions/value.{fact.name}"}
        )
        for choice in fact.choices.values():
            for word in (choice.name, choice.label, *choice.synonyms):
                assert value.is_valid(word)
                assert value.is_valid(word.upper())
                assert value.is_valid(f" {word.replace(' ', '-')}")
                if word.replace(".", "").isdecimal():
                    assert value.is_valid(read(word)), "a code that an editor takes for a number"
        if fact.choices:
            assert not value.is_valid("nothing of the kind")


def test_questions_are_the_descriptions() -> None:
    library = load_library(RULES)
    item = schema_of("request")["properties"]["items"]["items"]["properties"]
    claim = schema_of("request")["properties"]["claim"]["properties"]
    assert (
        item["requested_visits"]["description"] == f"{library.vocabulary.facts['requested_visits'].ask} (visits)"
    )
    assert {*item, *claim, "as_of"} == {*library.vocabulary.facts, *ITEM_KEYS}
    massage = schema_of("request")["definitions"]["value.treatment"]["anyOf"][0]
    assert massage["enumDescriptions"][massage["enum"].index("massage_therapy")] == "massage therapy"


def test_keys_are_those_that_are_read() -> None:
    """A key that a model has and its schema lacks would be underlined for nothing."""

    def keys(model: type) -> set[str]:
        return {field.alias or name for name, field in model.model_fields.items()}  # type: ignore[attr-defined]

    def single(one_or_many: Schema) -> Schema:
        return one_or_many["anyOf"][0]  # type: ignore[no-any-return]

    guideline = schema_of("guideline")["properties"]
    vocabulary = schema_of("vocabulary")["properties"]
    library = schema_of("library")["properties"]
    table = guideline["tables"]["additionalProperties"]["properties"]
    fact = vocabulary["facts"]["additionalProperties"]["properties"]
    facts = set(load_library(RULES).vocabulary.facts)
    pairs = [
        (file_models.GuidelineFile, guideline),
        (file_models.CitationFile, guideline["citation"]["properties"]),
        (file_models.PeriodFile, single(guideline["in_force"])["properties"]),
        (file_models.CriterionFile, single(guideline["criteria"])["properties"]),
        (file_models.TableFile, table),
        (file_models.ExampleFile, single(guideline["examples"])["properties"]),
        (file_models.LibraryExampleFile, single(schema_of("examples")["properties"]["examples"])["properties"]),
        (file_models.VocabularyFile, vocabulary),
        (file_models.FactFile, fact),
        (file_models.ChoiceFile, fact["values"]["additionalProperties"]["anyOf"][1]["properties"]),
        (file_models.LibraryFile, library),
        (file_models.AuthorityFile, single(library["authorities"])["properties"]),
    ]
    for model, properties in pairs:
        assert set(properties) == keys(model), model.__name__
    assert set(single(table["rows"])["properties"]) - facts == keys(file_models.RowNotesFile)
    assert set(schema_of("request")["properties"]) == set(TOP_KEYS)
    assert set(schema_of("request")["definitions"]["evidence"]["properties"]) == set(EVIDENCE_KEYS)
    assert fact["type"]["enum"] == [str(kind) for kind in FactType]


def test_the_command(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["schema", "request"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert CliRunner().invoke(main, ["schema", "letter"]).exit_code == 2
