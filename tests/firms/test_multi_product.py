"""Multi-product firms (chapter, section 9.1): worked cases, nests, margins of trade, joint decisions, simulated firms, N countries."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import integrate, stats
from validation import Validate
from worked import SOURCE, cases, meet

import cge
from cge.data.bundled import find
from cge.errors import DataError, InputError
from cge.firms import (
    Industry,
    MultiProductCountries,
    MultiProductIndustry,
    OpenEconomy,
    Productivity,
    degenerate,
    equilibrium,
    from_scipy,
    log_normal,
    multi_product,
    multi_product_countries,
    open_equilibrium,
    pareto,
    product_scope,
    products_of_firms,
    scope_figure,
    trade_margins,
    truncated_pareto,
)
from cge.firms import entry as conditions
from cge.firms.multi_product.within import Sums, sums
from cge.firms.origins import Origins

Array = NDArray[np.float64]

G, Z = log_normal(0.4), log_normal(0.3)
CLOSED = MultiProductIndustry(G, Z, 4.0, 0.6, 0.8, 0.5, 100.0)
OPEN = replace(CLOSED, countries=3, iceberg=1.4, export_market_cost=0.9, export_product_cost=1.0)
PARETO = replace(OPEN, ability=pareto(4.25), attributes=pareto(5.0))
JOINT = replace(OPEN, market_cost=1.5, iceberg=1.05, export_market_cost=0.05)
NEST = replace(OPEN, market_cost=0.0, export_market_cost=0.0)
CASES = cases("multi_product")
NAMES = {"B": "demand", "ME": "entrants", "M": "firms", "P": "price_index", "U": "welfare", "lam_marginal": "attribute_cutoff_marginal"}


def case(name: str) -> tuple[str, dict[str, list[float]]]:
    return next((title, table) for title, table in CASES.items() if title.startswith(name))


def rows(industry: MultiProductIndustry, abilities: tuple[float, ...]) -> dict[str, Any]:
    """Everything that a worked case may ask of an equilibrium and of firms in it."""
    found = multi_product(industry)
    scope = product_scope(industry, found, abilities)
    words = " ".join(f"{phi:g}" for phi in abilities)
    return found._asdict() | {f"firm_{name} at {words}": scope[name].to_numpy() for name in scope}


@pytest.mark.parametrize(("name", "industry", "abilities"), [
    ("A1 multi-product, log-normal G(0.4) Z(0.3), closed", CLOSED, (1.2, 1.6, 2.5)),
    ("A1 multi-product, log-normal G(0.4) Z(0.3), open", OPEN, (1.2, 1.6, 2.5)),
    ("A2", NEST, (1.0,)),
    ("A3 multi", PARETO, (2.0, 3.0, 6.0)),
    ("A3 firms", PARETO, (2.0, 3.0, 6.0)),
    ("A7", JOINT, (1.0,)),
])  # fmt: skip
def test_worked_cases(name: str, industry: MultiProductIndustry, abilities: tuple[float, ...], validate: Validate) -> None:
    title, table = case(name)
    meet(validate, title, {row: v for row, v in table.items() if not row.startswith("naive")}, rows(industry, abilities), **NAMES)


def test_worked_firms_drop_products(validate: Validate) -> None:
    title, table = case("A3b")
    here = {}
    for row, tau in (("before", 1.4), ("after", 1.2)):
        industry = replace(PARETO, iceberg=tau)
        here[row] = product_scope(industry, multi_product(industry), [1.75, 1.85])["products_home"].to_numpy()
    meet(validate, title, table, here)


@pytest.mark.parametrize(("name", "industry"), [
    ("A4 elasticity of exports to tau at given demand, Pareto G, Pareto Z", PARETO),
    ("A4 elasticity of exports to tau at given demand, Pareto G, log-normal Z", replace(PARETO, attributes=Z)),
    ("A4 elasticity of exports to tau at given demand, log-normal G and Z", OPEN),
])  # fmt: skip
def test_worked_margins(name: str, industry: MultiProductIndustry, validate: Validate) -> None:
    """They are central differences with a step of 1e-4, good to seven or eight digits; ours are exact."""
    title, table = case(name)
    found = trade_margins(industry, multi_product(industry)).loc["given demand"]
    published = {(row, "elasticity"): values[0] for row, values in table.items()}
    validate(SOURCE, title, published, {(row, "elasticity"): float(found[row]) for row in table}, 2e-7)


def test_worked_liberalisation(validate: Validate) -> None:
    title, table = case("A5")

    def row(tau: float) -> list[float]:
        industry = replace(OPEN, iceberg=tau)
        e = multi_product(industry)
        firms = product_scope(industry, e, [1.6, 2.5])
        within = [*firms["products_home"], *firms["products_abroad"], *firms["mean_productivity_home"]]
        return [e.cutoff, e.export_cutoff, e.products_per_firm, *within, e.welfare]

    meet(validate, title, table, {name: row(float(name.split("=")[1])) for name in table})


TWO = MultiProductCountries(
    (G, log_normal(0.4, 0.05)), Z, 4.0, [100, 60], [[0.6, 0.9], [0.8, 0.5]], [[0.8, 1], [1.1, 0.7]], [0.5, 0.6], [[1, 1.5], [1.4, 1]]
)


def test_worked_two_countries(validate: Validate) -> None:
    title, table = case("A6")
    found = multi_product_countries(TWO)
    e = found.equilibrium
    here = {
        "wage_1": e.wage[0], "cutoff": e.cutoff, "attribute_times_ability": found.product_cutoff, "B": e.demand, "ME": e.entrants,
        "trade_share": e.trade_share, "P": e.price_index, "U": e.welfare, "M": np.diagonal(e.sellers),
    }  # fmt: skip
    meet(validate, title, table, here)


# --- nests -------------------------------------------------------------------------------------------------------------------------------


def base(industry: MultiProductIndustry, g: Productivity, f: float, f_X: float) -> Industry:
    return Industry(g, industry.sigma, f, industry.entry_cost, industry.labour, industry.countries, industry.iceberg, f_X)


def test_one_product_is_melitz() -> None:
    """Attributes all alike: fixed costs F + f; with E λ^(σ−1) ≠ 1 welfare is scaled, cutoffs not."""
    for level in (1.0, 1.3):
        found = multi_product(replace(OPEN, attributes=degenerate(level)))
        same = equilibrium(base(OPEN, G, 1.4, 1.9))
        assert_allclose((found.cutoff, found.export_cutoff), (same.cutoff, same.export_cutoff), rtol=1e-13)
        assert_allclose((found.entrants, found.domestic_share), (same.entrants, same.domestic_share), rtol=1e-13)
        assert_allclose(found.welfare, level * same.welfare, rtol=1e-13)


def test_every_product_is_melitz_where_markets_cost_nothing() -> None:
    """F = F_X = 0 and log-normals: variances add; and a firm's ability may be common to all: Melitz with the distribution of attributes."""
    found, same = multi_product(NEST), equilibrium(base(NEST, log_normal(0.5), 0.8, 1.0))
    for name, other in (("product_cutoff", same.cutoff), ("welfare", same.welfare), ("varieties_per_product", same.varieties)):
        assert_allclose(getattr(found, name), other, rtol=1e-12, err_msg=name)
    one = multi_product(replace(NEST, ability=degenerate(1.0)))
    same = equilibrium(base(NEST, Z, 0.8, 1.0))
    assert_allclose((one.product_cutoff, one.export_product_cutoff), (same.cutoff, same.export_cutoff), rtol=1e-13)
    assert_allclose((one.welfare, one.domestic_share), (same.welfare, same.domestic_share), rtol=1e-13)


