"""One sector whose search costs are paid in its own good (chapter, section 10; in the spirit of Felbermayr, Prat and Schmerer 2011)."""

from __future__ import annotations

import math
from typing import NamedTuple

from cge.errors import DataError
from cge.firms.industry import Industry
from cge.firms.productivity import tail_moment
from cge.firms.symmetric import equilibrium


class FinalGoodSearch(NamedTuple):
    """The equilibrium, the same in every country; money in the final good, whose price is one.

    Attributes:
        cutoff, export_cutoff: φ* and φ*_X, those of `equilibrium`: search moves neither.
        mean_productivity: Φ, of all who sell in a country, what importers lose in transport deducted.
        wage: b, and the cost of a hire. tightness: x, share of workers that find work; unemployment: 1 − x.
        entrants: M_E; varieties: on sale in a country.
        welfare: bx, what a worker expects.
    """

    cutoff: float
    export_cutoff: float
    mean_productivity: float
    wage: float
    tightness: float
    unemployment: float
    entrants: float
    varieties: float
    welfare: float


def search_costs_final_good(industry: Industry, search_cost: float, elasticity: float, variety: float = 0.0) -> FinalGoodSearch:
    """Countries alike whose firms pay hires b = a·x^e, fixed and entry costs in the final good: unemployment follows average productivity.

    All workers search. The good is made of varieties on sale, (2σ−1)/(σ−1)·b = Φ·(M_E n)^(ν/(σ−1)), where n is an entrant's sellers at home and
    abroad, Φ = [(∫φ^(σ−1) dG + T∫_X φ^(σ−1) dG)/n]^(1/(σ−1)) and T = (N−1)τ^(1−σ). Without variety effects (ν = 0) Φ alone decides on b, and on
    x = (b/a)^(1/e): trade lowers unemployment if and only if it raises Φ. Under Pareto with selection Φ^(σ−1) is k/(k−σ+1)·φ*^(σ−1) times the
    mean fixed cost of sellers over f, so that f_X ≥ f is enough. Where foreign markets are cheaper to enter than the own, marginal importers, net of
    transport, are worse than marginal firms at home, and Φ may fall; it also may where all entrants produce, or under other distributions.

    Of sales, firms keep what fixed and entry costs take; wages are (σ−1) times that, and so are the costs of hiring: bxL = (σ−1)M_E(f_E + O).

    Args:
        industry: countries alike, costs in the final good; labour counts workers.
        search_cost: a > 0; elasticity: e > 0. variety: ν, 0 (none) to 1 (Dixit and Stiglitz).

    Raises:
        DataError: a number out of range; variety effects so strong that wages have no bound, ν(1 + 1/e) ≥ σ − 1; x ≥ 1; all at once where they can be
            told.
        SolveError: as `equilibrium`.
    """
    power = industry.sigma - 1
    _check(search_cost, elasticity, variety, power)
    base, access, others = equilibrium(industry), industry.market_access, industry.countries - 1
    sold, exported = tail_moment(industry.productivity, industry.sigma, [base.cutoff, base.export_cutoff]).tolist()
    sellers = base.survival * (1 + others * base.exporters_per_firm)
    mean = ((sold + access * exported) / sellers) ** (1 / power)
    outlay = industry.labour / (industry.sigma * base.entrants)  # f_E + O, an entrant's fixed outlays there and here
    # ln b where variety does not count, and ln of M_E n over b^(1+1/e): a worker's wage bill bx is a power of b
    log_wage, log_mass = math.log(power / (2 * power + 1) * mean), math.log(industry.labour * sellers / (power * outlay))
    log_mass -= math.log(search_cost) / elasticity
    log_wage = (log_wage + variety / power * log_mass) / (1 - variety * (1 + 1 / elasticity) / power)
    if log_wage >= math.log(search_cost):
        raise DataError(
            f"search_cost = {search_cost:g}, but it must exceed the wage, {math.exp(min(log_wage, 700)):.6g}, or everybody finds work: raise search "
            "costs."
        )
    x = math.exp((log_wage - math.log(search_cost)) / elasticity)
    wage = math.exp(log_wage)
    entrants = wage * x * industry.labour / (power * outlay)
    return FinalGoodSearch(
        cutoff=base.cutoff,
        export_cutoff=base.export_cutoff,
        mean_productivity=mean,
        wage=wage,
        tightness=x,
        unemployment=1 - x,
        entrants=entrants,
        varieties=entrants * sellers,
        welfare=wage * x,
    )


def _check(search_cost: float, elasticity: float, variety: float, power: float) -> None:
    faults = []
    for name, value in (("search_cost", search_cost), ("elasticity", elasticity)):
        if not 0 < value < math.inf:
            faults.append(f"{name} = {value:g}, but it must be positive and finite.")
    if not 0 <= variety <= 1:
        faults.append(f"variety = {variety:g}, but it must lie between 0 (no variety effect) and 1 (Dixit and Stiglitz).")
    elif elasticity > 0 and variety * (1 + 1 / elasticity) >= power:
        faults.append(
            f"variety = {variety:g}, but it must lie below (sigma − 1)/(1 + 1/elasticity) = {power / (1 + 1 / elasticity):.6g}: beyond, more "
            "varieties raise wages, these employment, and this the number of varieties without end."
        )
    if faults:
        raise DataError(faults)
