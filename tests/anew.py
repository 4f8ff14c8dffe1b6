"""A solution checked by equations written anew, from its labelled data and the quantities of the year. Shares no code with the package.

MODEL section 3 read backwards. Flows, sales and spending of an equilibrium say what factor prices, prices and entry must have been; with these every
flow, account and zero-profit condition is computed again. Arrays are [sector, exporter, importer], [sector, country], [factor, country].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALLEST = 1e-300
"""Entry, over that of the year, that is still told from none."""

FLOOR = 1e-12
"""Money below this part of its country's spending is judged by that floor: a flow of nothing has no relative error."""


class Year(Protocol):
    """The quantities of the benchmark year, money: [exporter, importer, sector] and [country, …]."""

    flow: Array
    tariff: Array
    export_tax: Array
    intermediate: Array
    value_added: Array


@dataclass(frozen=True)
class Model:
    """Exponents [sector], from the structural parameters (MODEL section 4), and the share of sales that is profit."""

    trade: Array
    cost: Array
    tariff: Array
    scale: Array
    market: Array
    profit: Array

    @classmethod
    def of(cls, variant: str, trade: Array, sigma: Array, scale: Array, profit: Array) -> Model:
        """The row of a variant."""
        market = 1 / (sigma - 1) - scale / trade if variant == "melitz" else np.zeros_like(trade)
        cost = trade * (1 + market)
        return cls(trade, cost, cost, scale, market, profit)


@dataclass(frozen=True)
class Primitives:
    """What an equilibrium is an equilibrium of: rates of tariffs and of export taxes, factors on icebergs, productivity and endowments."""

    rate: Array
    levy: Array
    iceberg: Array
    productivity: Array
    endowment: Array


