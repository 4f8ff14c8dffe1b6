"""Variable mark-ups: demand has a choke price, costs are Pareto, and firms that face tougher competition set lower mark-ups."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.data.named import some
from cge.model.demand import DEMANDS, Demand, demand_faults, incidence
from cge.model.demand import demand as make_demand
from cge.model.entrants import Entrants
from cge.model.exponents import ALIKE, Exponents, Named, PerSector, refuse, require
from cge.model.parameters import Parameters, in_range, needed, range_faults
from cge.model.variants.variant import Variant


def variable_markups(
    trade: PerSector,
    demand: Named | None = None,
    demand_parameter: PerSector | None = None,
    eta: PerSector | None = None,
    scale: PerSector = 1.0,
) -> Exponents:
    """Any demand with a choke price, Pareto costs of shape k = `trade`, no fixed cost of selling, free entry: Krugman's exponents at σ − 1 = k.

    Shares, entry and prices are those of Krugman's model exactly, whatever the demand; what differs is real income, of which variable mark-ups keep
    the part η of a change of prices. Source: Arkolakis, Costinot, Donaldson and Rodríguez-Clare (2019), Review of Economic Studies 86(1), sections 3
    and 4; chapter, section 8 and footnote 37.

    Args:
        trade: k > 0; demand: key of `DEMANDS`, for all sectors or by sector; demand_parameter: r or s, where the demand takes one.
        eta: η < 1 in place of a demand; scale: 1, or 0 (entry is restricted); in between where η is zero alone.

    Raises:
        DataError: all values out of range; both or neither of `demand` and `eta`.
    """
    given = {"trade": trade, "demand": demand, "demand_parameter": demand_parameter, "eta": eta}
    parameters = {name: value for name, value in given.items() if value is not None}
    faults = [fault for name, value in parameters.items() for fault in range_faults(name, value)]
    require(faults, scale, "scale", 0.0, "but it must lie in [0, 1]", strict=False, high=1.0)
    if (demand is None) == (eta is None):
        faults.append("elasticities: variable_markups needs demand or eta, and not both.")
    faults += _uncovered(parameters)
    faults += _together({name: in_range(name, value) for name, value in parameters.items()}, parameters, scale)
    refuse(faults)
    kept, slope = (eta, 0.0) if eta is not None else _kept(trade, demand or {}, demand_parameter)
    slopes: dict[str, dict[str, PerSector]] = {"trade": {**ALIKE["trade"], "eta": slope}}
    if eta is not None:
        slopes["eta"] = {"eta": 1.0}
    numbers = {"k": trade, "demand_parameter": demand_parameter, "eta": eta}
    outputs = {name: value for name, value in numbers.items() if value is not None}
    made = Exponents("variable_markups", trade, trade, trade, 0.0, scale, 0.0, outputs, slopes, FIRMS)
    return replace(made, eta=kept, demand=demand)


def _systems(trade: PerSector | None, *given: Named | PerSector | None) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Sectors (one without a name where no table says any), and k, demand and parameter of each."""
    tables = [value for value in (trade, *given) if isinstance(value, Mapping)]
    for sector in dict.fromkeys(label for table in tables for label in table) or [""]:
        yield sector, tuple(_at(value, sector) for value in (trade, *given))


def _uncovered(given: Parameters) -> Iterator[str]:
    """Sectors that some table has and another lacks, which must have all of them."""
    tables = {name: value for name, value in given.items() if isinstance(value, Mapping)}
    sectors = list(dict.fromkeys(label for table in tables.values() for label in table))
    for name, table in tables.items():
        if lost := [s for s, asked in zip(sectors, needed(name, given, sectors), strict=True) if asked and s not in table]:
            yield f"elasticities: {name} has no value for {some(lost)}, which another table names; every sector needs all parameters."


