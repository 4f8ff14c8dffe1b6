"""Real income taken apart: channels that add up exactly, and the linear terms of the literature."""

from __future__ import annotations

from functools import partial

import numpy as np
import xarray as xr

from cge.data.arrays import Array, described
from cge.model import equations as eq
from cge.model.benchmark import Benchmark, labelled
from cge.model.exponents import Exponents, log_shifter
from cge.model.shock import Shock
from cge.results.volumes import seller_price
from cge.solve.moved import export_taxes, moved, moves, needs_pairs, primitives, rates_before, shape, tariffs
from cge.solve.solution import Answered, Solution

CHANNELS = ("income_over_cost_log", "own_share_log", "entry_log", "market_log", "technology_log", "markups_log")
"""Columns of `channels`, × 100; a table has the last where mark-ups vary."""

LINEAR = ("terms_of_trade_pct", "volume_of_trade_pct", "direct_pct", "welfare_linear_pct")
"""Columns of `linear_terms`."""


def own_trade(solution: Answered) -> tuple[Array, Array]:
    """Cells [sector, country] with an own trade share in the data, and those whose own share changes by a finite factor."""
    at_home = np.diagonal(solution.benchmark.arrays["trade_share"], axis1=1, axis2=2) > 0
    has = solution.reference.system.bought & at_home.reshape(*at_home.shape, *solution.axis)
    return has, has & (solution.reference.own_share > 0) & (solution.counterfactual.own_share > 0)


def channels(solution: Answered) -> tuple[Array, ...]:
    """ln Û taken apart exactly, in log points [country]: income over input cost, own share, entry, market size and selection, technology, mark-ups.

    ln Û_n = [ln Î_n − Σ β ln ĉ_ns] + Σ_s β_ns { −ln λ̂_nns/trade + scale·ln Ŝ_ns/trade + [m·ln X̂_ns − (cost/trade − 1)·ln ĉ_ns]
    + [ln Â_ns − (fixed/trade)·ln f̂_nns − ln τ̂_nns] − η_s (ln Î_n − ln P̂_ns) }, with m the
    market exponent: the price index below the chapter's eq. 22 solved for the home
    share of eq. 23. Where a cell is empty before or after, own share and entry are infinite and only their sum is finite: it stands under
    own share. Where a country buys a good it does not sell at home there is no own share: ĉ is one there and the whole price stands
    under own share.
    """
    old, new = solution.reference, solution.counterfactual
    s = new.system
    beta, trade = s.final_share, s.buyer.trade
    home = s.seller.over(trade)  # what the country's own sellers do to its price at a given own share
    has, finite = own_trade(solution)
    log_cost = np.where(has, new.values.log_unit_cost - old.values.log_unit_cost, 0.0)
    log_price = new.unknowns.log_price - old.unknowns.log_price
    log_size = (s.buyer.market + home.spending) * (new.unknowns.log_spending_change - old.unknowns.log_spending_change)
    technology = np.where(has, _home_technology(solution), 0.0)
    market_size = log_size + (home.unit_cost + 1) * log_cost
    before, after = (np.where(finite, e.own_share, 1.0) for e in (old, new))
    entry_before, entry_after = (np.where(finite & (s.scale > 0), e.unknowns.entry, 1.0) for e in (old, new))
    entry = home.entry * np.log(entry_after / entry_before)
    whole = -log_price - log_size - home.unit_cost * log_cost - technology
    own = np.where(finite, -np.log(after / before) / trade, whole)
    log_income = np.log(new.values.income / old.values.income)
    income = eq.log_real_income(log_income, log_cost, beta)
    markups = -s.eta * (log_income - log_price)
    return (income, *((beta * term).sum(axis=0) for term in (own, entry, market_size, technology, markups)))


AT_HOME = ("iceberg", "fixed_cost", "productivity")
"""Primitives that move sales at home."""


def _home_technology(solution: Answered) -> Array:
    """ln Â_ns − (fixed/trade)·ln f̂_nns − ln τ̂_nns [sector, country]; zero where the home market is closed."""
    if not any(moves(solution, name) for name in AT_HOME):
        return np.zeros((*shape(solution.benchmark, "productivity"), *solution.axis))
    return solution.each(partial(_made_at_home, solution.benchmark))


def _made_at_home(benchmark: Benchmark, exponents_of: Exponents, shock: Shock) -> Array:
    """As `_home_technology`, of one model and shock."""
    exponents = exponents_of.on(benchmark.sectors)
    iceberg, fixed_cost = (np.diagonal(moved(benchmark, shock, name), axis1=1, axis2=2)[:, None, :] for name in AT_HOME[:2])
    open_ = np.isfinite(iceberg) & (iceberg > 0)
    logs = {
        "iceberg": np.log(np.where(open_, iceberg, 1.0)),
        "fixed_cost": np.log(fixed_cost),
        "productivity": np.log(moved(benchmark, shock, "productivity"))[:, None, :],
    }
    return np.where(open_, log_shifter(exponents, logs), 0.0)[:, 0, :] / exponents["trade"][:, None]


