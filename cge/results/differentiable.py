"""What can be differentiated: real income, and linear functions of a solution, as their own derivatives at its equilibria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from cge.data.arrays import Array
from cge.errors import DataError, nearest
from cge.model.transposed import Seeds
from cge.solve.adjoint import real_income
from cge.solve.equilibrium import Equilibrium
from cge.solve.solution import Solution

HATS = {"factor_price": "log_factor_price", "unit_cost": "log_unit_cost", "price_index": "log_price", "entry": "log_entry"}
"""Outputs that are changes, and the log that they are exp of."""

MONEY = {"spending": "log_spending", "sales": "log_sales", "flow": "log_flow"}
"""Outputs that are values, and the log through which they are differentiated."""

OUTPUTS = (*HATS, "real_income", *MONEY, "income", "profit", "tariff_revenue", "export_tax_revenue", "transfer")


@dataclass(frozen=True, eq=False)
class Output:
    """Functions of a solution, one a column, by their derivatives at the counterfactual (`new`), and at the reference (`old`)."""

    new: Seeds
    old: Seeds


def log_real_income(solution: Solution, members: Sequence[Sequence[str]]) -> Output:
    """ln Û of countries, or of several as a group: ln of the mean of their Û with weights of benchmark income I; one a column.

    Its derivative is that of Σ weight · ln Û, weight = I Û / Σ I Û over the members.

    Args:
        members: labels behind each column, one label where it is a country.
    """
    inside = np.stack([np.isin(solution.benchmark.countries, labels) for labels in members], axis=1)
    real = inside * (solution.reference.values.income * np.exp(solution.log_real_income))[:, None]
    weight = real / real.sum(axis=0)
    return Output(
        Seeds(**real_income(solution.counterfactual, weight, solution.reference)), Seeds(**real_income(solution.reference, -weight))
    )


def linear(solution: Solution, weights: Mapping[str, xr.DataArray]) -> Output:
    """The function Σ weights · `solution.data`, one column; weights with the dims [any order] of its variables, `DataError` with every fault."""
    new: dict[str, Array] = {}
    old: dict[str, Array] = {}
    for name, weight in aligned(solution, weights).items():
        weighted = weight * np.where(weight == 0, 0.0, solution.data[name].values[..., None])
        if not np.isfinite(weighted).all():
            raise DataError(f"weights: {name} has a weight where it is not defined: that cell does not exist in the reference.")
        if name == "real_income":
            parts = real_income(solution.counterfactual, weighted, solution.reference), real_income(solution.reference, -weighted)
        elif name == "factor_price":
            parts = {HATS[name]: of_markets(solution.counterfactual, weighted)}, {HATS[name]: of_markets(solution.reference, -weighted)}
        elif name in HATS:
            parts = {HATS[name]: weighted}, {HATS[name]: -weighted}
        else:
            parts = {MONEY[name]: weighted} if name in MONEY else {name: weight}, {}
        for total, more in zip((new, old), parts, strict=True):
            total |= {key: total.get(key, 0.0) + part for key, part in more.items()}
    return Output(Seeds(**new), Seeds(**old))


def of_markets(found: Equilibrium, weight: Array) -> Array:
    """Derivatives by ln of the prices of markets [market, country, column], from those by ln of what a unit of endowment earns [factor, country,
    column]: by its share of income from each market, since those who move between two gain nothing by it.
    """
    s, earned = found.system, found.values.factor_income
    if s.supply is None:
        return weight
    shares = zip(s.by_factor(earned), found.by_factor(earned), weight, strict=True)
    return np.concatenate([(own / whole)[..., None] * w if own.ndim > 1 else w[None] for own, whole, w in shares])


def aligned(solution: Solution, weights: Mapping[str, xr.DataArray]) -> dict[str, Array]:
    """Weights in the dims and label order of `solution.data` [as there, and one column]; `DataError` with every fault."""
    faults, found = [], {}
    for key, weight in weights.items():
        name = str(key)
        if name not in OUTPUTS:
            faults.append(f"weights: no output {name}.{nearest(name, OUTPUTS)}")
            continue
        like = solution.data[name]
        if set(weight.dims) != set(like.dims):
            dims = (", ".join(map(str, array.dims)) for array in (weight, like))
            faults.append("weights: {} has dims ({}); they must be ({}), in any order.".format(name, *dims))
        elif any(d not in weight.coords or sorted(map(str, weight[d].values)) != sorted(map(str, like[d].values)) for d in like.dims):
            faults.append(f"weights: {name} must have exactly the labels of the solution; give zero where there is no weight.")
        elif not np.isfinite(weight.values).all():
            faults.append(f"weights: {name} holds what is not a finite number.")
        else:
            found[name] = np.asarray(weight.reindex_like(like).transpose(*like.dims).values, dtype=np.float64)[..., None]
    if faults:
        raise DataError(faults)
    return found
