"""Files, archives and the commands: nothing is lost, nothing guessed, no traceback."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("spacy")
pytest.importorskip("negspacy")

import shipped
from guidecheck.cli.letters import letters
from guidecheck.errors import GuidecheckError
from guidecheck.letters import reading, running
from guidecheck.letters.corrections import load_corrections
from guidecheck.letters.pdf_text import pdf_text
from guidecheck.letters.reading import LetterReader, NotReadable
from guidecheck.letters.sources import find_letters
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
    "none.zip": (zip_of({}), "a ZIP file with nothing to read"),
    "damaged.zip": (b"PK\x03\x04 nothing", "ZIP"),
    "page.txt": (f"\ufeff\r\n<!doctype html><pre>{A005}</pre>".encode(), "a web page"),
    "PAGE.txt": (f"<HTML>\n<PRE>\n{A005}".encode("utf-16"), "a web page"),
    "saved.html": (f"<!-- saved -->\n<html><pre>\n{A005}".encode(), "a web page"),
    "page.xhtml": (f'<?xml version="1.0"?>\n<html><pre>{A005}</pre>'.encode(), "XML"),
    "mail.eml": (
        f"Received: from a\r\n\tby b; 1 Jul\r\nSubject: IMR\r\nMIME-Version: 1.0\r\n\r\n{A005}".encode(),
        "a saved e-mail",
    ),
    "mbox": (f"From a@b Mon Jul  1\nMessage-ID: <1@b>\n\n{A005}".encode(), "a saved e-mail"),
    "rich.rtf": (b"{\\rtf1 text}", "RTF"),
}


def test_every_bad_file_is_refused_by_name_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, (data, _) in BAD.items():
        (folder / name).write_bytes(data)
    (folder / "good.txt").write_text(A005, "utf-8")
    (folder / "same.txt").write_text(A005, "utf-8")
    # Words that mails begin with may stand in letters, and a redaction may look like a page.
    (folder / "like.txt").write_text("<REDACTED>\nSubject: decision\n\nMessage-ID: none\n" + B018, "utf-8")
    status, output = _run(
        "read", folder, tmp_path / "none.txt", "--out", tmp_path / "c.jsonl", "--rejects", tmp_path / "r.jsonl"
    )
    assert status == 1
    assert f"2 letters read, {len(BAD) + 2} rejected" in output
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


def letters_in(folder: Path) -> None:
    folder.mkdir()
    (folder / "a.txt").write_text(A005, "utf-8")
    (folder / "b.txt").write_text(B018, "utf-8")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["in", "--out", "in/a.jsonl"], "--out would write over `in/a.jsonl`"),
        (["in/a.jsonl", "--out", "in/a.jsonl"], "--out would write over `in/a.jsonl`"),
        (["in", "--out", "c.jsonl", "--rejects", "in/b.txt"], "--rejects would write over `in/b.txt`"),
        (["in", "--out", "c.jsonl", "--rejects", "link.txt"], "--rejects would write over `in/b.txt`"),
        (["in", "--out", "c.jsonl", "--details", "c.jsonl"], "--out and --details name the same file"),
        (["in", "--out", "c.jsonl", "--rejects", "k.yaml", "--corrections", "k.yaml"], "write over `k.yaml`"),
        (["l.zip", "--out", "c.jsonl", "--details", "l.zip"], "--details would write over `l.zip`"),
    ],
)
def test_no_output_takes_the_place_of_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    letters_in(tmp_path / "in")
    (tmp_path / "in/a.jsonl").write_text(A005, "utf-8")
    (tmp_path / "link.txt").symlink_to("in/b.txt")
    (tmp_path / "k.yaml").write_text("CM19-0130565:\n  claim:\n    age: 39\n")
    (tmp_path / "l.zip").write_bytes(zip_of({"a.txt": A005.encode()}))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = CliRunner().invoke(letters, ["read", *args])
    assert isinstance(result.exception, GuidecheckError), result.output
    assert told in str(result.exception)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_earlier_run_may_be_replaced_beside_the_letters(tmp_path: Path) -> None:
    letters_in(tmp_path / "in")
    for _ in range(2):
        out = [f"--{n}={tmp_path / 'in' / n}.jsonl" for n in ("out", "details", "rejects")]
        assert _run("read", tmp_path / "in", *out)[0] == 0
    assert len((tmp_path / "in/out.jsonl").read_text().splitlines()) == 2


def test_what_a_link_names_is_written_and_the_link_stays(tmp_path: Path) -> None:
    link, held = tmp_path / "link.jsonl", tmp_path / "held.jsonl"
    held.write_text("old")
    link.symlink_to(held)
    assert _run("read", INVENTED / "b018.txt", "--out", link)[0] == 0
    assert link.is_symlink()
    assert json.loads(held.read_text())["case_id"] == "CM19-0130565"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_written_and_never_replaced(tmp_path: Path) -> None:
    pipe, told = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: told.append(pipe.read_text("utf-8")))
    reader.start()
    (tmp_path / "empty.txt").write_bytes(b"")
    inputs = (INVENTED / "b018.txt", tmp_path / "empty.txt")
    assert _run("read", *inputs, "--out", tmp_path / "c.jsonl", "--rejects", pipe)[0] == 1
    reader.join(10)
    assert json.loads(told[0])["reason"] == "an empty file"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_page_takes_no_place_of_its_letter(tmp_path: Path) -> None:
    letters_in(tmp_path / "in")
    result = CliRunner().invoke(letters, ["show", f"{tmp_path}/in/a.txt", "--html", f"{tmp_path}/in/../in/a.txt"])
    assert isinstance(result.exception, GuidecheckError)
    assert "--html would write over" in str(result.exception)
    assert (tmp_path / "in/a.txt").read_text("utf-8") == A005


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(A005.replace("worker's", "worker\u2019s").encode(encoding))
    text = next(iter(find_letters([tmp_path / "a.txt"]))).read()
    assert "HOW THE IMR" in text


def test_a_letter_named_twice_is_read_once(tmp_path: Path) -> None:
    letters_in(tmp_path / "in")
    out, rejects = tmp_path / "c.jsonl", tmp_path / "r.jsonl"
    assert _run("read", tmp_path / "in/a.txt", tmp_path / "in", "--out", out, "--rejects", rejects)[0] == 1
    assert [json.loads(line)["case_id"] for line in out.open()] == ["CM15-0118846", "CM19-0130565"]
    assert [json.loads(line) for line in rejects.open()] == [
        {"file": f"{tmp_path}/in/a.txt", "reason": "read before, as case CM15-0118846: it is named twice"}
    ]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_read(tmp_path: Path) -> None:
    held = tmp_path / "twice.zip"
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("x/a.txt", A005)
        archive.writestr("x/a.txt", B018)
    assert _run("read", held, "--out", tmp_path / "c.jsonl")[0] == 0
    cases = [json.loads(line) for line in (tmp_path / "c.jsonl").open()]
    assert [(Path(case["file"]).name, case["case_id"]) for case in cases] == [
        ("a.txt", "CM15-0118846"),
        ("a (2).txt", "CM19-0130565"),
    ]
    assert "CM19-0130565" in _run("show", cases[1]["file"])[1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_nothing_in_a_folder_is_lost_silently(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    letters_in(folder)
    letters_in(tmp_path / "other")
    (folder / "gone.txt").symlink_to("nowhere")
    (folder / "round").symlink_to("round")
    (folder / "linked").symlink_to(tmp_path / "other")
    (folder / "same.txt").symlink_to("a.txt")
    os.mkfifo(folder / "pipe")
    (folder / ".hidden").write_text("x")
    (tmp_path / "linked").symlink_to(folder)
    told = {
        Path(s.path).relative_to(tmp_path / "linked").as_posix(): s.fault
        for s in find_letters([tmp_path / "linked"])
    }
    assert told == {
        "a.txt": None,
        "b.txt": None,
        "gone.txt": "a link to a file that is not there",
        "linked": "a link to a folder; name that folder as an INPUT of its own",
        "pipe": "a pipe or a device; a file was expected",
        "round": "a link to a file that is not there",
        "same.txt": None,
    }


def test_an_archive_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "many.zip"
    archive.write_bytes(zip_of({f"{n}.txt": b"text %d" % n for n in range(50)}))
    sources = list(find_letters([archive]))
    opened = []
    real = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda path: opened.append(path) or real(path))
    assert {source.read() for source in sources} == {f"text {n}" for n in range(50)}
    assert opened == [str(archive)]


def test_hidden_members_are_left_out_as_hidden_files_are(tmp_path: Path) -> None:
    held = {"a.txt": b"x", "__MACOSX/._a.txt": b"\0", ".DS_Store": b"\0", "../up.txt": b"y", ".git/a.txt": b"z"}
    (tmp_path / "mac.zip").write_bytes(zip_of(held))
    assert [source.member for source in find_letters([tmp_path / "mac.zip"])] == ["../up.txt", "a.txt"]


def test_a_letter_in_an_archive_is_shown_by_the_name_that_results_have(tmp_path: Path) -> None:
    archive = tmp_path / "c.zip"
    archive.write_bytes(zip_of({"x/a.txt": A005.encode(), "b.txt": B018.encode()}))
    status, output = _run("show", archive / "x/a.txt")
    assert (status, "CM15-0118846, as of" in output) == (0, True)
    status, output = _run("show", archive)
    assert (status, "a ZIP file: name a letter in it, such as" in output) == (2, True)
    status, output = _run("show", archive / "c.txt")
    assert (status, "has no such letter" in output) == (2, True)
    status, output = _run("show", archive / "b.txt", "--html", tmp_path / "p.html")
    assert status == 0
    result = CliRunner().invoke(letters, ["show", f"{archive}/b.txt", "--html", str(archive)])
    assert "--html would write over" in str(result.exception)


def test_parquet_has_the_columns_of_flat_lines(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    assert _run("read", INVENTED / "b018.txt", "--out", tmp_path / "c.parquet")[0] == 0
    assert _run("read", INVENTED / "b018.txt", "--flat", "--out", tmp_path / "c.jsonl")[0] == 0
    table = pq.read_table(tmp_path / "c.parquet").to_pylist()
    rows = [json.loads(line) for line in (tmp_path / "c.jsonl").open()]
    assert "age.records" in rows[0]
    assert [{name: cell for name, cell in row.items() if cell is not None} for row in table] == [
        {name: cell for name, cell in row.items() if cell is not None} for row in rows
    ]


def test_an_archive_that_changed_meanwhile_is_a_reason(tmp_path: Path) -> None:
    archive = tmp_path / "c.zip"
    archive.write_bytes(zip_of({"a.txt": A005.encode()}))
    source = next(iter(find_letters([archive])))
    archive.write_bytes(zip_of({"other.txt": b"x"}))
    with pytest.raises(NotReadable, match="cannot be taken out of the ZIP file"):
        source.read()
    archive.unlink()
    with pytest.raises(NotReadable, match="No such file"):
        source.read()


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
    assert case["claim"]["age"]["value"] == 39
    assert case["items"][0]["prior_visits"]["value"] == 2
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


def corrected(folder: Path, text: str, corrections: str) -> tuple[int, str, list[dict[str, Any]]]:
    """Return the exit status, what was said, and the cases of a letter read with corrections."""
    (folder / "letter.txt").write_text(text, "utf-8")
    (folder / "k.yaml").write_text(corrections)
    status, output = _run(
        "read", folder / "letter.txt", "--out", folder / "c.jsonl", "--corrections", folder / "k.yaml"
    )
    return status, output, [json.loads(line) for line in (folder / "c.jsonl").open()] if status == 0 else []


@pytest.mark.parametrize(
    ("corrections", "told"),
    [
        ("CM19-0130565:\n  claim:\n    age: fourty\n", "k.yaml:3:10: error wrong-value: `age`"),
        ("CM19-0130565:\n  claim:\n    agee: 40\n", "k.yaml:3:5: error unknown-fact: unknown fact `agee`"),
        ("CM19-0130565:\n  claim:\n    agee: remove\n", "k.yaml:3:5: error unknown-fact: unknown fact `agee`"),
        ("CM19-0130565:\n  claim:\n    weeks: 2\n", "k.yaml:3:5: error wrong-scope: `weeks` is a fact of an item"),
        (
            "CM19-0130565:\n  acupuncture:\n    weeks: {value: 2, basis: reviewers}\n",
            "k.yaml:3:30: error wrong-value: `weeks`: `reviewers` is no basis",
        ),
        ("CM19-0130565:\n  acupuncture:\n    actual: upholded\n", "k.yaml:3:13: error wrong-value: `actual`"),
        ("CM19-0130565:\n  acupuncture: 3\n", "k.yaml:2:16: error wrong-type: facts with a colon"),
        ("CM19-0130565:\n  as_of: today\n", "k.yaml:2:10: error wrong-value: `as_of`"),
    ],
)
def test_mistakes_in_corrections_are_told_where_they_stand(tmp_path: Path, corrections: str, told: str) -> None:
    (tmp_path / "k.yaml").write_text(corrections)
    with pytest.raises(GuidecheckError) as error:
        load_corrections(tmp_path / "k.yaml", shipped.library())
    assert [told in str(error.value), str(error.value).count("error")] == [True, 1], str(error.value)


@pytest.mark.parametrize(
    ("corrections", "told"),
    [
        ("acupuncture:\n    surgery: remove\n", "the corrections remove `surgery` of acupuncture"),
        ("massage:\n    flare_up: yes\n", "the corrections name `massage`, and the letter has claim, physical"),
        ("physical_therapy:\n    prior_visits: 2\n", "what was read and corrected contradicts itself: `prior_"),
    ],
)
def test_a_letter_that_its_corrections_do_not_fit_is_no_other_letter(
    tmp_path: Path, corrections: str, told: str
) -> None:
    status, output, _ = corrected(tmp_path, B018, f"CM19-0130565:\n  {corrections}")
    assert status == 2
    assert f"letter.txt: rejected: {told}" in output
    assert "no letter read is" not in output


def test_a_correction_replaces_what_counts_and_leaves_what_the_records_say(tmp_path: Path) -> None:
    both = (INVENTED / "b004.txt").read_text("utf-8")
    for given, values in (
        ("9", [16, 9]),
        ("{value: 9, source: PR-2}", [16, 9]),
        ("{value: 9, basis: records}", [9, 11]),
        ("[{value: 8, basis: records}, {value: 9, basis: reviewer}]", [8, 9]),
    ):
        told = f"CM14-0107455:\n  physical_therapy:\n    prior_visits: {given}\n"
        (case,) = corrected(tmp_path, both, told)[2]
        held = case["items"][0]["prior_visits"]
        assert [finding["basis"] for finding in held] == ["records", "reviewer"]
        assert [finding["value"] for finding in held] == values


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("doses_per_day: 3\n    med_mg_per_day: remove", [("morphine", 3), ("hydrocodone", 4)]),
        ("opioids: [{drug: morphine, strength: 30, unit: mg, doses_per_day: 3}]", [("morphine", 3)]),
        ("opioids: remove", None),
    ],
)
def test_a_list_and_what_an_item_has_of_it_are_corrected_together(
    tmp_path: Path, given: str, taken: list[tuple[str, int]] | None
) -> None:
    letter = (INVENTED.parent / "styles/h13.txt").read_text("utf-8")
    (before,) = corrected(tmp_path, letter, "{}")[2]
    first, second = (item for item in before["items"] if item["treatment"] == "opioid")
    assert first["doses_per_day"]["value"] == 2
    (case,) = corrected(
        tmp_path,
        letter,
        f"{before['case_id']}:\n  {first['id']}:\n    {given}\n  {second['id']}:\n    med_mg_per_day: remove\n",
    )[2]
    items = [item for item in case["items"] if item["id"] in (first["id"], second["id"])]
    for item in items:
        entries = item["opioids"]["value"] if "opioids" in item else None
        assert (entries and [(entry["drug"], entry["doses_per_day"]) for entry in entries]) == taken
    assert "doses_per_day" not in items[0] or items[0]["doses_per_day"]["value"] == 3


def test_a_date_is_given_to_a_letter_that_has_none(tmp_path: Path) -> None:
    dateless = re.sub(r"\d+[/-]\d+[/-]\d+", "", A005)
    status, output, _ = corrected(tmp_path, dateless, "CM15-0118846:\n  claim:\n    age: 40\n")
    assert (status, "no date of review" in output, "no letter read" in output) == (2, True, False)
    status, _, (case,) = corrected(tmp_path, dateless, "CM15-0118846:\n  as_of: 2015-07-20\n")
    assert (status, case["as_of"], case["as_of_basis"]) == (0, "2015-07-20", "corrected")


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


def test_show_names_the_item_of_every_fact_and_fits_a_phone(tmp_path: Path) -> None:
    lines = _run("show", INVENTED / "b018.txt")[1].splitlines()
    told = [line for line in lines if re.match(r"\[\d+\] ", line)]
    heading = next(n for n, line in enumerate(told) if "] item acupuncture: upheld  (heading" in line)
    asked = [line.partition("] ")[2].partition("  (")[0] for line in told[heading + 1 : heading + 3]]
    assert asked == ["body_region: knee (acupuncture)", "requested_visits: 12 (acupuncture)"]
    assert _run("show", INVENTED / "b018.txt", "--html", tmp_path / "p.html")[0] == 0
    page = (tmp_path / "p.html").read_text("utf-8")
    assert '<meta name="viewport" content="width=device-width' in page
    # Space around marks reads as space between words.
    assert re.search(r"mark\{[^}]*(padding|margin|border)", page) is None


def test_show_and_read_call_a_letter_without_a_number_the_same(tmp_path: Path) -> None:
    (tmp_path / "x.v2.txt").write_text(A005.replace("CM15-0118846", ""), "utf-8")
    assert _run("read", tmp_path / "x.v2.txt", "--out", tmp_path / "c.jsonl")[0] == 0
    name = json.loads((tmp_path / "c.jsonl").read_text())["case_id"]
    assert f"\n{name}, as of 2015" in _run("show", tmp_path / "x.v2.txt")[1]


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
        "    prior_visits: {value: 5, source: log}\n"
        "  - treatment: massage\n    requested_visits: 6\nclaim:\n  age: 77\n"
    )
    status, output = _run("audit", INVENTED / "b018.txt", "--request", request)
    assert status == 1
    assert max(map(len, output.splitlines()[:-4])) <= 80
    output = " ".join(output.split())
    assert "the letter decides 6 where the request has 8" in output
    assert "the request documents yes (PR-2, page 4)" in output
    assert "the request documents yes (`prior_visits`: log); the reviewer finds no" in output
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
    assert "the letter has hydrocodone 10 mg, 4 doses a day, and the request does not" in output
    assert "the request has oxymorphone 10 mg, 4 doses a day, and the letter does not" in output
    assert "the strength of one dose" not in output
    # What the item asks for is no further drug of the list.
    request.write_text(
        given.format(doses=2, other="Norco").replace(
            "MS Contin\nc", "MS Contin\n    strength: 15\n    unit: mg\nc"
        )
    )
    output = " ".join(_run("audit", letter, "--request", request)[1].split())
    assert "the strength of one dose (`strength`): the letter decides 30 where the request has 15" in output
    assert "`opioids`" not in output


THREE_COURSES = A005[: A005.index("The Final Determination")] + "\n".join(
    f"{heading}: Upheld\n\n"
    "The Claims Administrator based its decision on the MTUS.\n\n"
    "The Physician Reviewer's decision rationale: The request is not medically necessary.\n"
    for heading in (
        "Physical therapy 2 times a week for 6 weeks, lumbar spine",
        "Physical therapy 3 times a week for 2 weeks, right shoulder",
        "Physical therapy 3 times a week for 4 weeks, right shoulder",
    )
)


@pytest.mark.parametrize(
    ("asked", "told", "unmatched", "undecided"),
    [
        (["[shoulder], weeks: 2"], 0, ["6 weeks, lumbar", "4 weeks, right"], []),
        (["[shoulder], weeks: 4"], 0, ["6 weeks, lumbar", "2 weeks, right"], []),
        (["[shoulder], weeks: 4", "[shoulder], weeks: 2"], 0, ["6 weeks, lumbar"], []),
        (["[low_back], weeks: 6", "[shoulder], weeks: 2", "[shoulder], weeks: 4"], 0, [], []),
        (["[shoulder], weeks: 4", "[knee], weeks: 2", "[shoulder], weeks: 2"], 4, [], []),
        (["[shoulder], weeks: 4", "[low_back], weeks: 6", "[shoulder], weeks: 2", "[knee]"], 0, [], ["item-4"]),
    ],
)
def test_audit_pairs_the_closest_items(
    tmp_path: Path, asked: list[str], told: int, unmatched: list[str], undecided: list[str]
) -> None:
    (tmp_path / "letter.txt").write_text(THREE_COURSES, "utf-8")
    items = "".join(
        f"  - {{id: item-{n}, treatment: PT, visits_per_week: 3, body_region: {facts}}}\n"
        for n, facts in enumerate(asked, 1)
    ).replace("visits_per_week: 3, body_region: [low_back]", "visits_per_week: 2, body_region: [low_back]")
    (tmp_path / "request.yaml").write_text(f"as_of: 2015-07-20\nrecords: partial\nitems:\n{items}")
    status, output = _run("audit", tmp_path / "letter.txt", "--request", tmp_path / "request.yaml")
    assert (status, f"{told} contradictions" in output) == (int(told > 0), True), output
    lines = output.splitlines()
    lone = [line for line in lines if line.startswith("no item of the request is like")]
    assert [part in line for part, line in zip(unmatched, lone, strict=True)] == [True] * len(unmatched)
    assert [line for line in lines if line.startswith("the letter decides nothing like")] == [
        f"the letter decides nothing like item `{name}` of the request" for name in undecided
    ]


def test_audit_takes_a_request_that_is_dated_after_the_letter(tmp_path: Path) -> None:
    request = tmp_path / "request.yaml"
    request.write_text("as_of: 2025-09-03\nrecords: partial\nitems:\n  - treatment: PT\n    requested_visits: 8\n")
    status, output = _run("audit", INVENTED / "b018.txt", "--request", request)
    assert status == 1, output


def test_letters_are_scored_in_both_views_through_a_pipe(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import subprocess

    metrics = tmp_path / "m.json"
    letters.main(["read", *map(str, sorted(INVENTED.glob("*.txt"))), "--out", "-"], standalone_mode=False)
    cases, said = capfd.readouterr()
    assert "12 letters read, 0 rejected" in said
    command = [sys.executable, "-m", "guidecheck", "batch", "-", "--metrics", str(metrics)]
    ended = subprocess.run(command, input=cases, capture_output=True, text=True, check=False)
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
