"""What a result says of itself: summary, notes, versions and checksums."""

from __future__ import annotations

import numpy as np

from cge.data.text import counted
from cge.data.versions import versions
from cge.model.new_rates import new_rates
from cge.model.workers import in_words
from cge.results.acting import Moved, acting, imposed
from cge.results.markups import stretch
from cge.runfile.case import Case
from cge.solve.solution import Solution

CERTIFICATE = ("radius", "critical_scale", "radius_solution")
"""What a summary keeps of a certificate."""


def origin(case: Case) -> dict[str, object]:
    """What a case was made from and how it is solved: the first keys of a summary or diagnosis."""
    return {
        "title": case.title,
        **({"scenario": case.named} if case.named else {}),
        "model": case.model,
        "transfers": case.transfers,
        "method": case.method,
        "intermediates": case.linked,
        "mobility": in_words(case.mobility),
        "economy": case.economy_title,
        "elasticities": case.elasticity_source,
        "countries": len(case.countries),
        "sectors": len(case.sectors),
        "run_file": str(case.path) if case.text else "",
        "inputs": dict(case.inputs),
        "versions": versions(),
    }


def summary(solution: Solution, case: Case) -> dict[str, object]:
    """The keys of summary.json, in plain Python types."""
    found = {
        "outcome": solution.outcome.name,
        "sentence": solution.outcome.sentence,
        **origin(case),
        "iterations": solution.iterations,
        "seconds": solution.seconds,
        "residual": solution.residual,
        "walras": {"market": solution.dropped, "residual": solution.walras},
        "corners": solution.corners,
        "stability": None if solution.stability is None else {name: getattr(solution.stability, name) for name in CERTIFICATE},
        "stability_note": solution.stability_note,
        "notes": notes(solution, case),
    }
    if solution.levels_vs_hat is not None:
        found["levels_vs_hat"] = solution.levels_vs_hat
    return found


def done(solution: Moved, case: Case) -> dict[str, object]:
    """Who acts and the rates that were imposed, keys of a summary of which the sentence of the first screen is made."""
    who = acting(solution, case.groups)
    rates = imposed(solution, who, case.groups, case.sector_groups)
    return {"acting": who._asdict(), "rates": [one.plain() for one in rates]}


def notes(solution: Solution, case: Case) -> list[str]:
    """What the reader must know beside the numbers, one sentence each."""
    found = [*solution.warnings, *reference_notes(solution), *markups_notes(solution)]
    benchmark = solution.benchmark
    if benchmark.negative_final_demand:
        found.append(
            f"Final demand is negative in {counted(benchmark.negative_final_demand, 'cell')} of the data and was set to zero there."
        )
    if not benchmark.data["tariff"].values.any():
        found.append("The economy has no tariffs: rates of this run come on top of zero, and no benchmark revenue is gained or lost.")
    if case.start.linked and not case.linked:
        sales, added = benchmark.data["sales"].values.sum(), case.economy.data["value_added"].values.sum()
        found.append(
            f"Input-output links are left out: all of sales counts as income, {sales / added:.3g} times the value added of the world in the data, "
            "and money (as equivalent variation) is of that size."
        )
    return [*found, *new_rates(benchmark, solution.shock), *case.ended, *case.unused]


def markups_notes(solution: Solution) -> list[str]:
    """How far cutoffs move where mark-ups vary: all holds below the costs of the least productive entrant alone, which no table of trade has."""
    most = stretch(solution) if solution.exponents.entrants.vary else None
    if most is None or most.factor <= 1 + 1e-12:  # where nothing moves, rounding is not told as growth
        return []
    return [
        f"The cutoff cost that grows most is that of {most.exporter} in {most.importer}, {most.sector}: by a factor of {most.factor:.4g}. Mark-ups "
        "and gains are right as long as every cutoff, at home too, stays below the costs of the least productive entrant, which the data do not say."
    ]


def reference_notes(solution: Solution) -> list[str]:
    """How far the equilibrium that changes are measured from lies from the data, where it is not the data."""
    shock, benchmark = solution.shock, solution.benchmark
    if shock.baseline is not None:
        name = "the baseline"
    elif shock.rule.none:
        name = "the equilibrium without transfers"
    elif benchmark.negative_final_demand:
        name = "the equilibrium without negative final demand"
    else:
        return []
    moved = 100 * np.expm1(solution.reference.log_real_income(benchmark.data["income"].values))
    low, high = int(moved.argmin()), int(moved.argmax())
    return [
        f"Changes are measured from {name}, which empties {counted(solution.corners['benchmark'], 'cell')} of the data and moves real income by "
        f"{moved[low]:+.3g} % ({benchmark.countries[low]}) to {moved[high]:+.3g} % ({benchmark.countries[high]})."
    ]
