"""The criteria of a guideline side by side: what each asks and where, and those that come, go or are renamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from guidecheck.editing.condition_changes import Difference, condition_changes
from guidecheck.editing.conditions_in_words import in_words
from guidecheck.editing.rule_change import Change, each_side, listed, pairs, replaced
from guidecheck.editing.table_changes import citation_changes
from guidecheck.errors import Location
from guidecheck.language.conditions import Condition
from guidecheck.library.models import Criterion, Guideline


def criteria_changes(old: Guideline, new: Guideline) -> Iterator[Change]:
    """Yield what changed in the criteria of a guideline: those of the new side in its order, then what is gone."""
    before, after = ({criterion.id: criterion for criterion in side.criteria} for side in (old, new))
    renamed = _renamed(before, after)
    for _, was, now in pairs({renamed.get(name, name): criterion for name, criterion in before.items()}, after):
        if was is None:
            assert now is not None
            yield criterion_added(now)
        elif now is None:
            yield Change("criterion-removed", was.key, f"criterion removed: {_asks(was)}", was.at, was.id, "")
        else:
            yield from replaced("criterion-renamed", now.key, "id", (was.id, now.id), now.at, decides=False)
            yield from _criterion_changes(was, now)
            yield from citation_changes(now.key, "", _own_citation(was, old), _own_citation(now, new), now.at)


def criterion_added(criterion: Criterion) -> Change:
    """Return a criterion that came as a change."""
    words = f"criterion added: {_asks(criterion)}"
    return Change("criterion-added", criterion.key, words, criterion.at, "", criterion.id)


def guard_changes(
    subject: str, says: str, sides: tuple[Condition | None, Condition | None], at: Location, nothing: str = ""
) -> Iterator[Change]:
    """Yield what changed in a condition that says where something holds; `nothing` is what lacking one means."""
    return _changes(subject, says, condition_changes(*sides, guard=True, nothing=nothing), at)


def _changes(subject: str, says: str, found: Iterable[Difference], at: Location) -> Iterator[Change]:
    for difference in found:
        code = difference.kind if difference.kind in ("limit", "test") else "condition"
        yield Change(code, subject, difference.said_of(says), at, difference.before, difference.after)


def _renamed(old: dict[str, Criterion], new: dict[str, Criterion]) -> dict[str, str]:
    """Return old ids with the new ones, of criteria that are the same but for their ids."""
    gone = [criterion for name, criterion in old.items() if name not in new]
    found: dict[str, str] = {}
    for name, criterion in new.items():
        same = (was for was in gone if replace(was, id=name, at=criterion.at) == criterion)
        match = next(same, None) if name not in old else None
        if match is not None:
            found[match.id] = name
            gone.remove(match)
    return found


def _criterion_changes(old: Criterion, new: Criterion) -> Iterator[Change]:
    name, at = new.key, new.at
    if (old.require is None) is not (new.require is None):
        yield from replaced("purpose", name, "where it applies", each_side(_purpose, old, new), at)
    else:
        yield from _changes(name, "requires", condition_changes(old.require, new.require), at)
    yield from guard_changes(name, "applies when", (old.when, new.when), at, nothing="always")
    yield from guard_changes(name, "does not apply where", (old.unless, new.unless), at)
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


def _asks(criterion: Criterion) -> str:
    """Return what a criterion asks and where, then how its text puts it."""
    parts = [_purpose(criterion)]
    parts += [f"applies when {in_words(criterion.when)}"] if criterion.when else []
    parts += [f"does not apply where {in_words(criterion.unless)}"] if criterion.unless else []
    parts += ["when undocumented met"] if criterion.assumed_met else []
    return f"{'; '.join(parts)}. Says: {criterion.says}"


def _purpose(criterion: Criterion) -> str:
    return "not recommended" if criterion.require is None else f"requires {in_words(criterion.require)}"


def _own_citation(criterion: Criterion, guideline: Guideline) -> dict[str, str]:
    """Return the parts of a criterion's citation that it doesn't have from its guideline, where they are told."""
    inherited = {"title": guideline.title, **guideline.citation}
    return {part: text for part, text in criterion.citation.items() if inherited.get(part) != text}
