"""How far the letter reader reads what letters and sentences say: field by field against their gold.

A folder has letters and a `gold.yaml` with what each says (its keys: tests/letters/README.md).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import yaml

from guidecheck import load_library
from guidecheck.letters.case_form import case_data, details_data
from guidecheck.letters.reading import LetterReader, NotReadable

BOOLEANS = {"documented": "yes", "absent": "no", "no_record": "undocumented"}
OPIOID_FACTS = {
    "single_practitioner": "single_practitioner",
    "lowest_dose": "lowest_dose",
    "pain_relief": "pain_relief",
    "functional_status": "functional_status_reviewed",
    "adverse_effects": "side_effects_reviewed",
    "appropriate_use": "aberrant_use_reviewed",
    "functional_benefit": "functional_improvement",
    "drug_screen": "drug_screen",
    "agreement": "opioid_agreement",
    "weaning_plan": "weaning_plan",
}
ITEM_FACTS = (
    "exercise_program",
    "functional_improvement",
    "flare_up",
    "returned_to_work",
    "fading",
    "home_program",
)
TREATMENTS = {
    "massage_therapy",
    "manipulation",
    "physical_therapy",
    "occupational_therapy",
    "aquatic_therapy",
    "exercise",
    "hot_cold_packs",
    "acupuncture",
    "opioid",
}
"""Those that the gold tells apart; all others are `other` there."""


FOOTERS = (re.compile(r"Final Determination Letter for IMR Case Number \S+ +\d+"), re.compile(r"Page \d+ of \d+"))


@dataclass
class Count:
    """Right, found without being there or wrong, and missed."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        found = self.right + self.false
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        there = self.right + self.missed
        return self.right / there if there else 1.0


class Score:
    """Counts by field, and what went wrong."""

    def __init__(self) -> None:
        self.fields: dict[str, Count] = defaultdict(Count)
        self.misses: list[str] = []

    def compare(self, field: str, where: str, wanted: Any, found: Any) -> None:
        """Count a value found against the one wanted; None is silence."""
        count = self.fields[field]
        if wanted is None and found is None:
            return
        if wanted == found:
            count.right += 1
            return
        count.false += found is not None
        count.missed += wanted is not None
        self.misses.append(f"{where} {field}: wanted {wanted!r}, found {found!r}")

    def total(self, fields: set[str]) -> Count:
        chosen = [count for name, count in self.fields.items() if name in fields]
        return Count(*(sum(getattr(c, part) for c in chosen) for part in ("right", "false", "missed")))


FACT_FIELDS = {*ITEM_FACTS, *OPIOID_FACTS.values(), "prior_visits", "med_mg_per_day", "opioids"}
DETAIL_FIELDS = {"priority", "specialty", "states", "diagnoses", "pages", "sections"}
EVIDENCE_FIELDS = {"span", "basis", "evidence"}
REQUEST_FIELDS = {
    "items",
    "treatment",
    "outcome",
    "requested_visits",
    "body_region",
    "drug",
    "strength",
    "quantity",
}


