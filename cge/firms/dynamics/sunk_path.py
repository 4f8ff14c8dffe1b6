"""The path after a change of trade costs where beginning to export is sunk (chapter, section 9.3; in the spirit of Burstein and Melitz 2012)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.firms.dynamics.sunk import SunkIndustry, SunkState, begin, sunk_state
from cge.firms.dynamics.transition import SETTLED, SMALL, STEPS, TOLERANCE, equivalent

EXACT, WORTH = 150, 0.2
"""Periods whose slopes are all worked out, and what part of a residual may be left where slopes serve once more."""

UNITS = {
    "consumption": "C, units of the consumption index, of a country",
    "welfare_ratio": "C over C before the change",
    "firms": "mass of firms",
    "entrants": "mass of firms, which produce from the next period on",
    "exporters": "mass of firms, those that begin in the period included",
    "domestic_share": "own goods in spending",
    "trade_elasticity": "change of ln[(1−λ)/λ] since before the change over that of −ln τ",
    "demand": "B, labour: variable profits at home over size",
    "spending": "E, labour",
}
"""Variables of a path, each by `period`."""


class SunkTransition(NamedTuple):
    """A path after a change of trade costs.

    Attributes:
        paths: variables of `UNITS` by `period`; before, after: stationary states.
        long_run_elasticity: trade elasticity between these.
        gain_with_transition_pct, gain_steady_states_pct, horizon_gap: as of `Transition`.
    """

    paths: xr.Dataset
    before: SunkState
    after: SunkState
    long_run_elasticity: float
    gain_with_transition_pct: float
    gain_steady_states_pct: float
    horizon_gap: float


def sunk_transition(industry: SunkIndustry, iceberg_after: float, periods: int = 150) -> SunkTransition:
    """The perfect-foresight path after a permanent change of τ: exporters adjust slowly, so that trade reacts less at first than in the long run.

    Values go backwards from the new stationary state, masses forwards from the old one; unknown are B and E of all periods, found by Newton's
    method on the goods market and free entry, f_E = β(1−δ)(C'/C)^(−γ)(P/P')·(value of an entrant), with exact slopes.

    Args:
        iceberg_after: τ ≥ 1 after the change.
        periods: length of the path; it is solved again over twice as many.

    Raises:
        DataError: τ or `periods` out of range, a path that does not settle, or entry that would have to be negative.
        SolveError: no path was found.
    """
    faults = [] if 1 <= iceberg_after < math.inf else [f"iceberg_after = {iceberg_after:g}, but it must be at least 1 and finite."]
    if periods != int(periods) or periods < 2:
        faults.append(f"periods = {periods:g}, but it must be a whole number, at least 2.")
    if faults:
        raise DataError(faults)
    later = replace(industry, iceberg=float(iceberg_after))
    before, after = sunk_state(industry), sunk_state(later)
    unknown = _solve(later, before, after, np.tile(_settled_at(after), (periods, 1)))
    found = {name: part[0] for name, part in _walk(later, before, after, unknown.T.reshape(1, -1))._asdict().items()}
    _settled(found, after, periods)
    longer = _solve(later, before, after, np.concatenate([unknown, np.tile(_settled_at(after), (periods, 1))]))
    twice = _walk(later, before, after, longer.T.reshape(1, -1)).consumption[0, :periods]
    ratio, final = found["consumption"] / before.consumption, after.consumption / before.consumption

    def elasticity(share: Any) -> Any:
        if later.iceberg == industry.iceberg:
            return share * math.nan
        return np.log((1 - share) / share * before.domestic_share / (1 - before.domestic_share)) / -math.log(
            later.iceberg / industry.iceberg
        )

    found |= {"welfare_ratio": ratio, "trade_elasticity": elasticity(found["domestic_share"])}
    return SunkTransition(
        paths=xr.Dataset(
            {name: ("period", found[name], {"long_name": words}) for name, words in UNITS.items()}, {"period": np.arange(periods)}
        ),
        before=before,
        after=after,
        long_run_elasticity=float(elasticity(after.domestic_share)),
        gain_with_transition_pct=100 * (equivalent(ratio, final, industry.discount, industry.risk_aversion) - 1),
        gain_steady_states_pct=100 * (final - 1),
        horizon_gap=float(np.abs(twice / found["consumption"] - 1).max()),
    )


class Walk(NamedTuple):
    """Paths, and by how much they fail; dims [path, period], the last two relative."""

    demand: Array
    spending: Array
    consumption: Array
    entrants: Array
    firms: Array
    exporters: Array
    domestic_share: Array
    goods: Array
    free_entry: Array


def _walk(i: SunkIndustry, before: SunkState, after: SunkState, unknown: Array) -> Walk:
    """Many paths at once, of ln B and ln E [path, 2·period]; complex numbers carry derivatives."""
    length, chain, size, access = unknown.shape[1] // 2, i.moves, i.sizes, i.market_access
    power = i.sigma - 1
    log_demand, log_spending = unknown[:, :length], unknown[:, length:]
    log_price = (log_demand - log_spending) / power + math.log(i.sigma) / power + math.log(i.sigma / power)
    log_use = log_spending - log_price
    end = math.log(after.spending / after.consumption), math.log(after.consumption)
    next_price = np.concatenate([log_price[:, 1:], np.full_like(log_price[:, :1], end[0])], axis=1)
    next_use = np.concatenate([log_use[:, 1:], np.full_like(log_use[:, :1], end[1])], axis=1)
    q = i.discount * (1 - i.death) * np.exp(-i.risk_aversion * (next_use - log_use) + log_price - next_price)
    demand, spending = np.exp(log_demand), np.exp(log_spending)
    home, abroad, waiting = (part[None] * np.ones_like(unknown[:, :1]) for part in (after.value, after.export_value, after.waiting))
    chance, outlay, entrant = [], [], []
    for t in range(length - 1, -1, -1):
        rate, earned = q[:, t, None], demand[:, t, None] * size
        entrant.append(q[:, t] * (home + waiting)[:, i.entry])
        home, abroad, kept = earned + rate * (home @ chain.T), access * earned + rate * (abroad @ chain.T), rate * (waiting @ chain.T)
        starts = begin(abroad - kept, i.start_cost)
        waiting = kept + starts.worth
        chance.append(starts.chance)
        outlay.append(starts.outlay)
    stay, export = (part[None] * np.ones_like(unknown[:, :1]) for part in (before.staying, before.exporting))
    columns: list[tuple[Array, ...]] = []
    for t in range(length):
        p, spent = chance[-1 - t], outlay[-1 - t]
        sells, every = export + p * stay, stay + export
        at_home, sold_abroad = demand[:, t] * (every @ size), access * demand[:, t] * (sells @ size)
        variable = at_home + sold_abroad
        entrants = (i.labour - power / i.sigma * spending[:, t] - (spent * stay).sum(axis=1)) / i.entry_cost
        goods = i.sigma * variable / spending[:, t] - 1
        columns.append((entrants, every.sum(axis=1), sells.sum(axis=1), at_home / variable, goods))
        stay = (1 - i.death) * (((1 - p) * stay) @ chain)
        stay[:, i.entry] += (1 - i.death) * entrants
        export = (1 - i.death) * (sells @ chain)
    entrants, firms, exporters, share, goods = (np.stack(column, axis=1) for column in zip(*columns, strict=True))
    free = np.stack(entrant[::-1], axis=1) / i.entry_cost - 1
    return Walk(demand, spending, np.exp(log_use), entrants, firms, exporters, share, goods, free)


def _settled_at(after: SunkState) -> Array:
    """ln B and ln E of a stationary state [2]."""
    return np.log([after.demand, after.spending])


def _solve(i: SunkIndustry, before: SunkState, after: SunkState, start: Array) -> Array:
    """ln B and ln E [period, 2] from a path to start with: Newton's method, slopes made anew where the last ones have not brought it on."""
    from scipy.linalg import lu_factor, lu_solve

    unknown, length = start.T.ravel(), len(start)
    gap = _gap(i, before, after, unknown[None])[0]
    slopes = None
    for _ in range(STEPS):
        if np.abs(gap).max() <= SMALL:
            break
        fresh = slopes is None
        if slopes is None:
            slopes = lu_factor(_slopes(i, before, after, unknown))
        step, share = -lu_solve(slopes, gap), 1.0
        while share > 1e-6:
            tried = _gap(i, before, after, (unknown + share * step)[None])[0]
            if np.isfinite(tried).all() and np.linalg.norm(tried) < (1 - 1e-4 * share) * np.linalg.norm(gap):
                break
            share /= 2
        else:
            if fresh:
                break
            slopes = None
            continue
        if np.linalg.norm(tried) > WORTH * np.linalg.norm(gap):
            slopes = None
        unknown, gap = unknown + share * step, tried
    if not np.abs(gap).max() <= TOLERANCE:
        kind, at = divmod(int(np.abs(gap).argmax()), length)
        where = f"{('the goods market', 'free entry')[kind]} of period {at}"
        raise SolveError(Outcome("not_converged", f"No path was found: {where} fails by {np.abs(gap).max():.1g}. Try a smaller change."))
    return np.asarray(unknown.reshape(2, length).T)


