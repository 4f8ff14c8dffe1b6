"""World equilibria in levels from firms' primitives: Melitz (Pareto) and Krugman. Shares no code with the package.

An independent derivation to test against. Firms price, sell where they cover the fixed cost of the market, and enter until expected profit
is the entry cost; every aggregate is a sum over firms: a quadrature over the Pareto density above the cutoff (Melitz) or the one firm type
(Krugman). No gravity equation and no exact-hat algebra. Equation numbers in round brackets: Melitz and Redding, "Heterogeneous Firms and
Trade" (the chapter, which writes (importer, exporter); here i = exporter, n = importer, s = sector, k = input, f = factor).

A tariff t and an export tax x are levied on the firm's revenue: buyers pay p (1 + x) (1 + t), the firm receives p, the consumers of the exporting
country get x p and those of the importing country t (1 + x) p.
Variable, fixed and entry costs are paid in the exporter's input bundle. Numeraire: world factor income, sum_if w_if V_if = sum_if V_if;
transfers are in that unit. Only equilibria with entry in every (i, s) are looked for; otherwise `NoEquilibrium` is raised.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root

Array = NDArray[np.float64]
TOLERANCE = 1e-12  # on every relative residual, the market implied by Walras' law included
COMPLEX_STEP = 1e-30  # derivative of f at x = Im f(x + i h) / h, exact to rounding (Squire and Trapp 1998)


class NoEquilibrium(RuntimeError):
    """No equilibrium with entry everywhere and selection in every market was found; the message says where."""


@dataclass(frozen=True)
class World:
    """Primitives of N countries, J sectors, F factors; every array is positive unless said otherwise."""

    endowment: Array  # [N, F] units of the factor; also the unit of the numeraire
    factor_share: Array  # [N, J, F] >= 0, share of the factor in the cost of the sector
    input_share: Array  # [N, J_input, J_user] >= 0, share of the input in the cost of the user; with factor_share it sums to one
    final_share: Array  # [N, J] >= 0, share of the sector in final demand; sums to one
    sigma: Array  # [J] elasticity of substitution between varieties, > 1
    k: Array  # [J] shape of the Pareto distribution, > sigma - 1 (ignored by Krugman)
    iceberg: Array  # [N, N, J] (i, n, s) units shipped per unit that arrives
    fixed_cost: Array  # [N, N, J] (i, n, s) market access, in bundles of (i, s) (ignored by Krugman)
    entry_cost: Array  # [N, J] in bundles of (i, s); for Krugman the fixed cost of a firm
    lower_bound: Array  # [N, J] lower bound of productivity; for Krugman productivity
    tariff: Array  # [N, N, J] (i, n, s) ad valorem rate on the firm's revenue, > -1, zero for i = n
    transfer: Array  # [N] any sign, units of the numeraire, sums to zero
    export_tax: Array | None = None  # [N, N, J] (i, n, s) ad valorem rate on the firm's revenue, > -1, zero for i = n; None: none

    def __post_init__(self) -> None:
        if self.export_tax is None:
            object.__setattr__(self, "export_tax", np.zeros_like(self.tariff))
        n, factors = self.endowment.shape
        j = self.sigma.size
        shapes = {"endowment": (n, factors), "factor_share": (n, j, factors), "input_share": (n, j, j), "final_share": (n, j)}
        shapes |= dict.fromkeys(("sigma", "k"), (j,))
        shapes |= dict.fromkeys(("iceberg", "fixed_cost", "tariff", "export_tax"), (n, n, j))
        shapes |= dict.fromkeys(("entry_cost", "lower_bound"), (n, j)) | {"transfer": (n,)}
        wrong = [name for name, shape in shapes.items() if getattr(self, name).shape != shape or not np.isfinite(getattr(self, name)).all()]
        broken = wrong or [rule for rule, holds in rules(self).items() if not holds]
        if broken:
            raise ValueError(f"World: {'wrong shape or not finite' if wrong else 'these do not hold'}: {broken}")


def rules(world: World) -> dict[str, bool]:
    """What the numbers of a world must obey, and whether they do."""
    positive = "endowment", "iceberg", "fixed_cost", "entry_cost", "lower_bound"
    nonnegative = "factor_share", "input_share", "final_share"
    cost_share = world.factor_share.sum(2) + world.input_share.sum(1)
    return {
        **{f"{name} > 0": bool((getattr(world, name) > 0).all()) for name in positive},
        **{f"{name} >= 0": bool((getattr(world, name) >= 0).all()) for name in nonnegative},
        "sigma > 1": bool((world.sigma > 1).all()),
        "tariff > -1": bool((world.tariff > -1).all()),
        "no tariff at home": not own(world.tariff).any(),
        "cost shares sum to 1": np.allclose(cost_share, 1, rtol=0, atol=1e-13),
        "final shares sum to 1": np.allclose(world.final_share.sum(1), 1, rtol=0, atol=1e-13),
        "transfers sum to 0": bool(abs(world.transfer.sum()) <= 1e-13 * world.endowment.sum()),
        "every good is bought everywhere": bool((world.final_share + world.input_share.sum(2) > 0).all()),
    }


@dataclass(frozen=True)
class Equilibrium:
    """Levels; values in the numeraire, prices per unit in the numeraire."""

    factor_price: Array  # [N, F]
    price: Array  # [N, J] price index of the sector, paid by buyers in n
    unit_cost: Array  # [N, J] of the bundle of (i, s)
    entrants: Array  # [N, J] mass of entrants (firms for Krugman)
    cutoff: Array | None  # [N, N, J] lowest productivity that sells from i in n; None for Krugman
    exporters: Array  # [N, N, J] mass of firms from i that sell in n
    flow: Array  # [N, N, J] sales at producer prices, net of tariff
    spending: Array  # [N, J] at buyers' prices, tariff included
    income: Array  # [N] factor income + tariff revenue + transfer = final demand
    intermediate: Array  # [N, J_input, J_user] purchases of inputs, tariff included
    value_added: Array  # [N, J, F] payments to factors
    welfare: Array  # [N] income / prod_s price^final_share
    residual: float  # largest relative residual of all equilibrium conditions


class Firms(NamedTuple):
    """Sums over the firms that one entrant of (i, s) stands for, by destination n: [N, N, J] each, per entrant."""

    revenue: Array  # net of tariff
    price_power: Array  # of the buyer's price to the power 1 - sigma
    variable: Array  # bundles used in production
    fixed: Array  # bundles used for market access
    active: Array  # number of firms that sell
    log_cutoff: Array | None


Model = Callable[[World, Array, Array], Firms]  # (world, log unit cost [N, J], log demand shifter [N, J]) -> Firms


def own(pair: Array) -> Array:
    """Domestic entries [N, J] of an array [N, N, J]."""
    domestic: Array = np.einsum("nns->ns", pair)
    return domestic


# --- firms -------------------------------------------------------------------------------------------------------------------------------


def firm(world: World, log_cost: Array, log_demand: Array, log_productivity: Array) -> tuple[Array, Array, Array]:
    """Logs of producer price, buyer's price and quantity of firms [N, N, J, q] with productivity [N, N, J, q].

    Sections 3.3 and 5.1: p = sigma/(sigma - 1) c tau / productivity, q = A (p (1 + x) (1 + t))^-sigma, with log A = `log_demand` [n, s].
    """
    markup = np.log(world.sigma / (world.sigma - 1))
    price = (markup + log_cost[:, None] + np.log(world.iceberg))[..., None] - log_productivity
    paid = price + (np.log1p(world.tariff) + np.log1p(world.export_tax))[..., None]
    return price, paid, log_demand[None, :, :, None] - world.sigma[:, None] * paid


def sum_over_firms(world: World, log_cost: Array, log_demand: Array, log_productivity: Array, log_mass: Array) -> tuple[Array, ...]:
    """Revenue, buyers' price^(1 - sigma), variable input and number of firms, summed over the last axis with mass exp(`log_mass`)."""
    price, paid, quantity = firm(world, log_cost, log_demand, log_productivity)
    variable = np.log(world.iceberg)[..., None] + quantity - log_productivity
    logs = price + quantity, (1 - world.sigma)[:, None] * paid, variable, np.zeros_like(quantity)
    return tuple(np.exp(log + log_mass).sum(-1) for log in logs)


