"""The chapter's closed forms for quadratic demand, (26) to (28), and the two linear systems that Pareto costs leave of an equilibrium."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.primitives import value_faults
from cge.firms.quadratic.economy import QuadraticEconomy


def inverse_demand(quantity: npt.ArrayLike, total: npt.ArrayLike, alpha: float, gamma: float, eta: float) -> Array:
    """The price p = α − γ q − η Q (26) at which a consumer buys `quantity` of a variety and `total` of all [both of one shape …, the result too]."""
    return np.asarray(alpha - gamma * np.asarray(quantity) - eta * np.asarray(total))


def choke_price(sellers: npt.ArrayLike, average_price: npt.ArrayLike, alpha: float, gamma: float, eta: float) -> Array:
    """The price (γα + η N p̄)/(η N + γ) above which nobody buys (27), from the mass of varieties consumed and their average price [both …]."""
    n = np.asarray(sellers)
    return np.asarray((gamma * alpha + eta * n * np.asarray(average_price)) / (eta * n + gamma))


def indirect_utility(
    income: npt.ArrayLike,
    sellers: npt.ArrayLike,
    average_price: npt.ArrayLike,
    price_variance: npt.ArrayLike,
    alpha: float,
    gamma: float,
    eta: float,
) -> Array:
    """U = I + (α − p̄)²/(2(η + γ/N)) + N σ_p²/(2γ) per head [all …], mean and variance over varieties (section 8, after (27))."""
    n, distance = np.asarray(sellers, dtype=float), alpha - np.asarray(average_price)
    return np.asarray(income + distance**2 * n / (2 * (eta * n + gamma)) + n * np.asarray(price_variance) / (2 * gamma))


def symmetric_cutoffs(labour: npt.ArrayLike, k: float, highest_cost: float, entry_cost: float, iceberg: float, gamma: float) -> Array:
    """c_D = {γφ/(L[1 + (M−1)τ^(−k)])}^(1/(k+2)) [country], φ = 2(k+1)(k+2) c_M^k f_E (28); one country is the closed economy.

    It holds where technology and trade costs are the same everywhere, every country has entrants, makes and consumes the outside good, and
    c_D/τ ≤ c_M; nothing of this can be seen from its arguments: `pareto_equilibrium` checks it.

    Args:
        labour: L [country]; highest_cost: c_M, labour per unit.
    """
    size = np.atleast_1d(np.asarray(labour, dtype=float))
    constant = 2 * (k + 1) * (k + 2) * highest_cost**k * entry_cost
    return np.asarray((gamma * constant / (size * (1 + (size.size - 1) * iceberg**-k))) ** (1 / (k + 2)))


class ParetoSolution(NamedTuple):
    """Cutoffs c_D and entrants N_E [country] of the two linear systems, and why they are no equilibrium, if they are none."""

    cutoff: Array
    entrants: Array
    broken: tuple[str, ...]


def pareto_equilibrium(economy: QuadraticEconomy) -> ParetoSolution:
    """The interior equilibrium under Pareto, one k for all: free entry Σ_n L_n c_Dn^(k+2) T_ni^−(k+1) τ_ni^−k = γφ_i/Ω_i is linear in L c_D^(k+2),
    and demand Σ_i (T_ni τ_ni)^−k Ω_i N_Ei/c_Mi^k = 2(k+1)(γ/η)(α − c_Dn)/c_Dn^(k+1) linear in N_E; Ω_i = 1/(1 − ω_i^k).

    The exponent on 1 + t is k + 1 in free entry, where profits are net of tariff, and k in demand. `broken` names every condition that fails; the
    numbers are then those of the formulas, of nothing else.

    Raises:
        DataError: distributions that are not Pareto with one k, or specific tariffs, under which there is no power law.
    """
    e = economy
    k, highest = _pareto(e)
    rungs = np.ones_like(highest) if e.ladder is None else 1 / (1 - e.ladder**k)
    with np.errstate(divide="ignore"):
        net = e.after_tariff ** -(k + 1) * e.iceberg**-k
        gross = (e.after_tariff * e.iceberg) ** -k * rungs / highest**k
    power = np.linalg.solve(net.T, e.gamma * 2 * (k + 1) * (k + 2) * highest**k * e.entry_cost / rungs)
    if not (power > 0).all():
        nowhere = ", ".join(e.names[n] for n in np.flatnonzero(~(power > 0)))
        empty = np.full_like(power, np.nan)
        return ParetoSolution(empty, empty, (f"No choke prices would have all countries enter: that of country {nowhere} would be none.",))
    cutoff = (power / e.labour) ** (1 / (k + 2))
    entrants = np.linalg.solve(gross, 2 * (k + 1) * e.gamma / e.eta * (e.alpha - cutoff) / cutoff ** (k + 1))
    return ParetoSolution(cutoff, entrants, tuple(_broken(e, cutoff, entrants, highest, k)))


def _pareto(economy: QuadraticEconomy) -> tuple[float, Array]:
    faults = []
    k = economy.productivity[0].tail_index
    for name, g in zip(economy.names, economy.productivity, strict=True):
        ends = np.array([1.0, 2.0]) * g.lower
        if not (g.lower > 0 and np.isfinite(g.tail_index) and np.isclose(g.survival(ends)[1], 2.0**-g.tail_index, rtol=1e-12)):
            faults.append(f"productivity of country {name} is {g.name}, but the closed forms suppose Pareto.")
        elif g.tail_index != k:
            faults.append(f"productivity of country {name} has k = {g.tail_index:g}, but the closed forms suppose one k for all.")
    specific = economy.specific_tariff
    names = economy.names
    faults += value_faults("specific_tariff", specific, specific == 0, "0 for the closed forms", ("market", names), ("origin", names))
    if faults:
        raise DataError(faults)
    return k, np.array([1 / g.lower for g in economy.productivity])


def _broken(economy: QuadraticEconomy, cutoff: Array, entrants: Array, highest: Array, k: float) -> list[str]:
    """Why an interior solution is no equilibrium."""
    e, names = economy, economy.names
    reach = cutoff[:, None] / (e.after_tariff * e.iceberg)
    found = [f"Country {names[n]} would have {entrants[n]:.4g} entrants." for n in np.flatnonzero(entrants < 0)]
    found += [
        f"All entrants of country {names[i]} would sell in market {names[n]}: the cutoff {reach[n, i]:.4g} exceeds the highest cost {highest[i]:.4g}."
        for n, i in np.argwhere(reach > highest * (1 + 1e-12))
    ]
    sector = (k + 1) * e.entry_cost * entrants
    found += [
        f"The sector of country {names[n]} would need {sector[n]:.4g} workers of {e.labour[n]:.4g}."
        for n in np.flatnonzero(sector > e.labour)
    ]
    return found
