"""The path from one stationary state to another after a change of trade costs, with perfect foresight (chapter, section 9.3).

Ghironi and Melitz (2005) where producing takes no fixed cost; Burstein and Melitz (2012) where it does, so that firms choose whether to produce.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.firms.dynamics.stationary import rates_faults
from cge.firms.dynamics.steady import Period, Rules, Steady, period, rules, steady
from cge.firms.industry import Industry

TOLERANCE, SMALL = 1e-9, 1e-13
"""Largest residual of a path, and the one at which Newton's method stops at once."""

STEPS = 60
"""Newton steps before giving up; six are usual."""

SETTLED = 1e-6
"""How far, relative, the stock of firms may be from its stationary value when a path ends."""

UNITS = {
    "consumption": "C, units of the consumption index, of a country",
    "welfare_ratio": "C over C before the change",
    "draws": "D, living draws of productivity, at the beginning of a period",
    "producers": "mass of firms",
    "entrants": "m, mass of firms, which use their draws from the next period on",
    "exporters": "mass of firms",
    "cutoff": "φ*, productivity from which firms produce",
    "export_cutoff": "φ*_X, productivity from which firms export",
    "domestic_share": "own goods in spending",
    "demand": "B, labour: variable profits at home over φ^(σ−1)",
    "price_index": "P, labour per unit of the consumption index",
    "spending": "E, labour",
    "iceberg": "τ",
}
"""Variables of a path, each by `period`."""


class Transition(NamedTuple):
    """A path of countries alike after a change of trade costs.

    Attributes:
        paths: variables of `UNITS` by `period`, 0 being the one in which the change becomes known.
        before, after: stationary states.
        gain_with_transition_pct: permanent rise of consumption, percent, worth as much as the path and what follows it.
        gain_steady_states_pct: 100·(C after/C before − 1).
        horizon_gap: largest relative change of consumption on the path where the horizon is doubled.
    """

    paths: xr.Dataset
    before: Steady
    after: Steady
    gain_with_transition_pct: float
    gain_steady_states_pct: float
    horizon_gap: float


def transition(
    industry: Industry,
    iceberg_after: float,
    death: float,
    discount: float,
    risk_aversion: float = 1.0,
    periods: int = 400,
    announced: int = 0,
) -> Transition:
    """The perfect-foresight path after a permanent change of the iceberg cost, known from period 0.

    In every period firms do what is best, free entry is f_E = β(1−δ)(C'/C)^(−γ)(P/P')(e' + f_E), with e the profit of a draw, labour is used up, and
    D' = (1−δ)(D + m). Firms that would not have produced before the change were scrapped then; none is scrapped afterwards, and not to produce for
    some time costs nothing. So after a rise of trade costs marginal firms are missing and the change takes long; after a fall under Pareto with a
    fixed cost of producing there is no transition at all: the stock of draws does not depend on τ.

    Args:
        industry: countries alike that trade, before the change; fixed costs are paid in every period, `home_fixed_cost` may be zero.
        iceberg_after: τ ≥ 1 after it.
        death: δ; discount: β; both between 0 and 1.
        risk_aversion: γ > 0, of households, who own the firms.
        periods: length of the path; it is solved again over twice as many.
        announced: periods before the change happens.

    Raises:
        DataError: numbers out of range, all at once; a path that does not settle in `periods`; entry that would have to be negative.
        SolveError: no path was found.
    """
    _check(industry, iceberg_after, death, discount, risk_aversion, periods, announced)
    later = replace(industry, iceberg=float(iceberg_after))
    before, after = steady(industry, death, discount), steady(later, death, discount)

    def over(length: int) -> tuple[Rules, Array, Array]:
        what = [industry] * announced + [later] * (length + 1 - announced)
        r = rules(what, death, discount, risk_aversion)._replace(scrapped=before.cutoff, first=before.draws)
        return r, *_solve(r, before, after, length)

    r, log_demand, draws = over(periods)
    path, twice = _periods(r, log_demand, draws), _periods(*over(2 * periods))
    _settled(path, draws, after, periods)
    gap = np.abs(np.expm1(twice.log_consumption[:periods] - path.log_consumption[:periods])).max()
    ratio = np.exp(path.log_consumption[:periods]) / before.consumption
    final = after.consumption / before.consumption
    return Transition(
        paths=_labelled(r, path, log_demand, draws, ratio, [industry.iceberg] * announced + [later.iceberg] * (periods - announced)),
        before=before,
        after=after,
        gain_with_transition_pct=100 * (equivalent(ratio, final, discount, risk_aversion) - 1),
        gain_steady_states_pct=100 * (final - 1),
        horizon_gap=float(gap),
    )


