"""What is read from decision letters: items, outcomes, quantities, facts with their words."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("spacy")
pytest.importorskip("negspacy")

import shipped
from guidecheck import check
from guidecheck.letters.case_form import case_data, details_data
from guidecheck.letters.reading import LetterCase, LetterReader, NotReadable
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.flat_rows import table_rows
from guidecheck.requests.request_reader import request_from

HERE = Path(__file__).parent
LETTERS = HERE / "letters"
SEEDS = os.environ.get("GUIDECHECK_SEEDS")


def _scores() -> Any:
    spec = importlib.util.spec_from_file_location("letter_scores", HERE.parent / "benchmarks/letter_scores.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["letter_scores"] = module
    spec.loader.exec_module(module)
    return module


scores = _scores()
_letter = scores.letter_that_says


@pytest.fixture(scope="module")
def reader() -> LetterReader:
    return shipped.letter_reader()


@pytest.fixture
def headings_reader(reader: LetterReader, monkeypatch: pytest.MonkeyPatch) -> LetterReader:
    """Return the reader as it is but for facts, which take most of its time and change no heading or outcome."""
    monkeypatch.setattr(reader._facts, "find", lambda letter, asked: [{} for _ in asked])
    return reader


@cache
def _whole(path: Path) -> LetterCase:
    return shipped.letter_reader().read(path.read_text("utf-8"), path.name)


@pytest.mark.parametrize(("folder", "held_back"), [("invented", None), ("styles", False), ("styles", True)])
def test_precision_and_recall(reader: LetterReader, folder: str, held_back: bool | None) -> None:
    score = scores.Score()
    assert scores.Scorer(reader).score(LETTERS / folder, score, held_back=held_back)
    request, facts = score.total(scores.REQUEST_FIELDS), score.total(scores.FACT_FIELDS)
    assert min(request.precision, request.recall) >= 0.95, score.misses
    assert min(facts.precision, facts.recall) >= 0.85, score.misses
    details, evidence = score.total(scores.DETAIL_FIELDS), score.total(scores.EVIDENCE_FIELDS)
    assert min(details.precision, details.recall) >= 0.85, score.misses
    assert min(evidence.precision, evidence.recall) >= 0.95, score.misses


def test_letters_that_no_pattern_was_written_for(reader: LetterReader) -> None:
    """What their reviewers say is read as well as docs/letters.md tells, but for a little."""
    score = scores.Score()
    assert scores.Scorer(reader).score(LETTERS / "unseen", score) == len([*(LETTERS / "unseen").glob("*.txt")])
    request, facts = score.total(scores.REQUEST_FIELDS), score.total(scores.FACT_FIELDS)
    assert min(request.precision, request.recall) >= 0.95
    assert facts.precision >= 0.93
    assert facts.recall >= 0.85


@pytest.mark.parametrize(
    "case", yaml.safe_load((LETTERS / "sentences.yaml").read_text("utf-8")), ids=lambda case: case["says"][:60]
)
def test_sentence(reader: LetterReader, case: dict[str, Any]) -> None:
    letter = _letter(case["says"], case.get("item", "Massage therapy, 6 visits, low back"))
    read = reader.read(letter, "letter.txt")
    held = {name: next(iter(by.values())).value for name, by in read.items[0].findings.items()}
    found = {name: {True: "yes", False: "no"}.get(v, v) if isinstance(v, bool) else v for name, v in held.items()}
    assert found == ({} if case["facts"] == "none" else case["facts"])


@pytest.mark.parametrize("path", sorted(LETTERS.glob("*/*.txt")), ids=lambda p: p.stem)
def test_evidence_stands_where_it_says(path: Path) -> None:
    raw, case = path.read_text("utf-8"), _whole(path)
    seen = 0
    for item in case.items:
        for held in item.findings.values():
            for found in held.values():
                start, end = case.text.raw_span(found.span.start, found.span.end)
                there = " ".join(raw[start:end].split())
                read = " ".join(case.text.text[found.span.start : found.span.end].split())
                # A page's footer may stand between the words.
                for footer in (r"Final Determination Letter \S+ \S+ \S+ \S+ \S+ \d+", r"CM\S+ Page \d+ of \d+"):
                    there = re.sub(f" ?{footer}", "", there)
                assert there.replace("- ", "-") == read.replace("- ", "-")
                assert found.sentence.start <= found.span.start < found.span.end <= found.sentence.end
                seen += 1
    assert seen


@pytest.mark.parametrize(
    ("written", "fact", "value", "words"),
    [
        *(
            (f"SHE {hasnt} RETURNED TO WORK. {{}}", "returned_to_work", False, f"{hasnt} RETURNED TO WORK")
            for hasnt in (
                *("HASN'T", "Hasn'T", "HASNT", "hasn\u2019t", "hasn`t", "HASN\xb4T"),
                *("hasn' t", "hasn;t", "hasn t"),
            )
        ),
        ("He can;t do a home exercise program. {}", "exercise_program", False, "can;t do a home exercise program"),
        ("The MTUS allows what it can. T12 is fused. He has a home exercise program. {}", "exercise_program", True,
         "home exercise program"),
        ("She has a home exer\xadcise pro\xad\n  gram. {}", "exercise_program", True,
         "home exer\xadcise pro\xad\n  gram"),
        ("She has a home exer\u200bcise program. {}", "exercise_program", True, "home exer\u200bcise program"),
        ("She has a home exer-\ncise program. {}", "exercise_program", True, "home exer-\ncise program"),
        ("She has a self-\ndirected exercise. {}", "exercise_program", True, "self-\ndirected exercise"),
        ("Of 12 visits certified 8 have been com-\npleted. {}", "prior_visits", 8,
         "Of 12 visits certified 8 have been com-\npleted"),
    ],
)  # fmt: skip
def test_words_however_typed_are_read_where_they_stand(
    reader: LetterReader, written: str, fact: str, value: object, words: str
) -> None:
    raw = _letter(written.format("It is not medically necessary."), "Massage therapy, 6 visits, low back")
    case = reader.read(raw, "x")
    (found,) = case.items[0].findings[fact].values()
    assert found.value == value
    start, end = case.text.raw_span(found.span.start, found.span.end)
    # Between "n" and "t" the phrase may begin.
    assert words.endswith(raw[start:end])
    assert raw[start:end].lower().endswith(words.split(" ")[-1].split("\n")[-1].lower())
    assert case.text.raw_span(0, len(case.text.text)) == (len(raw) - len(raw.lstrip()), len(raw.rstrip()))


@pytest.mark.parametrize("path", sorted(LETTERS.glob("*/*.txt")), ids=lambda p: p.stem)
def test_case_can_be_checked(path: Path) -> None:
    library = shipped.library()
    data = case_data(_whole(path))
    assert data["records"] == "partial"
    assert data["file"] == path.name
    assert len(check(data, library).items) == len(data["items"])
    rows = table_rows(request_from(from_data(data, path.name), library), library)
    assert [row["item_id"] for row in rows] == [item["id"] for item in data["items"]]
    for row, item in zip(rows, data["items"], strict=True):
        for name in ("functional_improvement", "exercise_program"):
            bases = {"'basis': 'records'" in str(item.get(name, "")): row.get(f"{name}.records")}
            assert all((cell is not None) is known for known, cell in bases.items() if name in item)


@pytest.mark.parametrize(
    ("heading", "facts"),
    [
        ("Massage 3x 4 for the low back", {"requested_visits": 12, "visits_per_week": 3, "weeks": 4}),
        ("Massage, 1 time wkly for 6 wks, 6 sessions", {"requested_visits": 6, "visits_per_week": 1, "weeks": 6}),
        ("MASSAGE THERAPY ( QUANTITY 6)", {"requested_visits": 6}),
        ("Six massage therapy visits", {"requested_visits": 6}),
        ("twelve (12) chiropractic visits", {"requested_visits": 12}),
        ("Acupuncture twice a week for three weeks", {"requested_visits": 6, "visits_per_week": 2, "weeks": 3}),
        ("Physical therapy x 12", {"requested_visits": 12}),
        ("Physical therapy 2 times a week for 6 weeks, 10 visits", {"requested_visits": 10}),
        # Of a range the most that may be asked for.
        ("Massage 2-3 times a week for 4-6 weeks", {"requested_visits": 18, "visits_per_week": 3, "weeks": 6}),
        ("Massage 2 to 3 x per week for 4 weeks", {"requested_visits": 12, "visits_per_week": 3, "weeks": 4}),
        ("Massage 1-2 x week x 4 weeks", {"requested_visits": 8, "visits_per_week": 2, "weeks": 4}),
        ("PT 2-3x4-6 neck", {"requested_visits": 18, "visits_per_week": 3, "weeks": 6}),
        ("Acupuncture 6-8 visits", {"requested_visits": 8}),
        (
            "Acupuncture one to two (1-2) times per week for three to six (3-6) weeks",
            {"requested_visits": 12, "visits_per_week": 2, "weeks": 6},
        ),
        ("Physical therapy 2 times 4", {"requested_visits": 8, "visits_per_week": 2, "weeks": 4}),
        ("PT 2 times per week times 6", {"requested_visits": 12, "visits_per_week": 2, "weeks": 6}),
        ("Physical therapy times 6", {"requested_visits": 6}),
        ("Physical therapy 12", {"requested_visits": 12}),
        ("Physical therapy 97110", {}),
        ("Massage 2 sessions/month x 3 months", {"requested_visits": 6}),
        ("Massage therapy once a month for 6 months", {"requested_visits": 6}),
        ("Massage every other week for 12 weeks", {"requested_visits": 6}),
        # A length of time is no number of visits.
        ("Physical therapy one (1) month", {}),
        ("Physical therapy 12 weeks", {}),
        ("Acupuncture x 30 days", {}),
        ("Massage therapy (60 minutes) 6 sessions", {"requested_visits": 6}),
        ("Physical therapy daily for 2 weeks", {}),
        (
            "Massage therapy once a week times six weeks, 6 visits",
            {"requested_visits": 6, "visits_per_week": 1, "weeks": 6},
        ),
        # Steps add up.
        ("PT 3 times a week for 4 weeks then 2 times a week for 2 weeks", {"requested_visits": 16}),
        ("Chiropractic care, QTY: 3 x 4 = 12", {"requested_visits": 12, "visits_per_week": 3, "weeks": 4}),
        (
            "Massage once or twice weekly for six to eight weeks",
            {"requested_visits": 16, "visits_per_week": 2, "weeks": 8},
        ),
        ("Dilaudid 4mg #90", {"drug": "hydromorphone", "strength": 4, "unit": "mg"}),
        ("Norco 10/325mg #120", {"drug": "hydrocodone", "strength": 10, "unit": "mg"}),
        # The other drug's part may stand first.
        ("Norco 325/10 mg #120", {"drug": "hydrocodone", "strength": 10, "unit": "mg"}),
        ("Norco 325/7.5 #120", {"drug": "hydrocodone", "strength": 7.5, "unit": "mg"}),
        ("Suboxone 8/2 mg #60", {"drug": "buprenorphine", "strength": 8, "unit": "mg"}),
        ("Duragesic 50 mcg #15", {"drug": "fentanyl", "strength": 50, "unit": "mcg_per_hour"}),
        ("Fentanyl patch 50mcg/hr #15", {"drug": "fentanyl", "strength": 50, "unit": "mcg_per_hour"}),
    ],
)
def test_heading(reader: LetterReader, heading: str, facts: dict[str, Any]) -> None:
    asked = dict(reader._headings.read(heading).facts)
    asked.pop("body_region", None)
    assert asked == facts


def test_every_other_week_is_no_region(reader: LetterReader) -> None:
    assert "body_region" not in reader._headings.read("Massage every other week for 12 weeks").facts


BOTH = "Norco 10/325mg #60 and Tramadol 50mg #90"


@pytest.mark.parametrize(
    ("heading", "items"),
    [
        (BOTH, {"Norco 10/325mg #60": "hydrocodone", "Tramadol 50mg #90": "tramadol"}),
        ("Chiropractic 2x4 and massage 1x6", {"Chiropractic 2x4": 8, "massage 1x6": 6}),
        (
            "12 sessions of PT and 8 sessions of chiropractic for the neck",
            {"12 sessions of PT": 12, "8 sessions of chiropractic for the neck": 8},
        ),
        ("PT 2x6 low back, PT 2x4 neck", {"PT 2x6 low back": 12, "PT 2x4 neck": 8}),
        ("Soma 350mg #30; Norco 10/325mg #60", {"Soma 350mg #30": None, "Norco 10/325mg #60": "hydrocodone"}),
        ("Norco 10mg #9 & Norco 5mg #3", {"Norco 10mg #9": "hydrocodone", "Norco 5mg #3": "hydrocodone"}),
        # One item each, whatever is told of it.
        *(
            (heading, {heading: number})
            for heading, number in [
                ("PT 2 times a week, six weeks, 12 visits, neck and low back", 12),
                ("Hydrocodone 10mg and acetaminophen 325mg #60", "hydrocodone"),
                ("Norco 10/325mg, 1 tab every 6 hours, #120", "hydrocodone"),
                ("Physical therapy 2x6 and home exercise", 12),
                # One slip in a word is read over, and the heading stays as it is.
                ("Physcial therapy 2 times 6", 12),
                ("Phyiscal Therpy x12 visit's", 12),
                ("PT 6 sesions lumbar", 6),
                ("Chiroprractic tretments x 4", 4),
            ]
        ),
    ],
)
def test_each_thing_that_a_heading_asks_for_is_an_item(
    reader: LetterReader, heading: str, items: dict[str, object]
) -> None:
    letter = _letter("She walks.") + SECOND.format(heading=f"{heading}: Overturned")
    case = reader.read(letter, "x")
    read = case.items[1:]
    facts = [item.asked.facts for item in read]
    assert {
        item.heading: held.get("requested_visits", held.get("drug"))
        for item, held in zip(read, facts, strict=True)
    } == items
    for item in read:
        assert case.text.text[item.heading_span.start : item.heading_span.end] == item.heading
        assert (item.outcome, item.asked.notes) == ("overturned", ())
    assert len({str(held.get("body_region")) for held in facts}) == (2 if heading.startswith("PT 2x6") else 1)
    check(case_data(case), shipped.library())


def test_a_drug_with_its_quantity_is_read_whatever_stands_behind_it(reader: LetterReader) -> None:
    letter = _letter("It is not medically necessary.", "Norco 10/325mg #60 and urine drug screen")
    (item,) = case_data(reader.read(letter, "x"))["items"]
    assert (item["treatment"], item["drug"]["value"], item["strength"]["value"]) == ("opioid", "hydrocodone", 10)
    assert "also names urine drug screen, of which" in item["note"]


@pytest.mark.parametrize(
    ("heading", "visits", "note"),
    [
        ("Physical therapy and acupuncture 2x6, low back", 12, "also names acupuncture, of which"),
        ("Physical therapy 2x6, low back and MRI lumbar spine", 12, "also names MRI, of which"),
        ("Pool therapy 24 visits, one year gym membership", 24, "also names gym membership, of which"),
        ("Home exercise kit and PT 1x4", 4, "also names exercise, of which"),
        (
            "PT 3x4 weeks, then 2x2 weeks, low back",
            16,
            "the heading asks for 3 a week for 4 weeks, then 2 a week for 2 weeks",
        ),
        (
            "Eight massage visits, 2 times per week for 6 weeks",
            8,
            "8 visits, and for 2 a week for 6 weeks, which are 12",
        ),
    ],
)
def test_what_of_a_heading_is_not_taken_up_is_told(
    reader: LetterReader, heading: str, visits: int, note: str
) -> None:
    (item,) = case_data(reader.read(_letter("It is not medically necessary.", heading), "x"))["items"]
    assert item["requested_visits"]["value"] == visits
    assert note in item["note"]


@pytest.mark.parametrize(
    ("heading", "treatment", "note"),
    [
        ("Cervical epidural injection followed by physical therapy 2x4", "other", "physical_therapy"),
        ("MRI lumbar spine and Norco 10/325mg #60", "other", "hydrocodone"),
        ("MRI lumbar spine and EMG", "other", ""),
        ("OxyContin 20 mg, 40 mg #60 each", "opioid", "40 mg"),
        ("OxyContin 20 mg and 40 mg, #60", "opioid", "40 mg"),
        ("Tramadol 50 mg, 50 mg #60", "opioid", ""),
    ],
)
def test_what_stands_behind_another_treatment_or_strength_is_told(
    reader: LetterReader, heading: str, treatment: str, note: str
) -> None:
    (item,) = case_data(reader.read(_letter("It is not medically necessary. ", heading), "x"))["items"]
    assert item["treatment"] == treatment
    told = re.findall("also names (.*?), of which", item.get("note", ""))
    assert told == ([note] if note else [])


def test_all_that_a_last_heading_asks_for_may_be_cut_off(reader: LetterReader) -> None:
    items = case_data(reader.read(_letter("She walks.", BOTH), "x"))["items"]
    assert ["may be cut off" in item["note"] for item in items] == [True, True]


@pytest.mark.parametrize(
    ("heading", "pieces"),
    [
        ("Norco 10/325mg #120", 120),
        ("Percocet 10/325mg, ninety count", 90),
        ("Norco 10/325 mg, 90-count", 90),
        ("Norco 10/325 mg, quantity: sixty", 60),
        ("Norco 7.5/325 mg, one hundred and twenty tablets", 120),
        ("Norco 7.5/325 mg", None),
        ("Hydrocodone/APAP 5/325 mg Qty: 1,000", 1000),
        ("Norco 10/325 mg #1,200", 1200),
        ("Norco 10/325 mg #3", 3),
        # That number is the product's.
        ("Tylenol with codeine #3 #60", 60),
        ("Tylenol #4", None),
        ("Codeine #60", 60),
        ("Chiropractic care, QTY: 3 x 4 = 12", 12),
    ],
)
def test_pieces(reader: LetterReader, heading: str, pieces: int | None) -> None:
    assert reader._headings.read(heading).pieces == pieces


@pytest.mark.parametrize(
    ("told", "listed"),
    [
        (
            "Diagnoses: lumbar strain, insomnia and wrist stiffness.",
            [("lumbar strain", ["sprain_strain"]), ("insomnia", []), ("wrist stiffness", [])],
        ),
        (
            "He was diagnosed with carpal tunnel syndrome and underwent a release.",
            [("carpal tunnel syndrome", ["carpal_tunnel"])],
        ),
        (
            "Diagnoses: disc protrusion, L5-S1, bilateral.",
            [("disc protrusion, L5-S1, bilateral", ["disc_disorder"])],
        ),
        # What only tells more of a diagnosis is part of it, and words that are one name are not parted.
        (
            "The diagnoses are post-laminectomy syndrome, lumbar, and depression.",
            [("post-laminectomy syndrome, lumbar", ["post_laminectomy"]), ("depression", [])],
        ),
        (
            "Diagnoses: pain in joint, shoulder; myalgia and myositis, unspecified; sprain and strain of neck.",
            [
                ("pain in joint, shoulder", []),
                ("myalgia and myositis, unspecified", ["myalgia_myositis"]),
                ("sprain and strain of neck", ["sprain_strain"]),
            ],
        ),
        (
            "Diagnoses: failed back surgery syndrome (L4-S1).",
            [("failed back surgery syndrome (L4-S1)", ["post_laminectomy"])],
        ),
        (
            "Diagnoses: displacement of disc, without myelopathy, chronic neck pain, rule out radiculopathy.",
            [("displacement of disc, without myelopathy", []), ("chronic neck pain", ["spinal_pain"])],
        ),
        (
            "Diagnoses: stiffness due to trauma, pain secondary to a fall.",
            [("stiffness due to trauma", []), ("pain secondary to a fall", [])],
        ),
        (
            "Diagnoses: lumbar strain without radiculopathy.",
            [("lumbar strain without radiculopathy", ["sprain_strain"])],
        ),
        (
            "Diagnoses: left ankle sprain, resolved; neck strain (resolved in 2012), unresolved knee sprain.",
            [("unresolved knee sprain", ["sprain_strain"])],
        ),
        (
            "He has had treatment for lumbar strain and a great many other things.",
            [("lumbar strain", ["sprain_strain"])],
        ),
    ],
)
def test_diagnoses(reader: LetterReader, told: str, listed: list[tuple[str, list[str]]]) -> None:
    letter = _letter("Nothing.").replace("46 year old male.", f"46 year old male. {told}")
    details = details_data(reader.read(letter, "x"))
    assert [(d["name"], d["groups"]) for d in details["diagnoses"]] == listed


@pytest.mark.parametrize(
    ("cited", "wanted"),
    [
        (
            "Decision based on the Chronic Pain Medical Treatment Guidelines, pgs. 98-99.",
            [{"name": "Chronic Pain Medical Treatment Guidelines", "pages": "98-99"}],
        ),
        (
            "Decision based on MTUS Postsurgical Treatment 2009, Section(s): Knee, pp. 24\u201325.",
            [{"name": "MTUS Postsurgical Treatment 2009", "section": "Knee", "pages": "24-25"}],
        ),
        (
            "Decision based on MTUS Chronic Pain Treatment Guidelines page 80, When to Continue Opioids.",
            [
                {
                    "name": "MTUS Chronic Pain Treatment Guidelines",
                    "section": "When to Continue Opioids",
                    "pages": "80",
                }
            ],
        ),
        (
            "Decision based on MTUS Chronic Pain Treatment Guidelines pages 78 to 80, On-Going Management, "
            "and page 124, Weaning.",
            [
                {
                    "name": "MTUS Chronic Pain Treatment Guidelines",
                    "section": "On-Going Management",
                    "pages": "78-80",
                },
                {"name": "MTUS Chronic Pain Treatment Guidelines", "section": "Weaning", "pages": "124"},
            ],
        ),
        (
            "Decision based on MTUS Chronic Pain Guidelines Opioids page 78, Weaning page 124.",
            [
                {"name": "MTUS Chronic Pain Guidelines", "section": "Opioids", "pages": "78"},
                {"name": "MTUS Chronic Pain Guidelines", "section": "Weaning", "pages": "124"},
            ],
        ),
        (
            "Decision based on the Acupuncture Medical Treatment Guidelines, which is a part of the MTUS.",
            [{"name": "Acupuncture Medical Treatment Guidelines"}],
        ),
        (
            "Decision based on the Ankle and Foot Complaints Chapter, page 370.",
            [{"name": "Ankle and Foot Complaints Chapter", "pages": "370"}],
        ),
        ("The Expert Reviewer did not base its decision on the MTUS.", []),
    ],
)
def test_guidelines_relied_on(reader: LetterReader, cited: str, wanted: list[dict[str, str]]) -> None:
    letter = _letter("Nothing.").replace(
        "MAXIMUS guideline: Decision based on ODG.", f"MAXIMUS guideline: {cited}"
    )
    item = details_data(reader.read(letter, "x"))["items"][0]
    assert item["reviewer_guidelines"] == wanted
    assert item["administrator_guidelines"] == [{"name": "ODG"}]


@pytest.mark.parametrize(
    ("told", "entries"),
    [
        ("He takes Norco 10/325 four times a day.", [("hydrocodone", 10, "mg", 4)]),
        ("Medications: Norco 10/325 mg 1-2 tablets q6h prn pain.", [("hydrocodone", 10, "mg", 8)]),
        ("He takes Norco twice daily.", [("hydrocodone", 5, "mg", 2)]),
        (
            "She is on Duragesic 25 mcg/hr every 72 hours, gabapentin 300 mg TID and Norco 5/325 mg BID.",
            [("fentanyl", 25, "mcg_per_hour", 1), ("hydrocodone", 5, "mg", 2)],
        ),
        # One that is named without its dose would make the list too short.
        ("He takes Norco 10/325 four times a day and OxyContin.", None),
        ("He takes Norco 10/325 four times a day. UR denied OxyContin.", [("hydrocodone", 10, "mg", 4)]),
        ("He takes Norco as needed.", None),
        (
            "He was on OxyContin 80 mg tid in 2010 but takes Norco 10/325 mg bid.",
            [("hydrocodone", 10, "mg", 2)],
        ),
        ("He takes Norco 10/325 mg q 4 hours, max 4/day.", [("hydrocodone", 10, "mg", 4)]),
        ("He takes Norco 10/325 mg every 6 hours. He previously took Percocet.", [("hydrocodone", 10, "mg", 4)]),
        ("He was on Norco 10/325 mg bid, and OxyContin.", None),
        ("A request for Norco 10/325 four times a day was made.", None),
        # The most that may be taken counts, and what another takes does not.
        (
            "She takes Norco 10/325 mg one to two tablets every 4 to 6 hours, maximum 6 per day.",
            [("hydrocodone", 10, "mg", 6)],
        ),
        ("She takes Norco 10/325 mg 1 to 2 tabs q4h, 5 tablets/day max.", [("hydrocodone", 10, "mg", 5)]),
        ("She takes Norco 10/325 mg one or two tablets twice daily.", [("hydrocodone", 10, "mg", 4)]),
        (
            "She takes Norco 10/325 mg, 4 per day. Her husband takes Percocet 10 mg twice a day.",
            [("hydrocodone", 10, "mg", 4)],
        ),
        (
            "Her husband says that she takes Norco 10/325 mg, 4 per day, and Percocet 10 mg bid.",
            [("hydrocodone", 10, "mg", 4), ("oxycodone", 10, "mg", 2)],
        ),
        # What was taken before, and a dose that was another, is not taken.
        ("He takes Norco 10/325 mg qid, raised from Norco 5/325 mg bid in May.", [("hydrocodone", 10, "mg", 4)]),
        ("Norco was raised from 5/325 to 10/325 mg qid.", [("hydrocodone", 10, "mg", 4)]),
        (
            "He takes Norco 10/325 mg qid. Morphine ER was increased from 15 to 30 mg bid.",
            [("hydrocodone", 10, "mg", 4), ("morphine", 30, "mg", 2)],
        ),
        ("Norco 10/325 mg was decreased from 6 a day to 4 a day.", [("hydrocodone", 10, "mg", 4)]),
        ("He was on OxyContin 80 until 2011 and now takes Norco 10/325 mg qid.", [("hydrocodone", 10, "mg", 4)]),
        (
            "In January he took Percocet 10 mg every 12 hours; he takes Norco 10/325 mg qid.",
            [("hydrocodone", 10, "mg", 4)],
        ),
        ("Percocet 10 mg tid was replaced by Norco 10/325 mg qid.", [("hydrocodone", 10, "mg", 4)]),
        # Each drug's number, and what they come to.
        (
            "He takes Norco 10/325 mg qid (40 MED) and OxyContin 20 mg bid (60 MED).",
            [("hydrocodone", 10, "mg", 4), ("oxycodone", 20, "mg", 2)],
        ),
        # Halves, and a number that stands before the drug.
        ("She takes Norco 10/325 mg 1/2 tab twice daily.", [("hydrocodone", 10, "mg", 1)]),
        ("She takes half a Norco 10/325 mg twice a day.", [("hydrocodone", 10, "mg", 1)]),
        ("She takes Norco 10/325 mg 1 1/2 tabs bid.", [("hydrocodone", 10, "mg", 3)]),
        ("She takes 1-2 Norco 10/325 mg daily.", [("hydrocodone", 10, "mg", 2)]),
        ("Medications: Norco 10/325 mg #120, 1-2 q6h prn.", [("hydrocodone", 10, "mg", 8)]),
        ("Norco 10/325 mg #60 tablets bid.", [("hydrocodone", 10, "mg", 2)]),
        # Times of day add up; numbers that contradict each other are none.
        ("She takes Norco 10/325 mg 1 tab in the morning and 2 tabs at night.", [("hydrocodone", 10, "mg", 3)]),
        ("She takes one Norco 10/325 mg in the morning and one at night.", [("hydrocodone", 10, "mg", 2)]),
        ("Norco 10/325 mg twice daily, in the morning and at night.", [("hydrocodone", 10, "mg", 2)]),
        ("Norco 10/325 mg BID and 2 tabs at night.", [("hydrocodone", 10, "mg", 4)]),
        ("Norco 10/325 mg daily at bedtime.", [("hydrocodone", 10, "mg", 1)]),
        ("Norco 10/325 mg TID-QID prn.", [("hydrocodone", 10, "mg", 4)]),
        ("Norco 10/325 mg four times a day, and the pain wakes her at night.", [("hydrocodone", 10, "mg", 4)]),
        (
            "She is prescribed Norco 10/325 mg QID but takes only 2 a day.",
            None,
        ),
        ("She takes Norco 10/325 mg twice daily (was four times daily).", [("hydrocodone", 10, "mg", 2)]),
        ("Norco 10/325 mg was increased from b.i.d. to q.i.d.", [("hydrocodone", 10, "mg", 4)]),
        ("Norco 10/325 mg 1 in the morning and 5 mg at night.", None),
        # What is over, refused, or only thought of is not taken.
        (
            "Prior to 12/2014 she was on MS Contin 60 mg b.i.d. She takes Norco 10/325 mg b.i.d.",
            [("hydrocodone", 10, "mg", 2)],
        ),
        (
            "Before Dec. 2014 she was on MS Contin 60 mg b.i.d. She takes Norco 10/325 mg b.i.d.",
            [("hydrocodone", 10, "mg", 2)],
        ),
        ("She used to take MS Contin 60 mg bid. She takes Norco 10/325 mg b.i.d.", [("hydrocodone", 10, "mg", 2)]),
        ("She isn't taking Norco 10/325 mg twice a day.", None),
        ("She is not working and is taking Norco 10/325 mg qid.", [("hydrocodone", 10, "mg", 4)]),
        (
            "She refuses OxyContin 20 mg twice a day. She takes Norco 10/325 mg twice a day.",
            [("hydrocodone", 10, "mg", 2)],
        ),
        (
            "If pain persists, OxyContin 20 mg twice a day. If needed, she takes Norco 10/325 mg bid.",
            [("hydrocodone", 10, "mg", 2)],
        ),
        ("Norco 10/325 mg b.i.d.; OxyContin 20 mg, discontinued.", [("hydrocodone", 10, "mg", 2)]),
        # Of several reports the latest counts, and what is told of the present before any; the only one stays.
        (
            "He takes Norco 10/325 mg bid. On August 3, 2012, he was using Norco 5/325 mg bid.",
            [("hydrocodone", 10, "mg", 2)],
        ),
        (
            "On 3/1/2013 she was on Norco 5/325 mg bid. On 5/17/2013 Norco 10/325 mg qid was listed.",
            [("hydrocodone", 10, "mg", 4)],
        ),
        ("On 5/17/2013 Norco 10/325 mg qid was listed.", [("hydrocodone", 10, "mg", 4)]),
        (
            "Now he takes Norco 10/325 mg bid. At the last visit he took Norco 10/325 mg qid.",
            [("hydrocodone", 10, "mg", 2)],
        ),
        ("On May 1 she was on MS Contin 15 mg bid. Today she takes Norco 10/325 mg bid.", None),
        # The number that the letter gives is not what this list comes to.
        ("He takes Norco 10/325 four times a day, a MED of 90 mg.", None),
        ("He takes Norco 10/325 four times a day, a MED of 40 mg.", [("hydrocodone", 10, "mg", 4)]),
    ],
)
def test_opioids_taken(reader: LetterReader, told: str, entries: list[tuple[object, ...]] | None) -> None:
    letter = _letter("Nothing.", "Norco 5/325mg #60").replace("46 year old male.", f"46 year old male. {told}")
    item = case_data(reader.read(letter, "x"))["items"][0]
    if entries is None:
        assert "opioids" not in item
        return
    assert [tuple(entry.values()) for entry in item["opioids"]["value"]] == entries
    assert item["opioids"]["basis"] == "records"


@pytest.mark.parametrize(
    ("told", "phase"),
    [
        ("He has chronic low back pain.", "chronic"),
        ("He has sub-acute neck pain.", "subacute"),
        ("He has an acute exacerbation of chronic pain.", "chronic"),
        ("He has neck pain.", None),
    ],
)
def test_phase_of_the_pain(reader: LetterReader, told: str, phase: str | None) -> None:
    letter = _letter("Nothing.").replace("46 year old male.", f"46 year old male. {told}")
    claim = case_data(reader.read(letter, "x"))["claim"]
    assert claim.get("pain_phase", {}).get("value") == phase


@pytest.mark.parametrize(
    ("told", "as_of", "basis"),
    [
        ("She denied numbness on 8/1/2013. A report of 6/1/2014 was reviewed.", "2014-06-01", "latest_record"),
        (
            "The MRI was denied on 2/2/2012. The request for authorization is dated 6/1/2014.",
            "2014-06-01",
            "request",
        ),
        ("She is on modified duty on 3/1/2011. A report of 6/1/2014 was seen.", "2014-06-01", "latest_record"),
        ("The request was noncertified on 06.20.14. A report of 7/1/2014 came.", "2014-06-20", "ur_decision"),
        ("UR of 1/5/2014 and then UR of 6/20/2014 denied the request.", "2014-06-20", "ur_decision"),
        ("On June 2nd, 2014, the claims administrator denied the visits.", "2014-06-02", "ur_decision"),
        # Not before the decision, hence another.
        ("UR of 6/20/2014 denied it. UR of 6/20/2016 denied more.", "2014-06-20", "ur_decision"),
    ],
)
def test_as_of_is_the_date_of_a_review(reader: LetterReader, told: str, as_of: str, basis: str) -> None:
    letter = _letter("Nothing.").replace("46 year old male.", f"46 year old male. {told}")
    case = reader.read(letter.replace(" UR Denial Date: 05/28/2015", ""), "x")
    assert (case.as_of.isoformat(), case.as_of_basis) == (as_of, basis)


@pytest.mark.parametrize(
    ("told", "as_of"),
    [
        ("She is scheduled for surgery on 9/1/2014.", None),
        ("Visits were authorized through 12/31/2014.", None),
        ("Her disability was extended to 7/1/2014, seen 5/12/2014.", "2014-05-12"),
        ("Her disability was extended from 6/1/2014 to 7/1/2014.", None),
        ("She is off work until her visit of 6/1/2014.", "2014-06-01"),
        ("The MTUS effective 7/18/2009 applies.", None),
        ("Date of birth 5/1/1970.", None),
        ("He was hurt in an accident on 3/2/2013.", None),
        ("The 6/1/2014 date of injury is told.", None),
        ("He slipped on 2/19/2013.", None),
        ("The injured worker was seen on 6/1/2014.", "2014-06-01"),
        ("The reports from 5/1/2014 to 6/1/2014 tell pain.", "2014-06-01"),
        ("The follow-up report of 6/1/2014 planned surgery.", "2014-06-01"),
        ("A treatment plan dated 6/1/2014 has massage.", "2014-06-01"),
    ],
)
def test_as_of_is_no_date_that_is_of_no_record(reader: LetterReader, told: str, as_of: str | None) -> None:
    letter = _letter("Nothing.").replace("46 year old male.", f"46 year old male. {told}")
    case = reader.read(letter.replace(" UR Denial Date: 05/28/2015", ""), "x")
    wanted = ("2015-08-04", "decision") if as_of is None else (as_of, "latest_record")
    assert (case.as_of.isoformat(), case.as_of_basis) == wanted


def test_records_and_reviewer_are_both_kept_where_they_differ(reader: LetterReader) -> None:
    letter = _letter("He does a home exercise program.").replace(
        "46 year old male.", "46 year old male. There is no documentation of a home exercise program."
    )
    item = case_data(reader.read(letter, "x"))["items"][0]
    assert [(f["basis"], f["value"]) for f in item["exercise_program"]] == [
        ("records", "undocumented"),
        ("reviewer", "yes"),
    ]


@pytest.mark.parametrize(
    ("summary", "age", "sex"),
    [
        ("The worker is a 46 year old male.", 46, "male"),
        ("44F with low back pain since a fall.", 44, "female"),
        ("Pt is a 38 M, RHD, who lifted a crate.", 38, "male"),
        ("58 y/o RHD F, cashier.", 58, "female"),
        ("Took 2 m of tubing home. 10 MG tablets. Room 52 M3.", None, None),
    ],
)
def test_age_and_sex(reader: LetterReader, summary: str, age: int | None, sex: str | None) -> None:
    letter = _letter("Not supported.").replace("The worker is a 46 year old male.", summary)
    claim = reader.read(letter, "letter.txt").claim
    assert (claim["age"].value if "age" in claim else None, claim["sex"].value if "sex" in claim else None) == (
        age,
        sex,
    )


def test_page_footer_in_mid_sentence_is_no_break(reader: LetterReader) -> None:
    footer = "Final Determination Letter for IMR Case Number CM15-0000001  3"
    text = f"There is no documentation\n\n{footer}\n\nof functional improvement."
    item = case_data(reader.read(_letter(text), "x"))["items"][0]
    assert item["functional_improvement"]["value"] == "undocumented"


def test_words_of_contrast_part_what_is_said_of_two_treatments(reader: LetterReader) -> None:
    told = "There was no improvement in function with massage but acupuncture helped reduce medication use."
    letter = _letter("Nothing.").replace("46 year old male.", f"46 year old male. {told}")
    case = reader.read(
        letter + SECOND.format(heading="Acupuncture 2x3: Upheld").split("There is")[0] + "It is.", "x"
    )
    massage, acupuncture = case_data(case)["items"]
    assert massage["functional_improvement"]["value"] == "no"
    assert acupuncture.get("functional_improvement", {}).get("value") != "no"


def test_outcome_words_are_no_facts(reader: LetterReader) -> None:
    upheld, overturned = _letter("Nothing."), _letter("Nothing.").replace(": Upheld", ": Overturned")
    first, second = (case_data(reader.read(text, "x"))["items"][0] for text in (upheld, overturned))
    assert (first.pop("actual"), second.pop("actual")) == ("upheld", "overturned")
    assert set(first) == set(second)


@pytest.mark.parametrize(
    "text", ["", "Dear Sir,", "HOW THE IMR FINAL DETERMINATION WAS MADE", "Massage: Upheld\n" * 3]
)
def test_what_is_no_letter_is_refused_with_the_reason(reader: LetterReader, text: str) -> None:
    with pytest.raises(NotReadable, match=r"\w"):
        reader.read(text, "x")


SECOND = """
{heading}

