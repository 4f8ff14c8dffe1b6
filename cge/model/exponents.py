"""Which model it is: exponents for each sector, and nothing else (`cge.model.variants` has the table of variants).

Each exponent stands on one variable of a flow's weight or of a market's price index, and the tables here say on which. Equations, their
derivatives and transposes, technology, channels and gains read these tables; none of them knows an exponent by name that is not theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.model.buyer import Buyer
from cge.model.entrants import NOBODY, Entrants
from cge.model.seller import Seller

PerSector = float | Mapping[str, float]
"""One number for all sectors, or a number for each sector label."""

Named = str | Mapping[str, str]
"""One name for all sectors, or a name for each sector label."""

SELLER = {"scale": ("entry", 1.0), "cost": ("unit_cost", -1.0)}
"""Exponents of a weight on variables of its exporter: the variable (of `Seller`), and the sign."""

PAIR = {
    "tariff": ("tariff", -1.0),
    "export_tax": ("tariff", -1.0),
    "iceberg": ("trade", -1.0),
    "fixed_cost": ("fixed", -1.0),
    "productivity": ("trade", 1.0),
}
"""What a shock can do to the weight of a pair: the exponent that its log carries (of a rate that of 1 + rate), and the sign."""

BUYER = Buyer._fields
"""Exponents of the price index."""

BESIDE = ("profit", "eta")
"""What every sector has beside its exponents: the share of profit, and the part of a change of prices that does not reach real income."""

ALIKE: Mapping[str, Mapping[str, PerSector]] = {"trade": {"trade": 1.0, "cost": 1.0, "tariff": 1.0}}
"""Slopes where the three exponents on costs are one and the same."""


@dataclass(frozen=True)
class Exponents:
    """The exponents of the trade-share and price equations; each a number, or a number for each sector label; all dimensionless.

    Attributes:
        variant: name of the variant, for outputs.
        trade: on the iceberg cost (the trade elasticity: σ−1, θ or k).
        cost: on the exporter's unit cost.
        tariff: on one plus the tariff rate, and on one plus the rate of an export tax.
        fixed: on the fixed cost of serving a market.
        scale: on the number of entrants (0: no free entry).
        market: of the price index on the size of the market.
        parameters: the structural parameters they were made from (σ, k, …), for outputs.
        slopes: derivatives of the exponents, by structural parameter as a run file names it (`trade` at given σ and ψ, `sigma`, `psi`) and by
            exponent; what is absent does not respond.
        entrants: who stands behind entry.
        profit: share of sales that is profit; only where there is no free entry. eta: part of a change of a sector's price index that variable
            mark-ups keep from real income; zero where mark-ups are constant. Both are no exponents but stand beside them in every sector.
        demand: the system with a choke price from which η follows, for outputs; None where there is none, or η was given.
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
    entrants: Entrants = NOBODY
    profit: PerSector = 0.0
    eta: PerSector = 0.0
    demand: Named | None = None

    def on(self, sectors: list[str]) -> dict[str, Array]:
        """Exponents, and what stands `BESIDE` them, as arrays [sector] in the order of `sectors`; `DataError` names sectors without a value."""
        return {name: per_sector(getattr(self, name), sectors, name) for name in (*names(), *BESIDE)}

    def parameters_on(self, sectors: list[str]) -> dict[str, Array]:
        """The structural parameters as bare arrays [sector]; raises as `on`."""
        return {name: per_sector(value, sectors, name) for name, value in self.parameters.items()}

    def returns_on(self, sectors: list[str]) -> Array:
        """ψ, the power of Ŝ with which a seller's productivity rises [sector]: scale/trade where scale is external to producers; zero where entry
        counts firms, which makes varieties and leaves what a bundle yields alone. Raises as `on`.
        """
        scale, trade = (per_sector(getattr(self, name), sectors, name) for name in ("scale", "trade"))
        return np.zeros(len(sectors)) if self.entrants.firms else scale / trade


