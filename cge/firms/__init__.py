"""Firms: what a Melitz solution says of them, in levels; and industries of heterogeneous firms from primitives, without data."""

from cge.firms.adoption.equilibrium import Adoption, adoption, adoption_ordering
from cge.firms.adoption.figure import adoption_figure
from cge.firms.autarky import Closed, closed_economies
from cge.firms.chapter_figures import curves_figure, opening_figure, profit_figure
from cge.firms.choices import Choices, choices
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
from cge.firms.open_equilibrium import OpenEquilibrium, countries_table, home_market_threshold, notes, open_equilibrium
from cge.firms.opening import opening
from cge.firms.productivity import Productivity, log_normal, pareto, truncated_pareto
from cge.firms.quadrature import from_scipy
from cge.firms.reallocation import reallocation
from cge.firms.shocks.economy import ShockEconomy, ShockEquilibrium, Shocks, penetration_cost, shock_economy, shock_equilibrium
from cge.firms.shocks.estimate import Estimate, estimate
from cge.firms.shocks.figure import deciles_figure
from cge.firms.shocks.moments import firm_moments
from cge.firms.shocks.simulate import deciles, simulate_firms
from cge.firms.symmetric import Equilibrium, equilibrium, firm
from cge.firms.two_countries import Abroad, TwoCountries, abroad, curves, small_open_economy
from cge.results.firm_distribution import distribution, turnover

__all__ = [
    "Abroad", "Adoption", "Band", "Choices", "Closed", "ClosedEconomy", "Elasticity", "Equilibrium", "Estimate", "Industry", "Innovating",
    "Innovation", "Ladder", "LadderIndustry", "MultiProduct", "MultiProductCountries", "MultiProductIndustry", "MultiProductTrade",
    "OpenEconomy", "OpenEquilibrium", "Option", "Plan", "Productivity", "ShockEconomy", "ShockEquilibrium", "Shocks", "Stationary", "Steady",
    "SunkIndustry", "SunkState", "SunkTransition", "Thresholds", "Transition", "TwoCountries", "abroad", "adoption", "adoption_figure",
    "adoption_ordering", "choices", "closed_economies", "closed_economy", "countries_table", "curves", "curves_figure", "deciles",
    "deciles_figure", "degenerate", "distribution", "equilibrium", "estimate", "export_band", "export_thresholds", "exporters_along", "firm",
    "firm_moments", "fixed_cost_elasticity", "from_scipy", "gravity", "gravity_table", "home_market_threshold", "iceberg_elasticity",
    "innovation", "innovation_dynamics", "innovation_intensity", "integrated_equilibrium", "intensity_figure", "krugman", "liberalisation",
    "liberalisation_figure", "log_normal", "multi_product", "multi_product_countries", "notes", "open_equilibrium", "opening", "opening_figure",
    "pareto", "penetration_cost", "planner", "product_scope", "products_of_firms", "profit_figure", "reallocation", "scope_figure",
    "shock_economy", "shock_equilibrium", "simulate_firms", "size_tail", "small_open_economy", "stationary", "sunk_state", "sunk_transition",
    "theorems", "trade_margins", "trade_shares", "transition", "transition_figure", "truncated_pareto", "turnover",
]  # fmt: skip