Claims Administrator guideline: Decision based on MTUS.

MAXIMUS guideline: Decision based on MTUS.

Decision rationale: There is no documentation of functional improvement. The request is not medically necessary.
"""


@pytest.mark.parametrize(
    ("heading", "outcome"),
    [
        ("Norco 10/325mg #60: Partially Overturned", None),
        ("Norco 10/325mg #60: Modified", None),
        ("Norco 10/325mg #60: Overturned in part", None),
        ("Norco 10/325mg #60 - Upheld", "upheld"),
        ("Norco 10/325mg #60: Upheld (see below)", "upheld"),
        ("Norco 10/325mg #60\n\n: Overturned", "overturned"),
        ("Norco 10/325mg #60:\n\nUpheld", "upheld"),
        ("Norco 10/325mg #60\nUpheld", "upheld"),
        ("Norco 10/325mg #60 : Upheld Final Determination Letter for IMR Case Number CM15-0000001 4", "upheld"),
        ("Norco 10/325mg #60: Upheld Claims Administrator guideline: Decision based on ODG.", "upheld"),
        ("Norco " + "for the pain " * 60 + "#60: Upheld", "upheld"),
    ],
)
def test_headings_are_read_however_the_outcome_stands(
    reader: LetterReader, heading: str, outcome: str | None
) -> None:
    case = case_data(reader.read(_letter("She exercises.") + SECOND.format(heading=heading), "x"))
    first, second = case["items"]
    assert "functional_improvement" not in first
    assert second["functional_improvement"]["value"] == "undocumented"
    assert (first["actual"], second.get("actual")) == ("upheld", outcome)
    assert ("note" in second) is (outcome is None)
    assert len(check(case, shipped.library()).items) == 2


@pytest.mark.parametrize(
    ("heading", "joined"),
    [
        (
            "Massage therapy 2 times a week\n\nfor 4 weeks, low back: Overturned",
            "Massage therapy 2 times a week for 4 weeks, low back",
        ),
        ("Massage therapy\n\nQTY: 8: Overturned", "Massage therapy QTY: 8"),
        (
            "Massage therapy for the low back and\nthe neck\n\n2 x 4\n\n: Overturned",
            "Massage therapy for the low back and the neck 2 x 4",
        ),
        ("2. Massage therapy\n\n8 visits: Overturned", "Massage therapy 8 visits"),
    ],
)
def test_a_heading_split_over_paragraphs_is_one(reader: LetterReader, heading: str, joined: str) -> None:
    case = reader.read(_letter("She exercises.") + SECOND.format(heading=heading), "x")
    assert [item.heading for item in case.items] == ["Massage therapy, 6 visits, low back", joined]
    assert [item.outcome for item in case.items] == ["upheld", "overturned"]
    assert case.items[1].asked.facts["requested_visits"] == 8


@pytest.mark.parametrize(
    "end",
    [
        "The request is not medically necessary",
        "The visits are denied",
        "\n".join(["words of the reviewer that run on"] * 6),
    ],
)
def test_reasons_without_a_full_stop_are_no_heading(reader: LetterReader, end: str) -> None:
    case = reader.read(_letter(f"She exercises.\n\n{end}") + SECOND.format(heading="Norco #60: Overturned"), "x")
    assert [item.heading for item in case.items] == ["Massage therapy, 6 visits, low back", "Norco #60"]


@pytest.mark.parametrize(
    ("reasons", "note"),
    [
        ("She exercises. The request is not medically necessary.", None),
        ("She exercises. The request is not medically necessary", None),
        ("The request for massage is not supported. /kf", None),
        ("She exercises. Further visits are not medically necessary. Weaning is recommended.", None),
        ("She exercises.", "may be cut off"),
        ("She exercises. The", "may be cut off"),
    ],
)
def test_a_last_item_without_determination_has_a_note(
    reader: LetterReader, reasons: str, note: str | None
) -> None:
    (item,) = case_data(reader.read(_letter(reasons), "x"))["items"]
    assert ("note" in item) is (note is not None)
    assert note is None or note in item["note"]
    assert item["actual"] == "upheld"


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("outcome", "read"),
    [
        *(
            (said, False)
            for said in ("Denied", "Not Certified", "Affirmed", "Reversed", "Remanded", "Upheld/Modified")
        ),
        *((said, False) for said in ("Upheld as to 6 visits", "Overturned for 6 visits only", "Not upholding")),
        *((said, True) for said in ("Uphled", "Uphelds", "Overtuned", "Overturn", "UPHELD IN FULL", "Modiied")),
    ],
)
def test_an_item_is_lost_nowhere_without_a_word(
    reader: LetterReader, outcome: str, place: int, read: bool
) -> None:
    headings = ["Massage therapy x 6: Upheld", "Norco 5/325 mg #60: Overturned"]
    headings.insert(place, f"Physical therapy x 8: {outcome}")
    first = _letter("").split("Massage therapy, 6 visits")[0]
    letter = first + "".join(SECOND.format(heading=heading) for heading in headings)
    if not read:
        with pytest.raises(NotReadable, match=r"not understood|that was understood"):
            reader.read(letter, "x")
        return
    items = reader.read(letter, "x").items
    assert [item.heading for item in items] == [heading.split(":")[0] for heading in headings]
    decided = {"u": "upheld", "o": "overturned", "m": "mixed"}[outcome[0].casefold()]
    assert items[place].outcome == decided


def test_an_item_without_labels_is_not_lost_at_the_head(reader: LetterReader) -> None:
    first, second = _letter("").split("Massage therapy, 6 visits")
    lost = "Physical therapy x 8: Denied\n\nThe request is not medically necessary.\n\n"
    with pytest.raises(NotReadable, match="before the first heading"):
        reader.read(f"{first}{lost}Massage therapy, 6 visits{second.rstrip()} She walks.", "x")
    introduced = "What follows are the decisions on each of the services:\n\n"
    assert (
        len(reader.read(f"{first}{introduced}Massage therapy, 6 visits{second.rstrip()} She walks.", "x").items)
        == 1
    )


EFFECT = """Effect of the Decision:

