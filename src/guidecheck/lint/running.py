"""Linting a library: what loading refuses, and else what is suspicious and not allowed by a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from guidecheck.editing.rule_tests import lint_examples
from guidecheck.errors import Finding, GuidecheckError
from guidecheck.letters.patterns import load_patterns, patterns_folder
from guidecheck.library.deadline_reader import read_deadlines
from guidecheck.library.loading import read_rules, without_garbage_collection
from guidecheck.library.models import Library
from guidecheck.lint.alternative_checks import SINGLE_ALTERNATIVE, check_alternatives
from guidecheck.lint.context import Context
from guidecheck.lint.edition_checks import (
    EDITION_GAP,
    LOST_TOPIC,
    SPLIT_LIMIT,
    check_editions,
    check_ranks,
)
from guidecheck.lint.guard_checks import (
    EXCLUSIVE_CRITERIA,
    NOT_FOR_UNLESS,
    UNCOVERED_CASE,
    check_contradictions,
    check_guards,
    check_not,
)
from guidecheck.lint.opening_checks import REQUIRED_AND_OPENS, check_openers
from guidecheck.lint.reach_checks import NEVER_APPLIES, NEVER_FAILS, NEVER_MET, check_statuses
from guidecheck.lint.redundancy_checks import REDUNDANT_CRITERION, check_redundancy
from guidecheck.lint.row_checks import UNREACHABLE_ROW
from guidecheck.lint.silencing import silence, vain_allowances
from guidecheck.lint.table_checks import MISSING_CELL, UNUSED_COLUMN, UNUSED_TABLE, WRONG_CELL, check_tables
from guidecheck.lint.text_checks import (
    CONTRARY_WORDS,
    CUT_TEXT,
    REMEDY_CANNOT_HELP,
    STALE_NUMBER,
    check_cut,
    check_notes,
    check_numbers,
    check_remedies,
    check_words,
)
from guidecheck.lint.use_checks import (
    CITATION_WITHOUT_PAGE,
    SAME_CRITERION,
    SAME_EXAMPLE_NAME,
    UNUSED_AUTHORITY,
    UNUSED_FACT,
    UNUSED_TOPIC,
    check_authorities,
    check_citations,
    check_doubles,
    check_facts,
    check_topics,
)
from guidecheck.time_limits.deadlines import Deadline

Check = Callable[[Context], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    check_statuses,
    check_guards,
    check_not,
    check_contradictions,
    check_redundancy,
    check_alternatives,
    check_numbers,
    check_words,
    check_notes,
    check_remedies,
    check_cut,
    check_editions,
    check_ranks,
    check_openers,
    check_facts,
    check_tables,
    check_topics,
    check_authorities,
    check_doubles,
    check_citations,
)

CODES = (
    NEVER_APPLIES,
    NEVER_MET,
    NEVER_FAILS,
    UNCOVERED_CASE,
    NOT_FOR_UNLESS,
    EXCLUSIVE_CRITERIA,
    SINGLE_ALTERNATIVE,
    STALE_NUMBER,
    CONTRARY_WORDS,
    REMEDY_CANNOT_HELP,
    CUT_TEXT,
    LOST_TOPIC,
    EDITION_GAP,
    SPLIT_LIMIT,
    REQUIRED_AND_OPENS,
    UNUSED_FACT,
    UNUSED_TABLE,
    UNUSED_COLUMN,
    UNUSED_TOPIC,
    UNUSED_AUTHORITY,
    UNREACHABLE_ROW,
    MISSING_CELL,
    WRONG_CELL,
    SAME_CRITERION,
    REDUNDANT_CRITERION,
    SAME_EXAMPLE_NAME,
    CITATION_WITHOUT_PAGE,
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
    with without_garbage_collection():
        return _lint(folders)


def _lint(folders: Sequence[Path]) -> Linted:
    library, findings, files = read_rules(folders)
    if library is None:
        return Linted(None, findings, only_errors=True)
    findings += lint_examples(library)
    deadlines: tuple[Deadline, ...] = ()
    try:
        found = read_deadlines(folders, library.vocabulary)
        deadlines = tuple(limit for jurisdiction in found.values() for limit in jurisdiction.limits)
    except GuidecheckError as error:
        findings += error.findings
    if patterns_folder(folders).is_dir():
        try:
            load_patterns(list(folders), library)
        except GuidecheckError as error:
            findings += error.findings
    # Comments in a file that another replaces are about nothing any more.
    counting = {
        node.at.path for node in (*files.guidelines.values(), *files.vocabularies, *files.examples.values())
    }
    if files.library is not None:
        counting.add(files.library.at.path)
    texts = {path: text for path, text in files.texts.items() if path in counting}
    if findings:
        findings += vain_allowances(findings, texts)
        return Linted(library, sorted(set(findings)), only_errors=True)
    context = Context(library, files, deadlines)
    suspicious = {finding for check in CHECKS for finding in check(context)}
    return Linted(library, sorted(silence(suspicious, texts, CODES)), only_errors=False)
