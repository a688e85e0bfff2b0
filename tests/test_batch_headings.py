"""What columns are: facts that are kept as well, names that no input has, keys that no column is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from guidecheck.errors import GuidecheckError
from small_batches import HEAD, results, row, run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(HEAD + "".join(map(row, range(6))))
    return path


def test_a_fact_that_is_kept_still_counts(massage_rules: Path, table: Path, tmp_path: Path) -> None:
    plain, kept = tmp_path / "plain.parquet", tmp_path / "kept.parquet"
    assert run(massage_rules, table, "--out", plain).exit_code == 0
    assert run(massage_rules, table, "--out", kept, "--keep", "requested_visits").exit_code == 0
    found = results(kept)
    assert [r.pop("requested_visits") for r in found] == [str(4 + number % 6) for number in range(6)]
    assert found == results(plain)


def test_names_that_no_input_has_are_refused(massage_rules: Path, table: Path, tmp_path: Path) -> None:
    with pytest.raises(GuidecheckError, match=r"--keep.*`requested_visit`.*did you mean `requested_visits`"):
        run(massage_rules, table, "--keep", "requested_visit", catch=False)
    names = tmp_path / "map.yaml"
    names.write_text("Service: treatment\n")
    with pytest.raises(GuidecheckError, match=r"--map.*`Service`"):
        run(massage_rules, table, "--map", names, catch=False)
    lines, out = tmp_path / "t.jsonl", tmp_path / "r.csv"
    lines.write_text('{"case_id": "a", "as_of": "2015-08-21", "treatment": "massage"}\n')
    with pytest.raises(GuidecheckError, match=r"--keep.*`note`"):
        run(massage_rules, lines, "--keep", "note", "--out", out, catch=False)
    assert not out.exists()
    assert run(massage_rules, table, lines, "--keep", "body_region").exit_code == 0


def test_an_unknown_target_of_a_map_is_quoted(massage_rules: Path, table: Path, tmp_path: Path) -> None:
    names = tmp_path / "map.yaml"
    names.write_text("prior_visits: prior_visit\n")
    with pytest.raises(GuidecheckError, match=r"`prior_visits`.*`prior_visit`; did you mean `prior_visits`"):
        run(massage_rules, table, "--map", names, catch=False)


@pytest.mark.parametrize("name", ["as_of", "treatment", "jurisdiction"])
def test_what_holds_for_both_views_has_no_finding_beside_it(
    massage_rules: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"case_id,as_of,treatment,{name}.records\na,2015-08-21,massage,\n")
    with pytest.raises(GuidecheckError, match=f"`{name}[.]records`"):
        run(massage_rules, path, catch=False)


def test_a_line_with_an_unknown_key_is_a_reject(massage_rules: Path, tmp_path: Path) -> None:
    path, rejects = tmp_path / "t.jsonl", tmp_path / "bad.jsonl"
    good = {"case_id": "a", "as_of": "2015-08-21", "treatment": "massage", "requested_visits": 6}
    path.write_text("".join(json.dumps(one) + "\n" for one in ({"foo": 1}, good, {**good, "prior_visit": None})))
    ended = run(massage_rules, path, "--rejects", rejects)
    assert ended.exit_code == 1
    assert "1 item answered, 2 rejected" in ended.output
    found = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [one["row"] for one in found] == [1, 3]
    assert "`foo`" in found[0]["reason"]
    assert "did you mean `prior_visits`" in found[1]["reason"]
    path.write_text('{"foo": 1}\n{"bar": 1}\n')
    with pytest.raises(GuidecheckError, match=r"`foo`"):
        run(massage_rules, path, catch=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"case_id,as_of,treatment\ra,2015-08-21,massage\r", "carriage return.*line ends of Unix or Windows"),
        (b"sep=,\ncase_id,as_of,treatment\n", "`sep=,` is a line for Excel alone; delete this line"),
        (b"\ncase_id,as_of,treatment\n", "no heading.*; the first line must name the columns"),
        (b"case_id,as_of,treatment,\na,2015-08-21,massage,\n", "a column without a name; name it"),
        (b"case_id,as_of,treatment,caf\xe9\n", "the heading is not UTF-8 text; save it as CSV UTF-8"),
        (b'case_id,as_of,"treat"ment\n', "bad-heading: heading: "),
    ],
)
def test_a_heading_that_cannot_be_read_says_why(
    massage_rules: Path, tmp_path: Path, text: bytes, said: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text)
    with pytest.raises(GuidecheckError, match=said) as raised:
        run(massage_rules, path, catch=False)
    assert len(str(raised.value).splitlines()) == 1


def test_headings_without_rows_are_said_to_be(massage_rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEAD)
    ended = run(massage_rules, path)
    assert ended.exit_code == 2
    assert "no rows" in ended.stderr


@pytest.mark.parametrize("cell", ["neck, low back", "neck|low_back", "neck and low back", "neck;low back, neck"])
def test_another_sign_between_the_values_of_a_set_is_named(massage_rules: Path, tmp_path: Path, cell: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'case_id,as_of,treatment,body_region\na,2015-08-21,massage,"{cell}"\n')
    assert "write `neck;low_back" in run(massage_rules, path).stderr
