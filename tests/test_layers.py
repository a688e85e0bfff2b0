"""Imports flow one way, only the command line prints and exits, and only one module knows durable-rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "guidecheck"

ORDER = [
    "errors",
    "time_limits.business_days",
    "reading.text_files",
    "whole_files",
    "new_folder",
    "reading.slips",
    "reading.yaml_syntax",
    "reading.marked_yaml",
    "reading.indentation",
    "language.copies",
    "language.facts",
    "language.conditions",
    "reading.node_reader",
    "language.spoken_tests",
    "language.condition_reader",
    "language.tables",
    "language.list_sums",
    "language.derivations",
    "language.vocabulary",
    "language.deriving",
    "library.confidence_words",
    "library.node_models",
    "library.file_models",
    "library.models",
    "time_limits.deadlines",
    "library.table_reader",
    "library.derivation_reader",
    "library.vocabulary_reader",
    "library.frame",
    "library.guideline_reader",
    "library.precedence_checks",
    "library.merged_vocabulary",
    "library.rule_files",
    "library.confidence",
    "library.loading",
    "library.deadline_file_models",
    "library.deadline_reader",
    "library.exporting",
    "requests.request",
    "requests.consistency",
    "requests.fact_reader",
    "requests.list_pooling",
    "requests.item_building",
    "requests.request_reader",
    "deciding.determination",
    "deciding.control",
    "engine.questions",
    "reachability.value_classes",
    "reachability.fact_domains",
    "reachability.goal_search",
    "reachability.statuses",
    "engine.compilation",
    "engine.rulesets",
    "engine.durable",
    "engine.interpreted",
    "deciding.checking",
    "editing.rule_tests",
    "letters.word_tree",
    "letters.expressions",
    "letters.pattern_words",
    "letters.patterns",
    "lint.context",
    "lint.numbers_in_text",
    "lint.alternative_checks",
    "lint.reach_checks",
    "lint.bands",
    "lint.guard_checks",
    "lint.redundancy_checks",
    "lint.opening_checks",
    "lint.text_checks",
    "lint.edition_checks",
    "lint.row_checks",
    "lint.table_checks",
    "lint.use_checks",
    "lint.silencing",
    "lint.running",
]
"""Each imports only from those above it; modules that are not listed stand above all of these."""


@cache
def trees() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def run_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every node that is run: not what stands there for type checkers only."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not for_type_checkers(child):
            yield from run_nodes(child)


def imports(tree: ast.Module) -> set[str]:
    found = set()
    for node in run_nodes(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            found.add(node.module or "")
    return found


def own_imports(tree: ast.Module) -> set[str]:
    return {name.removeprefix("guidecheck.") for name in imports(tree) if name.startswith("guidecheck.")}


def test_the_order_has_no_stale_names() -> None:
    assert set(ORDER) <= set(trees())


@pytest.mark.parametrize("name", ORDER)
def test_only_from_above(name: str) -> None:
    assert own_imports(trees()[name]) <= set(ORDER[: ORDER.index(name)])


def test_no_circles() -> None:
    graph = {name: own_imports(tree) for name, tree in trees().items() if name not in ("__init__", "cli")}
    TopologicalSorter(graph).prepare()  # raises CycleError with the circle


@pytest.mark.parametrize("name", [name for name in trees() if name.split(".")[0] not in ("cli", "__main__")])
def test_nothing_below_the_command_line_knows_it(name: str) -> None:
    tree = trees()[name]
    assert not {module for module in own_imports(tree) if module.split(".")[0] == "cli"}
    assert "click" not in imports(tree)
    for node in run_nodes(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write"), node.lineno
        if isinstance(node, ast.Raise) and node.exc is not None:
            assert not ast.unparse(node.exc).startswith("SystemExit"), node.lineno


def test_one_module_knows_durable_rules() -> None:
    known = {"durable", "durable_rules_engine"}
    users = {name for name, tree in trees().items() if {i.split(".")[0] for i in imports(tree)} & known}
    assert users == {"engine.durable"}
