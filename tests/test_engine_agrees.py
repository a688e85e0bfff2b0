"""durable-rules and the oracle give the same answers on generated libraries and records."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

import strategies
from guidecheck.deciding.checking import Checker
from guidecheck.deciding.determination import ItemDetermination
from guidecheck.errors import RequestError
from oracle import Answer
from strategies import Rules


def as_answer(found: ItemDetermination) -> Answer:
    """Return a determination in the oracle's words."""
    return Answer(
        outcome=str(found.outcome),
        basis=str(found.basis) if found.basis else None,
        statuses={result.criterion.key: str(result.status) for result in found.criteria},
        controlling={result.criterion.key for result in found.controlling},
        superseded={result.criterion.key for result in found.criteria if result.superseded_by},
        legal={result.criterion.key: str(result.status) for result in found.legal},
        assumes=set(found.assumes),
    )


@pytest.mark.parametrize("partial", [False, True], ids=["complete", "partial"])
@given(data=st.data())
def test_durable_rules_agrees_with_the_oracle(data: Any, partial: bool) -> None:
    rules = data.draw(strategies.rule_sets())
    library = strategies.load(rules)
    checker, oracle = Checker(library), rules.oracle
    for record in data.draw(st.lists(strategies.records(rules, partial=partial), min_size=4, max_size=10)):
        note(f"{record}")
        try:
            item = strategies.read_item(record, library)
        except RequestError as error:
            note(str(error))
            assert not oracle.is_usable(record)
            continue
        assert oracle.is_usable(record)
        assert as_answer(checker.check_item(item)) == oracle.answer(record)


# ------------------------------------------------------------------------------------ deep and wide conditions


def wide_rules(facts: dict[str, Any], *required: dict[str, Any]) -> Rules:
    """A library of one guideline with a criterion for each condition."""
    vocabulary = {
        "treatment": {"type": "choice", "values": {"massage": {}}},
        "as_of": {"type": "date", "scope": "claim"},
        "jurisdiction": {"type": "choice", "scope": "claim", "values": {"california": {}}},
        **facts,
    }
    guideline = {
        "guideline": "wide",
        "title": "Wide",
        "authority": "first",
        "citation": {"pages": "1"},
        "in_force": {"from": "2010-01-01"},
        "applies_to": {"treatment": "massage"},
        "criteria": [
            {"id": f"c{index}", "topic": f"t{index}", "says": "So.", "confidence": "known", "require": condition}
            for index, condition in enumerate(required)
        ],
    }
    return Rules(
        {"facts": {name: {"label": name, "scope": "item", **fact} for name, fact in vocabulary.items()}},
        {
            "version": "1",
            "authorities": [{"id": "first", "title": "First"}],
            "jurisdictions": {"california": ["first"]},
            "topics": {f"t{index}": "What?" for index in range(len(required))},
        },
        [guideline],
    )


def agree(rules: Rules, *facts: dict[str, Any]) -> list[dict[str, str]]:
    """Check records, complete and partial, against the oracle; return the statuses of each."""
    library = strategies.load(rules)
    checker, found = Checker(library), []
    for stated in facts:
        for records in ("complete", "partial"):
            record = {"as_of": "2015-01-01", "records": records, "facts": {"treatment": "massage", **stated}}
            answer = as_answer(checker.check_item(strategies.read_item(record, library)))
            assert answer == rules.oracle.answer(record)
            found.append(answer.statuses)
    return found


FLAGS = {f"flag{index}": {"type": "boolean"} for index in range(320)}


@pytest.mark.parametrize("pairs", [5, 12, 40])
def test_a_conjunction_of_many_disjunctions(pairs: int) -> None:
    """As a single rule, durable-rules would fire it 2 ** pairs times."""
    sides = [{"any": [{f"flag{2 * i}": True}, {f"flag{2 * i + 1}": True}]} for i in range(pairs)]
    rules = wide_rules(
        FLAGS, {"all": sides}, {"not": {"all": sides}}, {"any": [{"all": sides}, {"flag319": True}]}
    )
    everything = {f"flag{index}": True for index in range(2 * pairs)}
    one_side = {f"flag{2 * index}": True for index in range(pairs)}
    agree(
        rules,
        {},
        everything,
        one_side,
        {**one_side, "flag0": False},
        {**one_side, "flag0": False, "flag1": False},
        {"flag319": True},
    )


def test_a_disjunction_of_many_conjunctions_of_disjunctions() -> None:
    def inner(start: int) -> dict[str, Any]:
        return {"all": [{"any": [{f"flag{start + i}": True}, {f"flag{start + i + 1}": False}]} for i in range(6)]}

    rules = wide_rules(FLAGS, {"any": [inner(8 * index) for index in range(30)]})
    last = {f"flag{index}": True for index in range(232, 240)}
    statuses = agree(rules, {}, last, dict.fromkeys(FLAGS, False), dict.fromkeys(FLAGS, True))
    assert [one["wide.c0"] for one in statuses] == ["undocumented"] * 2 + ["met"] * 6


