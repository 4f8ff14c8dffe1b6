"""How likely all sales of all firms are, firm by firm (chapter, section 6.4).

Firms that sell anywhere are a Poisson process: potential firms are spread evenly over u > 0, and given u a firm sells in n with probability P_n(u) =
Φ(−ln(uκ_2/N_n)/(θ̃σ_h)), whatever it does elsewhere. So the logarithm is Σ_i ln ∫ Π_n p_n(s_in|u) du − Λ, with p_n the density of ln sales where the
firm sells and 1 − P_n where it does not, and Λ = ∫ [1 − Π_n (1 − P_n(u))] du, how many firms sell anywhere.

Unknown are the five parameters, ln N_n and the ln of the scale of sales in every market.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.firms.shocks.economy import Shocks
from cge.firms.shocks.expected import log_sales
from cge.firms.shocks.moments import FirmData

FLOOR = -600.0
"""ln of a density that counts as none."""

STEP = 1e-3
"""Of differences, in every unknown; all is smooth, and these are off by its square."""

BLOCK = 4096
"""Firms worked on at once, so that what is at hand fits in the processor's cache."""


class Among(NamedTuple):
    """Which firms sell in a market, in order [seller], and how their ln sales lie among levels [level]: weights of cubic interpolation, sparse
    [seller, level].
    """

    firm: Array
    level: Array
    weight: Any


class Grid(NamedTuple):
    """Where densities are worked out: ln u, evenly spaced [node]; in each market the levels of its sellers; how many firms each stands for [firm]."""

    log_u: Array
    markets: tuple[Among, ...]
    weight: Array


def grid(data: FirmData, near: Sequence[Shocks]) -> Grid:
    """A grid fine enough for parameters like those given, from the u below which hardly any firm lies to that from which none sells."""
    spread = max(0.05, min(s.sigma_demand * np.sqrt(1 - s.correlation**2) for s in near))
    tilts = [s.theta * s.sigma_entry for s in near]
    step = min(0.25, max(0.05, 0.4 * min([*tilts, *(s.theta * spread for s in near)])))
    last = np.log(data.sellers.max()) + max(tilts) ** 2 / 2 + 6 * max(tilts) + 1
    nodes = np.arange(np.log(data.weight.min()) - 12, last, step)
    return Grid(nodes, tuple(_among(column, spread / 5) for column in data.sales.T), data.weight)


def _among(sales: Array, fine: float) -> Among:
    """Lagrange's weights of the four levels around the ln of positive sales [firm]."""
    from scipy.sparse import csr_array

    firm = np.flatnonzero(sales > 0)
    log = np.log(sales[firm])
    place = (log - log.min()) / fine + 1
    before = np.floor(place).astype(int)
    x = place - before
    weights = np.stack([-x * (x - 1) * (x - 2) / 6, (x * x - 1) * (x - 2) / 2, -x * (x + 1) * (x - 2) / 2, x * (x * x - 1) / 6])
    levels = before + np.arange(-1, 3)[:, None]
    shape = len(firm), int(levels.max()) + 1
    sparse = csr_array((weights.ravel(), (np.tile(np.arange(len(firm)), 4), levels.ravel())), shape=shape)
    return Among(firm, log.min() + fine * (np.arange(shape[1]) - 1), sparse)


class Market(NamedTuple):
    """A market on the grid: ln of one less the probability to sell there [node], and ln of the density of sales over that [level, node]."""

    outside: Array
    inside: Array


def market(by: Grid, number: int, shocks: Shocks, log_size: float, log_scale: float) -> Market:
    """One market, at ln N_n and the ln of the scale of sales there (`log_sales`)."""
    from scipy.special import expit, log_ndtr, ndtri_exp

    tilt, spread = shocks.theta * shocks.sigma_entry, shocks.sigma_demand * np.sqrt(1 - shocks.correlation**2)
    log_v = by.log_u + np.log(shocks.kappa_2) - log_size  # of a firm without a shock to entry
    enters, outside = log_ndtr(-log_v / tilt), log_ndtr(log_v / tilt)
    logit = np.arange(-16.0, 16.0, min(1.0, max(0.1, 1.3 * spread)))  # ln of sales falls by one with every one at its end
    part, weight = expit(logit), expit(logit) * expit(-logit)
    # shocks above the lowest with which a firm enters, by what part of the tail is still higher
    entry = -ndtri_exp(np.maximum(enters[:, None] + np.log(part), -1e4))
    mean = log_sales(shocks, np.minimum(log_v[:, None] - tilt * entry, -1e-300), entry)
    off = (by.markets[number].level[:, None, None] - log_scale - mean) / spread
    sums = np.exp(-0.5 * off**2) @ (weight / weight.sum())
    with np.errstate(divide="ignore"):
        density = np.log(sums / (spread * np.sqrt(2 * np.pi))) + enters
    return Market(outside, np.maximum(density, FLOOR) - outside)


