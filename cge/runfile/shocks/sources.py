"""What entries of a shock take from elsewhere: files, the model, whether subsidies are meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cge.model.exponents import Exponents

if TYPE_CHECKING:
    from cge.data.tariffs.file import Opened

Rates = Mapping[str, "Opened"]
"""What files of rates hold, by name; one with faults, which are told already, is absent."""


@dataclass(frozen=True, eq=False)
class Sources:
    """What entries take from elsewhere.

    Attributes:
        files: by name. exponents: of the model, None where they are not known. account: what was read is added to it. subsidies: whether rates
            may be below zero.
    """

    files: Rates = field(default_factory=dict)
    exponents: Exponents | None = None
    account: list[str] = field(default_factory=list)
    subsidies: bool = False
