"""From a question of rates to its answer and its output folder: that of a run at the solution, with who chooses what, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from cge.data.files.formats import write_csv
from cge.errors import Outcome, SolveError
from cge.questions.policy.asked import Asked, read
from cge.questions.policy.tables import players_table, policy_summary, policy_table
from cge.questions.policy.work import Progress, Worker, journal_of, searches_kept, signature
from cge.questions.run.answer import fill, make_tables, run_summary
from cge.questions.solve import engine, ready
from cge.questions.write import produce
from cge.runfile.case import Case
from cge.solve.policy.agreed import FALLBACKS, agreed
from cge.solve.policy.answer import Answer, contested, starts_for
from cge.solve.policy.question import ground
from cge.solve.policy.search import usual
from cge.solve.policy.searches import Work
from cge.solve.threads import one_thread, processors


@dataclass(frozen=True, eq=False)
class Policy:
    """A question of rates with its answer.

    Attributes:
        asked: the question; answer: with its certificate; tables: of a run at the solution, and `policy`, `players`, by file name without its ending.
    """

    asked: Asked
    answer: Answer
    tables: dict[str, pd.DataFrame]


REPRICED = 'Transfers are fixed in the numeraire, and a war reprices them: who receives one may gain from ever higher rates. Try transfers = "zero".'
"""What may be behind a search that comes to no end."""


def answered(asked: Asked, work: Work) -> Answer:
    """The answer to a question.

    Raises:
        DataError: what is asked does not fit the world; SolveError: none was found that stands its trial.
    """
    try:
        return found(asked, work)
    except SolveError as error:
        if error.outcome.name != "not_converged" or asked.case.transfers != "fixed":
            raise
        raise SolveError(replace(error.outcome, sentence=f"{error.outcome.sentence} {REPRICED}"), error.diagnosis) from error


@one_thread
def found(asked: Asked, work: Work) -> Answer:
    """As `answered`."""
    case = asked.case
    here = ground(case.benchmark, case.exponents, case.shock, case.tolerance, case.unstable)
    count = starts_for(here, asked.keys.starts)
    if not asked.kind.joint:
        answer = contested(here, asked.choice, asked.players, asked.kind.aim, count, work)
        return answer if case.method == "hat" else confirmed(answer, case)
    fallback = FALLBACKS[asked.keys.fallback](here, asked.choice, asked.players, count, work)
    return agreed(here, asked.choice, asked.players, asked.rule, asked.given, fallback, count, work)


AGREEMENT = 1e-6
"""Largest difference of a rate that IPOPT finds from that of the formula."""


def confirmed(answer: Answer, case: Case) -> Answer:
    """The answer with the rates that IPOPT finds in levels beside its own, and its counterfactual solved in levels, too.

    Raises:
        SolveError: the two disagree, or one was not found.
    """
    from cge.solve.levels.best import best_by_ipopt  # Pyomo and IPOPT are loaded only where they are used

    points = answer.points
    gap = float(np.abs(best_by_ipopt(points, usual(points)) - answer.rates).max())
    if gap > AGREEMENT:
        sentence = (
            f"The best rates that IPOPT finds in levels differ by {gap:.1e} ({AGREEMENT:g} is accepted): there may be several optima."
        )
        raise SolveError(Outcome("not_certified", sentence), {"levels_vs_hat": gap})
    limits = {"tolerance": case.tolerance, "unstable": case.unstable}
    solution = engine(case)(case.benchmark, case.exponents, points.shocked(answer.rates), **limits)
    return replace(answer, solution=solution, levels_vs_hat=gap)


def solve_policy(case: Case, work: Work) -> Policy:
    """The answer to the question of rates of a run file, with its tables. Raises as `read` and `answered`."""
    asked = read(case)
    asked = replace(asked, case=ready(asked.case))
    answer = answered(asked, work)
    tables = make_tables(answer.solution, asked.case)
    return Policy(asked, answer, {"policy": policy_table(answer), "players": players_table(answer), **tables})


def write_policy(case: Case, folder: Path, progress: Progress = lambda name: None) -> Policy:
    """Answer the question of rates of a run file and write its output folder; an interrupted one is taken up again.

    Raises:
        InputError: of the case or the folder, which is left alone; SolveError: the folder then holds `diagnosis.json` alone.
    """
    asked = read(case)
    journal = searches_kept(journal_of(folder), signature(asked))

    def work(fresh: Path) -> Policy:
        policy = solve_policy(case, Worker(journal, progress, processors()))
        own = {name: policy.tables[name] for name in ("policy", "players")}
        fill(fresh, policy.answer.solution, policy.asked.case, {n: t for n, t in policy.tables.items() if n not in own}, summary(policy))
        for name, table in own.items():
            write_csv(table, fresh / f"{name}.csv")
        return policy

    try:
        policy = produce(asked.case, folder, work)
    except SolveError:
        journal.drop()  # only what was interrupted is taken up again
        raise
    journal.drop()
    return policy


def summary(policy: Policy) -> dict[str, object]:
    """The keys of summary.json: those of a run at the solution, and `policy`."""
    return {**run_summary(policy.answer.solution, policy.asked.case, policy.tables), "policy": policy_summary(policy.asked, policy.answer)}
