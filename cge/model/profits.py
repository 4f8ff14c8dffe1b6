"""Profits of producers whose number is given: what is left of an economy's value added for factors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.model.benchmark import Benchmark
from cge.model.supply import Supply


class CostAccounts(NamedTuple):
    """What producers pay.

    Attributes:
        factor_share: a [factor, sector, country]; input_share: γ [country, sector, input], None without inputs; shares of cost, together one.
        factor_income: payments to factors [factor, country], money. sales: R; profit: ν [sector].
    """

    factor_share: Array
    input_share: Array | None
    factor_income: Array
    sales: Array
    profit: Array

    @property
    def payments(self) -> Array:
        """What sectors pay to factors [factor, sector, country], money."""
        return np.asarray(self.factor_share * ((1 - self.profit[:, None]) * self.sales))

    def supply(self, benchmark: Benchmark) -> Supply | None:
        """How factors supply themselves to sectors; None where each is one pool."""
        return None if benchmark.workers is None else benchmark.workers.supply(benchmark.labels, self.payments)

    def endowed(self, supply: Supply | None, factor: Array) -> Array:
        """What markets pay at benchmark prices where endowments are multiplied by these [factor, country], money [market, country]."""
        whole = self.factor_income * factor
        return whole if supply is None else supply.endowed(whole, self.payments)


def cost_accounts(benchmark: Benchmark, profit: Array) -> CostAccounts:
    """Shares of cost and payments to factors where a share ν of sales is profit, which the value added of the data contains.

    Payments are value added less ν R, taken from the factors of a cell in proportion; costs are (1 − ν) R.

    Args:
        profit: ν [sector]; without any these are the shares and payments of the benchmark.

    Raises:
        DataError: value added that does not exceed profit, by cell.
    """
    data = benchmark.arrays
    if not profit.any():
        return CostAccounts(data["factor_share"], benchmark.uses, data["factor_income"], data["sales"], profit)
    share, sales = profit[:, None], data["sales"]
    added = data["factor_share"].sum(axis=0)
    short = (sales > 0) & (added <= share)
    if short.any():
        raise DataError(_faults(benchmark, short, added, profit))
    cost = 1 - share
    paid = data["factor_share"] * np.where(sales > 0, 1 - share / np.where(sales > 0, added, 1.0), 1.0)
    uses = None if benchmark.uses is None else benchmark.uses / cost.T[..., None]
    return CostAccounts(paid / cost, uses, (paid * sales).sum(axis=1), sales, profit)


def _faults(benchmark: Benchmark, short: Array, added: Array, profit: Array) -> list[str]:
    """A sentence for each sector with cells whose value added does not cover profits."""
    found = []
    for s in np.flatnonzero(short.any(axis=1)):
        places = np.flatnonzero(short[s])
        named = ", ".join(f"{benchmark.countries[n]} ({added[s, n]:.3g})" for n in places[:8])
        found.append(
            f"profit: {profit[s]:g} of sales in {benchmark.sectors[s]} leaves nothing to factors where value added is no larger a part of sales: "
            f"{named}{f' and {len(places) - 8} more' if len(places) > 8 else ''}. Lower profit there, or merge the cells (cge aggregate)."
        )
    return found
