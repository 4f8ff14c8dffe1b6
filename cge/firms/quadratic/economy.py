"""The primitives of quadratic demand beside an outside good, in one closed economy or in countries that differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.firms.primitives import each, label_faults, number, numbered, numbers, positive, settle, shape_faults, spread, value_faults
from cge.firms.productivity import Productivity

LIMITS = {
    "gamma": "with gamma = 0 varieties are perfect substitutes: a limit, not a case",
    "eta": "with eta = 0 the choke price is alpha whatever enters: a limit, not a case",
}
"""What a parameter at zero would mean."""


@dataclass(frozen=True, eq=False)
class QuadraticEconomy:
    """One differentiated sector in N countries, and an outside good made one for one from labour, traded without cost, the numeraire.

    Utility q_0 + α∫q − γ/2 ∫q² − η/2 (∫q)² (section 8). A firm's cost c = 1/φ is labour per unit; nothing is fixed but entry. Any distribution of
    productivity will do: its tail index need only be positive.

    Attributes:
        productivity: G_i, the distribution that entrants of each country draw from; one alone stands for all.
        alpha, gamma, eta: of utility, positive, numeraire per unit (α) and per unit squared (γ, η).
        labour: L_n > 0, workers, who are the consumers [country].
        entry_cost: f_Ei > 0, labour per entrant [country].
        iceberg: τ_ni ≥ 1, units shipped from i for one to arrive in n [market, origin]; infinite where nothing can be sold, one at home; a number
            stands for all foreign pairs.
        tariff: t_ni > −1, ad valorem rate on the producer's border price [market, origin], zero at home; specific_tariff: s_ni ≥ 0, numeraire
            per unit that arrives [market, origin], zero at home; a number stands for all foreign pairs.
        ladder: ω_i in (0, 1) [country]: the m-th product of a firm, m = 0, 1, …, costs ω^−m c; no ladder: one product a firm.
        names: of the countries; 1 to N, if empty.

    Raises:
        DataError: all shapes that do not fit and parameters out of range.
    """

    productivity: tuple[Productivity, ...]
    alpha: float
    gamma: float
    eta: float
    labour: Array
    entry_cost: Array
    iceberg: Array
    tariff: Array
    specific_tariff: Array
    ladder: Array | None = None
    names: tuple[str, ...] = ()

    def __init__(
        self,
        productivity: Productivity | Sequence[Productivity],
        alpha: float,
        gamma: float,
        eta: float,
        labour: npt.ArrayLike,
        entry_cost: npt.ArrayLike,
        iceberg: npt.ArrayLike = 1.0,
        tariff: npt.ArrayLike = 0.0,
        specific_tariff: npt.ArrayLike = 0.0,
        ladder: npt.ArrayLike | None = None,
        names: Sequence[str] = (),
    ) -> None:
        size = np.atleast_1d(numbers("labour", labour))
        n = size.size
        values = {
            "labour": size,
            "entry_cost": spread("entry_cost", entry_cost, (n,)),
            "iceberg": spread("iceberg", iceberg, (n, n), home=1.0),
            "tariff": spread("tariff", tariff, (n, n), home=0.0),
            "specific_tariff": spread("specific_tariff", specific_tariff, (n, n), home=0.0),
            "ladder": None if ladder is None else spread("ladder", ladder, (n,)),
            "productivity": each(productivity, n),
            "names": numbered(names, n),
        } | {name: number(name, value) for name, value in (("alpha", alpha), ("gamma", gamma), ("eta", eta))}
        settle(self, values, _shapes, _values)

    @property
    def after_tariff(self) -> Array:
        """T = 1 + t [market, origin]."""
        return np.asarray(1 + self.tariff)


def _shapes(economy: QuadraticEconomy) -> Iterator[str]:
    n = economy.labour.size
    shapes: dict[str, tuple[Array, tuple[int, ...]]] = {name: (getattr(economy, name), (n,)) for name in ("labour", "entry_cost")}
    shapes |= {name: (getattr(economy, name), (n, n)) for name in ("iceberg", "tariff", "specific_tariff")}
    if economy.ladder is not None:
        shapes["ladder"] = (economy.ladder, (n,))
    yield from shape_faults(shapes, f"labour has {n} countries")
    for name in ("productivity", "names"):
        if len(getattr(economy, name)) != n:
            yield f"{name}: {len(getattr(economy, name))} given, but labour has {n} countries."
    yield from label_faults(names=economy.names)


def _values(economy: QuadraticEconomy) -> Iterator[str]:
    e, home = economy, np.eye(economy.labour.size, dtype=bool)
    country, pair = ("country", e.names), (("market", e.names), ("origin", e.names))
    for name in ("alpha", "gamma", "eta"):
        value = getattr(e, name)
        if not 0 < value < math.inf:
            why = f" ({LIMITS[name]})" if value == 0 and name in LIMITS else ""
            yield f"{name} = {value:g}, but it must be positive and finite{why}."
    for at, g in {id(g): g for g in e.productivity}.items():
        if not g.tail_index > 0:
            named = ", ".join(name for name, own in zip(e.names, e.productivity, strict=True) if id(own) == at)
            yield f"productivity of country {named}: {g.name} has the tail index {g.tail_index:g}, but it must be positive."
    yield from positive("labour", e.labour, country)
    yield from positive("entry_cost", e.entry_cost, country)
    yield from value_faults("iceberg", e.iceberg, e.iceberg >= 1, "at least 1", *pair)
    yield from value_faults("iceberg", e.iceberg, ~home | (e.iceberg == 1), "1 at home", *pair)
    yield from value_faults("tariff", e.tariff, np.isfinite(e.tariff) & (e.tariff > -1), "above -1 and finite", *pair)
    yield from value_faults("tariff", e.tariff, ~home | (e.tariff == 0), "0 at home", *pair)
    specific = e.specific_tariff
    yield from value_faults("specific_tariff", specific, np.isfinite(specific) & (specific >= 0), "at least 0 and finite", *pair)
    yield from value_faults("specific_tariff", specific, ~home | (specific == 0), "0 at home", *pair)
    if e.ladder is not None:
        yield from value_faults("ladder", e.ladder, (e.ladder > 0) & (e.ladder < 1), "between 0 and 1, both excluded", country)
