"""What stands in the rules and has no effect, or stands there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guidecheck.errors import Finding, shorten
from guidecheck.language.derivations import SumOver
from guidecheck.language.vocabulary import STRUCTURAL
from guidecheck.lint.context import Context, few, warning
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, members, place, under

UNUSED_FACT = "unused-fact"
UNUSED_TOPIC = "unused-topic"
UNUSED_AUTHORITY = "unused-authority"
SAME_CRITERION = "same-criterion"
SAME_EXAMPLE_NAME = "same-example-name"
CITATION_WITHOUT_PAGE = "citation-without-page"


def check_facts(context: Context) -> Iterator[Finding]:
    """Yield a finding for each fact on which nothing rests."""
    vocabulary = context.library.vocabulary
    used = {*STRUCTURAL}
    for guideline in context.library.guidelines.values():
        used.update(guideline.facts)
    for deadline in context.deadlines:
        used.update(deadline.facts)
    used.update(name for needs in vocabulary.needed.values() for name in needs)
    reached = set(vocabulary.sources(sorted(used)))
    for name in sorted(reached):
        derivation = vocabulary.derivations.get(name)
        if isinstance(derivation, SumOver):
            table = vocabulary.tables[derivation.table]
            parts = {*table.facts_read, *(str(row.cells.get("times")) for row in table.rows)}
            reached.update(vocabulary.sources(sorted(parts & vocabulary.facts.keys())))
    for name in [name for name in reached if name in vocabulary.facts]:
        reached.update(vocabulary.facts[name].of)
    for fact in vocabulary.facts.values():
        if fact.name not in reached:
            message = f"no rule reads the fact `{fact.name}`, and none of the facts that rules read rests on it"
            yield warning(fact.at, UNUSED_FACT, message, "use it in a rule, or leave it out")


def check_topics(context: Context) -> Iterator[Finding]:
    """Yield a finding for each topic on which no guideline speaks."""
    used = {criterion.topic for criterion in context.library.criteria()}
    node = context.files.library
    topics = under(node, "topics")
    for key, _ in topics.entries if isinstance(topics, Mapping) else ():
        if key.text not in used:
            yield warning(key.at, UNUSED_TOPIC, f"no criterion has the topic `{key.text}`", "leave it out")


def check_authorities(context: Context) -> Iterator[Finding]:
    """Yield a finding for each authority that is heard nowhere."""
    jurisdictions = context.library.jurisdictions
    heard = {name for held in jurisdictions.values() for name in held}
    for node in members(under(context.files.library, "authorities")):
        named = under(node, "id")
        if isinstance(named, Scalar) and named.text not in heard:
            lists = " or ".join(f"`{name}`" for name in jurisdictions)
            hint = f"add it to the list of {lists}" if lists else "add it to a list under `jurisdictions`"
            yield warning(
                named.at, UNUSED_AUTHORITY, f"the authority `{named.text}` speaks in no jurisdiction", hint
            )


def check_doubles(context: Context) -> Iterator[Finding]:
    """Yield a finding for each criterion and each example that repeats another of its guideline."""
    for guideline in context.library.guidelines.values():
        seen: dict[object, str] = {}
        for criterion in guideline.criteria:
            meaning = (criterion.topic, criterion.require, criterion.when, criterion.unless)
            if meaning in seen:
                message = f"`{criterion.id}` asks the same as `{seen[meaning]}`, on the same topic"
                yield warning(
                    criterion.at, SAME_CRITERION, message, "leave one of them out, or mend its conditions"
                )
            seen.setdefault(meaning, criterion.id)
        yield from _same_names(guideline.examples)
    for node in context.library.examples:
        yield from _same_names(members(under(node, "examples")))


def _same_names(examples: Iterable[Node]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for node in examples:
        at = place(node, "name")
        named = under(node, "name")
        name = named.text if isinstance(named, Scalar) else ""
        if name in first:
            message = f"a second example `{shorten(name)}` (first on line {first[name]})"
            yield warning(at, SAME_EXAMPLE_NAME, message, "say in its name what it shows")
        first.setdefault(name, at.line)


def check_citations(context: Context) -> Iterator[Finding]:
    """Yield a finding for each guideline or criterion that is cited without a page or regulation."""
    for guideline in context.library.guidelines.values():
        exact = [{"pages", "regulation"} & criterion.citation.keys() for criterion in guideline.criteria]
        if not all(exact):
            key = context.guideline_node(guideline).key("citation")
            at = key.at if key is not None else guideline.at
            vague = [f"`{c.id}`" for c, found in zip(guideline.criteria, exact, strict=True) if not found]
            verb = "is" if len(vague) == 1 else "are"
            which = "no criterion is" if len(vague) == len(exact) else f"{few(vague)} {verb} not"
            message = f"{which} cited by page or regulation"
            hint = "add `pages` or `regulation`, so that a reader can find it"
            yield warning(at, CITATION_WITHOUT_PAGE, message, hint)