class Likelihood(NamedTuple):
    """At a point: its logarithm, its slopes [unknown], and the information of all firms [unknown, unknown], the sum of squares of firms' slopes as
    Berndt, Hall, Hall and Hausman (1974) have it; both empty where they were not asked for.
    """

    value: float
    slope: Array
    information: Array


def likelihood(
    by: Grid, shocks_of: Callable[[Array], Shocks], unknown: Array, slopes: bool = True, spread: Callable[..., Any] = map
) -> Likelihood:
    """The logarithm of how likely all sales are, at parameters, ln N_n and ln scales [unknown].

    Args:
        shocks_of: parameters from the first five.
        spread: like `map`, by threads where there are several.
    """
    count = len(by.markets)
    here = _markets(by, shocks_of, unknown)
    moves = []
    for unit in np.eye(len(unknown)) if slopes else ():
        at = int(unit.argmax()) - 5
        moved = range(count) if at < 0 else (at % count,)
        pair = [_markets(by, shocks_of, unknown + sign * STEP * unit, moved) for sign in (1, -1)]
        moves.append({n: Market(*((up - down) / (2 * STEP) for up, down in zip(pair[0][n], pair[1][n], strict=True))) for n in moved})
    nobody = sum(m.outside for m in here.values())
    step = by.log_u[1] - by.log_u[0]
    mass = step * np.exp(by.log_u)
    anywhere = float(mass @ -np.expm1(nobody) + np.exp(by.log_u[0]))
    fewer = np.array([-(mass * np.exp(nobody)) @ sum(m.outside for m in move.values()) for move in moves])
    blocks = spread(lambda first: _block(by, here, moves, nobody + np.log(mass), first), range(0, len(by.weight), BLOCK))
    found = np.concatenate(list(blocks))
    of_firms = found[:, 1:]
    slope = by.weight @ of_firms - fewer if slopes else np.empty(0)
    return Likelihood(float(by.weight @ found[:, 0]) - anywhere, slope, (of_firms * by.weight[:, None]).T @ of_firms)


def _markets(by: Grid, shocks_of: Callable[[Array], Shocks], unknown: Array, which: Iterable[int] | None = None) -> dict[int, Market]:
    shocks, count = shocks_of(unknown[:5]), len(by.markets)
    size, scale = unknown[5 : 5 + count], unknown[5 + count :]
    return {n: market(by, n, shocks, size[n], scale[n]) for n in (range(count) if which is None else which)}


def _block(by: Grid, here: dict[int, Market], moves: list[dict[int, Market]], rest: Array, first: int) -> Array:
    """ln of what each of some firms does, and its slopes [firm, 1 + unknown]."""
    last = min(first + BLOCK, len(by.weight))
    rows = {n: slice(*np.searchsorted(by.markets[n].firm, [first, last])) for n in here}
    place = {n: by.markets[n].firm[rows[n]] - first for n in here}
    among = {n: by.markets[n].weight[rows[n]] for n in here}
    logs = np.tile(rest, (last - first, 1))
    for n, m in here.items():
        logs[place[n]] += among[n] @ m.inside
    top = logs.max(axis=1, keepdims=True)
    chance = np.exp(logs - top)
    total = chance.sum(axis=1, keepdims=True)
    chance /= total
    columns = [top[:, 0] + np.log(total[:, 0])]
    for move in moves:
        column = chance @ sum(m.outside for m in move.values())
        for n, m in move.items():
            column[place[n]] += np.einsum("fx,fx->f", among[n] @ m.inside, chance[place[n]])
        columns.append(column)
    return np.column_stack(columns)