The determination of the reviewer is deemed to be the final determination, and binds all parties. She has a home
exercise program.

Sincerely,

Ann Example, MD, MPH
Medical Director

cc: Department of Industrial Relations
"""


@pytest.mark.parametrize(
    "end",
    [
        *(EFFECT, EFFECT[EFFECT.index("Sincerely") :], EFFECT[EFFECT.index("cc:") :]),
        *("\u00a9 2013 Example Review, Inc. All rights reserved", "Copyright 2014 Example Review, Inc."),
        *(
            "END OF DOCUMENT",
            "DWC Form IMR Rev. 2/2014",
            "https://www.example.org/letters 3/3",
            "8/4/2016, 3:22 PM",
        ),
        *("\nDate: August 4, 2016 Reviewer ID 2231", "\nThe Example Review Organization\nAnn Example, MD, MPH"),
    ],
)
def test_what_stands_behind_the_last_reasons_is_no_part_of_them(reader: LetterReader, end: str) -> None:
    letter = _letter("The visits are many. The request for massage is not medically necessary.")
    (item,) = case_data(reader.read(letter + end, "x"))["items"]
    assert "exercise_program" not in item
    assert "note" not in item


def test_a_closing_in_mid_letter_ends_no_item(reader: LetterReader) -> None:
    cover = f"Final Determination: UPHOLD\n\nThis means that none of the services are necessary.\n\n{EFFECT}\n"
    letter = cover + _letter("She exercises.\n\n" + EFFECT) + SECOND.format(heading="Norco #60: Overturned")
    case = reader.read(letter, "x")
    assert [item.outcome for item in case.items] == ["upheld", "overturned"]
    assert "functional_improvement" in case.items[1].findings
    with pytest.raises(NotReadable, match="second set of reasons"):
        reader.read(letter.replace("Norco #60: Overturned", "Norco #60: Denied"), "x")


def test_reasons_that_go_on_behind_their_determination_may_be_cut_off(reader: LetterReader) -> None:
    ends = ["Weaning of the drug is to be", "Weaning is right.\n\nThe drug has to be weaned, over the weeks that"]
    for end in ends:
        with pytest.raises(NotReadable, match="mid-sentence"):
            reader.read(_letter(f"The request is not medically necessary. {end}"), "x")


def _told_of_the_end(reader: LetterReader, letter: str) -> str:
    """Return the reason for which a letter is refused, else the note of its last item."""
    try:
        return str(case_data(reader.read(letter, "x"))["items"][-1].get("note", ""))
    except NotReadable as reason:
        return str(reason)


def test_a_letter_cut_off_anywhere_in_its_last_reasons_says_so(reader: LetterReader) -> None:
    raw = (LETTERS / "invented/b018.txt").read_text("utf-8").rstrip()
    start = raw.rindex("Decision rationale:") + 60
    end = raw.rindex("medically")
    for cut in range(start, end, 7):
        assert "cut off" in _told_of_the_end(reader, raw[:cut])
    assert _told_of_the_end(reader, raw) == ""


NUMBERED = """Dated: 12/23/2013
Date of UR Decision: 7/10/2013
MAXIMUS Case Number: CM13-0003399

