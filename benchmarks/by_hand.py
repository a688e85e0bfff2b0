"""What an expert would write by hand for some treatments of the shipped rules: SQL, a GoRules decision, a loop.

They answer complete records of generated cases (`cases.py`) as of 2013 to July 2016, whose facts are few: most of
the rules' questions are undocumented in all of them. The criteria of a mask are named by bit. They hold for the
rules as shipped when they were written; `bench_batch.py` compares the answers, so a change of the rules shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

FIRST_COLUMNS = """
  "f:requested_visits" AS visits, coalesce("f:prior_visits", 0) AS had,
  coalesce("f:prior_visits" > 0, false) AS prior, coalesce("f:functional_improvement", false) AS better,
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
        "acoem-low-back-massage.functional-improvement",
        "odg-low-back-massage.functional-improvement",
        "mtus-definitions-functional-improvement.functional-improvement",
    ],
    f"""
WITH facts AS (
  SELECT item, {FIRST_COLUMNS}, coalesce("f:exercise_program", false) AS exercise,
    coalesce("f:pain_phase" = 'acute', false) AS acute, "f:as_of" >= DATE '2016-02-24' AS late
  FROM cases
), steps AS (
  SELECT *, visits > 6 AS many, acute AND back AS ruled_out, acute AND (neck OR upper_back) AS function,
    prior AND NOT better AS stays, prior AND back AND late AS by_acoem,
    prior AND back AND NOT (better AND late) AS by_odg, prior AND NOT (better AND back) AS by_definition
  FROM facts
), topics AS (
  SELECT *, NOT exercise OR many OR stays OR ruled_out OR function AS upheld,
    many OR (prior AND no_better) OR ruled_out AS failed
  FROM steps
)
SELECT item,
  CASE WHEN upheld THEN 'upheld' ELSE 'overturned' END AS outcome,
  CASE WHEN failed THEN 'failed' WHEN upheld THEN 'undocumented' ELSE 'met' END AS basis,
  ruled_out::BIGINT | (function::BIGINT << 1) | 4 | ((NOT prior)::BIGINT << 3) | (prior::BIGINT << 4)
    | (by_acoem::BIGINT << 5) | (by_odg::BIGINT << 6) | (by_definition::BIGINT << 7) AS controlling,
  ruled_out::BIGINT | (function::BIGINT << 1) | ((NOT exercise)::BIGINT << 2) | ((many AND NOT prior)::BIGINT << 3)
    | ((many AND prior)::BIGINT << 4) | ((by_acoem AND NOT better)::BIGINT << 5)
    | ((by_odg AND NOT better)::BIGINT << 6) | ((by_definition AND NOT better)::BIGINT << 7) AS unmet
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
        "mtus-2009-manipulation.course",
        "mtus-2009-manipulation.flare-up",
        "mtus-2009-manipulation.functional-improvement",
        "mtus-2009-manipulation.duration",
        "odg-manipulation.course",
        "odg-manipulation.prior-success",
        "acoem-low-back-manipulation.duration",
    ],
    f"""
