"""Trade counterfactuals in many countries and sectors: Armington, Eaton–Kortum, Krugman and Melitz in one system of equations."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from cge.data.aggregate import aggregate
from cge.data.economy import Economy, make_economy, open_economy
from cge.data.factors.accounts import factor_accounts
from cge.data.factors.shares import with_factors
from cge.data.sources import import_economy, to_economy
from cge.data.tariffs.attach import attach_tariffs
from cge.errors import DataError, Outcome, RunFileError, SolveError
from cge.model.benchmark import Benchmark, calibrate
from cge.model.exponents import Exponents
from cge.model.shock import Shock, change
from cge.model.variants.armington import armington
from cge.model.variants.eaton_kortum import eaton_kortum
from cge.model.variants.external_economies import external_economies
from cge.model.variants.krugman import krugman
from cge.model.variants.melitz import melitz
from cge.questions.solve import run
from cge.results.channels import bilateral_terms
from cge.results.disaggregate import disaggregate
from cge.results.firms import firm_levels
from cge.results.gains import gains
from cge.results.gradient import gradient, gradient_of, gradients
from cge.results.welfare import groups_table, welfare_table
from cge.runfile.technology import make_world, open_technology
from cge.solve.changes import solve_hat
from cge.solve.levels.solve import levels_model, solve_levels
from cge.solve.levels.world import World, solve_world
from cge.solve.solution import Solution

__all__ = [
    "Benchmark", "DataError", "Economy", "Exponents", "Outcome", "RunFileError", "Shock", "Solution", "SolveError", "World", "aggregate",
    "armington", "attach_tariffs", "bilateral_terms", "calibrate", "change", "disaggregate", "eaton_kortum", "external_economies", "factor_accounts",
    "firm_levels", "gains", "gradient", "gradient_of", "gradients", "groups_table", "import_economy", "krugman", "levels_model", "make_economy",
    "make_world", "melitz", "open_economy", "open_technology", "run", "solve_hat", "solve_levels", "solve_world", "to_economy",
    "welfare_table", "with_factors",
]  # fmt: skip

_ALSO = {"cge.plot": "cge.tell.plot", "cge.nlp": "cge.solve.nlp"}
"""Public modules under a shorter name, loaded when somebody asks for them."""


class _Also(MetaPathFinder, Loader):
    """Finds a module under its shorter name; it is the same module."""

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name in _ALSO else None

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = import_module(_ALSO[module.__name__])


sys.meta_path.insert(0, _Also())


def __getattr__(name: str) -> Any:
    """`cge.plot` and the like without an import of their own."""
    if f"{__name__}.{name}" in _ALSO or name == "firms":
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
