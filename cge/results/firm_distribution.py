"""From a counterfactual down to firms: who exits, begins to export, grows and shrinks behind the numbers of a Melitz solution.

A firm is its rank u among entrants, the share of them that are at least as productive: under Pareto u = (φmin/φ)^k, uniform on (0, 1]. A firm sells
in market n iff u ≤ u_n = (φmin/φ*_n)^k = N_n/M_E, and then sells in proportion to u^(−(σ−1)/k) (chapter, sections 5.1, 6.1). So within a flow the
firms of ranks up to b ≤ u_n make the share (b/u_n)^(1−(σ−1)/k) of sales. A rank means the same firm before and after, also when productivity changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import InputError, nearest
from cge.solve.firms import Firms, after, before
from cge.solve.solution import Solution

PERCENTILES = (0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0)
"""Of productivity among producers: where bands begin."""


class Cell(NamedTuple):
    """Firms of one country and sector in one equilibrium; arrays over markets.

    Attributes:
        rank: u_n, the highest rank that sells in a market, zero where nothing can be sold; abroad: which markets are foreign.
        flow: sales, money net of tariff; sellers: N_n, mass of firms; outlay: f_n, bundles.
        cost: c, money per bundle; entrants: M_E; log_lower: ln φmin.
        sigma, k: of the sector.
    """

    rank: Array
    abroad: Array
    flow: Array
    sellers: Array
    outlay: Array
    cost: float
    entrants: float
    log_lower: float
    sigma: float
    k: float

    @property
    def producing(self) -> float:
        """The highest rank that sells anywhere."""
        return float(self.rank.max())

    @property
    def exporting(self) -> float:
        """The highest rank that sells abroad."""
        return float(np.where(self.abroad, self.rank, 0.0).max())


def distribution(solution: Solution, country: str, sector: str, percentiles: Sequence[float] = PERCENTILES) -> pd.DataFrame:
    """Firms of a country and sector by productivity, before (`_benchmark`) and after.

    Args:
        solution: of a Melitz model.
        percentiles: where bands of productivity begin, among the firms that produce in the benchmark: increasing, from 0 to below 100.

    Returns:
        One row for each band (index `percentiles`, as "90–95"), less productive entrants who produce only afterwards first (`new`, if any):
        `productivity` at its lower end (units of φmin, before), and with and without `_benchmark` `firms` and `exporters` (mass), `sales` (money,
        all markets, net of tariff), `employment` (bundles of inputs, fixed costs included, entry costs left out).

    Raises:
        InputError: the model is not Melitz, a label or a percentile is wrong.
    """
    old, new = cells(solution, country, sector)
    begin = np.asarray(percentiles, dtype=float)
    if not (len(begin) and begin[0] == 0 and (np.diff(begin) > 0).all() and begin[-1] < 100):
        raise InputError(f"percentiles: {list(percentiles)}, but they must increase from 0 to below 100.")
    ends = old.producing * np.append(1 - begin / 100, 0.0)
    names = [f"{low:g}–{high:g}" for low, high in zip(begin, [*begin[1:], 100.0], strict=True)]
    if new.producing > old.producing * (1 + 1e-12):
        ends, names = np.insert(ends, 0, new.producing), ["new", *names]
    with np.errstate(divide="ignore"):
        table = {"productivity": np.exp(old.log_lower) * ends[:-1] ** (-1 / old.k)}
    for suffix, cell in (("_benchmark", old), ("", new)):
        table |= {
            f"firms{suffix}": _between(cell.entrants * np.minimum(ends, cell.producing)),
            f"exporters{suffix}": _between(cell.entrants * np.minimum(ends, cell.exporting)),
            f"sales{suffix}": _between(sales(cell, ends)),
            f"employment{suffix}": _between(employment(cell, ends)),
        }
    return pd.DataFrame(table, index=pd.Index(names, name="percentiles"))


def _between(up_to: Array) -> Array:
    """What lies between ranks that fall, from what lies up to each."""
    return np.asarray(up_to[:-1] - up_to[1:])


def turnover(solution: Solution) -> pd.DataFrame:
    """What a counterfactual does to the firms of every country and sector that produces before and after.

    Averages of productivity are means of ln φ: those of φ itself exist only for k > σ where sales are weights. Weights of sales and of employment
    give the same changes under Pareto, where both are in one proportion in every market, but not the same levels (`mean_log_productivity`).

    Returns:
        One row for each `country` and `sector`: `exit_pct`, ranks that produced and no longer do, percent of producers; `entry_pct`, ranks that only
        begin to; `exporters_benchmark_pct` and `exporters_pct`, percent of producers; `new_exporters_pct`, ranks that only begin to export, percent
        of exporters; `productivity_firms_log`, `_sales_log`, `_employment_log`, changes of mean ln φ weighted three ways, log points × 100;
        `top_1_benchmark_pct`, `top_1_pct`, `top_10_benchmark_pct`, `top_10_pct`, sales of the most productive 1 and 10 percent of producers.

    Raises:
        InputError: the model is not Melitz.
    """
    states = before(solution), after(solution)
    b, rows = solution.benchmark, []
    for country in b.countries:
        for sector in b.sectors:
            old, new = (_cell(solution, state, country, sector) for state in states)
            if old.flow.sum() > 0 and new.flow.sum() > 0:
                rows.append({"country": country, "sector": sector} | _changes(old, new))
    return pd.DataFrame(rows)


def _changes(old: Cell, new: Cell) -> dict[str, float]:
    u, v = old.producing, new.producing
    row = {
        "exit_pct": 100 * max(0.0, 1 - v / u),
        "entry_pct": 100 * max(0.0, v / u - 1),
        "exporters_benchmark_pct": 100 * old.exporting / u,
        "exporters_pct": 100 * new.exporting / v,
        "new_exporters_pct": 100 * max(0.0, new.exporting / old.exporting - 1) if old.exporting > 0 else np.nan,
    }
    for name, first, second in zip(("firms", "sales", "employment"), mean_log_productivity(old), mean_log_productivity(new), strict=True):
        row[f"productivity_{name}_log"] = 100 * (second - first)
    for percent in (1, 10):
        for name, cell in ((f"top_{percent}_benchmark_pct", old), (f"top_{percent}_pct", new)):
            row[name] = 100 * float(sales(cell, np.array([percent / 100 * cell.producing]))[0]) / cell.flow.sum()
    return row


def cells(solution: Solution, country: str, sector: str) -> tuple[Cell, Cell]:
    """Firms of one country and sector before and after.

    Raises:
        InputError: the model is not Melitz, or a label is unknown.
    """
    known = (("country", country, solution.benchmark.countries), ("sector", sector, solution.benchmark.sectors))
    faults = [f"{dim} {label} is not in the solution.{nearest(label, labels)}" for dim, label, labels in known if label not in labels]
    if faults:
        raise InputError(faults)
    return _cell(solution, before(solution), country, sector), _cell(solution, after(solution), country, sector)


def _cell(solution: Solution, state: Firms, country: str, sector: str) -> Cell:
    b = solution.benchmark
    s, i = b.sectors.index(sector), b.countries.index(country)
    p = solution.exponents.parameters_on(b.sectors)
    k, sellers = float(p["k"][s]), state.exporters[s, i]
    lower = np.broadcast_to(state.lower_bound, state.entrants.shape)[s, i]
    return Cell(
        rank=(lower / state.cutoff[s, i]) ** k,
        abroad=np.arange(len(b.countries)) != i,
        flow=np.where(sellers > 0, sellers * state.average_sales[s, i], 0.0),
        sellers=sellers,
        outlay=np.broadcast_to(state.fixed_cost, state.cutoff.shape)[s, i],
        cost=float(state.bundle_cost[s, i]),
        entrants=float(np.nan_to_num(state.entrants[s, i])),
        log_lower=float(np.log(lower)),
        sigma=float(p["sigma"][s]),
        k=k,
    )


def sales(cell: Cell, ranks: Array) -> Array:
    """Sales of firms up to each rank [rank], all markets, money net of tariff."""
    return np.asarray(_within(cell, ranks) ** (1 - (cell.sigma - 1) / cell.k) @ cell.flow)


def employment(cell: Cell, ranks: Array) -> Array:
    """Bundles of inputs of firms up to each rank [rank]: (σ−1)/σ of sales over c, and fixed costs."""
    return np.asarray((cell.sigma - 1) / cell.sigma * sales(cell, ranks) / cell.cost + _within(cell, ranks) @ (cell.sellers * cell.outlay))


def _within(cell: Cell, ranks: Array) -> Array:
    """The share of a market's sellers that is up to each rank [rank, market]."""
    sells = np.where(cell.rank > 0, cell.rank, 1.0)
    return np.minimum(ranks[:, None] / sells, 1.0)


def mean_log_productivity(cell: Cell) -> tuple[float, float, float]:
    """Means of ln φ weighted by firms, by sales and by employment.

    Up to a rank u, the mean of −ln u is −ln u + 1 over firms and −ln u + 1/(1 − (σ−1)/k) with sales as weights; ln φ = ln φmin − ln(u)/k.
    """
    sold = cell.rank > 0
    log_rank = np.log(np.where(sold, cell.rank, 1.0))
    spread = 1 / (1 - (cell.sigma - 1) / cell.k)
    variable, fixed = (cell.sigma - 1) / cell.sigma * cell.flow / cell.cost, cell.sellers * cell.outlay
    by_firms = 1 - np.log(cell.producing)
    by_sales = float(cell.flow @ (spread - log_rank) / cell.flow.sum())
    by_employment = float((variable @ (spread - log_rank) + fixed @ (1 - log_rank)) / (variable.sum() + fixed.sum()))
    return cell.log_lower + by_firms / cell.k, cell.log_lower + by_sales / cell.k, cell.log_lower + by_employment / cell.k
