"""The questions of the durable engine answered by walking the conditions.

For searching only: a search for remedies tries many variants of an item, and what it finds is checked again by
durable-rules before anyone sees it.
"""

from __future__ import annotations

from guidecheck.engine.questions import questions
from guidecheck.language.conditions import can_be, evaluate
from guidecheck.language.deriving import Known
from guidecheck.library.models import Guideline


class InterpretedEngine:
    """Answers the same questions as `DurableEngine`."""

    def answers(self, guideline: Guideline, known: Known) -> set[str]:
        """Return the questions about a guideline that are answered with yes for an item."""
        partial = bool(known.unknown)
        found = set()
        for question in questions(guideline, partial=partial):
            condition, wanted = question.condition, question.wanted
            if question.possibly:
                yes = can_be(condition, wanted, known.values, known.unknown)
            else:
                yes = evaluate(condition, known.values) is wanted
            if yes:
                found.add(question.name)
        return found
