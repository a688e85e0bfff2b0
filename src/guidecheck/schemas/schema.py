"""JSON Schemas (draft-07) of requests and rule files, from the vocabulary: for editors to complete and underline.

They say no more than an editor can show while somebody types. What loading checks beyond (derived facts, tables,
names across files) is for `guidecheck rules lint`.
"""

from __future__ import annotations

from guidecheck.deciding.determination import Outcome, Status
from guidecheck.language.facts import Changeable, Fact, FactType, Scope
from guidecheck.language.vocabulary import AS_OF, TREATMENT
from guidecheck.library.confidence_words import CONFIDENCES
from guidecheck.library.derivation_reader import DERIVATION_KEYS
from guidecheck.library.models import Library
from guidecheck.requests.request import Actual
from guidecheck.schemas.fact_schema import (
    DATE,
    TEXT,
    YES,
    FactSchemas,
    Schema,
    enum,
    named,
    one_or_many,
)

DRAFT = "http://json-schema.org/draft-07/schema#"
KINDS = ("request", "guideline", "vocabulary", "library", "examples")

_NAME: Schema = {"type": "string", "pattern": "^[a-z0-9]+([_-][a-z0-9]+)*$"}
_RECORDS: Schema = {
    **enum({"complete": "what is left out is undocumented", "partial": "what is left out is unknown"}),
    "description": "whether these are all the records (complete, unless stated), or a summary of them",
}


def schema(kind: str, library: Library) -> Schema:
    """Return the schema of one kind of file (`KINDS`), for the facts, topics and authorities of a library."""
    made = {
        "request": _request,
        "guideline": _guideline,
        "vocabulary": _vocabulary,
        "library": _library,
        "examples": _examples,
    }[kind](library)
    return {"$schema": DRAFT, "title": f"guidecheck {kind}", **made}


def _request(library: Library) -> Schema:
    facts = FactSchemas(library.vocabulary)
    claim = facts.stated(f for f in library.vocabulary.facts_in(Scope.CLAIM) if f.name != AS_OF)
    item = named(
        {
            "id": {**TEXT, "description": "a name for the item"},
            **facts.stated(_item_facts(library)),
            "actual": {"enum": [str(actual) for actual in Actual], "description": "what the review decided"},
            "note": TEXT,
        },
        TREATMENT,
    )
    top = {
        "case_id": {**TEXT, "description": "a name for the request, without anybody's name in it"},
        AS_OF: {**DATE, "description": library.vocabulary.facts[AS_OF].ask},
        "records": _RECORDS,
        "claim": {**named(claim), "type": ["object", "null"], "description": "facts of the claim"},
        "items": {"type": "array", "minItems": 1, "items": item, "description": "each treatment asked for"},
        "file": TEXT,
        "as_of_basis": TEXT,
        "note": TEXT,
    }
    return {**named(top, "items"), "definitions": facts.definitions}


def _item_facts(library: Library) -> list[Fact]:
    return [fact for fact in library.vocabulary.facts.values() if fact.may_stand_in(Scope.ITEM)]


def _guideline(library: Library) -> Schema:
    facts = FactSchemas(library.vocabulary)
    topic = enum(library.topics)
    period = named({"from": DATE, "until": DATE, "authority": _authority(library)}, "from")
    top: dict[str, Schema] = {
        "guideline": {**_NAME, "description": "the id of this edition"},
        "title": TEXT,
        "authority": {**_authority(library), "description": "whose guideline it is"},
        "citation": _citation("where it stands: section, pages, regulation"),
        "in_force": {**one_or_many(period), "description": "the days, both included, on which it is in force"},
        "applies_to": {"allOf": [facts.condition()], "description": "the items it is for"},
        "leaves_open": {**one_or_many(topic), "description": "the topics that lower-ranked guidelines may add to"},
        "outranks": {
            **one_or_many(_NAME),
            "description": "general guidelines of the same authority to which it is special",
        },
        "tables": {"type": "object", "additionalProperties": _table(facts, TEXT)},
        "criteria": one_or_many(_criterion(facts, topic)),
        "examples": one_or_many(_guideline_example(library, facts)),
    }
    required = ("guideline", "title", "authority", "citation", "in_force", "applies_to", "criteria")
    return {**named(top, *required), "definitions": facts.definitions}


def _authority(library: Library) -> Schema:
    return enum({authority.id: authority.title for authority in library.authorities.values()})


def _citation(description: str) -> Schema:
    keys = ("title", "edition", "section", "pages", "regulation", "note")
    return named(dict.fromkeys(keys, TEXT), description=description)


def _criterion(facts: FactSchemas, topic: Schema) -> Schema:
    condition = facts.condition()
    criterion = named(
        {
            "id": _NAME,
            "topic": {**topic, "description": "the question it answers"},
            "says": {**TEXT, "description": "what it asks, in your own words"},
            "require": {"allOf": [condition], "description": "what the records must document"},
            "not_recommended": {**YES, "description": "fails wherever it applies"},
            "when": {"allOf": [condition], "description": "applies only where this is documented"},
            "unless": {"allOf": [condition], "description": "applies except where this is documented"},
            "when_undocumented": {"enum": ["met"], "description": "nobody holds its silence against a request"},
            "remedy": {**TEXT, "description": "what to add to the record, or to change in the request"},
            "confidence": {"enum": list(CONFIDENCES)},
            "citation": _citation("overrides or adds to the guideline's"),
            "source_id": one_or_many(TEXT),
        },
        "id",
        "topic",
        "says",
        "confidence",
    )
    return {**criterion, "oneOf": [{"required": ["require"]}, {"required": ["not_recommended"]}]}


