"""The library as a folder of Markdown: an index, a page a guideline, and the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator

from guidecheck.explaining.condition_words import name_words
from guidecheck.explaining.wording import sentence_case
from guidecheck.handbook.blocks import Block, Bullet, Field, Heading, Link, Paragraph
from guidecheck.handbook.fact_page import FactPages
from guidecheck.handbook.listing import listing
from guidecheck.handbook.markdown_form import MarkdownForm
from guidecheck.handbook.pages import (
    GUIDELINES_FOLDER,
    VOCABULARY_PAGE,
    LibraryPages,
    fact_link,
    guideline_link,
    table_anchor,
)
from guidecheck.language.facts import Scope
from guidecheck.library.models import Library

INDEX_PAGE = "index"

_ABOUT = (
    "These are the criteria that guidecheck holds, in words; the YAML that they are written from counts. A "
    "criterion is a paraphrase, and where it stands in its source is said with it. It informs people; it never "
    "decides care, and it is neither medical nor legal advice."
)


def markdown_pages(library: Library) -> dict[str, str]:
    """Return the text of each page by its path; the same library gives the same text."""
    pages: dict[str, Iterator[Block]] = {INDEX_PAGE: _index(library)}
    writer = LibraryPages(library)
    for guideline in library.guidelines.values():
        pages[f"{GUIDELINES_FOLDER}/{guideline.id}"] = writer.guideline(guideline)
    pages[VOCABULARY_PAGE] = _vocabulary(library)
    return {f"{name}.md": MarkdownForm(name).text(blocks) for name, blocks in pages.items()}


def _index(library: Library) -> Iterator[Block]:
    yield Heading("The guidelines of guidecheck", 1)
    yield Paragraph(_ABOUT)
    yield Field("Rules", f"version {library.version}, {library.digest}")
    yield Field("Facts", (Link("the vocabulary", VOCABULARY_PAGE), ": every fact that a criterion may ask for"))
    yield from listing(library, None, None)
    yield Heading("Who may speak", 2)
    yield Paragraph("Highest rank first; where two of one rank speak, one whose criteria are all met suffices.")
    ranks = sorted({authority.rank for authority in library.authorities.values()})
    for rank in ranks:
        titles = [a.title + (" (law)" if a.legal else "") for a in library.authorities.values() if a.rank == rank]
        yield Bullet("; ".join(titles))
    yield Heading("Topics", 2)
    yield Paragraph("The questions that criteria answer, with the criteria that do.")
    for topic, question in library.topics.items():
        links = [
            guideline_link(guideline, criterion.key, criterion.id)
            for guideline in library.guidelines.values()
            for criterion in guideline.criteria
            if criterion.topic == topic
        ]
        if links:
            yield Bullet(
                f"{sentence_case(name_words(topic))}: {question}", tuple(Bullet((link,)) for link in links)
            )


def _vocabulary(library: Library) -> Iterator[Block]:
    facts = library.vocabulary.facts_in
    yield Heading("The vocabulary", 1)
    yield Paragraph("Every fact that a criterion may ask for, and what rests on it.")
    for scope, heading in ((Scope.CLAIM, "Facts of the claim"), (Scope.ITEM, "Facts of an item")):
        yield Heading(heading, 2)
        for fact in facts(scope):
            yield Bullet((fact_link(fact.name), f": {fact.label}"))
    yield Heading("Tables", 2)
    for name in library.vocabulary.tables:
        yield Bullet((Link(name_words(name), VOCABULARY_PAGE, table_anchor(name)),))
    writer = FactPages(library)
    for scope in Scope:
        for fact in facts(scope):
            yield from writer.fact(fact, 3)
    yield from writer.tables(3)