@dataclass(frozen=True)
class Anew:
    """One equilibrium (the new one, or with `suffix` `_benchmark` the reference), rebuilt.

    Attributes:
        year, model, primitives: of what; data: what the solution reports; rule: of transfers.
    """

    year: Year
    model: Model
    primitives: Primitives
    data: xr.Dataset
    suffix: str
    rule: str

    def reported(self, name: str, *dims: str) -> Array:
        """A variable of the solution in this equilibrium."""
        return np.asarray(self.data[name + self.suffix].transpose(*dims).values)

    # -- the benchmark year ------------------------------------------------------------------------------------------------------------

    @cached_property
    def old_flow(self) -> Array:
        """Of the year [sector, exporter, importer]."""
        return np.asarray(self.year.flow.transpose(2, 0, 1))

    @cached_property
    def old_sales(self) -> Array:
        """Of the year [sector, country]."""
        return np.asarray(self.old_flow.sum(axis=2))

    @cached_property
    def old_paid(self) -> Array:
        """Flows at the prices that buyers pay [sector, exporter, importer]."""
        return np.asarray(self.old_border * (1 + self.year.tariff.transpose(2, 0, 1)))

    @cached_property
    def old_border(self) -> Array:
        """Flows as they leave their country, export taxes paid [sector, exporter, importer]."""
        return np.asarray(self.old_flow * (1 + self.year.export_tax.transpose(2, 0, 1)))

    @cached_property
    def old_spending(self) -> Array:
        """Of the year [sector, country]."""
        return np.asarray(self.old_paid.sum(axis=1))

    @cached_property
    def cost_shares(self) -> tuple[Array, Array]:
        """Of factors [factor, sector, country] and inputs [input, sector, country] in what producers pay, sales less profit."""
        paid = np.where(self.old_sales > 0, self.old_sales, 1.0) * (1 - self.model.profit[:, None])
        return self.old_paid_to / paid, self.year.intermediate.transpose(1, 2, 0) / paid

    @cached_property
    def old_paid_to(self) -> Array:
        """Factors in the year, value added less profit in proportion [factor, sector, country]."""
        added = self.year.value_added.transpose(2, 1, 0)
        whole = added.sum(axis=0)
        left = whole - self.model.profit[:, None] * self.old_sales
        return np.asarray(added * np.where(whole > 0, left / np.where(whole > 0, whole, 1.0), 1.0))

    @cached_property
    def old_payments(self) -> Array:
        """To factors [factor, country]."""
        return np.asarray(self.old_paid_to.sum(axis=1))

    @cached_property
    def old_transfer(self) -> Array:
        """Imports less exports [country]."""
        foreign = np.where(np.eye(self.old_flow.shape[1], dtype=bool), 0.0, self.old_border).sum(axis=0)
        return np.asarray(foreign.sum(axis=0) - foreign.sum(axis=1))

    # -- what the equilibrium reports -----------------------------------------------------------------------------------------------------

    @cached_property
    def flow(self) -> Array:
        """Net of tariff."""
        return self.reported("flow", "sector", "exporter", "importer")

    @cached_property
    def spending(self) -> Array:
        """Tariffs included."""
        return self.reported("spending", "sector", "country")

    @cached_property
    def sales(self) -> Array:
        """Of producers."""
        return self.reported("sales", "sector", "country")

    # -- what must have been ----------------------------------------------------------------------------------------------------------------

    @cached_property
    def payments(self) -> Array:
        """To factors, out of sales [factor, country]."""
        return np.asarray((self.cost_shares[0] * self.cost).sum(axis=1))

    @cached_property
    def cost(self) -> Array:
        """Sales less profit [sector, country]."""
        return np.asarray(self.sales * (1 - self.model.profit[:, None]))

    @cached_property
    def log_wage(self) -> Array:
        """ln ŵ: what a factor is paid over its endowment [factor, country]."""
        return np.asarray(np.log(self.payments / (self.old_payments * self.primitives.endowment)))

    @cached_property
    def log_size(self) -> Array:
        """ln of spending over that of the year, zero where there is none [sector, country]."""
        bought = self.old_spending > 0
        return np.log(np.where(bought, self.spending, 1.0) / np.where(bought, self.old_spending, 1.0))

    @cached_property
    def log_pair(self) -> Array:
        """ln of what belongs to a pair in its weight, −inf where nothing is sold [sector, exporter, importer]."""
        m, p = self.model, self.primitives
        spending = np.where(self.old_spending > 0, self.old_spending, 1.0)
        tax = np.log(
            (1 + p.rate) / (1 + self.year.tariff.transpose(2, 0, 1)) * (1 + p.levy) / (1 + self.year.export_tax.transpose(2, 0, 1))
        )
        with np.errstate(divide="ignore"):
            share, cost = np.log(self.old_paid / spending[:, None, :]), np.log(p.iceberg) - np.log(p.productivity)[:, :, None]
        return np.asarray(share - m.trade[:, None, None] * cost - m.tariff[:, None, None] * tax)

    @cached_property
    def log_price(self) -> Array:
        """ln P̂ [sector, country], from the share that each market's largest seller holds: a linear system, since costs hold prices in turn."""
        m, bought = self.model, self.old_spending > 0
        sectors, countries = self.old_spending.shape
        paid = self.flow * (1 + self.primitives.rate) * (1 + self.primitives.levy)
        largest = paid.argmax(axis=1)  # sector, importer
        s, n = np.indices(largest.shape)
        with np.errstate(divide="ignore"):
            log_sales = np.log(self.sales / np.where(self.old_sales > 0, self.old_sales, 1.0))
        log_share = np.log(np.where(bought, paid[s, largest, n] / np.where(bought, self.spending, 1.0), 1.0))
        pair = np.where(bought, self.log_pair[s, largest, n], 0.0)
        factors, inputs = self.cost_shares
        wage_part = (factors * self.log_wage[:, None, :]).sum(axis=0)
        # weight = pair + scale·(sales − cost) − cost exponent·cost where entry follows sales, cost = wage part + inputs' prices
        by_cost = (m.cost + m.scale)[:, None]
        entry = np.where(bought & (m.scale[:, None] > 0), log_sales[s, largest], 0.0) * m.scale[:, None]
        fixed = pair + entry - by_cost * wage_part[s, largest] - log_share
        right = np.where(bought, -fixed / m.trade[:, None] - m.market[:, None] * self.log_size, 0.0)
        matrix = np.eye(sectors * countries).reshape(sectors, countries, sectors, countries)
        for i, j in np.argwhere(bought):
            seller = largest[i, j]
            matrix[i, j, :, seller] -= by_cost[i, 0] / m.trade[i] * inputs[:, i, seller]
        return np.linalg.solve(matrix.reshape(right.size, -1), right.ravel()).reshape(right.shape)

    @cached_property
    def log_cost(self) -> Array:
        """ln ĉ [sector, country]."""
        factors, inputs = self.cost_shares
        return np.asarray((factors * self.log_wage[:, None, :]).sum(axis=0) + (inputs * self.log_price[:, None, :]).sum(axis=0))

    @cached_property
    def entry(self) -> Array:
        """Ŝ: sales over what entry costs, one without free entry [sector, country]."""
        made = self.old_sales > 0
        return np.where(
            (self.model.scale[:, None] > 0) & made, self.sales / (np.where(made, self.old_sales, 1.0) * np.exp(self.log_cost)), 1.0
        )

    @cached_property
    def income(self) -> Array:
        """Of factors, profits, tariffs, export taxes, from abroad [country]."""
        border = self.flow * (1 + self.primitives.levy)
        revenue = (border * self.primitives.rate).sum(axis=(0, 1)) + (self.flow * self.primitives.levy).sum(axis=(0, 2))
        return np.asarray(self.payments.sum(axis=0) + (self.sales - self.cost).sum(axis=0) + revenue + self.transfer)

    @cached_property
    def transfer(self) -> Array:
        """By the rule (MODEL section 7) [country]."""
        own, old = self.payments.sum(axis=0), self.old_payments.sum(axis=0)
        ratio = self.old_transfer / old
        rules = {"fixed": self.old_transfer, "zero": 0.0 * own, "own_share": own * (ratio - (ratio * own).sum() / own.sum())}
        return np.asarray(rules[self.rule])

    @cached_property
    def final_share(self) -> Array:
        """β [sector, country]."""
        final = self.old_spending - self.year.intermediate.sum(axis=2).T
        return np.asarray(final / final.sum(axis=0))

    # -- the conditions -------------------------------------------------------------------------------------------------------------------

    def residuals(self) -> Iterator[tuple[str, Array]]:
        """Relative residuals by name; all of them are zero in equilibrium."""
        m, p = self.model, self.primitives
        floor = FLOOR * self.spending.sum(axis=0)
        log_sender = -m.cost[:, None] * self.log_cost
        with np.errstate(divide="ignore"):
            log_entry = np.log(self.entry)
        sender = np.where(self.entry > 0, np.exp(log_sender + np.where(self.entry > 0, m.scale[:, None] * log_entry, 0.0)), 0.0)
        log_competition = -m.trade[:, None] * (self.log_price + m.market[:, None] * self.log_size)
        demand = self.spending * np.exp(-log_competition)
        pair = np.exp(self.log_pair)
        flow = pair * sender[:, :, None] * demand[:, None, :] / ((1 + p.rate) * (1 + p.levy))
        yield "flows", np.abs(flow - self.flow) / np.maximum(self.flow, floor)
        yield "sales", np.abs(self.flow.sum(axis=2) - self.sales) / np.maximum(self.sales, floor)
        paid = (self.flow * (1 + p.rate) * (1 + p.levy)).sum(axis=1)
        yield "spending", np.abs(paid - self.spending) / np.maximum(self.spending, floor)
        wanted = self.final_share * self.income + (self.cost_shares[1] * self.cost).sum(axis=1)
        yield "final demand", np.abs(wanted - self.spending) / np.maximum(self.spending, floor)
        yield "income", np.abs(self.income / self.reported("income", "country") - 1)
        yield "transfers", np.abs(self.transfer - self.reported("transfer", "country")) / self.spending.sum(axis=0)
        world = (self.old_payments * p.endowment).sum()
        yield "numeraire", np.abs(np.asarray(self.payments.sum() / world - 1))
        yield "poverty", np.where(self.income > 0, 0.0, np.inf)
        # nobody could enter with a profit where nobody is: revenue of the first entrant over the cost of entry
        empty = (self.old_sales > 0) & (self.sales == 0) & (pair.sum(axis=2) > 0)
        revenue = (pair * demand[:, None, :] / ((1 + p.rate) * (1 + p.levy))).sum(axis=2) * np.exp(log_sender - self.log_cost)
        profit = revenue / np.where(self.old_sales > 0, self.old_sales, 1.0) - 1
        # below constant returns the first entrant's revenue is without bound: somebody is there, but may be fewer than the smallest number
        fall = np.where(m.scale[:, None] < 1, 1 - m.scale[:, None], 1.0)
        with np.errstate(divide="ignore"):
            some = np.log(np.where(empty, 1 + profit, 1.0)) / fall > np.log(SMALLEST)
        wrong = np.where(m.scale[:, None] == 1, np.maximum(profit, 0.0), np.where(some, np.inf, 0.0))
        yield "empty cells", np.where(empty, wrong, 0.0)

    @property
    def log_real_income(self) -> Array:
        """ln of income over prices, from the year [country]."""
        return np.asarray(np.log(self.income / self.old_spending_final) - (self.final_share * self.log_price).sum(axis=0))

    @cached_property
    def old_spending_final(self) -> Array:
        """Income of the year [country]."""
        return np.asarray(self.old_spending.sum(axis=0) - self.year.intermediate.sum(axis=(1, 2)))


