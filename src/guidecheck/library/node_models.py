"""Pydantic models over YAML nodes: each field converts its own node, so every mistake keeps its place."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from datetime import date
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from guidecheck.errors import Finding, Findings, Location, did_you_mean, one_of, shorten
from guidecheck.language.facts import ValueFault, fold, read_boolean, read_date
from guidecheck.reading.indentation import Entry, indented
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, Sequence, describe, is_null, slip_in, unbracketed
from guidecheck.reading.slips import CURLY_QUOTES, UNCLOSED_QUOTE, begins_a_quote, in_curly_quotes


def _wrong(code: str, message: str, hint: str) -> PydanticCustomError:
    # Pydantic formats messages with str.format-like fields, which a quoted file could contain.
    return PydanticCustomError(code, "{text}", {"text": message, "hint": hint})


def _text(node: object) -> str:
    if not isinstance(node, Scalar) or is_null(node) or not node.text.strip():
        hint = "write one behind the colon, in quotes if it has a colon or # of its own"
        raise _wrong("wrong-type", f"{_said(node)} where a text was expected", hint)
    if not node.quoted and in_curly_quotes(node.text):
        raise _wrong("wrong-value", *CURLY_QUOTES)
    if not node.quoted and begins_a_quote(node.text):
        raise _wrong("wrong-value", *UNCLOSED_QUOTE)
    return " ".join(node.text.split())


def is_name(text: str) -> bool:
    """Tell whether a text can be the name of a guideline, a criterion or the like."""
    return re.fullmatch(r"[a-z0-9]+([_-][a-z0-9]+)*", text) is not None


def _name(node: object) -> str:
    text = _text(node)
    if not is_name(text):
        raise _wrong("bad-name", f"`{shorten(text)}` is no name", "write small letters, digits, - and _")
    return text


def _day(node: object) -> date:
    try:
        return read_date(_text(node))
    except ValueFault as fault:
        raise _wrong("wrong-value", fault.message, fault.hint) from None


def _yes(node: object) -> bool:
    try:
        if read_boolean(_text(node)):
            return True
    except ValueFault:
        pass
    raise _wrong("wrong-value", f"{_said(node)} where only yes can stand", "write yes, or leave the key out")


def _reference(node: object) -> str:
    text = _text(node)
    if isinstance(node, Scalar) and unbracketed(node):
        raise _wrong("wrong-type", f"{_said(node)} where one name was expected", "write a single one")
    return text


def _list(node: object) -> list[Node]:
    return _listed(node, "")


def _list_of_texts(node: object) -> list[Node]:
    return _listed(node, ", or put a single text that has a comma in quotes")


def _entry_text(node: object) -> str:
    text = _text(node)
    if isinstance(node, Scalar) and not node.quoted and re.search(r";\s", text):
        parts = [part.strip() for part in text.split(";")]
        hint = f"write each as an entry of its own ({shorten(', '.join(parts))}), or the text in quotes"
        raise _wrong("wrong-value", f"{_said(node)} where a single text was expected", hint)
    return text


def _listed(node: object, or_else: str) -> list[Node]:
    if isinstance(node, Scalar) and (entries := unbracketed(node)):
        hint = f"write a list: [{shorten(', '.join(entries))}]{or_else}"
        raise _wrong("wrong-type", f"{_said(node)} where a list was expected", hint)
    if isinstance(node, Sequence):
        if not node.items:
            raise _wrong("empty-list", "an empty list", "name at least one, or leave the key out")
        return list(node.items)
    if isinstance(node, Scalar | Mapping) and not is_null(node):
        return [node]
    hint = "write its entries under it, each after a dash on a line of its own"
    raise _wrong("wrong-type", f"{_said(node)} where a list was expected", hint)


def _entries(node: object) -> dict[str, Node]:
    if not isinstance(node, Mapping):
        slip = slip_in(node) if isinstance(node, Scalar) else None
        if slip is not None:
            told = {"text": slip.message, "hint": slip.hint, "at": slip.location}
            raise PydanticCustomError(slip.code, "{text}", told)
        hint = "write NAME: VALUE lines, those under a key indented deeper than it"
        raise _wrong("wrong-type", f"{_said(node)} where named values were expected", hint)
    return {key.text: value for key, value in node.entries}


def _any(node: object) -> object:
    if isinstance(node, Scalar) and is_null(node):
        raise _wrong("wrong-type", "nothing stands here", "write what belongs here, or leave the key out")
    return node


def _said(node: object) -> str:
    return describe(node) if isinstance(node, Scalar | Sequence | Mapping) else str(node)


Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_name)]
Day = Annotated[date, BeforeValidator(_day)]
Yes = Annotated[bool, BeforeValidator(_yes)]
Reference = Annotated[str, BeforeValidator(_reference)]
"""The name of what is declared elsewhere: whether it is, is said by whoever looks it up."""

References = Annotated[list[Reference], BeforeValidator(_list)]
Texts = Annotated[list[Annotated[str, BeforeValidator(_entry_text)]], BeforeValidator(_list_of_texts)]
AnyNode = Annotated[Any, BeforeValidator(_any)]
Nodes = Annotated[list[AnyNode], BeforeValidator(_list)]
NodeByName = Annotated[dict[str, AnyNode], BeforeValidator(_entries)]
FactsByName = Annotated[dict[str, Any], BeforeValidator(_entries)]
"""Facts of an example: what can stand behind each is said by whoever reads facts."""


def word(*words: str, meant: MappingType[str, str] | None = None) -> BeforeValidator:
    """Return a validator for one of a few fixed words; `meant` has them by others that people write for them."""

    def check(node: object) -> str:
        text = _text(node)
        if text not in words:
            other = (meant or {}).get(fold(text))
            hint = f"write `{other}`" if other else did_you_mean(text, words) or one_of(words)
            raise _wrong("wrong-value", f"`{shorten(text)}` is not allowed here", hint)
        return text

    return BeforeValidator(check)


def mapping_of_nodes() -> BeforeValidator:
    """Return a validator that takes a mapping whose keys are names of the writer's own."""
    return BeforeValidator(_entries)


