"""What trade and production are at benchmark prices: prices of exports and imports, their volumes, real GDP from the side of expenditure."""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.results.columns import per
from cge.solve.equilibrium import ratio
from cge.solve.moved import primitives
from cge.solve.solution import Solution


def abroad(flow: Array) -> Array:
    """`flow` [sector, exporter, importer] without sales at home."""
    return np.asarray(flow * ~np.eye(flow.shape[1], dtype=bool))


def seller_price(solution: Solution) -> Array:
    """Change (hat) of the price at which a seller parts with a unit [sector, country], `cge.model.equations.log_seller_price`: ĉ/Â, with external
    economies ĉ/(Â Ŝ^ψ); one where nothing was made in the reference.
    """
    old, new = solution.reference, solution.counterfactual
    made = old.system.produced & (old.values.sales > 0)
    cost = np.where(made, new.values.log_unit_cost - old.values.log_unit_cost, 0.0)
    returns = solution.exponents.returns_on(solution.benchmark.sectors)[:, None]
    entry = np.where(made & (returns > 0), ratio(new.unknowns.entry, old.unknowns.entry), 1.0)
    with np.errstate(divide="ignore"):  # a seller that vanishes has no price
        log_entry = np.where(np.isnan(entry), 0.0, np.log(entry))
    return np.asarray(np.exp(eq.log_seller_price(cost, np.log(primitives(solution).productivity), log_entry, returns)))


def trade_prices(solution: Solution) -> tuple[Array, Array]:
    """Changes (hats) of the prices of exports and of imports [country], at the quantities of the reference (Laspeyres).

    Exports Σ_sm F_nms p̂_ns / Σ_sm F_nms, imports Σ_is F_ins p̂_is / Σ_is F_ins, with F net of tariff, own sales excluded, and p̂ the price of the
    seller: neither tariffs nor trade costs nor the number of varieties are in it, so that what one country gains by prices another loses, under
    every model. NaN where there was no trade, or where a seller of it vanishes under external economies and has no price.
    """
    flow, price = abroad(solution.reference.flow), seller_price(solution)
    with np.errstate(invalid="ignore"):  # nothing, at a price that is not there
        worth = np.where(flow > 0, flow * price[:, :, None], 0.0)
    return tuple(_defined(per(worth.sum(axis=axes), flow.sum(axis=axes))) for axes in ((0, 2), (0, 1)))  # type: ignore[return-value]


def _defined(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)


def trade_volumes(solution: Solution) -> Array:
    """Trade of the counterfactual at prices of the reference, F'/(p̂ τ̂) [sector, exporter, importer], money; own sales are zero.

    p̂ is the price of the seller and τ̂ what it takes to deliver, so that both sides count what arrives. Where a pair opens that was closed, or
    a seller comes back that had no price, there is no price of the reference: that trade counts at the price of the counterfactual.
    """
    flow, delivered = abroad(solution.counterfactual.flow), seller_price(solution)[:, :, None] * primitives(solution).iceberg
    known = np.isfinite(delivered) & (delivered > 0)
    return np.asarray(flow / np.where(known, delivered, 1.0))


def real_gdp_change(solution: Solution) -> Array:
    """Change of GDP at prices of the reference, from the side of expenditure, money [country].

    GDP is final demand I plus exports minus imports (net of tariff), which is factor income plus tariff revenue. At prices of the reference it is
    I·Û + Σ_ms F'_nms/(p̂_ns τ̂_nms) − Σ_is F'_ins/(p̂_is τ̂_ins): consumption in real terms, and volumes of trade (`trade_volumes`). What is left of
    real income is the trading gain of national accounts (2008 SNA, 15.187). The world's real GDP and real income are the same; without tariffs in the
    reference a small change of policy leaves real GDP as it is, and productivity moves it by Σ_s R_s dlnÂ_s (Hulten 1978).
    """
    income = solution.reference.values.income
    more = trade_volumes(solution) - abroad(solution.reference.flow)
    return np.asarray(income * np.expm1(solution.log_real_income) + more.sum(axis=(0, 2)) - more.sum(axis=(0, 1)))
