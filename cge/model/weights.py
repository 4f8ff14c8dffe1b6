"""Trade weights per unit of sender: shares times what a shock does to pairs, in the parts that the equations sum over."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.overlaid import Overlaid


class Weights(NamedTuple):
    """Trade weights of all importers, or of some (the last axis).

    Attributes:
        foreign: between countries, each market over its largest [sector, exporter, importer]; zero at home. home: at home [sector, importer].
        net_foreign, taxed: `foreign`/(1 + t') and `foreign`·t'/(1 + t'); without tariffs `foreign` itself and None.
        log_unit: ln of the largest [sector, importer]; −inf in a market without any seller.
    """

    foreign: Array
    home: Array
    net_foreign: Array
    taxed: Array | None
    log_unit: Array


def shifted(share: Array, log_change: Array | None = None) -> tuple[Array, Array]:
    """λ·e^change, each market over its largest [sector, exporter, importer]; ln of that [sector, importer], −inf where nobody sells."""
    if log_change is None:
        log_change = np.zeros((1, 1, 1))
    most = np.where(share > 0, log_change, -np.inf).max(axis=1)
    most = np.where(np.isfinite(most), most, 0.0)
    weight = share * np.exp(np.minimum(log_change - most[:, None, :], 0.0))  # above zero only where nobody sells
    largest = weight.max(axis=1)
    weight /= np.where(largest > 0, largest, 1.0)[:, None, :]
    with np.errstate(divide="ignore"):
        return weight, np.log(largest) + most


def in_parts(weight: Array, log_unit: Array, rate: Array, importers: Array | slice = slice(None)) -> Weights:
    """The weights of some importers, or of all, in parts; `weight` [sector, exporter, importer] becomes the foreign part.

    Args:
        rate: tariffs [sector, exporter, importer]; importers: their places among exporters.
    """
    columns = np.arange(weight.shape[2])
    rows = np.arange(weight.shape[1])[importers]
    home = np.ascontiguousarray(weight[:, rows, columns])
    weight[:, rows, columns] = 0.0
    if not rate.any():
        return Weights(weight, home, weight, None, log_unit)
    return Weights(weight, home, weight / (1 + rate), weight * (rate / (1 + rate)), log_unit)


def with_columns(weights: Weights, importers: Array, some: Weights) -> Weights:
    """`weights` with those of some importers [place] in place of theirs."""

    def put(whole: Array | None, part: Array | None) -> Array:
        out = np.zeros_like(weights.foreign) if whole is None else whole.copy()
        out[..., importers] = 0.0 if part is None else part
        return out

    foreign = put(weights.foreign, some.foreign)
    home, log_unit = put(weights.home, some.home), put(weights.log_unit, some.log_unit)
    if weights.taxed is None and some.taxed is None:
        return Weights(foreign, home, foreign, None, log_unit)
    return Weights(foreign, home, put(weights.net_foreign, some.net_foreign), put(weights.taxed, some.taxed), log_unit)


def overlaid(weights: Weights, importers: Array, every: list[Weights]) -> dict[str, Any]:
    """Weights between countries of many scenarios, as `System` has them: `weights` but for some importers [place], which each has for itself."""

    def over(whole: Array | None, own: list[Array | None]) -> Overlaid:
        nothing = np.zeros((*weights.foreign.shape[:2], len(importers)))
        return Overlaid(whole, importers, np.stack([nothing if part is None else part for part in own]))

    names = ["foreign", "net_foreign", "taxed"]
    untaxed = weights.taxed is None and all(w.taxed is None for w in every)
    found = {name: over(getattr(weights, name), [getattr(w, name) for w in every]) for name in names[: 2 if untaxed else 3]}
    return {**dict.fromkeys(names), **found}


def where_taxed(foreign: Array, net_foreign: Array, taxed: Array | None) -> tuple[Any, Any]:
    """`net_foreign` and `taxed` [sector, exporter, importer] for products: where most importers have no tariffs, as `foreign` but for the others."""
    if taxed is None:
        return net_foreign, taxed
    importers = np.flatnonzero(taxed.any(axis=(0, 1)))
    if 2 * len(importers) > taxed.shape[2]:
        return net_foreign, taxed
    return Overlaid(foreign, importers, net_foreign[None, :, :, importers]), Overlaid(None, importers, taxed[None, :, :, importers])
