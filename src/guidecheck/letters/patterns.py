"""The word lists and patterns of `rules/letters/*.yaml`, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as SequenceType
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from guidecheck.errors import Finding, GuidecheckError, Location, shorten
from guidecheck.language.facts import FactType
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.letters.expressions import expression, expression_fault
from guidecheck.letters.pattern_words import (
    ALL,
    CueWords,
    FactWords,
    Group,
    HeadingWords,
    LayoutWords,
    NumberWords,
    Patterns,
    RegimenWords,
    WordLists,
)
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, Sequence, load

_M = TypeVar("_M", bound=BaseModel)
_HINT = "the comments at the top of the file say what can stand there"
_WORD = re.compile(r"[^\W\d_]{3,}")
_IN_WORDS = {
    "extra_forbidden": "is no key that can stand here",
    "missing": "is missing",
    "list_type": "is to be a list",
    "string_type": "is to be a text",
    "dict_type": "is to be names with their words",
    "literal_error": "is none of the words that can stand here",
}

PATTERNS_FOLDER = "letters"
WORD_LISTS = "word_lists.yaml"
FILES = ("layouts.yaml", "headings.yaml", "facts.yaml", "cues.yaml", "regimens.yaml", WORD_LISTS)


def patterns_folder(folders: SequenceType[Path]) -> Path:
    """Return the folder of patterns that counts: that of the last of some folders that has one."""
    own = [folder / PATTERNS_FOLDER for folder in folders]
    return next((path for path in reversed(own) if path.is_dir()), own[0])


def load_patterns(folders: list[Path], library: Library) -> Patterns:
    """Return the patterns of the last of the folders that has a `letters` folder.

    Raises:
        GuidecheckError: files are missing or have mistakes; every one with its place.
    """
    folder = patterns_folder(folders)
    findings: list[Finding] = []
    nodes = {name: load(folder / name, findings) for name in FILES}
    if findings:
        raise GuidecheckError(findings)
    lists = _model(WordLists, nodes[WORD_LISTS], findings)
    layout = _model(LayoutWords, nodes["layouts.yaml"], findings)
    headings = _model(HeadingWords, nodes["headings.yaml"], findings)
    facts = _by_name(FactWords, nodes["facts.yaml"], findings)
    cues = _by_name(CueWords, nodes["cues.yaml"], findings)
    regimens = _model(RegimenWords, nodes["regimens.yaml"], findings)
    if findings or layout is None or headings is None or regimens is None or lists is None:
        raise GuidecheckError(findings)
    for file, entries in (
        ("facts.yaml", [g for f in facts.values() for g in f.groups]),
        ("cues.yaml", cues.values()),
    ):
        mistakes = [mistake for entry in entries for mistake in _with_lists(entry, lists.root, file)]
        findings += [_finding(nodes, mistake) for mistake in mistakes]
    if findings:
        raise GuidecheckError(findings)
    patterns = Patterns(layout, headings, facts, cues, regimens)
    findings += _check(patterns, library, nodes)
    if findings:
        raise GuidecheckError(findings)
    return patterns


def known_words(patterns: Patterns, library: Library) -> frozenset[str]:
    """Return the words of the phrases of facts and cues and of the vocabulary, in small letters."""
    phrases = [phrase for words in patterns.facts.values() for group in words.groups for phrase in group.words]
    for cue in patterns.cues.values():
        phrases += [*cue.before, *cue.after, *cue.ends, *cue.not_these]
    phrases += [word for fact in library.vocabulary.facts.values() for word in fact.words]
    phrases += [word for words in patterns.headings.treatments.values() for word in words]
    return frozenset(_WORD.findall(" ".join(phrases).casefold()))


def _plain(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.text


def _model(model: type[_M], node: Node, findings: list[Finding]) -> _M | None:
    try:
        return model.model_validate(_plain(node))
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            said = f"{_path_words(mistake['loc'])} {_IN_WORDS.get(mistake['type'], mistake['msg'])}"
            findings.append(Finding(_place(node, mistake["loc"]), "letter-pattern", said, _HINT))
    return None


def _path_words(path: tuple[int | str, ...]) -> str:
    """Return where something stands, as in "`groups` 1: `says`"; entries of a list count from 1."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f" {part + 1}"
        elif words.endswith("`"):
            words = f"{words[:-1]}.{part}`"
        else:
            words += f": `{part}`" if words else f"`{part}`"
    return words


