"""The spaCy pipeline: phrases and numbers found in a letter, each with the cues that reach it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

from guidecheck.errors import Location, fault
from guidecheck.letters.expressions import NUMBER, SHORT_MONTHS, expression, number_of
from guidecheck.letters.headings import WordFinder
from guidecheck.letters.pattern_words import CueWords, FactWords, Patterns
from guidecheck.letters.phrases import ruler_patterns, tokens_by

if TYPE_CHECKING:
    from spacy.language import Language

SPANS = "facts"
LONGEST_SENTENCE = 1_500
MOST_WORDS = 30_000
"""Words of all letters that spaCy keeps, so as to know them again; others it forgets with their letter."""
DROPPED = "dropped"
"""Stands among the cues of a number that lacks one it needs, or has one it must not have."""

_TREATMENT = "\ue000"
_HERE = "\ue001"
_NUMBER_FIRST = re.compile(r"\(\?P<\w+>(?:\\d|" + re.escape(NUMBER) + ")")
_NUMBER_AHEAD = re.compile(f"(?={NUMBER})", re.IGNORECASE)
_MONTHS = frozenset(f"{month.casefold()}." for month in SHORT_MONTHS)
_SENTENCE_END = re.compile(r"""[.?!]["')\]]*\s+(?=["'(\[]*[A-Z0-9])|\n""")


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase or number of a fact: where it stands (in the text annotated), its sentence, and its cues.

    `group` is the phrase's in the fact's words; of a number it is None, and `number` is its value, or for two
    compared ones the difference that counts (above 0: it is better with the treatment).
    """

    fact: str
    group: int | None
    start: int
    end: int
    sentence: tuple[int, int]
    cues: frozenset[str]
    number: float | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """A phrase or number found; `start` and `end` count tokens."""

    start: int
    end: int
    label: str
    characters: tuple[int, int]
    number: float | None = None


class Annotator:
    """Finds the mentions of facts in a text."""

    def __init__(self, patterns: Patterns, treatments: WordFinder) -> None:
        """Build the pipeline, which takes about a second."""
        self._facts = patterns.facts
        self._treatments = treatments
        self._unit = re.compile(rf" (?:{'|'.join(patterns.headings.units)})$", re.IGNORECASE)
        self._numbers = []
        for name, words in patterns.facts.items():
            for index, number in enumerate(words.numbers):
                pattern = expression(number.match.replace("{treatment}", f"{_TREATMENT}+"))
                self._numbers.append((name, index, pattern, bool(_NUMBER_FIRST.match(pattern.pattern))))
        self._no_number = {
            name: [expression(e.replace("{here}", _HERE)) for e in words.no_number]
            for name, words in patterns.facts.items()
            if words.no_number
        }
        self._abbreviations = frozenset(f"{word.casefold()}." for word in patterns.layout.abbreviations)
        self._spellings = {word: right for right, words in patterns.layout.spellings.items() for word in words}
        self._nlp = self._pipeline(patterns.facts, patterns.cues)

    def _pipeline(self, facts: Mapping[str, FactWords], cues: Mapping[str, CueWords]) -> Language:
        try:
            import spacy

            from guidecheck.letters import cues as cue_words
            from guidecheck.letters import phrase_ruler, spelling
        except ImportError as error:
            message = f"reading letters needs {error.name}, which is not installed"
            raise fault(
                Location("guidecheck"), "extra-missing", message, "pip install 'guidecheck[letters]'"
            ) from None
        nlp = spacy.blank("en")
        nlp.tokenizer = spelling.RightSpelling(nlp.vocab, nlp.tokenizer, self._spellings)
        # Several facts may be told in overlapping words, which entities can't be: hence spans.
        ruler: Any = nlp.add_pipe(phrase_ruler.FACTORY, config={"spans_key": SPANS})
        tokens_of = tokens_by(nlp)
        for name, words in facts.items():
            for index, group in enumerate(words.groups):
                ruler.add_patterns(list(ruler_patterns(tokens_of, f"{name}#{index}", group.words)))
        for name, cue in cues.items():
            component: Any = nlp.add_pipe(cue_words.FACTORY, name=f"cue_{name}", config={"extension_name": name})
            component.learn(cue)
        return nlp

    def annotate(self, text: str) -> list[Mention]:
        """Return the mentions in a text, in order."""
        if len(self._nlp.vocab) < MOST_WORDS:
            return self._annotate(text)
        with self._nlp.memory_zone():
            return self._annotate(text)

    def _annotate(self, text: str) -> list[Mention]:
        from guidecheck.letters.cues import REACHED, prepare
        from guidecheck.letters.spelling import BEGINS, ENDS

        doc = self._nlp.make_doc(text)
        (_, ruler), *cues = self._nlp.pipeline
        doc = ruler(doc)
        begins = doc.user_data[BEGINS]
        sentences = self._sentences(text)
        phrases = [
            _Span(s.start, s.end, s.label_, (begins[s.start], doc.user_data[ENDS][s.end - 1]))
            for s in doc.spans[SPANS]
        ]
        spans = self._spans(phrases, begins, text, sentences)
        prepare(doc, [bisect_left(begins, at) for at in sentences], [(s.start, s.end) for s in spans])
        for _, component in cues:
            doc = component(doc)
        reached = doc.user_data[REACHED]
        return [self._mention(span, frozenset(reached[i]), sentences, text) for i, span in enumerate(spans)]

    def _sentences(self, text: str) -> list[int]:
        """Return where sentences begin."""
        starts = [0]
        for match in _SENTENCE_END.finditer(text):
            word = text[max(0, match.start() - 12) : match.start() + 1].split(" ")[-1].lstrip("(\"'").casefold()
            # "In Sept. 2013", but "since Sept. He".
            ends_with_month = word in _MONTHS and not text[match.end() : match.end() + 1].isdigit()
            if match[0] == "\n" or word not in self._abbreviations or ends_with_month:
                starts.append(match.end())
        # What has no full stops would be one sentence, with every phrase weighed against every cue.
        for start, end in pairwise([*starts, len(text)]):
            starts += range(start + LONGEST_SENTENCE, end, LONGEST_SENTENCE)
        return sorted(starts)

    def _spans(self, phrases: list[_Span], begins: list[int], text: str, sentences: list[int]) -> list[_Span]:
        """Return what the ruler and the expressions for numbers found, in order of place."""
        found = [*phrases]
        veiled = self._veiled(text)
        starts = [match.start() for match in _NUMBER_AHEAD.finditer(veiled)]
        windows = _windows(starts, [*sentences, len(text)])
        for name, index, pattern, begins_with_number in self._numbers:
            at_numbers = _matches_at(pattern, veiled, starts)
            for match in at_numbers if begins_with_number else _matches_within(pattern, veiled, windows):
                value = _value(match)
                if value is not None and not self._meant_otherwise(name, match, sentences):
                    first = bisect_right(begins, match.start()) - 1
                    last = bisect_left(begins, match.end())
                    found.append(_Span(first, last, f"{name}#n{index}", match.span(), value))
        return _longest(sorted(found, key=lambda span: (span.start, -span.end)))

    def _meant_otherwise(self, fact: str, match: re.Match[str], sentences: list[int]) -> bool:
        """Tell whether the words around a number say that it isn't the fact's, such as a guideline's ceiling."""
        if fact not in self._no_number:
            return False
        text, (start, end) = match.string, match.span("n")
        end = max(end, *(match.end(name) for name in match.groupdict()))
        at = bisect_right(sentences, start)
        stop = sentences[at] if at < len(sentences) else len(text)
        around = f"{text[sentences[at - 1] : start]}{_HERE}{text[end:stop]}"
        return any(pattern.search(around) for pattern in self._no_number[fact])

    def _veiled(self, text: str) -> str:
        """Return the text with one sign in place of every letter of a word for a treatment.

        A number's expression can then name any treatment without trying them all at every place.
        """
        pieces, at = [], 0
        for _, start, end in self._treatments.find(text):
            # Where a treatment's name ends in "visits", these are counted, and stay to be seen.
            unit = self._unit.search(text, start, end)
            end = unit.start() if unit else end
            pieces += [text[at:start], _TREATMENT * (end - start)]
            at = end
        return "".join([*pieces, text[at:]])

    def _mention(self, span: _Span, cues: frozenset[str], sentences: list[int], text: str) -> Mention:
        fact, _, group = span.label.partition("#")
        at = bisect_right(sentences, span.characters[0])
        # An answer may stand behind its question's end.
        behind = bisect_left(sentences, span.characters[1])
        bounds = (sentences[at - 1], sentences[behind] if behind < len(sentences) else len(text))
        if not group.startswith("n"):
            return Mention(fact, int(group), *span.characters, bounds, cues)
        words = self._facts[fact].numbers[int(group[1:])]
        if not cues.issuperset(words.needs) or cues.intersection(words.unless):
            cues |= {DROPPED}
        return Mention(fact, None, *span.characters, bounds, cues.difference(words.despite), span.number)


def _longest(spans: list[_Span]) -> list[_Span]:
    """Return spans in order of place without phrases that are part of a longer phrase of the same fact.

    "The number of prior visits" tells more than its "prior visits"; "went from 48 to 51" is told by its
    numbers.
    """
    kept: list[_Span] = []
    last: dict[tuple[str, bool], tuple[int, int]] = {}
    for span in spans:
        kind = (span.label.partition("#")[0], span.number is None)
        start, end = last.get(kind, (-1, -1))
        if kind[1] and span.end <= last.get((kind[0], False), (-1, -1))[1]:
            continue
        # The same words may be in two groups, under other cues.
        if span.end > end or (span.start, span.end) == (start, end):
            kept.append(span)
            last[kind] = (span.start, span.end)
    return kept


def _windows(places: list[int], bounds: list[int]) -> list[tuple[int, int]]:
    """Return the stretches between bounds in which some places lie, neighbours joined."""
    found: list[tuple[int, int]] = []
    for index in sorted({bisect_right(bounds, place) for place in places}):
        start, end = bounds[index - 1], bounds[index]
        found.append((found.pop()[0] if found and found[-1][1] == start else start, end))
    return found


def _matches_at(pattern: re.Pattern[str], text: str, starts: list[int]) -> Iterator[re.Match[str]]:
    """Yield what `finditer` would of an expression that can begin at some places only."""
    end = 0
    for start in starts:
        match = pattern.match(text, start) if start >= end else None
        if match is not None:
            end = match.end()
            yield match


def _matches_within(
    pattern: re.Pattern[str], text: str, stretches: list[tuple[int, int]]
) -> Iterator[re.Match[str]]:
    for start, end in stretches:
        yield from pattern.finditer(text, start, end)


def _value(match: re.Match[str]) -> float | None:
    named = match.groupdict()
    if "n" in named:
        numbers = [number_of(named[name]) for name in ("n", "plus", "more", "weeks") if named.get(name)]
        if "weeks" in named:
            return prod(number for number in numbers if number is not None) if all(numbers) else None
        return sum(number for number in numbers if number is not None) if all(numbers) else None
    if "then" in named:
        then, now = number_of(named["then"]), number_of(named["now"])
        return None if then is None or now is None else now - then
    if "high" in named:
        high, low = number_of(named["high"]), number_of(named["low"])
        return None if high is None or low is None or high <= low else high - low
    better, worse = float(named["with"]), float(named["without"])
    return worse - better if 0 <= better <= 10 and 0 <= worse <= 10 else None
