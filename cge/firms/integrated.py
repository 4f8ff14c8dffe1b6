"""The integrated equilibrium (chapter, section 7): the world as one closed economy, and how costless trade can reproduce it.

It does where the countries' endowments lie in the factor-price-equalisation set of Dixit and Norman: where some split of every sector's production
over countries employs exactly the factors that each of them has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr

from cge.data.arrays import Array
from cge.firms.autarky import Closed, Draws, closed_economies, refuse
from cge.model.exponents import Exponents
from cge.model.technology import Technology
from cge.solve.levels.world import World

ROUNDING = 1e-9
"""Shares of production this little below zero, and technologies this little apart, are rounding."""


@dataclass(frozen=True, eq=False)
class Integrated:
    """The integrated equilibrium of a world, and the split of production by which costless trade reproduces it.

    Attributes:
        world; equilibrium: the world as one closed economy, arrays with one column.
        income: of countries, money [country]; production_share: of a country in the world's production of a sector [sector, country], NaN where
            no shares employ all endowments.
        unique: whether no other shares do; inside: whether endowments lie in the factor-price-equalisation set (all shares in [0, 1]).
    """

    world: World
    equilibrium: Closed
    income: Array
    production_share: Array
    unique: bool
    inside: bool

    @property
    def net_exports(self) -> Array:
        """Production less spending of a country, money [sector, country]."""
        return np.asarray(self.equilibrium.sales * (self.production_share - self.income / self.income.sum()))

    @property
    def factor_content(self) -> Array:
        """Services of factors in net exports, Σ_s a_fs · net exports_s / w_f, units of the factor [factor, country]."""
        return np.asarray(self.world.technology.factor_share[:, :, 0] @ self.net_exports / self.equilibrium.factor_price)

    @property
    def vanek(self) -> Array:
        """The same from endowments: V_fn less the country's part of world income times Σ_n V_fn (Vanek) [factor, country]."""
        endowment = self.world.technology.endowment
        return np.asarray(endowment - endowment.sum(axis=1, keepdims=True) * self.income / self.income.sum())

    @cached_property
    def data(self) -> xr.Dataset:
        """Everything, labelled: fields of `Closed` by sector or factor, of this record by country too."""
        w, e = self.world, self.equilibrium
        labelled = w.labels.array
        world = {name: ("factor" if name in ("factor_price", "real_reward") else "sector", value[:, 0]) for name, value in vars(e).items()}
        return xr.Dataset({
            **{name: labelled(value, dim) for name, (dim, value) in world.items()},
            "income": labelled(self.income, "country"),
            **{name: labelled(getattr(self, name), "sector", "country") for name in ("production_share", "net_exports")},
            **{name: labelled(getattr(self, name), "factor", "country") for name in ("factor_content", "vanek")},
        })  # fmt: skip


def integrated_equilibrium(world: World, exponents: Exponents, productivity: Draws = None) -> Integrated:
    """The equilibrium of a world whose trade is costless.

    Icebergs, tariffs and the fixed cost of exporting are taken as nothing; the fixed cost of a firm is `home_fixed_cost`, paid once. Numeraire: world
    factor income, Σ w V = Σ V.

    Args:
        productivity: as of `closed_economies`.

    Raises:
        DataError: as `closed_economies`; also where countries differ in technology or tastes, or there are transfers.
    """
    refuse(world, _integration_faults(world))
    whole = closed_economies(merged(world), exponents, productivity)
    income = (whole.factor_price * world.technology.endowment).sum(axis=0)
    # units of a factor in the world's whole production of a sector
    employed = world.technology.factor_share[:, :, 0] * whole.sales[:, 0] / whole.factor_price
    share, unique = production_shares(employed, world.technology.endowment)
    inside = bool((share >= -ROUNDING).all() and (share <= 1 + ROUNDING).all())
    return Integrated(world, whole, income, share, unique, inside)


def _integration_faults(world: World) -> Iterator[str]:
    """Why a world is not one economy that borders happen to cut."""
    t = world.technology
    common = {
        "factor_share": t.factor_share,
        "final_share": t.final_share,
        "home_fixed_cost": np.diagonal(t.fixed_cost, axis1=1, axis2=2),
        "entry_cost": t.entry_cost,
        "productivity": t.productivity,
    }
    for name, array in common.items():
        if not np.allclose(array, array[..., :1], rtol=ROUNDING, atol=ROUNDING):
            yield f"{name}: differs between countries; the integrated equilibrium needs the same technology and tastes everywhere."
    if t.transfer.any():
        yield "transfer: the integrated equilibrium needs balanced trade; leave transfers out."


def merged(world: World) -> World:
    """A world of one country with the endowments of all and the technology of the first."""
    t = world.technology
    pair, first = (slice(None), slice(0, 1), slice(0, 1)), (..., slice(0, 1))
    technology: Technology = replace(
        t,
        endowment=t.endowment.sum(axis=1, keepdims=True),
        **{name: getattr(t, name)[pair] for name in ("iceberg", "fixed_cost", "tariff", "export_tax")},
        **{
            name: getattr(t, name)[first]
            for name in ("entry_cost", "productivity", "factor_share", "input_share", "final_share", "made", "bought")
        },
        transfer=np.zeros(1),
    )
    return replace(world, technology=technology, countries=["world"])


def production_shares(employed: Array, endowment: Array) -> tuple[Array, bool]:
    """Shares x_sn of countries in the production of every sector that employ all endowments, and whether they are the only ones.

    Σ_s E_fs x_sn = V_fn and Σ_n x_sn = 1. As many sectors as factors, with intensities that are independent: exactly, one linear system
    for each country. Otherwise by the linear program that makes the smallest share as large as it can be; NaN where no shares fit.

    Args:
        employed: E, of a factor in the world's production of a sector [factor, sector]; endowment: V [factor, country]; units of the factor.
    """
    from scipy.optimize import linprog

    scale = endowment.sum(axis=1, keepdims=True)
    need, have = employed / scale, endowment / scale
    factors, sectors = need.shape
    rank = int(np.linalg.matrix_rank(need))
    if rank == factors == sectors:
        return np.asarray(np.linalg.solve(need, have)), True
    countries = have.shape[1]
    # unknowns x_sn, sectors outermost, then the smallest share
    of_factors = np.hstack([np.kron(need, np.eye(countries)), np.zeros((factors * countries, 1))])
    of_sectors = np.hstack([np.kron(np.eye(sectors), np.ones(countries)), np.zeros((sectors, 1))])
    smallest = np.hstack([-np.eye(sectors * countries), np.ones((sectors * countries, 1))])
    found = linprog(
        np.append(np.zeros(sectors * countries), -1.0),
        A_ub=smallest, b_ub=np.zeros(sectors * countries),
        A_eq=np.vstack([of_factors, of_sectors]), b_eq=np.append(have.ravel(), np.ones(sectors)),
        bounds=(None, None), method="highs",
    )  # fmt: skip
    if not found.success:
        return np.full((sectors, countries), np.nan), False
    assert found.x is not None
    return np.asarray(found.x[:-1].reshape(sectors, countries)), rank == sectors
