"""Search, screening and wages in countries alike (chapter, section 10; Helpman, Itskhoki and Redding 2010)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.envelope import demand_level, envelope, step_cutoffs
from cge.firms.hiring import tightness
from cge.firms.symmetric import verify_entry
from cge.firms.wages.distribution import WageDistribution, wage_distribution
from cge.firms.wages.industry import SearchIndustry, lines


class SearchEquilibrium(NamedTuple):
    """The equilibrium, the same in every country; money in the outside good, which is what a worker expects, masses in firms or workers.

    Attributes:
        industry: whose equilibrium it is.
        cutoff, export_cutoff: φ* and φ*_X, equal where all firms export; infinite in a closed economy.
        cutoff_ratio: ρ = φ*/φ*_X.
        revenue_premium: of exporting; one in a closed economy.
        tightness: x, share of searchers that are matched; search_cost: b, of a match.
        lowest_wage, lowest_employment: w_d and l_d, of the least productive firm, which exports where all do.
        demand: A, so that a firm's revenue at home is A·y^β.
        price_index: P of the sector. entrants: M_E; firms: M; exporters_per_firm.
        employment: H, of the sector; searchers: who look for work there, as many as its wage bill is.
        unemployment_sector: 1 − H/searchers, who are not matched or not hired; unemployment: share of all workers without work.
        mean_wage: of the sector's workers. real_income: expected, 1/P^spending_share.
    """

    industry: SearchIndustry
    cutoff: float
    export_cutoff: float
    cutoff_ratio: float
    revenue_premium: float
    tightness: float
    search_cost: float
    lowest_wage: float
    lowest_employment: float
    demand: float
    price_index: float
    entrants: float
    firms: float
    exporters_per_firm: float
    employment: float
    searchers: float
    unemployment_sector: float
    unemployment: float
    mean_wage: float
    real_income: float

    def wages(self) -> WageDistribution:
        """Wages across the sector's workers, in units of `lowest_wage`.

        Where all firms export none pays a wage that is not raised by exporting, and the distribution is Pareto, as where none does: without a jump,
        all workers are on the same side of it (`share_domestic` is one).

        Raises:
            DataError: productivity that is not Pareto.
        """
        i = self.industry
        k, rho = i.productivity.tail_index, self.cutoff_ratio if self.cutoff_ratio < 1 else 0.0
        ends = i.productivity.lower * np.array([1.0, 2.0])
        if not (i.productivity.lower > 0 and k < math.inf and np.isclose(i.productivity.survival(ends)[1], 2.0**-k, rtol=1e-12)):
            raise DataError(
                f"productivity: the distribution of wages has a closed form where productivity is Pareto; it is {i.productivity.name}."
            )
        share = i.ability_shape / i.screening_exponent
        premia = self.revenue_premium ** (1 - share), self.revenue_premium**share
        return wage_distribution(k, i.employment_exponent, i.wage_exponent, *premia, rho)


def search_equilibrium(industry: SearchIndustry) -> SearchEquilibrium:
    """The equilibrium with search and screening of N countries alike, or of a closed economy.

    A firm spends bn = βγ/(1+βγ)·r on matches and pays as much in wages, screens until c·a_c^δ = β(1−γk_a)/(1+βγ)·r, and keeps Γ/(1+βγ)·r for fixed
    costs, with r in proportion to φ^(β/Γ) and, for exporters, to the premium. So who produces and who exports is Melitz with σ − 1 := β/Γ and T :=
    premium − 1, and free entry one equation. A wage is b(a_c/a_min)^k_a: firms that screen more pay more, since their workers are harder to replace.
    Searchers are matched with x, xb = 1; what the wage is above b, screening has taken from the chance to be hired.

    Raises:
        DataError: a cutoff below the support of productivity, so that all entrants produce; productivity whose integrals quadrature cannot give.
        SolveError: expected profits do not equal the entry cost.
    """
    i, steps, sigma = industry, envelope(lines(industry)), 1 + industry.revenue_exponent
    level = demand_level(i.productivity, sigma, steps, i.entry_cost)  # operating profits at home are level·φ^(β/Γ)
    at = step_cutoffs(steps, sigma, level)
    if not at[0] >= i.productivity.lower:
        raise DataError(
            f"Every entrant produces: the cutoff {at[0]:.6g} lies below the lowest productivity {i.productivity.lower:g}, where wages of the least "
            "productive firm are not those of the formulas. Raise home_fixed_cost or lower entry_cost."
        )
    slopes, survival = np.cumsum(steps.slope), i.productivity.survival(at)
    outlay = float(steps.cost @ survival)
    verify_entry(level * float(steps.slope @ i.productivity.moment(at, i.revenue_exponent)) - outlay, i.entry_cost, outlay)
    x, b = (float(number) for number in tightness(np.asarray(i.search_cost), np.asarray(i.search_elasticity), np.asarray(1.0)))
    revenue = level / i.kept * slopes[0] * float(at[0]) ** i.revenue_exponent  # of the least productive firm
    wage = _wage(i, b, np.asarray(revenue))
    lowest = float(i.bargained * revenue / wage)
    spending = i.spending_share * i.labour
    entrants = spending * i.kept / (i.entry_cost + outlay)
    employment = entrants * _sum(i, at, slopes, lowest, i.employment_exponent, 1 - i.ability_shape / i.screening_exponent)
    searchers = i.bargained * spending
    demand = _demand(i, level, b)
    price = (demand / spending ** (1 - i.beta)) ** (1 / i.beta)
    exports = i.countries > 1
    return SearchEquilibrium(
        industry=i,
        cutoff=float(at[0]),
        export_cutoff=float(at[-1]) if exports else math.inf,
        cutoff_ratio=float(at[0] / at[-1]) if exports else 0.0,
        revenue_premium=i.revenue_premium,
        tightness=x,
        search_cost=b,
        lowest_wage=float(wage),
        lowest_employment=lowest,
        demand=demand,
        price_index=price,
        entrants=entrants,
        firms=entrants * float(survival[0]),
        exporters_per_firm=float(survival[-1] / survival[0]) if exports else 0.0,
        employment=employment,
        searchers=searchers,
        unemployment_sector=1 - employment / searchers,
        unemployment=(searchers - employment) / i.labour,
        mean_wage=searchers / employment,
        real_income=price**-i.spending_share,
    )


def _wage(i: SearchIndustry, b: float, revenue: Array) -> Array:
    """w = b(a_c/a_min)^k_a, c·a_c^δ in proportion to revenue; shape […] of it."""
    ability = (i.screened * revenue / i.screening_cost) ** (1 / i.screening_exponent)
    return np.asarray(b * (ability / i.lowest_ability) ** i.ability_shape)


def _sum(i: SearchIndustry, at: Array, slopes: Array, lowest: float, exponent: float, power: float) -> float:
    """An entrant's expected `lowest`·(φ/φ*)^exponent, times premium^power from the export cutoff on; `lowest` has the premium of the first step."""
    above = i.productivity.moment(at, exponent) / at[0] ** exponent
    premia = (slopes / slopes[0]) ** power
    return float(lowest * (premia @ (above - np.append(above[1:], 0.0))))


