"""What the primitives of a technology file must obey: limits of each, and what must add up or be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from cge.data.arrays import Array
from cge.runfile.primitives import AXES, KIND, bought, made, place

Arrays = Mapping[str, Array]
Labels = Mapping[str, list[str]]

SHARES = 1e-9
"""Shares may miss one by this much, and are scaled."""

LIMITS = {
    "endowment": (0.0, True, "must be positive: a country without a factor has no income from it and no price of it"),
    "entry_cost": (0.0, True, "must be positive, or entry has no end"),
    "productivity": (0.0, False, "must not be negative (0: cannot be made there)"),
    "home_fixed_cost": (0.0, True, "must be positive: without it no firm is turned away"),
    "fixed_cost": (0.0, True, "must be positive: without it every firm exports"),
    "iceberg": (0.0, True, "must be positive (inf closes a pair)"),
    "tariff": (0.0, False, "must not be negative"),
    "export_tax": (0.0, False, "must not be negative"),
    "final_share": (0.0, False, "must not be negative"),
    "factor_share": (0.0, False, "must not be negative"),
    "input_share": (0.0, False, "must not be negative"),
    "transfer": (-np.inf, True, "must be a number"),
}
"""Lower limit of a primitive, whether it is excluded, and the rule in words."""


def value_faults(arrays: Arrays, labels: Labels) -> Iterator[str]:
    """Faults of the numbers [dims of `AXES`], one sentence each, with the first cell by name.

    Args:
        arrays: primitives on the dims of `AXES`, as many as could be read; labels: by key of the file.
    """
    sound = {}
    for name, (low, strict, rule) in LIMITS.items():
        if name not in arrays:
            continue
        array, axes = arrays[name], [labels[KIND[dim]] for dim in AXES[name]]
        within = (array > low if strict else array >= low) & (np.isfinite(array) | (name == "iceberg"))
        if within.all():
            sound[name] = array
        else:
            yield f"{name}: {array[~within][0]:g} at {place(~within, AXES[name], axes)}; it {rule}."
    for needed, faults in RULES.items():
        if sound.keys() >= set(needed):
            yield from faults(sound, labels)


def _final_faults(arrays: Arrays, labels: Labels) -> Iterable[str]:
    for country, total in zip(labels["countries"], arrays["final_share"].sum(axis=1), strict=True):
        if abs(total - 1) > SHARES:
            yield f"final_share: adds up to {total:.10g} in {country}; shares of final demand must add up to 1."


def _cost_faults(arrays: Arrays, labels: Labels) -> Iterable[str]:
    cost = arrays["factor_share"].sum(axis=2) + arrays["input_share"].sum(axis=1)
    off = np.abs(cost - 1) > SHARES
    if off.any():
        n, s = np.argwhere(off)[0]
        where = f"country={labels['countries'][n]} sector={labels['sectors'][s]}"
        yield f"factor_share, input_share: add up to {cost[n, s]:.10g} at {where}; shares of cost must add up to 1."


def _transfer_faults(arrays: Arrays, labels: Labels) -> Iterable[str]:
    total = arrays["transfer"].sum()
    if abs(total) > SHARES * arrays["endowment"].sum():
        yield f"transfer: transfers add up to {total:g}; what one country gets another gives, so they must add up to 0."


def _reach_faults(arrays: Arrays, labels: Labels) -> Iterable[str]:
    reached = (np.isfinite(arrays["iceberg"]) & made(arrays)[:, None, :]).any(axis=0)
    lost = bought(arrays) & ~reached
    if lost.any():
        n, s = np.argwhere(lost)[0]
        country, sector = labels["countries"][n], labels["sectors"][s]
        yield f"iceberg: nobody can sell {sector} in {country}, which buys it; leave one iceberg finite or make it there."


def _number_faults(arrays: Arrays, labels: Labels) -> Iterable[str]:
    if len(labels["countries"]) == 1:
        yield "countries: one country has nobody to trade with; give at least two (a prohibitive iceberg makes them closed economies)."


RULES: dict[tuple[str, ...], Callable[[Arrays, Labels], Iterable[str]]] = {
    ("final_share",): _final_faults,
    ("factor_share", "input_share"): _cost_faults,
    ("transfer", "endowment"): _transfer_faults,
    ("iceberg", "productivity", "final_share", "input_share"): _reach_faults,
    (): _number_faults,
}
"""What must hold between primitives, by those that it needs: a fault of another hides nothing."""
