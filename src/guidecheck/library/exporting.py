"""A copy of the rules in use, to be edited."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from guidecheck.errors import LibraryError
from guidecheck.library.loading import read_rules, rule_folders
from guidecheck.new_folder import check_new_folder, write_folder


def export_rules(folders: Sequence[str | Path], target: Path) -> list[Path]:
    """Write the rules that folders make together to a new or empty one, and return the files written.

    The copy stands by itself, and loads to the same digest.

    Raises:
        LibraryError: the rules have mistakes.
        GuidecheckError: the target is not empty, lies in the rules, or cannot be written.
    """
    sources = rule_folders(folders)
    library, findings, files = read_rules(sources)
    if library is None or findings:
        raise LibraryError(findings)
    check_new_folder(target, sources)
    return write_folder(target, files.contents())
