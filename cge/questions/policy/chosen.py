"""What an answer to a question of rates says country by country, for questions that ask many of them: comparisons and sweeps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.questions.policy.answer import Policy, solve_policy
from cge.questions.solve import solve
from cge.results.welfare import COLUMNS, welfare_numbers
from cge.runfile.case import Case
from cge.solve.counterfactual import Report
from cge.solve.policy.searches import here
from cge.solve.solution import Solution, Solutions

RATES = ("rate_mean_weighted_pct", "rate_median_pct", "gain_from_policy_pp", "epsilon_pp")
"""Columns of players.csv that a country has that plays, alone or in a group."""

INCOME = "income_benchmark"
"""Income before anything changes, money: the weights of what is said of groups."""

Counterfactual = Solution | Policy
"""A counterfactual, or one at rates that were chosen."""


def statistics(chooses: bool) -> tuple[str, ...]:
    """Columns by country: those of welfare.csv, income before, and where rates are chosen `RATES`."""
    return (*COLUMNS[1:], INCOME, *(RATES if chooses else ()))


def answered(case: Case, report: Report | None = None) -> Counterfactual:
    """The counterfactual of a case, at the rates that answer its question where it has one. Raises as `solve` and `solve_policy`."""
    if not case.policy:
        return solve(case, report)
    return solve_policy(case, lambda searches: list(here(searches)))


def solution_of(found: Counterfactual) -> Solution:
    """The counterfactual itself."""
    return found.answer.solution if isinstance(found, Policy) else found


def numbers(found: Counterfactual | Solutions) -> Array:
    """`statistics` of an answer [country, column], with an axis of scenarios at the end where several were found together; those of rates are NaN for
    a country that does not play.
    """
    if isinstance(found, Policy):
        return np.column_stack([numbers(found.answer.solution), rates(found).to_numpy(float)])
    own = welfare_numbers(found)
    income = np.broadcast_to(found.reference.values.income, own[:, 0].shape)
    return np.concatenate([own, income[:, None]], axis=1)


def rates(found: Policy) -> pd.DataFrame:
    """`RATES` of every country, those of a group for each of its members."""
    out = np.full((len(found.answer.solution.benchmark.countries), len(RATES)), np.nan)
    for player, row in zip(found.answer.points.game.players, found.tables["players"][list(RATES)].to_numpy(float), strict=True):
        out[player.members] = row
    return pd.DataFrame(out, columns=list(RATES))
