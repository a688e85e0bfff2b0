"""Made-up cases by the vocabulary, for the benchmarks: as random as the shipped rules can tell apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TREATMENTS = ["massage_therapy", "manipulation", "physical_therapy", "exercise", "aquatic_therapy", "acupuncture"]
REGIONS = ["low_back", "neck", "shoulder", "low_back;neck", "knee", "upper_back"]
DIAGNOSES = ["myalgia_myositis", "neuralgia_radiculitis", "crps", "sprain_strain", "spinal_pain;sprain_strain"]
YES_NO = ["yes", "no", ""]


def make_cases(count: int, seed: int = 1, start: int = 0) -> pa.Table:
    """Return cases as a table of texts, as a CSV file would have them; `start` numbers the first."""
    draw = np.random.default_rng(seed + start)

    def one_of(words: list[str], chances: list[float] | None = None) -> pa.Array:
        return pa.array(words).take(pa.array(draw.choice(len(words), count, p=chances)))

    days = draw.integers(np.datetime64("2013-01-01").astype(int), np.datetime64("2016-07-01").astype(int), count)
    numbers = pa.array(np.arange(start, start + count))
    return pa.table(
        {
            "case_id": pc.binary_join_element_wise("case", numbers.cast(pa.string()), "-"),
            "item_id": one_of(["item-1", "item-2"]),
            "as_of": pa.array(days.astype("datetime64[D]")).cast(pa.string()),
            "records": one_of(["complete", "partial"], [0.9, 0.1]),
            "treatment": one_of(TREATMENTS, [0.3, 0.25, 0.25, 0.1, 0.05, 0.05]),
            "body_region": one_of(REGIONS),
            "diagnosis_group": one_of(DIAGNOSES),
            "age": pa.array(draw.integers(20, 75, count)).cast(pa.string()),
            "sex": one_of(["F", "M"]),
            "pain_phase": one_of(["chronic", "acute", ""]),
            "requested_visits": pa.array(draw.integers(1, 18, count)).cast(pa.string()),
            "prior_visits": one_of(["0", "4", "6", "12", "24", ""]),
            "functional_improvement": one_of(YES_NO),
            "functional_deficits": one_of(YES_NO),
            "exercise_program": one_of(YES_NO),
            "home_program": one_of(YES_NO),
            "fading": one_of(YES_NO),
            "returned_to_work": one_of(YES_NO),
            "flare_up": one_of(["", "yes"], [0.9, 0.1]),
            "actual": one_of(["upheld", "overturned"], [0.87, 0.13]),
        }
    )
