"""Liberalisation in the short and in the long run, and the tariff that is best for a country (chapter, section 8)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.errors import DataError, Outcome, SolveError, nearest
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.equilibrium import QuadraticEquilibrium, quadratic_equilibrium

TOLD = ("cutoff", "entrants", "consumer_surplus", "profit_income", "revenue_income", "welfare")
"""What `liberalisation_paths` tells of a country."""

STEP = 2e-3
"""Step of the differences in 1 + t by which the slope of welfare is taken, with an error of the fourth order."""


def liberalisation_paths(economy: QuadraticEconomy, changes: Mapping[str, QuadraticEconomy]) -> pd.DataFrame:
    """A base and what follows each change: at once, with the base's entrants, and after entry.

    In the short run consumer surplus rises in the markets that open and stays elsewhere; with profits as income an outsider, and near autarky even
    the country that opens, may lose. In the long run production moves to where it sells to an open market from behind a closed border: a
    country that opens alone loses as long as it has entrants, and gains from still cheaper imports once the last has gone.

    Args:
        changes: economies by name, as `replace(economy, iceberg=…)`.

    Returns:
        One row for each `change`, `run` (`base`, `short`, `long`) and `country`: `cutoff`, `entrants`, and per head `consumer_surplus`,
        `profit_income`, `revenue_income` and `welfare`.

    Raises:
        DataError: an economy with other countries, or one without equilibrium.
    """
    faults = [f"changes: {name} has other countries than the base." for name, other in changes.items() if other.names != economy.names]
    if faults:
        raise DataError(faults)
    base = quadratic_equilibrium(economy)
    rows = [(name, run, base if run == "base" else quadratic_equilibrium(other, base.entrants if run == "short" else None))
            for name, other in changes.items() for run in ("base", "short", "long")]  # fmt: skip
    labels = [(name, run, country) for name, run, _ in rows for country in economy.names]
    table = pd.DataFrame(labels, columns=["change", "run", "country"])
    return table.assign(**{word: np.concatenate([getattr(found, word) for *_, found in rows]) for word in TOLD})


class BestTariff(NamedTuple):
    """The best rate, the equilibrium under it, welfare per head of the country there and at a rate of zero, and whether the best is at a kink or
    an end of the range, where the slope of welfare is not zero.
    """

    rate: float
    equilibrium: QuadraticEquilibrium
    welfare: float
    welfare_at_zero: float
    kink: bool


def best_tariff(
    economy: QuadraticEconomy,
    importer: str,
    exporters: Sequence[str] = (),
    entrants: npt.ArrayLike | None = None,
    highest: float = 3.0,
    steps: int = 30,
) -> BestTariff:
    """The ad valorem rate on all imports of a country, or on those from some exporters, that its welfare is highest at.

    A tariff raises welfare twice: by its revenue and, in the long run, by drawing production into the country. Welfare has kinks where a
    country's last entrant goes, so that it is looked for on a grid first; the best point of it is refined to where the slope is zero.

    Args:
        importer, exporters: names; all others, if no exporter is named. Other rates stay as they are.
        entrants: N_E [country] as given: the short run.
        highest: of the rates that are looked at, above zero; steps: of the grid.

    Raises:
        DataError: a country that is not there, a range or grid that is none, an economy without equilibrium.
        SolveError: an equilibrium was not found.
    """
    n, partners = _places(economy, importer, exporters, highest, steps)

    def found(rate: float) -> QuadraticEquilibrium:
        tariff = economy.tariff.copy()
        tariff[n, partners] = rate
        return quadratic_equilibrium(replace(economy, tariff=tariff), entrants)

    def welfare(rate: float) -> float:
        return float(found(rate).welfare[n])

    grid = np.linspace(0.0, highest, steps + 1)
    values = [welfare(rate) for rate in grid]
    top = int(np.argmax(values))
    rate, kink = _refined(welfare, float(grid[max(top - 1, 0)]), float(grid[min(top + 1, steps)]))
    best = found(rate)
    return BestTariff(rate, best, float(best.welfare[n]), values[0], kink)


def _places(economy: QuadraticEconomy, importer: str, exporters: Sequence[str], highest: float, steps: int) -> tuple[int, list[int]]:
    names = economy.names
    faults = [
        f"{kind}: no country {name}.{nearest(name, names)}"
        for kind, asked in (("importer", [importer]), ("exporters", exporters))
        for name in asked
        if name not in names
    ]
    if importer in exporters:
        faults.append(f"exporters: {importer} is the importer; there is no tariff at home.")
    if len(names) == 1:
        faults.append("labour: one country, which imports nothing.")
    if not 0 < highest < math.inf:
        faults.append(f"highest = {highest:g}, but it must be positive and finite.")
    if steps < 2:
        faults.append(f"steps = {steps}, but a grid needs at least 2.")
    if faults:
        raise DataError(faults)
    partners = [names.index(name) for name in exporters] or [i for i, name in enumerate(names) if name != importer]
    return names.index(importer), partners


def _refined(welfare: Callable[[float], float], low: float, high: float) -> tuple[float, bool]:
    """The best rate between two, and whether the slope is other than zero there."""
    from scipy.optimize import brentq, minimize_scalar

    def slope(rate: float) -> float:
        step = STEP * (1 + rate)
        near, far = (welfare(rate + m * step) - welfare(rate - m * step) for m in (1, 2))
        return (8 * near - far) / (12 * step)

    ends = slope(low), slope(high)
    if ends[0] > 0 > ends[1]:
        rate = float(brentq(slope, low, high, xtol=1e-13, rtol=1e-13))
        return rate, abs(slope(rate)) > 1e-6
    if ends[0] <= 0 and ends[1] <= 0:
        return low, ends[0] < -1e-9
    best = minimize_scalar(lambda rate: -welfare(rate), bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    if not best.success:
        raise SolveError(Outcome("not_converged", f"The search for the best tariff stopped: {best.message}"))
    return float(best.x), True
