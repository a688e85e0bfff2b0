"""The examples of rules as a JUnit report, which build servers show: one test case an example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from guidecheck.editing.rule_tests import ExampleResult

# What XML 1.0 cannot hold, escaped or not.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(results: Sequence[ExampleResult]) -> str:
    """Return the results of examples as XML, a suite for each guideline and each file of examples of the whole."""
    root = ElementTree.Element("testsuites", {"name": "guidecheck rules test", **_counts(results)})
    for suite, group in groupby(results, _suite):
        held = list(group)
        element = ElementTree.SubElement(root, "testsuite", {"name": _text(suite), **_counts(held)})
        for result in held:
            _add_case(element, suite, result)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add_case(suite: ElementTree.Element, name: str, result: ExampleResult) -> None:
    at = result.example.at
    attributes = {
        "classname": _text(name),
        "name": _text(result.example.name or f"line {at.line}"),
        "file": _text(at.path),
        "line": str(at.line),
        "time": f"{result.seconds:.6f}",
    }
    case = ElementTree.SubElement(suite, "testcase", attributes)
    if result.findings:
        failure = ElementTree.SubElement(case, "failure", message=_text(result.findings[0].message))
        failure.text = _text("\n".join(map(str, result.findings)))


def _suite(result: ExampleResult) -> str:
    return result.example.guideline or result.example.at.path


def _counts(results: Sequence[ExampleResult]) -> dict[str, str]:
    failed = sum(bool(result.findings) for result in results)
    seconds = sum(result.seconds for result in results)
    return {"tests": str(len(results)), "failures": str(failed), "errors": "0", "time": f"{seconds:.6f}"}


def _text(text: str) -> str:
    return _ILLEGAL.sub("?", text)
