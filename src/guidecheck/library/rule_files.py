"""The files of a rule library: found, read as YAML, and sorted by what they hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as MappingType
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from guidecheck.errors import Findings, GuidecheckError, Location
from guidecheck.library.file_models import GuidelineFile
from guidecheck.library.merged_vocabulary import merge_vocabularies
from guidecheck.library.node_models import is_name
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, describe, parse, place
from guidecheck.reading.text_files import read_text

VOCABULARY_FILE = "vocabulary.yaml"
LIBRARY_FILE = "library.yaml"
EXAMPLES_FOLDER = "examples"
DEADLINES_FOLDER = "deadlines"
OTHER_FOLDERS = (EXAMPLES_FOLDER, DEADLINES_FOLDER, "letters")
MAX_FILES = 2_000


@dataclass
class RuleFiles:
    """The files of one or more folders.

    `guidelines` are those that count, by id; `others` guidelines that don't (a second one of an id), which are
    read for their mistakes. `unreadable` tells that some file is no YAML, or a guideline without an id that can be
    one, so that names may be missing.
    Without `with_examples` the rules' own examples, half of their text, are passed over. `texts` are those of all
    files, by path.
    """

    with_examples: bool = True
    findings: Findings = field(default_factory=Findings)
    vocabularies: list[Node] = field(default_factory=list)
    library: Node | None = None
    guidelines: dict[str, Mapping] = field(default_factory=dict)
    others: list[Mapping] = field(default_factory=list)
    examples: dict[str, Node] = field(default_factory=dict)
    unreadable: bool = False
    texts: dict[str, str] = field(default_factory=dict)
    _vocabulary_texts: list[str] = field(default_factory=list)
    _guideline_texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    _other_texts: dict[str, str] = field(default_factory=dict)

    def add_folder(self, folder: Path) -> None:
        """Take in a folder's files; what replaces what is decided by ids, and by paths where there are none."""
        at = Location(str(folder))
        if not folder.is_dir():
            message = "this is no folder" if folder.exists() else "no such folder"
            hint = "name a folder of rules; `guidecheck rules export DIR` writes one"
            self.findings.add(at, "no-such-folder", message, hint)
            self.unreadable = True
            return
        paths = rule_paths(folder)
        if len(paths) > MAX_FILES:
            self.findings.add(at, "too-many-files", f"more than {MAX_FILES:,} files", "is this the right folder?")
            self.unreadable = True
            return
        if not paths:
            self.findings.add(at, "empty-folder", "no YAML file in this folder", "is this the right folder?")
        in_folder: dict[str, Location] = {}
        for path in paths:
            try:
                text = read_text(path)
                node = self._parse(path.relative_to(folder), text, str(path))
            except GuidecheckError as error:
                self.findings.extend(error.findings)
                self.unreadable = True
                continue
            self.texts[str(path)] = text
            if node is not None:
                self._add(path.relative_to(folder).as_posix(), text, node, in_folder)

    def _parse(self, name: Path, text: str, path: str) -> Node | None:
        """Return a file's nodes; None for a file of examples that nobody wants."""
        if self.with_examples:
            return parse(text, path, self.findings)
        if len(name.parts) > 1 and name.parts[0] == EXAMPLES_FOLDER:
            return None
        head = _without_examples(text)
        if head is not None:
            with suppress(GuidecheckError):
                return parse(head, path)
        return parse(text, path, self.findings)

    def _add(self, name: str, text: str, node: Node, in_folder: dict[str, Location]) -> None:
        top, *below = PurePosixPath(name).parts
        if name == VOCABULARY_FILE:
            self.vocabularies.append(node)
            self._vocabulary_texts.append(text)
        elif below and top in OTHER_FOLDERS:
            self._other_texts[name] = text
            if top == EXAMPLES_FOLDER:
                self.examples[name] = node
        elif name == LIBRARY_FILE:
            self.library = node
            self._other_texts[name] = text
        else:
            self._add_guideline(name, text, node, in_folder)

    def _add_guideline(self, name: str, text: str, node: Node, in_folder: dict[str, Location]) -> None:
        if not isinstance(node, Mapping) or not any(node.get(key) for key in GuidelineFile.model_fields):
            stem = PurePosixPath(name).stem
            named = next((f for f in (VOCABULARY_FILE, LIBRARY_FILE) if f.startswith(f"{stem}.")), None)
            hint = (
                f"it would have to be {named} at the top of the folder" if named else "begin with `guideline: ID`"
            )
            message = f"{describe(node)} where a guideline was expected" if not named else "this is no guideline"
            self.findings.add(node.at, "not-a-guideline", message, hint)
            return
        id_node = node.get("guideline")
        guideline = id_node.text if isinstance(id_node, Scalar) else ""
        if not is_name(guideline):
            self.unreadable = True
        if not guideline or guideline in in_folder:
            self.others.append(node)
            if guideline:
                message = f"a second guideline `{guideline}` (first in {in_folder[guideline]})"
                hint = "give each edition an id of its own"
                self.findings.add(place(node, "guideline"), "duplicate-guideline", message, hint)
            return
        in_folder[guideline] = place(node, "guideline")
        self.guidelines[guideline] = node
        self._guideline_texts[guideline] = (name, text)

    def check_complete(self, folders: list[Path]) -> None:
        """Report a library without a vocabulary, or without `library.yaml`."""
        if self.unreadable:
            return
        for name, found in ((LIBRARY_FILE, self.library), (VOCABULARY_FILE, self.vocabularies)):
            if not found:
                hint = "`guidecheck rules export DIR` writes one to edit"
                self.findings.add(Location(str(folders[0])), "no-such-file", f"no {name} in this folder", hint)

    def _vocabulary_text(self) -> str:
        """Return the one vocabulary that those of all folders make."""
        if len(self.vocabularies) == 1:
            return self._vocabulary_texts[0]
        return merge_vocabularies(self.vocabularies)

    def digest(self) -> str:
        """Return a digest of everything that has a part in a determination, however it is laid out in files.

        Time limits and letter patterns have none: their files are not in it.
        """
        texts = {f"guideline {name}": text for name, (_, text) in self._guideline_texts.items()}
        texts[VOCABULARY_FILE] = self._vocabulary_text()
        texts[LIBRARY_FILE] = self._other_texts.get(LIBRARY_FILE, "")
        return digest_of(texts)

    def contents(self) -> dict[str, str]:
        """Return the text of every file that counts, by its path in a folder that holds the library by itself."""
        contents = {VOCABULARY_FILE: self._vocabulary_text(), **self._other_texts}
        for guideline, (name, text) in self._guideline_texts.items():
            # A file of an overlay may have the path of another guideline that is still there.
            while name in contents:
                name = _next_name(name, guideline)
            contents[name] = text
        return contents


