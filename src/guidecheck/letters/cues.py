"""Which cues reach which phrases: negspacy's component, one for each category, on sentences of our own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from negspacy.negation import Negex
from spacy.language import Language

from guidecheck.letters.phrases import plain_phrases

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from guidecheck.letters.pattern_words import CueWords

FACTORY = "letter_cue"
SENTENCES, SPANS, REACHED, LIST_COMMAS = "sentence_starts", "facts", "reached", "list_commas"

LONGEST_ENTRY = 6
"""Words between the commas of a list at most."""

_NEW_CLAUSE = frozenset(
    {"he", "she", "it", "they", "there", "the", "this", "that", "which", "who", "is", "was", "are", "were"}
    | {"has", "have", "had", "does", "but", "and", "so", "because", "."}
)
_ENDS_LIST = frozenset({"."} | _NEW_CLAUSE.difference({"and", "the", "this", "that"}))


class LetterCue(Negex):
    """Negspacy's matching and reach, applied only where a cue stands.

    The original looks through all spans for each stretch between boundaries, in each category, which took five
    sixths of the time of reading a letter. What it finds is the same.
    """

    def learn(self, cue: CueWords) -> None:
        """Take the phrases of its category: spaCy would look at each of thousands if they were its settings."""
        self.pseudo_negations = plain_phrases(cue.not_these)
        self.preceding_negations = plain_phrases(cue.before)
        self.following_negations = plain_phrases(cue.after)
        self.termination = plain_phrases(cue.ends)
        self.build_patterns()

    def negex(self, doc: Doc) -> Doc:
        """Note in `doc.user_data` which spans (by their index, in order of place) the cues reach."""
        preceding, following, terminating = self.process_negations(doc)
        if not preceding and not following:
            return doc
        ends = {start for _, start, _ in terminating} - doc.user_data[LIST_COMMAS]
        starts = sorted({*doc.user_data[SENTENCES], *ends})
        places: list[tuple[int, int]] = doc.user_data["places"]
        firsts = [start for start, _ in places]
        reached = doc.user_data[REACHED]
        for ahead, cue in [*((True, cue) for cue in preceding), *((False, cue) for cue in following)]:
            at = bisect_right(starts, cue[1]) - 1
            left = starts[at]
            right = starts[at + 1] if at + 1 < len(starts) else len(doc)
            for index in range(bisect_left(firsts, left), bisect_left(firsts, right)):
                start, end = places[index]
                if end <= right and (cue[1] < start if ahead else cue[2] > end):
                    reached[index].add(self.extension_name)
        return doc


@Language.factory(FACTORY, default_config={"extension_name": "negex"})
def make_cue(nlp: Language, name: str, extension_name: str) -> LetterCue:
    """Return the component for one category of cues, which knows no phrase yet."""
    kinds = ("pseudo_negations", "preceding_negations", "following_negations", "termination")
    return LetterCue(nlp, name, {kind: [] for kind in kinds}, extension_name=extension_name)


def prepare(doc: Doc, sentence_starts: list[int], spans: list[Any]) -> None:
    """Note on a document what the components need: where sentences begin, and the spans, in order of place."""
    doc.user_data[SENTENCES] = sentence_starts
    doc.user_data["places"] = [(start, end) for start, end, *_ in spans]
    doc.user_data[REACHED] = [set() for _ in spans]
    doc.user_data[LIST_COMMAS] = _list_commas([token.lower_ for token in doc])


def _list_commas(words: list[str]) -> set[int]:
    """Return the commas of lists with "or" or "nor": "no screen, contract or pill count" denies all three.

    So does "no monitoring (pill count, contract)": the commas of a list in brackets end nothing either, nor do the
    semicolons of what is announced: "treated with the following: a drug; 9 visits; and rest".
    """
    found = _semicolons_of_lists(words)
    inside = _in_brackets(words)
    for at in reversed([index for index, word in enumerate(words) if word == ","]):
        for behind in range(at + 1, min(at + 2 + LONGEST_ENTRY, len(words))):
            word = words[behind]
            if word in {"or", "nor"} or behind in found or (word == ")" and at in inside):
                found.add(at)
            if word in {"or", "nor", ",", ")"} or word in _NEW_CLAUSE:
                break
    return found


def _semicolons_of_lists(words: list[str]) -> set[int]:
    """Return the semicolons behind "the following:", as far as its entries have no verbs."""
    found: set[int] = set()
    listed = False
    for at, word in enumerate(words):
        if word == ":":
            listed = listed or words[at - 1 : at] == ["following"]
        elif word == ";" and listed:
            found.add(at)
        elif word in _ENDS_LIST:
            listed = False
    return found


def _in_brackets(words: list[str]) -> set[int]:
    """Return the places of words between round brackets."""
    found: set[int] = set()
    opened: int | None = None
    for at, word in enumerate(words):
        if word == "(":
            opened = at
        elif word == ")" and opened is not None:
            found.update(range(opened + 1, at))
            opened = None
    return found
