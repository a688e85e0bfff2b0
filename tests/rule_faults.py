"""What the tests of faulty rules share: a case is a file or folder laid over a clean library."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from guidecheck.errors import Finding
from guidecheck.lint.running import lint_rules


def cases_in(folder: Path) -> list[str]:
    """Return the cases of a folder, each as KIND/NAME; `base` is what they are laid over."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.glob("*/*")
        if path.parent.name != "base" and path.suffix != ".expected"
    )


def lint(*folders: Path) -> list[Finding]:
    return lint_rules(folders).findings


def laid_out(case: Path, folder: Path) -> Path:
    """Return a folder to lay over the base: the case's own, or one with its single file."""
    if case.is_dir():
        return Path(shutil.copytree(case, folder))
    folder.mkdir()
    shutil.copy(case, folder / case.name)
    return folder


def said(findings: list[Finding], folder: Path, base: Path) -> str:
    """Return findings as printed, with paths as they are in the case, or under base."""
    report = "".join(f"{finding}\n" for finding in findings)
    return report.replace(f"{folder}{os.sep}", "").replace(str(base), "base")
