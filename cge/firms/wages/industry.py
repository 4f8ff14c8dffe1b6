"""The primitives of firms that search for workers and screen them, in countries alike (chapter, section 10; Helpman, Itskhoki and Redding 2010)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cge.errors import DataError
from cge.firms.envelope import Option, envelope
from cge.firms.industry import Alike, cost_faults
from cge.firms.productivity import Productivity


@dataclass(frozen=True)
class SearchIndustry(Alike):
    """A sector whose firms match with n workers at b each, screen them at c·a_c^δ/δ, and hire those of ability a_c and more.

    A firm of productivity φ that hires h workers of mean ability ā makes φh^γ ā, and bargains with each as if he were the last (Stole and Zwiebel
    1996). Ability is Pareto on [a_min, ∞), and known to nobody before. Beside the sector there is an outside good, made one for one by labour without
    search, traded without cost and the numeraire: a worker expects one, wherever he looks. All costs are paid in it.

    Attributes:
        productivity: G; the distribution of wages is in closed form where it is Pareto.
        sigma: σ > 1; β = (σ−1)/σ is the exponent of output in a firm's revenue.
        home_fixed_cost, entry_cost, labour: f, f_E and L, as in `Industry`; labour counts workers.
        returns: γ, 0 < γ < 1, exponent of employment in output.
        ability_shape: k_a > 1, of ability, with γk_a < 1.
        screening_cost: c > 0; screening_exponent: δ > k_a.
        search_cost: α_0 > 1; search_elasticity: α_1 > 0: a match costs b = α_0·x^α_1 where a share x of searchers is matched.
        spending_share: of the sector in spending, 0 to 1.
        lowest_ability: a_min > 0.
        countries, iceberg, fixed_cost: N, τ and f_X, as in `Industry`.

    Raises:
        DataError: all parameters out of range; among them those under which firms would not screen, the least productive one included:
            c·a_min^δ ≥ β(1−γk_a)·f/Γ, and average sales that are infinite, a tail index of at most β/Γ.
    """

    productivity: Productivity
    sigma: float
    home_fixed_cost: float
    entry_cost: float
    labour: float
    returns: float
    ability_shape: float
    screening_cost: float
    screening_exponent: float
    search_cost: float
    search_elasticity: float
    spending_share: float
    lowest_ability: float = 1.0
    countries: int = 1
    iceberg: float = math.inf
    fixed_cost: float = math.inf

    def __post_init__(self) -> None:
        faults = [*cost_faults(self), *_ranges(self)]
        if not faults:  # what is asked of several numbers together
            faults = _conditions(self)
        if faults:
            raise DataError(faults)

    @property
    def beta(self) -> float:
        """β = (σ−1)/σ."""
        return (self.sigma - 1) / self.sigma

    @property
    def bargained(self) -> float:
        """βγ/(1+βγ), share of revenue that workers get, and as much is paid for matches."""
        return self.beta * self.returns / (1 + self.beta * self.returns)

    @property
    def screened(self) -> float:
        """β(1−γk_a)/(1+βγ), c·a_c^δ over revenue."""
        return self.beta * (1 - self.returns * self.ability_shape) / (1 + self.beta * self.returns)

    @property
    def gamma(self) -> float:
        """Γ = 1 − βγ − β(1−γk_a)/δ; Γ/(1+βγ) is the share of revenue that is left for fixed costs."""
        return 1 - self.beta * self.returns - self.beta * (1 - self.returns * self.ability_shape) / self.screening_exponent

    @property
    def kept(self) -> float:
        """Γ/(1+βγ), operating profits over revenue."""
        return self.gamma / (1 + self.beta * self.returns)

    @property
    def revenue_exponent(self) -> float:
        """ζ_r = β/Γ, by which revenue rises with productivity."""
        return self.beta / self.gamma

    @property
    def wage_exponent(self) -> float:
        """ζ_w = ζ_r·k_a/δ."""
        return self.revenue_exponent * self.ability_shape / self.screening_exponent

    @property
    def employment_exponent(self) -> float:
        """ζ_l = ζ_r·(1 − k_a/δ)."""
        return self.revenue_exponent * (1 - self.ability_shape / self.screening_exponent)

    @property
    def revenue_premium(self) -> float:
        """Υ_x^((1−β)/Γ), Υ_x = 1 + (N−1)τ^(1−σ): revenue of an exporter over that of the same firm at home alone; one in a closed economy."""
        return float((1 + self.market_access) ** ((1 - self.beta) / self.gamma))


def lines(industry: SearchIndustry) -> tuple[Option, ...]:
    """What a firm may do, as profits of selling at home alone grow: that, or sell also in all foreign markets."""
    home = Option("home", 1.0, industry.home_fixed_cost)
    if industry.countries == 1:
        return (home,)
    return home, Option("export", industry.revenue_premium, industry.home_fixed_cost + industry.export_outlay)


def _ranges(i: SearchIndustry) -> list[str]:
    """Numbers that are out of range by themselves."""
    faults = [] if 1 < i.sigma < math.inf else [f"sigma = {i.sigma:g}, but it must exceed 1 and be finite."]
    for name, low, high, why in (
        ("returns", 0, 1, "output rises less than employment"),
        ("spending_share", 0, 1, "without the outside good incomes are not fixed"),
        ("ability_shape", 1, math.inf, "mean ability is infinite otherwise"),
        ("screening_cost", 0, math.inf, "otherwise everybody is screened for nothing"),
        ("search_cost", 1, math.inf, "or everybody who searches is matched; raise search costs"),
        ("search_elasticity", 0, math.inf, "matches become dearer where more are looked for"),
        ("lowest_ability", 0, math.inf, "workers must be of use"),
    ):
        value = getattr(i, name)
        if not low < value < high:
            between = f"lie between {low} and {high}" if high < math.inf else f"exceed {low} and be finite"
            faults.append(f"{name} = {value:g}, but it must {between}: {why}.")
    if i.home_fixed_cost == 0:
        faults.append("home_fixed_cost = 0, but it must be positive: the least productive firm would have no revenue to screen with.")
    if not i.ability_shape < i.screening_exponent < math.inf:
        faults.append(
            f"screening_exponent = {i.screening_exponent:g}, but it must exceed ability_shape = {i.ability_shape:g} and be finite: otherwise more "
            "productive firms, which screen more, would employ fewer workers."
        )
    if not i.returns * i.ability_shape < 1:
        faults.append(
            f"returns·ability_shape = {i.returns * i.ability_shape:g}, but it must be below 1, or no firm screens: losing workers costs more output "
            "than their ability gains."
        )
    return faults


def _conditions(i: SearchIndustry) -> list[str]:
    faults, tail = [], i.productivity.tail_index
    if tail <= i.revenue_exponent:
        faults.append(
            f"productivity: {i.productivity.name} has so many very productive firms that their average revenue is infinite: its tail index is "
            f"{tail:.6g}, but it must exceed β/Γ = {i.revenue_exponent:.6g}. Lower sigma or returns, raise the index, or truncate."
        )
    paid, least = i.screening_cost * i.lowest_ability**i.screening_exponent, i.screened / i.kept * float(envelope(lines(i)).cost[0])
    if not paid < least:
        faults.append(
            f"The screening condition fails: c·a_min^δ = {paid:.6g}, but it must be below β(1−γk_a)/Γ times the fixed costs of the least productive "
            f"firm, {least:.6g}, or that firm does not screen and wages are no power of productivity. Lower screening_cost or raise home_fixed_cost."
        )
    return faults
