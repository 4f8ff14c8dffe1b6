"""Economies stored in single precision: accepted with the rounding of their numbers, and closed again before anything is computed."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cge.data.arrays import Array

IDENTITY_TOLERANCE = 1e-9
"""Largest gap, relative to sales, between a producer's sales and its cost that is read as rounding; beyond it the data are refused."""

SINGLE_TOLERANCE = 8 * float(np.finfo(np.float32).eps)
"""The same in single precision, whose digits end at 6e-8 of a value: values rounded to it, and sums taken in it, miss by a few of these."""


def tolerance(dataset: xr.Dataset) -> float:
    """How far sales and cost may differ, by the precision in which the variables are stored."""
    kinds = (dataset[name].dtype for name in ("flow", "intermediate", "value_added") if name in dataset)
    return SINGLE_TOLERANCE if any(kind == np.float32 for kind in kinds) else IDENTITY_TOLERANCE


def rebalanced(data: xr.Dataset) -> xr.Dataset:
    """The economy with sales equal to cost to the last digit, and no final demand that rounding made negative.

    Purchases that exceed spending on a good by rounding are scaled to it; where inputs alone exceed a producer's sales by rounding, so are they;
    value added, divided as factors are paid, is what inputs leave of sales. The attribute `rounding` says how far the accounts were open.

    Args:
        data: the variables of an economy, complete and in their order of dims, whose accounts close up to `SINGLE_TOLERANCE`.
    """
    flow, tariff, inputs, paid = (data[name].values for name in ("flow", "tariff", "intermediate", "value_added"))
    border = flow * (1 + data["export_tax"].values) if "export_tax" in data else flow
    sales, spending = flow.sum(1), (border * (1 + tariff)).sum(0)
    gap = np.abs(inputs.sum(1) + paid.sum(2) - sales).max(initial=0.0, where=sales > 0) / sales.max()
    closed = inputs * _down_to(spending, inputs.sum(2))[:, :, None]
    closed *= _down_to(sales, closed.sum(1))[:, None, :]
    whole = paid.sum(1, keepdims=True)  # of the country, for a producer that pays no factor
    share = np.where(paid.sum(2, keepdims=True) > 0, paid, whole)
    added = (sales - closed.sum(1)).clip(0.0)[:, :, None] * share / share.sum(2, keepdims=True)
    words = f"Stored in single precision: sales and cost differ by up to {gap:.1g} of the largest sales; value added is what inputs leave of sales."
    variables = {"intermediate": (data["intermediate"].dims, closed), "value_added": (data["value_added"].dims, added)}
    return data.assign(variables).assign_attrs(rounding=words)


def _down_to(limit: Array, total: Array) -> Array:
    """Factors that bring totals down to limits which they exceed by rounding; one elsewhere."""
    over = (total > limit) & (total <= limit * (1 + SINGLE_TOLERANCE))
    return np.where(over, limit / np.where(over, total, 1.0), 1.0)
