"""What stands in the rules and has no effect, or stands there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guidecheck.errors import Finding, Location, did_you_mean, shorten
from guidecheck.language.conditions import Cell, Condition, TableName, tests_of
from guidecheck.language.derivations import SumOver, cells_given, conditions_in
from guidecheck.language.tables import Table
from guidecheck.language.vocabulary import STRUCTURAL, Vocabulary
from guidecheck.lint.context import Context, few, warning
from guidecheck.lint.row_checks import check_rows
from guidecheck.reading.marked_yaml import Mapping, Node, Scalar, members, place, under

UNUSED_FACT = "unused-fact"
UNUSED_TABLE = "unused-table"
UNUSED_COLUMN = "unused-column"
UNUSED_TOPIC = "unused-topic"
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


def check_tables(context: Context) -> Iterator[Finding]:
    """Yield a finding for each table, column and row that no rule can read."""
    vocabulary, library = context.library.vocabulary, context.library
    shared = _reads(condition for d in vocabulary.derivations.values() for condition in conditions_in(d))
    for derivation in vocabulary.derivations.values():
        for cell in cells_given(derivation):
            shared.setdefault(cell.table, set()).add(cell.column)
        if isinstance(derivation, SumOver):
            shared.setdefault(derivation.table, set()).update(("factor", "times"))
    for guideline in library.guidelines.values():
        read = _reads(guideline.conditions)
        own = library.own_tables(guideline)
        for name, table in own.items():
            yield from _check_table(
                table, read.get(name), context.guideline_node(guideline).get("tables"), vocabulary
            )
        for name, columns in read.items():
            if name not in own:
                shared.setdefault(name, set()).update(columns)
    for name, table in vocabulary.tables.items():
        yield from _check_table(table, shared.get(name), context.table_nodes(name), vocabulary)


def _reads(conditions: Iterable[Condition]) -> dict[str, set[str]]:
    """Return the tables that conditions look up, each with the columns they compare with."""
    read: dict[str, set[str]] = {}
    for condition in conditions:
        for test in tests_of(condition):
            if isinstance(test.operand, Cell):
                read.setdefault(test.operand.table, set()).add(test.operand.column)
            elif isinstance(test.operand, TableName):
                read.setdefault(test.operand.table, set())
    return read


def _check_table(
    table: Table, columns: set[str] | None, tables: Node | None, vocabulary: Vocabulary
) -> Iterator[Finding]:
    if columns is None:
        yield warning(
            table.at, UNUSED_TABLE, f"no rule looks into the table `{table.name}`", "use it, or leave it out"
        )
        return
    for column in table.columns:
        if column not in columns and column not in (table.highest, table.lowest):
            at = _first_cell(tables, table.name, column) or table.at
            message = f"no rule reads the column `{column}` of the table `{table.name}`"
            # Beside what it is meant for, it would be a column of its own.
            apart = [c for c in table.columns if not any({c, column} <= row.cells.keys() for row in table.rows)]
            hint = did_you_mean(column, apart) or "use it in a limit, or leave it out"
            yield warning(at, UNUSED_COLUMN, message, hint)
    if "factor" in columns:
        return  # its rows are taken by entries of a list, in bands of their amounts
    yield from check_rows(table, vocabulary)


def _first_cell(tables: Node | None, name: str, column: str) -> Location | None:
    table = tables.get(name) if isinstance(tables, Mapping) else None
    for row in members(table.get("rows")) if isinstance(table, Mapping) else ():
        key = row.key(column) if isinstance(row, Mapping) else None
        if key is not None:
            return key.at
    return None


def check_topics(context: Context) -> Iterator[Finding]:
    """Yield a finding for each topic on which no guideline speaks."""
    used = {criterion.topic for criterion in context.library.criteria()}
    node = context.files.library
    topics = under(node, "topics")
    for key, _ in topics.entries if isinstance(topics, Mapping) else ():
        if key.text not in used:
            yield warning(key.at, UNUSED_TOPIC, f"no criterion has the topic `{key.text}`", "leave it out")


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
