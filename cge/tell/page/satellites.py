"""What the page carries of satellite accounts: amounts of producers and of final buyers, their changes, and what leaks abroad in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cge.tell.page.numbers import rounded
from cge.tell.question import Results
from cge.tell.satellites import leak


def satellites(results: Results) -> list[dict[str, Any]] | None:
    """For each account its `name`, by place (countries, then `World` and groups) `producer` and `buyer` of the benchmark and their changes, and what
    it `said` of who acts; None where the folder has no accounts.
    """
    if "satellites" not in results.tables:
        return None
    every = pd.concat([results.tables["satellites"], results.tables["satellite_groups"]], ignore_index=True)
    rows = dict(list(every.groupby("name", sort=False)))
    return [
        {
            "name": one["name"],
            **{side: rounded(rows[one["name"]][f"{side}_benchmark"]) for side in SIDES},
            **{f"{side}Change": rounded(rows[one["name"]][side] - rows[one["name"]][f"{side}_benchmark"]) for side in SIDES},
            "said": leak(one, results.summary["satellites"]["home"], results.told),
        }
        for one in results.summary["satellites"]["accounts"]
    ]


SIDES = ("producer", "buyer")
"""Who has an amount: columns of satellites.csv."""