class Scorer:
    """Reads the letters of a folder and scores them."""

    def __init__(self, reader: LetterReader) -> None:
        self.reader = reader
        self.facts = load_library().vocabulary.facts

    def score(self, folder: Path, score: Score, *, held_back: bool | None = None) -> int:
        """Score a folder's letters; of those held back while writing patterns, all, none or only them."""
        gold = yaml.safe_load((folder / "gold.yaml").read_text("utf-8"))
        read = 0
        for letter in gold:
            if held_back is not None and bool(letter.get("held_back")) is not held_back:
                continue
            read += 1
            self._letter(folder, letter, score)
        return read

    def _letter(self, folder: Path, gold: dict[str, Any], score: Score) -> None:
        name = gold["file"]
        try:
            raw = (folder / name).read_text("utf-8")
            case = self.reader.read(raw, name)
        except NotReadable as reason:
            score.misses.append(f"{name}: not read: {reason}")
            score.fields["items"].missed += len(gold["items"])
            return
        data, details = case_data(case), details_data(case)
        score.compare("case_number", name, gold.get("case_number"), case.header.get("case_number"))
        dates = {key: str(value) for key, value in (gold.get("dates") or {}).items() if value}
        if "ur_decision" in dates:
            score.compare("ur_decision", name, dates["ur_decision"], data["as_of"])
        score.compare("injury_date", name, dates.get("injury"), value_of(data["claim"].get("injury_date")))
        claimant = gold.get("claimant") or {}
        score.compare("age", name, claimant.get("age"), value_of(data["claim"].get("age")))
        sex = {"F": "female", "M": "male"}.get(claimant.get("sex"), claimant.get("sex"))
        score.compare("sex", name, sex, value_of(data["claim"].get("sex")))
        if "pain_phase" in claimant:
            phase = value_of(data["claim"].get("pain_phase"))
            score.compare("pain_phase", name, claimant["pain_phase"], phase)
        self._of_the_letter(name, gold, details, score)
        pairs = list(zip(gold["items"], data["items"], details["items"], strict=False))
        score.fields["items"].right += len(pairs)
        score.fields["items"].missed += len(gold["items"]) - len(pairs)
        score.fields["items"].false += len(data["items"]) - len(pairs)
        for wanted, found, detail in pairs:
            self._item(f"{name} {found['id']}", wanted, found, detail, score)
            self._evidence(f"{name} {found['id']}", raw, wanted, found, score)

    def _of_the_letter(self, name: str, gold: dict[str, Any], details: dict[str, Any], score: Score) -> None:
        """Score what only the details have of a letter: priority, reviewer, diagnoses with their groups."""
        if "priority" in gold:
            score.compare("priority", name, gold["priority"], details["header"].get("priority"))
        for part, wanted in (gold.get("reviewer") or {}).items():
            found = [details["reviewer"].get(key) for key in (part, f"sub{part}")]
            score.compare(part, name, wanted, "; ".join(filter(None, found)) or None)
        wanted = gold.get("diagnoses")
        if wanted is None:
            return
        # The names alone, or each with its groups.
        groups = {d["name"].casefold(): d["groups"] for d in details["diagnoses"]}
        known = {n.casefold(): wanted[n] if isinstance(wanted, dict) else groups.get(n.casefold()) for n in wanted}
        for diagnosis in {**known, **groups}:
            there = diagnosis in known
            score.compare(
                "diagnoses",
                f"{name} {diagnosis}",
                (diagnosis, known[diagnosis]) if there else None,
                (diagnosis, groups[diagnosis]) if diagnosis in groups else None,
            )

    def _evidence(self, where: str, raw: str, gold: dict[str, Any], item: dict[str, Any], score: Score) -> None:
        """Score where the facts were found: the words of the gold and those of the span, and the basis.

        `span`: the places named are those of the words told beside them, for every fact that was found.
        """
        for name, stated in item.items():
            for finding in stated if isinstance(stated, list) else [stated]:
                if isinstance(finding, dict) and "source" in finding:
                    there, told = words_of(raw, finding["source"])
                    score.compare("span", f"{where} {name}", True, there in told)
        for name, words in (gold.get("evidence") or {}).items():
            stated = item.get(name)
            if stated is None:
                continue  # a fact that is missed counts above
            found = {f["basis"]: f for f in (stated if isinstance(stated, list) else [stated])}
            # Where both say the same, the case keeps the records' alone.
            basis = "records" if "records" in words and "records" in found else next(iter(found))
            score.compare("basis", f"{where} {name}", True, basis in words)
            if basis in words:
                there, told = words_of(raw, found[basis]["source"])
                quoted = squeezed(words[basis])
                score.compare("evidence", f"{where} {name}: {there}", True, there in quoted or quoted in told)

    def _item(
        self, where: str, gold: dict[str, Any], item: dict[str, Any], detail: dict[str, Any], score: Score
    ) -> None:
        treatment, wanted = (
            name if name in TREATMENTS else "other" for name in (item["treatment"], gold["treatment"])
        )
        score.compare("treatment", where, wanted, treatment)
        score.compare("outcome", where, gold["outcome"], item["actual"])
        if treatment not in ("other", "opioid"):
            visits = gold.get("requested_visits")
            score.compare(
                "requested_visits",
                where,
                visits if isinstance(visits, int) else None,
                value_of(item.get("requested_visits")),
            )
            score.compare(
                "body_region", where, self._regions(gold.get("body_part")), value_of(item.get("body_region"))
            )
        drug = (
            self.facts["drug"].choice(str(gold.get("drug")))
            if gold.get("drug") and treatment == "opioid"
            else None
        )
        score.compare("drug", where, drug, value_of(item.get("drug")))
        if treatment == "opioid" and gold.get("strength_mg"):
            score.compare("strength", where, gold["strength_mg"], value_of(item.get("strength")))
        if gold.get("drug"):
            score.compare("quantity", where, gold.get("quantity"), detail["quantity"])
        pages = [str(g["pages"]) for g in gold.get("guideline_cited") or [] if g.get("pages")]
        found_pages = [g["pages"] for g in detail["reviewer_guidelines"] if g.get("pages")]
        score.compare("pages", where, sorted(pages) or None, sorted(found_pages) or None)
        sections = gold.get("sections") or [
            g["section"] for g in gold.get("guideline_cited") or [] if g.get("section")
        ]
        if sections:
            told = [g["section"] for g in detail["reviewer_guidelines"] if g.get("section")]
            score.compare("sections", where, sorted(sections), sorted(told))
        self._facts(where, gold, item, score)

    def _opioids(self, entries: list[dict[str, Any]] | None) -> set[tuple[Any, ...]] | None:
        if entries is None:
            return None
        parts = ("strength", "unit", "doses_per_day")
        return {(self.facts["drug"].choice(str(e["drug"])), *(e[part] for part in parts)) for e in entries}

    def _regions(self, words: str | None) -> list[str] | None:
        if not words or words == "not_documented":
            return None
        finder = self.reader._headings.regions
        return sorted({region for region, _, _ in finder.find(words)}) or None

    def _facts(self, where: str, gold: dict[str, Any], item: dict[str, Any], score: Score) -> None:
        wanted: dict[str, Any] = {name: gold.get(name) for name in ITEM_FACTS}
        if gold.get("opioid"):
            benefit = gold["opioid"].get("functional_benefit")
            wanted |= {ours: gold["opioid"].get(theirs) for theirs, ours in OPIOID_FACTS.items()}
            wanted["functional_improvement"] = benefit or gold.get("functional_improvement")
        else:
            wanted |= {name: None for name in OPIOID_FACTS.values() if name != "functional_improvement"}
        for name, value in wanted.items():
            found = value_of(item.get(name))
            if name in ("fading", "home_program", "weaning_plan") and value is None:
                continue  # older gold doesn't tell of them
            if name == "pain_relief" and not gold.get("opioid"):
                continue  # the gold has it for opioids only
            if name == "exercise_program" and item["treatment"] in ("opioid", "other", "tens"):
                continue  # no rule asks for it there, and it isn't read
            score.compare(name, where, BOOLEANS.get(value, value), found)
        if gold.get("opioids"):
            score.compare(
                "opioids", where, self._opioids(gold["opioids"]), self._opioids(value_of(item.get("opioids")))
            )
        stated = (gold.get("opioid") or {}).get("med_mg_per_day")
        if gold.get("opioid") and (gold["opioid"].get("med_source") != "computed"):
            score.compare("med_mg_per_day", where, stated, value_of(item.get("med_mg_per_day")))
        if item["treatment"] not in ("opioid", "other", "tens", "hot_cold_packs"):
            score.compare("prior_visits", where, _prior_wanted(gold.get("prior_visits")), _prior_found(item))