def test_free_products_are_melitz() -> None:
    """f, f_X → 0: every firm sells all products, with productivity φ(E λ^(σ−1))^(1/(σ−1))."""
    mean = float(Z.moment(np.asarray(0.0), 3.0)) ** (1 / 3)
    found = multi_product(replace(OPEN, product_cost=1e-12, export_product_cost=1e-12))
    same = equilibrium(base(OPEN, log_normal(0.4, np.log(mean)), 0.6, 0.9))
    assert_allclose(found.welfare, same.welfare, rtol=1e-9)
    assert_allclose(found.cutoff * mean, same.cutoff, rtol=1e-9)
    assert_allclose(found.products_per_firm, 1, rtol=1e-9)


@pytest.mark.parametrize("z", [3.5, 4.25, 5.0])
def test_pareto_in_closed_form(z: float) -> None:
    """Firms above Λ/λ_min times the cutoff sell everything: the exact integral needs k > σ − 1 alone, also where k ≤ z or k = z."""
    F, f, k, s = 0.6, 0.8, 4.25, 3.0
    closed = replace(CLOSED, ability=pareto(k), attributes=pareto(z))
    found = multi_product(closed)
    L = found.attribute_cutoff_marginal
    kappa = s / (z - s)
    assert_allclose(kappa * L**-z, F / f, rtol=1e-12)
    share = np.log(L) if k == z else (1 - L ** (z - k)) / (k - z)
    K = (
        f * kappa * L**-z * k * share - F * (1 - L**-k) + f * z / (z - s) * L**-s * k / (k - s) * L ** (s - k) - (f + F) * L**-k
    )  # of expected profits K(1/φ*)^k
    assert_allclose(K * found.cutoff**-k, closed.entry_cost, rtol=1e-11)
    assert_allclose(found.saturation_ability, L * found.cutoff, rtol=1e-13)
    scope = product_scope(closed, found, found.saturation_ability * np.array([0.999, 1.001]))["products_home"]
    assert scope.iloc[0] < 1
    assert scope.iloc[1] == 1


