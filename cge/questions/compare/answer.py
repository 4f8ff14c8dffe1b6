"""The questions of a run file under several models: what each member answers, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cge.errors import InputError, Outcome, RunFileError, SolveError
from cge.model.workers import in_words
from cge.questions.compare.members import ITSELF, Member, Rule, questions
from cge.questions.policy.asked import meant
from cge.questions.policy.chosen import RATES, Counterfactual, rates, solution_of
from cge.questions.solve import ready
from cge.results.gains import Gains, gains
from cge.results.welfare import TABLE, groups_table, welfare_table
from cge.runfile.case import Case
from cge.runfile.in_words import asked
from cge.runfile.scenarios import OWN
from cge.solve.counterfactual import Report
from cge.solve.solution import Solution

Solver = Callable[[Case, Report | None], Counterfactual]

KEYS = ("model", "elasticity_rule", "transfers", "intermediates", "mobility")
"""What tells the members of a comparison apart in its outputs, beside the scenario."""

GAINS = ("gains_from_trade_pct", "radius")


@dataclass(frozen=True, eq=False)
class Answer:
    """What a member answers.

    Attributes:
        name: what it is called, unlike any other; model, elasticity_rule, transfers, intermediates (whether links enter it), mobility (in words):
            which member.
        scenario: whose question it answers, empty for that of the run file itself; own: whether by the run file of that as it stands.
        outcome: `solved`, or why there is no answer (`bad_input` where the model cannot be made of the run file).
        case, solution, gains: None where there is no answer.
        countries, groups: columns of welfare.csv, and for countries those of gains.csv; a row each, NaN where there is no answer.
    """

    name: str
    model: str
    elasticity_rule: Rule
    transfers: str
    intermediates: bool
    mobility: str
    scenario: str
    own: bool
    outcome: Outcome
    countries: pd.DataFrame
    groups: pd.DataFrame
    case: Case | None = None
    solution: Solution | None = None
    gains: Gains | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """The answers of all members.

    Attributes:
        answers: in the order of the members; own: place of the run file itself; notes: what was decided about elasticities, in sentences.
        under: name of what each scenario stands on, empty where that is the run file itself.
    """

    answers: list[Answer]
    own: int
    notes: list[str]
    under: Mapping[str, str] = field(default_factory=dict)

    @property
    def solution(self) -> Solution:
        """Of the run file itself."""
        solution = self.answers[self.own].solution
        assert solution is not None
        return solution


def compare(
    case: Case,
    solve: Solver,
    models: Iterable[str] = (),
    across: Iterable[str] = (),
    progress: Callable[[str], Report | None] = lambda name: None,
) -> Comparison:
    """Solve every member of a comparison; one that is refused is an answer, too, with its reason.

    Args:
        case: the run file; solve: the solver of a case; models, across: as in `cge.questions.compare.members.questions`.
        progress: makes the report of a member from its name.

    Raises:
        RunFileError: as `questions`, and every fault of a `[[compare]]` table. SolveError: the run file itself is refused.
    """
    case = meant(case)
    asked, notes = questions(case, models, across)
    every = [(question, member) for question in asked for member in question.members]
    stands = [m.identity(q.case) == ITSELF.identity(q.case) for q, m in every]
    first = next(i for i, (question, _) in enumerate(every) if stands[i] and not question.case.named)
    cases = [ready(q.case) if i == first else _attempt(m, q.case) for i, (q, m) in enumerate(every)]
    if unmade := [f"compare: {fault}" for made in cases if isinstance(made, InputError) and case.compare for fault in made.faults]:
        raise RunFileError(dict.fromkeys(unmade))  # a technology without an equilibrium under a member
    about = [_about(m, q.case, made) for (q, m), made in zip(every, cases, strict=True)]
    about = [{**one, "scenario": q.case.named, "own": itself} for one, (q, _), itself in zip(about, every, stands, strict=True)]
    answers = []
    for i, (name, made) in enumerate(zip(_names([m for _, m in every], about), cases, strict=True)):
        report = progress(f"{i + 1} of {len(every)}, {name}")
        answers.append(_answer({"name": name, **about[i]}, every[i][0].case, made, solve, report, i == first))
    return Comparison(answers, first, notes, {q.case.named: q.under for q in asked if q.under is not None})


def _names(found: list[Member], about: list[dict[str, Any]]) -> list[str]:
    """What members are called: by label, else by model and by what tells them apart; by scenario alone where each has one member."""
    several = {name: len({one[name] for one in about}) > 1 for name in (*KEYS, "scenario")}
    asked = [one["scenario"] or OWN for one in about]
    if several["scenario"] and len(set(asked)) == len(asked):
        return asked
    out: list[str] = []
    for member, one, question in zip(found, about, asked, strict=True):
        words = [one["model"], "same σ" if one["elasticity_rule"] == "same_sigma" else ""]
        words += ["with inputs"] if several["intermediates"] and one["intermediates"] else []
        words += [f"transfers {one['transfers']}"] if several["transfers"] else []
        words += [f"mobility {one['mobility']}"] if several["mobility"] else []
        words = [member.label] if member.label else words
        name = ", ".join(filter(None, [*words, question if several["scenario"] else ""]))
        out.append(name if name not in out else f"{name} ({1 + sum(other.startswith(name) for other in out)})")
    return out


def _about(member: Member, case: Case, made: Case | InputError) -> dict[str, Any]:
    """What `KEYS` are for a member; where no case could be made of it, what it was to be."""
    if isinstance(made, Case):
        moves = in_words(made.mobility)
        return {
            "model": made.model,
            "elasticity_rule": member.rule,
            "transfers": made.transfers,
            "intermediates": made.linked,
            "mobility": moves,
        }
    asked = {name: member.keys.get(name, getattr(case, name)) for name in ("model", "transfers", "intermediates", "mobility")}
    links = asked["intermediates"] is True and case.start.linked
    return {**asked, "elasticity_rule": member.rule, "intermediates": links, "mobility": in_words(asked["mobility"])}


def _attempt(member: Member, case: Case) -> Case | InputError:
    """The case of a member with what it starts from, or why there is none."""
    try:
        return ready(member.of(case))
    except InputError as error:
        return error


def _answer(about: dict[str, Any], case: Case, made: Case | InputError, solve: Solver, report: Report | None, own: bool) -> Answer:
    """What a member answers, `about` being its name and `KEYS`; `SolveError` goes through where it is the run file itself."""
    names = [column.name for column in TABLE]
    nothing: dict[str, Any] = {
        "countries": _nothing(case.countries, ("country", *names, *(RATES if case.policy else ()), *GAINS)),
        "groups": _nothing(["World", *case.groups], ("country", *names)),
    }
    if isinstance(made, InputError):
        return Answer(**about, outcome=Outcome("bad_input", " ".join(made.faults)), **nothing)
    try:
        found_rates = solve(made, report)
        solution = solution_of(found_rates)
        found = gains(made.benchmark, made.exponents, made.shock, tolerance=made.tolerance, report=report)
    except SolveError as error:
        if own:
            raise
        return Answer(**about, outcome=error.outcome, **nothing, case=made)
    chosen = [] if isinstance(found_rates, Solution) else [rates(found_rates)]
    countries = pd.concat([welfare_table(solution), *chosen, found.table.drop(columns="country")], axis=1)
    groups = groups_table(solution, case.groups)
    return Answer(**about, outcome=solution.outcome, countries=countries, groups=groups, case=made, solution=solution, gains=found)


def changes(answer: Answer) -> list[str]:
    """Sentences on what a member changes and what that is measured from; none where it has no case."""
    return [] if answer.case is None else asked(answer.case.table)


def _nothing(labels: list[str], columns: Iterable[str]) -> pd.DataFrame:
    """A table without numbers."""
    return pd.DataFrame({name: labels if name == "country" else np.nan for name in columns})
