"""Rules under comparison: a folder, or what a git revision has in the place of the rules in use.

A revision is read object by object (`git ls-tree`, `git cat-file`) into a private temporary folder: nothing is
checked out, and no hook, filter or attribute of the repository is run or obeyed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from guidecheck.errors import GuidecheckError, LibraryError, Location, fault, shorten
from guidecheck.library.deadline_reader import read_deadlines
from guidecheck.library.loading import load_library, rule_folders, shipped_rules
from guidecheck.library.models import Library
from guidecheck.library.rule_files import MAX_FILES
from guidecheck.reading.text_files import MAX_BYTES
from guidecheck.time_limits.deadlines import Deadlines

SHIPPED = "shipped"
"""The word for the rules that come with guidecheck."""

_HINT = f"name a folder of rules, a git revision such as HEAD~1, main or v1.0:rules, or {SHIPPED}"
_SECONDS = 60
_FILE_MODES = ("100644", "100755")
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class RuleSource:
    """Folders of rules, and the name that somebody gave them.

    `aliases` are what stands in messages in the place of temporary folders.
    """

    name: str
    folders: tuple[Path, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def load(self, *, examples: bool = True) -> Library:
        """Return the rules as a library.

        Raises:
            LibraryError: with every mistake in them, in places that the caller knows.
        """
        with self._shown_mistakes():
            return load_library(*self.folders, examples=examples)

    def deadlines(self, library: Library) -> dict[str, Deadlines]:
        """Return the time limits of the rules, whose library this is, by jurisdiction.

        Raises:
            LibraryError: as `load`.
        """
        with self._shown_mistakes():
            return read_deadlines(self.folders, library.vocabulary)

    @contextmanager
    def _shown_mistakes(self) -> Iterator[None]:
        try:
            yield
        except GuidecheckError as error:
            found = [replace(finding, location=self.shown(finding.location)) for finding in error.findings]
            raise LibraryError(found) from None

    def shown(self, at: Location) -> Location:
        """Return a place as the caller knows it: REVISION:PATH for what was read from a revision."""
        for folder, alias in self.aliases.items():
            if at.path == folder or at.path.startswith(folder + os.sep):
                return at._replace(path=alias + at.path[len(folder) :])
        return at


def rules_in_use(folders: Sequence[Path]) -> RuleSource:
    """Return the rules that are in use, as something to compare others with."""
    own = [str(folder) for folder in folders if folder != shipped_rules()]
    return RuleSource(" over ".join(reversed(own)) or "the rules in use", tuple(folders))


@contextmanager
def rules_named(name: str, in_use: Sequence[Path]) -> Iterator[RuleSource]:
    """Give the rules that a word names, for as long as the caller needs them.

    A folder without a `library.yaml` of its own is laid over the shipped rules, as everywhere. Where no folder has
    the name, `shipped` stands for the shipped rules alone, REVISION for the folders in use as they were then (what
    is in no repository as it is), and REVISION:PATH for a folder of the repository that the caller stands in.

    Raises:
        GuidecheckError: neither a folder nor a revision that has rules.
    """
    at = Location(shorten(name))
    if _exists(name):
        yield RuleSource(name, tuple(rule_folders([name])))
        return
    if name == SHIPPED:
        yield RuleSource("the shipped rules", (shipped_rules(),))
        return
    revision, colon, _ = name.partition(":")
    if not revision or revision.startswith("-") or not name.isprintable():
        raise fault(at, "no-such-folder", "neither a folder nor a git revision", _HINT)
    with TemporaryDirectory(prefix="guidecheck-rules-") as scratch:
        if colon:
            found = _extracted(Path.cwd(), name, Path(scratch, "0"), at)
            folders, aliases = rule_folders([found]), {str(found): name}
        else:
            folders, aliases = _then(revision, in_use, Path(scratch), at)
        yield RuleSource(name, tuple(folders), aliases)


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def _then(revision: str, in_use: Sequence[Path], scratch: Path, at: Location) -> tuple[list[Path], dict[str, str]]:
    """Return the folders in use as they were at a revision."""
    folders: list[Path] = []
    aliases: dict[str, str] = {}
    for place, folder in enumerate(in_use):
        prefix = _prefix(folder)
        # Shipped rules that others lie over are part of the installation, wherever that is.
        if prefix is None or (
            folder == shipped_rules() and len(in_use) > 1 and not _has(folder, revision, prefix)
        ):
            folders.append(folder)
            continue
        then = _extracted(folder, f"{revision}:{prefix}", scratch / str(place), at)
        aliases[str(then)] = f"{revision}:{prefix}".rstrip("/")
        folders.append(then)
    if not aliases:
        message = "no such folder, and no git revision either: the rules in use are in no git repository"
        raise fault(at, "no-such-folder", message, "name a folder of rules, or REVISION:PATH")
    return folders, aliases


def _prefix(folder: Path) -> str | None:
    """Return a folder's path in its repository, "" for the top; None where there is no repository."""
    done = _git(folder, "rev-parse", "--show-prefix")
    return None if done.returncode else os.fsdecode(done.stdout).rstrip("\n").rstrip("/")


