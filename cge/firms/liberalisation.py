"""What heterogeneous firms add to a fall in trade costs: Melitz against Krugman with the same firms frozen (chapter, section 6.3, in words there).

The Krugman twin has the primitives of the Melitz industry, free entry included, but firms do not choose: the probabilities of producing and of
exporting, and the average productivities of both groups, stay at their Melitz values under one iceberg cost τ0. There both coincide in shares,
masses and welfare, and to first order in the effect of τ, d ln U = −(1−λ) d ln τ; away from it the twin lacks the margin of selection. A second
twin is made in the closed economy: one productivity φ̃ for all producers, who all export where that pays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.errors import DataError
from cge.firms.closed_economy import krugman
from cge.firms.industry import Industry
from cge.firms.productivity import tail_moment
from cge.firms.symmetric import Equilibrium, equilibrium

COLUMNS = {
    "frozen_at": "τ0, the iceberg cost at which the twin is frozen",
    "welfare": "U of a Melitz worker, real wage",
    "welfare_ratio": "U over U at τ0, Melitz",
    "gains_pct": "gains from trade, percent: 100·(1 − U in autarky/U), Melitz",
    "gains_same_share_pct": "what a Krugman model infers from Melitz' own domestic share, percent: 100·(1 − λ^(1/(σ−1)))",
    "trade_elasticity": "−d ln[(1−λ)/λ]/d ln τ, Melitz; NaN where nobody exports",
    "domestic_share": "λ, own goods in spending, Melitz",
    "cutoff": "φ*, productivity of the marginal producer",
    "export_cutoff": "φ*_X, productivity of the marginal exporter",
    "demand": "B, labour: a firm's variable profits at home over φ^(σ−1)",
    "exporter_demand": "B(1 + (N−1)τ^(1−σ)), labour: an exporter's variable profits over φ^(σ−1)",
    "average_revenue": "per producer, labour",
    "entrants": "M_E of a country, mass of firms",
    "firms": "M of a country, mass of firms that produce",
    "varieties": "on sale in a country, mass of firms",
    "exporters_per_firm": "share of producers that export",
    "twin_welfare": "U of the twin frozen at τ0",
    "twin_welfare_ratio": "the same over U at τ0",
    "twin_gains_pct": "gains from trade of the twin, percent: 100·(1 − λ^(1/(σ−1))) at its own λ",
    "twin_trade_elasticity": "−d ln[(1−λ)/λ]/d ln τ of the twin, σ − 1; NaN where nobody exports at τ0",
    "twin_domestic_share": "λ of the twin",
    "twin_demand": "B of the twin, labour",
    "twin_entrants": "M_E of the twin, the same for every τ",
    "twin_firms": "M of the twin, the same for every τ",
    "closed_twin_welfare": "U of the twin made in the closed economy",
    "closed_twin_exports": "whether that twin's firms export",
}
"""Columns of `liberalisation`: what each holds, and its unit."""


class Twin(NamedTuple):
    """The Krugman twin frozen at τ0, per entrant; every τ follows from it.

    Attributes:
        outlay: F = f_E + f·[1 − G(φ*)] + (N−1) f_X [1 − G(φ*_X)], fixed labour.
        sold, exported: T, T_X = ∫ φ^(σ−1) dG above the frozen cutoffs φ*, φ*_X.
        survival: 1 − G(φ*).
    """

    outlay: float
    sold: float
    exported: float
    survival: float


def liberalisation(industry: Industry, icebergs: Iterable[float]) -> pd.DataFrame:
    """Symmetric countries under each iceberg cost: Melitz, its Krugman twin frozen at τ0 = `industry.iceberg`, and the twin of the closed economy.

    Welfare of Melitz is never below the frozen twin's, whose cutoffs it could have chosen: more is gained from a fall in τ, less lost from a rise.
    But gains from trade *at a given domestic share* are smaller in Melitz (`gains_pct` against `gains_same_share_pct`): its trade reacts more.

    Args:
        industry: at least two countries; its `iceberg` is τ0.
        icebergs: the grid of τ, each at least 1.

    Returns:
        One row for each τ (index `iceberg`), the columns of `COLUMNS`.

    Raises:
        DataError: a closed economy, an empty grid, a τ below 1 or not finite.
    """
    grid = [float(tau) for tau in icebergs]
    faults = [f"icebergs: {tau:g}, but an iceberg cost must be at least 1 and finite." for tau in grid if not 1 <= tau < np.inf]
    if industry.countries == 1:
        faults.append("countries = 1, but there is no trade to liberalise in a closed economy.")
    if not grid:
        faults.append("icebergs: the grid is empty; give at least one iceberg cost.")
    if faults:
        raise DataError(faults)
    start, autarky = equilibrium(industry), equilibrium(replace(industry, countries=1))
    frozen, alike = twin(industry, start), krugman(industry)
    rows = [
        {"frozen_at": industry.iceberg}
        | _melitz(here, start, autarky)
        | _frozen(here, frozen, start)
        | _closed(replace(alike, iceberg=here.iceberg))
        for here in (replace(industry, iceberg=tau) for tau in grid)
    ]
    return pd.DataFrame(rows, index=pd.Index(grid, name="iceberg"), columns=list(COLUMNS))


def twin(industry: Industry, start: Equilibrium) -> Twin:
    """The Krugman twin of an industry frozen at its equilibrium `start`."""
    sold, exported = tail_moment(industry.productivity, industry.sigma, [start.cutoff, start.export_cutoff]).tolist()
    fixed = start.survival * (industry.home_fixed_cost + industry.export_outlay * start.exporters_per_firm)
    return Twin(industry.entry_cost + fixed, sold, exported, start.survival)


def _melitz(industry: Industry, start: Equilibrium, autarky: Equilibrium) -> dict[str, float]:
    """What Melitz firms do under an industry's τ."""
    found = equilibrium(industry)
    return found._asdict() | {
        "welfare_ratio": found.welfare / start.welfare,
        "gains_pct": 100 * (1 - autarky.welfare / found.welfare),
        "gains_same_share_pct": _krugman_gains(industry, found.domestic_share),
    }


def _frozen(industry: Industry, frozen: Twin, start: Equilibrium) -> dict[str, float]:
    """The twin under an industry's τ: B = F/[T + (N−1)τ^(1−σ) T_X], M_E = L/(σF), Û = (λ/λ0)^(−1/(σ−1))."""
    market = frozen.sold + industry.market_access * frozen.exported
    share = frozen.sold / market
    ratio = float((share / start.domestic_share) ** (-1 / (industry.sigma - 1)))
    entrants = industry.labour / (industry.sigma * frozen.outlay)
    return {
        "twin_welfare": ratio * start.welfare,
        "twin_welfare_ratio": ratio,
        "twin_gains_pct": _krugman_gains(industry, share),
        "twin_trade_elasticity": industry.sigma - 1 if frozen.exported > 0 else np.nan,
        "twin_domestic_share": share,
        "twin_demand": frozen.outlay / market,
        "twin_entrants": entrants,
        "twin_firms": entrants * frozen.survival,
    }


def _closed(twin: Industry) -> dict[str, float | bool]:
    """The closed economy's twin under trade: all firms export if τ^(1−σ)(f + f_E/[1 − G(φ*)]) > f_X, none otherwise."""
    found = equilibrium(twin)
    return {"closed_twin_welfare": found.welfare, "closed_twin_exports": found.exporters_per_firm > 0}


def _krugman_gains(industry: Industry, share: float) -> float:
    return float(100 * (1 - share ** (1 / (industry.sigma - 1))))
