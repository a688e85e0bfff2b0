"""Where the phrases of facts stand: spaCy's span ruler, with gapped phrases tried only where they can begin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from spacy.attrs import LIKE_NUM, LOWER
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.pipeline import SpanRuler

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

FACTORY = "letter_phrases"
_WORD, _NUMBER = "LOWER", "LIKE_NUM"

Tokens = list[dict[str, Any]]
"""A token pattern, as spaCy's `Matcher` takes it."""


class FirstWordMatcher:
    """Finds what spaCy's `Matcher` finds, but looks at each pattern only where its first word stands.

    The `Matcher` holds every pattern against every word, which took three fifths of the time of reading a letter.
    """

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self._by_first: dict[tuple[str, int], tuple[Matcher, int]] = {}

    def add(self, label: str, patterns: list[Tokens]) -> None:
        """Add the patterns of a label, each of which begins with a word or a number."""
        for pattern in patterns:
            ((kind, value),) = pattern[0].items()
            first = kind, self._vocab.strings.add(value) if kind == _WORD else int(value)
            matcher, longest = self._by_first.get(first) or (Matcher(self._vocab), 0)
            matcher.add(label, [pattern])
            self._by_first[first] = matcher, max(longest, _longest(pattern))

    def __call__(self, doc: Doc) -> Iterator[tuple[int, int, int]]:
        """Yield label, first word and word behind the last of every match."""
        for at, (word, like_number) in enumerate(doc.to_array([LOWER, LIKE_NUM]).tolist()):
            for first in ((_WORD, word), (_NUMBER, like_number)):
                if first in self._by_first:
                    matcher, longest = self._by_first[first]
                    for label, start, end in matcher(doc[at : at + longest]):
                        if start == 0:
                            yield label, at, at + end


def _longest(pattern: Tokens) -> int:
    """Return how many words a pattern spans at most, by the end of its repetitions (`{0,4}`)."""
    return sum(int(token["OP"].strip("{}").split(",")[1]) if "OP" in token else 1 for token in pattern)


class PhraseRuler(SpanRuler):
    """The span ruler of spaCy with the matcher above."""

    def clear(self) -> None:
        """Forget all patterns."""
        super().clear()
        self.matcher = FirstWordMatcher(self.nlp.vocab)


@Language.factory(FACTORY, default_config={"spans_key": "facts"})
def make_ruler(nlp: Language, name: str, spans_key: str) -> PhraseRuler:
    """Return the component, which notes what it finds in `doc.spans[spans_key]`."""
    return PhraseRuler(nlp, name, spans_key=spans_key, phrase_matcher_attr="LOWER")
