"""Determinations as GitHub-flavoured Markdown, in which nothing a request says can act as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from guidecheck.deciding.determination import Determination
from guidecheck.library.models import Library
from guidecheck.render.characters import printable
from guidecheck.render.checklist_text import Task
from guidecheck.render.report import report
from guidecheck.render.report_model import Advice, CriteriaList, FactRow, ItemEntry, RequestEntry, VisitRow

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS = re.compile(r"([\\`*_\[\]|~$#@])")
_AUTOLINKS = re.compile(r"(?i)(\bwww)(\.)|(:)(?=//)")
_LINE_START = re.compile(r"^([-+=])|^(\d+)([.)])(?=\s|$)")


def markdown_report(determinations: Iterable[Determination], library: Library, today: date) -> str:
    """Return a report of determinations as Markdown; `today` is the day to which editions are compared."""
    content = report(determinations, library, today)
    several = len(content.requests) > 1
    lines = [f"# Predicted review of {f'{len(content.requests)} requests' if several else 'a request'}", ""]
    lines += [" ".join(content.notices[:2]), ""]
    lines += [f"Rules version {escaped(content.library_version)}, `{content.library_digest}`.", ""]
    if content.left_out:
        lines += [escaped(content.left_out), ""]
    if content.with_contents:
        lines += ["## Contents", "", *_contents(content.requests), ""]
    for request in content.requests:
        lines += _request(request)
    lines += ["---", ""]
    for notice in content.notices:
        lines += [escaped(notice), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def escaped(text: str) -> str:
    """Return a text, on one line, that Markdown shows as it is: no markup, link, mention or table cell."""
    safe = _MARKS.sub(r"\\\1", printable(text).translate(_ENTITIES))
    safe = _AUTOLINKS.sub(lambda m: rf"{m[1]}\." if m[1] else r"\:", safe)
    return _LINE_START.sub(lambda m: rf"\{m[1]}" if m[1] else rf"{m[2]}\{m[3]}", safe)


def _contents(requests: tuple[RequestEntry, ...]) -> Iterator[str]:
    for request in requests:
        yield f"- [{escaped(request.case_id)}](#{request.anchor})"
        for item in request.items:
            yield f"  - [{_label(item)}](#{item.anchor}): **{item.outcome}**"


def _label(item: ItemEntry) -> str:
    number = f"{item.number}. " if item.number else ""
    return f"{number}{escaped(item.title)}" + (f" ({escaped(item.name)})" if item.name else "")


def _request(request: RequestEntry) -> Iterator[str]:
    yield from (f'<a id="{request.anchor}"></a>', "", f"## {escaped(request.case_id)}", "")
    yield from (f"Guidelines of {escaped(request.applied)}.", "")
    if request.partial:
        yield from (escaped(request.partial), "")
    if request.editions:
        yield from ("Editions applied:", "")
        yield from (f"- {escaped(edition)}" for edition in request.editions)
        yield ""
    for item in request.items:
        yield from _item(item)


def _item(item: ItemEntry) -> Iterator[str]:
    yield from (f'<a id="{item.anchor}"></a>', "", f"### {_label(item)}: {item.outcome}", "")
    yield from (f"**{escaped(item.headline)}**", "")
    if item.actual:
        yield from (escaped(item.actual), "")
    for warning in item.warnings:
        yield from (f"> **Is it current?** {escaped(warning)}", "")
    if item.todo:
        yield from _heading(item.todo_heading)
        yield from (f"- {escaped(text)}" for text in item.todo)
        yield ""
    if item.advice:
        yield from _advice(item.advice)
    yield from _heading("Why")
    yield from (escaped(item.reason), "")
    if item.past:
        yield from _heading(item.past_heading)
        for told in item.past:
            yield from (escaped(told), "")
    if item.visits:
        yield from _visits(item.visits)
    for heading, lines in item.sums:
        yield from _heading(escaped(heading))
        yield from (f"- {escaped(line)}" for line in lines)
        yield ""
    for criteria in item.criteria:
        yield from _criteria(criteria)
    if item.rest:
        yield from (escaped(item.rest), "")
    for rows, heading, source in (
        (item.facts, "Facts stated in the request", "Evidence"),
        (item.worked_out, "Facts worked out", "How"),
    ):
        if rows:
            yield from _heading(heading)
            yield from _facts(rows, source)
    for number, (heading, tasks) in enumerate(item.tasks):
        if not number:
            yield from _heading("Checklist")
        yield from (f"**{escaped(heading)}**", "")
        for task in tasks:
            yield from _task(task)
        yield ""


def _heading(text: str) -> Iterator[str]:
    yield from (f"#### {escaped(text)}", "")


def _advice(advice: Advice) -> Iterator[str]:
    yield from _heading(advice.heading)
    for number, changes in enumerate(advice.sets, start=1):
        for place, change in enumerate(changes):
            lead = f"{number}. " if place == 0 else " " * len(f"{number}. ")
            yield f"{lead}- **{change.opening}:** {escaped(change.text)}"
    if advice.sets:
        yield ""
    for text in (advice.more, advice.none_because):
        if text:
            yield from (escaped(text), "")


def _visits(rows: tuple[VisitRow, ...]) -> Iterator[str]:
    yield from _heading("Visits")
    yield "| Limit | Asked for | Already had | Allowed | Left | Result |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for row in rows:
        cells = (row.label, row.asked, row.had, row.allowed, row.left, row.result)
        yield f"| {' | '.join(map(escaped, cells))} |"
    yield ""


def _criteria(criteria: CriteriaList) -> Iterator[str]:
    yield from _heading(criteria.heading)
    for place in criteria.places:
        above = f", which gives way to {escaped(place.gives_way_to)}" if place.gives_way_to else ""
        yield from (f"*{escaped(place.citation)}*{above}", "")
        for criterion in place.criteria:
            yield f"- **{criterion.standing.words}**: {escaped(criterion.says)}"
            yield from (f"  - {escaped(line)}" for line in (*criterion.lines, criterion.note) if line)
        yield ""


def _facts(rows: tuple[FactRow, ...], source: str) -> Iterator[str]:
    yield from (f"| Fact | Value | {source} |", "| --- | --- | --- |")
    for row in rows:
        yield f"| {escaped(row.label)} | {escaped(row.value)} | {escaped(row.evidence)} |"
    yield ""


def _task(task: Task) -> Iterator[str]:
    box = "[x]" if task.done else "\\[!\\]" if task.stands else "[ ]"
    yield f"- {box} {escaped(task.text)}"
    yield from (f"  - {escaped(text)}" for text in task.now)
    if task.any_suffices:
        yield "  - Any one of these is enough:"
    yield from (f"  {'  ' if task.any_suffices else ''}- {escaped(question)}" for question in task.questions)
