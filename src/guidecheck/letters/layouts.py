"""Finding the parts of a letter: header, case summary, and for each disputed item its outcome and reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from guidecheck.letters.clean_text import CleanText
from guidecheck.letters.expressions import expression
from guidecheck.letters.pattern_words import LayoutWords

UPHELD, OVERTURNED, MIXED = "upheld", "overturned", "mixed"
"""How an item was decided; what was upheld in part only has no outcome that a prediction could have."""

_DECIDES_AT_THE_END = ("numbered", "header", "plain")
_CLOSING = "closing"
"""The section behind the last reasons: how the decision binds, who signed it, who has a copy."""
_WITH_ITEMS = ("issues", "made", "", _CLOSING)
"""The sections in which items stand with their headings and reasons, which may go on behind a page's closing."""
_NOT_DECIDING = ("summary", "documents", "qualifications")
_SENTENCE_END = re.compile(r"""[.?!:;]["')\]]*(?=\s|$)""")
_FEWEST_WORDS_CUT = 3
"""What stands behind the last sentence in fewer words is a typist's mark, not a sentence cut off."""
_MOST_WORDS_AT_THE_FOOT = 12
_REASONS = ("administrator", "reviewer", "rationale")
"""The labels of an item's parts, in the order of the letters."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the clean text."""

    start: int
    end: int


@dataclass
class ItemPart:
    """What a letter says of one disputed item, by part."""

    heading: Stretch
    outcome: str
    number: int | None = None
    labels: list[str] = field(default_factory=list)
    administrator: list[Stretch] = field(default_factory=list)
    reviewer: list[Stretch] = field(default_factory=list)
    rationale: list[Stretch] = field(default_factory=list)


@dataclass
class Letter:
    """A letter in its parts. `lost` says what could not be told apart: such a letter is not to be read.

    `unfinished` tells that its last reasons end without the words that decide: more may have followed.
    """

    text: CleanText
    layout: str
    header: dict[str, tuple[str, Stretch]] = field(default_factory=dict)
    reviewer: dict[str, str] = field(default_factory=dict)
    summary: list[Stretch] = field(default_factory=list)
    items: list[ItemPart] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unfinished: bool = False

    def words(self, part: Stretch) -> str:
        """Return the text of a part."""
        return self.text.text[part.start : part.end]


