"""The library as a person reads it: `rules list`, `show`, `explain` and `docs`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from guidecheck import load_library
from guidecheck.cli.main import main
from guidecheck.errors import GuidecheckError
from guidecheck.explaining.wording import day_words, full_place
from guidecheck.handbook.folder import markdown_pages
from guidecheck.handbook.uses import Uses
from guidecheck.language.conditions import Condition, FactRef, Test
from guidecheck.language.conditions import tests_of as in_condition
from guidecheck.language.facts import show_value
from guidecheck.library.models import Library

SMALL = Path(__file__).parent / "small_rules"
ALL_WORDS = "schema_version library"


def invoke(*arguments: str, rules: Path | None = SMALL) -> Result:
    named = ["--rules", str(rules)] if rules else []
    return CliRunner().invoke(main, ["rules", *arguments, *named], env={"COLUMNS": "80"})


def said(*arguments: str, rules: Path | None = SMALL) -> str:
    done = invoke(*arguments, rules=rules)
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def small() -> Library:
    return load_library(SMALL)


@pytest.fixture(scope="module")
def shipped() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def pages(shipped: Library) -> dict[str, str]:
    return markdown_pages(shipped)


# ------------------------------------------------------------------------------------------------- the terminal

SHOWN = {
    "list": ["list"],
    "list-on-a-day": ["list", "--on", "2015-06-01"],
    "guideline": ["show", "house-kites"],
    "guideline-for-any-treatment": ["show", "law-tests"],
    "criterion": ["show", "house-kites.visits"],
    "criterion-not-recommended": ["show", "house-kites-2017.leg"],
    "fact-derived": ["explain", "visits"],
    "fact-in-conditions": ["explain", "weeks"],
    "fact-set": ["explain", "body_region"],
    "fact-of-the-claim": ["explain", "as_of"],
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"handbook-{name}.txt", said(*SHOWN[name]))


@pytest.mark.parametrize("name", [name for name in SHOWN if not name.startswith("list-")])
def test_json(name: str, golden: Callable[[str, str], None]) -> None:
    text = said(*SHOWN[name], "--format", "json").replace(str(SMALL), "RULES")
    data = json.loads(text)
    assert ALL_WORDS.split() == list(data)[:2]
    data["library"]["digest"] = "sha256:DIGEST"
    golden(f"handbook-{name}.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def test_everything_shipped_is_80_columns_wide_and_whole(shipped: Library) -> None:
    texts = [said("list", rules=None)]
    texts += [said("show", name, rules=None) for name in list(shipped.guidelines)[::6]]
    texts += [said("show", criterion.key, rules=None) for criterion in list(shipped.criteria())[::40]]
    texts += [said("explain", name, rules=None) for name in list(shipped.vocabulary.facts)[::20]]
    for text in texts:
        assert max(map(len, text.splitlines())) <= 80
        assert [line for line in text.splitlines() if line != line.rstrip()] == []
        assert "None" not in text


def test_a_list_names_each_guideline_in_force_and_no_other(shipped: Library) -> None:
    for text in ("2010-01-01", "2016-10-01", "2026-11-01"):
        data = json.loads(said("list", "--on", text, "--format", "json", rules=None))
        held = {
            name
            for name, guideline in shipped.guidelines.items()
            if any(p.start.isoformat() <= text <= (p.end.isoformat() if p.end else "9") for p in guideline.periods)
        }
        assert {entry["id"] for entry in data["guidelines"]} == held
        printed = said("list", "--on", text, rules=None)
        assert {name for name in shipped.guidelines if f"- {name}, " in printed} == held


def test_a_treatment_is_named_as_clinics_name_it() -> None:
    assert said("list", "--treatment", "Kite-Flying") == said("list", "--treatment", "kites")
    assert "Kite therapy" not in said("list", "--treatment", "swings")
    done = invoke("list", "--treatment", "kitess")
    assert done.exit_code == 2
    assert "did you mean `kites`?" in done.stderr


def test_no_guideline_on_a_day_names_the_days_that_have_one() -> None:
    text = " ".join(said("list", "--treatment", "kites", "--on", "2000-01-01").split())
    assert text.startswith("No guideline for kite therapy is in force on January 1, 2000.")
    assert "On other days: house-kites (January 1, 2010 to" in text


@pytest.mark.parametrize(
    ("command", "name", "hint"),
    [
        ("show", "house-kite", "did you mean `house-kites`?"),
        ("show", "house-kites.vists", "did you mean `house-kites.visits`?"),
        ("show", "visits", "a criterion of house-kites.visits, house-kites-2017.visits; name one"),
        ("show", "zzzz", "`guidecheck rules list` names the guidelines"),
        ("explain", "visit", "with this word there are visits, visits_a_week"),
        ("explain", "exercse", "did you mean `exercise`?"),
        ("explain", "a test of wind", "did you mean `wind_tested`?"),
        ("explain", "kite flying", "a value of `treatment` (kites)"),
        ("explain", "\x1b[1m\n", "`guidecheck rules docs` writes them all"),
    ],
)
def test_an_unknown_name_is_one_line_with_a_near_one(command: str, name: str, hint: str) -> None:
    done = invoke(command, name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert hint in done.stderr
    assert "\x1b" not in done.stderr


# ---------------------------------------------------------------------------------------------------- its meaning


def operands(condition: Condition | None) -> list[Test]:
    return [test for test in in_condition(condition) if isinstance(test.operand, int | float)]


def test_every_number_of_a_criterion_stands_in_its_words_beside_a_citation(
    shipped: Library, pages: dict[str, str]
) -> None:
    checked = 0
    for guideline in shipped.guidelines.values():
        page = pages[f"guidelines/{guideline.id}.md"]
        for criterion in guideline.criteria:
            section = page.split(f'<a id="{criterion.id}"></a>')[1].split("<a id=")[0]
            assert "- **Stands in:** " in section
            assert full_place(criterion.citation) in unescaped(section)
            for condition in (criterion.require, criterion.when, criterion.unless):
                for test in operands(condition):
                    if not isinstance(test.operand, bool):
                        assert re.search(rf"\b{re.escape(show_value(test.operand))}\b", section)  # type: ignore[arg-type]
                        checked += 1
    assert checked > 50


def unescaped(markdown: str) -> str:
    return re.sub(r"\\(.)", r"\1", markdown).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")


def test_every_cell_of_a_table_has_where_it_stands(shipped: Library, pages: dict[str, str]) -> None:
    for guideline in shipped.guidelines.values():
        for table in shipped.own_tables(guideline).values():
            page = unescaped(pages[f"guidelines/{guideline.id}.md"])
            rows = page.split(f'<a id="table-{table.name}"></a>')[1].split("<a id=")[0].splitlines()
            shown = [row for row in rows if row.startswith("| ")][2:]
            assert len(shown) == len(table.rows)
            for text, row in zip(shown, table.rows, strict=True):
                *cells, source = text.strip("| ").split(" | ")
                for value in row.cells.values():
                    if isinstance(value, int | float):
                        assert any(re.search(rf"\b{re.escape(show_value(value))}\b", cell) for cell in cells)
                assert source != "not cited"


def test_other_facts_and_columns_are_named_in_words(small: Library) -> None:
    text = " ".join(said("show", "house-kites").split())
    assert "at most the most of the table" in text
    assert "the number of visits a week is at most the length of the course" in text
    require = small.criterion("house-kites.exercise").require
    assert any(isinstance(test.operand, FactRef) for test in in_condition(require))


def test_a_history_has_each_edition_by_date(shipped: Library) -> None:
    data = json.loads(said("show", "mtus-2009-massage.visits", "--format", "json", rules=None))
    days = [edition["from"] for edition in data["history"]]
    assert days == sorted(days)
    assert {edition["topic"] for edition in data["history"]} == {"visit_limit"}
    own = shipped.guidelines["mtus-2009-massage"]
    shown = [e for e in data["history"] if e["id"] == "mtus-2009-massage.visits"]
    assert [edition["from"] for edition in shown] == [period.start.isoformat() for period in own.periods]
    assert all(day_words(period.start) in said("show", own.id, rules=None) for period in own.periods)


def test_explain_names_every_criterion_that_reads_a_fact(shipped: Library) -> None:
    uses = Uses(shipped)
    for name in ("requested_visits", "pain_phase", "surgery", "as_of"):
        found = {use.criterion.key for use in uses.by_criteria(name)}
        assert found >= {criterion.key for criterion in shipped.criteria() if name in criterion.facts}
        text = said("explain", name, rules=None)
        assert all(f"- {key} (" in text for key in found)
    through = {table for use in uses.by_criteria("surgery") for table in use.tables}
    assert through == {"postsurgical_courses"}, "a table's keys count"


# ------------------------------------------------------------------------------------------------------ the folder


def targets(page: str) -> list[str]:
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(page):
        found += [str(child.attrs["href"]) for child in token.children or [] if child.type == "link_open"]
    return found


@pytest.mark.parametrize("rules", [SMALL, None], ids=["small", "shipped"])
def test_every_link_leads_somewhere(rules: Path | None) -> None:
    pages = markdown_pages(load_library(*([rules] if rules else [])))
    anchors = {name: re.findall(r'<a id="([^"]+)"></a>', page) for name, page in pages.items()}
    count = 0
    for name, page in pages.items():
        assert len(set(anchors[name])) == len(anchors[name])
        for target in targets(page):
            path, _, anchor = target.partition("#")
            to = Path(name).parent.joinpath(path).as_posix() if path else name
            parts: list[str] = []
            for part in to.split("/"):
                parts = parts[:-1] if part == ".." else [*parts, part]
            to = "/".join(parts)
            assert to in pages, target
            assert not anchor or anchor in anchors[to], target
            count += 1
    assert count > 20


def test_the_small_library_as_markdown(small: Library, golden: Callable[[str, str], None]) -> None:
    pages = {name: text.replace(small.digest, "sha256:DIGEST") for name, text in markdown_pages(small).items()}
    assert set(pages) == {"index.md", "vocabulary.md", *(f"guidelines/{name}.md" for name in small.guidelines)}
    golden("handbook-index.md", pages["index.md"])
    golden("handbook-guideline.md", pages["guidelines/house-kites.md"])
    golden("handbook-vocabulary.md", pages["vocabulary.md"])


def test_markdown_keeps_its_markup(pages: dict[str, str]) -> None:
    for page in pages.values():
        tokens = MarkdownIt("commonmark").enable("table").parse(page)
        html = {t.content for t in tokens if t.type == "html_block"}
        assert all(re.fullmatch(r'<a id="[\w-]+"></a>\n?', block) for block in html)
        lines = [line for line in page.splitlines() if line.startswith("|") and set(line) - set("| -")]
        assert len([token for token in tokens if token.type == "tr_open"]) == len(lines)


def test_a_folder_is_written_once_and_always_alike(tmp_path: Path) -> None:
    first, second = tmp_path / "new" / "first", tmp_path / "second"
    second.mkdir()
    for folder in (first, second):
        done = invoke("docs", str(folder))
        assert done.exit_code == 0
        assert f"begin with {folder / 'index.md'}" in done.stderr

    def contents(folder: Path) -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    assert contents(first) == contents(second)
    assert "index.md" in contents(first)
    assert {path.name for path in tmp_path.rglob(".*")} == set()
    again = invoke("docs", str(first))
    assert isinstance(again.exception, GuidecheckError)
    assert "not empty" in str(again.exception)


def test_nothing_is_written_of_broken_rules_or_into_them(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "x.yaml").write_text("guideline: x\n", "utf-8")
    assert isinstance(invoke("docs", str(tmp_path / "out"), rules=broken).exception, GuidecheckError)
    assert not (tmp_path / "out").exists()
    assert isinstance(invoke("docs", str(SMALL / "out")).exception, GuidecheckError)
    assert not (SMALL / "out").exists()
    (tmp_path / "file").write_text("mine", "utf-8")
    assert isinstance(invoke("docs", str(tmp_path / "file" / "out")).exception, GuidecheckError)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "file"]
