"""What of a large result is worth showing: the countries that matter most and the industries that vanish."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.model.benchmark import Benchmark
from cge.model.shock import SHOCK_DIMS
from cge.results.acting import MANY, changed, given
from cge.solve.solution import Solution


def countries_to_show(solution: Solution, welfare: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The countries worth showing of many, each once: those of the shock, the 10 largest, the 5 that gain and the 5 that lose most."""
    income = pd.Series(solution.reference.values.income, welfare.index)
    by_gain = welfare["real_income_pct"].sort_values(kind="stable")
    wanted = {
        "in the shock": welfare.index[welfare["country"].isin(concerned(solution))],
        "largest": income.nlargest(10).index,
        "gain most": by_gain.index[::-1][:5],
        "lose most": by_gain.index[:5],
    }
    seen: set[int] = set()
    found = {}
    for name, rows in wanted.items():
        fresh = [row for row in rows if row not in seen]
        seen.update(fresh)
        if fresh:
            found[name] = welfare.loc[fresh]
    return found


def concerned(solution: Solution) -> list[str]:
    """Countries that the shock singles out, as importer, exporter or by themselves, where it names only a few on that side."""
    names: list[str] = []
    for kind, dims in SHOCK_DIMS.items():
        if not given(solution, kind):
            continue
        touched = changed(solution, kind) != 0
        for axis, dim in enumerate(dims):
            if dim in ("sector", "factor"):
                continue
            some = np.asarray(touched.any(axis=tuple(other for other in range(len(dims)) if other != axis)))
            if some.sum() <= MANY:
                names += [c for c, hit in zip(solution.benchmark.countries, some, strict=True) if hit]
    return list(dict.fromkeys(names))


def largest_emptied(solution: Solution) -> pd.DataFrame:
    """Industries that the shock empties: `country, sector, name, sales, share` (benchmark money, percent of the country's sales), largest first."""
    sector, country = np.nonzero(solution.empty(solution.counterfactual) & ~solution.empty(solution.reference))
    benchmark, sales = solution.benchmark, solution.reference.values.sales
    names = benchmark.data["sector_name"].values if "sector_name" in benchmark.data.coords else [""] * len(benchmark.sectors)
    table = pd.DataFrame(
        {
            "country": [benchmark.countries[c] for c in country],
            "sector": [benchmark.sectors[s] for s in sector],
            "name": [str(names[s]) for s in sector],
            "sales": sales[sector, country],
            "share": 100 * (sales / sales.sum(axis=0))[sector, country],
        }
    )
    return table.sort_values("sales", ascending=False, kind="stable")


def largest_countries(benchmark: Benchmark, count: int) -> list[str]:
    """Countries with the largest incomes, largest first."""
    income = benchmark.data["income"].values
    return [benchmark.countries[place] for place in np.argsort(-income, kind="stable")[:count]]
