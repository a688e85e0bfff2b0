"""The words of letters as the patterns spell them: "n't" as "not", and words that are often written wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, pairwise

from spacy.attrs import IDX, LENGTH, LOWER, ORTH
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.vocab import Vocab

BEGINS, ENDS = "begins", "ends"
"""Where in the text as written each word begins and ends; the words of a document may be of other lengths."""


class RightSpelling:
    """A tokenizer that puts the usual word for others, in texts as in patterns."""

    def __init__(self, vocab: Vocab, tokenizer: Tokenizer, spellings: Mapping[str, str]) -> None:
        self._tokenizer = tokenizer
        self._part_in_any_case()
        self._spellings = {vocab.strings.add(word): right for word, right in spellings.items()}

    def _part_in_any_case(self) -> None:
        """Let the tokenizer part "ISN'T", "Isn'T" and "SHE'LL" as it parts "isn't" and "she'll"."""
        rules = self._tokenizer.rules
        for written, parts in list(rules.items()):
            if "'" not in written and not written.endswith("nt"):
                continue
            for other in {written.upper(), written.title(), written[:-1].upper() + written[-1]}.difference(rules):
                begins = [0, *accumulate(len(part[ORTH]) for part in parts)]
                cut = [{ORTH: other[start:end]} for start, end in pairwise(begins)]
                self._tokenizer.add_special_case(other, cut)

    def __call__(self, text: str) -> Doc:
        """Return the words of a text."""
        doc: Doc = self._tokenizer(text)
        keys, begins, lengths = doc.to_array([LOWER, IDX, LENGTH]).T.tolist() if len(doc) else ([], [], [])
        if not self._spellings.keys().isdisjoint(keys):
            words = [self._spellings.get(key) or token.text for key, token in zip(keys, doc, strict=True)]
            doc = Doc(doc.vocab, words, [bool(token.whitespace_) for token in doc])
        doc.user_data[BEGINS] = begins
        doc.user_data[ENDS] = [begin + length for begin, length in zip(begins, lengths, strict=True)]
        return doc

    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterator[Doc]:
        """Yield the words of texts; the batch size is that of every tokenizer, and not needed."""
        for text in texts:
            yield self(text)
