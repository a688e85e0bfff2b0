"""Finding the files of a rule library, and reading them as one: a folder, with any number laid over it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from guidecheck.errors import Finding, GuidecheckError, LibraryError, Location, did_you_mean, one_of
from guidecheck.library.file_models import AuthorityFile, LibraryFile
from guidecheck.library.guideline_reader import GuidelineReader, guideline_id
from guidecheck.library.models import Authority, Guideline, Library
from guidecheck.library.node_models import read_model
from guidecheck.library.precedence_checks import check_precedence
from guidecheck.library.vocabulary_reader import VocabularyReader
from guidecheck.marked_yaml import Mapping, Node, parse, read_text
from guidecheck.vocabulary import JURISDICTION, Vocabulary

VOCABULARY_FILE = "vocabulary.yaml"
LIBRARY_FILE = "library.yaml"
EXAMPLES_FOLDER = "examples"
OTHER_FOLDERS = (EXAMPLES_FOLDER, "letters")
ENVIRONMENT_VARIABLE = "GUIDECHECK_RULES"
MAX_FILES = 2_000


def shipped_rules() -> Path:
    """Return the folder of the rules that come with guidecheck.

    They lie in the installed package; in a source checkout (an editable install) beside `src`.
    """
    packaged = Path(str(resources.files("guidecheck") / "rules"))
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[3] / "rules"


def rule_folders(folders: SequenceType[str | Path] = ()) -> list[Path]:
    """Return the folders to read, lowest first.

    Without any, those of the environment variable GUIDECHECK_RULES (separated as in PATH), else the shipped
    rules. A first folder without a vocabulary of its own is laid over the shipped rules.
    """
    named = [Path(folder) for folder in folders]
    if not named:
        named = [Path(part) for part in os.environ.get(ENVIRONMENT_VARIABLE, "").split(os.pathsep) if part]
    if not named:
        return [shipped_rules()]
    if named[0].is_dir() and not (named[0] / VOCABULARY_FILE).exists():
        return [shipped_rules(), *named]
    return named


def load_library(*folders: str | Path) -> Library:
    """Return the rule library of one or more folders, each laid over the one before.

    An overlay adds to or replaces guidelines, facts and tables by name, and `library.yaml` as a whole. Without
    folders see `rule_folders`.

    Raises:
        LibraryError: with every mistake in the library; nothing of a broken library is used.
    """
    library, findings = read_library(rule_folders(folders))
    if library is None or findings:
        raise LibraryError(findings)
    return library


def read_library(folders: SequenceType[Path]) -> tuple[Library | None, list[Finding]]:
    """Return a library as far as it can be read, and every mistake in it, in file order."""
    reading = _Reading()
    for folder in folders:
        reading.add_folder(folder)
    library = reading.finish()
    return library, sorted(set(reading.findings))


@dataclass
class _Reading:
    """The files of a library, by what they hold; later folders replace earlier ones."""

    findings: list[Finding] = field(default_factory=list)
    vocabularies: list[Node] = field(default_factory=list)
    library: Node | None = None
    guidelines: dict[str, Node] = field(default_factory=dict)
    examples: dict[str, Node] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def add_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            hint = "name a folder of rules; `guidecheck rules export DIR` writes one"
            self._fault(Location(str(folder)), "no-such-folder", "no such folder", hint)
            return
        paths = sorted(path for path in folder.rglob("*.yaml") if not _is_hidden(path.relative_to(folder)))
        paths += sorted(path for path in folder.rglob("*.yml") if not _is_hidden(path.relative_to(folder)))
        if len(paths) > MAX_FILES:
            self._fault(Location(str(folder)), "too-many-files", f"more than {MAX_FILES:,} files")
            return
        if not paths:
            self._fault(Location(str(folder)), "empty-folder", "no YAML file in this folder")
        in_folder: dict[str, Location] = {}
        for path in paths:
            self._add_file(path, path.relative_to(folder), in_folder)

    def _add_file(self, path: Path, name: Path, in_folder: dict[str, Location]) -> None:
        try:
            text = read_text(path)
            node = parse(text, str(path), self.findings)
        except GuidecheckError as error:
            self.findings.extend(error.findings)
            return
        key = name.as_posix()
        if key == VOCABULARY_FILE:
            self.vocabularies.append(node)
        elif key == LIBRARY_FILE:
            self.library = node
        elif name.parts[0] == EXAMPLES_FOLDER:
            self.examples[key] = node
        elif name.parts[0] not in OTHER_FOLDERS:
            guideline = guideline_id(node)
            if guideline is None:
                at = node.at
                self._fault(at, "missing-key", "`guideline` is missing", "begin with the guideline's id")
                return
            if guideline in in_folder:
                message = f"a second guideline `{guideline}` (first in {in_folder[guideline]})"
                self._fault(node.at, "duplicate-guideline", message, "give each edition an id of its own")
                return
            in_folder[guideline] = node.at
            self.guidelines[guideline] = node
            key = f"guideline {guideline}"
        self.texts[key] = f"{self.texts.get(key, '')}{text}" if key == VOCABULARY_FILE else text

    def finish(self) -> Library | None:
        if self.library is None or not self.vocabularies:
            if not self.findings:
                for name, found in ((LIBRARY_FILE, self.library), (VOCABULARY_FILE, self.vocabularies)):
                    if not found:
                        self._fault(Location(name), "no-such-file", f"no {name} in any folder of rules")
            return None
        vocabulary_reader = VocabularyReader(self.findings)
        for node in self.vocabularies:
            vocabulary_reader.add(node)
        vocabulary = vocabulary_reader.finish()
        file = read_model(LibraryFile, self.library, self.findings)
        if file is None:
            return None
        authorities = self._authorities(file.authorities)
        self._check_jurisdictions(file.jurisdictions, authorities, vocabulary)
        reader = GuidelineReader(vocabulary, authorities, file.topics, self.findings)
        read = {name: reader.read(node) for name, node in self.guidelines.items()}
        guidelines = {name: guideline for name, guideline in read.items() if guideline is not None}
        if len(guidelines) == len(read):
            self.findings.extend(check_precedence(guidelines, vocabulary.facts))
        return Library(
            version=file.version,
            digest=self._digest(),
            vocabulary=vocabulary,
            authorities=authorities,
            jurisdictions={name: tuple(named) for name, named in file.jurisdictions.items()},
            topics=file.topics,
            guidelines=_by_authority(guidelines, authorities),
            examples=tuple(self.examples.values()),
        )

    def _fault(self, at: Location, code: str, message: str, hint: str = "") -> None:
        self.findings.append(Finding(at, code, message, hint))

    def _place(self, *path: str | int) -> Location:
        node = self.library
        assert node is not None
        for part in path:
            inner = node.get(part) if isinstance(node, Mapping) and isinstance(part, str) else None
            if isinstance(part, int) and hasattr(node, "items"):
                inner = node.items[part]
            if inner is None:
                break
            node = inner
        return node.at

    def _authorities(self, files: SequenceType[AuthorityFile]) -> dict[str, Authority]:
        authorities: dict[str, Authority] = {}
        for index, file in enumerate(files):
            rank = len(authorities)
            if file.id in authorities:
                self._fault(self._place("authorities", index), "duplicate-authority", f"`{file.id}` stands twice")
            if file.same_rank_as is not None:
                equal = authorities.get(file.same_rank_as)
                if equal is None:
                    message = f"`same_rank_as: {file.same_rank_as}` names no authority above"
                    self._fault(self._place("authorities", index), "unknown-authority", message)
                else:
                    rank = equal.rank
            authorities[file.id] = Authority(file.id, file.title, rank, legal=file.role == "legal")
        return authorities

    def _check_jurisdictions(
        self,
        jurisdictions: MappingType[str, SequenceType[str]],
        authorities: MappingType[str, Authority],
        vocabulary: Vocabulary,
    ) -> None:
        fact = vocabulary.facts.get(JURISDICTION)
        for name, named in jurisdictions.items():
            at = self._place("jurisdictions", name)
            if fact is not None and name not in fact.choices:
                hint = did_you_mean(name, fact.choices) or one_of(fact.choices)
                self._fault(at, "unknown-jurisdiction", f"`{name}` is no value of `{JURISDICTION}`", hint)
            for authority in named:
                if authority not in authorities:
                    hint = did_you_mean(authority, authorities) or one_of(authorities)
                    self._fault(at, "unknown-authority", f"unknown authority `{authority}`", hint)

    def _digest(self) -> str:
        """Return a digest of every file that has a part in a determination, however the folders are laid."""
        digest = hashlib.sha256()
        for name in sorted(self.texts):
            if name.split("/")[0] not in OTHER_FOLDERS:
                text = self.texts[name].replace("\r\n", "\n")
                digest.update(f"{name}\0{len(text)}\0{text}".encode())
        return f"sha256:{digest.hexdigest()}"


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _by_authority(
    guidelines: MappingType[str, Guideline], authorities: MappingType[str, Authority]
) -> dict[str, Guideline]:
    """Return guidelines by the order of their authorities, then by id: the order in which answers list them."""
    order = {name: index for index, name in enumerate(authorities)}
    ranked = sorted(guidelines.values(), key=lambda g: (order.get(g.periods[0].authority, 0), g.id))
    return {guideline.id: guideline for guideline in ranked}
