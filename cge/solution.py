"""What a solve returns: a verified equilibrium beside the one that changes are measured from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import xarray as xr

from cge.benchmark import Benchmark
from cge.errors import Outcome
from cge.exponents import Exponents
from cge.shock import Shock
from cge.stability import Stability
from cge.system import Array, System, Unknowns, Values, evaluate, labelled
from cge.technology import Levels

SMALL = 1e-12
"""A cell is judged by its own value where that exceeds this part of its country's spending; below, by that floor."""


@dataclass(frozen=True)
class Check:
    """Relative residuals of the original equations at a candidate.

    Attributes:
        residual: the largest; market: where, in words.
        walras: residual of the factor market that the other equations imply; dropped: its name.
    """

    residual: float
    market: str
    walras: float
    dropped: str


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """One equilibrium, hats relative to the data; arrays [sector, country] unless said otherwise.

    Attributes:
        system: the numbers it solves; unknowns: factor prices, prices, spending, entry; values: everything that follows.
    """

    system: System
    unknowns: Unknowns
    values: Values

    @property
    def factor_price(self) -> Array:
        """ŵ [factor, country]."""
        return np.exp(self.unknowns.log_factor_price)

    @property
    def spending(self) -> Array:
        """X', money."""
        return self.system.benchmark_spending * np.exp(self.unknowns.log_spending_change)

    @cached_property
    def trade_share(self) -> Array:
        """λ' [sector, exporter, importer]."""
        s, v = self.system, self.values
        share = s.foreign * v.sender[:, :, None]
        diagonal = np.arange(share.shape[1])
        share[:, diagonal, diagonal] = s.home * v.sender
        return np.asarray(share / v.competition[:, None, :])

    @cached_property
    def flow(self) -> Array:
        """Sales at producer prices [sector, exporter, importer], money."""
        s, v = self.system, self.values
        flow = s.net_foreign * v.sender[:, :, None]
        diagonal = np.arange(flow.shape[1])
        flow[:, diagonal, diagonal] = s.home * v.sender
        return np.asarray(flow * v.demand[:, None, :])

    @property
    def net_of_tariff(self) -> Array:
        """1/(1 + t') of flows between countries [sector, exporter, importer]; one where nothing is traded."""
        traded = self.system.foreign > 0
        return np.where(traded, self.system.net_foreign / np.where(traded, self.system.foreign, 1.0), 1.0)


def equilibrium(system: System, unknowns: Unknowns) -> Equilibrium:
    """The equilibrium at given unknowns (unverified)."""
    return Equilibrium(system, unknowns, evaluate(system, unknowns))


def check(benchmark: Benchmark, found: Equilibrium) -> Check:
    """Residuals of equations 1 to 10 as they stand, relative, every one.

    Unit cost, trade weights, competition, shares and sales are computed from the unknowns by their equations, so what is left are price
    indices,
    spending, entry (|min(Ŝ, 1 − R'/(Ŝ ĉ R))|), every factor market including the implied one, income, and the numeraire.
    """
    s, u, v = found.system, found.unknowns, found.values
    spending = found.spending
    income = v.factor_income.sum(axis=0) + v.tariff_revenue + v.transfer
    # with sales (equation 7) in place of what producers pay: equal in equilibrium, and the original equation
    uses = 0.0 if s.input_share is None else np.matmul(s.input_share.transpose(0, 2, 1), v.sales.T[..., None])[..., 0].T
    # final demand and uses add up to spending; only untreated data can have them of opposite signs
    floor = np.maximum(np.abs(s.final_share * income) + uses, SMALL * spending.sum(axis=0))
    slack = -np.expm1(v.log_profitability)
    entry = np.where((s.scale > 0) & s.produced, np.abs(np.minimum(u.entry, slack)), 0.0)
    market = np.abs((s.factor_share * v.sales).sum(axis=1) / v.factor_income - 1)
    residuals = {
        "price index": (np.abs(np.expm1(u.log_price - v.log_price)), "sector"),
        "spending": (np.abs(spending - s.final_share * income - uses) / floor, "sector"),
        "entry": (entry, "sector"),
        "factor market": (market, "factor"),
        "income": (np.abs(v.income / income - 1)[None], "all"),
        "numeraire": (np.full((1, 1), abs(v.factor_income.sum() / s.endowed.sum() - 1)), "world"),
    }
    largest = {name: float(np.nan_to_num(r, nan=np.inf).max()) for name, (r, _) in residuals.items()}
    worst = max(largest, key=lambda name: largest[name])
    array, axis = residuals[worst]
    row, column = np.unravel_index(int(np.nan_to_num(array, nan=np.inf).argmax()), array.shape)
    names = {"sector": benchmark.sectors, "factor": benchmark.factors, "all": [""], "world": [""]}[axis]
    place = "" if axis == "world" else f" of {' in '.join(filter(None, [names[row], benchmark.countries[column]]))}"
    dropped = int(s.endowed.sum(axis=0).argmax())
    return Check(
        largest[worst],
        f"{worst}{place}",
        float(market[-1, dropped]),
        f"factor market of {benchmark.factors[-1]} in {benchmark.countries[dropped]}",
    )


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def corners(self) -> dict[str, int]:
        """Cells of free entry at zero: `emptied` by the shock, `refilled` by it, already empty in the `benchmark` (reference)."""
        before, after = self.empty(self.reference), self.empty(self.counterfactual)
        return {"emptied": int((after & ~before).sum()), "refilled": int((before & ~after).sum()), "benchmark": int(before.sum())}

    def empty(self, found: Equilibrium) -> Array:
        """Cells that sell in the data and nothing in an equilibrium with free entry [sector, country]."""
        s = found.system
        return np.asarray((s.benchmark_sales > 0) & (s.scale > 0) & (found.unknowns.entry == 0))

    @cached_property
    def data(self) -> xr.Dataset:
        """Changes (hats, counterfactual over reference) and new values, labelled.

        Variables: `factor_price` [factor, country]; `unit_cost`, `entry`, `price_index` [sector, country] (NaN where the cell does not
        exist in the reference); `spending`, `sales`, `spending_benchmark`, `sales_benchmark` [sector, country], `income`,
        `tariff_revenue`, `transfer` and
        their `_benchmark` [country], `flow`, `flow_benchmark`, `tariff`, `tariff_benchmark` [sector, exporter, importer] (money, net of
        tariff;
        rates), `real_income` [country].
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
        log_price = new.unknowns.log_price - old.unknowns.log_price
        log_income = np.log(new.values.income / old.values.income)
        variables = {
            "factor_price": labelled(b, new.factor_price / old.factor_price, "factor", "country"),
            **{name: cell(array) for name, array in change.items()},
            "real_income": country(np.exp(log_income - (new.system.final_share * log_price).sum(axis=0))),
        }
        for suffix, e, shock in (("", new, self.shock), ("_benchmark", old, self.shock.baseline)):
            rate = b.data["tariff"].values if shock is None or shock.tariff is None else shock.tariff.values
            variables |= {
                f"spending{suffix}": cell(e.spending),
                f"sales{suffix}": cell(e.values.sales),
                f"income{suffix}": country(e.values.income),
                f"tariff_revenue{suffix}": country(e.values.tariff_revenue),
                f"transfer{suffix}": country(e.values.transfer),
                f"flow{suffix}": labelled(b, e.flow, "sector", "exporter", "importer"),
                f"tariff{suffix}": labelled(b, rate, "sector", "exporter", "importer"),
            }
        return xr.Dataset(variables)


def ratio(new: Array, old: Array) -> Array:
    """new / old; NaN where both are zero, infinite where only the old is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(new / old)
