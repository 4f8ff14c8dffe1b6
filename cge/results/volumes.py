"""What trade and production are at benchmark prices: prices of exports and imports, their volumes, real GDP from the side of expenditure."""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.results.columns import per
from cge.solve.equilibrium import ratio
from cge.solve.moved import export_taxes, needs_pairs, primitives, rates_before
from cge.solve.solution import Answered, Solution


def abroad(flow: Array) -> Array:
    """`flow` [sector, exporter, importer] without sales at home."""
    return np.asarray(flow * ~np.eye(flow.shape[1], dtype=bool))


def seller_price(solution: Answered) -> Array:
    """Change (hat) of the price at which a seller parts with a unit [sector, country], `cge.model.equations.log_seller_price`: ĉ/Â, with external
    economies ĉ/(Â Ŝ^ψ); one where nothing was made in the reference.
    """
    old, new = solution.reference, solution.counterfactual
    made = old.system.produced & (old.values.sales > 0)
    cost = np.where(made, new.values.log_unit_cost - old.values.log_unit_cost, 0.0)
    returns = solution.each(lambda exponents, _: exponents.returns_on(solution.benchmark.sectors)[:, None])
    entry = np.where(made & (returns > 0), ratio(new.unknowns.entry, old.unknowns.entry), 1.0)
    with np.errstate(divide="ignore"):  # a seller that vanishes has no price
        log_entry = np.where(np.isnan(entry), 0.0, np.log(entry))
    return np.asarray(np.exp(eq.log_seller_price(cost, np.log(primitives(solution).productivity), log_entry, returns)))


def trade_prices(solution: Answered) -> tuple[Array, Array]:
    """Changes (hats) of the prices of exports and of imports at the border [country], at the quantities of the reference (Laspeyres).

    Exports Σ_sm F_nms (1 + x'_nms) p̂_ns / Σ_sm F_nms (1 + x_nms), imports the same with what others sell, with F at producer prices, own sales
    excluded, x export taxes and p̂ the price of the seller: neither tariffs nor trade costs nor the number of varieties are in it, so that what one
    country gains by prices another loses, under every model. NaN where there was no trade, or where a seller of it vanishes under external
    economies and has no price.
    """
    old, price = solution.reference, seller_price(solution)
    lost = ~np.isfinite(price)
    known = np.where(lost, 0.0, price)
    worth = old.traded(known)
    if needs_pairs(solution):
        worth = _both_sides(abroad(solution.reference.flow) * (1 + export_taxes(solution)[1]) * known[:, :, None])
    pairs = zip(worth, old.traded(lost.astype(float)), (old.border_exports, old.border_imports), strict=True)
    return tuple(np.where(missing > 0, np.nan, per(value, trade)) for value, missing, trade in pairs)  # type: ignore[return-value]


def delivered(solution: Solution) -> Array:
    """Flows of the counterfactual at prices of the reference, F'/(p̂ τ̂) [sector, exporter, importer], money, own sales included.

    p̂ is the price of the seller and τ̂ what it takes to deliver. Where a pair opens that was closed, or a seller comes back that had no price,
    there is no price of the reference: that trade counts at the price of the counterfactual.
    """
    return np.asarray(solution.counterfactual.flow / _known(seller_price(solution)[:, :, None] * primitives(solution).iceberg))


def trade_volumes(solution: Answered) -> tuple[Array, Array]:
    """Exports and imports of the counterfactual at border prices of the reference, Σ F' (1 + x)/(p̂ τ̂) [country], money; both count what arrives
    (`delivered`).
    """
    if needs_pairs(solution):
        return _both_sides(abroad(delivered(solution)) * (1 + export_taxes(solution)[0]))
    return solution.counterfactual.traded(1 / _known(seller_price(solution)))  # sums over pairs, without the pairs


def taxed_volumes(solution: Answered) -> Array:
    """What tariffs and export taxes of the reference take of trade of the counterfactual at prices of the reference [country], money:
    Σ_is t (1 + x) F'/(p̂ τ̂) of importers and Σ_sm x F'/(p̂ τ̂) of exporters.
    """
    rate = rates_before(solution)
    if needs_pairs(solution):
        levy, volume = export_taxes(solution)[0], delivered(solution)
        return np.asarray((rate * (1 + levy) * volume).sum(axis=(0, 1)) + (levy * volume).sum(axis=(0, 2)))
    return solution.counterfactual.charged(rate, 1 / _known(seller_price(solution)))


def _both_sides(pairs: Array) -> tuple[Array, Array]:
    """Sums over all that a country sells, and over all that it buys [country], of [sector, exporter, importer]."""
    return pairs.sum(axis=(0, 2)), pairs.sum(axis=(0, 1))


def _known(price: Array) -> Array:
    """Prices, one where there is none."""
    return np.where(np.isfinite(price) & (price > 0), price, 1.0)


def factor_services(solution: Answered) -> Array:
    """Change of what factors do, at prices of the reference, money [country]: more of them, or units that move to sectors where these are dearer."""
    old, new = solution.reference, solution.counterfactual
    if new.system.supply is None:
        return np.asarray((old.values.factor_income * (primitives(solution).endowment - 1)).sum(axis=0))
    dearer = np.exp(new.unknowns.log_factor_price - old.unknowns.log_factor_price)
    return np.asarray((new.values.factor_income / dearer - old.values.factor_income).sum(axis=0))


def real_gdp_change(solution: Answered) -> Array:
    """Change of GDP at prices of the reference, from the side of expenditure, money [country].

    GDP is final demand I plus exports minus imports at the border, which is factor income plus revenue of tariffs and export taxes. At prices of the
    reference it is I·Û + Σ_ms F'_nms (1 + x_nms)/(p̂_ns τ̂_nms) − Σ_is F'_ins (1 + x_ins)/(p̂_is τ̂_ins): consumption in real terms, and volumes of
    trade (`trade_volumes`). What is left of real income is the trading gain of national accounts (2008 SNA, 15.187). The world's real GDP and real
    income are the same; without tariffs in the reference a small change of policy leaves real GDP as it is, and productivity moves it by Σ_s R_s
    dlnÂ_s (Hulten 1978).
    """
    old = solution.reference
    exports, imports = trade_volumes(solution)
    return np.asarray(old.values.income * np.expm1(solution.log_real_income) + exports - old.border_exports - imports + old.border_imports)
