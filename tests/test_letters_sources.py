"""Files, archives and the commands: nothing is lost, nothing guessed, no traceback."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("spacy")
pytest.importorskip("negspacy")

import shipped
from guidecheck.cli.letters import letters
from guidecheck.letters import reading, running
from guidecheck.letters.pdf_text import pdf_text
from guidecheck.letters.reading import LetterReader, NotReadable
from guidecheck.letters.sources import Source, find_sources
from guidecheck.library.loading import rule_folders
from guidecheck.library.models import Library

sys.path.insert(0, str(Path(__file__).parent / "letters"))
from pdf_maker import make_pdf

INVENTED = Path(__file__).parent / "letters/invented"
A005 = (INVENTED / "a005.txt").read_text("utf-8")
B018 = (INVENTED / "b018.txt").read_text("utf-8")


@pytest.fixture(autouse=True)
def one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the commands within this process one reader, which takes a second to make; processes make their own."""
    reader = shipped.letter_reader()

    def of(library: Library, folders: list[Path]) -> LetterReader:
        assert (library.digest, list(folders)) == (shipped.library().digest, rule_folders())
        return reader

    monkeypatch.setattr(reading, "LetterReader", of)
    monkeypatch.setattr(running, "LetterReader", of)


def zip_of(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def _run(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(letters, [str(arg) for arg in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


BAD = {
    "empty.txt": (b"", "empty"),
    "blank.txt": (b" \n ", "empty"),
    "other.txt": (b"Dear Madam, thank you for your letter.", "another kind of document"),
    "lies.txt": (b"\xef\xbb\xbfCase \xff\xfe\xff", "UTF-8"),
    "binary.txt": (bytes(range(256)) * 20, "text"),
    "broken.pdf": (b"%PDF-1.4\nnothing else", "PDF"),
    "scanned.pdf": (make_pdf(["", ""], picture_only=True), "scanned"),
    "long.pdf": (make_pdf(["page"] * 300), "300 pages"),
    "word.docx": (zip_of({"[Content_Types].xml": b"<x/>"}), "Word"),
    "damaged.zip": (b"PK\x03\x04 nothing", "ZIP"),
    "rich.rtf": (b"{\\rtf1 text}", "RTF"),
}


def test_every_bad_file_is_refused_by_name_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, (data, _) in BAD.items():
        (folder / name).write_bytes(data)
    (folder / "good.txt").write_text(A005, "utf-8")
    (folder / "same.txt").write_text(A005, "utf-8")
    status, output = _run(
        "read", folder, tmp_path / "none.txt", "--out", tmp_path / "c.jsonl", "--rejects", tmp_path / "r.jsonl"
    )
    assert status == 1
    assert f"1 letters read, {len(BAD) + 2} rejected" in output
    rejects = {
        Path(r["file"]).name: r["reason"] for r in map(json.loads, (tmp_path / "r.jsonl").read_text().splitlines())
    }
    assert set(rejects) == {*BAD, "none.txt", "same.txt"}
    for name, (_, reason) in BAD.items():
        assert reason in rejects[name], (name, rejects[name])
    assert rejects["none.txt"] == "no such file"
    assert "a second letter of case CM15-0118846" in rejects["same.txt"]
    assert "fault" not in " ".join(rejects.values())


def test_letters_without_a_number_are_told_apart_by_their_place(tmp_path: Path) -> None:
    unnumbered = A005.replace("CM15-0118846", "")
    for year in ("2013", "2014"):
        (tmp_path / "in" / year).mkdir(parents=True)
        (tmp_path / "in" / year / "001.txt").write_text(unnumbered, "utf-8")
    (tmp_path / "in" / "2015.zip").write_bytes(zip_of({"001.txt": unnumbered.encode()}))
    (tmp_path / "a.txt").write_text(A005, "utf-8")
    (tmp_path / "b.txt").write_text(A005.replace("CM15-0118846", "cm15-0118846"), "utf-8")
    inputs = (tmp_path / "in", tmp_path / "a.txt", tmp_path / "b.txt")
    _, output = _run("read", *inputs, "--out", tmp_path / "c.jsonl")
    cases = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert [case["case_id"] for case in cases] == ["2013/001", "2014/001", "2015/001", "CM15-0118846"]
    assert "b.txt: rejected: a second letter of case CM15-0118846" in output


def test_a_font_with_one_sign_for_two_letters_hides_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pypdf.PageObject.extract_text", lambda _: "the \ufb01ndings of bene\ufb01t and e\ufb00ect"
    )
    assert pdf_text(make_pdf(["page"])) == "the findings of benefit and effect"


def test_pdf_and_zip_are_read_like_text(tmp_path: Path) -> None:
    lines = B018.splitlines()
    pdf = make_pdf(["\n".join(lines[:45]), "\n".join(lines[45:])])
    (tmp_path / "b.pdf").write_bytes(pdf)
    (tmp_path / "c.zip").write_bytes(zip_of({"x/a005.txt": A005.encode(), "bad.txt": b""}))
    status, _ = _run(
        "read", tmp_path / "b.pdf", tmp_path / "c.zip", "--out", tmp_path / "c.jsonl", "--rejects", tmp_path / "r"
    )
    assert status == 1
    cases = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert [case["case_id"] for case in cases] == ["CM19-0130565", "CM15-0118846"]
    assert cases[1]["file"].endswith("c.zip/x/a005.txt")
    assert [item["actual"] for item in cases[0]["items"]] == ["upheld"] * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(A005.replace("worker's", "worker\u2019s").encode(encoding))
    text = next(iter(find_sources([tmp_path / "a.txt"]))).read()
    assert "HOW THE IMR" in text


def test_missing_member_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "c.zip").write_bytes(zip_of({"a.txt": b"x"}))
    with pytest.raises(NotReadable):
        Source(str(tmp_path / "c.zip"), "b.txt").read()


def test_jobs_give_the_same_in_the_same_order(tmp_path: Path) -> None:
    one, two = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    assert _run("read", INVENTED, "--out", one, "--rejects", tmp_path / "r")[0] == 1  # gold.yaml is no letter
    assert _run("read", INVENTED, "--out", two, "--rejects", tmp_path / "r", "--jobs", 2)[0] == 1
    assert one.read_text() == two.read_text()


def test_parquet_has_an_item_a_row(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    assert _run("read", INVENTED / "b018.txt", "--out", tmp_path / "c.parquet")[0] == 0
    rows = pq.read_table(tmp_path / "c.parquet").to_pylist()
    assert [row["item_id"] for row in rows] == ["physical_therapy", "acupuncture", "hot_cold_packs"]
    assert rows[0]["requested_visits"] == "6"
    assert rows[0]["actual"] == "upheld"


def test_corrections_are_applied(tmp_path: Path) -> None:
    corrections = tmp_path / "corrections.yaml"
    corrections.write_text(
        "CM19-0130565:\n  claim:\n    age: 39\n"
        "  physical_therapy:\n    prior_visits: 2\n    prior_treatment: remove\n"
    )
    out = tmp_path / "c.jsonl"
    assert _run("read", INVENTED / "b018.txt", "--out", out, "--corrections", corrections)[0] == 0
    case = json.loads(out.read_text())
    assert case["claim"]["age"]["value"] == "39"
    assert case["items"][0]["prior_visits"]["value"] == "2"
    assert "prior_treatment" not in case["items"][0]
    corrections.write_text("CM19-0130565:\n  massage:\n    prior_visits: 2\n")
    status, output = _run("read", INVENTED / "b018.txt", "--out", out, "--corrections", corrections)
    assert status == 2
    assert "corrections name `massage`" in output


def test_corrections_of_no_letter_are_told(tmp_path: Path) -> None:
    corrections = tmp_path / "corrections.yaml"
    corrections.write_text("CM19-0130566:\n  claim:\n    age: 39\n")
    out = tmp_path / "c.jsonl"
    status, output = _run("read", INVENTED / "b018.txt", "--out", out, "--corrections", corrections)
    assert status == 0
    assert "no letter read is case CM19-0130566" in output
    assert "did you mean `CM19-0130565`?" in output


@pytest.mark.parametrize("name", ["c.jsonl", "c.parquet"])
def test_a_file_is_kept_where_no_letter_was_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    out, rejects = tmp_path / name, tmp_path / "r.jsonl"
    out.write_text("kept")
    status, _ = _run("read", tmp_path / "empty.txt", "--out", out, "--rejects", rejects)
    assert status == 2
    assert out.read_text() == "kept"
    assert "empty" in rejects.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["empty.txt", name, "r.jsonl"])


def test_show_marks_the_letter(tmp_path: Path) -> None:
    status, output = _run("show", INVENTED / "a020.txt")
    assert status == 0
    assert "med_mg_per_day: 160" in output
    page = tmp_path / "page.html"
    assert _run("show", INVENTED / "a020.txt", "--html", page)[0] == 0
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert 'class="reviewer" title="med_mg_per_day: 160' in text


def test_show_escapes_what_a_letter_holds(tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_text(A005.replace("warehouse lead", "<script>alert(1)</script>"), "utf-8")
    assert _run("show", tmp_path / "l.txt", "--html", tmp_path / "p.html")[0] == 0
    assert "<script" not in (tmp_path / "p.html").read_text("utf-8")


def test_audit_tells_what_contradicts_the_request(tmp_path: Path) -> None:
    request = tmp_path / "request.yaml"
    request.write_text(
        "as_of: 2019-09-03\nrecords: partial\nitems:\n"
        "  - treatment: PT\n    body_region: knee\n    requested_visits: 8\n"
        "    exercise_program:\n      value: yes\n      source: PR-2\n      page: 4\n"
        "  - treatment: massage\n    requested_visits: 6\nclaim:\n  age: 77\n"
    )
    status, output = _run("audit", INVENTED / "b018.txt", "--request", request)
    assert status == 1
    assert max(map(len, output.splitlines()[:-4])) <= 80
    output = " ".join(output.split())
    assert "the letter decides 6 where the request has 8" in output
    assert "the request documents yes (PR-2, page 4)" in output
    assert "claim: the worker's age (`age`): the letter has 38 where the request has 77" in output
    assert "the letter decides nothing like item `massage_therapy` of the request" in output
    assert "no item of the request is like" in output


def test_audit_compares_each_drug_of_a_list(tmp_path: Path) -> None:
    letter = INVENTED.parent / "styles/h13.txt"
    request = tmp_path / "request.yaml"
    given = (
        "as_of: 2015-10-06\nrecords: partial\nitems:\n  - treatment: opioid\n    drug: MS Contin\n"
        "claim:\n  opioids:\n"
        "    - {{drug: MS Contin, strength: 30, unit: mg, doses_per_day: {doses}}}\n"
        "    - {{drug: {other}, strength: 10, unit: mg, doses_per_day: 4}}\n"
    )
    request.write_text(given.format(doses=2, other="Norco"))
    status, output = _run("audit", letter, "--request", request)
    assert "`opioids`" not in output
    request.write_text(given.format(doses=3, other="Opana"))
    status, output = _run("audit", letter, "--request", request)
    assert status == 1
    output = " ".join(output.split())
    assert "morphine: the number of doses a day is 2 in the letter and 3 in the request" in output
    assert "the letter has hydrocodone, and the request does not" in output
    assert "the request has oxymorphone, and the letter does not" in output
    assert "the strength of one dose" not in output


def test_audit_takes_a_request_that_is_dated_after_the_letter(tmp_path: Path) -> None:
    request = tmp_path / "request.yaml"
    request.write_text("as_of: 2025-09-03\nrecords: partial\nitems:\n  - treatment: PT\n    requested_visits: 8\n")
    status, output = _run("audit", INVENTED / "b018.txt", "--request", request)
    assert status == 1, output


def test_letters_are_scored_in_both_views_through_a_pipe(tmp_path: Path) -> None:
    import subprocess

    guidecheck = f"{sys.executable} -m guidecheck"
    metrics = tmp_path / "m.json"
    pipe = f"{guidecheck} letters read {INVENTED}/*.txt --out - | {guidecheck} batch - --metrics {metrics}"
    ended = subprocess.run(pipe, shell=True, capture_output=True, text=True, check=False)  # noqa: S602 - our own words
    assert "12 letters read, 0 rejected" in ended.stderr
    assert "31 items answered, 0 rejected" in ended.stdout
    views = json.loads(metrics.read_text())["views"]
    # What the reviewer found is a good part of what decides.
    assert views["fidelity"]["items"] == views["foresight"]["items"] == 31
    assert views["fidelity"]["undetermined"] < views["foresight"]["undetermined"]
    assert views["difference"]["scored"] < 0
    table = (INVENTED.parents[2] / "docs/letters.md").read_text("utf-8")
    for name in ("fidelity", "foresight"):
        view = views[name]
        right = round(view["accuracy"]["value"] * view["scored"])
        row = next(line.split() for line in table.splitlines() if line.startswith(f"{name} "))
        assert [int(cell) for cell in row[1:]] == [view["items"], view["undetermined"], view["scored"], right]


@pytest.mark.parametrize("flat", [[], ["--flat"]])
def test_all_forms_give_batch_the_same(tmp_path: Path, flat: list[str]) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("duckdb")
    from guidecheck.cli.batch import batch

    answers = []
    for name in ("c.jsonl", "c.parquet"):
        assert _run("read", INVENTED, "--out", tmp_path / name, "--rejects", tmp_path / "x", *flat)[0] == 1
        out = tmp_path / f"{name}.parquet"
        assert CliRunner().invoke(batch, [str(tmp_path / name), "--out", str(out)]).exit_code == 0
        columns = ["case_id", "item_id", "predicted", "foresight", "controlling", "unmet"]
        answers.append(pq.read_table(out, columns=columns).to_pylist())
    assert len(answers[0]) == 31
    assert answers[0] == answers[1]


def test_one_line_where_the_extra_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "negspacy" else real(name, *a)
    )
    status, output = _run("read", INVENTED, "--out", tmp_path / "c.jsonl")
    assert status == 2
    assert "pip install 'guidecheck[letters]'" in output


def test_a_check_needs_no_spacy() -> None:
    import subprocess

    code = "import guidecheck, guidecheck.cli.check, sys; sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
