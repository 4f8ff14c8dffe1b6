"""Who wins at home: incomes of groups of workers, where they leave and arrive, and how unequal their gains are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.results.columns import Add, Column, P, Unit, per
from cge.solve.equilibrium import Equilibrium
from cge.solve.solution import Answered, Solution


@dataclass(frozen=True)
class Groups:
    """Groups of workers in both equilibria.

    Attributes:
        labels: of groups. income: pairs (reference, counterfactual) [group, country], money; zero where there is nobody.
        log_real: ln of the change of real income [group, country]; share: pairs of π [group, sector, country], NaN where it is not determined.
        aversion: to inequality.
    """

    labels: tuple[str, ...]
    income: tuple[Array, Array]
    log_real: Array
    share: tuple[Array, Array]
    aversion: float

    @property
    def moved(self) -> Array:
        """Share of each group's workers who change sector, net [group, country]; NaN where there is nobody."""
        old, new = self.share
        return np.where(self.income[0] > 0, 0.5 * np.abs(new - old).sum(axis=1), np.nan)


def groups(solution: Answered) -> Groups | None:
    """The groups of a solution; None where nothing was said of mobility."""
    workers = solution.benchmark.workers
    if workers is None:
        return None
    old, new = solution.reference, solution.counterfactual
    (before, share_before), (after, share_after) = (_of(solution, found) for found in (old, new))
    income, share = (before, after), (share_before, share_after)
    change = np.log(np.where(income[0] > 0, income[1], 1.0) / np.where(income[0] > 0, income[0], 1.0))
    log_price = new.unknowns.log_price - old.unknowns.log_price
    real = np.stack([eq.log_real_income(one, log_price, new.system.real_share) for one in change])
    return Groups(workers.groups, income, real, share, workers.aversion)


def _of(solution: Answered, found: Equilibrium) -> tuple[Array, Array]:
    """Incomes [group, country] and shares of workers by sector [group, sector, country] of all groups."""
    workers, s, v = solution.benchmark.workers, found.system, found.values
    assert workers is not None
    income, share = np.zeros((len(workers.groups), *v.income.shape)), np.full((len(workers.groups), *v.sales.shape), np.nan)
    paid = s.factor_share * s.cost(v.sales)
    endowed = s.factor_share * s.cost(s.benchmark_sales)
    at = {} if s.supply is None else {roy.at.start: roy for roy in s.supply.roys}
    for f, own in enumerate(found.by_factor(v.factor_income)):
        mine = workers.of(f)
        place = f if s.supply is None else s.supply.places[f]
        if isinstance(place, slice):
            roy = at[place.start]
            price = found.unknowns.log_factor_price[place]
            income[mine] = (roy.part * s.endowed[place]).sum(axis=1) * np.exp(roy.log_wage(price, eq.NUMBERS))
            share[mine] = roy.allocation(price)
        else:
            part = (workers.part[mine] * endowed[f]).sum(axis=1)
            income[mine] = own * part / part.sum(axis=0)
            if len(mine) == 1:  # of several that are one pool nobody can say who moved
                share[mine] = paid[f] / paid[f].sum(axis=0)
    return income, share


def heads(solution: Solution) -> tuple[Array, Array] | None:
    """Workers by sector before and after [sector, country], those of each group counted by their income in the reference; None without groups."""
    found = groups(solution)
    if found is None:
        return None
    before, after = ((found.income[0][:, None] * share).sum(axis=0) for share in found.share)
    return before, after


def groups_income_table(solution: Solution) -> pd.DataFrame:
    """The columns of groups_income.csv: one row for each country and group of workers that is there.

    `income_pct`: of the group; `real_income_pct`: over the consumer prices of its country; `employed_benchmark`: what the group earns in the
    reference, money, which is what it employs in efficiency units of one each; `moved_pct`: its workers who change sector, net, in percent of it
    (empty where several groups of a factor are one pool: nobody can say which of them moves).
    """
    found = groups(solution)
    assert found is not None
    old, new = found.income
    some = old.T.ravel() > 0
    columns = {
        "income_pct": 100 * (per(new, old) - 1),
        "real_income_pct": 100 * np.expm1(found.log_real),
        "employed_benchmark": old,
        "moved_pct": 100 * found.moved,
    }
    countries = solution.benchmark.countries
    labels = {"country": np.repeat(countries, len(found.labels)), "group": np.tile(found.labels, len(countries))}
    table = pd.DataFrame({**labels, **{name: array.T.ravel() for name, array in columns.items()}})
    return table[some].reset_index(drop=True)


# --- inequality ----------------------------------------------------------------------------------------------------------------------


def _mean(found: Groups, values: Array, add: Add) -> Array:
    """The mean of a number of every group [group, country] over the groups of several countries, with weights of income in the reference."""
    weight = found.income[0]
    return per(add((weight * values).sum(axis=0)), add(weight.sum(axis=0)))


def inequality(found: Groups, add: Add) -> Array:
    """How unequal the changes of groups are, Theil's second measure: ln of their mean less the mean of their ln, × 100 [country, or group of
    countries].
    """
    return np.asarray(100 * (np.log(_mean(found, np.exp(found.log_real), add)) - _mean(found, found.log_real, add)))


def weighted(found: Groups, add: Add) -> Array:
    """The change of real income that, given to all alike, is worth as much as these to who is averse to inequality (Atkinson), in percent [country,
    or group of them].

    [Σ y_g Û_g^(1−a)]^(1/(1−a)) with shares y of income in the reference; exp(Σ y_g ln Û_g) at a = 1.
    """
    power = 1 - found.aversion
    if power == 0:
        return np.asarray(100 * np.expm1(_mean(found, found.log_real, add)))
    return np.asarray(100 * (_mean(found, np.exp(power * found.log_real), add) ** (1 / power) - 1))


def alone(values: Array) -> Array:
    """Countries one by one [country]."""
    return values


def columns(groups_of: Callable[[P], Groups]) -> tuple[Column[P], ...]:
    """Columns of welfare.csv and groups.csv where groups of workers are known; `groups_of`: them, from what the columns are made of."""

    def column(name: str, word: str, unit: Unit, of_all: Callable[[Groups, Add], Array], brief: str) -> Column[P]:
        return Column(name, word, unit, lambda p: of_all(groups_of(p), alone), lambda p, values, add: of_all(groups_of(p), add), brief)

    return (
        column("inequality_log", "Inequality of gains between groups", "log points × 100", inequality, "inequality"),
        column("weighted_real_income_pct", "Real income, averse to inequality", "%", weighted, "weighted"),
    )
