"""Products of the firms behind a Melitz solution on data (chapter, section 9.1, with Pareto ability)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError, InputError
from cge.firms.multi_product.industry import draws_faults, last_attribute
from cge.firms.multi_product.within import sums
from cge.firms.origins import Origins
from cge.firms.productivity import Productivity, pareto
from cge.results.firm_distribution import PERCENTILES, Cell, cells
from cge.solve.solution import Solution

ALL = "all"
"""Row of averages over firms."""


def products_of_firms(
    solution: Solution, country: str, sector: str, attributes: Productivity, market_cost: float, percentiles: Sequence[float] = PERCENTILES
) -> pd.DataFrame:
    """How many products the firms of a Melitz solution sell, before (`_benchmark`) and after.

    With Pareto ability, k the shape in the solution, firms with many products have the same flows and change them alike as firms with one: only
    φ/φ*_ni counts in a market. A firm of ability φ sells there the share 1 − Z(Λφ*_ni/φ) of products, J_Z(Λ) = F/f. Averages over firms do not move.

    Args:
        solution: of a Melitz model.
        attributes: Z, with average sales that are finite.
        market_cost: F/f ≥ 0, a firm's cost of a market over the cost of each product there, in all markets.
        percentiles: of ability among the firms that produce in the benchmark, from 0 to below 100.

    Returns:
        One row for each percentile (index `percentile`), then `all`, averages over the firms that sell at home and over exporters: with and
        without `_benchmark`, `home`, the share of products sold at home, and `exported`, sold in at least one foreign market if attributes are
        common to them; zero where a firm does not sell.

    Raises:
        InputError: the model is not Melitz, a label or a percentile is wrong; DataError: attributes or cost.
    """
    old, new = cells(solution, country, sector)
    at = np.asarray(percentiles, dtype=float)
    if not (len(at) and ((at >= 0) & (at < 100)).all()):
        raise InputError(f"percentiles: {list(percentiles)}, but each must be at least 0 and below 100.")
    faults = draws_faults((), attributes, old.sigma)
    if not 0 <= market_cost < np.inf:
        faults.append(f"market_cost = {market_cost:g}, but it must be at least 0 and finite.")
    if faults:
        raise DataError(faults)
    last = float(last_attribute(attributes, old.sigma, market_cost, 1.0))
    if last == np.inf:
        raise DataError("market_cost = 0, but attributes without an upper bound then let every firm sell something: give a positive cost.")
    ranks, table = old.producing * (1 - at / 100), {}
    average = float(sums(Origins([pareto(old.k)]), attributes, old.sigma - 1, np.array([last]), np.ones(1)).products[0])
    for suffix, cell in (("_benchmark", old), ("", new)):
        for name, reach in (("home", _home(cell)), ("exported", cell.exporting)):
            table[f"{name}{suffix}"] = np.append(_sold(attributes, last, ranks, reach, cell.k), average if reach > 0 else 0.0)
    return pd.DataFrame(table, index=pd.Index([*(f"{p:g}" for p in at), ALL], name="percentile"))


def _home(cell: Cell) -> float:
    return float(cell.rank[~cell.abroad][0])


def _sold(attributes: Productivity, last: float, ranks: Array, reach: float, k: float) -> Array:
    """1 − Z(Λφ*/φ) for firms of these ranks, with φ*/φ = (u/u_n)^(1/k), u_n the highest rank that sells there."""
    if reach == 0:
        return np.zeros_like(ranks)
    return np.where(ranks <= reach * (1 + 1e-12), attributes.survival(last * (ranks / reach) ** (1 / k)), 0.0)
