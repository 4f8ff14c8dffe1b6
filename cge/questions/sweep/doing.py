"""Who acts in the scenarios of a sweep, as far as they agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cge.model.build import build
from cge.model.shock import Shock
from cge.questions.solve import ready
from cge.questions.sweep.axes import NAME
from cge.questions.sweep.combinations import Scenarios
from cge.questions.sweep.grounds import TOPS
from cge.results.acting import WORLD, Unsolved
from cge.runfile.case import Case
from cge.runfile.keys.shocks import SHOCK_TABLES
from cge.runfile.making import make_case
from cge.runfile.scenarios import stated
from cge.solve.counterfactual import check_benchmark
from cge.tell.provenance import done

if TYPE_CHECKING:
    import xarray as xr


def doing(case: Case, scenarios: Scenarios, data: xr.Dataset) -> dict[str, Any]:
    """Keys of summary.json on who acts.

    `acting` and `rates` are those of the first combination that moves anything, or of the one that moves most money where the same acts there;
    `varies`: whether what is done is not the same in all; `turn`: the key of the sweep that says who acts, where each of its labels does in turn.
    `together`: members of the world and of every group.
    """
    moved = np.nansum(np.abs(data["equivalent_variation"].values), axis=1).reshape(len(scenarios.places), -1)[:, 0]
    solved = (data["outcome"].values == "solved").reshape(len(scenarios.places), -1)[:, 0]
    moved = np.where(solved, moved, -1.0)
    most = int(moved.argmax())
    first = int((moved > 0).argmax()) if (moved > 0).any() else most
    found, other = (_done(case, scenarios, row) for row in (most, first))
    turn = next(
        (axis.name for k, axis in enumerate(scenarios.axes) if _turns(axis.values, scenarios.places[:, k], (most, first), found, other)), ""
    )
    groups = {WORLD: list(scenarios.grounds.countries), **case.groups}
    told = found if found["acting"]["names"] == other["acting"]["names"] else other
    varies = any(path[0] in (*SHOCK_TABLES, NAME[0], *TOPS) for axis in scenarios.axes for path in axis.paths)
    return {**told, "varies": varies, "turn": turn, "together": groups}


def _done(case: Case, scenarios: Scenarios, row: int) -> dict[str, Any]:
    """Who acts in a combination of the axes, with the equilibrium that its economy is as what the shock bears on."""
    table = scenarios.table(case.table, row * scenarios.repeats)
    one = ready(make_case(table, case.text, case.path, case.cache, stated(table, scenarios.follows)))
    observed = check_benchmark(one.benchmark, build(one.benchmark, one.exponents, Shock()), np.inf).found
    return dict(done(Unsolved(one.benchmark, one.shock, observed), one))


def _turns(values: tuple[Any, ...], places: Any, rows: tuple[int, int], found: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether the labels of a key are who acts, each in turn."""
    acting = [one["acting"]["names"] for one in (found, other)]
    return len(values) > 1 and rows[0] != rows[1] and all(names == (values[places[row]],) for row, names in zip(rows, acting, strict=True))
