"""What can be laid on flows: who does so and has the revenue, and what it does at an equilibrium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cge.data.arrays import Array
from cge.model.by_parameter import by_market, by_seller
from cge.model.linear import Linearised
from cge.model.transposed import Sensitivity


@dataclass(frozen=True)
class Instrument:
    """What is laid on a flow.

    Attributes:
        name: of the array of a shock that holds its rates; treasury: dim of a flow whose country chooses it and has the revenue; partner: the other.
        trades: what that country does with what it is laid on, for readers.
        derivatives: by ln of a flow's weight, and by ln of one plus the rate at given weight, for all flows of some countries on that side, each of
            one output (`by_market`), with these countries in the place of all [sector, exporter, importer].
    """

    name: str
    treasury: str
    partner: str
    trades: str
    derivatives: Callable[[Linearised, Sensitivity, Array, Array], tuple[Array, Array]]


TARIFF = Instrument("tariff", "importer", "exporter", "buys", by_market)
EXPORT_TAX = Instrument("export_tax", "exporter", "importer", "sells", by_seller)

INSTRUMENTS = {"tariff": (TARIFF,), "export_tax": (EXPORT_TAX,), "both": (TARIFF, EXPORT_TAX)}
"""What a player may lay on flows, by its name in run files."""
