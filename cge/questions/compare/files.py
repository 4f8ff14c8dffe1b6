"""The output folder of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.files.formats import as_json, write_csv, write_json, write_netcdf
from cge.questions.compare.answer import KEYS, Answer, Comparison, changes, compare
from cge.questions.compare.beside import tidy
from cge.questions.datasets import in_words, provenance
from cge.questions.policy.chosen import answered
from cge.questions.write import produce
from cge.runfile.case import Case
from cge.solve.counterfactual import Report
from cge.tell.answer import Told, told_of
from cge.tell.headings import attributes
from cge.tell.provenance import done, summary


def write_comparison(
    case: Case,
    folder: Path,
    models: Iterable[str] = (),
    across: Iterable[str] = (),
    progress: Callable[[str], Report | None] = lambda name: None,
) -> tuple[Comparison, Told]:
    """The questions of a run file under several models (arguments as those of `compare`) and their output folder: the answers, and what the folder
    tells of them. Raises as `write_run`.
    """

    def work(fresh: Path) -> tuple[Comparison, Told]:
        comparison = compare(case, answered, models, across, progress)
        tables = {"comparison": tidy(comparison), "comparison_groups": tidy(comparison, "groups")}
        told = told_of(comparison_summary(comparison, case), tables, comparison.solution.benchmark)
        for name, table in tables.items():
            write_csv(table, fresh / f"{name}.csv")
        write_netcdf(xr.DataTree(comparison_dataset(comparison, tables["comparison"], case)), fresh / "comparison.nc")
        write_json(told.summary, fresh / "summary.json")
        return comparison, told

    return produce(case, folder, work)


def comparison_summary(comparison: Comparison, case: Case) -> dict[str, object]:
    """The keys of summary.json for a comparison: those of the run file itself, and of every member how it was solved or why it was not."""
    about = [{**member(comparison, answer), **verdict(answer)} for answer in comparison.answers]
    own = summary(comparison.solution, case)
    return {**own, **done(comparison.solution, case), "notes": [*comparison.notes, *cast(list[str], own["notes"])], "members": about}


def member(comparison: Comparison, answer: Answer) -> dict[str, object]:
    """Which member an answer is of, and under a scenario what that stands on (empty: the run file itself)."""
    about = {name: getattr(answer, name) for name in ("name", *KEYS, "scenario")}
    return {**about, "on_top_of": comparison.under[answer.scenario]} if answer.scenario else about


def verdict(answer: Answer) -> dict[str, object]:
    """How a member was solved, or why it was not."""
    reason: dict[str, object] = {"outcome": answer.outcome.name, "sentence": answer.outcome.sentence}
    if answer.solution is None or answer.case is None or answer.gains is None:
        return reason
    own = summary(answer.solution, answer.case)
    kept = ("elasticities", "iterations", "seconds", "residual", "walras", "corners", "stability", "stability_note", "notes")
    return {
        **reason,
        **done(answer.solution, answer.case),
        "changes": changes(answer),
        **{name: own[name] for name in kept},
        "reasons": answer.gains.reasons,
    }


def comparison_dataset(comparison: Comparison, table: pd.DataFrame, case: Case) -> xr.Dataset:
    """The statistics of comparison.csv as arrays [member, country], what tells members apart and their outcomes along `member`."""
    answers = comparison.answers
    labels = {"member": [answer.name for answer in answers], "country": list(dict.fromkeys(table["country"]))}
    places = {dim: pd.Index(known).get_indexer(table[dim]) for dim, known in labels.items()}
    which, statistics = pd.factorize(table["statistic"])
    cells = np.full((len(statistics), *map(len, labels.values())), np.nan)
    cells[which, places["member"], places["country"]] = table["value"]
    unit = case.attrs.get("unit", "money")
    variables = {name: (tuple(labels), cell, attributes(name, unit)) for name, cell in zip(map(str, statistics), cells, strict=True)}
    about = {name: ("member", [str(getattr(answer, name)) for answer in answers]) for name in (*KEYS, "scenario")}
    about["outcome"] = ("member", [answer.outcome.name for answer in answers])
    residual = [np.nan if answer.solution is None else answer.solution.residual for answer in answers]
    return xr.Dataset(
        variables,
        {**labels, **about, "residual": ("member", residual)},
        {**provenance(comparison.solution, case), "names": as_json(in_words(case))},
    )
