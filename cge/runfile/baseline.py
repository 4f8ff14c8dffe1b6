"""In what a run file and its baseline must agree."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cge.runfile.case import Case

AGREE = ("model", "transfers", "intermediates", "negative_final_demand", "scale")
"""Keys in which a run file and its baseline must agree, or changes from one to the other would mix two worlds."""


def _disagreements(case: Case, baseline: Case, name: str) -> Iterator[str]:
    """In what a run file and its baseline differ but must agree."""
    same = {key: getattr(case, key) == getattr(baseline, key) for key in AGREE}
    same["economy"] = case.economy is baseline.economy or case.economy.data.equals(baseline.economy.data)
    if same["economy"] and same["model"] and same["scale"]:
        mine, other = case.exponents.on(case.economy.sectors), baseline.exponents.on(case.economy.sectors)
        same["elasticities"] = all(np.array_equal(mine[key], other[key]) for key in mine)
    for key in (key for key, agrees in same.items() if not agrees):
        values = f" ({getattr(case, key)} here, {getattr(baseline, key)} there)" if key in AGREE else ""
        yield f'baseline: "{name}" differs in {key}{values}; changes can be measured only from the same {key}.'
