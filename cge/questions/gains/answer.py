"""Gains from trade and their output folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cge.data.files.formats import write_csv, write_json
from cge.errors import InputError, SolveError
from cge.questions.datasets import in_words
from cge.questions.solve import ready
from cge.questions.sweep.combinations import Scenarios, draws_alone
from cge.questions.sweep.uncertainty import moments
from cge.questions.write import produce
from cge.results.gains import Gains, gains
from cge.runfile.case import Case
from cge.runfile.making import make_case
from cge.runfile.scenarios import stated
from cge.solve.counterfactual import Report
from cge.tell.provenance import summary

LEADS = "gains_from_trade_pct"


@dataclass(frozen=True, eq=False)
class Drawn:
    """Gains from trade, and over draws of elasticities where these are asked for.

    Attributes:
        found: at the elasticities of the run file.
        bands: `country, statistic, draws, failed, mean, sd, p05, p25, median, p75, p95`; None without draws. A country that has no number under some
            draw has none here.
    """

    found: Gains
    bands: pd.DataFrame | None = None


def write_gains(case: Case, folder: Path, report: Report | None = None, draws: bool = False) -> Drawn:
    """Gains from trade of a case and their output folder; raises as `write_run`.

    Args:
        draws: also over the draws of [sweep.draws].

    Raises:
        RunFileError: there are none.
    """
    scenarios = draws_alone(case) if draws else None

    def work(fresh: Path) -> Drawn:
        found = _gains(case, report)
        bands = None if scenarios is None else over_draws(case, scenarios)
        write_csv(found.table, fresh / "gains.csv")
        if bands is not None:
            write_csv(bands, fresh / "bands.csv")
        answer = Drawn(found, bands)
        write_json(gains_summary(answer, case), fresh / "summary.json")
        return answer

    return produce(case, folder, work)


def _gains(case: Case, report: Report | None = None) -> Gains:
    """Gains from trade of a case."""
    start = ready(case)
    return gains(start.benchmark, case.exponents, case.shock, tolerance=case.tolerance, report=report)


def over_draws(case: Case, scenarios: Scenarios) -> pd.DataFrame:
    """`Drawn.bands`; draws that a model refuses are counted and left out."""
    values = np.full((len(scenarios), len(case.countries)), np.nan)
    solved = np.zeros(len(scenarios), dtype=bool)
    for number in range(len(scenarios)):
        table = scenarios.table(case.table, number)
        try:
            found = _gains(make_case(table, case.text, case.path, case.cache, stated(table, scenarios.follows)))
            values[number], solved[number] = found.table[LEADS].to_numpy(float), True
        except (InputError, SolveError):
            continue
    about = {"country": case.countries, "statistic": LEADS, "draws": int(solved.sum()), "failed": int((~solved).sum())}
    return pd.DataFrame({**about, **moments(values[solved])})


def gains_summary(answer: Drawn, case: Case) -> dict[str, object]:
    """The keys of summary.json for gains from trade: those of the equilibrium they are measured from, their mean weighted by income, why a country
    has no number, draws.
    """
    kept = {
        "run_file_text": case.text,
        "economy_attributes": case.attrs,
        "names": in_words(case),
    }  # other folders keep these in their netCDF
    found, bands = answer.found, answer.bands
    income, known = found.solution.reference.values.income, found.table[LEADS].notna().to_numpy()
    mean = float(np.average(found.table[LEADS].to_numpy()[known], weights=income[known])) if known.any() else None
    drawn = {} if bands is None else {"draws": int(bands["draws"].iloc[0]), "failed": int(bands["failed"].iloc[0])}
    return {**summary(found.solution, case), "average": {"gains_from_trade_pct": mean}, "reasons": found.reasons, **drawn, **kept}
