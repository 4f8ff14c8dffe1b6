"""What a counterfactual starts from: the economy that a run file names, calibrated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cge.model.benchmark import Benchmark, calibrate
from cge.model.build import require_final
from cge.model.exponents import Exponents, entries
from cge.model.profits import CostAccounts, cost_accounts
from cge.model.workers import mobility_faults
from cge.runfile.case import Start
from cge.runfile.faults import Given
from cge.runfile.files import Files
from cge.runfile.keys.top import RunFile
from cge.runfile.reading import Reading, caught
from cge.solve.levels.world import World


def start_of(reading: Reading, given: Given, files: Files) -> Start | World | None:
    """The economy with its benchmark, or a world as it is written; None where there is none, or after adding to the faults."""
    keys, economy = given.top, files.ground.economy
    unplaced = keys.group_shares is not None and files.groups is None  # whose faults are told
    moves = keys.mobility if "mobility" in given.sound and not unplaced else None
    if economy is None or moves is None:
        reading.faults.extend(_moving_faults(keys, None if unplaced else files.ground.labels.get("factor")))
    if economy is None:
        return files.ground.world
    links, rule = keys.intermediates, keys.negative_final_demand
    who: dict[str, Any] = {"mobility": moves, "inequality_aversion": keys.inequality_aversion}
    if moves is not None:
        who["group_shares"] = files.groups
    key = ("benchmark", *files.key, links, rule, repr(moves), keys.inequality_aversion)
    made = reading.cache.once(key, lambda: caught(lambda: calibrate(economy, intermediates=links, negative_final_demand=rule, **who)))
    benchmark = reading.take(made)
    return None if benchmark is None or unplaced else Start(economy, benchmark)


def _moving_faults(keys: RunFile, factors: list[str] | None) -> Iterator[str]:
    """What is wrong with a mobility that no economy is calibrated with, as far as it is known; `factors`: None where groups stand beside them."""
    if keys.mobility is not None:
        yield from mobility_faults({label: value for label, value in entries(keys.mobility) if value is not None}, factors)


def paid(benchmark: Benchmark, exponents: Exponents) -> CostAccounts:
    """What producers pay under a model; `DataError` where profits leave nothing to factors, or inputs have no price index."""
    e = exponents.on(benchmark.sectors)
    require_final(benchmark.sectors, e["eta"], benchmark.uses)
    return cost_accounts(benchmark, e["profit"])