def _place(node: Node, path: tuple[int | str, ...]) -> Location:
    for part in path:
        inner: Node | None = None
        if isinstance(node, MappingNode):
            inner = node.get(str(part))
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            inner = node.items[part]
        if inner is None:
            break
        node = inner
    return node.at


def _by_name(model: type[_M], node: Node, findings: list[Finding]) -> dict[str, _M]:
    if not isinstance(node, MappingNode):
        findings.append(Finding(node.at, "letter-pattern", "names with their words were expected", _HINT))
        return {}
    read = {key.text: _model(model, value, findings) for key, value in node.entries}
    return {name: entry for name, entry in read.items() if entry is not None}


@dataclass(frozen=True)
class _Mistake:
    """What is wrong with a text of a file, under one of its names where that is told."""

    file: str
    text: str
    message: str
    under: str = ""


def _check(patterns: Patterns, library: Library, nodes: Mapping[str, Node]) -> list[Finding]:
    """Return what names something that the vocabulary or the cues don't have, and expressions that are none."""
    mistakes = [*_fact_mistakes(patterns, library), *_layout_mistakes(patterns.layout, library)]
    regimens = patterns.regimens
    taken = [
        *regimens.not_taken,
        *regimens.no_longer_taken,
        regimens.changed_from,
        regimens.reported,
        regimens.now,
        regimens.most_a_day,
        regimens.taken_before,
        regimens.taken_each_time,
        regimens.formerly,
        regimens.between,
        regimens.either,
        regimens.besides,
        regimens.another_strength,
    ]
    taken += [dose.match for dose in regimens.frequencies]
    mistakes += _broken("regimens.yaml", taken)
    mistakes += _broken(
        "headings.yaml",
        [
            *(e for es in patterns.headings.quantities.values() for e in es),
            patterns.headings.joints,
            patterns.headings.steps,
            patterns.headings.before_name,
            patterns.headings.time_unit,
            *patterns.headings.scope.model_dump(exclude={"wide"}).values(),
        ],
    )
    facts, headings = library.vocabulary.facts, patterns.headings
    named = {
        "without_visits": headings.without_visits,
        "after_surgery": headings.after_surgery,
        "named_within": headings.named_within,
        "givers": list(headings.givers),
        "drug_treatment": [headings.drug_treatment] if headings.drug_treatment else [],
    }
    for under, names in named.items():
        for name in (name for name in names if name not in facts[TREATMENT].choices):
            mistakes.append(_Mistake("headings.yaml", name, f"unknown treatment `{name}`", under))
    known = not regimens.fact or regimens.fact in library.vocabulary.broken
    if not known and (regimens.fact not in facts or facts[regimens.fact].type is not FactType.LIST):
        mistakes.append(
            _Mistake("regimens.yaml", regimens.fact, f"`{regimens.fact}` is no list of the vocabulary")
        )
    return [_finding(nodes, mistake) for mistake in mistakes]


def _finding(nodes: Mapping[str, Node], mistake: _Mistake) -> Finding:
    return Finding(_where(nodes[mistake.file], mistake), "letter-pattern", mistake.message, _HINT)


_LIST_NAME = re.compile(r"<([a-z_]+)>")


def _with_lists(entry: Group | CueWords, lists: Mapping[str, list[str]], file: str) -> Iterator[_Mistake]:
    """Put the words of lists for their names (`<gained>`) in an entry's phrases, and yield what names none."""
    for field in ("words", "before", "after", "ends", "not_these"):
        phrases: list[str] = getattr(entry, field, [])
        for index, phrase in enumerate(phrases):
            unknown = [name for name in _LIST_NAME.findall(phrase) if name not in lists]
            if unknown:
                yield _Mistake(file, phrase, f"`{shorten(phrase)}`: unknown list of words `{unknown[0]}`")
            else:
                phrases[index] = _LIST_NAME.sub(lambda name: "|".join(lists[name[1]]), phrase)


