"""`rules fmt`: keys in the order of the reference, with their comments, and the meaning as it was."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import pytest
from click.testing import CliRunner, Result
from hypothesis import given

from guidecheck import load_library
from guidecheck.cli.main import main
from guidecheck.errors import GuidecheckError
from guidecheck.formatting import formatter, key_order
from guidecheck.formatting.formatter import formatted
from guidecheck.formatting.key_order import Order
from guidecheck.library.loading import shipped_rules
from guidecheck.library.rule_files import rule_paths
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, Sequence, parse
from strategies import fewer

ROOT = Path(__file__).parents[1]
SMALL = Path(__file__).parent / "small_rules"
REFERENCE = (ROOT / "docs" / "rule-language.md").read_text("utf-8")


def fmt(text: str) -> str:
    out = formatted(text, "file.yaml")
    assert out is not None
    return out


def plain(node: Node) -> object:
    """Return what a file holds, in which the order of keys has no part."""
    if isinstance(node, Scalar):
        return node.text, node.quoted
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


# --------------------------------------------------------------------------------------------------- shipped files


@pytest.mark.parametrize("path", [*rule_paths(shipped_rules()), *rule_paths(SMALL)], ids=lambda path: path.stem)
def test_shipped_rules_are_set_out(path: Path) -> None:
    text = path.read_text("utf-8")
    assert formatted(text, path.name) in (None, text), f"guidecheck rules fmt {path}"


def test_every_rule_file_is_taken_for_one() -> None:
    library = load_library()
    taken = [p for p in rule_paths(shipped_rules()) if formatted(p.read_text("utf-8"), p.name) is not None]
    examples = list((shipped_rules() / "examples").glob("*.yaml"))
    assert len(taken) == len(library.guidelines) + len(examples) + 2
    assert not [path for path in taken if path.parent.name == "letters"]


@pytest.mark.parametrize(
    ("heading", "order"),
    [
        ("Key of a guideline", key_order.GUIDELINE),
        ("Key of a criterion", key_order.GUIDELINE.under("criteria")),
        ("Key of a fact", key_order.VOCABULARY.under("facts").under("any")),
    ],
)
def test_the_order_is_that_of_the_reference(heading: str, order: Order) -> None:
    rows = REFERENCE[REFERENCE.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    names = [name.split(":")[0] for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert tuple(names) == order.first


# ------------------------------------------------------------------------------------------------- what it does

UNTIDY = """\
# yaml-language-server: $schema=guideline.schema.json

# about the title
title:   "T # no comment"   # beside the title
in_force: {from: 2010-01-01}


# about the id
guideline: x
criteria:
-   confidence: known
    says: |
       # no comment either

         text
      # deeper: with says
    id: a
# about b
-   says: plain text
          that goes on
    id: b
    require:
        # kept with visits
        visits:
          at_most: 6
        exercise: yes
- {id: c, topic: z}
authority: mtus
"""

TIDY = """\
# yaml-language-server: $schema=guideline.schema.json

# about the id
guideline: x
# about the title
title:   "T # no comment"   # beside the title
authority: mtus
in_force: {from: 2010-01-01}
criteria:
  - id: a
    says: |
       # no comment either

         text
      # deeper: with says
    confidence: known
  # about b
  - id: b
    says: plain text
          that goes on
    require:
      # kept with visits
      visits:
        at_most: 6
      exercise: yes
  - {id: c, topic: z}
