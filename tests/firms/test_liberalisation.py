"""Symmetric countries and the closed economy from primitives: worked cases, closed forms, section 5.6, and Melitz against its Krugman twins."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from numpy.testing import assert_allclose
from scipy import stats
from validation import Validate
from worked import SOURCE, compare

import cge
from cge.errors import DataError
from cge.firms import (  # fmt: skip
    Equilibrium,
    Industry,
    Productivity,
    equilibrium,
    firm,
    from_scipy,
    liberalisation,
    liberalisation_figure,
    log_normal,
    pareto,
    truncated_pareto,
)
from cge.firms.liberalisation import COLUMNS
from cge.firms.productivity import J, tail_moment

SIGMA, F, F_E, LABOUR = 4.0, 1.0, 0.5, 100.0
PARETO, LOG_NORMAL, TRUNCATED = pareto(4.25), log_normal(0.4), truncated_pareto(4.25, 5.0)
K = 4.25
TAUS = [1.2, 1.4, 1.6, 1.8, 2.2]


def closed(g: Productivity) -> Industry:
    return Industry(g, SIGMA, F, F_E, LABOUR)


def open_(g: Productivity, **changes: Any) -> Industry:
    return Industry(**{"productivity": g, "sigma": SIGMA, "home_fixed_cost": F, "entry_cost": F_E, "labour": LABOUR, "countries": 3,
                       "iceberg": 1.6, "fixed_cost": 1.2} | changes)  # fmt: skip


# --- the closed economy (worked case 1) ----------------------------------------------------------------------------------------------------

CLOSED = {
    "cutoff": (1.446412132, 1.342534397, 1.244441126),
    "survival": (0.2083333333, 0.285202862, 0.2922868149),
    "demand": (0.3304637543, 0.413260346, 0.5188919521),
    "mean_productivity": (2.174962107, 1.881632273, 1.735130283),
    "average_profit": (2.4, 1.753138088, 1.710648495),
    "average_revenue": (13.6, 11.01255235, 10.84259398),
    "firms": (7.352941176, 9.080547072, 9.222885243),
    "entrants": (35.29411765, 31.83890586, 31.55422951),
    "price_index": (0.3152584078, 0.3396513241, 0.3664243944),
}
QUANTITY = (317.2001048, 294.4195794, 272.9075944)
FIRM = {  # of productivity 2
    "price": (0.6666666667,) * 3,
    "output": (15.86226021, 19.83649661, 24.9068137),
    "revenue": (10.57484014, 13.22433107, 16.60454247),
    "profit": (1.643710034, 2.306082768, 3.151135617),
    "labour": (8.931130103, 10.9182483, 13.45340685),
}
DISTRIBUTIONS = {
    "Pareto k = 4.25 on [1, ∞)": PARETO,
    "truncated Pareto k = 4.25 on [1, 5)": TRUNCATED,
    "log-normal μ = 0, s = 0.4": LOG_NORMAL,
}
SCIPY = {
    "Pareto": (PARETO, from_scipy(stats.pareto(4.25))),
    "truncated Pareto": (TRUNCATED, from_scipy(stats.truncpareto(4.25, 5.0))),
    "log-normal": (LOG_NORMAL, from_scipy(stats.lognorm(0.4))),
}


def test_closed_economy(validate: Validate) -> None:
    """Worked case 1."""
    industries = [closed(g) for g in DISTRIBUTIONS.values()]
    found = [equilibrium(industry) for industry in industries]
    firms = [firm(industry, e, 2.0) for industry, e in zip(industries, found, strict=True)]
    of_firm = "{} of the firm with φ = 2".format
    compare(
        validate, "Case 1. Closed economy, σ = 4, f = 1, f_E = 0.5, L = 100", list(DISTRIBUTIONS),
        CLOSED | {"quantity Q": QUANTITY} | {of_firm(name): values for name, values in FIRM.items()},
        {name: [getattr(e, name) for e in found] for name in CLOSED}
        | {"quantity Q": [LABOUR / e.price_index for e in found]}
        | {of_firm(name): [getattr(one, name) for one in firms] for name in FIRM},
    )  # fmt: skip


@pytest.mark.parametrize("forms", SCIPY.values(), ids=SCIPY)
def test_closed_economy_by_quadrature(forms: tuple[Productivity, Productivity]) -> None:
    """Of a scipy distribution, whose integrals are computed, the same as in closed form."""
    by_form = [equilibrium(closed(g)) for g in forms]
    assert_allclose(by_form[1], by_form[0], rtol=1e-11)
    assert_allclose(*(firm(closed(g), e, 2.0) for g, e in zip(forms, by_form, strict=True)), rtol=1e-11)
    for found in by_form:
        assert (found.domestic_share, found.exporters_per_firm, found.export_cutoff) == (1, 0, np.inf)
        assert found.varieties == found.firms
        assert np.isnan(found.trade_elasticity)


def test_the_chapters_formulas_for_the_closed_economy() -> None:
    """Section 4: M φ̃-firms reproduce Q and P; the firm of average productivity earns the averages; nothing but masses depends on L."""
    for g in (PARETO, TRUNCATED, LOG_NORMAL):
        found = equilibrium(closed(g))
        typical = firm(closed(g), found, found.mean_productivity)
        assert_allclose(typical.revenue, found.average_revenue, rtol=1e-12)
        assert_allclose(typical.profit, found.average_profit, rtol=1e-12)
        assert_allclose(
            found.firms * typical.output ** ((SIGMA - 1) / SIGMA), (LABOUR / found.price_index) ** ((SIGMA - 1) / SIGMA), rtol=1e-12
        )
        assert_allclose(found.price_index, found.firms ** (1 / (1 - SIGMA)) * typical.price, rtol=1e-12)
        large = equilibrium(replace(closed(g), labour=2 * LABOUR))
        assert_allclose([large.firms, large.entrants], [2 * found.firms, 2 * found.entrants], rtol=1e-12)
        assert large[:5] == found[:5]
        assert_allclose(large.welfare / found.welfare, 2 ** (1 / (SIGMA - 1)), rtol=1e-12)


def test_truncated_pareto_tends_to_pareto(validate: Validate) -> None:
    """Worked case 1: the relative error of the cutoff, about as H^−(k−σ+1)."""

    def error(upper: float) -> float:
        return equilibrium(closed(truncated_pareto(K, upper))).cutoff / equilibrium(closed(PARETO)).cutoff - 1

    printed = {10.0: "-3.0e-2", 100.0: "-1.7e-3", 1e4: "-5.3e-6", 1e6: "-1.7e-8"}
    cells = {upper: (f"H = {upper:g}", "relative error of the cutoff φ*") for upper in printed}
    validate(
        SOURCE, "Case 1. Closed economy: Pareto truncated at H",
        {cells[upper]: float(text) for upper, text in printed.items()},
        {cells[upper]: error(upper) for upper in printed},
        {cells[upper]: 0.05 * 10.0 ** int(text[-2:]) for upper, text in printed.items()},
    )  # fmt: skip
    for upper in printed:
        assert_allclose(error(10 * upper) / error(upper), 10 ** -(K - SIGMA + 1), rtol=0.05)


# --- N countries alike (worked case 4) -----------------------------------------------------------------------------------------------------

AUTARKY = {  # Pareto, log-normal
    "cutoff": (1.446412132, 1.244441126),
    "demand": (0.3304637543, 0.5188919521),
    "firms": (7.352941176, 9.222885243),
    "welfare": (3.172001048, 2.729075944),
}
AT_START = {  # at τ0
    "survival": (0.1664676848, 0.2739927623),
    "exporters_per_firm": (0.1047892282, 0.09834076348),
    "mean_productivity": (2.292852534, 1.758709346),
    "mean_exporter_productivity": (3.89843103, 2.610764897),
    "trade_elasticity": (4.25, 5.989990206),
    "trade elasticity of the twin": (3.0, 3.0),
}
OPEN = {
    "Pareto": {
        "cutoff": [1.672565609, 1.576918036, 1.524812645, 1.4955173, 1.467995719],
        "export_cutoff": [2.132839413, 2.34601565, 2.592568358, 2.860603693, 3.431952106],
        "demand": [0.213722631, 0.2550190586, 0.2820658738, 0.2989686679, 0.3161008278],
        "exporter_demand": [0.4610867873, 0.4408930081, 0.4197933513, 0.4014956459, 0.3754736354],
        "average_revenue": [25.21599516, 19.63298946, 17.02032041, 15.67333067, 14.48365009],
        "firms": [3.965736801, 5.093467819, 5.875330052, 6.380264803, 6.904336918],
        "entrants": [35.29411765] * 5,
        "varieties": [6.788407114, 6.976362284, 7.106672656, 7.190828448, 7.2781738],
        "exporters_per_firm": [0.3558822047, 0.1848342359, 0.1047892282, 0.06352116015, 0.02707261297],
        "domestic_share": [0.539340205, 0.6927116234, 0.7990448871, 0.8677160132, 0.9389898208],
        "welfare": [3.667958632, 3.458202233, 3.343934416, 3.279689334, 3.219334141],
        "twin_welfare": [3.626363082, 3.450844134, 3.343934416, 3.275883197, 3.199998496],
        "twin_domestic_share": [0.6265137056, 0.7270568977, 0.7990448871, 0.8498831229, 0.9117905942],
        "twin_firms": [5.875330052] * 5,
        "closed_twin_welfare": [3.430265103, 3.186181325, 3.172001048, 3.172001048, 3.172001048],
        "closed_twin_exports": [True, True, False, False, False],
    },
    "log-normal": {
        "cutoff": [1.37355624, 1.30430847, 1.271646607, 1.256759598, 1.247063289],
        "export_cutoff": [1.751545571, 1.940448401, 2.162121863, 2.403911442, 2.91544548],
        "demand": [0.3858874559, 0.4506704231, 0.486295991, 0.503782837, 0.5156256525],
        "exporter_demand": [0.8325164557, 0.7791474079, 0.7237452053, 0.6765478702, 0.6124749486],
        "average_revenue": [16.97586416, 13.74312523, 12.24353422, 11.52407346, 11.00858336],
        "firms": [5.890716317, 7.276365335, 8.167576307, 8.677487204, 9.083820938],
        "entrants": [27.56007037, 28.72777581, 29.80946007, 30.56701363, 31.27159607],
        "varieties": [10.33175673, 10.0761543, 9.773987687, 9.54332552, 9.317471795],
        "exporters_per_firm": [0.3769524941, 0.1923892521, 0.09834076348, 0.04988992178, 0.0128608247],
        "domestic_share": [0.5749010678, 0.7489617169, 0.8642434481, 0.9303833779, 0.982553501],
        "welfare": [3.012227108, 2.860365826, 2.788737927, 2.756090519, 2.734826384],
        "twin_welfare": [2.95193701, 2.849579349, 2.788737927, 2.750655592, 2.708817336],
        "twin_domestic_share": [0.7286818419, 0.8100595402, 0.8642434481, 0.9006386021, 0.9430181358],
        "twin_firms": [8.167576307] * 5,
        "closed_twin_welfare": [2.854469502, 2.729075944, 2.729075944, 2.729075944, 2.729075944],
        "closed_twin_exports": [True, False, False, False, False],
    },
}
OPENED = {"Pareto": PARETO, "log-normal": LOG_NORMAL}
BOTH = pytest.mark.parametrize("name", OPENED)


@BOTH
def test_grid_of_iceberg_costs(name: str, validate: Validate) -> None:
    """Worked case 4: Melitz, its twin frozen at τ = 1.6, and the closed economy's twin."""
    table = liberalisation(open_(OPENED[name]), TAUS)
    assert list(table.index) == TAUS
    assert table.index.name == "iceberg"
    assert list(table.columns) == list(COLUMNS)
    place = f"Case 4. Countries alike, {name}, by τ (N = 3, σ = 4, f = 1, f_X = 1.2, f_E = 0.5, L = 100)"
    compare(validate, place, [f"τ = {tau}" for tau in TAUS], OPEN[name], {column: table[column] for column in OPEN[name]})
    assert_allclose(table["welfare_ratio"], table["welfare"] / table["welfare"][1.6], rtol=1e-14)
    assert_allclose(table["twin_welfare_ratio"], table["twin_welfare"] / table["welfare"][1.6], rtol=1e-14)
    assert_allclose(
        table["gains_pct"], 100 * (1 - AUTARKY["welfare"][list(OPENED).index(name)] / np.array(OPEN[name]["welfare"])), rtol=1e-7
    )
    assert (table["frozen_at"] == 1.6).all()


