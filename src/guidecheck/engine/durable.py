"""durable-rules as the judge of one item's criteria; the only module that imports it.

Its edges, found by experiment and from the source of 2.0.28, each behind a test, and what is done about them:

* `Host()` starts timer threads that run other checks' actions: `_Host` starts none.
* `delete_state` crashes where no rule fired: an anchor rule fires for every fact, and each fact is retracted.
* Facts are told apart by a 32-bit hash: one check at a time, under a lock, and nothing is kept.
* Too many rules true at once are an error, or fire exponentially often: see `rulesets`.
* Text, exponents and types are misread: only integers and booleans are asserted, see `compilation`.
* An action cut short (by an interrupt, or by a clock that jumps ten seconds) leaves the rest of its rules to
  fire in a later check, or locks the state for half a minute, in silence: each answer is looked at for the
  anchor, and after anything odd the rulesets are made afresh.
* A ruleset holds half a megabyte until its state and then itself are deleted, which nothing else does.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import durable_rules_engine
from durable.engine import Host, MessageObservedException

from guidecheck.engine.compilation import ALWAYS, NEVER, Expression, Properties
from guidecheck.engine.questions import questions
from guidecheck.engine.rulesets import Layout, PlannedRuleset
from guidecheck.language.deriving import Known
from guidecheck.library.models import Guideline

_SID = "guidecheck"
_ANCHOR = "anchor"
_EXCEPTION = "exception"
"""Where durable-rules writes down what an action raised."""

_ERRORS = {
    "106": "more rules than a ruleset holds",
    "113": "a rule with more than 15 combinators",
    "204": "a number that it cannot read",
    "302": "a fact with more than 253 properties",
    "303": "more than 64 conditions true at once",
}


class EngineFaultError(Exception):
    """durable-rules did not answer, not even from rulesets made afresh; no fault of the rules or the request."""


class _Host(Host):  # type: ignore[misc]
    """A host without the two timer threads that would run actions on their own."""

    def _run(self) -> None:
        pass


class _Registered:
    """Rulesets as they stand in durable-rules, each tidied away with this object."""

    _serial = count()

    def __init__(self, planned: list[PlannedRuleset]) -> None:
        self._fired: set[str] = set()
        prefix = f"g{next(self._serial)}"
        self.rulesets = {f"{prefix}_{index}": ruleset for index, ruleset in enumerate(planned)}
        self._host = _Host()
        definitions = {name: _definition(ruleset, self._fired) for name, ruleset in self.rulesets.items()}
        try:
            self._host.register_rulesets(definitions)
        except durable_rules_engine.error as error:
            raise _fault(error) from error
        # By handle: whether a fact has been asserted, so that there is a state.
        self._handles = {self._host.get_ruleset(name)._handle: False for name in self.rulesets}
        weakref.finalize(self, _delete, self._handles).atexit = False

    def fire(self, name: str, fact: Mapping[str, Any]) -> set[str]:
        """Return the names of a ruleset's rules that fire for a fact.

        Raises:
            EngineFaultError: durable-rules did not answer as it should.
        """
        self._fired.clear()
        # Only a ruleset that answers as it should is tidied away later: on others deletion may crash.
        handle = self._host.get_ruleset(name)._handle
        del self._handles[handle]
        try:
            state = self._host.assert_fact(name, fact)
            self._host.retract_fact(name, fact)
        except (durable_rules_engine.error, MessageObservedException) as error:
            raise _fault(error) from error
        if not state or _EXCEPTION in state or _ANCHOR not in self._fired:
            raise EngineFaultError("durable-rules: actions that were not run to their end")
        self._handles[handle] = True
        return self._fired - {_ANCHOR}


def _fault(error: Exception) -> EngineFaultError:
    """Return one of the library's errors in words."""
    if isinstance(error, MessageObservedException):
        return EngineFaultError("durable-rules: a fact that it has seen before")
    code = str(error).rpartition(" ")[2]
    return EngineFaultError(f"durable-rules: {_ERRORS.get(code, error)}")


def _definition(ruleset: PlannedRuleset, fired: set[str]) -> dict[str, Any]:
    rules = {
        f"r{index}": _rule(expression, name, fired)
        for index, (name, expression) in enumerate(ruleset.rules.items())
    }
    return {**rules, _ANCHOR: {"all": [{"m": {_ANCHOR: 1}}], "run": _note(_ANCHOR, fired)}}


def _rule(expression: Expression, name: str, fired: set[str]) -> dict[str, Any]:
    return {"all": [{"m": expression.definition()}], "run": _note(name, fired)}


def _note(name: str, fired: set[str]) -> Callable[[Any], None]:
    # A closure, since durable-rules calls an action that takes a second argument as an asynchronous one.
    def note(_: Any) -> None:
        fired.add(name)

    return note


def _delete(handles: Mapping[Any, bool]) -> None:
    for handle, has_state in handles.items():
        if has_state:
            durable_rules_engine.delete_state(handle, _SID)
        durable_rules_engine.delete_ruleset(handle)


class CompiledGuideline:
    """A guideline as rulesets: which questions about an item are answered with yes."""

    def __init__(self, guideline: Guideline, *, partial: bool) -> None:
        self._properties = Properties()
        self._layout = Layout()
        self._always: set[str] = set()
        for question in questions(guideline, partial=partial):
            ask = self._properties.compile_possible if question.possibly else self._properties.compile
            expression = ask(question.condition, question.wanted)
            if expression == ALWAYS:
                self._always.add(question.name)
            elif expression != NEVER:
                self._layout.add(question.name, expression)
        self._registered: _Registered | None = None

    def answers(self, known: Known) -> set[str]:
        """Return the names of the questions answered with yes.

        Raises:
            EngineFaultError: durable-rules failed twice.
        """
        facts = self._properties.assertion(known)
        try:
            return self._ask(dict(facts))
        except EngineFaultError:
            return self._ask(dict(facts))

    def _ask(self, facts: dict[str, int | bool]) -> set[str]:
        # Given back only at the end: what is interrupted on the way must not be used again.
        registered, self._registered = self._registered, None
        if registered is None:
            registered = _Registered(list(self._layout.rulesets()))
        found = set(self._always)
        for name, ruleset in registered.rulesets.items():
            fact = {key: value for key, value in facts.items() if key in ruleset.properties}
            fired = registered.fire(name, {"sid": _SID, _ANCHOR: 1, **fact})
            steps = {rule for rule in fired if self._layout.is_step(rule)}
            facts.update(dict.fromkeys(steps, True))
            found |= fired - steps
        self._registered = registered
        return found


class DurableEngine:
    """Answers questions about guidelines, one check at a time; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._compiled: dict[tuple[str, bool], tuple[Guideline, CompiledGuideline]] = {}

    def answers(self, guideline: Guideline, known: Known) -> set[str]:
        """Return the questions about a guideline that are answered with yes for an item (see `questions`)."""
        partial = bool(known.unknown) and any(name in known.unknown for name in _names_read(guideline))
        with self._lock:
            held = self._compiled.get((guideline.id, partial))
            if held is None or held[0] is not guideline:
                held = (guideline, CompiledGuideline(guideline, partial=partial))
                self._compiled[guideline.id, partial] = held
            return held[1].answers(known)


def _names_read(guideline: Guideline) -> Iterator[str]:
    """Yield the facts, cells and listings that a guideline's conditions look up."""
    yield from guideline.facts
    yield from (cell.key for cell in guideline.cells)
    yield from (listing.key for listing in guideline.listings)
