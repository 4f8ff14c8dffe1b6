"""The system: all numbers of one counterfactual as bare arrays, and the order in which the equations are evaluated (the only place it is
written).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.model.buyer import Buyer
from cge.model.overlaid import where_taxed
from cge.model.seller import Seller
from cge.model.supply import Supply
from cge.model.transfers import TransferRule


@dataclass(frozen=True, eq=False)
class System:
    """All numbers of one counterfactual; every array [sector, country] unless said otherwise.

    Counterfactuals that are solved together are one system too: arrays then have an axis of scenarios at their end (of one place where all agree),
    but input shares, which all have in common, and weights between countries, which are `Overlaid` where they differ.

    Attributes:
        seller, buyer: exponents of both sides of trade [sector, 1].
        foreign, home: shifter z/sender of flows between countries [sector, exporter, importer] (zero diagonal) and at home, each market
            divided by its largest entry, whose log is `log_unit` (elasticities of 65 and costs × 100 leave the range of floats otherwise).
        net_foreign, taxed, levied: what of `foreign` is the producer's, / ((1 + t')(1 + x')); the importer's treasury's, · t'/(1 + t'); and the
            exporter's treasury's, · x'/((1 + t')(1 + x')). `foreign` itself and None where there are no such rates.
        factor_share: a [factor, sector, country]; input_share: γ [country, sector, input], None without inputs.
        final_share: β; benchmark_spending: X; benchmark_sales: R; produced, bought: where sales and spending can be positive.
        profit: ν, the share of sales that is profit [sector, 1], None where there is none. eta: η, the part of changes of prices that does not reach
            real income [sector, 1].
        endowed: benchmark payments times V̂ [market, country]; transfer, benchmark_income: of the data [country]; rule: of transfers.
        supply: how factors supply themselves to sectors; None where each is one pool, its market: what is said of markets is then said of factors.
    """

    seller: Seller
    buyer: Buyer
    foreign: Array
    home: Array
    net_foreign: Array
    taxed: Array | None
    levied: Array | None
    log_unit: Array
    factor_share: Array
    input_share: Array | None
    final_share: Array
    eta: Array
    benchmark_spending: Array
    benchmark_sales: Array
    log_benchmark_sales: Array
    produced: Array
    bought: Array
    profit: Array | None
    endowed: Array
    transfer: Array
    benchmark_income: Array
    rule: TransferRule
    supply: Supply | None = None

    @property
    def scale(self) -> Array:
        """The exponent on entry [sector, 1]; zero where there is no free entry."""
        return self.seller.entry

    @property
    def pays(self) -> Array:
        """Markets in which a factor earns something [market, country]."""
        out = np.ones(self.endowed.shape, bool)
        for roy in () if self.supply is None else self.supply.roys:
            out[roy.at] = roy.works
        return out

    @property
    def linked(self) -> bool:
        """Whether producers buy inputs."""
        return self.input_share is not None and bool(self.input_share.any())

    @property
    def real_share(self) -> Array:
        """β (1 − η): what of a change of prices and of income, sector by sector, reaches real income [sector, country]."""
        return np.asarray(self.final_share * (1 - self.eta))

    @property
    def between(self) -> dict[str, Any]:
        """Weights between countries by name, as far as there are any."""
        return {name: weights for name in BETWEEN if (weights := getattr(self, name)) is not None}

    @property
    def border(self) -> Array:
        """What of `foreign` is paid at the border, `foreign` / (1 + t'): the producer's part and the exporter's treasury's."""
        return self.net_foreign if self.levied is None else self.net_foreign + self.levied

    def with_sellers(self, factor: Array) -> System:
        """The system with the weights between countries of every seller times a factor [sector, exporter]."""
        return replace(self, **{name: weights * factor[:, :, None] for name, weights in self.between.items()})

    @property
    def columns(self) -> System:
        """The same system for arrays with an axis of scenarios at their end."""
        more = {name: getattr(self, name)[..., None] for name in BY_SCENARIO}
        profit = None if self.profit is None else self.profit[..., None]
        net_foreign, taxed = self.net_foreign, self.taxed
        if self.levied is None:
            net_foreign, taxed = where_taxed(self.foreign, net_foreign, taxed)
        more |= {"profit": profit, "net_foreign": net_foreign, "taxed": taxed}
        more["supply"] = None if self.supply is None else self.supply.columns
        return replace(self, seller=self.seller.columns, buyer=self.buyer.columns, **more)

    @property
    def per_cost(self) -> Array:
        """ν/(1 − ν), profit over what producers pay [sector, 1]; zero where there is none."""
        return np.zeros(self.scale.shape) if self.profit is None else np.asarray(self.profit / (1 - self.profit))

    def cost(self, sales: Array) -> Array:
        """What producers who sell this much pay to factors and suppliers [sector, country]."""
        return sales if self.profit is None else np.asarray(eq.cost(sales, self.profit))

    def by_factor(self, markets: Any) -> Any:
        """Of each factor its markets' numbers [market, country, …]: [country, …], or [sector, country, …] where it has one in every sector."""
        return markets if self.supply is None else self.supply.by_factor(markets)

    @cached_property
    def price_share(self) -> Array:
        """Share of cost that the price of a market is part of [market, sector, country]: `factor_share`, where each factor is one pool."""
        if self.supply is None:
            return self.factor_share
        out, sector = np.zeros((len(self.endowed), *self.factor_share.shape[1:])), np.arange(self.factor_share.shape[1])
        for place, share in zip(self.supply.places, self.factor_share, strict=True):
            if isinstance(place, int):
                out[place] = share
            else:
                out[sector + place.start, sector] = share
        return out

    def alone(self, place: int) -> System:
        """One of several scenarios that are solved together (`cge.model.build.build_many`)."""
        between = {name: None if (whole := getattr(self, name)) is None else whole.alone(place) for name in BETWEEN}
        return self._with(lambda array: np.asarray(array[..., place if array.shape[-1] > 1 else 0]), between)

    def some(self, places: Array) -> System:
        """Some of several scenarios that are solved together."""
        between = {name: None if (whole := getattr(self, name)) is None else whole.some(places) for name in BETWEEN}
        return self._with(lambda array: array[..., places] if array.shape[-1] > 1 else array, between)

    def _with(self, own: Callable[[Array], Array], between: dict[str, Any]) -> System:
        """With these weights between countries, and of everything else that scenarios have what `own` takes."""
        mine: dict[str, Any] = {name: own(getattr(self, name)) for name in BY_SCENARIO}
        mine["supply"] = None if self.supply is None else self.supply.mapped(own)
        return replace(self, seller=Seller(*map(own, self.seller)), buyer=Buyer(*map(own, self.buyer)), **mine, **between)


BETWEEN = ("foreign", "net_foreign", "taxed", "levied")
"""Weights between countries."""

BY_SCENARIO = (
    "home", "log_unit", "factor_share", "final_share", "eta", "benchmark_spending", "benchmark_sales", "log_benchmark_sales", "produced", "bought",
    "endowed", "transfer", "benchmark_income",
)  # fmt: skip
"""Arrays of a system that have an axis of scenarios where several are solved together."""


class Unknowns(NamedTuple):
    """A candidate solution.

    Attributes:
        log_factor_price: ln ŵ [market, country].
        log_price: ln P̂; log_spending_change: ln X̂ [sector, country].
        entry: Ŝ; log_entry: ln Ŝ where 0 < scale < 1 (a variable of its own there, since Ŝ may leave the range of floats), zero elsewhere.
    """

    log_factor_price: Array
    log_price: Array
    log_spending_change: Array
    entry: Array
    log_entry: Array


class Values(NamedTuple):
    """Every variable that the equations define at a candidate; [sector, country] unless said otherwise."""

    log_unit_cost: Array
    sender: Array
    foreign_competition: Array
    competition: Array
    log_price: Array
    demand: Array
    foreign_access: Array
    access: Array
    taxed_weight: Array
    levied_access: Array
    sales: Array
    paid: Array
    factor_income: Array
    profit: Array
    tariff_revenue: Array
    export_tax_revenue: Array
    transfer: Array
    income: Array
    spending: Array


def start(system: System) -> Unknowns:
    """The benchmark: no variable has changed."""
    zeros = np.zeros(system.home.shape)
    entry = np.where(system.produced | (system.scale == 0), 1.0, 0.0)
    return Unknowns(np.zeros(system.endowed.shape), zeros, zeros.copy(), entry, zeros.copy())


def itself(name: str, value: Array) -> Array:
    """The value [sector, country]: how numbers define a variable."""
    return value


def evaluate(system: System, u: Unknowns, algebra: eq.Algebra = eq.NUMBERS, define: Callable[[str, Array], Array] = itself) -> Values:
    """The equations in their order, at a candidate; arrays [sector, country] unless `Values` says otherwise.

    `paid` is what producers pay to factors and suppliers: sales less profits, or with free entry Ŝ ĉ R, which equals sales in equilibrium and is
    zero with Ŝ.

    Args:
        algebra, define: how to compute, and what becomes of a variable once its equation has given its value (a modelling language makes a
            variable of its own and an equality).
    """
    s = system
    log_unit_cost = define(
        "log_unit_cost", eq.log_unit_cost(s.by_factor(u.log_factor_price), u.log_price, s.factor_share, s.input_share, algebra)
    )
    sender = define("sender", eq.sender(u.entry, log_unit_cost, u.log_spending_change, s.seller, algebra))
    foreign_competition = eq.foreign_competition(s.foreign, sender, algebra)
    competition = define("competition", eq.competition(foreign_competition, s.home, sender) + 1.0 * ~s.bought)
    log_price = s.buyer.log_price(algebra.log(competition) + s.log_unit, u.log_spending_change) * (1.0 * s.bought)
    demand = define("demand", s.buyer.demand(s.benchmark_spending * algebra.exp(u.log_spending_change), competition))
    foreign_access = eq.foreign_access(s.net_foreign, demand, algebra)
    access = define("access", eq.access(foreign_access, s.home, demand))
    sales = eq.sales(sender, access)
    free = s.scale > 0
    paid = s.cost(sales)
    paid = define("paid", np.where(free, s.benchmark_sales * u.entry * algebra.exp(log_unit_cost), paid) if free.any() else paid)
    factor_income = (
        eq.factor_income(u.log_factor_price, s.endowed, algebra)
        if s.supply is None
        else s.supply.income(u.log_factor_price, s.endowed, algebra, define)
    )
    taxed_weight = 0.0 * demand if s.taxed is None else define("taxed_weight", eq.taxed_weight(s.taxed, sender, algebra))
    levied_access = 0.0 * demand if s.levied is None else define("levied_access", eq.levied_access(s.levied, demand, algebra))
    profit = 0.0 * factor_income[0] if s.profit is None else eq.profits(paid, s.profit)
    revenue = eq.tariff_revenue(taxed_weight, demand)
    levy = 0.0 * revenue if s.levied is None else eq.export_tax_revenue(sender, levied_access)
    transfer = s.rule.value(factor_income.sum(axis=0), s.transfer, s.benchmark_income)
    income = define("income", eq.income(factor_income, profit, revenue, levy, transfer))
    spending = eq.spending(income, paid, s.final_share, s.input_share, algebra)
    return Values(
        log_unit_cost, sender, foreign_competition, competition, log_price, demand, foreign_access, access, taxed_weight,
        levied_access, sales, paid, factor_income, profit, revenue, levy, transfer, income, spending,
    )  # fmt: skip


def log_profitability(system: System, u: Unknowns, v: Values, algebra: eq.Algebra = eq.NUMBERS) -> Array:
    """ln of revenue per entrant over the cost of entry at a candidate and its values [sector, country]: zero where entry is interior."""
    s, reached = system, np.where(system.produced, v.access, 1.0)
    return np.asarray(
        eq.log_profitability(reached, v.log_unit_cost, u.log_entry, u.log_spending_change, s.seller, s.log_benchmark_sales, algebra)
    )