def test_the_starting_point_and_autarky(validate: Validate) -> None:
    """Worked case 4: autarky, and τ = 1.6, where the twin is frozen."""
    alone, start = ([equilibrium(make(g)) for g in OPENED.values()] for make in (closed, open_))
    tables = [liberalisation(open_(g), [1.6]) for g in OPENED.values()]
    compare(
        validate, "Case 4. Countries alike: autarky", list(OPENED), AUTARKY, {name: [getattr(e, name) for e in alone] for name in AUTARKY}
    )
    compare(
        validate, "Case 4. Countries alike: the twin frozen at τ = 1.6, local elasticities", list(OPENED), AT_START,
        {name: [getattr(e, name) for e in start] for name in list(AT_START)[:-1]}
        | {"trade elasticity of the twin": [table["twin_trade_elasticity"].iloc[0] for table in tables]},
    )  # fmt: skip


MORE = {  # at τ = 1.6
    "Pareto": {
        "cutoff": (1.524812645, 1.559553559, 1.530468999),
        "export_cutoff": (2.592568358, 2.651636726, 2.448750399),
        "demand": (0.2820658738, 0.2636326028, 0.2789500149),
        "exporter_demand": (0.4197933513, 0.4567228881, 0.4151560768),
        "firms": (5.875330052, 5.3388913, 5.783597304),
        "varieties": (7.106672656, 7.017266197, 7.352941176),
        "welfare": (3.343934416, 3.420121703, 3.356338876),
    },
    "log-normal": {
        "cutoff": (1.271646607, 1.283592454, 1.278021485),
        "export_cutoff": (2.162121863, 2.182432832, 2.044834376),
        "demand": (0.486295991, 0.4728447099, 0.4790551745),
        "exporter_demand": (0.7237452053, 0.8191665188, 0.7129688339),
        "firms": (8.167576307, 7.756928288, 7.997069187),
        "varieties": (9.773987687, 9.987546751, 10.18208646),
        "welfare": (2.788737927, 2.814935327, 2.802718119),
    },
}


