"""What changed from one rule library to another, in words: limits, criteria, dates, tables, facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guidecheck.editing.condition_changes import Difference, condition_changes
from guidecheck.editing.rule_change import Change, each_side, listed, pairs, replaced
from guidecheck.editing.table_changes import citation_changes, tables_changes
from guidecheck.editing.vocabulary_changes import vocabulary_changes
from guidecheck.errors import Location
from guidecheck.explaining.wording import day_words, span_words
from guidecheck.language.conditions import Condition
from guidecheck.language.tables import Table
from guidecheck.library.models import Criterion, Guideline, Library, Period
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar

_Tables = dict[str, Table]


def differences(old: Library, new: Library) -> list[Change]:
    """Return what changed from one library to another: the frame, guidelines in the new order, the vocabulary."""
    found = list(_frame_changes(old, new))
    for name, was, now in pairs(old.guidelines, new.guidelines):
        if was is None:
            assert now is not None
            words = f"guideline added: {now.title}, with {_count(len(now.criteria), 'criterion', 'criteria')}"
            found.append(Change("guideline-added", name, words, now.at, "", name))
        elif now is None:
            found.append(Change("guideline-removed", name, f"guideline removed: {was.title}", was.at, name, ""))
        else:
            found += _guideline_changes(was, now, (old.own_tables(was), new.own_tables(now)))
    found += vocabulary_changes(old.vocabulary, new.vocabulary)
    before, after = _library_examples(old), _library_examples(new)
    return [*found, *_example_changes("", before, after, Location("examples"))]


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _frame_changes(old: Library, new: Library) -> Iterator[Change]:
    """Yield what changed in `library.yaml`."""
    at = Location("library.yaml")
    yield from replaced("version", "", "version", (old.version, new.version), at, decides=False)
    for name, was, now in pairs(old.authorities, new.authorities):
        rank = each_side(lambda authority: str(authority.rank + 1) if authority else "", was, now)
        yield from replaced("authority", "", f"authority {name}, rank", rank, at)
        role = each_side(lambda authority: "legal" if authority and authority.legal else "", was, now)
        yield from replaced("authority", "", f"authority {name}, role", role, at)
        former = each_side(lambda authority: (authority.former_of or "") if authority else "", was, now)
        yield from replaced("authority", "", f"authority {name}, former of", former, at, decides=False)
        title = each_side(lambda authority: authority.title if authority else "", was, now)
        yield from replaced("authority", "", f"authority {name}, title", title, at, decides=False)
    for name, allowed, allows in pairs(old.jurisdictions, new.jurisdictions):
        names = each_side(lambda authorities: listed(authorities or ()), allowed, allows)
        yield from replaced("jurisdiction", "", f"jurisdiction {name}", names, at)
    for name, asked, asks in pairs(old.topics, new.topics):
        yield from replaced("topic", "", f"topic {name}", (asked or "", asks or ""), at, decides=False)


def _guideline_changes(old: Guideline, new: Guideline, own: tuple[_Tables, _Tables]) -> Iterator[Change]:
    name, at = new.id, new.at
    yield from _guard(name, "is for", (old.applies_to, new.applies_to), at)
    yield from _dates(name, old.periods, new.periods, at)
    yield from replaced("leaves-open", name, "leaves open", each_side(_open, old, new), at)
    outranked = each_side(lambda guideline: listed(sorted(guideline.outranks)), old, new)
    yield from replaced("outranks", name, "outranks", outranked, at)
    yield from replaced("wording", name, "title", (old.title, new.title), at, decides=False)
    yield from citation_changes(name, "", old.citation, new.citation, at)
    yield from tables_changes(name, *own)
    before_criteria = {criterion.id: criterion for criterion in old.criteria}
    for _, was, now in pairs(before_criteria, {criterion.id: criterion for criterion in new.criteria}):
        if was is None:
            assert now is not None
            yield Change("criterion-added", now.key, f"criterion added: {now.says}", now.at, "", now.id)
        elif now is None:
            yield Change("criterion-removed", was.key, f"criterion removed: {was.says}", was.at, was.id, "")
        else:
            yield from _criterion_changes(was, now)
            yield from citation_changes(now.key, "", _own_citation(was, old), _own_citation(now, new), now.at)
    yield from _example_changes(name, old.examples, new.examples, at)


def _open(guideline: Guideline) -> str:
    if guideline.leaves_open is None:
        return "by topic alone"
    return listed(sorted(guideline.leaves_open)) or "no topic"


def _dates(subject: str, old: tuple[Period, ...], new: tuple[Period, ...], at: Location) -> Iterator[Change]:
    if len(old) != len(new):
        spans = each_side(lambda periods: "; ".join(f"{span_words(p)} ({p.authority})" for p in periods), old, new)
        yield from replaced("dates", subject, "in force", spans, at)
        return
    for was, now in zip(old, new, strict=True):
        yield from replaced(
            "dates", subject, "in force from", each_side(day_words, was.start, now.start), now.begins_at or at
        )
        end = each_side(lambda period: day_words(period.end) if period.end else "further notice", was, now)
        yield from replaced("dates", subject, "in force until", end, now.ends_at or at)
        whose = f"authority ({span_words(now)})" if len(new) > 1 else "authority"
        yield from replaced("dates", subject, whose, (was.authority, now.authority), at)


def _criterion_changes(old: Criterion, new: Criterion) -> Iterator[Change]:
    name, at = new.key, new.at
    if (old.require is None) is not (new.require is None):
        purpose = each_side(lambda c: "not recommended" if c.require is None else "a requirement", old, new)
        yield from replaced("purpose", name, "where it applies", purpose, at)
    else:
        yield from _conditions(name, "requires", condition_changes(old.require, new.require), at)
    yield from _guard(name, "applies when", (old.when, new.when), at, nothing="always")
    yield from _guard(name, "does not apply where", (old.unless, new.unless), at)
    yield from replaced("topic", name, "topic", (old.topic, new.topic), at)
    silence = each_side(lambda criterion: "met" if criterion.assumed_met else "", old, new)
    yield from replaced("silence", name, "when undocumented", silence, at)
    for code, what, sides in (
        ("wording", "says", (old.says, new.says)),
        ("wording", "remedy", (old.remedy, new.remedy)),
        ("confidence", "confidence", (old.confidence, new.confidence)),
        ("source", "source ids", each_side(listed, old.source_ids, new.source_ids)),
    ):
        yield from replaced(code, name, what, sides, at, decides=False)


def _own_citation(criterion: Criterion, guideline: Guideline) -> dict[str, str]:
    """Return the parts of a criterion's citation that it doesn't have from its guideline, where they are told."""
    inherited = {"title": guideline.title, **guideline.citation}
    return {part: text for part, text in criterion.citation.items() if inherited.get(part) != text}


def _guard(
    subject: str, says: str, sides: tuple[Condition | None, Condition | None], at: Location, nothing: str = ""
) -> Iterator[Change]:
    return _conditions(subject, says, condition_changes(*sides, guard=True, nothing=nothing), at)


def _conditions(subject: str, says: str, found: Iterable[Difference], at: Location) -> Iterator[Change]:
    for difference in found:
        code = difference.kind if difference.kind in ("limit", "test") else "condition"
        yield Change(code, subject, difference.said_of(says), at, difference.before, difference.after)


def _library_examples(library: Library) -> tuple[Node, ...]:
    found: list[Node] = []
    for file in library.examples:
        inner = file.get("examples") if isinstance(file, Mapping) else None
        found += getattr(inner, "items", ())
    return tuple(found)


def _example_changes(subject: str, old: tuple[Node, ...], new: tuple[Node, ...], at: Location) -> Iterator[Change]:
    before, after = ({_example_name(node): _plain(node) for node in nodes} for nodes in (old, new))
    kinds = {
        "added": [name for name in after if name not in before],
        "removed": [name for name in before if name not in after],
        "changed": [name for name in after if name in before and after[name] != before[name]],
    }
    if not any(kinds.values()):
        return
    said = "; ".join(f"{len(names)} {kind}" for kind, names in kinds.items() if names)
    words = f"examples: {len(old)} → {len(new)} ({said})"
    yield Change("examples", subject, words, at, str(len(old)), str(len(new)), decides=False)


def _example_name(node: Node) -> str:
    name = node.get("name") if isinstance(node, Mapping) else None
    return " ".join(name.text.split()) if isinstance(name, Scalar) else ""


def _plain(node: Node) -> object:
    """Return a node's content without its places, for comparison."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries}
    return [_plain(item) for item in node.items]
