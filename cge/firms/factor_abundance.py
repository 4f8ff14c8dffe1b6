"""The four theorems of Heckscher and Ohlin with firms that differ (chapter, section 7), each as a check that can be run on a world written by hand.

They hold for costless trade within the factor-price-equalisation set (`cge.firms.integrated`); `cge.firms.opening` says what becomes of them
with trade costs. Theorems on goods speak of the prices of varieties, which move with unit costs: the mass of varieties can turn round the order of
price indices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.autarky import Draws, closed_economies
from cge.firms.integrated import Integrated, integrated_equilibrium, merged, production_shares
from cge.model.exponents import Exponents
from cge.solve.levels.world import World


@dataclass(frozen=True)
class Statement:
    """A sentence of the theory held against numbers.

    Attributes:
        name; holds: None where it does not apply, and `sentence` says why; numbers: by how much, named; sentence: the result in words.
    """

    name: str
    holds: bool | None
    numbers: Mapping[str, float]
    sentence: str


def theorems(world: World, exponents: Exponents, productivity: Draws = None) -> list[Statement]:
    """The four theorems in a world with costless trade.

    Stolper–Samuelson moves 0.02 of world spending to the first sector; Rybczynski moves a hundredth of the world's first factor from the second
    country to the first. Either moves half of what there is to take, where that is less.

    Args:
        productivity: as of `closed_economies`; the theorems do not depend on it, for factor prices and costs of a closed economy do not.

    Raises:
        DataError: as `integrated_equilibrium`.
    """
    found = integrated_equilibrium(world, exponents, productivity)
    t, factor, (taker, giver) = world.technology, world.factors[0], world.countries[:2]
    amount = min(0.01 * float(t.endowment[0].sum()), 0.5 * float(t.endowment[0, 1]))
    if len(world.sectors) > 1:
        prices = stolper_samuelson(world, exponents, world.sectors[0], min(0.02, 0.5 * float(1 - t.final_share[0, 0])), productivity)
    else:
        prices = Statement("Stolper–Samuelson", None, {}, "Does not apply: it is about relative prices, and there is one sector.")
    return [factor_price_equalisation(found), prices, rybczynski(found, factor, giver, taker, amount), heckscher_ohlin(found)]


def factor_price_equalisation(found: Integrated) -> Statement:
    """Whether shares of countries in production that employ all endowments lie in [0, 1]; numbers: every share, and the smallest.

    With two countries, two sectors and two factors (and wherever sectors are as many as factors) the shares are unique, and the answer exact.
    """
    share = found.production_share
    numbers = _cells("", found.world.sectors, found.world.countries, share) | {"smallest": float(share.min())}
    if np.isnan(share).any():
        reason = "no shares of countries in production employ all endowments: trade in goods alone cannot equalise factor prices"
        return Statement("factor-price equalisation", False, numbers, f"Fails: {reason}.")
    s, n = np.unravel_index(int(share.argmin()), share.shape)
    least = f"the smallest share in the world's production is {share[s, n]:.4g} ({found.world.sectors[s]} in {found.world.countries[n]})"
    verdict = "Holds: trade equalises factor prices" if found.inside else "Fails: endowments lie outside the factor-price-equalisation set"
    return Statement("factor-price equalisation", found.inside, numbers, f"{verdict}; {least}.")


def stolper_samuelson(world: World, exponents: Exponents, sector: str, step: float, productivity: Draws = None) -> Statement:
    """Spending moves to a sector (`step` of all spending, from the others in proportion): factor prices change by more than prices of varieties.

    Holds where the price of the factor that the favoured sector uses most intensively rises by more than that of any variety, and the price
    of some factor by less than that of any. Numbers are Δ ln relative to the price of the factor that gains least: factor prices, prices of varieties
    (unit costs: cutoffs do not move), and price indices, which may be ordered otherwise.

    Raises:
        DataError: no such sector, or no such spending; as `integrated_equilibrium`.
    """
    at = _place(world, "sector", world.sectors, sector)
    share = world.technology.final_share[:, 0]
    if not 0 < step < 1 - share[at]:
        raise DataError(
            f"step: {step:g} of spending cannot move to {sector}, which has {share[at]:g}; it must lie between 0 and {1 - share[at]:g}."
        )
    moved = np.where(np.arange(len(share)) == at, share[at] + step, share * (1 - step / (1 - share[at])))
    one = merged(world)
    old = integrated_equilibrium(world, exponents, productivity).equilibrium
    new = closed_economies(replace(one, technology=replace(one.technology, final_share=moved[:, None])), exponents, productivity)
    wage, variety, index = (
        np.log(b / a)[:, 0]
        for a, b in ((old.factor_price, new.factor_price), (old.bundle_cost, new.bundle_cost), (old.price_level, new.price_level))
    )
    least = wage.min()
    intensive = int((one.technology.factor_share[:, at, 0] / (one.technology.factor_share[:, :, 0] @ share)).argmax())
    holds = bool(wage[intensive] > variety.max() and wage.min() < variety.min())
    numbers = {
        **{f"price of {f}": float(v) for f, v in zip(world.factors, wage - least, strict=True)},
        **{f"price of varieties of {s}": float(v) for s, v in zip(world.sectors, variety - least, strict=True)},
        **{f"price index of {s}": float(v) for s, v in zip(world.sectors, index - least, strict=True)},
    }
    favoured, (low, high) = world.factors[intensive], (100 * (variety.min() - least), 100 * (variety.max() - least))
    sentence = (
        f"{'Holds' if holds else 'Fails'}: {step:g} more of spending goes to {sector}, which uses {favoured} most intensively. Relative to the "
        f"factor that gains least, the price of {favoured} rises by {100 * (wage[intensive] - least):.4g} log points, prices of varieties by "
        f"{low:.4g} to {high:.4g}."
    )
    return Statement("Stolper–Samuelson", holds, numbers, sentence)


def rybczynski(found: Integrated, factor: str, giver: str, taker: str, amount: float) -> Statement:
    """A factor moves from one country to another at unchanged prices: the taker's output changes by more than its endowment.

    World endowments are the same, and so are prices as long as both splits of production lie in the factor-price-equalisation set. Holds
    where some sector of the taker grows by more than the factor and another shrinks; with two of each, the one that grows must be the factor's.
    Numbers: growth of the factor and of sectors, and the new shares in world production.

    Raises:
        DataError: no such factor or country; the giver has less than `amount`.
    """
    world, name = found.world, "Rybczynski"
    f = _place(world, "factor", world.factors, factor)
    i, n = (_place(world, "country", world.countries, c) for c in (giver, taker))
    endowment = world.technology.endowment.copy()
    if not 0 < amount < endowment[f, i] or i == n:
        raise DataError(f"amount: {amount:g} of {factor} cannot move from {giver}, which has {endowment[f, i]:g}, to {taker}.")
    growth_of_factor = float(amount / endowment[f, n])
    endowment[f, [i, n]] += np.array([-amount, amount])
    intensity = world.technology.factor_share[:, :, 0] * found.equilibrium.sales[:, 0] / found.equilibrium.factor_price
    share, unique = production_shares(intensity, endowment)
    if not (found.inside and unique and share.min() >= 0 and found.production_share[:, n].min() > 0):
        reason = "it needs as many sectors as factors, and endowments inside the factor-price-equalisation set before and after"
        return Statement(name, None, {"growth of the factor": growth_of_factor}, f"Does not apply: {reason}.")
    growth = share[:, n] / found.production_share[:, n] - 1
    best, worst = int(growth.argmax()), int(growth.argmin())
    holds = bool(growth[best] > growth_of_factor > 0 > growth[worst])
    if len(world.sectors) == 2:
        holds = holds and best == int(world.technology.factor_share[f, :, 0].argmax())
    numbers = {"growth of the factor": growth_of_factor}
    numbers |= {f"growth of {s}": float(v) for s, v in zip(world.sectors, growth, strict=True)}
    numbers |= _cells("share of ", world.sectors, world.countries, share)
    sentence = (
        f"{'Holds' if holds else 'Fails'}: {amount:g} more of {factor} ({100 * growth_of_factor:.4g} %) in {taker} changes its output of "
        f"{world.sectors[best]} by {100 * growth[best]:+.4g} % and of {world.sectors[worst]} by {100 * growth[worst]:+.4g} %."
    )
    return Statement(name, holds, numbers, sentence)


def heckscher_ohlin(found: Integrated) -> Statement:
    """Every country is a net exporter of the services of the factors it is abundant in, and (two goods, two factors) of the good that uses them.

    Abundant: the country has more of the world's factor than of its income. Numbers: net exports (money), factor content (units of the
    factor) from goods, and the largest difference from that by endowments (Vanek), relative to the endowment.
    """
    world, name = found.world, "Heckscher–Ohlin"
    if not found.inside:
        return Statement(name, None, {}, "Does not apply: endowments lie outside the factor-price-equalisation set.")
    content, abundance, exports = found.factor_content, found.vanek, found.net_exports
    error = float((np.abs(content - abundance) / world.technology.endowment).max())
    numbers = {
        **_cells("net exports of ", world.sectors, world.countries, exports),
        **_cells("factor content of ", world.factors, world.countries, content),
        "largest difference from Vanek": error,
    }
    differs = np.abs(abundance) > 1e-9 * world.technology.endowment
    holds = bool((np.sign(content) == np.sign(abundance))[differs].all() and error < 1e-9)
    if len(world.sectors) == len(world.factors) == 2 and found.unique:
        intensive = world.technology.factor_share[:, :, 0].argmax(axis=1)[abundance.argmax(axis=0)]
        holds = holds and bool((exports[intensive, np.arange(len(intensive))] > 0)[differs.any(axis=0)].all())
    f = int(abundance[:, 0].argmax())
    sentence = (
        f"{'Holds' if holds else 'Fails'}: {world.countries[0]}, abundant in {world.factors[f]}, exports {content[f, 0]:.4g} of its services net, "
        f"and {exports[:, 0].max():.4g} of {world.sectors[int(exports[:, 0].argmax())]}."
    )
    return Statement(name, holds, numbers, sentence)


def _cells(words: str, rows: list[str], countries: list[str], array: Array) -> dict[str, float]:
    """The numbers of an array [row, country] by name."""
    return {f"{words}{row} in {country}": float(array[r, n]) for r, row in enumerate(rows) for n, country in enumerate(countries)}


def _place(world: World, dim: str, labels: list[str], label: str) -> int:
    if label not in labels:
        raise DataError(f"{world.origin}: no {dim} {label}; there are {', '.join(labels)}.")
    return labels.index(label)