@BOTH
def test_more_countries_and_lower_fixed_costs(name: str, validate: Validate) -> None:
    """Worked case 4, second tables."""
    changes: dict[str, dict[str, Any]] = {"N = 3, f_X = 1.2": {}, "N = 4": {"countries": 4}, "f_X = 1.0": {"fixed_cost": 1.0}}
    found = [equilibrium(open_(OPENED[name], **change)) for change in changes.values()]
    place = f"Case 4. Countries alike, {name}, more of them or lower f_X, τ = 1.6"
    compare(validate, place, list(changes), MORE[name], {row: [getattr(e, row) for e in found] for row in MORE[name]})


def test_countries_alike_under_any_scipy_distribution() -> None:
    found, same = equilibrium(open_(from_scipy(stats.lognorm(0.4)))), equilibrium(open_(LOG_NORMAL))
    assert_allclose(found, same, rtol=1e-11)


# --- the chapter's equations ---------------------------------------------------------------------------------------------------------------

INDUSTRIES = {
    "Pareto": open_(PARETO),
    "log-normal": open_(LOG_NORMAL, countries=5),
    "truncated": open_(TRUNCATED),
    "cheap exporting": open_(LOG_NORMAL, fixed_cost=0.4, iceberg=1.5),
    "all export": open_(LOG_NORMAL, fixed_cost=0.1, iceberg=1.3),
    "all export for free": open_(PARETO, fixed_cost=0.0, iceberg=1.0),
    "none exports": open_(truncated_pareto(4.25, 2.0), iceberg=2.2),
    "all produce": open_(pareto(9.0), entry_cost=5.0, fixed_cost=2.0),
    "all produce and export": open_(pareto(9.0), entry_cost=5.0, fixed_cost=0.2, iceberg=1.1),
}


