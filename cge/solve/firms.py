"""Firms behind a Melitz solution, in levels (chapter, section 6)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import InputError
from cge.model import equations as eq
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.model.technology import Levels, recovered
from cge.solve.equilibrium import Equilibrium
from cge.solve.solution import Solution


def flow_per_entrant(found: Equilibrium) -> Array:
    """Flow over Ŝ [sector, exporter, importer], finite at Ŝ = 0 where scale is one (a flow is proportional to Ŝ^scale)."""
    u, v = found.unknowns, found.values
    per_entrant = eq.sender_per_entrant(u.log_entry, v.log_unit_cost, u.log_spending_change, found.system.seller, eq.NUMBERS)
    return found.sold(per_entrant)


ROUNDING = 1e-9
"""A cutoff this little below the lower bound of productivity, relative, is rounding."""


class Firms(NamedTuple):
    """Firms in one equilibrium; pairs [sector, exporter, importer], cells [sector, country]; NaN where nothing can be made or bought.

    Attributes:
        iceberg, fixed_cost (bundles): of pairs; lower_bound: of productivity, of cells.
        bundle_cost: c, money per bundle; entrants: M. Of cells.
        average_sales: of a pair's exporters, money net of tariff; exporters: N, their mass; cutoff: φ*, the lowest productivity that sells.
        price_level: P, money per unit of utility of a sector, of cells; welfare: income over Π P^β [country].
    """

    iceberg: Array
    fixed_cost: Array
    lower_bound: Array
    bundle_cost: Array
    entrants: Array
    average_sales: Array
    exporters: Array
    cutoff: Array
    price_level: Array
    welfare: Array


def firms(solution: Solution, found: Equilibrium, shock: Shock) -> Firms:
    """Firms in an equilibrium of a Melitz solution, which solves `shock`.

    The marginal firm covers the fixed cost, net revenue/σ = c f (chapter, eq. 6); under Pareto average sales are then σk/(k − σ + 1)·c f, and
    the mass of exporters N = M (φmin/φ*)^k makes the flow (eq. 20). So N is flow over average sales, and φ* = φmin (M/N)^(1/k), through the limit
    of N/M where there are no entrants. With scale below one cutoffs are right relative to φmin, whose unit is then free.

    Raises:
        InputError: the model has no firms that differ.
    """
    levels = levels_of(solution)
    t, origin, sectors = levels.technology, levels.point, solution.benchmark.sectors
    p = solution.exponents.parameters_on(sectors)
    k = p["k"][:, None, None]
    bundle_cost = np.exp(t.log_bundle(origin) + found.values.log_unit_cost)
    fixed_cost, lower_bound = t.fixed_cost * shock.factor("fixed_cost"), t.productivity * shock.factor("productivity")
    average = average_factor(solution.exponents, sectors) * bundle_cost[:, :, None] * fixed_cost
    exists = (t.made & (origin.entry > 0))[:, :, None] & t.bought[:, None, :]
    entrants = np.where(t.made, origin.entry * found.unknowns.entry, np.nan)
    log_price = np.where(t.bought, origin.log_price + found.unknowns.log_price, 0.0)
    with np.errstate(divide="ignore"):
        per_entrant = flow_per_entrant(found) / np.where(origin.entry > 0, origin.entry, 1.0)[:, :, None] / average
        cutoff = lower_bound[:, :, None] * per_entrant ** (-1 / k)
    return Firms(
        iceberg=np.where(exists, t.iceberg * shock.factor("iceberg"), np.inf),
        fixed_cost=fixed_cost,
        lower_bound=lower_bound,
        bundle_cost=np.where(t.made, bundle_cost, np.nan),
        entrants=entrants,
        average_sales=np.where(exists, average, np.nan),
        exporters=np.where(exists, found.flow / average, 0.0),
        cutoff=np.where(exists, cutoff, np.inf),
        price_level=np.where(t.bought, np.exp(log_price), np.nan),
        welfare=np.exp(eq.log_real_income(np.log(found.values.income), log_price, found.system.real_share)),
    )


def levels_of(solution: Solution) -> Levels:
    """The technology and benchmark in levels of a solution, recovered from the data where it was solved in changes."""
    if not solution.exponents.entrants.differ:
        raise InputError(f"firms: cutoffs and exporters need melitz; under {solution.exponents.variant} all firms of a country are alike.")
    return recovered(solution.benchmark, solution.exponents) if solution.levels is None else solution.levels


def average_factor(exponents: Exponents, sectors: list[str]) -> Array:
    """Average sales over c f: σk/(k − σ + 1) [sector, 1, 1] (chapter, eq. 20)."""
    p = exponents.parameters_on(sectors)
    return np.asarray((p["sigma"] * p["k"] / (p["k"] - p["sigma"] + 1))[:, None, None])


def _by_country(input_share: Array) -> Array | None:
    return input_share.transpose(2, 1, 0) if input_share.any() else None


def before(solution: Solution) -> Firms:
    """Firms in the equilibrium that changes are measured from."""
    return firms(solution, solution.reference, solution.shock.reference)


def after(solution: Solution) -> Firms:
    """Firms in the counterfactual."""
    return firms(solution, solution.counterfactual, solution.shock)


def violations(solution: Solution) -> tuple[str, ...]:
    """Sentences on pairs whose cutoff lies below the lower bound of productivity (more sellers than entrants), where Pareto says nothing."""
    if not solution.exponents.entrants.differ:
        return ()
    found = []
    for name, state in (("benchmark", before(solution)), ("counterfactual", after(solution))):
        sentence = below_bound(state.cutoff, state.lower_bound, solution.benchmark.countries, solution.benchmark.sectors)
        if sentence:
            found.append(f"In the {name} {sentence}: the results hold only where firms are selected.")
    return tuple(found)


def below_bound(cutoff: Array, lower_bound: Array, countries: list[str], sectors: list[str]) -> str:
    """How many pairs have a cutoff below the lower bound, and which lies lowest; empty where none has.

    Args:
        cutoff: [sector, exporter, importer]; lower_bound: [sector, exporter].
    """
    ratio = cutoff / lower_bound[:, :, None]
    bad = ratio < 1 - ROUNDING
    if not bad.any():
        return ""
    s, i, n = (int(axis) for axis in np.unravel_index(int(np.where(bad, ratio, np.inf).argmin()), ratio.shape))
    return (
        f"{bad.sum()} {'pair has a cutoff' if bad.sum() == 1 else 'pairs have cutoffs'} below the lower bound of productivity, so that more "
        f"firms would sell than enter; lowest at exporter={countries[i]} importer={countries[n]} sector={sectors[s]} "
        f"({ratio[s, i, n]:.4g} times the bound)"
    )
