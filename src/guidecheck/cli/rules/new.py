"""`guidecheck rules new`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from guidecheck.cli.libraries import folders_of, treatment_of
from guidecheck.cli.options import Day, Refused, rules_option
from guidecheck.cli.output import write_new
from guidecheck.editing.new_guideline import (
    Answers,
    Rivals,
    check_guideline,
    guideline_text,
    read_test,
    rivals_of,
    tests_that_fit,
)
from guidecheck.errors import Finding, LibraryError, did_you_mean, one_of, shorten
from guidecheck.language.facts import Fact, ValueFault
from guidecheck.language.vocabulary import STRUCTURAL
from guidecheck.library.confidence_words import CONFIDENCES
from guidecheck.library.loading import load_library
from guidecheck.library.models import Library, Period
from guidecheck.library.rule_files import rule_paths

Answer = TypeVar("Answer")
_NAME = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")


@click.command()
@rules_option
@click.option("--out", type=click.Path(path_type=Path), help="File to write; else ID.yaml beside the rules.")
@click.option("--id", "guideline", help="The id of the edition, as in house-2024.")
@click.option("--title", help="The title, as answers cite it.")
@click.option("--authority", help="Whose guideline it is, an id of library.yaml.")
@click.option("--section", help="Where it stands: the section.")
@click.option("--pages", help="Where it stands: the pages, if it has any.")
@click.option("--regulation", help="Where it stands: the regulation, if it has one.")
@click.option("--from", "start", type=Day(), help="The first day in force.")
@click.option("--until", "end", type=Day(), help="The last day in force, if it has ended.")
@click.option("--treatment", help="The treatment it is for, as clinics name it.")
@click.option("--criterion", help="The id of its first criterion, as in visits.")
@click.option("--topic", help="The question that this answers, a topic of library.yaml.")
@click.option("--says", help="What it asks, in a sentence of your own.")
@click.option("--fact", help="The fact that it tests, a name of the vocabulary.")
@click.option("--test", help='What it asks of the fact, as in "at most 6" or "yes".')
@click.option("--remedy", help="What to do where it is not met.")
@click.option(
    "--outranks",
    metavar="IDS",
    help="Guidelines of the authority on the same topic that give way to it, with commas; `none` for none.",
)
@click.option("--confidence", type=click.Choice(CONFIDENCES), help="How sure you are; uncertain, unless said.")
def new(rule_folders: tuple[Path, ...], out: Path | None, **given: str | date | None) -> None:
    """Begin a guideline: ask what is not given by options, and write a file that loads, with examples that hold.

    \b
    Examples:
        guidecheck rules new --rules my-rules
        guidecheck rules new --fact weeks --test "at most 2"

    A file that exists is never overwritten.
    """
    # The folder that is to hold the guideline may be empty yet.
    begun = bool(rule_folders and rule_folders[-1].is_dir() and not rule_paths(rule_folders[-1]))
    folders = folders_of(rule_folders[:-1] if begun else rule_folders)
    library = load_library(*folders, examples=False)
    answers = _Questions(library, given).answers()
    path = out or (rule_folders[-1] if rule_folders else Path()) / f"{answers.id}.yaml"
    text = guideline_text(answers, library.vocabulary)
    try:
        check_guideline(text, path.name, folders)
    except LibraryError as error:
        if any(finding.code != "unranked-rivals" for finding in error.findings):
            raise
        # The answers are right, and only a line is missing: they are not to be lost.
        write_new(path, text)
        click.echo(f"{path} is written as a draft; mend this in it before it is used:", err=True)
        raise LibraryError(_placed(finding, path) for finding in error.findings) from None
    write_new(path, text)
    click.echo(f"{path} is written: it loads, and its examples hold.", err=True)
    if answers.outranks:
        click.echo(f"Where both apply it goes before {', '.join(answers.outranks)} (`outranks`).", err=True)
    named = [*rule_folders]
    if not any(path.resolve().is_relative_to(folder.resolve()) for folder in named):
        named.append(path.parent)
    lint = " ".join(["guidecheck rules lint", *(f"--rules {shlex.quote(str(folder))}" for folder in named)])
    click.echo(f"Add criteria and examples to it, then run: {lint}", err=True)


def _placed(finding: Finding, path: Path) -> Finding:
    """Return a finding with the whole path of the file that was written."""
    at = finding.location
    return replace(finding, location=at._replace(path=str(path))) if at.path == path.name else finding


class _Questions:
    """Asks for what was not given by options; where nothing that is needed is missing, for nothing at all."""

    NEEDED = (
        "guideline", "title", "authority", "section", "start", "treatment", "criterion", "topic", "says", "fact",
        "test", "remedy",
    )  # fmt: skip

    def __init__(self, library: Library, given: dict[str, str | date | None]) -> None:
        self._library = library
        self._given = given
        self._asks = any(given[name] is None for name in self.NEEDED)

    def answers(self) -> Answers:
        """Return every answer, each checked as soon as it is given."""
        authorities = {authority.id: authority.title for authority in self._library.authorities.values()}
        topics, facts = self._library.topics, self._library.vocabulary.facts
        guideline = self._ask("guideline", "Id of the guideline (small letters, digits, -)", self._new_id)
        title = self._ask("title", "Title, as answers cite it", _text)
        authority = self._ask("authority", f"Whose is it? {one_of(authorities)}", _known("authority", authorities))
        section = self._ask("section", "Section in which it stands", _text)
        pages = self._ask("pages", "Pages (Enter for none)", str.strip, "")
        regulation = self._ask("regulation", "Regulation (Enter for none)", str.strip, "")
        start = self._ask("start", "First day in force (year-month-day)", _day)
        end = self._ask("end", "Last day in force (Enter if it has not ended)", _day_or_none, "")
        treatment = self._ask("treatment", "Treatment it is for", lambda word: treatment_of(self._library, word))
        criterion = self._ask("criterion", "Id of the first criterion, as in visits", _name)
        topic = self._ask("topic", f"Topic (? for all): {one_of(topics, 8)}", _known("topic", topics))
        outranks = self._outranks(rivals_of(self._library, Period(start, end, authority), treatment, topic))
        says = self._ask("says", "What does it ask, in a sentence of your own?", _text)
        fact = self._ask("fact", "Fact that it tests (guidecheck rules explain FACT)", self._tested)
        named = facts[fact]
        test = self._ask("test", f"Its test: {tests_that_fit(named)}", self._test(named))
        remedy = self._ask("remedy", "What to do where it is not met", _text)
        confidence = self._ask(
            "confidence",
            f"How sure are you? {one_of(CONFIDENCES)}",
            _known("confidence", CONFIDENCES),
            "uncertain",
        )
        return Answers(
            id=guideline, title=title, authority=authority, section=section, pages=pages, regulation=regulation,
            start=start, end=end, treatment=treatment, criterion=criterion, topic=topic, says=says, fact=fact,
            test=test, remedy=remedy, confidence=confidence,
            outranks=outranks,
        )  # fmt: skip

    def _outranks(self, rivals: Rivals) -> tuple[str, ...]:
        """Return what the guideline outranks; nothing is asked where nothing rivals it."""
        found = (*rivals.general, *rivals.special)
        if not found and self._given["outranks"] is None:
            return ()
        # One that is for fewer cases is to go before it, which is said in that one's file.
        default = ", ".join(rivals.general) or "none"
        question = (
            f"On this topic the authority has {', '.join(found)} too, for this treatment and on these days."
            " Which give way to the new one? (names with commas, or none)"
        )
        return self._ask("outranks", question, self._guidelines, default)

    def _guidelines(self, text: str) -> tuple[str, ...]:
        words = [word.strip() for word in text.split(",") if word.strip()]
        return () if words == ["none"] else tuple(map(_known("guideline", self._library.guidelines), words))

    def _ask(self, name: str, question: str, read: Callable[[str], Answer], default: str | None = None) -> Answer:
        """Return an answer: as given, else as typed, asked again until it can be read, else the default."""
        given = self._given[name]
        if given is not None:
            return read(str(given))
        if not self._asks:
            return read(default or "")

        def again(text: str) -> Answer:
            try:
                return read(text)
            except Refused as refused:
                raise click.UsageError(refused.message) from None

        answer: Answer = click.prompt(
            question, default=default, show_default=bool(default), value_proc=again, err=True
        )
        return answer

    def _new_id(self, text: str) -> str:
        name = _name(text)
        if name in self._library.guidelines:
            raise Refused(f"there is a guideline `{name}` already; give each edition an id of its own")
        return name

    def _tested(self, text: str) -> str:
        name = _known("fact", self._library.vocabulary.facts)(text)
        if name in STRUCTURAL:
            raise Refused(f"`{name}` decides whether a guideline applies; name one that a criterion can ask for")
        return name

    def _test(self, fact: Fact) -> Callable[[str], str]:
        def read(text: str) -> str:
            try:
                read_test(self._library.vocabulary, fact, text)
            except ValueFault as fault:
                raise Refused(f"{fault.message}; {fault.hint}" if fault.hint else fault.message) from None
            return text

        return read


def _name(text: str) -> str:
    if not _NAME.fullmatch(text.strip()):
        raise Refused(f"`{shorten(text)}` is no name; write small letters, digits and -")
    return text.strip()


def _text(text: str) -> str:
    words = " ".join(text.split())
    if not words or not words.isprintable():
        raise Refused("write a text, in plain characters")
    return words


def _day(text: str) -> date:
    try:
        day = Day().convert(text, None, None)
    except click.UsageError as error:
        raise Refused(error.message) from None
    assert isinstance(day, date)
    return day


def _day_or_none(text: str) -> date | None:
    return _day(text) if text.strip() else None


def _known(kind: str, names: Iterable[str]) -> Callable[[str], str]:
    known = list(names)

    def read(text: str) -> str:
        name = text.strip()
        if name in ("", "?"):
            raise Refused(f"the {kind}: {one_of(known, most=len(known))}")
        if name not in known:
            raise Refused(f"unknown {kind} `{shorten(name)}`; {did_you_mean(name, known) or one_of(known)}")
        return name

    return read
