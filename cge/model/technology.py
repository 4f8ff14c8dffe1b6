"""Technology: what a world in levels is made of, recovered from observed shares or written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from cge.data.arrays import Array, Labels
from cge.errors import DataError
from cge.model import equations as eq
from cge.model.benchmark import Benchmark
from cge.model.build import Accounts, assemble, require_fixed_cost
from cge.model.entrants import OfParameters
from cge.model.exponents import Exponents, buyer, log_shifter, seller
from cge.model.profits import CostAccounts, cost_accounts
from cge.model.shock import RATES, Shock
from cge.model.supply import Supply
from cge.model.system import System, Unknowns
from cge.model.weights import in_parts


@dataclass(frozen=True, eq=False)
class Technology:
    """Primitives in levels; arrays [sector, country] unless said otherwise, pairs [sector, exporter, importer].

    Attributes:
        iceberg: τ ≥ 0, `inf` where nothing can be traded; domestic costs are the unit.
        fixed_cost: f, of serving a market, in bundles of the exporter; tariff, export_tax: t and x, ad valorem rates. All four by pair.
        entry_cost: fE, in bundles.
        productivity: lower bound of productivity φmin (Melitz), productivity of a firm (Krugman), T^(1/θ) (Eaton–Kortum),
            weight in tastes (Armington).
        endowment: V [factor, country]; transfer: money in the numeraire (Σ w V = Σ V at the benchmark) [country].
        factor_share: a [factor, sector, country]; input_share: γ [input, sector, country]; final_share: β.
        made, bought: where a good can be made, and is bought.
        violations: pairs whose sellers would exceed entrants (a cutoff below the lower bound), as sentences.
        supply: how factors supply themselves to sectors, and payments: what these pay to them at the benchmark [factor, sector, country], in units of
            endowments; None where each factor is one pool.
    """

    iceberg: Array
    fixed_cost: Array
    tariff: Array
    export_tax: Array
    entry_cost: Array
    productivity: Array
    endowment: Array
    transfer: Array
    factor_share: Array
    input_share: Array
    final_share: Array
    made: Array
    bought: Array
    violations: tuple[str, ...] = field(default_factory=tuple)
    supply: Supply | None = None
    payments: Array | None = None

    def log_bundle(self, point: Unknowns) -> Array:
        """ln of the cost of a bundle of factors and inputs [sector, country]."""
        prices = point.log_factor_price if self.supply is None else self.supply.by_factor(point.log_factor_price)
        inputs = np.ascontiguousarray(self.input_share.transpose(2, 1, 0))
        return np.asarray(eq.log_unit_cost(prices, point.log_price, self.factor_share, inputs, eq.NUMBERS))

    def moving(self, paid: CostAccounts, benchmark: Benchmark) -> Technology:
        """With workers who move between sectors as those of a benchmark, of which this is the technology in units of factors that cost one there."""
        return replace(self, supply=paid.supply(benchmark), payments=paid.payments)


@dataclass(frozen=True, eq=False)
class Levels:
    """A technology and the equilibrium in levels that is the benchmark.

    Attributes:
        technology: primitives; point: factor prices, price indices, spending and entrants of the benchmark, in the technology's own units.
    """

    technology: Technology
    point: Unknowns


def revenue_per_entrant(exponents: Exponents, sectors: list[str], entry_cost: Array) -> Array:
    """R/(M ĉ): revenue per entrant over the cost of its bundle [sector, country]; one where scale has no firms behind it."""
    unit = entry_cost if exponents.entrants.firms else np.ones_like(entry_cost)
    return np.asarray(of_sector(exponents.entrants.revenue, exponents, sectors) * unit)


def log_price_constant(exponents: Exponents, sectors: list[str]) -> Array:
    """ln C of P^(−trade) = C Σ_i z_i · X^(trade·market) [sector, 1] (`Entrants.log_price_constant`); zero where the unit of prices is free."""
    return of_sector(exponents.entrants.log_price_constant, exponents, sectors)


def of_sector(function: OfParameters, exponents: Exponents, sectors: list[str]) -> Array:
    """What follows from structural parameters [sector, 1]."""
    return np.broadcast_to(function(exponents.parameters_on(sectors)), len(sectors))[:, None]


def recover(benchmark: Benchmark, exponents: Exponents) -> Technology:
    """The technology that reproduces the observed shares, sales and incomes of a benchmark.

    Units: factor prices, unit costs and price indices of the benchmark are one (they define the units of factors and goods), so endowments are
    factor payments; fixed costs of serving a market are one; under Melitz fE = (σ − 1)/(k − σ + 1), so that the part of entrants that sells in a
    market is the market's part of sales, X_ni/R_i, and never exceeds one. Domestic iceberg costs are one; then eq. 23 of the chapter gives
    φmin from the domestic share and every other iceberg cost from its share. A producer that sells nothing at home has its cheapest market as unit.
    """
    data, e = benchmark.data, exponents.on(benchmark.sectors)
    trade, tariff = e["trade"][:, None, None], e["tariff"][:, None, None]
    share, rates = data["trade_share"].values, {name: np.broadcast_to(benchmark.rates(name), data["flow"].shape) for name in RATES}
    spending, sales = data["spending"].values, data["sales"].values
    made, bought = sales > 0, spending > 0
    paid = cost_accounts(benchmark, e["profit"])
    entry_cost = np.broadcast_to(of_sector(exponents.entrants.entry_cost, exponents, benchmark.sectors), sales.shape).copy()
    free = (e["scale"] > 0)[:, None]
    entrants = np.where(free, sales / revenue_per_entrant(exponents, benchmark.sectors, entry_cost), 1.0)
    log_spending = np.log(np.where(bought, spending, 1.0))
    log_sender = seller(e).log_weight(np.log(np.where(made, entrants, 1.0)), 0.0, log_spending)
    log_total = buyer(e).log_competition(0.0, log_spending) - log_price_constant(exponents, benchmark.sectors)
    with np.errstate(divide="ignore"):
        # ln of φmin^trade τ^−trade
        log_reach = np.log(share) + log_total[:, None, :] - log_sender[:, :, None] + tariff * sum(map(np.log1p, rates.values()))
    home = np.diagonal(log_reach, axis1=1, axis2=2)
    unit = np.where(np.isfinite(home), home, log_reach.max(axis=2))
    unit = np.where(made, unit, 0.0)
    iceberg = np.exp((unit[:, :, None] - log_reach) / trade)
    return Technology(
        iceberg=np.where(np.isfinite(log_reach), iceberg, np.inf),
        fixed_cost=np.ones(share.shape),
        tariff=rates["tariff"],
        export_tax=rates["export_tax"],
        entry_cost=entry_cost,
        productivity=np.exp(unit / e["trade"][:, None]),
        endowment=paid.factor_income,
        transfer=data["transfer"].values,
        factor_share=paid.factor_share,
        input_share=np.zeros(data["input_share"].shape) if paid.input_share is None else paid.input_share.transpose(2, 1, 0),
        final_share=data["final_share"].values,
        made=made,
        bought=bought,
    ).moving(paid, benchmark)


def build_levels(technology: Technology, exponents: Exponents, countries: list[str], sectors: list[str], shock: Shock) -> System:
    """The system in levels: the same equations as in changes, with technology in place of benchmark shares.

    Unknowns are then ln w, ln P, ln X and the number of entrants M. Factors in `shock` multiply primitives; its tariffs replace them.

    Raises:
        DataError: a shock to fixed costs under a variant without any; a country without any of a factor.
    """
    t, e = technology, exponents.on(sectors)
    require_fixed_cost(exponents, e, shock)
    if (absent := ~(t.endowment > 0)).any():
        f, n = np.argwhere(absent)[0]
        raise DataError(
            f"endowment: {t.endowment[f, n]:g} of factor {f + 1} in {countries[n]}; every country needs some of every factor, "
            "or its price is not determined (merge the country, or the factors)."
        )
    rates = {name: getattr(t, name) if (new := getattr(shock, name)) is None else new.values for name in RATES}
    with np.errstate(divide="ignore"):
        logs = {name: np.log(getattr(t, name) * shock.factor(name)) for name in ("iceberg", "fixed_cost", "productivity")}
    log = log_shifter(
        e, {**logs, "productivity": logs["productivity"][:, :, None]} | {name: np.log1p(rate) for name, rate in rates.items()}
    )
    log = np.where(t.made[:, :, None] & t.bought[:, None, :], log, -np.inf)
    largest = log.max(axis=1)
    weight = np.exp(log - np.where(np.isfinite(largest), largest, 0.0)[:, None, :])
    endowed = t.endowment * shock.factor("endowment")
    accounts = Accounts(
        t.factor_share,
        np.ascontiguousarray(t.input_share.transpose(2, 1, 0)) if t.input_share.any() else None,
        t.final_share,
        spending=t.bought.astype(float),
        sales=np.where(t.made, revenue_per_entrant(exponents, sectors, t.entry_cost), 0.0),
        endowed=endowed if t.supply is None or t.payments is None else t.supply.endowed(endowed, t.payments),
        transfer=t.transfer,
        income=t.endowment.sum(axis=0),
        supply=t.supply,
    )
    unit = largest + log_price_constant(exponents, sectors)
    return assemble(Labels(countries, sectors, []), e, in_parts(weight, unit, **rates), accounts, shock.rule)


def benchmark_point(benchmark: Benchmark, system: System) -> Unknowns:
    """The unknowns in levels at the benchmark, in the units of `recover`: factor prices and price indices are one."""
    zeros = np.zeros(system.home.shape)
    spending = benchmark.data["spending"].values
    sales = benchmark.data["sales"].values
    entrants = np.where(system.scale > 0, sales / np.where(system.benchmark_sales > 0, system.benchmark_sales, 1.0), 1.0)
    partial = (system.scale > 0) & (system.scale < 1)
    return Unknowns(
        np.zeros(system.endowed.shape),
        zeros,
        np.log(np.where(spending > 0, spending, 1.0)),
        entrants,
        np.where(partial, np.log(np.where(entrants > 0, entrants, 1.0)), 0.0),
    )


def recovered(benchmark: Benchmark, exponents: Exponents) -> Levels:
    """`recover` with the benchmark point in its units."""
    technology = recover(benchmark, exponents)
    system = build_levels(technology, exponents, benchmark.countries, benchmark.sectors, Shock())
    return Levels(technology, benchmark_point(benchmark, system))


def at_unit_factor_prices(levels: Levels, exponents: Exponents, sectors: list[str]) -> Levels:
    """The same world in units of factors that cost one at the benchmark, so that endowments are factor payments as in the data.

    A bundle of the new units costs κ = Π_f w^a times less, so that fixed and entry costs take κ times as many and productivity is κ times lower
    (prices are mark-up · c τ/φ). Where no firms stand behind scale, its unit R/c grows by κ too. Cells without sales at the benchmark are closed:
    they cannot come back, as in changes.
    """
    t, u = levels.technology, levels.point
    wage = np.exp(u.log_factor_price)
    log_bundle = (t.factor_share * u.log_factor_price[:, None, :]).sum(axis=0)
    bundle = np.exp(log_bundle)
    e = exponents.on(sectors)
    without_firms = np.where(exponents.entrants.firms, 0.0, e["scale"])[:, None]
    technology = replace(
        t,
        fixed_cost=t.fixed_cost * bundle[:, :, None],
        entry_cost=t.entry_cost * bundle,
        productivity=t.productivity * np.exp(-log_bundle * (1 + without_firms / e["trade"][:, None])),
        endowment=t.endowment * wage,
        made=t.made & ((u.entry > 0) | (e["scale"] == 0)[:, None]),
    )
    size = np.where(without_firms > 0, u.entry * bundle, u.entry)
    log_size = np.where(without_firms > 0, u.log_entry + log_bundle, u.log_entry)
    partial = (e["scale"] > 0)[:, None] & (e["scale"] < 1)[:, None]
    return Levels(technology, u._replace(log_factor_price=0.0 * u.log_factor_price, entry=size, log_entry=np.where(partial, log_size, 0.0)))
