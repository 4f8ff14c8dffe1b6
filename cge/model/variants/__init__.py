"""The variants of the model: one table, from which run files, comparisons, pages and messages take what they know of them.

| variant | trade | cost | tariff | fixed | scale | market |
|---|---|---|---|---|---|---|
| Armington, σ | σ−1 | σ−1 | σ−1 | 0 | 0 | 0 |
| Eaton–Kortum, θ | θ | θ | θ | 0 | 0 | 0 |
| Krugman, σ | σ−1 | σ−1 | σ−1 | 0 | 1 | 0 |
| Melitz–Pareto, σ, k | k | kσ/(σ−1) − 1 | kσ/(σ−1) − 1 | k/(σ−1) − 1 | 1 | 1/(σ−1) − 1/k |
| variable mark-ups, k (and η for welfare) | k | k | k | 0 | 1 | 0 |
| external economies, ε, ψ | ε | ε | ε | 0 | εψ | 0 |
| restricted entry, ε, ν | ε | ε | ε | 0 | 0 | 0 |

Under restricted entry a share ν of sales is profit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from cge.errors import DataError
from cge.model.exponents import Exponents
from cge.model.parameters import Parameters, in_range, range_faults
from cge.model.variants.armington import ARMINGTON
from cge.model.variants.eaton_kortum import EATON_KORTUM
from cge.model.variants.external_economies import EXTERNAL_ECONOMIES
from cge.model.variants.krugman import KRUGMAN
from cge.model.variants.melitz import MELITZ
from cge.model.variants.restricted_entry import RESTRICTED_ENTRY
from cge.model.variants.variable_markups import VARIABLE_MARKUPS
from cge.model.variants.variant import Variant

VARIANTS: dict[str, Variant] = {
    v.name: v for v in (ARMINGTON, EATON_KORTUM, KRUGMAN, MELITZ, VARIABLE_MARKUPS, EXTERNAL_ECONOMIES, RESTRICTED_ENTRY)
}
"""The variants, by name."""

if TYPE_CHECKING:
    Model = str
else:
    Model = Literal[tuple(VARIANTS)]
"""The name of a variant."""


def exponents(model: str, given: Parameters, scale: float | None = None) -> Exponents:
    """The exponents of a model from the parameters of a run file (MODEL section 4).

    Args:
        model: a key of `VARIANTS`; given: parameters, of which `Variant.uses` lists those that count.
        scale: replaces the scale exponent; `trade` stays. Under Melitz k is then trade/scale, and what the file gives stays: σ, or
            `size_shape` = k/(σ−1), from which σ = 1 + (trade/scale)/size_shape.

    Raises:
        DataError: a parameter the model needs is missing, or a value is out of range.
    """
    if wrong := faults(model, given, given, scale):
        raise DataError(wrong)
    return VARIANTS[model].make(given, scale)


def faults(model: str, given: Parameters, names: Iterable[str], scale: float | None = None) -> list[str]:
    """All that is wrong with the parameters that play a role under a model, one sentence each; what a sector cannot have hides nothing of another.

    Args:
        given: parameters as far as their values are known: one that is absent, or a table that lacks sectors, is no fault.
        names: of all parameters that there are, known or not.
    """
    variant, names = VARIANTS[model], list(names)
    idle = variant.unused(names, scale)
    used = {name: value for name, value in given.items() if name not in idle}
    wrong = [fault for name, value in used.items() for fault in range_faults(name, value)]
    sound = {name: in_range(name, value) for name, value in used.items()}
    known = {name: value for name, value in sound.items() if value is not None}
    return [*wrong, *missing(model, names, scale), *variant.together(known, names, scale)]


def missing(model: str, names: Iterable[str], scale: float | None = None) -> list[str]:
    """What a model lacks where the parameters of these names are given, whatever their values, one sentence each."""
    variant, given, faults = VARIANTS[model], set(names), []
    if "trade" not in given and not (variant.trade_is_sigma and "sigma" in given):
        also = ", or sigma, from which trade = sigma − 1" if variant.trade_is_sigma else ""
        faults.append(f"elasticities: {model} needs trade, the exponent on trade cost, or set = a named set{also}.")
    return [*faults, *variant.lacks(given, scale)]


def spoken(name: str) -> str:
    """A variant in words; its name where it is of another version of the package."""
    return VARIANTS[name].words if name in VARIANTS else name
