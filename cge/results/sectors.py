"""Sectors of countries, of groups and of the world, with everything that stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.results.columns import Column, changing, mean, membership, total
from cge.results.tables import firm_margins
from cge.results.volumes import abroad, seller_price
from cge.results.workers import heads
from cge.solve.solution import Solution


@dataclass(frozen=True)
class Pieces:
    """What the columns are made of, arrays [sector, country] and pairs of them (reference, counterfactual).

    Attributes:
        sales, output, employment, value_added, real_value_added, exports, imports: pairs, money; output at benchmark prices, employment at
            benchmark factor prices, real value added at benchmark consumer prices.
        heads: workers, None where nothing is known of groups of them. spending: of the reference; entry, price, cost:
            hats; cutoff, firms: hats of those that sell at home, None where firms do not differ.
    """

    sales: tuple[Array, Array]
    output: tuple[Array, Array]
    employment: tuple[Array, Array]
    value_added: tuple[Array, Array]
    real_value_added: tuple[Array, Array]
    exports: tuple[Array, Array]
    imports: tuple[Array, Array]
    heads: tuple[Array, Array] | None
    spending: Array
    entry: Array
    price: Array
    cost: Array
    cutoff: Array | None
    firms: Array | None


def _sold(p: Pieces) -> Array:
    return p.sales[0]


TABLE: tuple[Column[Pieces], ...] = (
    changing("sales_pct", "Sales", lambda p: p.sales),
    Column("entry_pct", "Entry", "%", lambda p: 100 * (p.entry - 1), mean(_sold)),
    Column("price_pct", "Price", "%", lambda p: 100 * (p.price - 1), mean(lambda p: p.spending)),
    Column("input_cost_pct", "Cost of inputs", "%", lambda p: 100 * (p.cost - 1), mean(_sold)),
    changing("employment_pct", "Employment", lambda p: p.employment),
    Column("sales", "Sales", "money", lambda p: p.sales[1], total),
    changing("output_pct", "Real output", lambda p: p.output),
    changing("exports_pct", "Exports", lambda p: p.exports),
    changing("imports_pct", "Imports", lambda p: p.imports),
    Column("exports", "Exports", "money", lambda p: p.exports[1], total),
    Column("imports", "Imports", "money", lambda p: p.imports[1], total),
    changing("value_added_pct", "Value added", lambda p: p.value_added),
    changing("real_value_added_pct", "Real value added", lambda p: p.real_value_added),
    Column("value_added", "Value added", "money", lambda p: p.value_added[1], total),
)
"""The columns of sectors.csv behind `country` and `sector`, in their order; those of groups and their headings follow from it."""

FIRMS: tuple[Column[Pieces], ...] = (
    Column("cutoff_pct", "Productivity cutoff", "%", lambda p: _moved(p.cutoff), mean(_sold)),
    Column("firms_pct", "Firms", "%", lambda p: _moved(p.firms), mean(_sold)),
    Column(
        "average_productivity_pct",
        "Average productivity",
        "%",
        lambda p: np.where(_moved(p.firms) > -100, _moved(p.cutoff), np.nan),
        mean(_sold),
    ),
)
"""Further columns where firms differ in productivity; those of countries alone."""


def _heads(p: Pieces) -> tuple[Array, Array]:
    assert p.heads is not None
    return p.heads


WORKERS: tuple[Column[Pieces], ...] = (changing("moved_pct", "Workers", _heads),)
"""Further columns where groups of workers are known."""


def _moved(hat: Array | None) -> Array:
    assert hat is not None
    return 100 * (hat - 1)


def sectors_table(solution: Solution) -> pd.DataFrame:
    """One row for each country and sector, the columns of sectors.csv.

    Changes in percent are 100·(hat − 1) from the reference, NaN where a cell sells or buys nothing there; money is that of the counterfactual.

    - `sales`, `sales_pct`: R', at producer prices in the numeraire, world factor income; `output_pct`: real, R̂ over the seller's unit price
      (`cge.results.volumes.seller_price`).
    - `value_added`, `value_added_pct`: payments to factors, Σ_f a_f R', and profits; `real_value_added_pct`: of what they buy, over the consumer
      prices of the country Π P̂^β; over all sectors of a country it is real factor income. `employment_pct`: Σ_f a_f R̂/ŵ_f over Σ_f a_f,
      efficiency units.
    - `moved_pct`: heads, where groups of workers are known, those of each group counted by what it earned (`cge.results.workers.heads`).
    - `price_pct` (P̂), `input_cost_pct` (ĉ), `entry_pct` (100(Ŝ − 1)).
    - `exports`, `imports` and their `_pct`: at producer prices, own sales excluded.

    Under Melitz also changes of `cutoff_pct` (the lowest productivity that sells at home), `firms_pct` (the mass of firms that do) and
    `average_productivity_pct` (of these firms: under Pareto φ̃ is in proportion to the cutoff; NaN where none are left). NaN where the home
    market is closed, the last two also where nobody sold there in the reference.
    """
    pieces, benchmark = _pieces(solution), solution.benchmark
    further = FIRMS if solution.exponents.entrants.differ else ()
    columns = {column.name: column.make(pieces) for column in (*_columns(solution), *further)}
    return _rows(benchmark.countries, benchmark.sectors, columns)


def _columns(solution: Solution) -> tuple[Column[Pieces], ...]:
    """Columns of countries and of groups alike."""
    return TABLE if solution.benchmark.workers is None else (*TABLE, *WORKERS)


def sector_groups_table(solution: Solution, groups: dict[str, list[str]], sector_groups: dict[str, list[str]]) -> pd.DataFrame:
    """The columns of sector_groups.csv: sectors of `World` and of every group of countries; and groups of sectors, of these and of every country.

    Money is summed. Output and employment are sums at benchmark prices, value added one at benchmark consumer prices of each country, trade that of
    all members with anybody (trade inside a group included); prices are averages weighted by benchmark spending, costs and entry by sales.
    """
    benchmark, pieces = solution.benchmark, _pieces(solution)
    several, one = {"World": benchmark.countries, **groups}, {label: [label] for label in benchmark.countries}
    alone = {label: [label] for label in benchmark.sectors}
    blocks = ((several, {**alone, **sector_groups}), (one, sector_groups))
    return pd.concat([_block(solution, pieces, countries, sectors) for countries, sectors in blocks if sectors], ignore_index=True)


def _block(solution: Solution, pieces: Pieces, countries: dict[str, list[str]], sectors: dict[str, list[str]]) -> pd.DataFrame:
    """Rows of groups on both sides."""
    across, down = membership(solution.benchmark.countries, countries), membership(solution.benchmark.sectors, sectors)
    columns = {
        column.name: column.together(pieces, column.make(pieces), lambda values: down @ values @ across.T) for column in _columns(solution)
    }
    return _rows(list(countries), list(sectors), columns)


def _rows(countries: list[str], sectors: list[str], columns: dict[str, Array]) -> pd.DataFrame:
    """A table of arrays [sector, country], country by country."""
    labels = {"country": np.repeat(countries, len(sectors)), "sector": np.tile(sectors, len(countries))}
    return pd.DataFrame({**labels, **{name: values.T.ravel() for name, values in columns.items()}})


def _pieces(solution: Solution) -> Pieces:
    old, new, data = solution.reference, solution.counterfactual, solution.data
    sales = old.values.sales, new.values.sales
    share = new.system.factor_share
    profit = 0.0 if new.system.profit is None else new.system.profit
    added = (1 - profit) * share.sum(axis=0) + profit * (sales[0] > 0)
    wage = np.exp(new.log_unit_price - old.log_unit_price)
    prices = np.exp(eq.log_consumer_price(new.unknowns.log_price - old.unknowns.log_price, new.system.final_share))
    traded = [abroad(found.flow) for found in (old, new)]
    firms, cutoff = _at_home(solution) if solution.exponents.entrants.differ else (None, None)
    return Pieces(
        sales=sales,
        output=(sales[0], sales[1] / np.where(sales[1] > 0, seller_price(solution), 1.0)),
        employment=(share.sum(axis=0) * sales[0], (share / wage).sum(axis=0) * sales[1]),
        value_added=(added * sales[0], added * sales[1]),
        real_value_added=(added * sales[0], added * sales[1] / prices),
        exports=(traded[0].sum(axis=2), traded[1].sum(axis=2)),
        imports=(traded[0].sum(axis=1), traded[1].sum(axis=1)),
        heads=heads(solution),
        spending=old.spending,
        entry=np.where(np.isfinite(data["entry"].values), data["entry"].values, np.nan),
        price=data["price_index"].values,
        cost=data["unit_cost"].values,
        cutoff=cutoff,
        firms=firms,
    )


def _at_home(solution: Solution) -> tuple[Array, Array]:
    """Hats of the mass of firms that sell at home and of their cutoff [sector, country]."""
    firms, cutoff = (np.diagonal(hat, axis1=1, axis2=2) for hat in firm_margins(solution))
    return firms, cutoff