def _has(folder: Path, revision: str, prefix: str) -> bool:
    return _tree(folder, f"{revision}:{prefix}") is not None


def _tree(folder: Path, name: str) -> str | None:
    """Return the id of the folder that REVISION:PATH names, or None where it names none."""
    done = _git(folder, "rev-parse", "--verify", "--quiet", name)
    found = done.stdout.decode("ascii", "replace").strip()
    if done.returncode or not found:
        return None
    kind = _git(folder, "cat-file", "-t", found).stdout.strip()
    return found if kind == b"tree" else None


def _extracted(repository: Path, name: str, target: Path, at: Location) -> Path:
    """Write the YAML files of REVISION:PATH to a folder, and return that."""
    revision, _, path = name.partition(":")
    tree = _tree(repository, name)
    if tree is None:
        known = _git(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").returncode == 0
        if known:
            raise fault(at, "no-such-folder", f"the revision has no folder `{shorten(path)}`", _HINT)
        raise fault(at, "no-such-folder", "neither a folder nor a git revision", _HINT)
    listed = _git(repository, "ls-tree", "-r", "-z", "--full-tree", tree)
    if listed.returncode:
        raise _fault_of(at, listed)
    files = [entry for line in listed.stdout.split(b"\0") if line and (entry := _entry(line))]
    if len(files) > MAX_FILES:
        raise fault(at, "too-many-files", f"more than {MAX_FILES:,} files", "is this the right folder?")
    target.mkdir()
    texts = _contents(repository, [blob for blob, _ in files], at)
    for (_, inner), text in zip(files, texts, strict=True):
        written = target / inner
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(text)
    return target


def _entry(line: bytes) -> tuple[str, PurePosixPath] | None:
    """Return the id and the path of a YAML file; None for anything else, links and submodules included."""
    head, _, raw = line.partition(b"\t")
    mode, _, blob = head.decode("ascii", "replace").split(" ")
    path = PurePosixPath(os.fsdecode(raw))
    # Git keeps such paths out of its trees; a repository from elsewhere may have been made by other means.
    safe = not path.is_absolute() and ".." not in path.parts and path.parts and b"\\" not in raw
    return (blob, path) if safe and mode in _FILE_MODES and path.suffix in _SUFFIXES else None


def _contents(repository: Path, blobs: Sequence[str], at: Location) -> Iterator[bytes]:
    """Yield the contents of files in turn."""
    ids = "".join(f"{blob}\n" for blob in blobs).encode()
    sizes = _git(repository, "cat-file", "--batch-check=%(objectsize)", given=ids)
    if sizes.returncode:
        raise _fault_of(at, sizes)
    if any(not size.isdigit() or int(size) > MAX_BYTES for size in sizes.stdout.split()):
        raise fault(at, "too-large", f"a file of more than {MAX_BYTES:,} bytes", "is this the right folder?")
    done = _git(repository, "cat-file", "--batch", given=ids)
    if done.returncode:
        raise _fault_of(at, done)
    rest = done.stdout
    for _ in blobs:
        head, _, rest = rest.partition(b"\n")
        size = int(head.split()[-1])
        yield rest[:size]
        rest = rest[size + 1 :]


def _git(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Return what a git command that only reads says; status 127 where there is no git."""
    # In a hook, git's own variables would name another repository than the folder's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }
    command = ["git", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never", "-C", str(folder), *arguments]
    try:
        return subprocess.run(  # noqa: S603 - a fixed program, and names that cannot be taken for options
            command, input=given, capture_output=True, env=environment, timeout=_SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 127, b"", str(error).encode())


def _fault_of(at: Location, done: subprocess.CompletedProcess[bytes]) -> Exception:
    said = shorten(done.stderr.decode("utf-8", "replace"), 200)
    return fault(at, "unreadable", f"git cannot read it: {said}", "is the repository whole? `git fsck` tells")
