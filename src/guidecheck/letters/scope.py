"""Which item a clause can be about: its part of the body, its claim, and whether it counts visits."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from guidecheck.letters.expressions import expression
from guidecheck.letters.headings import OTHER, Asked, WordFinder
from guidecheck.letters.pattern_words import ScopeWords


class Scope:
    """Tells by `scope` of `headings.yaml` what is said of another part of the body, claim or kind of treatment."""

    def __init__(self, words: ScopeWords, regions: WordFinder) -> None:
        self._regions = regions
        # A wide name stands for several regions.
        self._wide = WordFinder({word: " ".join(values) for word, values in words.wide.items()})
        self._visits = expression(words.of_visits)
        self._motion = expression(words.motion.replace("{region}", f"(?:{regions.alternatives()})"))
        self._other_injury = expression(words.other_injury)
        self._next_count = expression(words.next_count)
        self._in_parts = expression(words.in_parts)

    def of_visits(self, text: str) -> bool:
        """Tell whether a text speaks of a number of visits, which no drug has."""
        return self._visits.search(text) is not None

    def same_region(self, text: str, item: Asked) -> bool:
        """Tell whether a text may be about an item's part of the body: it names that, or none."""
        return _may_be(self._named(text), item)

    def counts_for(self, before: str, behind: str, rest: str, item: Asked) -> bool:
        """Tell whether a number of visits may be of an item's part of the body.

        `before` is the clause up to the number's end, `behind` what follows in it, `rest` that of the sentence.
        """
        parts = self._in_parts.match(rest)
        if parts and not self._named(parts[0]) and self._named(rest):
            return False
        other = self._next_count.search(behind)
        behind = behind[: other.start()] if other else behind
        return _may_be(self._named(behind) or self._named(before), item)

    def moves_another(self, text: str, item: Asked) -> bool:
        """Tell whether a text tells how far another part of the body moves."""
        named = set(chain.from_iterable(self._named(match[0]) for match in self._motion.finditer(text)))
        return not _may_be(named, item)

    def of_another_injury(self, text: str, year: str) -> bool:
        """Tell whether a text speaks of an injury of other years than the claim's alone."""
        years = {year for match in self._other_injury.finditer(text) for year in match.groups() if year}
        return bool(year and years) and year not in years

    def _named(self, text: str) -> set[str]:
        named: set[str] = set()
        for value, start, end in self._regions.find(text):
            named.add(value)
            if value != OTHER:
                text = text[:start] + "#" * (end - start) + text[end:]
        return named.union(*(values.split() for values, _, _ in self._wide.find(text)))


def _may_be(named: Collection[str], item: Asked) -> bool:
    wanted = item.facts.get("body_region", ())
    return not wanted or not named or not set(named).isdisjoint(wanted)  # type: ignore[arg-type]
