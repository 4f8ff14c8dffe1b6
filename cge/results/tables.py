"""Tables of a solution by factor, by sector and by flow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.results.rewards import average_factor_price, real_rewards
from cge.results.welfare import abroad
from cge.solve.equilibrium import ratio
from cge.solve.firms import flow_per_entrant
from cge.solve.moved import primitives
from cge.solve.solution import Solution


def factors_table(solution: Solution) -> pd.DataFrame:
    """The columns of factors.csv, country by country.

    `price_pct` (ŵ); `real_price_pct` (ŵ over the consumer price index); then what 100·ln of the latter is made of, in log points × 100 that add
    up to it (`cge.results.rewards`): `cost_log` (Stolper–Samuelson), `variety_log`, `productivity_log`; and `relative_price_pct`, ŵ over the average
    of the country's factor prices (geometric, weighted by factor income in the reference).
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


def sectors_table(solution: Solution) -> pd.DataFrame:
    """One row for each country and sector, the columns of sectors.csv.

    `sales_pct`, `entry_pct` (100(Ŝ − 1)), `price_pct` (P̂), `input_cost_pct` (ĉ), `employment_pct` (Σ_f a_f R̂/ŵ_f over Σ_f a_f) are
    changes from the reference, NaN where a cell sells or buys nothing there; `sales` are those of the counterfactual, money. `output_pct` is real
    (sales over the seller's unit price, `cge.model.equations.log_seller_price`), while sales are in the numeraire, world factor income;
    `exports_pct` and `imports_pct` are at producer prices, own sales excluded, NaN where there were none. Under Melitz also
    changes of `cutoff_pct` (the lowest productivity that sells at home), `firms_pct` (the mass of firms that do) and `average_productivity_pct` (of
    these firms: under Pareto φ̃ is in proportion to the cutoff; NaN where none are left). NaN where the home market is closed, the last two
    also where nobody sold there in the reference.
    """
    old, new = solution.reference, solution.counterfactual
    countries, sectors = solution.benchmark.countries, solution.benchmark.sectors
    data = solution.data
    made = old.values.sales > 0
    sales = np.where(made, new.values.sales / np.where(made, old.values.sales, 1.0), np.nan)
    share = new.system.factor_share
    wage = (new.factor_price / old.factor_price)[:, None, :]
    hired = share.sum(axis=0)
    employment = np.where(hired > 0, (share / wage).sum(axis=0) * sales / np.where(hired > 0, hired, 1.0), np.nan)
    entry = data["entry"].values
    columns = {
        "sales_pct": 100 * (sales - 1),
        "entry_pct": 100 * (np.where(np.isfinite(entry), entry, np.nan) - 1),
        "price_pct": 100 * (data["price_index"].values - 1),
        "input_cost_pct": 100 * (data["unit_cost"].values - 1),
        "employment_pct": 100 * (employment - 1),
        "sales": new.values.sales,
        "output_pct": 100 * (output(solution, sales) - 1),
        **{f"{name}_pct": 100 * (np.where(np.isfinite(hat), hat, np.nan) - 1) for name, hat in _trade(solution).items()},
        **(_home_firms(solution) if solution.exponents.entrants.differ else {}),
    }
    labels = {"country": np.repeat(countries, len(sectors)), "sector": np.tile(sectors, len(countries))}
    return pd.DataFrame({**labels, **{name: array.T.ravel() for name, array in columns.items()}})


def output(solution: Solution, sales: Array) -> Array:
    """Change (hat) of real output [sector, country]: R̂ over the seller's unit price; NaN where nothing was sold in the reference.

    Args:
        sales: R̂ [sector, country].
    """
    made = sales > 0
    entry, cost = (np.where(made, solution.data[name].values, 1.0) for name in ("entry", "unit_cost"))
    returns = solution.exponents.returns_on(solution.benchmark.sectors)[:, None]
    price = np.exp(eq.log_seller_price(np.log(cost), np.log(primitives(solution).productivity), np.log(entry), returns))
    return np.where(made, sales / price, sales)


def _trade(solution: Solution) -> dict[str, Array]:
    """Changes (hats) of exports and imports at producer prices, own sales excluded [sector, country]."""
    old, new = (abroad(found.flow) for found in (solution.reference, solution.counterfactual))
    return {name: ratio(new.sum(axis=axis), old.sum(axis=axis)) for name, axis in (("exports", 2), ("imports", 1))}


def _home_firms(solution: Solution) -> dict[str, Array]:
    """The columns of `sectors_table` on firms that sell at home [sector, country]."""
    firms, cutoff = (100 * (np.diagonal(hat, axis1=1, axis2=2) - 1) for hat in firm_margins(solution))
    return {"cutoff_pct": cutoff, "firms_pct": firms, "average_productivity_pct": np.where(firms > -100, cutoff, np.nan)}


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
