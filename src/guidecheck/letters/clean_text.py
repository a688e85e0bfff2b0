"""A letter's text as it was meant: lines joined to paragraphs, page footers taken out, every place remembered."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from guidecheck.letters.expressions import expression
from guidecheck.letters.pattern_words import LayoutWords

PARAGRAPH = "\n"
_SAME_LENGTH = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2011": "-",
     "\xa0": " ", "\t": " ", "\u2022": "-", "\uf0b7": "-", "\u25cf": "-", "\u2010": "-", "\xad": "-",
     "`": "'", "\xb4": "'", "\u2032": "'", "\u02bc": "'", "\u201b": "'", "\uff07": "'", "\xd7": "x"}
)  # fmt: skip
_UNSEEN = re.compile(r"(?<=[^\W\d_])\xad+(?:[ \t]*\r?\n[ \t]*)?(?=[^\W\d_])|[\u200b-\u200d\u2060\ufeff]+")
"""Signs that show nothing: a soft hyphen in a word, also where the line ends with it, and spaces of no width."""
_N_T = re.compile(
    r"[nN](?: (?=[tT])| ?['\u2019`\xb4] ?|[;:,\"?*^\u2018\u201c\u201d\u2032\u02bc\u201b\uff07\ufffd])[tT]\b"
)
_BEFORE_N_T = re.compile(
    r"\b(?:(?P<word>ca|wo)|could|did|do|does|had|has|have|is|are|was|were|would|should|must|need)n$", re.IGNORECASE
)
"""What "n't" follows, which typists and scanners write "n;t", "n' t" and "n t" ("can t" may be something else)."""
_LONGEST_BEFORE = len(" shouldn")
_LAST_PART = re.compile(r"[^\W\d_]+(?=-$)")
_WORD = re.compile(r"[^\W\d_]+")
_FULL_LINE = range(60, 131)
_LONGEST_HEADING = 4
_NO_GAP = 1_000
"""More empty lines than stand between two parts of a heading: none of them parts it."""
_NUMBERED = re.compile(r"\d{1,2}[.)] ")
_ENDS_SENTENCE = tuple('.:;?!"')


@dataclass(frozen=True)
class CleanText:
    """Text in which a line is a paragraph; `places` has the place of each character in the letter as it came."""

    text: str
    places: array[int]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch stands in the letter as it came."""
        if start >= end:
            at = self.places[min(start, len(self.places) - 1)] if len(self.places) else 0
            return at, at
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    at: int
    blanks_before: int
    page_before: bool
    alone: bool
    """It is a part's mark, which is no part of a paragraph."""
    begins: bool
    """A part begins in it."""
    outcome: bool
    """A heading with its outcome."""
    outcome_alone: bool

    @property
    def is_mark(self) -> bool:
        """Whether it is no part of what stands before or behind it."""
        return self.alone or self.begins or self.outcome


class Cleaner:
    """Cleans letters; knows from the layouts which lines are footers and which begin a part."""

    def __init__(self, layout: LayoutWords, words: Collection[str] = ()) -> None:
        """Take what marks the parts, and words, in small letters, that may be parted where a line ends."""
        self._words = words
        self._footer = _any(layout.footers)
        self._alone = _any([e for es in layout.markers.values() for e in es])
        starts = [e for es in layout.labels.values() for e in es]
        starts += layout.numbered_outcomes + layout.numbered_rationale + layout.decision_paragraph
        starts += layout.closing
        self._begins = _any(starts)
        self._outcome = _any(layout.heading_outcome)
        self._outcome_alone = _any(layout.outcome_alone)
        self._determination = expression(layout.determination)
        self._footer_in_line = expression(layout.footer_in_line)

    def clean(self, raw: str) -> CleanText:
        """Return the clean text of a letter."""
        raw, kept = _repaired(raw)
        lines = self._lines(raw)
        gap = _paragraph_gap(lines)
        headings = self._headings(lines, gap)
        starts = {heading.start for heading in headings}
        within = {index for heading in headings for index in heading[1:]}
        pieces: list[str] = []
        places = array("I")
        before: _Line | None = None
        for index, line in enumerate(lines):
            if before is not None:
                joint = PARAGRAPH if index in starts else _joint(before, line, _NO_GAP if index in within else gap)
                if not joint and self._is_parted(before.text, line.text, raw):
                    pieces[-1] = pieces[-1][:-1]
                    places.pop()
                pieces.append(joint)
                places.extend([before.at + len(before.text) - 1] * len(joint))
            squeezed, offsets = _squeeze(line.text, line.at)
            pieces.append(squeezed)
            places.extend(offsets)
            before = line
        if kept is not None:
            places = array("I", [kept[place] for place in places])
        return CleanText("".join(pieces), places)

    def _is_parted(self, line: str, after: str, raw: str) -> bool:
        """Tell whether the hyphen at a line's end only parts a word: one known, or whole in the letter."""
        left, right = _LAST_PART.search(line), _WORD.match(after)
        if left is None or right is None or not (right[0].islower() or left[0].isupper()):
            return False
        word = (left[0] + right[0]).casefold()
        return word in self._words or re.search(rf"\b{word}\b", raw, re.IGNORECASE) is not None

    def _lines(self, raw: str) -> list[_Line]:
        lines = []
        blanks, page, at = 0, False, 0
        for whole in raw.splitlines(keepends=True):
            stripped = whole.translate(_SAME_LENGTH).strip()
            if not stripped:
                blanks += 1
                page = page or "\f" in whole
            elif self._footer.fullmatch(" ".join(stripped.split())):
                page = True
            else:
                for text, start in self._beside_footers(whole.translate(_SAME_LENGTH)):
                    if text:
                        lines.append(self._line(text, at + start, blanks, page))
                        blanks, page = 0, "\f" in whole
                    else:
                        page = True
            at += len(whole)
        return lines

    def _line(self, text: str, at: int, blanks_before: int, page_before: bool) -> _Line:
        return _Line(
            text,
            at,
            blanks_before,
            page_before,
            alone=bool(self._alone.fullmatch(text)),
            begins=bool(self._begins.match(text)),
            outcome=bool(self._outcome.fullmatch(text)),
            outcome_alone=bool(self._outcome_alone.fullmatch(text)),
        )

    def _beside_footers(self, line: str) -> Iterator[tuple[str, int]]:
        """Yield what stands beside footers in a line, and where; an empty text for each footer."""
        at = 0
        for match in self._footer_in_line.finditer(line):
            before = line[at : match.start()]
            if before.strip():
                yield before.strip(), at + len(before) - len(before.lstrip())
            yield "", match.start()
            at = match.end()
        rest = line[at:]
        if rest.strip():
            yield rest.strip(), at + len(rest) - len(rest.lstrip())

    def _headings(self, lines: list[_Line], gap: int) -> list[range]:
        """Return the lines of each item's heading; text out of a PDF has no empty lines before it."""
        found = []
        for index, line in enumerate(lines):
            alone = index > 0 and line.outcome_alone
            if not (alone or line.outcome) or line.begins:
                continue
            if alone and lines[index - 1].is_mark:
                continue
            least = max(0, index - _LONGEST_HEADING)
            start = _paragraph_start(lines, index - alone, least, gap)
            while start > least and _goes_on(lines, start):
                before = _paragraph_start(lines, start - 1, least, gap)
                words = " ".join(line.text for line in lines[before:start])
                if _goes_on(lines, before) or self._determination.search(words):
                    # The end of the reasons before, whose full stop is missing.
                    break
                start = before
            found.append(range(start, index + 1))
        return found


