"""Phrases of the pattern files as patterns of spaCy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from guidecheck.errors import Location, fault

if TYPE_CHECKING:
    from spacy.language import Language

TokensOf = Callable[[str], list[str]]
GAP = "..."
NUMBER = "{n}"
MOST_VARIANTS = 2_000
_SHORTENED = {"not": "n't", "cannot": "can't"}
"""Words that letters also write short: a phrase with "not" stands for "isn't" as it does for "is not"."""
MOST_TEXTS = 40
"""Phrases without a gap that are matched each as a text; what stands for more is matched word by word."""


def variants(phrase: str) -> Iterator[list[str]]:
    """Yield the word lists that a phrase stands for: `a|b` is either word, `word?` may be missing.

    Raises:
        GuidecheckError: it stands for too many.
    """
    choices: list[list[str]] = []
    count = 1
    for word in phrase.split():
        optional = _is_optional(word)
        options = _options(word.removesuffix("?") if optional else word)
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


def _options(word: str) -> list[str]:
    """Return the words that `a|b` is either of, and their short forms."""
    options = word.split("|")
    return list(dict.fromkeys([*options, *(_SHORTENED[option] for option in options if option in _SHORTENED)]))


def plain_phrases(phrases: Iterable[str]) -> list[str]:
    """Return every variant of phrases without gaps, as texts."""
    return list(dict.fromkeys(" ".join(words) for phrase in phrases for words in variants(phrase)))


def tokens_by(nlp: Language) -> TokensOf:
    """Return what gives the tokens of a word, and keeps them: phrases have the same words over and over."""
    return cache(lambda word: [token.lower_ for token in nlp.tokenizer(word)])


def ruler_patterns(tokens_of: TokensOf, label: str, phrases: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield patterns for a span ruler; those that are few and without gaps as texts, which match fastest."""
    for phrase in phrases:
        parts = phrase.split()
        if GAP not in parts and NUMBER not in parts and _count(parts) <= MOST_TEXTS:
            for words in variants(phrase):
                yield {"label": label, "pattern": _spaced(words)}
            continue
        begun = next((index for index, part in enumerate(parts) if not _is_optional(part)), len(parts))
        choices = (
            [part] if part == GAP else _as_tokens(tokens_of, part, begun=index > begun)
            for index, part in enumerate(parts)
        )
        for chosen in product(*choices):
            tokens = [token for part in chosen for token in (_ANY_FOUR if part == GAP else part)]
            if tokens:
                yield {"label": label, "pattern": tokens}


_NOT_BETWEEN = ["not", "n't", "no", "never", "without", "neither", "nor", "none", "but", "whereas", "although"]
"""Words that turn what a phrase says, and so can't stand in its gap unless it names them."""

_ANY_FOUR = [{"IS_PUNCT": False, "LOWER": {"NOT_IN": _NOT_BETWEEN}, "OP": "{0,4}"}]
Tokens = list[dict[str, Any]]


def _count(parts: list[str]) -> int:
    """Return how many phrases the words of one stand for."""
    return prod(len(part.split("|")) + _is_optional(part) for part in parts)


def _is_optional(part: str) -> bool:
    return part.endswith("?") and len(part) > 1


def _as_tokens(tokens_of: TokensOf, part: str, *, begun: bool) -> list[Tokens]:
    """Return the token patterns of `a|b?`: one for all of its words of one token, so that many don't multiply.

    Where the phrase has `begun` with a word that must be there, one that may be missing is a single pattern too.
    """
    optional = _is_optional(part)
    single: list[str] = []
    found: list[Tokens] = []
    for option in _options(part.removesuffix("?") if optional else part):
        tokens = tokens_of(option)
        if option == NUMBER:
            found.append([{"LIKE_NUM": True}])
        elif len(tokens) == 1:
            single += tokens
        else:
            found.append([{"LOWER": token} for token in tokens])
    if single:
        words: dict[str, Any] = {"LOWER": single[0] if len(single) == 1 else {"IN": single}}
        if optional and begun and not found:
            return [[{**words, "OP": "{0,1}"}]]
        found.append([words])
    return [[], *found] if optional else found


def _spaced(words: list[str]) -> str:
    # A hyphen between words may be written with or without spaces, and is a token by itself either way.
    return " ".join(words).replace(" - ", "-")
