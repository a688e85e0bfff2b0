"""What `says`, `remedy` and a row's note tell beside what the rule asks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingType
from itertools import combinations

from guidecheck.deciding.determination import Status
from guidecheck.errors import Finding, shorten
from guidecheck.language.conditions import ORDERINGS, Condition, Op, Test, tests_of
from guidecheck.language.facts import Changeable, Fact, FactType, show_value
from guidecheck.library.models import Criterion
from guidecheck.lint.context import Context, conjuncts, warning
from guidecheck.lint.numbers_in_text import has_rate, numbers_in
from guidecheck.reachability.statuses import YES, applies
from guidecheck.reading.marked_yaml import Mapping as MappingNode
from guidecheck.reading.marked_yaml import Node, Sequence, members, place

CUT_TEXT = "cut-text"
STALE_NUMBER = "stale-number"
CONTRARY_WORDS = "contrary-words"
REMEDY_CANNOT_HELP = "remedy-cannot-help"

_CONVERSIONS = (1_000, 7, 12, 24, 30, 60, 1 / 7, 1 / 12, 1 / 24, 4.345, 1 / 4.345, 100, 1 / 100)
"""Between days, weeks, months, years, hours, percent, grams: a sentence may use another unit than the fact."""


_CITED = frozenset({"title", "edition", "section", "pages", "regulation", "note", "source_id"})
_TEXTS = _CITED | {"says", "remedy", "label", "ask", "unit", "name", "synonyms"}
"""The keys of texts; those under `topics` and `phrases` are texts too, whatever their names."""

_MAYBE_CUT = re.compile(r"#[^\s#]")


def check_cut(context: Context) -> Iterator[Finding]:
    """Yield a finding for each text that a `#` with no space behind it cuts off."""
    files = context.files
    found = (*files.guidelines.values(), *files.vocabularies, *files.examples.values(), files.library)
    for node in found:
        if node is not None and _MAYBE_CUT.search(files.texts[node.at.path]):
            yield from _cut(node, "")


def _cut(node: Node, key: str, holder: str = "") -> Iterator[Finding]:
    """Yield a finding for each text in what stands under a key that is cut off."""
    if isinstance(node, MappingNode):
        for inner, value in node.entries:
            yield from _cut(value, inner.text, key)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _cut(item, key, holder)
    elif node.cut and (key in _TEXTS or holder in ("topics", "phrases")):
        message = f"the text ends before `{shorten(node.cut.text)}`, since ` #` begins a comment"
        hint = "put the whole text in quotes, or a space behind the `#` of a comment"
        yield warning(node.cut.at, CUT_TEXT, message, hint)


_TIMES = re.compile("minute|hour|day|week|month|year")


def check_numbers(context: Context) -> Iterator[Finding]:
    """Yield a finding for each text that names other numbers than its rule."""
    facts = context.library.vocabulary.facts
    for criterion in context.library.criteria():
        if not any(True for _ in _limits(criterion.require, facts)):
            continue
        asked = [facts[test.fact] for test in tests_of(criterion.require) if test.fact in facts]
        timeless = not any(_TIMES.search(f"{fact.name} {fact.unit} {fact.label}") for fact in asked)
        node = context.criterion_node(criterion)
        for key, text in (("says", criterion.says), ("remedy", criterion.remedy)):
            named = _told(text)
            limits = _limits(criterion.require, facts, named)
            others = [*_limits(criterion.when, facts, named), *_limits(criterion.unless, facts, named)]
            told = _mismatch(text, limits, others, timeless=timeless)
            if told:
                limit, strays = told
                message = f"`{key}` speaks of {strays}, and `require` of {limit}"
                yield warning(place(node, key), STALE_NUMBER, message, "change the one that is out of date")


def check_notes(context: Context) -> Iterator[Finding]:
    """Yield a finding for each row of a table whose note names other numbers than its cells."""
    facts = context.library.vocabulary.facts
    for guideline in context.library.guidelines.values():
        tables = context.guideline_node(guideline).get("tables")
        for key, table in tables.entries if isinstance(tables, MappingNode) else ():
            rows = members(table.get("rows")) if isinstance(table, MappingNode) else ()
            for row, node in zip(guideline.tables[key.text].rows, rows, strict=True):
                cells = [float(v) for v in row.cells.values() if isinstance(v, int | float)]
                note = row.citation.get("note", "")
                told = _mismatch(note, cells, list(_limits(row.condition, facts, _told(note))))
                if told:
                    cell, strays = told
                    message = f"the row's note speaks of {strays}, and its cells of {cell}"
                    at = place(node, "citation", "note")
                    yield warning(at, STALE_NUMBER, message, "change the one that is out of date")


def _told(text: str) -> list[float]:
    return [named.number for named in numbers_in(text)]


def check_words(context: Context) -> Iterator[Finding]:
    """Yield a finding for each text whose words make an upper limit of a lower one, or the reverse."""
    for criterion in context.library.criteria():
        node = context.criterion_node(criterion)
        for test in _bounds(criterion.require):
            upper = test.op in (Op.AT_MOST, Op.LESS_THAN)
            for key, text in (("says", criterion.says), ("remedy", criterion.remedy)):
                about = [named for named in numbers_in(text) if named.number == test.operand]
                contrary = [named for named in about if (named.lower if upper else named.upper)]
                if contrary and not any(named.upper if upper else named.lower for named in about):
                    limit = show_value(contrary[0].number)
                    kinds = ("a lower", "an upper") if upper else ("an upper", "a lower")
                    message = f"`{key}` makes {limit} {kinds[0]} limit, and `require` makes it {kinds[1]} one"
                    hint = f"check `{test.op}`, and the words"
                    yield warning(place(node, key), CONTRARY_WORDS, message, hint)


def _bounds(condition: Condition | None) -> Iterator[Test]:
    """Yield the bounds all of which a condition asks for."""
    for part in conjuncts(condition):
        if isinstance(part, Test) and part.op in ORDERINGS and isinstance(part.operand, int | float):
            yield part


_NEXT = {Op.LESS_THAN: -1, Op.MORE_THAN: 1}


def _limits(
    condition: Condition | None, facts: MappingType[str, Fact], told: Iterable[float] = ()
) -> Iterator[float]:
    """Yield the numbers that a condition compares with.

    Of `less than 7` that is 7, or 6 where it counts whole things and a text that tells some numbers says so.
    """
    for test in tests_of(condition):
        if not isinstance(test.operand, bool) and isinstance(test.operand, int | float):
            limit = float(test.operand)
            next_to_it = limit + _NEXT.get(test.op, 0)
            whole = test.fact in facts and facts[test.fact].type is FactType.INTEGER
            yield next_to_it if whole and limit not in told and next_to_it in told else limit


def _mismatch(
    text: str, limits: Iterable[float], others: Iterable[float], *, timeless: bool = False
) -> tuple[str, str] | None:
    """Return a limit that a text doesn't name, and the numbers that it names instead; None where all is well.

    A text needn't name any number; and one may stand in it that has nothing to do with the rule. Of a `timeless`
    rule, which asks for no time, a number of days or weeks is none.
    """
    told = _told(text)
    limits = list(limits)
    # "Two visits a week for three weeks" are six.
    reckoned = [*told, *(one * other for one, other in combinations(told, 2) if has_rate(text))]
    silent = [limit for limit in limits if not any(_same(number, limit) for number in reckoned)]
    # "One more visit" is no limit.
    stray = (n.number for n in numbers_in(text) if n.number != 1 and not (timeless and n.of_time))
    named = Counter(stray)
    strays = named - Counter(number for number in told for limit in [*limits, *others] if _same(number, limit))
    if not silent or not strays:
        return None
    return show_value(silent[0]), " and ".join(show_value(number) for number in strays)


def _same(number: float, limit: float) -> bool:
    """Tell whether a number in a text may be a limit, be it in another unit (17 weeks are four months)."""
    return number == limit or any(abs(number * factor - limit) <= 0.04 * abs(limit) for factor in _CONVERSIONS)


_DOCUMENTING = re.compile(
    r"\b(?:document(?:s|ed|ation)?|records?|describe|state|note|write|name|list|report|explain|justify)\b"
)
_DOING = re.compile(
    r"\b(?:add|ask|attach|begin|change|choose|consider|consult|cut|discuss|drop|end|evaluate|give|keep|leave|limit|lower"
    r"|measure|obtain|offer|order|plan|prescribe|reduce|rent|replace|request|send|spread|start|stop|switch|take|taper"
    r"|treat|try|use|wait|wean|withdraw)\b"
)


_STRICTLY = re.compile(r"\b(?:under|below|over|above|beyond|exceed\w*|before|after|fewer|less|more|short)\b")
"""Words by which a number may be left out of what is asked for."""


def check_remedies(context: Context) -> Iterator[Finding]:
    """Yield a finding for each remedy with which its criterion fails as it did."""
    for criterion in context.library.criteria():
        found = _vain_documents(context, criterion) or _vain_number(context, criterion)
        if found:
            message, hint = found
            at = place(context.criterion_node(criterion), "remedy")
            yield warning(at, REMEDY_CANNOT_HELP, f"`{criterion.id}` {message}", hint)


def _vain_documents(context: Context, criterion: Criterion) -> tuple[str, str] | None:
    """Return what is wrong with a remedy that asks for documents where none could help, and the mend."""
    text = criterion.remedy.casefold()
    if not _DOCUMENTING.search(text) or _DOING.search(text):
        return None
    if criterion.require is None and criterion.unless is None:
        return (
            "is not recommended wherever it applies, and its remedy asks for documentation",
            "say what to ask for instead, or put what would help under `require` or `unless`",
        )
    if criterion.require is not None and _is_of_the_request(context, criterion, text):
        return (
            "limits what is asked for, and its remedy asks for documentation alone",
            "say what to ask for instead, as in `Ask for six visits or fewer.`",
        )
    if _is_fixed(context, criterion):
        return (
            "rests on what nobody can change any more, and its remedy asks for documentation of another value",
            "ask for the fact itself, as in `Record when the injury was.`",
        )
    return None


def _is_fixed(context: Context, criterion: Criterion) -> bool:
    """Tell whether a criterion limits only what is past change, and its remedy says what it should be."""
    facts = context.library.vocabulary.facts
    tests = list(tests_of(criterion.require))
    if any(test.fact not in facts or facts[test.fact].change is not Changeable.FIXED for test in tests):
        return False
    bounds = [named.number for named in numbers_in(criterion.remedy) if named.upper or named.lower]
    limits = list(_limits(criterion.require, facts, bounds))
    return any(_same(number, limit) for number in bounds for limit in limits)


def _is_of_the_request(context: Context, criterion: Criterion, remedy: str) -> bool:
    """Tell whether a criterion limits only what is asked for, and a remedy doesn't name a limit of it."""
    facts, named = context.library.vocabulary.facts, _told(remedy)
    tests = list(tests_of(criterion.require))
    if any(test.fact not in facts or facts[test.fact].change is not Changeable.REQUEST for test in tests):
        return False
    if all(test.op in ORDERINGS for test in tests):
        return all(test.operand not in named for test in tests)
    # Of a kind of treatment or a yes it may be asked to be stated, unless it always is.
    silent = context.reachability.statuses(criterion, (Status.UNDOCUMENTED,), witnesses=False)
    return silent[Status.UNDOCUMENTED].impossible


def _vain_number(context: Context, criterion: Criterion) -> tuple[str, str] | None:
    """Return what is wrong with a remedy whose number its criterion is not met with, and the mend."""
    facts = context.library.vocabulary.facts
    asked = [named for named in numbers_in(criterion.remedy) if not named.of_time]
    if criterion.require is None or len(asked) != 1 or _STRICTLY.search(criterion.remedy.casefold()):
        return None
    (named,) = asked
    bounds = [test for test in _bounds(criterion.require) if test.operand == named.number and test.fact in facts]
    if len(bounds) != 1 or facts[bounds[0].fact].change is not Changeable.REQUEST:
        return None
    op = Op.AT_MOST if named.upper else Op.AT_LEAST if named.lower else Op.EQUALS
    cured = [(Test(bounds[0].fact, op, named.number), YES), (criterion.require, YES)]
    guideline = context.library.guidelines[criterion.guideline]
    if not context.reachability.find(
        guideline, [(guideline.applies_to, YES), *applies(criterion), *cured]
    ).impossible:
        return None
    number = show_value(named.number)
    return (
        f"is not met with the {number} for which its remedy asks",
        f"check `{bounds[0].op}`, or say `fewer than` or `more than {number}`",
    )
