"""Trade counterfactuals in many countries and sectors: Armington, Eaton–Kortum, Krugman and Melitz in one system of equations."""

from cge.aggregate import aggregate
from cge.benchmark import Benchmark, calibrate
from cge.channels import bilateral_terms
from cge.disaggregate import disaggregate
from cge.economy import Economy, make_economy, open_economy
from cge.errors import DataError, Outcome, RunFileError, SolveError
from cge.exponents import Exponents, armington, eaton_kortum, external_economies, krugman, melitz
from cge.factor_accounts import factor_accounts
from cge.factor_shares import with_factors
from cge.firms.levels import firm_levels
from cge.gains import gains
from cge.gradient import gradient, gradient_of, gradients
from cge.hat import solve_hat
from cge.levels import levels_model, solve_levels
from cge.output import run
from cge.shock import Shock, change
from cge.solution import Solution
from cge.sources import import_economy, to_economy
from cge.tariffs import attach_tariffs
from cge.technology_file import make_world, open_technology
from cge.welfare import groups_table, welfare_table
from cge.world import World, solve_world

__all__ = [
    "Benchmark", "DataError", "Economy", "Exponents", "Outcome", "RunFileError", "Shock", "Solution", "SolveError", "World", "aggregate",
    "armington", "attach_tariffs", "bilateral_terms", "calibrate", "change", "disaggregate", "eaton_kortum", "external_economies", "factor_accounts",
    "firm_levels", "gains", "gradient", "gradient_of", "gradients", "groups_table", "import_economy", "krugman", "levels_model", "make_economy",
    "make_world", "melitz", "open_economy", "open_technology", "run", "solve_hat", "solve_levels", "solve_world", "to_economy",
    "welfare_table", "with_factors",
]  # fmt: skip
