"""What the gradient of one country's real income costs, in solves of the counterfactual it is taken at.

    python benchmarks/gradient.py [ECONOMY.nc ...]

For every economy (default: the embedded one) and model: seconds of the solve, of linearising it (once, for any number of countries), and of one
country's adjoint solve with the derivatives by all tariffs and all icebergs (best of three); their ratios to the solve in the same run; directions
of the transposed Jacobian; industries at and near a corner. The machine's speed cancels in the ratios. Run on one BLAS thread.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import sys
from pathlib import Path

from solve import TOP, best, cases, tariff

import cge
from cge.results.differentiable import log_real_income
from cge.results.gradient import derivatives, linearise

BY = ("tariff", "iceberg")
COLUMNS = ("solve s", "linearise", "adjoint", "both/solve", "adjoint/solve", "directions", "corners", "near")


def row(data: cge.Benchmark, model: cge.Exponents, country: str) -> tuple[object, ...]:
    """The figures of `COLUMNS`; seconds of the solve are without the certificate of stability."""
    _, *solved = [cge.solve_hat(data, model, tariff(data, country), unstable="follow") for _ in range(4)]  # the first warms up
    solution, whole = solved[-1], min(one.seconds for one in solved)
    output = log_real_income(solution, [[country]])
    first = best(lambda: linearise(solution, BY), 3)
    point = linearise(solution, BY)
    one = best(lambda: list(derivatives(point, output)), 3)
    products = point.new.space.count
    ratios = f"{(first + one) / whole:.2f}", f"{one / whole:.2f}"
    return f"{whole:.3f}", f"{first:.3f}", f"{one:.3f}", *ratios, products, point.attrs["corners"], point.attrs["near_corner"]


def report(path: Path) -> None:
    """Print the table of one economy."""
    economy = cge.open_economy(path)
    country = "USA" if "USA" in economy.countries else economy.countries[0]
    print(f"\n{path.stem}: {len(economy.countries)} x {len(economy.sectors)}, 10 % tariff of {country}; gradient of its real income")
    print(f"{'case':30}" + "".join(f" {name:>9}" for name in COLUMNS))
    for label, inputs, model in cases(path.stem):
        data = cge.calibrate(economy, intermediates=inputs, negative_final_demand="zero")
        values = zip(COLUMNS, row(data, model, country), strict=True)
        print(f"{label:30}" + "".join(f" {value:>{max(len(name), 9)}}" for name, value in values), flush=True)


if __name__ == "__main__":
    for file in [Path(a) for a in sys.argv[1:]] or [TOP / "data" / "icio2022.nc"]:
        report(file)
    print(f"\npeak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
