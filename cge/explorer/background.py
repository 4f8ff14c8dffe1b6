"""What is solved beside the answer and takes longer: along the range of a slider, draws of elasticities, rates that somebody chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import SolveError
from cge.explorer.answer import number, rows, statistics
from cge.explorer.inbox import Message
from cge.explorer.state import Look, Reply, State
from cge.questions.policy.answer import answered
from cge.questions.policy.asked import read
from cge.questions.policy.tables import players_table
from cge.questions.policy.words import messages, sentence
from cge.questions.solve import solve
from cge.questions.sweep.combinations import Scenarios, draws_alone, read_scenarios
from cge.questions.sweep.uncertainty import moments
from cge.results.welfare import groups_table, welfare_table
from cge.runfile.case import Case
from cge.runfile.making import make_case
from cge.solve.policy.answer import Answer
from cge.solve.policy.search import Tell
from cge.solve.policy.searches import here
from cge.solve.search import Memory
from cge.solve.solution import Solution

AT_ONCE = 4
"""Points of a range that are sent together."""


def along(state: State, message: Message, look: Look) -> Iterator[Reply]:
    """Real income in percent of all countries along the values of a measure, a few points at a time; a value without an answer has its reason."""
    case = state.case(message["text"])
    scenarios = read_scenarios(case)
    points: list[list[Any]] = []
    for done, (value, found) in enumerate(zip(scenarios.axes[0].values, solved(state, case, scenarios, look), strict=True), 1):
        if isinstance(found, SolveError):
            points.append([value, None, found.outcome.sentence])
        else:
            points.append([value, (100 * np.expm1(found.log_real_income)).tolist()])
        if len(points) == AT_ONCE or done == len(scenarios):
            yield {"kind": "range", "measure": message["measure"], "points": points, "done": done, "total": len(scenarios)}
            points = []


def drawn(state: State, message: Message, look: Look) -> Iterator[Reply]:
    """Bands of every statistic over draws of the trade elasticity, of countries, World and groups, as `cge sweep` draws them."""
    case = state.case(message["text"])
    scenarios, failed = draws_alone(case), 0
    stats: list[pd.DataFrame] = []
    together: list[pd.DataFrame] = []
    for done, found in enumerate(solved(state, case, scenarios, look), 1):
        if isinstance(found, SolveError):
            failed += 1
        else:
            stats.append(welfare_table(found))
            together.append(groups_table(found, case.groups))
        yield {"kind": "progress", "of": "draws", "done": done, "total": len(scenarios), "text": ""}
    yield {"kind": "draws", "draws": len(stats), "failed": failed, "stats": bands(stats), "together": bands(together)}


def solved(state: State, case: Case, scenarios: Scenarios, look: Look) -> Iterator[Solution | SolveError]:
    """The scenarios of a sweep, each from the last, or why one has no answer."""
    memory = Memory()
    for scenario in range(len(scenarios)):
        look()
        table = scenarios.table(case.table, scenario)
        try:
            yield solve(make_case(table, case.text, case.path, state.cache), look, memory)
        except SolveError as error:
            yield error


def bands(tables: Sequence[pd.DataFrame]) -> dict[str, dict[str, list[float | None]]]:
    """Quantiles of every column over tables with the same rows: the middle ninety percent, and the median."""
    if not tables:
        return {}
    columns = [name for name in tables[0] if name != "country"]
    every = {name: moments(np.stack([_numbers(table[name]) for table in tables])) for name in columns}
    return {
        str(name): {key: [number(value) for value in found[quantile].tolist()] for key, quantile in BAND.items()}
        for name, found in every.items()
    }


BAND = {"low": "p05", "median": "median", "high": "p95"}
"""What is told of a statistic, and its quantiles."""


def _numbers(column: pd.Series[Any]) -> Array:
    return np.asarray(column.to_numpy(float))


def chosen(state: State, message: Message, look: Look) -> Iterator[Reply]:
    """The rates that somebody chooses, as `cge policy` finds them, with their certificate."""
    asked = read(state.case(message["text"]))
    kind = message["kind"]

    def telling(name: str) -> Tell:
        def tell(step: int, derivative: float) -> None:
            look()
            state.say(
                {"kind": "progress", "serial": message["serial"], "of": kind, "done": step, "total": None, "text": f"{name}: step {step}"}
            )

        return tell

    answer = answered(asked, lambda searches: list(here(searches, telling)))
    yield {
        "kind": kind,
        **({"measure": message["measure"]} if "measure" in message else {}),
        "players": players(answer),
        "stats": statistics(welfare_table(answer.solution)),
        "together": statistics(groups_table(answer.solution, asked.case.groups)),
        "certificate": sentence(answer),
        "messages": messages(asked, answer),
    }


def players(answer: Answer) -> list[Reply]:
    """Rows of players.csv, with the rate of each where it lays one alone."""
    game = answer.points.game
    found = []
    for place, row in enumerate(rows(players_table(answer))):
        own = answer.rates[game.chooser == place]
        found.append({**row, "rate": float(own[0]) if len(own) == 1 else None})
    return found
