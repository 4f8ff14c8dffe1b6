"""A system from a benchmark, exponents and a shock: labelled arrays become bare ones, and what cannot have an equilibrium is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array, Labels
from cge.errors import DataError, Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.exponents import Exponents, buyer, log_shifter, seller
from cge.model.shock import Shock
from cge.model.system import System
from cge.model.transfers import TransferRule


def shifter(share: Array, change: Array | None) -> tuple[Array, Array]:
    """Trade weights per unit of sender, λ·e^change, each market over its largest [sector, exporter, importer]; ln of that [sector, importer].

    The log is −inf in a market without any seller.
    """
    with np.errstate(divide="ignore"):
        if change is None:
            largest = share.max(axis=1)
            return share / np.where(largest > 0, largest, 1.0)[:, None, :], np.log(largest)
        log = np.log(share) + change
    unit = log.max(axis=1)
    return np.exp(log - np.where(np.isfinite(unit), unit, 0.0)[:, None, :]), unit


@dataclass(frozen=True, eq=False)
class Accounts:
    """What a system takes from data, or from a technology, beside trade; arrays [sector, country] unless said otherwise.

    Attributes:
        factor_share: a [factor, sector, country]; input_share: γ [input, sector, country]; final_share: β.
        spending, sales: units of spending, and of sales per entrant and cost; zero where there are none.
        endowed: payments to factors, or endowments, times V̂ [factor, country]; transfer: observed; income: own factor income Y [country].
    """

    factor_share: Array
    input_share: Array
    final_share: Array
    spending: Array
    sales: Array
    endowed: Array
    transfer: Array
    income: Array


def build(benchmark: Benchmark, exponents: Exponents, shock: Shock) -> System:
    """The system of a shock in changes.

    Raises:
        DataError: an exponent is missing for a sector, or a fixed-cost shock under a variant whose fixed costs do nothing.
        SolveError: a shock leaves a market without any seller, or a country without trade.
    """
    e = exponents.on(benchmark.sectors)
    require_fixed_cost(exponents, e, shock)
    data = {str(name): array.values for name, array in benchmark.data.items()}
    names = ("factor_share", "input_share", "final_share", "spending", "sales", "transfer")
    payments = data["factor_income"]
    accounts = Accounts(**{name: data[name] for name in names}, endowed=payments * shock.factor("endowment"), income=payments.sum(axis=0))
    moved = shock.log_factors(data["tariff"])
    weight = shifter(data["trade_share"], log_shifter(e, moved) if moved else None)
    return assemble(benchmark.labels, e, weight, shock.rates(benchmark), accounts, shock.rule)


def require_fixed_cost(exponents: Exponents, e: Mapping[str, Array], shock: Shock) -> None:
    """`DataError` where fixed costs are shocked under a variant that has none; `e`: exponents [sector]."""
    if shock.fixed_cost is not None and not e["fixed"].any():
        raise DataError(
            f"fixed_cost: the fixed cost of serving a market plays no role under {exponents.variant}; use melitz, or an iceberg shock."
        )


def assemble(
    labels: Labels, e: Mapping[str, Array], shifter: tuple[Array, Array], rate: Array, accounts: Accounts, rule: TransferRule
) -> System:
    """A system from its parts.

    Args:
        e: exponents [sector]; shifter: trade weights per unit of sender and their units, as `shifter` gives them; rate: tariffs. Pairs are
            [sector, exporter, importer].

    Raises:
        SolveError: a market without any seller, or a country without trade.
    """
    (weight, unit), a = shifter, accounts
    bought, made = a.spending > 0, a.sales > 0
    _require_sellers(labels, bought & ~np.isfinite(unit))
    home = np.ascontiguousarray(np.diagonal(weight, axis1=1, axis2=2))
    diagonal = np.arange(weight.shape[1])
    weight[:, diagonal, diagonal] = 0.0
    _require_trade(labels.countries, weight, 0.0 * a.transfer if rule.none else a.transfer)
    return System(
        seller=seller(e),
        buyer=buyer(e),
        foreign=weight,
        home=home,
        net_foreign=weight / (1 + rate) if rate.any() else weight,
        taxed=weight * (rate / (1 + rate)) if rate.any() else None,
        log_unit=np.where(bought, unit, 0.0),
        factor_share=a.factor_share,
        input_share=np.ascontiguousarray(a.input_share.transpose(2, 1, 0)) if a.input_share.any() else None,
        final_share=a.final_share,
        benchmark_spending=a.spending,
        benchmark_sales=a.sales,
        log_benchmark_sales=np.log(np.where(made, a.sales, 1.0)),
        produced=made & (home + weight.sum(axis=2) > 0),
        bought=bought,
        endowed=a.endowed,
        transfer=a.transfer,
        benchmark_income=a.income,
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


def _require_sellers(labels: Labels, without: Array) -> None:
    """A market with spending needs a seller."""
    if without.any():
        sector, country = np.argwhere(without)[0]
        where = f"{labels.sectors[sector]} in {labels.countries[country]}"
        sentence = f"No equilibrium: the shock closes every seller of {where} ({without.sum()} such markets), but there is spending on it."
        raise SolveError(Outcome("no_equilibrium", sentence), {"market": f"competition of {where}"})