def _prior_wanted(value: Any) -> Any:
    return {"none": 0, "some_unknown": "some"}.get(value, value) if isinstance(value, str) else value


def _prior_found(item: dict[str, Any]) -> Any:
    if "prior_visits" in item:
        return value_of(item["prior_visits"])
    return {"yes": "some", "no": 0}.get(value_of(item.get("prior_treatment")))


def value_of(stated: Any) -> Any:
    """Return the value that counts of a fact in a case: the reviewer's, else that of the records."""
    if isinstance(stated, list) and stated and isinstance(stated[0], dict):
        return next((s["value"] for s in stated if s["basis"] == "reviewer"), stated[0]["value"])
    return stated["value"] if isinstance(stated, dict) else stated


def words_of(raw: str, source: str) -> tuple[str, str]:
    """Return the words of a letter at the place that a source names, and those told beside it."""
    place, _, told = source.partition(": ")
    start, end = place.removeprefix("characters ").split("-")
    return squeezed(raw[int(start) : int(end)]), squeezed(told)


def squeezed(text: str) -> str:
    """Return words as they compare: page footers, spaces, dashes and quotation marks are not the reviewer's."""
    for footer in FOOTERS:
        text = footer.sub(" ", text)
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


PHRASE_ITEMS = {
    "massage": "Massage therapy, 6 visits, low back",
    "norco": "Norco 10/325mg #90",
    "therapy": "Physical therapy 2 times a week for 4 weeks, right shoulder",
}
"""The headings of items that the sentences of a phrases file are said of."""


