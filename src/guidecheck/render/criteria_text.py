"""The criteria of an item as lists: those that decide, those that may, those that give way, and those of law."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from guidecheck.account import Account
from guidecheck.determination import Certainty, CriterionResult, Status
from guidecheck.render.page import Page
from guidecheck.wording import reference, sentence

_WORDS = {
    Status.MET: ("met", "green"),
    Status.FAILED: ("NOT MET", "red"),
    Status.UNDOCUMENTED: ("NOT DOCUMENTED", "red"),
    Status.NOT_APPLICABLE: ("does not apply", "dim"),
}
_GUIDELINE_INDENT = 2
_STATUS_INDENT = 4
_TEXT_INDENT = 20


@dataclass
class CriteriaText:
    """Writes the criteria of one item on a page."""

    page: Page
    account: Account

    def write(self) -> None:
        """Write each list that has criteria."""
        criteria = self.account.item.criteria
        applicable = [result for result in criteria if result.applies is not Certainty.NO]
        decide = [result for result in applicable if result.controlling]
        may = [result for result in applicable if result.controls is Certainty.POSSIBLY]
        self._list("Criteria that decide", decide)
        self._list("Criteria that may decide, once more is known", may)
        self._give_way([result for result in applicable if result.superseded_by is not None])
        self._list("The law, apart from the prediction", self.account.law)
        rest = len(criteria) - len(applicable)
        if rest:
            count = (
                "One more criterion of these guidelines does"
                if rest == 1
                else f"{rest} more criteria of these guidelines do"
            )
            self.page.gap()
            self.page.say(f"{count} not apply here.", style="dim")

    def _list(self, heading: str, results: list[CriterionResult]) -> None:
        if not results:
            return
        self._heading(heading)
        places: dict[str, list[CriterionResult]] = {}
        for result in results:
            places.setdefault(_place(result), []).append(result)
        for place, group in places.items():
            self.page.say(place, indent=_GUIDELINE_INDENT)
            for result in group:
                self._criterion(result)

    def _give_way(self, results: list[CriterionResult]) -> None:
        """Write the superseded criteria under the guideline that they give way to."""
        if not results:
            return
        self._heading("Criteria that do not decide")
        places: dict[str, list[CriterionResult]] = {}
        for result in results:
            above = self.account.superseder(result).title
            places.setdefault(f"{_place(result)}, which gives way to {above}", []).append(result)
        for place, group in places.items():
            self.page.say(place, indent=_GUIDELINE_INDENT)
            for result in group:
                self._says(result)

    def _heading(self, text: str) -> None:
        self.page.gap()
        self.page.say(text, style="bold")

    def _says(self, result: CriterionResult) -> None:
        word, style = self._status(result)
        lead = " " * _STATUS_INDENT + word
        self.page.say(sentence(result.criterion.says), indent=_TEXT_INDENT, lead=lead, lead_style=style)

    def _criterion(self, result: CriterionResult) -> None:
        self._says(result)
        for fact in self._facts(result):
            self.page.say(fact, indent=_TEXT_INDENT + 2, lead=" " * _TEXT_INDENT + "> ")
        if result.confidence == "uncertain":
            self.page.say("Uncertain: check it against the guideline.", indent=_TEXT_INDENT, style="yellow")

    def _status(self, result: CriterionResult) -> tuple[str, str]:
        if result.assumed:
            return "assumed", "yellow"
        if result.status is Status.UNDOCUMENTED and result.could_be_met:
            return "NOT KNOWN", "yellow"
        return _WORDS[result.status]

    def _facts(self, result: CriterionResult) -> Iterable[str]:
        """Yield the facts that settled a criterion, with their evidence, and those that nobody stated."""
        settled = self.account.settled(result)
        words = self.account.words
        readings = [*settled.contrary, *settled.supporting]
        shown = {reading.test.fact: words.told(reading) for reading in readings}
        for reading in settled.guards if not readings else ():
            shown.setdefault(reading.test.fact, words.told(reading, compare=False))
        for name, told in shown.items():
            evidence = words.evidence(name)
            yield sentence(told + (f" ({evidence})" if evidence else ""))
        if settled.missing:
            yield f"Not documented: {words.labels(settled.missing, 'or')}."
        if settled.unknown:
            yield f"Not known: {words.labels(settled.unknown)}."


def _place(result: CriterionResult) -> str:
    """Return where a criterion stands, with the note that a table's row may add."""
    note = result.citation.get("note")
    return reference(result.citation) + (f"; {note}" if note else "")