@pytest.mark.parametrize("industry", INDUSTRIES.values(), ids=INDUSTRIES)
def test_equations_of_the_symmetric_economy(industry: Industry) -> None:
    found = equilibrium(industry)
    n, power, g = industry.countries - 1, industry.sigma - 1, industry.productivity
    t, f, f_x = industry.iceberg**-power, industry.home_fixed_cost, industry.fixed_cost
    sold, exported = tail_moment(g, industry.sigma, [found.cutoff, found.export_cutoff])
    exporters = found.entrants * found.survival * found.exporters_per_firm
    if f_x > t * f:
        assert_allclose(found.demand * found.cutoff**power, f, rtol=1e-12)  # (14)
        assert_allclose(found.demand * t * found.export_cutoff**power, f_x, rtol=1e-12)  # (15)
        j, j_x = J(g, industry.sigma, [found.cutoff, found.export_cutoff])
        assert_allclose(f * j + f_x * n * j_x, industry.entry_cost, rtol=1e-12)  # (16)
        assert_allclose(found.price_index, 4 / 3 * (f * 4 / LABOUR) ** (1 / 3) / found.cutoff, rtol=1e-12)  # (12)
    else:
        assert found.export_cutoff == found.cutoff
        assert found.demand * t * found.cutoff**power >= f_x  # the marginal producer gains by exporting
        assert_allclose(found.exporter_demand * found.cutoff**power, f + n * f_x, rtol=1e-12)
    assert_allclose(LABOUR / (industry.sigma * found.demand), found.entrants * (sold + n * t * exported), rtol=1e-12)  # (11)
    markup = industry.sigma / power
    assert_allclose(found.price_index**-power, markup**-power * found.entrants * (sold + n * t * exported), rtol=1e-12)  # (9)
    assert_allclose(found.firms * found.average_revenue, LABOUR, rtol=1e-12)  # labour earns all revenue
    assert_allclose(found.varieties, found.firms + n * exporters, rtol=1e-12)
    fixed = f + f_x * n * found.exporters_per_firm
    assert_allclose(found.average_revenue, industry.sigma * (found.average_profit + fixed), rtol=1e-12)
    labour = found.entrants * (industry.entry_cost + power * found.demand * (sold + n * t * exported)) + found.firms * fixed
    assert_allclose(labour, LABOUR, rtol=1e-12)


@pytest.mark.parametrize("industry", INDUSTRIES.values(), ids=INDUSTRIES)
def test_firms_add_up(industry: Industry) -> None:
    """Revenue, profit and labour of single firms, averaged over the distribution, are the averages; no integral of the package is used."""
    found, g = equilibrium(industry), industry.productivity
    rank = (np.arange(400_000) + 0.5) / 400_000
    if g.upper < np.inf:
        phi = stats.truncpareto(K, g.upper).isf(rank)
    else:
        phi = stats.lognorm(0.4).isf(rank) if g.tail_index == np.inf else rank ** (-1 / g.tail_index)
    each = firm(industry, found, phi)
    tolerance = 0.3 if g.tail_index == K else 1e-3  # a Pareto close to k = σ − 1 hides much of its mean in its last firms
    assert_allclose(each.revenue.mean(), found.average_revenue * found.survival, rtol=tolerance)
    assert_allclose(each.profit.mean(), industry.entry_cost, rtol=tolerance)
    assert_allclose(each.labour, each.revenue - each.profit, rtol=1e-12)
    assert_allclose(each.output[phi < found.cutoff], 0.0)
    assert (each.profit >= -1e-12).all()


