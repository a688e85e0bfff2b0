"""The checklist in words, and as text that a clinic's assistant ticks off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from guidecheck.deciding.determination import Determination, ItemDetermination
from guidecheck.explaining.account import Account
from guidecheck.explaining.checklist import Point, State, checklist, legal_checklist
from guidecheck.explaining.currency import currency_notes
from guidecheck.explaining.explained_sums import explained_sums, sum_heading
from guidecheck.explaining.rationale import headline
from guidecheck.explaining.wording import day_words, listed, reference, sentence, sentence_case
from guidecheck.library.models import Library
from guidecheck.render.page import Page

HEADINGS = {
    State.STANDING: "Stated in the request, and against it: it stands unless newer records show otherwise",
    State.CONTRARY: "To ask otherwise, or to do",
    State.MISSING: "To record, if it is true",
    State.UNKNOWN: "To find out",
    State.ASSUMED: "Better said, though silence is not held against the request",
    State.DOCUMENTED: "In order",
}
LEGAL_HEADING = "The law, apart from the prediction"
NOTICE = (
    "Record only what is true. This is decision support, not a determination, and it is neither medical nor "
    "legal advice."
)


@dataclass(frozen=True, slots=True)
class Task:
    """A point of the checklist in words.

    `text` is what to do, or what is documented; `now` how the record stands; `questions` what to answer, any one
    of them where `any_suffices`; `places` where the guidelines ask for it. What `stands` is nobody's to do.
    """

    done: bool
    stands: bool
    text: str
    now: tuple[str, ...]
    questions: tuple[str, ...]
    any_suffices: bool
    places: tuple[str, ...]


def tasks(account: Account) -> Iterator[tuple[str, list[Task]]]:
    """Yield the headings of an item's checklist with the tasks under each."""
    vocabulary = account.library.vocabulary
    points = checklist(account.item, vocabulary)
    for state, heading in HEADINGS.items():
        found = [task for point in points if point.state is state for task in [_task(account, point)]]
        if found:
            yield heading, found
    legal = [_task(account, point) for point in legal_checklist(account.item, vocabulary)]
    if legal:
        yield LEGAL_HEADING, legal


def _task(account: Account, point: Point) -> Task:
    words = account.words
    places = tuple(dict.fromkeys(reference(result.citation) for result in point.results))
    documented = [words.shown(r.test.fact, words.told(r)) for r in point.documented]
    if point.state is State.DOCUMENTED:
        says = sentence(point.results[0].criterion.says)
        return _no_questions(says, documented, places, done=True)
    contrary = [words.shown(r.test.fact, words.told(r)) for r in point.contrary]
    now = list(dict.fromkeys(contrary))
    if point.missing:
        now.append(f"Not documented: {listed(map(words.missing, point.missing), 'or')}.")
    if point.unknown:
        now.append(f"Not known: {words.labels(point.unknown, 'or')}.")
    instead = dict.fromkeys(reference(result.citation) for result in point.instead)
    now += [f"Or, instead, what {place} asks." for place in instead]
    text = point.advice or sentence(point.results[0].criterion.says)
    if point.state is State.STANDING:
        # What the request states as absent is nobody's to write otherwise: no advice, no question.
        text, now = " ".join(now) or text, [sentence(result.criterion.says) for result in point.results]
        return _no_questions(text, now, places, stands=True)
    facts = [account.library.vocabulary.facts[name] for name in point.open]
    questions = tuple(fact.ask for fact in facts if fact.ask)
    several = point.any_suffices and len(questions) > 1
    return Task(False, False, text, tuple(now), questions, any_suffices=several, places=places)


def _no_questions(
    text: str, now: list[str], places: tuple[str, ...], *, done: bool = False, stands: bool = False
) -> Task:
    return Task(done, stands, text, tuple(dict.fromkeys(now)), (), any_suffices=False, places=places)


def checklist_text(determinations: Iterable[Determination], library: Library, today: date, width: int = 80) -> str:
    """Return the checklists of determinations as text; `today` is the day to which editions are compared."""
    page = Page(width)
    write_checklist(page, determinations, library, today)
    return page.text


def write_checklist(page: Page, determinations: Iterable[Determination], library: Library, today: date) -> None:
    """Write the checklists of determinations on a page, each request with its items."""
    for number, determination in enumerate(determinations):
        if number:
            page.gap()
        page.rule()
        page.say(f"Checklist: {determination.request.case_id}", style="bold")
        page.say(f"Guidelines of {day_words(determination.as_of)}.")
        if library.left_out is not None:
            page.say(library.left_out.words)
        page.rule()
        several = len(determination.items) > 1
        for place, item in enumerate(determination.items, start=1):
            page.gap()
            _item(page, item, library, today, f"{place}. " if several else "")
    page.gap()
    page.rule()
    page.say(NOTICE)


def _item(page: Page, item: ItemDetermination, library: Library, today: date, number: str) -> None:
    account = Account(item, library)
    name = f" ({account.name})" if account.name else ""
    page.say(f"{number}{sentence_case(account.treatment)}{name}", style="bold underline")
    page.say(headline(item, library))
    for note in currency_notes(item, library, today):
        page.say(note, indent=6, lead="Note: ", lead_style="yellow")
    for explained in explained_sums(item, library.vocabulary):
        page.gap()
        page.say(sum_heading(explained), style="bold")
        for line in explained.lines:
            page.say(line, indent=6, lead="    - ")
    lists = [] if item.lacking else list(tasks(account))
    for heading, found in lists:
        page.gap()
        page.say(heading, style="bold")
        for task in found:
            _write(page, task)
    if item.lacking:
        page.gap()
        page.say(HEADINGS[State.UNKNOWN], style="bold")
        for name in item.lacking:
            fact = library.vocabulary.facts[name]
            page.say(fact.ask or sentence(fact.label), indent=6, lead="  [ ] ")


def _write(page: Page, task: Task) -> None:
    lead = "  [x] " if task.done else "  [!] " if task.stands else "  [ ] "
    page.say(task.text, indent=6, lead=lead)
    for text in task.now:
        page.say(text, indent=8, lead="      > ")
    if task.any_suffices:
        page.say("Any one of these is enough:", indent=8, lead="      > ")
    for question in task.questions:
        page.say(
            question, indent=10 if task.any_suffices else 8, lead=" " * (8 if task.any_suffices else 6) + "? "
        )
    for place in task.places:
        page.say(place, indent=6, style="dim")
