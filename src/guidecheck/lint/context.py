"""What the checks look at: a library, the files that it was read from, and what can happen under it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as SequenceType
from dataclasses import dataclass
from functools import cached_property

from guidecheck.errors import Finding, Location
from guidecheck.language.conditions import All, Condition, Op, Test
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.library.models import Criterion, Guideline, Library
from guidecheck.library.rule_files import RuleFiles
from guidecheck.reachability.statuses import Reachability
from guidecheck.reading.marked_yaml import Mapping, Node, Sequence, members, place
from guidecheck.time_limits.deadlines import Deadline


@dataclass
class Context:
    """A library without mistakes, and the nodes behind it."""

    library: Library
    files: RuleFiles
    deadlines: tuple[Deadline, ...] = ()

    @cached_property
    def reachability(self) -> Reachability:
        """What can happen under the library."""
        return Reachability(self.library)

    def guideline_node(self, guideline: Guideline) -> Mapping:
        """Return a guideline's file."""
        return self.files.guidelines[guideline.id]

    @cached_property
    def _criterion_nodes(self) -> dict[Location, Node]:
        nodes = (node for file in self.files.guidelines.values() for node in members(file.get("criteria")))
        return {place(node, "id"): node for node in nodes}

    def criterion_node(self, criterion: Criterion) -> Mapping:
        """Return where a criterion is written."""
        node = self._criterion_nodes[criterion.at]
        assert isinstance(node, Mapping)
        return node

    def table_nodes(self, name: str) -> Node | None:
        """Return the `tables` of the vocabulary that has a table (of several, the last laid over the others)."""
        found = [node.get("tables") for node in self.files.vocabularies if isinstance(node, Mapping)]
        return next((n for n in reversed(found) if isinstance(n, Mapping) and n.get(name) is not None), None)

    def key_at(self, criterion: Criterion, *keys: str) -> Location:
        """Return where the first of some keys stands in a criterion, or else its id."""
        node = self.criterion_node(criterion)
        found = (node.key(key) for key in keys)
        return next((key.at for key in found if key is not None), criterion.at)


def warning(at: Location, code: str, message: str, hint: str) -> Finding:
    """Return a finding about what may be used and is suspicious."""
    return Finding(at, code, message, hint, "warning")


def key_place(node: Node | None, wanted: str) -> Location | None:
    """Return where a key stands first in a node, however deep."""
    if isinstance(node, Mapping):
        for key, inner in node.entries:
            found = key.at if key.text == wanted else key_place(inner, wanted)
            if found is not None:
                return found
    elif isinstance(node, Sequence):
        places = (key_place(inner, wanted) for inner in node.items)
        return next((found for found in places if found is not None), None)
    return None


def few(names: SequenceType[str], most: int = 3) -> str:
    """Return names with commas between them, and how many more there are than `most`."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def conjuncts(condition: Condition | None) -> Iterator[Condition]:
    """Yield the conditions all of which a condition asks for."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from conjuncts(part)
    elif condition is not None:
        yield condition


def treatments_of(guideline: Guideline, library: Library) -> frozenset[str]:
    """Return the treatments for which a guideline's `applies_to` leaves room."""
    left = frozenset(library.vocabulary.facts[TREATMENT].choices)
    for part in conjuncts(guideline.applies_to):
        if isinstance(part, Test) and part.fact == TREATMENT:
            named = frozenset(part.operand if isinstance(part.operand, tuple) else (str(part.operand),))
            if part.op in (Op.EQUALS, Op.ONE_OF):
                left &= named
            elif part.op is Op.NONE_OF:
                left -= named
    return left
