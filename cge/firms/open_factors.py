"""Open economies of many factors and sectors, for any distribution of productivity (chapter, section 7).

Every cost is paid in the sector's bundle, so that at given factor prices each sector is a world of its own: bundles in the place of labour, their
costs in the place of wages, and β of every country's income spent on it. Free entry and demand there are what `cge.firms.entry` solves; what is left
are factor prices, at which Σ_s a_fs R_s = w_f V_f.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms.autarky import Closed, Draws, closed_economies, draws, refuse, sigmas
from cge.firms.countries import OpenEconomy
from cge.firms.entry import Point, derivatives, gaps, system
from cge.firms.entry_newton import at_wages
from cge.firms.open_equilibrium import TOLERANCE
from cge.firms.semismooth import Residual, newton
from cge.model.exponents import Exponents
from cge.solve.firms import Firms
from cge.solve.levels.world import World


class Opened(NamedTuple):
    """Countries that trade, with the numeraire Σ w V = Σ V.

    Attributes:
        factor_price: w [factor, country]. firms: of all pairs. average_productivity: φ̃ of the firms that produce [sector, country].
    """

    factor_price: Array
    firms: Firms
    average_productivity: Array


def open_economies(world: World, exponents: Exponents, productivity: Draws = None) -> Opened:
    """The equilibrium of a world with trade costs.

    Args:
        productivity: as of `closed_economies`.

    Raises:
        DataError: as `closed_economies`; tariffs, export taxes or transfers.
        SolveError: no equilibrium was found, or it fails by more than 1e-9.
    """
    t = world.technology
    closed = closed_economies(world, exponents, productivity)
    imposed = [name for name in ("tariff", "export_tax", "transfer") if getattr(t, name).any()]
    refuse(world, iter(f"{name}: an open economy under a distribution given by hand has none; leave it out." for name in imposed))
    economies = _economies(world, exponents, productivity, closed)
    near: list[Point | None] = [None] * len(economies)

    def solved(log_price: Array) -> tuple[list[OpenEconomy], list[Point]]:
        """Every sector at ln of factor prices [factor · country], from where it was last."""
        log_cost, spending = _costs(world, log_price)
        sized = [OpenEconomy(**{**vars(e), "labour": x / np.exp(c)}) for e, c, x in zip(economies, log_cost, spending, strict=True)]
        return sized, [at_wages(e, c, point) for e, c, point in zip(sized, log_cost, near, strict=True)]

    def evaluate(log_price: Array) -> Residual:
        sized, points = solved(log_price)
        near[:] = points
        revenue = _revenue(world, exponents, points, log_price)
        return Residual(_excess(world, revenue, log_price).ravel(), lambda: _slopes(world, revenue, log_price, sized, points))

    found = newton(evaluate, np.log(closed.factor_price).ravel())
    if not found.largest <= TOLERANCE:
        f, n = divmod(int(np.abs(found.residual).argmax()), len(world.countries))
        where = f"{world.factors[f]} in {world.countries[n]}"
        raise SolveError(
            Outcome("not_converged", f"The open economy was not solved: demand for {where} fails by {found.largest:.1g}, relative.")
        )
    return _opened(world, exponents, solved(found.x)[1], found.x)


def _economies(world: World, exponents: Exponents, productivity: Draws, closed: Closed) -> list[OpenEconomy]:
    """Sectors with bundles in the place of labour; how many of these there are is only that of autarky."""
    t, of, sigma = world.technology, draws(world, exponents, productivity), sigmas(world, exponents)[:, 0]
    bundles = closed.sales / closed.bundle_cost
    return [
        OpenEconomy(g, float(sigma[s]), bundles[s], t.entry_cost[s], t.fixed_cost[s].T, t.iceberg[s].T, names=world.countries)
        for s, g in enumerate(of)
    ]


def _costs(world: World, log_price: Array) -> tuple[Array, Array]:
    """ln of bundle costs and spending [sector, country]."""
    t, log_price = world.technology, log_price.reshape(world.technology.endowment.shape)
    log_cost = (t.factor_share * log_price[:, None, :]).sum(axis=0)
    return np.asarray(log_cost), np.asarray(t.final_share * (np.exp(log_price) * t.endowment).sum(axis=0))


def _entrants(world: World, exponents: Exponents, points: list[Point], log_price: Array) -> Array:
    """M_E [sector, country]; of those that m just above zero by rounding says, none."""
    log_cost, spending = _costs(world, log_price)
    m = np.maximum([point.entry for point in points], 0.0)
    return np.asarray(m * spending / np.exp(log_cost) / (sigmas(world, exponents) * world.technology.entry_cost))


def _revenue(world: World, exponents: Exponents, points: list[Point], log_price: Array) -> Array:
    """R, of a country's producers [sector, country]."""
    profit = np.array([point.sold.profit.sum(axis=0) for point in points])
    return np.asarray(sigmas(world, exponents) * _entrants(world, exponents, points, log_price) * profit)


