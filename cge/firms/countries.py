"""The primitives of one sector in countries that differ, as the chapter's section 5.1 writes them: markets in rows, origins in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.firms.envelope import Option, demand_level, envelope, step_cutoffs
from cge.firms.primitives import each, label_faults, number, numbered, numbers, positive, settle, shape_faults, spread, value_faults
from cge.firms.productivity import Productivity, tail_faults
from cge.firms.selling import Selling, selling


class OneWage:
    """Countries whose workers all earn one wage: prices are σ/(σ−1) times unit costs, and the sector's revenue is what its workers earn."""

    sigma: float
    labour: Array
    spending_share: float

    @property
    def outside(self) -> bool:
        """Whether there is an outside good."""
        return self.spending_share < 1

    @property
    def revenue_per_profit(self) -> float:
        """σ, sales over variable profits."""
        return self.sigma

    @property
    def workers_per_profit(self) -> float:
        """σ, labour in the sector over variable profits in units of it."""
        return self.sigma

    def spending(self, demand: Array, wage: Array) -> tuple[Array, Array]:
        """X_n = β w_n L̄_n on the sector, and its elasticity to B_n, zero [country]."""
        return self.spending_share * wage * self.labour, np.zeros_like(demand)


@dataclass(frozen=True, eq=False)
class OpenEconomy(OneWage):
    """One differentiated sector in N countries, with an outside good or without. Fixed costs are paid in the origin's labour.

    Attributes:
        productivity: G_i, the distribution that entrants of each country draw from; one alone stands for all.
        sigma: σ > 1, elasticity of substitution between varieties.
        labour: L̄_i > 0 [country].
        entry_cost: f_Ei > 0, labour per entrant [country].
        fixed_cost: f_ni ≥ 0, labour per firm of i that sells in n [market, origin]; the home cost f_ii > 0 contains the overhead of production.
        iceberg: τ_ni ≥ 1, units shipped from i for one to arrive in n [market, origin]; infinite where nothing can be sold, one at home.
        spending_share: β, of the sector in spending. The rest buys the outside good, made one for one from labour, traded without cost and the
            numeraire. With β = 1 there is no outside good, wages clear labour markets, and the last country's labour is the numeraire.
        names: of the countries; 1 to N, if empty.
        upgrade: ι ≥ 1, by which a better technology multiplies a firm's productivity (section 9.2.1); one where there is none.
        upgrade_cost: f_Ii ≥ 0, labour per firm that adopts it [country]; infinite where none can.

    Raises:
        DataError: all shapes that do not fit and parameters out of range.
    """

    productivity: tuple[Productivity, ...]
    sigma: float
    labour: Array
    entry_cost: Array
    fixed_cost: Array
    iceberg: Array
    spending_share: float = 1.0
    names: tuple[str, ...] = ()
    upgrade: float = 1.0
    upgrade_cost: Array = field(default_factory=lambda: np.array(np.inf))

    def __init__(
        self,
        productivity: Productivity | Sequence[Productivity],
        sigma: float,
        labour: npt.ArrayLike,
        entry_cost: npt.ArrayLike,
        fixed_cost: npt.ArrayLike,
        iceberg: npt.ArrayLike,
        spending_share: float = 1.0,
        names: Sequence[str] = (),
        upgrade: float = 1.0,
        upgrade_cost: npt.ArrayLike = np.inf,
    ) -> None:
        size = np.atleast_1d(numbers("labour", labour))
        values = {
            "labour": size,
            "entry_cost": spread("entry_cost", entry_cost, size.shape),
            "fixed_cost": numbers("fixed_cost", fixed_cost),
            "iceberg": numbers("iceberg", iceberg),
            "productivity": each(productivity, len(size)),
            "sigma": number("sigma", sigma),
            "spending_share": number("spending_share", spending_share),
            "names": numbered(names, len(size)),
            "upgrade": number("upgrade", upgrade),
            "upgrade_cost": spread("upgrade_cost", upgrade_cost, size.shape),
        }
        settle(self, values, _shapes, _values)

    def selling(self, demand: Array, wage: Array) -> Selling:
        """Who sells where at B_n and w_i [country]."""
        return selling(self, demand, wage)

    def autarky(self) -> tuple[Array, Array]:
        """B of every country closed (5), an upper bound on its demand level under trade, and an entrant's labour for fixed costs there [country]."""
        power, found = self.upgrade ** (self.sigma - 1), []
        for g, entry, home, better in zip(self.productivity, self.entry_cost, np.diagonal(self.fixed_cost), self.upgrade_cost, strict=True):
            adopts = (Option("adopt", power, home + better),) if power > 1 and np.isfinite(better) else ()
            steps = envelope((Option("home", 1.0, home), *adopts))
            demand = demand_level(g, self.sigma, steps, float(entry))
            found.append((demand, steps.cost @ g.survival(step_cutoffs(steps, self.sigma, demand))))
        return tuple(np.array(found).T)


def _shapes(economy: OpenEconomy) -> list[str]:
    n = len(economy.labour)
    shapes = {"labour": (n,), "entry_cost": (n,), "fixed_cost": (n, n), "iceberg": (n, n), "upgrade_cost": (n,)}
    faults = list(shape_faults({name: (getattr(economy, name), shape) for name, shape in shapes.items()}, f"labour has {n} countries"))
    for name in ("productivity", "names"):
        if len(getattr(economy, name)) != n:
            faults.append(f"{name}: {len(getattr(economy, name))} given, but labour has {n} countries.")
    return [*faults, *label_faults(names=economy.names)]


def _values(economy: OpenEconomy) -> list[str]:
    home = np.eye(len(economy.labour), dtype=bool)
    distinct = {id(g): g for g in economy.productivity}.values()
    faults = list(dict.fromkeys(fault for g in distinct for fault in tail_faults(g, economy.sigma)))
    if not 0 < economy.spending_share <= 1:
        faults.append(f"spending_share = {economy.spending_share:g}, but it must be positive and at most 1 (no outside good).")
    if not 1 <= economy.upgrade < np.inf:
        faults.append(
            f"upgrade = {economy.upgrade:g}, but a better technology must multiply productivity by at least 1 (1: there is none)."
        )
    country, pair = ("country", economy.names), (("market", economy.names), ("origin", economy.names))
    fixed, iceberg, better = economy.fixed_cost, economy.iceberg, economy.upgrade_cost
    faults += positive("labour", economy.labour, country)
    faults += positive("entry_cost", economy.entry_cost, country)
    faults += value_faults("fixed_cost", fixed, np.isfinite(fixed) & (fixed >= 0), "at least 0 and finite", *pair)
    faults += value_faults("fixed_cost", fixed, ~home | (fixed > 0), "positive at home", *pair)
    faults += value_faults("iceberg", iceberg, iceberg >= 1, "at least 1", *pair)
    faults += value_faults("iceberg", iceberg, ~home | (iceberg == 1), "1 at home", *pair)
    return faults + list(value_faults("upgrade_cost", better, better >= 0, "at least 0", country))
