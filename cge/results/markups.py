"""Mark-ups where demand has a choke price: how they are distributed, who sells, and how far a counterfactual stretches cutoffs.

A firm of full cost a c stands at z = a c/P below the choke price P of its market and charges by z alone (`cge.model.demand`); sellers are those of
z ≤ 1. With Pareto costs of shape k the z of a flow's sellers have the density k z^(k−1) whatever happens, so that mark-ups are distributed as
before, while those of a given firm move with its z: P̂ over the changes of tariffs, trade costs and costs at home.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import InputError, nearest
from cge.model.demand import Demand, markup_at, markups, pass_through, price
from cge.model.variants.variable_markups import demands
from cge.results.columns import per
from cge.results.firm_distribution import PERCENTILES
from cge.solve.moved import export_taxes, primitives, tariffs
from cge.solve.solution import Solution

SHOWN = (50.0, 90.0, 99.0)
"""Percentiles of productivity among sellers whose mark-ups stand in markups.csv."""

CONSTANTS = ("rho", "aggregate_markup", "mean_markup", "sales_weighted_markup")
"""Columns of markups.csv that are fields of `cge.model.demand.Markups`."""


def markups_table(solution: Solution) -> pd.DataFrame:
    """The columns of markups.csv, country by country.

    `demand`, `k`, `eta` (η) of the sector; what these make of mark-ups, price over delivered cost, the same in every flow before and after: `rho`
    (one less the pass-through, mean weighted by sales), `aggregate_markup` (sales over variable cost, (k + 1)/k), `mean_markup` (by variety,
    infinite for k ≤ 1), `sales_weighted_markup`, and `p50, p90, p99` at percentiles of productivity among sellers; then, of the country as a market,
    changes of the choke price, `choke_price_pct`, and of the number of varieties that it consumes, `sellers_pct` (`log_choke`, `log_sellers`). Where
    η was given in place of a demand all of these but `aggregate_markup` are NaN.

    Raises:
        InputError: mark-ups do not vary in the model.
    """
    systems, b = _systems(solution), solution.benchmark
    k = solution.exponents.parameters_on(b.sectors)["k"]
    bought = solution.reference.system.bought
    alike = {(system, shape): _constants(system, shape) for system, shape in dict.fromkeys(zip(systems, k.tolist(), strict=True))}
    rows = [alike[one] for one in zip(systems, k.tolist(), strict=True)]
    columns = {"demand": [system.name if system else "" for system in systems], "k": k, "eta": solution.exponents.on(b.sectors)["eta"]}
    table = pd.DataFrame({**columns, **pd.DataFrame(rows)})
    table.insert(0, "sector", b.sectors)
    every = pd.concat([table.assign(country=country) for country in b.countries], ignore_index=True)
    for name, logs in (("choke_price_pct", log_choke(solution)), ("sellers_pct", log_sellers(solution))):
        every[name] = np.where(bought, 100 * np.expm1(logs), np.nan).T.ravel()
    return every[["country", *every.columns.drop("country")]]


def _constants(system: Demand | None, k: float) -> dict[str, float]:
    """What a demand makes of Pareto costs of shape k."""
    names = [f"p{percentile:g}" for percentile in SHOWN]
    if system is None:
        return {**dict.fromkeys([*CONSTANTS, *names], np.nan), "aggregate_markup": (k + 1) / k}
    found = markups(system, k)
    return {**{name: getattr(found, name) for name in CONSTANTS}, **dict(zip(names, markup_at(system, k, SHOWN).tolist(), strict=True))}


def _systems(solution: Solution) -> list[Demand | None]:
    """The demand of every sector, None where η was given in its place."""
    if not solution.exponents.entrants.vary:
        raise InputError(f"Mark-ups do not vary under {solution.exponents.variant}; use variable_markups.")
    return demands(solution.exponents, solution.benchmark.sectors)


def _additive(solution: Solution) -> Array:
    """One where demand is directly additive, zero where it is homothetic, NaN where it is not said [sector, 1]."""
    return np.array([np.nan if system is None else float(not system.homothetic) for system in _systems(solution)])[:, None]


def _log_real_spending(solution: Solution) -> Array:
    """ln X̂ − ln P̂ [sector, country]; population stays, so that X̂ is spending per head."""
    old, new = solution.reference.unknowns, solution.counterfactual.unknowns
    return np.asarray(new.log_spending_change - old.log_spending_change - (new.log_price - old.log_price))


def log_sellers(solution: Solution) -> Array:
    """ln of the change of the number of varieties that a market consumes [sector, country].

    A constant under homothetic demand; under additive demand spending per head x fixes it: N̂ = (x̂/P̂)^(k/(1+k)).
    """
    k = solution.exponents.parameters_on(solution.benchmark.sectors)["k"][:, None]
    return np.asarray(_additive(solution) * k / (1 + k) * _log_real_spending(solution))


def log_choke(solution: Solution) -> Array:
    """ln of the change of the choke price [sector, country]: that of the price index under homothetic demand, x̂/N̂ under additive."""
    new, old = solution.counterfactual.unknowns, solution.reference.unknowns
    additive = _additive(solution)
    return np.asarray(new.log_price - old.log_price + additive * _log_real_spending(solution) - log_sellers(solution))


def cutoff_growth(solution: Solution) -> Array:
    """Change (hat) of the highest cost that sells in a market [sector, exporter, importer]: of the choke price over those of one plus tariff and
    export tax, trade cost, and the exporter's costs over productivity. NaN where nothing was sold, zero where nothing can be any more.
    """
    old, new, p = solution.reference, solution.counterfactual, primitives(solution)
    taxed = np.ones(())
    for before, after in (tariffs(solution), export_taxes(solution)):
        taxed = taxed * (1 + after) / (1 + before)
    log_cost = new.values.log_unit_cost - old.values.log_unit_cost - np.log(p.productivity)
    growth = np.exp(log_choke(solution)[:, None, :] - log_cost[:, :, None]) / (taxed * p.iceberg)
    return np.asarray(np.where(old.flow > 0, growth, np.nan))


class Stretch(NamedTuple):
    """The cutoff that grows most: of an exporter in an importer's market of a sector, and by which factor."""

    exporter: str
    importer: str
    sector: str
    factor: float


