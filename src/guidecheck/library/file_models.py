"""The shape of the library's files, before facts, topics and tables are looked up.

What a file has many of (facts, criteria, tables, rows, examples) stays nodes in it and is read one by one with
a model of its own, so that a mistake in one hides none in another. The fields stand in the order of the reference,
in which `guidecheck rules fmt` sets out files.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guidecheck.library.confidence_words import CONFIDENCES
from guidecheck.library.node_models import (
    AnyNode,
    Day,
    FactsByName,
    Name,
    NodeByName,
    NodeModel,
    Nodes,
    Reference,
    References,
    Text,
    Texts,
    Yes,
    mapping_of_nodes,
    word,
)


class CitationFile(NodeModel):
    """Where a criterion stands in its source."""

    title: Text | None = None
    edition: Text | None = None
    section: Text | None = None
    pages: Text | None = None
    regulation: Text | None = None
    note: Text | None = None

    def given(self) -> dict[str, str]:
        """Return the parts that are given, in reading order."""
        return {name: value for name, value in self if value is not None}


class PeriodFile(NodeModel):
    """A span of days, both included, in which a guideline is in force."""

    from_: Day = Field(alias="from")
    until: Day | None = None
    authority: Reference | None = None


class TableFile(NodeModel):
    """A table of limits."""

    keys: References
    pick: NodeByName | None = None
    rows: Nodes


class RowNotesFile(NodeModel):
    """What a table's row has beside its cells."""

    citation: CitationFile | None = None
    source_id: Texts = []
    confidence: Annotated[str, word(*CONFIDENCES)] | None = None


class CriterionFile(NodeModel):
    """A criterion."""

    id: Name
    topic: Reference
    says: Text
    when: AnyNode | None = None
    unless: AnyNode | None = None
    require: AnyNode | None = None
    not_recommended: Yes | None = None
    when_undocumented: Annotated[str, word("met")] | None = None
    remedy: Text | None = None
    confidence: Annotated[str, word(*CONFIDENCES)]
    citation: CitationFile | None = None
    source_id: Texts = []


class ExampleFile(NodeModel):
    """An example of a guideline: facts, and the statuses they give."""

    name: Text
    as_of: Day | None = None
    records: Annotated[str, word("complete", "partial")] = "complete"
    facts: FactsByName
    expect: NodeByName


class GuidelineFile(NodeModel):
    """A guideline edition."""

    guideline: Name
    title: Text
    authority: Reference
    citation: CitationFile
    in_force: Nodes
    applies_to: AnyNode
    leaves_open: References | None = None
    outranks: References = []
    tables: NodeByName = {}
    criteria: Nodes
    examples: Nodes = []


class AuthorityFile(NodeModel):
    """A source of guidelines, in the order of the list."""

    id: Name
    title: Text
    role: Annotated[str, word("medical", "legal")] = "medical"
    same_rank_as: Reference | None = None
    former_of: Reference | None = None


class LibraryFile(NodeModel):
    """`library.yaml`: authorities by rank, jurisdictions and topics."""

    version: Text
    authorities: Nodes
    jurisdictions: Annotated[dict[str, References], mapping_of_nodes()]
    topics: Annotated[dict[str, Text], mapping_of_nodes()]


class ChoiceFile(NodeModel):
    """One value of a choice or set."""

    label: Text | None = None
    synonyms: Texts = []


class PhrasesFile(NodeModel):
    """Clauses for "the records document that ..."."""

    yes: Text | None = None
    no: Text | None = None


_TYPES_MEANT = {
    "whole number": "integer",
    "int": "integer",
    "count": "integer",
    "decimal": "number",
    "float": "number",
    "yes or no": "boolean",
    "yes no": "boolean",
    "bool": "boolean",
    "day": "date",
    "word": "text",
    "string": "text",
    "enum": "choice",
    "multiple choice": "set",
}
"""The types by other words for them, folded."""


class FactFile(NodeModel):
    """A fact of the vocabulary."""

    type: Annotated[
        str, word("boolean", "integer", "number", "date", "choice", "set", "text", "list", meant=_TYPES_MEANT)
    ]
    scope: Annotated[str, word("claim", "item")] = "item"
    of: References = []
    unit: Text | None = None
    label: Text
    ask: Text | None = None
    minimum: Text | None = None
    maximum: Text | None = None
    change: Annotated[str, word("request", "act", "document", "fixed")] = "fixed"
    usual: Annotated[str, word("undocumented")] | None = None
    phrases: PhrasesFile | None = None
    derive: AnyNode | None = None
    values: Annotated[dict[str, ChoiceFile], mapping_of_nodes()] = {}


class VocabularyFile(NodeModel):
    """`vocabulary.yaml`: every fact that rules and requests may use; in an overlay, those it adds or replaces."""

    facts: NodeByName = {}
    needed: Annotated[dict[str, References], mapping_of_nodes()] = {}
    tables: NodeByName = {}


class LibraryExampleFile(NodeModel):
    """An example of how guidelines work together: an item, and what the whole library says of it."""

    name: Text
    as_of: Day
    records: Annotated[str, word("complete", "partial")] = "complete"
    claim: FactsByName = {}
    facts: FactsByName
    expect: NodeByName


class LibraryExamplesFile(NodeModel):
    """A file in `rules/examples`."""

    examples: Nodes