def _together(given: Parameters, names: Container[str], scale: PerSector | None) -> Iterator[str]:
    """Demand systems with parameters that they cannot have, each once, with its sectors; mark-ups that meet a scale of which nothing is known."""
    trade, demand, parameter, eta = (given.get(name) for name in VARIABLE_MARKUPS.uses)
    found: dict[str, list[str]] = {}
    for sector, (k, name, a) in _systems(trade, demand, parameter):
        unknown = a is None and "demand_parameter" in names
        if name is None or (unknown and DEMANDS[name].parameter):
            continue
        for fault in demand_faults(name, a if DEMANDS[name].parameter else None, np.inf if k is None else k):
            found.setdefault(fault, []).append(sector)
    for fault, sectors in found.items():
        yield f"elasticities: {fault}" + (f" Sectors: {some(sectors)}." if sectors != [""] else "")
    yield from _scale_faults(1.0 if scale is None else scale, demand, eta)


def _kept(trade: PerSector, demand: Named, parameter: PerSector | None) -> tuple[PerSector, PerSector]:
    """η and dη/dk, numbers or by sector; those of one demand together."""
    found: dict[str, tuple[float, float]] = {}
    alike: dict[Demand, list[tuple[str, float]]] = {}
    for sector, (k, name, a) in _systems(trade, demand, parameter):
        alike.setdefault(_made(name, a if DEMANDS[name].parameter else None), []).append((sector, k))
    for system, sectors in alike.items():
        numbers = incidence(system, np.array([k for _, k in sectors]))
        found |= {sector: (float(part), float(slope)) for (sector, _), part, slope in zip(sectors, *numbers, strict=True)}
    if "" in found:
        return found[""]
    return {sector: part for sector, (part, _) in found.items()}, {sector: slope for sector, (_, slope) in found.items()}


@cache
def _made(name: str, parameter: float | None) -> Demand:
    return make_demand(name, parameter)


def demands(exponents: Exponents, sectors: list[str]) -> list[Demand | None]:
    """The demand of every sector, in the order of `sectors`; None for all where η was given in its place."""
    given = exponents.demand, exponents.parameters.get("demand_parameter")
    named = [[_at(value, sector) for value in given] for sector in sectors]
    return [None if name is None else _made(name, a if DEMANDS[name].parameter else None) for name, a in named]


def _at(value: Any, sector: str) -> Any:
    """What is said of one sector, by a table or for all alike."""
    return value.get(sector) if isinstance(value, Mapping) else value


def _scale_faults(scale: PerSector, demand: Named | None, eta: PerSector | None) -> Iterator[str]:
    """Where variable mark-ups that real income feels would meet a scale that is neither none nor whole."""
    for _, (size, name, part) in _systems(scale, demand, eta):
        if 0 < (1 if size is None else size) < 1 and (part or (name in DEMANDS and not DEMANDS[name].homothetic)):
            yield (
                f"elasticities: scale = {size:g}, but between 0 and 1 it is not known what mark-ups of an additive demand (eta other than zero) do "
                "to real income; give 1 or 0, or a homothetic demand (translog, qmor)."
            )
            return


def _revenue(p: Mapping[str, Array]) -> Array:
    """k + 1: profits are 1/(k + 1) of sales, whatever the demand."""
    return np.asarray(p["k"] + 1)


FIRMS = Entrants(firms=True, vary=True, revenue=_revenue)
"""Firms that differ, of which a market takes the cheapest; in levels the price index is the choke price but for a constant of the demand."""


def _make(given: Parameters, scale: float | None) -> Exponents:
    return variable_markups(
        given["trade"], given.get("demand"), given.get("demand_parameter"), given.get("eta"), 1.0 if scale is None else scale
    )


def _lacks(given: Container[str], scale: float | None) -> Iterator[str]:
    if "demand" not in given and "eta" not in given:
        yield f"elasticities: variable_markups needs demand, one of {', '.join(DEMANDS)}, or eta, beside trade."


VARIABLE_MARKUPS = Variant(
    "variable_markups",
    "variable mark-ups",
    ("trade", "demand", "demand_parameter", "eta"),
    _make,
    _lacks,
    entrants=FIRMS,
    scales=True,
    fewer=("armington", "eaton_kortum", "krugman"),
    invited=("demand", "eta"),
    together=_together,
)
