"""`library.yaml`: who may speak, in which order and where, and on which topics."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from guidecheck.errors import Findings, did_you_mean, one_of, shorten
from guidecheck.language.vocabulary import EVERY_NAME, JURISDICTION, Vocabulary
from guidecheck.library.file_models import AuthorityFile, LibraryFile
from guidecheck.library.models import Authority
from guidecheck.library.node_models import read_model
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Scalar, members, place, scalars, under


@dataclass(frozen=True)
class Frame:
    """What guidelines stand in. Authorities in `broken` are declared, but with mistakes reported there.

    Where `library.yaml` can't be read, `readable` is false, and any name may be meant.
    """

    version: str = ""
    authorities: Mapping[str, Authority] = field(default_factory=dict)
    jurisdictions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    broken: frozenset[str] = EVERY_NAME
    readable: bool = False

    def check_names(self, names: list[Scalar], kind: Literal["authority", "topic"], findings: Findings) -> None:
        """Report the names that are none of a kind."""
        known: Collection[str] = self.authorities if kind == "authority" else self.topics
        broken = self.broken if kind == "authority" or not self.readable else ()
        for name in names:
            if name.text not in known and name.text not in broken:
                hint = did_you_mean(name.text, known) or f"declare it in library.yaml, or write {one_of(known)}"
                findings.add(name.at, f"unknown-{kind}", f"unknown {kind} `{shorten(name.text)}`", hint)


def read_frame(node: Node | None, vocabulary: Vocabulary, findings: Findings) -> Frame:
    """Return what `library.yaml` says; without a readable one, a frame in which any name may be meant."""
    if not isinstance(node, MappingNode):
        if node is not None:
            read_model(LibraryFile, node, findings)
        return Frame()
    file = read_model(LibraryFile, node, findings)
    authorities, broken = _authorities(node.get("authorities"), findings)
    frame = Frame(
        version=file.version if file else "",
        authorities=authorities,
        jurisdictions={name: tuple(named) for name, named in file.jurisdictions.items()} if file else {},
        topics=file.topics if file else {},
        broken=broken if file else EVERY_NAME,
        readable=file is not None,
    )
    _check_jurisdictions(node.get("jurisdictions"), frame, vocabulary, findings)
    return frame


def _authorities(node: Node | None, findings: Findings) -> tuple[dict[str, Authority], frozenset[str]]:
    authorities: dict[str, Authority] = {}
    broken: set[str] = set()
    doubled = False
    for member in members(node):
        file = read_model(AuthorityFile, member, findings)
        if file is None:
            broken.update(name.text for name in scalars(under(member, "id")))
            continue
        rank = len(authorities) + len(broken)
        if file.id in authorities:
            findings.add(
                place(member, "id"),
                "duplicate-authority",
                f"`{file.id}` stands twice",
                "keep one, or give one its own id",
            )
            doubled = True  # What its own name should be is not known.
        elif file.same_rank_as in authorities:
            rank = authorities[file.same_rank_as].rank
        for key, named in (("same_rank_as", file.same_rank_as), ("former_of", file.former_of)):
            missing = named not in {*authorities, *broken} and file.id not in authorities
            if named is not None and missing and not doubled:
                message = f"`{key}` names no authority above: `{named}`"
                hint = did_you_mean(named, authorities) or "name one that stands above"
                findings.add(place(member, key), "unknown-authority", message, hint)
        legal = file.role == "legal"
        authorities.setdefault(file.id, Authority(file.id, file.title, rank, legal, file.former_of))
    return authorities, EVERY_NAME if doubled else frozenset(broken)


def _check_jurisdictions(node: Node | None, frame: Frame, vocabulary: Vocabulary, findings: Findings) -> None:
    fact = vocabulary.facts.get(JURISDICTION)
    for key, named in node.entries if isinstance(node, MappingNode) else ():
        if fact is not None and key.text not in fact.choices:
            hint = did_you_mean(key.text, fact.choices) or one_of(fact.choices)
            message = f"`{key.text}` is no value of the fact `{JURISDICTION}`"
            findings.add(key.at, "unknown-jurisdiction", message, hint)
        frame.check_names(scalars(named), "authority", findings)
