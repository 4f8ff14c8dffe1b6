"""How fast a counterfactual solves, against a plain fixed point that stands here, and in passes over the trade shares.

    python benchmarks/solve.py [ECONOMY.nc ...]

For every economy (default: the embedded one) and case: seconds of the solve (best of five, after one to warm up), Newton steps, the same in
passes (one pass is a batched product of the trade-share array with a vector of countries), and the ratio to the plain fixed point in the same run.
Run on one BLAS thread (`make bench` does); the machine's speed cancels in the ratios, not in the seconds.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import cge
from cge.model.benchmark import Benchmark, labelled
from cge.model.build import build
from cge.model.system import System, start
from cge.solve.search import solve
from cge.solve.stability import radius

TOP = Path(__file__).resolve().parents[1]
TOLERANCE = 1e-11


def best(function: Callable[[], object], times: int = 5) -> float:
    """Shortest of several timings, seconds."""
    function()
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def plain_fixed_point(system: System, damping: float = 0.3, limit: int = 20000) -> tuple[int, float]:
    """The textbook iteration without scale: wages up where exports exceed imports, prices and spending updated in turn.

    Returns the number of passes over the equations and the largest relative residual of the factor markets reached.
    """
    s = system
    weight = s.foreign + s.home[:, :, None] * np.eye(s.home.shape[1])
    net = s.net_foreign + s.home[:, :, None] * np.eye(s.home.shape[1])
    scale = np.exp(s.log_unit)
    wage = np.ones(s.endowed.shape)
    price, spending = np.ones(s.home.shape), s.benchmark_spending.copy()
    count, moved = 0, np.inf
    while count < limit and moved >= TOLERANCE:
        count += 1
        log_cost = (s.factor_share * np.log(wage)[:, None, :]).sum(axis=0)
        if s.input_share is not None:
            log_cost += np.einsum("nsk,kn->sn", s.input_share, np.log(price))
        z = weight * np.exp(s.seller.unit_cost * log_cost)[:, :, None]
        total = z.sum(axis=1) + ~s.bought
        new_price = np.where(s.bought, (total * scale) ** (-1 / s.buyer.trade), 1.0)
        share = z / total[:, None, :]
        sold = share * np.where(weight > 0, net / np.where(weight > 0, weight, 1.0), 0.0)
        sales = np.einsum("sin,sn->si", sold, spending)
        revenue = ((share.sum(axis=1) - sold.sum(axis=1)) * spending).sum(axis=0)
        income = (wage * s.endowed).sum(axis=0) + revenue + s.transfer
        new_spending = s.final_share * income
        if s.input_share is not None:
            new_spending = new_spending + np.einsum("nsk,sn->kn", s.input_share, sales)
        demand = (s.factor_share * sales).sum(axis=1)
        gap = demand / (wage * s.endowed) - 1
        moved = max(np.abs(gap).max(), np.abs(new_price / price - 1).max(), np.abs(new_spending - spending).max() / spending.max())
        price, spending = new_price, new_spending
        wage = wage * (1 + damping * gap)
        wage *= s.endowed.sum() / (wage * s.endowed).sum()
    return count, float(moved)


def tariff(data: Benchmark, country: str, rate: float = 0.1) -> cge.Shock:
    """A tariff of one country on everything foreign, on top of what there is."""
    mine = np.array(data.countries) == country
    rates = data.data["tariff"].values + rate * (mine[None, None, :] & ~mine[None, :, None])
    return cge.change(data, tariff=labelled(data, rates, "sector", "exporter", "importer"))


def cases(name: str) -> list[tuple[str, bool, cge.Exponents]]:
    """Label, inputs or not, model."""
    return [
        ("Eaton-Kortum, inputs", True, cge.eaton_kortum(5.0)),
        ("Krugman scale 0.5, inputs", True, cge.krugman(6.0, 0.5)),
        ("Eaton-Kortum, no inputs", False, cge.eaton_kortum(5.0)),
        ("Krugman scale 0.9, no inputs", False, cge.krugman(6.0, 0.9)),
        ("Krugman, no inputs", False, cge.krugman(6.0)),
        ("Melitz, no inputs", False, cge.melitz(4.0, 5.0)),
    ]


def report(path: Path) -> None:
    """Print the table of one economy."""
    economy = cge.open_economy(path)
    country = "USA" if "USA" in economy.countries else economy.countries[0]
    print(f"\n{path.stem}: {len(economy.countries)} x {len(economy.sectors)}, 10 % tariff of {country}")
    print(f"{'case':30} {'seconds':>8} {'steps':>6} {'passes':>7} {'residual':>9} {'corners':>8} {'fixed point / ours':>19}")
    for label, inputs, model in cases(path.stem):
        data = cge.calibrate(economy, intermediates=inputs, negative_final_demand="zero")
        base, target = build(data, model, cge.Shock()), build(data, model, tariff(data, country))
        vector = np.ones(target.home.shape)[..., None]
        one_pass = best(lambda target=target, vector=vector: np.matmul(target.foreign, vector), 50)
        point, solver, _ = solve(target, lambda base=base: base, TOLERANCE)
        seconds = best(lambda target=target, base=base: solve(target, lambda: base, TOLERANCE))
        ratio = "no scale effects"
        if not target.scale.any():
            count, reached = plain_fixed_point(target)
            plain = best(lambda target=target: plain_fixed_point(target), 2)
            ratio = f"{plain / seconds:.1f} ({count} it., {reached:.0e})"
        empty = int(((point.u.entry == 0) & target.produced).sum())
        print(
            f"{label:30} {seconds:8.3f} {solver.iterations:6d} {seconds / one_pass:7.0f} {point.largest:9.1e} {empty:8d} {ratio:>19}",
            flush=True,
        )
        if inputs and target.scale.any():
            began = time.perf_counter()
            value = radius(base, start(base))
            print(f"{'  certificate of stability':30} {time.perf_counter() - began:8.3f}   radius {value:.4f}")


if __name__ == "__main__":
    for file in [Path(a) for a in sys.argv[1:]] or [TOP / "data" / "icio2022.nc"]:
        report(file)
    print(f"\npeak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