def test_a_marginal_firm_may_sell_everything() -> None:
    """Trap: F/f above J_Z(λ_min) puts Λ below the lowest attribute."""
    high = multi_product(replace(PARETO, market_cost=3.0, export_market_cost=4.0))
    assert high.attribute_cutoff_marginal < 1
    assert high.products_per_firm == high.products_per_exporter == 1
    same = equilibrium(base(PARETO, pareto(4.25, (5 / 2) ** (1 / 3)), 3.8, 5.0))  # E λ³ = 5/(5 − 3)
    assert_allclose(high.welfare, same.welfare, rtol=1e-12)


# --- other methods -----------------------------------------------------------------------------------------------------------------------


OTHERS = {
    "log-normals": (G, Z), "Pareto and log-normal": (pareto(4.25), Z), "log-normal and Pareto": (G, pareto(5.0)),
    "truncated": (truncated_pareto(3.0, 5.0), truncated_pareto(2.0, 3.0, 0.5)), "Weibull": (from_scipy(stats.weibull_min(2.5)), Z),
}  # fmt: skip


def one_market(g: Productivity, z: Productivity, last: float, cutoff: float) -> Sums[float]:
    return Sums(*(float(part[0]) for part in sums(Origins([g]), z, 3.0, np.array([last]), np.array([cutoff]))))


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("cutoff", [0.7, 1.3])
def test_sums_within_firms_by_quadrature_over_firms(kind: str, cutoff: float) -> None:
    """Firm by firm, with the density of ability: products, sales, and what moving either cutoff loses."""
    g, z = OTHERS[kind]
    last = 1.1
    found = one_market(g, z, last, cutoff)

    def over(value: Any) -> float:
        ends = sorted(
            {cutoff, *(x for x in (g.lower, last / z.upper, last / z.lower if z.lower else cutoff) if x > cutoff), 2.5, 6.0, 30.0, 1e3}
        )
        ends = [min(end, g.upper) for end in ends]
        return sum(integrate.quad(lambda phi: float(value(phi) * g.density(np.array(phi))), a, b, epsrel=1e-11, limit=200)[0]
                   for a, b in pairwise(ends) if b > a)  # fmt: skip

    tail = float(g.moment(np.array(1e3), 3.0)) * float(z.moment(np.array(0.0), 3.0))  # where next to every product is sold
    assert_allclose(found.products, over(lambda phi: z.survival(np.array(last / phi))), rtol=1e-8)
    assert_allclose(found.sold, over(lambda phi: phi**3 * z.moment(np.array(last / phi), 3.0)) + tail, rtol=1e-8)
    step = 1e-5
    moved = [one_market(g, z, last * np.exp(a * step), cutoff * np.exp(b * step)) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    for name, at in (("products", 0), ("sold", 0), ("firms", 2), ("products", 2), ("sold", 2)):
        slope = -(getattr(moved[at], name) - getattr(moved[at + 1], name)) / (2 * step)
        assert_allclose(getattr(found, f"{'lost' if at else 'marginal'}_{name}"), slope, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("industry", [OPEN, JOINT], ids=["selection", "joint"])
def test_simulated_brands(industry: MultiProductIndustry) -> None:
    """Entrants with 20 products each that keep what pays: profits meet the entry cost, scope and exporters agree, within four standard errors."""
    found, rng = multi_product(industry), np.random.default_rng(1)
    phi = np.exp(0.4 * rng.standard_normal(100_000))
    x = found.demand * (phi[:, None] * np.exp(0.3 * rng.standard_normal((len(phi), 20)))) ** 3
    sells, exports = phi >= found.cutoff, phi >= found.export_cutoff
    abroad = x * industry.iceberg**-3 - industry.export_product_cost
    home = np.maximum(x - industry.product_cost, 0).mean(axis=1) - industry.market_cost
    profit = sells * home + 2 * exports * (np.maximum(abroad, 0).mean(axis=1) - industry.export_market_cost)
    assert abs(profit.mean() - industry.entry_cost) < 4 * profit.std() / np.sqrt(len(phi))
    scope = (x[sells] > industry.product_cost).mean(axis=1)
    assert abs(scope.mean() - found.products_per_firm) < 4 * scope.std() / np.sqrt(sells.sum())
    share = exports.sum() / sells.sum()
    assert abs(share - found.exporters_per_firm) <= 4 * np.sqrt(share * (1 - share) / sells.sum())


# --- the chapter's sentences, and their conditions ---------------------------------------------------------------------------------------


def test_surviving_firms_drop_products_but_averages_need_not_move() -> None:
    """At a given ability scope shrinks with openness; average products per firm are constant under Pareto ability, whatever attributes are."""
    for g, z, moves in (
        (G, Z, True),
        (pareto(4.25), pareto(5.0), False),
        (pareto(4.25), Z, False),
        (pareto(5.5), truncated_pareto(2.0, 3.0), False),
    ):
        before, after = (replace(OPEN, ability=g, attributes=z, iceberg=tau) for tau in (1.6, 1.2))
        old, new = multi_product(before), multi_product(after)
        at = 1.02 * new.cutoff
        assert product_scope(after, new, at)["products_home"].iloc[0] < product_scope(before, old, at)["products_home"].iloc[0]
        assert (abs(new.products_per_firm / old.products_per_firm - 1) > 1e-3) == moves
        if not moves:
            assert_allclose(new.products_per_firm, old.products_per_firm, rtol=1e-11)


def test_margins_under_pareto_are_exporters_alone() -> None:
    for z in (pareto(5.0), Z, truncated_pareto(1.5, 4.0)):
        industry = replace(PARETO, attributes=z)
        given = trade_margins(industry, multi_product(industry)).loc["given demand"]
        assert_allclose(given, [-4.25, -4.25, 0, 0], atol=1e-11)
    assert abs(trade_margins(OPEN, multi_product(OPEN)).loc["given demand", "exports_per_product"]) > 0.1


@pytest.mark.parametrize("industry", [OPEN, PARETO, JOINT, replace(OPEN, iceberg=1.0)], ids=["log-normal", "Pareto", "joint", "free trade"])
def test_margins_in_equilibrium_are_what_equilibria_do(industry: MultiProductIndustry) -> None:
    """Against differences of whole equilibria (one-sided cost: τ below one is not an industry, so that free trade is taken a little above)."""
    tau, step = max(industry.iceberg, 1.001), 1e-4
    industry = replace(industry, iceberg=tau)

    def logs(change: float) -> Array:
        e = multi_product(replace(industry, iceberg=tau * np.exp(change)))
        exporters = e.firms * e.exporters_per_firm
        return np.log([1 - e.domestic_share, exporters, e.products_per_exporter, e.average_exports_per_product])

    numeric = (logs(step) - logs(-step)) / (2 * step)
    assert_allclose(trade_margins(industry, multi_product(industry)).loc["equilibrium"], numeric, rtol=1e-5, atol=1e-6)


def test_when_exporting_takes_more_ability() -> None:
    """f_X ≥ f, F_X ≥ F and τ ≥ 1 suffice for selection into exporting; below, the marginal firm decides on all markets together."""
    edge = replace(OPEN, iceberg=1.0, export_market_cost=0.6, export_product_cost=0.8)
    assert multi_product(edge).joint
    assert multi_product(edge).exporters_per_firm == 1
    assert not multi_product(replace(edge, iceberg=1 + 1e-9)).joint
    found = multi_product(JOINT)
    assert found.joint
    firms = product_scope(JOINT, found, found.cutoff * np.array([1 - 1e-9, 1 + 1e-9]))
    assert firms["revenue"].iloc[0] == 0
    assert abs(firms["profit"].iloc[1]) < 1e-7


def test_common_attributes_and_drawn_ones() -> None:
    """The equilibrium is the same; a firm makes more products where each market has its own draws. One foreign market never decides it."""
    firms = product_scope(JOINT, multi_product(JOINT), [1.6, 2.0, 3.0])
    assert (firms["products_made"] < firms["products_made_if_drawn"]).all()
    assert_allclose(firms["products_made"], firms[["products_home", "products_abroad"]].max(axis=1))
    alone = product_scope(CLOSED, multi_product(CLOSED), [1.6, 2.0])
    assert_allclose(alone["products_made"], alone["products_made_if_drawn"])


# --- countries that differ -----------------------------------------------------------------------------------------------------------------


def matrices(n: int, home: float, abroad: float) -> Array:
    return np.where(np.eye(n, dtype=bool), home, abroad)


@pytest.mark.parametrize("industry", [OPEN, JOINT, PARETO, NEST], ids=["selection", "joint", "Pareto", "no market cost"])
def test_countries_alike(industry: MultiProductIndustry) -> None:
    i, same = industry, multi_product(industry)
    costs = matrices(3, i.market_cost, i.export_market_cost), matrices(3, i.product_cost, i.export_product_cost), i.entry_cost
    found = multi_product_countries(MultiProductCountries(i.ability, i.attributes, 4.0, [100.0] * 3, *costs, matrices(3, 1.0, i.iceberg)))
    e = found.equilibrium
    assert_allclose(e.cutoff, matrices(3, same.cutoff, same.export_cutoff), rtol=1e-10)
    assert_allclose(e.welfare, same.welfare, rtol=1e-10)
    assert_allclose(found.products_per_seller, matrices(3, same.products_per_firm, same.products_per_exporter), rtol=1e-10)
    assert (e.exporters_choose != same.joint).all()


def test_one_product_in_countries_that_differ_and_a_corner() -> None:
    """Attributes alike: the open economy of firms with one product, an outside good and a country without entrants included."""
    labour, tau = [120.0, 80.0, 30.0], matrices(3, 1.0, 1.2)
    one = open_equilibrium(OpenEconomy(G, 4.0, labour, 0.5, matrices(3, 1.0, 1.1), tau, 0.3))
    many = MultiProductCountries(G, degenerate(1.0), 4.0, labour, matrices(3, 0.4, 0.5), matrices(3, 0.6, 0.6), 0.5, tau, 0.3)
    found = multi_product_countries(many).equilibrium
    assert one.entrants[2] == found.entrants[2] == 0
    for name in ("cutoff", "demand", "entrants", "flow", "welfare", "outside_labour"):
        assert_allclose(getattr(found, name), getattr(one, name), rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("cheap", [False, True])
def test_slopes_are_exact(cheap: bool) -> None:
    rng = np.random.default_rng(2)
    market, product = rng.uniform(*((0.05, 0.2) if cheap else (0.7, 1.0)), (3, 3)), rng.uniform(0.7, 0.8, (3, 3))
    market[np.diag_indices(3)] = 1.2 if cheap else 0.3
    e = MultiProductCountries(
        G,
        Z,
        4.0,
        [100.0, 80.0, 60.0],
        market,
        product,
        0.5,
        np.where(np.eye(3) > 0, 1.0, rng.uniform(*((1.0, 1.3) if cheap else (1.4, 1.6)), (3, 3))),
        0.6,
    )
    start = np.array([-1.1, -1.0, -0.9, 0.4, 0.3, 0.5, 0.02, 0.05, 0.03])
    point = conditions.at(e, start[:3], start[3:6], start[6:])
    assert ((point.sold.weight[0] > 0).sum(axis=0) > 1).any() == cheap

    def residual(z: Array) -> Array:
        return conditions.system(e, conditions.at(e, z[:3], z[3:6], z[6:]), slopes=False)[0]

    step = 1e-5
    numeric = np.column_stack([(residual(start + step * u) - residual(start - step * u)) / (2 * step) for u in np.eye(9)])
    assert_allclose(conditions.system(e, point)[1], numeric, atol=1e-6)


# --- firms of a solution -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cheaper() -> Any:
    benchmark = cge.calibrate(cge.open_economy(find("data", "mini")), intermediates=False)
    factor = np.where(np.eye(len(benchmark.countries)), 1, 0.8) * np.ones((len(benchmark.sectors), 1, 1))
    return cge.solve_hat(benchmark, cge.melitz(4.0, 5.0), cge.change(benchmark, iceberg=benchmark.data["flow"].copy(data=factor)))


def test_products_behind_a_solution(cheaper: Any) -> None:
    table = products_of_firms(cheaper, "Home", "goods", Z, 0.75, [0, 50, 90])
    L = multi_product(CLOSED).attribute_cutoff_marginal  # F/f = 0.75 there too
    assert_allclose(table["home_benchmark"].iloc[:3], Z.survival(L * np.array([1.0, 0.5, 0.1]) ** (1 / 5.0)), rtol=1e-12)
    assert table["home"].iloc[0] == 0  # exits
    assert (table["home"].iloc[1:3] < table["home_benchmark"].iloc[1:3]).all()
    assert (table["exported"].iloc[1:3] > table["exported_benchmark"].iloc[1:3]).all()
    average = multi_product(replace(CLOSED, ability=pareto(5.0))).products_per_firm
    assert_allclose(table.loc["all"], average, rtol=1e-10)


def test_faults_of_products_behind_a_solution(cheaper: Any) -> None:
    with pytest.raises(InputError, match="percentiles"):
        products_of_firms(cheaper, "Home", "goods", Z, 0.75, [100])
    with pytest.raises(DataError) as raised:
        products_of_firms(cheaper, "Home", "goods", pareto(2.0), -1.0)
    assert len(raised.value.faults) == 2
    with pytest.raises(DataError, match="give a positive cost"):
        products_of_firms(cheaper, "Home", "goods", Z, 0.0)


# --- input and figure ----------------------------------------------------------------------------------------------------------------------


def test_all_faults_of_an_industry_at_once() -> None:
    with pytest.raises(DataError) as raised:
        MultiProductIndustry(pareto(3.0), pareto(2.0), 4.0, -1.0, 0.0, 0.0, float("inf"), 2, 0.9, -1.0, 0.0)
    words = ("ability:", "attributes:", "product_cost = 0", "entry_cost = 0", "labour = inf", "market_cost = -1", "iceberg = 0.9",
             "export_market_cost = -1", "export_product_cost = 0")  # fmt: skip
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * len(words)
    with pytest.raises(DataError, match="whole number"):
        replace(CLOSED, countries=0)
    with pytest.raises(DataError, match="must exceed 1"):
        replace(CLOSED, sigma=0.9)
    multi_product(replace(OPEN, ability=pareto(3.1), attributes=pareto(3.2)))  # tails that are just thin enough


def test_faults_of_countries() -> None:
    square = matrices(2, 1.0, 1.2)
    with pytest.raises(DataError) as raised:
        MultiProductCountries(G, pareto(2.0), 4.0, [100, -1], square, [[0.0, 1], [1, 1]], 0.5, square)
    for word in ("labour = -1", "product_cost = 0", "attributes:"):
        assert any(word in fault for fault in raised.value.faults)
    with pytest.raises(DataError) as raised:
        MultiProductCountries(G, Z, 4.0, [100, 50], [[1.0]], [[1.0, 0.0], [1, 1]], 0.5, square)
    assert [word in fault for word, fault in zip(("market_cost: shape", "product_cost"), raised.value.faults, strict=True)] == [True, True]
    with pytest.raises(DataError, match="market_cost: -1"):
        MultiProductCountries(G, Z, 4.0, [100, 50], [[1.0, -1], [1, 1]], square, 0.5, square)
    with pytest.raises(DataError, match="must be positive"):
        product_scope(CLOSED, multi_product(CLOSED), [0.0])
    with pytest.raises(DataError, match="no trade"):
        trade_margins(CLOSED, multi_product(CLOSED))
    with pytest.raises(DataError, match="one or two"):
        scope_figure({})


def test_figure_shows_scope() -> None:
    ax = scope_figure({"closed": CLOSED, "open": OPEN})
    assert [line.get_label() for line in ax.lines] == ["closed, at home", "open, at home", "open, abroad"]
    phi, sold = (np.asarray(part, dtype=float) for part in ax.lines[2].get_data())
    seen = np.isfinite(sold)
    assert_allclose(phi[seen].min(), multi_product(OPEN).export_cutoff, rtol=0.01)
    assert_allclose(sold[seen], product_scope(OPEN, multi_product(OPEN), phi[seen])["products_abroad"])