class NodeModel(BaseModel):
    """A mapping node with known keys; an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _from_node(cls, node: object) -> object:
        if isinstance(node, dict | cls):
            return node
        if isinstance(node, Scalar) and is_null(node):
            return {}
        return _entries(node)


Model = TypeVar("Model", bound=NodeModel)


def read_model(model: type[Model], node: Node, findings: Findings) -> Model | None:
    """Return a node as a model, or None after reporting every mistake in it."""
    try:
        return model.model_validate(node)
    except ValidationError as error:
        meant = _indented(model, node, findings)
        if meant is not node:
            read_model(model, meant, findings)
            return None
        for problem in error.errors(include_url=False):
            found = _finding(model, node, dict(problem))
            findings.add(found.location, found.code, found.message, found.hint)
        return None


def _indented(model: type[NodeModel], node: Node, findings: Findings) -> Node:
    """Return a node with what stands level with the key it belongs under put there, after reporting that."""
    if not isinstance(node, Mapping):
        return node
    fields = _fields(model)

    def belongs(holder: Entry, entry: Entry) -> bool:
        (above, value), name = holder, entry[0].text
        if above.text not in fields or name in fields or did_you_mean(name, fields, likeness=0.8):
            return False
        annotation = fields[above.text].annotation
        if _holds_nodes(annotation):
            return is_null(value)
        inner = _model_in(annotation)
        return inner is not None and name in _fields(inner)

    entries = []
    for key, value in node.entries:
        annotation = fields[key.text].annotation if key.text in fields else None
        inner = _model_in(annotation) if get_origin(annotation) is dict else None
        entries.append((key, indented_by_name(inner, value, findings) if inner else value))
    if any(new is not old for (_, new), (_, old) in zip(entries, node.entries, strict=True)):
        node = Mapping(tuple(entries), node.at)
    return indented(node, belongs, "unknown-key", findings)


def indented_by_name(model: type[NodeModel], node: Node, findings: Findings) -> Node:
    """Return what stands by names of the writer's own, a model's keys level with such a name put under it."""
    fields = _fields(model)

    def belongs(holder: Entry, entry: Entry) -> bool:
        key, value = entry
        if key.text not in fields:
            return False
        keys = [inner.text for inner, _ in value.entries] if isinstance(value, Mapping) else []
        return not keys or not fields.keys() >= set(keys)  # else it is such a name itself

    return indented(node, belongs, "unknown-key", findings) if isinstance(node, Mapping) else node


def _holds_nodes(annotation: Any) -> bool:
    """Tell whether NAME: VALUE lines with names of the writer's own can stand under a field."""
    return annotation is Any or get_origin(annotation) is dict or any(map(_holds_nodes, get_args(annotation)))


def _fields(model: type[NodeModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _finding(model: type[NodeModel], node: Node, problem: dict[str, Any]) -> Finding:
    path = tuple(problem["loc"])
    kind = problem["type"]
    if kind == "missing":
        holder, _ = _walk(node, path[:-1])
        code = "citation-missing" if path[-1] == "citation" else "missing-key"
        return Finding(holder, code, f"`{path[-1]}` is missing", f"add `{path[-1]}:`")
    at, key_at = _walk(node, path)
    if kind == "extra_forbidden":
        holder_model = _model_at(model, path[:-1])
        known = list(_fields(holder_model)) if holder_model else []
        hint = did_you_mean(str(path[-1]), known) or one_of(known, most=20)
        return Finding(key_at or at, "unknown-key", f"unknown key `{shorten(str(path[-1]))}`", hint)
    context = problem.get("ctx", {})
    message = context.get("text") or problem["msg"]
    code = kind if "text" in context else "wrong-value"
    name = _last_name(path)
    at = context.get("at", at)
    return Finding(at, code, f"`{shorten(name)}`: {message}" if name else message, context.get("hint", ""))


def _last_name(path: tuple[str | int, ...]) -> str:
    names = [part for part in path if isinstance(part, str)]
    return names[-1] if names else ""


def _walk(node: Node, path: tuple[str | int, ...]) -> tuple[Location, Location | None]:
    """Return where a path leads in a node (as far as it goes), and the place of its last key."""
    key_at: Location | None = None
    for part in path:
        if isinstance(node, Mapping) and isinstance(part, str):
            key, value = node.key(part), node.get(part)
            if key is None or value is None:
                break
            key_at, node = key.at, value
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
        elif part != 0:  # a single value that stands for a list of one
            break
    return node.at, key_at


def _model_at(model: type[NodeModel], path: tuple[str | int, ...]) -> type[NodeModel] | None:
    """Return the model that reads the mapping a path leads to."""
    current: type[NodeModel] | None = model
    names = (part for part in path if isinstance(part, str))
    for name in names:
        if current is None:
            break
        fields = _fields(current)
        annotation = fields[name].annotation if name in fields else None
        if getattr(annotation, "__origin__", None) is dict:
            next(names, None)  # the writer's own name
        current = _model_in(annotation)
    return current


def _model_in(annotation: Any) -> type[NodeModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, NodeModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
