"""Economies, shocks and model variants that the tests share."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import primitives
import xarray as xr
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from cge import (
    Benchmark,
    Economy,
    Exponents,
    Solution,
    armington,
    calibrate,
    change,
    eaton_kortum,
    external_economies,
    krugman,
    make_economy,
    melitz,
    restricted_entry,
    solve_hat,
    variable_markups,
)
from cge.firms import ChokeEconomy, ChokeEquilibrium
from cge.model.shock import Shock
from cge.model.variants import exponents
from cge.runfile.case import Case

Array = NDArray[np.float64]


# --- economies ---------------------------------------------------------------------------------------------------------------------------


def labels(letter: str, count: int) -> list[str]:
    """`C0`, `C1`, …"""
    return [f"{letter}{i}" for i in range(count)]


def dataset(
    flow: Array,
    tariff: Array | None = None,
    intermediate: Array | None = None,
    value_added: Array | None = None,
    export_tax: Array | None = None,
) -> xr.Dataset:
    """Variables of an economy file, labelled `C0`, `S0`, `F0`, …; `flow`, `tariff` and `export_tax` [exporter, importer, sector]."""
    countries, sectors = labels("C", len(flow)), labels("S", flow.shape[2])
    dims: dict[str, tuple[str, ...]] = {
        "flow": ("exporter", "importer", "sector"),
        "tariff": ("exporter", "importer", "sector"),
        "export_tax": ("exporter", "importer", "sector"),
        "intermediate": ("country", "input", "sector"),
        "value_added": ("country", "sector", "factor"),
    }
    axis = {"exporter": countries, "importer": countries, "country": countries, "sector": sectors, "input": sectors}
    if value_added is not None:
        axis["factor"] = labels("F", value_added.shape[2])
    given = {"flow": flow, "tariff": tariff, "intermediate": intermediate, "value_added": value_added, "export_tax": export_tax}
    arrays = {name: xr.DataArray(v, {d: axis[d] for d in dims[name]}, dims[name]) for name, v in given.items() if v is not None}
    return xr.Dataset(arrays)


def random_economy(
    rng: np.random.Generator,
    N: int = 4,
    J: int = 3,
    F: int = 1,
    *,
    inputs: float = 0.0,
    tariffs: bool = True,
    transfers: bool = True,
    zeros: float = 0.0,
    export_taxes: bool = False,
) -> Economy:
    """An economy drawn from shares: origin mixes, cost and final shares, and the incomes they imply.

    Args:
        inputs: mean share of inputs in cost; zeros: chance that a flow, a producer or a market does not exist (the first sector is complete).
    """
    home = np.eye(N, dtype=bool)[..., None]
    exists = rng.random((N, N, J)) >= zeros  # own sales included
    exists &= (rng.random((N, 1, J)) >= zeros / 2) & (rng.random((1, N, J)) >= zeros / 2)
    exists[..., 0] = True
    weight = (
        rng.lognormal(0, 0.3, (N, 1, 1)) * rng.lognormal(0, 0.3, (N, 1, J)) * np.where(home, 1, rng.uniform(0.05, 0.4, (N, N, J))) * exists
    )
    bought = exists.any(axis=0)
    share = weight / np.where(bought, weight.sum(axis=0), 1)
    rate = np.where(home, 0.0, rng.uniform(0, 0.3, (N, N, J)) * (rng.random((N, N, J)) < 0.7)) * tariffs
    final = rng.uniform(0.2, 1, (N, J)) * bought
    final /= final.sum(axis=1, keepdims=True)
    cost = rng.uniform(0.5, 1.5, (N, J, J)) * bought[:, :, None]
    cost *= inputs * rng.uniform(0.6, 1.4, (N, 1, J)) / cost.sum(axis=1, keepdims=True)
    factor = rng.uniform(0.3, 1, (N, J, F))
    factor *= (1 - cost.sum(axis=1))[..., None] / factor.sum(axis=2, keepdims=True)
    tax = np.where(home, 0.0, rng.uniform(0, 0.3, (N, N, J)) * (rng.random((N, N, J)) < 0.7)) if export_taxes else np.zeros_like(rate)
    border = share / (1 + rate)
    net = border / (1 + tax)
    # uses of good k in n by its sector u that sells to m: spending = final + uses · spending
    uses = np.einsum("nku,nmu->nkmu", cost, net).reshape(N * J, N * J)
    per_income = np.zeros((N, J, N))
    per_income[np.arange(N), :, np.arange(N)] = final
    per_income = np.linalg.solve(np.eye(N * J) - uses, per_income.reshape(N * J, N)).reshape(N, J, N)
    earned = np.einsum("imsj,is->ij", np.einsum("ims,msj->imsj", net, per_income), factor.sum(axis=2))
    earned += np.einsum("ins,nsj->nj", share - border, per_income) + np.einsum("ims,msj->ij", border - net, per_income)
    values, vectors = np.linalg.eig(earned)
    income = np.abs(vectors[:, np.argmax(values.real)].real)
    income *= 1000 * N / income.sum() * (1 + rng.uniform(-0.05, 0.05, N) * transfers)
    flow = net * np.einsum("nsj,j->ns", per_income, income)
    sales = flow.sum(axis=1)
    return make_economy(dataset(flow, rate, cost * sales[:, None, :], factor * sales[..., None], tax))


@cache
def drawn(seed: int, N: int = 4, J: int = 3, F: int = 1, *, mobility: float | None = None, groups: int = 0, **options: float) -> Benchmark:
    """A calibrated random economy, made once; arguments as those of `random_economy`, mobility that of `calibrate`, `groups` of workers a factor."""
    economy = random_economy(np.random.default_rng(seed), N, J, F, **options)
    return calibrate(economy, mobility=mobility, group_shares=group_shares(economy, groups, seed) if groups else None)


def group_shares(economy: Economy, groups: int, seed: int = 0) -> pd.DataFrame:
    """Random parts of groups in what sectors pay to each factor, the groups called `F0g0` and so on."""
    rng = np.random.default_rng(seed)
    cells = [(c, f, s) for c in economy.countries for f in economy.factors for s in economy.sectors]
    part = rng.dirichlet(np.ones(groups), len(cells))
    rows = [(c, f, f"{f}g{g}", s, part[k, g]) for k, (c, f, s) in enumerate(cells) for g in range(groups)]
    return pd.DataFrame(rows, columns=["country", "factor", "group", "sector", "share"])


def shuffled(economy: Economy, seed: int) -> Economy:
    """Labels of every axis in another order, exporters unlike importers, dims turned round."""
    random = np.random.default_rng(seed)
    data = economy.data
    order = {dim: list(random.permutation(data[dim].values)) for dim in data.dims}
    mixed = data.reindex(order).drop_vars("country").assign_coords(country=order["country"])
    return make_economy(mixed.map(lambda array: array.transpose(*reversed(array.dims))))


def membership(size: Array, groups: int) -> Array:
    """Which of the n items is in which of the groups [n, groups]: the largest are alone, the last group is the rest."""
    rank = np.argsort(np.argsort(-size, kind="stable"), kind="stable")
    return np.eye(min(groups, len(size)))[np.minimum(rank, groups - 1)]


def pooled(case: Case, countries: int, sectors: int) -> tuple[Benchmark, Exponents, Shock]:
    """What a run file asks for on a smaller world: the largest countries and sectors, the rest as one; rates, costs and elasticities are averages."""
    d, shock = case.economy.data, case.shock
    flow = d["flow"].values
    c, s = membership(flow.sum(axis=(1, 2)), countries), membership(flow.sum(axis=(0, 1)), sectors)

    def summed(values: Array, *axes: Array) -> Array:
        for axis, groups in enumerate(axes):
            values = np.moveaxis(np.tensordot(values, groups, axes=(axis, 0)), -1, axis)
        return values

    new = summed(flow, c, c, s)

    def mean(values: Array, otherwise: float) -> Array:
        """Average over flows [exporter, importer, sector]."""
        return np.where(new > 0, summed(values * flow, c, c, s) / np.where(new > 0, new, 1.0), otherwise)

    rate = mean(d["tariff"].values, 0.0)
    assert not np.diagonal(rate).any(), "pooled: tariffs between countries that become one"
    economy = make_economy(
        dataset(new, rate, summed(d["intermediate"].values, c, s, s), summed(d["value_added"].values, c, s, np.eye(d.sizes["factor"])))
    )
    benchmark = calibrate(economy, intermediates=case.intermediates, negative_final_demand=case.negative_final_demand)
    weight = s * flow.sum(axis=(0, 1))[:, None]
    weight /= weight.sum(axis=0)

    def averaged(value: Any) -> Any:
        """A parameter of sectors that become one; a word only where all have the same."""
        if not isinstance(value, dict):
            return value
        words = {one for one in value.values() if isinstance(one, str)}
        assert len(words) < 2, "pooled: sectors of unlike kinds become one"
        numbers = {} if words else dict(zip(benchmark.sectors, np.array([value[k] for k in d["sector"].values]) @ weight, strict=True))
        return words.pop() if words else numbers

    parameters = {name: averaged(value) for name, value in case.parameters.items()}
    changes: dict[str, Any] = {"transfers": case.transfers}
    for name in ("tariff", "iceberg", "fixed_cost"):
        array = getattr(shock, name)
        if array is not None:
            moved = mean(array.transpose("exporter", "importer", "sector").values, 0.0 if name == "tariff" else 1.0)
            moved = np.where(np.eye(len(new), dtype=bool)[..., None] & (name == "tariff"), 0.0, moved)
            changes[name] = bilateral(benchmark, moved.transpose(2, 0, 1))
    assert [shock.productivity, shock.endowment, shock.baseline] == [None] * 3
    return benchmark, exponents(case.model, parameters, case.scale), change(benchmark, **changes)


def from_primitives(world: primitives.World, levels: primitives.Equilibrium) -> Economy:
    """What a statistician would record of an equilibrium in levels."""
    return make_economy(dataset(levels.flow, world.tariff, levels.intermediate, levels.value_added, world.export_tax))


def recorded(world: ChokeEconomy, found: ChokeEquilibrium) -> Benchmark:
    """The benchmark of what a statistician would record of firms whose demand has a choke price."""
    flow = (found.trade_share * found.spending[:, :, None] / world.after_tariff).transpose(2, 1, 0)
    return calibrate(make_economy(dataset(flow, world.tariff.transpose(2, 1, 0))), intermediates=False)


def stretched(benchmark: Benchmark, before: ChokeEconomy, after: ChokeEconomy) -> dict[str, xr.DataArray]:
    """What changes from one such world to another: trade costs and tariffs."""
    iceberg = bilateral(benchmark, (after.iceberg / before.iceberg).transpose(0, 2, 1))
    return {"iceberg": iceberg, "tariff": bilateral(benchmark, after.tariff.transpose(0, 2, 1))}


# --- models ------------------------------------------------------------------------------------------------------------------------------

SIGMA, K = [4.0, 5.5, 3.2, 6.0, 2.8], [4.4, 6.0, 3.0, 7.5, 2.6]
PROFIT = [0.25, 0.1, 0.3, 0.0, 0.35]


def variants(sectors: list[str], scale: float | None = None) -> dict[str, Exponents]:
    """Every variant with elasticities that differ by sector; with `scale`, those with free entry take it in place of one."""
    sigma, k = dict(zip(sectors, SIGMA, strict=False)), dict(zip(sectors, K, strict=False))
    full = 1.0 if scale is None else scale
    return {
        "armington": armington(sigma),
        "eaton_kortum": eaton_kortum(k),
        "krugman": krugman(sigma, full),
        "melitz": melitz(sigma, k, full),
        "external_economies": external_economies(k, 0.0, scale=0.4 * full),
        "restricted_entry": restricted_entry(k, dict(zip(sectors, PROFIT, strict=False))),
        "variable_markups": variable_markups(k, "qmor", -1.0, scale=full),  # a demand that may sell inputs
    }


MODELS = ["armington", "eaton_kortum", "krugman", "melitz", "external_economies", "restricted_entry", "variable_markups"]


# --- shocks ------------------------------------------------------------------------------------------------------------------------------


def bilateral(benchmark: Benchmark, values: Array | float) -> xr.DataArray:
    """`values` [sector, exporter, importer] with labels."""
    axis = {"sector": benchmark.sectors, "exporter": benchmark.countries, "importer": benchmark.countries}
    return xr.DataArray(np.broadcast_to(values, [len(v) for v in axis.values()]).copy(), axis, list(axis))


def abroad(benchmark: Benchmark, values: Array | float, at_home: float = 1.0) -> xr.DataArray:
    """`values` between countries, `at_home` within."""
    return bilateral(benchmark, np.where(np.eye(len(benchmark.countries), dtype=bool), at_home, values))


def by_country(benchmark: Benchmark, dim: str, values: Array | float) -> xr.DataArray:
    """`values` [sector or factor, country] with labels."""
    axis = {dim: benchmark.sectors if dim == "sector" else benchmark.factors, "country": benchmark.countries}
    return xr.DataArray(np.broadcast_to(values, [len(v) for v in axis.values()]).copy(), axis, list(axis))


def random_shock(
    rng: np.random.Generator, benchmark: Benchmark, size: float = 0.15, *, tariffs: bool = True, export_taxes: bool = False
) -> dict[str, xr.DataArray]:
    """Tariffs, export taxes, icebergs, productivity and endowments, all at once; `size` is the standard deviation of the logs."""
    N, J, F = len(benchmark.countries), len(benchmark.sectors), len(benchmark.factors)
    shock = {
        "iceberg": bilateral(benchmark, rng.lognormal(0, size, (J, N, N))),
        "productivity": by_country(benchmark, "sector", rng.lognormal(0, size / 3, (J, N))),
        "endowment": by_country(benchmark, "factor", rng.lognormal(0, size, (F, N))),
    }
    new = np.maximum((1 + benchmark.data.tariff.values) * rng.lognormal(0, size, (J, N, N)) - 1, 0.0)
    shock |= {"tariff": abroad(benchmark, new, 0.0)} if tariffs else {}
    if not export_taxes:
        return shock
    new = np.maximum((1 + benchmark.rates("export_tax")) * rng.lognormal(0, size, (J, N, N)) - 1, 0.0)
    return shock | {"export_tax": abroad(benchmark, new, 0.0)}


def solve(benchmark: Benchmark, exponents: Exponents, *, unstable: Any = "refuse", **shock: Any) -> Solution:
    """`solve_hat` with the arguments of `change`."""
    return solve_hat(benchmark, exponents, change(benchmark, **shock), unstable=unstable)


def hats(benchmark: Benchmark, exponents: Exponents, **shock: Any) -> xr.Dataset:
    """`Solution.data` of a shock."""
    return solve(benchmark, exponents, **shock).data


# --- comparisons -------------------------------------------------------------------------------------------------------------------------

PRICES = ("real_income", "factor_price", "unit_cost", "price_index")
MONEY = ("income", "sales", "spending", "flow", "tariff_revenue", "transfer")


def same(left: xr.Dataset, right: xr.Dataset, *names: str, rtol: float = 1e-9, money: float = 1.0) -> None:
    """The named variables (default: all changes and all money values) agree by label; values of `right` are in units `money` times smaller."""
    for name in names or (*PRICES, "entry", *MONEY):
        a, b = left[name], right[name].reindex_like(left[name]).transpose(*left[name].dims)
        unit = money if name in MONEY else 1.0
        atol = 1e-13 * float(np.nanmax(np.abs(a))) if name in MONEY else 0.0
        assert_allclose(a, b * unit, rtol=rtol, atol=atol, err_msg=name)


def economy_from(data: xr.Dataset, benchmark: Benchmark, suffix: str = "") -> Economy:
    """The economy that an equilibrium would be recorded as, from `Solution.data` (`suffix` `_benchmark`: the reference)."""
    sales = data[f"sales{suffix}"]
    taxes = {"export_tax": data[f"export_tax{suffix}"]} if f"export_tax{suffix}" in data else {}
    variables: Mapping[str, xr.DataArray] = {
        **taxes,
        "flow": data[f"flow{suffix}"],
        "tariff": data[f"tariff{suffix}"],
        "intermediate": (benchmark.data["input_share"] * sales).transpose("country", "input", "sector"),
        "value_added": (benchmark.data["factor_share"] * sales).transpose("country", "sector", "factor"),
    }
    return make_economy(xr.Dataset(dict(variables)))
