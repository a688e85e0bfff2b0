"""Where the phrases of facts stand: spaCy's span ruler, with gapped phrases tried only where they can begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spacy.attrs import LOWER
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.pipeline import SpanRuler

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

FACTORY = "letter_phrases"

Tokens = list[dict[str, Any]]
"""A token pattern, as spaCy's `Matcher` takes it."""


class FirstWordMatcher:
    """Finds what spaCy's `Matcher` finds, but looks at each pattern only where its first word stands.

    The `Matcher` holds every pattern against every word, which took three fifths of the time of reading a letter.
    """

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self._anywhere = Matcher(vocab)
        self._by_word: dict[int, dict[tuple[int, bool], _Held]] = {}

    def add(self, label: str, patterns: list[Tokens]) -> None:
        """Add the patterns of a label."""
        for pattern in patterns:
            index = _first_word(pattern)
            if index is None:
                self._anywhere.add(label, [pattern])
                continue
            behind = pattern[index + 1] if index + 1 < len(pattern) else {}
            # Many begin with a word as common as "is", and few of these have a word behind it that is there.
            told = "LOWER" in behind and "OP" not in behind
            seconds = {self._vocab.strings.add(word) for word in _choices(behind)} if told else set()
            for word in _choices(pattern[index]):
                key = self._vocab.strings.add(word)
                held = self._by_word.setdefault(key, {}).setdefault((index, told), _Held(Matcher(self._vocab)))
                held.seconds |= seconds
                held.matcher.add(label, [[*pattern[:index], {"LOWER": word}, *pattern[index + 1 :]]])
                held.longest = max(held.longest, _longest(pattern))

    def __call__(self, doc: Doc) -> Iterator[tuple[int, int, int]]:
        """Yield label, first word and word behind the last of every match."""
        if len(self._anywhere):
            yield from self._anywhere(doc)
        words = doc.to_array(LOWER).tolist()
        for at, (word, behind) in enumerate(zip(words, [*words[1:], 0], strict=False)):
            for (index, told), held in self._by_word.get(word, _NONE).items():
                if told and behind not in held.seconds:
                    continue
                first = at - index
                for label, start, end in held.matcher(doc[first : first + held.longest]) if first >= 0 else ():
                    if start == 0:
                        yield label, first, first + end


@dataclass
class _Held:
    """Patterns whose first word is the same, in the same place; `longest` counts the words they span at most.

    `seconds` are the words that may stand behind it, where each of the patterns names them.
    """

    matcher: Matcher
    longest: int = 0
    seconds: set[int] = field(default_factory=set)


_NONE: dict[tuple[int, bool], _Held] = {}


def _first_word(pattern: Tokens) -> int | None:
    """Return the place of a pattern's first word, or None where it may stand in several."""
    for index, token in enumerate(pattern):
        if "OP" in token:
            break
        if "LOWER" in token:
            return index
    return None


def _choices(token: dict[str, Any]) -> list[str]:
    """Return the words that a token of a pattern may be."""
    lower = token["LOWER"]
    return [lower] if isinstance(lower, str) else lower["IN"]


def _longest(pattern: Tokens) -> int:
    """Return how many words a pattern spans at most, by the end of its repetitions (`{0,4}`)."""
    return sum(int(token["OP"].strip("{}").split(",")[1]) if "OP" in token else 1 for token in pattern)


class PhraseRuler(SpanRuler):
    """The span ruler of spaCy with the matcher above."""

    def clear(self) -> None:
        """Forget all patterns."""
        super().clear()
        self.matcher = FirstWordMatcher(self.nlp.vocab)  # type: ignore[assignment] # all of it that is used


@Language.factory(FACTORY, default_config={"spans_key": "facts"})
def make_ruler(nlp: Language, name: str, spans_key: str) -> PhraseRuler:
    """Return the component, which notes what it finds in `doc.spans[spans_key]`."""
    return PhraseRuler(nlp, name, spans_key=spans_key, phrase_matcher_attr="LOWER")
