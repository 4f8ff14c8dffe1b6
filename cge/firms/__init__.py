"""Firms: what a Melitz solution says of them, in levels; and industries of heterogeneous firms from primitives, without data."""

from cge.firms.chapter_figures import curves_figure, opening_figure, profit_figure
from cge.firms.closed_economy import ClosedEconomy, Plan, closed_economy, degenerate, krugman, planner
from cge.firms.countries import OpenEconomy
from cge.firms.factor_abundance import theorems
from cge.firms.figure import liberalisation_figure
from cge.firms.gravity import Elasticity, fixed_cost_elasticity, gravity, gravity_table, iceberg_elasticity, trade_shares
from cge.firms.industry import Industry
from cge.firms.integrated import integrated_equilibrium
from cge.firms.liberalisation import liberalisation
from cge.firms.open_equilibrium import OpenEquilibrium, countries_table, home_market_threshold, notes, open_equilibrium
from cge.firms.opening import opening
from cge.firms.productivity import Productivity, log_normal, pareto, truncated_pareto
from cge.firms.quadrature import from_scipy
from cge.firms.reallocation import reallocation
from cge.firms.symmetric import Equilibrium, equilibrium, firm
from cge.firms.two_countries import Abroad, TwoCountries, abroad, curves, small_open_economy
from cge.results.firm_distribution import distribution, turnover

__all__ = [
    "Abroad", "ClosedEconomy", "Elasticity", "Equilibrium", "Industry", "OpenEconomy", "OpenEquilibrium", "Plan", "Productivity", "TwoCountries",
    "abroad", "closed_economy", "countries_table", "curves", "curves_figure", "degenerate", "distribution", "equilibrium", "firm",
    "fixed_cost_elasticity", "from_scipy", "gravity", "gravity_table", "home_market_threshold", "iceberg_elasticity", "integrated_equilibrium",
    "krugman", "liberalisation", "liberalisation_figure", "log_normal", "notes", "open_equilibrium", "opening", "opening_figure", "pareto", "planner",
    "profit_figure", "reallocation", "small_open_economy", "theorems", "trade_shares", "truncated_pareto", "turnover",
]  # fmt: skip