def names() -> tuple[str, ...]:
    """The exponents that the tables name, each once."""
    return tuple(dict.fromkeys([*BUYER, *(exponent for exponent, _ in PAIR.values()), *SELLER]))


def seller(e: Mapping[str, Array]) -> Seller:
    """The exponents of a weight summed by variable of the exporter [sector, 1], from the exponents [sector]."""
    by = {variable: np.zeros_like(e["trade"]) for variable in Seller._fields}
    for name, (variable, sign) in SELLER.items():
        by[variable] = by[variable] + sign * e[name]
    return Seller(**{variable: exponent[:, None] for variable, exponent in by.items()})


def buyer(e: Mapping[str, Array]) -> Buyer:
    """The exponents of the price index [sector, 1], from the exponents [sector]."""
    return Buyer(**{name: e[name][:, None] for name in BUYER})


def log_shifter(e: Mapping[str, Array], logs: Mapping[str, Array]) -> Array:
    """ln of what belongs to a pair in its weight [sector, exporter, importer], from the logs of what `PAIR` names, as far as they are given.

    −trade·ln τ − tariff·ln((1 + x)(1 + t)) − fixed·ln f + trade·ln A. Source: chapter, eq. 23, with tariffs on the firm's revenue.

    Args:
        e: exponents [sector]; logs: arrays with the axis of sectors first and as many axes as the result.
    """
    return np.asarray(sum((sign * e[exponent])[:, None, None] * logs[name] for name, (exponent, sign) in PAIR.items() if name in logs))


def per_sector(value: PerSector, sectors: list[str], name: str) -> Array:
    """`value` as an array [sector] in the order of `sectors`; `DataError` where a sector has none."""
    if not isinstance(value, Mapping):
        return np.full(len(sectors), float(value))
    try:
        return np.array([value[s] for s in sectors], dtype=float)
    except KeyError:
        missing = [s for s in sectors if s not in value]
        raise DataError(
            f'elasticities: {name} has no value for {", ".join(missing[:8])}{" …" if len(missing) > 8 else ""}; give one, or "*" for the rest.'
        ) from None


# --- for those that make exponents ---------------------------------------------------------------------------------------------------


def by_sector(function: Callable[..., float], *values: PerSector) -> PerSector:
    """`function` of numbers, sector by sector where any of `values` is a table; `DataError` where a sector has not all of them."""
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


def where_known(function: Callable[..., float], *values: PerSector | None) -> PerSector:
    """As `by_sector`, for those sectors alone that all of `values` know: one that is None knows none, and a table may lack some."""
    given = [value for value in values if value is not None]
    tables = [value for value in given if isinstance(value, Mapping)]
    if len(given) < len(values):
        return {}
    known = set.intersection(*map(set, tables)) - {"*"} if tables else set()
    return by_sector(function, *({s: number for s, number in v.items() if s in known} if isinstance(v, Mapping) else v for v in given))


def is_number(value: object) -> bool:
    """Whether a value is a real number, infinite or none (NaN) allowed; yes and no are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def number_fault(name: str, where: str, value: object) -> str:
    """A sentence on a value that is no number; none where it is one."""
    return "" if is_number(value) else f"elasticities: {name} = {value!r}{where} is not a number."


def require(faults: list[str], value: PerSector, name: str, low: float, why: str, *, strict: bool = True, high: float = np.inf) -> None:
    """Add a fault for each value that is not a number in the interval from `low` to `high` (`low` itself excluded when `strict`)."""
    for label, number in entries(value):
        where = f" at sector={label}" if label else ""
        if fault := number_fault(name, where, number):
            faults.append(fault)
        elif not ((number > low if strict else number >= low) and number <= high and np.isfinite(number)):
            faults.append(f"elasticities: {name} = {number:g}{where}, {why}.")


def entries(value: Any) -> list[tuple[str, Any]]:
    """Sectors with what is said of each; one without a name where nothing is said by sector."""
    return list(value.items()) if isinstance(value, Mapping) else [("", value)]


def refuse(faults: list[str]) -> None:
    """`DataError` where there are faults."""
    if faults:
        raise DataError(faults)
