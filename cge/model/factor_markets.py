"""What closes factor prices: the rows of factor markets, with derivative and transpose.

The markets of one pool and those of a factor that has one in every sector close alike: payments over what was earned. In the place of the last
factor, which the others imply, stands the country's trade balance, which keeps its accuracy where trade is small; where that factor has several
markets it stands in each of them beside what sets the market apart from all of them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cge.data.arrays import Array
from cge.model.equations import NUMBERS
from cge.model.supply import Roy
from cge.model.system import System, Unknowns, Values


def market_rows(s: System, u: Unknowns, v: Values, balance: Array) -> Array:
    """Residuals of factor markets, relative, the trade balance [country] in the last factor's place [market, country]."""
    if s.supply is None:
        markets = (s.factor_share * v.paid).sum(axis=1) / v.factor_income - 1
        return np.concatenate([markets[:-1], balance[None]])
    out = np.empty(v.factor_income.shape, np.result_type(v.factor_income, v.paid))
    last = len(s.factor_share) - 1
    roys = {roy.at.start: roy for roy in s.supply.roys}
    for f, (place, share) in enumerate(zip(s.supply.places, s.factor_share, strict=True)):
        if isinstance(place, int):
            out[place] = balance if f == last else (share * v.paid).sum(axis=0) / v.factor_income[place] - 1
            continue
        works, asked, earned = roys[place.start].works, share * v.paid, v.factor_income[place]
        own = np.log(np.where(works, asked, 1.0) / np.where(works, earned, 1.0))
        if f == last:
            own = own + balance - np.log((asked * works).sum(axis=0) / earned.sum(axis=0))
        out[place] = np.where(works, own, u.log_factor_price[place])
    return out


@dataclass(eq=False)
class FactorMarkets:
    """Derivatives of `market_rows` and of what markets pay; arrays with an axis of columns at their end where they are changes.

    Attributes:
        system, u, v: where.
    """

    system: System
    u: Unknowns
    v: Values

    # -- what is earned ------------------------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> list[tuple[Roy, Array, Array]]:
        """Of each factor that has groups: them, π', and shares of what is earned in a sector by group [group, sector, country]."""
        prices = self.u.log_factor_price
        supply = self.system.supply
        return [] if supply is None else [(roy, roy.allocation(prices[roy.at]), roy.by_group(prices[roy.at])) for roy in supply.roys]

    def earned(self, d_price: Array) -> Array:
        """d ln of what is earned in a market, from d ln of prices [market, country, column]."""
        if self.system.supply is None:
            return d_price
        out = d_price.copy()
        for roy, allocation, by_group in self.groups:
            d_wage = np.einsum("gsn,snb->gnb", allocation, d_price[roy.at])
            own = (by_group * roy.kappa).sum(axis=0)[..., None] * d_price[roy.at]
            out[roy.at] = own + np.einsum("gsn,gnb->snb", by_group * (1 - roy.kappa), d_wage)
        return out

    def earned_owed(self, weight: Array) -> Array:
        """Derivatives by ln of prices, from those by ln of what is earned [market, country, column]: the transpose of `earned`."""
        if self.system.supply is None:
            return weight
        out = weight.copy()
        for roy, allocation, by_group in self.groups:
            wage = np.einsum("gsn,snb->gnb", by_group * (1 - roy.kappa), weight[roy.at])
            out[roy.at] = (by_group * roy.kappa).sum(axis=0)[..., None] * weight[roy.at] + np.einsum("gsn,gnb->snb", allocation, wage)
        return out

    def by_kappa(self, weight: Array) -> Array:
        """Derivatives by κ of every group [group], from those by ln of what is earned [market, country]."""
        found = []
        for roy, allocation, by_group in self.groups:
            price = self.u.log_factor_price[roy.at]
            log_wage, kappa = roy.log_wage(price, NUMBERS)[:, None], roy.kappa
            by = ((allocation * price).sum(axis=1, keepdims=True) - log_wage) / kappa  # of ln ω̂
            found.append((weight[roy.at] * by_group * (price - log_wage + (1 - kappa) * by)).sum(axis=(1, 2)))
        return np.concatenate(found)

    def cost_owed(self, cost: Array) -> Array:
        """Derivatives by ln of prices [market, country, column], from those by ln of unit costs [sector, country, column]."""
        s, out = self.system, np.empty((*self.v.factor_income.shape, cost.shape[-1]))
        for part, share in zip(self.parts, s.factor_share, strict=True):
            own = share[..., None] * cost
            out[part.at] = own.sum(axis=0) if isinstance(part.at, int) else own
        return out

    # -- the rows ------------------------------------------------------------------------------------------------------------

    @cached_property
    def parts(self) -> list[_Pool | _BySector]:
        """The markets of every factor."""
        s, last = self.system, len(self.system.factor_share) - 1
        places = range(last + 1) if s.supply is None else s.supply.places
        roys = {} if s.supply is None else {roy.at.start: roy for roy in s.supply.roys}
        paid, income = self.v.paid, self.v.factor_income
        return [
            _Pool(place, share / income[place], (share * paid).sum(axis=0) / income[place], f == last)
            if isinstance(place, int)
            else _BySector.of(place, share * paid, paid, income[place], roys[place.start].works, f == last)
            for f, (place, share) in enumerate(zip(places, s.factor_share, strict=True))
        ]

    @property
    def by_payments(self) -> Array:
        """Rows by ln of what producers pay [market, sector, country]."""
        s = self.system
        if s.supply is None:
            shares = s.factor_share * self.v.paid / self.v.factor_income[:, None]
            shares[-1] = 0.0
            return np.asarray(shares)
        out = np.zeros(s.price_share.shape)
        for part in self.parts:
            out[part.at] = part.by_payments(self.v.paid)
        return out

    @property
    def by_balance(self) -> Array:
        """Rows by the log trade balance [market, country]."""
        out = np.zeros(self.v.factor_income.shape)
        for part in self.parts:
            out[part.at] = part.by_balance
        return out

    @property
    def by_price(self) -> Array:
        """Rows by ln of factor prices, payments given [country, market, market]."""
        markets, countries = self.v.factor_income.shape
        out = np.zeros((countries, markets, markets))
        slopes = {roy.at.start: roy.earned_by_price(allocation, by_group) for roy, allocation, by_group in self.groups}
        for part in self.parts:
            if isinstance(part, _Pool):
                out[:, part.at, part.at] = 0.0 if part.last else -part.ratio
            else:
                out[:, part.at, part.at] = part.by_price(slopes[part.at.start])
        return out

    def rows(self, d_paid: Array, d_balance: Array, d_earned: Array, d_price: Array) -> Array:
        """d of `market_rows` [market, country, column].

        Args:
            d_paid: of what producers pay, money [sector, country, column]; d_balance: of the log trade balance [country, column]; d_earned: of ln of
                what is earned; d_price: of ln of prices [market, country, column].
        """
        out = np.empty(d_price.shape)
        for part in self.parts:
            out[part.at] = part.rows(d_paid, d_balance, d_earned[part.at], d_price[part.at])
        return out

    def owed(self, weight: Array) -> tuple[Array, Array, Array, Array]:
        """The transpose of `rows`: derivatives by its arguments, from those by rows [market, country, column]."""
        paid = np.zeros((*self.v.paid.shape, weight.shape[-1]))
        balance = np.zeros(weight.shape[1:])
        earned, price = np.zeros(weight.shape), np.zeros(weight.shape)
        for part in self.parts:
            part.owed(weight[part.at], paid, balance, earned, price)
        return paid, balance, earned, price


