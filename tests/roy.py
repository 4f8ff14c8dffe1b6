"""Workers who choose their sector, simulated: a world of Armington goods in levels that shares no code with the package.

A group of workers draws a productivity for every sector from Fréchet distributions of its own; each works where it earns most. What the group
supplies is the integral over draws, by quadrature, not by its closed form. Goods differ by origin, Cobb–Douglas over sectors, one factor, tariffs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root

Array = NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(160)
LAST = 80.0
"""Beyond, e^−t is nothing."""


@dataclass(frozen=True)
class World:
    """Primitives: A [country, sector, group] levels of draws, workers [country, group], kappa [group]; preference weight of goods [exporter,
    importer,
    sector], budget shares [importer, sector], sigma, tariffs [exporter, importer, sector].
    """

    level: Array
    workers: Array
    kappa: Array
    taste: Array
    budget: Array
    sigma: float
    tariff: Array


def supply(level: Array, kappa: float, wage: Array) -> tuple[Array, Array]:
    """Efficiency units per worker and heads, by sector, of one group: E[z_s 1{s is best}] and P{s is best}.

    Draws have F_s(z) = exp(−A_s z^−κ). The integrals run over the draw of the sector itself, as t = −ln F_s(z) with its density e^−t, times the
    chance
    that every other sector pays less than w_s z; the closed form that this has is not used.
    """
    heads, units = np.zeros(len(wage)), np.zeros(len(wage))
    power = 9.0  # t = x^power, so that z = (t/A)^(−1/κ), which has no bound at t = 0, can be integrated
    x = 0.5 * (NODES + 1) * LAST ** (1 / power)
    t = x**power
    density = 0.5 * WEIGHTS * LAST ** (1 / power) * power * x ** (power - 1) * np.exp(-t)
    for s in np.flatnonzero(level):
        z = (t / level[s]) ** (-1 / kappa)
        less = [np.exp(-level[k] * (wage[s] * z / wage[k]) ** -kappa) for k in np.flatnonzero(level) if k != s]
        best = density * np.prod(less, axis=0)
        heads[s], units[s] = best.sum(), (best * z).sum()
    return heads, units


@dataclass(frozen=True)
class Equilibrium:
    """Wage [country, sector]; heads, pay [country, group, sector]; flow [exporter, importer, sector] net of tariff; price, income [country]."""

    wage: Array
    heads: Array
    pay: Array
    flow: Array
    price: Array
    income: Array


def at(world: World, wage: Array) -> Equilibrium:
    """What follows from wages of efficiency units."""
    N, S, G = world.level.shape
    heads, pay = np.zeros((N, G, S)), np.zeros((N, G, S))
    for n in range(N):
        for g in range(G):
            share, units = supply(world.level[n, :, g], float(world.kappa[g]), wage[n])
            heads[n, g], pay[n, g] = share, world.workers[n, g] * units * wage[n]
    weight = world.taste * (wage[:, None, :] * (1 + world.tariff)) ** (1 - world.sigma)
    total = weight.sum(axis=0)
    share = weight / total
    price = np.exp((world.budget * np.log(total) / (1 - world.sigma)).sum(axis=1))
    taxed = (world.tariff / (1 + world.tariff) * share * world.budget).sum(axis=(0, 2))
    income = pay.sum(axis=(1, 2)) / (1 - taxed)
    flow = share * world.budget * income[:, None] / (1 + world.tariff)
    return Equilibrium(wage, heads, pay, flow, price, income)


def solve(world: World) -> Equilibrium:
    """Wages at which every sector of every country pays its workers what it sells; the first country's pay is the unit."""
    N, S, _ = world.level.shape

    def gap(logs: Array) -> Array:
        found = at(world, np.exp(logs.reshape(N, S)))
        out = np.log(found.flow.sum(axis=1) / found.pay.sum(axis=1))
        out[0, 0] = logs.mean()  # one market is implied; the unit of account
        return np.asarray(out.ravel())

    found = root(gap, np.zeros(N * S), tol=1e-13)
    assert np.abs(found.fun).max() < 1e-10, found.message
    return at(world, np.exp(found.x.reshape(N, S)))
