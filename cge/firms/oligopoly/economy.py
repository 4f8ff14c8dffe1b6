"""The primitives of few firms inside CES: a given list of firms in every sector and country."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.firms.oligopoly.conduct import CONDUCTS, conduct, elasticity_faults
from cge.firms.oligopoly.markets import Sellers
from cge.firms.primitives import label_faults, number, numbered, numbers, positive, settle, shape_faults, spread, value_faults

Costs = Sequence[Sequence[Sequence[float]]]
"""Labour per unit of every firm, by sector, then country."""


@dataclass(frozen=True, eq=False)
class Oligopoly:
    """Sectors of few firms in N countries (Atkeson and Burstein 2008; Edmond, Midrigan and Xu 2015): one factor, balanced trade, profits go home.

    Neither selling nor entry costs anything: with either, equilibria multiply. The last country's labour is the numeraire.

    Attributes:
        firms: c > 0, labour per unit of each firm, by sector, country and firm.
        weight: a_s > 0 [sector], adding up to one; sigma: σ_s, between firms of a sector [sector], or one number for all; theta: θ, between
            sectors, 1 ≤ θ < σ.
        labour: L_n > 0, workers [country].
        iceberg: τ_sni ≥ 1 [sector, market, origin], or one table [market, origin] for all sectors, or a number for all foreign pairs; one at home,
            infinite where nothing can be sold. tariff: t_sni > −1, ad valorem on the producer's price, likewise; zero at home.
        conduct: cournot or bertrand.
        names, sectors: 1 to N, if empty.

    Raises:
        DataError: all shapes that do not fit, parameters out of range, and markets where a firm would face no competition at all.
    """

    firms: tuple[tuple[tuple[float, ...], ...], ...]
    weight: Array
    sigma: Array
    theta: float
    labour: Array
    iceberg: Array
    tariff: Array
    conduct: str = "cournot"
    names: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()

    def __init__(
        self,
        firms: Costs,
        weight: npt.ArrayLike,
        sigma: npt.ArrayLike,
        theta: float,
        labour: npt.ArrayLike,
        iceberg: npt.ArrayLike = 1.0,
        tariff: npt.ArrayLike = 0.0,
        conduct: str = "cournot",
        names: Sequence[str] = (),
        sectors: Sequence[str] = (),
    ) -> None:
        size, s = np.atleast_1d(numbers("labour", labour)), len(firms)
        n = size.size
        values = {
            "firms": tuple(tuple(tuple(float(c) for c in own) for own in row) for row in firms),
            "weight": spread("weight", weight, (s,)),
            "sigma": spread("sigma", sigma, (s,)),
            "theta": number("theta", theta),
            "labour": size,
            "iceberg": for_sectors("iceberg", iceberg, s, n, 1.0),
            "tariff": for_sectors("tariff", tariff, s, n, 0.0),
            "conduct": conduct,
            "names": numbered(names, n),
            "sectors": numbered(sectors, s),
        }
        settle(self, values, _shapes, _values)

    @cached_property
    def sellers(self) -> Sellers:
        """Every firm with its place, in the order of `firms`."""
        places = [(s, i) for s, row in enumerate(self.firms) for i, own in enumerate(row) for _ in own]
        sector, origin = np.array(places, dtype=int).reshape(-1, 2).T
        theta = np.full(len(sector), self.theta)
        return Sellers(sector, origin, np.ones(len(sector)), self.sigma[sector], theta, conduct(self.conduct))

    @property
    def cost(self) -> Array:
        """c [seller]."""
        return np.array([c for row in self.firms for own in row for c in own])


def for_sectors(name: str, value: npt.ArrayLike, sectors: int, countries: int, home: float) -> Array:
    """A table [sector, market, origin] from one, from a table [market, origin] for all sectors, or from a number for all foreign pairs."""
    array = numbers(name, value)
    if array.ndim == 2:
        return numbers(name, np.broadcast_to(array, (sectors, *array.shape)))
    return spread(name, array, (sectors, countries, countries), home)


def _shapes(economy: Oligopoly) -> Iterator[str]:
    s, n = len(economy.firms), economy.labour.size
    if not s:
        yield "firms: there is no sector."
    yield from label_faults(names=economy.names, sectors=economy.sectors)
    for label, row in zip(economy.sectors, economy.firms, strict=False):
        if len(row) != n:
            yield f"firms: sector {label} has {len(row)} lists of firms, but labour has {n} countries."
    shapes = {"weight": (s,), "sigma": (s,), "iceberg": (s, n, n), "tariff": (s, n, n)}
    yield from shape_faults(
        {name: (getattr(economy, name), shape) for name, shape in shapes.items()}, f"there are {s} sectors and {n} countries"
    )
    for name, count, what in (("sectors", s, "sectors"), ("names", n, "countries")):
        if len(getattr(economy, name)) != count:
            yield f"{name}: {len(getattr(economy, name))} given, but there are {count} {what}."


def _values(economy: Oligopoly) -> Iterator[str]:
    e, home = economy, np.eye(economy.labour.size, dtype=bool)
    sector, country = ("sector", e.sectors), ("country", e.names)
    pair = (sector, ("market", e.names), ("origin", e.names))
    if e.conduct not in CONDUCTS:
        yield f"conduct: there is no {e.conduct!r}; known: {', '.join(CONDUCTS)}."
    yield from elasticity_faults(e.sigma, np.array(e.theta))
    yield from positive("weight", e.weight, sector)
    if not np.isclose(e.weight.sum(), 1, rtol=1e-9):
        yield f"weight: the weights add up to {e.weight.sum():.6g}, but they must add up to 1."
    yield from positive("labour", e.labour, country)
    for label, row in zip(e.sectors, e.firms, strict=True):
        for name, own in zip(e.names, row, strict=True):
            yield from positive(
                f"firms: cost of sector {label}, country {name}", np.array(own), ("firm", [str(f + 1) for f in range(len(own))])
            )
    yield from value_faults("iceberg", e.iceberg, e.iceberg >= 1, "at least 1", *pair)
    yield from value_faults("iceberg", e.iceberg, ~home | (e.iceberg == 1), "1 at home", *pair)
    yield from value_faults("tariff", e.tariff, np.isfinite(e.tariff) & (e.tariff > -1), "above -1 and finite", *pair)
    yield from value_faults("tariff", e.tariff, ~home | (e.tariff == 0), "0 at home", *pair)
    counts = np.array([[len(own) for own in row] for row in e.firms], dtype=float)
    yield from (
        f"firms: country {e.names[i]} has no firm in any sector, and its labour no use." for i in np.flatnonzero(counts.sum(axis=0) == 0)
    )
    yield from competition_faults(np.einsum("si,sni->ns", counts, np.isfinite(e.iceberg)), e.theta, e.names, e.sectors)


def competition_faults(count: Array, theta: float, names: Sequence[str], sectors: Sequence[str]) -> Iterator[str]:
    """Sentences for sectors of a market [market, sector] that nobody serves, or one firm alone where θ = 1."""
    for s, sector in enumerate(sectors):
        if (count[:, s] == 0).all():
            yield f"firms: sector {sector} has no firm anywhere."
            continue
        for n in np.flatnonzero(count[:, s] == 0):
            yield f"firms: no firm of sector {sector} can sell in market {names[int(n)]}."
        for n in np.flatnonzero((count[:, s] > 0) & (count[:, s] <= 1)) if theta == 1 else ():
            yield (
                f"firms: one seller alone in sector {sector} of market {names[int(n)]}, and theta = 1: its mark-up would be infinite. "
                "Raise theta above 1 or add a firm."
            )
