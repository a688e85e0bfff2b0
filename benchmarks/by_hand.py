"""What an expert would write by hand for some treatments of the shipped rules: SQL, a GoRules decision, a loop.

They answer complete records of generated cases (`cases.py`) as of 2013 to July 2016, whose facts are few: most of
the rules' questions are undocumented in all of them. The criteria of a mask are named by bit. They hold for the
rules as shipped: `bench_batch.py` compares the answers, and a test runs it, so that a change of the rules shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

FIRST_COLUMNS = """
  "f:requested_visits" AS visits, coalesce("f:prior_visits" > 0, false) AS prior,
  coalesce("f:functional_improvement", false) AS better,
  coalesce(NOT "f:functional_improvement", false) AS no_better,
  "f:body_region=low_back" AS back, "f:body_region=neck" AS neck, "f:body_region=upper_back" AS upper_back
"""

MASSAGE = (
    [
        "acoem-2004-massage.acute-low-back",
        "acoem-2004-massage.function",
        "mtus-2009-massage.adjunct",
        "mtus-2009-massage.visits",
        "mtus-2009-massage.repeat-visits",
        "mtus-2009-massage.earlier-visits",
        "mtus-2009-massage.total-visits",
        "mtus-2009-massage.total-visits-low-back",
        "acoem-low-back-massage.functional-improvement",
        "odg-low-back-massage.functional-improvement",
        "mtus-definitions-functional-improvement.functional-improvement",
    ],
    f"""
WITH facts AS (
  SELECT item, {FIRST_COLUMNS}, coalesce("f:exercise_program", false) AS exercise,
    coalesce("f:pain_phase" = 'acute', false) AS acute, "f:as_of" >= DATE '2016-02-24' AS late,
    CASE WHEN "f:flare_up" THEN 0 ELSE coalesce("f:prior_visits", 0) END AS counted
  FROM cases
), steps AS (
  SELECT *, visits > 6 AS many, acute AND back AS ruled_out, acute AND (neck OR upper_back) AS function,
    prior AND NOT better AS stays, prior AND back AND late AS by_acoem,
    prior AND back AND NOT (better AND late) AS by_odg, prior AND NOT (better AND back) AS by_definition,
    prior AND NOT back AND counted + visits > 6 AS beyond_six, prior AND back AND counted + visits > 18 AS beyond
  FROM facts
), topics AS (
  SELECT *, NOT exercise OR many OR stays OR ruled_out OR function OR beyond_six OR beyond AS upheld,
    many OR (prior AND no_better) OR ruled_out OR beyond AS failed
  FROM steps
)
SELECT item,
  CASE WHEN upheld THEN 'upheld' ELSE 'overturned' END AS outcome,
  CASE WHEN failed THEN 'failed' WHEN upheld THEN 'undocumented' ELSE 'met' END AS basis,
  ruled_out::BIGINT | (function::BIGINT << 1) | 36 | ((NOT prior)::BIGINT << 3) | (prior::BIGINT << 4)
    | ((prior AND NOT back)::BIGINT << 6) | ((prior AND back)::BIGINT << 7)
    | (by_acoem::BIGINT << 8) | (by_odg::BIGINT << 9) | (by_definition::BIGINT << 10) AS controlling,
  ruled_out::BIGINT | (function::BIGINT << 1) | ((NOT exercise)::BIGINT << 2) | ((many AND NOT prior)::BIGINT << 3)
    | ((many AND prior)::BIGINT << 4) | (beyond_six::BIGINT << 6) | (beyond::BIGINT << 7)
    | ((by_acoem AND NOT better)::BIGINT << 8) | ((by_odg AND NOT better)::BIGINT << 9)
    | ((by_definition AND NOT better)::BIGINT << 10) AS unmet
FROM topics
""",
)

ACUPUNCTURE = (
    [
        "mtus-acupuncture.role",
        "mtus-acupuncture.trial",
        "mtus-acupuncture.frequency",
        "mtus-acupuncture.duration",
        "mtus-acupuncture.functional-improvement",
    ],
    f"""
