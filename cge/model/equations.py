"""The equations, each written once and named after the variable that it defines.

A hat is counterfactual over benchmark, a prime the counterfactual level. Arrays are [sector, country] unless said otherwise, with i the
exporter and n the importer; logs are natural. All may have one more axis at their end, of scenarios that are solved together.

The equations hold floats, complex numbers (for derivatives by complex step) or algebraic
expressions alike: what must differ between these (sums over a country's partners or inputs, exp and log) comes in as an `Algebra`.

Trade is kept in factorised form: the weight of a flow is `shifter · sender`, a number times a variable of the exporter, and is never
built. Home and foreign parts stand apart, so that exports and imports are sums without cancellation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cge.data.arrays import Array, Values
from cge.model.overlaid import contract
from cge.model.seller import Seller


@dataclass(frozen=True)
class Algebra:
    """How to compute with the numbers at hand.

    Attributes:
        contract: product of matrices [b, r, c] with vectors [b, c], for every b; result [b, r]. Scenarios at the end of vectors stay there.
        exp, log: element by element.
        log_mean: ln Σ_s weight_gs e^value_gs, sums over the second axis, of weights that are numbers; zero where there are none.
    """

    contract: Callable[[Any, Values], Values]
    exp: Callable[[Values], Values]
    log: Callable[[Values], Values]
    log_mean: Callable[[Array, Values], Values]


def _log_mean(weight: Array, value: Values) -> Values:
    """`Algebra.log_mean` of numbers, none of which leaves the range of floats."""
    some = weight > 0
    top = np.where(some, value.real, -np.inf).max(axis=1)
    top = np.where(np.isfinite(top), top, 0.0)
    total = (weight * np.exp(np.where(some, value - top[:, None], 0.0))).sum(axis=1)
    return np.where(some.any(axis=1), np.log(np.where(total == 0, 1.0, total)) + top, 0.0)


NUMBERS = Algebra(contract, np.exp, np.log, _log_mean)


def log_unit_cost(log_factor_price: Values, log_price: Values, factor_share: Any, input_share: Any, algebra: Algebra) -> Values:
    """ln ĉ_is = Σ_f a_isf ln ŵ_if + Σ_k γ_iks ln P̂_ik: Cobb–Douglas cost of the bundle of factors and inputs.

    Args:
        log_factor_price: ln ŵ of each factor, [country], or [sector, country] where it has a market in every sector.
        log_price: ln P̂ [input, country].
        factor_share: a [factor, sector, country].
        input_share: γ [country, sector, input], or None without inputs.
    Source: chapter, section 7 (Cobb–Douglas bundle for production, fixed and entry costs); inputs as in Caliendo and Parro (2015).
    """
    cost = sum(share * price for share, price in zip(factor_share, log_factor_price, strict=True))
    return cost if input_share is None else cost + algebra.contract(input_share, log_price.swapaxes(0, 1)).swapaxes(0, 1)


def sender(entry: Values, log_unit_cost: Values, log_spending: Values, seller: Seller, algebra: Algebra) -> Values:
    """Ŝ_is^scale · ĉ_is^−cost [sector, exporter]: what entry and cost (and the own market, where a variant has an exponent for it) do to all flows.

    Source: chapter, eq. 23, in changes.
    """
    by_cost = algebra.exp(seller.unit_cost * log_unit_cost + seller.spending * log_spending)
    return entry**seller.entry * by_cost if seller.entry.any() else by_cost


def sender_per_entrant(log_entry: Values, log_unit_cost: Values, log_spending: Values, seller: Seller, algebra: Algebra) -> Values:
    """The sender over Ŝ_is [sector, exporter], finite at Ŝ = 0 where scale is one (`log_entry` is zero there)."""
    return algebra.exp(seller.per_entrant.log_weight(log_entry, log_unit_cost, log_spending))


def foreign_competition(foreign: Any, sender: Values, algebra: Algebra) -> Values:
    """Σ_{i≠n} z_ins with z_ins = shifter_ins · sender_is; `foreign` is the shifter [sector, exporter, importer] with zero diagonal."""
    return algebra.contract(foreign.transpose(0, 2, 1), sender)


def competition(foreign_competition: Values, home: Any, sender: Values) -> Values:
    """Φ_ns = Σ_i z_ins, foreign and home sellers together. Source: the denominator of the chapter's eq. 23, in changes; `home` [sector,
    country].
    """
    return foreign_competition + home * sender


def log_price_index(log_competition: Values, log_spending_change: Values, trade: Any, market: Any) -> Values:
    """ln P̂_ns = −ln Φ_ns / trade − market · ln X̂_ns [sector, importer]. Source: chapter, the price index below eq. 22, in changes (market = 0 without
    selection).
    """
    return -log_competition / trade - market * log_spending_change


def demand(spending: Values, competition: Values) -> Values:
    """X'_ns / Φ_ns [sector, importer], money: what a market spends per unit of trade weight. Source: chapter, eq. 23 (λ' = z/Φ)."""
    return spending / competition


def sales(sender: Values, access: Values) -> Values:
    """R'_is = Σ_n λ'_ins X'_ns / ((1 + t'_ins)(1 + x'_ins)) [sector, exporter], money: sender_is · access_is, with `access` the sum over markets
    of net shifter · demand.
    """
    return sender * access


def foreign_access(net_foreign: Any, demand: Values, algebra: Algebra) -> Values:
    """Σ_{n≠i} shifter_ins/((1 + t'_ins)(1 + x'_ins)) · X'_ns/Φ_ns; `net_foreign` [sector, exporter, importer] has a zero diagonal."""
    return algebra.contract(net_foreign, demand)


def access(foreign_access: Values, home: Any, demand: Values) -> Values:
    """The exporter's access to all markets, abroad and at home [sector, exporter], money per unit of weight.

    Source: chapter, Ξ of eq. 21, in changes and net of tariffs and export taxes.
    """
    return foreign_access + home * demand


def log_profitability(
    access: Values, log_unit_cost: Values, log_entry: Values, log_spending: Values, seller: Seller, log_sales: Any, algebra: Algebra
) -> Values:
    """ln q_is = ln R'_is − ln(Ŝ_is ĉ_is R_is) [sector, country]: revenue per entrant over the cost of entry; zero where entry is interior.

    Written with R'/Ŝ = Ŝ^(scale−1) ĉ^−cost · access, which stays finite at Ŝ = 0 when scale is one. Source: chapter, eq. 22 (free entry
    under Pareto: entrants are proportional to revenue over the cost of the bundle).
    """
    return algebra.log(access) + seller.profit.log_weight(log_entry, log_unit_cost, log_spending) - log_sales


def taxed_weight(taxed: Any, sender: Values, algebra: Algebra) -> Values:
    """Σ_i z_ins t'_ins/(1 + t'_ins): the part of Φ_ns that is tariff; `taxed` is shifter · t'/(1 + t') [sector, exporter, importer]."""
    return algebra.contract(taxed.transpose(0, 2, 1), sender)


def tariff_revenue(taxed_weight: Values, demand: Values) -> Values:
    """Σ_s Σ_i t'/(1 + t') λ'_ins X'_ns [country], the tariff part of what every market spends."""
    return (demand * taxed_weight).sum(axis=0)


def levied_access(levied: Any, demand: Values, algebra: Algebra) -> Values:
    """Σ_n shifter_ins x'_ins/((1 + t')(1 + x')) · X'_ns/Φ_ns [sector, exporter]: what the exporter's treasury gets per unit of weight; `levied`
    [sector, exporter, importer] has a zero diagonal.
    """
    return algebra.contract(levied, demand)


def export_tax_revenue(sender: Values, levied_access: Values) -> Values:
    """Σ_s Σ_n x'/((1 + t')(1 + x')) λ'_ins X'_ns [country]: taxes on what a country sells abroad; buyers pay p(1 + x)(1 + t)."""
    return (sender * levied_access).sum(axis=0)


def cost(sales: Values, profit: Any) -> Values:
    """(1 − ν_s) R'_is [sector, country]: what producers pay to factors and suppliers where a share ν of sales is profit; `profit` [sector, 1].

    Source: Ossa (2014) and Lashkaripour and Lugovskyy (2023), restricted entry.
    """
    return (1 - profit) * sales


def profits(paid: Values, profit: Any) -> Values:
    """Σ_s ν_s R'_is [country], from what producers pay, (1 − ν) R'; `profit` [sector, 1]."""
    return (profit / (1 - profit) * paid).sum(axis=0)


def exports(sender: Values, foreign_access: Values) -> Values:
    """Σ_s Σ_{n≠i} flow'_ins [country], at producer prices, without own sales."""
    return (sender * foreign_access).sum(axis=0)


def imports(demand: Values, foreign_competition: Values, tariff_revenue: Values) -> Values:
    """Σ_s Σ_{i≠n} flow'_ins (1 + x'_ins) [country]: what goes abroad for imports, at producer prices with the taxes of their exporters."""
    return (demand * foreign_competition).sum(axis=0) - tariff_revenue


def log_group_wage(log_price: Values, share: Array, kappa: Array, algebra: Algebra) -> Values:
    """ln ω̂_g = (1/κ) ln Σ_s π_gs ŵ_s^κ [group, country]: what a worker of a group earns on average, wherever she works.

    Args:
        log_price: ln ŵ of efficiency units [sector, country]; share: π [group, sector, country]; kappa: κ [group, 1, 1].
    Source: Galle, Rodríguez-Clare and Yi (2023), Review of Economic Studies 90(1), section 2 (Ŷ_g of their system in changes).
    """
    return algebra.log_mean(share, kappa * log_price[None]) / kappa[:, 0]


def group_supply(log_price: Values, log_wage: Values, part: Array, kappa: Array, algebra: Algebra) -> Values:
    """Σ_g θ_gs ŵ_s^κ ω̂_g^(1−κ) [sector, country]: what those who work in a sector earn there, over what they did.

    It is Σ_g π'_gs Y'_g over Σ_g π_gs Y_g, with π'_gs = π_gs (ŵ_s/ω̂_g)^κ and Y'_g = Y_g ω̂_g. Source: as `log_group_wage`.

    Args:
        log_price: ln ŵ [sector, country]; log_wage: ln ω̂ [group, country]; part: θ, a group's part of what a sector pays [group, sector, country].
    """
    return (part * algebra.exp(kappa * log_price[None] + (1 - kappa) * log_wage[:, None])).sum(axis=0)


def factor_income(log_factor_price: Values, endowed: Any, algebra: Algebra) -> Values:
    """ŵ_if V̂_if × benchmark payments [factor, country]; `endowed` is benchmark payments times V̂."""
    return endowed * algebra.exp(log_factor_price)


def income(factor_income: Values, profit: Values, tariff_revenue: Values, export_tax_revenue: Values, transfer: Values) -> Values:
    """I'_n = Σ_f factor income' + profits' + tariff revenue' + export tax revenue' + transfer' [country]."""
    return factor_income.sum(axis=0) + profit + tariff_revenue + export_tax_revenue + transfer


def spending(income: Values, sales: Values, final_share: Any, input_share: Any, algebra: Algebra) -> Values:
    """X'_ns = β_ns I'_n + Σ_s' γ_nss' R'_ns'. Source: Caliendo and Parro (2015), the goods market; `input_share` γ [country, sector,
    input] or None.
    """
    final = final_share * income
    return final if input_share is None else final + algebra.contract(input_share.transpose(0, 2, 1), sales.swapaxes(0, 1)).swapaxes(0, 1)


def factor_payment(sales: Values, factor_share: Any) -> Values:
    """Σ_s a_isf R'_is [factor, country]: what producers pay to a factor."""
    return (factor_share * sales).sum(axis=1)


def log_seller_price(log_unit_cost: Values, log_productivity: Values, log_entry: Values, returns: Any) -> Values:
    """ln of the change of the price at which a seller parts with a unit, ĉ/(Â Ŝ^ψ) [sector, country]; mark-ups are constant.

    Args:
        log_unit_cost, log_productivity, log_entry: ln ĉ, ln Â, ln Ŝ [sector, country]; returns: ψ [sector, 1] (`Exponents.returns_on`).
    """
    return log_unit_cost - log_productivity - returns * log_entry


def log_consumer_price(log_price: Values, final_share: Any) -> Values:
    """Σ_s β_ns ln P̂_ns [country]: the price of what final buyers buy. Source: chapter, section 6.3 (Cobb–Douglas across sectors)."""
    return (final_share * log_price).sum(axis=0)


def log_real_income(log_income_change: Values, log_price: Values, real_share: Any) -> Values:
    """ln Û_n = Σ_s β_ns (1 − η_s)(ln Î_n − ln P̂_ns) [country], money metric, population as it was.

    Source: chapter, section 6.3 (η = 0: income over the Cobb–Douglas price index); Arkolakis, Costinot, Donaldson and Rodríguez-Clare (2019),
    Review of Economic Studies 86(1), proposition 1, sector by sector.

    Args:
        real_share: β (1 − η) [sector, country].
    """
    return (real_share * (log_income_change - log_price)).sum(axis=0)