@pytest.mark.parametrize("count", [16, 17, 200, 256, 257, 300, 700])
def test_one_of_many_values(count: int) -> None:
    """With more than 256, the steps that gather the values must themselves be gathered."""
    facts = {"number": {"type": "number"}, "word": {"type": "text"}}
    numbers, words = [*range(count)], [f"w{index}" for index in range(count)]
    rules = wide_rules(
        facts,
        {"number": {"one_of": numbers}},
        {"number": {"none_of": numbers}},
        {"word": {"one_of": words}},
        {"word": {"none_of": words}},
    )
    for value in (0, count // 2, count - 1):
        for status in agree(rules, {"number": value, "word": f"w{value}"}):
            assert list(status.values()) == ["met", "failed", "met", "failed"]
    for status in agree(rules, {"number": count, "word": f"w{count}"}):
        assert list(status.values()) == ["failed", "met", "failed", "met"]


@pytest.mark.parametrize("count", [100, 101, 300])
def test_a_set_of_many_members(count: int) -> None:
    """Each member is a property, of which durable-rules takes 255 in a fact."""
    members = [f"m{index}" for index in range(count)]
    facts = {"parts": {"type": "set", "values": {name: {} for name in [*members, "other"]}}}
    rules = wide_rules(
        facts,
        {"parts": {"includes": members}},
        {"parts": {"includes_any": members}},
        {"parts": {"includes_none": members}},
    )
    expected = {
        "every member": (members, ["met", "met", "failed"]),
        "all but one": (members[1:], ["failed", "met", "failed"]),
        "the last": (members[-1:], ["failed", "met", "failed"]),
        "another": (["other"], ["failed", "failed", "met"]),
        "none": ("none", ["failed", "failed", "met"]),
    }
    for stated, statuses in expected.values():
        for found in agree(rules, {"parts": stated}):
            assert list(found.values()) == statuses
    agree(rules, {})


def test_sixty_criteria_on_three_hundred_facts() -> None:
    required = [{f"flag{5 * index + offset}": True for offset in range(5)} for index in range(60)]
    rules = wide_rules(FLAGS, *required)
    everything = dict.fromkeys(FLAGS, True)
    for statuses in agree(rules, everything):
        assert set(statuses.values()) == {"met"}
    for statuses in agree(rules, {**everything, "flag150": False}):
        assert [key for key, status in statuses.items() if status == "failed"] == ["wide.c30"]
    agree(rules, {}, dict.fromkeys(FLAGS, False))


def test_criteria_may_have_any_name() -> None:
    """Names that the engine uses itself, and ones with a dash, mean nothing to it."""
    rules = wide_rules(FLAGS, {"flag0": True}, {"flag1": True}, {"flag2": True}, {"any": [{"flag3": True}] * 20})
    for criterion, name in zip(
        rules.guidelines[0]["criteria"], ("step0", "anchor", "applies", "part-0"), strict=True
    ):
        criterion["id"] = name
    agree(rules, {}, dict.fromkeys(FLAGS, True), dict.fromkeys(FLAGS, False))


def test_texts_may_hold_anything() -> None:
    """durable-rules reads its facts as JSON, and some texts as numbers or names of its own."""
    texts = ["größe", 'a "quoted" one', "back\\slash", "7", "007", "1e5", "true", "null", "$m", "🩺", "anchor"]
    rules = wide_rules(
        {"remark": {"type": "text"}},
        *({"remark": text} for text in texts),
        {"remark": {"one_of": texts}},
        {"remark": {"none_of": texts}},
    )
    for index, text in enumerate(texts):
        for found in agree(rules, {"remark": text}):
            assert [list(found).index(key) for key, status in found.items() if status == "met"] == [
                index,
                len(texts),
            ]
    for found in agree(rules, {"remark": "7.0"}):
        assert [key for key, status in found.items() if status == "met"] == [f"wide.c{len(texts) + 1}"]


# ------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("limit", "stated", "status"),
    [
        (0.3, 0.3, "met"),
        (0.3, 0.300001, "failed"),
        (0.000001, 0.000001, "met"),
        (1e9, 1e9, "met"),
        (1e9, 999_999_999.999999, "met"),
        (999_999_999.999998, 999_999_999.999999, "failed"),
        (-1e9, -1e9, "met"),
        (0, -0.0, "met"),
        (6, 6.0, "met"),
        (6, 6.000001, "failed"),
        (10, 9, "met"),
        (9, 10, "failed"),
    ],
)
def test_numbers_are_compared_as_numbers(limit: float, stated: float, status: str) -> None:
    """durable-rules compares by text where types differ, and takes no exponents: 10 is above 9 all the same."""
    rules = wide_rules({"amount": {"type": "number"}}, {"amount": {"at_most": limit}})
    for found in agree(rules, {"amount": f"{stated:.6f}"}):
        assert found == {"wide.c0": status}


# ------------------------------------------------------------------------------------------------- threads


def test_eight_threads_get_the_answers_of_one() -> None:
    """durable-rules itself mixes the checks of several threads."""
    rules = wide_rules(
        {"amount": {"type": "integer"}, "kind": {"type": "text"}, "flag": {"type": "boolean"}},
        {"amount": {"at_most": 50}},
        {"any": [{"kind": f"k{index}"} for index in range(0, 40, 2)]},
        {"flag": True, "amount": {"more_than": 10}},
    )
    library = strategies.load(rules)
    items = [
        strategies.read_item(
            {
                "as_of": "2015-01-01",
                "records": "partial" if number % 3 else "complete",
                "facts": {"treatment": "massage", "amount": number, "kind": f"k{number}"}
                | ({"flag": number % 2 == 0} if number % 5 else {}),
            },
            library,
        )
        for number in range(96)
    ]
    alone = Checker(library)
    expected = [as_answer(alone.check_item(item)) for item in items]
    shared = Checker(library)

    def check_all(start: int) -> list[Answer]:
        order = items[start:] + items[:start]
        answers = [as_answer(shared.check_item(item)) for item in order for _ in range(2)][::2]
        return answers[len(items) - start :] + answers[: len(items) - start]

    with ThreadPoolExecutor(max_workers=8) as pool:
        for answers in pool.map(check_all, range(0, 96, 12)):
            assert answers == expected