def linear_terms(solution: Answered) -> tuple[Array, ...]:
    """Terms of trade, volume of trade, direct effect, and their sum [country], percent of benchmark income; NaN where scale or market > 0, or
    there are profits.

    From relative changes (hat − 1), as Caliendo and Parro (2015) print them: terms of trade
    100/I_n · Σ_s [Σ_m F_nms (p̂_ns − 1) − Σ_i F_ins (p̂_is − 1)], volume of trade 100/I_n · Σ_is t_ins F_ins (F̂_ins − p̂_is τ̂_ins),
    with F net of
    tariff and p̂ = ĉ/Â; direct 100/I_n · [Σ_s R_ns (Â_ns − 1) − Σ_is F_ins (τ̂_ins − 1) + Σ_f payments·(V̂_nf − 1) + Δtransfer].
    With export taxes, by the envelope theorem: F and p̂ in terms and direct (of imports) are those at the border, F (1 + x) and
    p̂ (1 + x')/(1 + x), tariffs are laid on F (1 + x), and volume gains Σ_ms x_nms F_nms (F̂_nms − p̂_ns), the export tax on what exports grow by.
    First-order only: in one equilibrium they can differ much from the exact change.
    """
    income, has = solution.reference.values.income, has_linear_terms(solution)
    if not has.any():
        return (np.full(income.shape, np.nan),) * 4
    old, new, p = solution.reference, solution.counterfactual, primitives(solution)
    dearer = seller_price(solution) - 1
    terms = 100 / income * (old.values.sales * dearer - old.of_sellers(dearer)).sum(axis=0)
    volume = 100 / income * _volume(solution)
    made = (old.values.sales * (p.productivity - 1)).sum(axis=0)
    lost: Array | float = 0.0
    if needs_pairs(solution):
        terms = 100 / income * _by_partner(solution)[0].sum(axis=(0, 1))
        border = old.flow * (1 + export_taxes(solution)[0])
        lost = _where_traded(border, np.where(np.isfinite(p.iceberg), p.iceberg, np.nan) - 1)
    factors = (old.by_factor(old.values.factor_income) * (p.endowment - 1)).sum(axis=0)
    direct = 100 / income * (made - lost + factors + new.values.transfer - old.values.transfer)
    return tuple(np.where(has, term, np.nan) for term in (terms, volume, direct, terms + volume + direct))


def has_linear_terms(solution: Answered) -> Array:
    """Whether neither entry nor the size of markets moves prices, and no profits move between industries, all of which the linear terms leave out; of
    every scenario [scenario].
    """
    s = solution.counterfactual.system
    moving = s.scale.any(axis=(0, 1)) | s.seller.spending.any(axis=(0, 1)) | s.buyer.feels_size
    return np.asarray(~moving & (s.profit is None))


def bilateral_terms(solution: Solution) -> xr.Dataset:
    """What `linear_terms` sums up, by partner and sector: `terms_of_trade` and `volume_of_trade` [country, partner, sector], money.

    Over the country's benchmark income they are contributions in percent, as in Tables 3 and 4 of Caliendo and Parro (2015). NaN where there
    are no linear terms.
    """
    missing = 1.0 if has_linear_terms(solution) else np.nan
    terms = {
        name: labelled(solution.benchmark, missing * money, "sector", "exporter", "importer")
        for name, money in zip(("terms_of_trade", "volume_of_trade"), _by_partner(solution), strict=True)
    }
    by_partner = xr.Dataset(terms).rename(exporter="partner", importer="country").transpose("country", "partner", "sector")
    return described(by_partner, solution.benchmark.unit)


def _by_partner(solution: Solution) -> tuple[Array, Array]:
    """Terms of trade and volume of trade in money [sector, partner, country]."""
    old, new = solution.reference, solution.counterfactual
    seller = seller_price(solution)
    arriving = seller[:, :, None] * primitives(solution).iceberg
    (rate, _), (before, after) = tariffs(solution), export_taxes(solution)
    gained = old.flow * ((1 + after) * seller[:, :, None] - (1 + before))  # of sellers by partner, at the border
    growth = np.where(old.flow > 0, new.flow / np.where(old.flow > 0, old.flow, 1.0), 0.0)
    volume = rate * (1 + before) * old.flow * np.where(old.flow > 0, growth - np.where(np.isfinite(arriving), arriving, np.nan), 0.0)
    if before.any():
        volume = volume + (before * old.flow * np.where(old.flow > 0, growth - seller[:, :, None], 0.0)).transpose(0, 2, 1)
    return gained.transpose(0, 2, 1) - gained, volume


def _volume(solution: Answered) -> Array:
    """Volume of trade in money [country]: nothing where nothing was taxed, and no cost of trade tells what is not a number."""
    rate = rates_before(solution)
    if needs_pairs(solution):
        return np.asarray(_by_partner(solution)[1].sum(axis=(0, 1)))
    if not rate.any():
        return np.zeros((rate.shape[2], *solution.axis))
    return solution.counterfactual.charged(rate) - solution.reference.charged(rate, seller_price(solution))


def _where_traded(flow: Array, change: Array) -> Array:
    """Σ flow · change of what a country buys [country], from [sector, exporter, importer]."""
    return np.asarray(np.where(flow > 0, flow * change, 0.0).sum(axis=(0, 1)))
