"""What changed from one rule library to another, in words: limits, criteria, dates, tables, facts."""

from __future__ import annotations

from collections.abc import Iterator, Set

from guidecheck.editing.conditions_in_words import in_words
from guidecheck.editing.criterion_changes import criteria_changes, criterion_added, guard_changes
from guidecheck.editing.rule_change import Change, each_side, listed, pairs, replaced
from guidecheck.editing.table_changes import citation_changes, tables_changes
from guidecheck.editing.vocabulary_changes import vocabulary_changes
from guidecheck.errors import Location
from guidecheck.explaining.wording import day_words, span_words
from guidecheck.language.tables import Table
from guidecheck.library.models import Guideline, Library, Period
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar

_Tables = dict[str, Table]


def differences(old: Library, new: Library) -> list[Change]:
    """Return what changed from one library to another: the frame, guidelines in the new order, the vocabulary."""
    found = list(_frame_changes(old, new))
    for name, was, now in pairs(old.guidelines, new.guidelines):
        if was is None:
            assert now is not None
            found += _guideline_added(now, new.own_tables(now))
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
    common = old.authorities.keys() & new.authorities.keys()
    reordered = _order(common, old) != _order(common, new)  # else ranks are only moved by what came or went
    for name, was, now in pairs(old.authorities, new.authorities):
        rank = each_side(lambda authority: str(authority.rank + 1) if authority else "", was, now)
        if was is None or now is None or reordered:
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


def _order(authorities: Set[str], library: Library) -> dict[str, int]:
    """Return where each of some authorities stands among them, those of one rank alike."""
    ranks = {name: library.authorities[name].rank for name in authorities}
    places = {rank: place for place, rank in enumerate(sorted(set(ranks.values())))}
    return {name: places[rank] for name, rank in ranks.items()}


def _guideline_added(guideline: Guideline, tables: _Tables) -> Iterator[Change]:
    """Yield a guideline that came, and each of its criteria and tables."""
    name, at = guideline.id, guideline.at
    parts = [f"{guideline.title}, with {_count(len(guideline.criteria), 'criterion', 'criteria')}"]
    parts += [f"is for {in_words(guideline.applies_to)}", f"in force {_spans(guideline.periods)}"]
    parts += [f"leaves open {_open(guideline)}"] if guideline.leaves_open is not None else []
    parts += [f"outranks {listed(sorted(guideline.outranks))}"] if guideline.outranks else []
    yield Change("guideline-added", name, f"guideline added: {'; '.join(parts)}", at, "", name)
    yield from tables_changes(name, {}, tables)
    yield from map(criterion_added, guideline.criteria)


def _guideline_changes(old: Guideline, new: Guideline, own: tuple[_Tables, _Tables]) -> Iterator[Change]:
    name, at = new.id, new.at
    yield from guard_changes(name, "is for", (old.applies_to, new.applies_to), at)
    yield from _dates(name, old.periods, new.periods, at)
    yield from replaced("leaves-open", name, "leaves open", each_side(_open, old, new), at)
    outranked = each_side(lambda guideline: listed(sorted(guideline.outranks)), old, new)
    yield from replaced("outranks", name, "outranks", outranked, at)
    yield from replaced("wording", name, "title", (old.title, new.title), at, decides=False)
    yield from citation_changes(name, "", old.citation, new.citation, at)
    yield from tables_changes(name, *own)
    yield from criteria_changes(old, new)
    yield from _example_changes(name, old.examples, new.examples, at)


def _open(guideline: Guideline) -> str:
    if guideline.leaves_open is None:
        return "by topic alone"
    return listed(sorted(guideline.leaves_open)) or "no topic"


def _spans(periods: tuple[Period, ...]) -> str:
    return "; ".join(f"{span_words(period)} ({period.authority})" for period in periods)


def _dates(subject: str, old: tuple[Period, ...], new: tuple[Period, ...], at: Location) -> Iterator[Change]:
    if len(old) != len(new):
        spans = each_side(_spans, old, new)
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
