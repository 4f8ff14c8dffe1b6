"""What an entrant sells in each market at given choke prices and wages: truncated moments of cost, for any distribution (chapter, section 8).

A firm of cost c and full cost a c, a = T τ w, faces the room d = c_D − s below the choke price; it sells where a c ≤ d, that is up to x = d/a.
Everything follows from ∫(1 − c/x)^p dG over c ≤ x, p = 0, 1, 2, that is from three truncated moments of c.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms.productivity import Productivity
from cge.firms.quadratic.economy import QuadraticEconomy

NEAR = 1.05
"""Up to this multiple of the lowest cost the moments cancel, and (x − c)^p is integrated directly."""

RUNGS = 100_000
"""Products of a firm that are counted before a ladder is given up as endless."""

NODES, WEIGHTS = (part / 2 for part in np.polynomial.legendre.leggauss(40))
NODES = NODES + 0.5


class Selling(NamedTuple):
    """Per entrant of each origin in each market, all [market, origin]; sums over the products of a ladder.

    Attributes:
        room: d = c_D − s, at least zero, numeraire.
        cutoff: x, the highest cost (labour per unit) that sells the core product; zero where nothing is sold.
        firms: G(x), the probability of selling anything.
        varieties: M0 = ∫dG; margin: E1 = ∫(d − a c)dG, numeraire; square: E2 = ∫(d − a c)²dG, numeraire squared.
    """

    room: Array
    cutoff: Array
    firms: Array
    varieties: Array
    margin: Array
    square: Array


def selling(economy: QuadraticEconomy, choke: Array, wage: Array) -> Selling:
    """What an entrant sells at choke prices c_D [market] and wages [country]."""
    room = np.maximum(choke[:, None] - economy.specific_tariff, 0.0)
    cutoff = room / (economy.after_tariff * economy.iceberg * wage)
    core = parts = moments(economy.productivity, cutoff)
    if economy.ladder is not None:
        parts = _all_products(economy, cutoff, core)
    return Selling(room, cutoff, core[0], parts[0], room * parts[1], room**2 * parts[2])


def _all_products(economy: QuadraticEconomy, cutoff: Array, core: Array) -> Array:
    """Sums over m of the three integrals at x ω^m [3, market, origin]: the m-th product costs as much as the core of a firm with c/ω^m."""
    assert economy.ladder is not None
    total, more = core.copy(), np.arange(core.shape[2])
    rung = core
    for m in range(1, RUNGS):
        more = more[(rung[0] > 1e-17 * total[0][:, more]).any(axis=0)]  # origins whose next product somebody still buys
        if not more.size:
            return total
        rung = moments([economy.productivity[i] for i in more.tolist()], cutoff[:, more] * economy.ladder[more] ** m)
        total[:, :, more] += rung
    sentence = f"ladder: firms sell more than {RUNGS:,} products at omega = {economy.ladder.max():g}; lower it."
    raise SolveError(Outcome("not_converged", sentence))


def moments(productivity: Sequence[Productivity], cutoff: Array) -> Array:
    """∫(1 − c/x)^p dG_i over costs c = 1/φ ≤ x, p = 0, 1, 2 [3, market, origin], at cutoffs x ≥ 0 [market, origin] with a G for each origin.

    With M_p = ∫c^p dG they are M_0, M_0 − M_1/x and M_0 − 2M_1/x + M_2/x². Just above the lowest cost these cancel; there, with the distribution
    function of c, by parts: ∫(x − c)dG = ∫G dc and ∫(x − c)²dG = 2∫(x − c)G dc. Origins with the same G are asked in one call.
    """
    x = np.where(cutoff > 0, cutoff, 1.0)
    phi = np.where(cutoff > 0, 1 / x, np.inf)
    same: dict[int, list[int]] = {}
    for i, g in enumerate(productivity):
        same.setdefault(id(g), []).append(i)
    found, lowest = np.empty((3, *cutoff.shape)), np.empty(len(productivity))
    for origins in same.values():
        g = productivity[origins[0]]
        lowest[origins] = 1 / g.upper
        for power in range(3):
            found[power, :, origins] = g.moment(phi[:, origins].T, -float(power))
    mass, first, second = found[0], found[1] / x, found[2] / x**2
    found[1:] = np.maximum(mass - first, 0.0), np.maximum(mass - 2 * first + second, 0.0)
    near = (cutoff > lowest) & (cutoff < NEAR * lowest)
    for origin in np.flatnonzero(near.any(axis=0)).tolist():
        rows = near[:, origin]
        found[1:, rows, origin] = _near(productivity[origin], float(lowest[origin]), x[rows, origin])
    return np.where(cutoff > lowest, found, 0.0)


def _near(productivity: Productivity, lowest: float, x: Array) -> Array:
    """∫(1 − c/x)^p dG, p = 1, 2, by Gauss–Legendre in the fourth root of c − c_low, which smooths what G does at its end."""
    span = x - lowest
    cost = lowest + span * NODES[:, None] ** 4
    share = productivity.survival(1 / cost) * span * (4 * NODES**3 * WEIGHTS)[:, None]
    return np.array([share.sum(axis=0) / x, 2 * ((1 - cost / x) * share).sum(axis=0) / x])