def equivalent(ratio: Array, final: float, discount: float, risk_aversion: float) -> float:
    """The constant ratio of consumption worth as much as a path of it [period] that goes on at `final`, under CRRA utility."""
    weights = (1 - discount) * discount ** np.arange(len(ratio))
    rest = discount ** len(ratio)
    if risk_aversion == 1:
        return math.exp(float(weights @ np.log(ratio)) + rest * math.log(final))
    power = 1 - risk_aversion
    return float((weights @ ratio**power + rest * final**power) ** (1 / power))


# --- solving ---------------------------------------------------------------------------------------------------------------------------------


def _solve(r: Rules, before: Steady, after: Steady, length: int) -> tuple[Array, Array]:
    """ln B and D of periods 0 to `length`, from Newton's method on all of them; D begins as it was, B ends as it will be."""
    fade = (1 - r.death) ** np.arange(length + 1)
    log_demand = np.full(length + 1, math.log(after.demand))
    draws = after.draws + (before.draws - after.draws) * fade
    residual, slopes = _system(r, log_demand, draws)
    for _ in range(STEPS):
        if np.abs(residual).max() <= SMALL:
            break
        stepped = _step(r, log_demand, draws, residual, slopes, length)
        if stepped is None:
            break
        log_demand, draws = stepped
        residual, slopes = _system(r, log_demand, draws)
    if not np.abs(residual).max() <= TOLERANCE:
        worst = int(np.abs(residual).argmax())
        kind, at = ("free entry", worst) if worst < length else ("the stock of firms", worst - length)
        raise SolveError(
            Outcome("not_converged", f"No path was found: {kind} of period {at} fails by {residual[worst]:.1g}. Try a smaller change.")
        )
    return log_demand, draws


def _step(r: Rules, log_demand: Array, draws: Array, residual: Array, slopes: Any, length: int) -> tuple[Array, Array] | None:
    """The first point along Newton's step, halved until the residual falls; nothing where it does not."""
    from scipy.sparse.linalg import spsolve

    step, share = -spsolve(slopes, residual), 1.0
    while share > 1e-8:
        new_demand, new_draws = log_demand.copy(), draws.copy()
        new_demand[:-1] += share * step[:length]
        new_draws[1:] += share * step[length:]
        if (new_draws > 0).all() and np.abs(new_demand - log_demand).max() < 1:
            tried = _system(r, new_demand, new_draws)[0]
            if np.isfinite(tried).all() and np.linalg.norm(tried) < (1 - 1e-4 * share) * np.linalg.norm(residual):
                return new_demand, new_draws
        share /= 2
    return None


def _periods(r: Rules, log_demand: Array, draws: Array) -> Period:
    return period(r, log_demand, draws, r.first * (1 - r.death) ** np.arange(len(draws)))


