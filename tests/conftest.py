"""What all tests share: golden files, rules that are compiled in a moment, and what keeps the whole run short.

Golden files are outputs kept under tests/golden, rewritten only when asked for by `--update-golden`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import shipped
from guidecheck.library import loading, rule_files
from guidecheck.library.loading import shipped_rules
from guidecheck.library.rule_files import LIBRARY_FILE, VOCABULARY_FILE

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files with what comes out")


def pytest_configure(config: pytest.Config) -> None:
    if getattr(config.option, "dist", "") == "load":
        config.option.dist = "worksteal"  # a module's tests stay together, and what they share is made once
    # Commands that are run as processes would compile every module anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    gc.disable()  # while modules are imported, which all stay


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: going through it took a quarter of the whole run."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def shipped_rules_are_read_once() -> Iterator[None]:
    """Give the commands that are run within this process the shipped library that was read for the first.

    Whatever else is read, a file that has not changed is parsed once: that is most of reading rules.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "read_library", shipped.read_library)
        patch.setattr(rule_files, "parse", shipped.parse)
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Return a function that compares an output with a golden file, or rewrites the file."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {name}; run pytest --update-golden and read what it writes"
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; pytest --update-golden takes it over"

    return compare


@pytest.fixture(scope="session")
def massage_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return rules of one guideline, which are compiled in a moment."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "mtus-2009").mkdir()
    for name in (VOCABULARY_FILE, LIBRARY_FILE, "mtus-2009/massage.yaml"):
        (folder / name).write_text((shipped_rules() / name).read_text("utf-8"), "utf-8")
    return folder
