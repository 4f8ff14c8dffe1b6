"""Tables of a solution by factor, by partner and by flow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.results.columns import membership, percent
from cge.results.rewards import average_factor_price, real_rewards
from cge.results.volumes import abroad
from cge.solve.equilibrium import ratio
from cge.solve.firms import flow_per_entrant
from cge.solve.moved import primitives
from cge.solve.solution import Solution


def factors_table(solution: Solution) -> pd.DataFrame:
    """The columns of factors.csv, country by country.

    `price_pct` (ŵ, income per unit of endowment where that differs by sector); `real_price_pct` (ŵ over the consumer price index); then what
    100·ln of the latter is made of, in log points × 100 that add up to it (`cge.results.rewards`): `cost_log` (Stolper–Samuelson),
    `variety_log`, `productivity_log`; and `relative_price_pct`, ŵ over the average of the country's factor prices (geometric, weighted by factor
    income in the reference).
    """
    old, new = solution.reference, solution.counterfactual
    price = new.factor_price / old.factor_price
    consumer = np.exp(eq.log_consumer_price(new.unknowns.log_price - old.unknowns.log_price, new.system.final_share))
    parts = real_rewards(solution)
    columns = {
        "price_pct": 100 * (price - 1),
        "real_price_pct": 100 * (price / consumer - 1),
        "cost_log": 100 * parts.cost,
        "variety_log": 100 * np.broadcast_to(parts.variety, price.shape),
        "productivity_log": 100 * np.broadcast_to(parts.productivity, price.shape),
        "relative_price_pct": 100 * (price * np.exp(-average_factor_price(solution)) - 1),
    }
    countries, factors = solution.benchmark.countries, solution.benchmark.factors
    labels = {"country": np.repeat(countries, len(factors)), "factor": np.tile(factors, len(countries))}
    return pd.DataFrame({**labels, **{name: array.T.ravel() for name, array in columns.items()}})


def partners_table(solution: Solution, groups: dict[str, list[str]]) -> pd.DataFrame:
    """Trade by partner over all sectors, the columns of partners.csv: `exports, exports_pct, imports, imports_pct` of `country` with `partner`.

    Money of the counterfactual at producer prices, and its change: what i sells to n, summed over i in one and n in the other, i ≠ n, NaN where
    there was no trade. Both sides are countries, `World` and the groups; trade inside a group is that of its members with each other. A pair
    without any trade has no row.
    """
    countries = solution.benchmark.countries
    either = {**{label: [label] for label in countries}, "World": countries, **groups}
    members = membership(countries, either)
    old, new = (members @ abroad(found.flow).sum(axis=0) @ members.T for found in (solution.reference, solution.counterfactual))
    country, partner = np.nonzero((old + old.T > 0) | (new + new.T > 0))
    money = {"exports": (old, new), "imports": (old.T, new.T)}
    columns = {
        name: values[country, partner]
        for side, (before, after) in money.items()
        for name, values in ((side, after), (f"{side}_pct", percent(before, after)))
    }
    labels = list(either)
    return pd.DataFrame({"country": named(country, labels), "partner": named(partner, labels), **columns})


def flows_table(solution: Solution) -> pd.DataFrame:
    """One row for each flow that is positive in the reference or the counterfactual, money at producer prices, own sales included.

    Under Melitz also `exporters_pct` and `cutoff_pct`, the change in the mass of exporters and in the productivity cutoff of the pair. NaN
    where a flow has no sellers in the reference (exporters) or cannot have any after (cutoff).
    """
    old, new = solution.reference.flow, solution.counterfactual.flow
    order = (1, 2, 0)  # exporter, importer, sector
    some = ((old > 0) | (new > 0)).transpose(order)
    exporter, importer, sector = np.nonzero(some)
    countries, sectors = solution.benchmark.countries, solution.benchmark.sectors
    table = {
        "exporter": named(exporter, countries),
        "importer": named(importer, countries),
        "sector": named(sector, sectors),
        "benchmark": old.transpose(order)[some],
        "counterfactual": new.transpose(order)[some],
    }
    if solution.exponents.entrants.differ:
        exporters, cutoff = firm_margins(solution)
        table["exporters_pct"] = 100 * (exporters.transpose(order)[some] - 1)
        table["cutoff_pct"] = 100 * (cutoff.transpose(order)[some] - 1)
    return pd.DataFrame(table)


def named(codes: Array, labels: list[str]) -> pd.Series:
    """Labels at the positions `codes` [row], as a categorical column."""
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(labels)))


def firm_margins(solution: Solution) -> tuple[Array, Array]:
    """Changes (hats) in the mass of exporters and in the productivity cutoff of every pair under Melitz [sector, exporter, importer].

    Average sales of a pair are σk/(k − σ + 1)·c f net of tariff (chapter, eq. 20), so N̂ = (change in flow)/(ĉ f̂); entrants are M̂ = Ŝ, and
    N = M (φmin/φ*)^k gives φ̂* = Â (M̂/N̂)^(1/k), with k = trade/scale. N̂/M̂ is taken as the limit where Ŝ is zero.
    """
    old, new = solution.reference, solution.counterfactual
    p = primitives(solution)
    k = solution.exponents.parameters_on(solution.benchmark.sectors)["k"][:, None, None]
    cost = np.exp(new.values.log_unit_cost - old.values.log_unit_cost)[:, :, None]
    exporters = ratio(new.flow, old.flow) / (cost * p.fixed_cost)
    per_entrant = ratio(flow_per_entrant(new), flow_per_entrant(old)) / (cost * p.fixed_cost)
    with np.errstate(divide="ignore"):
        cutoff = p.productivity[:, :, None] * per_entrant ** (-1 / k)
    return np.where(np.isfinite(exporters), exporters, np.nan), np.where(np.isfinite(cutoff), cutoff, np.nan)
