"""Systems away from their equilibrium, for the tests of what is linearised and of what is transposed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from worlds import MODELS, Array, drawn, random_shock, variants

from cge import Benchmark, Exponents, change, krugman
from cge.model.build import build
from cge.model.linear import Linearised, rows
from cge.model.system import System, Unknowns, evaluate, log_profitability, start

STEP = 1e-30  # complex step: derivative of f at x = Im f(x + i h) / h, exact to rounding

WORLDS = {
    "no inputs": {"F": 1},
    "inputs": {"F": 1, "inputs": 0.4},
    "inputs, two factors": {"F": 2, "inputs": 0.4},
    "zeros, two factors": {"F": 2, "zeros": 0.4},
    "zeros, inputs": {"F": 1, "inputs": 0.4, "zeros": 0.4},
    "no tariff": {"F": 2, "inputs": 0.4, "tariffs": False},
    "export taxes, two factors": {"F": 2, "export_taxes": True},
    "export taxes, inputs": {"F": 1, "inputs": 0.4, "export_taxes": True},
    "workers by sector, inputs": {"F": 2, "inputs": 0.4, "mobility": 1.7},
    "groups of workers, zeros": {"F": 2, "zeros": 0.4, "mobility": 2.5, "groups": 2},
}


@dataclass
class Case:
    """A system away from its equilibrium, and a direction [… , 1] of the unknowns."""

    system: System
    u: Unknowns
    lin: Linearised
    d_wage: Array
    d_price: Array
    d_spending: Array
    d_entry: Array


def case(world: str, exponents: Callable[[Benchmark], Exponents], rule: str = "fixed", data: Benchmark | None = None) -> Case:
    """A random candidate of a random shock; entry a third from the data, which are those of the world unless given."""
    rng = np.random.default_rng(1)
    data = drawn(1, **WORLDS[world]) if data is None else data
    taxed = {"tariffs": WORLDS[world].get("tariffs", True), "export_taxes": WORLDS[world].get("export_taxes", False)}
    shock = change(data, **random_shock(rng, data, **taxed), transfers=rule)
    system = build(data, exponents(data), shock)
    wage, cell = system.endowed.shape, system.home.shape

    def draw(shape: tuple[int, ...], where: Array | bool = True) -> Array:
        return 0.2 * rng.standard_normal(shape) * where

    moves = system.produced & (system.scale > 0)
    log_entry = draw(cell, moves)
    u = Unknowns(
        draw(wage),
        draw(cell, system.bought),
        draw(cell, system.bought),
        np.exp(log_entry) * start(system).entry,
        log_entry * (system.scale < 1),
    )
    lin = Linearised(system, u, evaluate(system, u), np.where(moves, 0.1, 0.0))
    directions = draw(wage), draw(cell, system.bought), draw(cell, system.bought), draw(cell, moves)
    return Case(system, u, lin, *(d[..., None] for d in directions))


def along(c: Case, d_wage: Array, d_price: Array, d_spending: Array, d_entry: Array) -> tuple[Array, Array, Array, Array]:
    """Derivatives of `rows` and of ln q along a direction, by complex step through the equations."""
    i = 1j * STEP
    u = c.u
    free = (c.system.scale > 0) & (c.system.scale < 1)
    moved = Unknowns(
        u.log_factor_price + i * d_wage[..., 0],
        u.log_price + i * d_price[..., 0],
        u.log_spending_change + i * d_spending[..., 0],
        u.entry * (1 + i * d_entry[..., 0]),
        u.log_entry + i * d_entry[..., 0] * free,
    )
    v = evaluate(c.system, moved)
    profit = np.where(c.system.produced, log_profitability(c.system, moved, v), 0.0)
    return tuple(np.imag(part) / STEP for part in (*rows(c.system, moved, v), profit))


def of_variant(model: str, scale: float) -> Callable[[Benchmark], Exponents]:
    """A variant on the sectors of a benchmark."""
    return lambda data: variants(data.sectors, scale)[model]


def mixed(data: Benchmark) -> Exponents:
    """Sectors without entry, with nested scale and with free entry, side by side."""
    return krugman(dict(zip(data.sectors, [4.0, 5.0, 3.0], strict=True)), dict(zip(data.sectors, [0.0, 0.5, 1.0], strict=True)))


EXPONENTS = {f"{model} {scale}": of_variant(model, scale) for model in MODELS for scale in (0.5, 1.0)} | {"mixed": mixed}
del EXPONENTS["armington 0.5"], EXPONENTS["eaton_kortum 0.5"], EXPONENTS["restricted_entry 0.5"]
