"""Which lists of a claim an item has to do with: a worker's medication is no business of every request."""

from __future__ import annotations

from guidecheck.deciding.determination import ItemDetermination
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import Vocabulary


def lists_concerned(answer: ItemDetermination, vocabulary: Vocabulary) -> set[str]:
    """Return the lists of which an item asks for an entry, or that a criterion of its guidelines reads."""
    read = {name for result in (*answer.criteria, *answer.legal) for name in result.facts}
    lists = {name for name in vocabulary.sources(read) if vocabulary.facts[name].type is FactType.LIST}
    return lists | set(answer.item.asked)
