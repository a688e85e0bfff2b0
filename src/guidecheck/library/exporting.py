"""A copy of the rules in use, to be edited."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from guidecheck.errors import LibraryError, Location, fault
from guidecheck.library.loading import load_library, rule_folders
from guidecheck.library.rule_files import RuleFiles


def export_rules(folders: Sequence[str | Path], target: Path) -> list[Path]:
    """Write the rules that folders make together to a new or empty one, and return the files written.

    The copy stands by itself, and loads to the same digest.

    Raises:
        LibraryError: the rules have mistakes.
        GuidecheckError: the target is not empty, lies in the rules, or cannot be written.
    """
    sources = rule_folders(folders)
    load_library(*sources)
    files = RuleFiles()
    for folder in sources:
        files.add_folder(folder)
    if files.findings:
        raise LibraryError(files.findings)  # changed since they were loaded
    _check_target(target, sources)
    written = []
    at = Location(str(target))
    try:
        for name, text in files.contents().items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            written.append(path)
    except OSError as error:
        raise fault(at, "unwritable", f"cannot be written: {error.strerror or error}") from None
    return written


def _check_target(target: Path, sources: Sequence[Path]) -> None:
    at = Location(str(target))
    hint = "name a new or empty folder"
    try:
        if target.exists() and not target.is_dir():
            raise fault(at, "not-a-folder", "there is a file of this name", hint)
        if target.is_dir() and any(target.iterdir()):
            raise fault(at, "not-empty", "this folder is not empty", hint)
    except (OSError, ValueError) as error:
        raise fault(at, "unwritable", f"cannot be used: {getattr(error, 'strerror', None) or error}") from None
    if any(target.resolve().is_relative_to(source.resolve()) for source in sources):
        raise fault(at, "in-the-rules", "this folder lies among the rules, which would then stand twice", hint)
