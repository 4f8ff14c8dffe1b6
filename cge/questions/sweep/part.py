"""One chunk of a sweep, as a worker solves it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cge.errors import InputError, Outcome, SolveError
from cge.questions.policy.chosen import Counterfactual, answered, numbers, solution_of, statistics
from cge.questions.solve import ready, solve_all
from cge.runfile.case import Case
from cge.runfile.making import make_case
from cge.runfile.reading import Cache
from cge.runfile.scenarios import stated
from cge.solve.solution import Solutions
from cge.solve.threads import one_thread

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


@one_thread
def solve_part(shared: Shared, tables: Tables) -> Part:
    """Solve scenarios, those that follow each other on the same economy together."""
    began = time.perf_counter()
    values = np.full((len(shared.countries), len(statistics(shared.chooses)), len(tables)), np.nan)
    residual = np.full(len(tables), np.nan)
    outcome, reason = [""] * len(tables), [""] * len(tables)
    row_of = {country: row for row, country in enumerate(shared.countries)}
    for places, found in solutions(shared, tables):
        if isinstance(found, SolveError | InputError):
            how = Outcome("bad_input", " ".join(found.faults)) if isinstance(found, InputError) else found.outcome
        else:
            solution = found if isinstance(found, Solutions) else solution_of(found)
            rows = [row_of[country] for country in solution.benchmark.countries]
            values[np.ix_(rows, range(values.shape[1]), places)] = numbers(found).reshape(len(rows), -1, len(places))
            residual[places] = solution.residual
            how = solution.outcome
        for place in places:
            outcome[place], reason[place] = how.name, "" if how.solved else how.sentence
    return Part(np.ascontiguousarray(values.transpose(2, 0, 1)), outcome, reason, residual, time.perf_counter() - began)


Found = Counterfactual | Solutions | SolveError | InputError
"""What answers scenarios, or why they have no answer."""


def solutions(shared: Shared, tables: Tables) -> Iterator[tuple[list[int], Found]]:
    """What answers every scenario, behind the places of those that it answers; those that are solved together are read as they are asked for."""
    first = 0
    for alike, group in groupby((read(shared, table) for table in tables), key=in_common):
        cases = (case for case in group if isinstance(case, Case))
        if alike.error is not None:
            found: Iterable[tuple[list[int], Found]] = [([0], alike.error)]
        elif alike.method == "hat" and not shared.chooses:
            found = iter(solve_all(cases))
        else:
            found = (([place], one(case)) for place, case in enumerate(cases))
        count = 0
        for places, answer in found:
            yield [first + place for place in places], answer
            count += len(places)
        first += count


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
