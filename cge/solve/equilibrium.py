"""One equilibrium, and whether it solves the original equations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.model.benchmark import Benchmark
from cge.model.overlaid import contract, times
from cge.model.system import System, Unknowns, Values, evaluate, log_profitability

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

    Several that were found together are one, too: arrays then have an axis of scenarios at their end (of one place where all agree), as those of
    their `System`. What is not summed over pairs of countries serves for both.

    Attributes:
        system: the numbers it solves; unknowns: factor prices, prices, spending, entry; values: everything that follows.
    """

    system: System
    unknowns: Unknowns
    values: Values

    @property
    def columns(self) -> Equilibrium:
        """The same for arrays with an axis of scenarios at their end."""
        unknowns, values = ([part[..., None] for part in parts] for parts in (self.unknowns, self.values))
        return Equilibrium(self.system.columns, Unknowns(*unknowns), Values(*values))

    @property
    def factor_price(self) -> Array:
        """ŵ [factor, country]: what a unit of endowment earns, on average where it depends on the sector."""
        return np.exp(self.log_factor_price)

    @property
    def log_factor_price(self) -> Array:
        """ln ŵ [factor, country]."""
        s = self.system
        if s.supply is None:
            return self.unknowns.log_factor_price
        return np.log(self.by_factor(self.values.factor_income) / self.by_factor(s.endowed))

    def by_factor(self, markets: Array) -> Array:
        """Money of markets [market, country] summed by factor [factor, country]."""
        s = self.system
        if s.supply is None:
            return markets
        places = zip(s.supply.places, s.by_factor(markets), strict=True)
        return np.stack([own if isinstance(place, int) else own.sum(axis=0) for place, own in places])

    @property
    def log_unit_price(self) -> Array:
        """ln of the price of a unit of a factor in every sector [factor, sector, country]."""
        s = self.system
        every = [price if price.ndim == s.home.ndim else price[None] for price in s.by_factor(self.unknowns.log_factor_price)]
        return np.stack([np.broadcast_to(price, np.broadcast_shapes(price.shape, s.home.shape)) for price in every])

    @property
    def spending(self) -> Array:
        """X', money."""
        return self.system.benchmark_spending * np.exp(self.unknowns.log_spending_change)

    @cached_property
    def trade_share(self) -> Array:
        """λ' [sector, exporter, importer]."""
        return np.asarray(self.weighted(self.system.foreign, self.values.sender) / self.values.competition[:, None, :])

    @cached_property
    def flow(self) -> Array:
        """Sales at producer prices [sector, exporter, importer], money."""
        return self.sold(self.values.sender)

    @property
    def own_share(self) -> Array:
        """λ' of sales at home [sector, country]."""
        return np.asarray(self.system.home * self.values.sender / self.values.competition)

    @property
    def exports(self) -> Array:
        """Sales abroad at producer prices [country], money."""
        return np.asarray(eq.exports(self.values.sender, self.values.foreign_access))

    @property
    def imports(self) -> Array:
        """Purchases abroad at producer prices [country], money."""
        s, v = self.system, self.values
        if s.levied is None:
            return self.border_imports
        return np.asarray((v.demand * eq.foreign_competition(s.net_foreign, v.sender, eq.NUMBERS)).sum(axis=0))

    @property
    def border_exports(self) -> Array:
        """What sales abroad bring in: at producer prices with the country's own export taxes [country], money."""
        return np.asarray(self.exports + self.values.export_tax_revenue)

    @property
    def border_imports(self) -> Array:
        """What is paid abroad for purchases: at producer prices with the export taxes of those who sell [country], money."""
        return np.asarray(eq.imports(self.values.demand, self.values.foreign_competition, self.values.tariff_revenue))

    def of_sellers(self, each: Array) -> Array:
        """Σ_i flow_ins · each_is: a number for every seller [sector, exporter], summed over what each market buys [sector, importer], money."""
        s, v = self.system, self.values
        weight = v.sender * each
        return np.asarray(v.demand * eq.competition(eq.foreign_competition(s.net_foreign, weight, eq.NUMBERS), s.home, weight))

    def traded(self, each: Array) -> tuple[Array, Array]:
        """Σ flow_ins · each_is over markets abroad, of exporters and of importers: a number for every seller [sector, exporter] makes two of every
        country [country], money.
        """
        v = self.values
        weight = v.sender * each
        bought = v.demand * eq.foreign_competition(self.system.net_foreign, weight, eq.NUMBERS)
        return np.asarray((weight * v.foreign_access).sum(axis=0)), np.asarray(bought.sum(axis=0))

    def charged(self, rate: Array, each: Array | float = 1.0) -> Array:
        """Σ_is rate_ins · flow_ins · each_is of every market [country], money: what rates of pairs of countries [sector, exporter, importer] take,
        with a number for every seller [sector, exporter].
        """
        v = self.values
        taken = eq.foreign_competition(times(self.system.net_foreign, rate), v.sender * each, eq.NUMBERS)
        return np.asarray((v.demand * taken).sum(axis=0))

    def sold(self, sender: Array) -> Array:
        """Sales at producer prices of sellers of this weight [sector, exporter] in the markets as they are [sector, exporter, importer], money."""
        return np.asarray(self.weighted(self.system.net_foreign, sender) * self.values.demand[:, None, :])

    def weighted(self, foreign: Array, sender: Array) -> Array:
        """Weights of pairs [sector, exporter, importer] from shifters between countries and senders, home sellers on the diagonal."""
        weight = foreign * sender[:, :, None]
        diagonal = np.arange(weight.shape[1])
        weight[:, diagonal, diagonal] = self.system.home * sender
        return np.asarray(weight)

    def log_real_income(self, income: Array, log_price: Array | float = 0.0) -> Array:
        """ln of real income over that at these incomes [country] and ln price indices [sector, country] (default: those of the data)."""
        change = self.unknowns.log_price - log_price
        return np.asarray(eq.log_real_income(np.log(self.values.income / income), change, self.system.real_share))

    @property
    def net_of_tariff(self) -> Array:
        """1/(1 + t') of flows between countries [sector, exporter, importer]; one where nothing is traded."""
        traded = self.system.foreign > 0
        return np.where(traded, self.system.net_foreign / np.where(traded, self.system.foreign, 1.0), 1.0)


