"""Few firms inside CES in changes, from observed shares alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.oligopoly.conduct import markup
from cge.firms.oligopoly.economy import for_sectors
from cge.firms.oligopoly.equilibrium import OligopolyEquilibrium, told
from cge.firms.oligopoly.observed import ObservedOligopoly
from cge.firms.oligopoly.world import World, by_origin, solve, state
from cge.firms.primitives import positive, shape_faults, spread, value_faults


class OligopolyChanges(NamedTuple):
    """Changes, as factors, and both ends.

    Attributes:
        wage, income, consumer_price, welfare: factors [country]; wages, income and prices relative to the last country's wage.
        price_index: factors [market, sector].
        benchmark, counterfactual: what `OligopolyEquilibrium` holds at both ends, with P = 1 of every sector, and wages of one, in the benchmark;
            money in the benchmark's world income, people by their labour income.
    """

    wage: Array
    income: Array
    consumer_price: Array
    welfare: Array
    price_index: Array
    benchmark: OligopolyEquilibrium
    counterfactual: OligopolyEquilibrium


def oligopoly_changes(
    observed: ObservedOligopoly,
    iceberg: npt.ArrayLike = 1.0,
    tariff: npt.ArrayLike | None = None,
    cost: npt.ArrayLike = 1.0,
    labour: npt.ArrayLike = 1.0,
) -> OligopolyChanges:
    """What a change does, exactly, from observed shares alone: a firm's cost over its market's index is s^(1/(1−σ))/m(s).

    Firms that do not sell in a market do not begin to.

    Args:
        iceberg: factors on trade costs [sector, market, origin], or as `Oligopoly` takes its own; tariff: new rates, likewise; those of the
            benchmark, if left out.
        cost: factors on labour per unit [sector, origin], or a number; labour: factors on labour, or efficiency units of it [country], or a number.

    Raises:
        DataError: shapes that do not fit, factors that are not positive, tariffs out of range.
        SolveError: as `oligopoly_equilibrium`.
    """
    o, s, n = observed, len(observed.sectors), len(observed.names)
    factor, costs = for_sectors("iceberg", iceberg, s, n, 1.0), spread("cost", cost, (s, n))
    rates = o.tariff if tariff is None else for_sectors("tariff", tariff, s, n, 0.0)
    people = spread("labour", labour, (n,))
    _check(o, factor, rates, costs, people)
    sellers, before = o.sellers, _pairs(o, 1 + o.tariff)
    after = _pairs(o, 1 + rates)
    with np.errstate(divide="ignore"):
        relative = np.log(o.share) / (1 - sellers.sigma) - np.log(markup(sellers.conduct, o.share, sellers.sigma, sellers.theta))
    work = _labour_income(o, before)
    base = World(sellers, relative, before, o.spending_share, o.theta, work)
    moved = relative + np.log(after / before * _pairs(o, factor) * costs[sellers.sector, sellers.origin])
    other = World(sellers, moved, after, o.spending_share, o.theta, work * people)
    benchmark, found = told(base, state(base, np.zeros(n)), work), told(other, solve(other), work)
    ratio = {
        word: getattr(found, word) / getattr(benchmark, word) for word in ("wage", "income", "consumer_price", "welfare", "price_index")
    }
    return OligopolyChanges(**ratio, benchmark=benchmark, counterfactual=found)


def _pairs(observed: ObservedOligopoly, values: Array) -> Array:
    """[sector, market, origin] becomes [market, seller]."""
    return np.asarray(values[observed.sellers.sector, :, observed.sellers.origin].T)


def _labour_income(observed: ObservedOligopoly, after_tariff: Array) -> Array:
    """Labour income [country], of a world income of one, at which trade balances: incomes are what shares, mark-ups and tariffs pay out."""
    o, sellers, n = observed, observed.sellers, len(observed.names)
    sales = o.spending_share[:, sellers.sector] * o.share * sellers.firms
    net = sales / after_tariff
    paid = by_origin(sellers, net, n) + np.diag((sales - net).sum(axis=1))
    balance = np.vstack([paid - np.eye(n), np.ones(n)])
    income = np.linalg.lstsq(balance, np.append(np.zeros(n), 1.0))[0]
    mark_up = markup(sellers.conduct, o.share, sellers.sigma, sellers.theta)
    return np.asarray(by_origin(sellers, net / mark_up, n) @ income)


def _check(observed: ObservedOligopoly, iceberg: Array, tariff: Array, cost: Array, labour: Array) -> None:
    o, s, n = observed, len(observed.sectors), len(observed.names)
    given = {"iceberg": (iceberg, (s, n, n)), "tariff": (tariff, (s, n, n)), "cost": (cost, (s, n)), "labour": (labour, (n,))}
    faults = list(shape_faults(given, f"there are {s} sectors and {n} countries"))
    if not faults:
        sector, country = ("sector", o.sectors), ("country", o.names)
        pair = (sector, ("market", o.names), ("origin", o.names))
        faults += positive("iceberg", iceberg, *pair)
        faults += value_faults("tariff", tariff, np.isfinite(tariff) & (tariff > -1), "above -1 and finite", *pair)
        faults += value_faults("tariff", tariff, ~np.eye(n, dtype=bool) | (tariff == 0), "0 at home", *pair)
        faults += positive("cost", cost, sector, ("origin", o.names))
        faults += positive("labour", labour, country)
    if faults:
        raise DataError(faults)
