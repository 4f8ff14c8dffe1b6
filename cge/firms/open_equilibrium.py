"""Equilibrium of countries that differ, for any distribution of productivity (chapter, sections 5.1 to 5.4), and what to notice in it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms import entry
from cge.firms.countries import OpenEconomy
from cge.firms.entry import Economy
from cge.firms.entry_newton import solve

TOLERANCE = 1e-9
"""Largest relative residual of an equilibrium."""


class Workforce(Economy, Protocol):
    """Countries whose workers all earn one wage and spend a share of it on the sector; `OneWage` says what else that means."""

    @property
    def spending_share(self) -> float: ...


class OpenEquilibrium(NamedTuple):
    """The equilibrium; countries [country], pairs [market, origin]; money in the numeraire, masses in firms.

    Attributes:
        wage: w_i.
        cutoff: φ*_ni, lowest productivity that sells in a market; infinite where nothing can be sold.
        demand: B_n, so that profits in a market are B_n (τ_ni w_i)^(1−σ) φ^(σ−1) − w_i f_ni.
        entrants: M_Ei; sellers: M_ni, mass of firms of i that sell in n.
        flow: X_ni, sales; trade_share: λ_ni, in the market's spending on the sector.
        price_index: P_n of the sector; welfare: U_n, utility per worker, w_n/P_n^β.
        sector_labour, outside_labour: L_i and L_i0.
        entry_gap: share of the entry cost that expected profits would not cover; above zero where nobody enters.
        exporters_choose: whether selling abroad always takes at least the productivity that selling at home takes, of origins.
        upgrade_cutoff: lowest productivity that adopts a better technology; infinite where none does.
    """

    wage: Array
    cutoff: Array
    demand: Array
    entrants: Array
    sellers: Array
    flow: Array
    trade_share: Array
    price_index: Array
    welfare: Array
    sector_labour: Array
    outside_labour: Array
    entry_gap: Array
    exporters_choose: npt.NDArray[np.bool_]
    upgrade_cutoff: Array


def open_equilibrium(economy: Workforce) -> OpenEquilibrium:
    """The equilibrium of (6), (7) and (11), entry, free entry and the outside good with their corners; P from (10), U from (13).

    The price index follows from (10), P = σ/(σ−1)·(σB/X)^(1/(σ−1)), which is (12) where the marginal producer sells at home alone. Labour in the
    sector is its revenue over the wage, for free entry leaves no profits.

    Raises:
        SolveError: the equilibrium was not found, or an equation fails by more than 1e-9.
        DataError: an integral over G that quadrature cannot give.
    """
    point, gap = verified(economy)
    sigma, wage, demand = economy.sigma, np.exp(point.log_wage), np.exp(point.log_demand)
    mass = entry.entrants(economy, point.entry)
    flow = sigma * mass * point.sold.profit
    spending = economy.spending(demand, wage)[0]
    price = sigma / (sigma - 1) * (sigma * demand / spending) ** (1 / (sigma - 1))
    sector = flow.sum(axis=0) / wage
    makes = 1 - sector / economy.labour > point.log_wage if economy.outside else np.zeros(len(wage), dtype=bool)
    return OpenEquilibrium(
        wage=np.where(makes, 1.0, wage) if economy.outside else wage,
        cutoff=point.sold.cutoff,
        demand=demand,
        entrants=mass,
        sellers=mass * point.sold.survival,
        flow=flow,
        trade_share=flow / spending[:, None],
        price_index=price,
        welfare=wage * price**-economy.spending_share,
        sector_labour=sector,
        outside_labour=np.where(makes, economy.labour - sector, 0.0),
        entry_gap=gap,
        exporters_choose=(point.sold.weight[0] > 0).sum(axis=0) == 1,
        upgrade_cutoff=point.sold.upgrade_cutoff,
    )


def verified(economy: Economy) -> tuple[entry.Point, Array]:
    """The point where all conditions hold, nobody entering where that does not pay, and by what share of the entry cost it does not [country].

    Raises:
        SolveError: as `open_equilibrium`.
    """
    point = solve(economy)
    gap = entry.gaps(economy, point)[0]
    enters = point.entry > gap  # one of the two is zero but for rounding
    point = point._replace(entry=np.where(enters, point.entry, 0.0))
    _verify(economy, point)
    return point, np.where(enters, 0.0, gap)


def countries_table(economy: OpenEconomy, found: OpenEquilibrium) -> pd.DataFrame:
    """An equilibrium by `country` (index): what `OpenEquilibrium` has of countries, with `cutoff` and `trade_share` of their own market, `producers`
    (mass that sells at home) and `varieties` (on sale, home and foreign). Pairs are in `gravity_table`.
    """
    home = {name: np.diagonal(getattr(found, name)) for name in ("cutoff", "trade_share", "sellers")}
    return pd.DataFrame(
        {
            "wage": found.wage,
            "cutoff": home["cutoff"],
            "demand": found.demand,
            "entrants": found.entrants,
            "producers": home["sellers"],
            "varieties": found.sellers.sum(axis=1),
            "trade_share": home["trade_share"],
            "price_index": found.price_index,
            "welfare": found.welfare,
            "sector_labour": found.sector_labour,
            "outside_labour": found.outside_labour,
            "entry_gap": found.entry_gap,
        },
        index=pd.Index(economy.names, name="country"),
    )


def _verify(economy: Economy, point: entry.Point) -> None:
    """Every condition as it is written, not as the solver meets it."""
    free, demand, labour = entry.gaps(economy, point)
    corner = np.abs(np.minimum(point.entry, free))
    clear = np.abs(np.minimum(point.log_wage, labour)) if economy.outside else np.abs(labour)
    for name, gap in (("free entry", corner), ("demand", np.abs(demand)), ("the labour market", clear)):
        worst = int(np.argmax(gap))
        if not gap[worst] <= TOLERANCE:
            sentence = f"Not an equilibrium: {name} of country {economy.names[worst]} fails by {gap[worst]:.1g}, relative."
            raise SolveError(Outcome("not_converged", sentence))


def notes(economy: OpenEconomy, found: OpenEquilibrium) -> tuple[str, ...]:
    """What a reader should notice: corners, a joint decision to export, the home market effect, each as a sentence."""
    sentences = []
    for country in np.flatnonzero(found.entrants == 0):
        gap = found.entry_gap[country]
        sentences.append(
            f"Nobody enters in country {economy.names[country]}: expected profits cover {100 * (1 - gap):.4g} percent of the entry cost."
        )
    if economy.outside:
        for country in np.flatnonzero(found.outside_labour == 0):
            name, wage = economy.names[country], found.wage[country]
            sentences.append(f"Country {name} leaves the outside good: the sector employs all its labour at a wage of {wage:.6g}.")
    for origin in np.flatnonzero(~found.exporters_choose):
        sentences.append(
            f"No selection into exporting in country {economy.names[origin]}: its marginal producer also sells abroad, and decides on home and "
            "foreign markets together."
        )
    return (*sentences, *_home_market(economy, found))


def _home_market(economy: OpenEconomy, found: OpenEquilibrium) -> tuple[str, ...]:
    """The home market effect M_Ei/M_Ej > L̄_i/L̄_j (section 5.6) of the largest country, where countries differ in size alone."""
    if not (economy.outside and alike_but_for_size(economy)):
        return ()
    large, small = int(economy.labour.argmax()), int(economy.labour.argmin())
    if not found.entrants[small] > 0 or economy.labour[large] == economy.labour[small]:
        return ()
    size, entrants = economy.labour[large] / economy.labour[small], found.entrants[large] / found.entrants[small]
    if not entrants > size:
        return ()
    names = economy.names[large], economy.names[small]
    return (
        f"Home market effect: country {names[0]} has {size:.4g} times the labour of country {names[1]} and {entrants:.4g} times its entrants.",
    )


def alike_but_for_size(economy: OpenEconomy) -> bool:
    """Whether countries differ in labour alone (chapter, section 5.5)."""
    abroad = ~np.eye(len(economy.labour), dtype=bool)
    same = [economy.entry_cost, economy.upgrade_cost, np.diagonal(economy.fixed_cost), economy.fixed_cost[abroad], economy.iceberg[abroad]]
    return len({id(g) for g in economy.productivity}) == 1 and all(np.all(part == part[:1]) for part in same)


def home_market_threshold(economy: OpenEconomy, found: OpenEquilibrium) -> float:
    """The share of world labour below which a country, alike but for its size, has no entrants: b/(a + (N−1)b).

    By (11), M_Ei = [βL̄_i/(σB) − bΣM_E]/(a − b) with a = ∫ φ^(σ−1) dG above φ* and b = τ^(1−σ) times the same above φ*_X.

    Args:
        found: with entrants in every country, so that all have the same B.
    """
    abroad = found.flow[0, 1:] / found.entrants[1:]
    home = found.flow[0, 0] / found.entrants[0]
    return float(abroad[0] / (home + abroad.sum()))