def _where(node: Node, mistake: _Mistake) -> Location:
    """Return where the text of a mistake stands in a file."""
    within = node.get(mistake.under) if isinstance(node, MappingNode) else None
    return _place_of(within or node, mistake.text) or node.at


def _place_of(node: Node, text: str) -> Location | None:
    """Return where a text stands first in a node, as a key or a value."""
    if isinstance(node, Scalar):
        return node.at if node.text == text else None
    inner: Iterable[Node] = (
        node.items if isinstance(node, Sequence) else (n for pair in node.entries for n in pair)
    )
    places = (_place_of(part, text) for part in inner)
    return next((at for at in places if at is not None), None)


def _fact_mistakes(patterns: Patterns, library: Library) -> Iterator[_Mistake]:
    facts = library.vocabulary.facts
    file = "facts.yaml"
    for name, words in patterns.facts.items():
        if name in library.vocabulary.broken:
            continue
        if name not in facts:
            yield _Mistake(file, name, f"unknown fact `{name}`")
        elif facts[name].type is not FactType.BOOLEAN and any(_answers(group) for group in words.groups):
            yield _Mistake(file, name, f"`{name}` is no yes-or-no fact: its phrases can't say yes or no")
        for treatment in words.treatments if words.treatments != [ALL] else ():
            if treatment not in facts[TREATMENT].choices:
                yield _Mistake(file, treatment, f"`{name}`: unknown treatment `{treatment}`", name)
        for fact in (fact for group in words.groups for fact in group.behind if fact not in patterns.facts):
            yield _Mistake(file, fact, f"`{name}`: `behind` names `{fact}`, which has no phrases", name)
        entries: list[Group | NumberWords] = [*words.groups, *words.numbers]
        named = [cue for entry in entries for cue in (*entry.needs, *entry.unless, *entry.despite)]
        for cue in (cue for cue in named if cue not in patterns.cues):
            yield _Mistake(file, cue, f"`{name}`: unknown cue `{cue}`", name)
        yield from _broken(
            file, [*(number.match for number in words.numbers), *words.no_number, words.whole or ""]
        )


def _answers(group: Group) -> bool:
    """Tell whether phrases say yes or no under any cues, not only that the records lack something."""
    usual = "no" if group.says == "yes" else "ignore"
    return not {group.says, group.negated or usual, group.no_record, group.reported}.isdisjoint({"yes", "no"})


def _layout_mistakes(layout: LayoutWords, library: Library) -> Iterator[_Mistake]:
    expressions = [
        *layout.header.values(),
        *layout.numbered_outcomes,
        *layout.numbered_rationale,
        *layout.heading_outcome,
        *layout.decision_paragraph,
        *layout.outcome_alone,
        *layout.unread_outcome,
        *layout.closing,
        layout.determination,
        layout.footer_in_line,
        *layout.footers,
        *layout.request_dates,
        *layout.review_dates,
        *layout.no_record_before,
        *layout.no_record_behind,
        *layout.maybe_no_record_before,
        *layout.record_beside,
        *layout.citations.model_dump().values(),
        layout.introduction,
        layout.diagnosis_joints,
        layout.diagnosis_denied,
        layout.diagnosis_over,
        layout.diagnosis_end,
        layout.diagnosis_detail,
        layout.no_diagnosis,
    ]
    for held in (layout.markers, layout.labels, layout.reviewer, layout.claim, layout.claim_choices):
        expressions += [e for es in held.values() for e in es]
    file, facts = "layouts.yaml", library.vocabulary.facts
    yield from _broken(file, expressions)
    for name, es in layout.claim_choices.items():
        if name in library.vocabulary.broken:
            continue
        values = facts[name].choices if name in facts else ()
        for text in es:
            for group in () if expression_fault(text) else expression(text).groupindex:
                if group not in values:
                    yield _Mistake(file, text, f"`{name}` has no value `{group}`")


def _broken(file: str, expressions: Iterable[str]) -> Iterator[_Mistake]:
    for text in expressions:
        fault = expression_fault(text)
        if fault:
            yield _Mistake(file, text, fault)