def _system(r: Rules, log_demand: Array, draws: Array) -> tuple[Array, Any]:
    """Residuals of the Euler equation and of the stock of draws [2·length], and their slopes in ln B_0, …, D_1, … ."""
    from scipy.sparse import block_array, diags_array

    with np.errstate(all="ignore"):
        p = _periods(r, log_demand, draws)
        worth = p.profit + r.entry_cost
        value = r.risk_aversion * p.log_consumption + p.log_price
        d_value = r.risk_aversion * p.d_log_consumption + p.d_log_price
        euler = math.log(r.discount * (1 - r.death) / r.entry_cost) + value[:-1] - value[1:] + np.log(worth[1:])
        stock = draws[1:] - (1 - r.death) * (draws[:-1] + p.entrants[:-1])
    d_next = p.d_profit / worth - d_value
    d_stock = -(1 - r.death) * (p.d_entrants + np.array([[0.0], [1.0]]))
    n = len(draws) - 1

    def band(here: Array, beside: Array, offset: int) -> Any:
        return diags_array((here, beside), offsets=(0, offset), shape=(n, n))

    blocks = [
        [band(d_value[0, :n], d_next[0, 1:n], 1), band(d_next[1, 1:], d_value[1, 1:n], -1)],
        [band(d_stock[0, :n], np.zeros(n - 1), 1), band(np.ones(n), d_stock[1, 1:n], -1)],
    ]
    return np.concatenate([euler, stock]), block_array(blocks, format="csc")


# --- results and input -----------------------------------------------------------------------------------------------------------------------


def _settled(path: Period, draws: Array, after: Steady, periods: int) -> None:
    faults = []
    gap = abs(draws[-1] / after.draws - 1)
    if not gap <= SETTLED:
        faults.append(
            f"periods = {periods}: after as many the stock of firms is still {gap:.2g}, relative, from where it settles; give more."
        )
    if (negative := np.flatnonzero(path.entrants[:-1] < 0)).size:
        faults.append(
            f"iceberg_after: entry would have to be negative in period {negative[0]}: more firms live than the new state can bear. Give a smaller "
            "change, or let firms die sooner."
        )
    if faults:
        raise DataError(faults)


def _labelled(r: Rules, path: Period, log_demand: Array, draws: Array, ratio: Array, iceberg: list[float]) -> xr.Dataset:
    n = len(ratio)
    exporting = np.argmax(r.exports[:, :n] > 0, axis=0)
    values = {
        "consumption": np.exp(path.log_consumption[:n]),
        "welfare_ratio": ratio,
        "draws": draws[:n],
        "producers": path.producers[:n],
        "entrants": path.entrants[:n],
        "exporters": path.exporters[:n],
        "cutoff": path.cutoffs[0, :n],
        "export_cutoff": path.cutoffs[exporting, np.arange(n)],
        "domestic_share": path.home[:n],
        "demand": np.exp(log_demand[:n]),
        "price_index": np.exp(path.log_price[:n]),
        "spending": path.spending[:n],
        "iceberg": np.array(iceberg, dtype=float),
    }
    variables = {name: ("period", values[name], {"long_name": words}) for name, words in UNITS.items()}
    return xr.Dataset(variables, coords={"period": np.arange(n)})


def _check(
    industry: Industry, iceberg_after: float, death: float, discount: float, risk_aversion: float, periods: int, announced: int
) -> None:
    faults = rates_faults(death, discount)
    if industry.countries == 1:
        faults.append("countries = 1, but there is no trade whose costs could change in a closed economy.")
    if not 1 <= iceberg_after < math.inf:
        faults.append(f"iceberg_after = {iceberg_after:g}, but it must be at least 1 and finite.")
    if not 0 < risk_aversion < math.inf:
        faults.append(f"risk_aversion = {risk_aversion:g}, but it must be positive and finite.")
    if periods != int(periods) or periods < 2:
        faults.append(f"periods = {periods:g}, but it must be a whole number, at least 2.")
    if announced != int(announced) or not 0 <= announced < periods:
        faults.append(f"announced = {announced:g}, but it must be a whole number from 0 to below periods.")
    if faults:
        raise DataError(faults)
