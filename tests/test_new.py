"""`guidecheck new`: a form for every treatment that people can fill in and check."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import shipped
from guidecheck.cli.main import main
from guidecheck.deciding.checking import Checker
from guidecheck.errors import RequestError
from guidecheck.language.derivations import Formula
from guidecheck.language.facts import Fact, FactType
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import parse
from guidecheck.requests.request import Request
from guidecheck.requests.request_form import guidelines_for, request_form
from guidecheck.requests.request_reader import request_from
from reporting import only

LIBRARY = shipped.library()
FACTS = LIBRARY.vocabulary.facts
TREATMENTS = list(FACTS[TREATMENT].choices)
DAY = date(2015, 8, 21)
LATER = date(2026, 11, 21)

_LINE = re.compile(r"^( *)#( *- | *)([a-z_]+):$", re.MULTILINE)


def form(treatment: str, day: date = DAY, library: Library = LIBRARY) -> str:
    return request_form(library, treatment, day, dated=True)


def read(text: str) -> Request:
    return request_from(parse(text, "form"), LIBRARY, today=LATER)


def asked(text: str) -> list[str]:
    """Return the facts that a form asks for, without the parts of lists."""
    return [name for _, dash, name in _LINE.findall(text) if name in FACTS and not dash]


def sample(fact: Fact) -> str:
    if fact.name == "unit":
        return "mcg_per_hour"  # what is given by patches has no other
    match fact.type:
        case FactType.BOOLEAN:
            return "yes"
        case FactType.CHOICE | FactType.SET:
            return next(iter(fact.choices))
        case FactType.DATE:
            return "2015-01-05"
        case _:
            return str(max(1, int(fact.minimum or 0))) if isinstance(fact.minimum, int | float) else "1"


def fill(text: str, name: str) -> str:
    """Fill in a fact as a person would: take the # away, write behind the colon. Of a list, its parts."""
    parts = FACTS[name].of
    answer = "" if parts else f" {sample(FACTS[name])}"
    text, count = re.subn(rf"^( *)#{name}:$", rf"\1{name}:{answer}", text, count=1, flags=re.MULTILINE)
    assert count == 1
    for part in parts:
        line = rf"^( *)#( +(?:- )?{part}:)$"
        text, count = re.subn(line, rf"\1\2 {sample(FACTS[part])}", text, count=1, flags=re.MULTILINE)
        assert count == 1
    return text


def needed_of(treatment: str) -> list[str]:
    """Return what a form asks for as needed; for one that is only worked out, what it follows from."""
    needed = LIBRARY.vocabulary.needed.get(treatment, ())
    return [source for name in needed for source in LIBRARY.vocabulary.inputs(name)[:1] or [name]]


def filled(treatment: str, *names: str, day: date = DAY) -> Request:
    text = form(treatment, day)
    for name in dict.fromkeys((*needed_of(treatment), *names)):
        text = fill(text, name)
    return read(text)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("day", [DAY, LATER], ids=str)
def test_a_form_is_accepted_as_it_is_or_says_what_is_missing(treatment: str, day: date) -> None:
    text = form(treatment, day)
    needed = LIBRARY.vocabulary.needed.get(treatment, ())
    if needed:
        with pytest.raises(RequestError) as error:
            read(text)
        assert {finding.code for finding in error.value.findings} == {"missing-fact"}
        # Of a fact that only follows from others, those are named.
        derivations = LIBRARY.vocabulary.derivations
        for name in needed:
            parts = LIBRARY.vocabulary.inputs(name) if isinstance(derivations.get(name), Formula) else [name]
            assert all(f"`{part}`" in str(error.value) for part in parts)
    assert filled(treatment, day=day).items[0].treatment == treatment


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_each_line_can_be_filled_in(treatment: str) -> None:
    names, checker = list(asked(form(treatment))), Checker(LIBRARY)
    assert len(names) > 3
    for name in names:
        item = filled(treatment, name).items[0]
        assert name in item.stated
        checker.check_item(item)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("day", [DAY, LATER], ids=str)
