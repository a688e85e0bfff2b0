"""Reading one letter: its text in, a historical case with the evidence of every fact out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from guidecheck.errors import GuidecheckError
from guidecheck.language.derivations import SumOver
from guidecheck.language.facts import UNDOCUMENTED
from guidecheck.language.vocabulary import TREATMENT
from guidecheck.letters.claims import ClaimReader, Diagnosis, Stated, diagnoses_of
from guidecheck.letters.clean_text import Cleaner, CleanText
from guidecheck.letters.fact_finding import FactFinder, Findings, Found
from guidecheck.letters.guideline_citations import CitationReader, Cited
from guidecheck.letters.headings import Asked, HeadingReader
from guidecheck.letters.layouts import LayoutReader, Letter, Stretch
from guidecheck.letters.patterns import known_words, load_patterns
from guidecheck.letters.regimens import DOSES, RegimenReader
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.item_building import what_follows
from guidecheck.requests.request import Basis
from guidecheck.requests.request_reader import check_request

CORRECTED = "corrected"
"""The basis of a date that a person gave."""


class NotReadable(Exception):  # noqa: N818 - says what the letter is
    """A letter that is no case, with the reason, and its `case_id` where that much is known."""

    def __init__(self, reason: str, case_id: str | None = None) -> None:
        super().__init__(reason)
        self.case_id = case_id


@dataclass
class LetterItem:
    """A disputed item as decided.

    `stated` are facts of the request and the claim, `findings` those that the summary and the reasons tell.
    """

    id: str
    heading: str
    heading_span: Stretch
    outcome: str
    asked: Asked
    stated: dict[str, Stated]
    findings: Findings
    administrator: list[Cited] = field(default_factory=list)
    reviewer: list[Cited] = field(default_factory=list)
    unfinished: bool = False
    """The reasons end without a determination: the letter may be cut off."""


@dataclass
class LetterCase:
    """A letter as a historical case. Places are in the clean text; `text.raw_span` gives those in the letter."""

    name: str
    case_id: str
    text: CleanText
    layout: str
    as_of: date
    as_of_basis: str
    header: dict[str, str]
    reviewer: dict[str, str]
    claim: dict[str, Stated]
    diagnoses: list[Diagnosis]
    items: list[LetterItem]


class LetterReader:
    """Reads letters; built once, as its pipeline takes a while to build."""

    def __init__(self, library: Library, folders: Sequence[Path]) -> None:
        patterns = load_patterns(list(folders), library)
        self._library = library
        self._follow = what_follows(library.vocabulary)
        self._listed = patterns.regimens.fact
        self._sums = {
            name
            for name, derivation in library.vocabulary.derivations.items()
            if isinstance(derivation, SumOver) and derivation.list_fact == self._listed
        }
        self._cleaner = Cleaner(patterns.layout, known_words(patterns, library))
        self._layouts = LayoutReader(patterns.layout)
        self._headings = HeadingReader(patterns.headings, library)
        self._claims = ClaimReader(patterns.layout, library, self._headings.regions, patterns.headings.spellings)
        self._citations = CitationReader(patterns.layout.citations)
        self._regimens = RegimenReader(patterns.regimens, self._headings)
        self._facts = FactFinder(patterns, self._headings, library)

    def read(
        self, raw: str, name: str, otherwise: str | None = None, dates: Mapping[str, date] | None = None
    ) -> LetterCase:
        """Return the case of a letter.

        Args:
            raw: its text.
            name: what it is called.
            otherwise: the id of a letter without a case number; without one its name's stem.
            dates: by case number the day that a person gave it as its date.

        Raises:
            NotReadable: it has no disputed item with an outcome, or no date.
        """
        text = self._cleaner.clean(raw)
        letter = self._layouts.read(text)
        if not letter.items:
            raise NotReadable("no disputed item with its outcome: another kind of document, or an unknown layout")
        if letter.lost:
            raise NotReadable(letter.lost[0])
        if "case_number" in letter.header:
            case_id = letter.header["case_number"][0].upper()
        else:
            case_id = Path(name).stem if otherwise is None else otherwise
        as_of, basis = (dates or {}).get(case_id), CORRECTED
        if as_of is None:
            dated = self._claims.as_of(letter)
            if dated is None or not isinstance(dated[0].value, date):
                message = "no date of review, request or record; corrections can give it, as `as_of: 2015-08-21`"
                raise NotReadable(message, case_id)
            as_of, basis = dated[0].value, dated[1]
        asked, last = self._part_headings(letter)
        findings = self._facts.find(letter, asked)
        diagnoses = self._claims.diagnoses(letter)
        surgery = self._claims.surgery(letter, as_of)
        regimen = self._regimens.read(letter, asked)
        case = LetterCase(
            name=name,
            case_id=case_id,
            text=text,
            layout=letter.layout,
            as_of=as_of,
            as_of_basis=basis,
            header={key: value for key, (value, _) in letter.header.items()},
            reviewer=letter.reviewer,
            claim=self._claims.facts(letter),
            diagnoses=diagnoses,
            items=[],
        )
        ids: dict[str, int] = {}
        for part, item, found in zip(letter.items, asked, findings, strict=True):
            stated = self._stated(item, part.heading, diagnoses, surgery)
            if regimen is not None:
                self._regimens.add(regimen, stated, item)
            _settle(found, stated)
            self._drop_contradicted(found, stated, item, as_of)
            theirs, own = self._citations.read(letter, part)
            case.items.append(
                LetterItem(
                    id=_id(item.treatment, ids),
                    heading=" ".join(letter.words(part.heading).split()),
                    heading_span=part.heading,
                    outcome=part.outcome,
                    asked=item,
                    stated=stated,
                    findings=found,
                    administrator=theirs,
                    reviewer=own,
                )
            )
        for item_read in case.items[-last:]:
            item_read.unfinished = letter.unfinished
        return case

    def _part_headings(self, letter: Letter) -> tuple[list[Asked], int]:
        """Make each thing that a heading asks for an item, decided alike; return how many the last heading has."""
        read = [(item, self._headings.read_all(letter.words(item.heading))) for item in letter.items]
        letter.items = [
            replace(item, heading=Stretch(item.heading.start + start, item.heading.start + end))
            for item, parts in read
            for _, start, end in parts
        ]
        return [asked for _, parts in read for asked, _, _ in parts], len(read[-1][1])

    def _drop_contradicted(self, found: Findings, stated: dict[str, Stated], asked: Asked, as_of: date) -> None:
        """Take out doses that don't come to the total that the letter gives."""
        told = stated.get(self._listed)
        if told is None or not self._contradicted(found, {self._listed: told.value}, asked, as_of):
            return
        del stated[self._listed]
        # The item's own doses stand in the list too.
        own = stated.get(DOSES)
        if own is not None and self._contradicted(found, {**asked.facts, DOSES: own.value}, asked, as_of):
            del stated[DOSES]

    def _contradicted(self, found: Findings, doses: Mapping[str, object], asked: Asked, as_of: date) -> bool:
        """Tell whether a number that the letter gives is not what the drugs and doses that it tells come to."""
        counted = {name: _counted(held) for name, held in found.items() if name in self._sums}
        if not counted:
            return False
        item: dict[str, object] = {name: finding.value for name, finding in counted.items() if finding is not None}
        item |= {**doses, TREATMENT: asked.treatment}
        data = {"as_of": as_of, "records": "partial", "items": [item]}
        try:
            check_request(from_data(data, "letter"), self._library, self._follow)
        except GuidecheckError:
            return True
        return False

    def _stated(
        self,
        item: Asked,
        heading: Stretch,
        diagnoses: Sequence[Diagnosis],
        surgery: tuple[Stated, Stated, frozenset[str]] | None,
    ) -> dict[str, Stated]:
        stated = {name: Stated(value, heading) for name, value in item.facts.items()}
        own = diagnoses_of(item, diagnoses)
        if own:
            groups = sorted(frozenset[str]().union(*(d.groups for d in own)))
            stated["diagnosis_group"] = Stated(groups, Stretch(own[0].span.start, own[-1].span.end))
        if surgery is not None and item.treatment in self._headings.after_surgery:
            operation, day, regions = surgery
            wanted = item.facts.get("body_region", [])
            if not regions or not wanted or regions & set(wanted):  # type: ignore[call-overload]
                stated["surgery"], stated["surgery_date"] = operation, day
        return stated


