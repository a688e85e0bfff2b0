"""The quick ways in which letters are read find what the plain ones find."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shipped

pytest.importorskip("spacy")
pytest.importorskip("negspacy")

import spacy
from spacy.matcher import Matcher

from guidecheck.errors import GuidecheckError, Location
from guidecheck.letters import annotation
from guidecheck.letters.annotation import Annotator
from guidecheck.letters.expressions import NUMBER, expression, number_of
from guidecheck.letters.headings import HeadingReader
from guidecheck.letters.patterns import load_patterns
from guidecheck.letters.phrase_ruler import FirstWordMatcher
from guidecheck.letters.phrases import ruler_patterns, tokens_by
from guidecheck.letters.running import read_letters
from guidecheck.letters.word_tree import any_word
from guidecheck.library.loading import rule_folders
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.item_building import what_follows
from guidecheck.requests.request_reader import check_request, request_from

INVENTED = Path(__file__).parent / "letters/invented"
SPACE = r"[\s\-/_]+"

words = st.lists(st.sampled_from(["pt", "ps", "p", "aqua", "aqua pt", "aqua p", "spa", "é.p", "a+"]), max_size=6)
TEXT = ["pt", "pts", "PT", "aqua", "aqua-pt", "aqua - p", "aquas", "spa", "é.p", "éxp", "a+", " ", ",", "\n"]
texts = st.lists(st.sampled_from(TEXT)).map(" ".join)


@given(words, texts)
def test_a_tree_of_words_matches_what_the_longest_word_does(words: list[str], text: str) -> None:
    longest_first = sorted(set(words), key=len, reverse=True)
    plain = "|".join(re.escape(word).replace(r"\ ", SPACE) for word in longest_first) or "(?!)"
    for whole in (r"(?<![\w-])(?:{})s?(?!\w)", "(?:{})"):
        expected = re.finditer(whole.format(plain), text, re.IGNORECASE)
        found = re.finditer(whole.format(any_word(words, space=SPACE)), text, re.IGNORECASE)
        assert [match.span() for match in found] == [match.span() for match in expected]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Seventeen", 17),
        ("1,200", 1200),
        ("seventy", 70),
        ("seventy-seven", 77),
        ("SEVEN (7)", 7),
        ("12.5", 12.5),
        ("forty four", 44),
    ],
)
def test_numbers_in_words(text: str, number: float) -> None:
    match = re.fullmatch(NUMBER, text, re.IGNORECASE)
    assert match is not None
    assert number_of(match[0]) == number


NLP = spacy.blank("en")
PHRASES = {
    "plain": ["result of ... prior|past visits", "of ... visits"],
    "short": ["{n} mg", "{n} mg ... daily", "number|amount? of ... {n} visits"],
    "open": ["... visits", "{n} ... daily"],
}
TOLD = [
    "result",
    "of",
    "the",
    "prior",
    "past",
    "visits",
    "Visits",
    "3",
    "six",
    "mg",
    "daily",
    "number",
    "amount",
    ",",
    ".",
]
told = st.lists(st.sampled_from(TOLD), max_size=25).map(" ".join)


@given(told)
def test_gapped_phrases_are_found_as_spacy_finds_them(text: str) -> None:
    plain, ours = Matcher(NLP.vocab), FirstWordMatcher(NLP.vocab)
    for label, phrases in PHRASES.items():
        for entry in ruler_patterns(tokens_by(NLP), label, phrases):
            if isinstance(entry["pattern"], list):
                plain.add(label, [entry["pattern"]])
                ours.add(label, [entry["pattern"]])
    doc = NLP(text)
    assert set(ours(doc)) == set(plain(doc))


def _annotator() -> Annotator:
    library = shipped.library()
    patterns = load_patterns(rule_folders(), library)
    return Annotator(patterns, HeadingReader(patterns.headings, library).treatments)


def test_words_that_are_not_kept_are_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    annotator = _annotator()
    letters = [path.read_text("utf-8") for path in sorted(INVENTED.glob("*.txt"))]
    monkeypatch.setattr(annotation, "MOST_WORDS", 0)
    forgotten = [annotator.annotate(letter) for letter in letters]
    words = len(annotator._nlp.vocab.strings)
    annotator.annotate("Zebrafinches were never seen by the zoologist of Zanzibar.")
    assert len(annotator._nlp.vocab.strings) == words
    monkeypatch.undo()
    assert forgotten == [annotator.annotate(letter) for letter in letters]


def _findings(check: Any, *args: Any) -> list[tuple[Location, str, str]]:
    try:
        check(*args)
    except GuidecheckError as error:
        return [(finding.location, finding.code, finding.message) for finding in error.findings]
    return []


FACTS: dict[str, list[Any]] = {
    "treatment": ["massage_therapy", "opioid", "nothing known"],
    "requested_visits": [6, 7, -1],
    "visits_per_week": [2, 3],
    "weeks": [3, 4],
    "prior_visits": [0, 12],
    "prior_treatment": ["yes", "no"],
    "med_mg_per_day": [30, 240],
    "drug": ["oxycodone", "fentanyl"],
    "strength": [10, 900],
    "unit": ["mg", "mcg_per_hour"],
    "doses_per_day": [1, 4],
    "surgery_date": ["2015-01-05", "2016-01-05"],
    "weeks_since_surgery": [3, 40],
}
items = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([*values, "undocumented"]) for name, values in FACTS.items()}
)


@settings(deadline=None)
@given(st.lists(items, min_size=1, max_size=2), st.sampled_from(["partial", "complete"]))
def test_a_check_alone_tells_what_reading_would(items: list[dict[str, Any]], records: str) -> None:
    library = shipped.library()
    request = from_data({"as_of": "2015-05-28", "records": records, "items": items}, "request")
    follow = what_follows(library.vocabulary)
    assert _findings(check_request, request, library, follow) == _findings(request_from, request, library)


def test_a_mistake_in_the_rules_is_told_by_each_number_of_jobs(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    for path in (Path(__file__).parent / "small_letters").iterdir():
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (folder / "cues.yaml").write_text("negated: {before: 3, wrong: []}\n", "utf-8")
    said = []
    for jobs in (1, 2):
        with pytest.raises(GuidecheckError) as told:
            list(read_letters([INVENTED], [*rule_folders(), folder.parent], jobs=jobs))
        said.append(str(told.value))
    assert said[0] == said[1]
    assert "`wrong` is no key that can stand here" in said[0]


@given(
    st.lists(st.sampled_from(["12", "six", "sixteen", "often", "visits", "visits 6 visits", "done"])).map(" ".join)
)
def test_expressions_that_begin_with_a_number_find_the_same(text: str) -> None:
    pattern = expression("(?P<n>{number})(?: {number})? visits")
    starts = [match.start() for match in annotation._NUMBER_AHEAD.finditer(text)]
    found = annotation._matches_at(pattern, text, starts)
    assert [match.span() for match in found] == [match.span() for match in pattern.finditer(text)]