def test_a_form_is_80_columns_wide_and_tidy(treatment: str, day: date) -> None:
    lines = form(treatment, day).split("\n")
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []
    assert "None" not in "".join(lines)


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_a_form_asks_for_what_its_guidelines_read_and_for_nothing_else(treatment: str) -> None:
    read_by = [fact for guideline in guidelines_for(LIBRARY, treatment, DAY) for fact in guideline.facts]
    needed = LIBRARY.vocabulary.needed.get(treatment, ())
    names = set(asked(form(treatment)))
    assert names <= {*LIBRARY.vocabulary.sources([*read_by, *needed]), "jurisdiction"}
    assert set(needed_of(treatment)) <= names
    for fact in read_by:
        # A sum is asked for by its parts.
        parts = LIBRARY.vocabulary.inputs(fact) if fact not in names else []
        assert fact in names or fact in (TREATMENT, "as_of") or set(parts) & names, fact


def test_a_form_for_a_treatment_leaves_the_others_out() -> None:
    massage, opioid = asked(form("massage_therapy")), asked(form("opioid"))
    assert "exercise_program" in massage
    assert "drug_screen" not in massage
    assert "pain_relief" not in massage
    assert "lowest_dose" in opioid
    assert "exercise_program" not in opioid


def test_needed_facts_come_first() -> None:
    text = form("manipulation")
    assert text.index("NEEDED") < text.index("#body_region:") < text.index("#requested_visits:")


def test_no_guideline_on_the_day_is_said_with_the_days_that_have_one() -> None:
    ended = only("mtus-2009-manipulation")
    words = " ".join(form("manipulation", LATER, ended).replace("#", " ").split())
    assert "No guideline of this library is in force for it on November 21, 2026." in words
    assert "manipulation (July 18, 2009 to July 27, 2016)" in words
    assert "so there will be no prediction" in " ".join(form("other", DAY).replace("#", " ").split())
    assert "No guideline" not in form("manipulation", DAY, ended)
    # The law predicts nothing.
    law = only("labor-code-visit-caps")
    assert "so there will be no prediction" in " ".join(form("manipulation", DAY, law).replace("#", " ").split())


# ----------------------------------------------------------------------------------------------------- the command


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["new", *arguments])


@pytest.mark.parametrize("word", ["chiro", "CMT", "98940", "manipulation", "Chiropractic-Care"])
def test_a_treatment_is_named_as_clinics_name_it(word: str) -> None:
    done = invoke(word, "--as-of", "2015-08-21")
    assert done.exit_code == 0
    assert done.stdout == form("manipulation")
    assert done.stderr == ""


def test_without_a_date_the_form_leaves_it_open() -> None:
    assert "\n#as_of:\n" in invoke("massage").stdout
    assert "\nas_of: 2015-08-21\n" in invoke("massage", "--as-of", "2015-08-21").stdout


@pytest.mark.parametrize(
    ("word", "hint"),
    [("chrio", "did you mean `chiro`?"), ("zzzzzzzz", "one of massage_therapy"), ("a\nb\x1b[1m", "")],
)
def test_an_unknown_treatment_is_one_clear_line(word: str, hint: str) -> None:
    done = invoke(word)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert hint in done.stderr
    assert "\x1b" not in done.stderr


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    first = invoke("massage", "--as-of", "2015-08-21", "--out", str(path))
    assert (first.exit_code, first.stdout) == (0, "")
    assert "guidecheck check" in first.stderr
    assert path.read_text(encoding="utf-8") == form("massage_therapy")
    path.write_text("mine", encoding="utf-8")
    again = invoke("massage", "--out", str(path))
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("place", ["missing/draft.yaml", "."])
def test_a_place_that_cannot_be_written_is_one_line(place: str, tmp_path: Path) -> None:
    done = invoke("massage", "--out", str(tmp_path / place))
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
