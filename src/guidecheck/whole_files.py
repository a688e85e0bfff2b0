"""Files written in one piece: whoever reads one finds the old content or the new, never half of it.

None is written that is read, and none twice.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path

from guidecheck.errors import Finding, GuidecheckError, Location, fault


@contextmanager
def replacing(path: Path, leave: Callable[[], bool] = lambda: False) -> Iterator[Path]:
    """Give a name to write under beside a file, and put it in the file's place once all is written.

    What a link names is replaced, and the link stays; so do the permissions of a file that is there. A pipe or a
    device is written itself.

    Args:
        path: the file.
        leave: asked once all is written, whether an old file is to stay as it is.

    Raises:
        GuidecheckError: the file cannot be written (no such folder, no right, a full disk).
    """
    try:
        if is_special(path):
            if path.is_dir():
                raise IsADirectoryError(EISDIR, "a folder")
            yield path
            return
        target = path.resolve()
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        os.close(handle)
        part = Path(name)
        try:
            yield part
            if target.exists() and leave():
                return
            with part.open("rb") as file:
                os.fsync(file.fileno())
            # A temporary file is its owner's alone; one that is new is as readable as any.
            part.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~umask())
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink()
    except OSError as error:
        raise unwritable(path, error) from None


def is_special(path: Path) -> bool:
    """Return whether there is something at a path that is no plain file, such as a pipe or /dev/null."""
    return path.exists() and not path.is_file()


def check_places(outputs: Mapping[str, Path], read: Iterable[Path]) -> None:
    """Raise GuidecheckError where an output is a file that is read, or two outputs are the same file.

    Args:
        outputs: the files to write, by the option that names them.
        read: the files that are read.
    """
    places = {option: path.resolve() for option, path in outputs.items() if not is_special(path)}
    wanted = set(places.values())
    # There may be a million of them.
    inputs = {place: path for path in read if (place := path.resolve()) in wanted}
    taken: dict[Path, str] = {}
    findings: list[Finding] = []
    for option, place in places.items():
        path = outputs[option]
        if place in inputs:
            message = f"{option} would write over `{inputs[place]}`, which is read"
            findings.append(Finding(Location(str(path)), "same-file", message, "name another file"))
        elif place in taken:
            message = f"{taken[place]} and {option} name the same file"
            findings.append(Finding(Location(str(path)), "same-file", message, "name another for one of them"))
        taken.setdefault(place, option)
    if findings:
        raise GuidecheckError(findings)


def unwritable(path: Path, error: Exception) -> GuidecheckError:
    """Return an error of writing with the name of what was to be written."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    message = f"cannot be written: {reason.splitlines()[0][:300]}"
    return fault(Location(str(path)), "unwritable", message)


def umask() -> int:
    """Return the permissions that new files and folders of this process lack."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
