"""From statuses to control and outcome, as columns, with the meaning of `control.resolve_control` and `decide`.

Every stage adds columns, never NULL, that the next one reads, so that the query grows with the number of criteria
and not with its square. In partial records each certainty is two columns: surely, and at least possibly (`?`).

A guideline whose authority changes over time is one *voice* for each authority: at most one speaks on a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import ibis
import ibis.expr.types as ir

from guidecheck.engine.columnar_conditions import NO, all_of, any_of, total
from guidecheck.engine.columnar_frame import add, booleans, keep
from guidecheck.library.models import Authority, Criterion, Guideline, Library

BITS_IN_A_WORD = 60

OUTCOMES = ("upheld", "overturned", "undetermined", "no_guideline")
BASES = ("met", "failed", "undocumented")


@dataclass(frozen=True, eq=False)
class Voice:
    """A guideline with one of the authorities it has had."""

    guideline: Guideline
    authority: Authority

    @property
    def name(self) -> str:
        """The name of its columns."""
        return f"{self.guideline.id}|{self.authority.id}"


@dataclass(frozen=True, eq=False)
class Say:
    """A criterion as a voice states it."""

    criterion: Criterion
    voice: Voice

    @property
    def name(self) -> str:
        """The name of its columns."""
        return f"{self.criterion.key}|{self.voice.authority.id}"

    @property
    def rank(self) -> int:
        """The rank of its authority."""
        return self.voice.authority.rank


def voices(library: Library) -> list[Voice]:
    """Return every guideline with each medical authority it has had, in the library's order."""
    return [
        Voice(guideline, library.authorities[name])
        for guideline in library.guidelines.values()
        for name in dict.fromkeys(period.authority for period in guideline.periods)
        if not library.authorities[name].legal
    ]


