"""Golden files: outputs kept under tests/golden, rewritten only when asked for by `--update-golden`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guidecheck.library.loading import shipped_rules
from guidecheck.library.rule_files import LIBRARY_FILE, VOCABULARY_FILE

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files with what comes out")


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
