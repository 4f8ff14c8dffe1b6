"""How the equilibrium under quadratic demand is looked for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms.quadratic.conditions import flows, residual
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.selling import selling
from cge.firms.semismooth import Found, newton

ENOUGH = 1e-9
"""The largest residual with which Newton may stop where rounding ends its progress."""

POWER = 8
"""Of expected profit over the entry cost, by which the first guess spreads entrants."""

GUESSES = 60
"""Choke prices that are tried for the first guess."""

RUNGS = ((1.0,), tuple(np.geomspace(2.0, 1.0, 8).tolist()), tuple(np.geomspace(10.0, 1.0, 60).tolist()))
"""Factors on foreign iceberg costs that lead to the equilibrium; the next row if one fails."""


def search(economy: QuadraticEconomy, entrants: Array | None) -> Found:
    """Where all conditions hold, z = (ln c_D, m, ln w) [3N]; where Newton cannot reach it in one go, along a fall in iceberg costs.

    Args:
        entrants: N_E [country] as given in the short run; without them free entry.

    Raises:
        SolveError: Newton's method stops before it gets there.
    """
    for rungs in RUNGS:
        found = _along(economy, entrants, rungs)
        if found.largest <= ENOUGH:
            return found
    raise _failure(economy, found.residual)


def _along(economy: QuadraticEconomy, entrants: Array | None, rungs: tuple[float, ...]) -> Found:
    """From the dearest iceberg costs to those of the economy, or to where Newton's method stops on the way."""
    home, x, steps = np.eye(len(economy.labour), dtype=bool), None, 0
    for dearer in rungs:
        here = replace(economy, iceberg=economy.iceberg * np.where(home, 1.0, dearer))
        found = newton(partial(residual, here, entrants), start(here, entrants) if x is None else x)
        x, steps = found.x, steps + found.steps
        if not found.largest <= ENOUGH:
            break
    return found._replace(steps=steps)


def start(economy: QuadraticEconomy, entrants: Array | None) -> Array:
    """A first guess of z [3N]: one choke price for all at which the most profitable country just breaks even, and as many entrants as the
    world's demand asks for, spread over countries by what they expect to earn.
    """
    e, wage = economy, np.ones_like(economy.labour)
    choke = np.full_like(wage, _break_even(economy))
    made, per = flows(e, selling(e, choke, wage)), e.labour / e.entry_cost
    if entrants is not None:
        return np.concatenate([np.log(choke), entrants / per, 0 * wage])
    weight = (made.profit.sum(axis=0) / e.entry_cost) ** POWER
    wanted, made_by_all = e.labour @ (e.alpha - choke) / e.eta, e.labour @ (made.quantity @ (per * weight))
    return np.concatenate([np.log(choke), weight * wanted / made_by_all if made_by_all > 0 else 0 * wage, 0 * wage])


def _break_even(economy: QuadraticEconomy) -> float:
    """The choke price of all markets at which entry just pays in the most profitable country, to a few percent; at most nearly α."""
    e, wage, choke = economy, np.ones_like(economy.labour), economy.alpha / 2
    for _ in range(GUESSES):
        sold = selling(e, np.full_like(wage, choke), wage)
        worth = flows(e, sold).profit.sum(axis=0) / e.entry_cost
        top = int(worth.argmax())
        if abs(worth[top] - 1) < 0.05 or (worth[top] < 1 and choke >= 0.99 * e.alpha):
            break
        rises = (e.labour * sold.margin[:, top] / (2 * e.gamma * e.after_tariff[:, top])).sum() * choke / e.entry_cost[top]
        power = max(rises / worth[top], 1.0) if worth[top] > 0 else 1.0
        choke = float(np.clip(choke * max(worth[top], 1e-6) ** (-1 / power), choke / 10, min(10 * choke, 0.99 * e.alpha)))
    return choke


def _failure(economy: QuadraticEconomy, residuals: Array) -> SolveError:
    """The worst condition by name."""
    n, worst = len(economy.labour), int(np.abs(residuals).argmax())
    kind, country = ("demand", "free entry", "labour")[worst // n], economy.names[worst % n]
    sentence = (
        f"The economy was not solved: {kind} of country {country} fails by {residuals[worst]:.1g}. Look for a cost or an amount of labour there "
        "that is of another order of magnitude than elsewhere."
    )
    return SolveError(Outcome("not_converged", sentence))
