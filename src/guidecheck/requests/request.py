"""A request for authorization, or a historical case: its items, each with the facts the records document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from guidecheck.errors import Location
from guidecheck.language.deriving import Known
from guidecheck.language.facts import Entry, Value


class Basis(StrEnum):
    """Who found a fact: the records, or the reviewer who decided."""

    RECORDS = "records"
    REVIEWER = "reviewer"


class Actual(StrEnum):
    """The outcome that a review really had."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact stands: a document, a page in it, and who found it. `value` is None for undocumented."""

    value: Value | None
    source: str | None = None
    page: str | None = None
    basis: Basis = Basis.RECORDS


@dataclass(frozen=True, slots=True)
class Item:
    """One disputed item with its claim's facts copied in.

    `stated` are the facts as given, `undocumented` those stated as undocumented; `known` adds the derived ones.
    `evidence` has the findings for facts that came with any. `lacking` are facts without which the treatment
    cannot be checked (partial records only; in complete ones they are a mistake). `asked` has, by list of the
    claim, the entries that the item itself asks for, `in_part` what is told of lists that nobody states whole.
    """

    id: str
    treatment: str
    as_of: date
    jurisdiction: str
    partial: bool
    stated: Mapping[str, Value]
    undocumented: frozenset[str]
    known: Known
    evidence: Mapping[str, tuple[Evidence, ...]]
    lacking: tuple[str, ...]
    actual: Actual | None
    at: Location
    asked: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    in_part: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `dated` tells whether it stated `as_of` itself."""

    case_id: str
    as_of: date
    dated: bool
    partial: bool
    items: tuple[Item, ...]
    at: Location
