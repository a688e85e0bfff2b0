"""What a person can do about an item: record, ask otherwise, or find out."""

from __future__ import annotations

from guidecheck.account import Account
from guidecheck.determination import Change, CriterionResult, Outcome
from guidecheck.facts import Changeable
from guidecheck.wording import sentence

_OPENINGS = {
    Changeable.REQUEST: "In the request",
    Changeable.ACT: "Do it and record it",
    Changeable.DOCUMENT: "Record it, if it is true",
}


def advice(account: Account) -> tuple[str, list[str]]:
    """Return a heading, and what would meet the criteria that stand in the way; nothing where none does."""
    if account.item.outcome is Outcome.UPHELD:
        return "What to change or add (record only what is true)", _remedies(account)
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
        by_authority: dict[str, list[str]] = {}
        for result in results:
            by_authority.setdefault(result.authority.id, []).append(_remedy(account, result))
        texts = [text for remedies in by_authority.values() for text in remedies]
        if len(by_authority) > 1:
            texts = [" Or: ".join(" ".join(remedies) for remedies in by_authority.values())]
        pieces |= dict.fromkeys(texts)
    return list(pieces)


def _remedy(account: Account, result: CriterionResult) -> str:
    text = result.criterion.remedy
    if _records_say_no(account, result):
        return f"Only if newer records show otherwise: {text[:1].lower()}{text[1:]}"
    return text


def _records_say_no(account: Account, result: CriterionResult) -> bool:
    """Tell whether only what the records state stands against a criterion: no wording mends that."""
    settled = account.settled(result)
    facts = account.library.vocabulary.facts
    kinds = {facts[reading.test.fact].change for reading in settled.contrary}
    return bool(kinds) and kinds <= {Changeable.DOCUMENT, Changeable.FIXED} and not settled.missing


def alternatives(account: Account) -> list[str]:
    """Return the sets of changes that would turn the prediction."""
    remedies = account.item.remedies
    if remedies is None:
        return []
    return [" ".join(_change(account, change) for change in remedy.told) for remedy in remedies.found]


def _change(account: Account, change: Change) -> str:
    fact = account.library.vocabulary.facts[change.fact]
    if change.value is None:
        what = f"leave out {fact.label}"
    elif change.bound is None:
        what = account.words.clause(change.fact, change.value)
    else:
        bound = change.bound.value.replace("_", " ")
        what = f"{fact.label} is {bound} {account.words.value(change.fact, change.value)}"
    return sentence(f"{_OPENINGS.get(change.kind, 'Change')}: {what}")
