"""A solved question as the page shows it: the numbers of `cge run`, all digits of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from cge.data.economy import names_in
from cge.questions.run.page import RUN
from cge.results.channels import CHANNELS
from cge.results.sectors import sector_groups_table, sectors_table
from cge.results.tables import factors_table, partners_table
from cge.results.welfare import groups_table, welfare_table
from cge.runfile.case import Case
from cge.solve.solution import Solution
from cge.tell.answer import limits_in_brief
from cge.tell.page import words
from cge.tell.provenance import done, summary
from cge.tell.question import Results


def results_of(solution: Solution, case: Case) -> Results:
    """What the first screen of a run is made from, without a folder: summary and the tables by country."""
    said = {**summary(solution, case), **done(solution, case)}
    tables = {
        "welfare": welfare_table(solution),
        "groups": groups_table(solution, case.groups),
        "factors": factors_table(solution),
    }
    data = case.benchmark.data
    return Results(
        Path(),
        RUN,
        said,
        tables,
        case.countries,
        case.text,
        dict(case.benchmark.attrs),
        names_in(data, "sector"),
        names_in(data),
        tuple(case.sectors),
    )


def answer(solution: Solution, case: Case) -> dict[str, Any]:
    """The answer to a question, as plain values."""
    results = results_of(solution, case)
    said, first, verdict = results.summary, RUN.answer(results), words.verdict(results)
    assert first is not None
    welfare, groups = results.tables["welfare"], results.tables["groups"]
    return {
        "outcome": solution.outcome.name,
        "sentence": first.sentence,
        "acts": first.who,
        "tiles": [tile._asdict() for tile in first.tiles],
        "verdict": {"headline": verdict.headline, "facts": [fact._asdict() for fact in verdict.facts]},
        "stats": statistics(welfare),
        "aggregates": groups["country"].tolist(),
        "together": statistics(groups),
        "notes": said["notes"],
        "limits": list(limits_in_brief(said)),
        "seconds": solution.seconds,
        "iterations": solution.iterations,
        "residual": solution.residual,
        "run_file": case.text,
    }


def detail(solution: Solution, case: Case, country: str) -> dict[str, Any] | None:
    """One country of an answer, `World` or a group of it: channels, factors (of a country), sectors and partners; None where it has no such group."""
    single = country in case.countries
    own = of(welfare_table(solution) if single else groups_table(solution, case.groups), country)
    if own.empty:
        return None
    sectors = sectors_table(solution) if single else sector_groups_table(solution, case.groups, {})
    factors, partners = factors_table(solution), partners_table(solution, case.groups)
    return {
        "country": country,
        "channels": {name: plain(own[name])[0] for name in CHANNELS if name in own},
        "factors": rows(of(factors, country)),
        "sectors": rows(of(sectors, country)),
        "partners": rows(of(partners, country)),
    }


def of(table: pd.DataFrame, country: str) -> pd.DataFrame:
    """Rows of a country, without its name."""
    return table[table["country"] == country].drop(columns="country")


def statistics(table: pd.DataFrame) -> dict[str, list[float | None]]:
    """Columns of numbers by name, every digit of them; None where a number is not defined."""
    return {str(name): plain(table[name]) for name in table if name != "country"}


def plain(column: pd.Series[Any]) -> list[Any]:
    """A column as JSON holds it."""
    return [number(value) if isinstance(value, float) else value for value in column.tolist()]


def number(value: float) -> float | None:
    """A number; None where it is none."""
    return value if isfinite(value) else None


def rows(table: pd.DataFrame) -> list[Mapping[str, Any]]:
    """Rows as records of plain values."""
    columns = {str(name): plain(table[name]) for name in table}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
