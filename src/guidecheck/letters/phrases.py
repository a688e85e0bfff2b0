"""Phrases of the pattern files as patterns of spaCy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from guidecheck.errors import Location, fault

if TYPE_CHECKING:
    from spacy.language import Language

GAP = "..."
NUMBER = "{n}"
MOST_VARIANTS = 500


def variants(phrase: str) -> Iterator[list[str]]:
    """Yield the word lists that a phrase stands for: `a|b` is either word, `word?` may be missing.

    Raises:
        GuidecheckError: it stands for too many.
    """
    choices: list[list[str]] = []
    count = 1
    for word in phrase.split():
        optional = word.endswith("?") and len(word) > 1
        options = word.removesuffix("?").split("|") if optional else word.split("|")
        options = [*options, ""] if optional else options
        count *= len(options)
        choices.append(options)
    if count > MOST_VARIANTS:
        message = f"`{phrase}` stands for {count} phrases, more than {MOST_VARIANTS}"
        raise fault(Location("rules/letters"), "letter-pattern", message, "write it as several phrases")
    for chosen in product(*choices):
        words = [word for word in chosen if word]
        if words:
            yield words


def plain_phrases(phrases: Iterable[str]) -> list[str]:
    """Return every variant of phrases without gaps, as texts."""
    return list(dict.fromkeys(" ".join(words) for phrase in phrases for words in variants(phrase)))


def ruler_patterns(nlp: Language, label: str, phrases: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield patterns for a span ruler; those without gaps as texts, which match fastest."""
    for phrase in phrases:
        for words in variants(phrase):
            if GAP not in words and NUMBER not in words:
                yield {"label": label, "pattern": _spaced(nlp, words)}
                continue
            tokens: list[dict[str, Any]] = []
            for word in words:
                if word == GAP:
                    tokens.append({"IS_PUNCT": False, "OP": "{0,4}"})
                elif word == NUMBER:
                    tokens.append({"LIKE_NUM": True})
                else:
                    tokens += [{"LOWER": token.lower_} for token in nlp.tokenizer(word)]
            yield {"label": label, "pattern": tokens}


def _spaced(nlp: Language, words: list[str]) -> str:
    # A hyphen between words may be written with or without spaces, and is a token by itself either way.
    return " ".join(words).replace(" - ", "-")