WITH facts AS (
  SELECT item, {FIRST_COLUMNS}, coalesce("f:exercise_program", false) AS exercise FROM cases
), steps AS (
  SELECT *, NOT prior AND visits > 6 AS many, prior AND NOT better AS stays FROM facts
), topics AS (
  SELECT *, NOT exercise OR many OR stays AS upheld, many OR (prior AND no_better) AS failed FROM steps
)
SELECT item,
  CASE WHEN upheld THEN 'upheld' ELSE 'overturned' END AS outcome,
  CASE WHEN failed THEN 'failed' WHEN upheld THEN 'undocumented' ELSE 'met' END AS basis,
  5 | ((NOT prior)::BIGINT << 1) | ((NOT prior)::BIGINT << 3) | (prior::BIGINT << 4) AS controlling,
  (NOT exercise)::BIGINT | (many::BIGINT << 1) | (stays::BIGINT << 4) AS unmet
FROM topics
""",
)

MANIPULATION = (
    [
        "mtus-2009-manipulation.region",
        "mtus-2009-manipulation.trial",
        "mtus-2009-manipulation.trial-elsewhere",
        "mtus-2009-manipulation.earlier-visits",
        "mtus-2009-manipulation.course",
        "mtus-2009-manipulation.flare-up",
        "mtus-2009-manipulation.flare-up-interval",
        "mtus-2009-manipulation.functional-improvement",
        "mtus-2009-manipulation.duration",
        "odg-manipulation.prior-success",
        "acoem-low-back-manipulation.duration",
        "odg-manipulation.course",
    ],
    f"""
WITH facts AS (
  SELECT item, {FIRST_COLUMNS}, coalesce("f:flare_up", false) AS flare, coalesce("f:prior_visits", 0) AS had,
    coalesce("f:returned_to_work", false) AS works, coalesce(NOT "f:returned_to_work", false) AS no_work,
    "f:body_region=knee" AS knee, "f:as_of" >= DATE '2016-02-24' AS late,
    "f:body_region=neck" AND "f:diagnosis_group=neuralgia_radiculitis" AS neck_nerve,
    "f:body_region=shoulder" AND "f:diagnosis_group=sprain_strain" AS sprained_shoulder
  FROM cases
), steps AS (
  SELECT *, back OR neck OR upper_back AS spine, visits > 6 AS many FROM facts
), limits AS (
  SELECT *, spine AND NOT prior AS trial, NOT spine AND NOT prior AS elsewhere,
    spine AND prior AND NOT flare AS course, prior AND flare AS again, spine AND prior AND flare AS again_spine,
    had + visits > 18 AS beyond, NOT (works AND visits <= 2) AS again_unmet, no_work OR visits > 2 AS again_failed,
    sprained_shoulder AND prior AND NOT flare AS shoulder, had + visits > 9 AS beyond_nine
  FROM steps
), topics AS (
  SELECT *, knee OR (NOT prior AND many) OR (course AND beyond) OR (shoulder AND beyond_nine)
      OR (again_spine AND again_unmet) OR (prior AND NOT better) AS upheld,
    knee OR (NOT prior AND many) OR (course AND beyond) OR (shoulder AND beyond_nine)
      OR (again_spine AND again_failed) OR (prior AND no_better) AS failed
  FROM limits
)
SELECT item,
  CASE WHEN upheld THEN 'upheld' ELSE 'overturned' END AS outcome,
  CASE WHEN failed THEN 'failed' WHEN upheld THEN 'undocumented' ELSE 'met' END AS basis,
  knee::BIGINT | (trial::BIGINT << 1) | (elsewhere::BIGINT << 2) | 8 | (course::BIGINT << 4)
    | (again_spine::BIGINT << 5) | (again::BIGINT << 6) | (prior::BIGINT << 7) | ((NOT flare)::BIGINT << 8)
    | (neck_nerve::BIGINT << 9) | ((flare AND back AND late)::BIGINT << 10)
    | (shoulder::BIGINT << 11) AS controlling,
  knee::BIGINT | ((trial AND many)::BIGINT << 1) | ((elsewhere AND many)::BIGINT << 2)
    | ((course AND beyond)::BIGINT << 4) | ((again_spine AND again_unmet)::BIGINT << 5)
    | ((prior AND NOT better)::BIGINT << 7) | ((shoulder AND beyond_nine)::BIGINT << 11) AS unmet
