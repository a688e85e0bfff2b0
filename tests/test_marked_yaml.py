"""YAML as nodes with places, and nothing that YAML can do beyond data."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from guidecheck.errors import Finding, GuidecheckError, Location
from guidecheck.reading.marked_yaml import (
    MAX_DEPTH,
    Mapping,
    Node,
    Scalar,
    Sequence,
    from_data,
    is_null,
    load,
    members,
    parse,
    place,
    scalars,
)


def plain(node: Node) -> object:
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text


def fault(text: str) -> Finding:
    with pytest.raises(GuidecheckError) as error:
        parse(text, "a.yaml")
    assert len(error.value.findings) == 1
    return error.value.findings[0]


def test_scalars_stay_text() -> None:
    text = "a: 00100\nb: yes\nc: 1:30\nd: 2015-02-30\ne: 0x10\nf: 1e3\ng: .nan\nh: 9792.20\ni: no\n"
    assert plain(parse(text, "a")) == {
        "a": "00100",
        "b": "yes",
        "c": "1:30",
        "d": "2015-02-30",
        "e": "0x10",
        "f": "1e3",
        "g": ".nan",
        "h": "9792.20",
        "i": "no",
    }


def test_quoted_words_are_told_from_plain_ones() -> None:
    node = parse("a: yes\nb: 'yes'\nc: \"yes\"\nd: |\n  yes\n", "a")
    assert isinstance(node, Mapping)
    assert [value.quoted for _, value in node.entries if isinstance(value, Scalar)] == [False, True, True, True]


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing(text: str) -> None:
    node = parse(f"a: {text}\n", "a")
    assert isinstance(node, Mapping)
    assert is_null(node.entries[0][1])
    quoted = parse(f"a: '{text}'\n", "a")
    assert isinstance(quoted, Mapping)
    assert not is_null(quoted.entries[0][1])


def test_places() -> None:
    node = parse("# first\na:\n  - b: 1\n    c: [x, y]\n", "a.yaml")
    assert isinstance(node, Mapping)
    assert node.at == Location("a.yaml", 2, 1)
    first = members(node.get("a"))[0]
    assert isinstance(first, Mapping)
    assert first.at == Location("a.yaml", 3, 5)
    assert place(first, "c") == Location("a.yaml", 4, 8)
    assert [item.at.column for item in scalars(first.get("c"))] == [9, 12]
    assert first.key("c") is not None
    assert str(place(first, "nothing", "here")) == "a.yaml:3:5"


def test_columns_count_characters() -> None:
    assert fault("é: é\né: 1\n").location == Location("a.yaml", 2, 1)
    assert fault("a: {é: 1, é: 2}\n").location == Location("a.yaml", 1, 11)


def test_json() -> None:
    text = '{"a": [1, 2.5, true, null, "x\\u00e9", {}], "b": {"c": []}}'
    assert plain(parse(text, "a")) == {"a": ["1", "2.5", "true", "null", "xé", {}], "b": {"c": []}}


def test_the_first_of_two_keys_counts() -> None:
    findings: list[Finding] = []
    node = parse("a: 1\nb: 2\na: 3\n", "a.yaml", findings)
    assert plain(node) == {"a": "1", "b": "2"}
    assert [str(finding.location) for finding in findings] == ["a.yaml:3:1"]
    assert fault("a: 1\na: 2\n").code == "duplicate-key"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("---\n", "empty-file"),
        ("a: &x 1\n", "anchor"),
        ("a: *x\n", "anchor"),
        ("&x a: 1\n", "anchor"),
        ("a: &x [1]\n", "anchor"),
        ("<<: {a: 1}\n", "anchor"),
        ("a: !!str 1\n", "tag"),
        ("a: !x [1]\n", "tag"),
        ("!!map {a: 1}\n", "tag"),
        ("? [a]\n: 1\n", "bad-key"),
        ("? {a: 1}\n: 1\n", "bad-key"),
        ("a: 1\n--- \nb: 2\n", "several-documents"),
        ("a:\n\tb: 1\n", "tab"),
        ("a: [1\n", "yaml-syntax"),
        ("%YAML 1.2\n---\n---\n", "several-documents"),
        ('a: "\\e[1m"\n', "control-character"),
        ('a: "\\x07"\n', "control-character"),
        ("\u200ba: 1\n", "unseen-character"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "too-deep"),
        ("a: " * 3, "yaml-syntax"),
    ],
)
def test_refused(text: str, code: str) -> None:
    assert fault(text).code == code


def test_quoted_merge_and_stars_are_texts() -> None:
    assert plain(parse("'<<': '*x'\na: '&b'\nb: '!c'\n", "a")) == {"<<": "*x", "a": "&b", "b": "!c"}


def test_the_deepest_that_is_read() -> None:
    parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, "a")


def test_a_message_cannot_reach_the_terminal() -> None:
    finding = fault('a: "\\e[31mred\\nline"\n')
    assert str(finding).isprintable()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_files(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: é\r\nb: 2\r\n", encoding=encoding, newline="")
    assert plain(load(path)) == {"a": "é", "b": "2"}


def test_python_data() -> None:
    data = {"a": [1, 2.5, True, False, None, "x"], "b": {"c": ("d",)}, 3: {"y", "x"}}
    node = from_data(data, "request")
    assert plain(node) == {"a": ["1", "2.5", "yes", "no", "", "x"], "b": {"c": ["d"]}, "3": ["x", "y"]}
    assert isinstance(node, Mapping)
    assert str(members(node.get("a"))[1].at) == "request: a[1]"
    assert str(place(node, "b", "c")) == "request: b.c"


def test_python_data_in_itself() -> None:
    data: list[object] = []
    data.append(data)
    with pytest.raises(GuidecheckError, match="too-deep"):
        from_data(data, "request")


def test_errors_pass_between_processes() -> None:
    with pytest.raises(GuidecheckError) as error:
        parse("a: 1\na: 2\n", "a.yaml")
    again = pickle.loads(pickle.dumps(error.value))  # noqa: S301 - made here
    assert again.findings == error.value.findings
    assert str(again) == str(error.value)