def _excess(world: World, revenue: Array, log_price: Array) -> Array:
    """Demand for factors over what there is, less one [factor, country]; the numeraire in the place of what Walras' law leaves free."""
    t = world.technology
    paid = np.exp(log_price.reshape(t.endowment.shape)) * t.endowment
    return np.asarray((t.factor_share * revenue).sum(axis=1) / paid - 1 + np.log(paid.sum() / t.endowment.sum()))


def _slopes(world: World, revenue: Array, log_price: Array, economies: list[OpenEconomy], points: list[Point]) -> Array:
    """Of `_excess` in ln of factor prices [factor · country, factor · country], every sector going on to hold its conditions."""
    t = world.technology
    share, paid = t.factor_share, np.exp(log_price.reshape(t.endowment.shape)) * t.endowment
    demanded = np.zeros(2 * paid.shape)
    for s, (economy, point) in enumerate(zip(economies, points, strict=True)):
        by_cost, by_spending = _revenue_slopes(economy, point, revenue[s])
        moves = by_cost[:, None] * share[:, s] + by_spending[:, None] * (paid / paid.sum(axis=0))  # ∂R_s [country, factor, country]
        demanded += share[:, s, :, None, None] * moves
    size, total = paid.size, (share * revenue).sum(axis=1) / paid
    return np.asarray((demanded / paid[:, :, None, None]).reshape(size, size) - np.diag(total.ravel()) + paid.ravel() / paid.sum())


def _revenue_slopes(economy: OpenEconomy, point: Point, revenue: Array) -> tuple[Array, Array]:
    """∂R/∂ln c and ∂R/∂ln X of a sector, of bundle costs and of spending [both country, country].

    Free entry and demand give ln B and m at ln c and ln of the bundles X/c, with which the masses of entrants rise; R is X less what `gaps` says of
    labour.
    """
    n = len(revenue)
    _, demand, _ = gaps(economy, point)
    _, of_demand, of_labour = derivatives(economy, point)
    conditions = system(economy, point)[1][: 2 * n]
    by_bundles = np.vstack([np.zeros((n, n)), of_demand[:, n : 2 * n] * point.entry - np.diag(1 + demand)])
    moved = -np.linalg.solve(conditions[:, : 2 * n], np.hstack([conditions[:, 2 * n :], by_bundles]))
    part = -of_labour[:, : 2 * n] @ moved - np.hstack([of_labour[:, 2 * n :], np.zeros((n, n))])
    by_cost, by_spending = np.split((economy.labour * np.exp(point.log_wage))[:, None] * part, 2, axis=1)
    return by_cost - by_spending, by_spending + np.diag(revenue)


def _opened(world: World, exponents: Exponents, points: list[Point], log_price: Array) -> Opened:
    t, sigma = world.technology, sigmas(world, exponents)
    log_cost, spending = _costs(world, log_price)
    of, demand = [point.sold for point in points], np.exp([point.log_demand for point in points])
    entrants = _entrants(world, exponents, points, log_price)
    exists = entrants > 1e-12 * spending / np.exp(log_cost) / t.entry_cost
    entrants = np.where(exists, entrants, 0.0)
    # pairs are [market, origin] there and [exporter, importer] here
    exporters = np.array([sold.survival.T for sold in of]) * entrants[:, :, None]
    flow = sigma[:, :, None] * np.array([sold.profit.T for sold in of]) * entrants[:, :, None]
    cutoff = np.where(exists[:, :, None], [sold.cutoff.T for sold in of], np.nan)
    price = sigma / (sigma - 1) * (sigma * demand / spending) ** (1 / (sigma - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        sales = flow / exporters
        # variable profits at home are B (τc)^(1−σ) times the integral of φ^(σ−1)
        own = np.array([np.diagonal(sold.profit) / np.diagonal(sold.survival) for sold in of])
        average = np.where(exists, (own / demand * np.exp((sigma - 1) * log_cost)) ** (1 / (sigma - 1)), np.nan)
    income = spending.sum(axis=0)
    firms = Firms(
        iceberg=t.iceberg,
        fixed_cost=t.fixed_cost,
        lower_bound=t.productivity,
        bundle_cost=np.exp(log_cost),
        entrants=entrants,
        average_sales=sales,
        exporters=exporters,
        cutoff=cutoff,
        price_level=price,
        welfare=income / np.exp((t.final_share * np.log(price)).sum(axis=0)),
    )
    return Opened(np.exp(log_price.reshape(t.endowment.shape)), firms, average)
