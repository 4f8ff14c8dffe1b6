"""A system from a benchmark, exponents and a shock: labelled arrays become bare ones, and what cannot have an equilibrium is refused."""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.model.system import System


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
