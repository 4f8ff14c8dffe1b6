"""A system from a benchmark, exponents and a shock: labelled arrays become bare ones, and what cannot have an equilibrium is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cge.data.arrays import Array, Labels
from cge.data.named import some
from cge.errors import DataError, Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.buyer import Buyer
from cge.model.exponents import Exponents, buyer, log_shifter, seller
from cge.model.profits import cost_accounts
from cge.model.seller import Seller
from cge.model.shock import RATES, Shock, of_importers
from cge.model.supply import Supply
from cge.model.system import System
from cge.model.transfers import TransferRule
from cge.model.weights import Weights, in_parts, overlaid, shifted, with_columns


@dataclass(frozen=True, eq=False)
class Accounts:
    """What a system takes from data, or from a technology, beside trade; arrays [sector, country] unless said otherwise.

    Attributes:
        factor_share: a [factor, sector, country]; input_share: γ [country, sector, input], None without inputs; final_share: β.
        spending, sales: units of spending, and of sales per entrant and cost; zero where there are none.
        endowed: payments to factors, or endowments, times V̂ [market, country]; transfer: observed; income: own factor income Y [country].
        supply: how factors supply themselves to sectors; None where each is one pool.
    """

    factor_share: Array
    input_share: Array | None
    final_share: Array
    spending: Array
    sales: Array
    endowed: Array
    transfer: Array
    income: Array
    supply: Supply | None = None


def build(benchmark: Benchmark, exponents: Exponents, shock: Shock) -> System:
    """The system of a shock in changes.

    Raises:
        DataError: an exponent is missing for a sector, profits that leave nothing to factors, or a fixed-cost shock under a variant whose fixed
            costs do nothing.
        SolveError: a shock leaves a market without any seller, or a country without trade.
    """
    e = exponents.on(benchmark.sectors)
    require_fixed_cost(exponents, e, shock)
    data = benchmark.arrays
    paid = cost_accounts(benchmark, e["profit"])
    supply = paid.supply(benchmark)
    accounts = Accounts(
        **{name: data[name] for name in ("final_share", "spending", "sales", "transfer")},
        factor_share=paid.factor_share,
        input_share=paid.input_share,
        endowed=paid.endowed(supply, shock.factor("endowment")),
        income=paid.factor_income.sum(axis=0),
        supply=supply,
    )
    importers = shock.importers(benchmark)
    if isinstance(importers, slice):
        weights = columns(benchmark, e, shock, importers)
    elif len(importers):
        weights = with_columns(benchmark.still, importers, columns(benchmark, e, shock, importers))
    else:
        weights = benchmark.still
    return assemble(benchmark.labels, e, weights, accounts, shock.rule)


def build_many(alone: System, benchmark: Benchmark, asked: Sequence[tuple[Exponents, Shock]]) -> System:
    """The systems of many shocks as one, scenarios at the end of its arrays; exponents without free entry or profits, one rule for transfers.

    A scenario that cannot have an equilibrium is not refused here; `build` refuses it.

    Args:
        alone: the system of the same rule for transfers without a shock.
    """
    every = [exponents.on(benchmark.sectors) for exponents, _ in asked]
    base, paid = alone.columns, cost_accounts(benchmark, every[0]["profit"])
    places = np.arange(len(benchmark.countries))
    importers = np.unique(np.concatenate([places[shock.importers(benchmark)] for shock in distinct(shock for _, shock in asked)]))
    weights = [columns(benchmark, e, shock, importers) for e, (_, shock) in zip(every, asked, strict=True)]
    home, log_unit = (np.repeat(whole, len(asked), axis=2) for whole in (base.home, base.log_unit))
    home[:, importers] = np.stack([w.home for w in weights], axis=2)
    log_unit[:, importers] = np.where(base.bought[:, importers], np.stack([w.log_unit for w in weights], axis=2), 0.0)
    return replace(
        base,
        seller=Seller(*(np.stack(exponent, axis=2) for exponent in zip(*(seller(e) for e in every), strict=True))),
        buyer=Buyer(*(np.stack(exponent, axis=2) for exponent in zip(*(buyer(e) for e in every), strict=True))),
        **overlaid(benchmark.still, importers, weights),
        home=home,
        log_unit=log_unit,
        eta=np.stack([e["eta"][:, None] for e in every], axis=2),
        endowed=np.stack([paid.endowed(alone.supply, shock.factor("endowment")) for _, shock in asked], axis=2),
    )


def distinct(shocks: Iterable[Shock]) -> Iterable[Shock]:
    """Each once: draws of elasticities have one and the same."""
    return {id(shock): shock for shock in shocks}.values()


def columns(benchmark: Benchmark, e: Mapping[str, Array], shock: Shock, importers: Array | slice) -> Weights:
    """Trade weights of some importers [place], or all, under a shock; `e`: exponents [sector]."""
    moved = shock.log_factors(benchmark, importers)
    weight, log_unit = shifted(benchmark.arrays["trade_share"][:, :, importers], log_shifter(e, moved))
    tariff, export_tax = (of_importers(shock.rates(benchmark, name), importers) for name in RATES)
    return in_parts(weight, log_unit, tariff, export_tax, importers)


def require_fixed_cost(exponents: Exponents, e: Mapping[str, Array], shock: Shock) -> None:
    """`DataError` where fixed costs are shocked under a variant that has none; `e`: exponents [sector]."""
    if shock.fixed_cost is not None and not e["fixed"].any():
        raise DataError(
            f"fixed_cost: the fixed cost of serving a market plays no role under {exponents.variant}; use melitz, or an iceberg shock."
        )


def assemble(labels: Labels, e: Mapping[str, Array], weights: Weights, accounts: Accounts, rule: TransferRule) -> System:
    """A system from its parts; `e`: exponents [sector].

    Raises:
        DataError: inputs that are sold under an additive demand; SolveError: a market without any seller, or a country without trade.
    """
    a = accounts
    require_final(labels.sectors, e["eta"], a.input_share)
    bought, made = a.spending > 0, a.sales > 0
    _require_sellers(labels, bought & ~np.isfinite(weights.log_unit))
    sold = weights.foreign.sum(axis=2)
    received = 0.0 * a.transfer if rule.none else a.transfer
    _require_trade(labels.countries, sold.sum(axis=0) > 0, weights.foreign.sum(axis=(0, 1)) > 0, received)
    produced = made & (weights.home + sold > 0)
    inputs = a.input_share
    if a.supply is not None and inputs is None:  # a price in every sector moves prices and spending by sector, as inputs do
        inputs = np.zeros((weights.home.shape[1], len(weights.home), len(weights.home)))
    return System(
        seller=seller(e),
        buyer=buyer(e),
        foreign=weights.foreign,
        home=weights.home,
        net_foreign=weights.net_foreign,
        taxed=weights.taxed,
        levied=weights.levied,
        log_unit=np.where(bought, weights.log_unit, 0.0),
        factor_share=a.factor_share,
        input_share=inputs,
        final_share=a.final_share,
        eta=e["eta"][:, None],
        benchmark_spending=a.spending,
        benchmark_sales=a.sales,
        log_benchmark_sales=np.log(np.where(made, a.sales, 1.0)),
        produced=produced,
        bought=bought,
        profit=e["profit"][:, None] if e["profit"].any() else None,
        endowed=a.endowed,
        transfer=a.transfer,
        benchmark_income=a.income,
        rule=rule,
        supply=None if a.supply is None else a.supply.within(produced),
    )


def require_final(sectors: list[str], eta: Array, input_share: Array | None) -> None:
    """`DataError` where a sector with additive demand, η ≠ 0 [sector], sells inputs γ [country, sector, input]: to them it has no price index."""
    if input_share is None or not eta.any():
        return
    sells = (eta != 0) & (input_share != 0).any(axis=(0, 1))
    if sells.any():
        names = some(sector for sector, bought in zip(sectors, sells, strict=True) if bought)
        raise DataError(
            f"elasticities: {names} sell inputs, and an additive demand (eta other than zero) has no price index for those who buy them; "
            "use a homothetic demand (translog, qmor) there, or intermediates = false."
        )


def _require_trade(countries: list[str], exports: Array, imports: Array, transfer: Array) -> None:
    """A country that gets nothing from abroad for what it gives has no factor price relative to others."""
    isolated = ~((exports | (transfer > 0)) & (imports | (transfer < 0)))
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
