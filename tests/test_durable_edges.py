"""The edges of durable-rules that the engine is designed around, each as it is in 2.0.28.

A test that fails here says that another version behaves otherwise: read engine/durable.py, engine/rulesets.py and
engine/compilation.py for what rests on it. Hangs and crashes happen in a process of their own.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from typing import Any

import durable_rules_engine
import pytest
from durable import engine

import guidecheck.engine.durable as ours
import strategies
from guidecheck.deciding.checking import Checker
from guidecheck.engine.durable import EngineFaultError
from guidecheck.requests.request import Item
from test_engine_agrees import FLAGS, as_answer, wide_rules

ANCHOR = {"anchor": 1}
STATE = {"sid": "1", **ANCHOR}


class QuietHost(engine.Host):  # type: ignore[misc]
    """A host without timer threads."""

    def _run(self) -> None:
        pass


class Rig:
    """One ruleset with an anchor, and the names of the rules that fired, in order."""

    def __init__(self, **conditions: dict[str, Any]) -> None:
        self.fired: list[str] = []
        self.host = QuietHost()
        rules = {name: self.rule(name, condition) for name, condition in {**conditions, "anchor": ANCHOR}.items()}
        self.host.register_rulesets({"rules": rules})

    def rule(self, name: str, condition: dict[str, Any]) -> dict[str, Any]:
        def note(_: Any) -> None:
            self.fired.append(name)

        return {"all": [{"m": condition}], "run": note}

    def fire(self, **facts: Any) -> list[str]:
        """Assert and retract a fact; return what fired, the anchor left out."""
        self.fired.clear()
        self.host.assert_fact("rules", {**STATE, **facts})
        self.host.retract_fact("rules", {**STATE, **facts})
        return [name for name in self.fired if name != "anchor"]


def child(code: str) -> subprocess.Popen[str]:
    """Start a process in which `host` has no timer threads, and `rules(**conditions)` makes a ruleset."""
    start = """
        from durable import engine
        class Host(engine.Host):
            def _run(self): pass
        host = Host()
        def rules(**conditions):
            made = {n: {"all": [{"m": c}], "run": lambda c: None} for n, c in conditions.items()}
            host.register_rulesets({"rules": made})
    """
    text = textwrap.dedent(start) + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-u", "-c", text], stdout=subprocess.PIPE, text=True)


def assert_hangs(code: str) -> None:
    """Check that a process says `ready` and then nothing any more."""
    with child(code) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
        finally:
            process.kill()


# ------------------------------------------------------------------------------------- what a comparison means


def test_a_comparison_on_a_missing_property_never_matches() -> None:
    rig = Rig(equal={"p": 5}, unequal={"$neq": {"p": 5}}, less={"$lt": {"p": 5}})
    assert rig.fire() == []
    assert rig.fire(p=4) == ["unequal", "less"]


def test_a_null_counts_as_existing() -> None:
    assert Rig(exists={"$ex": {"p": 1}}).fire(p=None) == ["exists"]


def test_strings_and_numbers_compare_as_text() -> None:
    rig = Rig(less={"$lt": {"p": 9}}, more={"$gt": {"p": 9}})
    assert rig.fire(p="10") == ["less"]
    assert rig.fire(p=10) == ["more"]


def test_one_is_true() -> None:
    rig = Rig(true={"p": True}, one={"p": 1})
    assert rig.fire(p=1) == rig.fire(p=True) == ["true", "one"]


def test_a_false_is_not_a_missing_property() -> None:
    rig = Rig(false={"p": False}, true={"p": True})
    assert rig.fire(p=False) == ["false"]
    assert rig.fire() == []


@pytest.mark.parametrize("number", [1e-07, 1e22])
def test_exponents_are_refused(number: float) -> None:
    with pytest.raises(durable_rules_engine.error, match="204"):
        Rig(less={"$lt": {"p": 5}}).fire(p=number)
    with pytest.raises(durable_rules_engine.error, match="204"):
        Rig(less={"$lt": {"p": number}})


def test_integers_saturate_at_64_bits() -> None:
    assert Rig(equal={"p": 2**70}).fire(p=2**80) == ["equal"]
    assert Rig(equal={"p": 2**62}).fire(p=2**62 + 1) == []


def test_some_names_are_special() -> None:
    assert Rig(inner={"a.b": 1}).fire(a={"b": 1}) == ["inner"]
    rig = Rig(any={"$gt": {"p": 0}})
    rig.host.assert_fact("rules", {**STATE, "p": 1, "id": "x"})
    with pytest.raises(engine.MessageObservedException):
        rig.host.assert_fact("rules", {**STATE, "p": 2, "id": "x"})


# --------------------------------------------------------------------------------------------- how often, how many


def test_a_disjunction_fires_for_each_part_that_holds() -> None:
    assert Rig(either={"$or": [{"p": 1}, {"q": 1}]}).fire(p=1, q=1) == ["either"] * 2


@pytest.mark.parametrize("pairs", [2, 5, 8])
def test_a_conjunction_of_disjunctions_fires_exponentially(pairs: int) -> None:
    condition = {"$and": [{"$or": [{f"p{i}": 1}, {f"q{i}": 1}]} for i in range(pairs)]}
    facts = {f"{side}{i}": 1 for i in range(pairs) for side in "pq"}
    assert len(Rig(all=condition).fire(**facts)) == 2**pairs


def test_sixty_five_conditions_true_at_once_fail_and_nothing_fires() -> None:
    rig = Rig(**{f"r{i}": {f"p{i}": 1} for i in range(70)})
    assert len(rig.fire(**{f"p{i}": 1 for i in range(63)})) == 63  # and the anchor
    with pytest.raises(durable_rules_engine.error, match="303"):
        rig.fire(**{f"p{i}": 1 for i in range(64)})
    assert rig.fired == []


def test_a_long_conjunction_is_no_matter() -> None:
    condition = {"$and": [{f"p{i}": 1} for i in range(200)]}
    assert Rig(all=condition).fire(**{f"p{i}": 1 for i in range(200)}) == ["all"]


def test_a_fact_has_at_most_253_properties() -> None:
    rig = Rig(one={"p0": 1})
    # The state's name and the anchor are two more.
    assert rig.fire(**{f"p{i}": 1 for i in range(251)}) == ["one"]
    with pytest.raises(durable_rules_engine.error, match="302"):
        rig.fire(**{f"p{i}": 1 for i in range(252)})


def test_a_rule_has_at_most_15_combinators() -> None:
    def condition(pairs: int) -> dict[str, Any]:
        return {"$or": [{"$and": [{f"p{i}": 1}, {f"q{i}": 1}]} for i in range(pairs)]}

    assert Rig(either=condition(14)).fire(p3=1, q3=1) == ["either"]
    with pytest.raises(durable_rules_engine.error, match="113"):
        Rig(either=condition(15))


def test_many_rules_may_share_a_condition() -> None:
    """Beyond 256 it goes wrong, and not the same way each time."""
    names = {f"r{i}" for i in range(200)}
    assert set(Rig(**{name: {"p": 1} for name in names}).fire(p=1)) == names


def test_512_distinct_first_conditions_hang() -> None:
    Rig(**{f"r{i}": {f"p{i}": 1} for i in range(300)})
    assert_hangs('print("ready"); rules(**{f"r{i}": {f"p{i}": 1} for i in range(513)}); print("made")')


def test_different_facts_may_be_taken_for_one() -> None:
    """They are told apart by a 32-bit hash, so a state must be left empty: these two are the first of a row."""
    rig = Rig(any={"$gte": {"p": 0}})
    rig.host.assert_fact("rules", {**STATE, "p": 8_791})
    with pytest.raises(engine.MessageObservedException):
        rig.host.assert_fact("rules", {**STATE, "p": 63_102})


def test_retracted_facts_are_forgotten() -> None:
    rig = Rig(any={"$gte": {"p": 0}})
    assert rig.fire(p=8_791) == rig.fire(p=63_102) == rig.fire(p=8_791) == ["any"]


# ---------------------------------------------------------------------------------------------- hangs and crashes


def test_deleting_a_state_in_which_nothing_fired_crashes() -> None:
    code = """
        rules(never={"p": 1})
        try:
            host.assert_fact("rules", {"sid": "1", "q": 1})
        except engine.MessageNotHandledException:
            print("ready")
        host.delete_state("rules", "1")
        print("survived")
    """
    with child(code) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode < 0
    assert out == "ready\n"


def test_an_anchor_on_sid_hangs() -> None:
    code = 'rules(any={"$ex": {"sid": 1}}); print("ready"); host.assert_fact("rules", {"sid": "1"})'
    assert_hangs(code)


def test_a_rule_of_nothing_but_absence_hangs() -> None:
    code = """
        rules(absent={"$nex": {"p": 1}}, anchor={"anchor": 1})
        print("ready")
        host.assert_fact("rules", {"sid": "1", "anchor": 1})
    """
    assert_hangs(code)


# --------------------------------------------------------------------------------------------------------- actions


def test_an_event_fires_only_one_of_several_rules() -> None:
    rig = Rig(first={"p": 1}, second={"$gt": {"p": 0}})
    rig.host.post("rules", {"sid": "1", "p": 1})
    assert len(rig.fired) == 1


def test_an_action_that_takes_a_second_argument_is_called_asynchronously() -> None:
    rig = Rig()
    rig.host.register_rulesets(
        {
            "two": {
                "first": {"all": [{"m": {"p": 1}}], "run": lambda c, n="first": rig.fired.append(n)},
                "second": rig.rule("second", {"p": 1}),
            }
        }
    )
    rig.host.assert_fact("two", {"sid": "1", "p": 1})
    # It is given a callback for its second argument, and what follows waits until that is called.
    assert len(rig.fired) == 1
    assert callable(rig.fired[0])


def test_an_exception_in_an_action_is_swallowed() -> None:
    rig = Rig()

    def fail(_: Any) -> None:
        raise KeyboardInterrupt

    rig.host.register_rulesets({"bad": {"bad": {"all": [{"m": {"p": 1}}], "run": fail}}})
    state = rig.host.assert_fact("bad", {"sid": "1", "p": 1})
    assert state["exception"].startswith("exception caught")


def test_making_a_ruleset_takes_the_actions_out_of_its_definition() -> None:
    definition = {"rule": {"all": [{"m": {"p": 1}}], "run": lambda c: None}}
    QuietHost().register_rulesets({"rules": definition})
    assert "run" not in definition["rule"]


def test_a_host_starts_two_timer_threads_and_ours_none() -> None:
    before = threading.active_count()
    ours._Host()
    assert threading.active_count() == before
    with child("before = __import__('threading').active_count(); engine.Host(); "
               "print(__import__('threading').active_count() - before)") as process:  # fmt: skip
        assert process.communicate(timeout=60)[0] == "2\n"


def interrupt(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Let the `at`-th update of a state from now be interrupted, as by Ctrl-C."""
    real, calls = durable_rules_engine.update_state, iter(range(1, 1_000_000))

    def update(*arguments: Any) -> Any:
        if next(calls) == at:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(durable_rules_engine, "update_state", update)


