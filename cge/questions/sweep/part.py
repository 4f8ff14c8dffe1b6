"""One chunk of a sweep, as a worker solves it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from cge.errors import InputError, Outcome, SolveError
from cge.questions.solve import ready, solve
from cge.results.welfare import COLUMNS, welfare_table
from cge.runfile.load import make_case
from cge.runfile.reading import Cache
from cge.solve.search import Memory

Tables = list[dict[str, Any]]
"""Scenarios of a chunk: run files as tables."""


@dataclass(frozen=True)
class Shared:
    """What scenarios have in common, as workers need it.

    Attributes:
        path, text: of the run file; countries: labels of all economies, the places of results.
        identity: changes with the files that the run file reads.
    """

    path: Path
    text: str
    countries: tuple[str, ...]
    identity: str


@dataclass(frozen=True, eq=False)
class Part:
    """Scenarios of one chunk.

    Attributes:
        values: columns of welfare.csv without `country` [scenario, country, column], NaN where a scenario failed and for
            countries that its economy lacks.
        outcome: names; reason: sentences of those that failed; residual [scenario]; seconds: of the chunk.
    """

    values: np.ndarray[Any, np.dtype[np.float64]]
    outcome: list[str]
    reason: list[str]
    residual: np.ndarray[Any, np.dtype[np.float64]]
    seconds: float


@lru_cache(maxsize=1)
def cache(identity: str) -> Cache:
    """What this process has read already for scenarios of this identity."""
    return Cache()


def solve_part(shared: Shared, tables: Tables) -> Part:
    """Solve scenarios one after the other, each from the last where the economy is the same."""
    began = time.perf_counter()
    values = np.full((len(tables), len(shared.countries), len(COLUMNS) - 1), np.nan)
    residual = np.full(len(tables), np.nan)
    outcome, reason, last, memory = [], [], None, Memory()
    row_of = {country: row for row, country in enumerate(shared.countries)}
    for place, table in enumerate(tables):
        try:
            case = ready(make_case(table, shared.text, shared.path, cache(shared.identity)))
            if case.benchmark is not last:
                last, memory = case.benchmark, Memory()
            solution = solve(case, memory=memory)
            welfare = welfare_table(solution)
            values[place, [row_of[country] for country in welfare["country"]]] = welfare.iloc[:, 1:].to_numpy(float)
            residual[place] = solution.residual
            found = solution.outcome
        except SolveError as error:
            found = error.outcome
        except InputError as error:
            found = Outcome("bad_input", " ".join(error.faults))
        outcome.append(found.name)
        reason.append("" if found.solved else found.sentence)
    return Part(values, outcome, reason, residual, time.perf_counter() - began)
