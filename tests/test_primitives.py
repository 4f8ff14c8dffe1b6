"""The independent derivation against itself: accounts, first principles evaluated another way, and the chapter's closed forms.

Equation numbers: Melitz and Redding, "Heterogeneous Firms and Trade".
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from primitives import NODE, WEIGHT, Array, Equilibrium, NoEquilibrium, World, krugman, melitz, own, random_world
from scipy.integrate import quad

pytestmark = pytest.mark.filterwarnings("error")

Solver = Callable[[World], Equilibrium]
SOLVERS = pytest.mark.parametrize("solver", [melitz, krugman])
WORLDS = {
    "one factor": random_world(np.random.default_rng(1), 3, 2),
    "two factors and inputs": random_world(np.random.default_rng(2), 3, 2, F=2, inputs=True),
    "free trade in balance": random_world(np.random.default_rng(3), 4, 3, tariffs=False, transfers=False),
}
KINDS = pytest.mark.parametrize("kind", WORLDS)


def symmetric(countries: int, iceberg: float = 1.3, export_cost: float = 1.5, endowment: float = 100.0) -> World:
    """Identical countries, one sector, one factor, no tariff, no transfer."""
    home = np.eye(countries, dtype=bool)[..., None]
    return World(
        endowment=np.full((countries, 1), endowment),
        factor_share=np.ones((countries, 1, 1)),
        input_share=np.zeros((countries, 1, 1)),
        final_share=np.ones((countries, 1)),
        sigma=np.array([4.0]),
        k=np.array([4.25]),
        iceberg=np.where(home, 1.0, iceberg),
        fixed_cost=np.where(home, 0.8, export_cost),
        entry_cost=np.full((countries, 1), 0.6),
        lower_bound=np.full((countries, 1), 0.9),
        tariff=np.zeros((countries, countries, 1)),
        transfer=np.zeros(countries),
    )


def same(left: Equilibrium, right: Equilibrium, *names: str, rtol: float = 1e-11) -> None:
    """The named fields of two equilibria agree."""
    for name in names:
        assert_allclose(getattr(left, name), getattr(right, name), rtol=rtol, err_msg=name)


# --- accounts ----------------------------------------------------------------------------------------------------------------------------


@KINDS
@SOLVERS
def test_accounts_balance(solver: Solver, kind: str) -> None:
    world, e = WORLDS[kind], solver(WORLDS[kind])
    sales, factor_income = e.flow.sum(1), e.factor_price * world.endowment
    revenue = (world.tariff * e.flow).sum((0, 2))
    assert e.residual < 1e-12
    assert_allclose(sales, e.intermediate.sum(1) + e.value_added.sum(2), rtol=1e-12)
    assert_allclose(e.spending, (e.flow * (1 + world.tariff)).sum(0), rtol=1e-12)
    assert_allclose(e.spending - e.intermediate.sum(2), world.final_share * e.income[:, None], rtol=1e-12)
    assert_allclose(e.value_added.sum(1), factor_income, rtol=1e-12)
    assert_allclose(e.income, factor_income.sum(1) + revenue + world.transfer, rtol=1e-12)
    assert_allclose(factor_income.sum(), world.endowment.sum(), rtol=1e-12)
    imports, exports = e.flow.sum((0, 2)), e.flow.sum((1, 2))
    assert_allclose(imports - exports, world.transfer, rtol=0, atol=1e-10)
    assert_allclose(e.welfare, e.income / np.prod(e.price**world.final_share, axis=1), rtol=1e-12)
    assert_allclose(e.value_added, sales[..., None] * world.factor_share, rtol=1e-12)
    assert_allclose(e.intermediate, sales[:, None] * world.input_share, rtol=1e-12, atol=1e-300)


# --- first principles, evaluated another way ---------------------------------------------------------------------------------------------


@SOLVERS
def test_unit_cost_pays_the_shares_that_are_bought(solver: Solver) -> None:
    """Shephard's lemma: the share of a factor or input in the payments of (i, s) is the exponent of its price in the unit cost."""
    world = WORLDS["two factors and inputs"]
    e = solver(world)
    payments = e.flow.sum(1)
    for i, s in np.ndindex(payments.shape):
        factors = np.prod(e.factor_price[i] ** (e.value_added[i, s] / payments[i, s]))
        inputs = np.prod(e.price[i] ** (e.intermediate[i, :, s] / payments[i, s]))
        assert_allclose(e.unit_cost[i, s], factors * inputs, rtol=1e-11)


