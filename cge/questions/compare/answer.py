"""The same question under several models: what each of them answers, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cge.errors import InputError, Outcome, RunFileError, SolveError
from cge.model.variants import VARIANTS
from cge.questions.compare.members import ITSELF, Member, Rule, members
from cge.questions.solve import ready
from cge.results.gains import Gains, gains
from cge.results.welfare import COLUMNS, groups_table, welfare_table
from cge.runfile.case import Case
from cge.runfile.in_words import asked
from cge.solve.counterfactual import Report
from cge.solve.solution import Solution

Solver = Callable[[Case, Report | None], Solution]

KEYS = ("model", "elasticity_rule", "transfers", "intermediates")
"""What tells the members of a comparison apart in its outputs."""

GAINS = ("gains_from_trade_pct", "radius")


@dataclass(frozen=True, eq=False)
class Answer:
    """What a member answers.

    Attributes:
        name: what it is called, unlike any other; model, elasticity_rule, transfers, intermediates (whether links enter it): which member.
        outcome: `solved`, or why there is no answer (`bad_input` where the model cannot be made of the run file).
        case, solution, gains: None where there is no answer.
        countries, groups: columns of welfare.csv, and for countries those of gains.csv; a row each, NaN where there is no answer.
    """

    name: str
    model: str
    elasticity_rule: Rule
    transfers: str
    intermediates: bool
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
    """

    answers: list[Answer]
    own: int
    notes: list[str]

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
        case: the run file; solve: the solver of a case; models, across: as in `cge.questions.compare.members.members`.
        progress: makes the report of a member from its name.

    Raises:
        RunFileError: as `members`, and every fault of a `[[compare]]` table. SolveError: the run file itself is refused.
    """
    found, notes = members(case, models, across)
    own = next(i for i, m in enumerate(found) if m.identity(case) == ITSELF.identity(case))
    cases = [ready(case) if i == own else _attempt(m, case) for i, m in enumerate(found)]
    if unmade := [f"compare: {fault}" for made in cases if isinstance(made, InputError) and case.compare for fault in made.faults]:
        raise RunFileError(dict.fromkeys(unmade))  # a technology without an equilibrium under a member
    answers = []
    about = [_about(m, case, made) for m, made in zip(found, cases, strict=True)]
    for i, (name, made) in enumerate(zip(_names(found, about), cases, strict=True)):
        report = progress(f"{i + 1} of {len(found)}, {name}")
        answers.append(_answer({"name": name, **about[i]}, case, made, solve, report, i == own))
    return Comparison(answers, own, notes)


def _names(found: list[Member], about: list[dict[str, Any]]) -> list[str]:
    """What members are called: by label, else by model and by what tells them apart."""
    several = {name: len({one[name] for one in about}) > 1 for name in KEYS}
    out: list[str] = []
    for member, one in zip(found, about, strict=True):
        words = [one["model"], "same σ" if one["elasticity_rule"] == "same_sigma" else ""]
        words += ["with inputs"] if several["intermediates"] and one["intermediates"] else []
        words += [f"transfers {one['transfers']}"] if several["transfers"] else []
        name = member.label or ", ".join(filter(None, words))
        out.append(name if name not in out else f"{name} ({1 + sum(other.startswith(name) for other in out)})")
    return out


def _about(member: Member, case: Case, made: Case | InputError) -> dict[str, Any]:
    """What `KEYS` are for a member; where no case could be made of it, what it was to be."""
    if isinstance(made, Case):
        return {"model": made.model, "elasticity_rule": member.rule, "transfers": made.transfers, "intermediates": made.linked}
    asked = {name: member.rule if name == "elasticity_rule" else member.keys.get(name, getattr(case, name)) for name in KEYS}
    return {**asked, "intermediates": asked["intermediates"] is True and case.start.linked}


def _attempt(member: Member, case: Case) -> Case | InputError:
    """The case of a member with what it starts from, or why there is none."""
    try:
        return ready(member.of(case))
    except InputError as error:
        return error


def _answer(about: dict[str, Any], case: Case, made: Case | InputError, solve: Solver, report: Report | None, own: bool) -> Answer:
    """What a member answers, `about` being its name and `KEYS`; `SolveError` goes through where it is the run file itself."""
    nothing: dict[str, Any] = {
        "countries": _nothing(case.countries, ("country", *COLUMNS[1:], *GAINS)),
        "groups": _nothing(["World", *case.groups], COLUMNS),
    }
    if isinstance(made, InputError):
        return Answer(**about, outcome=Outcome("bad_input", " ".join(made.faults)), **nothing)
    try:
        solution = solve(made, report)
        found = gains(made.benchmark, made.exponents, made.shock, tolerance=made.tolerance, report=report)
    except SolveError as error:
        if own:
            raise
        return Answer(**about, outcome=error.outcome, **nothing, case=made)
    countries = pd.concat([welfare_table(solution), found.table.drop(columns="country")], axis=1)
    groups = groups_table(solution, case.groups)
    return Answer(**about, outcome=solution.outcome, countries=countries, groups=groups, case=made, solution=solution, gains=found)


def changes(answer: Answer) -> list[str]:
    """Sentences on what a member changes and what that is measured from; none where it has no case."""
    return [] if answer.case is None else asked(answer.case.table)


def _nothing(labels: list[str], columns: Iterable[str]) -> pd.DataFrame:
    """A table without numbers."""
    return pd.DataFrame({name: labels if name == "country" else np.nan for name in columns})


# --- side by side --------------------------------------------------------------------------------------------------------------------


def against(comparison: Comparison, answer: Answer) -> dict[str, Answer]:
    """What an answer is measured against, by name: models with fewer margins under the same rule for transfers and with the same links, and
    the model itself without links.
    """
    found: dict[str, Answer] = {}
    for other in comparison.answers:
        if other.transfers != answer.transfers:
            continue
        rule = "" if other.elasticity_rule == "same_elasticity" else f"_{other.elasticity_rule}"
        if other.model in VARIANTS[answer.model].fewer and other.intermediates == answer.intermediates:
            found.setdefault(f"{other.model}{rule}", other)
        alike = (other.model, other.elasticity_rule) == (answer.model, answer.elasticity_rule)
        if alike and answer.intermediates and not other.intermediates:
            found.setdefault(f"{other.model}{rule}_without_inputs", other)
    return found


def extra(answer: pd.DataFrame, other: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Extra gain in percent [row]: 100·(Û of one/Û of the other − 1)."""
    ratio = (100 + answer["real_income_pct"].to_numpy()) / (100 + other["real_income_pct"].to_numpy())
    return np.asarray(100 * (ratio - 1), dtype=np.float64)


def tidy(comparison: Comparison, which: str = "countries") -> pd.DataFrame:
    """The columns of comparison.csv: `country, model, elasticity_rule, transfers, intermediates, statistic, value, member`, country by country.

    Statistics are the columns of welfare.csv and gains.csv, and `extra_over_<model>_pct`: 100·(Û/Û under that model − 1), for every model
    that `against` names (`_same_sigma` where it shares σ).

    Args:
        which: `countries`, or `groups` for `World` and the groups of the run file.
    """
    parts = []
    for place, answer in enumerate(comparison.answers):
        table: pd.DataFrame = getattr(answer, which)
        more = {f"extra_over_{name}_pct": extra(table, getattr(other, which)) for name, other in against(comparison, answer).items()}
        long = table.assign(**more).melt("country", var_name="statistic", value_name="value")
        long.insert(0, "row", np.tile(np.arange(len(table)), len(table.columns) - 1 + len(more)))
        parts.append(long.assign(place=place, member=answer.name, **{name: getattr(answer, name) for name in KEYS}))
    whole = pd.concat(parts).sort_values(["row", "place"], kind="stable", ignore_index=True)
    return whole[["country", *KEYS, "statistic", "value", "member"]]