def _demand(i: SearchIndustry, level: float, b: float) -> float:
    """A, from r^Γ = Υ^(1−β)·A·φ^β·C, with C what hiring and screening make of a unit of revenue."""
    mean = i.ability_shape / (i.ability_shape - 1)  # ā over a_c
    screening = (i.screened / i.screening_cost) ** ((1 - i.returns * i.ability_shape) / i.screening_exponent)
    made = mean * i.lowest_ability ** (i.returns * i.ability_shape) * screening * (i.bargained / b) ** i.returns
    return float((level / i.kept) ** i.gamma / made**i.beta)


def search_firms(found: SearchEquilibrium, productivity: npt.ArrayLike) -> pd.DataFrame:
    """Firms of given productivities in an equilibrium.

    Args:
        productivity: φ > 0 [firm].

    Returns:
        One row for each (index `productivity`): `revenue`, `profit` (before the entry cost), `matches` (n), `ability_cutoff` (a_c), `employment` (h),
        `wage`, and whether it `exports`; zeros, and NaN for wage and ability, where a firm does not produce.

    Raises:
        DataError: a productivity that is not positive.
    """
    phi, i = np.atleast_1d(np.asarray(productivity, dtype=float)), found.industry
    if not (phi > 0).all():
        raise DataError("productivity: a firm's productivity must be positive.")
    produces, exports = phi >= found.cutoff, phi >= found.export_cutoff
    least = found.lowest_employment * found.lowest_wage / i.bargained
    first = found.revenue_premium if found.export_cutoff == found.cutoff else 1.0
    revenue = least * (phi / found.cutoff) ** i.revenue_exponent * np.where(exports, found.revenue_premium, 1.0) / first
    wage = _wage(i, found.search_cost, revenue)
    outlay = i.home_fixed_cost + np.where(exports, i.export_outlay, 0.0)
    table = {
        "revenue": revenue,
        "profit": i.kept * revenue - outlay,
        "matches": i.bargained * revenue / found.search_cost,
        "ability_cutoff": i.lowest_ability * (wage / found.search_cost) ** (1 / i.ability_shape),
        "employment": i.bargained * revenue / wage,
        "wage": wage,
    }
    without = {"wage": np.nan, "ability_cutoff": np.nan}
    table = {name: np.where(produces, values, without.get(name, 0.0)) for name, values in table.items()}
    return pd.DataFrame(table | {"exports": exports}, index=pd.Index(phi, name="productivity"))
