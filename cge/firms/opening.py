"""The opening of trade with trade costs (chapter, section 7): what it does to firms, sector by sector, and to the real reward of every factor.

From autarky (`cge.firms.autarky`) to the open economy of a world written by hand, solved in levels, or by `cge.firms.open_factors` under a
distribution of productivity of its own. For the fall of trade costs
from where they are, solve a `Shock` and read sectors.csv (cutoffs, firms) and factors.csv (rewards and their split) instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from cge.data.arrays import Array
from cge.firms.autarky import Closed, Draws, closed_economies
from cge.firms.factor_abundance import Statement
from cge.firms.open_factors import Opened, open_economies
from cge.model.benchmark import calibrate
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.results.rewards import Split, split
from cge.solve.changes import solve_hat
from cge.solve.firms import Firms, before
from cge.solve.levels.world import World, solve_world

SAME = 1e-9
"""Countries whose sectors are no further apart in autarky than this, ln, have no comparative advantage."""


@dataclass(frozen=True, eq=False)
class Opening:
    """Open economy over autarky.

    Attributes:
        data: labelled. Ratios by sector and country: `cutoff` (domestic), `average_productivity` (of firms that produce: with Pareto as the cutoff),
            `firms` (mass of those; zero where the country leaves the sector, and the two before NaN), `unit_cost` (relative to the country's
            average factor price). `real_reward` [factor, country], a ratio too, and its split in log points × 100: `cost_log` [factor, country],
            `variety_log`, `productivity_log` [country]. `advantage` [sector, country]: how much cheaper the sector's bundle is in autarky than
            on average over countries, ln, less the average of the country's sectors; `abundance` [factor, country]: ln of endowment over the
            average of countries, less the average of the country's factors.
        statements: the sentences of section 7 held against these numbers.
    """

    data: xr.Dataset
    statements: tuple[Statement, ...]


def opening(world: World, exponents: Exponents, productivity: Draws = None) -> Opening:
    """The opening of trade from autarky to the trade costs of a world.

    Args:
        productivity: as of `closed_economies`; firms then decide on home and foreign markets together where exporting is easier than selling at home.
            Without it a world may have tariffs and transfers.

    Raises:
        DataError: as `closed_economies`, and as `solve_world` or `open_economies`; SolveError: as the latter.
    """
    closed = closed_economies(world, exponents, productivity)
    if productivity is None:
        levels, economy = solve_world(world, exponents)
        found = before(replace(solve_hat(calibrate(economy), exponents, Shock()), levels=levels))
        # Pareto: the average productivity of those above a cutoff is in proportion to it
        home = np.diagonal(found.cutoff, axis1=1, axis2=2)
        opened = Opened(np.exp(levels.point.log_factor_price), found, home / closed.cutoff * closed.average_productivity)
    else:
        opened = open_economies(world, exponents, productivity)
    data = _compared(world, exponents, closed, opened)
    return Opening(data, (_selected(world, opened.firms), *statements(data)))


def _compared(world: World, exponents: Exponents, closed: Closed, opened: Opened) -> xr.Dataset:
    """`Opening.data` from autarky and the open economy."""
    found, wage = opened.firms, opened.factor_price
    parts = _split(world, exponents, closed, found, wage)
    payments = closed.factor_price * world.technology.endowment
    average = (payments * np.log(wage / closed.factor_price)).sum(axis=0) / payments.sum(axis=0)
    home = np.diagonal(found.cutoff, axis1=1, axis2=2)
    produced = np.isfinite(home)
    cells = {
        "cutoff": np.where(produced, home, np.nan) / closed.cutoff,
        "average_productivity": np.where(produced, opened.average_productivity, np.nan) / closed.average_productivity,
        "firms": np.diagonal(found.exporters, axis1=1, axis2=2) / closed.firms,
        "unit_cost": found.bundle_cost / closed.bundle_cost / np.exp(average),
        "advantage": _unlike_others(-np.log(closed.bundle_cost)),
    }
    factors = {
        "real_reward": np.exp(parts.total),
        "cost_log": 100 * parts.cost,
        "abundance": _unlike_others(np.log(world.technology.endowment)),
    }
    arrays = {
        **{name: (("sector", "country"), array) for name, array in cells.items()},
        **{name: (("factor", "country"), array) for name, array in factors.items()},
        "variety_log": (("country",), 100 * parts.variety),
        "productivity_log": (("country",), 100 * parts.productivity),
    }
    return xr.Dataset({name: world.labels.array(array, *dims) for name, (dims, array) in arrays.items()})


def _split(world: World, exponents: Exponents, closed: Closed, found: Firms, wage: Array) -> Split:
    """The split of real rewards from autarky on."""
    taste = 1 / (exponents.parameters_on(world.sectors)["sigma"][:, None] - 1)
    return split(
        world.technology.final_share,
        np.log(wage / closed.factor_price),
        np.log(found.bundle_cost / closed.bundle_cost),
        np.log(found.price_level / closed.price_level),
        taste * np.log(found.exporters.sum(axis=1) / closed.firms),
    )


def _unlike_others(log: Array) -> Array:
    """A log [row, country] less the averages of its row and of its country: what sets a country apart, up to its size."""
    return np.asarray(log - log.mean(axis=1, keepdims=True) - log.mean(axis=0) + log.mean())


# --- what section 7 says -------------------------------------------------------------------------------------------------------------------


def _selected(world: World, found: Firms) -> Statement:
    """Whether exporters are a part of those who sell at home, which the section supposes; numbers: export cutoff over domestic cutoff."""
    home = np.diagonal(found.cutoff, axis1=1, axis2=2)
    numbers = {}
    for s, i, n in np.argwhere(np.isfinite(found.cutoff) & ~np.eye(home.shape[1], dtype=bool)):
        numbers[f"{world.sectors[s]} from {world.countries[i]} to {world.countries[n]}"] = float(found.cutoff[s, i, n] / home[s, i])
    place = min(numbers, key=lambda name: numbers[name])
    holds = numbers[place] >= 1
    verdict = "Holds: only some of those who sell at home export" if holds else "Fails: some who export do not sell at home"
    return Statement(
        "selection into exporting",
        holds,
        numbers,
        f"{verdict}; the lowest export cutoff is {numbers[place]:.4g} times the domestic one ({place}).",
    )


def statements(data: xr.Dataset) -> tuple[Statement, ...]:
    """The sentences of section 7 on the variables of `Opening.data`.

    A country's comparative advantage is in the sector with the largest `advantage`, least in the one with the smallest; its abundant and scarce
    factors are those with the largest and smallest `abundance`. A sentence holds where it does in every country that is unlike the others; the last,
    of which the section says that it may happen, where it does in one.
    """
    advantage = _values(data, "advantage")
    apart = np.ptp(advantage, axis=0) > SAME
    if not apart.any():
        sentence = "Does not apply: factors cost the same in autarky everywhere, so that no country has a comparative advantage."
        return (Statement("comparative advantage", None, {}, sentence),)
    countries = data["country"].values[apart].tolist()
    abundance = _values(data, "abundance")
    best, worst, abundant, scarce = (
        place[None, apart]
        for place in (advantage.argmax(axis=0), advantage.argmin(axis=0), abundance.argmax(axis=0), abundance.argmin(axis=0))
    )

    def of(name: str, place: npt.NDArray[np.intp]) -> Array:
        """In a sector or of a factor of every country."""
        return np.asarray(np.take_along_axis(_values(data, name)[:, apart], place, axis=0)[0])

    def ahead(name: str) -> Array:
        with np.errstate(divide="ignore"):  # a sector that the opening empties
            return np.asarray(100 * (np.log(of(name, best)) - np.log(of(name, worst))))

    rises = not (_values(data, "cutoff")[:, apart] <= 1).any()
    return (
        _everywhere("the cutoff rises, and more where advantage is", countries, ahead("cutoff"), rises),
        _everywhere("average productivity rises more where advantage is", countries, ahead("average_productivity")),
        _everywhere("the mass of firms falls elsewhere relative to where advantage is", countries, ahead("firms")),
        _everywhere(
            "the abundant factor gains relative to the scarce one (Stolper–Samuelson)",
            countries,
            of("cost_log", abundant) - of("cost_log", scarce),
        ),
        _somewhere("the real reward of the scarce factor rises", countries, 100 * np.log(of("real_reward", scarce))),
    )


def _values(data: xr.Dataset, name: str) -> Array:
    """[sector, country] or [factor, country]."""
    return np.asarray(data[name].values)


def _everywhere(name: str, countries: list[str], found: Array, also: bool = True) -> Statement:
    """A sentence that holds where a number [country], in log points × 100, is positive in all countries (and `also` is true).

    Countries where it is not defined are left out.
    """
    numbers = {country: value for country, value in zip(countries, found.tolist(), strict=True) if not np.isnan(value)}
    if not numbers:
        return Statement(name, None, {}, f"Does not apply: every country leaves the sector where it has no advantage ({name}).")
    least = min(numbers, key=lambda country: numbers[country])
    holds = also and numbers[least] > 0
    return Statement(
        name, holds, numbers, f"{'Holds' if holds else 'Fails'}: {name}, by {numbers[least]:.4g} log points at least ({least})."
    )


def _somewhere(name: str, countries: list[str], found: Array) -> Statement:
    """A sentence that holds where a number [country] is positive in one of the countries."""
    numbers = dict(zip(countries, found.tolist(), strict=True))
    most = max(numbers, key=lambda country: numbers[country])
    holds = numbers[most] > 0
    verdict = "Holds" if holds else "Does not happen here"
    return Statement(name, holds, numbers, f"{verdict}: {name}; by {numbers[most]:.4g} log points at most ({most}).")
