"""Linting a library: what loading refuses, and else what is suspicious and not allowed by a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from guidecheck.errors import Finding
from guidecheck.library.loading import read_rules
from guidecheck.library.models import Library
from guidecheck.lint import edition_checks, reach_checks, text_checks, use_checks
from guidecheck.lint.context import Context
from guidecheck.lint.silencing import silence
from guidecheck.rule_tests import lint_examples

Check = Callable[[Context], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    reach_checks.check_statuses,
    reach_checks.check_guards,
    reach_checks.check_not,
    text_checks.check_numbers,
    text_checks.check_notes,
    text_checks.check_remedies,
    edition_checks.check_editions,
    edition_checks.check_ranks,
    edition_checks.check_openers,
    use_checks.check_facts,
    use_checks.check_tables,
    use_checks.check_topics,
    use_checks.check_doubles,
    use_checks.check_citations,
)

CODES = (
    reach_checks.NEVER_APPLIES,
    reach_checks.NEVER_MET,
    reach_checks.NEVER_FAILS,
    reach_checks.UNCOVERED_CASE,
    reach_checks.NOT_FOR_UNLESS,
    text_checks.STALE_NUMBER,
    text_checks.REMEDY_CANNOT_HELP,
    edition_checks.LOST_TOPIC,
    edition_checks.EDITION_GAP,
    edition_checks.SPLIT_LIMIT,
    edition_checks.REQUIRED_AND_OPENS,
    use_checks.UNUSED_FACT,
    use_checks.UNUSED_TABLE,
    use_checks.UNUSED_COLUMN,
    use_checks.UNUSED_TOPIC,
    use_checks.UNREACHABLE_ROW,
    use_checks.SAME_CRITERION,
    use_checks.SAME_EXAMPLE_NAME,
    use_checks.CITATION_WITHOUT_PAGE,
)
"""The codes of what is suspicious; a comment can allow each of them."""


@dataclass(frozen=True)
class Linted:
    """What lint found, in file order; `library` is None where there are no rules to read.

    `only_errors` tells that mistakes kept it from looking for what is suspicious.
    """

    library: Library | None
    findings: list[Finding]
    only_errors: bool


def lint_rules(folders: Sequence[Path]) -> Linted:
    """Return what is wrong or suspicious in the rules of some folders, each laid over the one before."""
    library, findings, files = read_rules(folders)
    if library is None:
        return Linted(None, findings, only_errors=True)
    findings = sorted({*findings, *lint_examples(library)})
    if findings:
        return Linted(library, findings, only_errors=True)
    context = Context(library, files)
    suspicious = {finding for check in CHECKS for finding in check(context)}
    # Comments in a file that another replaces are about nothing any more.
    counting = {
        node.at.path for node in (*files.guidelines.values(), *files.vocabularies, *files.examples.values())
    }
    if files.library is not None:
        counting.add(files.library.at.path)
    texts = {path: text for path, text in files.texts.items() if path in counting}
    return Linted(library, sorted(silence(suspicious, texts, CODES)), only_errors=False)