def stretch(solution: Solution) -> Stretch | None:
    """The cutoff that grows most of those that somebody sells at; None where no sector says its demand.

    All holds as long as no cutoff passes the costs of the least productive entrant, at home too, and trade data do not say where these are.
    """
    growth, b = np.where(solution.counterfactual.flow > 0, cutoff_growth(solution), np.nan), solution.benchmark
    if not np.isfinite(growth).any():
        return None
    s, i, n = np.unravel_index(int(np.nanargmax(growth)), growth.shape)
    return Stretch(b.countries[i], b.countries[n], b.sectors[s], float(growth[s, i, n]))


def firm_markups(solution: Solution, country: str, sector: str, percentiles: Sequence[float] = PERCENTILES) -> pd.DataFrame:
    """Mark-ups of a country's firms in every market, before (`_benchmark`) and after, price over delivered cost.

    Args:
        solution: of variable mark-ups; country, sector: whose firms.
        percentiles: of productivity among those that sell in the market in the benchmark, from 0 to below 100.

    Returns:
        One row for each market that the country sells to in the benchmark and each percentile (index `market, percentile`): `markup_benchmark`,
        `markup` (NaN where the firm no longer sells), `pass_through` (d ln price/d ln cost in the counterfactual, at its choke price),
        `sells_benchmark`, `sells`.

    Raises:
        InputError: mark-ups do not vary, a label or a percentile is wrong, or the sector has η in place of a demand.
    """
    systems, b = _systems(solution), solution.benchmark
    rank = np.asarray(percentiles, dtype=float)
    known = (("country", country, b.countries), ("sector", sector, b.sectors))
    faults = [f"{dim} {label} is not in the solution.{nearest(label, labels)}" for dim, label, labels in known if label not in labels]
    if not (rank.ndim == 1 and len(rank) and ((rank >= 0) & (rank < 100)).all()):
        faults.append(f"percentiles: {list(percentiles)}, but they must lie from 0 to below 100.")
    if not faults and systems[b.sectors.index(sector)] is None:
        faults.append(f"sector {sector} has eta in place of a demand, which says nothing of single firms; give demand.")
    if faults:
        raise InputError(faults)
    s, i = b.sectors.index(sector), b.countries.index(country)
    system, k = systems[s], solution.exponents.parameters_on(b.sectors)["k"][s]
    assert system is not None
    growth = cutoff_growth(solution)[s, i]
    markets = np.flatnonzero(np.isfinite(growth))
    before = np.tile((1 - rank / 100) ** (1 / k), (len(markets), 1))
    after = np.where(growth[markets, None] > 0, per(before, growth[markets, None]), np.inf)
    sells = (after <= 1) & (solution.counterfactual.flow[s, i, markets] > 0)[:, None]
    charged = price(system, np.where(sells, after, 1.0))
    columns = {
        "markup_benchmark": price(system, before) / before,
        "markup": np.where(sells, charged / after, np.nan),
        "pass_through": np.where(sells, pass_through(system, charged), np.nan),
        "sells_benchmark": np.ones(sells.shape, dtype=bool),
        "sells": sells,
    }
    index = pd.MultiIndex.from_product([[b.countries[n] for n in markets], rank.tolist()], names=["market", "percentile"])
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)
