"""Firms: what a Melitz solution says of them, in levels; and industries of heterogeneous firms from primitives, without data."""

from cge.firms.chapter_figures import curves_figure, opening_figure, profit_figure
from cge.firms.choke.economy import ChokeEconomy
from cge.firms.choke.equilibrium import ChokeEquilibrium, choke_equilibrium
from cge.firms.choke.tables import choke_firm, choke_table
from cge.firms.choke.welfare import RealIncome, chained_real_income
from cge.firms.closed_economy import ClosedEconomy, Plan, closed_economy, degenerate, krugman, planner
from cge.firms.countries import OpenEconomy
from cge.firms.factor_abundance import theorems
from cge.firms.figure import liberalisation_figure
from cge.firms.gravity import Elasticity, fixed_cost_elasticity, gravity, gravity_table, iceberg_elasticity, trade_shares
from cge.firms.industry import Industry
from cge.firms.integrated import integrated_equilibrium
from cge.firms.liberalisation import liberalisation
from cge.firms.oligopoly.changes import OligopolyChanges, oligopoly_changes
from cge.firms.oligopoly.conduct import oligopoly_markup, sector_markup
from cge.firms.oligopoly.economy import Oligopoly
from cge.firms.oligopoly.equilibrium import OligopolyEquilibrium, oligopoly_equilibrium, oligopoly_firms, oligopoly_sectors, oligopoly_table
from cge.firms.oligopoly.observed import ObservedOligopoly, equal_firms
from cge.firms.oligopoly.procompetitive import Procompetitive, procompetitive
from cge.firms.open_equilibrium import OpenEquilibrium, countries_table, home_market_threshold, notes, open_equilibrium
from cge.firms.opening import opening
from cge.firms.productivity import Productivity, log_normal, pareto, truncated_pareto
from cge.firms.quadratic.closed_forms import (
    ParetoSolution,
    choke_price,
    indirect_utility,
    inverse_demand,
    pareto_equilibrium,
    symmetric_cutoffs,
)
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.equilibrium import QuadraticEquilibrium, quadratic_equilibrium, quadratic_notes
from cge.firms.quadratic.figures import liberalisation_curves, markups_figure, residual_demand_figure
from cge.firms.quadratic.firm import quadratic_firm
from cge.firms.quadratic.planner import QuadraticPlan, quadratic_planner
from cge.firms.quadratic.policy import BestTariff, best_tariff, liberalisation_paths
from cge.firms.quadratic.tables import quadratic_flows, quadratic_table
from cge.firms.quadrature import from_scipy
from cge.firms.reallocation import reallocation
from cge.firms.symmetric import Equilibrium, equilibrium, firm
from cge.firms.two_countries import Abroad, TwoCountries, abroad, curves, small_open_economy
from cge.model.demand import Demand, Markups, demand, markup_at, markups
from cge.results.firm_distribution import distribution, turnover

__all__ = [
    "Abroad", "BestTariff", "ChokeEconomy", "ChokeEquilibrium", "ClosedEconomy", "Demand", "Elasticity", "Equilibrium", "Industry", "Markups",
    "ObservedOligopoly", "Oligopoly", "OligopolyChanges", "OligopolyEquilibrium", "OpenEconomy", "OpenEquilibrium", "ParetoSolution", "Plan",
    "Procompetitive", "Productivity", "QuadraticEconomy", "QuadraticEquilibrium", "QuadraticPlan", "RealIncome", "TwoCountries", "abroad",
    "best_tariff", "chained_real_income", "choke_equilibrium", "choke_firm", "choke_price", "choke_table", "closed_economy", "countries_table",
    "curves", "curves_figure", "degenerate", "demand", "distribution", "equal_firms", "equilibrium", "firm", "fixed_cost_elasticity",
    "from_scipy", "gravity", "gravity_table", "home_market_threshold", "iceberg_elasticity", "indirect_utility", "integrated_equilibrium",
    "inverse_demand", "krugman", "liberalisation", "liberalisation_curves", "liberalisation_figure", "liberalisation_paths", "log_normal",
    "markup_at", "markups", "markups_figure", "notes", "oligopoly_changes", "oligopoly_equilibrium", "oligopoly_firms", "oligopoly_markup",
    "oligopoly_sectors", "oligopoly_table", "open_equilibrium", "opening", "opening_figure", "pareto", "pareto_equilibrium", "planner",
    "procompetitive", "profit_figure", "quadratic_equilibrium", "quadratic_firm", "quadratic_flows", "quadratic_notes", "quadratic_planner",
    "quadratic_table", "reallocation", "residual_demand_figure", "sector_markup", "small_open_economy", "symmetric_cutoffs", "theorems",
    "trade_shares", "truncated_pareto", "turnover",
]  # fmt: skip