def test_where_everybody_produces() -> None:
    """The cutoff lies below the support: the marginal firm does not exist, and every entrant sells."""
    found = equilibrium(INDUSTRIES["all produce"])
    assert found.cutoff < 1
    assert found.survival == 1
    assert found.firms == found.entrants
    assert 0 < found.exporters_per_firm < 1


def test_where_nobody_exports() -> None:
    """Zeros in trade (section 6.3): the export cutoff lies above the most productive firm, and the equilibrium is that of autarky."""
    industry = INDUSTRIES["none exports"]
    found, alone = equilibrium(industry), equilibrium(replace(industry, countries=1))
    assert found.export_cutoff > 2.0
    assert (found.domestic_share, found.exporters_per_firm) == (1, 0)
    assert_allclose(found.cutoff, alone.cutoff, rtol=1e-14)
    assert_allclose(found.welfare, alone.welfare, rtol=1e-14)
    assert np.isnan(found.trade_elasticity)
    table = liberalisation(industry, [1.0, 2.2])
    assert np.isnan(table["twin_trade_elasticity"]).all()
    assert (table["twin_welfare_ratio"] == 1).all()
    assert table["welfare_ratio"][1.0] > 1


def test_the_two_regimes_meet() -> None:
    """Where τ^(σ−1) f_X = f the joint decision and the two separate ones are the same."""
    above, below = (equilibrium(open_(LOG_NORMAL, iceberg=1.25, fixed_cost=1.25**-3 * factor)) for factor in (1 + 1e-12, 1 - 1e-12))
    assert_allclose(above[:-1], below[:-1], rtol=1e-11)  # the trade elasticity jumps, for the margin of exporters vanishes


def test_costless_trade_is_a_larger_economy() -> None:
    """Section 5: opening to costless trade is an increase of L, which changes nothing in a firm."""
    for g in (PARETO, LOG_NORMAL):
        world, alone = equilibrium(open_(g, iceberg=1.0, fixed_cost=0.0)), equilibrium(replace(closed(g), labour=3 * LABOUR))
        assert_allclose(world.cutoff, alone.cutoff, rtol=1e-14)
        assert_allclose(world.varieties, alone.firms, rtol=1e-12)
        assert_allclose(world.price_index * 3 ** (1 / 3), equilibrium(closed(g)).price_index, rtol=1e-12)
        assert_allclose(world.average_revenue, alone.average_revenue, rtol=1e-12)
        assert_allclose(world.domestic_share, 1 / 3, rtol=1e-12)


@pytest.mark.parametrize("lower", [1.0, 0.3])
@pytest.mark.parametrize(("N", "tau", "f_x"), [(1, 1.4, 1.2), (2, 1.4, 1.2), (3, 1.8, 0.7), (6, 1.0, 1.0)])
def test_closed_forms_under_pareto(N: int, tau: float, f_x: float, lower: float) -> None:
    """Section 6.1, (20), (22), and welfare from the domestic share, U/U_A = λ^(−1/k) (section 6.3)."""
    k = 5.0
    found = equilibrium(open_(pareto(k, lower), countries=N, iceberg=tau, fixed_cost=f_x))
    spent = F + (N - 1) * tau**-k * (f_x / F) ** (-k / (SIGMA - 1)) * f_x
    assert_allclose(found.cutoff, ((SIGMA - 1) / (k - SIGMA + 1) * spent / F_E) ** (1 / k) * lower, rtol=1e-12)
    assert_allclose(found.entrants, (SIGMA - 1) * LABOUR / (k * SIGMA * F_E), rtol=1e-12)
    exporters = found.firms * found.exporters_per_firm
    average = SIGMA * k / (k - SIGMA + 1)
    assert_allclose(found.firms * average * F + (N - 1) * exporters * average * f_x, LABOUR, rtol=1e-12)
    assert_allclose(found.domestic_share, F / spent, rtol=1e-12)
    alone = equilibrium(replace(closed(pareto(k, lower)), labour=LABOUR))
    assert_allclose(found.welfare / alone.welfare, found.domestic_share ** (-1 / k), rtol=1e-12)


# --- section 5.6 ---------------------------------------------------------------------------------------------------------------------------

SELECTED = {name: industry for name, industry in INDUSTRIES.items() if name in ("Pareto", "log-normal", "truncated", "cheap exporting")}
SELECTION = pytest.mark.parametrize("industry", SELECTED.values(), ids=SELECTED)


