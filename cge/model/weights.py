"""Trade weights per unit of sender: shares times what a shock does to pairs, in the parts that the equations sum over."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.overlaid import Overlaid
from cge.model.system import BETWEEN


class Weights(NamedTuple):
    """Trade weights of all importers, or of some (the last axis).

    Attributes:
        foreign: between countries, each market over its largest [sector, exporter, importer]; zero at home. home: at home [sector, importer].
        net_foreign, taxed, levied: its parts, the producer's, the importer's and the exporter's treasury's, as in `System`.
        log_unit: ln of the largest [sector, importer]; −inf in a market without any seller.
    """

    foreign: Array
    home: Array
    net_foreign: Array
    taxed: Array | None
    levied: Array | None
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


def in_parts(weight: Array, log_unit: Array, tariff: Array, export_tax: Array, importers: Array | slice = slice(None)) -> Weights:
    """The weights of some importers, or of all, in parts; `weight` [sector, exporter, importer] becomes the foreign part.

    Args:
        tariff, export_tax: their rates [sector, exporter, importer], or one for all; importers: their places among exporters.
    """
    columns = np.arange(weight.shape[2])
    rows = np.arange(weight.shape[1])[importers]
    home = np.ascontiguousarray(weight[:, rows, columns])
    weight[:, rows, columns] = 0.0
    border, taxed = (weight / (1 + tariff), weight * (tariff / (1 + tariff))) if tariff.any() else (weight, None)
    if not export_tax.any():
        return Weights(weight, home, border, taxed, None, log_unit)
    return Weights(weight, home, border / (1 + export_tax), taxed, border * (export_tax / (1 + export_tax)), log_unit)


def with_columns(weights: Weights, importers: Array, some: Weights) -> Weights:
    """`weights` with those of some importers [place] in place of theirs."""
    pairs = {name: (getattr(weights, name), getattr(some, name)) for name in BETWEEN}
    taxes = [name for name in ("taxed", "levied") if any(part is not None for part in pairs[name])]
    names = ["foreign", *(["net_foreign", *taxes] if taxes else [])]
    # one piece of memory, which the system gives in a few large pages where three of a third the size would come in thousands
    between = dict(zip(names, np.empty((len(names), *weights.foreign.shape)), strict=True))
    for name, whole in between.items():
        _put(whole, *pairs[name], importers)
    home, log_unit = np.empty_like(weights.home), np.empty_like(weights.log_unit)
    _put(home, weights.home, some.home, importers)
    _put(log_unit, weights.log_unit, some.log_unit, importers)
    found = {"net_foreign": between["foreign"], "taxed": None, "levied": None, **between}
    return Weights(home=home, log_unit=log_unit, **found)


def _put(out: Array, whole: Array | None, part: Array | None, importers: Array) -> None:
    """Write `whole` [..., importer] to `out`, with `part` [..., place] at some importers; zero where there is none."""
    out[...] = 0.0 if whole is None else whole
    out[..., importers] = 0.0 if part is None else part


def overlaid(weights: Weights, importers: Array, every: list[Weights]) -> dict[str, Any]:
    """Weights between countries of many scenarios, as `System` has them: `weights` but for some importers [place], which each has for itself."""

    def over(whole: Array | None, own: list[Array | None]) -> Overlaid:
        nothing = np.zeros((*weights.foreign.shape[:2], len(importers)))
        return Overlaid(whole, importers, np.stack([nothing if part is None else part for part in own]))

    parts = {name: (getattr(weights, name), [getattr(w, name) for w in every]) for name in BETWEEN}
    return {name: None if whole is None and all(part is None for part in own) else over(whole, own) for name, (whole, own) in parts.items()}