1) MAXIMUS Federal Services, Inc. has determined the request for massage, 6 visits, {first} medically necessary.

2) MAXIMUS Federal Services, Inc. has determined the request for Norco is not medically necessary and appropriate.

INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE

CASE SUMMARY

The patient is a 40 year old man.

1) Regarding the request for massage{colon}

Rationale for the Decision:
There is no documentation of functional improvement.

{number}) Regarding the request for Norco:

Rationale for the Decision:
He takes Norco.
"""


@pytest.mark.parametrize("colon", [":", "", ", 6 visits, to the\nlow back"])
@pytest.mark.parametrize(
    ("first", "outcome"), [("was not", "upheld"), ("is partially", "mixed"), ("are", "overturned")]
)
def test_numbered_outcomes_and_reasons(reader: LetterReader, first: str, outcome: str, colon: str) -> None:
    case = reader.read(NUMBERED.format(first=first, colon=colon, number=2), "x")
    assert [item.outcome for item in case.items] == [outcome, "upheld"]
    assert ["functional_improvement" in item.findings for item in case.items] == [True, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NUMBERED.format(first="cannot be called", colon=":", number=2), "was not understood|numbered 1"),
        (NUMBERED.format(first="is", colon=":", number=3), "numbered 3"),
        (NUMBERED.format(first="is", colon=":", number=2)[:-60], "item 2 has no reasons"),
        (_letter("She exercises.") + SECOND.format(heading="Norco, in dispute"), "second set of reasons"),
        (
            _letter("She exercises.") + SECOND.format(heading="Norco: Overturned, then upheld again"),
            "not understood",
        ),
        (_letter("She exercises.\n\nThe decision was: Upheld\n\nShe walks."), "lacks the label"),
        (_letter(""), "no reasons"),
        (_letter("She exercises. The records show that she"), "item 1 end in mid-sentence"),
        (
            _letter("She exercises.") + "\f" + _letter("She walks.").replace("0000001", "0000002"),
            "more than one letter",
        ),
        (_letter("She exercises.") + "\f" + _letter("She walks."), "more than one letter"),
    ],
)
def test_a_letter_of_which_an_item_would_be_lost_is_refused(reader: LetterReader, text: str, reason: str) -> None:
    with pytest.raises(NotReadable, match=reason):
        reader.read(text, "x")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_letter_is_read_or_refused(data: st.DataObject) -> None:
    reader = shipped.letter_reader()
    text = (LETTERS / "invented/b001.txt").read_text("utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    noise = data.draw(st.text(max_size=30))
    with suppress(NotReadable):
        assert isinstance(reader.read(text[:start] + noise + text[end:], "x"), LetterCase)


@pytest.mark.skipif(not SEEDS, reason="GUIDECHECK_SEEDS names no folder with the published decisions")
def test_published_decisions_are_predicted_from_their_letters_alone(reader: LetterReader) -> None:
    predicted = []
    for path in sorted(Path(SEEDS or "").glob("*.txt")):
        raw = path.read_text("utf-8")
        data = case_data(reader.read(raw, path.name))
        decided = [word.lower() for word in re.findall(r":\s+(Upheld|Overturned)\b", raw)]
        assert [item["actual"] for item in data["items"]] == decided
        predicted += [(item.outcome.value, str(item.item.actual)) for item in check(data, shipped.library()).items]
    assert len(predicted) == 9
    assert all(outcome == actual for outcome, actual in predicted)


@pytest.mark.parametrize("path", sorted(LETTERS.glob("*/*.txt")), ids=lambda p: p.stem)
def test_without_empty_lines_the_items_are_the_same(headings_reader: LetterReader, path: Path) -> None:
    raw = path.read_text("utf-8")
    close = "\n".join(line for line in raw.splitlines() if line.strip())
    first, second = headings_reader.read(raw, "x"), headings_reader.read(close, "x")
    assert [(i.heading, i.outcome) for i in first.items] == [(i.heading, i.outcome) for i in second.items]


# By file and part: how much is read at least, and how much of what is said is right at least.
PHRASE_FLOORS = {
    ("phrases", "seen"): (0.95, 0.95),
    ("phrases", "kept_back"): (0.89, 0.97),
    ("phrases_therapy", "seen"): (0.95, 0.97),
    ("phrases_therapy", "kept_back"): (0.82, 0.93),
    ("phrases_opioid", "seen"): (0.63, 0.84),
    ("phrases_opioid", "kept_back"): (0.71, 0.86),
}


@pytest.mark.parametrize(("file", "part"), PHRASE_FLOORS)
def test_phrases(reader: LetterReader, file: str, part: str) -> None:
    """How much of what reviewers say is read, and that other values than those told are not."""
    counts = scores.phrase_counts(reader, LETTERS / f"{file}.yaml", part)
    total = sum(counts.values(), scores.PhraseCount())
    recall, precision = PHRASE_FLOORS[file, part]
    assert total.told > 100
    assert total.recall >= recall, total
    assert total.precision >= precision, total


@pytest.mark.parametrize(("kept_back", "recall"), [(False, 0.9), (True, 0.8)])
def test_passages(reader: LetterReader, kept_back: bool, recall: float) -> None:
    wanted, right, wrong = 0, 0, []
    for passage in yaml.safe_load((LETTERS / "passages.yaml").read_text("utf-8")):
        if passage.get("kept_back", False) != kept_back:
            continue
        letter = _letter(passage["says"], scores.PHRASE_ITEMS[passage["item"]])
        held = reader.read(letter, "letter.txt").items[0].findings
        for fact, value in passage["facts"].items():
            values = [found.value for found in held.get(fact, {}).values()]
            wanted += 1
            as_told = values == [{"yes": True, "no": False}.get(value, value)]
            right += as_told
            wrong += [(passage["says"], fact)] if values and not as_told else []
    assert wanted > 25
    assert right / wanted >= recall
    assert len(wrong) / wanted <= 0.05, wrong


@pytest.mark.parametrize("behind", [":\n{}", "\n: {}", "\n{}", ":\n\n{}"])
def test_the_outcome_on_a_line_of_its_own_is_that_of_the_heading(
    headings_reader: LetterReader, behind: str
) -> None:
    moved = 0
    for path in sorted(LETTERS.glob("*/*.txt")):
        raw = path.read_text("utf-8")
        apart, count = re.subn(
            r"(?m)[:;] *(Upheld|Overturned|Partially Overturned)\b *$", lambda m: behind.format(m[1]), raw
        )
        first, second = headings_reader.read(raw, "x"), headings_reader.read(apart, "x")
        assert [(i.heading, i.outcome) for i in first.items] == [(i.heading, i.outcome) for i in second.items]
        moved += count
    assert moved > 40
