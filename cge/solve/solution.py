"""What a solve returns: a verified equilibrium beside the one that changes are measured from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import Array, described
from cge.errors import Outcome
from cge.model.benchmark import Benchmark, labelled
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.model.technology import Levels
from cge.solve.equilibrium import Equilibrium, ratio
from cge.solve.stability import Stability

TOLD = "cge.questions.told"
"""What a solution tells stands far above it, and is known to it by this name alone."""


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """A verified counterfactual.

    Attributes:
        benchmark, exponents, shock: what was asked.
        reference: equilibrium that changes are measured from (the data, or the one solved first); counterfactual: the new one.
        outcome: solved, in words; residual, walras, dropped: of the counterfactual (the larger of both solves), see `Check`.
        iterations: Newton steps of all solves; seconds: all solves, without reading, stability and writing.
        stability: certificate of free entry with inputs, None where it does not apply (`stability_note` says why).
        method: `hat` or `levels`.
        warnings: sentences the reader must see.
        levels_vs_hat: with levels, the largest difference from changes; levels: technology and benchmark in levels.
        case: what the run file says that it answers; None where it was made in Python.
    """

    benchmark: Benchmark
    exponents: Exponents
    shock: Shock
    reference: Equilibrium
    counterfactual: Equilibrium
    outcome: Outcome
    residual: float
    walras: float
    dropped: str
    iterations: int
    seconds: float
    stability: Stability | None = None
    stability_note: str = ""
    method: str = "hat"
    warnings: tuple[str, ...] = field(default_factory=tuple)
    levels_vs_hat: float | None = None
    levels: Levels | None = None
    case: object = None

    def __repr__(self) -> str:
        return str(_told().brief(self))

    def _repr_html_(self) -> str:
        return str(_told().html(self))

    axis = ()
    """The shape of what an array has behind its other axes."""

    @property
    def taxes_exports(self) -> bool:
        """Whether any country taxes its exports, before or after."""
        return any(found.system.levied is not None for found in (self.reference, self.counterfactual))

    @property
    def asked(self) -> Sequence[tuple[Exponents, Shock]]:
        """Model and shock."""
        return ((self.exponents, self.shock),)

    def each(self, make: Callable[[Exponents, Shock], Array]) -> Array:
        """What follows from model and shock [any dims]; of `Solutions` with their axis at the end."""
        return make(self.exponents, self.shock)

    @property
    def has_profits(self) -> bool:
        """Whether a part of sales is profit."""
        return self.counterfactual.system.profit is not None

    @cached_property
    def corners(self) -> dict[str, int]:
        """Cells of free entry at zero: `emptied` by the shock, `refilled` by it, already empty in the `benchmark` (reference)."""
        before, after = self.empty(self.reference), self.empty(self.counterfactual)
        return {"emptied": int((after & ~before).sum()), "refilled": int((before & ~after).sum()), "benchmark": int(before.sum())}

    def empty(self, found: Equilibrium) -> Array:
        """Cells that sell in the data and nothing in an equilibrium with free entry [sector, country]."""
        s = found.system
        return np.asarray((s.benchmark_sales > 0) & (s.scale > 0) & (found.unknowns.entry == 0))

    @property
    def log_real_income(self) -> Array:
        """ln Û [country]."""
        return _log_real_income(self)

    @cached_property
    def data(self) -> xr.Dataset:
        """Changes (hats, counterfactual over reference) and new values, labelled.

        Variables: `factor_price` [factor, country]; `unit_cost`, `entry`, `price_index` [sector, country] (NaN where the cell does not
        exist in the reference); `spending`, `sales`, `spending_benchmark`, `sales_benchmark` [sector, country], `income`,
        `profit`, `tariff_revenue`, `export_tax_revenue`, `transfer` and
        their `_benchmark` [country], `flow`, `flow_benchmark`, `tariff`, `tariff_benchmark` [sector, exporter, importer] (money, net of
        tariffs and export taxes; rates), where exports are taxed `export_tax`, `export_tax_benchmark` [the same], `real_income` [country].
        """
        old, new = self.reference, self.counterfactual
        b = self.benchmark

        def cell(array: Array) -> xr.DataArray:
            return labelled(b, array, "sector", "country")

        def country(array: Array) -> xr.DataArray:
            return labelled(b, np.broadcast_to(array, (len(b.countries),)).copy(), "country")

        made, bought = old.system.produced & (old.values.sales > 0), old.system.bought
        change = {
            "unit_cost": np.where(made, np.exp(new.values.log_unit_cost - old.values.log_unit_cost), np.nan),
            "entry": np.where(made, ratio(new.unknowns.entry, old.unknowns.entry), np.nan),
            "price_index": np.where(bought, np.exp(new.unknowns.log_price - old.unknowns.log_price), np.nan),
        }
        variables = {
            "factor_price": labelled(b, new.factor_price / old.factor_price, "factor", "country"),
            **{name: cell(array) for name, array in change.items()},
            "real_income": country(np.exp(self.log_real_income)),
        }
        for suffix, e, shock in (("", new, self.shock), ("_benchmark", old, self.shock.reference)):
            variables |= {
                f"spending{suffix}": cell(e.spending),
                f"sales{suffix}": cell(e.values.sales),
                f"income{suffix}": country(e.values.income),
                f"profit{suffix}": country(e.values.profit),
                f"tariff_revenue{suffix}": country(e.values.tariff_revenue),
                f"export_tax_revenue{suffix}": country(e.values.export_tax_revenue),
                f"transfer{suffix}": country(e.values.transfer),
                f"flow{suffix}": labelled(b, e.flow, "sector", "exporter", "importer"),
                f"tariff{suffix}": labelled(b, shock.rates(b), "sector", "exporter", "importer"),
            }
            if self.taxes_exports:
                rates = np.broadcast_to(shock.rates(b, "export_tax"), b.arrays["flow"].shape)
                variables[f"export_tax{suffix}"] = labelled(b, rates.copy(), "sector", "exporter", "importer")
        return described(xr.Dataset(variables), b.unit)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The csv files of an output folder as tables, by name: `welfare`, `groups`, `factors`, `sectors`, `flows` and what else there is."""
        return dict(_told().tables(self))

    def save(self, folder: str | os.PathLike[str], *, title: str = "", groups: Mapping[str, list[str] | str] | None = None) -> None:
        """Write the output folder, as `cge run` does; `cge report` and `cge table` read it. An earlier one is replaced as a whole.

        Args:
            folder: where; title: of what was asked [default: that of the run file, or the model].
            groups: labels of groups of countries, or the names of bundled ones, which groups.csv holds beside World.

        Raises:
            InputError: the folder cannot be written, or holds files that are not of this package; RunFileError: faults of the groups.
        """
        _told().save(self, folder, title, groups)

    def report(self, path: str | os.PathLike[str], *, title: str = "", groups: Mapping[str, list[str] | str] | None = None) -> None:
        """Write the page, one HTML file; arguments as `save`.

        Raises:
            InputError: the file cannot be written; RunFileError: faults of the groups.
        """
        _told().report(self, path, title, groups)


