"""Which model it is: six exponents for each sector, and nothing else (the table of variants).

| variant | trade | cost | tariff | fixed | scale | market |
|---|---|---|---|---|---|---|
| Armington, σ | σ−1 | σ−1 | σ−1 | 0 | 0 | 0 |
| Eaton–Kortum, θ | θ | θ | θ | 0 | 0 | 0 |
| Krugman, σ | σ−1 | σ−1 | σ−1 | 0 | 1 | 0 |
| Melitz–Pareto, σ, k | k | kσ/(σ−1) − 1 | kσ/(σ−1) − 1 | k/(σ−1) − 1 | 1 | 1/(σ−1) − 1/k |
| external economies, ε, ψ | ε | ε | ε | 0 | εψ | 0 |

A new variant is a new function that returns `Exponents`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError

PerSector = float | Mapping[str, float]
"""One number for all sectors, or a number for each sector label."""

NAMES = ("trade", "cost", "tariff", "fixed", "scale", "market")

ALIKE: Mapping[str, Mapping[str, PerSector]] = {"trade": {"trade": 1.0, "cost": 1.0, "tariff": 1.0}}
"""Slopes where the three exponents on costs are one and the same."""


@dataclass(frozen=True)
class Exponents:
    """The exponents of the trade-share and price equations; each a number, or a number for each sector label; all dimensionless.

    Attributes:
        variant: name of the variant, for outputs.
        trade: on the iceberg cost (the trade elasticity: σ−1, θ or k).
        cost: on the exporter's unit cost.
        tariff: on one plus the tariff rate.
        fixed: on the fixed cost of serving a market.
        scale: on the number of entrants (0: no free entry).
        market: of the price index on the size of the market.
        parameters: the structural parameters they were made from (σ, k, …), for outputs.
        slopes: derivatives of the exponents, by structural parameter as a run file names it (`trade` at given σ and ψ, `sigma`, `psi`) and by
            exponent; what is absent does not respond.
    """

    variant: str
    trade: PerSector
    cost: PerSector
    tariff: PerSector
    fixed: PerSector
    scale: PerSector
    market: PerSector
    parameters: Mapping[str, PerSector] = field(default_factory=dict)
    slopes: Mapping[str, Mapping[str, PerSector]] = field(default_factory=dict)

    def on(self, sectors: list[str]) -> dict[str, Array]:
        """The exponents as bare arrays [sector] in the order of `sectors`; `DataError` names sectors without a value."""
        return {name: per_sector(getattr(self, name), sectors, name) for name in NAMES}


def per_sector(value: PerSector, sectors: list[str], name: str) -> Array:
    """`value` as an array [sector] in the order of `sectors`; `DataError` where a sector has none."""
    if not isinstance(value, Mapping):
        return np.full(len(sectors), float(value))
    missing = [s for s in sectors if s not in value]
    if missing:
        raise DataError(
            f'elasticities: {name} has no value for {", ".join(missing[:8])}{" …" if len(missing) > 8 else ""}; give one, or "*" for the rest.'
        )
    return np.array([float(value[s]) for s in sectors])


def _map(function: Callable[..., float], *values: PerSector) -> PerSector:
    """`function` of numbers, sector by sector where any of `values` is a table."""
    tables = [v for v in values if isinstance(v, Mapping)]
    if not tables:
        return float(function(*values))
    labels = dict.fromkeys(label for table in tables for label in table)
    short = [label for label in labels for table in tables if label not in table]
    if short:
        raise DataError(
            f"elasticities: {', '.join(dict.fromkeys(short))} stands in one table and not in another; every sector needs all parameters."
        )
    return {label: float(function(*(v[label] if isinstance(v, Mapping) else v for v in values))) for label in labels}


def _require(faults: list[str], value: PerSector, name: str, low: float, why: str, *, strict: bool = True, high: float = np.inf) -> None:
    """Add a fault for each value that is not in the interval from `low` to `high` (`low` itself excluded when `strict`)."""
    table = value if isinstance(value, Mapping) else {"": value}
    for label, number in table.items():
        above = number > low if strict else number >= low
        if not (above and number <= high and np.isfinite(number)):
            where = f" at sector={label}" if label else ""
            faults.append(f"elasticities: {name} = {number:g}{where}, {why}.")


def _raise(faults: list[str]) -> None:
    if faults:
        raise DataError(faults)


def armington(sigma: PerSector) -> Exponents:
    """Armington: goods differ by origin; σ > 1 is the elasticity of substitution. `DataError` where σ ≤ 1."""
    faults: list[str] = []
    _require(faults, sigma, "sigma", 1.0, "but it must exceed 1")
    _raise(faults)
    trade = _map(lambda s: s - 1, sigma)
    return Exponents("armington", trade, trade, trade, 0.0, 0.0, 0.0, {"sigma": sigma}, ALIKE)


def eaton_kortum(theta: PerSector) -> Exponents:
    """Eaton–Kortum: θ > 0 is the shape of the Fréchet productivity distribution. `DataError` where θ ≤ 0."""
    faults: list[str] = []
    _require(faults, theta, "trade", 0.0, "but the trade elasticity must be positive")
    _raise(faults)
    return Exponents("eaton_kortum", theta, theta, theta, 0.0, 0.0, 0.0, {"theta": theta}, ALIKE)


def krugman(sigma: PerSector, scale: PerSector = 1.0) -> Exponents:
    """Krugman: identical firms, free entry; `scale` in [0, 1] below one is the nested-CES model. `DataError` where σ ≤ 1 or scale is
    outside.
    """
    faults: list[str] = []
    _require(faults, sigma, "sigma", 1.0, "but it must exceed 1")
    _require(faults, scale, "scale", 0.0, "but it must lie in [0, 1]", strict=False, high=1.0)
    _raise(faults)
    trade = _map(lambda s: s - 1, sigma)
    return Exponents("krugman", trade, trade, trade, 0.0, scale, 0.0, {"sigma": sigma}, ALIKE)


def melitz(sigma: PerSector, k: PerSector, scale: PerSector = 1.0) -> Exponents:
    """Melitz with Pareto productivity, shape k > σ − 1 > 0, every fixed cost paid in the exporter's input bundle, tariffs on the firm's revenue.

    The row is equation (23) of the chapter with free entry. With `scale` below one (nested CES) k is the Pareto shape and the trade
    elasticity is k·scale. `DataError` where σ ≤ 1, k ≤ σ − 1 or scale is not in (0, 1].
    """
    faults: list[str] = []
    _require(faults, sigma, "sigma", 1.0, "but it must exceed 1")
    _require(faults, scale, "scale", 0.0, "but it must lie in (0, 1] under Melitz", high=1.0)
    excess = _map(lambda shape, s: shape - (s - 1), k, sigma)
    table = excess if isinstance(excess, Mapping) else {"": excess}
    for label, number in table.items():
        if not number > 0:
            where = f" at sector={label}" if label else ""
            faults.append(f"elasticities: k − (sigma − 1) = {number:g}{where}, but Melitz needs k > sigma − 1: lower sigma or raise trade.")
    _raise(faults)
    trade = _map(lambda shape, d: shape * d, k, scale)
    market = _map(lambda s, shape: 1 / (s - 1) - 1 / shape, sigma, k)
    cost = _map(lambda e, m: e * (1 + m), trade, market)
    fixed = _map(lambda e, m: e * m, trade, market)
    return Exponents("melitz", trade, cost, cost, fixed, scale, market, {"sigma": sigma, "k": k}, _melitz_slopes(sigma, k, trade))


def _melitz_slopes(sigma: PerSector, k: PerSector, trade: PerSector) -> dict[str, dict[str, PerSector]]:
    """Derivatives of market m = 1/(σ−1) − scale/trade, cost = tariff = trade·(1 + m), fixed = trade·m by `trade` and σ, scale given."""
    by_trade = _map(lambda s: s / (s - 1), sigma)
    by_sigma = _map(lambda s, e: -e / (s - 1) ** 2, sigma, trade)
    return {
        "trade": {
            "trade": 1.0,
            "cost": by_trade,
            "tariff": by_trade,
            "fixed": _map(lambda s: 1 / (s - 1), sigma),
            "market": _map(lambda shape, e: 1 / (shape * e), k, trade),
        },
        "sigma": {"cost": by_sigma, "tariff": by_sigma, "fixed": by_sigma, "market": _map(lambda s: -1 / (s - 1) ** 2, sigma)},
    }


def external_economies(trade: PerSector, psi: PerSector, scale: PerSector | None = None) -> Exponents:
    """External economies of scale: trade elasticity ε > 0, scale elasticity ψ ≥ 0, the exponent on sector size is εψ ≤ 1 (or `scale`, if
    given).
    """
    faults: list[str] = []
    _require(faults, trade, "trade", 0.0, "but the trade elasticity must be positive")
    _require(faults, psi, "psi", 0.0, "but it must not be negative", strict=False)
    size = _map(lambda e, p: e * p, trade, psi) if scale is None else scale
    _require(faults, size, "scale = trade·psi", 0.0, "but it must lie in [0, 1]: lower psi", strict=False, high=1.0)
    _raise(faults)
    slopes = ALIKE if scale is not None else {"trade": {**ALIKE["trade"], "scale": psi}, "psi": {"scale": trade}}
    return Exponents("external_economies", trade, trade, trade, 0.0, size, 0.0, {"psi": psi}, slopes)
