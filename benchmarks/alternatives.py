"""The same one-sector question asked of `gegravity` (PyPI) and of this package: seconds, and what each answer leaves of the original equations.

    pip install gegravity && python benchmarks/alternatives.py

A random world of N countries with balanced trade (Armington, σ = 6); international trade costs fall by 10 %. Both get the same data: gegravity as
the trade costs under which its gravity equation fits them exactly. The residual is that of the factor markets, w_i L_i = Σ_n λ_in(w) w_n L_n, at the
factory-gate prices that each reports, relative, computed here for both alike; the gap is between the two answers. gegravity 0.3 takes output and
expenditure shares from the benchmark in its resistance terms, so that large changes leave a residual by this measure, whatever its tolerance.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import xarray as xr

import cge

SIGMA, FALL = 6.0, 0.9


def world(count: int) -> np.ndarray:
    """Flows [exporter, importer] of a world with balanced trade, home sales included."""
    rng = np.random.default_rng(count)
    flow = rng.lognormal(0, 0.5, (count, count)) * rng.lognormal(0, 0.7, count)[:, None] / count
    flow[np.arange(count), np.arange(count)] = rng.uniform(1, 3, count)
    for _ in range(500):  # rows and columns of a country to the same total
        flow *= np.sqrt(flow.sum(axis=0) / flow.sum(axis=1))[:, None]
    return flow


def residual(flow: np.ndarray, price: np.ndarray) -> float:
    """Largest relative excess in the factor markets at factory-gate prices relative to the benchmark."""
    away = ~np.eye(len(flow), dtype=bool)
    size = flow.sum(axis=1)
    weight = flow / size[None, :] * np.where(away, FALL, 1.0) ** (1 - SIGMA) * price[:, None] ** (1 - SIGMA)
    share = weight / weight.sum(axis=0)
    return float(np.abs((share * (price * size)[None, :]).sum(axis=1) / (price * size) - 1).max())


def ours(flow: np.ndarray) -> tuple[np.ndarray, float]:
    """Factory-gate prices and seconds."""
    names = [f"C{i:03d}" for i in range(len(flow))]
    labels = {"exporter": names, "importer": names, "sector": ["goods"]}
    b = cge.calibrate(cge.make_economy(xr.Dataset({"flow": (tuple(labels), flow[..., None])}, labels)))
    cost = np.where(np.eye(len(flow), dtype=bool), 1.0, FALL)[None]
    iceberg = xr.DataArray(cost, {"sector": b.sectors, "exporter": names, "importer": names}, ("sector", "exporter", "importer"))
    began = time.process_time()
    solution = cge.solve_hat(b, cge.armington(SIGMA), cge.change(b, iceberg=iceberg))
    return solution.data["factor_price"].values[0], time.process_time() - began


def gegravitys(flow: np.ndarray) -> tuple[np.ndarray, float]:
    """The same from gegravity, whose baseline is solved, too."""
    import gegravity

    names = [f"C{i:03d}" for i in range(len(flow))]
    size, total = flow.sum(axis=1), flow.sum()
    fit = np.log(flow * total / size[:, None] / size)
    rows = [
        {
            "exporter": i,
            "importer": n,
            "year": "1",
            "trade": flow[a, b],
            "Y": size[a],
            "E": size[b],
            "fit": fit[a, b],
        }
        for a, i in enumerate(names)
        for b, n in enumerate(names)
    ]
    table = pd.DataFrame(rows)
    base = gegravity.BaselineData(table, trade_var_name="trade", expend_var_name="E", output_var_name="Y")
    coefficients = gegravity.CostCoeffs(
        pd.DataFrame({"identifier": ["fit"], "coeff": [1.0], "stderr": [0.1]}),
        identifier_col="identifier",
        coeff_col="coeff",
        stderr_col="stderr",
    )
    began = time.process_time()
    model = gegravity.OneSectorGE(
        base, year="1", reference_importer=names[0], expend_var_name="E", output_var_name="Y", sigma=SIGMA,
        cost_variables=["fit"], cost_coeff_values=coefficients, quiet=True,
    )  # fmt: skip
    model.build_baseline(omr_rescale=1)
    after = table.copy()
    after.loc[after["exporter"] != after["importer"], "fit"] += (1 - SIGMA) * np.log(FALL)
    model.define_experiment(after)
    model.simulate()
    seconds = time.process_time() - began
    price = model.factory_gate_prices.loc[names].iloc[:, 0].to_numpy(float)
    return price, seconds


def main() -> None:
    """Sizes in turn."""
    print("countries  ours: s  residual    gegravity: s  residual   ratio    gap")
    for count in (10, 30, 60):
        flow = world(count)
        price, seconds = ours(flow)
        try:
            other, took = gegravitys(flow)
        except ImportError:
            print(f"{count:9d} {seconds:8.3f}  {residual(flow, price):8.0e}    gegravity is not installed")
            continue
        gap = np.abs(other / other[0] / (price / price[0]) - 1).max()
        print(
            f"{count:9d} {seconds:8.3f}  {residual(flow, price):8.0e}    {took:12.3f}  {residual(flow, other):8.0e}  {took / seconds:6.0f}  {gap:.0e}"
        )


if __name__ == "__main__":
    main()