@dataclass(frozen=True, eq=False)
class _Pool:
    """One market for all sectors: Σ_s a_s paid_s / earned − 1, or the trade balance.

    Attributes:
        at: its place; per_paid: a over what is earned [sector, country]; ratio: payments over what is earned [country]; last: the implied one.
    """

    at: int
    per_paid: Array
    ratio: Array
    last: bool

    def rows(self, d_paid: Array, d_balance: Array, d_earned: Array, d_price: Array) -> Array:
        if self.last:
            return d_balance
        return np.asarray((self.per_paid[..., None] * d_paid).sum(axis=0) - self.ratio[:, None] * d_earned)

    def by_payments(self, paid: Array) -> Array:
        return np.zeros(paid.shape) if self.last else self.per_paid * paid

    @property
    def by_balance(self) -> float:
        return float(self.last)

    def owed(self, weight: Array, paid: Array, balance: Array, earned: Array, price: Array) -> None:
        if self.last:
            balance += weight
            return
        paid += self.per_paid[..., None] * weight
        earned[self.at] -= self.ratio[:, None] * weight


@dataclass(frozen=True, eq=False)
class _BySector:
    """A market in every sector: ln of payments less ln of what is earned; a price that nobody pays stays as it is.

    Attributes:
        at: their places; works: where anybody works; per_paid: 1 over what producers pay there, all [sector, country]. asked, earned: shares of
            payments and of what is earned by sector, in the implied factor; zero elsewhere [the same].
    """

    at: slice
    works: Array
    per_paid: Array
    asked: Array
    earned: Array
    last: bool

    @classmethod
    def of(cls, at: slice, asked: Array, paid: Array, earned: Array, works: Array, last: bool) -> _BySector:
        asked = asked * works
        per_paid = works / np.where(works, paid, 1.0)
        if not last:
            return cls(at, works, per_paid, np.zeros(paid.shape), np.zeros(paid.shape), last)
        return cls(at, works, per_paid, asked / asked.sum(axis=0), earned / earned.sum(axis=0), last)

    def rows(self, d_paid: Array, d_balance: Array, d_earned: Array, d_price: Array) -> Array:
        works = self.works[..., None]
        asked = self.per_paid[..., None] * d_paid
        out = asked - d_earned
        if self.last:
            together = (self.asked[..., None] * asked - self.earned[..., None] * d_earned).sum(axis=0)
            out = out - together + d_balance
        return np.where(works, out, d_price)

    def by_payments(self, paid: Array) -> Array:
        sector = np.arange(len(paid))
        out = -self.asked * self.works[:, None] if self.last else np.zeros((len(paid), *paid.shape))
        out[sector, sector] += self.works
        return out

    @property
    def by_balance(self) -> Array:
        return np.asarray(1.0 * self.works * self.last)

    def by_price(self, earned_by_price: Array) -> Array:
        works = self.works.T[..., None]
        out = -earned_by_price
        if self.last:
            out = out + np.matmul(self.earned.T[:, None], earned_by_price)
        return np.where(works, out, np.eye(out.shape[1]))

    def owed(self, weight: Array, paid: Array, balance: Array, earned: Array, price: Array) -> None:
        works = self.works[..., None]
        own = np.where(works, weight, 0.0)
        price[self.at] += np.where(works, 0.0, weight)
        asked = offered = own
        if self.last:
            together = own.sum(axis=0)
            balance += together
            asked, offered = own - self.asked[..., None] * together, own - self.earned[..., None] * together
        paid += self.per_paid[..., None] * asked
        earned[self.at] -= offered
