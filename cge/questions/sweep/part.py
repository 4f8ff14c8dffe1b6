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

from cge.data.arrays import Array
from cge.errors import InputError, Outcome, SolveError
from cge.questions.solve import ready, solve, solve_all
from cge.results.welfare import COLUMNS, welfare_numbers
from cge.runfile.load import Case, make_case
from cge.runfile.reading import Cache
from cge.runfile.scenarios import stated
from cge.solve.many import Found
from cge.solve.solution import Answered
from cge.solve.threads import one_thread

INCOME = "income_benchmark"
"""Income before anything changes, money: the weights of what is said of groups."""

STORED = (*COLUMNS[1:], INCOME)
"""Columns by country that a store keeps."""

Tables = list[dict[str, Any]]
"""Scenarios of a chunk: run files as tables."""


@dataclass(frozen=True)
class Shared:
    """What scenarios have in common, as workers need it.

    Attributes:
        path, text: of the run file; countries: labels of all economies, the places of results.
        identity: changes with the files that the run file reads. follows: keys that a baseline takes from the scenario that stands on it.
    """

    path: Path
    text: str
    countries: tuple[str, ...]
    identity: str
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Part:
    """Scenarios of one chunk.

    Attributes:
        values: `STORED` [scenario, country, column], NaN where a scenario failed and for
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
    values = np.full((len(shared.countries), len(STORED), len(tables)), np.nan)
    residual = np.full(len(tables), np.nan)
    outcome, reason = [""] * len(tables), [""] * len(tables)
    row_of = {country: row for row, country in enumerate(shared.countries)}
    for places, found in solutions(shared, tables):
        if isinstance(found, Answered):
            rows = [row_of[country] for country in found.benchmark.countries]
            values[np.ix_(rows, range(values.shape[1]), places)] = stored(found).reshape(len(rows), -1, len(places))
            residual[places] = found.residual
        how = Outcome("bad_input", " ".join(found.faults)) if isinstance(found, InputError) else found.outcome
        for place in places:
            outcome[place], reason[place] = how.name, "" if how.solved else how.sentence
    return Part(np.ascontiguousarray(values.transpose(2, 0, 1)), outcome, reason, residual, time.perf_counter() - began)


def stored(found: Answered) -> Array:
    """The numbers of `STORED` [country, column], with an axis of scenarios at the end where several were found together."""
    numbers = welfare_numbers(found)
    income = np.broadcast_to(found.reference.values.income, numbers[:, 0].shape)
    return np.concatenate([numbers, income[:, None]], axis=1)


def solutions(shared: Shared, tables: Tables) -> Iterator[tuple[list[int], Found]]:
    """What answers every scenario, behind the places of those that it answers; those that are solved together are read as they are asked for."""
    first = 0
    for alike, group in groupby((read(shared, table) for table in tables), key=in_common):
        cases = (case for case in group if isinstance(case, Case))
        if alike.error is not None:
            found: Iterable[tuple[list[int], Found]] = [([0], alike.error)]
        else:
            found = solve_all(cases) if alike.method == "hat" else (([place], one(case)) for place, case in enumerate(cases))
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
        return solve(case)
    except (InputError, SolveError) as error:
        return error