def jump(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Let the clock jump by an hour at the `at`-th look at it, as local time does twice a year."""
    real, calls = engine._unix_now, iter(range(1, 1_000_000))
    monkeypatch.setattr(engine, "_unix_now", lambda: real() + (3600 if next(calls) >= at else 0))


def test_rules_of_an_interrupted_fact_fire_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(**{f"r{i}": {"p": 1} for i in range(4)})
    interrupt(monkeypatch, at=2)
    with pytest.raises(KeyboardInterrupt):
        rig.fire(p=1)
    assert rig.fire(q=1) == ["r1", "r2", "r3"]


def test_a_clock_that_jumps_ends_the_actions_and_locks_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(**{f"r{i}": {"p": 1} for i in range(4)})
    jump(monkeypatch, at=4)
    assert rig.fire(p=1) == ["r0", "r1"]
    assert rig.fire(p=1) == []
    assert "anchor" not in rig.fired


def test_a_ruleset_keeps_its_memory_until_state_and_ruleset_are_deleted() -> None:
    code = """
        import sys, durable_rules_engine
        def size(): return int(open("/proc/self/statm").read().split()[1]) * 4096
        def make(count, tidy):
            before = size()
            for number in range(count):
                host = Host()
                made = {f"r{i}": {"all": [{"m": {f"p{i}": 1}}], "run": lambda c: None} for i in range(20)}
                host.register_rulesets({"rules": made})
                host.assert_fact("rules", {"sid": "1", "p1": 1})
                if tidy:
                    handle = host.get_ruleset("rules")._handle
                    durable_rules_engine.delete_state(handle, "1")
                    durable_rules_engine.delete_ruleset(handle)
            return (size() - before) // 1_000_000
        print(make(100, True), make(100, False))
    """
    with child(code) as process:
        tidied, kept = map(int, process.communicate(timeout=60)[0].split())
    assert tidied < 5
    assert kept > 20


# ------------------------------------------------------------------------------- what the engine makes of all this


@pytest.fixture
def checker_and_items() -> tuple[Checker, list[Item]]:
    rules = wide_rules(FLAGS, {"flag0": True}, {"flag1": True}, {"flag2": True})
    library = strategies.load(rules)
    record = {"as_of": "2015-01-01", "records": "complete"}
    stated = [{"flag0": True, "flag1": True, "flag2": True}, {"flag0": False}, {}]
    items = [
        strategies.read_item({**record, "facts": {"treatment": "massage", **facts}}, library) for facts in stated
    ]
    return Checker(library), items


@pytest.mark.parametrize("at", range(1, 7))
def test_an_interrupted_check_leaves_nothing_to_later_ones(
    checker_and_items: tuple[Checker, list[Item]], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    checker, items = checker_and_items
    expected = [as_answer(checker.check_item(item)) for item in items]
    interrupt(monkeypatch, at)
    with pytest.raises(KeyboardInterrupt):
        list(map(checker.check_item, items))
    assert [as_answer(checker.check_item(item)) for item in items] == expected


@pytest.mark.parametrize("at", range(2, 14))
def test_a_clock_that_jumps_changes_no_answer(
    checker_and_items: tuple[Checker, list[Item]], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    checker, items = checker_and_items
    expected = [as_answer(checker.check_item(item)) for item in items]
    jump(monkeypatch, at)
    assert [as_answer(checker.check_item(item)) for item in items] == expected


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (durable_rules_engine.error("Could not assert fact, error code: 303"), "more than 64 conditions true"),
        (engine.MessageObservedException({}), "seen before"),
    ],
)
def test_an_engine_that_keeps_failing_says_so(
    checker_and_items: tuple[Checker, list[Item]],
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    words: str,
) -> None:
    checker, items = checker_and_items
    expected = as_answer(checker.check_item(items[0]))

    def fail(*_: Any) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(engine.Ruleset, "assert_fact", fail)
        with pytest.raises(EngineFaultError, match=words):
            checker.check_item(items[0])
    assert as_answer(checker.check_item(items[0])) == expected


def _rulesets_deleted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    deleted: list[int] = []
    real: Callable[[int], None] = durable_rules_engine.delete_ruleset
    monkeypatch.setattr(
        durable_rules_engine, "delete_ruleset", lambda handle: (deleted.append(handle), real(handle))
    )
    return deleted


def test_rulesets_go_with_their_checker(
    checker_and_items: tuple[Checker, list[Item]], monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = _rulesets_deleted(monkeypatch)
    library = checker_and_items[0].library
    checker = Checker(library)
    for item in checker_and_items[1]:
        checker.check_item(item)
    assert deleted == []
    del checker
    assert len(deleted) == 1


def test_rulesets_that_misbehaved_are_left_alone(
    checker_and_items: tuple[Checker, list[Item]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleting them could crash."""
    checker, items = checker_and_items
    deleted = _rulesets_deleted(monkeypatch)
    interrupt(monkeypatch, at=1)
    with pytest.raises(KeyboardInterrupt):
        checker.check_item(items[0])
    checker.check_item(items[0])
    assert deleted == []