"""


def test_an_untidy_file() -> None:
    assert fmt(UNTIDY) == TIDY
    assert fmt(TIDY) == TIDY


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("title: t\nguideline: x", "guideline: x\ntitle: t\n"),
        ("title: t\r\nguideline: x\r\n\r\n", "guideline: x\ntitle: t\n"),
        ("# of x\nguideline: x\n\n\n\n# of t\ntitle: t\n", "# of x\nguideline: x\n\n# of t\ntitle: t\n"),
        ("title: t\nguideline: x\n...\n", "guideline: x\ntitle: t\n...\n"),
        ("---\ntitle: t\nguideline: x\n", "---\nguideline: x\ntitle: t\n"),
        ("title: |\n  t\nguideline: |\n  x", "guideline: |\n  x\ntitle: |\n  t\n"),
        ("guideline: x\ncriteria:\n- - a\n  - b\n", "guideline: x\ncriteria:\n  - - a\n    - b\n"),
        ("guideline: x\nunknown: 1\ntitle: t\n", "guideline: x\ntitle: t\nunknown: 1\n"),
        ("guideline: x\ncriteria: \n", "guideline: x\ncriteria:\n"),
        ("{title: t, guideline: x}\n", "{title: t, guideline: x}\n"),
        ("? title\n: t\n? guideline\n: x\n", "? title\n: t\n? guideline\n: x\n"),
        ("title: |+\n  t\n\nguideline: x\ncriteria: y\n", "guideline: x\ntitle: |+\n  t\n\ncriteria: y\n"),
    ],
)
def test_odd_files(text: str, wanted: str) -> None:
    assert fmt(text) == wanted


@pytest.mark.parametrize(("lost", "instead"), [("# about b\n", ""), ("at_most: 6", "at_most: 8")])
def test_better_refused_than_changed(lost: str, instead: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "_formatted", lambda text, order: text.replace(lost, instead))
    with pytest.raises(GuidecheckError, match="left as it is"):
        fmt(UNTIDY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "guideline: [",
        "a: &x 1\nguideline: *x\n",
        "[" * 100_000,
        "a: 1\na: 2\n",
        "guideline: x\u2028y\n",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(GuidecheckError):
        formatted(text, "file.yaml")


@pytest.mark.parametrize("text", ["hello", "items:\n  - treatment: massage\n", "- a\n", "cues:\n  b: 1\n"])
def test_other_files_are_none_of_its_business(text: str) -> None:
    assert formatted(text, "file.yaml") is None


# ------------------------------------------------------------------------------------------------- any file at all


@dataclass
class Writer:
    """Writes a file as untidily as YAML allows; each comment above a key names it."""

    draw: st.DrawFn
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def comment(self, indent: int, key: str) -> None:
        for _ in range(self.draw(st.integers(0, 1))):
            self.lines += [""] * self.draw(st.integers(0, 2))
            self.count += 1
            self.lines.append(f"{' ' * indent}# {self.count} above {key}")

    def mapping(self, entries: list[tuple[str, object]], indent: int, first: str = "") -> None:
        for number, (key, value) in enumerate(entries):
            lead = first if number == 0 and first else " " * indent
            if not (number == 0 and first):
                self.comment(indent, key)
            self.entry(f"{lead}{key}:", value, indent)

    def entry(self, start: str, value: object, indent: int) -> None:
        draw = self.draw
        if isinstance(value, dict):
            self.lines.append(start + draw(st.sampled_from(["", " ", "   # beside"])))
            self.mapping(draw(st.permutations(list(value.items()))), indent + draw(st.integers(1, 5)))
        elif isinstance(value, list):
            self.lines.append(start)
            dash = indent + draw(st.sampled_from([0, 2, 3]))
            for item in value:
                self.comment(dash, "a dash")
                gap = " " * draw(st.integers(1, 3))
                entries = draw(st.permutations(list(item.items())))
                self.mapping(entries, dash + 1 + len(gap), f"{' ' * dash}-{gap}")
        else:
            self.scalar(start, indent)

    def scalar(self, start: str, indent: int) -> None:
        margin = " " * (indent + self.draw(st.integers(1, 4)))
        self.lines += self.draw(
            st.sampled_from(
                [
                    [f"{start} yes"],
                    [f'{start} "60"  # beside'],
                    [f"{start} [a, b,", f"{margin}c]"],
                    [f"{start} plain", f"{margin}goes on"],
                    [f'{start} "quoted', "", f'{margin}goes on: yes"'],
                    [f"{start} |", f"{margin}# text", "", f"{margin}  deeper"],
                    [f"{start} >-", f"{margin}folded", f"{margin}- text"],
                    [start],
                ]
            )
        )


def parts(*names: str) -> st.SearchStrategy[dict[str, object]]:
    return st.lists(st.sampled_from(names), min_size=1, unique=True).map(lambda keys: dict.fromkeys(keys, "x"))


@st.composite
def files(draw: st.DrawFn) -> str:
    criterion = parts("id", "topic", "says", "confidence", "own", "remedy")
    condition = parts("visits", "any", "exercise")
    data: dict[str, object] = {"guideline": "x", **draw(parts("title", "authority", "in_force", "own"))}
    data["citation"] = draw(parts("pages", "section", "note"))
    data["criteria"] = [
        {**entry, **({"require": draw(condition)} if draw(st.booleans()) else {})}
        for entry in draw(st.lists(criterion, min_size=1, max_size=3))
    ]
    writer = Writer(draw)
    writer.mapping(draw(st.permutations(list(data.items()))), 0)
    return "\n".join(writer.lines) + "\n" * draw(st.integers(1, 3))


@fewer(1)
@given(files())
def test_any_file_keeps_its_meaning_and_its_comments(text: str) -> None:
    try:
        before = plain(parse(text, "file.yaml"))
    except GuidecheckError:
        return  # a plain text that isn't indented enough, and the like
    out = fmt(text)
    assert plain(parse(out, "file.yaml")) == before
    assert fmt(out) == out
    lines = [line.strip().removeprefix("- ").lstrip() for line in out.splitlines()]
    for number, line in enumerate(lines):
        if above := re.fullmatch(r"# \d+ above (\w+)", line):
            following = next(rest for rest in lines[number + 1 :] if rest and not rest.startswith("# "))
            assert following.startswith(f"{above[1]}:") or number == 0, out


@fewer(1)
@given(files())
def test_keys_stand_in_order(text: str) -> None:
    try:
        root = parse(fmt(text), "file.yaml")
    except GuidecheckError:
        return

    def check(node: Node, order: Order) -> None:
        if isinstance(node, Sequence):
            for item in node.items:
                check(item, order)
        elif isinstance(node, Mapping):
            ranks = [order.rank(key.text) for key, _ in node.entries]
            assert ranks == sorted(ranks)
            for key, value in node.entries:
                check(value, order.under(key.text))

    check(root, key_order.GUIDELINE)


# ---------------------------------------------------------------------------------------------------- the command


def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, ["rules", "fmt", *map(str, arguments)], env=env or {"GUIDECHECK_RULES": ""})


def test_files_are_written_once(tmp_path: Path) -> None:
    untidy, tidy, other = tmp_path / "a.yaml", tmp_path / "b.yml", tmp_path / "c.yaml"
    untidy.write_text(UNTIDY, "utf-8")
    untidy.chmod(0o640)
    tidy.write_text(TIDY, "utf-8")
    other.write_text("items: []\n", "utf-8")
    before = tidy.stat().st_mtime_ns
    first = run(tmp_path)
    assert (first.exit_code, first.stdout) == (0, "")
    assert first.stderr == "1 file set out anew, 2 files left as they are\n"
    assert untidy.read_text("utf-8") == TIDY
    assert stat.S_IMODE(untidy.stat().st_mode) == 0o640
    assert tidy.stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "b.yml", "c.yaml"]
    assert run(tmp_path).stderr == "0 files set out anew, 3 files left as they are\n"


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_nothing_is_changed_by(option: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(UNTIDY, "utf-8")
    done = run(option, path)
    assert done.exit_code == 1
    assert path.read_text("utf-8") == UNTIDY
    assert ("+  - id: a" if option == "--diff" else str(path)) in done.stdout.splitlines()
    path.write_text(TIDY, "utf-8")
    assert (run(option, path).exit_code, run(option, path).stdout) == (0, "")


def test_mistakes_are_told_and_the_rest_is_done(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("guideline: [\n", "utf-8")
    (tmp_path / "b.yaml").write_text(UNTIDY, "utf-8")
    done = run(tmp_path, tmp_path / "none.yaml")
    assert done.exit_code == 2
    assert "a.yaml:1:13: error" in done.stderr
    assert "none.yaml: error no-such-file" in done.stderr
    assert (tmp_path / "b.yaml").read_text("utf-8") == TIDY


def test_without_paths_the_folders_of_the_environment(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        (folder / "a.yaml").write_text(UNTIDY, "utf-8")
    done = run(env={"GUIDECHECK_RULES": os.pathsep.join(map(str, folders))})
    assert done.stderr == "2 files set out anew, 0 files left as they are\n"
    assert run().exit_code == 2
    assert "name files or folders" in run().stderr


def test_the_library_is_the_same_before_and_after(tmp_path: Path) -> None:
    """Every guideline with its keys turned round comes back as it was, and means the same."""
    text = (shipped_rules() / "mtus-2009" / "massage.yaml").read_text("utf-8")
    sections = re.split(r"^(?=[a-z_]+:)", text, flags=re.MULTILINE)
    turned = "".join(part.rstrip("\n") + "\n" for part in reversed(sections) if part.strip())
    turned = turned.replace("# Reviewers who apply", "#\n# Reviewers who apply")
    (tmp_path / "massage.yaml").write_text(turned, "utf-8")
    before = load_library(shipped_rules(), tmp_path).guidelines["mtus-2009-massage"]
    assert run(tmp_path).exit_code == 0
    after = load_library(shipped_rules(), tmp_path).guidelines["mtus-2009-massage"]
    own = load_library().guidelines["mtus-2009-massage"]
    for changed in (before, after):
        assert (changed.title, changed.periods, changed.leaves_open) == (own.title, own.periods, own.leaves_open)
        assert [(c.key, c.require, c.when, c.unless, c.citation) for c in changed.criteria] == [
            (c.key, c.require, c.when, c.unless, c.citation) for c in own.criteria
        ]


@pytest.mark.parametrize("between", ["", "\n"])
def test_a_files_heading_stays_on_top(between: str) -> None:
    heading = "# The clinic's own rules.\n# In use since 2024.\n"
    text = f"{heading}{between}applies_to:\n  treatment: x\n# about the id\nguideline: x\n"
    tidy = f"{heading}{between}# about the id\nguideline: x\napplies_to:\n  treatment: x\n"
    assert formatted(text, "x.yaml") == tidy
    assert formatted(tidy, "x.yaml") == tidy