def quadrature() -> tuple[Array, Array]:
    """Nodes y and weights with sum w g(y) = integral of g over (0, inf), for g that decay exponentially at any rate.

    Double exponential rule y = exp(t - exp(-t)), trapezoid in t (Takahasi and Mori 1974).
    """
    step = 0.15
    t = np.arange(-3.7, 12.0, step)
    y = np.exp(t - np.exp(-t))
    return y, step * y * (1 + np.exp(-t))


NODE, WEIGHT = quadrature()


def melitz_firms(world: World, log_cost: Array, log_demand: Array) -> Firms:
    """Firms above the zero-profit cutoff (6), integrated over the Pareto density k lower_bound^k productivity^-(k+1).

    With productivity = cutoff exp(y / k) the density times its differential is (lower_bound / cutoff)^k exp(-y) dy, y in (0, inf).
    """
    price, _, quantity = firm(world, log_cost, log_demand, np.zeros((*world.iceberg.shape, 1)))
    log_fixed = log_cost[:, None] + np.log(world.fixed_cost)  # value of the fixed cost; revenue grows as productivity^(sigma - 1)
    log_cutoff = (np.log(world.sigma) + log_fixed - (price + quantity)[..., 0]) / (world.sigma - 1)
    log_survival = world.k * (np.log(world.lower_bound)[:, None] - log_cutoff)
    log_productivity = log_cutoff[..., None] + NODE / world.k[:, None]
    log_mass = log_survival[..., None] - NODE + np.log(WEIGHT)
    revenue, price_power, variable, active = sum_over_firms(world, log_cost, log_demand, log_productivity, log_mass)
    return Firms(revenue, price_power, variable, active * world.fixed_cost, active, log_cutoff)