class LayoutReader:
    """Takes clean letters apart."""

    def __init__(self, words: LayoutWords) -> None:
        self._header = {name: expression(e) for name, e in words.header.items()}
        self._markers = {name: [expression(e) for e in es] for name, es in words.markers.items()}
        self._labels = {name: [expression(e) for e in es] for name, es in words.labels.items()}
        self._outcomes = [expression(e) for e in words.numbered_outcomes]
        self._reasons = [expression(e) for e in words.numbered_rationale]
        self._headings = [expression(e) for e in words.heading_outcome]
        self._decisions = [expression(e) for e in words.decision_paragraph]
        self._unread = [expression(e) for e in words.unread_outcome]
        self._closing = [expression(e) for e in words.closing]
        self._determination = expression(words.determination)
        self._introduction = expression(words.introduction)
        self._reviewer = {name: [expression(e) for e in es] for name, es in words.reviewer.items()}

    def read(self, text: CleanText) -> Letter:
        """Return the parts of a letter; one without items is no decision letter."""
        letter = Letter(text, "header")
        state = _State(letter)
        for paragraph in _paragraphs(text.text):
            self._take(paragraph, state)
        self._read_header(letter, state)
        letter.layout = state.layout or ("header" if "case_number" in letter.header else "plain")
        if not letter.summary:
            letter.summary = state.unlabelled
        letter.lost += _incomplete(letter)
        if letter.items and letter.items[-1].rationale:
            self._look_at_the_end(letter)
        return letter

    def _look_at_the_end(self, letter: Letter) -> None:
        """Note whether the last reasons end in mid-sentence, or without the words that decide."""
        paragraphs = [letter.words(part) for part in letter.items[-1].rationale]
        reasons = "\n".join(paragraphs)
        behind = _last_sentence(reasons)
        if self._determination.search(behind):
            return
        while (
            len(paragraphs) > 1
            and len(paragraphs[-1].split()) <= _MOST_WORDS_AT_THE_FOOT
            and not self._determination.search(paragraphs[-1])
        ):
            # Short lines of their own behind the sentence that decides stand at the foot, and cut nothing off.
            del paragraphs[-1]
        decided = _SENTENCE_END.search(paragraphs[-1][-3:]) and self._determination.search(
            _last_sentence(paragraphs[-1].rstrip(" .?!\"')]"))
        )
        if len(behind.split()) >= _FEWEST_WORDS_CUT and not decided:
            letter.lost.append(
                f"the reasons of item {len(letter.items)} end in mid-sentence: the letter is cut off"
            )
        # In the other layouts the decision stands before the reasons.
        letter.unfinished = letter.layout in _DECIDES_AT_THE_END and not self._determination.search(reasons)

    def _read_header(self, letter: Letter, state: _State) -> None:
        for name, pattern in self._header.items():
            match = pattern.search(letter.text.text)
            if match:
                letter.header[name] = (match[1].strip(), Stretch(*match.span(1)))
        for name, patterns in self._reviewer.items():
            for pattern in patterns:
                match = next((m for p in state.preface if (m := pattern.search(letter.words(p)))), None)
                if match:
                    letter.reviewer[name] = match[1].strip(" .")
                    break

    def _take(self, paragraph: Stretch, state: _State) -> None:
        """Note a paragraph where it belongs."""
        words = state.letter.words(paragraph)
        if state.has_reasons() and any(pattern.match(words) for pattern in self._closing):
            state.section = _CLOSING
        marker = _named(self._markers, words, whole=True)
        number = self._header["case_number"].match(words)
        if number is not None:
            state.case_numbers.add(number[1].upper())
        if len(state.case_numbers) > 1 or (marker is not None and marker[0] == "made" and state.item is not None):
            state.letter.lost.append("more than one letter in the file: one file a letter is needed")
        if marker is not None:
            state.section = marker[0]
            if marker[0] == "why" and state.disputed:
                state.close_disputed(marker[1])
            return
        if self._is_item(paragraph, words, state):
            return
        if state.section not in _NOT_DECIDING and any(pattern.match(words) for pattern in self._unread):
            state.lose("has an outcome behind it that was not understood")
        self._take_part(paragraph, words, state)

    def _take_part(self, paragraph: Stretch, words: str, state: _State) -> None:
        label = _named(self._labels, words, whole=False)
        if label is not None:
            state.name(label[0])
            if label[0] in ("boilerplate", "head", "credentials"):
                state.preface.append(paragraph)
                if label[0] == "boilerplate":
                    # A clinical summary may stand on in the paragraph of its introduction.
                    self._behind_introduction(paragraph, words, state)
                return
            paragraph = Stretch(paragraph.start + label[1].end(), paragraph.end)
            if label[0] != "rationale":
                self._cut_rationale(paragraph, state)
                return
        state.add(paragraph)

    def _behind_introduction(self, paragraph: Stretch, words: str, state: _State) -> None:
        found = self._introduction.match(words)
        if found and state.section == "summary" and found.end() < len(words):
            state.letter.summary.append(Stretch(paragraph.start + found.end(), paragraph.end))
        state.label = ""

    def _cut_rationale(self, paragraph: Stretch, state: _State) -> None:
        """Take guideline paragraphs into which the reviewer's guideline and the reasons run on."""
        text = state.letter.text.text
        rest = paragraph
        for name in ("reviewer", "rationale"):
            if state.label == name:
                continue
            for pattern in self._labels[name]:
                match = pattern.search(text, rest.start, rest.end)
                if match:
                    state.add(Stretch(rest.start, match.start()))
                    state.name(name)
                    rest = Stretch(match.end(), rest.end)
                    break
        state.add(rest)

    def _is_item(self, paragraph: Stretch, words: str, state: _State) -> bool:
        if state.section == "dispute":
            state.disputed.append(_without_number(paragraph, words))
            return True
        if self._has_outcomes(paragraph, words, state):
            return True
        for pattern in self._reasons:
            match = pattern.match(words)
            if match and state.layout == "numbered":
                state.take_up(int(match["number"]))
                rest = Stretch(paragraph.start + match.end(), paragraph.end)
                self._take_part(rest, state.letter.words(rest), state)
                return True
        if state.section not in _WITH_ITEMS:
            return False
        for pattern in self._headings:
            match = pattern.match(words)
            if match is None or _named(self._labels, words, whole=False):
                continue
            # The first part of the reasons may stand in the heading's line.
            rest = Stretch(paragraph.start + match.end(), paragraph.end)
            behind = state.letter.words(rest)
            if not behind.strip() or _named(self._labels, behind, whole=False):
                state.begin(ItemPart(_inside(paragraph, match, "heading"), _outcome(match)), new=True)
                self._take_part(rest, behind, state)
                return True
        return self._is_decision(paragraph, words, state)

    def _has_outcomes(self, paragraph: Stretch, words: str, state: _State) -> bool:
        """Note the numbered outcomes of a paragraph."""
        for pattern in self._outcomes:
            found = list(pattern.finditer(words))
            for one in found:
                heading = _inside(paragraph, one, "heading")
                state.letter.items.append(ItemPart(heading, _outcome(one), int(one["number"])))
                state.layout = "numbered"
            if found:
                state.section = "outcomes"
                if any(unread.match(pattern.sub("", words).strip()) for unread in self._unread):
                    state.lose("has an outcome behind it that was not understood")
                return True
        return False

    def _is_decision(self, paragraph: Stretch, words: str, state: _State) -> bool:
        if state.section != "issues":
            return False
        for pattern in self._decisions:
            match = pattern.match(words)
            # In later layouts the same words end a rationale.
            if match and (state.item is None or state.layout == "decisions"):
                state.layout = "decisions"
                state.begin(ItemPart(_inside(paragraph, match, "heading"), _outcome(match)), new=True)
                if words[match.end() :].strip():
                    state.name("administrator")
                    self._cut_rationale(Stretch(paragraph.start + match.end(), paragraph.end), state)
                return True
        return False