def _settle(findings: Findings, stated: dict[str, Stated]) -> None:
    """Take out findings that follow from others or contradict them, so that the case can be checked."""
    if "surgery_date" in stated:
        findings.pop("weeks_since_surgery", None)
    visits, prior = findings.get("prior_visits"), findings.get("prior_treatment")
    if not prior:
        return
    for basis in Basis:
        number = _value(visits, basis)
        had = _value(prior, basis)
        if number is not None and had is False and basis is Basis.REVIEWER and visits is not None:
            # "12 visits were for another part; none has been given for this one."
            del visits[basis]
    if not visits:
        findings.pop("prior_visits", None)
        return
    counted = _counted(visits)
    had_any = _counted(prior)
    found_none = had_any is not None and had_any.value is False and had_any.basis is Basis.REVIEWER
    if found_none and counted is not None and counted.basis is Basis.RECORDS:
        # The reviewer found none: what the records count was of another course.
        findings.pop("prior_visits", None)
        return
    findings.pop("prior_treatment", None)


def _counted(held: dict[Basis, Found] | None) -> Found | None:
    """Return the finding that counts: the reviewer's, else that of the records."""
    return (held or {}).get(Basis.REVIEWER) or (held or {}).get(Basis.RECORDS)


def _value(held: dict[Basis, Found] | None, basis: Basis) -> object:
    found = (held or {}).get(basis)
    return None if found is None or found.value == UNDOCUMENTED else found.value


def _id(treatment: str, ids: dict[str, int]) -> str:
    ids[treatment] = ids.get(treatment, 0) + 1
    return treatment if ids[treatment] == 1 else f"{treatment}-{ids[treatment]}"
