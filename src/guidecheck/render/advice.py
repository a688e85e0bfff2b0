"""What a person can do about an item: record, ask otherwise, or find out."""

from __future__ import annotations

from guidecheck.deciding.determination import Change, CriterionResult, Outcome, Remedy
from guidecheck.deciding.remedies import MOST_CHANGES, MOST_REMEDIES
from guidecheck.explaining.account import Account
from guidecheck.explaining.remedy_texts import alternatives, either
from guidecheck.explaining.visit_arithmetic import advised
from guidecheck.explaining.wording import sentence, with_unit
from guidecheck.language.derivations import Product
from guidecheck.language.facts import Changeable, FactType, Value, show_value
from guidecheck.render.report_model import Advice, ChangeLine

_OPENINGS = {
    Changeable.REQUEST: "In the request",
    Changeable.DOCUMENT: "Record it, if it is true",
    Changeable.ACT: "Do it and record it",
}
"""How a change is opened, by its kind, the easiest first; a fixed fact is never changed."""

_ONLY_IF = "Only if newer records show otherwise: "

_MORE = f"There may be more: at most {MOST_REMEDIES} ways are shown, of at most {MOST_CHANGES} changes each."


def advice(account: Account) -> tuple[str, list[str]]:
    """Return a heading, and what would meet the criteria that stand in the way; nothing where none does."""
    if account.item.outcome is Outcome.UPHELD:
        remedies = account.item.remedies
        idle = remedies is not None and not remedies.found and not remedies.cut
        heading = "What the criteria ask for" if idle else "What to change or add"
        return f"{heading} (record only what is true)", _remedies(account)
    if account.item.outcome is Outcome.UNDETERMINED:
        names = account.item.lacking or account.unknown or account.missing
        facts = [account.library.vocabulary.facts[name] for name in names]
        return "What to find out", [fact.ask or sentence(fact.label) for fact in facts]
    return "", []


def _remedies(account: Account) -> list[str]:
    """Return the remedies of unmet criteria, topic by topic; guidelines of one rank are alternatives."""
    topics: dict[str, list[CriterionResult]] = {}
    for result in account.deciding:
        if result.criterion.remedy:
            topics.setdefault(result.criterion.topic, []).append(result)
    pieces: dict[str, None] = {}
    for results in topics.values():
        told = alternatives(results, lambda result: _remedy(account, result))
        text = either(told)
        if text.count(_ONLY_IF) == sum(map(len, told)):
            # Said once of several texts, it is said of all of them.
            text = _ONLY_IF + text.replace(_ONLY_IF, "")
        pieces |= dict.fromkeys(told[0] if len(told) == 1 else [text])
    return list(pieces)


def _remedy(account: Account, result: CriterionResult) -> str:
    text = advised(result, account.item, account.library.vocabulary)
    if text and _records_say_no(account, result):
        return f"{_ONLY_IF}{text[:1].lower()}{text[1:]}"
    return text


def _records_say_no(account: Account, result: CriterionResult) -> bool:
    """Tell whether only what the records state stands against a criterion: no wording mends that."""
    settled = account.settled(result)
    facts = account.library.vocabulary.facts
    kinds = {facts[reading.test.fact].change for reading in settled.contrary}
    return bool(kinds) and kinds <= {Changeable.DOCUMENT, Changeable.FIXED} and not settled.missing


def turning(account: Account) -> Advice | None:
    """Return what would turn the prediction, or why nothing does; None where nobody looked."""
    remedies = account.item.remedies
    if remedies is None or account.item.outcome in (Outcome.OVERTURNED, Outcome.NO_GUIDELINE):
        return None
    sets = tuple(
        tuple(_change(account, change, remedy) for change in _in_order(account, remedy))
        for remedy in remedies.found
    )
    which = "Any one of these" if len(sets) > 1 else "This" if sets else "What"
    predicts = account.item.outcome.is_prediction
    what = "turn the prediction" if predicts or not sets else "make it overturned"
    return Advice(
        heading=f"{which} would {what}",
        sets=sets,
        more=_MORE if sets and remedies.cut else "",
        none_because=remedies.none_because or "",
    )


def _in_order(account: Account, remedy: Remedy) -> list[Change]:
    """Return the changes of a set, the easiest kind first; what only brings a number about is told with it."""
    asked = {change.fact for change in remedy.changes}
    told_with = {name for change in remedy.told for name in _factors(account, change, remedy)} - asked
    changes = (change for change in remedy.told if change.fact not in told_with)
    return sorted(changes, key=lambda change: list(_OPENINGS).index(change.kind))


def _change(account: Account, change: Change, remedy: Remedy) -> ChangeLine:
    """Return a change as a line, the factors of a number as an example of how to come to it."""
    fact, words = account.library.vocabulary.facts[change.fact], account.words
    wider = _wider(change, remedy)
    if change.value is None:
        # A list that no longer gives the total is written anew; anything else is left out.
        text = f"list {fact.label} as they then are" if fact.type is FactType.LIST else f"leave out {fact.label}"
    elif (bounded := wider or change).bound is None:
        text = words.clause(change.fact, change.value)
    else:
        text = _bounded(account, bounded)
    now = account.item.item.known.values.get(change.fact)
    if now is not None and fact.type is not FactType.LIST:
        # The unit of a number stands before it already.
        text += f" (now: {show_value(now) if fact.type.is_numeric else words.value(change.fact, now)})"
    examples = [show_value(change.value)] if wider and change.value is not None else []
    examples += _split(account, change, remedy)
    if examples:
        text += f", for example {': '.join(examples)}"
    return ChangeLine(_OPENINGS[change.kind], f"{text}.")


def _factors(account: Account, total: Change, remedy: Remedy) -> dict[str, tuple[Value | None, Value | None]]:
    """Return the factors told of a changed product, each as it is and as it would be; {} where none changes."""
    product = account.library.vocabulary.derivations.get(total.fact)
    names = product.facts if isinstance(product, Product) else ()
    now, told = account.item.item.known.values, {change.fact: change.value for change in remedy.told}
    factors = {name: (now.get(name), told.get(name, now.get(name))) for name in names}
    complete = all(value is not None for pair in factors.values() for value in pair)
    return factors if complete and told.keys() & factors.keys() else {}


def _split(account: Account, total: Change, remedy: Remedy) -> list[str]:
    """Return the factors of a changed product as one text: 3 visits a week × 2 weeks (now: 3 × 4)."""
    factors = _factors(account, total, remedy)
    if not factors:
        return []
    facts = account.library.vocabulary.facts
    after = (with_unit(facts[name], value) for name, (_, value) in factors.items() if value is not None)
    before = (show_value(value) for value, _ in factors.values() if value is not None)
    return [f"{' × '.join(after)} (now: {' × '.join(before)})"]


def _wider(change: Change, remedy: Remedy) -> Change | None:
    """Return the bound that a change told as one value was found with: the value is one that keeps to it."""
    found = (asked for asked in remedy.changes if asked.fact == change.fact and change.value is not None)
    return next((asked for asked in found if asked.bound and not change.bound), None)


def _bounded(account: Account, change: Change) -> str:
    assert change.bound is not None
    assert change.value is not None
    label = account.library.vocabulary.facts[change.fact].label
    return f"{label} is {change.bound.value.replace('_', ' ')} {account.words.value(change.fact, change.value)}"
