"""The benchmark: an economy as the shares that the equations in changes need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import xarray as xr

from cge.data.arrays import Array, Labels, described
from cge.data.economy import Economy, place
from cge.errors import DataError
from cge.model.weights import Weights, in_parts, shifted

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
    """

    data: xr.Dataset
    attrs: dict[str, object]
    negative_final_demand: int = 0
    intermediates: bool = True

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


def calibrate(economy: Economy, *, intermediates: bool = True, negative_final_demand: NegativeFinalDemand = "refuse") -> Benchmark:
    """Shares and values of an economy (MODEL identities: sales = inputs + factor payments; spending = inputs + final demand).

    Args:
        economy: checked values.
        intermediates: False leaves input-output links out: all of sales is value added, all of spending is final.
        negative_final_demand: where spending falls short of intermediate purchases, `refuse` is an error; `zero` sets the final share
            of the cell to zero and scales the others, β = max(F, 0)/Σ max(F, 0), with income and transfers as in the data.

    Raises:
        DataError: negative final demand under `refuse`, or a country without final demand.
    """
    data = economy.data
    flow = data["flow"].transpose("sector", "exporter", "importer")
    tariff = data["tariff"].transpose("sector", "exporter", "importer")
    taxes = {"export_tax": data["export_tax"].transpose("sector", "exporter", "importer")} if "export_tax" in data else {}
    border = flow * (1 + taxes["export_tax"]) if taxes else flow
    paid = border * (1 + tariff)
    spending = _own(paid.sum("exporter"), "importer")
    sales = _own(flow.sum("importer"), "exporter")
    purchases = data["intermediate"].transpose("input", "sector", "country")
    payments = data["value_added"].transpose("factor", "sector", "country")
    if not intermediates:
        purchases, payments = xr.zeros_like(purchases), _all_value_added(payments, sales)
    # What rounding is left between sales and cost (below 1e-9) goes to the factors, so that cost shares sum to one exactly.
    added = payments.sum("factor")
    payments = payments * _ratio(sales - purchases.sum("input"), added)
    final = spending - purchases.sum("sector").rename(input="sector")
    factor_income = payments.sum("sector")
    income = final.sum("sector")
    abroad = border.where(flow["exporter"] != flow["importer"], 0.0).sum("sector")
    observed = final / income
    final_share, treated = _final_share(economy, final, spending, negative_final_demand)
    variables = {
        "trade_share": _ratio(paid, paid.sum("exporter")).transpose("sector", "exporter", "importer"),
        "flow": flow,
        "tariff": tariff,
        **taxes,
        "spending": spending,
        "sales": sales,
        "final_share": final_share,
        "observed_final_share": observed,
        "factor_share": _ratio(payments, sales),
        "input_share": _ratio(purchases, sales),
        "factor_income": factor_income,
        "income": income,
        # as imports less exports, which income less earnings equals: exact beside a small country's trade, which is what has to balance
        "transfer": _own(abroad.sum("exporter"), "importer") - _own(abroad.sum("importer"), "exporter"),
    }
    # Solvers pass over these arrays thousands of times: one memory order for all, sectors outermost.
    contiguous = {name: array.copy(data=np.ascontiguousarray(array.values)) for name, array in variables.items()}
    return Benchmark(described(xr.Dataset(contiguous), data.attrs.get("unit", "money")), dict(data.attrs), treated, intermediates)


def _own(array: xr.DataArray, dim: str) -> xr.DataArray:
    """`array` by country instead of by exporter or importer (same labels, same order)."""
    words = [name for name in array.coords if name != dim and dim in array[name].dims]
    return array.drop_vars(words).rename({dim: "country"})


def _ratio(numerator: xr.DataArray, denominator: xr.DataArray) -> xr.DataArray:
    """numerator / denominator, zero where the denominator is zero (a cell that does not exist has no shares)."""
    exists = denominator != 0
    return (numerator / denominator.where(exists, 1.0)).where(exists, 0.0).transpose(*numerator.dims)


def _all_value_added(payments: xr.DataArray, sales: xr.DataArray) -> xr.DataArray:
    """Factor payments of a world without inputs: sales, split as the cell's value added (as the country's where it has none)."""
    cell = payments.sum("factor")
    country = payments.sum("sector")
    split = (payments / cell.where(cell > 0, 1.0)).where(cell > 0, country / country.sum("factor"))
    return (split * sales).transpose(*payments.dims)


def _final_share(economy: Economy, final: xr.DataArray, spending: xr.DataArray, rule: NegativeFinalDemand) -> tuple[xr.DataArray, int]:
    """Shares of final demand, and the number of negative cells that were treated."""
    negative = (final < -ROUNDING * spending.sum("sector")).transpose(*final.dims)
    faults = list(_final_faults(economy, final, negative, rule))
    if faults:
        raise DataError(faults)
    positive = final.clip(min=0)
    return (positive / positive.sum("sector")).transpose("sector", "country"), int(negative.sum())


def _final_faults(economy: Economy, final: xr.DataArray, negative: xr.DataArray, rule: NegativeFinalDemand) -> Iterable[str]:
    count = int(negative.sum())
    if count and rule == "refuse":
        worst = float(final.min())
        yield (
            f"{economy.origin}: final demand (spending minus intermediate purchases) is negative in {count} of {final.size} cells, "
            f"largest {worst:.6g} at "
            f'{place(final, final.values == worst)}, so the year is not an equilibrium. negative_final_demand = "zero" sets them to zero and '
            "measures every change from the equilibrium that follows."
        )
    empty = final.sum("sector").values <= 0
    if empty.any():
        yield f"{economy.origin}: no final demand at {place(final.sum('sector'), empty)}; drop or merge the country."


def labelled(benchmark: Benchmark, array: Array, *dims: str) -> xr.DataArray:
    """A bare array [`dims`] with the benchmark's labels."""
    return benchmark.labels.array(array, *dims)