@pytest.mark.parametrize("ratio", [0.05, 0.5, 0.9, 0.99, 0.9995])
def test_quadrature_integrates_revenue_of_fat_tails(ratio: float) -> None:
    """Footnote 26: the integral of (productivity / cutoff)^(sigma - 1) over the survivors is 1 / (1 - (sigma - 1) / k)."""
    assert_allclose((WEIGHT * np.exp((ratio - 1) * NODE)).sum(), 1 / (1 - ratio), rtol=1e-12)


def profit(world: World, e: Equilibrium, i: int, n: int, s: int, productivity: float) -> float:
    """Of one firm in one market, from the best response to the price index (sections 3.3 and 5.1)."""
    sigma, tariff = world.sigma[s], world.tariff[i, n, s]
    marginal = e.unit_cost[i, s] * world.iceberg[i, n, s] / productivity
    price = sigma / (sigma - 1) * marginal
    quantity = e.spending[n, s] * e.price[n, s] ** (sigma - 1) * (price * (1 + tariff)) ** -sigma
    return float((price - marginal) * quantity)


def test_melitz_free_entry_by_adaptive_quadrature() -> None:
    """(6) and (7) with scipy's quad over the Pareto density in productivity itself."""
    world = WORLDS["two factors and inputs"]
    e = melitz(world)
    assert e.cutoff is not None
    for i, s in np.ndindex(e.entrants.shape):
        expected, k, low = 0.0, world.k[s], world.lower_bound[i, s]
        for n, cutoff in enumerate(e.cutoff[i, :, s]):
            fixed = e.unit_cost[i, s] * world.fixed_cost[i, n, s]
            assert_allclose(profit(world, e, i, n, s, cutoff), fixed, rtol=1e-11)

            def density_times_profit(x: float, i: int = i, n: int = n, s: int = s, fixed: float = fixed) -> float:
                return float(
                    (profit(world, e, i, n, s, x) - fixed) * world.k[s] * world.lower_bound[i, s] ** world.k[s] * x ** -(world.k[s] + 1)
                )

            expected += quad(density_times_profit, cutoff, np.inf, epsabs=0, epsrel=1e-10)[0]
            assert_allclose(e.exporters[i, n, s], e.entrants[i, s] * (low / cutoff) ** k, rtol=1e-11)
        assert_allclose(expected, e.unit_cost[i, s] * world.entry_cost[i, s], rtol=1e-8)


@KINDS
def test_krugman_firms_break_even(kind: str) -> None:
    world, e = WORLDS[kind], krugman(WORLDS[kind])
    assert e.cutoff is None
    for i, s in np.ndindex(e.entrants.shape):
        earned = sum(profit(world, e, i, n, s, float(world.lower_bound[i, s])) for n in range(len(e.income)))
        assert_allclose(earned, e.unit_cost[i, s] * world.entry_cost[i, s], rtol=1e-11)


# --- closed forms of the chapter ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("countries", [1, 2, 3])
def test_symmetric_melitz(countries: int) -> None:
    """Cutoffs of section 6.1 (closed economy for one country, symmetric countries otherwise), entry (22), price index (12)."""
    world = symmetric(countries)
    e = melitz(world)
    (sigma,), (k,) = world.sigma, world.k
    abroad = (countries - 1) * 1.3**-k * (1.5 / 0.8) ** (-k / (sigma - 1)) * 1.5
    cutoff = 0.9 * ((sigma - 1) / (k - sigma + 1) * (0.8 + abroad) / 0.6) ** (1 / k)
    price = sigma / (sigma - 1) * (0.8 * sigma / 100) ** (1 / (sigma - 1)) / cutoff
    assert e.cutoff is not None
    assert_allclose(own(e.cutoff), cutoff, rtol=1e-11)
    assert_allclose(e.factor_price, 1, rtol=1e-11)
    assert_allclose(e.price, price, rtol=1e-11)
    assert_allclose(e.welfare, 100 / price, rtol=1e-11)
    assert_allclose(e.entrants, (sigma - 1) / (k * sigma) * 100 / 0.6, rtol=1e-11)