def _slopes(i: SunkIndustry, before: SunkState, after: SunkState, unknown: Array) -> Array:
    """Of what fails in the unknowns [2·period, 2·period], by complex steps, all at once.

    What happens in a period hardly matters a hundred later. So those of a long path are those of its first `EXACT` periods, and from the middle of
    these on the same with every period: right but for parts in a thousand, which costs Newton's method a few steps and no accuracy.
    """
    length = len(unknown) // 2
    short = min(length, EXACT)
    here = unknown.reshape(2, length)[:, :short].ravel()
    exact = _gap(i, before, after, here + 1e-30j * np.eye(len(here))).imag.T.reshape(2, short, 2, short) / 1e-30
    if short == length:
        return np.asarray(exact.reshape(2 * length, 2 * length))
    middle, whole = short // 2, np.zeros((2, length, 2, length))
    whole[:, :short, :, :middle] = exact[:, :, :, :middle]
    for column in range(middle, length):
        first, last = column - middle, min(column - middle + short, length)
        whole[:, first:last, :, column] = exact[:, : last - first, :, middle]
    return whole.reshape(2 * length, 2 * length)


def _gap(i: SunkIndustry, before: SunkState, after: SunkState, unknown: Array) -> Array:
    walk = _walk(i, before, after, unknown)
    return np.concatenate([walk.goods, walk.free_entry], axis=1)


def _settled(found: dict[str, Array], after: SunkState, periods: int) -> None:
    faults = []
    gap = abs(found["firms"][-1] / after.firms - 1)
    if not gap <= SETTLED:
        faults.append(
            f"periods = {periods}: after as many the mass of firms is still {gap:.2g}, relative, from where it settles; give more."
        )
    if (negative := np.flatnonzero(found["entrants"] < 0)).size:
        faults.append(
            f"iceberg_after: entry would have to be negative in period {negative[0]}; give a smaller change, or let firms die sooner."
        )
    if faults:
        raise DataError(faults)
