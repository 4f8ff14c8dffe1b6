"""What tariffs and export taxes are in the data and after a shock, in sentences: what a reader checks before believing a result."""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array, place
from cge.model.benchmark import Benchmark, labelled
from cge.model.shock import RATES, Shock

WORDS = {"tariff": ("Tariffs", "imports"), "export_tax": ("Export taxes", "exports")}
"""What rates are called, and what they are laid on."""


def rates_of_data(benchmark: Benchmark) -> list[str]:
    """Rates of the data: their mean and the highest; nothing of export taxes where there are none."""
    found = [] if benchmark.rates("tariff").any() else ["No tariffs in the data."]
    for name in RATES:
        if (rate := benchmark.rates(name)).any():
            what, of = WORDS[name]
            found.append(f"{what} in the data: {mean(benchmark, name, rate):.2%} of {of} on average, {_highest(benchmark, rate)}.")
    return found


def new_rates(benchmark: Benchmark, shock: Shock) -> list[str]:
    """Rates after a shock: their mean at benchmark flows, the highest, and those that changed; with what was read from files of rates.

    Nothing where the shock leaves rates as they are.
    """
    found = []
    for name in RATES:
        if (array := getattr(shock, name)) is None:
            continue
        what, of = WORDS[name]
        rate = array.values
        changed = rate[rate != benchmark.rates(name)]
        new = f"; new rates from {changed.min():.1%} to {changed.max():.1%}, {changed.mean():.1%} on average" if changed.size else ""
        if changed.size and changed.min() == changed.max():
            new = f"; new rates {changed.max():.1%}"
        average = f"{mean(benchmark, name, rate):.2%} of benchmark {of} on average"
        found.append(f"{what} after: {average}, {_highest(benchmark, rate)}{new}.")
        found += str(array.attrs.get("account", "")).splitlines()
    return found


def mean(benchmark: Benchmark, name: str, rate: Array) -> float:
    """The mean of rates [sector, exporter, importer] at flows of the data: of tariffs at those at the border, of export taxes at producer prices."""
    flow, levy = benchmark.arrays["flow"], benchmark.rates("export_tax")
    if name == "tariff" and levy.any():
        flow = flow * (1 + levy)
    trade = flow.sum() - np.trace(flow, axis1=1, axis2=2).sum()
    return float(np.einsum("sin,sin->", rate, flow) / trade) if trade > 0 else 0.0


def _highest(benchmark: Benchmark, rate: Array) -> str:
    """The highest rate [sector, exporter, importer] and where it is."""
    array, peak = labelled(benchmark, rate, "sector", "exporter", "importer"), rate.max()
    return f"{peak:.1%} at most ({place(array, rate == peak)})"
