"""The system: benchmark, exponents and shock as bare arrays, and the order in which the equations are evaluated (the only place it is
written).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from cge import equations as eq
from cge.benchmark import Benchmark
from cge.errors import DataError, Outcome, SolveError
from cge.exponents import Exponents
from cge.shock import Shock

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class System:
    """All numbers of one counterfactual; every array [sector, country] unless said otherwise.

    Attributes:
        trade, cost, scale, market: exponents [sector, 1].
        foreign, home: shifter z/sender of flows between countries [sector, exporter, importer] (zero diagonal) and at home, each market
            divided by its largest entry, whose log is `log_unit` (elasticities of 65 and costs × 100 leave the range of floats otherwise).
        net_foreign, taxed: `foreign` / (1 + t') and `foreign` · t'/(1 + t'); where there is no tariff `foreign` itself and None.
        factor_share: a [factor, sector, country]; input_share: γ [country, sector, input], None without inputs.
        final_share: β; benchmark_spending: X; benchmark_sales: R; produced, bought: where sales and spending can be positive.
        endowed: benchmark payments times V̂ [factor, country]; transfer, benchmark_income: of the data [country]; rule: of transfers.
    """

    trade: Array
    cost: Array
    scale: Array
    market: Array
    foreign: Array
    home: Array
    net_foreign: Array
    taxed: Array | None
    log_unit: Array
    factor_share: Array
    input_share: Array | None
    final_share: Array
    benchmark_spending: Array
    benchmark_sales: Array
    log_benchmark_sales: Array
    produced: Array
    bought: Array
    endowed: Array
    transfer: Array
    benchmark_income: Array
    rule: str


class Unknowns(NamedTuple):
    """A candidate solution.

    Attributes:
        log_factor_price: ln ŵ [factor, country].
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
    sales: Array
    paid: Array
    log_profitability: Array
    factor_income: Array
    tariff_revenue: Array
    transfer: Array
    income: Array
    spending: Array


def adjustment(benchmark: Benchmark, exponents: dict[str, Array], shock: Shock) -> Array | None:
    """ln of what a shock does to trade weights [sector, exporter, importer], −inf where it closes a pair; None where it does nothing.

    −trade·ln τ̂ − tariff·ln((1 + t')/(1 + t)) − fixed·ln f̂ + trade·ln Â.
    """
    e = {name: value[:, None, None] for name, value in exponents.items()}
    terms = []
    if shock.tariff is not None:
        terms.append(-e["tariff"] * np.log((1 + shock.tariff.values) / (1 + benchmark.data["tariff"].values)))
    if shock.iceberg is not None:
        terms.append(-e["trade"] * np.log(shock.iceberg.values))
    if shock.fixed_cost is not None:
        terms.append(-e["fixed"] * np.log(shock.fixed_cost.values))
    if shock.productivity is not None:
        terms.append(e["trade"] * np.log(shock.productivity.values)[:, :, None])
    return np.asarray(sum(terms)) if terms else None


def shifter(share: Array, adjustment: Array | None) -> tuple[Array, Array]:
    """Trade weights per unit of sender, λ·e^adjustment, each market over its largest [sector, exporter, importer]; ln of that [sector, importer].

    The log is −inf in a market without any seller.
    """
    with np.errstate(divide="ignore"):
        if adjustment is None:
            largest = share.max(axis=1)
            return share / np.where(largest > 0, largest, 1.0)[:, None, :], np.log(largest)
        log = np.log(share) + adjustment
    unit = log.max(axis=1)
    return np.exp(log - np.where(np.isfinite(unit), unit, 0.0)[:, None, :]), unit


def build(benchmark: Benchmark, exponents: Exponents, shock: Shock) -> System:
    """The system of a shock in changes.

    Raises:
        DataError: an exponent is missing for a sector, or a fixed-cost shock under a variant whose fixed costs do nothing.
        SolveError: a shock leaves a market without any seller, or a country without trade.
    """
    e = exponents.on(benchmark.sectors)
    require_fixed_cost(exponents, e, shock)
    data = {str(name): array.values for name, array in benchmark.data.items()}
    return assemble(
        benchmark.countries,
        benchmark.sectors,
        e,
        shifter(data["trade_share"], adjustment(benchmark, e, shock)),
        data["tariff"] if shock.tariff is None else shock.tariff.values,
        factor_share=data["factor_share"],
        input_share=data["input_share"],
        final_share=data["final_share"],
        benchmark_spending=data["spending"],
        benchmark_sales=data["sales"],
        endowed=data["factor_income"] * (1.0 if shock.endowment is None else shock.endowment.values),
        transfer=data["transfer"],
        benchmark_income=data["factor_income"].sum(axis=0),
        rule=shock.transfers,
    )


def require_fixed_cost(exponents: Exponents, e: dict[str, Array], shock: Shock) -> None:
    """`DataError` where fixed costs are shocked under a variant that has none."""
    if shock.fixed_cost is not None and not e["fixed"].any():
        raise DataError(
            f"fixed_cost: the fixed cost of serving a market plays no role under {exponents.variant}; use melitz, or an iceberg shock."
        )


def assemble(
    countries: list[str],
    sectors: list[str],
    e: dict[str, Array],
    weight_and_unit: tuple[Array, Array],
    rate: Array,
    *,
    factor_share: Array,
    input_share: Array,
    final_share: Array,
    benchmark_spending: Array,
    benchmark_sales: Array,
    endowed: Array,
    transfer: Array,
    benchmark_income: Array,
    rule: str,
) -> System:
    """A system from trade weights per unit of sender (as `shifter` gives them), tariff rates [sector, exporter, importer], and values.

    Args:
        benchmark_spending, benchmark_sales: units of spending and of sales per entrant and cost; zero where there are none.
        input_share: γ [input, sector, country]; everything else as in `System`.
    """
    weight, unit = weight_and_unit
    bought = benchmark_spending > 0
    _require_sellers(countries, sectors, bought & ~np.isfinite(unit))
    home = np.ascontiguousarray(np.diagonal(weight, axis1=1, axis2=2))
    diagonal = np.arange(weight.shape[1])
    weight[:, diagonal, diagonal] = 0.0
    _require_trade(countries, weight, 0.0 * transfer if rule == "zero" else transfer)
    made = benchmark_sales > 0
    return System(
        **{name: e[name][:, None] for name in ("trade", "cost", "scale", "market")},
        foreign=weight,
        home=home,
        net_foreign=weight / (1 + rate) if rate.any() else weight,
        taxed=weight * (rate / (1 + rate)) if rate.any() else None,
        log_unit=np.where(bought, unit, 0.0),
        factor_share=factor_share,
        input_share=np.ascontiguousarray(input_share.transpose(2, 1, 0)) if input_share.any() else None,
        final_share=final_share,
        benchmark_spending=benchmark_spending,
        benchmark_sales=benchmark_sales,
        log_benchmark_sales=np.log(np.where(made, benchmark_sales, 1.0)),
        produced=made & (home + weight.sum(axis=2) > 0),
        bought=bought,
        endowed=endowed,
        transfer=transfer,
        benchmark_income=benchmark_income,
        rule=rule,
    )


def _require_trade(countries: list[str], foreign: Array, transfer: Array) -> None:
    """A country that gets nothing from abroad for what it gives has no factor price relative to others."""
    earns = (foreign.sum(axis=(0, 2)) > 0) | (transfer > 0)
    spends = (foreign.sum(axis=(0, 1)) > 0) | (transfer < 0)
    isolated = ~(earns & spends)
    if isolated.any():
        names = ", ".join(c for c, cut in zip(countries, isolated, strict=True) if cut)
        sentence = (
            f"No equilibrium: {names} cannot pay for imports with exports or transfers, or has none of them: "
            "its factor price is not determined. For autarky use cge gains."
        )
        raise SolveError(Outcome("no_equilibrium", sentence), {"market": f"trade balance of {names}"})


def _require_sellers(countries: list[str], sectors: list[str], without: Array) -> None:
    """A market with spending needs a seller."""
    if without.any():
        sector, country = np.argwhere(without)[0]
        where = f"{sectors[sector]} in {countries[country]}"
        sentence = f"No equilibrium: the shock closes every seller of {where} ({without.sum()} such markets), but there is spending on it."
        raise SolveError(Outcome("no_equilibrium", sentence), {"market": f"competition of {where}"})


def start(system: System) -> Unknowns:
    """The benchmark: no variable has changed."""
    zeros = np.zeros(system.home.shape)
    entry = np.where(system.produced | (system.scale == 0), 1.0, 0.0)
    return Unknowns(np.zeros(system.endowed.shape), zeros, zeros.copy(), entry, zeros.copy())


def itself(name: str, value: Array) -> Array:
    """The value: how numbers define a variable."""
    return value


def evaluate(system: System, u: Unknowns, algebra: eq.Algebra = eq.NUMBERS, define: Callable[[str, Array], Array] = itself) -> Values:
    """The equations in their order, at a candidate.

    `paid` is what producers pay to factors and suppliers: sales, or with free entry Ŝ ĉ R, which equals sales in equilibrium and is zero with Ŝ.

    Args:
        algebra, define: how to compute, and what becomes of a variable once its equation has given its value (a modelling language makes a
            variable of its own and an equality).
    """
    s = system
    log_unit_cost = define("log_unit_cost", eq.log_unit_cost(u.log_factor_price, u.log_price, s.factor_share, s.input_share, algebra))
    sender = define("sender", eq.sender(u.entry, log_unit_cost, s.scale, s.cost, algebra))
    foreign_competition = eq.foreign_competition(s.foreign, sender, algebra)
    competition = define("competition", eq.competition(foreign_competition, s.home, sender) + 1.0 * ~s.bought)
    log_price = eq.log_price_index(algebra.log(competition) + s.log_unit, u.log_spending_change, s.trade, s.market) * (1.0 * s.bought)
    demand = define("demand", eq.demand(s.benchmark_spending * algebra.exp(u.log_spending_change), competition))
    foreign_access = eq.foreign_access(s.net_foreign, demand, algebra)
    access = define("access", eq.access(foreign_access, s.home, demand))
    sales = eq.sales(sender, access)
    paid = define("sales", np.where(s.scale > 0, s.benchmark_sales * u.entry * algebra.exp(log_unit_cost), sales))
    reached = np.where(s.produced, access, 1.0)
    profitability = eq.log_profitability(reached, log_unit_cost, u.log_entry, s.scale, s.cost, s.log_benchmark_sales, algebra)
    factor_income = eq.factor_income(u.log_factor_price, s.endowed, algebra)
    taxed_weight = 0.0 * demand if s.taxed is None else define("taxed_weight", eq.taxed_weight(s.taxed, sender, algebra))
    revenue = eq.tariff_revenue(taxed_weight, demand)
    transfer = eq.transfer(factor_income.sum(axis=0), s.rule, s.transfer, s.benchmark_income)
    income = define("income", eq.income(factor_income, revenue, transfer))
    spending = eq.spending(income, paid, s.final_share, s.input_share, algebra)
    return Values(
        log_unit_cost, sender, foreign_competition, competition, log_price, demand, foreign_access, access, taxed_weight,
        sales, paid, profitability, factor_income, revenue, transfer, income, spending,
    )  # fmt: skip


def labelled(benchmark: Benchmark, array: Array, *dims: str) -> xr.DataArray:
    """A bare array with the benchmark's labels on `dims`."""
    labels = {"sector": benchmark.sectors, "factor": benchmark.factors, "input": benchmark.sectors}
    return xr.DataArray(array, {d: labels.get(d, benchmark.countries) for d in dims}, dims)


def between(base: System, target: System, part: float) -> System:
    """A system part of the way from `base` to `target` (same benchmark and exponents): logs of weights, tariff factors and endowments are mixed.

    A flow that is closed at one end is mixed in levels. The rule for transfers is the target's all the way, so that trade can fall to nothing.
    """
    if part == 1.0:
        return target

    def mix(a: Array, b: Array) -> Array:
        both = (a > 0) & (b > 0)
        log = (1 - part) * np.log(np.where(both, a, 1.0)) + part * np.log(np.where(both, b, 1.0))
        return np.where(both, np.exp(log), (1 - part) * a + part * b)

    foreign = mix(base.foreign, target.foreign)
    some = (base.foreign > 0) & (target.foreign > 0)
    kept = mix(
        np.where(some, base.net_foreign, 1.0) / np.where(some, base.foreign, 1.0),
        np.where(some, target.net_foreign, 1.0) / np.where(some, target.foreign, 1.0),
    )
    untaxed = base.taxed is None and target.taxed is None
    return replace(
        target,
        foreign=foreign,
        home=mix(base.home, target.home),
        net_foreign=foreign if untaxed else foreign * kept,
        taxed=None if untaxed else foreign * (1 - kept),
        log_unit=(1 - part) * base.log_unit + part * target.log_unit,
        endowed=mix(base.endowed, target.endowed),
        produced=base.produced & target.produced,
    )
