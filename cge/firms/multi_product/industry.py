"""The primitives of an industry of firms with many products, in countries alike."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.paying import paying
from cge.firms.productivity import Productivity, inverse_J, tail_faults


@dataclass(frozen=True)
class MultiProductIndustry:
    """Firms draw one ability φ, and for each of a mass one of products an attribute λ; a product is made with productivity φλ.

    Products are alike, so that elasticities between them play no role. All costs are in labour.

    Attributes:
        ability: G, of firms; attributes: Z, of a firm's products, drawn for each on its own.
        sigma: σ > 1, elasticity of substitution between the firms that make a product.
        market_cost: F ≥ 0, per firm that sells at home, its overhead included; product_cost: f > 0, per product that it sells there.
        entry_cost: f_E > 0, per entrant.
        labour: L > 0, of each country.
        countries: N; one is the closed economy, where the three costs below mean nothing.
        iceberg: τ ≥ 1, units shipped abroad for one to arrive.
        export_market_cost: F_X ≥ 0, per exporter and foreign market; export_product_cost: f_X > 0, per product that it sells there.

    Raises:
        DataError: all parameters out of range, average sales that are infinite among them.
    """

    ability: Productivity
    attributes: Productivity
    sigma: float
    market_cost: float
    product_cost: float
    entry_cost: float
    labour: float
    countries: int = 1
    iceberg: float = math.inf
    export_market_cost: float = math.inf
    export_product_cost: float = math.inf

    def __post_init__(self) -> None:
        faults = draws_faults((self.ability,), self.attributes, self.sigma)
        for name in ("product_cost", "entry_cost", "labour"):
            if not 0 < getattr(self, name) < math.inf:
                faults.append(f"{name} = {getattr(self, name):g}, but it must be positive and finite.")
        if not 0 <= self.market_cost < math.inf:
            faults.append(f"market_cost = {self.market_cost:g}, but it must be at least 0 and finite.")
        if self.countries != int(self.countries) or self.countries < 1:
            faults.append(f"countries = {self.countries:g}, but it must be a whole number, at least 1.")
        if self.countries > 1:
            if not 1 <= self.iceberg < math.inf:
                faults.append(f"iceberg = {self.iceberg:g}, but it must be at least 1 and finite (no trade: countries = 1).")
            if not 0 <= self.export_market_cost < math.inf:
                faults.append(
                    f"export_market_cost = {self.export_market_cost:g}, but it must be at least 0 and finite (no trade: countries = 1)."
                )
            if not 0 < self.export_product_cost < math.inf:
                faults.append(
                    f"export_product_cost = {self.export_product_cost:g}, but it must be positive and finite (no trade: countries = 1)."
                )
        if faults:
            raise DataError(faults)

    @property
    def market_access(self) -> float:
        """(N − 1)·τ^(1−σ): demand of all foreign markets relative to the home market; zero in a closed economy."""
        return 0.0 if self.countries == 1 else (self.countries - 1) * self.iceberg ** (1 - self.sigma)


def draws_faults(ability: Iterable[Productivity], attributes: Productivity, sigma: float) -> list[str]:
    """A sentence for each reason why average sales of firms or of their products are not a number."""
    faults = [fault.replace("productivity:", "ability:", 1) for g in ability for fault in tail_faults(g, sigma)]
    faults += [fault.replace("productivity:", "attributes:", 1) for fault in tail_faults(attributes, sigma)]
    return list(dict.fromkeys(faults))


def last_attribute(attributes: Productivity, sigma: float, market_cost: npt.ArrayLike, product_cost: npt.ArrayLike) -> Array:
    """Λ with J_Z(Λ) = F/f: the attribute of the last product of a firm that just covers its market cost, whatever demand is […].

    Where there is no market cost the marginal firm has next to no products: Λ is the highest attribute there is.
    """
    known, back = np.unique(np.asarray(market_cost) / np.asarray(product_cost), return_inverse=True)
    return np.minimum(inverse_J(attributes, sigma, known), attributes.upper)[back]


def joint_cutoff(
    attributes: Productivity, sigma: float, slope: Array, market_cost: Array, product_cost: Array, home: npt.NDArray[np.bool_], alone: Array
) -> Array:
    """The lowest ability that earns something at home and in the foreign markets that pay, where exporting is easier than selling at home [origin].

    Args:
        slope: variable profits of a product in a market over (φλ)^(σ−1); market_cost, product_cost: in money; home [all market, origin].
        alone: ability from which home pays alone [origin].
    """
    power = sigma - 1
    with np.errstate(divide="ignore"):
        cut = (product_cost / slope) ** (1 / power)

    def best(size: Array) -> tuple[Array, Array]:
        last = cut / size ** (1 / power)
        outlay, sold = market_cost + product_cost * attributes.survival(last), slope * attributes.moment(last, power)
        served = home | (size * sold > outlay)
        return (outlay * served).sum(axis=0), (sold * served).sum(axis=0)

    return paying(best, np.zeros_like(alone), alone**power) ** (1 / power)
