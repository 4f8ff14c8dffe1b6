"""From the sensitivities of an output to its derivatives by policies, primitives and elasticities: what each of these moves directly.

A flow's weight moves by d ln z = −trade·d ln τ − tariff·d ln((1 + x')(1 + t')) − fixed·d ln f + trade·d ln A (equation 2 of the model), its
producer's receipts besides by −d ln((1 + x')(1 + t')); the revenue of the importer and that of the exporter by what these do to t'/(1 + t') and to
x'/((1 + t')(1 + x')).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.benchmark import Benchmark
from cge.model.exponents import PAIR, SELLER, Exponents, per_sector
from cge.model.linear import Linearised
from cge.model.seller import Seller
from cge.model.shock import Shock
from cge.model.system import System, Unknowns, Values, log_profitability
from cge.model.transposed import Seeds, Sensitivity


def by_pair(lin: Linearised, x: Sensitivity, seeds: Seeds) -> tuple[Array, Array]:
    """Derivatives by ln of a flow's weight, and by ln(1 + t') at given weight [sector, exporter, importer]."""
    s, v = lin.system, lin.v
    weight, tariff = _abroad_by(
        Between(s.foreign, s.net_foreign, s.taxed, s.levied),
        v.sender[:, :, None],
        v.demand[:, None, :],
        (x.trade.foreign_access[:, :, None], x.trade.levied_access[:, :, None]),
        (x.trade.foreign_competition[:, None, :], x.trade.taxed_weight[:, None, :]),
    )
    place = np.arange(s.home.shape[1])
    weight[:, place, place] = s.home * (v.sender * x.trade.competition + v.demand * x.trade.access)
    if seeds.log_flow is not None:
        weight, tariff = weight + seeds.log_flow, tariff - seeds.log_flow
    tariff[:, place, place] = 0.0
    return weight, tariff


def by_export_tax(lin: Linearised, x: Sensitivity, seeds: Seeds) -> Array:
    """Derivatives by ln(1 + x') at given weight [sector, exporter, importer]: what producers lose, their treasury gets."""
    market = lin.v.demand[:, None, :]
    found = lin.system.net_foreign * ((x.trade.levied_access - x.trade.foreign_access)[:, :, None] * market)
    return np.asarray(found if seeds.log_flow is None else found - _abroad(seeds.log_flow))


def by_market(lin: Linearised, x: Sensitivity, markets: Array, columns: Array) -> tuple[Array, Array]:
    """As `by_pair` for all flows from abroad into some markets, each of one output [sector, exporter, market]; at home it says nothing.

    Args:
        x: sensitivities of the outputs, none of which is a flow. markets: places of importers [market]; columns: the output of each [market].
    """
    s, v = lin.system, lin.v
    into = Between(*(None if part is None else part[:, :, markets] for part in (s.foreign, s.net_foreign, s.taxed, s.levied)))
    access = (x.trade.foreign_access[:, :, columns], x.trade.levied_access[:, :, columns])
    bought = (x.trade.foreign_competition[:, markets, columns][:, None, :], x.trade.taxed_weight[:, markets, columns][:, None, :])
    return _abroad_by(into, v.sender[:, :, None], v.demand[:, None, markets], access, bought)


def by_seller(lin: Linearised, x: Sensitivity, sellers: Array, columns: Array) -> tuple[Array, Array]:
    """By ln of a flow's weight and by ln(1 + x') at given weight, as `by_market` for all flows abroad of some sellers, each of one output
    [sector, seller, importer].

    Args:
        x: sensitivities of the outputs, none of which is a flow. sellers: places of exporters [seller]; columns: the output of each [seller].
    """
    s, v = lin.system, lin.v
    out_of = Between(*(None if part is None else part[:, sellers] for part in (s.foreign, s.net_foreign, s.taxed, s.levied)))
    market = v.demand[:, None, :]
    access, levied_access = (own[:, sellers, columns][:, :, None] for own in (x.trade.foreign_access, x.trade.levied_access))
    competition, revenue = (own[:, :, columns].transpose(0, 2, 1) for own in (x.trade.foreign_competition, x.trade.taxed_weight))
    weight, _ = _abroad_by(out_of, v.sender[:, sellers, None], market, (access, levied_access), (competition, revenue))
    return weight, out_of.net * ((levied_access - access) * market)


class Between(NamedTuple):
    """Weights of flows between countries, and whose parts of them these are, as `System` has them [any dims]."""

    foreign: Any
    net: Any
    taxed: Array | None
    levied: Array | None


def _abroad_by(
    between: Between, sender: Array, demand: Array, sold: tuple[Array, Array], bought: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Derivatives by ln of the weight of flows between countries, and by ln(1 + t') at given weight [any dims].

    Args:
        between: their weights; sender, demand: of their seller and market. sold: derivatives by foreign access and levied access of the seller;
            bought: by foreign competition and taxed weight of the market.
    """
    access, levied_access = sold
    competition, revenue = bought
    received = between.net * (access * demand)  # what the exporter gets
    kept = sender * revenue
    border = between.net
    if between.levied is not None:
        received += between.levied * (levied_access * demand)
        border = border + between.levied
    weight = between.foreign * (sender * competition)
    weight += received
    if between.taxed is not None:
        weight += between.taxed * kept
    kept = border * kept
    kept -= received
    return weight, kept


def by_policy(
    lin: Linearised, x: Sensitivity, seeds: Seeds, rates: Mapping[str, Array], e: dict[str, Array], wanted: tuple[str, ...]
) -> dict[str, Array]:
    """Derivatives by what a shock can change, those that are wanted, dims as in `Shock`; rates as they are, the rest by its log.

    Args:
        rates: t' and x' by name [sector, exporter, importer]; e: exponents [sector].
    """
    found = {}
    if "endowment" in wanted:
        by_market = x.factor_income - x.numeraire * lin.system.endowed
        found["endowment"] = np.stack([own if own.ndim == 1 else own.sum(axis=0) for own in lin.system.by_factor(by_market)])
    if not set(PAIR) & set(wanted):
        return found
    weight, by_tariff = by_pair(lin, x, seeds)
    for name, (exponent, sign) in PAIR.items():
        if name in wanted:
            found[name] = (sign * e[exponent])[:, None, None] * weight
    at_given_weight = {"tariff": by_tariff} | ({"export_tax": by_export_tax(lin, x, seeds)} if "export_tax" in wanted else {})
    for name in set(at_given_weight) & set(wanted):  # by the rate, and what it does at a given weight; none at home
        found[name] = (at_given_weight[name] + _abroad(found[name])) / (1 + rates[name])
    if "productivity" in wanted:  # of a country in all its markets
        found["productivity"] = found["productivity"].sum(axis=2)
    return found


def _abroad(pairs: Array) -> Array:
    return np.asarray(pairs * ~np.eye(pairs.shape[1], dtype=bool))


def by_exponent(lin: Linearised, x: Sensitivity, seeds: Seeds, shock: Shock, benchmark: Benchmark) -> dict[str, Array]:
    """Derivatives by the exponents [sector], the data given; `shock` is that of this equilibrium, relative to the data."""
    s, u, v = lin.system, lin.u, lin.v
    log_competition = np.where(s.bought, np.log(v.competition) + s.log_unit, 0.0)
    logs = Seller(log_entry(s, u, v), v.log_unit_cost, u.log_spending_change)
    found = {exponent: np.zeros(len(s.home)) for exponent, _ in PAIR.values()}
    found["eta"] = seeds.eta + np.zeros(len(s.home))
    found |= s.buyer.by_exponent(x.trade.price_index, log_competition, u.log_spending_change)
    for name, (variable, sign) in SELLER.items():
        found[name] = sign * (getattr(logs, variable) * (x.trade.sender + x.profit)).sum(axis=1)
    moved = shock.log_factors(benchmark)
    if moved:
        weight, _ = by_pair(lin, x, seeds)
        for name, (exponent, sign) in PAIR.items():
            if name in moved:
                found[exponent] += sign * (weight * np.where(weight == 0, 0.0, moved[name])).sum(axis=(1, 2))  # a closed pair has no weight
    return found


def by_mobility(lin: Linearised, x: Sensitivity, seeds: Seeds) -> Array:
    """Derivatives by κ of every group that has one [group], shares of the data given."""
    return lin.markets.by_kappa(x.factor_income + seeds.log_factor_price)


def log_entry(system: System, u: Unknowns, v: Values) -> Array:
    """ln Ŝ [sector, country], zero at corners; where scale is zero the entry that profits would bring, as for scale just above zero."""
    s = system
    positive = np.log(np.where(u.entry > 0, u.entry, 1.0))
    inside = np.where(s.scale < 1, np.where(s.scale > 0, u.log_entry, log_profitability(s, u, v)), positive)
    return np.where(s.produced, inside, 0.0)


def by_elasticity(exponents: Exponents, benchmark: Benchmark, found: dict[str, Array]) -> dict[str, Array]:
    """Derivatives by structural parameters [sector] from those by exponents, through `Exponents.slopes`."""
    sectors = benchmark.sectors
    return {
        parameter: np.sum([per_sector(slope, sectors, name) * found[name] for name, slope in slopes.items()], axis=0)
        for parameter, slopes in exponents.slopes.items()
    }
