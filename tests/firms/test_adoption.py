"""Technology adoption and other lists of choices (chapter, section 9.2.1): worked cases, the best option by quadrature, limits, N countries."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import integrate, stats
from validation import Validate
from worked import cases, meet

from cge.errors import DataError
from cge.firms import (
    Industry,
    OpenEconomy,
    Option,
    abroad,
    adoption,
    adoption_figure,
    adoption_ordering,
    choices,
    equilibrium,
    gravity,
    gravity_table,
    log_normal,
    open_equilibrium,
    pareto,
    reallocation,
    truncated_pareto,
)
from cge.firms import entry as conditions
from cge.firms.selling import selling

Array = NDArray[np.float64]

CLOSED = Industry(log_normal(0.4), 4.0, 1.0, 0.5, 100.0)
OPEN = replace(CLOSED, countries=3, iceberg=1.3, fixed_cost=1.2)
CASES = cases("adoption")
INDUSTRIES: dict[str, tuple[Industry, float, float]] = {
    "B1": (CLOSED, 1.2, 2.0),
    "B2": (OPEN, 1.2, 5.0),
    "B3": (OPEN, 1.2, 2.5),
    "B4": (replace(OPEN, fixed_cost=3.0), 1.4, 2.2),
    "B5": (OPEN, 1.4, 1.0),
    "B6": (replace(OPEN, productivity=pareto(4.25)), 1.2, 5.0),
}
NAMES = {"B": "demand", "ME": "entrants", "M": "firms", "P": "price_index", "U": "welfare"}
ORDERS = {
    "B1": "home < adopt", "B2": "home < export < export+adopt", "B3": "home < export+adopt", "B4": "home < adopt < export+adopt",
    "B5": "adopt < export+adopt", "B6": "home < export < export+adopt",
}  # fmt: skip


def case(name: str) -> tuple[str, dict[str, list[float]]]:
    return next((title, table) for title, table in CASES.items() if title.startswith(name))


@pytest.mark.parametrize("name", INDUSTRIES)
def test_worked_cases(name: str, validate: Validate) -> None:
    title, table = case(name)
    found = adoption(*INDUSTRIES[name])
    assert found.order == ORDERS[name]
    meet(validate, title, table, found._asdict(), **NAMES)


def test_worked_boundaries(validate: Validate) -> None:
    title, table = case("B7")
    rows = adoption_ordering(OPEN, 1.2)
    meet(validate, title, table, dict(zip(table, rows["to"], strict=False)))
    assert list(rows.index) == [ORDERS["B5"], ORDERS["B4"], ORDERS["B3"], ORDERS["B2"]]
    assert list(rows["missing"]) == ["home, export", "export", "export, adopt", "adopt"]


def test_worked_naive_cutoffs(validate: Validate) -> None:
    """In the joint region a firm that compares exporting alone, and adopting given exports, finds other cutoffs than the joint one (B8)."""
    title, table = case("B8")
    g, T, F_X, f_I = 1.2**3, 2 * 1.3**-3.0, 2.4, 2.5
    found = adoption(*INDUSTRIES["B3"])
    here = {
        "x_export_alone": F_X / T,
        "x_adopt_given_export": f_I / ((g - 1) * (1 + T)),
        "x_adopt_alone": f_I / (g - 1),
        "x_joint": found.demand * found.export_cutoff**3,
    }
    meet(validate, title, table, here)
    assert here["x_adopt_given_export"] < here["x_joint"] < here["x_export_alone"]


@pytest.mark.parametrize(
    ("key", "upgrade", "cost", "f_x"), [("B9 liberalisation, Bustos", 1.2, 5.0, 1.2), ("B9 liberalisation, adopters", 1.4, 2.2, 3.0)]
)
def test_worked_liberalisation(key: str, upgrade: float, cost: float, f_x: float, validate: Validate) -> None:
    title, table = case(key)

    def row(tau: float) -> list[float]:
        e = adoption(replace(OPEN, iceberg=tau, fixed_cost=f_x), upgrade, cost)
        return [e.cutoff, e.export_cutoff, e.adoption_cutoff, e.adopters_per_firm, e.firms * e.adopters_per_firm, e.welfare]

    meet(validate, title, table, {name: row(float(name.split("=")[1])) for name in table})


def test_cheaper_trade_raises_adoption_through_exporters_only() -> None:
    """Where marginal adopters export adoption rises with openness; where they do not, demand at home falls and with it adoption."""
    for upgrade, cost, f_x, sign in ((1.2, 5.0, 1.2, 1), (1.4, 2.2, 3.0, -1)):
        shares = [adoption(replace(OPEN, iceberg=tau, fixed_cost=f_x), upgrade, cost).adopters_per_firm for tau in (1.5, 1.4, 1.3, 1.2)]
        assert (sign * np.diff(shares) > 0).all()


# --- another method ------------------------------------------------------------------------------------------------------------------------


def best_profit(industry: Industry, upgrade: float, cost: float, demand: float, phi: Array) -> Array:
    """Profit of a firm that tries everything."""
    x, gain = demand * phi ** (industry.sigma - 1), upgrade ** (industry.sigma - 1)
    T, F_X, f = industry.market_access, industry.export_outlay, industry.home_fixed_cost
    tried = [0 * x, x - f, (1 + T) * x - f - F_X, gain * x - f - cost, gain * (1 + T) * x - f - F_X - cost]
    return np.asarray(np.max(tried, axis=0))


@pytest.mark.parametrize("name", INDUSTRIES)
def test_free_entry_by_quadrature(name: str) -> None:
    """The expected maximum over all options is the entry cost."""
    industry, upgrade, cost = INDUSTRIES[name]
    found, frozen = adoption(industry, upgrade, cost), stats.lognorm(0.4) if name != "B6" else stats.pareto(4.25)
    cuts = [*found.cutoffs, *(found.cutoffs[-1] * np.array([2.0, 5.0, 50.0, 1e4]))]
    pieces = [
        integrate.quad(
            lambda phi: float(best_profit(industry, upgrade, cost, found.demand, np.array(phi)) * frozen.pdf(phi)), a, b, epsrel=1e-12
        )[0]
        for a, b in pairwise(cuts)
    ]
    rest = float(found.demand * sum(o.slope for o in found.choices.options[-1:]) * industry.productivity.moment(np.array(cuts[-1]), 3.0))
    assert_allclose(sum(pieces) + rest, industry.entry_cost, rtol=1e-9)


def test_simulated_firms() -> None:
    """A million entrants that try everything: shares and sales within four standard errors."""
    industry, upgrade, cost = INDUSTRIES["B2"]
    found = adoption(industry, upgrade, cost)
    phi = np.exp(0.4 * np.random.default_rng(0).standard_normal(1_000_000))
    profit = best_profit(industry, upgrade, cost, found.demand, phi)
    error = profit.std() / np.sqrt(len(phi))
    assert abs(profit.mean() - industry.entry_cost) < 4 * error
    produces, adopts = phi >= found.cutoff, phi >= found.adoption_cutoff
    share = adopts.sum() / produces.sum()
    assert abs(share - found.adopters_per_firm) < 4 * np.sqrt(share * (1 - share) / produces.sum())


# --- limits and orderings ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("industry", [CLOSED, OPEN, replace(OPEN, fixed_cost=0.2), replace(OPEN, productivity=truncated_pareto(3.0, 6.0))])
def test_it_becomes_melitz(industry: Industry) -> None:
    base = equilibrium(industry)
    for found in (adoption(industry, 1.2, 1e12), adoption(industry, 1 + 1e-12, 0.0)):
        for name in ("cutoff", "export_cutoff", "demand", "entrants", "firms", "exporters_per_firm", "domestic_share", "welfare"):
            assert_allclose(getattr(found, name), getattr(base, name), rtol=1e-10, err_msg=name)
    free = adoption(industry, 1.3, 0.0)  # everyone is more productive: welfare rises by as much, and free entry leaves selection as it was
    assert free.adopters_per_firm == 1
    assert_allclose(free.welfare, 1.3 * base.welfare, rtol=1e-12)
    assert_allclose(free.cutoff, base.cutoff, rtol=1e-12)


def test_pareto_in_closed_form() -> None:
    industry, upgrade, cost = INDUSTRIES["B6"]
    found, k = adoption(industry, upgrade, cost), 4.25
    x = found.demand * found.cutoffs**3
    added = np.diff([0.0, *(option.fixed_cost for option in found.choices.options)])
    assert_allclose(found.cutoff**k, 3 / (k - 3) * added @ (x / x[0]) ** (-k / 3) / 0.5, rtol=1e-12)
    assert_allclose(found.entrants, 3 * 100 / (k * 4 * 0.5), rtol=1e-12)


@pytest.mark.parametrize(
    "industry", [OPEN, CLOSED, replace(OPEN, fixed_cost=0.3), replace(OPEN, fixed_cost=0.5, iceberg=1.2), replace(OPEN, fixed_cost=4.0)]
)
@pytest.mark.parametrize("upgrade", [1.05, 1.2, 1.6])
def test_the_table_of_orderings_is_what_firms_do(industry: Industry, upgrade: float) -> None:
    """Also without selection into exporting, where steps merge: at both sides of every bound, and between."""
    table = adoption_ordering(industry, upgrade)
    assert table["from"].iloc[0] == 0
    assert table["to"].iloc[-1] == np.inf
    assert_allclose(table["from"][1:], table["to"][:-1])
    for order, low, high in zip(table.index, table["from"], table["to"], strict=True):
        for cost in (low * (1 + 1e-9) + 1e-12, min(high, 2 * low + 5) * (1 - 1e-9)):
            assert adoption(industry, upgrade, cost).order == order


def test_foreign_affiliates_and_inputs_are_the_same_envelope() -> None:
    """Helpman, Melitz and Yeaple (2004): the most productive firms produce abroad, those below export; affiliates vanish where trade is free."""
    N, T, f_A = 3, OPEN.market_access, 3.0
    affiliates = [("home", 1.0, 1.0), ("export", 1 + T, 1.0 + 2 * 1.2), ("affiliate", float(N), 1.0 + 2 * f_A)]
    found = choices(OPEN, affiliates)
    assert found.order == "home < export < affiliate"
    x = found.demand * found.cutoffs**3
    assert_allclose(x, [1.0, 2.4 / T, 2 * (f_A - 1.2) / (N - 1 - T)], rtol=1e-12)
    assert_allclose(found.firm_share.sum(), 1, rtol=1e-12)
    assert_allclose(found.sales_share.sum(), 1, rtol=1e-12)
    spent = found.outlay + OPEN.entry_cost
    assert_allclose(found.entrants * 4 * spent, OPEN.labour, rtol=1e-12)
    assert choices(OPEN, [*affiliates[:1], ("export", 3.0, 3.4), affiliates[2]]).order == "home < export"
    # importing inputs lowers unit costs by 1/1.2, for a fixed cost: adoption under another name
    inputs = choices(CLOSED, [Option("home", 1.0, 1.0), Option("import", 1.2**3, 1.0 + 2.0)])
    assert_allclose(inputs.welfare, adoption(CLOSED, 1.2, 2.0).welfare, rtol=1e-14)
    base = choices(OPEN, affiliates[:2])
    assert_allclose(base.welfare, equilibrium(OPEN).welfare, rtol=1e-14)


def test_reallocation_by_what_firms_do() -> None:
    before, after = (adoption(i, 1.2, 5.0).choices for i in (replace(OPEN, iceberg=1.6), OPEN))
    groups = reallocation(before, after)
    assert list(groups.index) == ["exit", "domestic", "new exporter", "home → export+adopt", "export+adopt → export+adopt"]
    for suffix, found in (("before", before), ("after", after)):
        assert_allclose(groups[f"firms_{suffix}"].sum(), found.firms, rtol=1e-12)
        assert_allclose(groups[f"sales_{suffix}"].sum(), OPEN.labour, rtol=1e-12)
        assert_allclose(groups[f"labour_{suffix}"].sum() + found.entrants * OPEN.entry_cost, OPEN.labour, rtol=1e-12)


# --- countries that differ -----------------------------------------------------------------------------------------------------------------


def matrices(n: int, home: float, abroad: float) -> Array:
    return np.where(np.eye(n, dtype=bool), home, abroad)


@pytest.mark.parametrize("name", ["B2", "B3", "B4", "B5", "B6"])
def test_countries_alike_are_a_special_case(name: str) -> None:
    industry, upgrade, cost = INDUSTRIES[name]
    same = adoption(industry, upgrade, cost)
    economy = OpenEconomy(industry.productivity, 4.0, [100.0] * 3, 0.5, matrices(3, 1.0, industry.fixed_cost), matrices(3, 1.0, 1.3), upgrade=upgrade,
                          upgrade_cost=cost)  # fmt: skip
    found = open_equilibrium(economy)
    assert_allclose(found.cutoff, matrices(3, same.cutoff, same.export_cutoff), rtol=1e-10)
    assert_allclose(found.upgrade_cutoff, same.adoption_cutoff, rtol=1e-10)
    assert_allclose(found.demand, same.demand, rtol=1e-10)
    assert_allclose(found.entrants, same.entrants, rtol=1e-10)
    assert_allclose(np.diagonal(found.trade_share), same.domestic_share, rtol=1e-10)
    assert_allclose(found.welfare, same.welfare, rtol=1e-10)


def unlike(n: int, seed: int, beta: float, upgrade: float = 1.3) -> OpenEconomy:
    rng, home = np.random.default_rng(seed), np.eye(n, dtype=bool)
    fixed, iceberg = rng.uniform(0.3, 2.0, (n, n)), rng.uniform(1.05, 1.8, (n, n))
    firms = [log_normal(rng.uniform(0.3, 0.5), rng.uniform(-0.1, 0.1)) for _ in range(n)]
    entry, fixed, iceberg = rng.uniform(0.4, 0.6, n), np.where(home, 1, fixed), np.where(home, 1, iceberg)
    labour, cost = 100 * rng.lognormal(0, 0.4, n), rng.uniform(0.2, 6.0, n)
    return OpenEconomy(firms, 4.0, labour, entry, fixed, iceberg, beta, upgrade=upgrade, upgrade_cost=cost)


def test_a_firm_of_any_country_takes_the_best_of_everything() -> None:
    """All sets of markets, with and without the better technology, tried one by one: sales, outlay and cutoffs by sums over productivities."""
    e, demand, wage = unlike(4, 3, 0.4), np.array([0.3, 0.25, 0.35, 0.2]), np.array([1.0, 1.1, 0.9, 1.2])
    sold = selling(e, demand, wage)
    gain = 1.3**3
    sets = [np.array([bool(k >> n & 1) for n in range(4)]) for k in range(16)]
    for i in range(4):
        for phi in np.linspace(0.5, 4.0, 80):
            variable = demand * (e.iceberg[:, i] * wage[i]) ** -3.0 * phi**3
            fixed = wage[i] * e.fixed_cost[:, i]
            tried = [
                (g * variable[s] - fixed[s]).sum() - wage[i] * c for s in sets if s[i] for g, c in ((1.0, 0.0), (gain, e.upgrade_cost[i]))
            ]
            adopts = phi >= sold.upgrade_cutoff[i]
            serves = phi >= sold.cutoff[:, i]
            earned = ((gain if adopts else 1.0) * variable[serves] - fixed[serves]).sum() - wage[i] * e.upgrade_cost[i] * adopts
            assert earned == pytest.approx(max(0.0, *tried), abs=1e-12)


@pytest.mark.parametrize("beta", [0.4, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_equations_and_slopes_in_random_countries(beta: float, seed: int) -> None:
    e = unlike(5, seed, beta)
    found = open_equilibrium(e)
    assert_allclose(found.trade_share.sum(axis=1), 1, rtol=1e-9)
    assert_allclose(found.sector_labour + found.outside_labour, e.labour, rtol=1e-9)
    table = gravity_table(e, found)  # its four parts are the flow, the better technology included
    parts = table[["importer", "exporter", "cost", "selection"]].sum(axis=1)
    assert_allclose(np.exp(parts[table["flow"] > 0]), table["flow"][table["flow"] > 0], rtol=1e-9)
    rng = np.random.default_rng(seed)
    start = np.concatenate([np.log(found.demand) + rng.uniform(-0.1, 0.1, 5), rng.uniform(0.2, 0.6, 5), rng.uniform(0.01, 0.1, 5)])

    def residual(z: Array) -> Array:
        return conditions.system(e, conditions.at(e, z[:5], z[5:10], z[10:]), slopes=False)[0]

    step = 1e-6
    numeric = np.column_stack([(residual(start + step * unit) - residual(start - step * unit)) / (2 * step) for unit in np.eye(15)])
    _, exact = conditions.system(e, conditions.at(e, start[:5], start[5:10], start[10:]))
    assert_allclose(exact, numeric, atol=1e-6)


# --- input and figure ----------------------------------------------------------------------------------------------------------------------


def test_faults_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        adoption(OPEN, 1.0, -1.0)
    assert [word in fault for word, fault in zip(("upgrade = 1,", "upgrade_cost = -1"), raised.value.faults, strict=True)] == [True, True]
    with pytest.raises(DataError, match="upgrade = nan"):
        adoption_ordering(OPEN, float("nan"))
    with pytest.raises(DataError) as raised:
        choices(OPEN, [("a", 1.0, 1.0), ("a", 0.0, 2.0), ("b", 1.0, -1.0)])
    assert len(raised.value.faults) == 3
    with pytest.raises(DataError, match="empty"):
        choices(OPEN, [])
    known = OpenEconomy(log_normal(0.4), 4.0, [100, 80], 0.5, matrices(2, 1, 1.2), matrices(2, 1, 1.3), upgrade=1.2, upgrade_cost=3.0)
    with pytest.raises(DataError, match="one technology"):
        gravity(known, open_equilibrium(known))
    with pytest.raises(DataError, match="one technology"):
        abroad(known)
    with pytest.raises(DataError) as raised:
        OpenEconomy(log_normal(0.4), 4.0, [100, 80], 0.5, matrices(2, 1, 1.2), matrices(2, 1, 1.3), upgrade=0.9, upgrade_cost=[1.0, -1.0])
    assert [
        word in fault for word, fault in zip(("upgrade = 0.9", "upgrade_cost = -1 at country=2"), raised.value.faults, strict=True)
    ] == [True] * 2


def test_figure_shows_the_best_of_the_lines() -> None:
    ax = adoption_figure(adoption(*INDUSTRIES["B2"]))
    *lines, best = [line for line in ax.lines if line.get_label() in ("home", "export", "export+adopt", "best")]
    assert [line.get_label() for line in lines] == ["home", "export", "export+adopt"]
    assert_allclose(best.get_ydata(), np.maximum(0, np.max([line.get_ydata() for line in lines], axis=0)))
