"""What tariffs are after a shock, in sentences: what a reader checks before believing a result."""

from __future__ import annotations

import numpy as np

from cge.data.economy import place
from cge.model.benchmark import Benchmark
from cge.model.shock import Shock


def new_tariffs(benchmark: Benchmark, shock: Shock) -> list[str]:
    """Tariffs after a shock: their mean at benchmark flows, the highest, and the rates that changed; with what was read from files of rates.

    Nothing where the shock leaves tariffs as they are.
    """
    if shock.tariff is None:
        return []
    rate, old, flow = shock.tariff, benchmark.data["tariff"].values, benchmark.data["flow"].values
    imports = flow.sum() - np.trace(flow, axis1=1, axis2=2).sum()
    mean = (rate.values * flow).sum() / imports if imports > 0 else 0.0
    top = f"{rate.values.max():.1%} at most ({place(rate, rate.values == rate.values.max())})"
    changed = rate.values[rate.values != old]
    new = f"; new rates from {changed.min():.1%} to {changed.max():.1%}, {changed.mean():.1%} on average" if changed.size else ""
    if changed.size and changed.min() == changed.max():
        new = f"; new rates {changed.max():.1%}"
    said = str(rate.attrs.get("account", ""))
    return [f"Tariffs after: {mean:.2%} of benchmark imports on average, {top}{new}.", *said.splitlines()]