@dataclass
class Control:
    """Adds who controls and what follows.

    It reads `G:voice` (the guideline applies and is in force), `w:criterion` (its own guards let it apply), and of
    each criterion `met:` (it counts as met), `failed:` and, in partial records, `unmet:` (surely unmet).
    """

    library: Library
    partial: bool

    def __post_init__(self) -> None:
        place = {name: index for index, name in enumerate(self.library.authorities)}
        # In the order in which a check lists them: of two authorities that suffice, the first is taken.
        self.voices = sorted(voices(self.library), key=lambda voice: place[voice.authority.id])
        self.says = [Say(criterion, voice) for voice in self.voices for criterion in voice.guideline.criteria]
        named = dict.fromkeys(voice.guideline.id for voice in voices(self.library))
        self.criteria = [c for name in named for c in self.library.guidelines[name].criteria]
        self.marks = ("", "?") if self.partial else ("",)
        self.possibly = "?" if self.partial else ""

    @cached_property
    def by_topic(self) -> dict[str, list[Say]]:
        """What is said on each topic."""
        found: dict[str, list[Say]] = {}
        for say in self.says:
            found.setdefault(say.criterion.topic, []).append(say)
        return found

    def apply(self, frame: ir.Table) -> ir.Table:
        """Return a table with `controlling_N`, `unmet_N` (bits of criteria), `outcome` and `basis` added."""
        others = ("item", "faulty", "lacking")
        statuses = ("met", "failed", "unmet")
        frame = add(frame, self._applying(frame))
        frame = add(frame, self._groups(frame))
        frame = keep(add(frame, self._controls(frame)), ("c", "c?", *statuses), *others)
        frame = add(frame, self._sufficient(frame))
        frame = add(frame, self._winners(frame))
        frame = keep(add(frame, self._giving_way(frame)), ("k", "k?", *statuses), *others)
        frame = add(frame, self._unmet_by_authority(frame))
        frame = add(frame, self._by_topic(frame))
        frame = add(frame, self._answers(frame))
        return add(frame, self._outcome(frame))

    def _applying(self, frame: ir.Table) -> dict[str, ir.Value]:
        return {
            f"a{m}:{say.name}": _both(frame, f"G{m}:{say.voice.name}", f"w{m}:{say.criterion.key}")
            for say in self.says
            for m in self.marks
        }

    def _groups(self, frame: ir.Table) -> dict[str, ir.Value]:
        """Return what applies by topic and rank, by topic and guideline, and which guidelines keep others out."""
        columns: dict[str, ir.Value] = {}
        for m in self.marks:
            for topic, says in self.by_topic.items():
                for rank, group in _grouped(says, lambda say: str(say.rank)):
                    columns[f"any{m}:{topic}|{rank}"] = any_of(booleans(frame, (f"a{m}:{s.name}" for s in group)))
                for name, group in _grouped(says, lambda say: say.voice.name):
                    if group[0].voice.guideline.outranks:
                        said = any_of(booleans(frame, (f"a{m}:{s.name}" for s in group)))
                        columns[f"said{m}:{topic}|{name}"] = said
            for key, closing in self._closing.items():
                columns[f"closes{m}:{key}"] = any_of(booleans(frame, (f"G{m}:{v.name}" for v in closing)))
        return columns

    @cached_property
    def _closing(self) -> dict[str, list[Voice]]:
        """Guidelines with `leaves_open`, those of one rank that leave the same topics open together."""
        found: dict[str, list[Voice]] = {}
        for voice in self.voices:
            if voice.guideline.leaves_open is not None:
                key = f"{voice.authority.rank}|{','.join(sorted(voice.guideline.leaves_open))}"
                found.setdefault(key, []).append(voice)
        return found

    def _superseding(self, frame: ir.Table, say: Say, m: str) -> ir.BooleanValue:
        topic, rank = say.criterion.topic, say.rank
        names = [
            f"any{m}:{topic}|{above}" for above in sorted({s.rank for s in self.by_topic[topic]}) if above < rank
        ]
        for key, closing in self._closing.items():
            first = closing[0]
            open_topics = first.guideline.leaves_open
            if first.authority.rank < rank and open_topics is not None and topic not in open_topics:
                names.append(f"closes{m}:{key}")
        names += [
            f"said{m}:{topic}|{other.name}"
            for other in dict.fromkeys(s.voice for s in self.by_topic[topic])
            if other.authority.rank == rank and say.voice.guideline.id in other.guideline.outranks
        ]
        return any_of(booleans(frame, names))

    def _controls(self, frame: ir.Table) -> dict[str, ir.Value]:
        columns: dict[str, ir.Value] = {}
        for say in self.says:
            # What is possibly superseded no longer surely controls; what surely is does not even possibly.
            possibly = self._superseding(frame, say, self.possibly)
            columns[f"c:{say.name}"] = _column(frame, f"a:{say.name}") & ~possibly
            if self.partial:
                columns[f"c?:{say.name}"] = _column(frame, f"a?:{say.name}") & ~self._superseding(frame, say, "")
        return columns

    @cached_property
    def _rivals(self) -> dict[str, list[Say]]:
        """Topics on which more than one authority speaks."""
        return {t: says for t, says in self.by_topic.items() if len({s.voice.authority.id for s in says}) > 1}

    def _sufficient(self, frame: ir.Table) -> dict[str, ir.Value]:
        """Return for rivals whether an authority's criteria on a topic surely control and all count as met."""
        columns: dict[str, ir.Value] = {}
        for topic, says in self._rivals.items():
            for authority, group in _grouped(says, lambda say: say.voice.authority.id):
                controlling = any_of(booleans(frame, (f"c:{s.name}" for s in group)))
                columns[f"suffices:{topic}|{authority}"] = controlling & self._all_met(frame, group)
            for index, (_, run) in enumerate(_runs(says)):
                active = any_of(booleans(frame, (f"c{self.possibly}:{s.name}" for s in run)))
                columns[f"active:{topic}|{index}"] = active
        return columns

    def _all_met(self, frame: ir.Table, group: list[Say]) -> ir.BooleanValue:
        return ~any_of(
            [
                _column(frame, f"c{self.possibly}:{s.name}") & ~_column(frame, f"met:{s.criterion.key}")
                for s in group
            ]
        )

    def _winners(self, frame: ir.Table) -> dict[str, ir.Value]:
        """Return for rivals which authority, the first in order that suffices, the others give way to."""
        columns: dict[str, ir.Value] = {}
        for topic, says in self._rivals.items():
            taken: ir.BooleanValue = NO
            wins: dict[str, list[ir.BooleanValue]] = {}
            for index, (authority, _) in enumerate(_runs(says)):
                here = _both(frame, f"active:{topic}|{index}", f"suffices:{topic}|{authority}")
                wins.setdefault(authority, []).append(here & ~taken)
                taken = taken | here
            for authority, places in wins.items():
                columns[f"wins:{topic}|{authority}"] = any_of(places)
        return columns

    def _giving_way(self, frame: ir.Table) -> dict[str, ir.Value]:
        columns: dict[str, ir.Value] = {}
        for topic, says in self.by_topic.items():
            authorities = list(dict.fromkeys(say.voice.authority.id for say in says))
            for say in says:
                mine = say.voice.authority.id
                others = [f"wins:{topic}|{a}" for a in authorities if a != mine and topic in self._rivals]
                for m in self.marks:
                    controls = _column(frame, f"c{m}:{say.name}")
                    if others:
                        controls = controls & ~any_of(booleans(frame, others))
                    columns[f"k{m}:{say.name}"] = controls
        return columns

    def _is_unmet(self, frame: ir.Table, say: Say) -> ir.BooleanValue:
        if self.partial:
            return _column(frame, f"unmet:{say.criterion.key}")
        return ~_column(frame, f"met:{say.criterion.key}")

    def _unmet_by_authority(self, frame: ir.Table) -> dict[str, ir.Value]:
        columns: dict[str, ir.Value] = {}
        active = f"k{self.possibly}"
        for topic, says in self.by_topic.items():
            for authority, group in _grouped(says, lambda say: say.voice.authority.id):
                key = f"{topic}|{authority}"
                sure = [_column(frame, f"k:{s.name}") & self._is_unmet(frame, s) for s in group]
                spared = [_column(frame, f"{active}:{s.name}") & ~self._is_unmet(frame, s) for s in group]
                failed = [_both(frame, f"{active}:{s.name}", f"failed:{s.criterion.key}") for s in group]
                columns[f"lost:{key}"] = any_of(sure) | ~any_of(spared)
                columns[f"silent:{key}"] = ~any_of(booleans(frame, (f"{active}:{s.name}" for s in group)))
                columns[f"broken:{key}"] = any_of(failed)
        return columns

    def _by_topic(self, frame: ir.Table) -> dict[str, ir.Value]:
        columns: dict[str, ir.Value] = {}
        for topic, says in self.by_topic.items():
            keys = [f"{topic}|{a}" for a in dict.fromkeys(s.voice.authority.id for s in says)]
            controlling = any_of(booleans(frame, (f"k:{s.name}" for s in says)))
            upholds = controlling & all_of(booleans(frame, (f"lost:{key}" for key in keys)))
            failed = all_of([_column(frame, f"silent:{key}") | _column(frame, f"broken:{key}") for key in keys])
            columns[f"controlled:{topic}"] = controlling
            columns[f"upholds:{topic}"] = upholds
            columns[f"fails:{topic}"] = upholds & failed
            columns[f"open:{topic}"] = any_of(
                [
                    _column(frame, f"k{self.possibly}:{s.name}") & ~_column(frame, f"met:{s.criterion.key}")
                    for s in says
                ]
            )
            columns[f"spoken:{topic}"] = ~all_of(booleans(frame, (f"silent:{key}" for key in keys)))
        return columns

    def _answers(self, frame: ir.Table) -> dict[str, ir.Value]:
        topics = list(self.by_topic)
        columns: dict[str, ir.Value] = {
            name: any_of(booleans(frame, (f"{name}:{topic}" for topic in topics)))
            for name in ("controlled", "upholds", "fails", "open", "spoken")
        }
        by_criterion: dict[str, list[Say]] = {}
        for say in self.says:
            by_criterion.setdefault(say.criterion.key, []).append(say)
        for word, start in enumerate(range(0, len(self.criteria), BITS_IN_A_WORD)):
            controlling, unmet = [], []
            for bit, criterion in enumerate(self.criteria[start : start + BITS_IN_A_WORD]):
                says = by_criterion[criterion.key]
                controls = any_of(booleans(frame, (f"k:{s.name}" for s in says)))
                controlling.append(_bit(controls, bit))
                unmet.append(_bit(controls & self._is_unmet(frame, says[0]), bit))
            columns[f"controlling_{word}"] = total(controlling)
            columns[f"unmet_{word}"] = total(unmet)
        return columns

    def _outcome(self, frame: ir.Table) -> dict[str, ir.Value]:
        upheld, lacking = _column(frame, "upholds"), _column(frame, "lacking")
        overturned = _column(frame, "controlled") & ~_column(frame, "open")
        outcome = ibis.cases(
            (lacking, "undetermined"),
            (~_column(frame, "spoken"), "no_guideline"),
            (upheld, "upheld"),
            (overturned, "overturned"),
            else_="undetermined",
        )
        basis = ibis.cases(
            (lacking | ~_column(frame, "spoken"), ibis.null("string")),
            (_column(frame, "fails"), ibis.literal("failed")),
            (upheld, ibis.literal("undocumented")),
            (overturned, ibis.literal("met")),
            else_=ibis.null("string"),
        )
        return {"outcome": outcome, "basis": basis}


def _grouped(says: Iterable[Say], key: object) -> list[tuple[str, list[Say]]]:
    """Return what is said, grouped in order of first appearance."""
    groups: dict[str, list[Say]] = {}
    for say in says:
        groups.setdefault(key(say), []).append(say)  # type: ignore[operator]
    return list(groups.items())


def _runs(says: list[Say]) -> list[tuple[str, list[Say]]]:
    """Return what is said in stretches of one authority: the order decides which of two that suffice is taken."""
    return [(authority, list(run)) for authority, run in groupby(says, lambda say: say.voice.authority.id)]


def _column(frame: ir.Table, name: str) -> ir.BooleanValue:
    return booleans(frame, [name])[0]


def _both(frame: ir.Table, left: str, right: str) -> ir.BooleanValue:
    return _column(frame, left) & _column(frame, right)


def _bit(answer: ir.BooleanValue, place: int) -> ir.IntegerValue:
    return answer.cast("int64") * ibis.literal(1 << place, type="int64")