def _paragraph_start(lines: list[_Line], start: int, least: int, gap: int) -> int:
    """Return the first line, of those from `least` on, of the paragraph that has a line of a heading."""
    while start > least and lines[start].blanks_before < gap and _goes_on(lines, start):
        start -= 1
    return start


def _goes_on(lines: list[_Line], at: int) -> bool:
    """Tell whether a line can go on with the one before, which then is no whole sentence and no mark."""
    if at == 0 or _NUMBERED.match(lines[at].text):
        return False
    before = lines[at - 1]
    return not (before.text.endswith(_ENDS_SENTENCE) or before.is_mark)


def _joint(before: _Line, line: _Line, gap: int) -> str:
    """Return what stands between two lines: nothing, a space, or the end of a paragraph."""
    if before.alone or line.alone or line.begins or before.outcome:
        return PARAGRAPH
    if line.outcome_alone:
        return " " if before.text.endswith((":", ";", "-")) or line.text.startswith((":", ";", "-")) else ": "
    runs_on = not before.text.endswith(_ENDS_SENTENCE)
    if not runs_on and _NUMBERED.match(line.text):
        # An item whose outcome stands in its next line, in a letter without empty lines.
        return PARAGRAPH
    goes_on = line.text[0].islower() or line.page_before
    if line.blanks_before >= gap and not (runs_on and goes_on):
        return PARAGRAPH
    if before.text.endswith("-") and before.text[-2:-1].isalnum():
        return ""
    return " "


def _any(expressions: list[str]) -> re.Pattern[str]:
    # The names of groups may stand once only in an expression, and aren't wanted here.
    joined = "|".join(f"(?:{expression(e).pattern})" for e in expressions).replace("?P<", "?:<")
    return re.compile(re.sub(r"\?:<\w+>", "?:", joined) or "(?!)", re.IGNORECASE)


def _repaired(raw: str) -> tuple[str, array[int] | None]:
    """Return a text without signs that show nothing and with "n't" whole, and where each character stood."""
    edits = [
        (match.start() + 1, match.end() - 1, "'")
        for match in _N_T.finditer(raw)
        if (verb := _BEFORE_N_T.search(raw[max(0, match.start() - _LONGEST_BEFORE) : match.start() + 1]))
        and not (verb["word"] and match.end() - match.start() == 3 and raw[match.start() + 1] == " ")
    ]
    if not raw.isascii():
        edits += [(*match.span(), "") for match in _UNSEEN.finditer(raw)]
    if not edits:
        return raw, None
    pieces, kept, at = [], array("I"), 0
    for start, end, right in [*sorted(edits), (len(raw), len(raw), "")]:
        pieces += [raw[at:start], right]
        kept.extend([*range(at, start), *range(start, start + len(right))])
        at = end
    return "".join(pieces), kept


def _paragraph_gap(lines: list[_Line]) -> int:
    """Return how many empty lines end a paragraph: two where each full line has an empty one behind it."""
    broken = (pair for pair in pairwise(lines) if not pair[0].text.endswith(_ENDS_SENTENCE))
    full = [after.blanks_before for line, after in broken if len(line.text) in _FULL_LINE]
    return 2 if full.count(1) > 2 * full.count(0) and full.count(1) > 2 else 1


def _squeeze(text: str, at: int) -> tuple[str, Sequence[int]]:
    """Return a text with single spaces, and where each of its characters stood, for one that stands at a place."""
    if "  " not in text:
        return text, range(at, at + len(text))
    kept = [i for i, c in enumerate(text) if c != " " or text[i - 1] != " "]
    return "".join([text[i] for i in kept]), [at + i for i in kept]