class _State:
    """Where in the letter the reader is."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.section = ""
        self.label = ""
        self.layout = ""
        self.item: ItemPart | None = None
        self.case_numbers: set[str] = set()
        self.disputed: list[Stretch] = []
        self.preface: list[Stretch] = []
        self.unlabelled: list[Stretch] = []

    def begin(self, item: ItemPart, *, new: bool = False) -> None:
        """Go on to an item."""
        if new:
            self.letter.items.append(item)
        self.item, self.section, self.label = item, "issues", "rationale" if not new else ""

    def take_up(self, number: int) -> None:
        """Go on to the item of a number, whose outcome stands at the head of the letter."""
        item = next((item for item in self.letter.items if item.number == number), None)
        if item is None:
            self.letter.lost.append(f"reasons are numbered {number}, and no outcome of that number was understood")
        else:
            self.begin(item)

    def name(self, label: str) -> None:
        """Note the label of a part; one that comes too late is of an item that was not understood."""
        self.label = label
        if label not in _REASONS or self.section not in _WITH_ITEMS:
            return
        if self.item is None:
            self.lose("has reasons before the first heading that was understood")
            return
        if self.section not in ("issues", _CLOSING):
            return
        behind = _REASONS[_REASONS.index(label) + (label != "rationale") :]
        if any(name in self.item.labels for name in behind):
            self.lose("has a second set of reasons behind it, whose heading was not understood")
        self.item.labels.append(label)

    def lose(self, why: str) -> None:
        """Note why a part of the letter is not understood."""
        where = f"item {len(self.letter.items)}" if self.letter.items else "the head of the letter"
        self.letter.lost.append(f"{where} {why}")

    def has_reasons(self) -> bool:
        """Tell whether the reasons of an item were met, in a section that has them."""
        if self.section == "issues":
            return self.item is not None and bool(self.item.rationale)
        return self.section == "why"

    def close_disputed(self, match: re.Match[str]) -> None:
        """Turn the issues at dispute into items, once the outcome is known."""
        self.letter.items += [ItemPart(heading, _outcome(match)) for heading in self.disputed]
        self.layout, self.item, self.disputed = "professional", None, []

    def add(self, part: Stretch) -> None:
        """Note a paragraph of the present part."""
        words = self.letter.words(part)
        part = Stretch(part.start + len(words) - len(words.lstrip()), part.end - len(words) + len(words.rstrip()))
        if part.start >= part.end:
            return
        if self.section == _CLOSING:
            return
        if self.section == "summary":
            self.letter.summary.append(part)
        elif self.section == "issues" and self.item is not None:
            held = {"administrator": self.item.administrator, "reviewer": self.item.reviewer}
            held.get(self.label, self.item.rationale).append(part)
        elif self.section == "why":
            for item in self.letter.items:
                item.rationale.append(part)
        elif self.section == "relied":
            for item in self.letter.items:
                item.reviewer.append(part)
        else:
            introduces = words.rstrip().endswith(":")
            if self.section == "issues" and not introduces and len(words.split()) >= _FEWEST_WORDS_CUT:
                self.lose("has text before the first heading that was understood")
            self.preface.append(part)


def _outcome(match: re.Match[str]) -> str:
    """Return the outcome that an expression found: by its groups `mixed` and `not`, which stand for upheld."""
    groups = match.groupdict()
    if groups.get("mixed"):
        return MIXED
    return UPHELD if groups.get("not") else OVERTURNED


def _incomplete(letter: Letter) -> list[str]:
    """Return what is missing in a letter whose items all were understood: it was cut off, or a heading is none."""
    items = list(enumerate(letter.items, 1))
    lost = [
        f"item {number} has no reasons: the letter is cut off or not understood"
        for number, item in items
        if not item.rationale
    ]
    labelled = ["rationale" in item.labels for item in letter.items]
    if any(labelled) and not all(labelled):
        lost.append(f"item {labelled.index(False) + 1} lacks the label before its reasons that others have")
    return lost


def _last_sentence(text: str) -> str:
    """Return what stands behind the last end of a sentence."""
    return text[max((match.end() for match in _SENTENCE_END.finditer(text)), default=0) :]


def _paragraphs(text: str) -> Iterable[Stretch]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield Stretch(start, start + len(line))
        start += len(line) + 1


def _named(
    patterns: dict[str, list[re.Pattern[str]]], words: str, *, whole: bool
) -> tuple[str, re.Match[str]] | None:
    for name, expressions in patterns.items():
        for pattern in expressions:
            match = pattern.fullmatch(words.strip()) if whole else pattern.match(words)
            if match:
                return name, match
    return None


def _inside(paragraph: Stretch, match: re.Match[str], group: str) -> Stretch:
    return Stretch(paragraph.start + match.start(group), paragraph.start + match.end(group))


def _without_number(paragraph: Stretch, words: str) -> Stretch:
    match = re.match(r"(?:\d{1,2}[).]|-)\s*", words)
    return Stretch(paragraph.start + (match.end() if match else 0), paragraph.end)