@pytest.mark.parametrize("countries", [1, 2, 3])
def test_symmetric_krugman(countries: int) -> None:
    """Krugman (1980): firms = L / (sigma f), price index from that number of varieties at home and abroad."""
    world = symmetric(countries)
    e = krugman(world)
    (sigma,) = world.sigma
    firms = 100 / (sigma * 0.6)
    price = sigma / (sigma - 1) / 0.9 * (firms * (1 + (countries - 1) * 1.3 ** (1 - sigma))) ** (1 / (1 - sigma))
    assert_allclose(e.entrants, firms, rtol=1e-11)
    assert_allclose(e.price, price, rtol=1e-11)
    assert_allclose(e.welfare, 100 / price, rtol=1e-11)


def trade_share(world: World, e: Equilibrium) -> Array:
    """Of spending at buyers' prices [i, n, s]."""
    return e.flow * (1 + world.tariff) / e.spending


@KINDS
def test_melitz_gravity(kind: str) -> None:
    """(23) with lower bounds and tariffs, entrants (22), average sales (20)."""
    world, e = WORLDS[kind], melitz(WORLDS[kind])
    sigma, k = world.sigma, world.k
    supply = e.flow.sum(1) / e.unit_cost
    on_cost = k * sigma / (sigma - 1) - 1
    origin = supply / world.entry_cost * world.lower_bound**k * e.unit_cost**-on_cost
    pair = world.iceberg**-k * (1 + world.tariff) ** -on_cost * world.fixed_cost ** (1 - k / (sigma - 1))
    weight = origin[:, None] * pair
    assert_allclose(trade_share(world, e), weight / weight.sum(0), rtol=1e-9)
    assert_allclose(e.entrants, (sigma - 1) / (k * sigma) * supply / world.entry_cost, rtol=1e-11)
    assert_allclose(e.flow / e.exporters, sigma * k / (k - sigma + 1) * e.unit_cost[:, None] * world.fixed_cost, rtol=1e-11)


@KINDS
def test_krugman_gravity(kind: str) -> None:
    """Shares of entrants' price powers, entrants = sales / (sigma c f)."""
    world, e = WORLDS[kind], krugman(WORLDS[kind])
    paid = (e.unit_cost / world.lower_bound)[:, None] * world.iceberg * (1 + world.tariff)
    weight = e.entrants[:, None] * paid ** (1 - world.sigma)
    assert_allclose(trade_share(world, e), weight / weight.sum(0), rtol=1e-9)
    assert_allclose(e.entrants, e.flow.sum(1) / (world.sigma * e.unit_cost * world.entry_cost), rtol=1e-11)
    assert_allclose(e.exporters, np.broadcast_to(e.entrants[:, None], e.flow.shape), rtol=1e-14)


@KINDS
def test_melitz_domestic_cutoff_and_price(kind: str) -> None:
    """(25) and (24), with spending and sales over unit cost in the place of beta L and L."""
    world, e = WORLDS[kind], melitz(WORLDS[kind])
    sigma, k, fixed = world.sigma, world.k, own(world.fixed_cost)
    market, supply = e.spending / e.unit_cost, e.flow.sum(1) / e.unit_cost
    ratio = fixed / world.entry_cost / market * supply / own(trade_share(world, e))
    assert e.cutoff is not None
    assert_allclose(own(e.cutoff), world.lower_bound * ((sigma - 1) / (k - sigma + 1) * ratio) ** (1 / k), rtol=1e-10)
    assert_allclose(e.price, sigma / (sigma - 1) * (fixed * sigma / market) ** (1 / (sigma - 1)) * e.unit_cost / own(e.cutoff), rtol=1e-10)


def test_welfare_hat_from_own_shares_and_labour() -> None:
    """Section 6.3: U_hat = prod (lambda_nn_hat / L_hat)^(-beta / k), one factor, no inputs, no revenue, balanced trade."""
    world = WORLDS["free trade in balance"]
    home = np.eye(4, dtype=bool)[..., None]
    cheaper = replace(world, iceberg=np.where(home, 1.0, 0.95 * world.iceberg))
    before, after = melitz(world), melitz(cheaper)
    own_hat = own(trade_share(cheaper, after)) / own(trade_share(world, before))
    labour_hat = (after.flow.sum(1) / after.unit_cost) / (before.flow.sum(1) / before.unit_cost)
    expected = np.prod((own_hat / labour_hat) ** (-world.final_share / world.k), axis=1)
    assert_allclose(after.welfare / before.welfare, expected, rtol=1e-11)
    assert (expected > 1.0001).all()