def _table(facts: FactSchemas, columns: Schema) -> Schema:
    """Return the schema of a table; `columns` is what stands under names that are no facts."""
    row = named(
        {
            **facts.cells(),
            "citation": _citation("of the row"),
            "source_id": one_or_many(TEXT),
            "confidence": {"enum": list(CONFIDENCES)},
        }
    )
    pick = named({"highest": {"type": "string"}, "lowest": {"type": "string"}})
    table = {
        "keys": {**one_or_many(_NAME), "description": "the facts that pick a row"},
        "pick": {**pick, "maxProperties": 1, "description": "which of several rows counts; else the first"},
        "rows": one_or_many({**row, "additionalProperties": columns}),
    }
    return named(table, "keys", "rows")


def _guideline_example(library: Library, facts: FactSchemas) -> Schema:
    names = {**one_or_many(_NAME), "description": "criteria of this guideline"}
    example = {
        "name": {**TEXT, "description": "a plain sentence"},
        AS_OF: DATE,
        "records": _RECORDS,
        "facts": named(facts.stated(library.vocabulary.facts.values())),
        "expect": {**named({str(status): names for status in Status}), "minProperties": 1},
    }
    return named(example, "name", "facts", "expect")


def _examples(library: Library) -> Schema:
    facts = FactSchemas(library.vocabulary)
    names = one_or_many({"type": "string", "pattern": r"^[a-z0-9_-]+\.[a-z0-9_-]+$"}, empty=True)
    lists = {
        word: {**names, "description": "as guideline.criterion"} for word in ("controlling", "unmet", "superseded")
    }
    predicted = {"enum": [str(outcome) for outcome in Outcome]}
    example = {
        "name": {**TEXT, "description": "a plain sentence"},
        AS_OF: DATE,
        "records": _RECORDS,
        "claim": named(facts.stated(library.vocabulary.facts_in(Scope.CLAIM))),
        "facts": named(facts.stated(_item_facts(library)), TREATMENT),
        "expect": {**named({"predicted": predicted, **lists}), "minProperties": 1},
    }
    top = {"examples": one_or_many(named(example, "name", AS_OF, "facts", "expect"))}
    return {**named(top, "examples"), "definitions": facts.definitions}


def _vocabulary(library: Library) -> Schema:
    # Derivations may name facts that the file adds, so that names are left to `rules lint`.
    choice = {"anyOf": [{"type": "null"}, named({"label": TEXT, "synonyms": one_or_many(TEXT)})]}
    fact = named(
        {
            "type": {"enum": [str(kind) for kind in FactType]},
            "scope": {"enum": [str(scope) for scope in Scope], "description": "of the claim, or of an item"},
            "label": {**TEXT, "description": 'completes "the records do not document ..."'},
            "ask": {**TEXT, "description": "the question a person is asked"},
            "unit": TEXT,
            "minimum": TEXT,
            "maximum": TEXT,
            "change": {
                "enum": [str(change) for change in Changeable],
                "description": "how a person could change it",
            },
            "usual": {"enum": ["undocumented"], "description": "hardly ever mentioned"},
            "values": {"type": "object", "additionalProperties": choice, "minProperties": 1},
            "of": one_or_many(_NAME),
            "phrases": named({"yes": TEXT, "no": TEXT}, description='complete "the records document that ..."'),
            "derive": {
                "type": "object",
                "minProperties": 1,
                "properties": {name: {} for name in DERIVATION_KEYS},
                "description": "what it follows from where it isn't stated; a condition for a boolean",
            },
        },
        "type",
        "label",
    )
    facts = FactSchemas(library.vocabulary)
    top = {
        "facts": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"},
            "additionalProperties": fact,
        },
        "needed": {"type": "object", "additionalProperties": one_or_many(_NAME)},
        "tables": {"type": "object", "additionalProperties": _table(facts, {})},
    }
    return {**named(top), "definitions": facts.definitions}


def _library(library: Library) -> Schema:
    authority = named(
        {
            "id": _NAME,
            "title": TEXT,
            "role": {"enum": ["medical", "legal"], "description": "legal: reported beside the prediction"},
            "same_rank_as": {**_NAME, "description": "an authority above"},
            "former_of": {**_NAME, "description": "the authority above that has replaced these editions"},
        },
        "id",
        "title",
    )
    top = {
        "version": TEXT,
        "authorities": {**one_or_many(authority), "description": "highest rank first"},
        "jurisdictions": {"type": "object", "additionalProperties": one_or_many(_NAME)},
        "topics": {"type": "object", "additionalProperties": TEXT},
    }
    return named(top, "version", "authorities", "jurisdictions", "topics")
