"""Firms: what a Melitz solution says of them, in levels; and industries of heterogeneous firms from primitives, without data."""

from cge.firms.factor_abundance import theorems
from cge.firms.figure import liberalisation_figure
from cge.firms.industry import Industry
from cge.firms.integrated import integrated_equilibrium
from cge.firms.liberalisation import liberalisation
from cge.firms.opening import opening
from cge.firms.productivity import Productivity, log_normal, pareto, truncated_pareto
from cge.firms.quadrature import from_scipy
from cge.firms.symmetric import Equilibrium, equilibrium, firm

__all__ = [
    "Equilibrium", "Industry", "Productivity", "equilibrium", "firm", "from_scipy", "integrated_equilibrium", "liberalisation",
    "liberalisation_figure", "log_normal", "opening", "pareto", "theorems", "truncated_pareto",
]  # fmt: skip