@SELECTION
def test_opening_to_trade(industry: Industry) -> None:
    """From autarky: B < B_A < B(1 + (N−1)τ^(1−σ)), the least productive exit, those in between contract, exporters expand, averages rise."""
    alone, found = equilibrium(replace(industry, countries=1)), equilibrium(industry)
    assert found.export_cutoff > found.cutoff > alone.cutoff
    assert found.demand < alone.demand < found.exporter_demand
    assert found.mean_productivity > alone.mean_productivity
    assert found.average_profit > alone.average_profit
    assert found.average_revenue > alone.average_revenue
    assert found.firms < alone.firms
    assert found.welfare > alone.welfare
    phi = np.linspace(1.0, min(6.0, industry.productivity.upper), 4000)
    before, after = firm(replace(industry, countries=1), alone, phi), firm(industry, found, phi)
    exit_, stay = (alone.cutoff <= phi) & (phi < found.cutoff), (found.cutoff <= phi) & (phi < found.export_cutoff)
    export = phi >= found.export_cutoff
    assert exit_.any()
    assert (after.revenue[exit_] == 0).all()
    assert (after.revenue[stay] < before.revenue[stay]).all()
    assert (after.revenue[export] > before.revenue[export]).all()
    # the least productive exporters sell more and earn less (footnote 17), the most productive earn more
    assert after.profit[export][0] < before.profit[export][0]
    far = firm(industry, found, 1e3).profit - firm(replace(industry, countries=1), alone, 1e3).profit
    assert far > 0


LIBERALISED: list[dict[str, Any]] = [{"countries": 6}, {"iceberg": 1.35}, {"fixed_cost": 0.3}]


@SELECTION
@pytest.mark.parametrize("change", LIBERALISED, ids=["more countries", "lower τ", "lower f_X"])
def test_further_liberalisation(industry: Industry, change: dict[str, Any]) -> None:
    """The cutoff and welfare rise, B falls, producers exit; sales move to continuing exporters, except when f_X falls."""
    freer = replace(industry, **change)
    old, new = equilibrium(industry), equilibrium(freer)
    assert new.cutoff > old.cutoff
    assert new.welfare > old.welfare
    assert new.demand < old.demand
    assert new.firms < old.firms
    assert new.average_profit > old.average_profit
    assert new.average_revenue > old.average_revenue
    if "fixed_cost" in change:
        assert new.exporter_demand < old.exporter_demand
        assert new.exporters_per_firm > old.exporters_per_firm
    else:
        assert new.exporter_demand > old.exporter_demand


@SELECTION
def test_the_cutoffs_move_in_opposite_directions_with_the_iceberg_cost(industry: Industry) -> None:
    """τ is not in (16) (section 5.5)."""
    low, high = equilibrium(industry), equilibrium(replace(industry, iceberg=industry.iceberg * 1.1))
    assert high.cutoff < low.cutoff
    assert high.export_cutoff > low.export_cutoff


def test_varieties_may_go_either_way() -> None:
    """Under Pareto they fall if f_X > f (footnote 31), and stay if f_X = f; under log-normal they rise here."""
    alone = equilibrium(closed(PARETO)).varieties
    assert equilibrium(open_(PARETO)).varieties < alone
    assert_allclose(equilibrium(open_(PARETO, fixed_cost=F)).varieties, alone, rtol=1e-12)
    assert equilibrium(open_(PARETO, fixed_cost=0.5)).varieties > alone
    assert equilibrium(open_(LOG_NORMAL)).varieties > equilibrium(closed(LOG_NORMAL)).varieties


def test_size_only_scales_masses() -> None:
    """Firms do not depend on L; entrants and producers are proportional to it, in the open economy too (one sector, section 5.6)."""
    small, large = equilibrium(open_(LOG_NORMAL)), equilibrium(open_(LOG_NORMAL, labour=7 * LABOUR))
    assert large[:10] == small[:10]
    assert_allclose(
        [large.entrants, large.firms, large.varieties], 7 * np.array([small.entrants, small.firms, small.varieties]), rtol=1e-12
    )


# --- Melitz and its twins: four properties -------------------------------------------------------------------------------------------------

STEP = 1e-4


def elasticity(table: Any, column: str) -> float:
    """−d ln[(1−λ)/λ]/d ln τ by central differences over a table of τ0·e^∓step."""
    odds = np.log(1 / table[column] - 1).to_numpy()
    return float(-(odds[-1] - odds[0]) / (2 * STEP))


def around(industry: Industry) -> Any:
    return liberalisation(industry, [industry.iceberg * np.exp(x) for x in (-STEP, 0.0, STEP)])


MARGINAL = {name: industry for name, industry in INDUSTRIES.items() if name not in ("none exports", "all export for free")}


