"""The primitives of countries with search in two sectors (chapter, section 10; Helpman and Itskhoki 2010), markets in rows, origins in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.countries import OpenEconomy
from cge.firms.hiring import tightness
from cge.firms.primitives import number, numbers, positive, settle, shape_faults, spread, value_faults
from cge.firms.productivity import Productivity
from cge.firms.unemployment.preferences import Preferences


@dataclass(frozen=True, eq=False)
class SearchEconomy:
    """Countries that make an outside good, traded without cost and the numeraire, and one differentiated sector, both with search for workers.

    In the outside good a worker makes one unit and is paid half of it, so that x_0 = (1/(2a_0))^(1/e) find work and ω = x_0/2 is what a worker
    expects, in either sector. In the differentiated one a hire costs b = a·x^e, firms bargain with every worker as if he were the last to be hired
    (Stole and Zwiebel 1996), and pay b. Fixed and entry costs are paid in the outside good.

    Attributes:
        productivity, sigma, labour, entry_cost, fixed_cost, iceberg, names: as in `OpenEconomy`.
        search_cost: a, in the differentiated sector; outside_search_cost: a_0 [country]: higher where hiring is more regulated, or matching worse.
        preferences: `CobbDouglas(share)` or `QuasiLinear(weight, elasticity)`.
        search_elasticity: e > 0, of the cost of a hire to x [country].

    Raises:
        DataError: all shapes that do not fit and parameters out of range; costs of search so low that everybody would find work, among them.
    """

    productivity: tuple[Productivity, ...]
    sigma: float
    labour: Array
    entry_cost: Array
    fixed_cost: Array
    iceberg: Array
    search_cost: Array
    outside_search_cost: Array
    preferences: Preferences
    search_elasticity: Array
    names: tuple[str, ...]

    def __init__(
        self,
        productivity: Productivity | Sequence[Productivity],
        sigma: float,
        labour: npt.ArrayLike,
        entry_cost: npt.ArrayLike,
        fixed_cost: npt.ArrayLike,
        iceberg: npt.ArrayLike,
        search_cost: npt.ArrayLike,
        outside_search_cost: npt.ArrayLike,
        preferences: Preferences,
        search_elasticity: npt.ArrayLike = 1.0,
        names: Sequence[str] = (),
    ) -> None:
        faults = list(preferences.faults(number("sigma", sigma)))
        size = np.atleast_1d(numbers("labour", labour))
        try:  # its checks of shapes, labour, entry and trade costs and productivity
            same = OpenEconomy(productivity, sigma, size, entry_cost, fixed_cost, iceberg, names=names)
        except DataError as fault:
            faults += fault.faults
        given = {"search_cost": search_cost, "outside_search_cost": outside_search_cost, "search_elasticity": search_elasticity}
        searching = {name: spread(name, value, size.shape) for name, value in given.items()}
        faults += _search_faults(searching, tuple(names) if len(names) == len(size) else tuple(str(i + 1) for i in range(len(size))))
        if faults:
            raise DataError(faults)
        values = {name: getattr(same, name) for name in ("productivity", "sigma", "labour", "entry_cost", "fixed_cost", "iceberg", "names")}
        settle(self, values | searching | {"preferences": preferences})

    @property
    def outside_tightness(self) -> Array:
        """x_0, share of those who search in the outside good that find work [country]."""
        return outside(self.outside_search_cost, self.search_elasticity)

    @property
    def expected_income(self) -> Array:
        """ω = x_0/2, of a worker in either sector [country]."""
        return self.outside_tightness / 2

    @property
    def tightness(self) -> Array:
        """x, share of those who search in the differentiated sector that find work [country]."""
        return tightness(self.search_cost, self.search_elasticity, self.expected_income)[0]

    @property
    def hiring_cost(self) -> Array:
        """b, of a hire in the differentiated sector, and the wage there [country]."""
        return tightness(self.search_cost, self.search_elasticity, self.expected_income)[1]


def outside(cost: Array, elasticity: Array) -> Array:
    """x_0 with a_0·x_0^e = 1/2, what a firm of the outside good has left of a worker's one unit [country]; a_0 and e too."""
    return np.asarray((1 / (2 * cost)) ** (1 / elasticity))


def _search_faults(given: dict[str, Array], names: Sequence[str]) -> list[str]:
    shape = (len(names),)
    faults = list(shape_faults({name: (value, shape) for name, value in given.items()}, f"labour has {len(names)} countries"))
    if faults:
        return faults
    country = ("country", names)
    for name, value in given.items():
        faults += positive(name, value, country)
    if faults:
        return faults
    cost, zero, e = given["search_cost"], given["outside_search_cost"], given["search_elasticity"]
    everybody = "above 0.5, or everybody who searches in the outside good finds work: raise search costs"
    faults += value_faults("outside_search_cost", zero, zero > 0.5, everybody, country)
    income = outside(zero, e) / 2
    for k in np.flatnonzero((zero > 0.5) & ~(cost > income)).tolist():
        faults.append(
            f"search_cost = {cost[k]:g} at country={names[k]}, but it must exceed the expected income {income[k]:.6g}, or everybody who searches in "
            "the differentiated sector finds work: raise search costs."
        )
    return faults
