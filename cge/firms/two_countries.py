"""Two countries that differ, one sector, no outside good: competitiveness, trade balance, and the small open economy (chapter, section 5.7).

Labour of country 2 is the numeraire, w_2 = 1. Everything follows from country 1's wage w_1 and export cutoff φ*_21, the productivity at which its
firms begin to sell in country 2: free entry (8) gives φ*_11 from φ*_21 and φ*_22 from φ*_12, and (17) ties the two countries together.
The last term of (19) is read as G_2(h_12(w_1, φ*_11(φ*_21))); the chapter prints h_12 twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.countries import OpenEconomy
from cge.firms.open_equilibrium import open_equilibrium
from cge.firms.productivity import J, inverse_J, tail_moment

FARTHEST = 1e4
"""How far above its lower end an export cutoff is looked for."""


class Abroad(NamedTuple):
    """What a small country 1 takes as given of country 2: its domestic cutoff φ*_22 and its entrants M_E2."""

    cutoff: float
    entrants: float


class TwoCountries(NamedTuple):
    """Both countries at a wage and an export cutoff of country 1; money in labour of country 2.

    Attributes:
        wage: w_1.
        cutoff_11, cutoff_22: φ* of producing at home; cutoff_21, cutoff_12: of selling in 2 from 1, and in 1 from 2.
        entrants_1, entrants_2: M_E, all labour employed.
        exports, imports: of country 1.
        welfare: U_1, from (12) and (13).
    """

    wage: float
    cutoff_11: float
    cutoff_22: float
    cutoff_21: float
    cutoff_12: float
    entrants_1: float
    entrants_2: float
    exports: float
    imports: float
    welfare: float


def abroad(economy: OpenEconomy) -> Abroad:
    """Country 2 in the equilibrium of both, to be held there while a small country 1 changes.

    Raises:
        DataError: not two countries without an outside good.
        SolveError: as `open_equilibrium`.
    """
    _check(economy)
    found = open_equilibrium(economy)
    return Abroad(float(found.cutoff[1, 1]), float(found.entrants[1]))


def small_open_economy(economy: OpenEconomy, given: Abroad) -> TwoCountries:
    """The equilibrium of a small country 1: the wage at which trade balances on the competitiveness curve, with φ*_22 and M_E2 given.

    Raises:
        DataError: not two countries without an outside good, or no selection into exporting, which (17) supposes.
    """
    _check(economy)

    def surplus(log_wage: float) -> float:
        wage = math.exp(log_wage)
        here = state(economy, wage, _h21(economy, wage, given.cutoff), given)
        return here.imports - here.exports

    wage = math.exp(_root(surplus, -10.0, 10.0))
    return _selected(state(economy, wage, _h21(economy, wage, given.cutoff), given))


def state(economy: OpenEconomy, wage: float, export_cutoff: float, given: Abroad | None = None) -> TwoCountries:
    """Cutoffs from free entry (8) and (17), entrants from labour markets, both sides of (19), at w_1 and φ*_21.

    With free entry L̄_i = σ M_Ei Σ_n f_ni [J_i(φ*_ni) + 1 − G_i(φ*_ni)], and a flow is σ w_i M_Ei f_ni [J_i(φ*_ni) + 1 − G_i(φ*_ni)] (section 6.2).

    Args:
        given: country 2, if country 1 is small.
    """
    sigma, f = economy.sigma, economy.fixed_cost
    home = _home_cutoff(economy, 0, export_cutoff)
    into = float(economy.iceberg[0, 1] * (f[0, 1] / f[0, 0]) ** (1 / (sigma - 1)) * wage ** (-sigma / (sigma - 1)) * home)
    other = given.cutoff if given else _home_cutoff(economy, 1, into)
    sold_1, sold_2 = _outlay(economy, 0, (home, export_cutoff)), _outlay(economy, 1, (into, other))
    entrants = (
        float(economy.labour[0] / (sigma * sold_1.sum())),
        given.entrants if given else float(economy.labour[1] / (sigma * sold_2.sum())),
    )
    exports, imports = float(sigma * wage * entrants[0] * sold_1[1]), float(sigma * entrants[1] * sold_2[0])
    welfare = (sigma - 1) / sigma * (economy.labour[0] / (sigma * f[0, 0])) ** (1 / (sigma - 1)) * home
    return TwoCountries(wage, home, other, export_cutoff, into, *entrants, exports, imports, float(welfare))


def competitiveness(economy: OpenEconomy, wage: float, given: Abroad | None = None) -> float:
    """φ*_21 at which country 1's firms break even in market 2 at the wage w_1 (18): rising in w_1 under selection into exporting.

    NaN where at that wage free entry cannot hold in both countries.
    """
    if given:
        return _h21(economy, wage, given.cutoff)

    def lead(log_cutoff: float) -> float:
        cutoff = math.exp(log_cutoff)
        return 1 / _h21(economy, wage, state(economy, wage, cutoff).cutoff_22) - 1 / cutoff

    return _export_cutoff(economy, lead)


def trade_balance(economy: OpenEconomy, wage: float, given: Abroad | None = None) -> float:
    """φ*_21 at which exports pay for imports at the wage w_1 (19), falling in w_1: the higher the cutoff the fewer exports and, since competition at
    home is weaker, the more imports. NaN where there is none.
    """

    def deficit(log_cutoff: float) -> float:
        here = state(economy, wage, math.exp(log_cutoff), given)
        return here.imports - here.exports

    return _export_cutoff(economy, deficit)


def curves(economy: OpenEconomy, wages: Iterable[float], given: Abroad | None = None) -> pd.DataFrame:
    """The two curves of figure 1.4: φ*_21 from (18), `competitiveness`, and from (19), `trade_balance`, by `wage` (index).

    Raises:
        DataError: not two countries without an outside good, or a wage that is not positive.
    """
    _check(economy)
    grid = [float(wage) for wage in wages]
    if not all(0 < wage < math.inf for wage in grid):
        raise DataError("wages: a wage must be positive and finite.")
    rows = [(competitiveness(economy, wage, given), trade_balance(economy, wage, given)) for wage in grid]
    return pd.DataFrame(rows, index=pd.Index(grid, name="wage"), columns=["competitiveness", "trade_balance"])


# --- parts ---------------------------------------------------------------------------------------------------------------------------------


def _h21(economy: OpenEconomy, wage: float, cutoff_22: float) -> float:
    """h_21 of (17): φ*_21 from w_1 and φ*_22."""
    f, sigma = economy.fixed_cost, economy.sigma
    return float(economy.iceberg[1, 0] * (f[1, 0] / f[1, 1]) ** (1 / (sigma - 1)) * wage ** (sigma / (sigma - 1)) * cutoff_22)


def _home_cutoff(economy: OpenEconomy, country: int, export_cutoff: float) -> float:
    """φ*_ii at which free entry (8) holds beside an export cutoff; infinite where exports alone earn the entry cost."""
    g, f = economy.productivity[country], economy.fixed_cost[:, country]
    from_exports = f[1 - country] * float(J(g, economy.sigma, export_cutoff))
    return float(inverse_J(g, economy.sigma, (economy.entry_cost[country] - from_exports) / f[country]))


def _outlay(economy: OpenEconomy, origin: int, cutoffs: tuple[float, float]) -> Array:
    """f_ni [J_i(φ*) + 1 − G_i(φ*)] of both markets: sales per entrant over σ w_i."""
    cutoff = np.array(cutoffs)
    sold = tail_moment(economy.productivity[origin], economy.sigma, cutoff)
    return np.asarray(economy.fixed_cost[:, origin] * cutoff ** (1 - economy.sigma) * sold)


def _export_cutoff(economy: OpenEconomy, rising: Callable[[float], float]) -> float:
    """Where a function of ln φ*_21 crosses zero from below, above the cutoff at which exports alone earn the entry cost; NaN where it does not."""
    low = math.log(inverse_J(economy.productivity[0], economy.sigma, economy.entry_cost[0] / economy.fixed_cost[1, 0]))
    high = low + math.log(FARTHEST)
    return math.exp(_root(rising, low, high)) if rising(low) < 0 < rising(high) else math.nan


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-15, rtol=1e-14))


def _selected(found: TwoCountries) -> TwoCountries:
    if found.cutoff_21 < found.cutoff_11 or found.cutoff_12 < found.cutoff_22:
        raise DataError(
            "two countries: some firms would rather export than sell at home, but section 5.7 supposes selection into exporting."
        )
    return found


def _check(economy: OpenEconomy) -> None:
    if len(economy.labour) != 2 or economy.outside:
        raise DataError("two countries: section 5.7 has two countries and no outside good; give labour of two, and spending_share = 1.")
    if economy.upgrade > 1 and np.isfinite(economy.upgrade_cost).any():
        raise DataError("two countries: section 5.7 has one technology; leave out the better one, or use open_equilibrium.")