@pytest.mark.parametrize("industry", MARGINAL.values(), ids=MARGINAL)
def test_melitz_and_its_twin_coincide_where_it_is_frozen(industry: Industry) -> None:
    """(i): shares, masses, demand and welfare are equal, and so is the effect of a small change, d ln U = −(1−λ) d ln τ."""
    table = around(industry)
    start = table.iloc[1]
    for column in ("welfare", "welfare_ratio", "domestic_share", "demand", "entrants", "firms"):
        assert_allclose(start[f"twin_{column}"], start[column], rtol=1e-12, err_msg=column)
    for column in ("welfare", "twin_welfare"):
        slope = np.log(table[column].iloc[2] / table[column].iloc[0]) / (2 * STEP)
        assert_allclose(slope, -(1 - start["domestic_share"]), rtol=1e-6, err_msg=column)


@pytest.mark.parametrize("industry", MARGINAL.values(), ids=MARGINAL)
def test_trade_elasticities_differ(industry: Industry) -> None:
    """(ii): by numerical derivative, σ − 1 in the twin; larger in Melitz where exporters are selected, and k under Pareto."""
    table = around(industry)
    melitz, krugman = (table[column].iloc[1] for column in ("trade_elasticity", "twin_trade_elasticity"))
    assert krugman == SIGMA - 1
    assert_allclose(elasticity(table, "twin_domestic_share"), SIGMA - 1, rtol=1e-6)
    assert_allclose(elasticity(table, "domestic_share"), melitz, rtol=1e-5)
    if industry.selects_exporters:
        assert melitz > krugman
    else:
        assert melitz == krugman
    if industry is INDUSTRIES["Pareto"]:
        assert_allclose(melitz, K, rtol=1e-12)


@pytest.mark.parametrize("industry", INDUSTRIES.values(), ids=INDUSTRIES)
def test_melitz_is_never_below_its_twins(industry: Industry) -> None:
    """(iii), over a fine grid: what is frozen could have been chosen."""
    table = liberalisation(industry, np.linspace(1.0, 3.5, 120))
    for twin in ("twin_welfare", "closed_twin_welfare"):
        assert (table[twin] <= table["welfare"] * (1 + 1e-12)).all()
    assert (np.diff(table["welfare"]) <= 1e-12).all()


distributions = st.one_of(
    st.builds(lambda excess, lower: lambda sigma: pareto(sigma - 1 + excess, lower), st.floats(0.05, 6.0), st.floats(0.2, 3.0)),
    st.builds(lambda s, mu: lambda sigma: log_normal(s, mu), st.floats(0.1, 1.2), st.floats(-1.0, 1.0)),
    st.builds(lambda k, upper: lambda sigma: truncated_pareto(k, upper), st.floats(0.5, 8.0), st.floats(1.5, 50.0)),
)


@given(
    distribution=distributions, sigma=st.floats(1.5, 8.0), entry_cost=st.floats(0.05, 20.0), fixed_cost=st.floats(0.0, 5.0),
    countries=st.integers(2, 12), start=st.floats(1.0, 3.0),
)  # fmt: skip
def test_properties_of_any_industry(
    distribution: Any, sigma: float, entry_cost: float, fixed_cost: float, countries: int, start: float
) -> None:
    """(iii) and (iv): larger gains from a fall in τ, smaller losses from a rise; smaller gains from trade at a given domestic share."""
    industry = Industry(distribution(sigma), sigma, F, entry_cost, LABOUR, countries, start, fixed_cost)
    table = liberalisation(industry, [1.0, 1.1, start, 1.5, 2.0, 4.0])
    assert np.isfinite(table.drop(columns=["trade_elasticity", "twin_trade_elasticity"]).to_numpy(dtype=float)).all()
    for twin in ("twin_welfare", "closed_twin_welfare"):
        assert (table[twin] <= table["welfare"] * (1 + 1e-9)).all()
    assert_allclose(table.loc[start, "twin_welfare_ratio"], 1.0, rtol=1e-12)
    assert (table["gains_pct"] <= table["gains_same_share_pct"] + 1e-9).all()
    assert (table["gains_pct"] >= -1e-9).all()
    traded = table["trade_elasticity"].dropna()
    assert (traded >= sigma - 1 - 1e-12).all()


@given(excess=st.floats(0.1, 5.0), start=st.floats(1.1, 2.5), tau=st.floats(1.05, 3.0))
def test_gains_at_a_given_share_are_those_of_the_shape(excess: float, start: float, tau: float) -> None:
    """(iv) under Pareto: 1 − λ^(1/k) in Melitz, 1 − λ^(1/(σ−1)) in Krugman, while the gains from the same fall in τ are larger in Melitz."""
    assume(abs(np.log(tau / start)) > 0.02)
    k = SIGMA - 1 + excess
    industry = open_(pareto(k), iceberg=start, entry_cost=0.05)
    assume(equilibrium(replace(industry, countries=1)).cutoff > 1)  # the closed forms need selection
    row = liberalisation(industry, [tau]).iloc[0]
    assert_allclose(row["gains_pct"], 100 * (1 - row["domestic_share"] ** (1 / k)), rtol=1e-9)
    assert row["gains_pct"] < row["gains_same_share_pct"]
    assert row["welfare_ratio"] > row["twin_welfare_ratio"]


