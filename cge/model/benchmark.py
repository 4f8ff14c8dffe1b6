"""The benchmark: an economy as the shares that the equations in changes need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import BILATERAL, Array, Labels, described, place
from cge.data.economy import Economy
from cge.data.factors.worker_groups import GroupShares
from cge.data.factors.worker_groups import group_shares as group_shares_of
from cge.errors import DataError, unlike
from cge.model.weights import Weights, in_parts, shifted
from cge.model.workers import Mobility, Workers, aversion_faults, mobility_faults, workers

NegativeFinalDemand = Literal["refuse", "zero"]

ROUNDING = 1e-12
"""A final demand this far below zero, relative to the spending of its country, is rounding of the table and read as zero."""


@dataclass(frozen=True)
class Benchmark:
    """The observed year as shares and values, in the layout that the solvers use. What is in it is not changed in place: `calibrate` makes another.

    Attributes:
        data: `trade_share`, `flow`, `tariff` [sector, exporter, importer] (share of an importer's spending, tariffs and export taxes included),
            `export_tax` [the same] where the economy has any;
            `spending`, `sales`, `final_share`, `observed_final_share` [sector, country]; `factor_share` [factor, sector, country] and
            `input_share` [input, sector, country] (shares of cost, together one where there are sales); `factor_income` [factor, country];
            `income`, `transfer` [country]. Money in the economy's unit.
        attrs: title, source, unit and the like, from the economy.
        negative_final_demand: cells of final demand that were negative and are zero in `final_share`; zero in `observed_final_share` too
            only where there was nothing to treat.
        intermediates: whether input-output links are kept.
        workers: groups of factors that move between sectors with a finite elasticity; None where every factor is one pool.
    """

    data: xr.Dataset
    attrs: dict[str, object]
    negative_final_demand: int = 0
    intermediates: bool = True
    workers: Workers | None = None

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """The variables of `data` as bare arrays, dims as there."""
        return {str(name): array.values for name, array in self.data.items()}

    @cached_property
    def still(self) -> Weights:
        """Trade weights without a shock."""
        weight, log_unit = shifted(self.arrays["trade_share"])
        return in_parts(weight, log_unit, self.rates("tariff"), self.rates("export_tax"))

    def rates(self, name: str) -> Array:
        """Ad valorem rates of the data by name of the variable [sector, exporter, importer]; one zero for all where there are none [1, 1, 1]."""
        return self.arrays.get(name, np.zeros((1, 1, 1)))

    @cached_property
    def uses(self) -> Array | None:
        """γ [country, sector, input], None without inputs."""
        share = self.arrays["input_share"]
        return np.ascontiguousarray(share.transpose(2, 1, 0)) if share.any() else None

    @cached_property
    def labels(self) -> Labels:
        """All labels."""
        return Labels(*([str(label) for label in self.data[dim].values] for dim in ("country", "sector", "factor")))

    @property
    def unit(self) -> str:
        """The unit of money."""
        return str(self.attrs.get("unit", "money"))

    @property
    def countries(self) -> list[str]:
        """Country labels."""
        return list(self.labels.countries)

    @property
    def sectors(self) -> list[str]:
        """Sector labels."""
        return list(self.labels.sectors)

    @property
    def factors(self) -> list[str]:
        """Factor labels."""
        return list(self.labels.factors)


def calibrate(
    economy: Economy,
    *,
    intermediates: bool = True,
    negative_final_demand: NegativeFinalDemand = "refuse",
    mobility: Mobility | None = None,
    group_shares: GroupShares | pd.DataFrame | None = None,
    inequality_aversion: float = 1.0,
) -> Benchmark:
    """Shares and values of an economy (MODEL identities: sales = inputs + factor payments; spending = inputs + final demand).

    Args:
        economy: checked values.
        intermediates: False leaves input-output links out: all of sales is value added, all of spending is final.
        negative_final_demand: where spending falls short of intermediate purchases, `refuse` is an error; `zero` sets the final share
            of the cell to zero and scales the others, β = max(F, 0)/Σ max(F, 0), with income and transfers as in the data.
        mobility: κ > 1, the elasticity with which workers move between sectors (a number, or a table by group or factor, `*` for the rest; inf is
            one pool); None: every factor is one pool.
        group_shares: `country, factor, group, sector, share`: a group's part of what a sector pays to the factor (`cge.data.factors.worker_groups`);
            None: every factor is one group in each country.
        inequality_aversion: between groups, zero or above; for outputs.

    Raises:
        DataError: an argument of another kind; negative final demand under `refuse`, or a country without final demand; faults of mobility and of
            groups; all at once.
    """
    _check_arguments(economy, negative_final_demand, group_shares)
    labels = economy.labels
    flow, tariff = (_in_order(economy, name, BILATERAL) for name in ("flow", "tariff"))
    taxes = {"export_tax": _in_order(economy, "export_tax", BILATERAL)} if "export_tax" in economy.data else {}
    border = flow * (1 + taxes["export_tax"]) if taxes else flow
    paid = border * (1 + tariff)
    spending, sales = paid.sum(axis=1), flow.sum(axis=2)
    purchases = _in_order(economy, "intermediate", ("input", "sector", "country"))
    payments = _in_order(economy, "value_added", ("factor", "sector", "country"))
    if not intermediates:
        purchases, payments = np.zeros_like(purchases), _all_value_added(payments, sales)
    # What rounding is left between sales and cost (below 1e-9) goes to the factors, so that cost shares sum to one exactly.
    payments = payments * _ratio(sales - purchases.sum(axis=0), payments.sum(axis=0))
    final = spending - purchases.sum(axis=1)
    income = final.sum(axis=0)
    abroad = np.where(np.eye(len(labels.countries), dtype=bool), 0.0, border.sum(axis=0))
    negative = final < -ROUNDING * spending.sum(axis=0)
    faults = list(_final_faults(economy, labels.array(final, *OWN), int(negative.sum()), negative_final_demand))
    try:
        moving = _workers(economy, labels, mobility, group_shares, inequality_aversion)
    except DataError as error:
        faults += error.faults
    if faults:
        raise DataError(faults)
    positive = np.maximum(final, 0.0)
    variables = {
        "trade_share": (BILATERAL, _ratio(paid, spending[:, None, :])),
        "flow": (BILATERAL, flow, economy.data["flow"].attrs),
        "tariff": (BILATERAL, tariff, economy.data["tariff"].attrs),
        **{name: (BILATERAL, rates, economy.data[name].attrs) for name, rates in taxes.items()},
        "spending": (OWN, spending),
        "sales": (OWN, sales),
        "final_share": (OWN, positive / positive.sum(axis=0)),
        "observed_final_share": (OWN, final / income),
        "factor_share": (("factor", *OWN), _ratio(payments, sales)),
        "input_share": (("input", *OWN), _ratio(purchases, sales)),
        "factor_income": (("factor", "country"), payments.sum(axis=1)),
        "income": (("country",), income),
        # as imports less exports, which income less earnings equals: exact beside a small country's trade, which is what has to balance
        "transfer": (("country",), abroad.sum(axis=0) - abroad.sum(axis=1)),
    }
    data, attrs = xr.Dataset(variables, economy.data.coords), dict(economy.data.attrs)
    return Benchmark(described(data, attrs.get("unit", "money")), attrs, int(negative.sum()), intermediates, moving)


def _check_arguments(economy: Economy, rule: NegativeFinalDemand, shares: GroupShares | pd.DataFrame | None) -> None:
    """Raise `DataError` where arguments of `calibrate` are none."""
    faults = unlike("economy", economy, Economy, "cge.open_economy(path) reads one")
    if rule not in get_args(NegativeFinalDemand):
        faults.append(f"negative_final_demand: {rule!r}; give one of {', '.join(get_args(NegativeFinalDemand))}.")
    if shares is not None and not isinstance(shares, GroupShares):
        faults += unlike("group_shares", shares, pd.DataFrame, "give columns country, factor, group, sector, share")
    if faults:
        raise DataError(faults)


def _workers(
    economy: Economy, labels: Labels, mobility: Mobility | None, given: GroupShares | pd.DataFrame | None, aversion: float
) -> Workers | None:
    """Groups of factors, where there is anything to say of them; `DataError` with the faults of both."""
    if mobility is None:
        if given is not None:
            raise DataError("group_shares: says nothing without mobility, the elasticity with which workers move; give both.")
        return None
    try:
        shares = group_shares_of(economy, given) if isinstance(given, pd.DataFrame) else given
    except DataError as error:
        raise DataError([*error.faults, *mobility_faults(mobility), *aversion_faults(aversion)]) from error
    return workers(labels, mobility, shares, aversion)


OWN = ("sector", "country")
"""Dims of what a country has of its own, in the order of the solvers."""


def _in_order(economy: Economy, name: str, dims: tuple[str, ...]) -> Array:
    """A variable in this order of dims and of memory: solvers pass over it thousands of times, and sectors come first for all."""
    return np.array(economy.data[name].transpose(*dims).values, order="C")


def _ratio(numerator: Array, denominator: Array) -> Array:
    """numerator / denominator [any dims], zero where the denominator is zero (a cell that does not exist has no shares)."""
    exists = denominator != 0
    return np.where(exists, numerator / np.where(exists, denominator, 1.0), 0.0)


def _all_value_added(payments: Array, sales: Array) -> Array:
    """Factor payments of a world without inputs [factor, sector, country]: sales, split as the cell's value added (as the country's where it has
    none).
    """
    cell, country = payments.sum(axis=0), payments.sum(axis=1)
    split = np.where(cell > 0, payments / np.where(cell > 0, cell, 1.0), (country / country.sum(axis=0))[:, None, :])
    return np.asarray(split * sales)


def _final_faults(economy: Economy, final: xr.DataArray, negative: int, rule: NegativeFinalDemand) -> Iterable[str]:
    if negative and rule == "refuse":
        worst = float(final.min())
        yield (
            f"{economy.origin}: final demand (spending minus intermediate purchases) is negative in {negative} of {final.size} cells, "
            f"largest {worst:.6g} at "
            f'{place(final, final.values == worst)}, so the year is not an equilibrium. negative_final_demand = "zero" sets them to zero and '
            "measures every change from the equilibrium that follows."
        )
    empty = final.values.sum(axis=0) <= 0
    if empty.any():
        yield f"{economy.origin}: no final demand at {place(final.sum('sector'), empty)}; drop or merge the country."


def labelled(benchmark: Benchmark, array: Array, *dims: str) -> xr.DataArray:
    """A bare array [`dims`] with the benchmark's labels."""
    return benchmark.labels.array(array, *dims)
