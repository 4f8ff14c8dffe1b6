"""Equilibrium under quadratic demand, long run and short run, and what to notice in it (chapter, section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.firms.primitives import numbers, shape_faults, value_faults
from cge.firms.quadratic import conditions
from cge.firms.quadratic.conditions import Point, at, flows
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.search import search
from cge.firms.quadratic.selling import Selling

TOLERANCE = 1e-9
"""Largest relative residual of an equilibrium."""


class QuadraticEquilibrium(NamedTuple):
    """The equilibrium; countries [country], pairs [market, origin]; money in the numeraire, masses in firms.

    Attributes:
        cutoff: c_D, the choke price and the highest cost that sells at home.
        entrants: N_E; wage: w, one where the outside good is made.
        selling: per entrant of each origin in each market.
        profit_income, revenue_income: profits less the entry cost, and tariff revenue, both per head.
        income, spending: per head; spending on the sector.
        consumer_surplus, welfare: per head; U = income + consumer surplus.
        sector_labour, outside_labour: workers.
        free_entry_gap: share of the entry cost that expected profits do not cover; of the long run it is above zero where nobody enters, of the
            short run below it where profits are made.
        short_run: whether entrants were given.
        steps: of Newton's method.
    """

    cutoff: Array
    entrants: Array
    wage: Array
    selling: Selling
    profit_income: Array
    revenue_income: Array
    income: Array
    spending: Array
    consumer_surplus: Array
    welfare: Array
    sector_labour: Array
    outside_labour: Array
    free_entry_gap: Array
    short_run: bool
    steps: int


def quadratic_equilibrium(economy: QuadraticEconomy, entrants: npt.ArrayLike | None = None) -> QuadraticEquilibrium:
    """Cutoffs, entrants and wages: demand (26), free entry and the outside good, with their corners.

    Choke prices exist and are unique without ad valorem tariffs wherever all countries make the outside good; else neither is proved
    (`quadratic_notes`). Entrants are unique but where two origins serve all markets alike (as identical regions that trade without cost).

    Args:
        entrants: N_E ≥ 0 [country] as given: the short run; without them free entry.

    Raises:
        DataError: entrants that are negative, of another length, or take more labour to enter than there is; a country that would spend all
            its income on the sector, where the demand system ends.
        SolveError: the equilibrium was not found, or a condition fails by more than 1e-9.
    """
    given = None if entrants is None else _entrants(economy, entrants)
    found = search(economy, given)
    point = at(economy, found.x)
    point = _clean(economy, point, given)
    _verify(economy, point, given)
    result = _told(economy, point, given is not None, found.steps)
    _consumed(economy, result)
    return result


def _entrants(economy: QuadraticEconomy, entrants: npt.ArrayLike) -> Array:
    given, shape = np.atleast_1d(numbers("entrants", entrants)), economy.labour.shape
    faults = list(shape_faults({"entrants": (given, shape)}, f"labour has {len(economy.labour)} countries"))
    if not faults:
        country = ("country", economy.names)
        faults += value_faults("entrants", given, np.isfinite(given) & (given >= 0), "at least 0 and finite", country)
        room = given * economy.entry_cost < economy.labour
        faults += value_faults("entrants", given, ~(given >= 0) | room, "fewer than labour over the entry cost", country)
    if faults:
        raise DataError(faults)
    return given


def _clean(economy: QuadraticEconomy, point: Point, given: Array | None) -> Point:
    """Of two conditions that meet one holds exactly, and only rounding hides which."""
    _, free, left = conditions.gaps(economy, point)
    entrants = np.where(point.entrants * economy.entry_cost / economy.labour > free, point.entrants, 0.0) if given is None else given
    return point._replace(entrants=entrants, wage=np.where(left > np.log(point.wage), 1.0, point.wage))


def _verify(economy: QuadraticEconomy, point: Point, given: Array | None) -> None:
    """Every condition as it is written, not as the solver meets it."""
    demand, free, left = conditions.gaps(economy, point)
    entry = np.minimum(point.entrants * economy.entry_cost / economy.labour, free) if given is None else np.zeros_like(free)
    clear = np.minimum(np.log(point.wage), left)
    for name, gap in (("demand", demand), ("free entry", entry), ("the labour market", clear)):
        worst = int(np.abs(gap).argmax())
        if not np.abs(gap[worst]) <= TOLERANCE:
            sentence = f"Not an equilibrium: {name} of country {economy.names[worst]} fails by {gap[worst]:.1g}, relative."
            raise SolveError(Outcome("not_converged", sentence))


def _told(economy: QuadraticEconomy, point: Point, short_run: bool, steps: int) -> QuadraticEquilibrium:
    e, (choke, mass, wage, sold), labour = economy, point, economy.labour
    made = flows(e, sold)
    free = conditions.gaps(e, point)[1]
    profit = (made.profit.sum(axis=0) - wage * e.entry_cost) * mass / labour if short_run else np.zeros_like(wage)
    producers = made.revenue * mass / labour[:, None]
    revenue = (e.tariff * producers + e.specific_tariff * made.quantity * mass).sum(axis=1)
    spending = (e.after_tariff * producers + e.specific_tariff * made.quantity * mass).sum(axis=1)
    aggregate = (e.alpha - choke) / e.eta
    surplus = e.eta * aggregate**2 / 2 + sold.square @ mass / (8 * e.gamma)
    income = wage + profit + revenue
    sector = mass * (e.entry_cost + made.cost.sum(axis=0) / wage)
    makes = wage == 1
    return QuadraticEquilibrium(
        cutoff=choke,
        entrants=mass,
        wage=wage,
        selling=sold,
        profit_income=profit,
        revenue_income=revenue,
        income=income,
        spending=spending,
        consumer_surplus=surplus,
        welfare=income + surplus,
        sector_labour=np.where(makes, sector, labour),
        outside_labour=np.where(makes, labour - sector, 0.0),
        free_entry_gap=np.where(mass > 0, 0.0, free) if not short_run else free,
        short_run=short_run,
        steps=steps,
    )


def _consumed(economy: QuadraticEconomy, found: QuadraticEquilibrium) -> None:
    """Quasi-linear demand holds as long as the outside good is consumed."""
    share = found.spending / found.income
    faults = [
        f"country {economy.names[n]}: spending on the sector would be {share[n]:.4g} of income, at least one; lower alpha or raise eta: the outside "
        "good would not be consumed."
        for n in np.flatnonzero(~(share < 1))
    ]
    if faults:
        raise DataError(faults)


def quadratic_notes(economy: QuadraticEconomy, found: QuadraticEquilibrium) -> tuple[str, ...]:
    """What a reader should notice: corners, countries without the outside good, and whether the equilibrium is proved to be the only one."""
    return (*_corners(economy, found), _uniqueness(economy, found))


def _corners(economy: QuadraticEconomy, found: QuadraticEquilibrium) -> Iterator[str]:
    names = economy.names
    if not found.entrants.any():
        yield "No sector: even at a choke price of alpha entry pays in no country, and only the outside good is made."
    elif not found.short_run:
        for i in np.flatnonzero(found.entrants == 0):
            covered = 100 * (1 - found.free_entry_gap[i])
            yield f"Nobody enters in country {names[i]}: expected profits cover {covered:.4g} percent of the entry cost."
    for i in np.flatnonzero(found.outside_labour == 0):
        yield f"Country {names[i]} leaves the outside good: the sector employs all its labour at a wage of {found.wage[i]:.6g}."


def _uniqueness(economy: QuadraticEconomy, found: QuadraticEquilibrium) -> str:
    """What is proved of the cutoffs: at w = 1 they solve a strictly convex program unless an ad valorem tariff breaks its symmetry."""
    if found.short_run and (found.wage == 1).all():
        return (
            "The cutoffs are the only ones at wages of one: the demand that given entrants leave falls with the choke price in each market."
        )
    reasons = []
    if (economy.tariff != 0).any() and not found.short_run:
        reasons.append("an ad valorem tariff breaks the symmetry of the convex program")
    if (found.wage != 1).any():
        reasons.append("wages move where a country leaves the outside good")
    if reasons:
        return f"That no other equilibrium exists is not proved: {' and '.join(reasons)}."
    return "The cutoffs are the only ones at wages of one: they solve a strictly convex program, whose multipliers are the entrants."