# --- against the system of many countries and sectors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("N", "tau", "f_x"), [(2, 1.4, 1.2), (3, 1.8, 0.7), (6, 1.0, 1.0)])
def test_agrees_with_the_system_in_levels(N: int, tau: float, f_x: float) -> None:
    """Worlds of countries alike, before and after a fall in icebergs, solved by `cge.solve_levels`."""
    countries = [f"C{i}" for i in range(N)]
    costs = {"iceberg": tau, "fixed_cost": f_x, "home_fixed_cost": F, "entry_cost": F_E}
    world = cge.make_world({"countries": countries, "sectors": ["goods"], "endowment": LABOUR, **costs})
    levels, economy = cge.solve_world(world, cge.melitz(SIGMA, 5.0))
    benchmark = cge.calibrate(economy)
    cheaper = benchmark.data["flow"].copy(data=np.where(np.eye(N, dtype=bool), 1.0, 1.1)[None])
    solution = cge.solve_levels(benchmark, cge.melitz(SIGMA, 5.0), cge.change(benchmark, iceberg=cheaper), written=levels)
    found = cge.firm_levels(solution).isel(sector=0, country=0, importer=0)
    industry = open_(pareto(5.0), countries=N, iceberg=tau, fixed_cost=f_x)
    for suffix, here in (("_benchmark", industry), ("", replace(industry, iceberg=1.1 * tau))):
        own: Equilibrium = equilibrium(here)
        exporters = own.firms * np.where(np.arange(N) == 0, 1.0, own.exporters_per_firm)
        assert_allclose(found[f"cutoff{suffix}"], np.where(np.arange(N) == 0, own.cutoff, own.export_cutoff), rtol=1e-8)
        assert_allclose(found[f"exporters{suffix}"], exporters, rtol=1e-8)
        assert_allclose(found[f"entrants{suffix}"], own.entrants, rtol=1e-8)
        assert_allclose(found[f"price_level{suffix}"], own.price_index, rtol=1e-8)
        assert_allclose(found[f"welfare{suffix}"], LABOUR * own.welfare, rtol=1e-8)
    row = liberalisation(industry, [1.1 * tau]).iloc[0]
    assert_allclose(solution.data["real_income"], row["welfare_ratio"], rtol=1e-8)


# --- input and figure ----------------------------------------------------------------------------------------------------------------------


def test_all_faults_of_an_industry_at_once() -> None:
    with pytest.raises(DataError) as raised:
        Industry(pareto(2.0), SIGMA, -0.1, -1.0, float("nan"), 2, 0.9)
    words = ("average sales are infinite", "home_fixed_cost = -0.1", "entry_cost = -1", "labour = nan", "iceberg = 0.9", "fixed_cost = inf")
    assert len(raised.value.faults) == len(words)
    for word, fault in zip(words, raised.value.faults, strict=True):
        assert word in fault
    with pytest.raises(DataError, match="whole number"):
        open_(PARETO, countries=2.5)
    with pytest.raises(DataError, match="whole number"):
        open_(PARETO, countries=0)


def test_faults_of_a_grid() -> None:
    with pytest.raises(DataError) as raised:
        liberalisation(closed(PARETO), [0.5, 1.2, np.inf])
    assert [word in fault for word, fault in zip(("0.5", "inf", "countries = 1"), raised.value.faults, strict=True)] == [True] * 3
    with pytest.raises(DataError, match="empty"):
        liberalisation(open_(PARETO), [])
    with pytest.raises(DataError, match="must be positive"):
        firm(open_(PARETO), equilibrium(open_(PARETO)), [1.0, 0.0])


def test_figure() -> None:
    table = liberalisation(open_(LOG_NORMAL), [2.2, 1.2, 1.6])
    ax = liberalisation_figure(table)
    assert isinstance(ax, Axes)
    for line, column in zip(ax.get_lines(), ("welfare_ratio", "twin_welfare_ratio"), strict=True):
        assert_allclose(line.get_xdata(), [1.2, 1.6, 2.2])
        assert_allclose(line.get_ydata(), table[column].sort_index())
    assert "units" in ax.get_xlabel()
    assert "ratio to τ = 1.6" in ax.get_ylabel()
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["Melitz", "Krugman twin"]
    assert liberalisation_figure(table, ax) is ax
    ax.figure.savefig(BytesIO(), format="pdf")
    box, page = ax.get_tightbbox(), ax.figure.get_window_extent()
    assert box is not None
    assert page.x0 <= box.x0 < box.x1 <= page.x1  # nothing is cut off
    with pytest.raises(DataError, match="welfare_ratio"):
        liberalisation_figure(table.drop(columns="welfare_ratio").reset_index())