# --- invariances -------------------------------------------------------------------------------------------------------------------------


@SOLVERS
def test_size_is_neutral_when_costs_grow_with_it(solver: Solver) -> None:
    """Endowments, transfers, fixed and entry costs times 7: same firms, prices and wages, values and welfare times 7."""
    world = WORLDS["two factors and inputs"]
    names = "endowment", "transfer", "fixed_cost", "entry_cost"
    large, small = solver(replace(world, **{name: 7 * getattr(world, name) for name in names})), solver(world)
    same(large, small, "factor_price", "price", "entrants", "exporters")
    assert_allclose(large.flow, 7 * small.flow, rtol=1e-11)
    assert_allclose(large.welfare, 7 * small.welfare, rtol=1e-11)


@SOLVERS
def test_unit_of_productivity(solver: Solver) -> None:
    """Every firm twice as productive, no inputs: half the prices, nothing else."""
    world = WORLDS["one factor"]
    fast, slow = solver(replace(world, lower_bound=2 * world.lower_bound)), solver(world)
    same(fast, slow, "factor_price", "entrants", "exporters", "flow", "income")
    assert_allclose(fast.price, slow.price / 2, rtol=1e-11)


@SOLVERS
def test_two_factors_with_equal_shares_are_one(solver: Solver) -> None:
    """A factor split in two with equal endowments, each with half of every share, is still one factor; unit cost keeps its unit."""
    world = WORLDS["one factor"]
    halves = replace(world, endowment=np.tile(world.endowment / 2, 2), factor_share=np.tile(world.factor_share / 2, 2))
    same(solver(halves), solver(world), "price", "entrants", "flow", "welfare")


@SOLVERS
def test_order_of_labels(solver: Solver) -> None:
    world = WORLDS["two factors and inputs"]
    c, s = np.array([2, 0, 1]), np.array([1, 0])
    moved = World(
        endowment=world.endowment[c],
        factor_share=world.factor_share[np.ix_(c, s)],
        input_share=world.input_share[np.ix_(c, s, s)],
        final_share=world.final_share[np.ix_(c, s)],
        sigma=world.sigma[s],
        k=world.k[s],
        iceberg=world.iceberg[np.ix_(c, c, s)],
        fixed_cost=world.fixed_cost[np.ix_(c, c, s)],
        entry_cost=world.entry_cost[np.ix_(c, s)],
        lower_bound=world.lower_bound[np.ix_(c, s)],
        tariff=world.tariff[np.ix_(c, c, s)],
        transfer=world.transfer[c],
    )
    e, m = solver(world), solver(moved)
    assert_allclose(m.flow, e.flow[np.ix_(c, c, s)], rtol=1e-11)
    assert_allclose(m.welfare, e.welfare[c], rtol=1e-11)


# --- refusals ----------------------------------------------------------------------------------------------------------------------------


def test_a_corner_is_refused() -> None:
    """Two sectors, strong comparative advantage and cheap trade: each country leaves a sector."""
    world = random_world(np.random.default_rng(5), 2, 2)
    home = np.eye(2, dtype=bool)[..., None]
    world = replace(world, iceberg=np.where(home, 1.0, np.full((2, 2, 2), 1.02)), lower_bound=np.array([[2.0, 1.0], [1.0, 2.0]]))
    for solver in melitz, krugman:
        with pytest.raises(NoEquilibrium, match="a corner"):
            solver(world)


def test_a_market_without_selection_is_refused() -> None:
    world = symmetric(2)
    with pytest.raises(NoEquilibrium, match="has no selection"):
        melitz(replace(world, entry_cost=100 * world.entry_cost))


def test_wrong_worlds_are_refused() -> None:
    world = WORLDS["one factor"]
    with pytest.raises(ValueError, match=r"wrong shape or not finite.*sigma"):
        replace(world, sigma=world.sigma * np.nan)
    with pytest.raises(ValueError, match=r"no tariff at home.*transfers sum to 0"):
        replace(world, tariff=world.tariff + 0.1, transfer=world.transfer + 1)
    with pytest.raises(ValueError, match="k must exceed"):
        melitz(replace(world, k=world.sigma - 1))
