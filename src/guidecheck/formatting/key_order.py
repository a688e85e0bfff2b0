"""In which order the keys of a rule file stand: that of the reference, which is that of the file models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from guidecheck.deciding.determination import Status
from guidecheck.editing.rule_tests import EXPECTED_OF_THE_LIBRARY
from guidecheck.library.file_models import (
    AuthorityFile,
    ChoiceFile,
    CitationFile,
    CriterionFile,
    ExampleFile,
    FactFile,
    GuidelineFile,
    LibraryExampleFile,
    LibraryExamplesFile,
    LibraryFile,
    PeriodFile,
    PhrasesFile,
    RowNotesFile,
    TableFile,
    VocabularyFile,
)
from guidecheck.library.node_models import NodeModel
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar


@dataclass(frozen=True)
class Order:
    """The order of a mapping's keys, and what stands under them; keys that it doesn't name stay where they are.

    `first` come before keys that are not named, `last` after them. `each` is the order of whatever stands under a
    key without an order of its own. A list has the order of its entries.
    """

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    inner: Mapping[str, Order] = field(default_factory=dict)
    each: Order | None = None

    def rank(self, key: str) -> int:
        """Return the place of a key; keys of one place keep their order."""
        if key in self.first:
            return self.first.index(key)
        return len(self.first) + (1 + self.last.index(key) if key in self.last else 0)

    def under(self, key: str) -> Order:
        """Return the order of what stands under a key."""
        return self.inner.get(key) or self.each or ANY


ANY = Order()
"""Whatever order the author gave."""


def _of(model: type[NodeModel], **inner: Order) -> Order:
    return Order(tuple(field.alias or name for name, field in model.model_fields.items()), inner=inner)


_CITATION = _of(CitationFile)
_ROW = Order(last=tuple(RowNotesFile.model_fields), inner={"citation": _CITATION})
_TABLES = Order(each=_of(TableFile, rows=_ROW))

GUIDELINE = _of(
    GuidelineFile,
    citation=_CITATION,
    in_force=_of(PeriodFile),
    tables=_TABLES,
    criteria=_of(CriterionFile, citation=_CITATION),
    examples=_of(ExampleFile, expect=Order(tuple(Status))),
)
VOCABULARY = _of(
    VocabularyFile,
    facts=Order(each=_of(FactFile, values=Order(each=_of(ChoiceFile)), phrases=_of(PhrasesFile))),
    tables=_TABLES,
)
LIBRARY = _of(LibraryFile, authorities=_of(AuthorityFile))
EXAMPLES = _of(LibraryExamplesFile, examples=_of(LibraryExampleFile, expect=Order(EXPECTED_OF_THE_LIBRARY)))


def order_of(root: Node) -> Order | None:
    """Return the order of a rule file, by the keys at its top, or None where it is none."""
    if not isinstance(root, MappingNode):
        return None
    keys = {key.text for key, _ in root.entries}
    if "criteria" in keys or isinstance(root.get("guideline"), Scalar):
        return GUIDELINE
    if "authorities" in keys or "topics" in keys:
        return LIBRARY
    if "facts" in keys or (keys and keys <= {"needed", "tables"}):
        return VOCABULARY
    return EXAMPLES if keys == {"examples"} else None