def krugman_firms(world: World, log_cost: Array, log_demand: Array) -> Firms:
    """One firm type with productivity `lower_bound`, which sells everywhere; its fixed cost is `entry_cost`."""
    log_productivity = np.broadcast_to(np.log(world.lower_bound)[:, None, :, None], (*world.iceberg.shape, 1))
    revenue, price_power, variable, active = sum_over_firms(world, log_cost, log_demand, log_productivity, np.zeros(1))
    return Firms(revenue, price_power, variable, np.zeros_like(active), active, None)


# --- world -------------------------------------------------------------------------------------------------------------------------------


class State(NamedTuple):
    """Logs of what the solver looks for."""

    factor_price: Array  # [N, F]
    price: Array  # [N, J]
    entrants: Array  # [N, J]
    spending: Array  # [N, J]


def unpack(world: World, unknown: Array) -> State:
    """`unknown` [NF + 3NJ] as labelled blocks."""
    shapes = world.endowment.shape, *3 * (world.final_share.shape,)
    blocks = np.split(unknown, np.cumsum([np.prod(shape) for shape in shapes])[:-1])
    return State(*(block.reshape(shape) for block, shape in zip(blocks, shapes, strict=True)))


def log_unit_cost(world: World, log_factor_price: Array, log_price: Array) -> Array:
    """[N, J] Cobb-Douglas bundle of factors and sectoral price indices."""
    factors: Array = np.einsum("isf,if->is", world.factor_share, log_factor_price)
    inputs: Array = np.einsum("iks,ik->is", world.input_share, log_price)
    return factors + inputs


def conditions(world: World, model: Model, unknown: Array) -> tuple[list[Array], Equilibrium]:
    """Relative residuals (free entry [N, J], price index [N, J], spending [N, J], factor markets [N, F], numeraire [1]) and all levels.

    Free entry (7): expected profit over the cost of entry = 1. Price index (9): over the firms that sell in n. Spending: final + inputs.
    Factor markets: demand summed over variable, fixed and entry use of firms = endowment.
    """
    state = unpack(world, unknown)
    wage, price, entrants, spending = (np.exp(block) for block in state)
    log_cost = log_unit_cost(world, state.factor_price, state.price)
    cost = np.exp(log_cost)
    firms = model(world, log_cost, state.spending + (world.sigma - 1) * state.price)
    operating = (firms.variable + firms.fixed).sum(1)  # bundles per entrant
    payments = cost * entrants * (operating + world.entry_cost)
    flow = entrants[:, None] * firms.revenue
    value_added, intermediate = payments[..., None] * world.factor_share, payments[:, None] * world.input_share
    factor_income = wage * world.endowment
    duties = (world.tariff * (1 + world.export_tax) * flow).sum((0, 2)) + (world.export_tax * flow).sum((1, 2))
    income = factor_income.sum(1) + duties + world.transfer
    residuals = [
        (firms.revenue.sum(1) - cost * operating) / (cost * world.entry_cost) - 1,
        np.log((entrants[:, None] * firms.price_power).sum(0)) / (1 - world.sigma) - state.price,
        (world.final_share * income[:, None] + intermediate.sum(2)) / spending - 1,
        value_added.sum(1) / factor_income - 1,
        np.atleast_1d(factor_income.sum() / world.endowment.sum() - 1),
    ]
    welfare = income / np.exp((world.final_share * state.price).sum(1))
    cutoff = None if firms.log_cutoff is None else np.exp(firms.log_cutoff)
    exporters = entrants[:, None] * firms.active
    return residuals, Equilibrium(
        wage, price, cost, entrants, cutoff, exporters, flow, spending, income, intermediate, value_added, welfare, np.nan
    )


