"""A case in sentences: what was read, what changes, what is not used."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cge.data.arrays import place
from cge.data.satellite import told
from cge.data.text import counted
from cge.model.new_rates import new_rates, rates_of_data
from cge.model.shock import RATES, SHOCK_DIMS, Shock
from cge.model.workers import Workers
from cge.runfile.case import Case
from cge.runfile.ground import rates
from cge.solve.levels.world import World


def describe(case: Case, scenarios: Iterable[Case] = ()) -> list[str]:
    """What was read, in sentences: the economy with its zeros, imbalance and tariffs, or the technology; what changes, what is not used.

    Args:
        scenarios: of the run file, each with what changes under it.
    """
    sizes = f"{counted(len(case.countries), 'country', 'countries')}, {counted(len(case.sectors), 'sector')}"
    factors_named = f"{counted(len(case.factors), 'factor')} ({', '.join(case.factors)})"
    about = [str(case.attrs[key]) for key in ("year", "unit") if case.attrs.get(key)]
    return [
        f"{case.economy_title}: {sizes}, {'; '.join([factors_named, *about])}.",
        *(_of_world(case.start) if isinstance(case.start, World) else _of_economy(case)),
        *([] if case.accounts is None else told(case.accounts)),
        f"Model {case.model}, elasticities: {case.elasticity_source}.",
        *_workers(case),
        *_changes(case),
        *case.ended,
        *case.unused,
        *(
            line
            for one in scenarios
            for line in (f"Scenario {one.named}:", *_changes(one), *(x for x in one.unused if x not in case.unused))
        ),
    ]


def _workers(case: Case) -> list[str]:
    """Who moves between sectors, and how easily; nothing where nothing is said of it."""
    if isinstance(case.start, World):
        return [] if case.mobility is None else ["Workers move between sectors with a finite elasticity; every factor is one group."]
    who = case.start.benchmark.workers
    return [] if who is None else [f"Workers: {'; '.join(_of_factor(who, f, name) for f, name in enumerate(case.factors))}."]


def _of_factor(who: Workers, place: int, name: str) -> str:
    """The groups of a factor with their κ."""
    groups = who.of(place)
    kappas = sorted({float(who.kappa[g]) for g in groups})
    count = "one group" if len(groups) == 1 else f"{len(groups)} groups"
    if np.isinf(kappas[0]):
        return f"{name} ({count}) is one pool"
    between = f"{kappas[0]:g}" if len(kappas) == 1 else f"{kappas[0]:g} to {kappas[-1]:g}"
    return f"{name} ({count}) moves between sectors with an elasticity of {between}"


def _read_in_files(shock: Shock, table: str) -> list[str]:
    """What files of factors were read as."""
    array = getattr(shock, table)
    return [] if array is None else str(array.attrs.get("account", "")).splitlines()


def _of_economy(case: Case) -> list[str]:
    from cge.data.sources import account

    treated = [f"Treated when imported: {entry}" for entry in account(case.economy)]
    attrs = case.economy.data.attrs
    rounded = [str(attrs["rounding"])] if attrs.get("rounding") else []
    return [*treated, *rounded, _links(case), _zeros(case), _final_demand(case), _transfers(case), *rates_of_data(case.benchmark)]


def _links(case: Case) -> str:
    if not case.start.linked:
        return "The economy has no input-output links."
    return "Input-output links are kept." if case.linked else "Input-output links are ignored (intermediates = false)."


def _of_world(world: World) -> list[str]:
    """What can be said of a technology before its benchmark is solved."""
    t = world.technology
    links = "Producers buy inputs." if world.linked else "Producers buy no inputs."
    closed = int((np.isinf(t.iceberg) & t.made[:, :, None] & t.bought[:, None, :]).sum())
    unmade = counted(int((~t.made).sum()), "country-sector")
    given, highest = np.abs(t.transfer).sum() / 2 / t.endowment.sum(), t.tariff == t.tariff.max()
    return [
        "A technology written by hand: commands that solve begin with its benchmark, of which nothing is known here.",
        f"{links} {unmade} without producers, {counted(closed, 'flow')} closed by an infinite iceberg.",
        f"Transfers: half their absolute sum is {given:.2%} of world factor endowments." if given else "Every country's trade is balanced.",
        f"Tariffs: {t.tariff.max():.1%} at most ({place(rates(world)['tariff'], highest)})."
        if t.tariff.any()
        else "No tariffs in the technology.",
    ]


def _zeros(case: Case) -> str:
    flow, sales, spending = (case.benchmark.data[name].values for name in ("flow", "sales", "spending"))
    home = np.diagonal(flow, axis1=1, axis2=2)
    return (
        f"Zeros: {np.mean(flow == 0):.1%} of flows; {counted(int((sales == 0).sum()), 'country-sector')} without sales, "
        f"{((home == 0) & (sales > 0)).sum()} that sell abroad only, {(spending == 0).sum()} without spending."
    )


def _final_demand(case: Case) -> str:
    count = case.benchmark.negative_final_demand
    if not count:
        return "Final demand is nowhere negative."
    cells = counted(count, "country-sector")
    return f"Final demand was negative in {cells} and is zero there; changes are measured from the equilibrium that follows."


def _transfers(case: Case) -> str:
    transfer = case.benchmark.data["transfer"].values
    income = case.benchmark.data["factor_income"].sum("factor").values
    if not transfer.any():
        return "Every country's trade is balanced."
    largest = int(np.abs(transfer / income).argmax())
    return (
        f"Transfers (trade deficits): half their absolute sum is {np.abs(transfer).sum() / 2 / income.sum():.2%} of world factor income; "
        f"the largest is {case.benchmark.countries[largest]}, {transfer[largest] / income[largest]:.1%} of its own. Rule: {case.transfers}."
    )


def _changes(case: Case) -> list[str]:
    """What the shock moves, by table, with the number of cells; what tariffs are then, and what files of factors were read as."""
    start, parts = case.start, []
    first = case.shock.baseline if case.stacked else None
    rate = {name: getattr(start.technology, name) if isinstance(start, World) else start.benchmark.rates(name) for name in RATES}
    for table in SHOCK_DIMS:
        same = rate.get(table, 1.0)
        new, old = (same if (array := getattr(shock, table, None)) is None else array.values for shock in (case.shock, first))
        if moved := int(np.sum(new != old)):
            parts.append(f"{table.replace('_', ' ')} in {counted(moved, 'cell')}")
    base = " on top of that file" if case.stacked else ""
    measured = (
        f" Changes are measured from {'its equilibrium' if case.stacked else 'the baseline'}." if case.shock.baseline is not None else ""
    )
    rates_then = [] if isinstance(start, World) else new_rates(start.benchmark, case.shock)
    in_files = [line for table in ("iceberg", "fixed_cost") for line in _read_in_files(case.shock, table)]
    return [f"Changes{base}: {', '.join(parts) or 'none'}.{measured}", *rates_then, *in_files]