def letter_that_says(sentence: str, item: str = PHRASE_ITEMS["massage"]) -> str:
    """Return a letter whose reasons for one item are one sentence."""
    return (
        "Case Number: CM15-0000001 Date Assigned: 06/30/2015\nDate of Injury: 02/19/2013\n"
        "Decision Date: 08/04/2015 UR Denial Date: 05/28/2015\n\nHOW THE IMR FINAL DETERMINATION WAS MADE\n\n"
        "CLINICAL CASE SUMMARY\n\n"
        "The worker is a 46 year old male.\n\nIMR ISSUES, DECISIONS AND RATIONALES\n\n"
        f"{item}: Upheld\n\nClaims Administrator guideline: Decision based on ODG.\n\n"
        f"MAXIMUS guideline: Decision based on ODG.\n\nDecision rationale: {sentence}\n"
    )


@dataclass
class PhraseCount:
    """Of sentences that tell a fact, those read as told and otherwise; of those that don't, those read as if."""

    told: int = 0
    found: int = 0
    wrong: int = 0
    silent: int = 0
    said: int = 0

    def __add__(self, other: PhraseCount) -> PhraseCount:
        return PhraseCount(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def precision(self) -> float:
        read = self.found + self.wrong + self.said
        return self.found / read if read else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.told if self.told else 1.0


def phrase_counts(reader: LetterReader, path: Path, part: str) -> dict[str, PhraseCount]:
    """Return by fact how the sentences of a part (`seen`, `kept_back`) of a phrases file are read."""
    counts: dict[str, PhraseCount] = defaultdict(PhraseCount)
    for entry in yaml.safe_load(path.read_text("utf-8")):
        wanted = {"yes": True, "no": False}.get(entry["value"], entry["value"])
        count = counts[entry["fact"]]
        for words in entry.get(part, ()):
            case = reader.read(letter_that_says(words, PHRASE_ITEMS[entry["item"]]), "letter.txt")
            values = [found.value for found in case.items[0].findings.get(entry["fact"], {}).values()]
            if wanted == "silent":
                count.silent += 1
                count.said += bool(values)
            else:
                count.told += 1
                count.found += values == [wanted]
                count.wrong += bool(values) and values != [wanted]
    return counts