def square(world: World, model: Model, unknown: Array) -> Array:
    """The residuals as a vector as long as `unknown`: the numeraire takes the place of the factor market that Walras' law implies."""
    *others, factor_market, numeraire = conditions(world, model, unknown)[0]
    return np.concatenate([*(block.ravel() for block in others), factor_market.ravel()[:-1], numeraire])


def jacobian(world: World, model: Model, unknown: Array) -> Array:
    """Derivatives of `square`, one complex step per unknown."""
    steps = 1j * COMPLEX_STEP * np.eye(unknown.size)
    return np.stack([square(world, model, unknown + step).imag for step in steps], axis=1) / COMPLEX_STEP


def entry_is_stable(world: World, model: Model, equilibrium: Equilibrium) -> bool:
    """Whether profits fall with entry in every direction, all else in equilibrium: eigenvalues of d profit / d log entrants < 0."""
    unknown = np.concatenate([np.log(getattr(equilibrium, name)).ravel() for name in State._fields])
    slope, cells, prices = jacobian(world, model, unknown), equilibrium.entrants.size, world.endowment.size
    profit, entry = np.zeros(unknown.size, dtype=bool), np.zeros(unknown.size, dtype=bool)
    profit[:cells] = entry[prices + cells : prices + 2 * cells] = True
    indirect = slope[np.ix_(profit, ~entry)] @ np.linalg.solve(slope[np.ix_(~profit, ~entry)], slope[np.ix_(~profit, entry)])
    return bool(np.linalg.eigvals(slope[np.ix_(profit, entry)] - indirect).real.max() < 0)


def start(world: World, model: Model) -> Array:
    """A guess: wages of one, sales equal to own spending, entry as in a closed sector (22), price indices that fit them."""
    income = (world.endowment.sum(1) + world.transfer)[:, None] * world.final_share
    leontief = np.eye(world.sigma.size) - world.input_share
    spending = np.linalg.solve(leontief, income[..., None])[..., 0]
    heterogeneous = model is melitz_firms
    profit_share = (world.sigma - 1) / (world.k * world.sigma) if heterogeneous else 1 / world.sigma
    damping = (world.sigma - 1) / world.k if heterogeneous else np.ones_like(world.sigma)
    log_wage, log_price = np.zeros_like(world.endowment), np.zeros_like(spending)
    for _ in range(20):
        log_cost = log_unit_cost(world, log_wage, log_price)
        log_entrants = np.log(profit_share * spending / world.entry_cost) - log_cost
        firms = model(world, log_cost, np.log(spending) + (world.sigma - 1) * log_price)
        implied = np.log((np.exp(log_entrants)[:, None] * firms.price_power).sum(0)) / (1 - world.sigma)
        log_price = log_price + damping * (implied - log_price)
    return np.concatenate([block.ravel() for block in (log_wage, log_price, log_entrants, np.log(spending))])


def polish(world: World, model: Model, unknown: Array) -> tuple[Array, float]:
    """Newton steps as long as the largest residual falls; returns the point and that residual (infinite where not finite)."""

    def size(point: Array) -> float:
        residuals = np.concatenate([block.ravel() for block in conditions(world, model, point)[0]])
        return float(np.abs(residuals).max()) if np.isfinite(residuals).all() else np.inf

    best = size(unknown)
    for _ in range(8):
        slope = jacobian(world, model, unknown)
        if not np.isfinite(slope).all() or np.linalg.cond(slope) > 1e14:
            break
        trial = unknown - np.linalg.solve(slope, square(world, model, unknown))
        if (error := size(trial)) >= best:
            break
        unknown, best = trial, error
    return unknown, best


def failure(guess: Array, log_entrants: Array, error: float) -> str:
    """The sentence for a solve that ended at `log_entrants` [N, J] with residual `error`."""
    fall = log_entrants - guess
    i, s = np.unravel_index(np.argmin(fall), fall.shape)
    return (
        f"residual {error:.1e} > {TOLERANCE}: no equilibrium with entry everywhere was found; log entrants of country {i}, sector {s} "
        f"moved by {fall[i, s]:.1f} from their guess (far below zero: a corner, this sector closes there)"
    )


