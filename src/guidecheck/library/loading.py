"""Reading a rule library: a folder, with any number laid over it, as one."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from collections.abc import Sequence as SequenceType
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

from guidecheck.errors import Finding, LibraryError, Location, TooManyFindings
from guidecheck.language.vocabulary import EVERY_NAME, STRUCTURAL
from guidecheck.library.confidence import sure_enough
from guidecheck.library.frame import read_frame
from guidecheck.library.guideline_reader import GuidelineReader
from guidecheck.library.models import Library
from guidecheck.library.precedence_checks import check_precedence
from guidecheck.library.rule_files import LIBRARY_FILE, VOCABULARY_FILE, RuleFiles
from guidecheck.library.vocabulary_reader import VocabularyReader

ENVIRONMENT_VARIABLE = "GUIDECHECK_RULES"


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
    rules. A first folder without a `library.yaml` of its own is laid over the shipped rules, whatever else it has.
    """
    named = [Path(folder) for folder in folders]
    if not named:
        named = [Path(part) for part in os.environ.get(ENVIRONMENT_VARIABLE, "").split(os.pathsep) if part]
    if not named:
        return [shipped_rules()]
    if named[0].is_dir() and not (named[0] / LIBRARY_FILE).exists():
        return [shipped_rules(), *named]
    return named


def load_library(*folders: str | Path, examples: bool = True, min_confidence: str | None = None) -> Library:
    """Return the rule library of one or more folders, each laid over the one before.

    An overlay adds to or replaces guidelines, facts and tables by name, and `library.yaml` as a whole. Without
    folders see `rule_folders`. `examples` says whether to read the rules' own examples too, which `rules test`
    runs and no answer needs. `min_confidence` (`confirmed`, `known` or `uncertain`) leaves out
    the criteria and the rows of tables that are less sure.

    Raises:
        ValueError: `min_confidence` is none of the three.
        LibraryError: with every mistake in the library; nothing of a broken library is used.
    """
    library, findings = read_library(rule_folders(folders), examples=examples)
    if library is None or findings:
        raise LibraryError(findings)
    return library if min_confidence is None else sure_enough(library, min_confidence)


def read_library(folders: SequenceType[Path], *, examples: bool = True) -> tuple[Library | None, list[Finding]]:
    """Return a library as far as it can be read, and every mistake in it, in file order.

    Where there are findings the library is good for no more than more of them: what has a mistake is missing
    from it. It is None where nothing stands to read guidelines against.
    """
    library, findings, _ = read_rules(folders, examples=examples)
    return library, findings


def read_rules(
    folders: SequenceType[Path], *, examples: bool = True
) -> tuple[Library | None, list[Finding], RuleFiles]:
    """Return a library, every mistake in it, and the files that it was read from; see `read_library`."""
    files = RuleFiles(with_examples=examples)
    library: Library | None = None
    with without_garbage_collection(), suppress(TooManyFindings):
        for folder in folders:
            files.add_folder(folder)
        files.check_complete(list(folders))
        _check_first(files, folders[0])
        library = _read(files)
    return library, sorted(set(files.findings)), files


def _check_first(files: RuleFiles, folder: Path) -> None:
    """Report a first folder that leaves its vocabulary to those laid over it: theirs only add to one."""
    if not files.vocabularies or not (folder / LIBRARY_FILE).exists() or (folder / VOCABULARY_FILE).exists():
        return
    message = f"{LIBRARY_FILE} stands in this folder without a {VOCABULARY_FILE}"
    hint = f"write the facts into one, or delete {LIBRARY_FILE} to lay the folder over the shipped rules"
    files.findings.add(Location(str(folder)), "no-such-file", message, hint)


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Spare the collector a great many nodes that all stay: it takes half the time of loading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(files: RuleFiles) -> Library | None:
    findings = files.findings
    vocabulary_reader = VocabularyReader(findings)
    for node in files.vocabularies:
        vocabulary_reader.add(node)
    vocabulary = vocabulary_reader.finish()
    frame = read_frame(files.library, vocabulary, findings)
    broken = EVERY_NAME if files.unreadable else frozenset[str]()
    reader = GuidelineReader(vocabulary, frame, broken | files.guidelines.keys(), findings)
    guidelines = {name: reader.read(node) for name, node in files.guidelines.items()}
    for node in files.others:
        reader.read(node)
    check_precedence(guidelines, files.guidelines, vocabulary.facts, findings)
    if files.library is None or not all(name in vocabulary.facts for name in STRUCTURAL):
        return None
    order = {name: index for index, name in enumerate(frame.authorities)}
    # By authority, then by id: the order in which answers list them.
    ranked = sorted(guidelines.values(), key=lambda g: (order[g.periods[0].authority] if g.periods else 0, g.id))
    return Library(
        version=frame.version,
        digest=files.digest(),
        vocabulary=vocabulary,
        authorities=frame.authorities,
        jurisdictions=frame.jurisdictions,
        topics=frame.topics,
        guidelines={guideline.id: guideline for guideline in ranked},
        examples=tuple(files.examples.values()),
        broken=broken,
    )
