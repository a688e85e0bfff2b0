"""The draft letter as text, and as HTML for a word processor or a printer."""

from __future__ import annotations

from textwrap import wrap

from guidecheck.explaining.letter import Letter, Stated
from guidecheck.render.characters import printable

WIDTH = 78

LETTERHEAD = ("[Name of the practice]", "[Address, telephone, fax]")
ADDRESSEE = ("[Name of the claims administrator or reviewer]", "[Address or fax]")
CLOSING = ("[Signature]", "[Name of the treating physician, license number]", "[Date]")
NO_GROUNDS = "[The guideline or study that supports the treatment, with its edition and pages]"
NO_FACTS = "[What the records document, with document and page]"
REQUEST = "I ask that the treatment described above be authorized. I am available to discuss it."
NOTES_HEADING = "Notes to the writer, not part of the letter"
NOTES_LEAD = (
    "The letter states only what the request states. This is decision support, not a determination, and it is "
    "neither medical nor legal advice; the physician who signs is the one who says what is true."
)


def subject(letter: Letter) -> tuple[str, ...]:
    """Return the lines under the addressee."""
    return (
        f"Re: medical necessity of {letter.treatment}",
        "Patient: [name]",
        "Claim number: [number]",
        f"Date of injury: {letter.injured}",
    )


def opening(letter: Letter) -> str:
    """Return the first paragraph."""
    return f"I treat this patient for the industrial injury above and ask for authorization of {letter.treatment}."


def letter_text(letter: Letter) -> str:
    """Return a letter as plain text."""
    lines = [*LETTERHEAD, "", "[Date]", "", *ADDRESSEE, "", *subject(letter), "", "To whom it may concern:", ""]
    lines += [*_wrapped(opening(letter)), ""]
    for heading, stated in (("The patient", letter.patient), ("What I ask for", letter.asked)):
        if stated:
            lines += [heading.upper(), *(line for each in stated for line in _bullet(stated_line(each))), ""]
    lines += ["WHAT THE RECORDS DOCUMENT"]
    for fact in letter.documented or (NO_FACTS,):
        lines += _bullet(fact)
    lines += ["", "THE GUIDELINES"]
    if not letter.grounds:
        lines += _bullet(NO_GROUNDS)
    for ground in letter.grounds:
        lines += _bullet(f"{ground.citation}: {' '.join(ground.says)}")
        for fact in ground.facts:
            lines += _bullet(fact, indent=2)
    lines += ["", *_wrapped(REQUEST), "", "Sincerely,", "", *CLOSING, ""]
    lines += ["=" * WIDTH, NOTES_HEADING.upper(), "", *_wrapped(NOTES_LEAD)]
    for heading, texts in letter.notes:
        lines += ["", *_wrapped(f"{heading}:"), *(line for text in texts for line in _bullet(text))]
    return "\n".join(lines) + "\n"


def letter_html(letter: Letter) -> str:
    """Return a letter as one HTML file."""
    from guidecheck.render.html import fill_template  # loaded where it is wanted: text needs no templates

    return fill_template(
        "letter.html",
        letter=letter,
        letterhead=LETTERHEAD,
        addressee=ADDRESSEE,
        subject=subject(letter),
        opening=opening(letter),
        documented=letter.documented or (NO_FACTS,),
        no_grounds=NO_GROUNDS,
        request=REQUEST,
        closing=CLOSING,
        notes_heading=NOTES_HEADING,
        notes_lead=NOTES_LEAD,
    )


def stated_line(stated: Stated) -> str:
    """Return a fact as "label: value (evidence)", with no more of that than there is."""
    told = f"{stated.label}: {stated.value}" if stated.value else stated.label
    return f"{told} ({stated.evidence})" if stated.evidence else told


def _wrapped(text: str) -> list[str]:
    return wrap(printable(text), WIDTH, break_on_hyphens=False)


def _bullet(text: str, indent: int = 0) -> list[str]:
    lead = " " * indent
    return wrap(
        printable(text), WIDTH, initial_indent=f"{lead}- ", subsequent_indent=f"{lead}  ", break_on_hyphens=False
    )
