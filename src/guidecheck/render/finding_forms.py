"""Findings as programs read them: JSON, workflow commands of GitHub Actions, and SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from guidecheck.errors import Finding

LINT_PAGES = "docs/lint"
"""Where each code has a page of its own."""

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def finding_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data; `line` and `column` count from 1 and are null where there is none."""
    at = finding.location
    return {
        "code": finding.code,
        "severity": finding.severity,
        "path": at.path,
        "line": at.line or None,
        "column": at.column or None,
        "message": finding.message,
        "hint": finding.hint,
    }


def findings_json(findings: Iterable[Finding]) -> str:
    """Return findings as a JSON list."""
    return json.dumps([finding_data(finding) for finding in findings], indent=2, ensure_ascii=False) + "\n"


def findings_github(findings: Iterable[Finding], root: Path) -> str:
    """Return findings as workflow commands, which GitHub shows beside the lines of a pull request.

    Args:
        findings: the findings.
        root: the folder that paths are told from, where they lie in it (the repository).
    """
    return "".join(f"{_workflow_command(finding, root)}\n" for finding in findings)


def _workflow_command(finding: Finding, root: Path) -> str:
    at = finding.location
    properties = {"file": _relative(at.path, root)}
    if at.line:
        properties |= {"line": str(at.line), "col": str(at.column)}
    properties["title"] = f"guidecheck {finding.code}"
    said = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    mend = f"; {finding.hint}" if finding.hint else ""
    return f"::{finding.severity} {said}::{_escaped(finding.message + mend)}"


def _escaped(text: str, also: str = "") -> str:
    return "".join(f"%{ord(sign):02X}" if sign in f"%\r\n{also}" else sign for sign in text)


def findings_sarif(findings: Sequence[Finding], version: str, root: Path) -> str:
    """Return findings as a SARIF 2.1.0 log of one run.

    Args:
        findings: the findings.
        version: of guidecheck.
        root: as for `findings_github`.
    """
    codes = sorted({finding.code for finding in findings})
    driver = {
        "name": "guidecheck",
        "semanticVersion": version,
        "rules": [_sarif_rule(code) for code in codes],
    }
    results = [
        {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": finding.severity,
            "message": {"text": f"{finding.message}; {finding.hint}" if finding.hint else finding.message},
            "locations": [{"physicalLocation": _physical(finding, root)}],
        }
        for finding in findings
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _sarif_rule(code: str) -> dict[str, Any]:
    return {"id": code, "help": {"text": f"See {LINT_PAGES}/{code}.md of guidecheck."}}


def _physical(finding: Finding, root: Path) -> dict[str, Any]:
    at = finding.location
    path = _relative(at.path, root)
    uri = quote(path) if not PurePath(path).is_absolute() else Path(path).as_uri()
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if at.line:
        physical["region"] = {"startLine": at.line, "startColumn": at.column}
    return physical


def _relative(path: str, root: Path) -> str:
    """Return a path as told from a folder, with slashes, where it lies in it."""
    whole = Path(path)
    if not whole.is_absolute():
        return whole.as_posix()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()