WITH facts AS (
  SELECT item, {FIRST_COLUMNS}, coalesce("f:flare_up", false) AS flare,
    coalesce("f:returned_to_work", false) AS works, coalesce(NOT "f:returned_to_work", false) AS no_work,
    "f:body_region=knee" AS knee, "f:as_of" >= DATE '2016-02-24' AS late,
    "f:body_region=shoulder" AND "f:diagnosis_group=sprain_strain" AS strained_shoulder,
    "f:body_region=neck" AND "f:diagnosis_group=neuralgia_radiculitis" AS neck_nerve
  FROM cases
), steps AS (
  SELECT *, back OR neck OR upper_back AS spine FROM facts
), limits AS (
  SELECT *, spine AND NOT prior AS trial, NOT spine AND NOT prior AS elsewhere,
    spine AND prior AND NOT flare AS course, spine AND prior AND flare AS again,
    strained_shoulder AND NOT spine AND prior AND NOT flare AS shoulder, NOT flare OR (back AND late) AS lasting,
    visits > 6 AS many, had + visits > 18 AS beyond, had + visits > 9 AS beyond_nine,
    NOT (works AND visits <= 2) AS again_unmet, no_work OR visits > 2 AS again_failed
  FROM steps
), topics AS (
  SELECT *, knee OR (trial AND many) OR (elsewhere AND many) OR (course AND beyond) OR (again AND again_unmet)
      OR (shoulder AND beyond_nine) OR (prior AND NOT better) AS upheld,
    knee OR (trial AND many) OR (elsewhere AND many) OR (course AND beyond) OR (again AND again_failed)
      OR (shoulder AND beyond_nine) OR (prior AND no_better) AS failed,
    knee OR trial OR elsewhere OR course OR again OR shoulder OR prior OR lasting OR neck_nerve AS spoken
  FROM limits
)
SELECT item,
  CASE WHEN upheld THEN 'upheld' WHEN spoken THEN 'overturned' ELSE 'no_guideline' END AS outcome,
  CASE WHEN failed THEN 'failed' WHEN upheld THEN 'undocumented' WHEN spoken THEN 'met' END AS basis,
  knee::BIGINT | (trial::BIGINT << 1) | (elsewhere::BIGINT << 2) | (course::BIGINT << 3) | (again::BIGINT << 4)
    | (prior::BIGINT << 5) | ((NOT flare)::BIGINT << 6) | (shoulder::BIGINT << 7) | (neck_nerve::BIGINT << 8)
    | ((flare AND back AND late)::BIGINT << 9) AS controlling,
  knee::BIGINT | ((trial AND many)::BIGINT << 1) | ((elsewhere AND many)::BIGINT << 2)
    | ((course AND beyond)::BIGINT << 3) | ((again AND again_unmet)::BIGINT << 4)
    | ((prior AND NOT better)::BIGINT << 5) | ((shoulder AND beyond_nine)::BIGINT << 7) AS unmet
FROM topics
""",
)

QUERIES = {"massage_therapy": MASSAGE, "manipulation": MANIPULATION, "acupuncture": ACUPUNCTURE}
"""The criteria of the masks, and the query, by treatment."""

# The same of massage as a decision of GoRules, in its expression language.
_EXPRESSIONS = {
    "back": "'low_back' in regions",
    "prior": "prior_visits != null and prior_visits > 0",
    "better": "functional_improvement == true",
    "acute": "pain_phase == 'acute'",
    "late": "date(as_of) >= date('2016-02-24')",
    "many": "requested_visits > 6",
    "ruled_out": "$.acute and $.back",
    "function": "$.acute and ('neck' in regions or 'upper_back' in regions)",
    "adjunct": "not (exercise_program == true)",
    "by_acoem": "$.prior and $.back and $.late and not $.better",
    "by_odg": "$.prior and $.back and not $.better",
    "by_definition": "$.prior and not $.better",
    "upheld": "$.adjunct or $.many or $.by_definition or $.ruled_out or $.function",
    "failed": "$.many or ($.prior and functional_improvement == false) or $.ruled_out",
    "outcome": "$.upheld ? 'upheld' : 'overturned'",
    "basis": "$.failed ? 'failed' : $.upheld ? 'undocumented' : 'met'",
    "unmet": "filter(["
    + ", ".join(
        f"{condition} ? '{name}' : ''"
        for condition, name in zip(
            [
                "$.ruled_out",
                "$.function",
                "$.adjunct",
                "($.many and not $.prior)",
                "($.many and $.prior)",
                "$.by_acoem",
                "$.by_odg",
                "$.by_definition",
            ],
            MASSAGE[0],
            strict=True,
        )
    )
    + "], # != '')",
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
    regions, acute = case["regions"], case["pain_phase"] == "acute"
    prior = case["prior_visits"] is not None and case["prior_visits"] > 0
    improvement = case["functional_improvement"]
    unmet = []
    ruled_out = acute and "low_back" in regions
    if ruled_out:
        unmet.append(MASSAGE[0][0])
    if acute and ("neck" in regions or "upper_back" in regions):
        unmet.append(MASSAGE[0][1])
    if case["exercise_program"] is not True:
        unmet.append(MASSAGE[0][2])
    many = case["requested_visits"] > 6
    if many:
        unmet.append(MASSAGE[0][4] if prior else MASSAGE[0][3])
    if prior and improvement is not True:
        if "low_back" in regions:
            if case["as_of"] >= "2016-02-24":
                unmet.append(MASSAGE[0][5])
            unmet.append(MASSAGE[0][6])
        unmet.append(MASSAGE[0][7])
    if many or ruled_out or (prior and improvement is False):
        return "upheld", "failed", unmet
    return ("upheld", "undocumented", unmet) if unmet else ("overturned", "met", unmet)
