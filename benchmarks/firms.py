"""How long the open economy of heterogeneous firms takes: countries that differ, log-normal productivity, corners.

    python benchmarks/firms.py

Seconds are the best of five on one BLAS thread (`make bench` sets it). Worlds are drawn with a fixed seed. The columns count countries without
entrants, those that leave the outside good (their wage is then solved for too), and those whose firms decide on home and foreign markets together.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time

import numpy as np

from cge.firms import OpenEconomy, log_normal, open_equilibrium


def world(n: int, beta: float, cheapest: float, seed: int = 1) -> OpenEconomy:
    """Countries drawn at random: log-normal s from 0.2 to 0.5, labour with a spread of 0.3, iceberg costs from `cheapest` up."""
    rng = np.random.default_rng(seed)
    home = np.eye(n, dtype=bool)
    return OpenEconomy(
        [log_normal(rng.uniform(0.2, 0.5), rng.uniform(-0.1, 0.1)) for _ in range(n)],
        sigma=4.0,
        labour=100 * rng.lognormal(0, 0.3, n),
        entry_cost=rng.uniform(0.4, 0.6, n),
        fixed_cost=np.where(home, 1, rng.uniform(1, 2, (n, n))),
        iceberg=np.where(home, 1, rng.uniform(cheapest, 2.2, (n, n))),
        spending_share=beta,
    )


def main() -> None:
    """Print the table."""
    print(f"{'case':32}{'seconds':>9}{'no entrants':>13}{'no outside good':>17}{'joint':>7}")
    for name, n, beta, cheapest in (
        ("10 countries", 10, 0.4, 1.3), ("40 countries", 40, 0.4, 1.3), ("40 countries, large sector", 40, 0.9, 1.3),
        ("40 countries, cheap trade", 40, 0.4, 1.05), ("40 countries, no outside good", 40, 1.0, 1.3),
    ):  # fmt: skip
        economy, seconds = world(n, beta, cheapest), []
        for _ in range(5):
            began = time.perf_counter()
            found = open_equilibrium(economy)
            seconds.append(time.perf_counter() - began)
        left = int((found.outside_labour == 0).sum()) if economy.outside else 0
        print(f"{name:32}{min(seconds):9.3f}{int((found.entrants == 0).sum()):13}{left:17}{int((~found.exporters_choose).sum()):7}")


if __name__ == "__main__":
    main()
