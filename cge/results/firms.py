"""Firms of a Melitz solution in levels: entrants, cutoffs, exporters, average sales, price indices, welfare (chapter, section 6).

Every value is in the units of the technology: written by hand its own, recovered from data those of `cge.model.technology.recover`. A word alone is
the counterfactual; with `_benchmark` behind it, the equilibrium that changes are measured from.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import described
from cge.model.benchmark import labelled
from cge.results.tables import named
from cge.solve.firms import after, before
from cge.solve.solution import Solution

# --- results -------------------------------------------------------------------------------------------------------------------------------

PAIRS, CELLS = ("average_sales", "exporters", "cutoff"), ("bundle_cost", "entrants", "price_level")


def firm_levels(solution: Solution) -> xr.Dataset:
    """Firms of a Melitz solution, labelled, in the counterfactual and (`_benchmark`) in the equilibrium that changes are measured from.

    Variables: `entrants`, `bundle_cost`, `price_level`, `domestic_cutoff` [sector, country]; `cutoff` (`inf` where nothing can be sold),
    `exporters`, `average_sales` [sector, exporter, importer]; `welfare` [country].

    Raises:
        InputError: the model is not Melitz.
    """
    b = solution.benchmark
    variables: dict[str, xr.DataArray] = {}
    for suffix, state in (("_benchmark", before(solution)), ("", after(solution))):
        home = np.diagonal(state.cutoff, axis1=1, axis2=2)
        variables |= {f"{name}{suffix}": labelled(b, getattr(state, name), "sector", "exporter", "importer") for name in PAIRS}
        variables |= {f"{name}{suffix}": labelled(b, getattr(state, name), "sector", "country") for name in CELLS}
        variables[f"domestic_cutoff{suffix}"] = labelled(b, home.copy(), "sector", "country")
        variables[f"welfare{suffix}"] = labelled(b, state.welfare, "country")
    return described(xr.Dataset(variables), b.unit)


def trade_costs_table(solution: Solution) -> pd.DataFrame:
    """The columns of trade_costs.csv: `exporter, importer, sector, iceberg, fixed_cost, cutoff` of the benchmark, for every pair that can trade.

    Iceberg costs have the domestic one as unit (the cheapest market, where a producer sells nothing at home); fixed costs are in bundles of the
    exporter. Recovered from data, fixed costs are one by choice of unit, so `iceberg` is the composite cost of the pair: only their product
    τ f^(1/(σ−1) − 1/k) is identified by a share (chapter, eq. 23).
    """
    state = before(solution)
    order = (1, 2, 0)  # exporter, importer, sector
    open_pairs = np.isfinite(state.iceberg).transpose(order)
    exporter, importer, sector = np.nonzero(open_pairs)
    places = {"exporter": exporter, "importer": importer, "sector": sector}
    columns = {dim: named(codes, solution.benchmark.labels.of(dim)) for dim, codes in places.items()}
    numbers = {name: getattr(state, name).transpose(order)[open_pairs] for name in ("iceberg", "fixed_cost", "cutoff")}
    return pd.DataFrame({**columns, **numbers})


def firms_table(solution: Solution) -> pd.DataFrame:
    """The columns of firms.csv: `exporter, importer, sector`, then `cutoff`, `exporters`, `average_sales` in the benchmark (`_benchmark`) and in the
    counterfactual, for every pair that can trade in one of them.
    """
    old, new = before(solution), after(solution)
    order = (1, 2, 0)  # exporter, importer, sector
    open_pairs = (np.isfinite(old.iceberg) | np.isfinite(new.iceberg)).transpose(order)
    exporter, importer, sector = np.nonzero(open_pairs)
    countries, sectors = solution.benchmark.countries, solution.benchmark.sectors
    table = {"exporter": named(exporter, countries), "importer": named(importer, countries), "sector": named(sector, sectors)}
    for name in ("cutoff", "exporters", "average_sales"):
        for suffix, state in (("_benchmark", old), ("", new)):
            table[f"{name}{suffix}"] = pd.Series(getattr(state, name).transpose(order)[open_pairs])
    return pd.DataFrame(table)


# --- where the model ends ------------------------------------------------------------------------------------------------------------------
