"""Firms: what a Melitz solution says of them, in levels; and industries of heterogeneous firms from primitives, without data."""

from cge.firms.adoption.equilibrium import Adoption, adoption, adoption_ordering
from cge.firms.adoption.figure import adoption_figure
from cge.firms.autarky import Closed, closed_economies
from cge.firms.chapter_figures import curves_figure, opening_figure, profit_figure
from cge.firms.choices import Choices, choices
from cge.firms.choke.economy import ChokeEconomy
from cge.firms.choke.equilibrium import ChokeEquilibrium, choke_equilibrium
from cge.firms.choke.tables import choke_firm, choke_table
from cge.firms.choke.welfare import RealIncome, chained_real_income
from cge.firms.closed_economy import ClosedEconomy, Plan, closed_economy, degenerate, krugman, planner
from cge.firms.countries import OpenEconomy
from cge.firms.dynamics.figure import transition_figure
from cge.firms.dynamics.hysteresis import Band, Thresholds, export_band, export_thresholds, exporters_along
from cge.firms.dynamics.stationary import Stationary, stationary
from cge.firms.dynamics.steady import Steady
from cge.firms.dynamics.sunk import SunkIndustry, SunkState, sunk_state
from cge.firms.dynamics.sunk_path import SunkTransition, sunk_transition
from cge.firms.dynamics.transition import Transition, transition
from cge.firms.envelope import Option
from cge.firms.factor_abundance import theorems
from cge.firms.figure import liberalisation_figure
from cge.firms.gravity import Elasticity, fixed_cost_elasticity, gravity, gravity_table, iceberg_elasticity, trade_shares
from cge.firms.industry import Industry
from cge.firms.innovation.effort import Innovation
from cge.firms.innovation.figure import intensity_figure
from cge.firms.innovation.ladder import Ladder, innovation_dynamics, size_tail
from cge.firms.innovation.ladder_industry import LadderIndustry
from cge.firms.innovation.static import Innovating, innovation, innovation_intensity
from cge.firms.integrated import integrated_equilibrium
from cge.firms.liberalisation import liberalisation
from cge.firms.multi_product.countries import MultiProductCountries, MultiProductTrade, multi_product_countries
from cge.firms.multi_product.equilibrium import MultiProduct, multi_product
from cge.firms.multi_product.figure import scope_figure
from cge.firms.multi_product.industry import MultiProductIndustry
from cge.firms.multi_product.scope import product_scope, trade_margins
from cge.firms.multi_product.solution import products_of_firms
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
from cge.firms.shocks.economy import ShockEconomy, ShockEquilibrium, Shocks, penetration_cost, shock_economy, shock_equilibrium
from cge.firms.shocks.estimate import Estimate, estimate
from cge.firms.shocks.figure import deciles_figure
from cge.firms.shocks.moments import firm_moments
from cge.firms.shocks.simulate import deciles, simulate_firms
from cge.firms.symmetric import Equilibrium, equilibrium, firm
from cge.firms.two_countries import Abroad, TwoCountries, abroad, curves, small_open_economy
from cge.firms.unemployment.economy import SearchEconomy
from cge.firms.unemployment.equilibrium import SearchTrade, search_economy_equilibrium, unemployment_along, unemployment_table
from cge.firms.unemployment.figure import unemployment_figure
from cge.firms.unemployment.final_good import FinalGoodSearch, search_costs_final_good
from cge.firms.unemployment.preferences import CobbDouglas, QuasiLinear
from cge.firms.wages.distribution import WageDistribution, wage_distribution
from cge.firms.wages.equilibrium import SearchEquilibrium, search_equilibrium, search_firms
from cge.firms.wages.figure import inequality_figure, wages_figure
from cge.firms.wages.industry import SearchIndustry
from cge.firms.wages.inequality import inequality_along, inequality_path, inequality_peaks
from cge.model.demand import Demand, Markups, demand, markup_at, markups
from cge.results.firm_distribution import distribution, turnover

__all__ = [
    "Abroad", "Adoption", "Band", "BestTariff", "Choices", "ChokeEconomy", "ChokeEquilibrium", "Closed", "ClosedEconomy", "CobbDouglas", "Demand",
    "Elasticity", "Equilibrium", "Estimate", "FinalGoodSearch", "Industry", "Innovating", "Innovation", "Ladder", "LadderIndustry", "Markups",
    "MultiProduct", "MultiProductCountries", "MultiProductIndustry", "MultiProductTrade", "ObservedOligopoly", "Oligopoly", "OligopolyChanges",
    "OligopolyEquilibrium", "OpenEconomy", "OpenEquilibrium", "Option", "ParetoSolution", "Plan", "Procompetitive", "Productivity",
    "QuadraticEconomy", "QuadraticEquilibrium", "QuadraticPlan", "QuasiLinear", "RealIncome", "SearchEconomy", "SearchEquilibrium", "SearchIndustry",
    "SearchTrade", "ShockEconomy", "ShockEquilibrium", "Shocks", "Stationary", "Steady", "SunkIndustry", "SunkState", "SunkTransition", "Thresholds",
    "Transition", "TwoCountries", "WageDistribution", "abroad", "adoption", "adoption_figure", "adoption_ordering", "best_tariff",
    "chained_real_income", "choices", "choke_equilibrium", "choke_firm", "choke_price", "choke_table", "closed_economies", "closed_economy",
    "countries_table", "curves", "curves_figure", "deciles", "deciles_figure", "degenerate", "demand", "distribution", "equal_firms", "equilibrium",
    "estimate", "export_band", "export_thresholds", "exporters_along", "firm", "firm_moments", "fixed_cost_elasticity", "from_scipy", "gravity",
    "gravity_table", "home_market_threshold", "iceberg_elasticity", "indirect_utility", "inequality_along", "inequality_figure", "inequality_path",
    "inequality_peaks", "innovation", "innovation_dynamics", "innovation_intensity", "integrated_equilibrium", "intensity_figure", "inverse_demand",
    "krugman", "liberalisation", "liberalisation_curves", "liberalisation_figure", "liberalisation_paths", "log_normal", "markup_at", "markups",
    "markups_figure", "multi_product", "multi_product_countries", "notes", "oligopoly_changes", "oligopoly_equilibrium", "oligopoly_firms",
    "oligopoly_markup", "oligopoly_sectors", "oligopoly_table", "open_equilibrium", "opening", "opening_figure", "pareto", "pareto_equilibrium",
    "penetration_cost", "planner", "procompetitive", "product_scope", "products_of_firms", "profit_figure", "quadratic_equilibrium", "quadratic_firm",
    "quadratic_flows", "quadratic_notes", "quadratic_planner", "quadratic_table", "reallocation", "residual_demand_figure", "scope_figure",
    "search_costs_final_good", "search_economy_equilibrium", "search_equilibrium", "search_firms", "sector_markup", "shock_economy",
    "shock_equilibrium", "simulate_firms", "size_tail", "small_open_economy", "stationary", "sunk_state", "sunk_transition", "symmetric_cutoffs",
    "theorems", "trade_margins", "trade_shares", "transition", "transition_figure", "truncated_pareto", "turnover", "unemployment_along",
    "unemployment_figure", "unemployment_table", "wage_distribution", "wages_figure",
]  # fmt: skip
