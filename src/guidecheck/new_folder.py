"""A folder written whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from guidecheck.errors import GuidecheckError, Location, fault
from guidecheck.whole_files import umask


def check_new_folder(target: Path, apart_from: Sequence[Path]) -> None:
    """Make sure that a folder is new or empty, and lies in none of the folders of rules.

    Raises:
        GuidecheckError: it is neither, it lies in one, or nobody can tell.
    """
    at = Location(str(target))
    hint = "name a new or empty folder"
    try:
        if target.exists() and not target.is_dir():
            raise fault(at, "not-a-folder", "there is a file of this name", hint)
        if target.is_dir() and any(target.iterdir()):
            raise fault(at, "not-empty", "this folder is not empty", hint)
    except (OSError, ValueError) as error:
        raise _unwritable(at, error, "used") from None
    if any(target.resolve().is_relative_to(source.resolve()) for source in apart_from):
        raise fault(at, "in-the-rules", "this folder lies among the rules, which would then stand twice", hint)


def write_folder(target: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files, named by their paths, to a new or empty folder, and return where they stand.

    Raises:
        GuidecheckError: it cannot be written; then nothing is.
    """
    at = Location(str(target))
    made: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".guidecheck-", dir=target if target.is_dir() else target.parent))
        for name, text in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        if target.is_dir():
            # It stays the same folder, for whoever stands in it.
            for path in sorted(made.iterdir()):
                path.rename(target / path.name)
        else:
            made.chmod(0o777 & ~umask())
            made.rename(target)
    except OSError as error:
        raise _unwritable(at, error, "written") from None
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    return [target / name for name in files]


def _unwritable(at: Location, error: OSError | ValueError, what: str) -> GuidecheckError:
    return fault(at, "unwritable", f"cannot be {what}: {getattr(error, 'strerror', None) or error}")