def equilibrium(system: System, unknowns: Unknowns) -> Equilibrium:
    """The equilibrium at given unknowns (unverified)."""
    return Equilibrium(system, unknowns, evaluate(system, unknowns))


def residuals(found: Equilibrium) -> dict[str, Array]:
    """Residuals of equations 1 to 10 as they stand, relative, every one, by name [label, country], [1, 1] where it is the world's.

    Unit cost, trade weights, competition, shares and sales are computed from the unknowns by their equations, so what is left are price
    indices, spending, entry (|min(Ŝ, 1 − R'/(Ŝ ĉ R))|), every factor market including the implied one, income, and the numeraire.
    """
    s, u, v = found.system, found.unknowns, found.values
    spending = found.spending
    # with sales (equation 7) in place of what producers pay: equal in equilibrium, and the original equation
    cost = s.cost(v.sales)
    income = v.factor_income.sum(axis=0) + (v.sales - cost).sum(axis=0) + v.tariff_revenue + v.export_tax_revenue + v.transfer
    uses = 0.0 if s.input_share is None else contract(s.input_share.transpose(0, 2, 1), cost.swapaxes(0, 1)).swapaxes(0, 1)
    # final demand and uses add up to spending; only untreated data can have them of opposite signs
    floor = np.maximum(np.abs(s.final_share * income) + uses, SMALL * spending.sum(axis=0))
    slack = -np.expm1(log_profitability(s, u, v))
    return {
        "price index": np.abs(np.expm1(u.log_price - v.log_price)),
        "spending": np.abs(spending - s.final_share * income - uses) / floor,
        "entry": np.where((s.scale > 0) & s.produced, np.abs(np.minimum(u.entry, slack)), 0.0),
        "factor market": np.abs(factor_markets(s, cost, v.factor_income)),
        "income": np.abs(v.income / income - 1)[None],
        "numeraire": np.abs(v.factor_income.sum(axis=(0, 1)) / s.endowed.sum(axis=(0, 1)) - 1)[None, None],
    }


def factor_markets(s: System, cost: Array, earned: Array) -> Array:
    """Payments of producers over what is earned, less one, in every market that there is [market, country]."""
    if s.supply is None:
        return np.asarray((s.factor_share * cost).sum(axis=1) / earned - 1)
    asked = [
        (share * cost).sum(axis=0)[None] if isinstance(place, int) else share * cost
        for place, share in zip(s.supply.places, s.factor_share, strict=True)
    ]
    payments, some = np.concatenate(asked), earned > 0
    return np.where(some, payments / np.where(some, earned, 1.0) - 1, np.where(payments > 0, np.inf, 0.0))


def check(benchmark: Benchmark, found: Equilibrium) -> Check:
    """Residuals of the original equations at a candidate, the worst by name."""
    return _worst(benchmark, found.system.endowed, markets(benchmark, found.system), residuals(found))


def check_each(benchmark: Benchmark, found: Equilibrium) -> list[Check]:
    """As `check`, for every one of those that were found together."""
    arrays = {**residuals(found), "endowed": found.system.endowed}
    count = max(array.shape[-1] for array in arrays.values())
    every = [{name: array[..., place if array.shape[-1] > 1 else 0] for name, array in arrays.items()} for place in range(count)]
    named = markets(benchmark, found.system)
    return [_worst(benchmark, own.pop("endowed"), named, own) for own in every]


def markets(benchmark: Benchmark, system: System) -> list[str]:
    """Names of factor markets."""
    return benchmark.factors if system.supply is None else list(system.supply.names)


def _worst(benchmark: Benchmark, endowed: Array, named: list[str], arrays: dict[str, Array]) -> Check:
    """The check of residuals [label, country] by name; `endowed`: that of the system; named: factor markets."""
    arrays = {name: np.nan_to_num(array, nan=np.inf) for name, array in arrays.items()}
    worst = max(arrays, key=lambda name: float(arrays[name].max()))
    row, column = np.unravel_index(int(arrays[worst].argmax()), arrays[worst].shape)
    axis = {"income": [""], "factor market": named}.get(worst, benchmark.sectors)
    place = "" if worst == "numeraire" else f" of {' in '.join(filter(None, [axis[row], benchmark.countries[column]]))}"
    dropped = int(endowed.sum(axis=0).argmax())
    last = int(np.flatnonzero(endowed[:, dropped])[-1])
    return Check(
        float(arrays[worst].max()),
        f"{worst}{place}",
        float(arrays["factor market"][last, dropped]),
        f"factor market of {named[last]} in {benchmark.countries[dropped]}",
    )


def ratio(new: Array, old: Array) -> Array:
    """new / old [any dims]; NaN where both are zero, infinite where only the old is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(new / old)
