"""Melitz with Pareto productivity: firms that differ enter, and cutoffs select who sells where."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

import numpy as np

from cge.data.arrays import Array
from cge.model.entrants import Entrants
from cge.model.exponents import Exponents, PerSector, by_sector, refuse, require, where_known
from cge.model.parameters import Parameters, in_range, range_faults
from cge.model.variants.variant import Variant

SIZE_SHAPE = 1.42
"""k/(σ − 1) where nothing is said of one of the two: k = 4.25 and σ = 4 in Melitz and Redding (2015), American Economic Review 105(3)."""


def sigma_from_k(k: float) -> float:
    """σ where only the shape of Melitz firms, the trade elasticity k, is known: σ = 1 + k/1.42."""
    return 1 + k / SIZE_SHAPE


def k_from_sigma(sigma: float) -> float:
    """k where only σ is known: k = 1.42 (σ − 1)."""
    return SIZE_SHAPE * (sigma - 1)


def melitz(sigma: PerSector, k: PerSector, scale: PerSector = 1.0) -> Exponents:
    """Melitz with Pareto productivity, shape k > σ − 1 > 0, every fixed cost paid in the exporter's input bundle, tariffs on the firm's revenue.

    The row is equation (23) of the chapter with free entry. With `scale` below one (nested CES) k is the Pareto shape and the trade
    elasticity is k·scale. `DataError` where σ ≤ 1, k ≤ σ − 1 or scale is not in (0, 1].
    """
    faults = [*range_faults("trade", k, "k"), *range_faults("sigma", sigma)]
    require(faults, scale, "scale", 0.0, "but it must lie in (0, 1] under Melitz", high=1.0)
    faults += _shape_faults(in_range("trade", k), in_range("sigma", sigma))
    refuse(faults)
    trade = by_sector(lambda shape, d: shape * d, k, scale)
    market = by_sector(lambda s, shape: 1 / (s - 1) - 1 / shape, sigma, k)
    cost = by_sector(lambda e, m: e * (1 + m), trade, market)
    fixed = by_sector(lambda e, m: e * m, trade, market)
    return Exponents("melitz", trade, cost, cost, fixed, scale, market, {"sigma": sigma, "k": k}, _slopes(sigma, k, trade), FIRMS)


def _shape_faults(k: PerSector | None, sigma: PerSector | None) -> list[str]:
    """Where firms would be too much alike for their mean to exist, as far as both are known."""
    faults: list[str] = []
    excess = where_known(lambda shape, s: shape - (s - 1), k, sigma)
    require(faults, excess, "k − (sigma − 1)", 0.0, "but Melitz needs k > sigma − 1: lower sigma or raise trade")
    return faults


def _slopes(sigma: PerSector, k: PerSector, trade: PerSector) -> dict[str, dict[str, PerSector]]:
    """Derivatives of market m = 1/(σ−1) − scale/trade, cost = tariff = trade·(1 + m), fixed = trade·m by `trade` and σ, scale given."""
    by_trade = by_sector(lambda s: s / (s - 1), sigma)
    by_sigma = by_sector(lambda s, e: -e / (s - 1) ** 2, sigma, trade)
    return {
        "trade": {
            "trade": 1.0,
            "cost": by_trade,
            "tariff": by_trade,
            "fixed": by_sector(lambda s: 1 / (s - 1), sigma),
            "market": by_sector(lambda shape, e: 1 / (shape * e), k, trade),
        },
        "sigma": {"cost": by_sigma, "tariff": by_sigma, "fixed": by_sigma, "market": by_sector(lambda s: -1 / (s - 1) ** 2, sigma)},
    }


# --- firms in levels -----------------------------------------------------------------------------------------------------------------


def _revenue(p: Mapping[str, Array]) -> Array:
    """kσ/(σ − 1) (chapter, eq. 22)."""
    return np.asarray(p["k"] * p["sigma"] / (p["sigma"] - 1))


def _log_price_constant(p: Mapping[str, Array]) -> Array:
    """At scale one C = kσ/(σ − 1) · (σ/(σ − 1))^−k σ^(−k/(σ−1)) (σ − 1)/(k − σ + 1): the price index below the chapter's eq. 22 with entrants from
    eq. 22 in place of inputs.
    """
    s, k = p["sigma"], p["k"]
    return np.asarray(np.log(k * s / (s - 1)) - k * np.log(s / (s - 1)) - k / (s - 1) * np.log(s) + np.log((s - 1) / (k - s + 1)))


def _entry_cost(p: Mapping[str, Array]) -> Array:
    """(σ − 1)/(k − σ + 1), so that the part of entrants that sells in a market is the market's part of sales and never exceeds one."""
    return np.asarray((p["sigma"] - 1) / (p["k"] - p["sigma"] + 1))


FIRMS = Entrants(firms=True, differ=True, revenue=_revenue, log_price_constant=_log_price_constant, entry_cost=_entry_cost)
"""Firms that differ."""


# --- from a run file -----------------------------------------------------------------------------------------------------------------


def _make(given: Parameters, scale: float | None) -> Exponents:
    """k = trade/scale (MODEL section 4); σ as given, or 1 + k/size_shape, so that k/(σ−1) is the shape that the file gives."""
    part = 1.0 if scale is None else scale
    k = by_sector(lambda trade: trade / part, given["trade"])
    sigma = given["sigma"] if "sigma" in given else by_sector(lambda k, shape: 1 + k / shape, k, given["size_shape"])
    return melitz(sigma, k, part)


def _lacks(given: Container[str], scale: float | None) -> Iterator[str]:
    if "sigma" not in given and "size_shape" not in given:
        yield f"elasticities: melitz needs sigma beside trade, or size_shape = k/(sigma − 1); {SIZE_SHAPE} is that of Melitz and Redding (2015)."
    if scale == 0:
        yield "scale: 0 has no Melitz model (k = trade/scale); use eaton_kortum, or a scale in (0, 1]."


def _together(given: Parameters, names: Container[str], scale: float | None) -> list[str]:
    k = where_known(lambda trade: trade / (scale or 1.0), given.get("trade"))
    return _shape_faults(k, given.get("sigma"))


MELITZ = Variant(
    "melitz",
    "Melitz–Pareto",
    ("trade", "sigma", "size_shape"),
    _make,
    _lacks,
    together=_together,
    entrants=FIRMS,
    scales=True,
    fewer=("armington", "eaton_kortum", "krugman"),
    compared=True,
)