@dataclass(frozen=True, eq=False)
class Solutions:
    """Verified counterfactuals of one economy that were found together: as `Solution`, with an axis of scenarios at the end of all arrays.

    All are measured from the data, and none changes trade costs or taxes exports, so that what is summed over pairs of countries needs no array of
    its own for each.

    Attributes:
        benchmark; asked: model and shock of each; reference (of one place, where all agree), counterfactual: their equilibria.
        outcome: solved; residual: the larger of both solves [scenario].
    """

    benchmark: Benchmark
    asked: Sequence[tuple[Exponents, Shock]]
    reference: Equilibrium
    counterfactual: Equilibrium
    outcome: Outcome
    residual: Array

    axis = (1,)
    """The shape of what an array has behind its other axes where all scenarios agree."""

    taxes_exports = False
    """No country does."""

    def each(self, make: Callable[[Exponents, Shock], Array]) -> Array:
        """What follows from model and shock, of every scenario [any dims, scenario]."""
        return np.stack([make(*question) for question in self.asked], axis=-1)

    @property
    def log_real_income(self) -> Array:
        """ln Û [country, scenario]."""
        return _log_real_income(self)


Answered = Solution | Solutions
"""One counterfactual, or several that were found together."""


def _log_real_income(solution: Answered) -> Array:
    return solution.counterfactual.log_real_income(solution.reference.values.income, solution.reference.unknowns.log_price)


def _told() -> Any:
    """The module `TOLD`."""
    return import_module(TOLD)
