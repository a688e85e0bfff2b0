"""Between guidelines: what one edition covers and the next doesn't, and what ranks and topics make of limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from guidecheck.errors import Finding
from guidecheck.language.conditions import Op, Test
from guidecheck.library.models import Authority, Criterion, Guideline, Period
from guidecheck.lint.context import Context, conjuncts, few, treatments_of, warning

LOST_TOPIC = "lost-topic"
EDITION_GAP = "edition-gap"
SPLIT_LIMIT = "split-limit"

_NEAR = timedelta(92)
"""Editions that lie no further apart were meant to meet."""

_UPPER = (Op.AT_MOST, Op.LESS_THAN)


@dataclass(frozen=True)
class _Span:
    """A period of a guideline, with the treatments that it is for."""

    guideline: Guideline
    period: Period
    treatments: frozenset[str]


def _spans(context: Context) -> list[_Span]:
    library = context.library
    return [
        _Span(guideline, period, treatments)
        for guideline in library.guidelines.values()
        for treatments in [treatments_of(guideline, library)]
        for period in guideline.periods
    ]


def check_editions(context: Context) -> Iterator[Finding]:
    """Yield a finding for each topic that is lost, and each span of days that is left out, between editions."""
    spans = _spans(context)
    treatments = context.library.vocabulary.facts["treatment"].choices
    gaps: dict[tuple[str, date], tuple[_Span, _Span, list[str]]] = {}
    lost: dict[tuple[str, str], tuple[_Span, _Span, dict[str, list[str]]]] = {}
    for authority in context.library.authorities.values():
        own = [span for span in spans if span.period.authority == authority.id]
        for treatment in treatments:
            speaking = [span for span in own if treatment in span.treatments]
            for span in speaking:
                end = span.period.end
                if end is None:
                    continue
                after = [other for other in speaking if other.period.holds(end + timedelta(1))]
                begun = [other for other in after if other.period.start == end + timedelta(1)]
                if begun:
                    topics = {criterion.topic for other in after for criterion in other.guideline.criteria}
                    for topic in dict.fromkeys(c.topic for c in span.guideline.criteria if c.topic not in topics):
                        key = (span.guideline.id, begun[0].guideline.id)
                        found = lost.setdefault(key, (span, begun[0], {}))
                        found[2].setdefault(topic, []).append(treatment)
                    continue
                for following in _following(span, speaking):
                    if after and not _is_meant(span, following, speaking):
                        continue
                    key_ = (following.guideline.id, following.period.start)
                    named = gaps.setdefault(key_, (span, following, []))[2]
                    if treatment not in named:
                        named.append(treatment)
                    break
    yield from _lost_topics(context, lost)
    yield from _gaps(gaps)


def _following(span: _Span, speaking: list[_Span]) -> list[_Span]:
    """Return what begins after the day that follows a period, the first first."""
    end = span.period.end
    later = [other for other in speaking if end is not None and other.period.start > end + timedelta(1)]
    return sorted(later, key=lambda other: other.period.start)


def _is_meant(span: _Span, following: _Span, speaking: list[_Span]) -> bool:
    """Tell whether one seems to be meant to follow another, whatever else is in force between them.

    Either they lie near each other, or of a topic of both nothing else speaks in between.
    """
    end = span.period.end
    assert end is not None
    topics = _topics(span) & _topics(following)
    if following.period.start - end <= _NEAR:
        return bool(topics)
    others = [other for other in speaking if other is not span and other is not following]
    return any(
        not any(topic in _topics(other) and _meets(other, end, following.period.start) for other in others)
        for topic in topics
    )


def _topics(span: _Span) -> frozenset[str]:
    return frozenset(criterion.topic for criterion in span.guideline.criteria)


def _meets(span: _Span, after: date, before: date) -> bool:
    """Tell whether a period has a day between two others."""
    return span.period.start < before and (span.period.end is None or span.period.end > after)


def _lost_topics(
    context: Context, lost: dict[tuple[str, str], tuple[_Span, _Span, dict[str, list[str]]]]
) -> Iterator[Finding]:
    for span, following, topics in lost.values():
        if span.guideline is following.guideline:
            continue
        named = ", ".join(f"`{topic}`" for topic in topics)
        message = f"`{span.guideline.id}` spoke of {named}, and this edition, which follows it, doesn't"
        hint = (
            "add the criteria, or say with `# guidecheck: allow lost-topic REASON` that the edition dropped them"
        )
        yield warning(following.guideline.at, LOST_TOPIC, message, hint)


def _gaps(gaps: dict[tuple[str, date], tuple[_Span, _Span, list[str]]]) -> Iterator[Finding]:
    for span, following, treatments in gaps.values():
        end = span.period.end
        assert end is not None
        days = (following.period.start - end).days - 1
        count = f"{days:,} day{'s' if days > 1 else ''}"
        message = (
            f"{count} without an edition for {few(treatments)}: "
            f"`{span.guideline.id}` ends on {end}, and this begins on {following.period.start}"
        )
        hint = f"begin it on {end + timedelta(1)}, or end the other on {following.period.start - timedelta(1)}"
        yield warning(following.period.begins_at or following.guideline.at, EDITION_GAP, message, hint)


def check_ranks(context: Context) -> Iterator[Finding]:
    """Yield a finding for each fact that authorities of two ranks limit under different topics.

    The lower one is then not superseded: an item must keep both limits.
    """
    spans = [span for span in _spans(context) if not _authority(context, span).legal]
    limits = {g.id: list(_limits(g)) for g in context.library.guidelines.values()}
    told: set[tuple[str, str]] = set()
    for lower in spans:
        for higher in spans:
            if _authority(context, higher).rank >= _authority(context, lower).rank or not _meet(higher, lower):
                continue
            for criterion, test in limits[lower.guideline.id]:
                above = [(c, t) for c, t in limits[higher.guideline.id] if t.fact == test.fact]
                topics = {c.topic for c in higher.guideline.criteria}
                left_open = higher.guideline.leaves_open
                closed = left_open is not None and criterion.topic not in left_open
                key = (criterion.key, test.fact)
                if not above or criterion.topic in topics or closed or key in told:
                    continue
                told.add(key)
                other = above[0][0]
                message = (
                    f"`{test.fact}` is limited here under `{criterion.topic}`, and by the higher-ranked "
                    f"`{other.key}` under `{other.topic}`: both limits hold"
                )
                hint = "give both the same topic, if they answer the same question"
                yield warning(context.key_at(criterion, "topic"), SPLIT_LIMIT, message, hint)


def _authority(context: Context, span: _Span) -> Authority:
    return context.library.authorities[span.period.authority]


def _meet(one: _Span, other: _Span) -> bool:
    """Tell whether two guidelines are in force together for some treatment."""
    ends = [span.period.end for span in (one, other) if span.period.end is not None]
    start = max(one.period.start, other.period.start)
    return bool(one.treatments & other.treatments) and all(start <= end for end in ends)


def _limits(guideline: Guideline) -> Iterator[tuple[Criterion, Test]]:
    for criterion in guideline.criteria:
        for part in conjuncts(criterion.require):
            if isinstance(part, Test) and part.op in _UPPER:
                yield criterion, part