def digest_of(texts: MappingType[str, str]) -> str:
    """Return a digest of named texts, in whatever order they come and however their lines end."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        text = texts[name].replace("\r\n", "\n")
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return f"sha256:{digest.hexdigest()}"


_EXAMPLES = re.compile(r"^examples:[ \t]*(#.*)?\r?\n((?:[ \t#-].*|\r?)\n)*(?:[ \t#-].*)?\Z", re.MULTILINE)
"""A guideline's examples where they end its file: lines that are indented, begin with a dash, or say nothing."""


def _without_examples(text: str) -> str | None:
    """Return the text before a guideline's examples, or None where they can't be told from the rest by lines."""
    start = text.rfind("\nexamples:") + 1
    return text[:start] if start and _EXAMPLES.match(text, start) else None


def rule_paths(folder: Path) -> list[Path]:
    """Return the YAML files of a folder, those that begin with a dot left out."""
    found = [path for pattern in ("*.yaml", "*.yml") for path in sorted(folder.rglob(pattern))]
    return [path for path in found if not _is_hidden(path.relative_to(folder))]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _next_name(name: str, guideline: str) -> str:
    """Return the path to try after one that is taken: the guideline's id, then that with more and more to it."""
    path = PurePosixPath(name)
    return str(
        path.with_name(f"{path.stem}-copy.yaml" if path.stem.startswith(guideline) else f"{guideline}.yaml")
    )