FROM topics
""",
)

QUERIES = {"massage_therapy": MASSAGE, "manipulation": MANIPULATION, "acupuncture": ACUPUNCTURE}
"""The criteria of the masks, and the query, by treatment."""

# The same of massage as a decision of GoRules, in its expression language; first, what makes a criterion unmet.
_UNMET = {
    "acoem-2004-massage.acute-low-back": "$.ruled_out",
    "acoem-2004-massage.function": "$.function",
    "mtus-2009-massage.adjunct": "$.adjunct",
    "mtus-2009-massage.visits": "$.many and not $.prior",
    "mtus-2009-massage.repeat-visits": "$.many and $.prior",
    "mtus-2009-massage.total-visits": "$.beyond_six",
    "mtus-2009-massage.total-visits-low-back": "$.beyond",
    "acoem-low-back-massage.functional-improvement": "$.stays and $.back and $.late",
    "odg-low-back-massage.functional-improvement": "$.stays and $.back",
    "mtus-definitions-functional-improvement.functional-improvement": "$.stays",
}
_EXPRESSIONS = {
    "back": "'low_back' in regions",
    "prior": "prior_visits != null and prior_visits > 0",
    "acute": "pain_phase == 'acute'",
    "late": "date(as_of) >= date('2016-02-24')",
    "many": "requested_visits > 6",
    "in_all": "$.prior and flare_up != true ? prior_visits + requested_visits : requested_visits",
    "beyond_six": "$.prior and not $.back and $.in_all > 6",
    "beyond": "$.prior and $.back and $.in_all > 18",
    "ruled_out": "$.acute and $.back",
    "function": "$.acute and ('neck' in regions or 'upper_back' in regions)",
    "adjunct": "not (exercise_program == true)",
    "stays": "$.prior and not (functional_improvement == true)",
    "upheld": "$.adjunct or $.many or $.stays or $.ruled_out or $.function or $.beyond_six or $.beyond",
    "failed": "$.many or ($.prior and functional_improvement == false) or $.ruled_out or $.beyond",
    "outcome": "$.upheld ? 'upheld' : 'overturned'",
    "basis": "$.failed ? 'failed' : $.upheld ? 'undocumented' : 'met'",
    "unmet": "filter([" + ", ".join(f"({when}) ? '{name}' : ''" for name, when in _UNMET.items()) + "], # != '')",
}


def zen_decision() -> Callable[[Mapping[str, Any]], tuple[str, str, list[str]]]:
    """Return a GoRules decision for massage: outcome, basis and unmet criteria of a case."""
    import zen

    at = {"position": {"x": 0, "y": 0}}
    steps = [{"id": key, "key": key, "value": value} for key, value in _EXPRESSIONS.items()]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", **at},
        {"id": "rules", "type": "expressionNode", "name": "rules", "content": {"expressions": steps}, **at},
        {"id": "out", "type": "outputNode", "name": "out", **at},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "rules"},
        {"id": "2", "type": "edge", "sourceId": "rules", "targetId": "out"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def answer(case: Mapping[str, Any]) -> tuple[str, str, list[str]]:
        found = decision.evaluate(case)["result"]
        return found["outcome"], found["basis"], found["unmet"]

    return answer


def in_python(case: Mapping[str, Any]) -> tuple[str, str, list[str]]:
    """Return outcome, basis and unmet criteria of a massage case, as plain Python has it."""
    regions, acute, visits = case["regions"], case["pain_phase"] == "acute", case["requested_visits"]
    back = "low_back" in regions
    prior = case["prior_visits"] is not None and case["prior_visits"] > 0
    improvement = case["functional_improvement"]
    unmet = []
    failed = False
    if acute and back:
        unmet.append("acoem-2004-massage.acute-low-back")
        failed = True
    if acute and ("neck" in regions or "upper_back" in regions):
        unmet.append("acoem-2004-massage.function")
    if case["exercise_program"] is not True:
        unmet.append("mtus-2009-massage.adjunct")
    if visits > 6:
        unmet.append("mtus-2009-massage.repeat-visits" if prior else "mtus-2009-massage.visits")
        failed = True
    if prior:
        in_all = visits if case["flare_up"] else case["prior_visits"] + visits
        if back and in_all > 18:
            unmet.append("mtus-2009-massage.total-visits-low-back")
            failed = True
        elif not back and in_all > 6:
            unmet.append("mtus-2009-massage.total-visits")
        if improvement is not True:
            if back and case["as_of"] >= "2016-02-24":
                unmet.append("acoem-low-back-massage.functional-improvement")
            if back:
                unmet.append("odg-low-back-massage.functional-improvement")
            unmet.append("mtus-definitions-functional-improvement.functional-improvement")
            failed = failed or improvement is False
    if failed:
        return "upheld", "failed", unmet
    return ("upheld", "undocumented", unmet) if unmet else ("overturned", "met", unmet)