def disagreements(old: Anew, new: Anew, data: xr.Dataset) -> Iterator[tuple[str, Array]]:
    """Relative distance of the reported changes from the ratio of both equilibria, where a cell exists in both."""
    reported: Mapping[str, tuple[str, ...]] = {
        "factor_price": ("factor", "country"), "unit_cost": ("sector", "country"), "price_index": ("sector", "country"),
        "entry": ("sector", "country"), "real_income": ("country",),
    }  # fmt: skip
    both = (old.sales > 0) & (new.sales > 0)
    entry = np.where(both, new.entry, 1.0) / np.where(both, old.entry, 1.0)
    anew: dict[str, Any] = {
        "factor_price": np.exp(new.log_wage - old.log_wage),
        "unit_cost": np.exp(new.log_cost - old.log_cost),
        "price_index": np.exp(new.log_price - old.log_price),
        "entry": np.where(both, entry, np.nan),
        "real_income": np.exp(new.log_real_income - old.log_real_income),
    }
    for name, dims in reported.items():
        said = data[name].transpose(*dims).values
        seen = np.isfinite(said) & np.isfinite(anew[name])
        yield f"reported {name}", np.abs(np.where(seen, said, 1.0) / np.where(seen, anew[name], 1.0) - 1)


def worst(old: Anew, new: Anew, data: xr.Dataset) -> tuple[float, str]:
    """The largest residual of both equilibria and of what is reported, and its name."""
    everything = [*old.residuals(), *new.residuals(), *disagreements(old, new, data)]
    sizes = [(float(np.nan_to_num(array, nan=np.inf).max(initial=0.0)), name) for name, array in everything]
    return max(sizes)