def solve(world: World, model: Model) -> Equilibrium:
    """The equilibrium, with every residual below `TOLERANCE`; otherwise NoEquilibrium."""
    guess = start(world, model)
    for method in "hybr", "lm":
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):  # at trial points; the solution is checked
            found = root(lambda x: square(world, model, x), guess, jac=lambda x: jacobian(world, model, x), method=method, tol=1e-13)
            unknown, error = polish(world, model, found.x)
        if error <= TOLERANCE:
            break
    else:
        raise NoEquilibrium(failure(unpack(world, guess).entrants, unpack(world, unknown).entrants, error))
    levels = conditions(world, model, unknown)[1]
    return Equilibrium(**{field.name: getattr(levels, field.name) for field in fields(levels)} | {"residual": error})


def melitz(world: World) -> Equilibrium:
    """Heterogeneous firms with Pareto productivity (sections 5 and 6); every cutoff must exceed the lower bound."""
    if not (world.k > 1.0003 * (world.sigma - 1)).all():
        raise ValueError(
            "k must exceed sigma - 1 (footnote 25), by 0.03 % or more: nearer, the nodes of the quadrature do not reach far enough"
        )
    equilibrium = solve(world, melitz_firms)
    assert equilibrium.cutoff is not None
    margin = equilibrium.cutoff / world.lower_bound[:, None]
    if margin.min() < 1:
        i, n, s = np.unravel_index(np.argmin(margin), margin.shape)
        raise NoEquilibrium(f"cutoff is {margin.min():.4f} times the lower bound: exporter {i}, importer {n}, sector {s} has no selection")
    return equilibrium


def krugman(world: World) -> Equilibrium:
    """Homogeneous firms, one variety each, fixed cost `entry_cost`, productivity `lower_bound`; `k` and `fixed_cost` are not used."""
    return solve(world, krugman_firms)


# --- random worlds -----------------------------------------------------------------------------------------------------------------------


def draw(rng: np.random.Generator, N: int, J: int, F: int, inputs: bool, tariffs: bool, transfers: bool) -> World:
    """Countries of similar size and technology, foreign sales costly, entry cheap beside market access: entry and selection are likely."""
    uniform, home = rng.uniform, np.eye(N, dtype=bool)[..., None]
    sigma = uniform(3, 5, J)
    k = (sigma - 1) * uniform(1.2, 1.6, J)
    endowment = uniform(60, 140, (N, F))
    final, factor, bought = uniform(0.5, 1.5, (N, J)), uniform(0.5, 1.5, (N, J, F)), uniform(0.5, 1.5, (N, J, J))
    input_total = uniform(0.1, 0.2, (N, 1, J)) * inputs
    transfer = uniform(-0.03, 0.03, N) * endowment.sum(1) * transfers
    fixed = uniform(0.9, 1.1, (N, N, J))
    return World(
        endowment=endowment,
        factor_share=factor / factor.sum(2, keepdims=True) * (1 - input_total[:, 0, :, None]),
        input_share=bought / bought.sum(1, keepdims=True) * input_total,
        final_share=final / final.sum(1, keepdims=True),
        sigma=sigma,
        k=k,
        iceberg=np.where(home, 1.0, uniform(1.3, 1.6, (N, N, J)) * max(N - 1, 1) ** (1 / k)),  # openness does not rise with N
        fixed_cost=np.where(home, fixed, 1.3 * fixed),
        entry_cost=uniform(0.4, 0.6, (N, J)),
        lower_bound=uniform(0.95, 1.05, (N, J)),
        tariff=np.where(home, 0.0, uniform(0, 0.2, (N, N, J))) * tariffs,
        transfer=transfer - transfer.mean(),
    )


def random_world(
    rng: np.random.Generator, N: int, J: int, F: int = 1, inputs: bool = False, tariffs: bool = True, transfers: bool = True
) -> World:
    """A world, drawn until Melitz (with selection in every market) and Krugman both have equilibria that are stable under entry."""
    for _ in range(100):
        world = draw(rng, N, J, F, inputs, tariffs, transfers)
        try:
            equilibria = {melitz_firms: melitz(world), krugman_firms: krugman(world)}
        except NoEquilibrium:
            continue
        if all(entry_is_stable(world, model, equilibrium) for model, equilibrium in equilibria.items()):
            return world
    raise NoEquilibrium(f"none of 100 random worlds with N={N}, J={J}, F={F} has entry everywhere")
