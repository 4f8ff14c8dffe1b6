"""The primitives of a world whose sectors have demands with a choke price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.firms.primitives import each, label_faults, numbered, numbers, positive, settle, shape_faults, spread, value_faults
from cge.firms.productivity import Productivity
from cge.model.demand import Demand, demand_faults


@dataclass(frozen=True, eq=False)
class ChokeEconomy:
    """Sectors of monopolistic firms in N countries, one factor, no outside good, balanced trade; utility Π_s U_s^β_s.

    Sub-utilities are the homothetic index or the sum of u(q) of the sector's demand. Nothing is fixed but entry. The last country's labour is the
    numeraire.

    Attributes:
        demand: of each sector.
        productivity: G_si, the distribution that entrants of a country draw from, by sector and country; one alone stands for all.
        weight: β_s > 0 [sector], adding up to one.
        labour: L_n > 0, workers, who are the consumers [country].
        entry_cost: f_Esi > 0, labour per entrant [sector, country].
        iceberg: τ_sni ≥ 1 [sector, market, origin], one at home, infinite where nothing can be sold; tariff: t_sni > −1, ad valorem on the
            producer's price [sector, market, origin], zero at home. A number stands for all foreign pairs.
        varieties: h0 > 0 [sector], the constant that ∫H over varieties is where demand is homothetic; of other sectors it says nothing.
        substitution: δ ≥ 0 [sector], of quadratic demand alone: utility ∫(q − q²/2) − δ/2 (∫q)². With δ > 0 demand does not depend on prices
            through the choke price alone, which is what welfare formulas for such demands suppose.
        names, sectors: 1 to N, if empty.

    Raises:
        DataError: all shapes that do not fit and parameters out of range.
    """

    demand: tuple[Demand, ...]
    productivity: tuple[tuple[Productivity, ...], ...]
    weight: Array
    labour: Array
    entry_cost: Array
    iceberg: Array
    tariff: Array
    varieties: Array
    substitution: Array
    names: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()

    def __init__(
        self,
        demand: Demand | Sequence[Demand],
        productivity: Productivity | Sequence[Productivity | Sequence[Productivity]],
        labour: npt.ArrayLike,
        entry_cost: npt.ArrayLike = 1.0,
        iceberg: npt.ArrayLike = 1.0,
        tariff: npt.ArrayLike = 0.0,
        weight: npt.ArrayLike = 1.0,
        varieties: npt.ArrayLike = 1.0,
        substitution: npt.ArrayLike = 0.0,
        names: Sequence[str] = (),
        sectors: Sequence[str] = (),
    ) -> None:
        kinds = (demand,) if isinstance(demand, Demand) else tuple(demand)
        size = np.atleast_1d(numbers("labour", labour))
        s, n = len(kinds), size.size
        rows = (productivity,) * s if isinstance(productivity, Productivity) else tuple(productivity)
        values = {
            "demand": kinds,
            "productivity": tuple(each(row, n) for row in rows),
            "weight": spread("weight", weight, (s,)),
            "labour": size,
            "entry_cost": spread("entry_cost", entry_cost, (s, n)),
            "iceberg": spread("iceberg", iceberg, (s, n, n), home=1.0),
            "tariff": spread("tariff", tariff, (s, n, n), home=0.0),
            "varieties": spread("varieties", varieties, (s,)),
            "substitution": spread("substitution", substitution, (s,)),
            "names": numbered(names, n),
            "sectors": numbered(sectors, s),
        }
        settle(self, values, _shapes, _values)

    @property
    def after_tariff(self) -> Array:
        """T = 1 + t [sector, market, origin]."""
        return np.asarray(1 + self.tariff)


def _shapes(economy: ChokeEconomy) -> Iterator[str]:
    s, n = len(economy.demand), economy.labour.size
    shapes = {"weight": (s,), "entry_cost": (s, n), "iceberg": (s, n, n), "tariff": (s, n, n), "varieties": (s,), "substitution": (s,)}
    arrays: dict[str, tuple[Array, tuple[int, ...]]] = {name: (getattr(economy, name), shape) for name, shape in shapes.items()}
    yield from shape_faults(arrays, f"there are {s} demands and {n} countries")
    lengths = [("productivity", len(economy.productivity), s, "demands"), ("sectors", len(economy.sectors), s, "demands")]
    lengths += [("names", len(economy.names), n, "countries")]
    lengths += [(f"productivity of sector {at}", len(row), n, "countries") for at, row in enumerate(economy.productivity, 1)]
    for name, given, wanted, what in lengths:
        if given != wanted:
            yield f"{name}: {given} given, but there are {wanted} {what}."
    yield from label_faults(names=economy.names, sectors=economy.sectors)


def _values(economy: ChokeEconomy) -> Iterator[str]:
    e, home = economy, np.eye(economy.labour.size, dtype=bool)
    sector, country = ("sector", e.sectors), ("country", e.names)
    pair = (sector, ("market", e.names), ("origin", e.names))
    for label, kind, row in zip(e.sectors, e.demand, e.productivity, strict=True):
        parameter = None if np.isnan(kind.parameter) else kind.parameter
        k = min(g.tail_index for g in row)
        yield from (f"sector {label}: {fault}" for fault in demand_faults(kind.name, parameter, k))
    yield from positive("weight", e.weight, sector)
    if not np.isclose(e.weight.sum(), 1, rtol=1e-12):
        yield f"weight: the weights add up to {e.weight.sum():.6g}, but they must add up to 1."
    yield from positive("labour", e.labour, country)
    yield from positive("entry_cost", e.entry_cost, sector, country)
    yield from value_faults("iceberg", e.iceberg, e.iceberg >= 1, "at least 1", *pair)
    yield from value_faults("iceberg", e.iceberg, ~home | (e.iceberg == 1), "1 at home", *pair)
    yield from value_faults("tariff", e.tariff, np.isfinite(e.tariff) & (e.tariff > -1), "above -1 and finite", *pair)
    yield from value_faults("tariff", e.tariff, ~home | (e.tariff == 0), "0 at home", *pair)
    yield from positive("varieties", e.varieties, sector)
    other = np.array([kind.name != "quadratic" for kind in e.demand])
    good = np.isfinite(e.substitution) & (e.substitution >= 0)
    yield from value_faults("substitution", e.substitution, good, "at least 0 and finite", sector)
    yield from value_faults("substitution", e.substitution, ~other | (e.substitution == 0), "0 where demand is not quadratic", sector)
