"""`guidecheck rules lint`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from guidecheck import __version__
from guidecheck.cli.libraries import folders_of
from guidecheck.cli.options import Refused, rules_option
from guidecheck.cli.output import put
from guidecheck.errors import Finding
from guidecheck.lint.running import lint_rules
from guidecheck.render.finding_forms import findings_github, findings_json, findings_sarif

EXIT_FINDINGS = 1
EXIT_UNUSABLE = 2

_FORMS: dict[str, Callable[[list[Finding]], str]] = {
    "text": lambda findings: "".join(f"{finding}\n" for finding in findings),
    "json": findings_json,
    "github": lambda findings: findings_github(findings, Path.cwd()),
    "sarif": lambda findings: findings_sarif(findings, __version__, Path.cwd()),
}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@rules_option
@click.option(
    "--format", "form", type=click.Choice(list(_FORMS)), default="text", show_default=True, help="How to say it."
)
def lint(paths: tuple[Path, ...], rule_folders: tuple[Path, ...], form: str) -> None:
    """Report what is wrong with the rules and what is suspicious, with its place and the likely mend.

    The whole library is read; PATHS, files or folders of it, restrict the report to them. An error keeps the
    rules from being used, a warning does not. What the codes mean stands in docs/lint; a comment
    `# guidecheck: allow CODE reason` on the line, or right above it, allows a warning there.

    \b
    Examples:
        guidecheck rules lint
        guidecheck rules lint --rules my-rules my-rules/acoem
        guidecheck rules lint --format github

    Exit status: 0 nothing found, 1 something, 2 there are no rules to read, or no such PATH.
    """
    folders = folders_of(rule_folders)
    linted = lint_rules(folders)
    findings = [finding for finding in linted.findings if not paths or _is_in(finding, paths)]
    if linted.library is None:
        findings = linted.findings  # whatever is asked for can't be judged
    else:
        _check_paths(paths, folders)
    put(_FORMS[form](findings))
    click.echo(_summary(findings, len(linted.library.guidelines) if linted.library else None), err=True)
    if linted.library is not None and linted.only_errors:
        click.echo("what is suspicious is looked for when no mistake is left", err=True)
    if linted.library is None:
        raise click.exceptions.Exit(EXIT_UNUSABLE)
    raise click.exceptions.Exit(EXIT_FINDINGS if findings else 0)


def _summary(findings: list[Finding], guidelines: int | None) -> str:
    said = []
    for severity, noun in (("error", "mistake"), ("warning", "warning")):
        count = sum(finding.severity == severity for finding in findings)
        if count or severity == "error":
            said.append(f"{count} {noun}{'' if count == 1 else 's'}")
    where = f" in {guidelines} guideline{'' if guidelines == 1 else 's'}" if guidelines is not None else ""
    return " and ".join(said) + where


def _is_in(finding: Finding, paths: tuple[Path, ...]) -> bool:
    place = Path(finding.location.path).resolve()
    return any(place.is_relative_to(path.resolve()) for path in paths)


def _check_paths(paths: tuple[Path, ...], folders: list[Path]) -> None:
    """Refuse a path that is none of the rules': its report would be empty whatever stands in it."""
    for path in paths:
        if not path.exists():
            raise Refused(f"{path}: no such file or folder")
        whole = path.resolve()
        if not any(whole.is_relative_to(f.resolve()) or f.resolve().is_relative_to(whole) for f in folders):
            named = ", ".join(map(str, folders))
            raise Refused(f"{path} lies in none of the folders of rules ({named}); name its folder with --rules")
