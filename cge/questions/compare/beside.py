"""Answers side by side: what each is measured against, and the tables of a comparison."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.model.variants import VARIANTS
from cge.questions.compare.answer import KEYS, Answer, Comparison
from cge.results.welfare import CONSTANT
from cge.runfile.scenarios import OWN
from cge.tell.headings import DIFFERENCE


def against(comparison: Comparison, answer: Answer) -> dict[str, Answer]:
    """What an answer is measured against, by name: models with fewer margins under the same rule for transfers and with the same links, and
    the model itself without links.
    """
    found: dict[str, Answer] = {}
    for other in comparison.answers:
        if (other.transfers, other.scenario, other.mobility) != (answer.transfers, answer.scenario, answer.mobility):
            continue
        rule = "" if other.elasticity_rule == "same_elasticity" else f"_{other.elasticity_rule}"
        if other.model in VARIANTS[answer.model].fewer and other.intermediates == answer.intermediates:
            found.setdefault(f"{other.model}{rule}", other)
        alike = (other.model, other.elasticity_rule) == (answer.model, answer.elasticity_rule)
        if alike and answer.intermediates and not other.intermediates:
            found.setdefault(f"{other.model}{rule}_without_inputs", other)
    return found


def below(comparison: Comparison, answer: Answer) -> Answer | None:
    """The answer to what the scenario of an answer stands on, by the same member; None for the run file itself, or where no member is the same."""
    if answer.scenario not in comparison.under:
        return None
    others = [other for other in comparison.answers if other.scenario == comparison.under[answer.scenario]]
    if answer.own:
        return next(other for other in others if other.own)
    alike = [other for other in others if all(getattr(other, name) == getattr(answer, name) for name in KEYS)]
    named = [other for other in alike if _member(other) == _member(answer)]
    return named[0] if named else alike[0] if len(alike) == 1 else None


def _member(answer: Answer) -> str:
    """The name of an answer without that of its scenario."""
    return answer.name.removesuffix(f", {answer.scenario or OWN}")


def difference(answer: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """What one table has more than the other, column by column under `<column>_difference` [row]; both have the same rows. An income or a channel
    that the other has no column for is none, and at constant mark-ups its real income is as it is.
    """
    columns = [name for name in answer if name != "country"]
    lacking = {str(name): other["real_income_pct"] * (name == CONSTANT) for name in columns if name not in other}
    return (answer[columns] - other.assign(**lacking)[columns]).add_suffix(DIFFERENCE)


def extra(answer: pd.DataFrame, other: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Extra gain in percent [row]: 100·(Û of one/Û of the other − 1)."""
    ratio = (100 + answer["real_income_pct"].to_numpy()) / (100 + other["real_income_pct"].to_numpy())
    return np.asarray(100 * (ratio - 1), dtype=np.float64)


TIDY = ("country", "model", "elasticity_rule", "transfers", "intermediates", "statistic", "value", "member", "scenario", "mobility")
"""Columns of comparison.csv, in order: what came later stands behind what programs may count on by its place."""


def tidy(comparison: Comparison, which: str = "countries") -> pd.DataFrame:
    """The columns of comparison.csv: `country, model, elasticity_rule, transfers, intermediates, statistic, value, member, scenario, mobility`,
    country by country.

    Statistics are the columns of welfare.csv and gains.csv; `extra_over_<model>_pct`: 100·(Û/Û under that model − 1), for every model
    that `against` names (`_same_sigma` where it shares σ); and under a scenario `<statistic>_difference`, less that of what it stands on.

    Args:
        which: `countries`, or `groups` for `World` and the groups of the run file.
    """
    parts = [_wide(comparison, answer, which) for answer in comparison.answers]
    countries: pd.Series = getattr(comparison.answers[0], which)["country"]
    row = np.concatenate([np.repeat(np.arange(len(wide)), wide.shape[1]) for wide in parts])
    place = np.repeat(np.arange(len(parts)), [wide.size for wide in parts])
    statistic = pd.concat([pd.Series(list(wide)).take(np.tile(np.arange(wide.shape[1]), len(wide))) for wide in parts])
    order = np.lexsort((place, row))
    value = pd.Series(np.concatenate([wide.to_numpy(float).ravel() for wide in parts]))
    about = {name: pd.Series([getattr(answer, name) for answer in comparison.answers]) for name in (*KEYS, "name", "scenario")}
    columns = {name: column.take(place[order]) for name, column in about.items()}
    columns |= {"country": countries.take(row[order]), "statistic": statistic.take(order), "value": value.take(order)}
    columns["member"] = columns["name"]
    return pd.DataFrame({name: getattr(columns[name], "array", columns[name]) for name in TIDY})


def _wide(comparison: Comparison, answer: Answer, which: str) -> pd.DataFrame:
    """All statistics of an answer, a column each."""
    table: pd.DataFrame = getattr(answer, which)
    more = {f"extra_over_{name}_pct": extra(table, getattr(other, which)) for name, other in against(comparison, answer).items()}
    other = below(comparison, answer)
    less = [] if other is None else [difference(table, getattr(other, which))]
    return pd.concat([table.assign(**more), *less], axis=1).drop(columns="country")
