"""One chunk of a sweep, as a worker solves it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cge.errors import InputError, Outcome, SolveError
from cge.questions.policy.answer import Policy
from cge.questions.policy.chosen import Answered, answered, numbers, solution_of, statistics
from cge.questions.solve import ready, solve_all
from cge.runfile.load import Case, make_case
from cge.runfile.reading import Cache
from cge.runfile.scenarios import stated
from cge.solve.solution import Solution

Tables = list[dict[str, Any]]
"""Scenarios of a chunk: run files as tables."""


@dataclass(frozen=True)
class Shared:
    """What scenarios have in common, as workers need it.

    Attributes:
        path, text: of the run file; countries: labels of all economies, the places of results.
        identity: changes with the files that the run file reads. follows: keys that a baseline takes from the scenario that stands on it.
        chooses: whether they ask for rates ([policy]).
    """

    path: Path
    text: str
    countries: tuple[str, ...]
    identity: str
    follows: tuple[str, ...] = ()
    chooses: bool = False


@dataclass(frozen=True, eq=False)
class Part:
    """Scenarios of one chunk.

    Attributes:
        values: `statistics` [scenario, country, column], NaN where a scenario failed and for
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
    """Solve scenarios, those that follow each other on the same economy together."""
    began = time.perf_counter()
    values = np.full((len(tables), len(shared.countries), len(statistics(shared.chooses))), np.nan)
    residual = np.full(len(tables), np.nan)
    outcome, reason = [], []
    row_of = {country: row for row, country in enumerate(shared.countries)}
    for place, found in enumerate(solutions(shared, tables)):
        if isinstance(found, Solution | Policy):
            solution = solution_of(found)
            values[place, [row_of[country] for country in solution.benchmark.countries]] = numbers(found)
            residual[place] = solution.residual
            how = solution.outcome
        else:
            how = found.outcome if isinstance(found, SolveError) else Outcome("bad_input", " ".join(found.faults))
        outcome.append(how.name)
        reason.append("" if how.solved else how.sentence)
    return Part(values, outcome, reason, residual, time.perf_counter() - began)


Found = Answered | SolveError | InputError
"""A scenario's solution, or why it has none."""


def solutions(shared: Shared, tables: Tables) -> Iterator[Found]:
    """Every scenario in turn; those that are solved together are read as they are asked for."""
    for alike, group in groupby((read(shared, table) for table in tables), key=in_common):
        cases = (case for case in group if isinstance(case, Case))
        if alike.method == "hat" and not shared.chooses:
            yield from solve_all(cases)
        elif alike.error is not None:
            yield alike.error
        else:
            yield from map(one, cases)


def read(shared: Shared, table: dict[str, Any]) -> Case | SolveError | InputError:
    """The case of a scenario, or what is wrong with it."""
    try:
        return ready(make_case(table, shared.text, shared.path, cache(shared.identity), stated(table, shared.follows)))
    except (InputError, SolveError) as error:
        return error


class Alike(NamedTuple):
    """What scenarios have in common that are solved one after the other or together; or why one cannot be solved."""

    method: str = ""
    benchmark: int = 0
    tolerance: float = 0.0
    unstable: str = ""
    error: SolveError | InputError | None = None


def in_common(case: Case | SolveError | InputError) -> Alike:
    """By which neighbours are told alike."""
    if isinstance(case, Case):
        return Alike(case.method, id(case.benchmark), case.tolerance, case.unstable)
    return Alike(error=case)


def one(case: Case) -> Found:
    """A case solved by itself."""
    try:
        return answered(case)
    except (InputError, SolveError) as error:
        return error
