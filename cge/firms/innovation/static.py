"""Innovation before production, once: the regions around (29) and the equilibrium of countries alike (chapter, section 9.2.2)."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.firms.envelope import Steps, demand_level, envelope
from cge.firms.industry import Industry
from cge.firms.innovation.effort import Innovation
from cge.firms.symmetric import TOLERANCE, lines, price_level

POINTS, REACH = (81, 121), 3.2
"""Points of the tanh–sinh rule in a region where intensity rises, those that must give the same, and how far the rule goes."""


class Innovating(NamedTuple):
    """The equilibrium, the same in every country; money in labour.

    Attributes:
        demand: B.
        alpha_domestic, alpha_exporter: α of firms that sell at home whatever comes out, and of those that export whatever; NaN where there are none.
        lowest_innovator: lowest productivity that innovates, φ with ιBφ^(σ−1) = f.
        cutoff_without_success, export_cutoff_with_success, export_cutoff_without: productivity from which firms produce without success, export with
            and without it; infinite where none does. Between a cutoff with success and without it intensity rises with productivity.
        entrants: M_E; firms: M, that produce; exporters_per_firm.
        innovation_labour: of a country. domestic_share: λ, own goods in spending.
        price_index: P; welfare: U = 1/P, per worker.
    """

    demand: float
    alpha_domestic: float
    alpha_exporter: float
    lowest_innovator: float
    cutoff_without_success: float
    export_cutoff_with_success: float
    export_cutoff_without: float
    entrants: float
    firms: float
    exporters_per_firm: float
    innovation_labour: float
    domestic_share: float
    price_index: float
    welfare: float


class Totals(NamedTuple):
    """Of an entrant: expected variable profits, of them earned at home, fixed costs, labour for innovation, probabilities to produce and export."""

    variable: float
    home: float
    fixed: float
    innovation: float
    produces: float
    exports: float


def innovation(industry: Industry, technology: Innovation) -> Innovating:
    """The equilibrium where firms know their productivity, choose an intensity of innovation, and produce and export after its outcome.

    With x = Bφ^(σ−1) and Π(x) the best profit, c′(α) = [Π(ιx) − Π(x)]·B/x. That is (29), the same α for all firms of a kind, only from where success
    changes no decision: firms below f/ι do nothing; up to f those innovate that then produce only if they succeed; a second such region lies below
    exporters. Free entry gives B.

    Raises:
        DataError: an integral that quadrature cannot give to nine digits.
        SolveError: expected profits do not equal the entry cost.
    """
    from scipy.optimize import brentq

    steps = envelope(lines(industry))
    highest = demand_level(
        industry.productivity, industry.sigma, steps, industry.entry_cost
    )  # nobody innovates; the lowest: all succeed for nothing

    def excess(log_demand: float) -> float:
        of = totals(industry, technology, steps, math.exp(log_demand), POINTS[0])
        return of.variable - of.fixed - of.innovation - industry.entry_cost

    top = math.log(highest)
    demand = math.exp(brentq(excess, top - math.log(technology.step) - 1e-9, top + 1e-9, xtol=1e-15, rtol=1e-15))
    of, finer = (totals(industry, technology, steps, demand, points) for points in POINTS)
    if not np.allclose(of, finer, rtol=TOLERANCE, atol=1e-300):
        raise DataError(f"innovation: integrals over {industry.productivity.name} productivity resist quadrature.")
    if not abs(of.variable - of.fixed - of.innovation - industry.entry_cost) <= TOLERANCE * (of.variable + industry.entry_cost):
        raise SolveError(
            Outcome("not_converged", "Free entry with innovation was not solved: look for costs of very different orders of magnitude.")
        )
    sigma, access = industry.sigma, industry.market_access
    entrants, price = industry.labour / (sigma * of.variable), price_level(sigma, demand, industry.labour)
    at = (np.append(steps.at, math.inf) / demand) ** (1 / (sigma - 1))
    eased, exporting = technology.step ** (-1 / (sigma - 1)), float(at[-2]) if industry.countries > 1 else math.inf
    sole = len(steps.at) > 1 or industry.countries == 1
    gain = (technology.step - 1) * demand
    return Innovating(
        demand=demand,
        alpha_domestic=float(technology.best(np.asarray(gain))) if sole else math.nan,
        alpha_exporter=float(technology.best(np.asarray(gain * (1 + access)))) if industry.countries > 1 else math.nan,
        lowest_innovator=float(at[0]) * eased,
        cutoff_without_success=float(at[0]),
        export_cutoff_with_success=exporting * eased,
        export_cutoff_without=exporting,
        entrants=entrants,
        firms=entrants * of.produces,
        exporters_per_firm=of.exports / of.produces,
        innovation_labour=entrants * of.innovation,
        domestic_share=of.home / of.variable,
        price_index=price,
        welfare=1 / price,
    )


def innovation_intensity(industry: Industry, technology: Innovation, found: Innovating, productivity: npt.ArrayLike) -> Array:
    """α of firms of given productivities in an equilibrium; it is continuous and never falls.

    Args:
        productivity: φ > 0, any shape […], which the result has.

    Raises:
        DataError: a productivity that is not positive.
    """
    phi = np.asarray(productivity, dtype=float)
    if not (phi > 0).all():
        raise DataError("productivity: a firm's productivity must be positive.")
    x = found.demand * phi ** (industry.sigma - 1)
    return _intensity(technology, envelope(lines(industry)), found.demand, x)


def _profit(steps: Steps, x: Array) -> Array:
    """Π(x), the best profit; shape […] of x."""
    return np.asarray(np.maximum(steps.slope * x[..., None] - steps.cost, 0.0) @ np.ones(len(steps.at)))


def _intensity(technology: Innovation, steps: Steps, demand: float, x: Array) -> Array:
    return technology.best((_profit(steps, technology.step * x) - _profit(steps, x)) * demand / x)


def totals(industry: Industry, technology: Innovation, steps: Steps, demand: float, points: int) -> Totals:
    """What an entrant may expect at B, region by region: in closed form where α is the same for all, by quadrature where it rises."""
    iota, power, g = technology.step, industry.sigma - 1, industry.productivity
    kinks = np.unique(np.concatenate([steps.at, steps.at / iota]))
    kinks = np.append(np.unique(np.concatenate([kinks, _corners(technology, steps, demand, kinks)])), math.inf)
    shares, sizes, at = [], [], []
    for low, high in pairwise(kinks):
        inside = np.array([low + (high - low) * part if high < math.inf else 2 * low + 1 + part for part in (0.1, 0.9)])
        ends = (np.array([low, high]) / demand) ** (1 / power)
        if np.ptp(_intensity(technology, steps, demand, inside)) < 1e-13:
            shares.append(-np.diff(g.survival(ends)))
            sizes.append(-np.diff(g.moment(ends, power)))
            at.append(inside[:1])
        else:
            ends = np.clip(ends, g.lower, g.upper)
            phi, weight = _rule(points, *ends) if ends[0] < ends[1] else (ends[:0], ends[:0])
            shares.append(weight * g.density(phi))
            sizes.append(shares[-1] * phi**power)
            at.append(demand * phi**power)
    share, size, x = (np.concatenate(parts) for parts in (shares, sizes, at))
    alpha = _intensity(technology, steps, demand, x)
    access = 1 + industry.market_access
    result = np.zeros(6)
    for chance, grown in ((1 - alpha, 1.0), (alpha, iota)):
        takes = grown * x[:, None] >= steps.at
        slope, fixed = takes @ steps.slope, takes @ steps.cost
        earns, sells, abroad = demand * grown * size * chance, slope > 0, (slope >= access * (1 - 1e-12)) & (industry.countries > 1)
        result += [(earns * slope).sum(), earns @ sells, (share * chance) @ fixed, 0.0, (share * chance) @ sells, (share * chance) @ abroad]
    result[3] = size @ technology.spent(alpha)
    return Totals(*result.tolist())


def _corners(technology: Innovation, steps: Steps, demand: float, kinks: Array) -> Array:
    """x between two kinks at which α reaches one: Π(ιx) − Π(x) = a + bx there, and a/x + b = χ/B."""
    found = []
    for low, high in zip(kinks, [*kinks[1:], 2 * kinks[-1] + 1], strict=True):
        ends = np.array([low + 1e-9 * (high - low), high - 1e-9 * (high - low)])
        rise = _profit(steps, technology.step * ends) - _profit(steps, ends)
        b = (rise[1] - rise[0]) / (ends[1] - ends[0])
        a, wanted = rise[0] - b * ends[0], technology.cost / demand
        if wanted != b and low < (x := a / (wanted - b)) < high:
            found.append(x)
    return np.array(found)


def _rule(points: int, low: float, high: float) -> tuple[Array, Array]:
    """Nodes and weights between two productivities, in ln φ: tanh–sinh, for α starts like a root where success begins to pay."""
    grid = np.linspace(-REACH, REACH, points)
    inner = math.pi / 2 * np.sinh(grid)
    share = 1 / (1 + np.exp(-2 * inner))
    weight = (grid[1] - grid[0]) * math.pi / 4 * np.cosh(grid) / np.cosh(inner) ** 2
    phi = low * (high / low) ** share
    return phi, weight * math.log(high / low) * phi
